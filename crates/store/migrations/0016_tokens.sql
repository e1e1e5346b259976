-- Tokens that people make for themselves, and who stands in for whom. Creates empty tables only.

-- A token is known by its SHA-256 only. It has rights, companies and teams of its owner's: fewer, and never more; all of them where the list
-- of companies or teams is empty.
create table api_token (
    hash {blob} not null primary key,
    id text not null,
    owner text not null,
    name text not null,
    rights text not null,
    companies text not null,
    teams text not null,
    made_at {bigint} not null,
    ends_at {bigint} not null,
    ended_at {bigint}
) {strict};
create unique index api_token_id on api_token (id);
create unique index api_token_name on api_token (owner, name) where ended_at is null;
create index api_token_owner on api_token (owner, made_at);

-- Somebody stands in for a person, or for a team at a company (or at all, where the company is empty), from an instant to an instant.
create table deputy (
    id text not null primary key,
    person text not null,
    stands_for text not null,
    team text not null,
    company text not null,
    from_at {bigint} not null,
    until_at {bigint} not null,
    given_by text not null,
    given_at {bigint} not null,
    ended_at {bigint}
) {strict};
create index deputy_person on deputy (person, until_at);
create index deputy_until on deputy (until_at, id);
