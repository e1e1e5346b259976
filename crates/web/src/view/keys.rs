//! Which letter, after `g`, goes to which place; and what else the keyboard does.

/// A place and its letter. What the rail leads to and has no letter here is reached by the palette.
const PLACES: [(&str, &str, &str); 13] = [
    ("/", "o", "Overview"),
    ("/work", "w", "My work"),
    ("/cards", "e", "Exceptions"),
    ("/outcomes", "u", "Unknown outcomes"),
    ("/orders", "f", "Orders"),
    ("/mappings", "m", "Mappings"),
    ("/proposals", "p", "Proposals"),
    ("/connections", "c", "Connections"),
    ("/tally", "t", "Tally"),
    ("/journal", "j", "Journal"),
    ("/handbook", "h", "Handbook"),
    ("/drill", "d", "Drill"),
    ("/settings", "s", "Settings"),
];

/// What is struck, and what it does.
pub const DOES: [(&[&str], &str); 7] = [
    (&["/"], "Find an order by any number"),
    (&["Ctrl", "K"], "Go anywhere, or do what this page offers"),
    (&["j"], "Next row"),
    (&["k"], "Row before"),
    (&["Enter"], "Open the row"),
    (&["?"], "This sheet"),
    (&["Esc"], "Close what lies over the page"),
];

/// The letter of a place.
pub fn of(path: &str) -> Option<&'static str> {
    PLACES
        .into_iter()
        .find(|(place, ..)| *place == path)
        .map(|(_, letter, _)| letter)
}

/// The places of a rail that have a letter, as they are called.
pub fn places(rail: &[&str]) -> Vec<(&'static str, &'static str)> {
    let all = PLACES.into_iter().filter(|(path, ..)| rail.contains(path));
    all.map(|(_, letter, name)| (letter, name)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_letter_goes_to_two_places() {
        let letters: BTreeSet<&str> = PLACES.into_iter().map(|(_, letter, _)| letter).collect();
        assert_eq!(letters.len(), PLACES.len());
        assert_eq!((of("/cards"), of("/ghosts")), (Some("e"), None));
        assert_eq!(places(&["/cards", "/ghosts"]), [("e", "Exceptions")]);
    }
}
