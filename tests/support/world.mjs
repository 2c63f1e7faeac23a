// A thing of every kind for every agency of the demo, so that each person can be tried on what is their own agency's, on
// what is another's, and on what does not exist.
//
//   const world = await makeWorld(server)
//   world.agencyOf('school-nurse')                 the secrecy boundary in which they act
//   world.strangerTo(agency)                       an agency to which nothing connects that one
//   world.of(agency)                               {subject, guardian, case, consent, participant, record, ...} of it
//   await world.freshCase('school-head', {...})    another case of the person's own, for what uses it up
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { assignmentId, CLINIC, CLINIC_UNIT, day, identityNumber, POLICE, POLICE_UNIT, SCHOOL, SCHOOL_HEALTH, SCHOOL_HEALTH_UNIT, SCHOOL_UNIT, SOCIAL,
  SOCIAL_UNIT, TOWN_HALL, TOWN_HALL_UNIT, userId } from './demo.mjs'
import { assess, decide, decision, hold, receivedIdOf, report } from './concern.mjs'
import { unknownId } from './habits.mjs'
import { acting } from './story.mjs'

// Who of each agency opens its cases, and who else works on them. The sixth agency has nobody who works with children.
const AGENCIES = [
  { id: SOCIAL, unit: SOCIAL_UNIT, leader: 'social-manager', colleague: 'social-case-worker' },
  { id: SCHOOL, unit: SCHOOL_UNIT, leader: 'school-head', colleague: 'school-teacher' },
  { id: SCHOOL_HEALTH, unit: SCHOOL_HEALTH_UNIT, leader: 'school-nurse' },
  { id: CLINIC, unit: CLINIC_UNIT, leader: 'clinic-manager', colleague: 'clinic-psychologist' },
  { id: POLICE, unit: POLICE_UNIT, leader: 'police-manager', colleague: 'police-officer' },
  { id: TOWN_HALL, unit: TOWN_HALL_UNIT }
]
const CARE = AGENCIES.filter(agency => agency.leader)
const AT = { social: SOCIAL, school: SCHOOL, clinic: CLINIC, police: POLICE, organisation: SOCIAL, collaboration: SOCIAL, system: TOWN_HALL }

export const PURPOSE = 'coordinated-support'
const SHARED = ['IDENTITY', 'CASE_STATUS', 'FAMILY_SITUATION', 'INTERVENTIONS', 'CHILD_VIEW']

const around = (list, id, steps) => list[(list.findIndex(one => one.id === id) + steps) % list.length]

// Of the log `log.example`, whose key is nothing but zeroes.
export const VERIFIER_KEY = 'log.example+f3e73440+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

export const restriction = { scope: 'location', reason: 'Threats.', assessment: 'The address must not reach him.' }
export const task = { label: 'Send the plan', dueOn: day(14) }

class World {
  constructor(server) { Object.assign(this, { server, things: new Map(), turn: Promise.resolve(), rules: 0 }) }

  agencyOf(person) { return person === 'school-nurse' ? SCHOOL_HEALTH : AT[person.split('-')[0]] }
  unitOf(agency) { return AGENCIES.find(one => one.id === agency).unit }
  // The agency with which this one works: it is invited to its cases, and a party to its agreements.
  partnerOf(agency) { return around(CARE, agency, 1) }
  // The agency by whose cases this one is invited.
  inviterOf(agency) { return around(CARE, agency, CARE.length - 1) }
  // Two further on: neither partner nor inviter, nor a party to its agreement.
  strangerTo(agency) { return agency === TOWN_HALL ? SCHOOL : around(CARE, agency, 2).id }
  // What an agency has; the one without cases lends those of another for requests that its people's role forbids anyway.
  of(agency) { return this.things.get(agency) ?? this.things.get(SOCIAL) }

  async make(person, operationId, path, body, options) {
    return (await acting(this.server, person).call(operationId, { path, body }, { status: 201, ...options })).body
  }

  agency(id) { return AGENCIES.find(one => one.id === id) }

  // An agreement between an agency and the next; signed by both, or by nobody yet. Past the API: few may sign.
  async agreement(agency, signed) {
    const id = unknownId()
    const partner = around(AGENCIES, agency, 1).id
    const parties = [agency, signed ? this.partnerOf(agency).id : partner]
    const signature = signed ? `now(), '${assignmentId('collaboration-lead')}'` : 'null, null'
    await this.server.sql(`insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
      values ('${id}', '${agency}', 'Agreement', '{${PURPOSE}}', '{${SHARED}}', '${day(-9)}', '${day(365)}', '${assignmentId('collaboration-lead')}');
      insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by) values ${parties.map(one => `('${id}', '${one}', ${signature})`)}`)
    return id
  }

