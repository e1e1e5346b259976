//! What to type to put right what a card blames, where one command does: in the words that the command takes, which are not always those
//! that read well.

use tallyman_core::amendment::Field;
use tallyman_core::catalogue::Remedy;
use tallyman_core::cause::Cause;
use tallyman_core::finding::Code;

const WHO: &str = "--by NAME --reason WHY";

/// The command for this cause; `order` is one that it stops as a whole, by its own number.
pub fn command(code: Code, cause: &Cause, order: Option<&str>) -> Option<String> {
    let remedies = code.entry().remedies;
    if let Cause::Cell(cell) = cause {
        return remedies.contains(&Remedy::Map(cell.table)).then(|| {
            let (table, scope, theirs) = (cell.table.code(), word(&cell.scope), word(cell.theirs.trim()));
            format!("tallyman map set {table} {scope} {theirs} OURS {WHO}")
        });
    }
    let field = Field::blamed(code, cause)?;
    // An order that is blamed by its number is that one.
    let order = if let Cause::Record { key, .. } = cause { key } else { order? };
    Some(amend(field, order))
}

fn amend(field: Field, order: &str) -> String {
    format!("tallyman amend set {} VALUE --order {} {WHO}", field.name(), word(order))
}

/// As one word of a shell.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyman_core::mapping::{Cell, Table};

    #[test]
    fn it_says_what_the_commands_take() {
        let service = Cause::Cell(Cell::new(Table::CarrierIn, "mintsoft-1", "Jack's 24"));
        assert_eq!(
            command(Code::CarrierUnmapped, &service, None).as_deref(),
            Some(r"tallyman map set carrier-in mintsoft-1 'Jack'\''s 24' OURS --by NAME --reason WHY")
        );
        let line = Cause::field("sage-1", "line_1");
        assert_eq!(
            command(Code::AddressTooLong, &line, Some("PO 7")).as_deref(),
            Some("tallyman amend set line_1 VALUE --order 'PO 7' --by NAME --reason WHY")
        );
        let number = Cause::order("PO-7");
        assert_eq!(
            command(Code::ReferenceTooLong, &number, None).as_deref(),
            Some("tallyman amend set reference VALUE --order PO-7 --by NAME --reason WHY")
        );
        // The warehouse's field of an order that stands in the ledger: nothing of it is amended any more.
        assert_eq!(command(Code::AddressTooLong, &line, None), None);
        assert_eq!(command(Code::VatDisagrees, &number, Some("PO-7")), None);
        assert_eq!(
            command(Code::AddressTooLong, &Cause::field("sage-1", "country"), Some("PO-7")),
            None
        );
    }
}
