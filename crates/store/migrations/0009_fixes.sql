-- Fixes of single records, and cards that people put together or take apart. Adds columns, and two tables.

-- A field of one record as a named person wants it, sealed under the journey's key. `record` is empty for the order itself, else the
-- shipment's key. Of several for one field the newest counts; one that was taken back stays to be seen.
create table amendment (
    journey text not null,
    place {bigint} not null,
    record text not null,
    field text not null,
    at {bigint} not null,
    taken_back_at {bigint} not null default 0,
    body {blob},
    primary key (journey, place)
) {strict};

-- A record that somebody has put right: it is decided again. The number moves with each time, so that none is missed.
alter table exception_member add column again {bigint} not null default 0;
create index exception_member_again on exception_member (exception, journey) where again <> 0;

-- When the source of a record was last asked whether it has corrected it.
alter table exception_member add column asked_at {bigint} not null default 0;

-- The record with which a fix is tried in earnest before the others follow; empty where all go at once.
alter table exception add column first_of text not null default '';
-- The card under which a person has put this one; empty where it stands by itself.
alter table exception add column under text not null default '';
-- The card that a person has split this one off; empty for the card of a cause.
alter table exception add column split_of text not null default '';
create index exception_under on exception (under, opened_at);
create index exception_split on exception (split_of);

-- Records that were split off the card of their cause, and the card that they stand under instead.
create table split (
    card text not null,
    journey text not null,
    part text not null,
    primary key (card, journey)
) {strict};

-- What a first person has said of a write to the ledger, with the words sealed; a second one must say the same before it counts.
create table word (
    effect text not null primary key,
    answer text not null,
    actor text not null,
    at {bigint} not null,
    reason {blob}
) {strict};
