//! The platform's carriers, as `order-tracking-carriers` lists them: id, slug, name. Slugs outlive brand names.

pub(super) const CARRIERS: [(i64, &str, &str); 14] = [
    (4, "dhl", "DHL Express"),
    (7, "ups", "UPS"),
    (9, "fedex", "FedEx"),
    (30, "4px", "4PX"),
    (33, "aramex", "Aramex"),
    (41, "royal-mail", "Royal Mail"),
    (46, "parcel-force", "Parcel Force"),
    (58, "dpd", "DPD"),
    (61, "dpd-uk", "DPD UK"),
    (77, "tnt-uk", "TNT UK"),
    (80, "yodel", "Yodel Domestic"),
    (83, "uk-mail", "UK Mail"),
    (91, "gls", "GLS"),
    (184, "fastway-au", "Aramex Australia"),
];
