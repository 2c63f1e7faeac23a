-- name: listAccessExtracts
-- list: api.access_extracts
select x.id from samsyn.access_extracts x
where :subjectId is null or x.subject_id = :subjectId
order by x.made_at desc, x.id desc

-- name: createAccessExtract
-- About a child of the own register, for whoever the number on their document says that they are.
select samsyn.make_access_extract(:id, :body);
select * from api.access_extracts x where x.resource = :id

-- name: getAccessExtract
-- The head; that it is read is logged before the first row leaves.
select * from api.access_extract_documents x where x.resource = :accessExtractId

-- stream: getAccessExtract
-- A thousand rows, of half a kilobyte each, are all that the server holds of it at a time.
select f.body, f.cursor from samsyn.find_extract_events(:accessExtractId, :part, 1000) f
