-- What pages read in place of what they would count. Adds two tables, two columns and four indices; reads every message once.

-- What stands still in a company: orders, each once over all cards, and what they are worth. Follows the records within a second, as the
-- weight of a card does.
create table stake (
    company text not null primary key,
    orders {bigint} not null,
    money {bigint} not null
) {strict};

insert into stake (company, orders, money)
    select company, count(*), cast(coalesce(sum(net), 0) as {bigint}) from (select distinct e.company as company, m.journey as journey,
    j.net as net from exception_member m join exception e on e.id = m.exception join journey j on j.id = m.journey
    where m.weighed = 'stopped') as stopped group by company;

-- As what a record is counted in the tally (nothing yet, where it is empty), and whether it may stand otherwise by now. What was received
-- before this is counted when somebody looks at its day.
alter table message add column stand text not null default '';
alter table message add column stale {bigint} not null default 1;

-- Records by the quarter of an hour in which their first content came (microseconds), and by where they stand.
create table tally_count (
    connection text not null,
    kind text not null,
    quarter {bigint} not null,
    stand text not null,
    records {bigint} not null,
    primary key (connection, kind, quarter, stand)
) {strict};

create index message_stale on message (connection, kind, received_at, record) where stale = 1 and version = 1;

-- What the tally of a day names: what came late, and what came again.
create index message_late on message (connection, kind, received_at, record) where version = 1 and made_at < received_at - 7200000000;
create index message_again on message (connection, kind, received_at, record, version) where version > 1 or shown > 1;

-- What came by the hour is counted from the index alone.
drop index message_received;
create index message_received on message (connection, kind, received_at, record, version);
