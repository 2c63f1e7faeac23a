-- The culling of what is due, which leaves a tombstone.

-- One copy of a report outlives the other.
alter table samsyn.concern_reports alter counterpart_id drop not null;

-- Culling --------------------------------------------------------------------------------------------------------------

create table samsyn.tombstones (
    id uuid primary key,
    kind text not null check (kind in ('records', 'case', 'investigation', 'report', 'consultation')),
    resource_id uuid not null,
    organisation_id uuid not null references samsyn.organisations,
    regime text,
    rule text not null,
    provision text not null,
    opened_on date,
    ended_on date,
    culled_at timestamptz not null,
    culled_by text not null
);
comment on table samsyn.tombstones is 'That something was culled, when and by which rule. Nothing about a person: what it was is in no table any more, and who had read it is in the access log alone.';
comment on column samsyn.tombstones.resource_id is 'The identifier that it had.';
create index tombstones_by_organisation on samsyn.tombstones (organisation_id, culled_at desc, id desc);
create trigger forbid_change before update or delete on samsyn.tombstones for each row execute function samsyn.forbid_change();

-- Removing a row removes or frees what refers to it, whose tables may come from any migration.
create function samsyn.remove(target regclass, ids uuid[], free boolean, path regclass[] default '{}') returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    key record;
    referring uuid[];
    -- These have a time of their own and stay, without the reference.
    apart constant text[] := '{samsyn.concern_reports,samsyn.consultations,samsyn.cases,samsyn.subjects}';
begin
    if cardinality(ids) = 0 then
        return;
    end if;
    for key in
        select c.conrelid::regclass as child, a.attname as name, a.attnotnull as required,
            exists (select from pg_attribute i where i.attrelid = c.conrelid and i.attname = 'id') as named
        from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = target
        order by c.conname
    loop
        if not key.required and (free or key.child::text = any (apart) or key.child = any (path || target)) then
            execute format('update %s set %I = null where %I = any ($1)', key.child, key.name, key.name) using ids;
        elsif not key.named then
            execute format('delete from %s where %I = any ($1)', key.child, key.name) using ids;
        else
            execute format('select coalesce(array_agg(x.id), ''{}'') from %s x where %I = any ($1)', key.child, key.name) into referring using ids;
            perform samsyn.remove(key.child, referring, free, path || target);
        end if;
    end loop;
    execute format('delete from %s where id = any ($1)', target) using ids;
end
$$;
comment on function samsyn.remove is
    'Removes rows by id and with them whatever refers to them; a reference that may be null is set to null instead when free is true, when it is from something with a time of its own, or when it leads back. samsyn.cull alone gets past the triggers of what is append only.';

create function samsyn.rule_of_record(r samsyn.records) returns text
    language plpgsql stable set search_path = pg_catalog
    set plan_cache_mode = force_custom_plan as $$
declare
    o samsyn.organisations;
    ended date;
begin
    select x.* into o from samsyn.organisations x where x.id = r.organisation_id;
    select samsyn.legal_day(coalesce(e.ended_at, samsyn.now())) into ended
    from samsyn.ended_parts(r.case_id) e where e.organisation_id = r.organisation_id;
    return (samsyn.retention_mapping(samsyn.kind_of_record(r.case_id, o.id), r.regime, r.category, o.sector, o.kind = 'provider', ended)).rule;
end
$$;
comment on function samsyn.rule_of_record is 'The rule by which its owner keeps a record.';

create function samsyn.cull_records(item samsyn.retention_item) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    mine uuid[];
    still_held uuid[];
begin
    -- What was handed over to the organisation it holds no longer; a record whose owner culled it before goes with the last holder.
    if item.regime = (select o.regime from samsyn.organisations o where o.id = item.organisation_id) then
        delete from samsyn.disclosure_items i using samsyn.disclosures d
        where d.id = i.disclosure_id and d.case_id = item.case_id and d.recipient_id = item.organisation_id;
    end if;
    select coalesce(array_agg(r.id), '{}') into mine
    from samsyn.records r
    where r.case_id = item.case_id and (r.culled_at is not null or (r.organisation_id = item.organisation_id and r.regime = item.regime
        and samsyn.rule_of_record(r) = item.rule));
    select coalesce(array_agg(distinct i.record_id), '{}') into still_held from samsyn.disclosure_items i where i.record_id = any (mine);
    delete from samsyn.record_versions v
    where v.record_id = any (still_held) and not exists (select from samsyn.disclosure_items i where i.record_version_id = v.id);
    update samsyn.record_versions v set culled_at = samsyn.now() where v.record_id = any (still_held) and v.culled_at is null;
    update samsyn.records r set culled_at = samsyn.now() where r.id = any (still_held) and r.culled_at is null;
    perform samsyn.remove('samsyn.records', array(select unnest(mine) except select unnest(still_held)), true);
