//! What has just been done, said at the head of the page that follows. An address names one of these sentences and holds none of its own, so
//! that nobody can be sent to a page that says what somebody else wrote.

use maud::{Markup, html};
use serde::Deserialize;

use crate::api::mappings::Meant;
use crate::view::Kind;
use crate::view::panel::note;

/// Something that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    Acknowledged,
    TakenOn,
    Assigned,
    Noted,
    HandedOver,
    SetAside,
    TakenUp,
    Mapped,
    MappedOneFirst,
    Unchanged,
    Withdrawn,
    Imported,
    Amended,
    AmendmentBack,
    Asked,
    GoesAgain,
    AwaitsSecond,
    Landed,
    Retried,
    Answers,
    SignedIn,
    RunsNow,
    UnderWay,
    Held,
    Stopped,
    LetGo,
    Compared,
    Unmasked,
    Given,
    Taken,
    SignedOut,
    AccountLinked,
    AccountUnlinked,
    CodeOn,
    CodeOff,
    Ended,
    TokenEnded,
    DeputyNamed,
    DeputyEnded,
    PasswordChanged,
    SessionEnded,
    Proposed,
    Approved,
    Rejected,
    Decided,
    DecidedFirst,
    Merged,
    Unmerged,
    Split,
    Unsplit,
    ReadHandbook,
}

