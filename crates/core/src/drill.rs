//! A drill: failures that were planted on purpose, and how people responded to each.
//!
//! What is told of a response are facts with their instants: when its card opened, when somebody took it up, when it was cleared and by whom,
//! and how often a fix was tried that did not hold. Nobody is given points: how long it took, and how often it was wrong, is what to talk about.
//!
//! Not here: where it is planted. A drill runs on simulators, in a company that is made for it and ends with it.

use std::time::Duration;

use crate::finding::Code;
use crate::ident::Company;
use crate::time::Timestamp;

/// What the program itself goes by in a card's history.
const BY_ITSELF: &str = "tallyman";

/// One failure that is planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// In a few words.
    pub name: String,
    /// The card that it should come to.
    pub code: Code,
    pub company: Company,
}

/// A card as its history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub card: String,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// What was done with it, by whom and when, the oldest first; also the lives that it came to by itself.
    pub acts: Vec<(Timestamp, String, String)>,
    /// Who said when what its word means, the oldest first; none where it waits for no word.
    pub words: Vec<(Timestamp, String)>,
}

/// How people responded to one failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub planted: Planted,
    /// None until its card is there.
    pub card: Option<String>,
    pub opened_at: Option<Timestamp>,
    /// When somebody first did something about it, and who.
    pub taken_up: Option<(Timestamp, String)>,
    /// When it was cleared, and by whom: the last person who did something about it, or nobody, where it went by itself.
    pub cleared: Option<(Timestamp, Option<String>)>,
    /// Fixes that did not hold: words that were said anew, and times that it came back.
    pub wrong_fixes: u64,
}

/// What all responses come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub planted: u64,
    pub opened: u64,
    pub cleared: u64,
    pub wrong_fixes: u64,
    /// The middle one of the times from card to clearing; of an even number the longer of the two.
    pub usual: Option<Duration>,
    pub longest: Option<Duration>,
}

/// How people responded, as far as its card tells.
pub fn respond(planted: &Planted, seen: Option<&Seen>) -> Response {
    let Some(seen) = seen else {
        return Response {
            planted: planted.clone(),
            card: None,
            opened_at: None,
            taken_up: None,
            cleared: None,
            wrong_fixes: 0,
        };
    };
    let by_people = seen.acts.iter().filter(|(_, actor, _)| actor != BY_ITSELF);
    let mut people: Vec<(Timestamp, String)> = by_people.map(|(at, actor, _)| (*at, actor.clone())).collect();
    people.extend(seen.words.iter().cloned());
    people.sort();
    let came_back = seen
        .acts
        .iter()
        .filter(|(_, actor, act)| actor == BY_ITSELF && act == "open")
        .count();
    let until = seen.closed_at.unwrap_or(Timestamp::MAX);
    let last = people.iter().rfind(|(at, _)| *at <= until).map(|(_, who)| who.clone());
    Response {
        planted: planted.clone(),
        card: Some(seen.card.clone()),
        opened_at: Some(seen.opened_at),
        taken_up: people.first().cloned(),
        cleared: seen.closed_at.map(|at| (at, last)),
        wrong_fixes: (came_back + seen.words.len().saturating_sub(1)) as u64,
    }
}

/// All of them together.
pub fn score(responses: &[Response]) -> Score {
    let mut times: Vec<Duration> = responses
        .iter()
        .filter_map(|response| Some(response.cleared.as_ref()?.0.since(response.opened_at?)))
        .collect();
    times.sort_unstable();
    let count = |of: fn(&Response) -> bool| responses.iter().filter(|response| of(response)).count() as u64;
    Score {
        planted: responses.len() as u64,
        opened: count(|response| response.card.is_some()),
        cleared: count(|response| response.cleared.is_some()),
        wrong_fixes: responses.iter().map(|response| response.wrong_fixes).sum(),
        usual: times.get(times.len() / 2).copied(),
        longest: times.last().copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_micros(minute * 60_000_000)
    }

    fn planted() -> Planted {
        Planted {
            name: "a service without a mapping".into(),
            code: Code::CarrierUnmapped,
            company: Company::new("drill-1"),
        }
    }

    fn seen(closed: Option<i64>, acts: &[(i64, &str, &str)], words: &[(i64, &str)]) -> Seen {
        Seen {
            card: "C".into(),
            opened_at: at(10),
            closed_at: closed.map(at),
            acts: acts
                .iter()
                .map(|(minute, actor, act)| (at(*minute), (*actor).to_owned(), (*act).to_owned()))
                .collect(),
            words: words
                .iter()
                .map(|(minute, actor)| (at(*minute), (*actor).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn who_cleared_it_is_the_last_who_did_something_before_it_closed() {
        let acts = [
            (12, "jo", "acknowledge"),
            (18, "tallyman", "verifying"),
            (30, "sam", "comment"),
        ];
        let response = respond(&planted(), Some(&seen(Some(20), &acts, &[(17, "sam")])));
        assert_eq!(response.taken_up, Some((at(12), "jo".into())));
        assert_eq!(response.cleared, Some((at(20), Some("sam".into()))));
        assert_eq!(response.wrong_fixes, 0);
        let alone = respond(&planted(), Some(&seen(Some(20), &[], &[])));
        assert_eq!(alone.cleared, Some((at(20), None)), "it went by itself");
    }

    #[test]
    fn what_came_back_and_what_was_said_anew_were_wrong_fixes() {
        let acts = [(15, "tallyman", "verifying"), (16, "tallyman", "open"), (17, "jo", "fix")];
        let response = respond(&planted(), Some(&seen(None, &acts, &[(14, "jo"), (18, "jo")])));
        assert_eq!((response.wrong_fixes, response.cleared), (2, None));
    }

    #[test]
    fn a_score_counts_and_takes_the_middle() {
        let cleared = |minute| respond(&planted(), Some(&seen(Some(minute), &[], &[])));
        let responses = [cleared(12), cleared(40), cleared(15), respond(&planted(), None)];
        let score = score(&responses);
        assert_eq!((score.planted, score.opened, score.cleared), (4, 3, 3));
        assert_eq!(
            (score.usual, score.longest),
            (Some(Duration::from_secs(300)), Some(Duration::from_secs(1_800)))
        );
    }
}
