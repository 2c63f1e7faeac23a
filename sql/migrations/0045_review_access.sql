-- Systematic checks of the access log (PDL 2008:355 4:3; HSLF-FS 2016:40 4:9): rules with thresholds, campaigns that run
-- them over a period, findings, and what reviewers make of each.

insert into samsyn.permissions (code, area, purpose, description) values
    ('access-review:read', 'audit', 'audit', 'See the checks of ones organisations accesses and what they found'),
    ('access-review:write', 'audit', 'audit', 'Check ones organisations accesses, set thresholds and relations for it, review what is found');
update samsyn.roles set permissions = permissions || '{access-review:read,access-review:write}' where code = 'auditor';

-- Public holidays ---------------------------------------------------------------------------------------------------

create function samsyn.easter_sunday(the_year integer) returns date
    language sql immutable strict parallel safe as $$
    -- The first Sunday after the full moon, which is at most 29 days after 21 March. The moon keeps to a circle of 19 years
    -- but for the days by which centuries move it; a full moon on the 29th day, and on the 28th late in the circle, is a day early.
    select moon.day + 7 - extract(dow from moon.day)::integer
    from (select the_year / 100 as century, the_year % 19 as place) y
    cross join lateral (select (19 * y.place + 15 + y.century - y.century / 4 - (8 * y.century + 13) / 25) % 30 as days) late
    cross join lateral (select make_date(the_year, 3, 21) + late.days
        - case when late.days = 29 or late.days = 28 and y.place > 10 then 1 else 0 end as day) moon
$$;
comment on function samsyn.easter_sunday is 'Easter Sunday of a year, by the Gregorian computus.';

create function samsyn.holidays(the_year integer) returns table (day date, eve boolean, name_sv text, name_en text)
    language sql immutable strict parallel safe as $$
    with fixed as (
        select samsyn.easter_sunday(the_year) as easter,
            -- The Saturday of seven days, of which this is the first: isodow 6 is Saturday.
            (select d + (13 - extract(isodow from d)::integer) % 7 from make_date(the_year, 6, 20) d) as midsummer,
            (select d + (13 - extract(isodow from d)::integer) % 7 from make_date(the_year, 10, 31) d) as saints)
    select make_date(the_year, 1, 1), false, 'nyårsdagen', 'New Year''s Day'
    union all select make_date(the_year, 1, 6), false, 'trettondedag jul', 'Epiphany'
    union all select f.easter - 2, false, 'långfredagen', 'Good Friday' from fixed f
    union all select f.easter - 1, true, 'påskafton', 'Easter Eve' from fixed f
    union all select f.easter, false, 'påskdagen', 'Easter Sunday' from fixed f
    union all select f.easter + 1, false, 'annandag påsk', 'Easter Monday' from fixed f
    union all select make_date(the_year, 5, 1), false, 'första maj', '1 May'
    union all select f.easter + 39, false, 'Kristi himmelsfärdsdag', 'Ascension Day' from fixed f
    union all select f.easter + 48, true, 'pingstafton', 'Whitsun Eve' from fixed f
    union all select f.easter + 49, false, 'pingstdagen', 'Whit Sunday' from fixed f
    union all select make_date(the_year, 6, 6), false, 'nationaldagen', 'National Day'
    union all select f.midsummer - 1, true, 'midsommarafton', 'Midsummer Eve' from fixed f
    union all select f.midsummer, false, 'midsommardagen', 'Midsummer Day' from fixed f
    union all select f.saints, false, 'alla helgons dag', 'All Saints'' Day' from fixed f
    union all select make_date(the_year, 12, 24), true, 'julafton', 'Christmas Eve'
    union all select make_date(the_year, 12, 25), false, 'juldagen', 'Christmas Day'
    union all select make_date(the_year, 12, 26), false, 'annandag jul', 'Boxing Day'
    union all select make_date(the_year, 12, 31), true, 'nyårsafton', 'New Year''s Eve'
