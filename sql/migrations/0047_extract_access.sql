-- The extract of the access log for the person it is about: who has read what, when and on which ground (Patient Data Act
-- 2008:355 8:5, GDPR article 15). It is made at an authority's desk for the subject or a guardian, or taken by themselves
-- under /my. What it tells is decided in one place, the one that decides what the list under /my tells.

-- What a party is told of the log ----------------------------------------------------------------------------------------

create function samsyn.my_told_people() returns samsyn.told_person[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(
        select row(p.subject_id, p.guardian_id is null, p.location_kept, p.withholding,
            array(select t.case_id from samsyn.my_told_cases t where t.subject_id = p.subject_id),
            samsyn.kept_resources(p.subject_id, case when p.guardian_id is null then 'child' else 'guardian' end))::samsyn.told_person
        from samsyn.my_told_persons p
        where 'access-events' = any (p.visible));
end
$$;
comment on function samsyn.my_told_people is 'Those about whom the party sees access events, with what is told of them and what is not.';

create function samsyn.attempting_organisations(people samsyn.told_person[]) returns table (subject_id uuid, organisation_id uuid)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        select known.subject, known.organisation
        from (select s.id as subject, s.organisation_id as organisation
            from unnest(people) p join samsyn.subjects s on s.id = p.subject_id
            union
            select p.subject_id, x.organisation_id
            from unnest(people) p join samsyn.participants x on x.case_id = any (p.cases) and x.status in ('lead', 'accepted')
            where coalesce(x.ground <> all ((select samsyn.crime_grounds())::text[]), true)) known
        where not samsyn.investigates_crime(known.organisation);
end
$$;
comment on function samsyn.attempting_organisations is
    'Whose refused attempts the party is told: those of the organisation in whose register the child is and of those that take part in a case that they are told of. That another one tried says that the child is known there.';

create function samsyn.next_events_about(people samsyn.told_person[], since timestamptz, before timestamptz, last_at timestamptz, last_id uuid,
        last_child uuid, refused boolean, most bigint)
    returns table (id uuid, at timestamptz, about uuid)
    language plpgsql stable security definer set search_path = pg_catalog
    -- As samsyn.find_access_events: planned for what is given, and along the index, so that no part costs more for what
    -- comes after it. Settings of a function hold in those that it calls: it calls none.
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
    set enable_bitmapscan = off set enable_sort = off as $$
begin
    return query
        select e.id, e.at, p.subject_id
        from unnest(people) p
        join samsyn.subjects s on s.id = p.subject_id
        -- Each event about the child is found in the terms of the organisation in whose register it is.
        cross join lateral (
            select e.id, e.at from samsyn.access_event_terms k
            join samsyn.access_events e on e.id = k.id and e.at = k.at
            where k.organisation_id = s.organisation_id and k.term = s.id
                and (e.outcome = 'allowed' or refused and e.activity in ('read', 'search'))
                and (since is null or k.at >= since) and (before is null or k.at < before)
                and (last_at is null or (k.at <= last_at and (k.at, k.id, s.id) < (last_at, last_id, last_child)))
                and (p.self or (e.role is distinct from 'party' and not coalesce(e.organisation_id = any (p.withholding), false)))
            order by k.at desc, k.id desc limit most) e
        order by e.at desc, e.id desc, p.subject_id desc limit most;
end
$$;
comment on function samsyn.next_events_about is
    'The next `most` events about these people, newest first, of a period, after the last one seen, before it is asked which of them are told.';

create function samsyn.walk_told_events(people samsyn.told_person[], since timestamptz, before timestamptz, the_cursor text, refused boolean,
        most bigint)
    returns table (event samsyn.access_events, subject_id uuid, location_kept boolean, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    last_at timestamptz := split_part(the_cursor, '_', 1)::timestamptz;
    last_id uuid := split_part(the_cursor, '_', 2)::uuid;
    last_child uuid := split_part(the_cursor, '_', 3)::uuid;
    ids uuid[];
    times timestamptz[];
    children uuid[];
    so_many bigint;
begin
    while most > 0 and people <> '{}' loop
        -- The next ones in order; which of them are told is asked of all at once, until the page is full.
        select array_agg(e.id), array_agg(e.at), array_agg(e.about) into ids, times, children
        from samsyn.next_events_about(people, since, before, last_at, last_id, last_child, refused, most + 100) e;
        exit when ids is null;
        last_at := times[cardinality(times)];
        last_id := ids[cardinality(ids)];
        last_child := children[cardinality(children)];
        return query
            with attempting as materialized (select o.subject_id, o.organisation_id from samsyn.attempting_organisations(people) o where refused)
            select f.event, f.subject_id, f.location_kept, samsyn.utc_micro((f.event).at) || '_' || (f.event).id || '_' || f.subject_id
            from samsyn.told_events(people, ids, times, children) f
            join unnest(people) p on p.subject_id = f.subject_id
            where (f.event).outcome = 'allowed'
                or not (f.event).resource_ids && p.kept
                and exists (select from attempting o
                    where o.subject_id = f.subject_id and o.organisation_id = (f.event).organisation_id)
            order by f.place limit most;
        get diagnostics so_many = row_count;
        most := most - so_many;
    end loop;
end
$$;
comment on function samsyn.walk_told_events is
    'The next `most` events about these people that the party is told, newest first, of a period, after `the_cursor` ("time_event_child" of the last one seen): what was read or changed and, when asked for, which attempts to read were refused; to a guardian not what other parties read, nor what an organisation did that withholds everything from them.';

create function samsyn.find_my_access_events(the_cursor text, most bigint)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        select (f.event).id, f.subject_id, null::uuid, null::text, null::uuid, null::text,
            json_strip_nulls(json_build_object('id', (f.event).id, 'at', samsyn.utc((f.event).at), 'subjectId', f.subject_id,
                'organisationName', case when not f.location_kept then samsyn.organisation_name((f.event).organisation_id) end,
                'role', (f.event).role, 'activity', (f.event).activity,
                'operation', samsyn.plain_name((f.event).operation), 'grounds',
                array(select g from unnest((f.event).grounds) g where g <> all ((select samsyn.crime_grounds())::text[])))),
            f.cursor
        from samsyn.walk_told_events(samsyn.my_told_people(), null, null, the_cursor, false, most)
            with ordinality f (event, subject_id, location_kept, cursor, place)
        order by f.place;
end
$$;
comment on function samsyn.find_my_access_events is
    'The next `most` events about the party and their children, newest first, after `the_cursor`: what was read or changed, not what was refused. Never who read.';
grant execute on function samsyn.find_my_access_events to samsyn_api;

-- An event in words ------------------------------------------------------------------------------------------------------

create table samsyn.operation_words (
    operation text primary key check (operation ~ '^[a-zA-Z]+$'),
    sv text not null,
    en text not null
);
comment on table samsyn.operation_words is 'What an operation does, for someone who does not know the contract, as who did it would say: "Läste en anteckning". Those without a row are told by their activity.';
insert into samsyn.operation_words (operation, sv, en) values
    ('listSubjects', 'Visade en lista över barn, med barnets namn', 'Listed children, with the child''s name'),
    ('createSubject', 'Registrerade barnet', 'Registered the child'),
    ('getSubject', 'Läste uppgifter om barnet (namn, födelsedatum, kontaktuppgifter)', 'Read about the child (name, date of birth, contact details)'),
    ('updateSubject', 'Ändrade uppgifter om barnet', 'Changed what is registered about the child'),
    ('searchSubjects', 'Sökte efter barnet med personnummer', 'Searched for the child by identity number'),
    ('listGuardians', 'Läste vilka som är barnets vårdnadshavare', 'Read who the child''s guardians are'),
    ('createGuardian', 'Registrerade en vårdnadshavare', 'Registered a guardian'),
    ('getGuardian', 'Läste uppgifter om en vårdnadshavare', 'Read about a guardian'),
    ('updateGuardian', 'Ändrade uppgifter om en vårdnadshavare', 'Changed what is registered about a guardian'),
    ('listCases', 'Visade en lista över ärenden, med detta ärende', 'Listed cases, this one among them'),
    ('createCase', 'Öppnade ett ärende', 'Opened a case'),
    ('getCase', 'Läste ett ärende', 'Read a case'),
    ('updateCase', 'Ändrade ett ärende', 'Changed a case'),
    ('listClosures', 'Läste när ett ärende har avslutats', 'Read when a case was closed'),
    ('closeCase', 'Avslutade ett ärende', 'Closed a case'),
    ('listReopenings', 'Läste när ett ärende har öppnats igen', 'Read when a case was reopened'),
    ('reopenCase', 'Öppnade ett ärende igen', 'Reopened a case'),
    ('listParticipants', 'Läste vilka verksamheter som deltar i ett ärende', 'Read which agencies take part in a case'),
    ('inviteParticipant', 'Bjöd in en annan verksamhet till ett ärende', 'Invited another agency to a case'),
    ('listInvitations', 'Läste inbjudningar till ärenden', 'Read invitations to cases'),
    ('getParticipant', 'Läste om en verksamhets deltagande i ett ärende', 'Read about an agency''s part in a case'),
    ('acceptInvitation', 'Tackade ja till att delta i ett ärende', 'Accepted to take part in a case'),
    ('declineInvitation', 'Tackade nej till att delta i ett ärende', 'Declined to take part in a case'),
    ('endParticipation', 'Avslutade en verksamhets deltagande i ett ärende', 'Ended an agency''s part in a case'),
    ('listTeamMembers', 'Läste vilka som arbetar med ett ärende', 'Read who works on a case'),
    ('addTeamMember', 'Utsåg en medarbetare till ett ärende', 'Appointed someone to work on a case'),
    ('getTeamMember', 'Läste om en medarbetare i ett ärende', 'Read about someone who works on a case'),
    ('endTeamMember', 'Avslutade en medarbetares arbete med ett ärende', 'Ended someone''s work on a case'),
    ('listLeadTransfersOfCase', 'Läste vem som ansvarar för ett ärende och har ansvarat för det', 'Read who is and was responsible for a case'),
    ('createLeadTransfer', 'Erbjöd en annan enhet att ta över ansvaret för ett ärende', 'Offered another unit the responsibility for a case'),
    ('listLeadTransfers', 'Läste vilka ärenden enheten erbjuds att ta över', 'Read which cases the unit is offered'),
    ('getLeadTransfer', 'Läste om byte av ansvarig för ett ärende', 'Read about a change of responsibility for a case'),
    ('acceptLeadTransfer', 'Tog över ansvaret för ett ärende', 'Took over the responsibility for a case'),
    ('declineLeadTransfer', 'Avböjde att ta över ett ärende', 'Declined to take over a case'),
    ('withdrawLeadTransfer', 'Tog tillbaka erbjudandet att ta över ett ärende', 'Withdrew the offer of a case'),
    ('listHandoversOfCase', 'Läste om överlämningar mellan handläggare', 'Read about handovers between colleagues'),
    ('createHandover', 'Överlämnade ett ärende till en kollega', 'Handed a case over to a colleague'),
    ('listHandovers', 'Läste vilka ärenden som överlämnas till en', 'Read which cases are handed over'),
    ('getHandover', 'Läste om en överlämning till en kollega', 'Read about a handover to a colleague'),
    ('acceptHandover', 'Tog emot ett ärende från en kollega', 'Took over a case from a colleague'),
    ('declineHandover', 'Avböjde att ta emot ett ärende', 'Declined a case from a colleague'),
    ('withdrawHandover', 'Tog tillbaka en överlämning', 'Withdrew a handover'),
    ('listOutstandingHandovers', 'Läste vilka ärenden som behöver en ny handläggare', 'Read which cases need someone else'),
    ('listTransitionsOfCase', 'Läste om barnets byte av verksamhet', 'Read about the child''s move between agencies'),
    ('createTransition', 'Meddelade att barnet byter verksamhet', 'Announced that the child moves to another agency'),
    ('listTransitions', 'Läste vilka barn som byter verksamhet', 'Read which children move between agencies'),
    ('getTransition', 'Läste om barnets byte av verksamhet', 'Read about the child''s move between agencies'),
    ('acknowledgeTransition', 'Bekräftade att barnet byter verksamhet', 'Acknowledged that the child moves'),
    ('listEmergencyAccesses', 'Läste vilka nödåtkomster som har öppnats', 'Read which emergency accesses were opened'),
    ('openEmergencyAccess', 'Öppnade nödåtkomst till ett ärende', 'Opened a case in an emergency'),
    ('getEmergencyAccess', 'Läste om en nödåtkomst', 'Read about an emergency access'),
    ('endEmergencyAccess', 'Avslutade en nödåtkomst', 'Ended an emergency access'),
    ('reviewEmergencyAccess', 'Granskade en nödåtkomst', 'Reviewed an emergency access'),
    ('listExclusions', 'Läste vilka som på grund av jäv inte får arbeta med ett ärende', 'Read who is kept from a case for a conflict of interest'),
    ('createExclusion', 'Registrerade att någon på grund av jäv inte får arbeta med ett ärende', 'Kept someone from a case for a conflict of interest'),
    ('getExclusion', 'Läste att någon på grund av jäv inte får arbeta med ett ärende', 'Read that someone is kept from a case for a conflict of interest'),
    ('endExclusion', 'Registrerade att ett jäv har upphört', 'Recorded that a conflict of interest has ended'),
    ('listRecords', 'Läste anteckningar i ett ärende', 'Read the notes of a case'),
    ('createRecord', 'Skrev en anteckning', 'Wrote a note'),
    ('getRecord', 'Läste en anteckning', 'Read a note'),
    ('listRecordVersions', 'Läste tidigare versioner av en anteckning', 'Read earlier versions of a note'),
    ('amendRecord', 'Rättade eller kompletterade en anteckning', 'Amended a note'),
    ('listConsentsOfCase', 'Läste vilka samtycken som finns', 'Read which consents there are'),
    ('createConsent', 'Bad om ett samtycke', 'Asked for a consent'),
    ('listConsents', 'Läste vilka samtycken som finns', 'Read which consents there are'),
    ('getConsent', 'Läste ett samtycke', 'Read a consent'),
    ('updateConsent', 'Ändrade var ett samtycke förvaras', 'Changed where a consent is kept'),
    ('answerConsent', 'Registrerade ett svar på ett samtycke', 'Recorded an answer to a consent'),
    ('revokeConsent', 'Registrerade att ett samtycke har återkallats', 'Recorded that a consent was withdrawn'),
    ('listDecisions', 'Läste beslut om att lämna ut uppgifter', 'Read decisions on disclosure'),
    ('createDecision', 'Beslutade om att lämna ut uppgifter', 'Decided on a disclosure'),
    ('getDecision', 'Läste ett beslut om att lämna ut uppgifter', 'Read a decision on disclosure'),
    ('withdrawDecision', 'Tog tillbaka ett beslut om att lämna ut uppgifter', 'Withdrew a decision on disclosure'),
    ('listInformationRequestsOfCase', 'Läste vilka uppgifter som har begärts', 'Read which information was asked for'),
    ('createInformationRequest', 'Begärde uppgifter från en annan verksamhet', 'Asked another agency for information'),
    ('listInformationRequests', 'Läste vilka uppgifter som har begärts', 'Read which information was asked for'),
    ('getInformationRequest', 'Läste en begäran om uppgifter', 'Read a request for information'),
    ('refuseInformationRequest', 'Avslog en begäran om uppgifter', 'Refused a request for information'),
    ('withdrawInformationRequest', 'Tog tillbaka en begäran om uppgifter', 'Withdrew a request for information'),
    ('listDisclosures', 'Läste vilka uppgifter som har lämnats till andra verksamheter', 'Read what was disclosed to other agencies'),
    ('createDisclosure', 'Lämnade ut uppgifter till en annan verksamhet', 'Disclosed information to another agency'),
    ('getDisclosure', 'Läste vad som har lämnats till en annan verksamhet', 'Read what was disclosed to another agency'),
    ('endDisclosure', 'Avslutade delning av uppgifter med en annan verksamhet', 'Ended the sharing of information with another agency'),
    ('listDeadlines', 'Läste vilka tidsfrister som gäller', 'Read which deadlines there are'),
    ('getDeadline', 'Läste om en tidsfrist', 'Read about a deadline'),
    ('extendDeadline', 'Förlängde en tidsfrist', 'Extended a deadline'),
    ('completeDeadline', 'Registrerade att en tidsfrist är uppfylld', 'Recorded that a deadline was met'),
    ('listDeadlinesOfCase', 'Läste vilka tidsfrister som gäller i ett ärende', 'Read the deadlines of a case'),
    ('createDeadline', 'Registrerade en tidsfrist', 'Registered a deadline'),
    ('listPlans', 'Läste vilka planer som finns', 'Read which plans there are'),
    ('createPlan', 'Började arbeta med en plan (SIP)', 'Began a plan (SIP)'),
    ('getPlan', 'Läste en plan (SIP)', 'Read a plan (SIP)'),
    ('updatePlan', 'Ändrade en plan (SIP)', 'Changed a plan (SIP)'),
    ('adoptPlan', 'Fastställde en plan (SIP)', 'Adopted a plan (SIP)'),
    ('endPlan', 'Avslutade en plan (SIP)', 'Ended a plan (SIP)'),
    ('listPlanChanges', 'Läste vad som har ändrats i en plan', 'Read what was changed in a plan'),
    ('createPlanNeed', 'Skrev in ett behov i en plan', 'Added a need to a plan'),
    ('getPlanNeed', 'Läste ett behov i en plan', 'Read a need in a plan'),
    ('updatePlanNeed', 'Ändrade ett behov i en plan', 'Changed a need in a plan'),
    ('createPlanGoal', 'Skrev in ett mål i en plan', 'Added a goal to a plan'),
    ('getPlanGoal', 'Läste ett mål i en plan', 'Read a goal in a plan'),
    ('updatePlanGoal', 'Ändrade ett mål i en plan', 'Changed a goal in a plan'),
    ('createPlanIntervention', 'Skrev in en insats i en plan', 'Added an intervention to a plan'),
    ('getPlanIntervention', 'Läste en insats i en plan', 'Read an intervention in a plan'),
    ('updatePlanIntervention', 'Ändrade en insats i en plan', 'Changed an intervention in a plan'),
    ('followUpPlanIntervention', 'Följde upp en insats i en plan', 'Reported on an intervention in a plan'),
    ('createPlanMeasure', 'Skrev in en annan åtgärd i en plan', 'Added another measure to a plan'),
    ('getPlanMeasure', 'Läste en annan åtgärd i en plan', 'Read another measure in a plan'),
    ('updatePlanMeasure', 'Ändrade en annan åtgärd i en plan', 'Changed another measure in a plan'),
    ('createPlanMeeting', 'Planerade ett möte om en plan', 'Planned a meeting about a plan'),
    ('getPlanMeeting', 'Läste om ett möte om en plan', 'Read about a meeting about a plan'),
    ('updatePlanMeeting', 'Ändrade ett möte om en plan', 'Changed a meeting about a plan'),
    ('recordPlanMeetingOutcome', 'Skrev in vad ett möte om en plan ledde till', 'Recorded what a meeting about a plan led to'),
    ('createPlanView', 'Skrev in vad barnet eller en vårdnadshavare anser om en plan', 'Recorded what the child or a guardian thinks of a plan'),
    ('getPlanView', 'Läste vad barnet eller en vårdnadshavare anser om en plan', 'Read what the child or a guardian thinks of a plan'),
    ('listParticipationRecords', 'Läste hur barnet och vårdnadshavarna har varit delaktiga', 'Read how the child and the guardians took part'),
    ('createParticipationRecord', 'Skrev in hur barnet eller en vårdnadshavare har varit delaktig', 'Recorded how the child or a guardian took part'),
    ('getParticipationRecord', 'Läste hur barnet eller en vårdnadshavare har varit delaktig', 'Read how the child or a guardian took part'),
    ('getParticipationSummary', 'Läste hur tidigt och hur mycket barnet och vårdnadshavarna har varit delaktiga', 'Read how early and how much the child and the guardians took part'),
    ('listInvestigationsOfCase', 'Läste vilka utredningar som finns', 'Read which investigations there are'),
    ('listInvestigations', 'Läste vilka utredningar som finns', 'Read which investigations there are'),
    ('getInvestigation', 'Läste en utredning', 'Read an investigation'),
    ('extendInvestigation', 'Förlängde en utredning', 'Extended an investigation'),
    ('informOnInvestigation', 'Registrerade vem som har informerats om en utredning', 'Recorded who was informed of an investigation'),
    ('closeInvestigation', 'Avslutade en utredning', 'Closed an investigation'),
    ('getRetention', 'Läste hur länge uppgifterna ska bevaras', 'Read how long the information is kept'),
    ('listLegalHolds', 'Läste om något hindrar att uppgifter gallras', 'Read whether anything stops the culling of a case'),
    ('createLegalHold', 'Stoppade gallring av ett ärende', 'Stopped the culling of a case'),
    ('getLegalHold', 'Läste vad som hindrar att uppgifter gallras', 'Read what stops the culling of a case'),
    ('releaseLegalHold', 'Lät gallring av ett ärende fortsätta', 'Let the culling of a case go on'),
    ('listMySubjects', 'Läste på e-tjänst vilka verksamheter som har uppgifter om barnet', 'Read online which agencies know the child'),
    ('getMyContactDetails', 'Läste på e-tjänst barnets kontaktuppgifter', 'Read the child''s contact details online'),
    ('listMyCases', 'Läste på e-tjänst vilka ärenden som finns', 'Read online which cases there are'),
    ('getMyCase', 'Läste på e-tjänst om ett ärende', 'Read about a case online'),
    ('listMyConsents', 'Läste på e-tjänst vilka samtycken som finns', 'Read online which consents there are'),
    ('getMyConsent', 'Läste på e-tjänst ett samtycke', 'Read a consent online'),
    ('answerMyConsent', 'Svarade på e-tjänst på ett samtycke', 'Answered a consent online'),
    ('revokeMyConsent', 'Återkallade på e-tjänst ett samtycke', 'Withdrew a consent online'),
    ('listMyPlans', 'Läste på e-tjänst vilka planer som finns', 'Read online which plans there are'),
    ('getMyPlan', 'Läste på e-tjänst en plan (SIP)', 'Read a plan (SIP) online'),
    ('leaveMyPlanView', 'Skrev på e-tjänst vad man anser om en plan', 'Wrote online what one thinks of a plan'),
    ('getMyAccessExtract', 'Tog på e-tjänst ut vem som har läst vad', 'Took out online who has read what');

create table samsyn.activity_words (
    activity text primary key,
    sv text not null,
    en text not null
);
comment on table samsyn.activity_words is 'The same for an activity: for what has no words of its own, and for what was refused, of which nothing more is told: what was asked for may not exist, or not be told.';
insert into samsyn.activity_words (activity, sv, en) values
    ('refused', 'Försökte läsa uppgifter men nekades; inga uppgifter lämnades', 'Tried to read and was refused; nothing was shown'),
    ('read', 'Läste uppgifter', 'Read information'),
    ('search', 'Sökte efter uppgifter', 'Searched for information'),
    ('write', 'Ändrade uppgifter', 'Changed information'),
    ('sign', 'Undertecknade en handling', 'Signed a document'),
    ('disclose', 'Lämnade ut uppgifter till en annan verksamhet', 'Disclosed information to another agency'),
    ('export', 'Tog ut uppgifter', 'Took information out'),
    ('evaluate', 'Kontrollerade vem som får ta del av uppgifter', 'Asked who may see what'),
    ('emergency-access', 'Öppnade nödåtkomst till ett ärende', 'Opened a case in an emergency');

-- Inlined where it is called: a row has no time for a function of its own.
create function samsyn.event_words(outcome text, activity text, operation text) returns table (sv text, en text)
    language sql stable as $$
    select coalesce(w.sv, a.sv), coalesce(w.en, a.en)
    from (values (case outcome when 'denied' then 'refused' else activity end)) known (activity)
    left join samsyn.operation_words w on w.operation = event_words.operation and outcome = 'allowed'
    left join samsyn.activity_words a on a.activity = known.activity
$$;
comment on function samsyn.event_words is 'What was done, in words for everyone.';

create function samsyn.ground_words(codes text[], on_day date) returns table (words json)
    language sql stable as $$
    select coalesce(json_agg(json_build_object('code', g.code, 'titleSv', g.title_sv, 'titleEn', g.title_en,
            'provision', g.statute || ' ' || g.section) order by g.code), '[]')
        from unnest(codes) given
        cross join lateral (select l.code, l.title_sv, l.title_en, l.statute, l.section from samsyn.legal_grounds l
            where l.code = given
            order by on_day between l.valid_from and coalesce(l.valid_until, 'infinity') desc, l.valid_from desc limit 1) g
$$;
comment on function samsyn.ground_words is 'Legal grounds with their titles and provisions as they were on a day.';

create function samsyn.local_time(instant timestamptz) returns text
    language sql stable as $$
    select to_char(instant at time zone 'Europe/Stockholm', 'YYYY-MM-DD HH24:MI:SS')
$$;
comment on function samsyn.local_time is 'Date and time in Sweden, as printed.';

create function samsyn.extract_rows(people samsyn.told_person[], since timestamptz, before timestamptz, the_cursor text, most bigint,
        naming uuid)
    returns table (body json, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    untold constant text[] := samsyn.crime_grounds();
begin
    return query
        with told as materialized (
            select f.* from samsyn.walk_told_events(people, since, before, the_cursor, true, most)
                with ordinality f (event, subject_id, location_kept, cursor, place)),
        -- Most rows of a day rest on the same grounds: each is put into words once.
        grounds as materialized (
            select d.codes, d.on_day, w.words
            from (select distinct (f.event).grounds as codes, samsyn.legal_day((f.event).at) as on_day from told f) d
            cross join lateral samsyn.ground_words(array(select code from unnest(d.codes) code where code <> all (untold)), d.on_day) w)
        select json_strip_nulls(json_build_object('id', (f.event).id, 'at', samsyn.utc((f.event).at), 'localTime', samsyn.local_time((f.event).at),
                'subjectId', f.subject_id, 'outcome', (f.event).outcome,
                'organisationName', case when not f.location_kept then o.name end,
                'unitName', case when not f.location_kept and u.id <> o.id then u.name end,
                'role', (f.event).role, 'roleNameSv', r.name_sv, 'roleNameEn', r.name_en, 'staffName', x.name,
                'activity', (f.event).activity, 'actionSv', w.sv, 'actionEn', w.en,
                'grounds', g.words,
                'emergency', case when (f.event).emergency_id is not null or (f.event).activity = 'emergency-access' then true end)),
            f.cursor
        from told f
        left join samsyn.organisations o on o.id = (f.event).organisation_id
        left join samsyn.organisations u on u.id = (f.event).unit_id
        left join samsyn.roles r on r.code = (f.event).role
        left join samsyn.users x on x.id = (f.event).user_id and (f.event).organisation_id = naming and not f.location_kept
        cross join lateral samsyn.event_words((f.event).outcome, (f.event).activity, (f.event).operation) w
        join grounds g on g.codes = (f.event).grounds and g.on_day = samsyn.legal_day((f.event).at)
        order by f.place;
end
$$;
comment on function samsyn.extract_rows is
    'The next `most` rows of an extract. Where the location of the child is kept from the party, no row says where. naming: the organisation whose own staff are named, null for nobody''s.';

create function samsyn.checkpoint_reference(the_size bigint) returns json
    language sql stable security definer set search_path = pg_catalog as $$
    select json_build_object('origin', split_part(note, E'\n', 1), 'size', the_size, 'rootHash', split_part(note, E'\n', 3))
    from samsyn.checkpoint(the_size) note where note is not null
$$;
comment on function samsyn.checkpoint_reference is
    'The signed checkpoint of the log of this size, by which whoever holds an extract can have it checked against the log later; null when there is none.';

-- At the desk ------------------------------------------------------------------------------------------------------------

create table samsyn.access_extracts (
    id uuid primary key,
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    guardian_id uuid references samsyn.guardians,
    identity_check text not null check (identity_check in ('identity-document', 'e-identification', 'personally-known')),
    names_staff boolean not null,
    since timestamptz,
    before timestamptz not null,
    log_size bigint references samsyn.log_trees,
    made_by uuid not null references samsyn.assignments,
    made_at timestamptz not null default samsyn.now(),
    check (since < before)
);
comment on table samsyn.access_extracts is 'Extracts of the access log that were made at a desk: about whom, for whom, of which period, by whom. What it tells is not kept but read anew from the log, whose rows do not change: the same rows, but for what has been withheld since, and what the log no longer holds.';
comment on column samsyn.access_extracts.guardian_id is 'The guardian for whom it was made; null for the subject themselves.';
comment on column samsyn.access_extracts.identity_check is 'How the one before the desk was known to be who they said.';
comment on column samsyn.access_extracts.names_staff is 'Whether the organisation names its own staff in it, which is its own decision to make; never those of another.';
comment on column samsyn.access_extracts.log_size is 'Size of the newest signed tree of the log when it was made.';
comment on column samsyn.access_extracts.before is 'Events before this time: the end of the period, and never later than when it was made.';
create index access_extracts_by_organisation on samsyn.access_extracts (organisation_id, made_at desc, id desc);
create index access_extracts_by_subject on samsyn.access_extracts (subject_id, made_at desc, id desc);
create index access_extracts_by_guardian on samsyn.access_extracts (guardian_id) where guardian_id is not null;
create trigger forbid_change before update or delete on samsyn.access_extracts for each row execute function samsyn.forbid_change();

call samsyn.protect('access_extracts');
create policy read on samsyn.access_extracts for select to samsyn_api using (
    (select samsyn.may('access-extract:read')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[]));
grant select on samsyn.access_extracts to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description) values
    ('access-extract:read', 'audit', 'audit', 'Read which extracts of the access log were made for the persons they are about, and what they hold'),
    ('access-extract:write', 'audit', 'audit', 'Make an extract of the access log for the person it is about');
update samsyn.roles set permissions = permissions || '{access-extract:read,access-extract:write}' where code = 'auditor';

create function samsyn.as_party(number text) returns jsonb
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    before constant jsonb := jsonb_build_object('party_number', samsyn.party_number(), 'permissions', samsyn.setting('permissions'));
begin
    perform samsyn.put_settings(jsonb_build_object('party_number', number, 'permissions', ',my:read,'));
    return before;
end
$$;
comment on function samsyn.as_party is
    'Asks as the guardian or child with this number would, until samsyn.put_settings is given what it returns: so that a desk tells what they could see themselves, by the same rule, and nothing else.';

create function samsyn.party_role(number text, the_subject uuid, out is_party boolean, out guardian_id uuid)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    before constant jsonb := samsyn.as_party(number);
begin
    select true, p.guardian_id into is_party, guardian_id from samsyn.my_persons p
    where p.subject_id = the_subject order by p.guardian_id nulls first limit 1;
    perform samsyn.put_settings(before);
end
$$;
comment on function samsyn.party_role is
    'Whether whoever has this number is the subject, from 15, or a guardian with custody of it today; what is withheld from them is not asked, and so not told.';

create function samsyn.make_access_extract(the_id uuid, body jsonb) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    moment constant timestamptz := clock_timestamp();
    child uuid;
    party record;
begin
    perform samsyn.require(samsyn.may('access-extract:write'), 'ROLE_NOT_ALLOWED');
    select s.id into child from samsyn.subjects s
    where s.organisation_id = samsyn.organisation() and s.id <> all (samsyn.excluded_subjects())
        and case when body ? 'subjectId' then s.id = (body ->> 'subjectId')::uuid
            else s.identity_number = samsyn.normal_identity_number(body ->> 'subjectIdentityNumber', samsyn.today()) end;
    perform samsyn.require(child is not null, 'INVALID_REFERENCE', case when body ? 'subjectId' then '/body/subjectId' else '/body/subjectIdentityNumber' end);
    party := samsyn.party_role(samsyn.normal_identity_number(body ->> 'recipientIdentityNumber', samsyn.today()), child);
    perform samsyn.require(coalesce(party.is_party, false), 'INVALID_REFERENCE', '/body/recipientIdentityNumber');
    perform samsyn.require(coalesce((body ->> 'from')::timestamptz < least((body ->> 'until')::timestamptz, moment), true), 'UNPROCESSABLE', '/body/from');
    insert into samsyn.access_extracts (id, subject_id, organisation_id, unit_id, guardian_id, identity_check, names_staff, since, before, log_size, made_by)
    values (the_id, child, samsyn.organisation(), samsyn.unit(), party.guardian_id, body ->> 'identityCheck',
        coalesce((body ->> 'namesStaff')::boolean, false), (body ->> 'from')::timestamptz, least((body ->> 'until')::timestamptz, moment), samsyn.signed_size(),
        samsyn.assignment());
end
$$;
comment on function samsyn.make_access_extract is
    'Keeps that an extract is made, about a child of the own register, for the one whose number was read from what they showed: the child themselves from 15, or a guardian with custody today. A guardian from whom everything is withheld gets one like that of a guardian about whose child nobody has read anything.';

create function samsyn.extract_at_hand(the_extract uuid) returns samsyn.access_extracts
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    x samsyn.access_extracts;
begin
    select t.* into x from samsyn.access_extracts t
    where t.id = the_extract and samsyn.may('access-extract:read') and t.organisation_id = samsyn.organisation()
        and t.subject_id <> all (samsyn.excluded_subjects());
    return x;
end
$$;
comment on function samsyn.extract_at_hand is 'The extract, when the principal may read it; the rule of its row policy.';

create function samsyn.extract_people(x samsyn.access_extracts) returns samsyn.told_person[]
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    before constant jsonb := samsyn.as_party(coalesce(
        (select g.identity_number from samsyn.guardians g where g.id = x.guardian_id),
        (select s.identity_number from samsyn.subjects s where s.id = x.subject_id and x.guardian_id is null)));
    people constant samsyn.told_person[] := array(select p from unnest(samsyn.my_told_people()) p where p.subject_id = x.subject_id);
begin
    perform samsyn.put_settings(before);
    return people;
end
$$;
comment on function samsyn.extract_people is 'What the one for whom the extract was made is told of today, of the register of the organisation that made it alone.';

create function samsyn.find_extract_events(the_extract uuid, the_cursor text, most bigint) returns table (body json, cursor text)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    x constant samsyn.access_extracts := samsyn.extract_at_hand(the_extract);
    people samsyn.told_person[];
begin
    perform samsyn.require(x.id is not null, 'NOT_FOUND');
    people := samsyn.extract_people(x);
    -- What was begun is not ended as if it were whole when the party's right ends meanwhile.
    perform samsyn.require(the_cursor is null or people <> '{}', 'NOT_FOUND');
    return query
        select r.body, r.cursor
        from samsyn.extract_rows(people, x.since, x.before, the_cursor, most, case when x.names_staff then x.organisation_id end) r;
end
$$;
comment on function samsyn.find_extract_events is
    'The next `most` rows of an extract made at the desk, after `the_cursor`. All of them concern the organisation that reads them, in whose register the child is.';

create function samsyn.extract_head(the_extract uuid) returns json
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    x constant samsyn.access_extracts := samsyn.extract_at_hand(the_extract);
begin
    -- A protected name is on no paper, whoever it is for: so it does not tell from whom it is kept.
    return (select json_build_object('madeAtLocal', samsyn.local_time(x.made_at), 'fromLocal', samsyn.local_time(x.since),
            'untilLocal', samsyn.local_time(x.before), 'logCheckpoint', samsyn.checkpoint_reference(x.log_size),
            'recipientName', case when not s.protected_identity then coalesce(g.name, s.name) end,
            'subjects', json_build_array(json_build_object('id', s.id, 'name', case when not s.protected_identity then s.name end,
                'birthDate', s.birth_date)))
        from samsyn.subjects s
        left join samsyn.guardians g on g.id = x.guardian_id
        where s.id = x.subject_id);
end
$$;
comment on function samsyn.extract_head is 'What stands at the head of an extract beside what is kept of it; the same whatever is withheld.';
grant execute on function samsyn.make_access_extract, samsyn.find_extract_events, samsyn.extract_head to samsyn_api;

create view api.access_extracts with (security_invoker = true) as
select x.id as resource, x.subject_id as subject, x.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', x.id, 'subjectId', x.subject_id,
        'recipient', case when x.guardian_id is null then 'subject' else 'guardian' end, 'guardianId', x.guardian_id,
        'identityCheck', x.identity_check, 'namesStaff', x.names_staff, 'from', samsyn.utc(x.since), 'until', samsyn.utc(x.before),
        'organisationName', samsyn.organisation_name(x.organisation_id), 'unitName', samsyn.organisation_name(x.unit_id),
        'madeAt', samsyn.utc(x.made_at), 'madeBy', samsyn.assignment_name(x.made_by))) as body