end
$$;
comment on function samsyn.cull_records is
    'Removes an organisation''s part of a case. Versions that another organisation holds by handover stay for that one alone, until its own time is over.';

create function samsyn.cull_subject(the_subject uuid) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    if not exists (select from samsyn.cases c where c.subject_id = the_subject)
        and not exists (select from samsyn.concern_reports r where r.subject_id = the_subject) then
        perform samsyn.remove('samsyn.subjects', array[the_subject], false);
    end if;
end
$$;
comment on function samsyn.cull_subject is 'Removes a child from the register, with guardians, when the last thing about it has gone.';

create function samsyn.cull_thing(item samsyn.retention_item) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    if item.kind = 'records' then
        perform samsyn.cull_records(item);
        return;
    end if;
    if item.kind = 'case' then
        -- Whoever is kept from the child stays so: what was declared in this case holds in the others, and moves to one.
        update samsyn.exclusions e set case_id = other.id
        from (select c.id from samsyn.cases c where c.subject_id = item.subject_id and c.id <> item.id
            order by c.opened_at desc, c.id limit 1) other
        where e.case_id = item.id and e.ended_at is null and not exists (select from samsyn.exclusions x
            where x.user_id = e.user_id and x.case_id = other.id and x.ended_at is null);
    end if;
    perform samsyn.remove(case item.kind when 'case' then 'samsyn.cases' when 'investigation' then 'samsyn.investigations'
        when 'report' then 'samsyn.concern_reports' else 'samsyn.consultations' end::regclass, array[item.id], false);
    perform samsyn.remove('samsyn.deadlines', array(select d.id from samsyn.deadlines d where d.resource_id = item.id), false);
    perform samsyn.cull_subject(item.subject_id);
end
$$;
comment on function samsyn.cull_thing is 'Removes what an item names, the deadlines that waited for it, and the child when nothing else is about it.';

create function samsyn.cull(kind text, id uuid, organisation uuid, regime text, rule text, as_of date) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    item samsyn.retention_item;
    it samsyn.acting;
begin
    if session_user <> 'samsyn_retention' then
        raise exception 'only samsyn_retention culls' using errcode = 'insufficient_privilege';
    end if;
    -- A hold that is being placed waits for this, or this for it.
    perform from samsyn.cases c where c.id = coalesce(
        (select i.case_id from samsyn.investigations i where i.id = cull.id),
        (select r.case_id from samsyn.concern_reports r where r.id = cull.id), cull.id) for update;
    select k.* into item from samsyn.kept_item(cull.kind, cull.id) k
    where k.organisation_id = organisation and k.regime is not distinct from cull.regime and k.rule = cull.rule
        and k.due_on <= least(as_of, samsyn.today()) and not k.held;
    if item.id is null then
        return false;
    end if;
    it.organisation_id := organisation;
    it.role := 'samsyn_retention';
    it.purpose := 'administration';
    perform samsyn.set_principal(it, 'cull', 'cull', array[item.id], null, samsyn.uuid7(), null);
    perform samsyn.write_access_event('allowed', null, array[item.id], array_remove(array[item.subject_id], null), array[organisation], '{}', '{}');
    insert into samsyn.tombstones (id, kind, resource_id, organisation_id, regime, rule, provision, opened_on, ended_on, culled_at, culled_by)
    values (samsyn.uuid7(), item.kind, item.id, item.organisation_id, item.regime, item.rule, item.provision, item.opened_on,
        item.ended_on, samsyn.now(), session_user);
    perform samsyn.cull_thing(item);
    return true;
end
$$;
comment on function samsyn.cull is
    'Removes one thing whose time was over on as_of (today when null, and no later) and that nothing holds, leaving a tombstone and an access event; false when there is no such thing. For the role samsyn_retention alone.';

