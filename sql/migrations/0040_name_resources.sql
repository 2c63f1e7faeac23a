-- What every identifier names. The last migration, because it knows every table that holds something secret: a new
-- resource adds its branch here, or refused requests that aim at it concern nobody in the access log.

create function samsyn.resource_facts(ids uuid[]) returns table (resource uuid, subject uuid, owner uuid, of_case uuid)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    -- In PL/pgSQL its plan is kept: it is asked for each event that an auditor reads.
    return query
    select c.id, c.subject_id, c.organisation_id, c.id from samsyn.cases c where c.id = any (ids)
    union all
    select s.id, s.id, s.organisation_id, null from samsyn.subjects s where s.id = any (ids)
    union all
    select g.id, g.subject_id, g.organisation_id, null from samsyn.guardians g where g.id = any (ids)
    union all
    select r.id, r.subject_id, r.organisation_id, null from samsyn.guardian_restrictions r where r.id = any (ids)
    union all
    select r.id, r.subject_id, r.organisation_id, r.case_id from samsyn.records r where r.id = any (ids)
    union all
    select v.id, r.subject_id, v.organisation_id, v.case_id
    from samsyn.record_versions v join samsyn.records r on r.id = v.record_id where v.id = any (ids)
    union all
    select k.id, k.subject_id, k.organisation_id, k.case_id from samsyn.consents k where k.id = any (ids)
    union all
    select d.id, c.subject_id, d.organisation_id, c.id
    from samsyn.decisions d join samsyn.cases c on c.id = d.case_id where d.id = any (ids)
    union all
    select r.id, c.subject_id, r.organisation_id, c.id
    from samsyn.information_requests r join samsyn.cases c on c.id = r.case_id where r.id = any (ids)
    union all
    select d.id, c.subject_id, d.organisation_id, c.id
    from samsyn.disclosures d join samsyn.cases c on c.id = d.case_id where d.id = any (ids)
    union all
    select d.id, d.subject_id, d.organisation_id, d.case_id from samsyn.deadlines d where d.id = any (ids)
    union all
    select r.id, r.subject_id, r.organisation_id, null from samsyn.concern_reports r where r.id = any (ids)
    union all
    select i.id, i.subject_id, i.organisation_id, i.case_id from samsyn.investigations i where i.id = any (ids)
    union all
    select x.id, x.subject_id, x.organisation_id, null from samsyn.access_extracts x where x.id = any (ids)
    union all
    select q.id, null, q.organisation_id, null from samsyn.consultations q where q.id = any (ids)
    union all
    select p.id, c.subject_id, c.organisation_id, c.id
    from samsyn.participants p join samsyn.cases c on c.id = p.case_id where p.id = any (ids)
    union all
    select m.id, c.subject_id, c.organisation_id, c.id
    from samsyn.team_members m join samsyn.cases c on c.id = m.case_id where m.id = any (ids)
    union all
    select x.id, c.subject_id, c.organisation_id, c.id
    from samsyn.closures x join samsyn.cases c on c.id = x.case_id where x.id = any (ids)
    union all
    select x.id, c.subject_id, c.organisation_id, c.id
    from samsyn.reopenings x join samsyn.cases c on c.id = x.case_id where x.id = any (ids)
    union all
    select t.id, c.subject_id, c.organisation_id, c.id
    from samsyn.lead_transfers t join samsyn.cases c on c.id = t.case_id where t.id = any (ids)
    union all
    select h.id, c.subject_id, c.organisation_id, c.id
    from samsyn.case_handovers h join samsyn.cases c on c.id = h.case_id where h.id = any (ids)
    union all
    select t.id, c.subject_id, t.organisation_id, c.id
    from samsyn.transitions t join samsyn.cases c on c.id = t.case_id where t.id = any (ids)
    union all
    select e.id, e.subject_id, e.organisation_id, e.case_id from samsyn.emergency_accesses e where e.id = any (ids)
    union all
    select e.id, e.subject_id, e.organisation_id, e.case_id from samsyn.exclusions e where e.id = any (ids)
    union all
    select h.id, c.subject_id, h.organisation_id, c.id
    from samsyn.legal_holds h join samsyn.cases c on c.id = h.case_id where h.id = any (ids)
    union all
    select t.id, null, t.organisation_id, null from samsyn.tombstones t where t.id = any (ids)
    union all
    select d.id, null, d.organisation_id, null from samsyn.retention_decisions d where d.id = any (ids)
    union all
    select u.id, null, u.organisation_id, null from samsyn.users u where u.id = any (ids)
    union all
    select i.id, null, u.organisation_id, null
    from samsyn.identities i join samsyn.users u on u.id = i.user_id where i.id = any (ids)
    union all
    select a.id, null, a.organisation_id, null from samsyn.assignments a where a.id = any (ids)
    union all
    select x.part_id, c.subject_id, p.organisation_id, c.id -- a plan and its parts, each noted when it was added
    from samsyn.plan_changes x join samsyn.plans p on p.id = x.plan_id join samsyn.cases c on c.id = p.case_id
    where x.part_id = any (ids) and x.before is null
    union all
    select x.id, c.subject_id, p.organisation_id, c.id
    from samsyn.plan_changes x join samsyn.plans p on p.id = x.plan_id join samsyn.cases c on c.id = p.case_id where x.id = any (ids)
    union all
    select r.id, c.subject_id, r.organisation_id, c.id
    from samsyn.participation_records r join samsyn.cases c on c.id = r.case_id where r.id = any (ids)
    union all
    select r.id, null, r.organisation_id, null from samsyn.review_rules r where r.id = any (ids) and r.organisation_id is not null
    union all
    select t.id, t.subject_id, t.organisation_id, null from samsyn.staff_relations t where t.id = any (ids)
    union all
    select c.id, null, c.organisation_id, null from samsyn.review_campaigns c where c.id = any (ids)
    union all
    select f.id, s.id, f.organisation_id, null
    from samsyn.review_findings f left join lateral unnest(f.subject_ids) s(id) on true where f.id = any (ids);
end
$$;
comment on function samsyn.resource_facts is 'Subject, owner and case of each identifier that names something secret.';

create function samsyn.with_named(subjects uuid[], resources uuid[]) returns uuid[]
    language plpgsql stable as $$
declare
    others uuid[] := array(
        select i.subject_id from samsyn.concern_report_identifications i where i.concern_report_id = any (resources)
        union
        select unnest(f.subject_ids) from samsyn.review_findings f where f.id = any (resources));
begin
    if others <@ subjects then
        return subjects;
    end if;
    return array(select unnest(subjects) union select unnest(others) order by 1);
end
$$;
comment on function samsyn.with_named is
    'The subjects that a reply is about with those whom it names besides: the children for whom the child of a report was taken before, and those of a finding. The access log tells of every one.';
