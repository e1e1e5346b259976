//! Units of work: what is written together or not at all. A unit was decided before it is built; it only writes down.

mod alerts;
mod claim;
mod decide;
mod feed;
mod outcome;
mod receive;
mod session;

pub use alerts::{RecordTold, Say};
pub use claim::{ClaimLanes, Claimed, Claims, Whose};
pub(crate) use decide::write_effect;
pub use decide::{Home, Origin, PlanEffect, WriteDecision};
pub use feed::{ClaimFeed, GiveBackFeed, SetUp, session_subject};
pub(crate) use outcome::next_head;
pub use outcome::{RecordBaseline, RecordOutcome, follow_receipt};
pub use receive::{Known, LookUp, LookUpRelease, RaiseStrangers, Receive, ShownAgain, StandingStrangers, Stranger, Undecided};
pub use session::{DropSession, LoadSession, PutSession, TakeSession, record as session_record};

use tallyman_core::effect::{Kind, Rule};
use tallyman_core::planted::Planted;
use tallyman_store::UnitError;

/// The rule of a stored effect, by the name of its kind.
pub(crate) fn rule_of(name: &str, planted: Planted) -> Result<Rule, UnitError> {
    let kind =
        Kind::named(name).ok_or_else(|| UnitError::Refused(format!("effects of kind {name} are not known to this program")))?;
    Ok(kind.rule(planted))
}
