-- name: listOrganisations
-- list: api.organisations
select o.id
from samsyn.organisations o
where (:kind is null or o.kind = :kind)
    and (:sector is null or o.sector = :sector)
    and (:municipalityCode is null or o.municipality_code = :municipalityCode)
    and (:parentId is null or o.parent_id = :parentId)
    and (:name is null or starts_with(lower(o.name), lower(:name)))
order by lower(o.name), o.id

-- name: createOrganisation
-- The trigger place_organisation finds its secrecy boundary. Organisations are public, so the refusal may name itself.
insert into samsyn.organisations (id, parent_id, kind, name, sector, regime, organisation_number, hsa_id,
    municipality_code, county_code, school_unit_code)
select :id, (:body ->> 'parentId')::uuid, :body ->> 'kind', :body ->> 'name', :body ->> 'sector',
    :body ->> 'secrecyRegime', right(replace(:body ->> 'organisationNumber', '-', ''), 10), :body ->> 'hsaId',
    :body ->> 'municipalityCode', :body ->> 'countyCode', :body ->> 'schoolUnitCode'
where samsyn.require(samsyn.may('organisation:any') or (:body ->> 'kind' = 'unit' and exists (
        select from samsyn.organisations p
        where p.id = (:body ->> 'parentId')::uuid and p.boundary_id = samsyn.organisation())), 'ROLE_NOT_ALLOWED');
select * from api.organisations o where o.resource = :id

-- name: getOrganisation
select * from api.organisations o where o.resource = :organisationId

-- name: updateOrganisation
select samsyn.require(samsyn.may('organisation:any') or (o.boundary_id = samsyn.organisation()
        and (o.id <> o.boundary_id or not :body ?| array['sector', 'secrecyRegime', 'active'])), 'ROLE_NOT_ALLOWED')
from samsyn.organisations o
where o.id = :organisationId;
update samsyn.organisations o
set name = coalesce(:body ->> 'name', o.name),
    sector = coalesce(:body ->> 'sector', o.sector),
    regime = coalesce(:body ->> 'secrecyRegime', o.regime),
    hsa_id = case when :body ? 'hsaId' then :body ->> 'hsaId' else o.hsa_id end,
    school_unit_code = case when :body ? 'schoolUnitCode' then :body ->> 'schoolUnitCode' else o.school_unit_code end,
    active = coalesce((:body ->> 'active')::boolean, o.active)
where o.id = :organisationId and samsyn.matches(:ifMatch, o.revision);
select * from api.organisations o where o.resource = :organisationId
