//! Topics: names of what a commit has changed, for whoever shows it.
//!
//! A topic is a kind, whose it is, and perhaps which one: no values and no words, so it may go wherever names may. Nothing is decided by
//! topics and none is ever stored: who misses one shows what was true a moment longer.
//!
//! A set of them is bounded. What does not fit is named by its kind, and in the end everything is meant.

use std::collections::BTreeSet;
use std::fmt;

/// The most topics that are named one by one.
const NAMED_MAX: usize = 64;
/// The longest text that is read: what PostgreSQL carries with a wake-up is under 8,000 bytes.
const TEXT_BYTES_MAX: usize = 7_900;

/// What kind of thing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Card,
    /// How a connection stands, or what people hold.
    Connection,
    /// A feed has come round.
    Feed,
    /// Lines of the journal, written or numbered.
    Journal,
    Journey,
    Mapping,
    /// A write of which it was not known, or is not known any more, whether it was carried out.
    Outcome,
    /// Somebody who signs in, or what they were given.
    Person,
    /// A change that waits for a second person, or did.
    Proposal,
    /// What a day's records are counted as, and what is said of them against a source's own list.
    Tally,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::Card,
        Kind::Connection,
        Kind::Feed,
        Kind::Journal,
        Kind::Journey,
        Kind::Mapping,
        Kind::Outcome,
        Kind::Person,
        Kind::Proposal,
        Kind::Tally,
    ];

    /// Its name where all of a kind are meant.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Card => "cards",
            Kind::Connection => "connections",
            Kind::Feed => "feeds",
            Kind::Journal => "journal",
            Kind::Journey => "journeys",
            Kind::Mapping => "mappings",
            Kind::Outcome => "outcomes",
            Kind::Person => "people",
            Kind::Proposal => "proposals",
            Kind::Tally => "tally",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    pub kind: Kind,
    /// Empty where whoever wrote it did not know whose it is: then it names nothing.
    company: String,
    /// Empty for all of the kind.
    name: String,
}

impl Topic {
    /// One thing of a company.
    pub fn one(kind: Kind, company: &str, name: &str) -> Topic {
        let topic = Topic {
            kind,
            company: company.to_owned(),
            name: name.to_owned(),
        };
        if company.is_empty() || !topic.is_writable() {
            return Topic::of(kind);
        }
        topic
    }

    /// Something of this kind, in whichever company.
    pub const fn of(kind: Kind) -> Topic {
        Topic {
            kind,
            company: String::new(),
            name: String::new(),
        }
    }

    /// Whose it is, where that is known.
    pub fn company(&self) -> Option<&str> {
        (!self.company.is_empty()).then_some(&*self.company)
    }

    /// Which one, where one is meant.
    pub fn name(&self) -> Option<&str> {
        (!self.name.is_empty()).then_some(&*self.name)
    }

    fn is_writable(&self) -> bool {
        let plain = |text: &str| !text.contains(['\n', '\t']);
        plain(&self.company) && plain(&self.name)
    }

    fn unnamed(&self) -> Topic {
        Topic {
            name: String::new(),
            ..self.clone()
        }
    }
}

/// As pages name it: `card C7Q2` is written `cards/C7Q2`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if self.name.is_empty() {
            Ok(())
        } else {
            write!(f, "/{}", self.name)
        }
    }
}

/// Topics of one or more commits, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topics {
    named: BTreeSet<Topic>,
    everything: bool,
}

impl Topics {
    pub const fn none() -> Topics {
        Topics {
            named: BTreeSet::new(),
            everything: false,
        }
    }

    /// Anything may have changed.
    pub const fn everything() -> Topics {
        Topics {
            named: BTreeSet::new(),
            everything: true,
        }
    }

    pub fn is_everything(&self) -> bool {
        self.everything
    }

    pub fn is_empty(&self) -> bool {
        !self.everything && self.named.is_empty()
    }

