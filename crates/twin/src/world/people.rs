//! Invented people at invented addresses: names and towns as they occur, nobody in particular.

use crate::chance::Chance;
use crate::virtualstock::books::Address;

const FIRST: [&str; 24] = [
    "Ada",
    "Siân",
    "Tom",
    "Priya",
    "Zoë",
    "Callum",
    "Mary-Jane",
    "Oluwaseun",
    "Grace",
    "Łukasz",
    "Renée",
    "Hamish",
    "Fatima",
    "Jürgen",
    "Niamh",
    "Owen",
    "Chloé",
    "Ravi",
    "Beatrix",
    "Seán",
    "Ines",
    "Bartholomew",
    "Mo",
    "Anna",
];
const LAST: [&str; 24] = [
    "Byrne",
    "O'Brien",
    "Smith",
    "Patel",
    "Featherstonehaugh",
    "Müller",
    "Nowak",
    "St. John-Smythe",
    "Jones",
    "MacDonald",
    "Adeyemi",
    "García",
    "Li",
    "Ó Súilleabháin",
    "Taylor",
    "Khan",
    "Østergård",
    "Evans",
    "Brown",
    "D'Arcy",
    "Green & Sons",
    "White",
    "Hughes",
    "Ng",
];
const STREETS: [&str; 16] = [
    "High Street",
    "Mill Row",
    "Church Lane",
    "Station Road",
    "Queen's Crescent",
    "Victoria Terrace",
    "The Green",
    "Park Avenue",
    "London Road",
    "Orchard Close",
    "St. Mary's Walk",
    "Old Brewery Yard",
    "North Parade",
    "Ferry Lane",
    "Castle Hill",
    "King Street",
];
/// Town, county (not everyone gives one), the letters of its postcodes.
const TOWNS: [(&str, Option<&str>, &str); 16] = [
    ("Leeds", None, "LS"),
    ("Reading", Some("Berkshire"), "RG"),
    ("Bristol", None, "BS"),
    ("York", Some("North Yorkshire"), "YO"),
    ("Glasgow", None, "G"),
    ("Cardiff", None, "CF"),
    ("Norwich", Some("Norfolk"), "NR"),
    ("Manchester", None, "M"),
    ("Truro", Some("Cornwall"), "TR"),
    ("Belfast", None, "BT"),
    ("Edinburgh", None, "EH"),
    ("Brighton", Some("East Sussex"), "BN"),
    ("Oxford", Some("Oxfordshire"), "OX"),
    ("London", None, "SE"),
    ("Carlisle", Some("Cumbria"), "CA"),
    ("Shrewsbury", Some("Shropshire"), "SY"),
];
const ABROAD: [&str; 10] = [
    "Neustadt",
    "Saint-Aubin",
    "Villanueva",
    "Nieuwkerk",
    "Castelnuovo",
    "Nowe Miasto",
    "Newtown",
    "Nyby",
    "Vila Nova",
    "Port Royal",
];
/// The second half of a UK postcode uses only these letters.
const INWARD: [char; 20] = [
    'A', 'B', 'D', 'E', 'F', 'G', 'H', 'J', 'L', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'W', 'X', 'Y', 'Z',
];
const ADDRESS_LINE_LONG: usize = 90;

pub(super) fn address(country: &str, chance: &mut Chance) -> Address {
    let (first, last) = (*chance.pick(&FIRST), *chance.pick(&LAST));
    let line_1 = format!("{} {}", chance.between(1, 240), chance.pick(&STREETS));
    let line_2 = chance.per_mille(200).then(|| format!("Flat {}", chance.between(1, 40)));
    let phone = format!("07700 900{:03}", chance.between(0, 999));
    let email = chance
        .per_mille(700)
        .then(|| format!("customer{}@example.com", chance.between(1, 99_999)));
    let (city, state, postal_code) = if country == "GB" {
        let (town, county, letters) = *chance.pick(&TOWNS);
        (town.to_owned(), county.map(str::to_owned), postcode(letters, chance))
    } else {
        (
            (*chance.pick(&ABROAD)).to_owned(),
            None,
            chance.between(10_000, 99_999).to_string(),
        )
    };
    Address {
        full_name: format!("{first} {last}"),
        line_1,
        line_2,
        city,
        state,
        postal_code,
        country: country.to_owned(),
        phone,
        email,
    }
}

fn postcode(letters: &str, chance: &mut Chance) -> String {
    let (district, sector) = (chance.between(1, 20), chance.between(0, 9));
    format!("{letters}{district} {sector}{}{}", chance.pick(&INWARD), chance.pick(&INWARD))
}

/// The same line with directions that make it 90 characters long.
pub(super) fn long_line(line: &str) -> String {
    format!("{line}, round the back by the blue gate, past the old mill, up the stairs and ask for the porter at the desk")
        .chars()
        .take(ADDRESS_LINE_LONG)
        .collect()
}