create function samsyn.retention_due(as_of date)
    returns table (kind text, id uuid, organisation_id uuid, organisation text, regime text, rule text, provision text, mode text,
        opened_on date, ended_on date, due_on date, finish_by date, held boolean)
    language sql stable security definer set search_path = pg_catalog as $$
    select k.kind, k.id, k.organisation_id, samsyn.organisation_name(k.organisation_id), k.regime, k.rule, k.provision, k.mode,
        k.opened_on, k.ended_on, k.due_on, k.finish_by, k.held
    from samsyn.kept_items(null) k
    where k.due_on <= coalesce(as_of, samsyn.today())
    order by k.due_on, k.kind desc, k.id, k.organisation_id, k.regime, k.rule
$$;
comment on function samsyn.retention_due is 'What is to be culled as of a day (today when null), also what a legal hold stops; nothing about a person but identifiers.';

grant usage on schema samsyn to samsyn_retention;
grant execute on function samsyn.cull, samsyn.retention_due to samsyn_retention;

-- Removing a row asks every table that refers to it: by an index, or culling one case would read all of all others.

create index participants_referring_by_decision on samsyn.participants (decision_id);
create index exclusions_referring_by_subject on samsyn.exclusions (subject_id);
create index emergency_accesses_referring_by_subject on samsyn.emergency_accesses (subject_id);
create index consent_givers_referring_by_guardian on samsyn.consent_givers (guardian_id);
create index disclosures_referring_by_consent on samsyn.disclosures (consent_id);
create index disclosures_referring_by_decision on samsyn.disclosures (decision_id);
create index disclosures_referring_by_request on samsyn.disclosures (request_id);
create index disclosure_items_referring_by_record_version on samsyn.disclosure_items (record_version_id);
create index concern_reports_referring_by_investigation on samsyn.concern_reports (investigation_id);
create index concern_report_identifications_referring_by_subject on samsyn.concern_report_identifications (subject_id);
create index investigations_referring_by_subject on samsyn.investigations (subject_id);
create index plans_referring_by_consent on samsyn.plans (consent_id);
create index plans_referring_by_lead_guardian on samsyn.plans (lead_guardian_id);
create index plans_referring_by_responsible on samsyn.plans (responsible_id);
create index plan_goals_referring_by_need on samsyn.plan_goals (need_id);
create index plan_interventions_referring_by_goal on samsyn.plan_interventions (goal_id);
create index plan_interventions_referring_by_participant on samsyn.plan_interventions (participant_id);
create index plan_interventions_referring_by_record on samsyn.plan_interventions (record_id);
create index plan_follow_ups_referring_by_plan on samsyn.plan_follow_ups (plan_id);
create index plan_meetings_referring_by_next_meeting on samsyn.plan_meetings (next_meeting_id);
create index plan_views_referring_by_guardian on samsyn.plan_views (guardian_id);
create index plan_views_referring_by_meeting on samsyn.plan_views (meeting_id);
create index plan_copies_referring_by_case on samsyn.plan_copies (case_id);
create index participation_records_referring_by_guardian on samsyn.participation_records (guardian_id);

-- Who sees what --------------------------------------------------------------------------------------------------------

call samsyn.protect('tombstones');
grant select on samsyn.tombstones to samsyn_api;
create policy read on samsyn.tombstones for select to samsyn_api using (
    (select samsyn.may('tombstone:read')) and organisation_id = (select samsyn.organisation()));

create view api.tombstones with (security_invoker = true) as
select t.id as resource, null::uuid as subject, t.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', t.id, 'kind', t.kind, 'resourceId', t.resource_id, 'organisationId', t.organisation_id,
        'secrecyRegime', t.regime, 'rule', t.rule, 'provision', t.provision, 'openedOn', t.opened_on, 'endedOn', t.ended_on,
        'culledAt', samsyn.utc(t.culled_at), 'culledBy', t.culled_by)) as body
from samsyn.tombstones t;
grant select on api.tombstones to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description, in_emergency) values
    ('tombstone:read', 'audit', 'audit', 'See what was culled of ones organisations cases', false);
update samsyn.roles set permissions = permissions || '{tombstone:read}' where code = 'auditor';
