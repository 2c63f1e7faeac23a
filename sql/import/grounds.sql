-- What `samsyn import-grounds` runs, block by block, in one transaction as the owner (src/commands/import_grounds.c).

-- name: prepare
create temporary table imported_law (release jsonb) on commit drop

-- name: copy
copy imported_law (release) from stdin

-- name: faults
select f.place, f.reason from imported_law i cross join samsyn.law_faults(i.release) f

-- name: apply
select l.list, l.added, l.changed from imported_law i cross join samsyn.import_law(i.release) l
