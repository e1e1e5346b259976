use proptest::prelude::*;

use super::*;

fn jane() -> Address {
    Address {
        name: "Jane O'Neill".into(),
        company: None,
        line_1: "12 The Old Bakery".into(),
        line_2: Some("Mill Lane".into()),
        line_3: None,
        line_4: None,
        city: Some("Wells".into()),
        county: None,
        postcode: Some("BA5 2XY".into()),
        country: "GB".parse().expect("a country"),
        phone: Some("+44 7700 900123".into()),
        email: Some("jane.oneill@example.com".into()),
        contact: None,
    }
}

fn mask() -> Redactor {
    Redactor::new(Instead::Mask).knowing(&jane())
}

#[test]
fn what_stands_in_a_field_of_a_person_is_not_shown_and_the_rest_is() {
    let body = r#"{"order_reference":"VS-1","shipping_address":{"full_name":"A B","line_1":"1 X St","country":"GB","name":"A"},
        "items":[{"name":"Oven","part_number":"P-1","quantity":2}],"Email":"a@b.example","customer_id":7}"#;
    let shown = mask().body(body);
    for kept in ["VS-1", "GB", "Oven", "P-1", "7"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    for gone in ["A B", "1 X St", "a@b.example", "\"A\""] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
}

#[test]
fn a_secret_is_never_shown_not_even_to_whoever_may_see_persons() {
    for instead in [Instead::Mask, Instead::Nothing, Instead::StandIn { salt: [1; 32] }] {
        let redactor = Redactor::new(instead);
        for body in [
            r#"{"access_token":"abc123","expires_in":5}"#,
            "grant_type=refresh_token&refresh_token=abc123&client_secret=abc123",
            r#"{"refresh":"abc123","n":[1,2"#,
        ] {
            let shown = redactor.body(body);
            assert!(!shown.contains("abc123"), "{shown}");
        }
    }
}

#[test]
fn a_person_who_is_known_is_found_in_their_words_too() {
    let said = "Customer JANE O'NEILL at 12 the old bakery is on hold (order 40001, Wellsway).";
    let shown = mask().text(said);
    assert_eq!(shown, "Customer (personal) at (personal) is on hold (order 40001, Wellsway).");
    assert_eq!(Redactor::new(Instead::Nothing).knowing(&jane()).text(said), said);
}

#[test]
fn shapes_are_seen_wherever_they_stand() {
    let shown =
        Redactor::new(Instead::Mask).text("Call 07700 900123 or x.y@z.example, M1 1AE or SW1A1AA; order 0000012345, SKU AB-12.");
    assert_eq!(
        shown,
        "Call (personal) or (personal), (personal) or (personal); order 0000012345, SKU AB-12."
    );
}

#[test]
fn what_was_cut_short_is_masked_all_the_same() {
    let cut =
        r#"{"shipping_address":{"full_name":"Ann Lee","line_1":"9 Hill"},"order":"VS-9","note":"for Jane O'Neill","city":"Ba"#;
    let shown = mask().body(cut);
    for gone in ["Ann Lee", "9 Hill", "Jane", "\"Ba"] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
    assert!(shown.contains("VS-9"), "{shown}");
}

#[test]
fn a_stand_in_has_the_shape_of_what_it_stands_for() {
    let redactor = Redactor::new(Instead::StandIn { salt: [7; 32] });
    let stand_in = redactor.address(&jane());
    assert_ne!(stand_in.name, "Jane O'Neill");
    let shape = |text: &str| -> String {
        text.chars()
            .map(|letter| match letter {
                'a'..='z' => 'a',
                'A'..='Z' => 'A',
                '0'..='9' => '9',
                other => other,
            })
            .collect()
    };
    assert_eq!(shape(&stand_in.name), "Aaaa A'Aaaaa");
    assert_eq!(shape(stand_in.postcode.as_deref().unwrap_or_default()), "AA9 9AA");
    assert_eq!(stand_in.country, jane().country);
    assert_eq!(redactor.address(&jane()), stand_in, "the same for the same");
    let other = Redactor::new(Instead::StandIn { salt: [8; 32] });
    assert_ne!(other.address(&jane()), stand_in, "and another on another occasion");
}

proptest! {
    #[test]
    fn nothing_known_is_left_and_nothing_panics(before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let shown = mask().body(&format!("{before} Jane O'Neill {after}"));
        prop_assert!(!shown.contains("Jane O'Neill"));
        let _ = mask().body(&before);
        let _ = mask().body(&format!("{{\"{before}\":\"{after}"));
    }
}
