//! Our typed readings of messages: what a connector makes of bytes, in our words.
//!
//! A document holds what was said, not what we make of it: mappings are applied by `check`, not here.

mod item;
mod order;
mod shipment;

pub use item::Item;
pub use order::{LineRef, LineState, Order, OrderLine};
pub use shipment::{Shipment, ShippedLine};
