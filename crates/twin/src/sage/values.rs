//! Sage's JSON: how it writes numbers and times, and how strictly it reads what it is sent.

use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::odata::{self, Row};
use crate::clock::Instant;

/// Quantities and prices beyond this are refused; within it no sum of an order can overflow.
const FIGURE_MAX: i64 = 1_000_000_000;
/// Places that Sage keeps of quantities and prices.
const PLACES: u32 = 5;

/// A JSON number that shows its scale: `10.00`.
pub fn number(value: Decimal, places: u32) -> Value {
    let text = format!("{:.*}", places as usize, rounded(value, places));
    Value::Number(text.parse().expect("a decimal is a JSON number"))
}

/// Half away from nought, as Sage rounds money.
pub fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// `2026-03-31T10:00:02.61Z`: up to three digits of a second, trailing noughts trimmed.
pub fn stamp(instant: Instant) -> String {
    let stamp = jiff::Timestamp::from_microsecond(instant).unwrap_or_default();
    let text = stamp.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let millis = stamp.subsec_microsecond() / 1_000;
    match format!("{millis:03}").trim_end_matches('0') {
        "" => format!("{text}Z"),
        digits => format!("{text}.{digits}Z"),
    }
}

/// The date of an instant, as Sage writes dates: `2026-03-31T00:00:00Z`.
pub fn day(instant: Instant) -> String {
    let stamp = jiff::Timestamp::from_microsecond(instant).unwrap_or_default();
    stamp.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT00:00:00Z").to_string()
}

/// What a body says of a field. A null counts as absent.
pub struct Body<'a>(pub &'a Row);

impl<'a> Body<'a> {
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn id(&self, name: &str) -> Result<Option<i64>, String> {
        self.value(name)
            .map(|value| value.as_i64().ok_or_else(|| invalid(name)))
            .transpose()
    }

    /// An id that must be there.
    pub fn needed_id(&self, name: &str) -> Result<i64, String> {
        self.id(name)?.ok_or_else(|| format!("The {name} field is required."))
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        self.value(name)
            .map(|value| value.as_bool().ok_or_else(|| invalid(name)))
            .transpose()
    }

    /// Text of at most this many characters, as SQL Server counts them (UTF-16 units).
    pub fn text(&self, name: &str, max: usize) -> Result<Option<&'a str>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| invalid(name))?;
        if text.encode_utf16().count() > max {
            return Err(format!("The field {name} must be a string with a maximum length of {max}."));
        }
        Ok(Some(text))
    }

    pub fn decimal(&self, name: &str) -> Result<Option<Decimal>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let read = match value {
            Value::Number(number) => odata::decimal(number),
            _ => None,
        };
        let decimal = read.ok_or_else(|| invalid(name))?;
        if decimal.abs() > Decimal::from(FIGURE_MAX) {
            return Err(format!("The field {name} is out of range."));
        }
        Ok(Some(rounded(decimal, PLACES)))
    }

    /// A date, given as a full timestamp; a bare date is refused.
    pub fn date(&self, name: &str) -> Result<Option<String>, String> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let stamp: Option<jiff::Timestamp> = value.as_str().and_then(|text| text.parse().ok());
        let stamp = stamp.ok_or_else(|| invalid(name))?;
        Ok(Some(day(stamp.as_microsecond())))
    }

    /// The objects of a list; nothing when the list is absent.
    pub fn objects(&self, name: &str) -> Result<Vec<&'a Row>, String> {
        let Some(value) = self.value(name) else {
            return Ok(Vec::new());
        };
        let items = value.as_array().ok_or_else(|| invalid(name))?;
        items
            .iter()
            .map(|item| item.as_object().ok_or_else(|| invalid(name)))
            .collect()
    }
}

fn invalid(name: &str) -> String {
    format!("The value of field {name} is invalid.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_their_scale_and_times_are_trimmed() {
        assert_eq!(number(Decimal::new(105, 1), 2).to_string(), "10.50");
        assert_eq!(number(Decimal::new(-1_005, 3), 2).to_string(), "-1.01");
        assert_eq!(stamp(1_774_951_202_610_999), "2026-03-31T10:00:02.61Z");
        assert_eq!(stamp(1_774_951_202_000_000), "2026-03-31T10:00:02Z");
        assert_eq!(day(1_774_951_202_610_999), "2026-03-31T00:00:00Z");
    }

    #[test]
    fn bodies_are_read_strictly() {
        let body = serde_json::json!({"date": "2026-03-31", "stamp": "2026-03-31T00:00:00Z", "text": "four", "figure": 1e300, "none": null});
        let body = Body(body.as_object().unwrap());
        assert!(body.date("date").is_err());
        assert_eq!(body.date("stamp"), Ok(Some("2026-03-31T00:00:00Z".into())));
        assert!(body.text("text", 3).is_err());
        assert!(body.decimal("figure").is_err() && body.decimal("text").is_err());
        assert_eq!(body.id("none"), Ok(None));
    }
}
