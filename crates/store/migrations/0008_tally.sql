-- The tally: what was received on which day, what a source lists that never arrived, and when each feed last did something.

-- When the source says that the record was made. Unknown for what was received before this.
alter table message add column made_at {bigint};

-- 1 for the first content that a record came with, 2 for the next. What came before this is counted by its time.
alter table message add column version {bigint} not null default 1;

update message set version = 1 + (select count(*) from message m where m.connection = message.connection and m.record = message.record
    and (m.received_at < message.received_at or (m.received_at = message.received_at and m.hash < message.hash)));

-- The most times that one answer of the source showed it.
alter table message add column shown {bigint} not null default 1;

create index message_received on message (connection, kind, received_at, record);

-- A record that the source lists and we never received (`missing`), or that we have and the source does not know (`unknown there`).
-- `day` is the business day on which the source made it, or on which we received it. Kept when it is cleared: the tally of its day names it.
create table tally_gap (
    connection text not null,
    kind text not null,
    record text not null,
    problem text not null,
    day text not null,
    found_at {bigint} not null,
    cleared_at {bigint},
    why text not null,
    primary key (connection, kind, record, problem)
) {strict};

create index tally_gap_day on tally_gap (connection, kind, day, record, problem);
create index tally_gap_open on tally_gap (connection, kind, found_at) where cleared_at is null;

-- When a source's own list was last compared with what we have of a day. An empty `why` says that it could be.
create table tally_sweep (
    connection text not null,
    kind text not null,
    day text not null,
    swept_at {bigint} not null,
    listed {bigint} not null,
    why text not null,
    primary key (connection, kind, day)
) {strict};

-- When a feed last finished a round. Those that are there already count as done when they were last due.
alter table feed add column done_at {bigint} not null default 0;

update feed set done_at = due;
