//! The four kinds of value that both databases keep the same way.
//!
//! Instants are microseconds, money is hundred-thousandths, codes are text: there is no floating point, no boolean and no
//! date here, because the two databases disagree about all three.

use std::borrow::Cow;
use std::sync::Arc;

use tallyman_core::time::Timestamp;

/// A parameter of a statement (borrowed where it can be) or a cell of a row (owned, `Value<'static>`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `bigint`.
    Int(i64),
    /// `text`, without the zero character: PostgreSQL refuses it, so we refuse it for both.
    Text(Cow<'a, str>),
    /// `bytea`, `blob`.
    Blob(Cow<'a, [u8]>),
    /// No value.
    Null,
}

impl Value<'_> {
    /// The word for this kind of value in an error sentence.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Int(_) => "a whole number",
            Value::Text(_) => "text",
            Value::Blob(_) => "bytes",
            Value::Null => "null",
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

/// What can be a parameter of a statement.
pub trait ToValue {
    /// This, as a parameter that borrows from it.
    fn to_value(&self) -> Value<'_>;
}

/// The parameters of a statement: `params![order.id, now, None::<&str>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::ToValue::to_value(&$value)),*] as &[$crate::Value<'_>]
    };
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl ToValue for $number {
            fn to_value(&self) -> Value<'_> {
                Value::Int(i64::from(*self))
            }
        }
    )*};
}

// Not u64 and usize: they do not fit, and the caller knows what should happen then.
whole_numbers!(i64, i32, i16, u32, u16, u8, bool);

/// Microseconds.
impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.micros())
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        self.as_str().to_value()
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        self.as_slice().to_value()
    }
}

impl ToValue for bytes::Bytes {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().to_value()
    }
}

impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        match self {
            Value::Int(number) => Value::Int(*number),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
            Value::Null => Value::Null,
        }
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue + ?Sized> ToValue for Arc<T> {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue + ToOwned + ?Sized> ToValue for Cow<'_, T> {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}
