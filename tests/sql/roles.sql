-- What each role may do with each table, and which roles there cannot be.
begin;
\ir support/fixture.sql
select no_plan();

-- Everyone below belongs to the unit that owns the case and is put on its team, past the trigger that keeps those out
-- who may not read cases: so what tells the roles apart here is what they may, and nothing else.
set local session_replication_role = replica;
select fixture.team_member('team ' || name, 'case', name)
from unnest(array['social-colleague', 'social-manager', 'social-professional', 'social-lead', 'social-admin', 'social-auditor', 'system-admin']) name;
insert into samsyn.closures (id, case_id, reason, closed_by) values (fixture.id('closure'), fixture.id('case'), 'Done', fixture.id('social-worker'));
insert into samsyn.reopenings (id, case_id, reason, reopened_by) values (fixture.id('reopening'), fixture.id('case'), 'Again', fixture.id('social-worker'));
insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
values (fixture.id('event'), now(), fixture.id('social'), 'x', 'read', '{}', '{}', '{}', '{}', '{}', 'allowed');
insert into samsyn.log_entries (index, at, id) values (0, now(), fixture.id('event'));
insert into samsyn.log_tiles (level, index, hashes) values (0, 0, decode(repeat('00', 32), 'hex'));
insert into samsyn.log_trees (size, root, last_txid, last_id) values (1, decode(repeat('00', 32), 'hex'), pg_current_xact_id(), fixture.id('event'));
insert into samsyn.log_keys (name, key_id, verifier, kind) values ('log', '\x00000000', 'log+00000000+AQ', 'log');
insert into samsyn.log_signatures (size, name, key_id, line) values (1, 'log', '\x00000000', E'\u2014 log AAAA\n');
insert into samsyn.witnessed_logs (id, origin, verifiers, description)
values (fixture.id('witnessed'), 'log.example', '{log.example+f3e73440+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA}', 'Watched');
insert into samsyn.log_conflicts (id, kind, origin, kept_size, size, root, checkpoint, proof)
values (fixture.id('conflict'), 'fork', 'log.example', 1, 1, decode(repeat('00', 32), 'hex'), 'x', '{}');
insert into samsyn.log_archives (id, month, events, indexes, tree_size, sha256, removed_by)
values (fixture.id('archive'), '2020-11-01', 1, '{[0,1)}', 1, decode(repeat('00', 32), 'hex'), 'samsyn_retention');
insert into samsyn.legal_holds (id, case_id, organisation_id, reason, placed_by) values
    (fixture.id('hold'), fixture.id('case'), fixture.id('social'), 'Dispute', fixture.id('social-worker'));
insert into samsyn.review_rules (id, code, organisation_id, valid_from) values (fixture.id('rule'), 'EMERGENCY_ACCESS', fixture.id('social'), '2026-01-01');
insert into samsyn.staff_relations (id, organisation_id, user_id, subject_id, kind, valid_from, created_by)
values (fixture.id('relation'), fixture.id('social'), fixture.id('user:social-worker'), fixture.id('alva'), 'NEIGHBOUR', '2026-01-01', fixture.id('social-auditor'));
insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, created_by)
values (fixture.id('campaign'), fixture.id('social'), 'Check', '2026-01-01', '2026-02-01', 'all', 'seed', fixture.id('social-auditor'));
insert into samsyn.review_campaign_rules (campaign_id, code, rule_id) values (fixture.id('campaign'), 'EMERGENCY_ACCESS', fixture.id('rule'));
insert into samsyn.review_findings (id, campaign_id, organisation_id, code, key, user_id, concerned_user_ids, subject_ids, all_subject_ids, event_ids, events, count, first_at, last_at, figures, published)
values (fixture.id('finding'), fixture.id('campaign'), fixture.id('social'), 'EMERGENCY_ACCESS', 'x', fixture.id('user:social-worker'), '{}', '{}', '{}', '{}', 1, 1, now(), now(), '{}', true);
insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
values (fixture.id('finding/review'), fixture.id('finding'), 'JUSTIFIED', 'Words', fixture.id('social-auditor'));
insert into samsyn.tombstones (id, kind, resource_id, organisation_id, rule, provision, culled_at, culled_by)
values (fixture.id('tombstone'), 'case', fixture.id('gone'), fixture.id('social'), 'SOCIAL_FILE', 'SoL', now(), 'samsyn_retention');
insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from)
values (fixture.id('retention decision'), fixture.id('social'), 'case', 'P5Y', 'Dnr 1', '2026-01-01');
insert into samsyn.access_extracts (id, subject_id, organisation_id, unit_id, guardian_id, identity_check, names_staff, before, made_by)
values (fixture.id('extract'), fixture.id('alva'), fixture.id('social'), fixture.id('social-unit'), fixture.id('mother'), 'identity-document', false, now(), fixture.id('social-auditor'));
insert into samsyn.deadlines (id, label, organisation_id, unit_id, case_id, triggered_at, due_on, due_at, created_by) values
    (fixture.id('deadline'), 'Task', fixture.id('social'), fixture.id('social-unit'), fixture.id('case'), now(), '2030-01-01', now(), fixture.id('social-worker'));
