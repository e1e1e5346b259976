//! One folder for each vendor: their words, ours, one function for each effect and its probe beside it.
//!
//! The same four files each time. `mod.rs` says how the vendor is addressed and what it can do, `wire.rs` holds its words as it
//! spells them, `map.rs` turns theirs into ours and back and is pure, `calls.rs` has the calls. What all vendors share stands
//! here: [`http`] says what an exchange without a good answer proves, [`read`] reads fields tolerantly.
//!
//! Ways to tell people are in [`alerts`], a file each: they take one kind of write and have no words of their own to translate.
//!
//! [`openid`] is no vendor's: it asks who somebody is who signs in, of whoever a merchant trusts with that.
//!
//! Not here: storage, tokens and their renewal, limits, retries, waiting, and any merchant's mappings.

pub mod alerts;
mod http;
pub mod mintsoft;
pub mod openid;
mod read;
pub mod sage200;
mod secret;
#[cfg(test)]
mod testing;
pub mod virtualstock;

pub use alerts::{ByMail, BySlack, ByTeams, ByWebhook};
pub use mintsoft::Mintsoft;
pub use openid::OpenId;
pub use sage200::Sage;
pub use secret::Secret;
pub use virtualstock::Virtualstock;
