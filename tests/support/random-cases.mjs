// Random cases made of real rows, with what bears on a disclosure in them told a second time: from the story of how each
// was made, not from the rows.
//
//   worldStatements()                                     // organisations, their people
//   caseSituation({ number, random, today, law })         // {ground, facts, told, statements}: the last one prints the codes
//
// The statements run as superuser with all triggers on; dates are days from today.
import { createHash } from 'node:crypto'

// Who there is: a name, where it stands, its sector and regime.
const TOPS = { town: 'municipality', region: 'region', realm: 'state', courts: 'state', company: 'private', society: 'private' }
export const ORGANISATIONS = [
  { name: 'social', top: 'town', kind: 'authority', sector: 'SOCIAL_SERVICES', regime: 'SOCIAL_SERVICES' },
  { name: 'school', top: 'town', kind: 'authority', sector: 'SCHOOL', regime: 'STUDENT_HEALTH' },
  { name: 'nurses', top: 'town', within: 'school', kind: 'branch', sector: 'SCHOOL', regime: 'STUDENT_HEALTH_MEDICAL' },
  { name: 'homes', top: 'town', kind: 'authority', sector: 'HEALTH_CARE', regime: 'HEALTH_CARE' },
  { name: 'clinic', top: 'region', kind: 'authority', sector: 'HEALTH_CARE', regime: 'HEALTH_CARE' },
  { name: 'dentists', top: 'region', kind: 'authority', sector: 'DENTAL_CARE', regime: 'HEALTH_CARE' },
  { name: 'surgery', top: 'company', kind: 'provider', sector: 'HEALTH_CARE', regime: 'PRIVATE_CARE' },
  { name: 'police', top: 'realm', kind: 'authority', sector: 'POLICE', regime: 'POLICE' },
  { name: 'prison-care', top: 'realm', kind: 'authority', sector: 'HEALTH_CARE', regime: 'HEALTH_CARE' },
  { name: 'army-care', top: 'realm', kind: 'authority', sector: 'HEALTH_CARE', regime: 'HEALTH_CARE' },
  { name: 'court', top: 'courts', kind: 'authority', sector: 'COURT', regime: 'GENERAL_DATA_PROTECTION' },
  { name: 'association', top: 'society', kind: 'provider', sector: 'CIVIL_SOCIETY', regime: 'GENERAL_DATA_PROTECTION' }
]

