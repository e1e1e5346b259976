//! What nobody needs to see of what was said to another system: secrets, and whom it is about.
//!
//! Three things make a text personal: the field that it stands in, its shape (an e-mail address, a telephone number, a postcode), and
//! that it is known to be: whoever shows an exchange knows the order, so its name and address are found wherever they were repeated,
//! also in the middle of a sentence of theirs. The lists are closed and stand in [`fields`].
//!
//! A mask shows nothing. A stand-in has the shape of what it stands for, letter for letter, and is the same for the same text, so that
//! what was found of a record is found of its stand-in, too.

mod fields;
mod shapes;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::address::Address;
use fields::Class;

/// What stands where a secret stood, and where something personal stood.
pub const SECRET: &str = "(secret)";
pub const PERSONAL: &str = "(personal)";
/// A known text that is shorter is not looked for in others: it would be found everywhere.
const KNOWN_CHARS_MIN: usize = 3;

/// What is put in the place of what is personal. A secret is never shown, whatever this says.
#[derive(Debug, Clone)]
pub enum Instead {
    Mask,
    /// Of the same shape. The salt is drawn for each occasion, so that nobody can try names until one fits.
    StandIn {
        salt: [u8; 32],
    },
    /// It is shown: somebody may see it.
    Nothing,
}

/// Takes out of texts what nobody needs to see.
#[derive(Debug, Clone)]
pub struct Redactor {
    instead: Instead,
    /// Texts known to be personal, the longest first.
    known: Vec<String>,
}

impl Redactor {
    pub fn new(instead: Instead) -> Self {
        Self {
            instead,
            known: Vec::new(),
        }
    }

    /// This is personal wherever it stands.
    #[must_use]
    pub fn knowing(self, address: &Address) -> Self {
        let optional = [
            &address.company,
            &address.line_2,
            &address.line_3,
            &address.line_4,
            &address.city,
            &address.county,
            &address.postcode,
            &address.phone,
            &address.email,
            &address.contact,
        ];
        let texts = [&address.name, &address.line_1]
            .into_iter()
            .chain(optional.into_iter().flatten());
        let words = address.name.split_whitespace().map(str::to_owned);
        self.knowing_texts(texts.map(|text| text.trim().to_owned()).chain(words))
    }

    /// So are these.
    #[must_use]
    pub fn knowing_texts(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        let texts = texts.into_iter().filter(|text| text.chars().count() >= KNOWN_CHARS_MIN);
        self.known.extend(texts);
        self.known.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        self.known.dedup();
        self
    }

    /// A body as it was sent or answered. JSON is written out line by line, so that two can be compared.
    pub fn body(&self, body: &str) -> String {
        match serde_json::from_str::<Value>(body) {
            Ok(mut value) if value.is_object() || value.is_array() => {
                self.value(&mut value, false);
                serde_json::to_string_pretty(&value).unwrap_or_default()
            }
            Ok(_) | Err(_) if looks_like_fields(body) => self.pairs(body),
            // Cut short, so no JSON any more, and yet its fields can be told.
            Ok(_) | Err(_) if body.trim_start().starts_with(['{', '[']) => self.text(&self.broken(body)),
            Ok(_) | Err(_) => self.text(body),
        }
    }

    /// A value and all that is in it. `of_a_person`: it is inside something whose names and lines are a person's.
    pub fn value(&self, value: &mut Value, of_a_person: bool) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match fields::class(name, of_a_person) {
                        Some(Class::Secret) => *value = hidden(value, |_| SECRET.to_owned()),
                        Some(Class::Personal) if !value.is_object() && !value.is_array() => {
                            *value = hidden(value, |text| self.instead_of(text));
                        }
                        Some(Class::Personal | Class::Person) => self.value(value, true),
                        None => self.value(value, of_a_person && !fields::is_other(name)),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| match value {
                Value::String(text) if of_a_person => *text = self.instead_of(text),
                value => self.value(value, of_a_person),
            }),
            Value::String(text) => *text = self.text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text without fields: what is known is looked for, and what has the shape of something personal.
    pub fn text(&self, text: &str) -> String {
        if matches!(self.instead, Instead::Nothing) {
            return text.to_owned();
        }
        let mut text = text.to_owned();
        for known in &self.known {
            text = shapes::replaced(&text, known, |found| self.instead_of(found));
        }
        shapes::shaped(&text, |found| self.instead_of(found))
    }

