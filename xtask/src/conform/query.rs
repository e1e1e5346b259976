//! The fields that a query names: Sage's `$select`, `$filter`, `$orderby` and `$expand`.
//!
//! The OpenAPI files do not describe these options, but every field they name must be one that the answer's schema has: a
//! misspelt field in a filter is a probe that finds nothing.

/// The options that Sage has, of those our connectors may use.
const OPTIONS: [&str; 8] = [
    "$select",
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$expand",
    "$count",
    "$metadata",
];

/// The words of a filter that are no fields.
const WORDS: [&str; 14] = [
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "and",
    "or",
    "not",
    "contains",
    "startswith",
    "endswith",
    "true",
    "false",
];

/// What one option of a query says.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    pub option: String,
    /// The fields it names, `lines.id` as two parts.
    pub fields: Vec<Vec<String>>,
    pub known: bool,
}

/// Takes a query apart.
pub fn terms(query: &str) -> Vec<Term> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (option, value) = part.split_once('=').unwrap_or((part, ""));
            let (option, value) = (decode(option), decode(value));
            let names = match option.as_str() {
                "$select" | "$expand" => value.split(',').map(str::trim).map(str::to_owned).collect(),
                "$orderby" => value
                    .split(',')
                    .filter_map(|term| term.split_whitespace().next())
                    .map(str::to_owned)
                    .collect(),
                "$filter" => filter_fields(&value),
                _ => Vec::new(),
            };
            let fields = names
                .iter()
                .filter(|name| !name.is_empty())
                .map(|name| name.split(['.', '/']).map(str::to_owned).collect())
                .collect();
            Term {
                known: OPTIONS.contains(&option.as_str()),
                option,
                fields,
            }
        })
        .collect()
}

/// The names outside quotes that are neither words of the language nor values.
fn filter_fields(filter: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut quoted = false;
    for c in filter.chars() {
        if c == '\'' {
            // A doubled quote closes and opens again, which comes to the same.
            quoted = !quoted;
            bare.push(' ');
        } else if !quoted {
            bare.push(if "(),".contains(c) { ' ' } else { c });
        }
    }
    let mut fields: Vec<String> = bare
        .split_whitespace()
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .filter(|word| !WORDS.contains(word))
        .map(str::to_owned)
        .collect();
    fields.sort();
    fields.dedup();
    fields
}

/// Percent-encoding and plus signs undone; what is no encoding stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = || {
            std::str::from_utf8(bytes.get(at + 1..at + 3)?)
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        };
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                if let Some(byte) = hex() {
                    out.push(byte);
                    at += 2;
                } else {
                    out.push(b'%');
                }
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> Vec<Vec<String>> {
        terms(query).into_iter().flat_map(|term| term.fields).collect()
    }

    #[test]
    fn a_filter_names_its_fields_and_not_its_values() {
        let query = "$filter=code%20eq%20'is%20it%20''new'''%20and%20(made%20gt%202026-01-31%20or%20contains(note,'x'))&$top=5";
        assert_eq!(fields(query), vec![vec!["code"], vec!["made"], vec!["note"]]);
    }

    #[test]
    fn orders_selections_and_children_are_read() {
        assert_eq!(
            fields("$orderby=id+desc&$select=id,lines.code"),
            vec![vec!["id"], vec!["id"], vec!["lines", "code"]]
        );
    }

    #[test]
    fn an_option_that_sage_does_not_have_is_known_as_such() {
        assert!(!terms("page=2")[0].known);
        assert!(terms("%24skip=2")[0].known);
    }
}
