-- Consents: who must give one, who gave, who withdrew, and whether it is in force today.

create table samsyn.consents (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    source_ids uuid[] not null check (cardinality(source_ids) between 1 and 20),
    recipient_ids uuid[] not null check (cardinality(recipient_ids) between 1 and 20),
    categories text[] not null check (cardinality(categories) between 1 and 60),
    purpose text not null check (length(purpose) between 1 and 200),
    valid_from date not null,
    valid_until date not null check (valid_until >= valid_from),
    form text not null check (form in ('written', 'electronic', 'oral')),
    document_reference text check (length(document_reference) between 1 and 200),
    maturity text not null check (maturity in ('not-assessed', 'not-mature', 'mature')),
    secrecy_against_guardians boolean not null default false,
    assessment_reason text check (length(assessment_reason) between 1 and 2000),
    assessed_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    constraint consents_secrecy_against_guardians_has_reason
        check (not secrecy_against_guardians or assessment_reason is not null)
);
comment on table samsyn.consents is 'A consent asked for in a case: about the subject, from and to which organisations, what, for what and how long (OSL 10:1, 12:2-3). The recorded assessment decides who must give it.';
comment on column samsyn.consents.source_ids is 'Organisations that may disclose under it.';
comment on column samsyn.consents.recipient_ids is 'Organisations that may receive under it.';
comment on column samsyn.consents.maturity is 'Whether the child was judged mature enough to take part in the decision (OSL 12:3, FB 6:11).';
comment on column samsyn.consents.secrecy_against_guardians is 'The assessment that secrecy holds against the guardians (OSL 12:3 first para): then the child alone consents.';
create index consents_by_case on samsyn.consents (case_id, created_at, id);
create index consents_by_subject on samsyn.consents (subject_id);
create trigger touch before update on samsyn.consents for each row execute function samsyn.touch();
create trigger check_categories before insert or update of categories on samsyn.consents
    for each row execute function samsyn.check_categories();
create trigger forbid_when_closed before insert on samsyn.consents
    for each row execute function samsyn.forbid_when_closed();

create table samsyn.consent_givers (
    id uuid primary key,
    consent_id uuid not null references samsyn.consents,
    kind text not null check (kind in ('subject', 'guardian')),
    guardian_id uuid references samsyn.guardians,
    check ((kind = 'guardian') = (guardian_id is not null)),
    unique nulls not distinct (consent_id, guardian_id)
);
comment on table samsyn.consent_givers is 'Everyone whose consent is required.';

create table samsyn.consent_answers (
    id uuid primary key,
    consent_id uuid not null references samsyn.consents,
    giver_id uuid not null unique references samsyn.consent_givers,
    answer text not null check (answer in ('granted', 'refused')),
    form text not null check (form in ('written', 'electronic', 'oral')),
    document_reference text check (length(document_reference) between 1 and 200),
    answered_at timestamptz not null default samsyn.now(),
    recorded_by uuid references samsyn.assignments,
    given_by_party boolean not null default false,
    check (given_by_party = (recorded_by is null))
);
comment on column samsyn.consent_answers.given_by_party is 'The giver answered themselves; otherwise recorded_by wrote down what they answered.';
comment on table samsyn.consent_answers is 'What each giver answered. Someone who refused and changes their mind is asked anew, by a new consent.';
create index consent_answers_by_consent on samsyn.consent_answers (consent_id);

create table samsyn.consent_revocations (
    id uuid primary key,
    consent_id uuid not null references samsyn.consents,
    giver_id uuid not null unique references samsyn.consent_givers,
    reason text check (length(reason) between 1 and 2000),
    revoked_at timestamptz not null default samsyn.now(),
    recorded_by uuid references samsyn.assignments,
    given_by_party boolean not null default false,
    check (given_by_party = (recorded_by is null))
);
comment on table samsyn.consent_revocations is 'A giver''s withdrawal, at any time and without reason if they wish; it works at once and forward only.';
create index consent_revocations_by_consent on samsyn.consent_revocations (consent_id);

create trigger forbid_change before update or delete on samsyn.consent_givers for each row execute function samsyn.forbid_change();
create trigger forbid_change before update or delete on samsyn.consent_answers for each row execute function samsyn.forbid_change();
create trigger forbid_change before update or delete on samsyn.consent_revocations for each row execute function samsyn.forbid_change();

create function samsyn.require_givers() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    years integer;
    child boolean;
    guardians boolean;
begin
    select samsyn.age(s.birth_date, samsyn.today()) into years from samsyn.subjects s where s.id = new.subject_id;
    -- OSL 12:3, FB 6:11: the child too from 12 where judged mature, always from 15, alone where secrecy holds
    -- against the guardians or when of age.
    child := years >= 15 or (years >= 12 and new.maturity = 'mature') or (new.secrecy_against_guardians and new.maturity = 'mature');
    guardians := years < 18 and not new.secrecy_against_guardians;
    if child then
        insert into samsyn.consent_givers (id, consent_id, kind) values (samsyn.uuid7(), new.id, 'subject');
    end if;
    if guardians then
        -- FB 6:13: guardians decide together, so each of them.
        insert into samsyn.consent_givers (id, consent_id, kind, guardian_id)
        select samsyn.uuid7(), new.id, 'guardian', g.id from samsyn.guardians g
        where g.subject_id = new.subject_id and samsyn.has_custody(g.kind)
            and samsyn.today() between g.starts_on and coalesce(g.ends_on, 'infinity');
        perform samsyn.require(found, 'UNPROCESSABLE', '/body/assessment');
    end if;
    perform samsyn.require(child or guardians, 'UNPROCESSABLE', '/body/assessment');
    return null;
