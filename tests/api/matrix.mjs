// Who may use which operation: every operation of the contract, for every person of the demo, on what is their own
// agency's, on what is another agency's, and on what does not exist. A new operation without a row fails the run.
//
// `any` stands for operations that point at nothing (lists and additions). A cell is a status, or a status with its code.

const NO = '403 ROLE_NOT_ALLOWED'

// Those who work with children, and of them those who also lead: open cases, register children, ask for consent.
const CARE = ['social-case-worker', 'social-manager', 'school-teacher', 'school-head', 'school-nurse', 'clinic-psychologist', 'clinic-manager', 'police-officer', 'police-manager']
const LEADING = ['social-case-worker', 'social-manager', 'school-head', 'clinic-manager', 'police-manager']
const MANAGERS = ['social-manager', 'school-head', 'clinic-manager', 'police-manager']
const COLLABORATION = ['collaboration-lead', 'school-collaboration-lead']
const AUDITORS = ['social-auditor', 'school-auditor']

// These people get this status, everyone else is told that their role does not allow it.
const only = (people, status) => ({ ...Object.fromEntries(people.map(person => [person, status])), otherwise: NO })
const everyone = status => ({ otherwise: status })

// These people, each with what is their own; another agency's is for them as what does not exist.
const own = (people, status) => ({ own: only(people, status), other: only(people, 404), unknown: only(people, 404) })
const any = (people, status) => ({ any: only(people, status) })

const ADMIN = 'organisation-admin'
const SYSTEM = 'system-admin'
// Administration: within one's own organisation, and everywhere for the system administrator.
const administered = (status, foreign = 404) => ({
  own: { [ADMIN]: status, [SYSTEM]: status, otherwise: NO },
  other: { [ADMIN]: foreign, [SYSTEM]: status, otherwise: NO },
  unknown: only([ADMIN, SYSTEM], 404)
})
// Staff: colleagues of one's own organisation, and everyone for the system administrator.
const staff = { own: everyone(200), other: { [SYSTEM]: 200, otherwise: 404 }, unknown: everyone(404) }
// What guardians and children alone may.
const theirs = { own: everyone(403), other: everyone(403), unknown: everyone(403) }
// What social services do with what was sent to them; whoever sent something themselves is told that they are not the recipient.
const atSocialServices = status => ({ 'social-case-worker': status, 'social-manager': status })
const received = status => ({
  own: { ...only(LEADING, '403 NOT_RECIPIENT'), ...atSocialServices(status) },
  other: only(LEADING, 404), unknown: only(LEADING, 404)
})
// What is public among those who have signed in.
const shared = { own: everyone(200), other: everyone(200), unknown: everyone(404) }

