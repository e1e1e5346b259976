-- The ground that every other table stands on: keys and the journal. Creates empty tables only.

-- One random key per subject (a journey), wrapped under the master key. Erasing a subject empties `wrapped`; the row stays,
-- so that nobody can give the subject a second key.
create table subject_key (
    company text not null,
    subject text not null,
    wrapped {blob},
    created_at {bigint} not null,
    destroyed_at {bigint},
    primary key (company, subject),
    check ((wrapped is null) = (destroyed_at is not null))
) {strict};

-- What was decided and done, and by whom. Units add lines without a number; the company's sealer numbers and links them.
-- `link` is the SHA-256 of the line and the link before it, and the line's leaf in the company's Merkle tree.
create table journal_line (
    id {serial},
    company text not null,
    at {bigint} not null,
    actor text not null,
    kind text not null,
    subject text not null,
    commitment {blob} not null,
    content {blob},
    sequence {bigint},
    link {blob},
    check ((sequence is null) = (link is null))
) {strict};

create index journal_line_unsealed on journal_line (company, id) where sequence is null;
create unique index journal_line_sequence on journal_line (company, sequence) where sequence is not null;
create index journal_line_subject on journal_line (company, subject, id);

-- One row per company: how many lines are sealed, the last link, and the roots of the full subtrees to the left of the next
-- leaf (32 bytes each, the largest first).
create table journal_head (
    company text not null primary key,
    lines {bigint} not null,
    link {blob} not null,
    frontier {blob} not null,
    sealed_at {bigint} not null
) {strict};

-- The roots of full subtrees of 256, 65,536, … leaves. Smaller ones are computed from the lines.
create table journal_node (
    company text not null,
    level {bigint} not null,
    place {bigint} not null,
    hash {blob} not null,
    primary key (company, level, place)
) {strict};

-- Single facts about this database, such as who created it.
create table meta (
    name text not null primary key,
    value text not null
) {strict};
