-- What a vendor said, and what is said of one record, is kept sealed or not at all. What older versions kept of it in plain is
-- dropped: in the story it shows as a card without its records' sentences. SQLite rewrites the tables and overwrites what was there;
-- PostgreSQL leaves it in the files until it rewrites them itself, which `vacuum full` makes it do.

alter table attempt drop column words;
alter table attempt add column words {blob};

alter table exception drop column sentence;
alter table exception_member drop column sentence;
alter table exception_member add column sentence {blob};
update exception set cause = 'what it said is not kept' where code = 'refused';

-- A closed list of kinds from now on.
update connection set why = '';
