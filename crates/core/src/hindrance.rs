//! What stands in the way of writes that were refused, where the ledger can be asked again whether it still does.
//!
//! A refusal under one of these has a cause that the ledger keeps as a fact of its own: somebody takes it away there, and tells nobody
//! here. So the ledger is asked, once for each cause however many records it stops.
//!
//! Not here: what nobody can be asked about, such as a role without the module. That waits for a person's word.

use std::fmt;

use crate::cause::Cause;
use crate::facts::PRICES;
use crate::finding::Code;
use crate::ident::Connection;
use crate::time::Date;

/// Codes under which there may be one.
pub const CODES: [Code; 3] = [Code::CreditHold, Code::PermissionMissing, Code::PeriodNotNormal];

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindrance {
    /// The customer account of this reference is on hold.
    Hold { account: String },
    /// Our user may not give a line another price than the price book's.
    Prices,
    /// This day falls in a period in which nothing of stock is posted.
    Period { day: Date },
}

impl Hindrance {
    /// What a card of this code blames, as something that this ledger can be asked about; none where it cannot.
    pub fn of(code: Code, cause: &Cause, ledger: &Connection) -> Option<Self> {
        match cause {
            Cause::Account(account) if code == Code::CreditHold => Some(Self::Hold {
                account: account.clone(),
            }),
            Cause::Field { of, field } if code == Code::PermissionMissing && of == ledger.as_str() && field == PRICES => {
                Some(Self::Prices)
            }
            Cause::Day { source, day } if code == Code::PeriodNotNormal && source == ledger => Some(Self::Period { day: *day }),
            Cause::Account(_)
            | Cause::Field { .. }
            | Cause::Day { .. }
            | Cause::Cell(_)
            | Cause::Record { .. }
            | Cause::Item(_)
            | Cause::Connection(_)
            | Cause::Flow(_)
            | Cause::Effect(_)
            | Cause::Refusal { .. }
            | Cause::Machine(_) => None,
        }
    }
}

/// For the journal: what holds once it is gone.
impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold { account } => write!(f, "customer account {account} is not on hold any more"),
            Self::Prices => write!(f, "our user has the permission {PRICES} now"),
            Self::Period { day } => write!(f, "the period of {day} is open now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_ledger_can_be_asked_about_is_one() {
        let (ours, other) = (Connection::new("sage-1"), Connection::new("sage-2"));
        let account = Cause::Account("SHOP".into());
        let right = |of: &Connection, field: &str| Cause::field(of.as_str(), field);
        let day = |source: &Connection| Cause::Day {
            source: source.clone(),
            day: "2026-11-22".parse().unwrap(),
        };
        let of = |code, cause: &Cause| Hindrance::of(code, cause, &ours);
        assert_eq!(
            of(Code::CreditHold, &account),
            Some(Hindrance::Hold { account: "SHOP".into() })
        );
        assert_eq!(of(Code::PermissionMissing, &right(&ours, PRICES)), Some(Hindrance::Prices));
        assert!(of(Code::PeriodNotNormal, &day(&ours)).is_some());

        assert_eq!(of(Code::Refused, &account), None);
        assert_eq!(of(Code::PermissionMissing, &right(&ours, "role of our user")), None);
        assert_eq!(of(Code::PermissionMissing, &right(&other, PRICES)), None);
        assert_eq!(of(Code::PeriodNotNormal, &day(&other)), None);
        assert_eq!(of(Code::TallyGap, &day(&ours)), None);
    }
}
