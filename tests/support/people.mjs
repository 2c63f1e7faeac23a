// The demo's people by the `sub` of their tokens.
export const PEOPLE = [
  'social-case-worker', 'social-manager', 'school-teacher', 'school-head', 'school-nurse', 'clinic-psychologist',
  'clinic-manager', 'police-officer', 'police-manager', 'collaboration-lead', 'school-collaboration-lead',
  'organisation-admin', 'system-admin', 'social-auditor', 'school-auditor'
]