function idOf(name) {
  const hex = createHash('md5').update(`random:${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
const id = name => `'${idOf(name)}'`
const ids = names => `array[${names.map(id).join(', ')}]::uuid[]`
const codes = list => `'{${list.join(',')}}'`
const dayFrom = (today, days) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10)

export function worldStatements() {
  const tops = Object.entries(TOPS).map(([name, kind]) => `(${id(name)}, null, '${kind}', '${name}', null, null)`)
  const agencies = ORGANISATIONS.map(one => `(${id(one.name)}, ${id(one.within ?? one.top)}, '${one.kind}', '${one.name}', '${one.sector}', '${one.regime}')`)
  const units = ORGANISATIONS.map(one => `(${id(`${one.name}-unit`)}, ${id(one.name)}, 'unit', '${one.name}', null, null)`)
  const insert = rows => `insert into samsyn.organisations (id, parent_id, kind, name, sector, regime) values ${rows.join(', ')};`
  return [insert(tops), ...agencies.map(one => insert([one])), insert(units), ...ORGANISATIONS.map(one => `
    insert into samsyn.users (id, organisation_id, name) values (${id(`${one.name}-person`)}, ${id(one.name)}, '${one.name}');
    insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select ${id(`${one.name}-worker`)}, ${id(`${one.name}-person`)}, ${id(`${one.name}-unit`)}, ${id(one.name)}, r.id, samsyn.today() - 9999
    from samsyn.roles r where r.code = 'case-worker';`)]
}

// How old someone born on a day is on another, by the calendar; who is born on 29 February turns on 1 March.
function ageOn(born, day) {
  const [by, bm, bd] = born.split('-').map(Number)
  const [y, m, d] = day.split('-').map(Number)
  return y - by - (m < bm || (m === bm && d < bd) ? 1 : 0)
}

const CUSTODY = new Set(['guardian', 'specially-appointed', 'temporary', 'adoptive-parent'])
const decides = guardian => CUSTODY.has(guardian.kind) && guardian.starts <= 0 && (guardian.ends ?? 0) >= 0

// Who must give a consent asked for now: 'child' and the names of guardians.
function giversOf(child, guardians, { maturity, secrecy }) {
  const grown = child.age >= 15 || (child.age >= 12 && maturity === 'mature') || (secrecy && maturity === 'mature')
  const elders = child.age < 18 && !secrecy ? guardians.filter(decides).map(one => one.name) : []
  return [...(grown ? ['child'] : []), ...elders]
}

// The state of a consent after what has happened since it was asked for.
function consentState(consent, child, guardians) {
  if (consent.revoked.length) return 'revoked'
  if (Object.values(consent.answers).includes('refused')) return 'refused'
  if (consent.givers.some(name => !consent.answers[name])) return 'requested'
  if (consent.from > 0) return 'not-yet-in-force'
  if (consent.until < 0) return 'expired'
  const elders = consent.givers.filter(name => name !== 'child')
  const now = guardians.filter(decides).map(one => one.name)
  const lost = elders.some(name => !now.includes(name))
  const joined = child.age < 18 && !consent.secrecy && now.some(name => !elders.includes(name))
  const grown = (child.age >= 15 && !consent.givers.includes('child')) || (child.age >= 18 && elders.length > 0)
  return lost || joined || grown ? 'lapsed' : 'in-force'
}

const PURPOSES = ['coordinated-support', 'crime-prevention']
const IDENTIFYING = ['IDENTITY', 'CONTACT_DETAILS', 'PLACEMENT']

// One random case: `mostly(x, others)` is x but for a few.
class RandomCase {
  constructor({ number, random, today, law }) {
    Object.assign(this, { number, random, today, law, statements: [] })
    this.mostly = (value, others, share = 0.9) => (random.chance(share) ? value : random.one(others))
    this.name = what => `${what}-${number}`
  }

  add(statement) { this.statements.push(statement) }
  day(days) { return `'${dayFrom(this.today, days)}'` }

  chooseParties() {
    const { random } = this
    this.ground = random.chance(0.35) ? this.law.legalGrounds.find(one => one.code === 'CONSENT') : random.one(this.law.legalGrounds)
    const fits = list => ORGANISATIONS.filter(one => list.includes('*') || list.includes(one.sector))
    const pick = list => random.one(random.chance(0.9) && fits(list).length ? fits(list) : ORGANISATIONS)
    this.discloser = pick(this.ground.sourceSectors)
    do this.recipient = pick(random.chance(0.2) ? ['*'] : this.ground.recipientSectors)
    while (this.recipient === this.discloser && fits(this.ground.recipientSectors).length > 1)
    if (this.recipient === this.discloser) this.recipient = random.one(ORGANISATIONS.filter(one => one !== this.discloser))
    this.lead = random.chance(0.6) ? this.discloser : random.one(ORGANISATIONS)
    this.others = ORGANISATIONS.map(one => one.name)
  }

  makeChild() {
    const { random } = this
    const limit = this.ground.subjectAgeBelow ?? 20
    const years = Math.floor(random.next() * (limit + 2))
    this.child = { born: dayFrom(this.today, -Math.floor(years * 365.25) - Math.floor(random.next() * 3)), protected: random.chance(0.3) }
    this.child.age = ageOn(this.child.born, this.today)
    this.guardians = ['elder', ...(random.chance(0.6) ? ['younger'] : [])].map(name => ({ name, kind: 'guardian', starts: -8000, ends: null }))
    this.add(`insert into samsyn.subjects (id, organisation_id, name, birth_date, protected_identity, created_by)
      values (${id(this.name('child'))}, ${id(this.lead.name)}, 'Nova', '${this.child.born}', ${this.child.protected}, ${id(`${this.lead.name}-worker`)});`)
    for (const guardian of this.guardians) this.addGuardian(guardian)
    this.add(`insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
      values (${id(this.name('case'))}, '2026-${String(this.number).padStart(8, '0')}', ${id(this.name('child'))}, ${id(this.lead.name)},
        ${id(`${this.lead.name}-unit`)}, 'Support', ${id(`${this.lead.name}-worker`)});`)
  }

  addGuardian({ name, kind, starts, ends }) {
    this.add(`insert into samsyn.guardians (id, subject_id, organisation_id, name, kind, starts_on, ends_on)
      values (${id(this.name(name))}, ${id(this.name('child'))}, ${id(this.lead.name)}, '${name}', '${kind}', ${this.day(starts)}, ${ends === null ? 'null' : this.day(ends)});`)
  }

  makeParticipants() {
    this.parts = { [this.lead.name]: 'lead' }
    for (const one of new Set([this.discloser, this.recipient])) {
      if (one === this.lead) continue
      const status = this.mostly('accepted', ['invited', 'declined', 'ended', null], 0.85)
      this.parts[one.name] = status
      if (status) this.add(`insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, ground, purpose, invited_by)
        values (${id(this.name(`part-${one.name}`))}, ${id(this.name('case'))}, ${id(one.name)}, ${id(`${one.name}-unit`)}, '${status}', 'CONSENT',
          'support', ${id(`${this.lead.name}-worker`)});`)
    }
  }

  chooseWhat() {
    const { random, ground } = this
    const all = this.law.informationCategories.map(one => one.code)
    const scope = this.law.groundScopes.find(one => one.code === ground.scope).categories
    const within = scope.includes('*') ? all : scope
    this.categories = [...new Set([random.one(within), ...random.some(random.chance(0.9) ? within : all, 2)])]
    const regimes = this.law.secrecyRegimes.map(one => one.code)
    const passable = regimes.filter(code => (ground.sourceRegimes.includes('*') || ground.sourceRegimes.includes(code)) && !ground.excludedRegimes.includes(code))
    this.regimes = [...new Set([this.mostly(random.one(passable), regimes), ...(random.chance(0.2) ? [random.one(regimes)] : [])])]
    this.kind = random.one(['handover', 'handover', 'handover', 'invitation', ...(ground.requiresConsent ? ['standing-share'] : random.chance(0.1) ? ['standing-share'] : [])])
    this.purpose = random.one(PURPOSES)
    this.wider = () => [...new Set([...(random.chance(0.9) ? this.categories : []), ...random.some(all, 4), 'IDENTITY'])]
  }

  makeConsent() {
    const { random } = this
    if (!random.chance(this.ground.requiresConsent ? 0.93 : 0.3)) return
    const consent = {
      maturity: random.one(['not-assessed', 'not-mature', 'mature']), secrecy: random.chance(0.15), purpose: this.mostly(this.purpose, PURPOSES, 0.95),
      sources: [...new Set([this.mostly(this.discloser.name, this.others), ...random.some(this.others, 2)])],
      recipients: [...new Set([this.mostly(this.recipient.name, this.others), ...random.some(this.others, 2)])], categories: this.wider(),
      from: this.mostly(-30, [1, 0]), until: this.mostly(30, [-1, 0]), elsewhere: random.chance(0.04), answers: {}, revoked: []
    }
    if (consent.until < consent.from) consent.until = consent.from
    consent.givers = giversOf(this.child, this.guardians, consent)
    if (consent.givers.length === 0) return
    this.consent = consent
    if (consent.elsewhere) this.add(`insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
      values (${id(this.name('other-case'))}, '2026-${String(this.number).padStart(7, '0')}Z', ${id(this.name('child'))}, ${id(this.lead.name)},
        ${id(`${this.lead.name}-unit`)}, 'Other', ${id(`${this.lead.name}-worker`)});`)
    this.add(`insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose, valid_from, valid_until,
        form, maturity, secrecy_against_guardians, assessment_reason, assessed_by)
      values (${id(this.name('consent'))}, ${id(this.name(consent.elsewhere ? 'other-case' : 'case'))}, ${id(this.name('child'))}, ${id(this.lead.name)},
        ${ids(consent.sources)}, ${ids(consent.recipients)}, ${codes(consent.categories)}, '${consent.purpose}', ${this.day(consent.from)}, ${this.day(consent.until)},
        'written', '${consent.maturity}', ${consent.secrecy}, 'Talked', ${id(`${this.lead.name}-worker`)});`)
    this.answerConsent(consent)
  }

  answerConsent(consent) {
    const giver = name => `g.consent_id = ${id(this.name('consent'))} and g.guardian_id is not distinct from ${name === 'child' ? 'null' : id(this.name(name))}`
    const by = id(`${this.lead.name}-worker`)
    for (const name of consent.givers) {
      const answer = this.mostly('granted', ['refused', null], 0.95)
      if (!answer) continue
      consent.answers[name] = answer
      this.add(`insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
        select samsyn.uuid7(), g.consent_id, g.id, '${answer}', 'oral', ${by} from samsyn.consent_givers g where ${giver(name)};`)
      if (answer !== 'granted' || !this.random.chance(0.05)) continue
      consent.revoked.push(name)
      this.add(`insert into samsyn.consent_revocations (id, consent_id, giver_id, recorded_by)
        select samsyn.uuid7(), g.consent_id, g.id, ${by} from samsyn.consent_givers g where ${giver(name)};`)
    }
  }

  makeDecision() {
    const { random } = this
    if (!random.chance(this.ground.requiresDecision ? 0.93 : 0.2)) return
    const decision = {
      by: this.mostly(this.discloser.name, this.others), to: this.mostly(this.recipient.name, this.others, 0.95), ground: this.mostly(this.ground.code, ['NOT_SECRET', 'GENERAL_CLAUSE'], 0.95),
      categories: this.wider(), outcome: this.mostly('disclose', ['refuse'], 0.95), withdrawn: random.chance(0.05), until: this.mostly(null, [-1, 0, 9])
    }
    if (decision.by === decision.to) return
    this.decision = decision
    const by = id(`${decision.by}-worker`)
    this.add(`insert into samsyn.decisions (id, case_id, organisation_id, recipient_id, ground, categories, circumstances, balancing, outcome, valid_until, decided_by)
      values (${id(this.name('decision'))}, ${id(this.name('case'))}, ${id(decision.by)}, ${id(decision.to)}, '${decision.ground}', ${codes(decision.categories)},
        'Facts', 'Weighed', '${decision.outcome}', ${decision.until === null ? 'null' : this.day(decision.until)}, ${by});`)
    if (decision.withdrawn) this.add(`update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = ${by}, withdrawal_reason = 'Over' where id = ${id(this.name('decision'))};`)
  }

  makeRequest() {
    const { random } = this
    if (!random.chance({ own: 0.08, both: 0.3, 'on-request': 0.93 }[this.ground.initiative])) return
    const request = {
      from: this.mostly(this.recipient.name, this.others, 0.95), of: this.mostly(this.discloser.name, this.others, 0.95), ground: this.mostly(this.ground.code, ['CONSENT', 'NOT_SECRET'], 0.95),
      categories: this.wider(), status: this.mostly('open', ['partly-answered', 'answered', 'refused', 'withdrawn'], 0.8)
    }
    if (request.from === request.of) return
    this.request = request
    this.add(`insert into samsyn.information_requests (id, case_id, organisation_id, asked_id, ground, categories, question, purpose, due_on, status, refusal_reason, asked_by)
      values (${id(this.name('request'))}, ${id(this.name('case'))}, ${id(request.from)}, ${id(request.of)}, '${request.ground}', ${codes(request.categories)}, 'What?', 'support',
        ${this.day(9)}, '${request.status}', ${request.status === 'refused' ? '\'No\'' : 'null'}, ${id(`${request.from}-worker`)});`)
  }

  makeAgreement() {
    const { random } = this
    if (!random.chance(0.9)) return
    const agreement = {
      parties: [...new Set([this.mostly(this.discloser.name, this.others, 0.97), this.mostly(this.recipient.name, this.others, 0.97), ...random.some(this.others, 1)])],
      signed: random.chance(0.95), purposes: random.chance(0.95) ? PURPOSES : [PURPOSES[0]], categories: this.wider(), from: this.mostly(-9, [1, 0], 0.95), until: this.mostly(9, [1], 0.95)
    }
    this.agreement = agreement
    this.add(`insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
      values (${id(this.name('agreement'))}, ${id(this.lead.name)}, 'Agreement', ${codes(agreement.purposes)}, ${codes(agreement.categories)}, ${this.day(agreement.from)},
        ${this.day(agreement.until)}, ${id(`${this.lead.name}-worker`)});
      insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by) values ${agreement.parties.map((party, i) =>
    `(${id(this.name('agreement'))}, ${id(party)}, ${i === 0 && !agreement.signed ? 'null, null' : `now(), ${id(`${party}-worker`)}`})`).join(', ')};`)
  }

  makeInvestigation() {
    const { random } = this
    if (this.ground.precondition !== 'INVESTIGATION_OPEN' || !random.chance(0.9)) return
    this.investigation = { by: this.mostly(this.recipient.name, this.others), closed: random.chance(0.15) }
    this.add(`insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by, closed_at)
      values (${id(this.name('investigation'))}, ${id(this.name('case'))}, ${id(this.investigation.by)}, ${id(`${this.investigation.by}-unit`)}, ${id(this.name('child'))},
        ${id(`${this.investigation.by}-worker`)}, ${this.investigation.closed ? 'now()' : 'null'});`)
  }

  // What happens after the consent was asked for.
  goOn() {
    const { random } = this
    if (random.chance(0.12)) {
      this.child.born = dayFrom(this.child.born, -Math.floor(random.next() * 1500))
      this.child.age = ageOn(this.child.born, this.today)
      this.add(`update samsyn.subjects set birth_date = '${this.child.born}' where id = ${id(this.name('child'))};`)
    }
    for (const guardian of this.guardians) {
      if (random.chance(0.05)) {
        guardian.ends = random.one([-1, 0])
        this.add(`update samsyn.guardians set ends_on = ${this.day(guardian.ends)} where id = ${id(this.name(guardian.name))};`)
      } else if (random.chance(0.03)) {
        guardian.kind = 'family-home-parent'
        this.add(`update samsyn.guardians set kind = '${guardian.kind}' where id = ${id(this.name(guardian.name))};`)
      }
    }
    if (random.chance(0.06)) {
      const newcomer = { name: 'newcomer', kind: random.one(['guardian', 'family-home-parent']), starts: random.one([0, 1]), ends: null }
      this.guardians.push(newcomer)
      this.addGuardian(newcomer)
    }
  }

  askedBy() {
    const { random } = this
    this.principal = this.mostly(this.discloser.name, this.others, 0.95)
    this.permissions = ['disclosure:write', 'case:write', 'subject:protected'].filter(one => random.chance(one === 'subject:protected' ? 0.5 : 0.95))
    this.statement = this.mostly('It is so.', [' ', null])
  }

  // The facts, from the story.
  facts() {
    const { child, consent, decision, request, agreement, categories } = this
    const inside = (few, many) => few.every(one => many.includes(one))
    const known = consent && !consent.elsewhere
    const decided = decision && decision.by === this.discloser.name && decision.to === this.recipient.name && decision.ground === this.ground.code &&
      decision.outcome === 'disclose' && !decision.withdrawn && (decision.until ?? 0) >= 0
    const identifying = categories.some(one => IDENTIFYING.includes(one))
    const authority = one => one.within ?? one.name
    return {
      kind: this.kind, source_sector: this.discloser.sector, recipient_sector: this.recipient.sector, recipient_is_authority: this.recipient.kind !== 'provider',
      regimes: this.regimes, categories, subject_age: child.age,
      role_allows: this.principal !== this.discloser.name || this.permissions.includes(this.kind === 'invitation' ? 'case:write' : 'disclosure:write'),
      protected_from_role: child.protected && identifying && !this.permissions.includes('subject:protected'),
      consent_state: known ? consentState(consent, child, this.guardians) : null, consent_names_recipient: known && consent.recipients.includes(this.recipient.name),
      consent_covers: known && consent.sources.includes(this.discloser.name) && inside(categories, consent.categories) && consent.purpose === this.purpose &&
        (!categories.includes('PARENT_HEALTH') || consent.givers.some(name => name !== 'child')),
      decision: decided ? (inside(categories, decision.categories) ? 'covers' : 'narrower') : 'none', on_request: request !== undefined,
      requested: request !== undefined && request.from === this.recipient.name && request.of === this.discloser.name && request.ground === this.ground.code &&
        inside(categories, request.categories) && ['open', 'partly-answered'].includes(request.status),
      stated: this.statement === 'It is so.', investigation_open: this.investigation?.by === this.recipient.name && !this.investigation.closed, reported: false,
      same_principal: this.discloser.top === this.recipient.top && ['town', 'region'].includes(this.discloser.top), same_authority: authority(this.discloser) === authority(this.recipient),
      agreement_covers: agreement !== undefined && agreement.signed && agreement.from <= 0 && agreement.until >= 0 && agreement.purposes.includes(this.purpose) &&
        [this.discloser.name, this.recipient.name].every(one => agreement.parties.includes(one)) && (this.kind !== 'standing-share' || inside(categories, agreement.categories)),
      takes_part: ['lead', 'accepted'].includes(this.parts[this.recipient.name])
    }
  }

  ask() {
    const members = {
      kind: this.kind, case_id: idOf(this.name('case')), discloser: idOf(this.discloser.name), recipient: idOf(this.recipient.name), ground: this.ground.code,
      consent_id: this.consent && idOf(this.name('consent')), agreement_id: this.agreement && idOf(this.name('agreement')), decision_id: this.decision && idOf(this.name('decision')),
      request_id: this.request && idOf(this.name('request')), precondition_statement: this.statement, categories: this.categories, regimes: this.regimes, purpose: this.purpose
    }
    this.add(`do $$ begin perform set_config('samsyn.organisation_id', ${id(this.principal)}, true), set_config('samsyn.permissions', ',${this.permissions.join(',')},', true); end $$;`)
    this.add(`select array_to_json(samsyn.disclosure_refusals(samsyn.to_question('${JSON.stringify(members)}')));`)
    this.add('do $$ begin perform set_config(\'samsyn.organisation_id\', \'\', true), set_config(\'samsyn.permissions\', \'\', true); end $$;')
  }
}

export function caseSituation(options) {
  const made = new RandomCase(options)
  for (const step of ['chooseParties', 'makeChild', 'makeParticipants', 'chooseWhat', 'makeConsent', 'makeDecision', 'makeRequest', 'makeAgreement', 'makeInvestigation', 'goOn', 'askedBy', 'ask']) made[step]()
  return { ground: made.ground.code, facts: made.facts(), statements: made.statements, told: { number: options.number, discloser: made.discloser.name, recipient: made.recipient.name } }
}
