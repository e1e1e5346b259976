//! Pages in a real Chromium: as a person opens them, wide and narrow, light and dark, by mouse and by keyboard.
//!
//! Each test starts a browser of its own (a third of a second), whose processes end with it. `cargo xtask test` says where the browser is.
//! The kit is [`kit`], with the hands of [`hand`]; [`proof`] holds that it sees what it is there to see.

mod driver;
mod faults;
mod figures;
mod first_load;
mod hand;
mod health;
mod hostile;
mod keys;
mod kit;
mod live;
mod played;
mod proof;
mod screens;
mod tasks;
mod vouched;
mod waits;
