-- Decided again: what an effect ended by, and how far the cards have followed mappings and facts. Adds columns only.

-- The effect that took its place, or who withdrew it.
alter table effect add column ended_by text not null default '';

-- The newest mapping and the newest facts with which all that a card stops was checked.
alter table exception add column mappings_seen {bigint} not null default 0;
alter table exception add column facts_seen {bigint} not null default 0;

create index exception_open on exception (company, code) where closed_at is null;