  // Someone who works at an agency, with an identity and an assignment. Past the API, and not known to its issuer.
  async employee(agency) {
    const [user, identity, assignment] = [unknownId(), unknownId(), unknownId()]
    await this.server.sql(`insert into samsyn.users (id, organisation_id, name) values ('${user}', '${agency}', 'Test Person');
      insert into samsyn.identities (id, user_id, issuer, subject) values ('${identity}', '${user}', 'https://login.example.se', '${user}');
      insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
      select '${assignment}', '${user}', '${this.unitOf(agency)}', '${agency}', id, samsyn.today() from samsyn.roles where code = 'professional'`)
    return { user, identity, assignment }
  }

  // A case that this person opens about a child of their own register. Options: answered and invited (both true unless
  // told otherwise), colleague (whom to put on the team).
  async freshCase(person, { answered = true, invited = true, colleague } = {}) {
    const agency = this.agencyOf(person)
    const partner = this.partnerOf(agency)
    const child = await this.make(person, 'createSubject', {}, { name: 'Nova Provfall', birthDate: day(-3000) })
    const guardian = await this.make(person, 'createGuardian', { subjectId: child.id }, { name: 'Berit Provfall', kind: 'guardian', startsOn: day(-3000) })
    const opened = await this.make(person, 'createCase', {}, { subjectId: child.id, title: 'Joint support' })
    const consent = await this.make(person, 'createConsent', { caseId: opened.id }, this.consentDraft(agency))
    const made = { agency, subject: child.id, guardian: guardian.id, case: opened.id, consent: consent.id, giver: consent.givers[0].id, agreement: this.signed.get(agency) }
    if (answered) await this.make(person, 'answerConsent', { consentId: consent.id }, { giverId: made.giver, answer: 'granted', form: 'written' })
    if (answered && invited) made.participant = (await this.make(person, 'inviteParticipant', { caseId: made.case }, this.invitation(made))).id
    if (colleague) made.member = (await this.make(person, 'addTeamMember', { caseId: made.case }, { assignmentId: assignmentId(colleague) })).id
    return made
  }

  consentDraft(agency) {
    const both = [agency, this.partnerOf(agency).id]
    return { disclosingOrganisationIds: both, recipientOrganisationIds: both, categories: SHARED, purpose: PURPOSE, validUntil: day(180), form: 'written', assessment: { maturity: 'not-mature' } }
  }

  invitation(made) {
    return { unitId: this.partnerOf(made.agency).unit, agreementId: made.agreement, ground: 'CONSENT', consentId: made.consent, purpose: PURPOSE }
  }

  share(made) {
    return { kind: 'standing-share', recipientId: this.partnerOf(made.agency).id, ground: 'CONSENT', consentId: made.consent, agreementId: made.agreement,
      categories: ['FAMILY_SITUATION'], purpose: PURPOSE, justification: 'Needed to plan the support.', validUntil: day(90) }
  }

  decision(made) {
    return { ground: 'NOT_SECRET', recipientId: this.partnerOf(made.agency).id, categories: ['FAMILY_SITUATION'], circumstances: 'It is known to all.',
      balancing: 'Nobody is harmed.', outcome: 'disclose' }
  }

  informationRequest(asked) {
    return { askedOrganisationId: asked, ground: 'CONSENT', categories: ['FAMILY_SITUATION'], question: 'Where does the child live?', purpose: PURPOSE, dueOn: day(14) }
  }

  // What the partner on an agency's case asks of it.
  async askFromPartner(made) {
    const { leader } = this.partnerOf(made.agency)
    const ask = async () => (await this.make(leader, 'createInformationRequest', { caseId: made.case }, this.informationRequest(made.agency))).id
    return leader === 'school-nurse' ? this.standingIn(leader, ask) : ask()
  }