$$;
comment on function samsyn.holidays is
    'The Swedish public holidays of a year as the act has them since 2005 (lag 1989:253 om allmänna helgdagar; ordinary Sundays are weekdays of a rule), and the eves that are treated so by custom. Two may fall on one day, as 1 May and Ascension Day in 2008.';
grant execute on function samsyn.easter_sunday, samsyn.holidays to samsyn_api;

-- Rules -------------------------------------------------------------------------------------------------------------

create table samsyn.review_rule_kinds (
    code text primary key,
    name_en text not null,
    name_sv text not null,
    description_en text not null,
    description_sv text not null,
    provision text not null,
    takes text[] not null
);
comment on table samsyn.review_rule_kinds is 'What can be looked for in the access log, and which thresholds each takes.';
comment on column samsyn.review_rule_kinds.takes is 'Members of a rule as the API calls them; of sampleSize and perMille one.';

insert into samsyn.review_rule_kinds values
    ('RANDOM_SAMPLE', 'Random sample', 'Stickprov',
        'So many readings, or so many in a thousand, drawn in the order of SHA-256 over seed, lot and event id.',
        'Ett antal läsningar, eller ett antal av tusen, dragna i ordning efter SHA-256 över frö, lott och händelsens id.',
        'PDL 2008:355 4:3, HSLF-FS 2016:40 4:9', '{sampleSize,perMille}'),
    ('EMERGENCY_ACCESS', 'Emergency access', 'Nödåtkomst',
        'Every emergency access, with what was read under it.',
        'Varje nödåtkomst, med det som lästs under den.',
        'PDL 2008:355 4:3', '{}'),
    ('COLLEAGUE', 'Own circle', 'Den egna kretsen',
        'Readings of someone registered as the reader''s own relation, or as a colleague or a colleague''s relation.',
        'Läsningar av någon som registrerats som läsarens egen relation, eller som en kollega eller en kollegas relation.',
        'PDL 2008:355 4:1, 4:3', '{threshold,relationKinds}'),
    ('NO_TEAM_MEMBERSHIP', 'Outside the team', 'Utanför teamet',
        'Readings of someone on whose case the organisation works by a person who was on no team about them at that time.',
        'Läsningar av någon vars ärende organisationen arbetar med, av en person som då inte ingick i något team kring hen.',
        'PDL 2008:355 4:1, 4:3', '{threshold}'),
    ('MANY_SUBJECTS', 'Many persons in short time', 'Många personer på kort tid',
        'So many different persons read by one user within so many minutes.',
        'Så många olika personer lästa av en användare inom så många minuter.',
        'HSLF-FS 2016:40 4:9', '{threshold,withinMinutes}'),
    ('OUT_OF_HOURS', 'Out of hours', 'Utanför arbetstid',
        'Readings outside the hours and weekdays of the rule or on a public holiday, by the clock in Sweden.',
        'Läsningar utanför regelns klockslag och veckodagar eller på en allmän helgdag, svensk tid.',
        'HSLF-FS 2016:40 4:9, lag 1989:253', '{threshold,opens,closes,weekdays,holidays}'),
    ('REPEATED_DENIALS', 'Repeated refusals', 'Upprepade nekanden',
        'So many refusals of one user within so many minutes: someone who guesses.',
        'Så många nekanden av en användare inom så många minuter: någon som gissar.',
        'HSLF-FS 2016:40 4:9', '{threshold,withinMinutes}');
grant select on samsyn.review_rule_kinds to samsyn_api;

