//! The apostrophe before a cell that a spreadsheet would run as a formula.
//!
//! In CSV nothing else says that a cell is text, so what would be run is written behind an apostrophe, and it is taken off when the
//! cell is read. It is taken off in workbooks too: a CSV file that was opened and saved as one brings it along. A word that has such an
//! apostrophe of its own gets a second one, in both.

/// What makes a spreadsheet take a cell for a formula when it stands first: also as full-width characters, and behind what it skips.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether it would be run, with or without apostrophes of its own.
fn would_run(cell: &str) -> bool {
    let plain = cell.trim_start_matches('\'');
    plain.starts_with(FORMULA) || plain.trim_start().starts_with(FORMULA)
}

/// For CSV, where every cell that would be run needs one.
pub(crate) fn in_csv(cell: String) -> String {
    if would_run(&cell) { format!("'{cell}") } else { cell }
}

/// For a workbook, which says itself what is text: only what would be taken for guarded needs one.
pub(crate) fn in_workbook(cell: String) -> String {
    if cell.starts_with('\'') { in_csv(cell) } else { cell }
}

/// The cell without its guard.
pub(crate) fn taken_off(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| would_run(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_run_is_guarded_and_the_guard_comes_off_again() {
        for cell in ["=1+1", "+44", "-5", "@a", "\t=1", " =1", "＝1", "'=1", "''=1", "' -1"] {
            assert_eq!(in_csv(cell.to_owned()), format!("'{cell}"));
            assert_eq!(taken_off(&format!("'{cell}")), cell);
            let written = in_workbook(cell.to_owned());
            assert_eq!(written.len() > cell.len(), cell.starts_with('\''));
            assert_eq!(taken_off(&written), cell);
        }
        for cell in ["", "'", "'tis", "''", "007", "1-2", "a=b", " 'x"] {
            assert_eq!(in_csv(cell.to_owned()), cell);
            assert_eq!(in_workbook(cell.to_owned()), cell);
            assert_eq!(taken_off(cell), cell);
        }
    }
}
