-- Two lists become ranges of an index each. Reads all orders and all writes once: of a million, as long as the disk takes to read the file.

-- A write that a guardrail stopped when it was planned was never sent, so nobody has to say what became of it.
alter table effect add column barred {bigint} not null default 0;
update effect set barred = 1 where state = 'parked' and state not in ('done', 'superseded', 'withdrawn') and exists (
    select 1 from exception_member join exception on exception.id = exception_member.exception
    where exception_member.journey = effect.journey and exception_member.effect = effect.id and exception_member.stand <> 'left'
    and exception.code in ('carrier_unmapped', 'tracking_missing')
);
create index effect_in_doubt on effect (company, state, id) where barred = 0 and state in ('parked', 'unknown', 'probing');

create index journey_newest on journey (company, received_at, id);