from samsyn.access_extracts x;
grant select on api.access_extracts to samsyn_api;

create view api.access_extract_documents with (security_invoker = true) as
select x.resource, x.subject, x.owner, x.ground, x.disclosure, x.etag,
    json_strip_nulls((x.body::jsonb || samsyn.extract_head(x.resource)::jsonb)::json) as body
from api.access_extracts x;
comment on view api.access_extract_documents is 'An extract with what stands at its head, on the page and before its rows.';
grant select on api.access_extract_documents to samsyn_api;

-- Under /my --------------------------------------------------------------------------------------------------------------

create function samsyn.begin_my_extract(the_id uuid, since timestamptz, before timestamptz)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    mine constant uuid[] := array(select p.subject_id from unnest(samsyn.my_told_people()) p);
    until constant timestamptz := least(before, clock_timestamp());
begin
    return query
        select the_id, null::uuid, null::uuid, null::text, null::uuid, null::text,
            json_strip_nulls(json_build_object('id', the_id, 'madeAt', samsyn.utc(samsyn.now()), 'madeAtLocal', samsyn.local_time(samsyn.now()),
                'from', samsyn.utc(since), 'fromLocal', samsyn.local_time(since), 'until', samsyn.utc(until), 'untilLocal', samsyn.local_time(until),
                'logCheckpoint', samsyn.checkpoint_reference(samsyn.signed_size()),
                'subjects', coalesce((select json_agg(s.body order by s.resource) from api.my_subjects s where s.resource = any (mine)), '[]'))),
            case when mine <> '{}' then samsyn.utc_micro(until) || '_00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000' end
        union all
        select s.resource, s.subject, s.owner, null, null, null, null, null from api.my_subjects s where s.resource = any (mine);
end
$$;
comment on function samsyn.begin_my_extract is
    'The head of an extract that a party takes of what concerns them, and after it a row without body for each person whom it names, for the log. Its cursor is where the rows begin: before this moment; null when there is nobody.';

create function samsyn.find_my_extract_events(since timestamptz, the_cursor text, most bigint)
    returns table (body json, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    people constant samsyn.told_person[] := samsyn.my_told_people();
begin
    perform samsyn.require(samsyn.may('my:read'), 'ROLE_NOT_ALLOWED');
    -- What was begun is not ended as if it were whole when the party's right ends meanwhile.
    perform samsyn.require(the_cursor is null or people <> '{}', 'NOT_FOUND');
    return query select r.body, r.cursor from samsyn.extract_rows(people, since, null, the_cursor, most, null) r;
end
$$;
comment on function samsyn.find_my_extract_events is 'The next `most` rows of an extract under /my, after `the_cursor`. Nobody is named in it.';
grant execute on function samsyn.begin_my_extract, samsyn.find_my_extract_events to samsyn_api;
