//! What pages load beside themselves: a stylesheet, a typeface and two scripts, in the program itself. Pages are links and forms; the scripts
//! keep them current and let them be used by keyboard, and nothing needs one.
//!
//! Their path holds the SHA-256 of all of them, so a browser may keep them for ever and never shows a page with the style of another
//! version. What is text is compressed once, when it is first asked for.

use std::io::Write;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// Hexadecimal digits of the hash that stand in the path.
const DIGITS: usize = 16;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    /// The same compressed, where that is worth it.
    zipped: Option<Bytes>,
}

struct Assets {
    version: String,
    all: Vec<Asset>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::read);

impl Assets {
    fn read() -> Self {
        let text = |name, kind, bytes| Asset {
            name,
            kind,
            bytes,
            zipped: zipped(bytes),
        };
        let all = vec![
            text(
                "console.css",
                "text/css; charset=utf-8",
                include_bytes!("../assets/console.css"),
            ),
            text(
                "console.js",
                "text/javascript; charset=utf-8",
                include_bytes!("../assets/console.js"),
            ),
            // htmx 4.0.1, as it is published (package `htmx.org`).
            text(
                "htmx.js",
                "text/javascript; charset=utf-8",
                include_bytes!("../assets/htmx.js"),
            ),
            text(
                "htmx.LICENCE.txt",
                "text/plain; charset=utf-8",
                include_bytes!("../assets/htmx.LICENCE.txt"),
            ),
            text(
                "text.LICENCE.txt",
                "text/plain; charset=utf-8",
                include_bytes!("../assets/text.LICENCE.txt"),
            ),
            Asset {
                name: "text.woff2",
                kind: "font/woff2",
                bytes: include_bytes!("../assets/text.woff2"),
                // Compressed already.
                zipped: None,
            },
        ];
        let mut hash = Sha256::new();
        for asset in &all {
            hash.update(asset.name.as_bytes());
            hash.update(asset.bytes);
        }
        let mut version = data_encoding::HEXLOWER.encode(&hash.finalize());
        version.truncate(DIGITS);
        Self { version, all }
    }
}

fn zipped(bytes: &[u8]) -> Option<Bytes> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes what is written; where it did not, the plain bytes are sent.
    writer.write_all(bytes).ok()?;
    writer.finish().ok().map(Bytes::from)
}

/// Where one of them is.
pub fn path(name: &str) -> String {
    format!("/static/{}/{name}", ASSETS.version)
}

pub fn router() -> Router {
    Router::new().route("/static/{version}/{name}", get(send))
}

async fn send(Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let found = ASSETS.all.iter().find(|asset| asset.name == name);
    let Some(asset) = found.filter(|_| version == ASSETS.version) else {
        return (StatusCode::NOT_FOUND, "There is no such file in this version.\n").into_response();
    };
    let (body, is_zipped) = match &asset.zipped {
        Some(zipped) if takes_gzip(&headers) => (Body::from(zipped.clone()), true),
        Some(_) | None => (Body::from(asset.bytes), false),
    };
    let mut response = Response::new(body);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_zipped {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Whether the browser says that it takes gzip, and not that it refuses it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let given = headers.get(header::ACCEPT_ENCODING).and_then(|given| given.to_str().ok());
    let mut kinds = given.unwrap_or_default().split(',').map(str::trim);
    kinds.any(|kind| {
        let (name, weight) = kind.split_once(';').unwrap_or((kind, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        let takes = |given: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(given));
            takes_gzip(&headers)
        };
        assert!(takes("br, gzip;q=0.8") && takes("GZIP"));
        assert!(!takes("br") && !takes("gzip;q=0, br") && !takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn the_style_is_small_and_has_no_address_of_another_host() {
        let style = ASSETS.all.iter().find(|asset| asset.name == "console.css").unwrap();
        assert!(style.zipped.as_ref().unwrap().len() < 12_000);
        let text = std::str::from_utf8(style.bytes).unwrap();
        assert!(!text.contains("://") && text.contains(r#"url("text.woff2")"#));
    }
}