  // A plan of a case of the person's own, with a part of every kind. ready: nothing but its adoption, and the outcome of its
  // meeting, is left to do.
  async freshPlan(person, made, ready = false) {
    const own = acting(this.server, person)
    const { participants } = (await own.call('listParticipants', { path: { caseId: made.case } }, { status: 200 })).body
    const leadParticipant = participants.find(one => one.status === 'lead').id
    const plan = (await this.make(person, 'createPlan', { caseId: made.case }, this.planDraft(made))).id
    const add = async (what, body) => (await this.make(person, `createPlan${what}`, { planId: plan }, body)).id
    const planNeed = await add('Need', { area: 'FAMILY_SITUATION', description: 'Calm at home.' })
    const planGoal = await add('Goal', { needId: planNeed, description: 'Sleeps at night.' })
    const planIntervention = await add('Intervention', {
      goalId: planGoal, participantId: leadParticipant, description: 'A contact family.', dueOn: day(60)
    })
    const planMeasure = await add('Measure', { actor: 'Grandmother', description: 'Comes on Mondays.' })
    const planMeeting = await add('Meeting', { plannedAt: '2026-01-15T13:00:00Z', purpose: 'Follow-up.', agenda: 'Sleep.' })
    const planView = await add('View', { stage: 'planning', kind: 'child', absenceReason: 'Does not wish to.' })
    if (ready) {
      const absent = { kind: 'child', absenceReason: 'Does not wish to.' }
      const away = { kind: 'guardian', guardianId: made.guardian, absenceReason: 'Works abroad.' }
      await add('View', { stage: 'planning', ...away })
      for (const who of [absent, away]) {
        await add('View', { stage: 'decision', ...who })
        await add('View', { stage: 'follow-up', meetingId: planMeeting, ...who })
      }
    }
    return { leadParticipant, plan, planNeed, planGoal, planIntervention, planMeasure, planMeeting, planView }
  }

  planDraft(made) { return { consentId: made.consent, title: 'A plan', purpose: 'Coordinate.' } }
  // A report of concern that this person has sent, with a hold, or sends anew; those who may not report lend one of social
  // services.
  async report(person, fresh) { return this.#kept(`report of ${this.#reporter(person)}`, fresh, async () => (await report(this.server, this.#reporter(person), hold)).id) }

  #reporter(person) { return CARE.some(agency => agency.id === this.agencyOf(person)) && !/auditor|lead|admin/.test(person) ? person : 'social-manager' }
  async #kept(name, fresh, make) {
    if (fresh || !this.things.has(name)) this.things.set(name, await make())
    return this.things.get(name)
  }

  // One that social services have received, assessed and decided on if asked for.
  async received(assessed, isDecided) {
    const one = { id: await receivedIdOf(this.server, await report(this.server, 'school-head', hold)) }
    if (assessed) await assess(this.server, one)
    if (isDecided) await decide(this.server, one, decision('not-open'))
    return one.id
  }

  question() { return { recipientUnitId: SOCIAL_UNIT, question: 'A pupil is often hungry. What to do?' } }
  async consultation(person) {
    const asker = this.#reporter(person)
    return this.#kept(`consultation of ${asker}`, false, async () => (await this.make(asker, 'createConsultation', {}, this.question())).id)
  }

  // An investigation on an agency's case, past the API: there only social services open one.
  async investigation(made) {
    const id = unknownId()
    await this.server.sql(`insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by)
      select '${id}', c.id, c.organisation_id, c.unit_id, c.subject_id, c.opened_by from samsyn.cases c where c.id = '${made.case}';
      select samsyn.start_deadline('CHILD_INVESTIGATION', '${id}', '${made.case}', '${made.subject}', '${this.unitOf(made.agency)}', samsyn.now())`)
    return id
  }

  // A case of the agency in a unit of its own, to which nobody of the demo is related: {unit, case, reference}. Past the API.
  async remote(agency) {
    const [unit, user, assignment, subject, id] = [unknownId(), unknownId(), unknownId(), unknownId(), unknownId()]
    const reference = `2026-${randomUUID().slice(0, 8).toUpperCase()}`
    await this.server.sql(`insert into samsyn.organisations (id, parent_id, kind, name) values ('${unit}', '${agency}', 'unit', 'Annan enhet');
      insert into samsyn.users (id, organisation_id, name) values ('${user}', '${agency}', 'Test Person');
      insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
      select '${assignment}', '${user}', '${unit}', '${agency}', id, samsyn.today() from samsyn.roles where code = 'unit-manager';
      insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by) values ('${subject}', '${agency}', 'Nova Provfall', '2014-05-06', '${assignment}');
      insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
      values ('${id}', '${reference}', '${subject}', '${agency}', '${unit}', 'Support', '${assignment}')`)
    return { unit, case: id, subject, reference }
  }

  // An emergency access that somebody of the agency opened to such a case, for now or over already. Past the API.
  async emergency(agency, who, over) {
    const [made, id] = [await this.remote(agency), unknownId()]
    await this.server.sql(`insert into samsyn.emergency_accesses (id, user_id, assignment_id, organisation_id, unit_id, case_id, case_unit_id, subject_id, reason, expires_at, ended_at)
      values ('${id}', '${who.user}', '${who.assignment}', '${agency}', '${this.unitOf(agency)}', '${made.case}', '${made.unit}', '${made.subject}', 'Urgent',
        samsyn.now() + interval '1 hour', ${over ? 'samsyn.now()' : 'null'})`)
    return id
  }

