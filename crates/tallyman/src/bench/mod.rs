//! The bench: how fast whole journeys go, beside a floor measured in the same run.
//!
//! The twin is another process behind a real socket, its limits, latency and faults off; the governor is off too, and the table
//! says so. The store is a file with full durability. The *floor* is what nobody could beat with these vendors and this disk: the
//! same calls from a bare loop, and the same bytes in as few commits as the writer could make.
//!
//! [`journey`] starts the processes and puts the figures together; [`part`] is what each process does; [`record`] keeps every
//! exchange; [`floor`] carries them out again; [`stored`] fills a store with 200,000 orders; [`figures`] prints,
//! with the [`machine`] above. A missed mark, or a journey that made other calls than it should, is a failure.
//!
//! Benches of their own: [`card`], one card with 100,000 records; [`alert`], from a bad record to the message that leaves; [`console`], each screen beside
//! a million orders.
//!
//! Not here: marks for other parts of the program. They come with those parts.

pub mod alert;
pub mod card;
pub mod console;
pub mod figures;
mod floor;
pub mod journey;
mod machine;
pub mod part;
mod process;
mod record;
mod scenery;
mod stored;
mod template;
