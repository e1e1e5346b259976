//! The engine: what turns decisions into things done, once.
//!
//! The path of a record, a module for each step: [`intake`] receives messages and has them read, checked and decided; [`pump`]
//! writes effects, attempt by attempt, and asks about those that got no answer; [`sweep`] removes drafts that were left behind.
//! [`wire`] is the one way out to a vendor and [`session`] keeps it signed in. [`worker`] runs all of it; any number of workers
//! share one store, hold nothing, and may die at any line.
//!
//! Not here: vendors' words (connectors), rules (core), SQL (store), wires and clocks (the binary).

pub mod alerts;
pub mod amend;
pub mod answer;
pub mod bells;
pub mod blamed;
pub mod board;
pub mod capsule;
pub mod cards;
pub mod connections;
pub mod corrections;
pub mod culprit;
pub mod customer;
pub mod cut_off;
pub mod desk;
pub mod drill;
pub mod duplicates;
pub mod exchanges;
pub mod foreign;
pub mod glance;
pub mod handbook;
pub mod heal;
pub mod health;
pub mod heartbeat;
pub mod holds;
pub mod intake;
pub mod journal;
pub mod known;
mod leave;
pub mod lineage;
pub mod looked_for;
pub mod machine;
pub mod mappings;
pub mod meters;
pub mod named;
pub mod newest;
pub mod outcomes;
pub mod parts;
pub mod people;
pub mod person;
pub mod proposals;
pub mod pulse;
pub mod pump;
pub mod receipt;
pub mod retries;
pub mod retry;
pub mod rotate;
pub mod ruling;
pub mod session;
pub mod sight;
pub mod sorting;
pub mod status;
pub mod story;
pub mod sweep;
pub mod tally;
pub mod telemetry;
pub mod tell;
pub mod told;
pub mod traces;
pub mod trial;
pub mod units;
pub mod unlike;
pub mod vault;
pub mod weigh;
pub mod wire;
pub mod words;
pub mod worker;
