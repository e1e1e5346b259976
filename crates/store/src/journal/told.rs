//! What a line tells: a sentence, and, of an act that changed something, what it was before and what it is after.
//!
//! All three are one text, so that the commitment stands for all of them, sealed or open. A text that begins with a separator has them;
//! any other is a sentence alone, as lines were before this. No sentence begins with one: each begins with a word of ours, whatever
//! somebody has written into the rest of it.

/// ASCII's record separator.
const SEPARATOR: char = '\u{1e}';
/// Before a value; without it there was none.
const VALUE: char = '=';

/// A line's text, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub what: String,
    /// None where there was nothing, and where nothing was changed.
    pub before: Option<String>,
    /// None where there is nothing any more, and where nothing was changed.
    pub after: Option<String>,
}

/// The text of a line whose act changed something from the one to the other.
pub(super) fn changed(what: &str, before: Option<&str>, after: Option<&str>) -> String {
    let value = |value: Option<&str>| match value {
        Some(value) => format!("{VALUE}{}", value.replace(SEPARATOR, " ")),
        None => String::new(),
    };
    format!("{SEPARATOR}{}{SEPARATOR}{}{SEPARATOR}{what}", value(before), value(after))
}

impl Told {
    pub fn read(text: &str) -> Told {
        let mut parts = text.strip_prefix(SEPARATOR).unwrap_or_default().splitn(3, SEPARATOR);
        let value = |part: &str| part.strip_prefix(VALUE).map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(before), Some(after), Some(what)) => Told {
                what: what.to_owned(),
                before: value(before),
                after: value(after),
            },
            _ => Told {
                what: text.to_owned(),
                before: None,
                after: None,
            },
        }
    }

    /// Whether the act changed something.
    pub fn has_changed(&self) -> bool {
        self.before != self.after
    }

    /// All of it as one sentence, for whoever has no place for three.
    pub fn in_words(&self) -> String {
        if !self.has_changed() {
            return self.what.clone();
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
        let what = self.what.trim_end_matches('.');
        format!("{what} (before: {}; after: {})", value(&self.before), value(&self.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (before, after) in [(None, Some("12")), (Some("12"), None), (Some(""), Some("a\u{1e}b"))] {
            let told = Told::read(&changed("A word.", before, after));
            let plain = |value: Option<&str>| value.map(|value| value.replace('\u{1e}', " "));
            assert_eq!((told.before.clone(), told.after.clone()), (plain(before), plain(after)));
            assert_eq!(told.what, "A word.");
            assert!(told.has_changed());
        }
        assert_eq!(
            Told::read(&changed("A word.", None, Some("12"))).in_words(),
            "A word (before: nothing; after: 12)"
        );
    }

    #[test]
    fn what_people_write_into_a_sentence_is_no_value() {
        for text in [
            "Until noon: \u{1e}=a\u{1e}=b\u{1e}c",
            "",
            "plain",
            "\u{1e}only",
            "\u{1e}a\u{1e}b",
        ] {
            let told = Told::read(text);
            assert_eq!((told.what.as_str(), told.has_changed()), (text, false), "{text:?}");
            assert_eq!(told.in_words(), text);
        }
        let forged = changed("Said: \u{1e}=x\u{1e}=y", Some("a"), Some("b"));
        assert_eq!(Told::read(&forged).what, "Said: \u{1e}=x\u{1e}=y");
    }
}
