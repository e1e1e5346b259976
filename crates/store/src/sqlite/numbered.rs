//! `$2` becomes `?2`.
//!
//! PostgreSQL counts `$2` as the second parameter. SQLite takes `$2` for a *name* and gives names the numbers in which they
//! first appear, so `where b = $2 and a = $1` would silently swap the two. `?2` means the second in SQLite too.

/// The statement with `?n` for `$n`, leaving quoted text and comments alone.
pub(super) fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(start) = rest.find(['$', '\'', '"', '-']) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let taken = match from.as_bytes()[0] {
            b'$' if from[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                out.push('?');
                rest = &from[1..];
                continue;
            }
            b'\'' => quoted(from, '\''),
            b'"' => quoted(from, '"'),
            b'-' if from.starts_with("--") => from.find('\n').unwrap_or(from.len()),
            _ => 1,
        };
        out.push_str(&from[..taken]);
        rest = &from[taken..];
    }
    out.push_str(rest);
    out
}

/// How long the quoted text at the start is, quotes included. A doubled quote ends one quoted text and begins the next,
/// which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn parameters_are_numbered_and_all_else_is_left_alone() {
        assert_eq!(
            numbered("select a from t where b = $2 and c = $1"),
            "select a from t where b = ?2 and c = ?1"
        );
        assert_eq!(
            numbered("select '$1', \"$2\", $3 -- $4\n, $5"),
            "select '$1', \"$2\", ?3 -- $4\n, ?5"
        );
        assert_eq!(
            numbered("select 'it''s $1', a->>'$', $1 - $2"),
            "select 'it''s $1', a->>'$', ?1 - ?2"
        );
        assert_eq!(numbered("select 'never ends $1"), "select 'never ends $1");
    }
}
