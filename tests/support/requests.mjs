// A request for every operation, person and place, valid in itself (its body, its ETag, what it refers to), so that nothing
// but the authorisation decides; what a request would use up is made anew for each that may succeed.
//
//   const world = await makeWorld(server)
//   const request = await requestsIn(world, MATRIX)
//   const { path, query, body, options } = await request('getCase', 'own', 'school-nurse')
//
// There is one world in a process. The matrix says who may, and so for whom things are made anew.
import { randomUUID } from 'node:crypto'
import { assessment, decision, reportDraft, unheard } from './concern.mjs'
import { assignmentId, day, DEMO_CLIENT, identityNumber, OTHER_CLIENT, SCHOOL_UNIT, SOCIAL, userId } from './demo.mjs'
import { unknownId } from './habits.mjs'
import { PURPOSE, restriction, task, VERIFIER_KEY } from './world.mjs'

let server, world, decided, roles

export async function requestsIn(theWorld, matrix) {
  [world, server, decided] = [theWorld, theWorld.server, matrix]
  roles = await server.sql(`select r.id, i.subject from samsyn.roles r
    left join samsyn.assignments a on a.role_id = r.id left join samsyn.identities i on i.user_id = a.user_id`)
  return (id, place, person) => REQUESTS[id]?.(id, place, person)
}

// -- what a request points at ------------------------------------------------------------------------------------------------

// What this person's own agency has, or what an agency has to which nothing connects them.
const agencyAt = (place, person) => (place === 'other' ? world.strangerTo(world.agencyOf(person)) : world.agencyOf(person))
const thing = (kind, place, person) => (place === 'unknown' ? unknownId() : world.of(agencyAt(place, person))[kind])
export const succeeds = (id, place, person) => Number(String(decided[id][place][person] ?? decided[id][place].otherwise).slice(0, 3)) < 300

// A case of the person's own that the request may use up; for all others the one that is there anyway.
async function spendable(id, place, person, make) {
  return succeeds(id, place, person) ? make() : { ...world.of(agencyAt(place, person)), agency: world.agencyOf(person) }
}

// The ETag that a thing has now, without the state that may stand behind its revision, for whoever will get so far that it
// counts.
async function etag(cell, table, target) {
  if (!succeeds(...cell)) return '"1"'
  const [row] = await server.sql(`select revision from samsyn.${table} where id = '${target}'`)
  return `"${row.revision}"`
}

// Somebody of the agency looked at a colleague.
const ofEvent = (id, place, person) => ({ path: { accessEventId: place === 'unknown' ? unknownId() : world.events.get(agencyAt(place, person)) } })

// -- requests by operation -----------------------------------------------------------------------------------------------------

const onCase = (more = {}) => (id, place, person) => ({ path: { caseId: thing('case', place, person) }, ...more })
const pointing = (parameter, kind, more = {}) => (id, place, person) => ({ path: { [parameter]: thing(kind, place, person) }, ...more })

// A POST on a thing that it uses up. `make` gives a fresh one to whoever may, `body` follows from it.
const spending = (parameter, kind, make, body = () => ({})) => async (id, place, person) => {
  const made = await spendable(id, place, person, () => make(person))
  return { path: { [parameter]: place === 'unknown' ? unknownId() : made[kind] }, body: body(made, person) }
}

const patching = (parameter, find, table, body) => async (...cell) => {
  const target = await find(...cell)
  return { path: { [parameter]: target }, body, options: { ifMatch: await etag(cell, table, target) } }
}
const its = kind => (id, place, person) => thing(kind, place, person)

const because = () => ({ reason: 'It has served its purpose.' })

async function closedCase(person) {
  const made = await world.freshCase(person)
  await world.make(person, 'closeCase', { caseId: made.case }, because())
  return made
}

const freshRestriction = async person => ({ restriction: (await world.make(person, 'createGuardianRestriction', { subjectId: world.of(world.agencyOf(person)).subject }, restriction)).id })
const freshDeadline = async person => ({ deadline: (await world.make(person, 'createDeadline', { caseId: world.of(world.agencyOf(person)).case }, task)).id })

