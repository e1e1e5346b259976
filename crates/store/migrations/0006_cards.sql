-- Cards in the hands of people: how far each is, whose it is, and what its records come to. Adds columns, and the acts.

-- `team` is empty while the code's own team has it. `life_until` and `life_reason` say how long what was set aside may stand, and why.
-- The weight (records that stand still, records that go on and have not proved it, orders, their net worth, the earliest deadline)
-- follows the members within a second; it is never counted anew.
alter table exception add column team text not null default '';
alter table exception add column life text not null default 'open';
alter table exception add column life_until {bigint} not null default 0;
alter table exception add column life_reason text not null default '';
alter table exception add column assignee text not null default '';
alter table exception add column deputy text not null default '';
alter table exception add column escalations {bigint} not null default 0;
alter table exception add column version {bigint} not null default 1;
alter table exception add column stopped {bigint} not null default 0;
alter table exception add column proving {bigint} not null default 0;
alter table exception add column orders {bigint} not null default 0;
alter table exception add column money {bigint} not null default 0;
alter table exception add column records_due {bigint} not null default 9223372036854775807;

-- A record stands still, goes on, or has proved that it did. `weighed` is what the card's weight counts it as. `proof_of` is the effect
-- whose receipt proves it; `proof` is what that receipt said.
alter table exception_member add column stand text not null default 'stopped';
alter table exception_member add column weighed text not null default '';
alter table exception_member add column due_by {bigint} not null default 9223372036854775807;
alter table exception_member add column proof_of text not null default '';
alter table exception_member add column proof text not null default '';
alter table exception_member add column ended_at {bigint} not null default 0;

drop index exception_member_journey;
create index exception_member_record on exception_member (journey, effect);
create index exception_member_unweighed on exception_member (exception, journey) where weighed <> stand;
create index exception_member_proof on exception_member (proof_of) where stand = 'proving';
create index exception_member_due on exception_member (exception, due_by) where stand = 'stopped';

-- What an order is worth, net, and by when the first thing that was promised about it is due.
alter table journey add column net {bigint} not null default 0;
alter table journey add column due_by {bigint} not null default 9223372036854775807;

-- What people did with a card, and what it did by itself. `version` is the card's after it.
create table card_act (
    card text not null,
    version {bigint} not null,
    at {bigint} not null,
    actor text not null,
    act text not null,
    primary key (card, version)
) {strict};
