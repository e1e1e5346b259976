//! The console in process, on a store that a day was played in: what each screen shows, to whom, and what its forms do. No browser.

mod cards;
mod door;
mod escaping;
mod house;
mod live;
mod mappings;
mod orders;
mod outcomes;
mod visitor;