// A check of the accesses of the person's own agency, about somebody new.
const FINAL = { outcome: 'JUSTIFIED', comment: 'She stood in.' }
const freshReview = more => async person => {
  const agency = world.agencyOf(person)
  return world.accessReview(agency, { subject: world.of(agency).subject, user: (await world.employee(agency)).user, ...more })
}

// A report that the person has sent, or another agency's leader.
const sentIn = async ([id, place, person]) => {
  const sender = place === 'other' ? world.agency(agencyAt(place, person)).leader : person
  return { path: { concernReportId: place === 'unknown' ? unknownId() : await world.report(sender, id === 'askFeedback' && succeeds(id, place, person)) }, body: id === 'askFeedback' ? {} : undefined }
}
// One that social services have received; everyone else aims at what they have sent, or another agency has.
const receivedIn = async (cell, body, isDecided = false) => {
  const [id, place, person] = cell
  const concernReportId = succeeds(...cell) ? await world.received(isDecided || id === 'decideConcernReport', isDecided) : (await sentIn(cell)).path.concernReportId
  return { path: { concernReportId }, body: body({}, person) }
}
const consultationIn = async ([id, place, person], body) => {
  const asker = place === 'other' ? world.agency(agencyAt(place, person)).leader : person
  return { path: { consultationId: place === 'unknown' ? unknownId() : await world.consultation(succeeds(id, place, person) && body ? 'school-head' : asker) }, body }
}
const investigated = body => spending('investigationId', 'investigation', async person => ({ investigation: await world.investigation(await world.freshCase(person)) }), () => body)

// An invitation to the unit in which the person acts.
function invitationTo(person) {
  const { leader } = world.inviterOf(world.agencyOf(person))
  const invite = () => world.freshCase(leader)
  return leader === 'school-nurse' ? world.standingIn(leader, invite) : invite()
}
const invited = body => async (id, place, person) => {
  const asked = place === 'own' && (succeeds(id, place, person) || decided[id].own[person] === 404)
  return { path: { participantId: asked ? (await invitationTo(person)).participant : thing('participant', place, person) }, body }
}

// The lead of another agency's case, offered to the unit in which the person acts.
const offeredLead = body => async (id, place, person) => {
  if (!(place === 'own' && (succeeds(id, place, person) || decided[id].own[person] === 404))) return { path: { leadTransferId: thing('leadTransfer', place, person) }, body }
  const { participant, case: caseId } = await invitationTo(person)
  const { leader } = world.agency(world.agencyOf(person))
  const { leader: inviter } = world.inviterOf(world.agencyOf(person))
  await world.make(leader, 'acceptInvitation', { participantId: participant }, {})
  const offer = () => world.make(inviter, 'createLeadTransfer', { caseId }, { toParticipantId: participant, ...because() })
  return { path: { leadTransferId: (await (inviter === 'school-nurse' ? world.standingIn(inviter, offer) : offer())).id }, body }
}

// A case of the person's agency, offered to the person or, when it is to be withdrawn, by the person. Past the API.
const CHECKLIST = { openTasks: 'None.', agreements: 'None.', plans: 'None.', contacts: 'None.' }
const offeredCase = (body = () => ({})) => async (id, place, person) => {
  if (!succeeds(id, place, person)) return { path: { handoverId: thing('handover', place, person) }, body: body() }
  const agency = world.agencyOf(person)
  const { leader, colleague } = world.agency(agency)
  const open = () => world.freshCase(leader, { colleague })
  const made = await (leader === 'school-nurse' ? world.standingIn(leader, open) : open())
  const handover = unknownId()
  const [one, other] = [assignmentId(person), world.staff.get(agency).assignment]
  const [from, to] = id === 'withdrawHandover' ? [one, other] : [other, one]
  await server.sql(`insert into samsyn.case_handovers (id, case_id, organisation_id, predecessor_id, successor_id, open_tasks, agreements, plans, contacts, reason, proposed_by)
    values ('${handover}', '${made.case}', '${agency}', '${from}', '${to}', 'x', 'x', 'x', 'x', 'x', '${from}')`)
  return { path: { handoverId: handover }, body: body() }
}

