-- People who sign in. Creates empty tables only.

-- Two people may have one name. Nobody has the name to sign in with of somebody else who is still there.
create table person (
    id text not null primary key,
    name text not null,
    sign_in text not null,
    added_at {bigint} not null,
    ended_at {bigint}
) {strict};
create unique index person_sign_in on person (sign_in) where ended_at is null;
create index person_listed on person (sign_in, id);

-- What a person may: a level at one company, or at all where the company is empty; for the teams that are listed, or for all.
create table person_grant (
    person text not null,
    level text not null,
    company text not null,
    teams text not null,
    given_by text not null,
    given_at {bigint} not null,
    primary key (person, level, company)
) {strict};

-- How a person proves who they are: the hash of a password, and the secret of codes, sealed. A code counts once it was confirmed, and
-- each only once: the last step that was used is kept.
create table credential (
    person text not null primary key,
    password text not null,
    password_at {bigint} not null,
    code {blob},
    code_confirmed {bigint} not null default 0,
    code_step {bigint} not null default 0
) {strict};

-- Who is signed in. The cookie is known by its SHA-256 only.
create table session (
    hash {blob} not null primary key,
    id text not null,
    person text not null,
    begun_at {bigint} not null,
    seen_at {bigint} not null,
    ends_at {bigint} not null
) {strict};
create unique index session_id on session (id);
create index session_person on session (person, begun_at);
create index session_ends on session (ends_at);

-- A link that makes an account usable, once. Without a person it is for whoever sets everything up.
create table invitation (
    hash {blob} not null primary key,
    person text not null,
    made_at {bigint} not null,
    ends_at {bigint} not null
) {strict};
create index invitation_person on invitation (person);

-- Wrong passwords, by a hash of the name or place they came with.
create table sign_in_try (
    subject text not null primary key,
    wrong {bigint} not null,
    mark {bigint} not null
) {strict};
create index sign_in_try_mark on sign_in_try (mark);
