-- A connection's rate is shared by kinds of work: beside the arrival time of the whole limit, one of each kind at its own share
-- (`core::pace::shares`). Zero is a share that nothing has been taken of; a connection has few rows, and each is rewritten once.

alter table connection add column arrival_urgent {bigint} not null default 0;
alter table connection add column arrival_poll {bigint} not null default 0;
alter table connection add column arrival_background {bigint} not null default 0;