insert into samsyn.deadline_extensions (id, deadline_id, until, reason, decided_at, decided_by)
values (fixture.id('extension'), fixture.id('deadline'), '2030-02-01', 'Reason', now(), fixture.id('social-worker'));
insert into samsyn.plans (id, case_id, organisation_id, consent_id, title, purpose, responsible_id, created_by)
values (fixture.id('plan'), fixture.id('case'), fixture.id('social'), fixture.id('consent'), 'Plan', 'Purpose', fixture.id('participant'), fixture.id('social-worker'));
insert into samsyn.plan_parties (id, plan_id, participant_id, organisation_id, added_by)
values (fixture.id('plan-party'), fixture.id('plan'), fixture.id('participant'), fixture.id('social'), fixture.id('social-worker'));
insert into samsyn.plan_needs (id, plan_id, area, description, created_by) values (fixture.id('need'), fixture.id('plan'), 'EDUCATION', 'Need', fixture.id('social-worker'));
insert into samsyn.plan_goals (id, plan_id, need_id, description, created_by) values (fixture.id('goal'), fixture.id('plan'), fixture.id('need'), 'Goal', fixture.id('social-worker'));
insert into samsyn.plan_interventions (id, plan_id, goal_id, participant_id, organisation_id, description, due_on, created_by)
values (fixture.id('intervention'), fixture.id('plan'), fixture.id('goal'), fixture.id('participant'), fixture.id('social'), 'Do', '2030-01-01', fixture.id('social-worker'));
insert into samsyn.plan_follow_ups (id, plan_id, intervention_id, status, note, created_by)
values (fixture.id('follow-up'), fixture.id('plan'), fixture.id('intervention'), 'ongoing', 'Goes well', fixture.id('social-worker'));
insert into samsyn.plan_measures (id, plan_id, actor, description, created_by) values (fixture.id('measure'), fixture.id('plan'), 'Aunt', 'Calls', fixture.id('social-worker'));
insert into samsyn.plan_meetings (id, plan_id, planned_at, due_on, purpose, agenda, created_by)
values (fixture.id('meeting'), fixture.id('plan'), now(), '2030-01-01', 'Follow-up', 'Agenda', fixture.id('social-worker'));
insert into samsyn.plan_views (id, plan_id, stage, kind, absence_reason, created_by) values (fixture.id('view'), fixture.id('plan'), 'planning', 'child', 'Ill', fixture.id('social-worker'));
insert into samsyn.plan_changes (id, plan_id, part, part_id) values (fixture.id('change'), fixture.id('plan'), 'plan', fixture.id('plan'));
insert into samsyn.plan_copies (plan_id, organisation_id, case_id, subject_id, lead_id, body, revision)
values (fixture.id('plan'), fixture.id('social'), fixture.id('case'), fixture.id('alva'), fixture.id('social'), '{}', 1);
insert into samsyn.participation_records (id, case_id, organisation_id, step, kind, participation, happened_on, created_by)
values (fixture.id('participation'), fixture.id('case'), fixture.id('social'), 'plan', 'child', 'informed', '2026-01-01', fixture.id('social-worker'));
insert into samsyn.exclusions (id, case_id, subject_id, user_id, organisation_id, kind, reason, declared_by)
values (fixture.id('exclusion'), fixture.id('case'), fixture.id('alva'), fixture.id('user:social-other-manager'), fixture.id('social'), 'bias', 'Reason', fixture.id('social-worker'));
insert into samsyn.lead_transfers (id, case_id, organisation_id, unit_id, recipient_id, recipient_unit_id, reason, proposed_by, status, answered_by, answered_at)
values (fixture.id('transfer'), fixture.id('case'), fixture.id('social'), fixture.id('social-unit'), fixture.id('school'), fixture.id('school-unit'), 'Reason', fixture.id('social-worker'),
    'withdrawn', fixture.id('social-worker'), now());
