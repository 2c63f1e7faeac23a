-- What a party does: reads how to reach the child, answers and withdraws consents, and leaves a view in a plan.

create function samsyn.require_my_contact_details(the_subject uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    told record;
begin
    select p.location_kept, 'contact-details' = any (p.visible) as visible into told
    from samsyn.my_told_persons p
    where p.subject_id = the_subject and p.subject_id in (select t.subject_id from samsyn.my_told_subjects t);
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.require(told.visible and not told.location_kept, 'GUARDIAN_SECRECY');
end
$$;
comment on function samsyn.require_my_contact_details is
    'Refuses a guardian from whom the location of the child is kept, or whose view of a child from 15 does not hold contact details (GUARDIAN_SECRECY); whoever is told nothing of the child gets NOT_FOUND.';

create function samsyn.require_my_consent(the_consent uuid) returns samsyn.my_told_consents
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_consents;
begin
    perform samsyn.require(samsyn.may('my:write'), 'ROLE_NOT_ALLOWED');
    select m.* into mine from samsyn.my_told_consents m where m.consent_id = the_consent;
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.require(mine.giver_id is not null, 'ROLE_NOT_ALLOWED');
    return mine;
end
$$;
comment on function samsyn.require_my_consent is
    'The consent as the party is told of it. Refuses unless they are told of it, and are themselves asked for it.';

create function samsyn.answer_my_consent(the_id uuid, the_consent uuid, the_answer text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_consents := samsyn.require_my_consent(the_consent);
    status text;
begin
    -- Who may not be told to whom the information goes cannot consent to it.
    perform samsyn.require(the_answer = 'refused' or not mine.names_kept, 'GUARDIAN_SECRECY');
    select c.status into status from samsyn.cases c where c.id = mine.case_id for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
    perform samsyn.answer_consent(the_id, the_consent, mine.giver_id, the_answer, 'electronic', null, '/body/answer');
end
$$;
comment on function samsyn.answer_my_consent is 'Records what the party themselves answers to a consent that they are asked for.';

create function samsyn.revoke_my_consent(the_id uuid, the_consent uuid, the_reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_consents := samsyn.require_my_consent(the_consent);
begin
    perform samsyn.revoke_consent(the_id, the_consent, mine.giver_id, the_reason, '');
end
$$;
comment on function samsyn.revoke_my_consent is 'Records that the party withdraws what they have granted.';

create function samsyn.leave_my_plan_view(the_id uuid, the_plan uuid, the_stage text, the_meeting uuid, the_view text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_plans;
begin
    perform samsyn.require(samsyn.may('my:write'), 'ROLE_NOT_ALLOWED');
    select m.* into mine from samsyn.my_told_plans m where m.plan_id = the_plan;
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.leave_plan_view(the_id, the_plan, the_stage, the_meeting, mine.guardian_id, the_view);
end
$$;
comment on function samsyn.leave_my_plan_view is 'Adds what the party thinks of a plan that they are told of, while it is worked on.';
grant execute on function samsyn.leave_my_plan_view, samsyn.require_my_contact_details, samsyn.answer_my_consent, samsyn.revoke_my_consent to samsyn_api;
