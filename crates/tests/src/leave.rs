//! Leave, as whoever types a command has it.

use tallyman_core::access::{Actor, Permit, Right};
use tallyman_engine::desk;
use tallyman_store::Store;

/// Somebody's leave to do something at a company.
pub fn leave(by: &str, right: Right, company: &str) -> Permit {
    Actor::terminal(by)
        .may(right, company, None)
        .expect("a terminal may everything")
}

/// Somebody's leave to do something with a card as it is now.
pub async fn of_card(store: &Store, by: &str, right: Right, card: &str) -> Permit {
    let leave = desk::leave(store, &Actor::terminal(by), (card, None), right).await;
    leave.expect("the card is there").1
}
