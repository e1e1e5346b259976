//! The warehouse's reference lists: its building, its courier services, order statuses, countries.

use serde_json::{Value, json};

use super::books::Status;

pub(super) const WAREHOUSE_ID: i64 = 3;
const WAREHOUSE_NAME: &str = "Twin Fulfilment Leeds";

/// Id, name, id of its type.
const COURIERS: [(i64, &str, i64); 5] = [
    (12, "Royal Mail Tracked 48", 1),
    (13, "Royal Mail Tracked 24", 1),
    (21, "DPD Next Day", 2),
    (31, "Parcelforce Global", 3),
    (42, "Yodel 48", 4),
];

const STATUSES: [&str; 23] = [
    "NEW",
    "PRINTED",
    "CANCELLED",
    "DESPATCHED",
    "INVOICED",
    "INVOICEFAILED",
    "HOLDING",
    "FAILED",
    "ONBACKORDER",
    "AWAITINGCONFIRMATION",
    "AWAITINGDOCUMENTATION",
    "AWAITINGPAYMENT",
    "QUERYRAISED",
    "PACKANDHOLD",
    "AWAITINGPICKING",
    "PICKINGSTARTED",
    "PICKED",
    "FRAUDRISK",
    "PICKINGSKIPPED",
    "PACKED",
    "AWAITINGREPLEN",
    "PROCESSING",
    "REBINNED",
];

/// Name, ISO 3166 in two letters and in three. The id is the place in this list, from 1.
const COUNTRIES: [(&str, &str, &str); 34] = [
    ("United Kingdom", "GB", "GBR"),
    ("Australia", "AU", "AUS"),
    ("Austria", "AT", "AUT"),
    ("Bahrain", "BH", "BHR"),
    ("Belgium", "BE", "BEL"),
    ("Brazil", "BR", "BRA"),
    ("Canada", "CA", "CAN"),
    ("Cyprus", "CY", "CYP"),
    ("Czech Republic", "CZ", "CZE"),
    ("Denmark", "DK", "DNK"),
    ("Finland", "FI", "FIN"),
    ("France", "FR", "FRA"),
    ("Germany", "DE", "DEU"),
    ("Greece", "GR", "GRC"),
    ("Hong Kong", "HK", "HKG"),
    ("Iceland", "IS", "ISL"),
    ("Ireland", "IE", "IRL"),
    ("Israel", "IL", "ISR"),
    ("Italy", "IT", "ITA"),
    ("Japan", "JP", "JPN"),
    ("Jersey", "JE", "JEY"),
    ("Lebanon", "LB", "LBN"),
    ("Lithuania", "LT", "LTU"),
    ("Netherlands", "NL", "NLD"),
    ("Norway", "NO", "NOR"),
    ("Poland", "PL", "POL"),
    ("Portugal", "PT", "PRT"),
    ("Saudi Arabia", "SA", "SAU"),
    ("Singapore", "SG", "SGP"),
    ("Spain", "ES", "ESP"),
    ("Sweden", "SE", "SWE"),
    ("Switzerland", "CH", "CHE"),
    ("United Arab Emirates", "AE", "ARE"),
    ("United States", "US", "USA"),
];

pub(super) fn warehouses() -> Value {
    json!([{"ID": WAREHOUSE_ID, "Name": WAREHOUSE_NAME, "Code": "LDS", "Active": true}])
}

pub(super) fn warehouse_named(name: &str) -> Option<i64> {
    name.eq_ignore_ascii_case(WAREHOUSE_NAME).then_some(WAREHOUSE_ID)
}

pub(super) fn couriers() -> Value {
    let row = |(id, name, kind): &(i64, &str, i64)| json!({"ID": id, "Name": name, "CourierServiceTypeId": kind, "TrackingURL": "https://tracking.example/?n={0}", "ActiveB": true});
    COURIERS.iter().map(row).collect()
}

pub(super) fn courier_by_id(wanted: i64) -> Option<i64> {
    COURIERS.iter().find(|(id, ..)| *id == wanted).map(|(id, ..)| *id)
}

/// By name, or the warehouse's own choice for `AUTO`.
pub(super) fn courier_named(wanted: &str) -> Option<i64> {
    if wanted == "AUTO" {
        return Some(COURIERS[0].0);
    }
    COURIERS
        .iter()
        .find(|(_, name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(id, ..)| *id)
}

pub(super) fn courier_name(wanted: i64) -> &'static str {
    COURIERS.iter().find(|(id, ..)| *id == wanted).map_or("", |(_, name, _)| name)
}

pub(super) fn statuses() -> Value {
    STATUSES
        .iter()
        .zip(1..)
        .map(|(name, id)| json!({"ID": id, "Name": name, "ExternalName": name}))
        .collect()
}

pub(super) fn status_name(status: Status) -> &'static str {
    usize::try_from(status.id() - 1)
        .ok()
        .and_then(|place| STATUSES.get(place))
        .copied()
        .unwrap_or_default()
}

pub(super) fn countries() -> Value {
    COUNTRIES
        .iter()
        .zip(1..)
        .map(|((name, code, code3), id)| json!({"ID": id, "Name": name, "Code": code, "Code3": code3}))
        .collect()
}

pub(super) fn country_by_id(id: i64) -> Option<i64> {
    (1..=COUNTRIES.len() as i64).contains(&id).then_some(id)
}

/// By name or code of two or three letters.
pub(super) fn country_named(wanted: &str) -> Option<i64> {
    let is = |(name, code, code3): &(&str, &str, &str)| [name, code, code3].iter().any(|word| word.eq_ignore_ascii_case(wanted));
    COUNTRIES.iter().zip(1..).find(|(country, _)| is(country)).map(|(_, id)| id)
}
