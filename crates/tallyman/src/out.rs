//! What the program says to whoever asked ([`say!`], [`put!`]), and what it remarks beside that ([`remark!`]).
//!
//! Whoever listens may go before all is said (`tallyman journey … | head`). That is no reason to stop: what a command does, and how it ends,
//! does not depend on who listens. So the rest of it is said to nobody. What cannot be written for another reason, such as a full disk, is
//! missed by somebody, and `main` ends with that ([`lost`]).

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::sync::OnceLock;

static LOST: OnceLock<String> = OnceLock::new();

/// Why something of what was said to standard output is not there: to be asked when all was said.
pub fn lost() -> Option<&'static str> {
    if let Err(error) = stdout().flush() {
        note(&error);
    }
    LOST.get().map(String::as_str)
}

/// To standard output.
pub fn put(text: Arguments<'_>) {
    if let Err(error) = stdout().lock().write_fmt(text) {
        note(&error);
    }
}

/// To standard output, as it is.
pub fn bytes(bytes: &[u8]) {
    let mut out = stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
        note(&error);
    }
}

/// To standard error, where nothing can be said of what cannot be said.
pub fn remark(text: Arguments<'_>) {
    let _ = stderr().lock().write_fmt(text);
}

fn note(error: &std::io::Error) {
    if error.kind() != ErrorKind::BrokenPipe {
        // The first of them says why.
        let _ = LOST.set(error.to_string());
    }
}

/// A line for whoever asked.
#[macro_export]
macro_rules! say {
    () => { $crate::out::put(format_args!("\n")) };
    ($($text:tt)+) => { $crate::out::put(format_args!("{}\n", format_args!($($text)+))) };
}

/// The same without an end of line.
#[macro_export]
macro_rules! put {
    ($($text:tt)+) => { $crate::out::put(format_args!($($text)+)) };
}

/// A line beside what was asked for.
#[macro_export]
macro_rules! remark {
    ($($text:tt)+) => { $crate::out::remark(format_args!("{}\n", format_args!($($text)+))) };
}
