// The clock of a test: the owner of the database replaces samsyn.now(), from which every legal moment and day comes. The
// server's role can do no such thing.
//
//   await moveClock(server, '2027-02-28T23:30:00+01:00')     // it goes on from there
//   await stopClock(server, '2027-02-28T23:30:00+01:00')     // it stands still there
//   await moveClock(server, swedish(day(3), '23:30'))
//   await restoreClock(server)
const clock = (server, sum) => server.sql(`create or replace function samsyn.now() returns timestamptz
  language sql stable parallel safe as $$ select ${sum} $$`)

export const moveClock = (server, moment) =>
  clock(server, `timestamptz '${new Date(moment).toISOString()}' + (pg_catalog.now() - timestamptz '${new Date().toISOString()}')`)
export const stopClock = (server, moment) => clock(server, `timestamptz '${new Date(moment).toISOString()}'`)
export const restoreClock = server => clock(server, 'pg_catalog.now()')

// A moment by the clocks in Sweden, in summer and in winter.
const stockholm = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Stockholm', dateStyle: 'short', timeStyle: 'short' })
export const swedish = (day, time) =>
  ['+02:00', '+01:00'].map(offset => `${day}T${time}:00${offset}`).find(moment => stockholm.format(new Date(moment)) === `${day} ${time}`)

// What is of today when a test begins is of yesterday when it ends: shortly before midnight in Sweden, it begins after it.
const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Stockholm' })
const SHORTLY_MS = 180_000
export async function beginOnOneDay() {
  while (calendar.format(Date.now()) !== calendar.format(Date.now() + SHORTLY_MS)) await new Promise(resolve => setTimeout(resolve, 1000))
}