insert into samsyn.case_handovers (id, case_id, organisation_id, predecessor_id, successor_id, open_tasks, agreements, plans, contacts, reason, proposed_by)
values (fixture.id('handing'), fixture.id('case'), fixture.id('social'), fixture.id('social-worker'), fixture.id('social-manager'), 'x', 'x', 'x', 'x', 'Reason', fixture.id('social-worker'));
insert into samsyn.transitions (id, case_id, organisation_id, from_unit_id, to_unit_id, recipient_id, moves_on, reason, at_risk, created_by)
values (fixture.id('transition'), fixture.id('case'), fixture.id('social'), fixture.id('social-unit'), fixture.id('school-unit'), fixture.id('school'), '2030-01-01', 'Reason', false, fixture.id('social-worker'));
insert into samsyn.handover_waivers (id, assignment_id, organisation_id, unit_id, case_ids, reason, waived_by)
values (fixture.id('waiver'), fixture.id('social-worker'), fixture.id('social'), fixture.id('social-unit'), '{}', 'Reason', fixture.id('social-manager'));
insert into samsyn.emergency_accesses (id, user_id, assignment_id, organisation_id, unit_id, case_id, case_unit_id, subject_id, reason, expires_at)
values (fixture.id('emergency'), fixture.id('user:social-worker'), fixture.id('social-worker'), fixture.id('social'), fixture.id('social-unit'), fixture.id('case'),
    fixture.id('social-unit'), fixture.id('alva'), 'Reason', now() + interval '1 hour');
insert into samsyn.emergency_reviews (id, emergency_id, outcome, comment, reviewed_by)
values (fixture.id('review'), fixture.id('emergency'), 'justified', 'Fine', fixture.id('social-manager'));
insert into samsyn.decisions (id, case_id, organisation_id, recipient_id, ground, categories, circumstances, balancing, outcome, decided_by)
values (fixture.id('decision'), fixture.id('case'), fixture.id('social'), fixture.id('school'), 'NOT_SECRET', '{ATTENDANCE}', 'So it is', 'Weighed', 'disclose', fixture.id('social-manager'));
insert into samsyn.information_requests (id, case_id, organisation_id, asked_id, ground, categories, question, purpose, due_on, asked_by)
values (fixture.id('request'), fixture.id('case'), fixture.id('social'), fixture.id('school'), 'CONSENT', '{ATTENDANCE}', 'How is it?', 'support', samsyn.today(), fixture.id('social-worker'));
select fixture.revoke('consent', 'mother');
insert into samsyn.guardian_restrictions (id, subject_id, organisation_id, scope, reason, assessment, decided_by)
values (fixture.id('restriction'), fixture.id('alva'), fixture.id('social'), 'location', 'Why', 'Assessed', fixture.id('social-worker'));
insert into samsyn.concern_reports (id, kind, counterpart_id, organisation_id, unit_id, reporter_unit_id, recipient_unit_id, author_id,
    author_user_id, regime, ground, state, harms, concern, observations, source, contributors, guardians, retention_rule)
values (fixture.id('report'), 'received', fixture.id('sent report'), fixture.id('social'), fixture.id('social-unit'), fixture.id('school-unit'),
    fixture.id('social-unit'), fixture.id('school-worker'), fixture.id('user:school-worker'), 'SOCIAL_SERVICES', 'CONCERN_REPORT',
    'awaiting-decision', '{other}', 'Concern', 'Seen', 'Self', '[]', '{}', 'SOCIAL_FILE');
