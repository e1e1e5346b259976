//! The API in process, on a store that a day was played in: what it shows, to whom, and what can be done by it.

mod acts;
mod decisions;
mod door;
mod fixes;
mod mends;
mod outcomes;
mod shows;