// An emergency access of the person, or, for a review, one of somebody of their unit that is over.
const accessTo = (over, body) => async (id, place, person) => {
  if (place === 'unknown') return { path: { emergencyAccessId: unknownId() }, body }
  const agency = agencyAt(place, person)
  const who = over || place === 'other' || !succeeds(id, place, person) ? await world.employee(agency) : { user: userId(person), assignment: assignmentId(person) }
  return { path: { emergencyAccessId: await world.emergency(agency, who, over) }, body }
}

// Somebody else of the agency whom the person may put on a team, or take off it.
const colleagueOf = person => {
  const { leader, colleague } = world.agency(world.agencyOf(person))
  return person === leader ? colleague ?? leader : leader ?? person
}

// Somebody who works there: a new one for whoever may change them.
const employee = (kind, parameter, more) => async (id, place, person) => {
  const agency = agencyAt(place, person)
  const found = more && succeeds(id, place, person) ? await world.employee(agency) : world.staff.get(agency)
  return { path: { [parameter]: place === 'unknown' ? unknownId() : found[kind] }, ...more?.() }
}

// The role in which the person acts, or one in which they do not.
const roleAt = (id, place, person) =>
  (place === 'unknown' ? unknownId() : roles.find(role => (place === 'own') === roles.some(one => one.id === role.id && one.subject === person)).id)
// The client through which everybody asks here, or another one.
const sharedAt = (kind, id, place) => (place === 'unknown' ? unknownId() : world.witnessing[kind])
const clientAt = (id, place) => ({ own: DEMO_CLIENT, other: OTHER_CLIENT }[place] ?? unknownId())
const agreementAt = (id, place, person) => (place === 'unknown' ? unknownId() : world.unsigned.get(agencyAt(place, person)))
const unitAt = (id, place, person) => (place === 'unknown' ? unknownId() : world.unitOf(agencyAt(place, person)))

// A plan of the person's own that lacks nothing and may be used up; for all others the one that is there anyway.
const onPlan = (kind, parameter, body, ready = true) => async (id, place, person) => {
  const own = world.of(world.agencyOf(person))
  const may = succeeds(id, place, person)
  const made = may ? await world.freshPlan(person, own, ready) : own
  return { path: { [parameter]: may ? made[kind] : thing(kind, place, person) }, body: body(made) }
}
const asking = person => ({ subject: { type: 'user', id: userId(person) }, action: { name: 'read' } })

const withinPlan = body => (id, place, person) => ({ path: { planId: thing('plan', place, person) }, body: body(world.of(world.agencyOf(person))) })

