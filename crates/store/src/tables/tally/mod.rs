//! What the tally is made of: the records of a day as they stand, what came again, and what a source's own list says beyond that.
//!
//! A record is counted on the day on which its first content came. Days are spans of time here: whose midnight it is, the caller knows.

mod counts;
mod gaps;
mod records;

pub use counts::{Stale, again, came, count, is_behind, kept, late, nowhere, stale};
pub use gaps::{Gap, Swept, clear, gaps_of, open, put_swept, say, standing, swept};
pub use records::{Had, Listed, Stands, had, is_received, listed, of_day};