insert into samsyn.concern_report_identifications (id, concern_report_id, organisation_id, subject_id, identified_by)
values (fixture.id('identification'), fixture.id('report'), fixture.id('social'), fixture.id('alva'), fixture.id('social-worker'));
insert into samsyn.protection_assessments (id, concern_report_id, organisation_id, immediate_need, assessment, assessed_by)
values (fixture.id('assessment'), fixture.id('report'), fixture.id('social'), false, 'Safe', fixture.id('social-worker'));
insert into samsyn.preliminary_decisions (id, concern_report_id, organisation_id, outcome, reason, child_view, best_interests, decided_by)
values (fixture.id('preliminary'), fixture.id('report'), fixture.id('social'), 'open', 'Why', '{}', 'Best', fixture.id('social-worker'));
insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by)
values (fixture.id('investigation'), fixture.id('case'), fixture.id('social'), fixture.id('social-unit'), fixture.id('alva'), fixture.id('social-worker'));
insert into samsyn.investigation_extensions (id, investigation_id, organisation_id, until, reason, child_view, decided_by)
values (fixture.id('investigation/extension'), fixture.id('investigation'), fixture.id('social'), '2030-01-01', 'Why', '{}', fixture.id('social-worker'));
insert into samsyn.investigation_notices (id, investigation_id, organisation_id, informed, given_by)
values (fixture.id('notice'), fixture.id('investigation'), fixture.id('social'), '{child}', fixture.id('social-worker'));
insert into samsyn.care_applications (id, investigation_id, organisation_id, applied_on, registered_by)
values (fixture.id('application'), fixture.id('investigation'), fixture.id('social'), '2026-01-01', fixture.id('social-worker'));
insert into samsyn.investigation_closures (id, investigation_id, organisation_id, child_needs, parents_capacity, how_met, outcome, child_view,
    best_interests, closed_by)
values (fixture.id('investigation/closure'), fixture.id('investigation'), fixture.id('social'), 'Needs', 'Capacity', 'Met', 'intervention', '{}',
    'Best', fixture.id('social-worker'));
insert into samsyn.consultations (id, organisation_id, unit_id, recipient_id, recipient_unit_id, asked_for, question, asked_by, author_user_id)
values (fixture.id('consultation'), fixture.id('social'), fixture.id('social-unit'), fixture.id('social'), fixture.id('social-unit'), 'own-work',
    'What to do?', fixture.id('social-worker'), fixture.id('user:social-worker'));
insert into samsyn.consultation_answers (id, consultation_id, text, answered_by)
values (fixture.id('advice'), fixture.id('consultation'), 'Report.', fixture.id('social-worker'));
-- A draft agreement, so that there is something to sign.
update samsyn.agreement_parties set signed_at = null, signed_by = null where organisation_id = fixture.id('social');
set local session_replication_role = origin;

