//! The wires: what carries an exchange to the other side.

mod http;
mod smtp;
mod twin;

pub use http::{BODY_BYTES_MAX, Http, install_tls};
pub use twin::ToTwin;
