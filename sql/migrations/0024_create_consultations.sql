-- Consultations: a question to social services about a child who is not named, and their answer.

create table samsyn.consultations (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    recipient_unit_id uuid not null references samsyn.organisations,
    asked_for text not null check (asked_for in ('own-work', 'child', 'guardian')),
    question text not null check (length(question) between 1 and 5000),
    asked_by uuid not null references samsyn.assignments,
    author_user_id uuid not null references samsyn.users,
    asked_at timestamptz not null default samsyn.now(),
    answered boolean not null default false,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.consultations is 'A question to social services about a child who is not named; it makes no case and no subject.';
create index consultations_by_unit on samsyn.consultations (unit_id, asked_at desc, id desc);
create index consultations_by_recipient on samsyn.consultations (recipient_unit_id, asked_at desc, id desc);
create trigger touch before update on samsyn.consultations for each row execute function samsyn.touch();
create table samsyn.consultation_answers (
    id uuid primary key,
    consultation_id uuid not null references samsyn.consultations,
    text text not null check (length(text) between 1 and 5000),
    answered_by uuid not null references samsyn.assignments,
    answered_at timestamptz not null default samsyn.now()
);
comment on table samsyn.consultation_answers is 'What social services advise; as anonymous as the question.';
create index consultation_answers_by_consultation on samsyn.consultation_answers (consultation_id);

create trigger forbid_change before update or delete on samsyn.consultation_answers
    for each row execute function samsyn.forbid_change();

-- Nobody is named -----------------------------------------------------------------------------------------------------

create function samsyn.plain_text(given text) returns text
    language sql immutable set search_path = pg_catalog as $$
    select translate(lower(normalize(regexp_replace(given, '[\u00ad\u200b-\u200f\u2060\ufeff]', '', 'g'), nfkc)),
        '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789')
$$;
comment on function samsyn.plain_text is 'A text in lower case and one form of each character (Unicode NFKC), without what is not seen, digits as 0-9.';

create function samsyn.holds_identity_number(given text) returns boolean
    language plpgsql immutable set search_path = pg_catalog as $$
declare
    found text;
    digits text;
    ten text;
    day integer;
begin
    -- Digits with at most three other signs between them are read as one number, in each place where one could begin.
    for found in select m[1] from regexp_matches(samsyn.plain_text(given), '[0-9](?:[^0-9[:alpha:]]{0,3}[0-9]){9,}', 'g') m loop
        digits := regexp_replace(found, '[^0-9]', '', 'g');
        for place in 1..length(digits) - 9 loop
            ten := substr(digits, place, 10);
            day := substr(ten, 5, 2)::integer;
            if substr(ten, 3, 2)::integer between 1 and 12 and (day between 1 and 31 or day between 61 and 91)
                and (select sum(product / 10 + product % 10) % 10 = 0
                    from (select substr(ten, i, 1)::integer * (1 + i % 2) as product from generate_series(1, 10) i) products) then
                return true;
            end if;
        end loop;
    end loop;
    return false;
end
$$;
comment on function samsyn.holds_identity_number is
    'Whether a text has a personal or coordination number in it, however it is written: ten digits with a date and a right check digit (a century before them makes no difference).';

create index subjects_by_first_name on samsyn.subjects (organisation_id, substring(samsyn.plain_text(name) from '[[:alpha:]]+'));

create function samsyn.names_known_child(given text) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    words text[] := regexp_split_to_array(samsyn.plain_text(given), '[^[:alpha:]]+');
begin
    -- Swedish names take an s in the genitive.
    words := words || array(select left(word, -1) from unnest(words) word where word like '%s');
    return exists (
        select from samsyn.subjects s
        where s.organisation_id = samsyn.organisation() and s.id <> all (samsyn.excluded_subjects())
            and substring(samsyn.plain_text(s.name) from '[[:alpha:]]+') = any (words)
            and substring(samsyn.plain_text(s.name) from '[[:alpha:]]+(?=[^[:alpha:]]*$)') = any (words));
end
$$;
comment on function samsyn.names_known_child is
    'Whether a text has the first and the last part of the name of a child in the register of the principal''s organisation, in whatever order; never which.';

create function samsyn.require_anonymous(given text, pointer text) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not samsyn.holds_identity_number(given) and not samsyn.names_known_child(given), 'UNPROCESSABLE', pointer);
end
$$;
comment on function samsyn.require_anonymous is 'Refuses a text that names a child, and does not tell by what.';

