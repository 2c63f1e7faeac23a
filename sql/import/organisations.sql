-- What `samsyn import-organisations` runs, block by block, in one transaction as the owner (src/commands/import.c).

-- name: prepareCounties
create temporary table imported_counties (line integer, code text, name text, short_name text) on commit drop

-- name: prepareMunicipalities
create temporary table imported_municipalities (line integer, code text, name text, short_name text, county_code text)
    on commit drop

-- name: copyCounties
copy imported_counties (line, code, name, short_name) from stdin

-- name: copyMunicipalities
copy imported_municipalities (line, code, name, short_name, county_code) from stdin

-- name: faults
-- What one line alone does not show. Every municipality code begins with the code of its county.
select 'counties' as register, c.line, 'the county code occurs on an earlier line' as reason
from imported_counties c
where exists (select from imported_counties e where e.code = c.code and e.line < c.line)
union all
select 'municipalities', m.line, 'the municipality code occurs on an earlier line'
from imported_municipalities m
where exists (select from imported_municipalities e where e.code = m.code and e.line < m.line)
union all
select 'municipalities', m.line, 'the county code is not in the register of counties'
from imported_municipalities m
where not exists (select from imported_counties c where c.code = m.county_code)
union all
select 'municipalities', m.line, 'the municipality code does not begin with the county code'
from imported_municipalities m
where left(m.code, 2) <> m.county_code
order by register, line

-- name: apply
-- A region is called after its county, but for those whose own name differs. What is already as it should be is not
-- touched, so that a second run changes nothing. An organisation that has left the register stays: records rest on it.
with own_names (code, name) as (
    values ('04', 'Region Sörmland'), ('06', 'Region Jönköpings län'), ('08', 'Region Kalmar län'),
        ('14', 'Västra Götalandsregionen'), ('18', 'Region Örebro län'), ('23', 'Region Jämtland Härjedalen')
), wanted as (
    select 'municipality' as kind, m.name, m.code as municipality_code, m.county_code
    from imported_municipalities m
    union all
    select 'region', coalesce(o.name, 'Region ' || c.short_name), null, c.code
    from imported_counties c left join own_names o on o.code = c.code
), matched as (
    select w.*, o.id as known, (o.name, o.county_code) is distinct from (w.name, w.county_code) as differs
    from wanted w
    left join samsyn.organisations o on o.kind = w.kind and case w.kind
        when 'municipality' then o.municipality_code = w.municipality_code
        else o.county_code = w.county_code end
), added as (
    insert into samsyn.organisations (id, kind, name, municipality_code, county_code)
    select samsyn.uuid7(), kind, name, municipality_code, county_code from matched where known is null
    returning 1
), changed as (
    update samsyn.organisations o set name = m.name, county_code = m.county_code
    from matched m where m.known = o.id and m.differs
    returning 1
)
select (select count(*) from wanted), (select count(*) from added), (select count(*) from changed)
