-- When the ledger was last asked whether what a card blames still stands in the way. Adds a column; open cards are asked about at once.
alter table exception add column asked_at {bigint} not null default 0;
