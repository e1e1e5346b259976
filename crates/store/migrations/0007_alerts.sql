-- What people have been told of cards. Creates an empty table only.

-- One row a card and route: what was last said, with how many records on the card, and when something is to be said that was put off
-- (the end of time if nothing was). An empty route is for a card that no route is for. A route's own appointments stand here too, under
-- the cards `digest` and `test`, which are no cards' ids. `episode` counts how often the card has opened. No content, no people.
create table alert (
    company text not null,
    card text not null,
    route text not null,
    episode {bigint} not null,
    said text not null,
    records {bigint} not null,
    at {bigint} not null,
    due {bigint} not null,
    primary key (company, card, route)
) {strict};

create index alert_due on alert (company, due, card);
create index alert_open on alert (company, route, card) where said <> 'recovered';
