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
select g.id from samsyn.legal_grounds g order by g.code, g.valid_from
