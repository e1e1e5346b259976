//! The program: configuration, commands, the real clocks, wires and chance, and the ways to watch it work (`demo`, `simulate`).
//!
//! Not here: logic. What a record means is `core`'s, what is done about it the engine's.

// Everything is said through `out`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod assemble;
pub mod bench;
pub mod chance;
pub mod clocks;
pub mod commands;
pub mod config;
pub mod demo;
pub mod logs;
pub mod machine;
pub mod out;
pub mod progress;
pub mod scene;
pub mod simulate;
pub mod traces;
pub mod wires;
