//! Words that mean nothing, or two things.

use super::{FINANCE, INTEGRATION, OPERATIONS, among, cause, slip, wanting};
use crate::causes::{Cause, Does, Home, Of, Wants, Word};

/// A GTIN that no item has.
const BARCODE: &str = "5012345678900";

pub const CAUSES: &[Cause] = &[
    cause(
        "an item that nobody has, in a fifth of all orders",
        "sku_unknown",
        OPERATIONS,
        Home::Crowd,
        Does::NobodysItem,
        Of::Every,
    ),
    cause(
        "two items under one code",
        "sku_ambiguous",
        OPERATIONS,
        Home::Alone(2),
        Does::SameBarcode,
        Of::Item,
    ),
    cause(
        "an item renamed by the warehouse",
        "warehouse_sku_unknown",
        OPERATIONS,
        Home::Alone(6),
        Does::Rename,
        Of::Item,
    ),
    among(
        "an old number for another item",
        "retailer_number_reissued",
        OPERATIONS,
        Does::Reissue,
    ),
    slip(
        "a barcode of nobody's",
        "barcode_unknown",
        OPERATIONS,
        2,
        "/items/0/supplier_sku_reference",
        Word::Text(BARCODE),
    ),
    slip(
        "an order for another supplier",
        "supplier_unmapped",
        INTEGRATION,
        2,
        "/supplier",
        Word::Text("https://www.the-edge.io/restapi/v4/suppliers/4999/"),
    ),
    wanting(
        "a unit that is a word",
        "unit_unmapped",
        OPERATIONS,
        2,
        Of::Item,
        Wants::Cell("unit", "{item}", Some("a dozen")),
    ),
    wanting(
        "a warehouse without a mapping",
        "warehouse_unmapped",
        INTEGRATION,
        2,
        Of::Every,
        Wants::Cell("warehouse", "{warehouse}", None),
    ),
    among(
        "a service without a mapping",
        "carrier_unmapped",
        OPERATIONS,
        Does::Service("pigeon"),
    ),
    wanting(
        "a retailer without an account",
        "customer_unmapped",
        FINANCE,
        2,
        Of::Every,
        Wants::Cell("customer", "{retailer}", None),
    ),
    wanting(
        "a rate without a tax code",
        "tax_unmapped",
        FINANCE,
        3,
        Of::Rate(20),
        Wants::Cell("tax", "20", None),
    ),
];
