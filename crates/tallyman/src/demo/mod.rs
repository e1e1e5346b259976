//! The demo: real orders travel on the twin, and at the end the books are audited.

mod report;
mod virtual_run;

pub use report::Report;
pub use virtual_run::{ADDRESS, at_rest, run_virtual};
