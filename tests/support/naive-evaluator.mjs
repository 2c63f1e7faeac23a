// The grounds evaluator a second time, written from the law alone, slowly and without a thought for speed: what the
// database answers is compared with it.
//
//   const law = readLaw()
//   refusalsOf(law, { ground: 'CONSENT', day: '2026-11-21' }, facts)     // every code, worst first; empty means allowed
//
// The law is the literal that the migration loads: sectors, regimes, categories, preconditions, scopes and grounds.
import { readFileSync } from 'node:fs'

const RELEASE = new URL('../../sql/migrations/0019_load_law.sql', import.meta.url)

export function readLaw() {
  return JSON.parse(readFileSync(RELEASE, 'utf8').split('$law$')[1])
}

// Worst first: what nothing can remedy, then what a consent, a decision, an agreement or another person could.
export const ORDER = [
  'NO_LEGAL_GROUND', 'ROLE_NOT_ALLOWED', 'GROUND_SOURCE_SECTOR', 'GROUND_RECIPIENT_SECTOR', 'GROUND_EXCLUDED', 'GROUND_AGE', 'GUARDIAN_SECRECY',
  'CONSENT_REQUIRED', 'CONSENT_INCOMPLETE', 'CONSENT_EXPIRED', 'CONSENT_REVOKED', 'NOT_RECIPIENT', 'GROUND_SCOPE', 'GROUND_PRECONDITION',
  'DECISION_REQUIRED', 'AGREEMENT_NOT_IN_FORCE', 'PROTECTED_IDENTITY'
]

const names = (list, code) => list.includes('*') || list.includes(code)
const namesAll = (list, codes) => codes.every(code => names(list, code))
const find = (list, code) => list.find(one => one.code === code)

// The wording of a ground that holds on a day, if counsel has confirmed it.
export function wordingOn(law, code, day) {
  return law.legalGrounds.find(one => one.code === code && one.enabled && one.validFrom <= day && (one.validUntil ?? '9999-12-31') >= day)
}

const CONSENT_CODES = { requested: 'CONSENT_INCOMPLETE', refused: 'CONSENT_INCOMPLETE', revoked: 'CONSENT_REVOKED', expired: 'CONSENT_EXPIRED', lapsed: 'CONSENT_EXPIRED', 'not-yet-in-force': 'CONSENT_EXPIRED' }

// How the precondition of a ground is shown to hold.
function established(law, ground, facts) {
  switch (find(law.preconditions, ground.precondition).establishedBy) {
    case 'consent': return ground.requiresConsent
    case 'decision': return ground.requiresDecision
    case 'statement': return facts.stated === true
    case 'request': return facts.requested === true
    case 'investigation': return facts.investigation_open === true
    case 'concern-report': return facts.reported === true
    case 'same-principal': return facts.same_principal === true
    case 'same-authority': return facts.same_authority === true
    default: return false
  }
}

function initiativeFits(ground, facts) {
  if (ground.initiative === 'own') return !facts.on_request
  if (ground.initiative === 'on-request') return facts.on_request === true && facts.requested === true
  return true
}

// {code: whether it applies}, for a wording that holds.
function judged(law, ground, given) {
  const facts = { ...given, kind: given.kind ?? 'handover' }
  const share = facts.kind === 'standing-share'
  const consent = ground.requiresConsent || share
  const asked = consent && facts.consent_state
  const limited = Number.isInteger(ground.subjectAgeBelow)
  const unknown = facts.subject_age === null || facts.subject_age === undefined
  return {
    ROLE_NOT_ALLOWED: facts.role_allows !== true,
    GROUND_SOURCE_SECTOR: !names(ground.sourceSectors, facts.source_sector),
    GROUND_RECIPIENT_SECTOR: !names(ground.recipientSectors, facts.recipient_sector) || (ground.recipientMustBeAuthority && facts.recipient_is_authority !== true) ||
      (facts.recipient_sector === 'CIVIL_SOCIETY' && !ground.requiresConsent),
    GROUND_EXCLUDED: facts.regimes?.length
      ? facts.regimes.some(one => ground.excludedRegimes.includes(one)) || !namesAll(ground.sourceRegimes, facts.regimes)
      : facts.kind !== 'question',
    GROUND_AGE: limited && (unknown ? !['concern-report', 'feedback'].includes(facts.kind) : facts.subject_age >= ground.subjectAgeBelow),
    GUARDIAN_SECRECY: facts.withheld_from_guardian === true,
    CONSENT_REQUIRED: consent && !facts.consent_state,
    ...Object.fromEntries(['CONSENT_INCOMPLETE', 'CONSENT_EXPIRED', 'CONSENT_REVOKED'].map(code => [code, asked && CONSENT_CODES[facts.consent_state] === code])),
    NOT_RECIPIENT: (asked && facts.consent_names_recipient !== true) || ((share || facts.kind === 'handover') && facts.takes_part !== true),
    GROUND_SCOPE: (asked && facts.consent_covers !== true) || (share && !ground.requiresConsent) || (ground.requiresDecision && facts.decision === 'narrower') ||
      !facts.categories?.length || !namesAll(find(law.groundScopes, ground.scope).categories, facts.categories),
    GROUND_PRECONDITION: !initiativeFits(ground, facts) || !established(law, ground, facts),
    DECISION_REQUIRED: ground.requiresDecision && !['covers', 'narrower'].includes(facts.decision),
    AGREEMENT_NOT_IN_FORCE: (share || (facts.kind === 'invitation' && ground.requiresConsent)) && facts.agreement_covers !== true,
    PROTECTED_IDENTITY: facts.protected_from_role === true && facts.kind !== 'concern-report'
  }
}

export function refusalsOf(law, { ground, day }, facts) {
  const wording = wordingOn(law, ground, day)
  if (!wording) return ['NO_LEGAL_GROUND']
  const applies = judged(law, wording, facts)
  return ORDER.filter(code => applies[code])
}

// A stream of random numbers from a seed (mulberry32), so that what failed can be had again.
export function randomFrom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const one = list => list[Math.floor(next() * list.length)]
  return { next, one, chance: share => next() < share, some: (list, most) => [...new Set(Array.from({ length: Math.floor(next() * (most + 1)) }, () => one(list)))] }
}