-- One row of each table that belongs to the organisation; the insert adds its copy.
create temp table samples (name text primary key, filter text);
insert into samples values
    ('organisations', 'id = fixture.id(''social-other-unit'')'), ('roles', 'code = ''professional'''), ('clients', 'id = fixture.id(''client'')'),
    ('users', 'id = fixture.id(''user:social-worker'')'), ('identities', 'id = fixture.id(''identity:social-worker'')'),
    ('assignments', 'id = fixture.id(''social-worker'')'), ('agreements', 'id = fixture.id(''agreement'')'),
    ('agreement_parties', 'agreement_id = fixture.id(''agreement'') and organisation_id = fixture.id(''social'')'),
    ('subjects', 'id = fixture.id(''alva'')'), ('guardians', 'id = fixture.id(''mother'')'), ('cases', 'id = fixture.id(''case'')'),
    ('closures', 'id = fixture.id(''closure'')'), ('reopenings', 'id = fixture.id(''reopening'')'),
    ('participants', 'id = fixture.id(''participant'')'), ('team_members', 'assignment_id = fixture.id(''social-worker'')'),
    ('records', 'id = fixture.id(''family'')'), ('record_versions', 'id = fixture.id(''family/1'')'),
    ('consents', 'id = fixture.id(''consent'')'), ('consent_givers', 'consent_id = fixture.id(''consent'') and guardian_id = fixture.id(''mother'')'),
    ('consent_answers', 'consent_id = fixture.id(''consent'') and giver_id in (select id from givers)'),
    ('consent_revocations', 'consent_id = fixture.id(''consent'')'), ('disclosures', 'id = fixture.id(''share'')'),
    ('plans', 'id = fixture.id(''plan'')'), ('plan_parties', 'plan_id = fixture.id(''plan'') and organisation_id = fixture.id(''social'')'),
    ('plan_needs', 'id = fixture.id(''need'')'), ('plan_goals', 'id = fixture.id(''goal'')'), ('plan_interventions', 'id = fixture.id(''intervention'')'),
    ('plan_follow_ups', 'id = fixture.id(''follow-up'')'), ('plan_measures', 'id = fixture.id(''measure'')'), ('plan_meetings', 'id = fixture.id(''meeting'')'),
    ('plan_views', 'id = fixture.id(''view'')'), ('plan_changes', 'plan_id = fixture.id(''plan'')'), ('plan_copies', 'plan_id = fixture.id(''plan'')'),
    ('participation_records', 'id = fixture.id(''participation'')'),
    ('legal_holds', 'id = fixture.id(''hold'')'), ('tombstones', 'id = fixture.id(''tombstone'')'),
    ('retention_decisions', 'id = fixture.id(''retention decision'')'),
    ('deadlines', 'id = fixture.id(''deadline'')'), ('deadline_extensions', 'id = fixture.id(''extension'')'),
    ('log_entries', 'id = fixture.id(''event'')'), ('log_tiles', 'level = 0'), ('log_trees', 'size = 1'), ('log_keys', 'name = ''log'''),
    ('log_signatures', 'name = ''log'''), ('witnessed_logs', 'id = fixture.id(''witnessed'')'), ('log_conflicts', 'id = fixture.id(''conflict'')'),
    ('log_archives', 'id = fixture.id(''archive'')'),
    ('disclosure_items', 'record_id = fixture.id(''contact'')'), ('access_events', 'id = fixture.id(''event'')'), ('access_extracts', 'id = fixture.id(''extract'')'),
    ('concern_reports', 'id = fixture.id(''report'')'), ('concern_report_identifications', 'id = fixture.id(''identification'')'),
    ('protection_assessments', 'id = fixture.id(''assessment'')'), ('preliminary_decisions', 'id = fixture.id(''preliminary'')'),
    ('investigations', 'id = fixture.id(''investigation'')'), ('investigation_extensions', 'id = fixture.id(''investigation/extension'')'),
    ('investigation_notices', 'id = fixture.id(''notice'')'), ('care_applications', 'id = fixture.id(''application'')'),
    ('investigation_closures', 'id = fixture.id(''investigation/closure'')'), ('consultations', 'id = fixture.id(''consultation'')'),
    ('consultation_answers', 'id = fixture.id(''advice'')'),
    ('review_rules', 'id = fixture.id(''rule'')'), ('staff_relations', 'id = fixture.id(''relation'')'), ('review_campaigns', 'id = fixture.id(''campaign'')'),
    ('review_campaign_rules', 'campaign_id = fixture.id(''campaign'')'), ('review_findings', 'id = fixture.id(''finding'')'), ('finding_reviews', 'id = fixture.id(''finding/review'')'),
    ('access_event_concerns', 'true'), ('access_event_terms', 'true'), ('access_counts', 'true'), ('access_counted', 'true'), ('idempotent_replies', 'true'), ('guardian_restrictions', 'id = fixture.id(''restriction'')'),
    ('exclusions', 'true'), ('emergency_accesses', 'true'),
    ('lead_transfers', 'true'), ('case_handovers', 'true'), ('handover_waivers', 'true'), ('emergency_reviews', 'true'), ('configuration', 'true'), ('transitions', 'true'),
    ('decisions', 'id = fixture.id(''decision'')'),
    ('information_requests', 'id = fixture.id(''request'')');
create temp table givers as select g.id from samsyn.consent_givers g where g.guardian_id = fixture.id('mother');
grant select on givers to public;

-- The insert of a copy, in which the one who acts stands as the one who did it. The policy is asked before keys and
-- checks are; what a trigger asks is answered before both, so triggers are off.
create function fixture.copy(name text, filter text, assignment text) returns text language plpgsql as $$
declare
    columns text;
    sample jsonb;
begin
    select string_agg(quote_ident(a.attname), ', ') into columns from pg_attribute a
    where a.attrelid = ('samsyn.' || name)::regclass and a.attnum > 0 and a.attgenerated = '';
    execute format('select to_jsonb(t) from samsyn.%I t where %s', name, filter) into sample;
    select sample || coalesce(jsonb_object_agg(key, fixture.id(assignment)), '{}') into sample from jsonb_object_keys(sample) key
    where key in ('author_id', 'added_by', 'invited_by', 'assessed_by', 'recorded_by', 'disclosed_by', 'opened_by', 'created_by', 'closed_by', 'reopened_by', 'decided_by', 'identified_by', 'given_by', 'registered_by', 'asked_by', 'answered_by', 'declared_by', 'proposed_by', 'waived_by', 'reviewed_by', 'placed_by', 'made_by')
        or (name = 'emergency_accesses' and key = 'assignment_id');
    if name = 'emergency_accesses' then
        sample := sample || jsonb_build_object('user_id', fixture.id('user:' || assignment));
    end if;
    return format('insert into samsyn.%1$I (%2$s) select %2$s from jsonb_populate_record(null::samsyn.%1$I, %3$L)', name, columns, sample);
end
$$;