const REQUESTS = {
  getOrganisation: (...cell) => ({ path: { organisationId: unitAt(...cell) } }),
  createOrganisation: (id, place, person) => ({ body: { kind: 'unit', parentId: world.agencyOf(person), name: 'Ny enhet' } }),
  updateOrganisation: patching('organisationId', unitAt, 'organisations', { hsaId: null }),
  getUser: employee('user', 'userId'),
  createUser: () => ({ body: { name: 'Stina Alarik' } }),
  updateUser: employee('user', 'userId', () => ({ body: { email: null }, options: { ifMatch: '"1"' } })),
  listIdentities: employee('user', 'userId'),
  createIdentity: employee('user', 'userId', () => ({ body: { issuer: 'https://login.example.se', subject: randomUUID() } })),
  getIdentity: employee('identity', 'identityId'),
  deleteIdentity: employee('identity', 'identityId', () => ({})),
  getAssignment: employee('assignment', 'assignmentId'),
  createAssignment: async (id, place, person) => {
    const agency = world.agencyOf(person)
    return { body: { userId: (await world.employee(agency)).user, unitId: world.unitOf(agency), role: 'professional' } }
  },
  updateAssignment: employee('assignment', 'assignmentId', () => ({ body: { endsOn: day(30) }, options: { ifMatch: '"1-active"' } })),
  endAssignment: employee('assignment', 'assignmentId', () => ({})),
  getRole: (...cell) => ({ path: { roleId: roleAt(...cell) } }),
  createRole: () => ({ body: { code: `role-${randomUUID()}`, nameEn: 'Reader', nameSv: 'Läsare', permissions: ['case:read'] } }),
  updateRole: patching('roleId', roleAt, 'roles', { nameEn: 'Renamed' }),
  getClient: (...cell) => ({ path: { registrationId: clientAt(...cell) } }),
  createClient: () => ({ body: { clientId: randomUUID(), name: 'Portalen', vendor: 'Exempel AB', organisationIds: [SOCIAL], scopes: [] } }),
  updateClient: patching('registrationId', clientAt, 'clients', { vendor: 'Exempel AB' }),
  addCheckpoint: () => ({ options: { raw: 'old 0\n' } }),
  getWitnessedLog: (...cell) => ({ path: { witnessedLogId: sharedAt('witnessedLog', ...cell) } }),
  createWitnessedLog: () => ({ body: { origin: randomUUID(), verifierKeys: [VERIFIER_KEY], description: 'Watched.' } }),
  updateWitnessedLog: patching('witnessedLogId', (...cell) => sharedAt('witnessedLog', ...cell), 'witnessed_logs', { description: 'Watched.' }),
  getLogConflict: (...cell) => ({ path: { logConflictId: sharedAt('logConflict', ...cell) } }),

  getAgreement: (...cell) => ({ path: { agreementId: agreementAt(...cell) } }),
  createAgreement: (id, place, person) => ({ body: {
    title: 'Agreement', purposes: [PURPOSE], categories: ['LEARNING'], partyIds: [world.partnerOf(world.agencyOf(person)).id], validFrom: day(), validUntil: day(9)
  } }),
  updateAgreement: patching('agreementId', agreementAt, 'agreements', { title: 'Renamed' }),
  signAgreement: async (id, place, person) => {
    const cell = [id, place, person]
    const agreementId = succeeds(...cell) ? await world.agreement(world.agencyOf(person), false) : agreementAt(...cell)
    return { path: { agreementId }, options: { ifMatch: await etag(cell, 'agreements', agreementId) } }
  },

  createSubject: () => ({ body: { name: 'Nova Provfall', birthDate: '2014-05-06' } }),
  getSubject: pointing('subjectId', 'subject'),
  updateSubject: patching('subjectId', its('subject'), 'subjects', { name: 'Nova Ny' }),
  exportLogServiceRecords: () => ({ query: { systemId: 'SE5565594230-0001' } }),
  searchAccessEvents: () => ({ body: { identityNumber: identityNumber('2014-05-06') } }),
  searchSubjects: () => ({ body: { identityNumber: identityNumber('2014-05-06') } }),
  listGuardians: pointing('subjectId', 'subject'),
  createGuardian: async (id, place, person) => {
    const made = succeeds(id, place, person) ? await world.make(person, 'createSubject', {}, { name: 'Nova Provfall', birthDate: day(-3000) }) : undefined
    return { path: { subjectId: made?.id ?? thing('subject', place, person) }, body: { name: 'Berit', kind: 'guardian', startsOn: day() } }
  },
  getGuardian: pointing('guardianId', 'guardian'),
  updateGuardian: patching('guardianId', its('guardian'), 'guardians', { name: 'Berit Ny' }),
  listGuardianRestrictions: pointing('subjectId', 'subject'),
  createGuardianRestriction: pointing('subjectId', 'subject', { body: restriction }),
  getGuardianRestriction: pointing('guardianRestrictionId', 'restriction'),
  endGuardianRestriction: spending('guardianRestrictionId', 'restriction', freshRestriction, because),

  evaluateAccess: (...cell) => ({ body: { action: 'read', caseId: thing('case', ...cell.slice(1)) } }),
  evaluateAuthzen: (...cell) => ({ body: { ...asking(cell[2]), resource: { type: 'case', id: thing('case', ...cell.slice(1)) } } }),
  evaluateAuthzenBatch: (...cell) => ({ body: { ...asking(cell[2]), evaluations: [{ resource: { type: 'case', id: thing('case', ...cell.slice(1)) } }] } }),

  createCase: (id, place, person) => ({ body: { subjectId: world.of(world.agencyOf(person)).subject, title: 'Joint support' } }),
  getCase: onCase(),
  updateCase: patching('caseId', its('case'), 'cases', { title: 'Renamed' }),
  listClosures: onCase(),
  closeCase: spending('caseId', 'case', person => world.freshCase(person), because),
  listReopenings: onCase(),
  reopenCase: spending('caseId', 'case', closedCase, because),

  listParticipants: onCase(),
  inviteParticipant: spending('caseId', 'case', person => world.freshCase(person, { invited: false }), made => world.invitation(made)),
  getParticipant: pointing('participantId', 'participant'),
  acceptInvitation: invited({}),
  declineInvitation: invited(because()),
  endParticipation: spending('participantId', 'participant', person => world.freshCase(person), because),
  listTeamMembers: onCase(),
  addTeamMember: spending('caseId', 'case', person => world.freshCase(person), (made, person) => ({ assignmentId: assignmentId(colleagueOf(person)) })),
  getTeamMember: pointing('teamMemberId', 'leaderMembership'),
  endTeamMember: async (id, place, person) => {
    const fresh = () => world.freshCase(person, { colleague: colleagueOf(person) })
    const made = succeeds(id, place, person) ? await fresh() : { member: thing('leaderMembership', place, person) }
    return { path: { teamMemberId: made.member }, body: {} }
  },

  listLeadTransfersOfCase: onCase(),
  createLeadTransfer: async (id, place, person) => {
    const made = await spendable(id, place, person, () => world.freshCase(person))
    const path = { caseId: place === 'unknown' ? unknownId() : made.case }
    return { path, body: { toUnitId: succeeds(id, place, person) ? (await world.remote(made.agency)).unit : SCHOOL_UNIT, ...because() } }
  },
  getLeadTransfer: pointing('leadTransferId', 'leadTransfer'),
  acceptLeadTransfer: offeredLead({}),
  declineLeadTransfer: offeredLead(because()),
  withdrawLeadTransfer: spending('leadTransferId', 'leadTransfer', async person => {
    const made = await world.freshCase(person)
    const toUnitId = (await world.remote(made.agency)).unit
    return { leadTransfer: (await world.make(person, 'createLeadTransfer', { caseId: made.case }, { toUnitId, ...because() })).id }
  }, because),

  listHandoversOfCase: onCase(),
  createHandover: async (id, place, person) => {
    const made = await spendable(id, place, person, () => (person === 'school-nurse' ? world.of(world.agencyOf(person)) : world.freshCase(person)))
    const path = { caseId: place === 'unknown' ? unknownId() : made.case }
    return { path, body: { successorAssignmentId: world.staff.get(world.agencyOf(person)).assignment, checklist: CHECKLIST, ...because() } }
  },
  getHandover: pointing('handoverId', 'handover'),
  acceptHandover: offeredCase(),
  declineHandover: offeredCase(because),
  withdrawHandover: offeredCase(because),
  listHandoverWaivers: employee('assignment', 'assignmentId'),
  waiveHandover: async (id, place, person) => {
    const agency = agencyAt(place, person)
    const found = succeeds(id, place, person) ? await world.employee(agency) : world.staff.get(agency)
    if (succeeds(id, place, person)) {
      const made = await world.freshCase(person)
      await server.sql(`update samsyn.cases set lead_assignment_id = '${found.assignment}' where id = '${made.case}'`)
    }
    return { path: { assignmentId: place === 'unknown' ? unknownId() : found.assignment }, body: because() }
  },

  listTransitionsOfCase: onCase(),
  createTransition: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.move(world.of(world.agencyOf(person)).agency) }),
  getTransition: pointing('transitionId', 'transition'),
  // To the unit in which the person acts, from another one of the agency. Past the API.
  acknowledgeTransition: async (id, place, person) => {
    if (!succeeds(id, place, person)) return { path: { transitionId: thing('transition', place, person) }, body: {} }
    const agency = world.agencyOf(person)
    const [transition, unit] = [unknownId(), (await world.remote(agency)).unit]
    await server.sql(`insert into samsyn.transitions (id, case_id, organisation_id, from_unit_id, to_unit_id, recipient_id, moves_on, reason, at_risk, created_by)
      values ('${transition}', '${world.of(agency).case}', '${agency}', '${unit}', '${world.unitOf(agency)}', '${agency}', '2030-01-01', 'x', false, '${assignmentId(person)}')`)
    return { path: { transitionId: transition }, body: {} }
  },

  openEmergencyAccess: async (id, place, person) => ({ body: { caseReference: (await world.remote(world.agencyOf(person))).reference, ...because() } }),
  getEmergencyAccess: accessTo(false),
  endEmergencyAccess: accessTo(false, {}),
  reviewEmergencyAccess: accessTo(true, { outcome: 'justified', comment: 'Nobody could be reached.' }),

  listExclusions: onCase(),
  createExclusion: async (id, place, person) => {
    const { user } = await world.employee(world.agencyOf(person))
    return { path: { caseId: thing('case', place, person) }, body: { userId: user, kind: 'bias', ...because() } }
  },
  getExclusion: pointing('exclusionId', 'exclusion'),
  endExclusion: spending('exclusionId', 'exclusion', async person => {
    const made = world.of(world.agencyOf(person))
    return { exclusion: (await world.make(person, 'createExclusion', { caseId: made.case }, await world.exclusionDraft(made.agency))).id }
  }, because),

  listRecords: onCase(),
  createRecord: onCase({ body: { category: 'FAMILY_SITUATION', text: 'Has moved.' } }),
  getRecord: pointing('recordId', 'record'),
  listRecordVersions: pointing('recordId', 'record'),
  amendRecord: async (id, place, person) => {
    const recordId = thing('record', place, person)
    const [row] = succeeds(id, place, person) ? await server.sql(`select version from samsyn.records where id = '${recordId}'`) : [{ version: 1 }]
    return { path: { recordId }, body: { text: 'Has moved back.', reason: 'New facts.' }, options: { ifMatch: `"${row.version}"` } }
  },

  listConsentsOfCase: onCase(),
  createConsent: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.consentDraft(world.of(world.agencyOf(person)).agency) }),
  getConsent: pointing('consentId', 'consent'),
  updateConsent: patching('consentId', its('consent'), 'consents', { documentReference: 'D-1' }),
  answerConsent: spending('consentId', 'consent', person => world.freshCase(person, { answered: false }), made => ({ giverId: made.giver, answer: 'granted', form: 'written' })),
  revokeConsent: spending('consentId', 'consent', person => world.freshCase(person, { invited: false }), made => ({ giverId: made.giver })),

  listDecisions: onCase(),
  createDecision: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.decision(world.of(world.agencyOf(person))) }),
  getDecision: pointing('decisionId', 'decision'),
  withdrawDecision: spending('decisionId', 'decision', async person => {
    const made = world.of(world.agencyOf(person))
    return { decision: (await world.make(person, 'createDecision', { caseId: made.case }, world.decision(made))).id }
  }, because),
  listInformationRequestsOfCase: onCase(),
  createInformationRequest: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.informationRequest(world.partnerOf(world.agencyOf(person)).id) }),
  getInformationRequest: pointing('informationRequestId', 'request'),
  refuseInformationRequest: spending('informationRequestId', 'asked', async person => ({ asked: await world.askFromPartner(world.of(world.agencyOf(person))) }), because),
  withdrawInformationRequest: spending('informationRequestId', 'request', async person => {
    const made = world.of(world.agencyOf(person))
    return { request: (await world.make(person, 'createInformationRequest', { caseId: made.case }, world.informationRequest(world.partnerOf(made.agency).id))).id }
  }),

  listDisclosures: onCase(),
  createDisclosure: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.share(world.of(world.agencyOf(person))) }),
  getDisclosure: pointing('disclosureId', 'disclosure'),
  endDisclosure: spending('disclosureId', 'disclosure', async person => {
    const made = world.of(world.agencyOf(person))
    return { disclosure: (await world.make(person, 'createDisclosure', { caseId: made.case }, world.share(made))).id }
  }, because),

  listDeadlinesOfCase: onCase(),
  createDeadline: onCase({ body: task }),
  getDeadline: pointing('deadlineId', 'deadline'),
  extendDeadline: spending('deadlineId', 'deadline', freshDeadline, () => ({ until: day(30), reason: 'Awaited.' })),
  completeDeadline: spending('deadlineId', 'deadline', freshDeadline),

  createConcernReport: () => ({ body: reportDraft() }),
  getConcernReport: (...cell) => sentIn(cell),
  identifyConcernReport: (...cell) => receivedIn(cell, (made, person) => ({ subjectId: world.of(world.agencyOf(person)).subject })),
  assessProtection: (...cell) => receivedIn(cell, () => assessment),
  extendPreliminaryAssessment: (...cell) => receivedIn(cell, () => ({ until: day(30), reason: 'Abroad.' })),
  decideConcernReport: (...cell) => receivedIn(cell, () => decision('not-open')),
  askFeedback: (...cell) => sentIn(cell),
  giveFeedback: (...cell) => receivedIn(cell, () => ({}), true),
  releaseHold: (...cell) => receivedIn(cell, because),
  createConsultation: () => ({ body: world.question() }),
  getConsultation: (...cell) => consultationIn(cell),
  answerConsultation: (...cell) => consultationIn(cell, { text: 'Yes.' }),
  listInvestigationsOfCase: onCase(),
  getInvestigation: pointing('investigationId', 'investigation'),
  extendInvestigation: investigated({ until: day(400), reason: 'Awaited.', childView: unheard }),
  informOnInvestigation: investigated({ informed: ['child'] }),
  registerCareApplication: investigated({ appliedOn: day() }),
  closeInvestigation: investigated({
    childNeeds: 'Safety.', parentsCapacity: 'Enough.', howMet: 'Support.', outcome: 'intervention', childView: unheard, bestInterests: 'Home.'
  }),

  getMyContactDetails: pointing('subjectId', 'subject'),
  getMyCase: onCase(),
  getMyConsent: pointing('consentId', 'consent'),
  answerMyConsent: pointing('consentId', 'consent', { body: { answer: 'granted' } }),
  revokeMyConsent: pointing('consentId', 'consent', { body: {} }),
  getMyPlan: pointing('planId', 'plan'),
  leaveMyPlanView: pointing('planId', 'plan', { body: { stage: 'planning', view: 'I agree.' } }),

  listPlans: onCase(),
  createPlan: (id, place, person) => ({ path: { caseId: thing('case', place, person) }, body: world.planDraft(world.of(world.agencyOf(person))) }),
  getPlan: pointing('planId', 'plan'),
  updatePlan: patching('planId', its('plan'), 'plans', { title: 'Renamed' }),
  adoptPlan: async (...cell) => {
    const { path, body } = await onPlan('plan', 'planId', () => ({ bestInterests: 'It is what she asks for.' }))(...cell)
    return { path, body, options: { ifMatch: await etag(cell, 'plans', path.planId) } }
  },
  endPlan: onPlan('plan', 'planId', because, false),
  listPlanChanges: pointing('planId', 'plan'),
  createPlanNeed: pointing('planId', 'plan', { body: { area: 'FAMILY_SITUATION', description: 'Calm.' } }),
  getPlanNeed: pointing('needId', 'planNeed'),
  updatePlanNeed: patching('needId', its('planNeed'), 'plan_needs', { description: 'Calm and sleep.' }),
  createPlanGoal: withinPlan(own => ({ needId: own.planNeed, description: 'Sleeps.' })),
  getPlanGoal: pointing('goalId', 'planGoal'),
  updatePlanGoal: patching('goalId', its('planGoal'), 'plan_goals', { description: 'Sleeps well.' }),
  createPlanIntervention: withinPlan(own => ({ goalId: own.planGoal, participantId: own.leadParticipant, description: 'A contact family.', dueOn: day(30) })),
  getPlanIntervention: pointing('interventionId', 'planIntervention'),
  updatePlanIntervention: patching('interventionId', its('planIntervention'), 'plan_interventions', { dueOn: day(40) }),
  followUpPlanIntervention: pointing('interventionId', 'planIntervention', { body: { status: 'ongoing', note: 'It goes well.' } }),
  createPlanMeasure: pointing('planId', 'plan', { body: { actor: 'An aunt', description: 'Calls.' } }),
  getPlanMeasure: pointing('measureId', 'planMeasure'),
  updatePlanMeasure: patching('measureId', its('planMeasure'), 'plan_measures', { actor: 'An uncle' }),
  createPlanMeeting: pointing('planId', 'plan', { body: { plannedAt: '2027-01-15T13:00:00Z', purpose: 'Follow-up.', agenda: 'Sleep.' } }),
  getPlanMeeting: pointing('meetingId', 'planMeeting'),
  updatePlanMeeting: patching('meetingId', its('planMeeting'), 'plan_meetings', { agenda: 'Sleep and school.' }),
  recordPlanMeetingOutcome: onPlan('planMeeting', 'meetingId', () => ({ attendees: [], childAttended: false, guardianIdsAttended: [], outcome: 'Better.', nextStep: 'Go on.' })),
  createPlanView: pointing('planId', 'plan', { body: { stage: 'planning', kind: 'child', absenceReason: 'Does not wish to.' } }),
  getPlanView: pointing('viewId', 'planView'),
  listParticipationRecords: onCase(),
  createParticipationRecord: onCase({ body: { step: 'plan', kind: 'child', participation: 'informed' } }),
  getParticipationRecord: pointing('participationRecordId', 'participationRecord'),
  getParticipationSummary: onCase(),

  getRetention: onCase(),
  listLegalHolds: onCase(),
  createLegalHold: onCase({ body: because() }),
  getLegalHold: pointing('legalHoldId', 'hold'),
  releaseLegalHold: spending('legalHoldId', 'hold', async person =>
    ({ hold: (await world.make(person, 'createLegalHold', { caseId: world.of(world.agencyOf(person)).case }, because())).id }), because),
  getTombstone: pointing('tombstoneId', 'tombstone'),
  createRetentionDecision: () => ({ body: { kind: 'case', duration: 'P5Y', reference: 'Dnr 2' } }),
  getRetentionDecision: pointing('retentionDecisionId', 'retentionDecision'),

  getAccessEvent: ofEvent,
  getInclusionProof: ofEvent,
  getEventProof: ofEvent,

  createReviewRule: () => ({ body: { code: 'EMERGENCY_ACCESS' } }),
  getReviewRule: pointing('reviewRuleId', 'reviewRule'),
  endReviewRule: spending('reviewRuleId', 'reviewRule', freshReview()),
  createStaffRelation: (id, place, person) => {
    const agency = world.agencyOf(person)
    return { body: { userId: world.staff.get(agency).user, subjectId: world.of(agency).subject, kind: 'COLLEAGUE' } }
  },
  getStaffRelation: pointing('staffRelationId', 'staffRelation'),
  endStaffRelation: spending('staffRelationId', 'staffRelation', freshReview()),
  createReviewCampaign: () => ({ body: { title: 'A day', from: `${day(-2)}T00:00:00Z`, until: `${day(-1)}T00:00:00Z`, seed: 'dice', rules: ['RANDOM_SAMPLE'] } }),
  getReviewCampaign: pointing('reviewCampaignId', 'reviewCampaign'),
  runReviewCampaign: spending('reviewCampaignId', 'reviewCampaign', freshReview({ examined: false })),
  closeReviewCampaign: spending('reviewCampaignId', 'reviewCampaign', async person => {
    const made = await freshReview()(person)
    await world.make(person, 'reviewFinding', { reviewFindingId: made.reviewFinding }, FINAL)
    return made
  }, () => ({ comment: 'Nothing.' })),
  getReviewFinding: pointing('reviewFindingId', 'reviewFinding'),
  reviewFinding: spending('reviewFindingId', 'reviewFinding', freshReview(), () => FINAL),
  getAccessStatistics: () => ({ query: { from: day(-1), until: day() } }),
  getAccessStatisticsPicture: () => ({ query: { from: day(-1), until: day() } }),

  createAccessExtract: (id, place, person) => {
    const { subject, guardianNumber } = world.of(world.agencyOf(person))
    return { body: { subjectId: subject, recipientIdentityNumber: guardianNumber, identityCheck: 'identity-document' } }
  },
  getAccessExtract: pointing('accessExtractId', 'extract'),

  getCheckpointOfSize: () => ({ path: { size: 1 } }),
  getTile: () => ({ path: { level: 0, tile: '000' } }),
  getConsistencyProof: () => ({ query: { from: 1, to: 1 } })
}
