-- Holds: what people keep from being sent for a while. New tables, and two columns of `connection`, which has a row a connection.

-- One hold. `kind` and `what` say what waits; `let_go_at` is set when it is over and everything that waited for it may go on.
create table hold (
    company text not null,
    id text not null,
    kind text not null,
    what text not null,
    reason text not null,
    placed_by text not null,
    placed_at {bigint} not null,
    until_at {bigint} not null,
    ended_at {bigint},
    ended_by text,
    let_go_at {bigint},
    primary key (company, id)
) {strict};

create index hold_standing on hold (company, placed_at) where let_go_at is null;
create index hold_over on hold (company, ended_at) where let_go_at is not null;

-- A lane that waits because of a hold, and the order that its first write is for.
create table held (
    connection text not null,
    subject text not null,
    effect text not null,
    company text not null,
    hold text not null,
    journey text not null,
    since {bigint} not null,
    until_at {bigint} not null,
    primary key (connection, subject)
) {strict};

create index held_by on held (company, hold, connection, subject);
create index held_journey on held (journey);

-- How many holds of its company have not let go, and until when it is stopped: a claim reads both with its permits, and looks no further
-- where there is nothing.
alter table connection add column holds {bigint} not null default 0;
alter table connection add column stopped_until {bigint} not null default 0;
