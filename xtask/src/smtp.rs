//! The mail server of the tests: aiosmtpd, which tests start and stop themselves, each with a port and a folder of its own.
//!
//! It is a server of its own kind and language, kept by the people who keep Mailman. Here is only where to find it.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{apt, run};

/// Where tests find a Python that has it; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_SMTP";

/// Debian's Python first: its packages are for that one, whatever else the search path has.
pub const PYTHONS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// A Python that has aiosmtpd; as root it is installed if there is none.
pub fn python() -> Result<String> {
    if let Some(given) = run::given(VARIABLE) {
        return Ok(given);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    if !run::is_root()? {
        bail!(
            "aiosmtpd, the mail server of the tests, is missing. Install it (on Debian: the package `python3-aiosmtpd`), or run this as root \
             and it will, or name a Python that has it in {VARIABLE}"
        );
    }
    println!("── aiosmtpd is missing: installing it with apt-get");
    apt::install("python3-aiosmtpd")?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("the package `python3-aiosmtpd` was installed, but no Python here can import aiosmtpd"),
    }
}

fn find() -> Option<String> {
    let has_it = |python: &&str| {
        let mut command = Command::new(python);
        command.args(["-c", "import aiosmtpd"]);
        run::answers(command)
    };
    PYTHONS.into_iter().find(has_it).map(str::to_owned)
}
