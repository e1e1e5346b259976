-- Who people are by another's word (single sign-on): one person each. Creates an empty table only.
create table identity (
    issuer text not null,
    subject text not null,
    person text not null,
    linked_at {bigint} not null,
    primary key (issuer, subject)
) {strict};
create index identity_person on identity (person);