-- The verbs that the assignment may: r(ead), a(dd), c(hange), d(elete), as "rac-"; anything unforeseen in full.
create function fixture.verbs(assignment text, name text, filter text) returns text language plpgsql as $$
declare
    a_column text := (select a.attname from pg_attribute a where a.attrelid = ('samsyn.' || name)::regclass and a.attnum > 0 and a.attgenerated = ''
        order by has_column_privilege('samsyn_api', a.attrelid, a.attnum, 'update') desc, a.attnum limit 1);
    copy text := fixture.copy(name, filter, assignment);
    triggers_off constant text := 'set local session_replication_role = replica';
    read text := fixture.attempt(assignment, format('select from samsyn.%I where %s', name, filter));
    added text := fixture.attempt(assignment, copy, triggers_off);
    changed text := fixture.attempt(assignment, format('update samsyn.%I set %2$I = %2$I where %3$s', name, a_column, filter), triggers_off);
    deleted text := fixture.attempt(assignment, format('delete from samsyn.%I where %s', name, filter), triggers_off);
begin
    return case when read = '1 row' then 'r' when read in ('0 rows', '42501') then '-' else '[' || read || ']' end
        || case when added in ('1 row', '23505') then 'a' when added = '42501' then '-' else '[' || added || ']' end
        || case when changed = '1 row' then 'c' when changed in ('0 rows', '42501') then '-' else '[' || changed || ']' end
        || case when deleted = '1 row' then 'd' when deleted in ('0 rows', '42501') then '-' else '[' || deleted || ']' end;
end
$$;

create temp table expected (name text, case_worker text, unit_manager text, professional text, collaboration_lead text,
    organisation_admin text, system_admin text, auditor text);
