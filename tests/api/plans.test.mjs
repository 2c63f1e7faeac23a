// Coordinated individual plans: what they rest on, who sees and writes what, and what becomes of them when the consent is withdrawn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { ALVA, ALVAS_GUARDIANS, CLINIC, POLICE, SCHOOL, SOCIAL, assignmentId, day } from '../support/demo.mjs'
import { answersOnce, editsConditionally, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { add, adopt, beginPlan, fillPlan, goalDraft, hear, interventionDraft, meetingDraft, needDraft, planConsent, planDraft, planningCase, readPlan, readyPlan, viewDraft } from '../support/plans.mjs'
import { acting, allowedOnce, askConsent, deniedOnce, hiddenFromStrangers, LEAD, logged, openCase, revoke } from '../support/story.mjs'
import { startServer } from '../support/server.mjs'

const server = await startServer()
const worker = acting(server, LEAD)
const teacher = acting(server, 'school-teacher')
const psychologist = acting(server, 'clinic-psychologist')

test('a plan begins with a consent that covers everyone, and each of them sees it whole', async () => {
  const joint = await planningCase(server)

  const made = await worker.call('createPlan', { path: { caseId: joint.caseId }, body: planDraft(joint) })

  assert.equal(made.status, 201, made.text)
})
