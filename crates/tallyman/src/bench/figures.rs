//! The figures of a bench, and the table that people read.

use serde::Serialize;

/// A figure, what it should be, and whether it is.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub key: &'static str,
    pub value: f64,
    /// What it says, for people.
    pub means: &'static str,
    #[serde(skip)]
    pub mark: Option<Mark>,
}

#[derive(Debug, Clone, Copy)]
pub enum Mark {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub fn new(key: &'static str, value: f64, means: &'static str) -> Self {
        Self {
            key,
            value,
            means,
            mark: None,
        }
    }

    pub fn at_least(self, mark: f64) -> Self {
        Self {
            mark: Some(Mark::AtLeast(mark)),
            ..self
        }
    }

    pub fn at_most(self, mark: f64) -> Self {
        Self {
            mark: Some(Mark::AtMost(mark)),
            ..self
        }
    }

    /// Whether the mark is met; `None` without one.
    pub fn met(&self) -> Option<bool> {
        Some(match self.mark? {
            Mark::AtLeast(mark) => self.value >= mark,
            Mark::AtMost(mark) => self.value <= mark,
        })
    }
}

/// Prints the table.
pub fn print(figures: &[Figure]) {
    println!("{:<20} {:>12} {:>12}  {:<7} what it is", "figure", "value", "mark", "met");
    for figure in figures {
        let mark = match figure.mark {
            Some(Mark::AtLeast(mark)) => format!(">= {mark}"),
            Some(Mark::AtMost(mark)) => format!("<= {mark}"),
            None => String::new(),
        };
        let met = match figure.met() {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        println!(
            "{:<20} {:>12} {mark:>12}  {met:<7} {}",
            figure.key,
            short(figure.value),
            figure.means
        );
    }
}

/// Three significant figures or more, never an exponent.
fn short(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}")
    }
}

/// The figures as one JSON object, by key.
pub fn json(figures: &[Figure]) -> serde_json::Value {
    figures
        .iter()
        .map(|figure| (figure.key.to_owned(), serde_json::json!(figure.value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
