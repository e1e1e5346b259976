use super::{Amendment, Field, Of, Refused, order, room, stands};
use crate::address::{Address, Country};
use crate::cause::{Cause, RecordKind};
use crate::document::Order;
use crate::finding::Code;
use crate::ident::{Company, Connection};
use crate::money::Currency;
use crate::reference::Reference;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(5);

fn an_order() -> Order {
    Order {
        company: Company::new("acme"),
        channel: Connection::new("vs-acme"),
        source_key: "1001".into(),
        reference: Reference::parse("PO-1").unwrap(),
        retailer: "Harrods".into(),
        supplier: None,
        unknown_status: None,
        ordered_at: NOW,
        currency: Currency::GBP,
        service: Some("next-day".into()),
        test: false,
        address: Address {
            name: "Ann Example".into(),
            company: None,
            line_1: "1 The Street".into(),
            line_2: Some("Upper Floor".into()),
            line_3: None,
            line_4: None,
            city: Some("Leeds".into()),
            county: None,
            postcode: Some("LS1 1AA".into()),
            country: Country::parse("GB").unwrap(),
            phone: None,
            email: None,
            contact: None,
        },
        lines: Vec::new(),
        net: None,
        tax: None,
    }
}

fn amend(field: Field, value: &str) -> Amendment {
    Amendment::new(field, value, "Ann", "The retailer cannot.", NOW).unwrap()
}

/// The names under which the first differs from the second.
fn changed(one: &serde_json::Value, other: &serde_json::Value) -> Vec<String> {
    let fields = one.as_object().unwrap().iter();
    fields
        .filter(|(name, value)| other[name.as_str()] != **value)
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn each_field_of_an_order_is_replaced_and_nothing_else_is() {
    let before = an_order();
    for &field in Field::ALL.iter().filter(|field| field.of() == Of::Order) {
        let after = order(&before, &[amend(field, "NEW")]);
        let (before, after) = (serde_json::to_value(&before).unwrap(), serde_json::to_value(&after).unwrap());
        let mut at = changed(&after, &before);
        if at == ["address"] {
            at = changed(&after["address"], &before["address"]);
        }
        assert_eq!(at, [field.name()]);
    }
}

#[test]
fn the_later_of_two_counts_and_an_empty_one_clears() {
    let after = order(
        &an_order(),
        &[
            amend(Field::City, "York"),
            amend(Field::City, "Hull"),
            amend(Field::Line2, ""),
        ],
    );
    assert_eq!(after.address.city.as_deref(), Some("Hull"));
    assert_eq!(after.address.line_2, None);
}

#[test]
fn what_bears_vat_is_refused_with_the_way_out() {
    for field in [
        "quantity",
        "unit_price",
        "net",
        "tax",
        "tax_rate",
        "currency",
        "country",
        "retailer",
        "ordered_at",
    ] {
        let refused = Field::named(field).unwrap_err();
        assert!(matches!(refused, Refused::VatBearing { .. }), "{field}: {refused}");
        assert!(refused.to_string().contains(field));
    }
    assert!(Field::named("colour").unwrap_err().to_string().contains("postcode"));
    for &field in Field::ALL {
        assert_eq!(Field::named(field.name()), Ok(field));
    }
}

#[test]
fn values_and_reasons_are_looked_at() {
    let long = "x".repeat(301);
    let refused = |field, value, reason| Amendment::new(field, value, "Ann", reason, NOW).is_err();
    assert!(refused(Field::Name, "  ", "why"));
    assert!(refused(Field::City, "a\nb", "why"));
    assert!(refused(Field::City, &long, "why"));
    assert!(refused(Field::City, "York", " "));
    assert!(refused(Field::Reference, "", "why"));
    assert!(!format!("{:?}", amend(Field::City, "York")).contains("York"));
}

#[test]
fn what_stands_in_a_field_is_what_was_put_there() {
    let before = an_order();
    for &field in Field::ALL.iter().filter(|field| field.of() == Of::Order) {
        assert_eq!(
            stands(&order(&before, &[amend(field, "NEW")]), field),
            Some("NEW"),
            "{field:?}"
        );
    }
    assert_eq!(stands(&before, Field::Line3), None);
    assert_eq!(stands(&before, Field::Tracking), None, "a shipment has it");
    let mut padded = an_order();
    padded.address.line_1 = " 12 Mill Lane ".to_owned();
    assert_eq!(
        stands(&padded, Field::Line1),
        Some("12 Mill Lane"),
        "blanks around it are not sent, nor counted"
    );
}

#[test]
fn a_field_that_is_too_long_has_the_room_that_the_ledger_has_for_it() {
    let with = |amendments: &[Amendment]| order(&an_order(), amendments);
    assert_eq!(room(&an_order(), Field::Line1), None, "it fits");
    let long = with(&[amend(Field::Line1, &"x".repeat(61))]);
    assert_eq!((room(&long, Field::Line1), room(&long, Field::Line2)), (Some(60), None));
    let number = with(&[amend(Field::Reference, &"7".repeat(31))]);
    assert_eq!(room(&number, Field::Reference), Some(30));
    // Five lines for four: the last two share one, and what stands beside it takes of its room.
    let shared = with(&[
        amend(Field::Company, "Example Ltd"),
        amend(Field::Contact, "The porter"),
        amend(Field::Line3, &"y".repeat(50)),
        amend(Field::Line4, "twelve chars"),
    ]);
    assert_eq!(room(&shared, Field::Line3), Some(60 - "twelve chars".len() - ", ".len()));
    let fits = order(&shared, &[amend(Field::Line3, &"y".repeat(46))]);
    assert_eq!(room(&fits, Field::Line3), None);
}

#[test]
fn a_card_blames_a_field_where_an_amendment_puts_it_right() {
    let line = Cause::field("sage-1", "line_1");
    assert_eq!(Field::blamed(Code::AddressTooLong, &line), Some(Field::Line1));
    let number = Cause::order("PO-1");
    assert_eq!(Field::blamed(Code::ReferenceTooLong, &number), Some(Field::Reference));
    assert_eq!(Field::blamed(Code::VatDisagrees, &number), None);
    let country = Cause::field("sage-1", "country");
    assert_eq!(Field::blamed(Code::AddressTooLong, &country), None, "it bears VAT");
    let draft = Cause::record(RecordKind::Draft, "7");
    assert_eq!(Field::blamed(Code::ReferenceTooLong, &draft), None);
}
