//! How a request is read: strictly, and never more of it than a limit.
//!
//! A field that is not known is refused, since a misspelt filter would be no filter. What is wrong is named with its field.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::{Kind, Problem};

/// The body of an act. The longest text in one is 2,000 characters.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// The longest query: filters, a word of theirs, a cursor.
const QUERY_BYTES_MAX: usize = 4 * 1024;

/// The parameters after the question mark.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, _: &S) -> Result<Self, Problem> {
        if head.uri.query().is_some_and(|query| query.len() > QUERY_BYTES_MAX) {
            return Err(Problem::unreadable(
                "query",
                format!("The parameters have more than {QUERY_BYTES_MAX} bytes."),
            ));
        }
        let read = axum::extract::Query::<T>::try_from_uri(&head.uri);
        let axum::extract::Query(read) = read.map_err(|rejected| {
            let source = std::error::Error::source(&rejected).map(ToString::to_string);
            let detail = source.unwrap_or_else(|| rejected.to_string());
            Problem::unreadable(field_in(&detail).as_deref().unwrap_or("query"), detail)
        })?;
        Ok(Self(read))
    }
}

/// A part of the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(head, state).await;
        let axum::extract::Path(read) = read.map_err(|rejected| Problem::unreadable("path", rejected.body_text()))?;
        Ok(Self(read))
    }
}

/// A body of JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unreadable(
                "Content-Type",
                "The body must be JSON, with `Content-Type: application/json`.",
            ));
        }
        let bytes = bytes(request.into_body(), BODY_BYTES_MAX).await?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let detail = error.inner().to_string();
            // A field that is missing or unknown is named in the sentence, and its path is that of what it is in.
            let field = field_in(&detail).unwrap_or(path);
            Problem::unreadable(&field, detail)
        })?;
        reader.end().map_err(|error| Problem::unreadable("body", error.to_string()))?;
        Ok(Self(read))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = given.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// The field that serde quotes first: ``unknown field `x` ``, ``missing field `x` ``; or that a parameter's own sentence begins with.
pub fn field_in(detail: &str) -> Option<String> {
    if let Some((_, rest)) = detail.split_once("field `") {
        return Some(rest.split_once('`')?.0.to_owned());
    }
    let (name, _) = detail.split_once(": ")?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then(|| name.to_owned())
}

/// The whole of a body, if it is no longer than this.
pub async fn bytes(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, bytes_max).await.map_err(|error| {
        let inner = error.into_inner();
        if inner.is::<http_body_util::LengthLimitError>() {
            Problem::new(
                Kind::TooLarge,
                format!("The body has more than {bytes_max} bytes."),
                "Send less, or divide it.",
            )
        } else {
            Problem::unreadable("body", "The body broke off.")
        }
    })
}

/// Where the next page begins, as callers are handed it: they give it back as it is.
pub fn cursor(place: &impl Serialize) -> Result<String, Problem> {
    let text = serde_json::to_vec(place)
        .map_err(|_| Problem::new(Kind::Failed, "A cursor cannot be written.", "Tell whoever runs it."))?;
    Ok(BASE64URL_NOPAD.encode(&text))
}

/// What a cursor says, if it is one of ours.
pub fn placed<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let place = read.and_then(|text| serde_json::from_slice(&text).ok());
    place.map(Some).ok_or_else(|| {
        Problem::unreadable(
            "after",
            "`after` is what an earlier page gave as `next`, for the same list in the same order.",
        )
    })
}

/// How many rows are wanted.
pub fn limit(given: Option<u32>, usual: usize) -> Result<usize, Problem> {
    use tallyman_engine::board::LIMIT_MAX;
    match given.map(|given| given as usize) {
        None => Ok(usual),
        Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::unreadable("limit", format!("A page has 1 to {LIMIT_MAX} rows."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_anything_else_is_refused() {
        let place = ("oldest".to_owned(), i64::MIN, "ABC".to_owned());
        let text = cursor(&place).unwrap();
        assert_eq!(placed(Some(&text)).unwrap(), Some(place));
        assert_eq!(placed::<(String, i64)>(None).unwrap(), None);
        for wrong in ["", "!", "bm8", "eyJhIjoxfQ"] {
            let refused = placed::<(String, i64, String)>(Some(wrong)).unwrap_err();
            assert_eq!((refused.status, refused.field.as_deref()), (400, Some("after")), "{wrong}");
        }
    }

    #[test]
    fn the_field_is_read_out_of_the_sentence() {
        assert_eq!(field_in("unknown field `tema`, expected `team`").as_deref(), Some("tema"));
        assert_eq!(field_in("limit: invalid digit found in string").as_deref(), Some("limit"));
        assert_eq!(field_in("invalid type: map"), None);
    }
}
