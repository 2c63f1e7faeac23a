-- The law as rows: which grounds open the door between agencies, on which conditions; which time limits run; how long
-- things are kept. Every wording has the days it holds. No section number is compared anywhere in code: releases are
-- data, loaded by samsyn.import_law.

create table samsyn.preconditions (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    meaning text not null,
    established_by text not null check (established_by in
        ('consent', 'decision', 'statement', 'request', 'investigation', 'concern-report', 'same-principal', 'same-authority'))
);
comment on table samsyn.preconditions is 'What must be so before a ground applies.';
comment on column samsyn.preconditions.established_by is
    'How it is shown. consent: a consent in force; decision: the recorded decision is the assessment; statement: the discloser says in words how it is met; request: an open information request of the recipient on this ground; investigation: an investigation of the recipient is open in the case; concern-report: the recipient made a report about the child in the case; same-principal, same-authority: the organisations'' place in the tree.';

create table samsyn.ground_scopes (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    meaning text not null,
    categories text[] not null
);
comment on table samsyn.ground_scopes is 'How far a ground reaches: the information categories it can cover, {*} for every one.';

create table samsyn.never_grounds (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    provision text not null,
    reason text not null
);
comment on table samsyn.never_grounds is 'What is often taken for a ground and never is one, and why.';

create table samsyn.legal_grounds (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    enabled boolean not null,
    statute text not null,
    section text not null,
    title_en text not null,
    title_sv text not null,
    source_sectors text[] not null,
    recipient_sectors text[] not null,
    source_regimes text[] not null,
    excluded_regimes text[] not null,
    subject_age_below integer,
    requires_consent boolean not null,
    requires_decision boolean not null,
    requires_justification boolean not null,
    precondition text not null references samsyn.preconditions,
    scope text not null references samsyn.ground_scopes,
    initiative text not null check (initiative in ('own', 'on-request', 'both')),
    effect text not null check (effect in ('duty', 'permission', 'right')),
    recipient_must_be_authority boolean not null,
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.legal_grounds is 'Grounds that open the door between agencies, each wording with the days it holds. {*} means every code that is not excluded. An agreement or a general duty to collaborate is never one.';
comment on column samsyn.legal_grounds.enabled is 'False until counsel has confirmed it: then it opens nothing.';
comment on column samsyn.legal_grounds.subject_age_below is 'The subject must be younger than this on the day.';
comment on column samsyn.legal_grounds.initiative is 'own: without being asked; on-request: only in answer to an information request; both.';

create table samsyn.deadline_rules (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    provision text not null,
    trigger_event text not null,
    duration text not null check (duration ~ '^(immediately|P[0-9]+[DWMY]|PT[0-9]+H)$'),
    statute_word text,
    extension text not null,
    responsible text not null,
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.deadline_rules is 'Statutory time limits. duration is ISO 8601, or "immediately" for what the act calls genast, omedelbart, skyndsamt or snarast.';

create table samsyn.retention_rules (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    provision text not null,
    applies_to text not null,
    starts_from text not null,
    duration text not null check (duration ~ '^(permanent|by-decision|not-stated|P[0-9]+Y)$'),
    mode text not null check (mode in ('delete', 'keep-at-least', 'keep', 'keep-then-delete', 'keep-unless-decided')),
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.retention_rules is 'How long what is kept, and from when it is counted.';
