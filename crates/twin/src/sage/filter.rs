//! `$filter`: a question about a row, read from text.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil;
use serde_json::Value;

use super::odata::{Row, compare, folded};

/// Deeper brackets are refused: the reader calls itself.
const DEPTH_MAX: usize = 32;

#[derive(Debug, Clone)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Compare {
        field: String,
        operator: Operator,
        value: Literal,
    },
    Text {
        part: Part,
        field: String,
        needle: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Contains,
    Start,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    /// Text, number or truth.
    Plain(Value),
    /// A bare date or timestamp, in microseconds.
    Time(i64),
}

impl Filter {
    pub fn holds(&self, row: &Row) -> bool {
        self.holds_of(&|name| row.get(name).map(Cow::Borrowed))
    }

    /// Asks for the values of the named fields only, so that a long list need not be written out to be filtered.
    pub fn holds_of<'a>(&self, value_of: &dyn Fn(&str) -> Option<Cow<'a, Value>>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds_of(value_of)),
            Self::Any(parts) => parts.iter().any(|part| part.holds_of(value_of)),
            Self::Compare { field, operator, value } => operator.holds(value_of(field).as_deref(), value),
            Self::Text { part, field, needle } => {
                let value = value_of(field);
                let text = value.as_deref().and_then(Value::as_str).unwrap_or_default().to_lowercase();
                match part {
                    Part::Contains => text.contains(needle),
                    Part::Start => text.starts_with(needle),
                    Part::End => text.trim_end_matches(' ').ends_with(needle),
                }
            }
        }
    }

    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(|part| part.fields()).collect(),
            Self::Compare { field, .. } | Self::Text { field, .. } => vec![field],
        }
    }

    /// The value that this field must equal, if the question cannot hold otherwise: for looking into an index.
    pub fn must_equal(&self, wanted: &str) -> Option<&Value> {
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.must_equal(wanted)),
            Self::Compare {
                field,
                operator: Operator::Equal,
                value: Literal::Plain(value),
            } if field == wanted => Some(value),
            _ => None,
        }
    }
}

impl Operator {
    /// Nothing compares with a missing value, except equality with null.
    fn holds(self, value: Option<&Value>, literal: &Literal) -> bool {
        let order = match (value, literal) {
            (None, Literal::Null) => return self == Self::Equal,
            (Some(_), Literal::Null) => return self == Self::NotEqual,
            (None, _) => return false,
            (Some(value), Literal::Plain(literal)) => compare(Some(value), Some(literal)),
            (Some(value), Literal::Time(literal)) => match value.as_str().and_then(instant) {
                Some(instant) => instant.cmp(literal),
                None => return false,
            },
        };
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
        }
    }
}

/// Reads a whole filter.
pub fn read(text: &str) -> Result<Filter, String> {
    let mut reader = Reader { rest: text };
    let filter = reader.any(0)?;
    match reader.next()? {
        None => Ok(filter),
        Some(token) => Err(format!("Syntax error in $filter at {token:?}.")),
    }
}

/// A date or timestamp in microseconds since 1970; a date is its midnight, UTC.
pub fn instant(text: &str) -> Option<i64> {
    let stamp: Option<jiff::Timestamp> = text.parse().ok();
    let date = || {
        text.parse::<civil::Date>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|date| date.timestamp())
    };
    stamp.or_else(date).map(|stamp| stamp.as_microsecond())
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    /// A name, an operator or a function.
    Word(String),
    Text(String),
    /// Digits and what belongs to numbers, dates and timestamps.
    Figures(String),
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn any(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.all(depth)?];
        while self.skips("or")? {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::Any(parts)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Filter, String> {
        let mut parts = vec![self.one(depth)?];
        while self.skips("and")? {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::All(parts)
        })
    }

    fn one(&mut self, depth: usize) -> Result<Filter, String> {
        if depth > DEPTH_MAX {
            return Err("The $filter is nested too deeply.".into());
        }
        match self.next()? {
            Some(Token::Open) => {
                let inner = self.any(depth + 1)?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Some(Token::Word(word)) => match word.as_str() {
                "contains" => self.text(Part::Contains),
                "startswith" => self.text(Part::Start),
                "endswith" => self.text(Part::End),
                _ => self.comparison(word),
            },
            other => Err(unexpected(other)),
        }
    }

    fn comparison(&mut self, field: String) -> Result<Filter, String> {
        let operator = match self.next()? {
            Some(Token::Word(word)) => match word.as_str() {
                "eq" => Operator::Equal,
                "ne" => Operator::NotEqual,
                "gt" => Operator::Greater,
                "ge" => Operator::GreaterOrEqual,
                "lt" => Operator::Less,
                "le" => Operator::LessOrEqual,
                _ => return Err(unexpected(Some(Token::Word(word)))),
            },
            other => return Err(unexpected(other)),
        };
        let value = match self.next()? {
            Some(Token::Text(text)) => Literal::Plain(Value::String(text)),
            Some(Token::Word(word)) => match word.as_str() {
                "null" => Literal::Null,
                "true" => Literal::Plain(Value::Bool(true)),
                "false" => Literal::Plain(Value::Bool(false)),
                _ => return Err(unexpected(Some(Token::Word(word)))),
            },
            Some(Token::Figures(figures)) => figures_literal(&figures)?,
            other => return Err(unexpected(other)),
        };
        Ok(Filter::Compare { field, operator, value })
    }

    fn text(&mut self, part: Part) -> Result<Filter, String> {
        self.expect(&Token::Open)?;
        let field = match self.next()? {
            Some(Token::Word(word)) => word,
            other => return Err(unexpected(other)),
        };
        self.expect(&Token::Comma)?;
        let needle = match self.next()? {
            Some(Token::Text(text)) => folded(&text),
            other => return Err(unexpected(other)),
        };
        self.expect(&Token::Close)?;
        Ok(Filter::Text { part, field, needle })
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), String> {
        let token = self.next()?;
        if token.as_ref() == Some(wanted) {
            Ok(())
        } else {
            Err(unexpected(token))
        }
    }

    /// Takes this word if it comes next.
    fn skips(&mut self, word: &str) -> Result<bool, String> {
        let before = self.rest;
        if self.next()? == Some(Token::Word(word.to_owned())) {
            return Ok(true);
        }
        self.rest = before;
        Ok(false)
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '(' | ')' | ',' => {
                self.rest = &self.rest[1..];
                match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                }
            }
            '\'' => Token::Text(self.quoted()?),
            '0'..='9' | '-' => Token::Figures(self.run(|letter| letter.is_ascii_alphanumeric() || "-:.+".contains(letter))),
            letter if letter.is_ascii_alphabetic() || letter == '_' => {
                Token::Word(self.run(|letter| letter.is_ascii_alphanumeric() || "_./".contains(letter)))
            }
            other => return Err(format!("Syntax error in $filter at '{other}'.")),
        };
        Ok(Some(token))
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|letter| !belongs(letter)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run.to_owned()
    }

    /// Text in single quotes; two of them stand for one.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut rest = &self.rest[1..];
        loop {
            let end = rest.find('\'').ok_or("Unterminated string in $filter.")?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    text.push('\'');
                    rest = after;
                }
                None => break,
            }
        }
        self.rest = rest;
        Ok(text)
    }
}

