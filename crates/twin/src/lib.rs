//! The twin: faithful simulators of every vendor, as one program with knobs, and the auditors of their books.
//!
//! It shares no type with Tallyman, so that it cannot share a misunderstanding. Each vendor is a plain state machine
//! ([`call::Vendor`]): a request and an instant in, an answer out, committed at once. Everything that goes wrong between us and a
//! vendor (latency, lost answers, late commits, limits, outages) happens in [`wire`], drawn from one seed. People and goods (orders
//! that arrive, pickers, Sage users who keep an order open) are events that a vendor's books catch up with when they are next
//! asked, so the same code runs at virtual time in one process and as a server of its own.
//!
//! Not here: anything of ours. The auditors ([`audit`]) read only these books.

pub mod audit;
pub mod books;
pub mod call;
mod caller;
pub mod causes;
pub mod chance;
pub mod clock;
mod fate;
pub mod faults;
pub mod mintsoft;
pub mod mishap;
pub mod retail;
pub mod sage;
pub mod server;
pub mod settings;
pub mod veil;
pub mod virtualstock;
pub mod wire;
pub mod world;
