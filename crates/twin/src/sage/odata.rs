//! Sage's query options, a subset of OData: which rows of a list are wanted, in what order, and with which fields.
//!
//! Text compares as the SQL Server underneath does it: letter case and trailing blanks do not count.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::filter::{self, Filter};
use crate::call::pairs;

pub type Row = Map<String, Value>;

const TOP_DEFAULT: usize = 500;
const TOP_MAX: usize = 5_000;
/// Longer queries are refused, as the web server in front would.
const QUERY_BYTES_MAX: usize = 16 * 1024;

#[derive(Debug, Clone, Default)]
pub struct Query {
    select: Vec<String>,
    pub filter: Option<Filter>,
    order: Vec<(String, Direction)>,
    top: usize,
    skip: usize,
    expand: Vec<String>,
    count: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Query {
    /// Reads a query string; `known` says which fields the rows have, `expandable` which children.
    pub fn read(text: &str, known: &dyn Fn(&str) -> bool, expandable: &[&str]) -> Result<Self, String> {
        if text.len() > QUERY_BYTES_MAX {
            return Err("The query string is too long.".into());
        }
        let mut query = Self {
            top: TOP_DEFAULT,
            ..Self::default()
        };
        for (name, value) in pairs(text) {
            match name.as_str() {
                "$select" => query.select = list(&value),
                "$filter" => query.filter = Some(filter::read(&value)?),
                "$orderby" => query.order = list(&value).iter().map(|item| direction(item)).collect::<Result<_, _>>()?,
                "$top" => query.top = number(&name, &value)?,
                "$skip" => query.skip = number(&name, &value)?,
                "$expand" => query.expand = list(&value),
                "$count" => query.count = value == "true",
                "$metadata" => {}
                name if name.starts_with('$') => return Err(format!("The query option {name} is not supported.")),
                _ => {}
            }
        }
        query.check(known, expandable)?;
        Ok(query)
    }

    fn check(&self, known: &dyn Fn(&str) -> bool, expandable: &[&str]) -> Result<(), String> {
        if self.top > TOP_MAX {
            return Err(format!("The limit of {TOP_MAX} for Top query has been exceeded."));
        }
        if self.skip > 0 && self.order.is_empty() {
            return Err("The method 'Skip' is only supported for sorted input; use $orderby.".into());
        }
        let first = |path: &str| path.split(['.', '/']).next().unwrap_or_default().to_owned();
        if let Some(name) = self
            .expand
            .iter()
            .map(|path| first(path))
            .find(|name| !expandable.contains(&name.as_str()))
        {
            return Err(format!("Could not find a property named '{name}' to expand."));
        }
        let filtered = self.filter.iter().flat_map(|filter| filter.fields());
        let ordered = self.order.iter().map(|(field, _)| field.as_str());
        let selected = self
            .select
            .iter()
            .filter(|path| !path.contains(['.', '/']))
            .map(String::as_str);
        let mut all = filtered
            .chain(ordered)
            .chain(selected.filter(|name| !expandable.contains(name)));
        match all.find(|field| !known(field)) {
            Some(field) => Err(format!("Could not find a property named '{field}'.")),
            None => Ok(()),
        }
    }

    /// Whether this child is wanted in the answer.
    pub fn expands(&self, child: &str) -> bool {
        self.expand.iter().any(|path| path.split(['.', '/']).next() == Some(child))
    }

    pub fn is_ordered(&self) -> bool {
        !self.order.is_empty()
    }

    pub fn wants(&self, row: &Row) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(row))
    }

    /// Orders, pages and cuts rows that passed [`Query::wants`].
    pub fn answer(&self, mut rows: Vec<Row>) -> Value {
        if self.count {
            return rows.len().into();
        }
        if self.is_ordered() {
            rows.sort_by(|left, right| self.compare(left, right));
        }
        rows.into_iter()
            .skip(self.skip)
            .take(self.top)
            .map(|row| Value::Object(self.cut(row)))
            .collect()
    }

    /// The selected fields of a row; all without a `$select`.
    pub fn cut(&self, row: Row) -> Row {
        if self.select.is_empty() {
            return row;
        }
        let whole = |name: &str| self.select.iter().any(|path| path == name);
        let parts = |name: &str| -> Vec<&str> {
            self.select
                .iter()
                .filter_map(|path| path.split_once(['.', '/']))
                .filter(|(head, _)| *head == name)
                .map(|(_, tail)| tail)
                .collect()
        };
        let mut cut = Row::new();
        for (name, value) in row {
            let parts = parts(&name);
            if whole(&name) {
                cut.insert(name, value);
            } else if !parts.is_empty() {
                cut.insert(name, cut_child(value, &parts));
            }
        }
        cut
    }

    fn compare(&self, left: &Row, right: &Row) -> Ordering {
        for (field, direction) in &self.order {
            let order = compare(left.get(field), right.get(field));
            let order = if *direction == Direction::Down {
                order.reverse()
            } else {
                order
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

fn cut_child(value: Value, parts: &[&str]) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| cut_child(item, parts)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| parts.contains(&name.as_str()))
            .collect(),
        other => other,
    }
}

fn list(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn direction(item: &str) -> Result<(String, Direction), String> {
    match item.split_whitespace().collect::<Vec<_>>()[..] {
        [field] | [field, "asc"] => Ok((field.to_owned(), Direction::Up)),
        [field, "desc"] => Ok((field.to_owned(), Direction::Down)),
        _ => Err(format!("Syntax error in $orderby at '{item}'.")),
    }
}

fn number(name: &str, value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("Invalid value '{value}' for {name}."))
}

/// How two values of one field stand to each other; a missing one comes first.
pub fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(Value::Number(left)), Some(Value::Number(right))) => decimal(left).cmp(&decimal(right)),
        (Some(Value::Bool(left)), Some(Value::Bool(right))) => left.cmp(right),
        (Some(left), Some(right)) => folded(left.as_str().unwrap_or_default()).cmp(&folded(right.as_str().unwrap_or_default())),
    }
}

/// A JSON number as a decimal; what is beyond a decimal is none.
pub fn decimal(number: &serde_json::Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// Text as it compares: without letter case and trailing blanks.
pub fn folded(text: &str) -> String {
    text.trim_end_matches(' ').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let rows = serde_json::json!([
            {"id": 1, "code": "B", "lines": [{"id": 11, "code": "x"}]},
            {"id": 2, "code": "a", "lines": []},
            {"id": 3, "code": "C", "lines": []}
        ]);
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row.as_object().unwrap().clone())
            .collect()
    }

    fn read(text: &str) -> Result<Query, String> {
        Query::read(text, &|field| ["id", "code"].contains(&field), &["lines"])
    }

    #[test]
    fn rows_are_ordered_paged_and_cut() {
        let query = read("$orderby=code%20desc&$skip=1&$top=1&$select=id").unwrap();
        assert_eq!(query.answer(rows()).to_string(), r#"[{"id":1}]"#);
        let query = read("$expand=lines&$select=lines.id&$top=1").unwrap();
        assert_eq!(query.answer(rows()).to_string(), r#"[{"lines":[{"id":11}]}]"#);
        assert_eq!(read("$count=true").unwrap().answer(rows()), 3);
    }

    #[test]
    fn what_sage_refuses_is_refused() {
        assert!(read("$skip=1").is_err());
        assert!(read("$top=5001").is_err());
        assert!(read("$filter=colour eq 'red'").unwrap_err().contains("colour"));
        assert!(read("$orderby=id sideways").is_err());
        assert!(read("$expand=pictures").is_err());
        assert!(read("$apply=x").is_err());
    }
}