    /// A field of ours that is personal as a whole.
    pub fn instead_of(&self, text: &str) -> String {
        match &self.instead {
            _ if text.trim().is_empty() || text == PERSONAL => text.to_owned(),
            Instead::Mask => PERSONAL.to_owned(),
            Instead::StandIn { salt } => stand_in(salt, text),
            Instead::Nothing => text.to_owned(),
        }
    }

    /// An address with stand-ins in it. The country stays: it is nobody's.
    pub fn address(&self, address: &Address) -> Address {
        let all = |text: &Option<String>| text.as_deref().map(|text| self.instead_of(text));
        Address {
            name: self.instead_of(&address.name),
            company: all(&address.company),
            line_1: self.instead_of(&address.line_1),
            line_2: all(&address.line_2),
            line_3: all(&address.line_3),
            line_4: all(&address.line_4),
            city: all(&address.city),
            county: all(&address.county),
            postcode: all(&address.postcode),
            country: address.country,
            phone: all(&address.phone),
            email: all(&address.email),
            contact: all(&address.contact),
        }
    }

    /// `a=1&b=2`, as a form is sent.
    fn pairs(&self, body: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, _)) if fields::class(name, false) == Some(Class::Secret) => format!("{name}={SECRET}"),
            Some((name, value)) if fields::class(name, false).is_some() => format!("{name}={}", self.instead_of(value)),
            Some(_) | None => self.text(pair),
        };
        body.split('&').map(pair).collect::<Vec<_>>().join("\n&")
    }

    /// Pairs of a name and a text in what was JSON before it was cut. What it is inside of cannot be told, so a name is a person's.
    fn broken(&self, body: &str) -> String {
        let mut out = String::with_capacity(body.len());
        let mut rest = body;
        let mut hides: Option<Class> = None;
        while let Some(start) = rest.find('"') {
            let (before, from) = rest.split_at(start);
            // A comma or a bracket ends what a name was for.
            if hides.is_some() && before.contains([',', '{', '[', '}']) {
                hides = None;
            }
            out.push_str(before);
            let inside = &from[1..];
            let end = end_of(inside);
            let text = &inside[..end.unwrap_or(inside.len())];
            let after = end.map_or("", |end| &inside[end + 1..]);
            if after.trim_start().starts_with(':') {
                hides = fields::class(text, true);
                out.push_str(&format!("\"{text}\""));
            } else {
                let shown = match hides.take() {
                    Some(Class::Secret) => SECRET.to_owned(),
                    Some(Class::Personal | Class::Person) => self.instead_of(text),
                    None => text.to_owned(),
                };
                out.push_str(&format!("\"{shown}"));
                if end.is_some() {
                    out.push('"');
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Where a text in quotation marks ends.
fn end_of(inside: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

fn looks_like_fields(body: &str) -> bool {
    !body.is_empty() && !body.contains(['{', '<', ' ', '\n']) && body.split('&').all(|pair| pair.contains('='))
}

fn hidden(value: &Value, instead: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(text) if text.trim().is_empty() => value.clone(),
        Value::String(text) => Value::String(instead(text)),
        other => Value::String(instead(&other.to_string())),
    }
}

/// A letter for a letter and a digit for a digit, drawn from the text; all else stays. So it is as long, splits into as many words, and
/// needs the same letters.
fn stand_in(salt: &[u8; 32], text: &str) -> String {
    let mut hasher = Sha256::new_with_prefix(salt);
    hasher.update(text.trim().to_lowercase().as_bytes());
    let mut seed: [u8; 32] = hasher.finalize().into();
    let mut used = 0;
    let mut draw = |most: u8| {
        if used == seed.len() {
            seed = Sha256::digest(seed).into();
            used = 0;
        }
        used += 1;
        seed[used - 1] % most
    };
    text.chars()
        .map(|letter| match letter {
            '0'..='9' => char::from(b'0' + draw(10)),
            'a'..='z' => char::from(b'a' + draw(26)),
            'A'..='Z' => char::from(b'A' + draw(26)),
            other if other.is_alphabetic() && other.is_uppercase() => 'É',
            other if other.is_alphabetic() => 'é',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests;
