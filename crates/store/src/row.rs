//! One row of an answer, read by position. A cell of the wrong kind is an error that names its column.

use std::sync::Arc;

use tallyman_core::time::Timestamp;

use crate::{UnitError, Value};

/// The names of an answer's columns, shared by its rows.
pub(crate) type Columns = Arc<[Box<str>]>;

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Columns,
    values: Vec<Value<'static>>,
}

impl Row {
    pub(crate) fn new(columns: Columns, values: Vec<Value<'static>>) -> Row {
        Row { columns, values }
    }

    /// The cell at `index` (from 0), as `T`: `row.get::<Option<i64>>(2)?`.
    pub fn get<'v, T: FromValue<'v>>(&'v self, index: usize) -> Result<T, UnitError> {
        let value = self.values.get(index).ok_or(UnitError::NoColumn {
            index,
            columns: self.values.len(),
        })?;
        T::from_value(value).ok_or_else(|| UnitError::Column {
            column: self.columns.get(index).map(ToString::to_string).unwrap_or_default(),
            expected: T::EXPECTED,
            found: value.kind(),
        })
    }

    /// The cells, in the order of the statement's columns.
    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(AsRef::as_ref)
    }
}

/// What a cell can be read as.
pub trait FromValue<'v>: Sized {
    /// What the caller asked for, in an error sentence.
    const EXPECTED: &'static str;

    /// The cell as this type, or nothing if it is of another kind or out of range.
    fn from_value(value: &'v Value<'static>) -> Option<Self>;
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl FromValue<'_> for $number {
            const EXPECTED: &'static str = concat!("a whole number that fits ", stringify!($number));

            fn from_value(value: &Value<'static>) -> Option<Self> {
                match value {
                    Value::Int(number) => <$number>::try_from(*number).ok(),
                    Value::Text(_) | Value::Blob(_) | Value::Null => None,
                }
            }
        }
    )*};
}

whole_numbers!(i64, i32, i16, u64, u32, u16, u8, usize);

/// Microseconds.
impl FromValue<'_> for Timestamp {
    const EXPECTED: &'static str = "an instant in microseconds";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        i64::from_value(value).map(Timestamp::from_micros)
    }
}

impl FromValue<'_> for bool {
    const EXPECTED: &'static str = "0 or 1";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        match value {
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            Value::Int(_) | Value::Text(_) | Value::Blob(_) | Value::Null => None,
        }
    }
}

impl<'v> FromValue<'v> for &'v str {
    const EXPECTED: &'static str = "text";

    fn from_value(value: &'v Value<'static>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Int(_) | Value::Blob(_) | Value::Null => None,
        }
    }
}

impl FromValue<'_> for String {
    const EXPECTED: &'static str = "text";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        <&str>::from_value(value).map(str::to_owned)
    }
}

impl<'v> FromValue<'v> for &'v [u8] {
    const EXPECTED: &'static str = "bytes";

    fn from_value(value: &'v Value<'static>) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes),
            Value::Int(_) | Value::Text(_) | Value::Null => None,
        }
    }
}

impl FromValue<'_> for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        <&[u8]>::from_value(value).map(<[u8]>::to_vec)
    }
}

impl<const N: usize> FromValue<'_> for [u8; N] {
    const EXPECTED: &'static str = "bytes of a fixed length";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        <&[u8]>::from_value(value)?.try_into().ok()
    }
}

impl FromValue<'_> for Value<'static> {
    const EXPECTED: &'static str = "any value";

    fn from_value(value: &Value<'static>) -> Option<Self> {
        Some(value.clone())
    }
}

impl<'v, T: FromValue<'v>> FromValue<'v> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: &'v Value<'static>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            Value::Int(_) | Value::Text(_) | Value::Blob(_) => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new(
            Arc::new(["id".into(), "name".into(), "note".into()]),
            vec![Value::Int(300), Value::Text("Leeds".into()), Value::Null],
        )
    }

    #[test]
    fn a_cell_is_read_as_what_it_is() {
        let row = row();
        assert_eq!(row.get::<i64>(0).unwrap(), 300);
        assert_eq!(row.get::<&str>(1).unwrap(), "Leeds");
        assert_eq!(row.get::<Option<String>>(2).unwrap(), None);
    }

    #[test]
    fn a_cell_of_the_wrong_kind_is_an_error_that_names_its_column() {
        let row = row();
        assert_eq!(
            row.get::<i64>(1).unwrap_err().to_string(),
            "column name should be a whole number that fits i64 but is text"
        );
        assert_eq!(
            row.get::<u8>(0).unwrap_err().to_string(),
            "column id should be a whole number that fits u8 but is a whole number"
        );
        assert_eq!(
            row.get::<&str>(2).unwrap_err().to_string(),
            "column note should be text but is null"
        );
        assert_eq!(
            row.get::<&str>(3).unwrap_err().to_string(),
            "there is no column 3, the answer has 3"
        );
    }
}
