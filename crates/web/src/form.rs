//! How pages read what a browser sends: strictly, as the API reads its JSON, and never more of it than a limit.
//!
//! A browser sends an empty text for every field that was left empty. In a query that means "not asked"; in a form it is handed on, so that
//! the engine can say what is missing.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::api::problem::Problem;
use crate::api::read::{BODY_BYTES_MAX, bytes, field_in};

/// The longest query: filters, a word of theirs, a cursor.
const QUERY_BYTES_MAX: usize = 4 * 1024;
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The parameters after the question mark, those that say something.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, _: &S) -> Result<Self, Problem> {
        let query = head.uri.query().unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX {
            let detail = format!("The parameters have more than {QUERY_BYTES_MAX} bytes.");
            return Err(Problem::unreadable("query", detail));
        }
        let pairs: Vec<(String, String)> = read(query)?;
        let said: Vec<_> = pairs.iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        Ok(Self(read(&written(&said))?))
    }
}

/// A form that was sent.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if kind(request.headers()) != URLENCODED {
            return Err(Problem::unreadable(
                "Content-Type",
                "The form was not sent as a browser sends it.",
            ));
        }
        form(request, BODY_BYTES_MAX).await.map(Self)
    }
}

/// A form with room for this much.
pub async fn form<T: DeserializeOwned>(request: Request, bytes_max: usize) -> Result<T, Problem> {
    let body = bytes(request.into_body(), bytes_max).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Problem::unreadable("body", "The form is not text."))?;
    read(text)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_urlencoded::from_str(text).map_err(|error| {
        let detail = error.to_string();
        Problem::unreadable(field_in(&detail).as_deref().unwrap_or("form"), told(&detail))
    })
}

/// More names than these help nobody to choose.
const NAMED_MAX: usize = 12;

/// What serde says of a value or a name that is not known, or that is missing, to whoever looks at a page.
fn told(detail: &str) -> String {
    // Between backticks stand what was sent, and then all that may be.
    let names: Vec<&str> = detail.split('`').skip(1).step_by(2).collect();
    let Some((sent, known)) = names.split_first() else {
        return detail.to_owned();
    };
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let choice = match known.len() {
        1..=NAMED_MAX => format!(" There is {}.", known.join(", ")),
        _ => String::new(),
    };
    if detail.starts_with("unknown variant") {
        format!("`{sent}` is nothing that can be chosen here.{choice}")
    } else if detail.starts_with("unknown field") {
        format!("Nothing here is called `{sent}`.{choice}")
    } else if detail.starts_with("missing field") {
        format!("`{sent}` is missing.")
    } else {
        detail.to_owned()
    }
}

/// What was filled in, without the room around it; none where the field was left empty.
pub fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Names and values as a query or a form writes them.
pub fn written<K: AsRef<str>, V: AsRef<str>>(pairs: &[impl std::borrow::Borrow<(K, V)>]) -> String {
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|pair| pair.borrow())
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .collect();
    // Texts can always be written so.
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The kind of a body, without its parameters.
fn kind(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = given.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// The one file of a form that uploads one (`multipart/form-data`, RFC 7578); none was chosen where it is empty.
pub async fn file(request: Request, bytes_max: usize) -> Result<Bytes, Problem> {
    let unreadable = |detail: &str| Problem::unreadable("sheet", detail);
    let headers = request.headers();
    let given = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = given.and_then(boundary).ok_or_else(|| unreadable("No file was sent."))?;
    let body = bytes(request.into_body(), bytes_max).await?;
    let part = part(&body, &boundary).ok_or_else(|| unreadable("The file did not arrive whole. Send it again."))?;
    if part.is_empty() {
        return Err(unreadable("Choose a file first."));
    }
    Ok(body.slice_ref(part))
}

/// What separates the parts, of at most 70 characters.
fn boundary(kind: &str) -> Option<String> {
    let (kind, parameters) = kind.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut named = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let (_, value) = named.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let value = value.trim_matches('"');
    (1..=70).contains(&value.len()).then(|| value.to_owned())
}

/// What stands between the head of the first part and what ends it.
fn part<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let open = format!("--{boundary}\r\n");
    let close = format!("\r\n--{boundary}");
    let rest = body.strip_prefix(open.as_bytes())?;
    let head = find(rest, b"\r\n\r\n")?;
    let content = &rest[head + 4..];
    Some(&content[..find(content, close.as_bytes())?])
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(step) = text[from..].iter().position(|byte| *byte == first) {
        let at = from + step;
        if text[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        version: u64,
        text: Option<String>,
    }

    #[test]
    fn a_form_is_read_strictly() {
        let said: Said = read("version=3&text=a+%26+b%22%3E").unwrap();
        assert_eq!((said.version, said.text.as_deref()), (3, Some(r#"a & b">"#)));
        for (wrong, field) in [("version=3&tema=x", "tema"), ("text=a", "version")] {
            assert_eq!(read::<Said>(wrong).unwrap_err().field.as_deref(), Some(field), "{wrong}");
        }
        for (said, sentence) in [
            (
                "unknown variant `zzz`, expected one of `open`, `posted`, `declined`",
                "`zzz` is nothing that can be chosen here. There is `open`, `posted`, `declined`.",
            ),
            (
                "unknown field `tema`, expected `team`",
                "Nothing here is called `tema`. There is `team`.",
            ),
            ("missing field `version`", "`version` is missing."),
            ("invalid digit found in string", "invalid digit found in string"),
        ] {
            assert_eq!(told(said), sentence);
        }
        assert_eq!(written(&[("q", "a&b \"é\"")]), "q=a%26b+%22%C3%A9%22");
    }

    #[test]
    fn one_file_is_taken_out_of_its_wrapping() {
        let body =
            b"--x7\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"a.csv\"\r\n\r\ncompany,--x7\r\n1\r\n--x7--\r\n";
        assert_eq!(part(body, "x7"), Some(&b"company,--x7\r\n1"[..]));
        for cut in 0..body.len() - 7 {
            assert_eq!(part(&body[..cut], "x7"), None, "cut at {cut}");
        }
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("multipart/form-data; boundary="), None);
        assert_eq!(boundary("text/csv; boundary=a"), None);
    }
}
