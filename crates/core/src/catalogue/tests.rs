use super::{Deadline, Owner};
use crate::finding::Code;

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
