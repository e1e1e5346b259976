use utoipa::openapi::{PathItem, RefOr};

use super::*;

#[test]
fn the_description_is_as_it_was_agreed() {
    let mut document = serde_json::to_value(document()).unwrap();
    document["info"]["version"] = "(version)".into();
    let text = serde_json::to_string_pretty(&document).unwrap();
    assert!(!text.contains("serde_json::private"), "a number is not written as one");
    insta::assert_snapshot!("openapi", text);
}

fn operations(item: &PathItem) -> Vec<(&'static str, &utoipa::openapi::path::Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
    ];
    all.into_iter()
        .filter_map(|(name, operation)| Some((name, operation.as_ref()?)))
        .collect()
}

#[test]
fn every_operation_has_a_summary_its_errors_an_example_and_needs_a_token() {
    let document = document();
    let mut seen = 0;
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            seen += 1;
            let name = format!("{method} {path}");
            assert!(
                operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()),
                "{name}"
            );
            assert!(operation.security.as_ref().is_some_and(|all| all.len() == 1), "{name}");
            for status in ["200", "400", "401", "403", "500", "503"] {
                let Some(RefOr::T(response)) = operation.responses.responses.get(status) else {
                    panic!("{name} does not say what {status} is");
                };
                if status == "200" {
                    let text = serde_json::to_string(response).unwrap();
                    assert!(text.contains("\"example\""), "{name} has no example");
                }
            }
            if let Some(body) = &operation.request_body {
                assert!(
                    serde_json::to_string(body).unwrap().contains("\"example\""),
                    "{name} shows no body"
                );
                assert!(operation.responses.responses.contains_key("413"), "{name}");
            }
        }
    }
    assert_eq!(seen, 89);
}

/// A route that was added in another way than by its description would not be in the document.
#[test]
fn no_route_is_added_beside_the_description() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let own = path.file_name().is_some_and(|name| name == "tests.rs");
        if path.extension().is_some_and(|end| end == "rs") && !own {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                !text.contains(".route("),
                "{} adds a route that is not described",
                path.display()
            );
        }
    }
}