    /// Each that is named. Where everything is meant, none is.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.named.iter()
    }

    pub fn add(&mut self, topic: Topic) {
        if self.everything || self.named.contains(&topic.unnamed()) {
            return;
        }
        self.named.insert(topic);
        self.keep_small();
    }

    pub fn join(&mut self, others: &Topics) {
        if others.everything {
            *self = Topics::everything();
        }
        others.iter().for_each(|topic| self.add(topic.clone()));
    }

    /// Too many of them are named by their kind; still too many, everything is meant.
    fn keep_small(&mut self) {
        if self.named.len() > NAMED_MAX {
            self.named = self.named.iter().map(Topic::unnamed).collect();
        }
        if self.named.len() > NAMED_MAX {
            *self = Topics::everything();
        }
    }

    /// As it travels between processes, within what PostgreSQL carries.
    pub fn to_text(&self) -> String {
        if self.everything {
            return "*".to_owned();
        }
        let written = |topics: &mut dyn Iterator<Item = Topic>| {
            let lines: BTreeSet<String> = topics
                .map(|topic| format!("{}\t{}\t{}", topic.kind.name(), topic.company, topic.name))
                .collect();
            let lines: Vec<String> = lines.into_iter().collect();
            lines.join("\n")
        };
        let whole = written(&mut self.named.iter().cloned());
        if whole.len() <= TEXT_BYTES_MAX && !whole.is_empty() {
            return whole;
        }
        let short = written(&mut self.named.iter().map(|topic| Topic::of(topic.kind)));
        // Not the empty text, which is what a process says that knows no topics.
        if short.is_empty() { "-".to_owned() } else { short }
    }

    /// What another process says. What cannot be read, and what says nothing, means everything.
    pub fn from_text(text: &str) -> Topics {
        if text == "-" {
            return Topics::none();
        }
        let mut topics = Topics::none();
        for line in text.split('\n') {
            let mut parts = line.split('\t');
            let (kind, company, name, more) = (parts.next(), parts.next(), parts.next(), parts.next());
            let (Some(kind), Some(company), Some(name), None) = (kind.and_then(Kind::named), company, name, more) else {
                return Topics::everything();
            };
            topics.add(if company.is_empty() {
                Topic::of(kind)
            } else {
                Topic::one(kind, company, name)
            });
        }
        topics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(count: usize) -> Topics {
        let mut topics = Topics::none();
        for number in 0..count {
            topics.add(Topic::one(Kind::Card, "northwind", &format!("C{number:03}")));
        }
        topics
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut some = cards(3);
        some.add(Topic::one(Kind::Connection, "northwind", "till one"));
        some.add(Topic::of(Kind::Feed));
        for topics in [some, Topics::everything(), Topics::none(), cards(64)] {
            assert_eq!(Topics::from_text(&topics.to_text()), topics);
        }
    }

    #[test]
    fn too_many_are_named_by_their_kind_and_then_not_at_all() {
        let many = cards(65);
        let told: Vec<String> = many.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["cards"]);
        assert_eq!(many.iter().next().unwrap().company(), Some("northwind"));
        let mut companies = Topics::none();
        for number in 0..65 {
            companies.add(Topic::one(Kind::Card, &format!("company {number}"), "C"));
        }
        assert!(companies.is_everything());
    }

    #[test]
    fn what_is_meant_as_a_whole_is_not_named_beside_it() {
        let mut topics = cards(65);
        topics.add(Topic::one(Kind::Card, "northwind", "C001"));
        topics.add(Topic::one(Kind::Card, "tradewell", "C001"));
        assert_eq!(topics.iter().count(), 2);
    }

    #[test]
    fn long_names_do_not_break_the_bound_of_the_wire() {
        let mut topics = Topics::none();
        for number in 0..60 {
            topics.add(Topic::one(Kind::Journey, "northwind", &format!("{number:0200}")));
        }
        assert!(topics.to_text().len() <= TEXT_BYTES_MAX);
        assert_eq!(
            Topics::from_text(&topics.to_text()).iter().next(),
            Some(&Topic::of(Kind::Journey))
        );
    }

    #[test]
    fn what_cannot_be_read_means_everything() {
        for text in ["", "cards", "ghosts\tnorthwind\tC1", "cards\ta\tb\tc", "cards\t\t\ncards"] {
            assert!(Topics::from_text(text).is_everything(), "{text:?}");
        }
        assert_eq!(Topic::one(Kind::Card, "north\twind", "C1"), Topic::of(Kind::Card));
    }
}
