//! The line of an act: who did what to what, told in the open, and what that changed.
//!
//! Whoever writes one has to say what it was before and what it is after, or that nothing is another than it was ([`Change::NONE`]): so none
//! can forget it. What is sealed says it in the same words ([`Change::told`]).

use tallyman_core::time::Timestamp;

use super::told::changed;
use super::{Commitment, Content, Line, write};
use crate::{Tx, UnitError};

/// What an act made of what it was done to. Where it is told in the open: codes, ids, numbers and times, and nothing that is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// None where there was nothing.
    pub before: Option<&'a str>,
    /// None where there is nothing any more.
    pub after: Option<&'a str>,
}

impl<'a> Change<'a> {
    /// Of an act that asks or looks.
    pub const NONE: Change<'static> = Change {
        before: None,
        after: None,
    };

    /// From the one to the other.
    pub const fn to(before: &'a str, after: &'a str) -> Self {
        Self {
            before: Some(before),
            after: Some(after),
        }
    }

    /// There was nothing.
    pub const fn made(after: &'a str) -> Self {
        Self {
            before: None,
            after: Some(after),
        }
    }

    /// There is nothing any more.
    pub const fn gone(before: &'a str) -> Self {
        Self {
            before: Some(before),
            after: None,
        }
    }

    /// The text of its line.
    pub fn told(self, what: &str) -> String {
        if self == Self::NONE {
            return what.to_owned();
        }
        changed(what, self.before, self.after)
    }
}

/// An act of somebody, that is nobody's secret.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Whose journal.
    pub company: &'a str,
    /// When.
    pub at: Timestamp,
    /// Who: the id of a person or of a part of the program.
    pub actor: &'a str,
    /// What was done, as a code.
    pub kind: &'a str,
    /// To what: the id of a card, a hold, a person.
    pub subject: &'a str,
    /// The same as a sentence, of codes and ids.
    pub what: &'a str,
    /// What that changed.
    pub change: Change<'a>,
}

impl Act<'_> {
    /// Writes its line, to be numbered and linked once it is committed.
    pub async fn write(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        let text = self.change.told(self.what);
        let line = Line {
            company: self.company,
            at: self.at,
            actor: self.actor,
            kind: self.kind,
            subject: self.subject,
            commitment: Commitment::open(text.as_bytes()),
            content: Content::Open(&text),
        };
        write(tx, &line).await
    }
}
