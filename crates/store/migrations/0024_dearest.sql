-- The records of a card are listed the dearest first, and what closed a card is the last of its proofs: both are read off an index. What is
-- shown under another card is found by itself. Writes a column of every record; on a full database that takes some seconds for a million.

-- What its order is worth, net and below nought, so that the dearest comes first in an index that is read forwards.
alter table exception_member add column rank {bigint} not null default 0;
update exception_member set rank = -coalesce((select net from journey where journey.id = exception_member.journey), 0) where journey <> '';
create index exception_member_dearest on exception_member (exception, rank, journey, effect) where stand <> 'left';

create index exception_member_last on exception_member (exception, ended_at desc, journey desc) where stand = 'proven';

create index exception_merged on exception (company, opened_at, id) where closed_at is null and under <> '';
