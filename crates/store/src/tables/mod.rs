//! The tables, a module each: their statements, and functions over [`crate::Tx`] that run them.
//!
//! Nothing here decides. States and rules are `core`'s; what belongs together in one transaction is put together by the engine's
//! units.

pub mod alerts;
pub mod amendments;
pub mod attempts;
pub mod board;
pub mod captures;
pub mod cards;
pub mod connections;
pub mod deputies;
pub mod effects;
pub mod exceptions;
pub mod feeds;
pub mod flow;
pub mod handbook;
pub mod holds;
pub mod identities;
pub mod journeys;
pub mod lanes;
pub mod mappings;
pub mod messages;
pub mod numbers;
pub mod people;
pub mod proposals;
pub mod refusals;
pub mod rulings;
pub mod search;
pub mod sign_ins;
pub mod splits;
pub mod tally;
pub mod tokens;
pub mod words;
pub mod writes;
