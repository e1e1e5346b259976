-- References are found by their figures as well: without blanks and dashes, and without the letters that they begin with, as
-- `core::reference` makes it. An index of what is made of the column, so every row that is there already is found too. Reads the table
-- once; on a full database that takes some seconds for a million orders.
create index journey_reference_bare on journey_reference
    (company, ltrim(replace(replace(reference, '-', ''), ' ', ''), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'));
