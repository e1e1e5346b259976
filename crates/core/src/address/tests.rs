use super::*;
use crate::reference::TooLong;
use proptest::prelude::*;

fn ada() -> Address {
    Address {
        name: "Ada Mary Byrne".to_owned(),
        company: None,
        line_1: "14 Mill Row".to_owned(),
        line_2: None,
        line_3: None,
        line_4: None,
        city: some("Leeds"),
        county: some("  "),
        postcode: some(" LS1 4AB "),
        country: Country::GB,
        phone: None,
        email: some("ada@example.test"),
        contact: None,
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_address_never_prints() {
    let address = ada();
    let fitted = (address.fit_sage().expect("fits"), address.fit_mintsoft().expect("fits"));
    assert_eq!(
        format!("{address:?} {fitted:?}"),
        "Address(masked, GB) (SageAddress(masked, GB), MintsoftAddress(masked, GB))"
    );
}

#[test]
fn a_plain_address_goes_over_line_by_line() {
    let sage = ada().fit_sage().expect("fits");
    assert_eq!(sage.postal_name, "Ada Mary Byrne");
    assert_eq!((sage.address_1.as_deref(), sage.address_2), (Some("14 Mill Row"), None));
    assert_eq!(
        (sage.postcode.as_deref(), sage.county),
        (Some("LS1 4AB"), None),
        "blanks do not count"
    );
    assert_eq!((sage.country.as_str(), sage.country_code), ("United Kingdom", Country::GB));
    let mintsoft = ada().fit_mintsoft().expect("fits");
    assert_eq!(
        (mintsoft.first_name.as_str(), mintsoft.last_name.as_str()),
        ("Ada Mary", "Byrne")
    );
    assert_eq!((mintsoft.town.as_deref(), mintsoft.company_name), (Some("Leeds"), None));
}

#[test]
fn a_company_takes_a_free_line_first_and_the_postal_name_last() {
    let mut address = Address {
        company: some("Byrne Looms"),
        ..ada()
    };
    let sage = address.fit_sage().expect("fits");
    assert_eq!(
        (sage.postal_name.as_str(), sage.address_1.as_deref()),
        ("Ada Mary Byrne", Some("Byrne Looms"))
    );
    assert_eq!(sage.address_2.as_deref(), Some("14 Mill Row"));

    address = Address {
        line_2: some("Unit 2"),
        line_3: some("Canal Yard"),
        line_4: some("Holbeck"),
        ..address
    };
    let sage = address.fit_sage().expect("fits");
    assert_eq!(
        (sage.postal_name.as_str(), sage.contact.as_deref()),
        ("Byrne Looms", Some("Ada Mary Byrne"))
    );
    assert_eq!(
        (sage.address_1.as_deref(), sage.address_4.as_deref()),
        (Some("14 Mill Row"), Some("Holbeck"))
    );

    address.contact = some("Goods In");
    let sage = address.fit_sage().expect("fits");
    assert_eq!(
        (sage.postal_name.as_str(), sage.contact.as_deref()),
        ("Ada Mary Byrne", Some("Goods In"))
    );
    assert_eq!(
        sage.address_4.as_deref(),
        Some("Canal Yard, Holbeck"),
        "whole lines share the last one"
    );
}

#[test]
fn without_a_name_the_company_is_whom_it_is_addressed_to() {
    let address = Address {
        name: " ".to_owned(),
        company: some("Byrne Looms"),
        ..ada()
    };
    let sage = address.fit_sage().expect("fits");
    assert_eq!(
        (sage.postal_name.as_str(), sage.address_1.as_deref()),
        ("Byrne Looms", Some("14 Mill Row"))
    );
}

#[test]
fn what_does_not_fit_is_found_all_at_once_and_never_cut() {
    let address = Address {
        line_1: "x".repeat(61),
        postcode: some("LS1 4AB LEEDS"),
        phone: some(&"0".repeat(31)),
        ..ada()
    };
    let expected = [
        TooLong {
            field: "line_1",
            max: 60,
            got: 61,
        },
        TooLong {
            field: "postcode",
            max: 10,
            got: 13,
        },
        TooLong {
            field: "phone",
            max: 30,
            got: 31,
        },
    ];
    assert_eq!(address.fit_sage(), Err(expected.to_vec()));
    assert!(address.fit_mintsoft().is_ok());
}

/// Wherever it would have stood: whoever reads of it types the same name to amend it.
#[test]
fn what_does_not_fit_goes_by_the_name_under_which_it_is_amended() {
    let blamed = |address: &Address| {
        let too_long = [address.fit_sage().err(), address.fit_mintsoft().err()];
        let fields = too_long.map(|fields| fields.unwrap_or_default().into_iter().map(|field| field.field));
        fields.map(Vec::from_iter)
    };
    let long = "x".repeat(300);
    let full = Address {
        company: some("Mill & Co"),
        line_2: some("Row 2"),
        line_3: some("Row 3"),
        line_4: some("Row 4"),
        contact: some("Bo Lund"),
        ..ada()
    };
    for field in [
        "name", "company", "line_1", "line_2", "line_3", "line_4", "city", "county", "postcode", "phone", "email", "contact",
    ] {
        let amended = crate::amendment::Field::named(field).expect("a field to amend");
        assert_eq!(amended.name(), field);
        let mut address = full.clone();
        match field {
            "name" => address.name = long.clone(),
            "line_1" => address.line_1 = long.clone(),
            "company" => address.company = some(&long),
            "line_2" => address.line_2 = some(&long),
            "line_3" => address.line_3 = some(&long),
            "line_4" => address.line_4 = some(&long),
            "city" => address.city = some(&long),
            "county" => address.county = some(&long),
            "postcode" => address.postcode = some(&long),
            "phone" => address.phone = some(&long),
            "email" => address.email = some(&long),
            _ => address.contact = some(&long),
        }
        assert_eq!(blamed(&address), [vec![field], vec![field]]);
    }
}

#[test]
fn lines_that_cannot_share_the_last_one_are_a_finding() {
    let long = "y".repeat(40);
    let address = Address {
        line_2: some("Unit 2"),
        line_3: some(&long),
        line_4: some(&long),
        company: some("Byrne"),
        contact: some("Goods In"),
        ..ada()
    };
    assert_eq!(
        address.fit_sage(),
        Err(vec![TooLong {
            field: "line_4",
            max: 60,
            got: 82
        }])
    );
}

#[test]
fn a_contact_is_the_person_at_the_warehouse() {
    let mintsoft = Address {
        contact: some("Bo Lund"),
        ..ada()
    }
    .fit_mintsoft()
    .expect("fits");
    assert_eq!((mintsoft.first_name.as_str(), mintsoft.last_name.as_str()), ("Bo", "Lund"));
    assert_eq!(mintsoft.company_name.as_deref(), Some("Ada Mary Byrne"));
    let both = Address {
        contact: some("Bo Lund"),
        company: some("Byrne Looms"),
        ..ada()
    }
    .fit_mintsoft()
    .expect("fits");
    assert_eq!(
        (both.company_name.as_deref(), both.address_1.as_deref()),
        (Some("Byrne Looms"), Some("Ada Mary Byrne"))
    );
}

#[test]
fn a_country_is_known_by_code_and_by_its_usual_names() {
    for (text, code) in [
        ("gb", "GB"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("GBR", "GB"),
        ("united  kingdom", "GB"),
        ("England", "GB"),
        ("EIRE", "IE"),
        ("éire", "IE"),
        ("Republic of Ireland", "IE"),
        (" Germany ", "DE"),
        ("türkiye", "TR"),
        ("U.S.A.", "US"),
        ("The Netherlands", "NL"),
        ("MG", "MG"),
    ] {
        assert_eq!(
            Country::parse(text).map(|country| country.as_str().to_owned()).as_deref(),
            Ok(code),
            "{text}"
        );
    }
    for text in ["", "XX", "Channel Islands", "Unitd Kingdom", "G B", "AD AE", "Engl"] {
        assert!(Country::parse(text).is_err(), "{text} was read");
    }
    assert_eq!(Country::parse("MG").expect("Madagascar").name(), "MG");
}

#[test]
fn every_line_of_the_tables_of_countries_is_sound() {
    let mut codes: Vec<&str> = country::codes().collect();
    assert_eq!(codes.len(), 249, "as many as ISO 3166-1 assigns");
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
    );
    codes.dedup();
    assert_eq!(codes.len(), 249);
    for code in codes {
        let country = Country::parse(code).expect(code);
        assert_eq!(country.as_str(), code);
        assert_eq!(Country::parse(country.name()), Ok(country), "its name is understood");
    }
}

proptest! {
    #[test]
    fn every_word_of_what_fits_is_kept(words in proptest::collection::vec("[a-z]{1,12}", 7), holes in proptest::collection::vec(any::<bool>(), 6)) {
        let take = |i: usize| holes[i - 1].then(|| words[i].clone());
        let address = Address {
            name: words[0].clone(),
            company: take(1),
            line_1: take(2).unwrap_or_default(),
            line_2: take(3),
            line_3: take(4),
            line_4: take(5),
            contact: take(6),
            ..ada()
        };
        let given = (0..7).filter(|i| *i == 0 || holes[i - 1]).map(|i| words[i].as_str());
        let sage = address.fit_sage().expect("short words fit");
        let sage_text = serde_json::to_string(&sage).expect("json");
        let mintsoft_text = serde_json::to_string(&address.fit_mintsoft().expect("short words fit")).expect("json");
        for word in given {
            prop_assert!(sage_text.contains(word) && mintsoft_text.contains(word));
        }
        let stored = serde_json::to_string(&address).expect("json");
        prop_assert_eq!(serde_json::from_str::<Address>(&stored).expect("json"), address);
    }
}
