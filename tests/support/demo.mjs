// Where things are in the demo (sql/demo.sql), and numbers that keep its rules.
const demo = number => `01940000-0000-7000-8000-000000000${number}`

export const MUNICIPALITY = demo('100')
export const SOCIAL = demo('110')
export const SOCIAL_UNIT = demo('111')
export const SCHOOL = demo('120')
export const SCHOOL_UNIT = demo('121')
export const SCHOOL_HEALTH = demo('130')
export const SCHOOL_HEALTH_UNIT = demo('131')
export const TOWN_HALL = demo('140')
export const TOWN_HALL_UNIT = demo('141')
export const CLINIC = demo('160')
export const CLINIC_UNIT = demo('161')
export const POLICE = demo('180')
export const POLICE_UNIT = demo('181')

const NUMBERS = {
  'social-case-worker': '01', 'social-manager': '02', 'school-teacher': '03', 'school-head': '04', 'school-nurse': '05',
  'clinic-psychologist': '06', 'clinic-manager': '07', 'police-officer': '08', 'police-manager': '09',
  'collaboration-lead': '0a', 'school-collaboration-lead': '0b', 'organisation-admin': '0c', 'system-admin': '0d',
  'social-auditor': '0e', 'school-auditor': '0f'
}
export const userId = person => demo('2' + NUMBERS[person])
export const identityId = person => demo('3' + NUMBERS[person])
export const assignmentId = person => demo('4' + NUMBERS[person])

export const DEMO_CLIENT = demo('501')
export const OTHER_CLIENT = demo('502')
export const ALVA = demo('601')
export const ELIAS = demo('602')
export const MAJA = demo('603') // her identity is protected
export const ALVAS_GUARDIANS = [demo('701'), demo('702')]
export const MAJAS_GUARDIAN = demo('704')
export const AGREEMENT = demo('801')

// The day some days from today in the Swedish calendar, YYYY-MM-DD.
export function day(offset = 0) {
  const swedish = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Stockholm' }).format(new Date())
  return new Date(Date.parse(swedish) + offset * 86_400_000).toISOString().slice(0, 10)
}

// The latest day of this month and day of the month that is not ahead: all that the demo has was there already.
export function latest(monthDay) {
  const year = Number(day().slice(0, 4))
  return [`${year}-${monthDay}`, `${year - 1}-${monthDay}`].find(one => one <= day())
}

// The last day of the February after a day of autumn.
export const endOfFebruary = autumn => new Date(Date.UTC(Number(autumn.slice(0, 4)) + 1, 2, 0)).toISOString().slice(0, 10)

// Whoever is this many years old since a day, since the day before where their year has no 29 February.
export const born = (years, since = day()) => `${Number(since.slice(0, 4)) - years}${since.slice(4)}`.replace('-02-29', '-02-28')

// The next day, from some days ahead, on which people may turn 15 and 18: nobody does on 29 February.
export const birthdayAhead = (offset = 1) => day(day(offset).endsWith('-02-29') ? offset + 1 : offset)

// The check digit (Luhn over nine digits) that ends a personal or coordination number.
function checkDigit(nine) {
  const sum = [...nine].reduce((total, digit, place) => {
    const product = Number(digit) * (2 - place % 2)
    return total + (product > 9 ? product - 9 : product)
  }, 0)
  return (10 - sum % 10) % 10
}

// A test person's identity number, twelve digits: birth numbers 980-999 belong to nobody.
export function identityNumber(born, birthNumber = 980 + Math.floor(Math.random() * 20)) {
  const digits = born.replaceAll('-', '') + birthNumber
  return digits + checkDigit(digits.slice(2))
}

// The same with 60 added to the day: a coordination number.
export const coordinationNumber = (born, birthNumber) =>
  identityNumber(born.slice(0, 8) + String(Number(born.slice(8)) + 60), birthNumber)