create table samsyn.review_rules (
    id uuid primary key,
    code text not null references samsyn.review_rule_kinds,
    organisation_id uuid references samsyn.organisations,
    threshold integer check (threshold between 1 and 100000),
    within_minutes integer check (within_minutes between 1 and 1440),
    sample_size integer check (sample_size between 1 and 1000),
    per_mille integer check (per_mille between 1 and 1000),
    opens time,
    closes time,
    weekdays integer[] check (weekdays <> '{}' and weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
    holidays text check (holidays in ('worked', 'free', 'free-with-eves')),
    relation_kinds text[] check (relation_kinds <@ array['COLLEAGUE', 'RELATIVE', 'NEIGHBOUR', 'SELF']),
    valid_from date not null,
    valid_until date,
    created_by uuid references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (valid_until >= valid_from),
    check (closes > opens)
);
comment on table samsyn.review_rules is 'Thresholds of the checks. A row without organisation is the national default, one with an organisation overrides it there; of several in force the one that began last counts.';
comment on column samsyn.review_rules.threshold is 'A finding from this number on.';
comment on column samsyn.review_rules.opens is 'By the clock in Sweden; what lies outside opens to closes, or on no weekday of the list (1 is Monday), is out of hours.';
comment on column samsyn.review_rules.holidays is 'Public holidays: worked as other days, free all day, or free together with their eves (samsyn.holidays).';
comment on column samsyn.review_rules.relation_kinds is 'Which relations of colleagues make a subject theirs; the reader''s own always count.';
create unique index review_rules_in_force_key on samsyn.review_rules (organisation_id, code, valid_from) nulls not distinct where ended_at is null;
create trigger touch before update on samsyn.review_rules for each row execute function samsyn.touch();

create function samsyn.check_review_rule() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    given text[] := array(select key from jsonb_each(jsonb_build_object('threshold', new.threshold, 'withinMinutes', new.within_minutes,
        'sampleSize', new.sample_size, 'perMille', new.per_mille, 'opens', new.opens, 'closes', new.closes,
        'weekdays', new.weekdays, 'holidays', new.holidays, 'relationKinds', new.relation_kinds)) where value <> 'null');
    taken text[] := (select k.takes from samsyn.review_rule_kinds k where k.code = new.code);
    wrong text;
begin
    perform samsyn.require(num_nonnulls(new.sample_size, new.per_mille) = (new.code = 'RANDOM_SAMPLE')::integer, 'UNPROCESSABLE', '/body/sampleSize');
    select min(name) into wrong from (
        select unnest(given) except select unnest(taken)
        union all
        (select unnest(taken) except select unnest(given || array['sampleSize', 'perMille']))) t(name);
    perform samsyn.require(wrong is null, 'UNPROCESSABLE', '/body/' || wrong);
    return new;
end
$$;
comment on function samsyn.check_review_rule is 'Trigger: a rule has the thresholds that its kind takes, and no other.';
create trigger check_rule before insert on samsyn.review_rules for each row execute function samsyn.check_review_rule();

insert into samsyn.review_rules (id, code, threshold, within_minutes, sample_size, opens, closes, weekdays, holidays, relation_kinds, valid_from) values
    (samsyn.uuid7(), 'RANDOM_SAMPLE', null, null, 50, null, null, null, null, null, '2026-01-01'),
    (samsyn.uuid7(), 'EMERGENCY_ACCESS', null, null, null, null, null, null, null, null, '2026-01-01'),
    (samsyn.uuid7(), 'COLLEAGUE', 1, null, null, null, null, null, null, '{SELF,RELATIVE}', '2026-01-01'),
    (samsyn.uuid7(), 'NO_TEAM_MEMBERSHIP', 1, null, null, null, null, null, null, null, '2026-01-01'),
    (samsyn.uuid7(), 'MANY_SUBJECTS', 100, 60, null, null, null, null, null, null, '2026-01-01'),
    (samsyn.uuid7(), 'OUT_OF_HOURS', 1, null, null, '06:00', '20:00', '{1,2,3,4,5}', 'free', null, '2026-01-01'),
    (samsyn.uuid7(), 'REPEATED_DENIALS', 10, 10, null, null, null, null, null, null, '2026-01-01');

create function samsyn.review_rule_in_force(the_code text) returns samsyn.review_rules
    language sql stable security definer set search_path = pg_catalog as $$
    select r from samsyn.review_rules r
    where r.code = the_code and (r.organisation_id = samsyn.organisation() or r.organisation_id is null) and r.ended_at is null
        and samsyn.today() between r.valid_from and coalesce(r.valid_until, 'infinity')
    order by r.organisation_id is null, r.valid_from desc limit 1
$$;
comment on function samsyn.review_rule_in_force is 'The rule of this code that counts in the principal''s organisation today: its own before the national one.';
grant execute on function samsyn.review_rule_in_force to samsyn_api;

-- Relations: who of the staff is close to whom ----------------------------------------------------------------------

create table samsyn.staff_relations (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    user_id uuid not null references samsyn.users,
    subject_id uuid not null references samsyn.subjects on delete cascade,
    kind text not null check (kind in ('COLLEAGUE', 'RELATIVE', 'NEIGHBOUR', 'SELF')),
    note text check (length(note) between 1 and 2000),
    valid_from date not null,
    valid_until date,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (valid_until >= valid_from)
);
comment on table samsyn.staff_relations is 'What someone of the staff is to a subject, for finding readings in one''s own circle; seen by those who review accesses alone, and gone with the subject.';
create unique index staff_relations_active_key on samsyn.staff_relations (organisation_id, user_id, subject_id, kind) where ended_at is null;
create index staff_relations_newest on samsyn.staff_relations (organisation_id, created_at desc, id desc);
create index staff_relations_by_subject on samsyn.staff_relations (subject_id);
create index staff_relations_by_user on samsyn.staff_relations (user_id);
create trigger touch before update on samsyn.staff_relations for each row execute function samsyn.touch();

create function samsyn.relation_state(valid_from date, valid_until date, ended_at timestamptz) returns text
    language sql stable as $$
    select case
        when ended_at is not null or valid_until < samsyn.today() then 'ended'
        when valid_from > samsyn.today() then 'planned' else 'in-force' end
$$;
comment on function samsyn.relation_state is 'planned before its first day, ended after its last one or when it was ended at once, else in-force.';
grant execute on function samsyn.relation_state to samsyn_api;

create function samsyn.require_staff_relation(the_user uuid, the_subject uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.assignments a where a.user_id = the_user and a.organisation_id = samsyn.organisation()),
        'INVALID_REFERENCE', '/body/userId');
    perform samsyn.require(samsyn.known_subjects(array[the_subject]) <> '{}' and the_subject <> all (samsyn.excluded_subjects()),
        'INVALID_REFERENCE', '/body/subjectId');
