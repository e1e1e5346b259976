//! The console in process, on a store that a day was played in: what each screen shows, to whom, and what its forms do. No browser.

mod amends;
mod cards;
mod connections;
mod current;
mod deeds;
mod door;
mod drill;
mod escaping;
mod exchanges;
mod handbook;
mod house;
mod journal;
mod journalled;
mod live;
mod mappings;
mod orders;
mod outcomes;
mod overview;
mod people;
mod proposals;
mod rights;
mod sheets;
mod tally;
mod telemetry;
mod visitor;
