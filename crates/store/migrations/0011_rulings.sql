-- What owners of cards have decided about single records. Adds a table, and a column.

-- Stands for what was found of the record, under its journey's key where it has one.
alter table exception_member add column mark text not null default '';

-- What is found again with the same `mark` is not put up while the ruling counts. It does not while a second person is awaited, nor once
-- what it writes to the ledger (`effect`) is over. `reason` is sealed under the journey's key. `journey` is empty for what belongs to no
-- order of ours. Of several about one record the newest stands here.
create table ruling (
    company text not null,
    journey text not null,
    record text not null,
    code text not null,
    mark text not null,
    ruling text not null,
    document text not null,
    first_by text not null,
    second_by text not null,
    counts {bigint} not null,
    effect text not null,
    at {bigint} not null,
    reason {blob},
    primary key (company, journey, record, code)
) {strict};
create index ruling_journey on ruling (journey);
