//! Work that comes round, as people call it: the same on the overview as among the connections.
//!
//! Programs and cards call it by the names of [`tallyman_engine::worker::Feed`], which are kept and do not change.

use crate::view::capital;

/// What a round of this kind is called; whose it is stands beside it.
pub fn called(kind: &str) -> String {
    match kind {
        "facts" => "Ledger facts".into(),
        "order keys" => "Channel’s list".into(),
        "shipment keys" => "Warehouse’s list".into(),
        other => capital(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_keys_is_called_by_whose_it_is() {
        assert_eq!(called("order keys"), "Channel’s list");
        assert_eq!(called("draft sweep"), "Draft sweep");
    }
}
