//! The wires: what carries an exchange to the other side.

mod twin;

pub use twin::ToTwin;
