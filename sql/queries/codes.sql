-- name: listPermissions
-- list: api.permissions
select p.id from samsyn.permissions p order by p.code

-- name: listSectors
-- list: api.sectors
select s.id from samsyn.sectors s order by s.code

-- name: listSecrecyRegimes
-- list: api.secrecy_regimes
select r.id from samsyn.secrecy_regimes r order by r.code

-- name: listInformationCategories
-- list: api.information_categories
select c.id from samsyn.information_categories c order by c.code

-- name: listLegalGrounds
-- list: api.legal_grounds
select g.id from samsyn.legal_grounds g
where (:code is null or g.code = :code)
    and (:onDate is null or :onDate between g.valid_from and coalesce(g.valid_until, 'infinity'))
order by g.code, g.valid_from

-- name: listPreconditions
-- list: api.preconditions
select p.id from samsyn.preconditions p order by p.code

-- name: listGroundScopes
-- list: api.ground_scopes
select g.id from samsyn.ground_scopes g order by g.code

-- name: listNeverGrounds
-- list: api.never_grounds
select n.id from samsyn.never_grounds n order by n.code

-- name: listDeadlineRules
-- list: api.deadline_rules
select d.id from samsyn.deadline_rules d
where (:code is null or d.code = :code)
    and (:onDate is null or :onDate between d.valid_from and coalesce(d.valid_until, 'infinity'))
order by d.code, d.valid_from

-- name: listRetentionRules
-- list: api.retention_rules
select r.id from samsyn.retention_rules r
where (:code is null or r.code = :code)
    and (:onDate is null or :onDate between r.valid_from and coalesce(r.valid_until, 'infinity'))
order by r.code, r.valid_from

-- name: listBbicAreas
-- list: api.bbic_areas
select b.id from samsyn.bbic_areas b order by b.code
