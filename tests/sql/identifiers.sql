-- The stored form of identity numbers, and age in whole years.
begin;
select no_plan();

create temp table numbers (place serial, given text, today date, stored text, sentence text);
insert into numbers (given, today, stored, sentence) values
    ('201203169808', '2026-06-01', '201203169808', 'twelve digits stay'),
    ('20120316-9808', '2026-06-01', '201203169808', 'a hyphen goes'),
    ('20090578-9814', '2026-06-01', '200905789814', 'a coordination number as well'),
    ('120316-9816', '2026-06-01', '201203169816', 'ten digits: the latest year that is not ahead'),
    ('260101-9800', '2026-06-01', '202601019800', 'the present year is this century'),
    ('270101-9800', '2026-06-01', '192701019800', 'next year is the last century'),
    ('991231-9903', '2026-06-01', '199912319903', 'the end of the last century'),
    ('991231+9903', '2026-06-01', '189912319903', 'plus is a century earlier'),
    ('260101+9800', '2026-06-01', '192601019800', 'plus from the year of the 100th birthday'),
    ('000101-9800', '2100-01-01', '210001019800', 'the first year of a century'),
    ('991231-9800', '2100-01-01', '209912319800', 'its last year seen from the next'),
    ('000101+9800', '2100-01-01', '200001019800', 'a hundred years in the first year of a century'),
    ('1203169816', '2026-06-01', null, 'a bare ten-digit form has lost its century'),
    ('20120316+9808', '2026-06-01', null, 'plus has no place in twelve digits'),
    ('', '2026-06-01', null, 'nothing is no number'),
    (null, '2026-06-01', null, 'no number stays none'),
    ('20120316-980', '2026-06-01', null, 'too short'),
    (E'201203169808\n', '2026-06-01', null, 'a line feed is not overlooked'),
    ('２０１２０３１６９８０８', '2026-06-01', null, 'digits of another script are none');
select is(samsyn.normal_identity_number(n.given, n.today), n.stored, n.sentence) from numbers n order by n.place;

create temp table ages (place serial, born date, on_day date, years integer, sentence text);
insert into ages (born, on_day, years, sentence) values
    ('2012-03-16', '2012-03-16', 0, 'born today'),
    ('2012-03-16', '2024-03-15', 11, 'the day before the twelfth birthday'),
    ('2012-03-16', '2024-03-16', 12, 'the twelfth birthday'),
    ('2012-03-16', '2027-03-15', 14, 'the day before the fifteenth birthday'),
    ('2012-03-16', '2027-03-16', 15, 'the fifteenth birthday'),
    ('2012-02-29', '2027-02-28', 14, 'born on 29 February: not yet on 28 February'),
    ('2012-02-29', '2027-03-01', 15, 'but on 1 March'),
    ('2012-02-29', '2028-02-29', 16, 'and on 29 February of a leap year'),
    ('2011-12-31', '2026-12-30', 14, 'the day before at the end of a year'),
    ('2011-12-31', '2026-12-31', 15, 'the birthday at the end of a year'),
    ('2008-01-01', '2025-12-31', 17, 'the day before at the start of a year'),
    ('2008-01-01', '2026-01-01', 18, 'the birthday at the start of a year');
select is(samsyn.age(a.born, a.on_day), a.years, a.sentence) from ages a order by a.place;

-- The legal day is that of Stockholm, whatever the session's time zone.
set local time zone 'Pacific/Kiritimati';
select is(samsyn.today(), (now() at time zone 'Europe/Stockholm')::date, 'today is the day in Stockholm, seen from the far east');
set local time zone 'Pacific/Niue';
select is(samsyn.today(), (now() at time zone 'Europe/Stockholm')::date, 'and from the far west');
select is(samsyn.utc('2026-06-30 23:59:59.9994+02'), '2026-06-30T21:59:59.999Z', 'times are written in UTC with milliseconds, cut and not rounded');

-- Version 7 (RFC 9562 5.7).
select is((select count(*) from generate_series(1, 100) where samsyn.uuid7()::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'),
    0::bigint, 'a fresh id says version 7 and the variant of the RFC');
create function pg_temp.milliseconds() returns bigint language sql volatile as $$ select floor(extract(epoch from clock_timestamp()) * 1000)::bigint $$;
create temp table around (before bigint, made bigint);
insert into around (before) values (pg_temp.milliseconds());
update around set made = ('x' || left(replace(samsyn.uuid7()::text, '-', ''), 12))::bit(48)::bigint;
select ok((select made between before and pg_temp.milliseconds() + 1 from around), 'and begins with the milliseconds of now');
select matches(samsyn.fresh_reference(), '^[0-9]{4}-[0-9A-HJKMNP-TV-Z]{8}$', 'a case reference has no letters that are misread');
select is((select count(distinct samsyn.fresh_reference()) from generate_series(1, 200)), 200::bigint, 'and is another each time');

select * from finish();
rollback;
