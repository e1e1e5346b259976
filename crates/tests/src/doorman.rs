//! A doorman for tests of pages: whoever has a token of the API's has it as a cookie too, and one link signs in by itself.

use std::sync::Arc;

use async_trait::async_trait;
use tallyman_core::access::Actor;
use tallyman_web::api::access::Access;
use tallyman_web::guard::{Credentials, Doorman, Invited};

pub const PASSWORD: &str = "correct horse battery staple";
/// Signs in whoever opens it, with the token that may do everything.
pub const LINK: &str = "demo";

pub struct ByToken(pub Access);

#[async_trait]
impl Doorman for ByToken {
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>> {
        self.0.whose(cookie)
    }

    async fn sign_in(&self, given: &Credentials) -> Result<String, String> {
        if given.password == PASSWORD {
            Ok(given.name.clone())
        } else {
            Err("The name or the password is wrong.".into())
        }
    }

    async fn invited(&self, _: &str) -> Option<Invited> {
        Some(Invited::First)
    }

    async fn set_up(&self, _: &str, _: &Credentials) -> Result<Option<String>, String> {
        Err("This link is over.".into())
    }

    async fn enter(&self, link: &str) -> Option<String> {
        (link == LINK).then(|| crate::morning::ALL.to_owned())
    }

    async fn sign_out(&self, _: &str) {}
}