create function samsyn.check_consultation() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    recipient samsyn.organisations := samsyn.require_recipient(new.recipient_unit_id, '/body/recipientUnitId');
begin
    perform samsyn.require(recipient.sector = 'SOCIAL_SERVICES', 'INVALID_REFERENCE', '/body/recipientUnitId');
    perform samsyn.require_anonymous(new.question, '/body/question');
    new.recipient_id := recipient.boundary_id;
    new.author_user_id := samsyn.me();
    return new;
end
$$;
comment on function samsyn.check_consultation is 'Trigger: a consultation goes to a unit of social services and names nobody; whoever asks is its author.';
create trigger check_consultation before insert on samsyn.consultations for each row execute function samsyn.check_consultation();

create function samsyn.note_answer() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require_anonymous(new.text, '/body/text');
    update samsyn.consultations c set answered = true where c.id = new.consultation_id;
    return null;
end
$$;
comment on function samsyn.note_answer is 'Trigger: an answer names nobody either.';
create trigger note after insert on samsyn.consultation_answers for each row execute function samsyn.note_answer();

-- Who sees what -----------------------------------------------------------------------------------------------------

call samsyn.protect('consultations', 'consultation_answers');

grant select, insert on samsyn.consultations, samsyn.consultation_answers to samsyn_api;
create policy read on samsyn.consultations for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and (select samsyn.emergency_case()) is null
    and ((organisation_id = (select samsyn.organisation())
            and ((unit_id = (select samsyn.unit()) and author_user_id = (select samsyn.me())) or unit_id = (select samsyn.led_unit())))
        or recipient_unit_id = any ((select samsyn.receiving_units())::uuid[])));
create policy add on samsyn.consultations for insert to samsyn_api with check (
    (select samsyn.may('concern-report:write')) and organisation_id = (select samsyn.organisation())
    and unit_id = (select samsyn.unit()) and asked_by = (select samsyn.assignment()));
create policy read on samsyn.consultation_answers for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and consultation_id in (select c.id from samsyn.consultations c));
create policy add on samsyn.consultation_answers for insert to samsyn_api with check (
    (select samsyn.may('concern-report:receive')) and answered_by = (select samsyn.assignment())
    and consultation_id in (select c.id from samsyn.consultations c
        where c.recipient_unit_id = any ((select samsyn.receiving_units())::uuid[])));

grant execute on function samsyn.plain_text to samsyn_api;

-- What replies show ---------------------------------------------------------------------------------------------------

create view api.consultations with (security_invoker = true) as
select c.id as resource, null::uuid as subject, c.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    c.revision::text as etag,
    json_strip_nulls(json_build_object('id', c.id, 'kind', case when c.recipient_unit_id = any ((select samsyn.receiving_units())::uuid[])
            and c.author_user_id <> (select samsyn.me()) then 'received' else 'asked' end,
        'state', case when c.answered then 'answered' else 'open' end,
        'unitId', c.unit_id, 'unitName', samsyn.organisation_name(c.unit_id), 'askedBy', samsyn.assignment_name(c.asked_by),
        'recipientUnitId', c.recipient_unit_id, 'recipientUnitName', samsyn.organisation_name(c.recipient_unit_id),
        'askedFor', c.asked_for, 'question', c.question, 'askedAt', samsyn.utc(c.asked_at),
        'answers', coalesce((select json_agg(json_build_object('text', a.text, 'answeredAt', samsyn.utc(a.answered_at),
                'answeredBy', samsyn.assignment_name(a.answered_by)) order by a.answered_at, a.id)
            from samsyn.consultation_answers a where a.consultation_id = c.id), '[]'),
        'updatedAt', samsyn.utc(c.updated_at))) as body
from samsyn.consultations c;
comment on view api.consultations is 'A consultation with its answers, the same to both sides.';

grant select on api.consultations to samsyn_api;
