//! A made-up description of a small shop, and exchanges that keep to it and that do not.

use serde_json::{Value, json};

use super::deviations::Deviations;
use super::*;

fn shop() -> Description {
    let answer = |schema: Value| json!({"200": {"content": {"application/json": {"schema": schema}}}, "400": {"description": "refused", "content": {}}});
    let basket = json!({"$ref": "#/components/schemas/basket"});
    let file = json!({
        "openapi": "3.0.1",
        "paths": {
            "/baskets": {
                "get": {"responses": answer(json!({"type": "array", "items": basket.clone()}))},
                "post": {
                    "requestBody": {"required": true, "content": {"application/json": {"schema": basket.clone()}}},
                    "responses": answer(basket.clone()),
                },
            },
            "/baskets/newest": {"get": {"responses": answer(json!({"type": "array", "items": {"type": "integer", "format": "int16"}}))}},
            "/baskets/{Id}": {
                "get": {"responses": answer(basket.clone())},
                "put": {"requestBody": {"content": {"application/json": {"schema": basket.clone()}}}, "responses": answer(basket)},
                "delete": {"responses": {"200": {"description": "gone"}}},
            },
        },
        "components": {"schemas": {
            "basket": {
                "type": "object",
                "required": ["owner", "id"],
                "properties": {
                    "id": {"type": "integer", "format": "int64", "readOnly": true},
                    "owner": {"type": "string", "maxLength": 5, "description": "whose it is"},
                    "gift_note": {"type": "string", "nullable": true},
                    "packed": {"type": "string", "format": "date-time"},
                    "state": {"type": "string", "maxLength": 4},
                    "apples": {"type": "array", "items": {"$ref": "#/components/schemas/apple"}},
                },
            },
            "apple": {
                "type": "object",
                "required": ["weight"],
                "properties": {"weight": {"type": "number", "format": "decimal 2dp"}, "basket": {"$ref": "#/components/schemas/basket"}},
            },
        }},
    });
    Description::of(vec![file]).unwrap()
}

fn exchange(method: &str, path: &str, request: Value, status: u16, answer: Value) -> Exchange {
    let given = |value: Value| if value.is_null() { None } else { Some(value) };
    Exchange {
        vendor: SAGE.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        request_body: given(request),
        status,
        response_body: given(answer),
    }
}

/// Kind and property of everything that is found in one exchange.
fn found(exchange: &Exchange) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = shop()
        .compare(exchange)
        .unwrap()
        .findings
        .into_iter()
        .map(|finding| (finding.kind, finding.property))
        .collect();
    found.sort();
    found
}

fn one(kind: &str, property: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), property.to_owned())]
}

fn whole() -> Value {
    json!({"id": 7, "owner": "Ann", "gift_note": null, "packed": "2026-03-31T00:00:00Z", "apples": [{"weight": 1.250}]})
}

fn posting(request: Value) -> Exchange {
    exchange("POST", "/shop/accounts/v1/baskets", request, 200, whole())
}

fn reading(answer: Value) -> Exchange {
    exchange("GET", "/shop/accounts/v1/baskets/7", Value::Null, 200, answer)
}

#[test]
fn an_exchange_that_keeps_to_the_description_has_no_findings() {
    assert_eq!(found(&posting(json!({"owner": "Ann", "apples": [{"weight": 0.5}]}))), vec![]);
    assert_eq!(found(&reading(whole())), vec![]);
    assert_eq!(
        found(&exchange("PUT", "/baskets/7", json!({"gift_note": "for you"}), 200, whole())),
        vec![]
    );
    assert_eq!(
        found(&exchange("DELETE", "/baskets/7", Value::Null, 200, Value::Null)),
        vec![]
    );
    assert_eq!(
        found(&exchange(
            "POST",
            "/baskets",
            json!({"owner": "Ann"}),
            400,
            json!({"Message": "no"})
        )),
        vec![]
    );
}

#[test]
fn a_path_that_is_spelt_out_goes_before_a_placeholder() {
    assert_eq!(
        found(&exchange("GET", "/baskets/newest", Value::Null, 200, json!([3]))),
        vec![]
    );
    assert_eq!(
        found(&exchange("GET", "/baskets/newest", Value::Null, 200, json!([70_000]))),
        one("maximum", "[]")
    );
}

#[test]
fn an_unknown_path_or_verb_is_found() {
    assert_eq!(
        found(&exchange("GET", "/barrels", Value::Null, 200, json!([]))),
        one("unknown", "")
    );
    assert_eq!(
        found(&exchange("DELETE", "/baskets", Value::Null, 200, Value::Null)),
        one("verb", "")
    );
}

