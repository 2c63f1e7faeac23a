// The clock of a test: the owner of the database replaces samsyn.now(), from which every legal moment and day comes. The
// server's role can do no such thing.
//
//   await moveClock(server, '2027-02-28T23:30:00+01:00')     // it goes on from there
//   await stopClock(server, '2027-02-28T23:30:00+01:00')     // it stands still there
//   await restoreClock(server)
const clock = (server, sum) => server.sql(`create or replace function samsyn.now() returns timestamptz
  language sql stable parallel safe as $$ select ${sum} $$`)

export const moveClock = (server, moment) =>
  clock(server, `timestamptz '${new Date(moment).toISOString()}' + (pg_catalog.now() - timestamptz '${new Date().toISOString()}')`)
export const stopClock = (server, moment) => clock(server, `timestamptz '${new Date(moment).toISOString()}'`)
export const restoreClock = server => clock(server, 'pg_catalog.now()')
