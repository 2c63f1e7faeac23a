-- How child and guardians were informed, heard and took part at each step of a case (SoL 11 ch., FB 6:11).

create table samsyn.participation_records (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    step text not null check (step in ('report', 'assessment', 'investigation', 'decision', 'plan', 'follow-up', 'meeting', 'closing')),
    kind text not null check (kind in ('child', 'guardian')),
    guardian_id uuid references samsyn.guardians,
    participation text not null check (participation in ('invited', 'informed', 'heard', 'took-part', 'not')),
    happened_on date not null,
    form text check (form in ('conversation', 'written', 'drawing', 'sign-language', 'interpreter', 'digital', 'representative')),
    listened_by text check (length(listened_by) between 1 and 200),
    view text check (length(view) between 1 and 10000),
    reason text check (length(reason) between 1 and 2000),
    best_interests text check (length(best_interests) between 1 and 5000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    constraint participation_records_guardian_is_not_the_child check (guardian_id is null or kind = 'guardian'),
    constraint participation_records_reason_when_not check ((participation = 'not') = (reason is not null))
);
comment on table samsyn.participation_records is 'How the child or a guardian was invited, informed, heard or took part at a step of the case, or why not (SoL 11 ch., FB 6:11, Convention on the Rights of the Child art. 12). Append only, and the own organisation''s.';
create index participation_records_by_case on samsyn.participation_records (case_id, organisation_id, happened_on, id);

create trigger forbid_change before update or delete on samsyn.participation_records
    for each row execute function samsyn.forbid_change();
create trigger forbid_when_closed before insert on samsyn.participation_records
    for each row execute function samsyn.forbid_when_closed();

-- Rows ------------------------------------------------------------------------------------------------------------------------

call samsyn.protect('participation_records');
grant select, insert on samsyn.participation_records to samsyn_api;
create policy read on samsyn.participation_records for select to samsyn_api using (
    (select samsyn.may('participation:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy add on samsyn.participation_records for insert to samsyn_api with check (
    (select samsyn.may('participation:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment()) and case_id = any (array(select m.case_id from samsyn.my_cases m)));

-- What replies show -------------------------------------------------------------------------------------------------------------

create view api.participation_records with (security_invoker = true) as
select r.id as resource, f.subject_id as subject, r.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', r.id, 'caseId', r.case_id, 'organisationId', r.organisation_id, 'step', r.step,
        'kind', r.kind, 'guardianId', r.guardian_id, 'participation', r.participation, 'happenedOn', r.happened_on, 'form', r.form,
        'listenedBy', r.listened_by, 'view', r.view, 'reason', r.reason, 'bestInterests', r.best_interests,
        'recordedAt', samsyn.utc(r.created_at), 'recordedBy', samsyn.assignment_name(r.created_by))) as body
from samsyn.participation_records r cross join lateral samsyn.case_facts(r.case_id) f;

create view api.participation_summaries with (security_invoker = true) as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    md5(said.body::text) as etag, said.body
from samsyn.cases c
left join samsyn.participants mine on mine.case_id = c.id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (
    select json_strip_nulls(json_build_object('caseId', c.id, 'caseOpenedOn', opened.day,
        'childFirstInvitedOn', first.child, 'daysUntilChildInvited', first.child - opened.day,
        'guardiansFirstInvitedOn', first.guardians, 'daysUntilGuardiansInvited', first.guardians - opened.day,
        'steps', (select coalesce(json_agg(json_build_object('step', s.step, 'kind', s.kind, 'participation', s.participation, 'records', s.records)
                order by s.step, s.kind, s.participation), '[]')
            from (select r.step, r.kind, r.participation, count(*) as records from samsyn.participation_records r
                where r.case_id = c.id group by r.step, r.kind, r.participation) s),
        'childView', (select json_build_object('view', r.view, 'happenedOn', r.happened_on, 'form', r.form, 'listenedBy', r.listened_by, 'step', r.step)
            from samsyn.participation_records r where r.case_id = c.id and r.kind = 'child' and r.view is not null
            order by r.happened_on desc, r.id desc limit 1))) as body
    from (select (c.opened_at at time zone 'Europe/Stockholm')::date as day) opened
    cross join (select min(r.happened_on) filter (where r.kind = 'child') as child, min(r.happened_on) filter (where r.kind = 'guardian') as guardians
        from samsyn.participation_records r where r.case_id = c.id and r.participation <> 'not') first) said;
comment on view api.participation_summaries is
    'How early child and guardians were brought in, and how they took part at each step, by the records of the reader''s organisation; the child''s latest view with them.';

grant select on api.participation_records, api.participation_summaries to samsyn_api;

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('participation:read', 'content', 'care', true, 'See how child and guardians took part in ones cases'),
    ('participation:write', 'content', 'care', false, 'Record how child and guardians took part');
update samsyn.roles set permissions = permissions || '{participation:read,participation:write}'
where code in ('case-worker', 'unit-manager', 'professional');
