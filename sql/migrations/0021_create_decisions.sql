-- Decisions and information requests: their rules, who may see and write them, and what replies show. The tables stand
-- in 0012_create_disclosures.sql, beside what the evaluator reads with them.

-- Decisions: a matter within the deciding organisation -----------------------------------------------------------

create function samsyn.guard_decision() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    withdrawal constant text[] := '{withdrawn_at,withdrawn_by,withdrawal_reason,updated_at,revision}';
begin
    perform samsyn.require(old.withdrawn_at is null, 'ALREADY_ENDED');
    perform samsyn.require(to_jsonb(new) - withdrawal = to_jsonb(old) - withdrawal, 'CONFLICT');
    return new;
end
$$;
comment on function samsyn.guard_decision is 'Trigger: what was decided never changes; a decision is withdrawn once.';
create trigger guard_decision before update on samsyn.decisions for each row execute function samsyn.guard_decision();
create trigger forbid_removal before delete on samsyn.decisions for each row execute function samsyn.forbid_change();

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('decision:read', 'content', 'care', true, 'See ones organisations decisions on ones cases'),
    ('decision:write', 'content', 'care', false, 'Decide on disclosures for ones organisation');
update samsyn.roles set permissions = permissions || '{decision:read}' where code in ('case-worker', 'professional');
update samsyn.roles set permissions = permissions || '{decision:read,decision:write}' where code = 'unit-manager';

