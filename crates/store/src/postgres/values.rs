//! Our four kinds of value in PostgreSQL's own format, both ways.

use std::borrow::Cow;
use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::{UnitError, Value};

/// A parameter on its way to PostgreSQL, not copied before it is written to the wire.
#[derive(Debug)]
pub(super) struct Bound<'v>(pub(super) &'v Value<'v>);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            // An untyped constant beside a parameter, as in `$1 + 1`, makes PostgreSQL ask for a narrower number.
            Value::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Value::Int(number) if *ty == Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
            Value::Int(number) if *ty == Type::INT8 => number.to_sql(ty, out),
            Value::Text(text) if <&str as ToSql>::accepts(ty) => text.as_ref().to_sql(ty, out),
            Value::Blob(bytes) if *ty == Type::BYTEA => bytes.as_ref().to_sql(ty, out),
            other => Err(format!("the parameter is {} but the statement wants {ty}", other.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Which types a value suits depends on the value, so `to_sql` decides.
        true
    }

    to_sql_checked!();
}

/// All cells of a row.
pub(super) fn cells(row: &tokio_postgres::Row) -> Result<Vec<Value<'static>>, UnitError> {
    let mut values = Vec::with_capacity(row.len());
    for (index, column) in row.columns().iter().enumerate() {
        let cell = row.try_get::<_, Cell>(index).map_err(|_| UnitError::Column {
            column: column.name().to_owned(),
            expected: "a whole number, text or bytes (a cast may be missing)",
            found: "of another type of PostgreSQL",
        })?;
        values.push(cell.0);
    }
    Ok(values)
}

struct Cell(Value<'static>);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Cell, Box<dyn Error + Sync + Send>> {
        Ok(Cell(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            // SQLite says 0 and 1 for a comparison.
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Blob(Cow::Owned(raw.to_vec())),
            _ => Value::Text(Cow::Owned(String::from_sql(ty, raw)?)),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Cell, Box<dyn Error + Sync + Send>> {
        Ok(Cell(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::BYTEA].contains(ty) || <String as FromSql>::accepts(ty)
    }
}