insert into expected values
    -- table                  worker  manager prof.   lead    admin   system  auditor
    ('organisations',         'r---', 'r---', 'r---', 'r---', 'rac-', 'rac-', 'r---'),
    ('roles',                 'r---', 'r---', 'r---', 'r---', 'r---', 'rac-', 'r---'),
    ('clients',               '----', '----', '----', '----', 'r---', 'rac-', '----'),
    ('users',                 'r---', 'r---', 'r---', 'r---', 'rac-', 'rac-', 'r---'),
    ('identities',            '----', '----', '----', '----', 'ra-d', 'ra-d', '----'),
    ('assignments',           'r---', 'r---', 'r---', 'r---', 'rac-', 'rac-', 'r---'),
    ('agreements',            'r---', 'r---', 'r---', 'rac-', 'r---', 'r---', 'r---'),
    ('agreement_parties',     'r---', 'r---', 'r---', 'r-c-', 'r---', 'r---', 'r---'),
    ('subjects',              'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('guardians',             'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('cases',                 'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('closures',              'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('reopenings',            'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('participants',          'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('team_members',          'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('records',               'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('record_versions',       'ra--', 'ra--', 'ra--', '----', '----', '----', '----'),
    ('consents',              'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('consent_givers',        'r---', 'r---', 'r---', '----', '----', '----', '----'),
    ('consent_answers',       'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('consent_revocations',   'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('disclosures',           'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('disclosure_items',      'ra--', 'ra--', 'ra--', '----', '----', '----', '----'),
    ('deadlines',             'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('deadline_extensions',   'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('plans',                 'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_parties',          'r---', 'r---', 'r---', '----', '----', '----', '----'),
    ('plan_needs',            'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_goals',            'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_interventions',    'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_follow_ups',       'ra--', 'ra--', 'ra--', '----', '----', '----', '----'),
    ('plan_measures',         'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_meetings',         'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('plan_views',            'ra--', 'ra--', 'ra--', '----', '----', '----', '----'),
    ('plan_changes',          'r---', 'r---', 'r---', '----', '----', '----', '----'),
    ('plan_copies',           'r---', 'r---', 'r---', '----', '----', '----', '----'),
    ('participation_records', 'ra--', 'ra--', 'ra--', '----', '----', '----', '----'),
    ('concern_reports',       'r---', 'r---', '----', '----', '----', '----', '----'),
    ('concern_report_identifications', 'ra--', 'ra--', '----', '----', '----', '----', '----'),
    ('protection_assessments', 'ra--', 'ra--', '----', '----', '----', '----', '----'),
    ('preliminary_decisions', 'r---', 'r---', '----', '----', '----', '----', '----'),
    ('investigations',        'r---', 'r---', 'r---', '----', '----', '----', '----'),
    ('investigation_extensions', 'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('investigation_notices', 'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('care_applications',     'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('investigation_closures', 'ra--', 'ra--', 'r---', '----', '----', '----', '----'),
    ('consultations',         'ra--', 'ra--', '-a--', '----', '----', '----', '----'),
    ('consultation_answers',  'ra--', 'ra--', '----', '----', '----', '----', '----'),
    ('legal_holds',           'r---', 'rac-', '----', '----', '----', '----', '----'),
    ('tombstones',            '----', '----', '----', '----', '----', '----', 'r---'),
    ('retention_decisions',   '----', '----', '----', '----', 'ra--', '----', '----'),
    ('access_events',         '----', '----', '----', '----', '----', '----', 'r---'),
    ('log_entries',           '----', '----', '----', '----', '----', '----', 'r---'),
    ('log_tiles',             'r---', 'r---', 'r---', 'r---', 'r---', 'r---', 'r---'),
    ('log_trees',             'r---', 'r---', 'r---', 'r---', 'r---', 'r---', 'r---'),
    ('log_keys',              'r---', 'r---', 'r---', 'r---', 'r---', 'r---', 'r---'),
    ('log_signatures',        'r---', 'r---', 'r---', 'r---', 'r---', 'r---', 'r---'),
    ('log_archives',          'r---', 'r---', 'r---', 'r---', 'r---', 'r---', 'r---'),
    ('access_extracts',       '----', '----', '----', '----', '----', '----', 'r---'),
    ('witnessed_logs',        '----', '----', '----', '----', '----', 'rac-', '----'),
    ('log_conflicts',         '----', '----', '----', '----', '----', 'r---', 'r---'),
    ('access_event_concerns', '----', '----', '----', '----', '----', '----', '----'),
    ('access_event_terms',    '----', '----', '----', '----', '----', '----', '----'),
    ('review_rules',          '----', '----', '----', '----', '----', '----', 'rac-'),
    ('staff_relations',       '----', '----', '----', '----', '----', '----', 'rac-'),
    ('review_campaigns',      '----', '----', '----', '----', '----', '----', 'rac-'),
    ('review_campaign_rules', '----', '----', '----', '----', '----', '----', 'ra--'),
    ('review_findings',       '----', '----', '----', '----', '----', '----', 'r---'),
    ('finding_reviews',       '----', '----', '----', '----', '----', '----', 'ra--'),
    ('access_counts',         '----', '----', '----', '----', '----', '----', '----'),
    ('access_counted',        '----', '----', '----', '----', '----', '----', '----'),
    ('idempotent_replies',    '----', '----', '----', '----', '----', '----', '----'),
    ('guardian_restrictions', 'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('exclusions',            '----', 'rac-', '----', '----', '----', '----', '----'),
    ('lead_transfers',        'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('case_handovers',        'rac-', 'rac-', 'rac-', '----', '----', '----', '----'),
    ('transitions',           'rac-', 'rac-', 'r---', '----', '----', '----', '----'),
    ('handover_waivers',      '----', 'ra--', '----', '----', '----', '----', '----'),
    ('emergency_accesses',    '-a--', 'rac-', '-a--', '----', '----', '----', '----'),
    ('emergency_reviews',     '----', 'ra--', '----', '----', '----', '----', '----'),
    ('configuration',         '----', '----', '----', '----', '----', '----', '----'),
    ('decisions',             'r---', 'rac-', 'r---', '----', '----', '----', '----'),
    ('information_requests',  'rac-', 'rac-', 'rac-', '----', '----', '----', '----');

select is(fixture.verbs(who.assignment, e.name, s.filter), to_jsonb(e) ->> replace(who.role, '-', '_'), who.role || ' on ' || e.name)
from (values ('social-colleague', 'case-worker'), ('social-manager', 'unit-manager'), ('social-professional', 'professional'),
    ('social-lead', 'collaboration-lead'), ('social-admin', 'organisation-admin'), ('system-admin', 'system-admin'), ('social-auditor', 'auditor'))
    who(assignment, role)
cross join expected e join samples s using (name)
order by who.role, e.name;

select bag_eq($$ select c.relname::text from pg_class c where c.relnamespace = 'samsyn'::regnamespace and c.relkind in ('r', 'p')
    and not c.relispartition and c.relrowsecurity $$, $$ select name from expected $$, 'no table with row security was forgotten');
select bag_eq($$ select code from samsyn.roles r where exists (select from samsyn.assignments a where a.role_id = r.id and a.id = any (array(select fixture.id(name)
    from unnest(array['social-colleague', 'social-manager', 'social-professional', 'social-lead', 'social-admin', 'system-admin', 'social-auditor']) name))) $$,
    $$ select code from samsyn.roles where code <> 'party' $$, 'and no role that an assignment can have');

-- The same world without a principal, and for the reader of aggregates.
select fixture.act_as_nobody();
set local role samsyn_api;
select is((select count(*) from samsyn.organisations) + (select count(*) from samsyn.users) + (select count(*) from samsyn.agreements)
    + (select count(*) from samsyn.subjects) + (select count(*) from samsyn.cases) + (select count(*) from samsyn.records)
    + (select count(*) from samsyn.access_events) + (select count(*) from api.me), 0::bigint, 'before samsyn.enter there is nothing to see');
reset role;

-- Roles that there cannot be ---------------------------------------------------------------------------------------------

create function fixture.role(permissions text[]) returns text language plpgsql as $$
begin
    begin
        insert into samsyn.roles (id, code, name_en, name_sv, permissions) values (samsyn.uuid7(), 'new-role', 'New', 'Ny', permissions);
        raise exception using errcode = 'ZZ000', message = 'accepted';
    exception
        when sqlstate 'ZZ000' then return sqlerrm;
        when sqlstate 'SA001' then return sqlerrm;
    end;
end
$$;
select is(fixture.role(array[content.code, other.code]), 'UNPROCESSABLE', content.code || ' does not combine with ' || other.code)
from samsyn.permissions content cross join samsyn.permissions other
where content.area = 'content' and other.area in ('administration', 'audit') order by content.code, other.code;
select is(fixture.role(array[content.code, other.code]), 'accepted', content.code || ' combines with ' || other.code)
from samsyn.permissions content cross join samsyn.permissions other
where content.area = 'content' and other.area in ('common', 'governance') and content.code in ('case:read', 'record:read') order by content.code, other.code;
select is(fixture.role('{case:read,no:such}'), 'INVALID_REFERENCE', 'a permission that does not exist is refused');
select is(fixture.role('{}'), 'accepted', 'a role that may nothing is one');
select throws_ok($$ update samsyn.roles set permissions = permissions || '{record:read}' where code = 'auditor' $$, 'SA001', 'UNPROCESSABLE',
    'an edited role is held to the same');
select throws_ok($$ update samsyn.roles set permissions = permissions || '{organisation:any}' where code = 'case-worker' $$, 'SA001', 'UNPROCESSABLE',
    'from the other side as well');
select is_empty($$ select r.code from samsyn.roles r where exists (select from samsyn.permissions p where p.code = any (r.permissions) and p.area = 'content')
    and exists (select from samsyn.permissions p where p.code = any (r.permissions) and p.area in ('administration', 'audit')) $$,
    'none of the roles that there are combines them');

-- Nobody raises themselves.
select is(fixture.attempt('system-admin', $$ update samsyn.roles set permissions = permissions || '{access-event:read}' where code = 'system-admin' $$),
    'SA001 ROLE_NOT_ALLOWED', 'nobody changes what the role in which they act may');
select is(fixture.attempt('social-admin', $$ insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), samsyn.me(), a.unit_id, a.organisation_id, r.id, samsyn.today() from samsyn.assignments a, samsyn.roles r
    where a.id = samsyn.assignment() and r.code = 'case-worker' $$), 'SA001 ROLE_NOT_ALLOWED', 'nobody gives themselves an assignment');
select is(fixture.attempt('social-admin', $$ insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), fixture.id('user:social-worker'), a.unit_id, a.organisation_id, r.id, samsyn.today() from samsyn.assignments a, samsyn.roles r
    where a.id = samsyn.assignment() and r.code = 'system-admin' $$), 'SA001 ROLE_NOT_ALLOWED', 'an administrator of an organisation makes nobody system administrator');
select is(fixture.attempt('social-admin', $$ insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), fixture.id('user:social-worker'), a.unit_id, a.organisation_id, r.id, samsyn.today() from samsyn.assignments a, samsyn.roles r
    where a.id = samsyn.assignment() and r.code = 'professional' $$), '1 row', 'but gives others a role in the organisation');
select is(fixture.attempt('social-admin', $$ insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select samsyn.uuid7(), fixture.id('user:social-worker'), fixture.id('school-unit'), a.organisation_id, r.id, samsyn.today() from samsyn.assignments a, samsyn.roles r
    where a.id = samsyn.assignment() and r.code = 'professional' $$), '42501', 'and in no other');

select * from finish();
rollback;
