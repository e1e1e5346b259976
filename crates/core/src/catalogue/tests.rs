use super::{Again, Deadline, Owner, Remedy};
use crate::finding::Code;
use crate::ruling::Ruling;

#[test]
fn every_code_says_what_it_means_and_what_to_do() {
    for &code in Code::ALL {
        let entry = code.entry();
        for text in [entry.what, entry.means, entry.remedy] {
            assert!(text.len() > 12, "{code} says too little: {text:?}");
        }
        assert!(!entry.what.ends_with('.'), "{code}: a heading has no full stop");
        assert!(
            entry.means.ends_with('.') && entry.remedy.ends_with('.'),
            "{code}: sentences end"
        );
        assert!(!entry.remedies.is_empty(), "{code} has no remedy");
        if let Deadline::WorkingHours(hours) | Deadline::Hours(hours) = entry.deadline {
            assert!(hours > 0, "{code} is due at once");
        }
    }
}

/// A verb that nothing carries out, or a decision that nobody is offered, would leave a card that no one can close.
#[test]
fn who_is_asked_to_decide_is_told_what_may_be_decided() {
    for &code in Code::ALL {
        let entry = code.entry();
        let decides = entry.remedies.contains(&Remedy::Decide);
        assert_eq!(decides, !entry.rulings.is_empty(), "{code}: {:?}", entry.rulings);
        let mut rulings = entry.rulings.to_vec();
        rulings.sort_unstable();
        rulings.dedup();
        assert_eq!(rulings.len(), entry.rulings.len(), "{code} offers one twice");
        // An order that came again with other content goes on as it first came: there is nothing to decline.
        let declined = entry.again == Again::Order && code != Code::ReferenceReused;
        assert_eq!(rulings.contains(&Ruling::Declined), declined, "{code}");
        if code.is_witnessed() {
            assert!(
                rulings.contains(&Ruling::Settled),
                "{code} asks for a document that nobody names"
            );
        }
    }
}

#[test]
fn headings_tell_codes_apart() {
    let mut headings: Vec<_> = Code::ALL.iter().map(|code| code.entry().what).collect();
    headings.sort_unstable();
    assert!(headings.windows(2).all(|two| two[0] != two[1]), "{headings:?}");
}

#[test]
fn every_team_owns_something_and_names_come_back() {
    for owner in Owner::ALL {
        assert!(
            Code::ALL.iter().any(|code| code.entry().owner == owner),
            "{owner} owns nothing"
        );
        assert_eq!(Owner::named(owner.name()), Some(owner));
    }
    for &code in Code::ALL {
        assert_eq!(Code::named(code.name()), Some(code));
    }
}
