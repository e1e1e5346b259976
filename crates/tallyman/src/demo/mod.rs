//! The demo: real orders travel on the twin, and at the end the books are audited.

pub mod console;
mod day;
mod drill_run;
mod far;
mod folder;
mod live;
mod planted_run;
mod report;
mod scaled_run;
mod twin_process;
mod virtual_run;

pub use day::{Day, instant};
pub use drill_run::{DrillRun, choose};
pub use folder::{Folder, Kept};
pub use live::Live;
pub use planted_run::run_planted;
pub use report::Report;
pub use scaled_run::{Moment, ScaledRun};
pub use twin_process::{TwinProcess, Wanted};
pub use virtual_run::{ADDRESS, at_rest, run_virtual, run_virtual_over};
