// Consultations: advice about a child who is not named, and every way in which a name could slip in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '../support/client.mjs'
import { assignmentId, CLINIC_UNIT, coordinationNumber, identityNumber, SCHOOL, SCHOOL_UNIT, SOCIAL, SOCIAL_UNIT } from '../support/demo.mjs'
import { answersOnce, operationsOf, pages, readsConditionally, refusesBodies, refusesMalformedId, refusesStrayQuery, relations, unknownId } from '../support/habits.mjs'
import { startServer } from '../support/server.mjs'
import { acting, allowedOnce, deniedOnce, hiddenFromStrangers } from '../support/story.mjs'

const server = await startServer()
const worker = acting(server, 'social-case-worker')
const manager = acting(server, 'social-manager')
const teacher = acting(server, 'school-teacher')
const head = acting(server, 'school-head')
const nurse = acting(server, 'school-nurse')

const QUESTION = 'A pupil of nine is often hungry. Is that a matter to report?'
const draft = (more = {}) => ({ recipientUnitId: SOCIAL_UNIT, question: QUESTION, ...more })
const ask = (person, more) => person.call('createConsultation', { body: draft(more) })
const asked = async (person = teacher, more) => (await person.call('createConsultation', { body: draft(more) }, { status: 201 })).body
const path = ({ id }) => ({ consultationId: id })
const read = (person, one) => person.call('getConsultation', { path: path(one) })
const answer = (person, one, text = 'Yes. Report what you have seen.') => person.call('answerConsultation', { path: path(one), body: { text } })
const pointer = reply => reply.body.errors.map(error => error.pointer)
const counts = () => server.sql('select (select count(*) from samsyn.cases) as cases, (select count(*) from samsyn.subjects) as subjects, (select count(*) from samsyn.concern_reports) as reports')

test('these are the operations of consultations', () => {
  assert.deepEqual(operationsOf('Consultations'), ['answerConsultation', 'createConsultation', 'getConsultation', 'listConsultations'])
})

test('a professional asks without naming the child and is answered; no case and no subject come of it', async () => {
  const before = await counts()

  const made = await ask(teacher)
  const replied = await answer(worker, made.body)

  assert.equal(made.status, 201, made.text)
  const { id, _links, askedAt, updatedAt, ...said } = made.body
  assert.deepEqual(said, {
    kind: 'asked', state: 'open', unitId: SCHOOL_UNIT, unitName: 'Granskolan', askedBy: 'Lena Ekhage', recipientUnitId: SOCIAL_UNIT,
    recipientUnitName: 'Barn och familj', askedFor: 'own-work', question: QUESTION, answers: []
  })
  assert.deepEqual(relations(made), ['self'])
  await allowedOnce(server, made, [], [id], { activity: 'write' })
  assert.deepEqual([replied.status, replied.body.kind, replied.body.state], [201, 'received', 'answered'])
  assert.deepEqual(relations(replied), ['answer', 'self'])
  await allowedOnce(server, replied, [], [id], { concerned_ids: [SCHOOL] })
  const told = await read(teacher, made.body)
  assert.deepEqual([told.body.state, told.body.answers.map(one => [one.text, one.answeredBy])], ['answered', [['Yes. Report what you have seen.', 'Sara Lindalm']]])
  assert.deepEqual(await counts(), before)
})

test('advice is also asked for a child or guardian, and may be added to', async () => {
  const one = await asked(teacher, { askedFor: 'guardian' })
  await answer(worker, one)
  const again = await answer(manager, one, 'And come to the family centre.')
  assert.deepEqual([one.askedFor, again.body.answers.length], ['guardian', 2])
})

test('a text with an identity number in whatever form is refused', async () => {
  const number = identityNumber('2016-03-04', 981)
  const coordination = coordinationNumber('2016-03-04', 981)
  const [y, m, d, last] = [number.slice(2, 4), number.slice(4, 6), number.slice(6, 8), number.slice(8)]
  const forms = [
    number, number.slice(2), `${number.slice(0, 8)}-${last}`, `${number.slice(2, 8)}-${last}`, `${number.slice(2, 8)}+${last}`,
    `${number.slice(2, 8)} ${last}`, `${number.slice(2, 8)} - ${last}`, `20${y}-${m}-${d}-${last}`, `20${y}.${m}.${d}/${last}`,
    [...number].join(' '), `${number.slice(2, 8)}–${last}`, `${number.slice(2, 8)}\u200b${last}`, `${number.slice(2, 8)}\u00a0${last}`, `pnr${number}x`,
    [...number].map(digit => String.fromCodePoint(0xff10 + Number(digit))).join(''), [...number].map(digit => String.fromCodePoint(0x660 + Number(digit))).join(''),
    coordination, `${coordination.slice(2, 8)}-${coordination.slice(8)}`, `1${number}`, `${number}0`
  ]
  for (const form of forms) {
    const reply = await ask(teacher, { question: `What about ${form}, in year 3?` })
    assert.equal(`${reply.status} ${reply.body.code}`, '422 UNPROCESSABLE', form)
    assert.deepEqual(pointer(reply), ['/body/question'])
  }
  const one = await asked()
  const reply = await answer(worker, one, `Is it ${number}?`)
  await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
  assert.deepEqual(pointer(reply), ['/body/text'])
  assert.equal((await read(teacher, one)).body.state, 'open')
})

