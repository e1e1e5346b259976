//! What Sage says to a write of an order that somebody has open. Nobody has written that down.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    pub lock_words: LockWords,
    pub lock_status: LockStatus,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            lock_words: LockWords::InUse,
            lock_status: LockStatus::BadRequest,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockWords {
    InUse,
    Locked,
    Editing,
    /// Words that do not say what the matter is: a caller that goes by words cannot know them.
    Unsaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockStatus {
    BadRequest,
    Conflict,
    Locked,
}

/// The words of [`LockWords::Unsaid`].
pub const UNSAID: &str = "The order could not be opened. Please try again later.";

impl Switches {
    /// The message about an order that this user has open.
    pub(super) fn lock_message(self, document_no: &str, user: &str) -> String {
        match self.lock_words {
            LockWords::InUse => format!("Order {document_no} is in use by {user}."),
            LockWords::Locked => format!("The record is locked. User: {user}"),
            LockWords::Editing => format!("{user} is currently editing this sales order."),
            LockWords::Unsaid => UNSAID.into(),
        }
    }

    pub(super) fn status_of_a_lock(self) -> u16 {
        match self.lock_status {
            LockStatus::BadRequest => 400,
            LockStatus::Conflict => 409,
            LockStatus::Locked => 423,
        }
    }
}
