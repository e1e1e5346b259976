-- Which code of ours each number of a retailer's came with when it first came. A retailer may give a number to another item one day; then
-- the two differ. Only numbers that are not our own code are kept.
create table retailer_number (
    company text not null,
    connection text not null,
    number text not null,
    sku text not null,
    first_at {bigint} not null,
    primary key (company, connection, number)
) {strict};
