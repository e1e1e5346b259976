-- What was said when a write succeeded, sealed under its order's key and kept for some days; and the journal, page by page.

create table capture (
    effect text not null,
    at {bigint} not null,
    what text not null,
    company text not null,
    exchange {blob} not null,
    primary key (effect, at)
) {strict};

create index capture_age on capture (company, at, effect);

-- Two indices over all lines; on a full table that takes some seconds for a million. What people did is found without what workers did.
create index journal_line_page on journal_line (company, at, id);
create index journal_line_person on journal_line (company, at, id) where substr(actor, 1, 7) = 'person/';
