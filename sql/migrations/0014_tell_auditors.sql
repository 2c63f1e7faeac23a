-- What the access log may tell an auditor. One request can concern several organisations, and a refused one may have
-- aimed at anything: each auditor is told the part that their own organisation knows of anyway.

create function samsyn.known_subjects(ids uuid[]) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(
        select s.id from samsyn.subjects s
        where s.id = any (ids)
            and (s.organisation_id = samsyn.organisation()
                or exists (select from samsyn.cases c join samsyn.participants p on p.case_id = c.id
                    where c.subject_id = s.id and p.organisation_id = samsyn.organisation()))
        order by s.id);
end
$$;
comment on function samsyn.known_subjects is
    'Those of the subjects that the principal''s organisation has in its register or was asked to work around.';

create function samsyn.known_resources(ids uuid[]) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if ids = '{}' then
        return ids;
    end if;
    return array(
        select id from unnest(ids) id
        where not exists (select from samsyn.resource_facts(ids) f
            where f.resource = id and f.owner is distinct from samsyn.organisation()
                and not (f.resource = f.subject and f.subject = any (samsyn.known_subjects(array[f.subject])))
                and not exists (select from samsyn.participants p
                    where p.case_id = f.of_case and p.organisation_id = samsyn.organisation()))
        order by id);
end
$$;
comment on function samsyn.known_resources is
    'The identifiers without those that name something of another organisation in which the principal''s organisation has no part.';

grant execute on function samsyn.known_subjects, samsyn.known_resources to samsyn_api;
