//! Reads bytes into a vendor's words, tolerantly: unknown fields are ignored, absent and null are one, and a figure may come as a
//! number or as a text. What cannot be read is named by record, field and problem.
//!
//! A figure stays the text it was sent as until `map.rs` makes money or a quantity of it: no binary fraction in between.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use tallyman_core::role::{Misread, Unreadable};
use tallyman_core::time::{Timestamp, Zone};

/// Reads a whole body.
pub(crate) fn read<T: DeserializeOwned>(record: &str, body: &[u8]) -> Result<T, Unreadable> {
    // Nearly every body can be read. Where the trouble is, is found out when there is some.
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        unreadable(record, field, without_value(&error.inner().to_string()))
    })?;
    deserializer.end().map_err(|error| unreadable(record, ".", error))?;
    Ok(value)
}

/// A problem without the text that has it: where an object is wanted and a text is there, the text may be somebody's address.
fn without_value(problem: &str) -> String {
    match (problem.find("string \""), problem.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => format!("{}a text{}", &problem[..start], &problem[end + 1..]),
        _ => problem.to_owned(),
    }
}

/// Reads a list that comes bare, or inside an object under one of these names.
pub(crate) fn read_list<T: DeserializeOwned>(record: &str, body: &[u8], wrappers: &[&str]) -> Result<Vec<T>, Unreadable> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return read(record, body);
    }
    // Its names are theirs, so none of them is repeated.
    let fields: BTreeMap<String, Box<RawValue>> = read(record, body).map_err(|error| Unreadable {
        field: ".".into(),
        ..error
    })?;
    let list = wrappers.iter().find_map(|name| fields.get(*name));
    let list = list.ok_or_else(|| unreadable(record, ".", "a list is wanted"))?;
    read(record, list.get().as_bytes())
}

/// Names what cannot be read.
pub(crate) fn unreadable(record: &str, field: impl Into<String>, problem: impl ToString) -> Unreadable {
    Unreadable {
        record: record.to_owned(),
        field: field.into(),
        problem: problem.to_string(),
        what: Misread::Shape,
    }
}

/// A field that must be there.
pub(crate) fn wanted<T>(record: &str, field: &str, value: Option<T>) -> Result<T, Unreadable> {
    value.ok_or_else(|| unreadable(record, field, "it is missing"))
}

/// A field that must be there, and must parse.
pub(crate) fn parsed<T, E: ToString>(
    record: &str,
    field: &str,
    text: Option<&String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Unreadable> {
    parse(wanted(record, field, text)?).map_err(|problem| unreadable(record, field, problem))
}

/// A field that may be absent, but must parse if it is there.
pub(crate) fn optional<T, E: ToString>(
    record: &str,
    field: &str,
    text: Option<&String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Unreadable> {
    text.map(|text| parse(text).map_err(|problem| unreadable(record, field, problem)))
        .transpose()
}

/// An instant, with its offset or as a local time of the zone.
pub(crate) fn moment(text: &str, zone: &Zone) -> Result<Timestamp, tallyman_core::time::TimeError> {
    Timestamp::parse_naive(text, zone).or_else(|naive| Timestamp::parse_rfc3339(text).map_err(|_| naive))
}

/// A field that must be there, and must be an instant. One that is on no calendar is told apart from one that is not there.
pub(crate) fn dated(record: &str, field: &str, text: Option<&String>, zone: &Zone) -> Result<Timestamp, Unreadable> {
    wanted(record, field, maybe_dated(record, field, text, zone)?)
}

/// A field that may be absent, but must be an instant if it is there.
pub(crate) fn maybe_dated(
    record: &str,
    field: &str,
    text: Option<&String>,
    zone: &Zone,
) -> Result<Option<Timestamp>, Unreadable> {
    optional(record, field, text, |text| moment(text, zone)).map_err(|unreadable| Unreadable {
        what: Misread::Date,
        ..unreadable
    })
}

/// A text, or a number that stands for one. Blank is absent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let Some(text) = plain(deserializer, "a text is wanted")? else {
        return Ok(None);
    };
    if text.contains('\0') {
        // One of our two databases cannot hold it, so neither is asked to.
        return Err(D::Error::custom("it holds a NUL character"));
    }
    Ok(Some(text.into_owned()).filter(|text| !text.trim().is_empty()))
}

/// A text without its quotes, or a number as it is written: a slice of the body where it can be, since a body holds thousands.
fn plain<'de, D: Deserializer<'de>>(deserializer: D, wanted: &'static str) -> Result<Option<Cow<'de, str>>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => match raw.get(1..raw.len() - 1) {
            Some(inner) if !inner.contains('\\') => Ok(Some(Cow::Borrowed(inner))),
            _ => serde_json::from_str(raw)
                .map(|text: String| Some(Cow::Owned(text)))
                .map_err(D::Error::custom),
        },
        Some(b'-' | b'0'..=b'9') => Ok(Some(Cow::Borrowed(raw))),
        _ => Err(D::Error::custom(wanted)),
    }
}

/// A whole number, perhaps as a text and perhaps with zeros behind the point.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = plain(deserializer, "a text is wanted")?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let digits = text.split_once('.').map_or(&*text, |(whole, zeros)| {
        if zeros.bytes().all(|byte| byte == b'0') {
            whole
        } else {
            &*text
        }
    });
    digits
        .trim()
        .parse()
        .map(Some)
        .map_err(|_| D::Error::custom("a whole number is wanted"))
}

/// A yes or no.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        _ => Err(D::Error::custom("true or false is wanted")),
    }
}

/// An exact figure as a JSON number, digit for digit.
pub(crate) fn number(figure: impl std::fmt::Display) -> serde_json::Number {
    figure.to_string().parse().expect("plain decimal text is a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "whole")]
        id: Option<i64>,
        #[serde(default, deserialize_with = "text")]
        price: Option<String>,
        #[serde(default, deserialize_with = "flag")]
        open: Option<bool>,
    }

    #[test]
    fn figures_keep_their_digits_and_blanks_are_absent() {
        let row: Row = read(
            "row",
            br#"{"id": 7.0, "price": 0.10000, "open": "True", "new_field": {"a": [1]}}"#,
        )
        .unwrap();
        assert_eq!(
            (row.id, row.price.as_deref(), row.open),
            (Some(7), Some("0.10000"), Some(true))
        );
        let row: Row = read("row", br#"{"id": null, "price": "  "}"#).unwrap();
        assert_eq!((row.id, row.price, row.open), (None, None, None));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = read_list::<Row>("order 7", br#"[{"id": 1}, {"id": "x"}]"#, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "order 7: field [1].id: a whole number is wanted at line 1 column 23"
        );
        let error = read::<Row>("order 7", br#"{"price": "a\u0000b"}"#).unwrap_err();
        assert_eq!(error.field, "price");
        assert!(read::<Row>("order 7", b"{} trailing").is_err());
        let error = read::<Vec<Row>>("order 7", br#"["1 High \"Street\""]"#).unwrap_err();
        assert_eq!(error.problem, "invalid type: a text, expected struct Row at line 1 column 20");
        assert!(read_list::<Row>("order 7", b"<html>", &[]).is_err());
    }

    #[test]
    fn a_list_may_be_wrapped() {
        let rows = read_list::<Row>("rows", br#" {"value": [{"id": 1}, {"id": 2}]}"#, &["value"]).unwrap();
        assert_eq!(rows.iter().filter_map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
        let raw = read_list::<Box<RawValue>>("rows", br#"[{"id": 1.50} , 2]"#, &[]).unwrap();
        assert_eq!(raw[0].get(), r#"{"id": 1.50}"#);
    }
}