  // The child moves to the unit of the partner.
  move(agency) {
    return { fromUnitId: this.unitOf(agency), toUnitId: this.partnerOf(agency).unit, movesOn: day(90), ground: 'CONSENT', reason: 'Begins there.' }
  }

  async exclusionDraft(agency) {
    return { userId: (await this.employee(agency)).user, kind: 'bias', reason: 'A neighbour.' }
  }

  // The branch of the school nurses has no manager in the demo: one of them stands in for as long as `during` runs.
  async standingIn(person, during) {
    const role = code => this.server.sql(`update samsyn.assignments set role_id = (select id from samsyn.roles where code = '${code}') where id = '${assignmentId(person)}'`)
    return this.alone(async () => {
      await role('unit-manager')
      try { return await during() } finally { await role('professional') }
    })
  }

  // One after the other.
  alone(during) {
    const turn = this.turn.then(during)
    this.turn = turn.catch(() => {})
    return turn
  }

  // What was culled of an agency, and what it has decided about culling. Past the API: time and another login did the one.
  async #retained(agency) {
    const [tombstone, retentionDecision] = [unknownId(), unknownId()]
    await this.server.sql(`insert into samsyn.tombstones (id, kind, resource_id, organisation_id, rule, provision, culled_at, culled_by)
        values ('${tombstone}', 'case', '${unknownId()}', '${agency}', 'SOCIAL_FILE', 'SoL 16:1', now(), 'samsyn_retention');
      insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from)
        values ('${retentionDecision}', '${agency}', 'case', 'P5Y', 'Dnr 1', samsyn.today())`)
    return { tombstone, retentionDecision }
  }

  // A check of an agency's accesses with its rule, one finding about one of the staff, and who is close to the child.
  // examined: all of the period is. Past the API: few have auditors.
  async accessReview(agency, { subject, user, examined = true }) {
    const [reviewRule, staffRelation, reviewCampaign, reviewFinding] = [unknownId(), unknownId(), unknownId(), unknownId()]
    const by = assignmentId('collaboration-lead')
    await this.server.sql(`insert into samsyn.review_rules (id, code, organisation_id, valid_from)
        values ('${reviewRule}', 'EMERGENCY_ACCESS', '${agency}', date '2001-01-01' + ${++this.rules});
      insert into samsyn.staff_relations (id, organisation_id, user_id, subject_id, kind, valid_from, created_by)
        values ('${staffRelation}', '${agency}', '${user}', '${subject}', 'NEIGHBOUR', samsyn.today(), '${by}');
      insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, created_by, run_at)
        values ('${reviewCampaign}', '${agency}', 'Check', now() - interval '2 days', now() - interval '1 day', 'all', 'seed', '${by}', ${examined ? 'now()' : 'null'});
      insert into samsyn.review_campaign_rules (campaign_id, code, rule_id) values ('${reviewCampaign}', 'EMERGENCY_ACCESS', '${reviewRule}');
      insert into samsyn.review_findings (id, campaign_id, organisation_id, code, key, user_id, concerned_user_ids, subject_ids, all_subject_ids, event_ids,
          events, count, first_at, last_at, figures, published)
        values ('${reviewFinding}', '${reviewCampaign}', '${agency}', 'EMERGENCY_ACCESS', 'x', '${user}', '{${user}}', '{${subject}}', '{${subject}}',
          '{${unknownId()}}', 1, 1, now(), now(), '{}', true)`)
    return { reviewRule, staffRelation, reviewCampaign, reviewFinding }
  }

  // That an extract of the access log was made for the guardian, whose number it then is. Past the API: few agencies have an auditor.
  async #extract(agency, made) {
    const [extract, guardianNumber] = [unknownId(), identityNumber('1980-02-03', 988)]
    await this.server.sql(`update samsyn.guardians set identity_number = '${guardianNumber}' where id = '${made.guardian}';
      insert into samsyn.access_extracts (id, subject_id, organisation_id, unit_id, guardian_id, identity_check, names_staff, before, made_by)
      select '${extract}', c.subject_id, '${agency}', c.unit_id, '${made.guardian}', 'identity-document', false, now(), c.opened_by from samsyn.cases c where c.id = '${made.case}'`)
    return { extract, guardianNumber }
  }

  async #furnish({ id, leader, colleague }) {
    const made = await this.freshCase(leader, { colleague })
    await this.make(this.partnerOf(id).leader, 'acceptInvitation', { participantId: made.participant }, {})
    const record = await this.make(leader, 'createRecord', { caseId: made.case }, { category: 'FAMILY_SITUATION', text: 'Moved in with the father.' })
    const disclosure = await this.make(leader, 'createDisclosure', { caseId: made.case }, this.share(made))
    const { body } = await acting(this.server, leader).call('listTeamMembers', { path: { caseId: made.case } }, { status: 200 })
    const deadline = await this.make(leader, 'createDeadline', { caseId: made.case }, task)
    const restricted = await this.make(leader, 'createGuardianRestriction', { subjectId: made.subject }, restriction)
    const participationRecord = (await this.make(leader, 'createParticipationRecord', { caseId: made.case }, { step: 'plan', kind: 'child', participation: 'invited' })).id
    Object.assign(made, await this.freshPlan(leader, made), { participationRecord })
    const handover = await this.make(leader, 'createHandover', { caseId: made.case }, {
      successorAssignmentId: this.staff.get(id).assignment, reason: 'On leave.',
      checklist: { openTasks: 'None.', agreements: 'None.', plans: 'None.', contacts: 'None.' } })
    await this.make(leader, 'withdrawHandover', { handoverId: handover.id }, { reason: 'Stays.' })
    const leadTransfer = await this.make(leader, 'createLeadTransfer', { caseId: made.case }, { toParticipantId: made.participant, reason: 'Better there.' })
    const exclusion = await this.make(leader, 'createExclusion', { caseId: made.case }, await this.exclusionDraft(id))
    const transition = await this.make(leader, 'createTransition', { caseId: made.case }, this.move(id))
    Object.assign(made, { transition: transition.id, handover: handover.id, leadTransfer: leadTransfer.id, exclusion: exclusion.id })
    const decision = (await this.make(leader, 'createDecision', { caseId: made.case }, this.decision(made))).id
    const request = (await this.make(leader, 'createInformationRequest', { caseId: made.case }, this.informationRequest(this.partnerOf(id).id))).id
    const asked = (await this.make(this.partnerOf(id).leader, 'createInformationRequest', { caseId: made.case }, this.informationRequest(id))).id
    Object.assign(made, { decision, request, asked })
    made.hold = (await this.make(leader, 'createLegalHold', { caseId: made.case }, { reason: 'A dispute.' })).id
    Object.assign(made, await this.#retained(id), await this.accessReview(id, { subject: made.subject, user: this.staff.get(id).user }), await this.#extract(id, made))
    const investigation = await this.investigation(made)
    this.things.set(id, { ...made, investigation, restriction: restricted.id, record: record.id, deadline: deadline.id, disclosure: disclosure.id, leaderMembership: body.teamMembers[0].id })
  }

  async build() {
    this.signed = new Map()
    this.unsigned = new Map()
    this.events = new Map()
    this.staff = new Map()
    for (const { id } of CARE) this.signed.set(id, await this.agreement(id, true))
    for (const { id } of AGENCIES) {
      this.unsigned.set(id, await this.agreement(id, false))
      this.staff.set(id, await this.employee(id))
    }
    await this.standingIn('school-nurse', async () => { for (const agency of CARE) await this.#furnish(agency) })
    await this.#lookAround()
    this.witnessing = await this.#witness()
  }

  // A log that is watched, and one that does not add up: nobody's in particular. Past the API: it takes a witness.
  async #witness() {
    const [witnessedLog, logConflict] = [unknownId(), unknownId()]
    await this.server.sql(`insert into samsyn.witnessed_logs (id, origin, verifiers, description) values ('${witnessedLog}', 'watched.example', '{${VERIFIER_KEY}}', 'Watched.');
      insert into samsyn.log_conflicts (id, kind, origin, kept_size, size, root, checkpoint, proof) values ('${logConflict}', 'fork', 'watched.example', 1, 1, sha256('x'), 'x', '{}')`)
    return { witnessedLog, logConflict }
  }

  // Someone of each agency looks at a colleague: an event of the access log that concerns no other agency.
  async #lookAround() {
    for (const { id, leader = 'system-admin' } of AGENCIES) {
      await acting(this.server, leader).get(`/users/${userId(leader)}`, { status: 200 })
      const [event] = await this.server.sql(`select id from samsyn.access_events where operation = 'getUser' and organisation_id = '${id}' order by at desc limit 1`)
      assert.ok(event, leader)
      this.events.set(id, event.id)
    }
  }
}

export async function makeWorld(server) {
  const world = new World(server)
  await world.build()
  return world
}