export const MATRIX = {
  // What is told without a token
  getApiInfo: { any: everyone(200) },
  getContractYaml: { any: everyone(200) },
  getContractJson: { any: everyone(200) },
  getDocs: { any: everyone(200) },
  // Of a log that signs nothing
  getCheckpoint: { any: everyone('404 LOG_NOT_SIGNED') },
  listCheckpoints: { any: everyone(200) },
  getCheckpointOfSize: { any: everyone('404 LOG_NOT_SIGNED') },
  getLogKeys: { any: everyone(200) },
  getTile: { any: everyone(404) },
  getConsistencyProof: { any: everyone('404 LOG_NOT_SIGNED') },
  getWitness: { any: everyone(404) }, // this server is none
  addCheckpoint: { any: everyone(404) },

  // What everyone registered may ask
  getMe: { any: everyone(200) },
  listPermissions: { any: everyone(200) },
  listSectors: { any: everyone(200) },
  listSecrecyRegimes: { any: everyone(200) },
  listInformationCategories: { any: everyone(200) },
  listLegalGrounds: { any: everyone(200) },
  listPreconditions: { any: everyone(200) },
  listGroundScopes: { any: everyone(200) },
  listNeverGrounds: { any: everyone(200) },
  listDeadlineRules: { any: everyone(200) },
  listRetentionRules: { any: everyone(200) },
  listBbicAreas: { any: everyone(200) },
  listOrganisations: { any: everyone(200) },
  getOrganisation: shared,
  listRoles: { any: everyone(200) },
  getRole: shared,
  listUsers: { any: everyone(200) },
  getUser: staff,
  listAssignments: { any: everyone(200) },
  getAssignment: staff,
  listAgreements: { any: everyone(200) },
  getAgreement: { own: everyone(200), other: everyone(404), unknown: everyone(404) },

  // Administration
  createOrganisation: any([ADMIN, SYSTEM], 201),
  updateOrganisation: administered(200, NO),
  createUser: any([ADMIN, SYSTEM], 201),
  updateUser: administered(200),
  listIdentities: administered(200),
  createIdentity: administered(201),
  getIdentity: administered(200),
  deleteIdentity: administered(204),
  createAssignment: any([ADMIN, SYSTEM], 201),
  updateAssignment: administered(200),
  endAssignment: administered(201),
  createRole: any([SYSTEM], 201),
  updateRole: { own: only([SYSTEM], 200), other: only([SYSTEM], 200), unknown: only([SYSTEM], 404) },
  listClients: any([ADMIN, SYSTEM], 200),
  getClient: { own: only([ADMIN, SYSTEM], 200), other: only([ADMIN, SYSTEM], 200), unknown: only([ADMIN, SYSTEM], 404) },
  createClient: any([SYSTEM], 201),
  updateClient: { own: only([SYSTEM], 200), other: only([SYSTEM], 200), unknown: only([SYSTEM], 404) },
  listWitnessedLogs: any([SYSTEM], 200),
  getWitnessedLog: { own: only([SYSTEM], 200), other: only([SYSTEM], 200), unknown: only([SYSTEM], 404) },
  createWitnessedLog: any([SYSTEM], 201),
  updateWitnessedLog: { own: only([SYSTEM], 200), other: only([SYSTEM], 200), unknown: only([SYSTEM], 404) },

  // Agreements
  createAgreement: any(COLLABORATION, 201),
  updateAgreement: own(COLLABORATION, 200),
  signAgreement: own(COLLABORATION, 201),

  // Children and their guardians
  listSubjects: any(CARE, 200),
  createSubject: any(LEADING, 201),
  getSubject: own(CARE, 200),
  updateSubject: own(LEADING, 200),
  searchSubjects: any(CARE, 200),
  listGuardians: own(CARE, 200),
  createGuardian: own(LEADING, 201),
  getGuardian: own(CARE, 200),
  updateGuardian: own(LEADING, 200),
  listGuardianRestrictions: own(CARE, 200),
  createGuardianRestriction: own(LEADING, 201),
  getGuardianRestriction: own(CARE, 200),
  endGuardianRestriction: own(LEADING, 201),

  // May I? About another agency's case nobody is told anything; in a batch that is an answer.
  evaluateAccess: own(CARE, 200),
  evaluateAuthzen: own(CARE, 200),
  evaluateAuthzenBatch: { own: only(CARE, 200), other: only(CARE, 200), unknown: only(CARE, 200) },

  // Cases
  listCases: any(CARE, 200),
  createCase: any(LEADING, 201),
  getCase: own(CARE, 200),
  updateCase: own(LEADING, 200),
  listClosures: own(CARE, 200),
  closeCase: own(LEADING, 201),
  listReopenings: own(CARE, 200),
  reopenCase: own(LEADING, 201),

  // Who takes part. An invitation is the matter of whoever leads the invited unit.
  listParticipants: own(CARE, 200),
  inviteParticipant: own(LEADING, 201),
  listInvitations: any(CARE, 200),
  getParticipant: own(CARE, 200),
  acceptInvitation: { own: { ...only(MANAGERS, 201), 'social-case-worker': 404 }, other: only(LEADING, 404), unknown: only(LEADING, 404) },
  declineInvitation: { own: { ...only(MANAGERS, 201), 'social-case-worker': 404 }, other: only(LEADING, 404), unknown: only(LEADING, 404) },
  endParticipation: own(LEADING, 201),
  listTeamMembers: own(CARE, 200),
  addTeamMember: own(LEADING, 201),
  getTeamMember: own(CARE, 200),
  endTeamMember: own(LEADING, 201),

  // The lead passes to another unit when the one who leads that unit accepts
  listLeadTransfersOfCase: own(CARE, 200),
  createLeadTransfer: own(LEADING, 201),
  listLeadTransfers: any(CARE, 200),
  getLeadTransfer: own(CARE, 200),
  acceptLeadTransfer: { own: { ...only(MANAGERS, 201), 'social-case-worker': 404 }, other: only(LEADING, 404), unknown: only(LEADING, 404) },
  declineLeadTransfer: { own: { ...only(MANAGERS, 201), 'social-case-worker': 404 }, other: only(LEADING, 404), unknown: only(LEADING, 404) },
  withdrawLeadTransfer: own(LEADING, 201),

  // A case passes from the one who leads it to the colleague to whom it was offered; what is left behind is the managers' matter.
  // The nurse leads the case of her branch, which has no manager.
  listHandoversOfCase: own(CARE, 200),
  createHandover: { own: only([...LEADING, 'school-nurse'], 201), other: only(CARE, 404), unknown: only(CARE, 404) },
  listHandovers: any(CARE, 200),
  getHandover: own(CARE, 200),
  acceptHandover: own(CARE, 201),
  declineHandover: own(CARE, 201),
  withdrawHandover: own(CARE, 201),
  listOutstandingHandovers: any(MANAGERS, 200),
  listHandoverWaivers: own(MANAGERS, 200),
  waiveHandover: own(MANAGERS, 201),

  // A child that moves: acknowledged by the one who leads the unit to which it moves
  listTransitionsOfCase: own(CARE, 200),
  createTransition: own(LEADING, 201),
  listTransitions: any(CARE, 200),
  getTransition: own(CARE, 200),
  acknowledgeTransition: { own: { ...only(MANAGERS, 201), 'social-case-worker': '403 NOT_RECIPIENT' }, other: only(LEADING, 404), unknown: only(LEADING, 404) },

  // Emergency: within the own agency, reviewed by managers
  openEmergencyAccess: any(CARE, 201),
  listEmergencyAccesses: any(CARE, 200),
  getEmergencyAccess: own(CARE, 200),
  endEmergencyAccess: own(CARE, 201),
  reviewEmergencyAccess: own(MANAGERS, 201),

  // Conflicts of interest: of others by managers, and not shown to those whom they are about. The nurse sees what she declared.
  listExclusions: own(CARE, 200),
  createExclusion: { own: only(MANAGERS, 201), other: only(CARE, 404), unknown: only(CARE, 404) },
  getExclusion: { own: { ...only(CARE, 404), ...only([...MANAGERS, 'school-nurse'], 200) }, other: only(CARE, 404), unknown: only(CARE, 404) },
  endExclusion: { own: { ...only(CARE, 404), ...only(MANAGERS, 201), 'school-nurse': NO }, other: only(CARE, 404), unknown: only(CARE, 404) },

  // Records
  listRecords: own(CARE, 200),
  createRecord: own(CARE, 201),
  getRecord: own(CARE, 200),
  listRecordVersions: own(CARE, 200),
  amendRecord: own(CARE, 201),

  // Consents
  listConsents: any(CARE, 200),
  listConsentsOfCase: own(CARE, 200),
  createConsent: own(LEADING, 201),
  getConsent: own(CARE, 200),
  updateConsent: own(LEADING, 200),
  answerConsent: own(LEADING, 201),
  revokeConsent: own(LEADING, 201),

  // Decisions: those who lead decide. Requests: who may disclose asks, and answers for those who are asked.
  listDecisions: own(CARE, 200),
  createDecision: own(MANAGERS, 201),
  getDecision: own(CARE, 200),
  withdrawDecision: own(MANAGERS, 201),
  listInformationRequestsOfCase: own(CARE, 200),
  createInformationRequest: own(CARE, 201),
  listInformationRequests: any(CARE, 200),
  getInformationRequest: own(CARE, 200),
  refuseInformationRequest: own(CARE, 201),
  withdrawInformationRequest: own(CARE, 201),

  // Disclosures
  listDisclosures: own(CARE, 200),
  createDisclosure: own(CARE, 201),
  getDisclosure: own(CARE, 200),
  endDisclosure: own(CARE, 201),

  // Deadlines
  listDeadlines: any(CARE, 200),
  listDeadlinesOfCase: own(CARE, 200),
  createDeadline: own(LEADING, 201),
  getDeadline: own(CARE, 200),
  extendDeadline: own(LEADING, 201),
  completeDeadline: own(LEADING, 201),

  // Concern reports: everyone sends, social services receive; each side's steps are its own
  listConcernReports: any(CARE, 200),
  listConcernReportSummaries: any(LEADING, 200),
  createConcernReport: any(CARE, 201),
  getConcernReport: own(CARE, 200),
  identifyConcernReport: received(201),
  assessProtection: received(201),
  extendPreliminaryAssessment: received(201),
  decideConcernReport: received(201),
  askFeedback: own(CARE, 201),
  giveFeedback: received(201),
  releaseHold: received(201),
  listConsultations: any(CARE, 200),
  createConsultation: any(CARE, 201),
  getConsultation: { ...own(CARE, 200), other: { ...only(CARE, 404), ...atSocialServices(200) } },
  answerConsultation: { ...received(201), other: { ...only(LEADING, 404), ...atSocialServices(201) } },

  // Investigations
  listInvestigations: any(CARE, 200),
  listInvestigationsOfCase: own(CARE, 200),
  getInvestigation: own(CARE, 200),
  extendInvestigation: own(LEADING, 201),
  informOnInvestigation: own(LEADING, 201),
  registerCareApplication: own(LEADING, 201),
  closeInvestigation: own(LEADING, 201),

  // What guardians and children see and do: nobody who works here, whatever their role
  listMySubjects: { any: everyone(403) },
  getMyContactDetails: theirs,
  listMyCases: { any: everyone(403) },
  getMyCase: theirs,
  listMyConsents: { any: everyone(403) },
  getMyConsent: theirs,
  answerMyConsent: theirs,
  revokeMyConsent: theirs,
  listMyPlans: { any: everyone(403) },
  getMyPlan: theirs,
  leaveMyPlanView: theirs,
  listMyAccessEvents: { any: everyone(403) },
  getMyAccessExtract: { any: everyone(403) },

  // Plans, and how child and guardians took part
  listPlans: own(CARE, 200),
  createPlan: own(CARE, 201),
  getPlan: own(CARE, 200),
  updatePlan: own(CARE, 200),
  adoptPlan: own(CARE, 201),
  endPlan: own(CARE, 201),
  listPlanChanges: own(CARE, 200),
  createPlanNeed: own(CARE, 201),
  getPlanNeed: own(CARE, 200),
  updatePlanNeed: own(CARE, 200),
  createPlanGoal: own(CARE, 201),
  getPlanGoal: own(CARE, 200),
  updatePlanGoal: own(CARE, 200),
  createPlanIntervention: own(CARE, 201),
  getPlanIntervention: own(CARE, 200),
  updatePlanIntervention: own(CARE, 200),
  followUpPlanIntervention: own(CARE, 201),
  createPlanMeasure: own(CARE, 201),
  getPlanMeasure: own(CARE, 200),
  updatePlanMeasure: own(CARE, 200),
  createPlanMeeting: own(CARE, 201),
  getPlanMeeting: own(CARE, 200),
  updatePlanMeeting: own(CARE, 200),
  recordPlanMeetingOutcome: own(CARE, 201),
  createPlanView: own(CARE, 201),
  getPlanView: own(CARE, 200),
  listParticipationRecords: own(CARE, 200),
  createParticipationRecord: own(CARE, 201),
  getParticipationRecord: own(CARE, 200),
  getParticipationSummary: own(CARE, 200),

  // How long what is kept
  getRetention: own(LEADING, 200),
  listLegalHolds: own(LEADING, 200),
  createLegalHold: own(MANAGERS, 201),
  getLegalHold: own(LEADING, 200),
  releaseLegalHold: own(MANAGERS, 201),
  listTombstones: any(AUDITORS, 200),
  getTombstone: own(AUDITORS, 200),
  listRetentionDecisions: any([ADMIN], 200),
  createRetentionDecision: any([ADMIN], 201),
  getRetentionDecision: own([ADMIN], 200),

  // The access log
  listLogConflicts: any([...AUDITORS, SYSTEM], 200),
  getLogConflict: { own: only([...AUDITORS, SYSTEM], 200), other: only([...AUDITORS, SYSTEM], 200), unknown: only([...AUDITORS, SYSTEM], 404) },
  listAccessEvents: any(AUDITORS, 200),
  searchAccessEvents: any(AUDITORS, 200),
  getAccessEvent: own(AUDITORS, 200),
  getInclusionProof: own(AUDITORS, '409 LOG_NOT_SEALED'),
  getEventProof: own(AUDITORS, '409 LOG_NOT_SEALED'),
  exportAccessEvents: any(AUDITORS, 200),
  exportLogServiceRecords: any(AUDITORS, 200),

  // Systematic checks of it
  listReviewRules: any(AUDITORS, 200),
  createReviewRule: any(AUDITORS, 201),
  getReviewRule: own(AUDITORS, 200),
  endReviewRule: own(AUDITORS, 201),
  listStaffRelations: any(AUDITORS, 200),
  createStaffRelation: any(AUDITORS, 201),
  getStaffRelation: own(AUDITORS, 200),
  endStaffRelation: own(AUDITORS, 201),
  listReviewCampaigns: any(AUDITORS, 200),
  createReviewCampaign: any(AUDITORS, 201),
  getReviewCampaign: own(AUDITORS, 200),
  runReviewCampaign: own(AUDITORS, 201),
  closeReviewCampaign: own(AUDITORS, 201),
  listReviewFindings: any(AUDITORS, 200),
  getReviewFinding: own(AUDITORS, 200),
  reviewFinding: own(AUDITORS, 201),
  getAccessStatistics: any([...AUDITORS, ...MANAGERS], 200),
  getAccessStatisticsPicture: any([...AUDITORS, ...MANAGERS], 200),

  // Extracts of it
  listAccessExtracts: any(AUDITORS, 200),
  createAccessExtract: any(AUDITORS, 201),
  getAccessExtract: own(AUDITORS, 200)
}
