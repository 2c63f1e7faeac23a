-- Decisions, information requests and disclosures: what was assessed, asked and told.

create table samsyn.decisions (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    ground text not null,
    categories text[] not null check (cardinality(categories) between 1 and 60),
    circumstances text not null check (length(circumstances) between 1 and 10000),
    balancing text not null check (length(balancing) between 1 and 10000),
    outcome text not null check (outcome in ('disclose', 'refuse')),
    valid_until date,
    decided_by uuid not null references samsyn.assignments,
    decided_at timestamptz not null default samsyn.now(),
    withdrawn_at timestamptz,
    withdrawn_by uuid references samsyn.assignments,
    withdrawal_reason text check (length(withdrawal_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (organisation_id <> recipient_id),
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table samsyn.decisions is 'The recorded assessment of a decision-maker of the disclosing organisation that a ground opens for a recipient, with circumstances and balancing in words (OSL 10:27 and the like), made before the disclosure that names it. What was decided never changes; a withdrawal works forward only.';
create index decisions_by_case on samsyn.decisions (case_id, decided_at, id);
create trigger touch before update on samsyn.decisions for each row execute function samsyn.touch();
create trigger check_categories before insert on samsyn.decisions for each row execute function samsyn.check_categories();
create trigger forbid_when_closed before insert on samsyn.decisions for each row execute function samsyn.forbid_when_closed();

alter table samsyn.participants add foreign key (decision_id) references samsyn.decisions;

create table samsyn.information_requests (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    asked_id uuid not null references samsyn.organisations,
    ground text not null,
    categories text[] not null check (cardinality(categories) between 1 and 60),
    question text not null check (length(question) between 1 and 5000),
    purpose text not null check (length(purpose) between 1 and 200),
    due_on date not null,
    status text not null default 'open' check (status in ('open', 'answered', 'partly-answered', 'refused', 'withdrawn')),
    refusal_reason text check (length(refusal_reason) between 1 and 5000),
    asked_by uuid not null references samsyn.assignments,
    asked_at timestamptz not null default samsyn.now(),
    answered_by uuid references samsyn.assignments,
    answered_at timestamptz,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (organisation_id <> asked_id),
    check ((status = 'refused') = (refusal_reason is not null))
);
comment on table samsyn.information_requests is 'One participant of a case asks another for categories of information on a ground; answered by a disclosure, a part of it, or a reasoned refusal.';
create index information_requests_by_case on samsyn.information_requests (case_id, asked_at, id);
create index information_requests_by_asked on samsyn.information_requests (asked_id, status, due_on);
create trigger touch before update on samsyn.information_requests for each row execute function samsyn.touch();
create trigger check_categories before insert on samsyn.information_requests
    for each row execute function samsyn.check_categories();
create trigger forbid_when_closed before insert on samsyn.information_requests
    for each row execute function samsyn.forbid_when_closed();

create table samsyn.disclosures (
    id uuid primary key,
    kind text not null check (kind in ('standing-share', 'handover')),
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    ground text not null,
    consent_id uuid references samsyn.consents,
    agreement_id uuid references samsyn.agreements,
    decision_id uuid references samsyn.decisions,
    request_id uuid references samsyn.information_requests,
    precondition_statement text check (length(precondition_statement) between 1 and 2000),
    categories text[] not null,
    purpose text not null check (length(purpose) between 1 and 200),
    justification text not null check (length(justification) <= 2000),
    valid_from date,
    valid_until date,
    disclosed_by uuid not null references samsyn.assignments,
    disclosed_at timestamptz not null default samsyn.now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    end_reason text check (length(end_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (organisation_id <> recipient_id),
    check (kind = 'handover' or (agreement_id is not null and valid_until >= valid_from)),
    check (kind = 'standing-share' or (valid_from is null and valid_until is null and ended_at is null))
);
comment on table samsyn.disclosures is 'What one organisation lets another see, and on which ground. handover: listed records as they stood; standing-share: categories of the discloser''s records on the case, for a time.';
create index disclosures_by_recipient on samsyn.disclosures (recipient_id, case_id);
create index disclosures_by_case on samsyn.disclosures (case_id, disclosed_at, id);
create trigger touch before update on samsyn.disclosures for each row execute function samsyn.touch();
create trigger check_categories before insert on samsyn.disclosures for each row execute function samsyn.check_categories();
create trigger forbid_when_closed before insert on samsyn.disclosures for each row execute function samsyn.forbid_when_closed();

create function samsyn.end_shares() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.disclosures d
    set ended_at = samsyn.now(), ended_by = samsyn.assignment(), end_reason = 'An organisation takes part in the case no longer.'
    where d.case_id = new.case_id and d.kind = 'standing-share' and d.ended_at is null
        and new.organisation_id in (d.organisation_id, d.recipient_id);
    return null;
end
$$;
comment on function samsyn.end_shares is
    'Trigger: with an organisation''s part in a case end the standing shares from it, which nobody there could end any more, and those to it, which would revive with another invitation.';
create trigger end_shares after update of status on samsyn.participants
    for each row when (new.status = 'ended') execute function samsyn.end_shares();

create table samsyn.disclosure_items (
    disclosure_id uuid not null references samsyn.disclosures,
    record_id uuid not null references samsyn.records,
    record_version_id uuid not null references samsyn.record_versions,
    primary key (disclosure_id, record_id)
);
comment on table samsyn.disclosure_items is 'The records handed over, in the version that stood at that moment: what the recipient got, and keeps.';
create index disclosure_items_by_record on samsyn.disclosure_items (record_id);
create trigger forbid_change before update or delete on samsyn.disclosure_items for each row execute function samsyn.forbid_change();

create function samsyn.consent_refusal(state text) returns text
    language sql immutable as $$
    select case state when 'in-force' then null when 'requested' then 'CONSENT_INCOMPLETE' when 'refused' then 'CONSENT_INCOMPLETE'
        when 'revoked' then 'CONSENT_REVOKED' else 'CONSENT_EXPIRED' end
$$;
comment on function samsyn.consent_refusal is 'The refusal code of a consent state, null when it is in force.';
