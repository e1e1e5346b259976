//! What Tallyman decides: values, documents, mappings, guardrails, effects, journeys, and the seams to the world as traits.
//!
//! Everything here is pure: what is known goes in, what should change comes out. Time, chance and wires are arguments.
//!
//! Not here: I/O, clocks, async runtimes, SQL, and any vendor's words.

pub mod access;
pub mod address;
pub mod alert;
pub mod amendment;
pub mod calendar;
pub mod capsule;
pub mod card;
pub mod catalogue;
pub mod cause;
pub mod check;
pub mod diff;
pub mod document;
pub mod drill;
pub mod duplicate;
pub mod effect;
pub mod facts;
pub mod finding;
pub mod fingerprint;
pub mod flow;
pub mod foreign;
pub mod handbook;
pub mod heartbeat;
pub mod hindrance;
pub mod hold;
pub mod ident;
pub mod journey;
pub mod lineage;
pub mod mapping;
pub mod mastership;
pub mod money;
pub mod pace;
pub mod planted;
pub mod promise;
pub mod pulse;
pub mod quantity;
pub mod redact;
pub mod reference;
pub mod role;
pub mod ruling;
pub mod seam;
pub mod sku;
pub mod standing;
pub mod tally;
pub mod time;
pub mod topic;
pub mod unlike;
pub mod usual;
