-- What is read together lies together. The records of a card are read a page at a time and the keys of orders one by one, both by their
-- whole key: in SQLite their rows stand in that key's own order now and no longer in the order in which they came, so a page of a card is
-- a few pages of the file and not one for each record. A record keeps its order's number beside it for the same reason. Writes both
-- tables anew; on a full database that takes some seconds for a million orders.

create table member_by_card (
    exception text not null,
    journey text not null,
    effect text not null,
    reference text not null default '',
    at {bigint} not null,
    sentence {blob},
    stand text not null default 'stopped',
    weighed text not null default '',
    due_by {bigint} not null default 9223372036854775807,
    proof_of text not null default '',
    proof text not null default '',
    ended_at {bigint} not null default 0,
    again {bigint} not null default 0,
    asked_at {bigint} not null default 0,
    mark text not null default '',
    primary key (exception, journey, effect)
) {clustered};

insert into member_by_card (exception, journey, effect, reference, at, sentence, stand, weighed, due_by, proof_of, proof, ended_at, again,
    asked_at, mark)
    select m.exception, m.journey, m.effect, coalesce(j.reference, ''), m.at, m.sentence, m.stand, m.weighed, m.due_by, m.proof_of, m.proof,
    m.ended_at, m.again, m.asked_at, m.mark from exception_member m left join journey j on j.id = m.journey
    order by m.exception, m.journey, m.effect;

drop table exception_member;
alter table member_by_card rename to exception_member;
create index exception_member_record on exception_member (journey, effect);
create index exception_member_unweighed on exception_member (exception, journey) where weighed <> stand;
create index exception_member_proof on exception_member (proof_of) where stand = 'proving';
create index exception_member_due on exception_member (exception, due_by) where stand = 'stopped';
create index exception_member_again on exception_member (exception, journey) where again <> 0;

create table key_by_subject (
    company text not null,
    subject text not null,
    wrapped {blob},
    created_at {bigint} not null,
    destroyed_at {bigint},
    primary key (company, subject),
    check ((wrapped is null) = (destroyed_at is not null))
) {clustered};

insert into key_by_subject (company, subject, wrapped, created_at, destroyed_at)
    select company, subject, wrapped, created_at, destroyed_at from subject_key order by company, subject;

drop table subject_key;
alter table key_by_subject rename to subject_key;