fn figures_literal(figures: &str) -> Result<Literal, String> {
    if let Ok(number) = figures.parse::<serde_json::Number>() {
        return Ok(Literal::Plain(Value::Number(number)));
    }
    instant(figures)
        .map(Literal::Time)
        .ok_or_else(|| format!("Unrecognized literal '{figures}' in $filter."))
}

fn unexpected(token: Option<Token>) -> String {
    match token {
        None => "Syntax error: $filter ends too early.".into(),
        Some(token) => format!("Syntax error in $filter at {token:?}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(filter: &str) -> bool {
        let row = serde_json::json!({
            "id": 7, "customer_document_no": "VS-1 ", "is_draft": false, "price": 10.50,
            "document_date": "2026-03-31T00:00:00Z", "date_time_updated": "2026-03-31T10:00:02.5Z", "name": "O'Neil"
        });
        read(filter).unwrap().holds(row.as_object().unwrap())
    }

    #[test]
    fn operators_compare_numbers_text_truth_and_time() {
        assert!(holds("id eq 7 and id ne 8 and id ge 7 and id le 7 and id gt 6 and id lt 8"));
        assert!(holds("price eq 10.5"));
        assert!(holds("is_draft eq false"));
        assert!(holds("document_date ge 2026-03-31 and document_date lt 2026-04-01"));
        assert!(holds("date_time_updated gt 2026-03-31T10:00:02Z"));
        assert!(!holds("date_time_updated gt 2026-03-31T10:00:02.500Z"));
        assert!(holds("closed eq null and id ne null"));
        assert!(!holds("closed ne 3"));
    }

    #[test]
    fn text_is_compared_as_the_database_does() {
        assert!(holds("customer_document_no eq 'vs-1'"));
        assert!(holds("name eq 'O''NEIL'"));
        assert!(holds(
            "contains(name,'nei') and startswith(name, 'o''') and endswith(name,'L')"
        ));
        assert!(!holds("startswith(name,'N')"));
    }

    #[test]
    fn and_binds_closer_than_or_and_brackets_closer_still() {
        assert!(holds("id eq 7 or id eq 8 and id eq 9"));
        assert!(!holds("(id eq 7 or id eq 8) and id eq 9"));
    }

    #[test]
    fn an_index_is_used_only_where_the_question_demands_it() {
        assert_eq!(
            read("id gt 1 and (code eq 'x' and id lt 9)").unwrap().must_equal("code"),
            Some(&Value::from("x"))
        );
        assert_eq!(read("code eq 'x' or id gt 1").unwrap().must_equal("code"), None);
        assert_eq!(read("code ne 'x'").unwrap().must_equal("code"), None);
    }

    #[test]
    fn nonsense_is_an_error_never_a_panic() {
        for text in [
            "",
            "id",
            "id eq",
            "id is 7",
            "id eq 'x",
            "(id eq 7",
            "id eq 7)",
            "id eq 2026-99-99",
            "contains(id)",
            "é eq 1",
            "id eq 7 and",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"(".repeat(100_000)).is_err());
    }
}