test('other numbers pass', async () => {
  for (const number of ['in 2026', 'on 2026-11-21 at 14.30', '14 of 20 days', 'call 112', '232100-0016', `${identityNumber('2016-03-04').slice(0, 11)}`]) {
    assert.equal((await ask(teacher, { question: `A pupil, ${number}: what to do?` })).status, 201, number)
  }
})

test('a text with the name of a child in the own register is refused, without telling by what', async () => {
  for (const name of ['Åsa-Li Björk Ängström', 'Tova Fiktivsson']) {
    await server.sql(`insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
      values (samsyn.uuid7(), '${SCHOOL}', '${name}', '2016-01-02', '${assignmentId('school-head')}')`)
  }
  const number = await ask(teacher, { question: `What about ${identityNumber('2016-03-04')}?` })
  for (const text of ['Tova Fiktivsson is hungry.', 'TOVA FIKTIVSSON', 'fiktivsson, tova', 'Tovas mother, Mrs Fiktivsson', 'Tova Maria Fiktivssons bror',
    'A\u030asa-Li A\u0308ngstro\u0308m', 'Åsa Ängström', 'To\u00adva Fiktivsson']) {
    const reply = await ask(teacher, { question: `What about ${text}` })
    await deniedOnce(server, reply, 422, 'UNPROCESSABLE')
    const plain = ({ body: { instance, traceId, ...rest } }) => rest
    assert.deepEqual(plain(reply), plain(number), text)
  }
  for (const text of ['Tova is hungry.', 'The child of Mr Fiktivsson', 'Alva Testsson, who is not in our register']) {
    assert.equal((await ask(teacher, { question: text })).status, 201, text)
  }
  const alva = await answer(worker, await asked(), 'You mean Alva Testsson?')
  await deniedOnce(server, alva, 422, 'UNPROCESSABLE')
})

test('it goes to a unit of social services where somebody sees it', async () => {
  for (const recipientUnitId of [CLINIC_UNIT, SCHOOL_UNIT, SOCIAL, unknownId()]) {
    const reply = await ask(teacher, { recipientUnitId })
    await deniedOnce(server, reply, 422, 'INVALID_REFERENCE')
    assert.deepEqual(pointer(reply), ['/body/recipientUnitId'])
  }
  await refusesBodies(teacher, 'createConsultation', {}, [
    [draft({ subjectId: unknownId() }), '/body/subjectId'], [draft({ question: ' ' }), '/body/question'], [draft({ askedFor: 'press' }), '/body/askedFor']])
  refused(await answer(worker, await asked(), ' '), 400, 'INVALID_REQUEST')
  await refusesMalformedId(teacher, 'getConsultation', 'consultationId')
  await refusesStrayQuery(teacher, 'listConsultations')
})

test('the one who asked, whoever leads their unit and the unit asked see it, nobody else', async () => {
  const one = await asked()
  for (const person of [teacher, head, worker, manager]) assert.equal((await read(person, one)).status, 200)
  await deniedOnce(server, await read(nurse, one), 404, 'NOT_FOUND', { concerned_ids: [SCHOOL] })
  await deniedOnce(server, await answer(head, one), 403, 'NOT_RECIPIENT')
  await deniedOnce(server, await answer(teacher, one), 403, 'ROLE_NOT_ALLOWED')
  await hiddenFromStrangers(server, 'getConsultation', { path: path(one) }, unknownId(), { concerned: [SCHOOL] })
  await hiddenFromStrangers(server, 'answerConsultation', { path: path(one), body: { text: 'x' } }, unknownId(), { concerned: [SCHOOL] })
  await deniedOnce(server, await acting(server, 'school-auditor').get('/consultations'), 403, 'ROLE_NOT_ALLOWED')
  await deniedOnce(server, await ask(acting(server, 'school-auditor')), 403, 'ROLE_NOT_ALLOWED')
})

test('they are listed by side and state, newest first', async () => {
  const made = []
  for (let i = 0; i < 3; i++) made.unshift(await asked(nurse))
  await answer(worker, made[0])
  const ids = async (person, query) => (await person.get('/consultations', { query: { limit: 100, ...query }, status: 200 })).body.consultations.map(one => one.id)

  assert.deepEqual(await ids(nurse, {}), made.map(one => one.id))
  assert.deepEqual(await ids(nurse, { state: 'answered' }), [made[0].id])
  assert.deepEqual([await ids(nurse, { kind: 'received' }), await ids(worker, { kind: 'asked' })], [[], []])
  assert.ok((await ids(worker, { kind: 'received', state: 'open' })).includes(made[1].id))
  await pages(nurse, '/consultations', 'consultations')
  await readsConditionally(nurse, `/consultations/${made[1].id}`)
})

test('each is carried out once', async () => {
  const one = (await answersOnce(server, 'school-teacher', 'createConsultation', { body: draft() }, { body: draft({ question: 'Another?' }) })).body
  await answersOnce(server, 'social-case-worker', 'answerConsultation', { path: path(one), body: { text: 'Yes.' } }, { path: path(one), body: { text: 'No.' } })
  assert.equal((await read(teacher, one)).body.answers.length, 1)
})
