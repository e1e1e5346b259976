//! Whether every package's licence is one we accept: by cargo-deny where it is installed, else by our own reading of `deny.toml`.
//!
//! cargo-deny looks at more (bans, sources, advisories when there is a network). Our own check answers the one question that
//! must never be skipped, and says that it was the one who answered.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::metadata::Metadata;
use crate::run;

pub struct Report {
    /// Which of the two checks it was, for the person who reads the gate's output.
    pub how: String,
    pub complaints: Vec<String>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

pub fn check(root: &Path, metadata: &Metadata) -> Result<Report> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml could not be read")?;
    let deny: Deny = toml::from_str(&text).context("deny.toml could not be understood")?;
    let mut complaints = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        match &package.license {
            Some(expression) if accepted(expression, &deny.licenses.allow) => {}
            Some(expression) => complaints.push(format!("{name}: the licence {expression} is not in deny.toml's list")),
            None => complaints.push(format!("{name}: no licence is stated")),
        }
    }
    let own = format!("{} packages by our own check", metadata.packages.len());
    if !run::answers(run::cargo(&["deny", "--version"])) {
        return Ok(Report {
            how: format!("{own} (cargo-deny is not installed: bans and advisories were not looked at)"),
            complaints,
        });
    }
    let mut command = run::cargo(&["deny", "--offline", "--all-features", "check", "licenses", "bans", "sources"]);
    command.current_dir(root);
    if let Err(error) = run::output(command) {
        complaints.push(format!("cargo-deny: {error}"));
    }
    Ok(Report {
        how: format!("{own} and by cargo-deny"),
        complaints,
    })
}

/// Whether an SPDX expression can be met with the accepted licences alone: one side of each `OR`, both of each `AND`.
///
/// An exception (`WITH`) only ever grants more, so the licence before it decides. `/` is the old way to write `OR`.
fn accepted(expression: &str, allow: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allow };
    reader.either() && reader.words.is_empty()
}

struct Reader<'a> {
    words: &'a [&'a str],
    allow: &'a [String],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn takes(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.words = &self.words[1..];
        }
        there
    }

    fn either(&mut self) -> bool {
        let mut met = self.both();
        while self.takes("OR") {
            // Both sides are read to their end, whatever the first one said.
            let other = self.both();
            met = met || other;
        }
        met
    }

    fn both(&mut self) -> bool {
        let mut met = self.one();
        while self.takes("AND") {
            let other = self.one();
            met = met && other;
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let met = self.either();
            return self.takes(")") && met;
        }
        let Some(licence) = self.next() else { return false };
        if self.takes("WITH") {
            self.next();
        }
        self.allow.iter().any(|allowed| allowed == licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str) -> bool {
        accepted(expression, &["MIT".to_owned(), "Apache-2.0".to_owned(), "ISC".to_owned()])
    }

    #[test]
    fn one_side_of_an_or_is_enough_and_both_of_an_and_are_needed() {
        assert!(met("MIT"));
        assert!(met("GPL-3.0 OR MIT"));
        assert!(!met("GPL-3.0 AND MIT"));
        assert!(met("(GPL-3.0 OR MIT) AND ISC"));
        assert!(!met("GPL-3.0 OR (MIT AND MPL-2.0)"));
        assert!(!met("GPL-3.0-only"));
    }

    #[test]
    fn old_and_exceptional_ways_of_writing_are_read() {
        assert!(met("GPL-3.0/MIT"));
        assert!(met("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
        assert!(!met("GPL-2.0 WITH Classpath-exception-2.0"));
    }

    #[test]
    fn what_cannot_be_read_is_not_accepted() {
        assert!(!met(""));
        assert!(!met("GPL-3.0 OR"));
        assert!(!met("(MIT"));
        assert!(!met("MIT ISC"));
    }
}
