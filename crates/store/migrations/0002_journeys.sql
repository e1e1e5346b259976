-- Journeys and their effects, and what moves them. Creates empty tables only.

-- All that belongs to one order. `state` is what `core::journey` keeps (no personal data); `document` is the order itself,
-- sealed under the journey's key.
create table journey (
    id text not null primary key,
    company text not null,
    channel text not null,
    source_key text not null,
    reference text not null,
    stage text not null,
    version {bigint} not null,
    state text not null,
    document {blob},
    received_at {bigint} not null,
    updated_at {bigint} not null
) {strict};

create index journey_stage on journey (company, stage, received_at);

-- Any reference of any system, normalised, to the journey it belongs to.
create table journey_reference (
    company text not null,
    reference text not null,
    kind text not null,
    journey text not null,
    primary key (company, reference, kind, journey)
) {strict};

-- Raw bytes received, sealed. A message that comes again with the same bytes is the same row.
create table message (
    connection text not null,
    record text not null,
    hash text not null,
    company text not null,
    kind text not null,
    journey text not null,
    received_at {bigint} not null,
    decided_at {bigint},
    body {blob},
    primary key (connection, record, hash)
) {strict};

create index message_new on message (connection, received_at, record) where decided_at is null;
create index message_journey on message (journey);

-- Intended writes. The body is sealed under the journey's key; baseline and receipt hold ids and quantities only.
create table effect (
    id text not null primary key,
    company text not null,
    journey text not null,
    connection text not null,
    subject text not null,
    place {bigint} not null,
    name text not null,
    state text not null,
    due {bigint} not null,
    began {bigint} not null,
    sends {bigint} not null,
    absents {bigint} not null,
    pauses {bigint} not null,
    waits {bigint} not null,
    body {blob},
    baseline text,
    receipt text,
    updated_at {bigint} not null
) {strict};

create index effect_lane on effect (connection, subject, place);
create index effect_journey on effect (journey);
create index effect_open on effect (company, state) where state not in ('done', 'superseded', 'withdrawn');

-- What an effect of another lane waits for.
create table effect_after (
    done text not null,
    effect text not null,
    primary key (done, effect)
) {strict};

-- One row per (connection, subject): its first unfinished effect, when it is next due (the end of the lease while it is held),
-- and the fencing token that every claim moves on.
create table lane (
    connection text not null,
    subject text not null,
    head text not null,
    due {bigint} not null,
    token {bigint} not null,
    worker text not null,
    primary key (connection, subject)
) {strict};

create index lane_due on lane (connection, due, subject);

-- What happened to sends and probes that did not simply succeed, with the exchange, sealed.
create table attempt (
    effect text not null,
    at {bigint} not null,
    what text not null,
    outcome text not null,
    words text not null,
    exchange {blob},
    primary key (effect, at, what)
) {strict};

-- One open row per cause; the records it stops are its members.
create table exception (
    id text not null primary key,
    company text not null,
    code text not null,
    cause text not null,
    sentence text not null,
    opened_at {bigint} not null,
    closed_at {bigint}
) {strict};

create table exception_member (
    exception text not null,
    journey text not null,
    effect text not null,
    sentence text not null,
    at {bigint} not null,
    primary key (exception, journey, effect)
) {strict};

create index exception_member_journey on exception_member (journey);

-- Work that comes round: polls, sweeps, sealing. Held like a lane; `watermark` is where it goes on from.
create table feed (
    name text not null primary key,
    due {bigint} not null,
    token {bigint} not null,
    worker text not null,
    watermark {bigint} not null
) {strict};

-- How a connection stands: its sign-in (sealed), its rate (the theoretical arrival time of GCRA), and whether it pauses.
create table connection (
    name text not null primary key,
    company text not null,
    arrival {bigint} not null,
    paused_until {bigint} not null,
    failures {bigint} not null,
    why text not null,
    session {blob},
    session_token {bigint} not null,
    session_due {bigint} not null
) {strict};

-- Mappings: every version of every cell. A null `ours` withdraws it.
create table mapping (
    company text not null,
    sequence {bigint} not null,
    kind text not null,
    scope text not null,
    theirs text not null,
    ours text,
    at {bigint} not null,
    actor text not null,
    reason text not null,
    primary key (company, sequence)
) {strict};

-- The ledger's reference data, a version each time it was found changed.
create table fact (
    company text not null,
    sequence {bigint} not null,
    at {bigint} not null,
    body text not null,
    primary key (company, sequence)
) {strict};
