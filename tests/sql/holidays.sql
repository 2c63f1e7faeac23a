-- Swedish public holidays, against calendars: lag 1989:253, and Easter by the Gregorian computus.
begin;
\ir support/fixture.sql
select no_plan();

create function pg_temp.days(the_year integer) returns text language sql as $$
    select string_agg(to_char(h.day, 'MM-DD'), ' ' order by h.day, h.name_en) from samsyn.holidays(the_year) h where not h.eve $$;

-- Easter: the earliest (1818, 2285) and the latest day (1943, 2038), a leap day behind it (2008, 2024), the years in which
-- the full moon is taken a day early (1954, 1981, 2049, 2076), and 2019, when spring's full moon by the sky was a month before.
select is(samsyn.easter_sunday(extract(year from day)::integer), day, 'Easter of ' || extract(year from day))
from unnest(array['1583-04-10', '1700-04-11', '1818-03-22', '1900-04-15', '1943-04-25', '1954-04-18', '1961-04-02', '1981-04-19', '1999-04-04', '2000-04-23', '2008-03-23',
    '2011-04-24', '2016-03-27', '2019-04-21', '2022-04-17', '2023-04-09', '2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2028-04-16', '2038-04-25',
    '2049-04-18', '2076-04-19', '2100-03-28', '2285-03-22', '2299-04-16']::date[]) day;
select is_empty($$ select y from generate_series(1583, 4099) y cross join lateral samsyn.easter_sunday(y) e
    where extract(dow from e) <> 0 or not to_char(e, 'MMDD') between '0322' and '0425' $$, 'it is a Sunday between 22 March and 25 April');

-- The calendar comes round after 5,700,000 years; a second way to count, by weekday and golden number, for four centuries.
select is_empty($$
    select y.n from generate_series(1900, 2199) y(n)
    cross join lateral (select (19 * (y.n % 19) + 24) % 30 as d) a
    cross join lateral (select (2 * (y.n % 4) + 4 * (y.n % 7) + 6 * a.d + case when y.n < 2100 then 5 else 6 end) % 7 as e) b
    cross join lateral (select make_date(y.n, 3, 22) + a.d + b.e as gauss) c
    where samsyn.easter_sunday(y.n) <> c.gauss - case
        when to_char(c.gauss, 'MMDD') = '0426' or to_char(c.gauss, 'MMDD') = '0425' and a.d = 28 and b.e = 6 and y.n % 19 > 10 then 7 else 0 end $$,
    'as Gauss counts it');

select is(pg_temp.days(the_year), days, 'the public holidays of ' || the_year)
from (values
    (2008, '01-01 01-06 03-21 03-23 03-24 05-01 05-01 05-11 06-06 06-21 11-01 12-25 12-26'),
    (2011, '01-01 01-06 04-22 04-24 04-25 05-01 06-02 06-06 06-12 06-25 11-05 12-25 12-26'),
    (2019, '01-01 01-06 04-19 04-21 04-22 05-01 05-30 06-06 06-09 06-22 11-02 12-25 12-26'),
    (2024, '01-01 01-06 03-29 03-31 04-01 05-01 05-09 05-19 06-06 06-22 11-02 12-25 12-26'),
    (2025, '01-01 01-06 04-18 04-20 04-21 05-01 05-29 06-06 06-08 06-21 11-01 12-25 12-26'),
    (2026, '01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-06 06-20 10-31 12-25 12-26'),
    (2027, '01-01 01-06 03-26 03-28 03-29 05-01 05-06 05-16 06-06 06-26 11-06 12-25 12-26'),
    (2038, '01-01 01-06 04-23 04-25 04-26 05-01 06-03 06-06 06-13 06-26 11-06 12-25 12-26')) t(the_year, days);
select results_eq($$ select h.name_sv, h.name_en from samsyn.holidays(2008) h where h.day = '2008-05-01' order by h.name_sv $$,
    $$ values ('Kristi himmelsfärdsdag', 'Ascension Day'), ('första maj', '1 May') $$, 'two on one day are both named');
select results_eq($$ select h.day, h.name_sv from samsyn.holidays(2026) h where h.eve order by h.day $$,
    $$ values (date '2026-04-04', 'påskafton'), (date '2026-05-23', 'pingstafton'), (date '2026-06-19', 'midsommarafton'), (date '2026-12-24', 'julafton'), (date '2026-12-31', 'nyårsafton') $$,
    'eves, which are none by law');
select is_empty($$ select y from generate_series(2005, 2205) y cross join lateral samsyn.holidays(y) h
    where h.name_en in ('Midsummer Day', 'All Saints'' Day') and (extract(isodow from h.day) <> 6
        or not h.day between case h.name_en when 'Midsummer Day' then make_date(y, 6, 20) else make_date(y, 10, 31) end
            and case h.name_en when 'Midsummer Day' then make_date(y, 6, 26) else make_date(y, 11, 6) end) $$,
    'Midsummer and All Saints are Saturdays of their weeks');
select is(fixture.attempt('social-auditor', 'select from samsyn.holidays(2026)'), '18 rows', 'whoever explains a finding may ask');

select * from finish();
rollback;
