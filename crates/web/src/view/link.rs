//! Addresses of pages, with what they filter by. What is not asked does not stand in one.

use std::fmt;

use maud::{Escaper, Render};

use crate::form::written;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    path: String,
    asked: Vec<(String, String)>,
}

impl Link {
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            asked: Vec::new(),
        }
    }

    /// The same filters of another path.
    pub fn under(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self
        }
    }

    /// The same with this as well; what it had under that name is gone.
    pub fn and(mut self, name: &str, value: Option<&str>) -> Self {
        self.asked.retain(|(its, _)| its != name);
        let value = value.filter(|value| !value.is_empty());
        self.asked.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if !self.asked.is_empty() {
            write!(f, "?{}", written(&self.asked))?;
        }
        Ok(())
    }
}

impl Render for Link {
    fn render_to(&self, text: &mut String) {
        use fmt::Write;
        // Writing to a text cannot fail.
        let _ = write!(Escaper::new(text), "{self}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stands_in_the_address_once() {
        let link = Link::to("/cards")
            .and("team", Some("finance"))
            .and("cause", Some("\"><b&c"))
            .and("sort", None);
        assert_eq!(link.to_string(), "/cards?team=finance&cause=%22%3E%3Cb%26c");
        let other = link.clone().and("team", Some("operations")).and("cause", Some(""));
        assert_eq!(other.to_string(), "/cards?team=operations");
        assert_eq!(link.render().into_string(), "/cards?team=finance&amp;cause=%22%3E%3Cb%26c");
    }
}
