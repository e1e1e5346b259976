//! SQLite: one session that runs statements, one drain loop that commits units in groups, and two ways to drive it.
//!
//! In production a writer thread calls the drain loop with whatever units wait at that moment ([`file`]); simulation and
//! tests call the same function inline, on the thread they are on ([`memory`]). What only reads runs on its caller's thread in both.

mod file;
mod group;
mod memory;
mod numbered;
mod session;

pub(crate) use file::File;
pub(crate) use group::words;
pub(crate) use memory::Memory;
pub(crate) use session::{Access, Session};
