//! The door before the API: nothing is said to whoever has no token, whatever they ask.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, header};
use tallyman_tests::scene::{Scene, play, settings};
use tallyman_web::Running;
use tallyman_web::api::access::Access;

use tallyman_tests::morning::{ALL, Api, access};

/// Every method and path of the description, with something in the place of what varies.
fn described() -> Vec<(String, String)> {
    let document = serde_json::to_value(tallyman_web::api::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").clone();
    let mut all = Vec::new();
    for (path, item) in paths {
        let parts: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "AAAAAAAAAAAAAAAA" } else { part })
            .collect();
        for method in item.as_object().expect("methods").keys() {
            all.push((method.to_uppercase(), parts.join("/")));
        }
    }
    all
}

fn request(method: &str, path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, token);
    }
    request.body(Body::empty()).expect("a request")
}

#[test]
fn every_path_of_the_description_is_there_and_needs_a_token() {
    play(async {
        let scene = Scene::new(settings());
        let api = Api::of(&scene).await;
        let described = described();
        assert!(described.len() > 20);
        for (method, path) in &described {
            for token in [None, Some("Bearer nobody"), Some("Bearer "), Some("Basic dG9rZW4tb2YtYWxs")] {
                let refused = api.call(request(method, path, token)).await;
                assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer", "{method} {path}");
                refused.refused(401);
            }
            let answer = api.call(request(method, path, Some(&format!("Bearer {ALL}")))).await;
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
            assert!(!answer.text.contains("no path"), "{method} {path}: {}", answer.text);
            assert_ne!(answer.status.as_u16(), 405, "{method} {path}");
        }
        // What is not there is not told apart from what is, without a token.
        api.call(request("GET", "/nothing", None)).await.refused(401);
        api.get(ALL, "/nothing").await.refused(404);
        api.call(request("DELETE", "/cards", Some(&format!("Bearer {ALL}"))))
            .await
            .refused(405);
        let health = api
            .call(Request::get("/health").body(Body::empty()).expect("a request"))
            .await;
        // No worker runs here, which is what it says, to anybody.
        assert!(health.text.contains("\"status\":\"late\""), "{}", health.text);
    });
}

#[test]
fn without_a_token_in_the_configuration_it_says_how_to_make_one() {
    play(async {
        let api = Api::with(Arc::new(Running::default()), Access::default());
        let refused = api.get(ALL, "/cards").await.refused(401);
        assert!(
            refused["remedy"]
                .as_str()
                .is_some_and(|remedy| remedy.contains("tallyman api token")),
            "{refused}"
        );
        let health = api
            .call(Request::get("/health").body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(health.status.as_u16(), 503, "it starts: {}", health.text);
    });
}

#[test]
fn while_the_program_starts_it_says_so() {
    play(async {
        let api = Api::with(Arc::new(Running::default()), access());
        let starting = api.get(ALL, "/cards").await;
        assert_eq!(starting.headers[header::RETRY_AFTER], "5");
        starting.refused(503);
    });
}
