//! Countries by their two letters, and the names people write instead.
//!
//! Not here: VAT territories. Northern Ireland is part of the United Kingdom on a parcel and its own place on a VAT
//! return; that is for the posting rules.

use crate::quantity::decimal::shown;
use crate::sku::upper;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A country by its ISO 3166-1 two-letter code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// A text that names no country we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a known country: its two letters are understood, such as GB")]
pub struct CountryError {
    pub text: String,
}

impl Country {
    /// The United Kingdom.
    pub const GB: Country = Country(*b"GB");

    /// Ireland.
    pub const IE: Country = Country(*b"IE");

    /// Reads a two-letter code, or a name or three-letter code in common use here, in any case and with or without full
    /// stops. A name that is not in the table is refused: nothing is guessed from a likeness.
    pub fn parse(text: &str) -> Result<Country, CountryError> {
        let words: Vec<String> = text.replace('.', "").split_whitespace().map(upper).collect();
        let wanted = words.join(" ");
        if let Some(code) = codes().find(|code| *code == wanted) {
            return Ok(Country::of(code));
        }
        NAMES
            .iter()
            .find(|(_, alpha_3, name, others)| *alpha_3 == wanted || upper(name) == wanted || others.contains(&wanted.as_str()))
            .map(|(code, ..)| Country::of(code))
            .ok_or_else(|| CountryError { text: shown(text) })
    }

    /// The two letters, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country code is made of ASCII letters")
    }

    /// Its English name where we know one, otherwise the code again.
    pub fn name(&self) -> &str {
        NAMES
            .iter()
            .find(|(code, ..)| *code == self.as_str())
            .map_or(self.as_str(), |(_, _, name, _)| name)
    }

    /// `code` is from one of the tables, where every code has two letters; a test holds them to it.
    fn of(code: &str) -> Country {
        let bytes = code.as_bytes();
        Country([bytes[0], bytes[1]])
    }
}

pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    CODES.split(' ')
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Country::parse(text)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Country::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The officially assigned codes of ISO 3166-1.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE \
GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR \
KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS \
ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Two letters, three letters, the name we write, and what else people write. Upper case except the name. `UK` and `EL`
/// are what the tax authorities use.
const NAMES: &[(&str, &str, &str, &[&str])] = &[
    (
        "GB",
        "GBR",
        "United Kingdom",
        &[
            "UK",
            "GREAT BRITAIN",
            "BRITAIN",
            "ENGLAND",
            "SCOTLAND",
            "WALES",
            "NORTHERN IRELAND",
            "UNITED KINGDOM (UK)",
        ],
    ),
    (
        "IE",
        "IRL",
        "Ireland",
        &[
            "EIRE",
            "ÉIRE",
            "REPUBLIC OF IRELAND",
            "IRELAND (REPUBLIC OF)",
            "IRISH REPUBLIC",
        ],
    ),
    ("GG", "GGY", "Guernsey", &[]),
    ("JE", "JEY", "Jersey", &[]),
    ("IM", "IMN", "Isle of Man", &[]),
    ("AT", "AUT", "Austria", &["ÖSTERREICH"]),
    ("BE", "BEL", "Belgium", &["BELGIË", "BELGIQUE"]),
    ("BG", "BGR", "Bulgaria", &[]),
    ("HR", "HRV", "Croatia", &[]),
    ("CY", "CYP", "Cyprus", &[]),
    ("CZ", "CZE", "Czechia", &["CZECH REPUBLIC"]),
    ("DK", "DNK", "Denmark", &["DANMARK"]),
    ("EE", "EST", "Estonia", &[]),
    ("FI", "FIN", "Finland", &["SUOMI"]),
    ("FR", "FRA", "France", &[]),
    ("DE", "DEU", "Germany", &["DEUTSCHLAND"]),
    ("GI", "GIB", "Gibraltar", &[]),
    ("GR", "GRC", "Greece", &["EL", "HELLAS"]),
    ("HU", "HUN", "Hungary", &[]),
    ("IS", "ISL", "Iceland", &[]),
    ("IT", "ITA", "Italy", &["ITALIA"]),
    ("LV", "LVA", "Latvia", &[]),
    ("LI", "LIE", "Liechtenstein", &[]),
    ("LT", "LTU", "Lithuania", &[]),
    ("LU", "LUX", "Luxembourg", &[]),
    ("MT", "MLT", "Malta", &[]),
    ("MC", "MCO", "Monaco", &[]),
    ("NL", "NLD", "Netherlands", &["THE NETHERLANDS", "HOLLAND", "NEDERLAND"]),
    ("NO", "NOR", "Norway", &["NORGE"]),
    ("PL", "POL", "Poland", &["POLSKA"]),
    ("PT", "PRT", "Portugal", &[]),
    ("RO", "ROU", "Romania", &[]),
    ("SK", "SVK", "Slovakia", &["SLOVAK REPUBLIC"]),
    ("SI", "SVN", "Slovenia", &[]),
    ("ES", "ESP", "Spain", &["ESPAÑA"]),
    ("SE", "SWE", "Sweden", &["SVERIGE"]),
    ("CH", "CHE", "Switzerland", &["SCHWEIZ", "SUISSE", "SVIZZERA"]),
    ("TR", "TUR", "Türkiye", &["TURKEY", "TURKIYE"]),
    ("UA", "UKR", "Ukraine", &[]),
    ("AE", "ARE", "United Arab Emirates", &["UAE"]),
    ("AU", "AUS", "Australia", &[]),
    ("CA", "CAN", "Canada", &[]),
    ("CN", "CHN", "China", &["PEOPLE'S REPUBLIC OF CHINA"]),
    ("HK", "HKG", "Hong Kong", &[]),
    ("IN", "IND", "India", &[]),
    ("IL", "ISR", "Israel", &[]),
    ("JP", "JPN", "Japan", &[]),
    ("NZ", "NZL", "New Zealand", &[]),
    ("SA", "SAU", "Saudi Arabia", &[]),
    ("SG", "SGP", "Singapore", &[]),
    ("ZA", "ZAF", "South Africa", &[]),
    ("US", "USA", "United States", &["UNITED STATES OF AMERICA"]),
];