impl Done {
    /// As an address names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::TakenOn => "taken-on",
            Self::Assigned => "assigned",
            Self::Noted => "noted",
            Self::HandedOver => "handed-over",
            Self::SetAside => "set-aside",
            Self::TakenUp => "taken-up",
            Self::Mapped => "mapped",
            Self::MappedOneFirst => "mapped-one-first",
            Self::Unchanged => "unchanged",
            Self::Withdrawn => "withdrawn",
            Self::Imported => "imported",
            Self::Amended => "amended",
            Self::AmendmentBack => "amendment-back",
            Self::Asked => "asked",
            Self::GoesAgain => "goes-again",
            Self::AwaitsSecond => "awaits-second",
            Self::Landed => "landed",
            Self::Retried => "retried",
            Self::Answers => "answers",
            Self::SignedIn => "signed-in",
            Self::RunsNow => "runs-now",
            Self::UnderWay => "under-way",
            Self::Held => "held",
            Self::Stopped => "stopped",
            Self::LetGo => "let-go",
            Self::Compared => "compared",
            Self::Unmasked => "unmasked",
            Self::Given => "given",
            Self::Taken => "taken",
            Self::SignedOut => "signed-out",
            Self::AccountLinked => "account-linked",
            Self::AccountUnlinked => "account-unlinked",
            Self::CodeOn => "code-on",
            Self::CodeOff => "code-off",
            Self::Ended => "ended",
            Self::TokenEnded => "token-ended",
            Self::DeputyNamed => "deputy-named",
            Self::DeputyEnded => "deputy-ended",
            Self::PasswordChanged => "password-changed",
            Self::SessionEnded => "session-ended",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Decided => "decided",
            Self::DecidedFirst => "decided-first",
            Self::Merged => "merged",
            Self::Unmerged => "unmerged",
            Self::Split => "split",
            Self::Unsplit => "unsplit",
            Self::ReadHandbook => "read-handbook",
        }
    }

    /// What became of a word that was said to mean something.
    pub fn of_meaning(meant: &Meant) -> Self {
        match (meant.changed, meant.first.is_empty()) {
            _ if meant.proposed.is_some() => Self::Proposed,
            (false, _) => Self::Unchanged,
            (true, true) => Self::Mapped,
            (true, false) => Self::MappedOneFirst,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Acknowledged => "You have acknowledged the card: it is not escalated any more.",
            Self::TakenOn => "The card says that somebody works on it.",
            Self::Assigned => "The card has its person.",
            Self::Noted => "Your comment stands in the history.",
            Self::HandedOver => "The card is with the other team now, and your note with it.",
            Self::SetAside => "The card is set aside and comes back by itself. Its records stay stopped.",
            Self::TakenUp => "The card is open again.",
            Self::Mapped => "Saved. What it had stopped is checked again by itself within seconds, and the card closes on proof.",
            Self::MappedOneFirst => {
                "Saved. The oldest order of the card goes first; the others follow by themselves when it has proved that it went on."
            }
            Self::Unchanged => "It meant that already: nothing was written.",
            Self::Withdrawn => "Taken back. Orders that need it stop from now on, and say so.",
            Self::Imported => "The sheet was taken in. What it heals goes on by itself.",
            Self::Amended => "Amended. The record is checked again by itself within seconds.",
            Self::AmendmentBack => {
                "Taken back: what the source says counts again, and the record is checked again by itself within seconds."
            }
            Self::Asked => "The other system is asked once more; what it answers decides.",
            Self::GoesAgain => "Your word is kept, and it goes again.",
            Self::AwaitsSecond => "Your word is kept. A second person must say the same before it is sent again.",
            Self::Landed => "Your word is kept: it is not sent again, and what waits for it goes on.",
            Self::Answers => "It lets us in and answers.",
            Self::SignedIn => "Signed in again.",
            Self::RunsNow => "It is done now, by whichever worker runs: look again in some seconds.",
            Self::UnderWay => "It is under way or due already; nothing was changed.",
            Self::Held => "It is held. What waits because of it says so, and goes on by itself when the hold ends.",
            Self::Stopped => "The connection is stopped: it is neither written to nor asked until then.",
            Self::LetGo => "It goes on: what waited is due at once.",
            Self::Compared => "The source’s own list is compared now; look again within a minute.",
            Self::Unmasked => "The journal has your reason. You see what was said as it was, for ten minutes.",
            Self::Decided => {
                "Decided. The card follows its records within a second or so; what is written to the ledger is proved by its answer."
            }
            Self::DecidedFirst => {
                "Your word is kept. A second person has to say the same, with the same document, before it counts."
            }
            Self::Merged => "This card shows the other one now. The other one’s page can undo it.",
            Self::Unmerged => "It stands by itself again.",
            Self::Split => {
                "These orders have this card of their own. Its figures follow within a second or so; this page can undo it."
            }
            Self::Unsplit => "The orders are back on this card.",
            Self::ReadHandbook => "It is kept that you have read this version.",
            Self::Retried => "The plan is carried out: a worker takes it up within seconds.",
            Self::Given => "It is given, and counts from now on.",
            Self::Taken => "It is taken away, and counts for whatever they do next.",
            Self::SignedOut => "They are signed out everywhere.",
            Self::AccountLinked => "They sign in with that account from now on.",
            Self::AccountUnlinked => "The account is not theirs here any more, and they are signed out everywhere.",
            Self::CodeOn => "A code is asked for from now on. Keep your telephone at hand.",
            Self::CodeOff => "No code is asked for any more.",
            Self::Ended => "Their access is over. What they did keeps their name.",
            Self::TokenEnded => "The token is over: it opens nothing any more.",
            Self::DeputyNamed => "It is kept, and begins and ends by itself.",
            Self::DeputyEnded => "They do not stand in any more.",
            Self::PasswordChanged => "Your password is changed, and your other sessions are over.",
            Self::SessionEnded => "It is over.",
            Self::Proposed => "Proposed. It counts when another person has approved it.",
            Self::Approved => "Approved: it counts from now on, and what it heals goes on by itself.",
            Self::Rejected => "Rejected. What it was about means what it meant.",
        }
    }
}

/// Of a page that is asked for nothing but to say what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub done: Option<Done>,
}

/// The sentence, if something was done.
pub fn notice(done: Option<Done>) -> Markup {
    html! { @if let Some(done) = done { (note(Kind::Done, html! { (done.sentence()) })) } }
}