end
$$;
comment on function samsyn.require_staff_relation is 'Refuses unless the user works here and the organisation knows of the subject.';
grant execute on function samsyn.require_staff_relation to samsyn_api;

-- Campaigns and findings --------------------------------------------------------------------------------------------

create table samsyn.review_campaigns (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    title text not null check (length(title) between 1 and 200),
    since timestamptz not null,
    until timestamptz not null,
    scope text not null check (scope in ('own-staff', 'all')),
    seed text not null check (length(seed) between 1 and 200),
    lot uuid not null default gen_random_uuid(),
    examined bigint not null default 0,
    cursor_at timestamptz,
    cursor_id uuid,
    run_at timestamptz,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    closed_at timestamptz,
    closed_by uuid references samsyn.assignments,
    close_comment text check (length(close_comment) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (until > since)
);
comment on table samsyn.review_campaigns is 'A check of the accesses of a period: the events from since to before until, examined in parts.';
comment on column samsyn.review_campaigns.lot is 'Drawn by chance when the seed has been stated: of a past period whoever chooses the seed alone chooses whom the sample meets, since SHA-256 can be tried beforehand.';
comment on column samsyn.review_campaigns.cursor_at is 'With cursor_id: the last event that was examined.';
comment on column samsyn.review_campaigns.run_at is 'When all of the period had been examined.';
create index review_campaigns_by_organisation on samsyn.review_campaigns (organisation_id, created_at desc, id desc);
create trigger touch before update on samsyn.review_campaigns for each row execute function samsyn.touch();

create table samsyn.review_campaign_rules (
    campaign_id uuid not null references samsyn.review_campaigns,
    code text not null references samsyn.review_rule_kinds,
    rule_id uuid not null references samsyn.review_rules,
    population bigint not null default 0,
    capped boolean not null default false,
    primary key (campaign_id, code)
);
comment on table samsyn.review_campaign_rules is 'The rules of a campaign, as they stood when it was begun.';
comment on column samsyn.review_campaign_rules.population is 'Readings among which a sample was drawn.';
comment on column samsyn.review_campaign_rules.capped is 'There was more to find than is kept.';
create index review_campaign_rules_by_rule on samsyn.review_campaign_rules (rule_id);

create table samsyn.review_findings (
    id uuid primary key default samsyn.uuid7(),
    campaign_id uuid not null references samsyn.review_campaigns,
    organisation_id uuid not null references samsyn.organisations,
    code text not null,
    key text not null,
    user_id uuid not null,
    unit_id uuid,
    concerned_user_ids uuid[] not null,
    subject_ids uuid[] not null,
    all_subject_ids uuid[] not null,
    event_ids uuid[] not null,
    events integer not null,
    count integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    emergency_id uuid,
    figures jsonb not null,
    rank bytea,
    published boolean not null default false,
    state text not null default 'open' check (state in ('open', 'inquiry', 'reviewed')),
    found_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    foreign key (campaign_id, code) references samsyn.review_campaign_rules,
    unique (campaign_id, code, key)
);
comment on table samsyn.review_findings is 'What a campaign found: events of one user that met the threshold of a rule.';
comment on column samsyn.review_findings.key is 'What makes events of a rule one finding: user and subject, user and day, an emergency access, or the event itself.';
comment on column samsyn.review_findings.concerned_user_ids is 'Whom it is about, the reader first; none of them reviews it.';
comment on column samsyn.review_findings.subject_ids is 'Those of the subjects that the organisation''s auditors are told (samsyn.told_subjects).';
comment on column samsyn.review_findings.all_subject_ids is 'Every subject of its events: whoever is excluded from one of them does not see it.';
comment on column samsyn.review_findings.event_ids is 'The first of its events.';
comment on column samsyn.review_findings.count is 'What the threshold is compared with.';
comment on column samsyn.review_findings.rank is 'SHA-256 over seed, lot and event id, of a sample.';
comment on column samsyn.review_findings.published is 'The campaign has examined all of its period; before that nobody sees it.';
create index review_findings_by_organisation on samsyn.review_findings (organisation_id, found_at desc, id desc);
create index review_findings_by_user on samsyn.review_findings (user_id, found_at desc, id desc);
create trigger touch before update on samsyn.review_findings for each row execute function samsyn.touch();

create table samsyn.finding_reviews (
    id uuid primary key,
    finding_id uuid not null references samsyn.review_findings,
    outcome text not null check (outcome in ('JUSTIFIED', 'UNJUSTIFIED', 'NEEDS_INQUIRY')),
    comment text not null check (length(comment) between 1 and 4000),
    reviewed_by uuid not null references samsyn.assignments,
    reviewed_at timestamptz not null default samsyn.now()
);
comment on table samsyn.finding_reviews is 'What reviewers made of a finding: all that was said stays, and nothing follows a final word.';
create index finding_reviews_by_finding on samsyn.finding_reviews (finding_id, reviewed_at, id);
create trigger forbid_change before update or delete on samsyn.finding_reviews
    for each row execute function samsyn.forbid_change();

create function samsyn.take_review() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    f samsyn.review_findings;
begin
    select * into f from samsyn.review_findings where id = new.finding_id for update;
    perform samsyn.require(samsyn.me() is null or samsyn.me() <> all (f.concerned_user_ids)
        and not exists (select from samsyn.staff_relations t
            where t.user_id = samsyn.me() and t.organisation_id = f.organisation_id and t.subject_id = any (f.all_subject_ids)
                and t.valid_from <= samsyn.today() and coalesce(t.valid_until, 'infinity') >= samsyn.legal_day(f.first_at)
                and coalesce(t.ended_at, 'infinity') >= f.first_at), 'OWN_ACCESS');
    perform samsyn.require(f.state <> 'reviewed', 'ALREADY_ANSWERED');
    update samsyn.review_findings set state = case new.outcome when 'NEEDS_INQUIRY' then 'inquiry' else 'reviewed' end
    where id = f.id;
    return new;
end
$$;
comment on function samsyn.take_review is 'Trigger: nobody reviews what is about themselves or about those to whom they have been registered as related since it happened, and only an inquiry is followed by another word.';
create trigger take_review before insert on samsyn.finding_reviews for each row execute function samsyn.take_review();

create function samsyn.campaign_state(run_at timestamptz, closed_at timestamptz) returns text
    language sql stable as $$ select case when closed_at is not null then 'closed' when run_at is not null then 'open' else 'running' end $$;
comment on function samsyn.campaign_state is 'running until all is examined, open until it is closed.';
grant execute on function samsyn.campaign_state to samsyn_api;

create function samsyn.has_open_findings(campaign uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select exists (select from samsyn.review_findings f where f.campaign_id = campaign and f.state in ('open', 'inquiry'))
$$;
comment on function samsyn.has_open_findings is 'Whether a finding of the campaign, seen by the principal or not, has no final word.';
grant execute on function samsyn.has_open_findings to samsyn_api;

-- Who sees and does what --------------------------------------------------------------------------------------------

call samsyn.protect('review_rules', 'staff_relations', 'review_campaigns', 'review_campaign_rules', 'review_findings', 'finding_reviews');

grant select, insert, update (ended_at, ended_by) on samsyn.review_rules, samsyn.staff_relations to samsyn_api;
grant select, insert, update (closed_at, closed_by, close_comment) on samsyn.review_campaigns to samsyn_api;
grant select, insert on samsyn.review_campaign_rules, samsyn.finding_reviews to samsyn_api;
grant select on samsyn.review_findings to samsyn_api;

create policy read on samsyn.review_rules for select to samsyn_api using (
    (select samsyn.may('access-review:read'))
    and (organisation_id = (select samsyn.organisation()) or organisation_id is null));
create policy add on samsyn.review_rules for insert to samsyn_api with check (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment()));
create policy change on samsyn.review_rules for update to samsyn_api using (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation()));

