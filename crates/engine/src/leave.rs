//! Leave is looked at once more where something is done: whoever was given it for another right, or for another company, has none.
//!
//! Nobody who asks as they should ever reads these sentences. They are for a fault of ours, which changes nothing then.

use tallyman_core::access::{Permit, Right};
use tallyman_store::UnitError;

/// Refused unless it is leave for this right at this company.
pub fn is_for(permit: &Permit, right: Right, company: &str) -> Result<(), UnitError> {
    if permit.is_for(right, company) {
        return Ok(());
    }
    Err(UnitError::Refused(format!(
        "This takes leave to `{right}` at {company}, and it was given to `{}` at {}. Nothing was changed.",
        permit.right(),
        permit.company()
    )))
}