grant select, insert, update (withdrawn_at, withdrawn_by, withdrawal_reason) on samsyn.decisions to samsyn_api;
create policy read on samsyn.decisions for select to samsyn_api using (
    (select samsyn.may('decision:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy add on samsyn.decisions for insert to samsyn_api with check (
    (select samsyn.may('decision:write')) and organisation_id = (select samsyn.organisation())
    and decided_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.decisions for update to samsyn_api using (
    (select samsyn.may('decision:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));

create view api.decisions with (security_invoker = true) as
select d.id as resource, c.subject_id as subject, d.organisation_id as owner, mine.ground, null::uuid as disclosure,
    d.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', d.id, 'caseId', d.case_id, 'organisationId', d.organisation_id,
        'organisationName', samsyn.organisation_name(d.organisation_id), 'recipientId', d.recipient_id,
        'recipientName', samsyn.organisation_name(d.recipient_id), 'ground', d.ground, 'categories', d.categories,
        'circumstances', d.circumstances, 'balancing', d.balancing, 'outcome', d.outcome, 'state', s.state,
        'validUntil', d.valid_until, 'decidedAt', samsyn.utc(d.decided_at), 'decidedBy', samsyn.assignment_name(d.decided_by),
        'withdrawnAt', samsyn.utc(d.withdrawn_at), 'withdrawnBy', samsyn.assignment_name(d.withdrawn_by),
        'withdrawalReason', d.withdrawal_reason)) as body
from samsyn.decisions d
join samsyn.cases c on c.id = d.case_id
left join samsyn.participants mine
    on mine.case_id = d.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (select case
    when d.withdrawn_at is not null then 'withdrawn'
    when samsyn.today() > d.valid_until then 'expired'
    else 'in-force' end as state) s;
comment on view api.decisions is 'ground: the one on which the reader''s organisation takes part in the case, as for all that the case shows; the decision''s own stands in its body.';

-- Information requests: a matter between the two sides -----------------------------------------------------------

create function samsyn.question_refusals(the_case uuid, asked uuid, the_ground text, the_categories text[]) returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    f samsyn.disclosure_facts := samsyn.gather_facts(samsyn.to_question(jsonb_build_object('kind', 'question', 'case_id', the_case,
        'discloser', asked, 'recipient', samsyn.organisation(), 'ground', the_ground, 'categories', the_categories)));
begin
    -- What only the asked side can bring about or knows is taken as given: its answer will be weighed in full.
    f.on_request := true;
    f.requested := true;
    f.reported := true;
    f.stated := true;
    f.consent_state := 'in-force';
    f.consent_names_recipient := true;
    f.consent_covers := true;
    f.decision := 'covers';
    f.protected_from_role := false;
    return samsyn.weigh(samsyn.ground_in_force(the_ground, samsyn.today()), f);
end
$$;
comment on function samsyn.question_refusals is
    'Why no answer to such a request could be lawful, whatever the asked side brings to it, the secrecy of its records aside; empty when one could. Asking tells nothing new to a participant, so it needs no ground of its own.';
grant execute on function samsyn.question_refusals to samsyn_api;

create trigger forbid_removal before delete on samsyn.information_requests for each row execute function samsyn.forbid_change();
grant select, insert, update (status, refusal_reason, answered_by, answered_at) on samsyn.information_requests to samsyn_api;
create policy read on samsyn.information_requests for select to samsyn_api using (
    (select samsyn.may('disclosure:read'))
    and case_id = any (array(select m.case_id from samsyn.my_cases m))
    and (organisation_id = (select samsyn.organisation()) or asked_id = (select samsyn.organisation())));
create policy add on samsyn.information_requests for insert to samsyn_api with check (
    (select samsyn.may('disclosure:write')) and organisation_id = (select samsyn.organisation())
    and asked_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.information_requests for update to samsyn_api using (
    (select samsyn.may('disclosure:write'))
    and case_id = any (array(select m.case_id from samsyn.my_cases m))
    and (organisation_id = (select samsyn.organisation()) or asked_id = (select samsyn.organisation())));

create view api.information_requests with (security_invoker = true) as
select r.id as resource, c.subject_id as subject, r.organisation_id as owner, mine.ground, null::uuid as disclosure,
    r.revision::text || coalesce('-' || t.timeliness, '') as etag,
    json_strip_nulls(json_build_object('id', r.id, 'caseId', r.case_id, 'organisationId', r.organisation_id,
        'organisationName', samsyn.organisation_name(r.organisation_id), 'askedOrganisationId', r.asked_id,
        'askedOrganisationName', samsyn.organisation_name(r.asked_id), 'ground', r.ground, 'categories', r.categories,
        'answeredCategories', array(select category from unnest(r.categories) category where category = any (a.categories)),
        'question', r.question, 'purpose', r.purpose, 'dueOn', r.due_on, 'timeliness', t.timeliness, 'status', r.status,
        'awaiting', case when r.status not in ('open', 'partly-answered') then 'nobody'
            when r.asked_id = (select samsyn.organisation()) then 'us' else 'them' end,
        'disclosureIds', coalesce(a.ids, '{}'), 'refusalReason', r.refusal_reason,
        'askedAt', samsyn.utc(r.asked_at), 'askedBy', samsyn.assignment_name(r.asked_by),
        'answeredAt', samsyn.utc(r.answered_at), 'answeredBy', samsyn.assignment_name(r.answered_by),
        'updatedAt', samsyn.utc(r.updated_at))) as body
from samsyn.information_requests r
join samsyn.cases c on c.id = r.case_id
left join samsyn.participants mine
    on mine.case_id = r.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (select array_agg(distinct d.id order by d.id) as ids, array_agg(distinct category) as categories
    from samsyn.disclosures d cross join unnest(d.categories) category where d.request_id = r.id) a
cross join lateral (select case
    when r.status = 'withdrawn' then null
    when r.status in ('answered', 'refused') then
        case when (r.answered_at at time zone 'Europe/Stockholm')::date <= r.due_on then 'met' else 'late' end
    when samsyn.today() <= r.due_on then 'running'
    else 'late' end as timeliness) t;
comment on view api.information_requests is
    'For both sides, each with whose answer is awaited from where it stands. timeliness: whether the last day, in Swedish local time, was kept.';
grant select on api.decisions, api.information_requests to samsyn_api;