end
$$;
comment on function samsyn.require_givers is
    'Trigger: writes down who must give this consent, by the child''s age today and the recorded assessment. Refused when nobody could give it.';
create trigger require_givers after insert on samsyn.consents for each row execute function samsyn.require_givers();

create view samsyn.consent_states as
select c.id as consent_id,
    case
        when exists (select from samsyn.consent_revocations r where r.consent_id = c.id) then 'revoked'
        when exists (select from samsyn.consent_answers a where a.consent_id = c.id and a.answer = 'refused') then 'refused'
        when exists (select from samsyn.consent_givers g
            where g.consent_id = c.id and not exists (select from samsyn.consent_answers a where a.giver_id = g.id)) then 'requested'
        when samsyn.today() < c.valid_from then 'not-yet-in-force'
        when samsyn.today() > c.valid_until then 'expired'
        when samsyn.age(s.birth_date, samsyn.today()) >= 15
            and not exists (select from samsyn.consent_givers g where g.consent_id = c.id and g.kind = 'subject') then 'lapsed'
        when samsyn.age(s.birth_date, samsyn.today()) >= 18
            and exists (select from samsyn.consent_givers g where g.consent_id = c.id and g.kind = 'guardian') then 'lapsed'
        when exists (select from samsyn.consent_givers g join samsyn.guardians w on w.id = g.guardian_id
            where g.consent_id = c.id and (w.ends_on < samsyn.today() or not samsyn.has_custody(w.kind))) then 'lapsed'
        when samsyn.age(s.birth_date, samsyn.today()) < 18 and not c.secrecy_against_guardians
            and exists (select from samsyn.guardians w
                where w.subject_id = c.subject_id and samsyn.has_custody(w.kind)
                    and samsyn.today() between w.starts_on and coalesce(w.ends_on, 'infinity')
                    and not exists (select from samsyn.consent_givers g where g.consent_id = c.id and g.guardian_id = w.id)) then 'lapsed'
        else 'in-force'
    end as state
from samsyn.consents c
join samsyn.subjects s on s.id = c.subject_id;
comment on view samsyn.consent_states is
    'State of a consent today: in force only while everyone required has granted, nobody has withdrawn, the period runs and the same persons decide for the child as when it was asked for (lapsed otherwise: the child turned 15 or 18, custody changed).';

create function samsyn.answer_consent(the_id uuid, the_consent uuid, the_giver uuid, the_answer text, the_form text,
        the_reference text, pointer text default '/body/giverId') returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    -- The lock on the consent lines up who answers, withdraws and discloses at once.
    update samsyn.consents c set updated_at = samsyn.now() where c.id = the_consent;
    perform samsyn.require(exists (
        select from samsyn.consent_givers g where g.id = the_giver and g.consent_id = the_consent), 'INVALID_REFERENCE', pointer);
    perform samsyn.require(not exists (select from samsyn.consent_answers a where a.giver_id = the_giver),
        'ALREADY_ANSWERED', pointer);
    insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, document_reference, recorded_by, given_by_party)
    values (the_id, the_consent, the_giver, the_answer, the_form, the_reference, samsyn.assignment(), samsyn.assignment() is null);
end
$$;
comment on function samsyn.answer_consent is
    'Writes down what one giver answers, once, whether the organisation records it or the giver says it themselves. Runs with the caller''s rights.';

create function samsyn.revoke_consent(the_id uuid, the_consent uuid, the_giver uuid, the_reason text,
        pointer text default '/body/giverId') returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    update samsyn.consents c set updated_at = samsyn.now() where c.id = the_consent;
    perform samsyn.require(exists (
        select from samsyn.consent_givers g where g.id = the_giver and g.consent_id = the_consent), 'INVALID_REFERENCE', pointer);
    perform samsyn.require(exists (
        select from samsyn.consent_answers a where a.giver_id = the_giver and a.answer = 'granted'), 'CONFLICT', pointer);
    perform samsyn.require(not exists (select from samsyn.consent_revocations r where r.giver_id = the_giver),
        'ALREADY_ENDED', pointer);
    insert into samsyn.consent_revocations (id, consent_id, giver_id, reason, recorded_by, given_by_party)
    values (the_id, the_consent, the_giver, the_reason, samsyn.assignment(), samsyn.assignment() is null);
end
$$;
comment on function samsyn.revoke_consent is
    'Writes down that one giver withdraws what they granted, once, as samsyn.answer_consent does. Runs with the caller''s rights.';
grant execute on function samsyn.answer_consent, samsyn.revoke_consent to samsyn_api;

alter table samsyn.participants add foreign key (consent_id) references samsyn.consents;
create index participants_by_consent on samsyn.participants (consent_id) where consent_id is not null;
