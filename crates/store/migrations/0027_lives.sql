-- How many open cards are how far, counted in the index alone: the heading of every list of cards says it. Reads all cards once.

create index exception_life on exception (company, life, under, closed_at) where closed_at is null;
