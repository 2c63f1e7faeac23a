-- Makes month :month of a log of :events events (months.sql); run by auditor.sh.
set client_min_messages = warning;
set maintenance_work_mem = '512MB';
call bench.make_month(:month, :events);
select format('vacuum (freeze, analyze) samsyn.%I', bench.part(parent, :month)) from unnest('{access_events,access_event_concerns,access_event_terms}'::text[]) parent \gexec
call bench.attach_month(:month);
