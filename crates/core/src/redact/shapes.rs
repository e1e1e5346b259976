//! What is personal by its shape, and what is known to be, in the middle of a text.

/// The text with every occurrence of another in it replaced, whatever its case.
pub(super) fn replaced(text: &str, known: &str, instead: impl Fn(&str) -> String) -> String {
    let wanted: Vec<char> = known.chars().flat_map(char::to_lowercase).collect();
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        match length(&letters[at..], &wanted) {
            Some(count) if stands_alone(&letters, at, at + count) => {
                let end = letters.get(at + count).map_or(text.len(), |(byte, _)| *byte);
                out.push_str(&instead(&text[letters[at].0..end]));
                at += count;
            }
            _ => {
                out.push(letters[at].1);
                at += 1;
            }
        }
    }
    out
}

/// How many letters it begins with that come to the wanted text.
fn length(letters: &[(usize, char)], wanted: &[char]) -> Option<usize> {
    let mut left = wanted;
    for (count, (_, letter)) in letters.iter().enumerate() {
        if left.is_empty() {
            return Some(count);
        }
        for lower in letter.to_lowercase() {
            let (first, rest) = left.split_first()?;
            if *first != lower {
                return None;
            }
            left = rest;
        }
    }
    left.is_empty().then_some(letters.len())
}

/// A name is not found in the middle of another word.
fn stands_alone(letters: &[(usize, char)], from: usize, to: usize) -> bool {
    let is_word = |at: Option<&(usize, char)>| at.is_some_and(|(_, letter)| letter.is_alphanumeric());
    let before = from.checked_sub(1).and_then(|at| letters.get(at));
    !(is_word(before) && letters[from].1.is_alphanumeric() || is_word(letters.get(to)) && letters[to - 1].1.is_alphanumeric())
}

/// The text with e-mail addresses, telephone numbers and postcodes replaced.
pub(super) fn shaped(text: &str, instead: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(is_part).unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let followed = after
            .strip_prefix(' ')
            .map(|after| &after[..after.find(|letter| !is_part(letter)).unwrap_or(after.len())]);
        match followed {
            Some(next) if is_outward(word) && is_inward(next.trim_end_matches('.')) => {
                let whole = &rest[..word.len() + 1 + next.len()];
                out.push_str(&instead(whole));
                rest = &rest[whole.len()..];
            }
            _ if is_mail(word) || is_postcode(word) => {
                out.push_str(&instead(word));
                rest = after;
            }
            _ => {
                let phone = telephone(rest);
                if phone > 0 {
                    out.push_str(&instead(&rest[..phone]));
                    rest = &rest[phone..];
                } else {
                    out.push_str(word);
                    rest = after;
                }
            }
        }
    }
    out
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '@' | '.' | '_' | '+' | '-')
}

fn is_mail(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(who, place)| !who.is_empty() && place.trim_end_matches('.').contains('.'))
}

/// Ten to fifteen digits that begin as a number does that somebody may be called at; how many bytes of the text it takes. What begins with
/// two noughts is a number of the ledger's.
fn telephone(text: &str) -> usize {
    if !text.starts_with('+') && (!text.starts_with('0') || text.starts_with("00")) {
        return 0;
    }
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '+' | ' ' | '-' | '(' | ')'))
        .unwrap_or(text.len());
    let number = text[..end].trim_end_matches([' ', '-', '(', '+']);
    // A word that goes on is no number: an order's, a batch's.
    if text[number.len()..].starts_with(|letter: char| letter.is_alphanumeric()) {
        return 0;
    }
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if (10..=15).contains(&digits) { number.len() } else { 0 }
}

/// `SW1A`, `M1`, `B33`.
fn is_outward(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &word.as_bytes()[letters..];
    (1..=2).contains(&letters)
        && (1..=2).contains(&rest.len())
        && rest[0].is_ascii_digit()
        && rest[1..]
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// `1AA`.
fn is_inward(word: &str) -> bool {
    matches!(word.as_bytes(), [digit, a, b] if digit.is_ascii_digit() && a.is_ascii_uppercase() && b.is_ascii_uppercase())
}

fn is_postcode(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    word.is_ascii() && (5..=7).contains(&word.len()) && is_outward(&word[..word.len() - 3]) && is_inward(&word[word.len() - 3..])
}
