-- The handbook: what it has said, version by version, and who has read which. Creates empty tables, and an index over cards, of which
-- there are as many as causes.

-- `says` is every line of it; names of systems, codes and hours, and nothing about a customer.
create table handbook (
    company text not null,
    version {bigint} not null,
    hash text not null,
    says text not null,
    at {bigint} not null,
    primary key (company, version)
) {strict};

-- Who says that they have read it: a person by id, a token or a terminal by name.
create table handbook_read (
    company text not null,
    version {bigint} not null,
    actor text not null,
    at {bigint} not null,
    primary key (company, version, actor)
) {strict};

-- The newest card of a code is its example.
create index exception_newest on exception (company, code, opened_at);
