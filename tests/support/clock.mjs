// The clock of a server's database, moved: samsyn.now() is replaced as the owner of the database, which a server cannot.
//
//   await moveClock(server, '2027-02-28T23:30:00+01:00')
//   await restoreClock(server)
const replace = (server, body) =>
  server.sql(`create or replace function samsyn.now() returns timestamptz language sql stable as $$ select ${body} $$`)

export const moveClock = (server, moment) => replace(server, `timestamptz '${moment}'`)
export const restoreClock = server => replace(server, 'pg_catalog.now()')
