//! The door before the pages: nobody without a cookie, no form from elsewhere, and headers on everything.

use axum::body::Body;
use http::{Request, header};
use tallyman_tests::morning::{ALL, morning};
use tallyman_tests::scene::play;

use super::visitor::{Console, PASSWORD, hidden, links};

#[test]
fn whoever_is_not_signed_in_is_sent_to_sign_in_and_back_again() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        for path in [
            "/cards?team=finance&cause=a%26b",
            "/orders",
            "/nothing-like-it",
            "/mappings/export",
        ] {
            let place = console.get("nobody", path).await.leads_to();
            assert!(place.starts_with("/sign-in?next="), "{place}");
        }
        let place = console.get("nobody", "/cards?team=finance&cause=a%26b").await.leads_to();
        let page = console.get("nobody", &place).await.page();
        assert_eq!(hidden(&page, "next"), "/cards?team=finance&amp;cause=a%26b");
        insta::assert_snapshot!("sign_in", without_versions(&console.get("nobody", "/sign-in").await.page()));

        let form = |password| {
            [
                ("name", ALL),
                ("password", password),
                ("code", ""),
                ("next", "/cards?team=finance"),
            ]
        };
        let refused = console.post("", "/sign-in", &form("wrong")).await.with(403);
        assert!(refused.contains("The name or the password is wrong."), "{refused}");
        assert!(!refused.contains("wrong\""), "what was typed does not come back: {refused}");
        let let_in = console.post("", "/sign-in", &form(PASSWORD)).await;
        let cookie = let_in.headers[header::SET_COOKIE].to_str().expect("a cookie").to_owned();
        assert_eq!(cookie, format!("tallyman={ALL}; Path=/; HttpOnly; SameSite=Lax"));
        assert_eq!(let_in.leads_to(), "/cards?team=finance");
        let elsewhere = [("name", ALL), ("password", PASSWORD), ("next", "//evil.example/")];
        assert_eq!(console.post("", "/sign-in", &elsewhere).await.leads_to(), "/");
        let out = console.post(ALL, "/sign-out", &[]).await;
        assert!(
            out.headers[header::SET_COOKIE]
                .to_str()
                .expect("a cookie")
                .contains("Max-Age=0")
        );
        assert_eq!(console.get("", "/enter/demo").await.leads_to(), "/");
        console.get("", "/enter/other").await.with(403);
        assert!(console.get("", "/set-up/abc").await.page().contains("action=\"/set-up/abc\""));
        let over = console
            .post("", "/set-up/abc", &[("name", "jo"), ("password", PASSWORD)])
            .await;
        assert!(over.with(403).contains("This link is over."));
    });
}

/// The page with the name of this version's files taken out.
pub fn without_versions(page: &str) -> String {
    let mut text = String::new();
    let mut parts = page.split("/static/");
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (_, rest) = part.split_once('/').expect("a name");
        text.push_str("/static/VERSION/");
        text.push_str(rest);
    }
    // A line an element, so that a difference is read as one.
    text.replace("><", ">\n<")
}

#[test]
fn a_form_from_elsewhere_does_nothing() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let card = morning.card().await;
        let path = format!("/cards/{}/acknowledge", morning.id().await);
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("referer", "http://tallyman.example/cards"),
        ] {
            let request = Request::post(&path)
                .header(header::COOKIE, format!("tallyman={ALL}"))
                .header(header::HOST, "tallyman.example")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value);
            let body = Body::from(format!("version={}", card["version"]));
            let refused = console.call(request.body(body).expect("a request")).await.with(403);
            assert!(refused.contains("nothing was done"), "{refused}");
        }
        assert_eq!(morning.card().await["version"], card["version"]);
        // An older browser says only where the form was.
        let request = Request::post(&path)
            .header(header::COOKIE, format!("tallyman={ALL}"))
            .header(header::HOST, "tallyman.example")
            .header("origin", "https://tallyman.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(format!("version={}", card["version"]));
        console.call(request.body(body).expect("a request")).await.leads_to();
        assert_eq!(morning.card().await["life"], "acknowledged");
    });
}

#[test]
fn every_answer_is_strict_and_files_are_kept_for_ever() {
    play(async {
        let morning = morning().await;
        let console = Console::of(&morning).await;
        let page = console.get(ALL, "/cards").await;
        let text = page.text.clone();
        let files: Vec<String> = links(&text).into_iter().filter(|link| link.starts_with("/static/")).collect();
        assert_eq!(files.len(), 2, "{files:?}");
        let scripts = text.matches("<script src=\"/static/").count();
        assert_eq!(scripts, 2, "{text}");
        for path in [
            "/health",
            "/api/v1/cards",
            "/cards",
            "/sign-in",
            "/nothing",
            files[0].as_str(),
        ] {
            let headers = console.get(ALL, path).await.headers;
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("a policy");
            assert!(
                policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                "{path}: {policy}"
            );
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(headers[header::REFERRER_POLICY], "same-origin", "{path}");
            assert!(
                !headers.contains_key(header::STRICT_TRANSPORT_SECURITY),
                "it is no https: {path}"
            );
        }
        for file in &files {
            let sent = console.get("", file).await;
            assert!(sent.status.is_success());
            assert_eq!(sent.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        }
        let other = files[0].replace("/static/", "/static/0");
        assert_eq!(console.get("", &other).await.status.as_u16(), 404);
        let missing = console.get(ALL, "/nothing").await.with(404);
        assert!(
            missing.contains("There is nothing here") && missing.contains("Exceptions"),
            "{missing}"
        );
        let body = Body::from("");
        let request = Request::put("/cards").header(header::COOKIE, format!("tallyman={ALL}"));
        let request = request.header("sec-fetch-site", "same-origin");
        console.call(request.body(body).expect("a request")).await.with(405);
        assert!(text.len() < 30_000, "{} bytes", text.len());
    });
}