create policy read on samsyn.staff_relations for select to samsyn_api using (
    (select samsyn.may('access-review:read')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[]));
create policy add on samsyn.staff_relations for insert to samsyn_api with check (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment()));
create policy change on samsyn.staff_relations for update to samsyn_api using (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[]));

create policy read on samsyn.review_campaigns for select to samsyn_api using (
    (select samsyn.may('access-review:read')) and organisation_id = (select samsyn.organisation()));
create policy add on samsyn.review_campaigns for insert to samsyn_api with check (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment()));
create policy change on samsyn.review_campaigns for update to samsyn_api using (
    (select samsyn.may('access-review:write')) and organisation_id = (select samsyn.organisation()));
create policy read on samsyn.review_campaign_rules for select to samsyn_api using (
    (select samsyn.may('access-review:read')) and campaign_id in (select c.id from samsyn.review_campaigns c));
create policy add on samsyn.review_campaign_rules for insert to samsyn_api with check (
    (select samsyn.may('access-review:write')) and campaign_id in (select c.id from samsyn.review_campaigns c));

create policy read on samsyn.review_findings for select to samsyn_api using (
    (select samsyn.may('access-review:read')) and organisation_id = (select samsyn.organisation()) and published
    and not all_subject_ids && (select samsyn.excluded_subjects())::uuid[]);
create policy read on samsyn.finding_reviews for select to samsyn_api using (
    (select samsyn.may('access-review:read')) and finding_id in (select f.id from samsyn.review_findings f));
create policy add on samsyn.finding_reviews for insert to samsyn_api with check (
    (select samsyn.may('access-review:write')) and reviewed_by = (select samsyn.assignment())
    and finding_id in (select f.id from samsyn.review_findings f));
