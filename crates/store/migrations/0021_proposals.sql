-- Changes of words that decide posting, which a second person lets count. Creates an empty table only.

-- What would change stands in `changes`, as it was proposed; it holds codes and names of things, and nobody's data.
create table proposal (
    id text not null primary key,
    company text not null,
    changes text not null,
    made_by text not null,
    made_at {bigint} not null,
    reason text not null,
    state text not null,
    decided_by text,
    decided_at {bigint},
    said text
) {strict};
create index proposal_company on proposal (company, made_at, id);
create index proposal_open on proposal (company, made_at, id) where state = 'open';
