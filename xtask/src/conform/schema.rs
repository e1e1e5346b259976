//! From a schema of OpenAPI 3.0 to one of JSON schema, draft 4, which it is nearly but not quite.
//!
//! Changed on the way: `nullable` becomes a type; an object that lists its properties has no others; what may only be read is refused in
//! a request and what may only be written in an answer; `decimal 5dp`, Sage's own format, becomes the keyword [`PLACES`]; the
//! widths of integers become limits.

use jsonschema::paths::Location;
use jsonschema::{Draft, Keyword, ValidationError, Validator};
use serde_json::{Map, Value, json};

/// Our keyword: a number has no more decimal places than this, zeros at the end aside.
pub const PLACES: &str = "x-decimal-places";

/// What a schema is used for decides what it demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A request that makes something: all that is required must be there.
    Create,
    /// A request that changes something: only what changes is sent.
    Update,
    /// An answer with every field.
    Answer,
    /// An answer to a question for some fields only.
    Selected,
}

impl Use {
    fn is_request(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }

    /// The mark that forbids a property in this use.
    fn forbidden(self) -> &'static str {
        if self.is_request() { "readOnly" } else { "writeOnly" }
    }

    fn demands_required(self) -> bool {
        matches!(self, Self::Create | Self::Answer)
    }
}

/// A validator for one schema, with the named schemas of its file at hand.
pub fn compile(schema: &Value, components: &Value, how: Use) -> Result<Validator, String> {
    // A reference stands alone in draft 4, so the root wraps it and carries what it points to.
    let root = json!({ "allOf": [translate(schema, how)], "components": named(components, how) });
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .with_keyword(PLACES, |_, places, _: Location| {
            let places = places
                .as_u64()
                .and_then(|places| usize::try_from(places).ok())
                .unwrap_or(usize::MAX);
            Ok(Box::new(Places(places)))
        })
        .build(&root)
        .map_err(|error| error.to_string())
}

fn named(components: &Value, how: Use) -> Value {
    let schemas = components
        .get("schemas")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let translated: Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, translate(&schema, how)))
        .collect();
    json!({ "schemas": translated })
}

/// One schema and all within it.
pub fn translate(schema: &Value, how: Use) -> Value {
    let Some(schema) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(reference) = schema.get("$ref") {
        // OpenAPI 3.0 ignores what stands beside a reference.
        return json!({ "$ref": reference });
    }
    let mut out = Map::new();
    for (word, value) in schema {
        match word.as_str() {
            "type" | "enum" | "maxLength" | "minLength" | "pattern" | "minimum" | "maximum" | "exclusiveMinimum"
            | "exclusiveMaximum" | "multipleOf" | "minItems" | "maxItems" | "uniqueItems" | "minProperties" | "maxProperties" => {
                out.insert(word.clone(), value.clone());
            }
            "items" | "not" | "additionalProperties" => {
                out.insert(word.clone(), translate(value, how));
            }
            "allOf" | "anyOf" | "oneOf" => {
                let parts = value
                    .as_array()
                    .map(|parts| parts.iter().map(|part| translate(part, how)).collect());
                out.insert(word.clone(), Value::Array(parts.unwrap_or_default()));
            }
            "properties" => {
                out.insert(word.clone(), properties(value, how));
            }
            "required" => {
                if let Some(required) = required(value, schema.get("properties"), how) {
                    out.insert(word.clone(), required);
                }
            }
            "format" => format(value.as_str().unwrap_or_default(), schema.get("type"), &mut out),
            // Descriptions, examples, defaults and the vendor's own marks demand nothing.
            _ => {}
        }
    }
    let composed = ["allOf", "anyOf", "oneOf"].iter().any(|word| schema.contains_key(*word));
    let lists_properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|properties| !properties.is_empty());
    if lists_properties && !composed && !schema.contains_key("additionalProperties") {
        out.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        nullable(&mut out);
    }
    Value::Object(out)
}

fn properties(listed: &Value, how: Use) -> Value {
    let listed = listed.as_object().cloned().unwrap_or_default();
    let translated = listed.into_iter().map(|(name, schema)| {
        let forbidden = schema.get(how.forbidden()) == Some(&Value::Bool(true));
        let schema = if forbidden {
            json!({ "not": {} })
        } else {
            translate(&schema, how)
        };
        (name, schema)
    });
    Value::Object(translated.collect())
}

/// What is demanded of this use; draft 4 knows no empty list.
fn required(listed: &Value, properties: Option<&Value>, how: Use) -> Option<Value> {
    if !how.demands_required() {
        return None;
    }
    let forbidden = |name: &Value| {
        let schema = properties.and_then(|properties| properties.get(name.as_str().unwrap_or_default()));
        schema.and_then(|schema| schema.get(how.forbidden())) == Some(&Value::Bool(true))
    };
    let names: Vec<Value> = listed.as_array()?.iter().filter(|name| !forbidden(name)).cloned().collect();
    if names.is_empty() { None } else { Some(Value::Array(names)) }
}

fn format(format: &str, kind: Option<&Value>, out: &mut Map<String, Value>) {
    let integer = kind.is_some_and(|kind| kind == "integer");
    let limits = match format {
        "int16" => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        "int32" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "int64" => Some((i64::MIN, i64::MAX)),
        _ => None,
    };
    if let (true, Some((least, most))) = (integer, limits) {
        out.entry("minimum").or_insert(json!(least));
        out.entry("maximum").or_insert(json!(most));
    } else if let Some(places) = format.strip_prefix("decimal ").and_then(|rest| rest.strip_suffix("dp")) {
        if let Ok(places) = places.parse::<u64>() {
            out.insert(PLACES.to_owned(), json!(places));
        }
    } else if ["date-time", "email", "uuid", "date"].contains(&format) {
        out.insert("format".to_owned(), json!(format));
    }
}

fn nullable(out: &mut Map<String, Value>) {
    if let Some(kind) = out.get("type").cloned() {
        out.insert("type".to_owned(), json!([kind, "null"]));
    }
    if let Some(Value::Array(options)) = out.get_mut("enum") {
        options.push(Value::Null);
    }
}

struct Places(usize);

impl Places {
    fn fits(&self, value: &Value) -> bool {
        let Value::Number(number) = value else { return true };
        let text = number.to_string();
        // A number in scientific notation has no places to count; nobody here writes one.
        text.split_once('.')
            .is_none_or(|(_, places)| places.trim_end_matches('0').len() <= self.0)
    }
}

impl<'i> Keyword<'i> for Places {
    fn validate(&self, value: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.fits(value) {
            Ok(())
        } else {
            Err(ValidationError::custom(format!(
                "{value} has more than {} decimal places",
                self.0
            )))
        }
    }

    fn is_valid(&self, value: &'i Value) -> bool {
        self.fits(value)
    }
}
