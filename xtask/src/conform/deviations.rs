//! The list of differences between the descriptions and practice, `deviations.toml`: each with the place that says so.
//!
//! `*` in a pattern stands for any text. An entry covers a finding when all its patterns fit; the first one that does is used.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Finding;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    #[serde(default)]
    deviation: Vec<Deviation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deviation {
    operation: String,
    side: String,
    kind: String,
    property: String,
    /// A pattern for the value at fault, where only some values are excused.
    value: Option<String>,
    /// Where the reference says so, by section, and what it says, in our words.
    cites: String,
}

impl Deviations {
    pub fn load() -> Result<Self> {
        Self::read(include_str!("deviations.toml"))
    }

    pub fn read(text: &str) -> Result<Self> {
        let list: Self = toml::from_str(text).context("the list of deviations cannot be read")?;
        let mut seen = BTreeSet::new();
        for one in &list.deviation {
            if !one.cites.contains('§') {
                bail!("a deviation cites its section (§): {}", one.sentence());
            }
            if !["path", "query", "request", "response"].contains(&one.side.as_str()) {
                bail!(
                    "a deviation is on the side of the path, query, request or response: {}",
                    one.sentence()
                );
            }
            if !seen.insert((&one.operation, &one.side, &one.kind, &one.property, &one.value)) {
                bail!("a deviation is listed twice: {}", one.sentence());
            }
        }
        Ok(list)
    }

    /// The entry that covers this finding.
    pub fn covering(&self, finding: &Finding) -> Option<usize> {
        self.deviation.iter().position(|one| {
            fits(&one.operation, &finding.operation)
                && one.side == finding.side
                && fits(&one.kind, &finding.kind)
                && fits(&one.property, &finding.property)
                && one.value.as_ref().is_none_or(|pattern| fits(pattern, &finding.value))
        })
    }

    pub fn sentence(&self, index: usize) -> String {
        self.deviation[index].sentence()
    }

    /// What is listed and did not occur.
    pub fn unused(&self, used: &BTreeMap<usize, usize>) -> impl Iterator<Item = String> {
        self.deviation
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains_key(index))
            .map(|(_, one)| one.sentence())
    }
}

impl Deviation {
    fn sentence(&self) -> String {
        let value = self.value.as_ref().map_or(String::new(), |value| format!(" = {value}"));
        format!(
            "{} {}: {} {}{value} ({})",
            self.operation, self.side, self.kind, self.property, self.cites
        )
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pattern.contains('*').then(|| parts.next_back().unwrap_or_default()) else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        assert!(fits("*", ""));
        assert!(fits("*_status", "document_status"));
        assert!(fits("lines[].*_status", "lines[].allocation_status"));
        assert!(fits("a*b*c", "a-b-b-c"));
        assert!(!fits("a*b*c", "a-c"));
        assert!(!fits("code", "codes"));
        assert!(!fits("*_status", "status_id"));
    }
}