#[test]
fn a_request_says_what_is_described_and_nothing_else() {
    assert_eq!(
        found(&posting(json!({"owner": "Ann", "colour": "red"}))),
        one("unknown", "colour")
    );
    assert_eq!(found(&posting(json!({"owner": "Annabel"}))), one("maxLength", "owner"));
    assert_eq!(found(&posting(json!({"owner": 5}))), one("type", "owner"));
    assert_eq!(found(&posting(json!({"owner": null}))), one("type", "owner"));
    assert_eq!(found(&posting(json!({"apples": []}))), one("required", "owner"));
    assert_eq!(found(&posting(json!({"owner": "Ann", "id": 3}))), one("readOnly", "id"));
    assert_eq!(found(&posting(Value::Null)), one("body", ""));
    assert_eq!(
        found(&exchange("DELETE", "/baskets/7", json!({}), 200, Value::Null)),
        one("body", "")
    );
}

#[test]
fn rows_of_a_list_are_one_property_and_places_are_counted_without_zeros_at_the_end() {
    let request: Value =
        serde_json::from_str(r#"{"owner": "Ann", "apples": [{"weight": 1.2500}, {"weight": 1.2510}, {"weight": 1}]}"#).unwrap();
    assert_eq!(found(&posting(request)), one("x-decimal-places", "apples[].weight"));
}

#[test]
fn an_answer_is_held_against_its_schema() {
    assert_eq!(
        found(&reading(json!({"id": 7, "owner": "Ann", "colour": "red"}))),
        one("unknown", "colour")
    );
    assert_eq!(found(&reading(json!({"id": 7}))), one("required", "owner"));
    assert_eq!(
        found(&reading(json!({"id": 7, "owner": "Ann", "packed": "yesterday"}))),
        one("format", "packed")
    );
    assert_eq!(
        found(&reading(
            json!({"id": 7, "owner": "Ann", "apples": [{"weight": 1, "basket": {"id": 1}}]})
        )),
        one("required", "apples[].basket.owner")
    );
    assert_eq!(found(&reading(Value::Null)), one("body", ""));
    let mut moved = reading(whole());
    moved.status = 302;
    assert_eq!(found(&moved), one("status", "302"));
}

#[test]
fn a_query_names_fields_that_the_answer_has() {
    let mut asking = exchange("GET", "/baskets", Value::Null, 200, json!([{"id": 7}]));
    asking.query = "$select=id&$filter=owner%20eq%20'Ann'%20and%20apples.weight%20gt%202&$top=5".to_owned();
    assert_eq!(found(&asking), vec![]);
    asking.query = "$select=id&$filter=ownr%20eq%20'Ann'".to_owned();
    assert_eq!(found(&asking), one("$filter", "ownr"));
    asking.query = "$select=id&page=2".to_owned();
    assert_eq!(found(&asking), one("option", "page"));
}

fn listed(patterns: &str) -> Deviations {
    Deviations::read(&format!("[[deviation]]\n{patterns}\ncites = \"shop §1: practice\"\n")).unwrap()
}

#[test]
fn a_listed_difference_passes_and_an_unlisted_one_fails() {
    let state = |state: &str| reading(json!({"id": 7, "owner": "Ann", "state": state}));
    let list = listed("operation = \"*\"\nside = \"response\"\nkind = \"maxLength\"\nproperty = \"*\"\nvalue = \"Enum*\"");
    assert!(compare(&shop(), &list, &[state("EnumOpen")]).is_ok());
    let error = compare(&shop(), &list, &[state("EnumOpen"), state("Opened")]).unwrap_err();
    assert!(error.to_string().contains("1 difference(s) are not listed"), "{error}");
}

#[test]
fn a_listed_difference_that_does_not_occur_fails() {
    let list = listed("operation = \"GET /baskets\"\nside = \"response\"\nkind = \"status\"\nproperty = \"401\"");
    let error = compare(&shop(), &list, &[reading(whole())]).unwrap_err();
    assert!(error.to_string().contains("1 listed one(s) did not occur"), "{error}");
}

#[test]
fn nothing_recorded_is_a_failure_and_other_vendors_do_not_count() {
    let none = Deviations::read("").unwrap();
    assert!(compare(&shop(), &none, &[]).is_err());
    let mut other = reading(whole());
    other.vendor = "elsewhere".to_owned();
    assert!(compare(&shop(), &none, &[other]).is_err());
    assert!(compare(&shop(), &none, &[reading(whole())]).is_ok());
}

#[test]
fn a_deviation_without_a_section_or_twice_is_refused() {
    let entry = "[[deviation]]\noperation = \"*\"\nside = \"response\"\nkind = \"type\"\nproperty = \"a\"\ncites = ";
    assert!(Deviations::read(&format!("{entry}\"because\"\n")).is_err());
    assert!(Deviations::read(&format!("{entry}\"shop §1\"\n{entry}\"shop §2\"\n")).is_err());
    assert!(Deviations::read(include_str!("deviations.toml")).is_ok());
}

#[test]
fn exchanges_are_read_line_by_line_and_a_bad_line_is_named() {
    let line = r#"{"vendor": "sage200", "method": "GET", "path": "/baskets", "status": 200, "response_body": []}"#;
    assert_eq!(exchange::read(&format!("{line}\n\n{line}\n")).unwrap().len(), 2);
    let error = exchange::read(&format!("{line}\nnot json\n")).unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}
