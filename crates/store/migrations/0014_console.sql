-- Indices by which pages find cards and writes, whatever there is of them. Reads cards and effects once: a million effects take some seconds.

-- Open cards of a company by each order in which they are listed, and resolved ones, the last first.
create index exception_oldest on exception (company, opened_at, id) where closed_at is null;
create index exception_dearest on exception (company, money desc, id) where closed_at is null;
create index exception_soonest on exception (company, records_due, id) where closed_at is null;
create index exception_resolved on exception (company, closed_at desc, id) where closed_at is not null;

-- Writes that are not over, page by page within a state; with their names, so that queues are counted from the index alone.
drop index effect_open;
create index effect_open on effect (company, state, id, name) where state not in ('done', 'superseded', 'withdrawn');

-- What was carried out lately. A write comes into it once, at its end.
create index effect_done on effect (company, updated_at, name) where state = 'done';
