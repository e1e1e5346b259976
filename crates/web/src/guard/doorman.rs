//! Who knows people: the one who is asked at the pages' door. A house of people, a demo's link and the tests each have theirs.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use tallyman_core::access::Actor;

use crate::safety::Reached;

/// A name, a password, and a code of a second factor where somebody has one.
pub struct Credentials {
    pub name: String,
    pub password: String,
    pub code: Option<String>,
    /// Where they come from, as far as it can be told.
    pub from: Option<IpAddr>,
}

/// Whom a link is for that lets its reader choose a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Whoever sets everything up: they say who they are.
    First,
    /// Somebody who is known by a name, and by what they sign in with.
    Person { name: String, sign_in: String },
}

/// What a browser brings back from whoever vouches for people.
pub struct Back<'a> {
    pub state: &'a str,
    pub code: &'a str,
    /// The invitation with which it left.
    pub link: Option<&'a str>,
}

const NOBODY_VOUCHES: &str = "Here people sign in with a name and a password only.";

/// Who knows people: by their cookie, and by what they sign in with.
#[async_trait]
pub trait Doorman: Send + Sync {
    /// Who has this cookie, if it is one that stands. It is used by this.
    async fn whose(&self, cookie: &str) -> Option<Arc<Actor>>;

    /// The same, without its being used: where sessions end that are not.
    async fn look(&self, cookie: &str) -> Option<Arc<Actor>> {
        self.whose(cookie).await
    }

    /// A cookie for whoever signs in, or a sentence that says why not.
    async fn sign_in(&self, given: &Credentials) -> Result<String, String>;

    /// Whom a link that works once is for, while it stands.
    async fn invited(&self, _link: &str) -> Option<Invited> {
        None
    }

    /// A password by a link that works once, and of the first link a name; a cookie, or a sentence that says why not. None, where the
    /// password is set and more is asked of them to sign in.
    async fn set_up(&self, link: &str, given: &Credentials) -> Result<Option<String>, String>;

    /// A cookie for whoever has a link that signs in by itself, where there are such links.
    async fn enter(&self, _link: &str) -> Option<String> {
        None
    }

    /// What whoever else vouches for people is called, where somebody does.
    fn vouched_by(&self) -> Option<String> {
        None
    }

    /// Where a browser goes to be vouched for, and the secret that it keeps until it is back; or a sentence that says why not.
    async fn leave(&self) -> Result<(String, String), String> {
        Err(NOBODY_VOUCHES.into())
    }

    /// A cookie for whoever has come back, with an invitation's link if they left with one; or a sentence that says why not.
    async fn come_back(&self, _secret: &str, _said: &Back<'_>) -> Result<String, String> {
        Err(NOBODY_VOUCHES.into())
    }

    /// The session that a cookie opens, by what it is ended by; where there are sessions.
    async fn session(&self, _cookie: &str) -> Option<String> {
        None
    }

    /// Another password for whoever has this cookie, or a sentence that says why not. Their other sessions end.
    async fn change_password(&self, _cookie: &str, _old: &Credentials, _new: &str) -> Result<(), String> {
        Err("There are no passwords here: you came in by a link.".into())
    }

    /// The cookie is good for nothing from now on.
    async fn sign_out(&self, cookie: &str);

    /// The addresses of proxies that are believed when they say for whom they ask.
    fn proxies(&self) -> &[IpAddr] {
        &[]
    }

    /// Whether people reach this by https: then the cookie goes by nothing else.
    fn reached(&self) -> Reached {
        Reached::Plain
    }
}

/// Knows nobody: until somebody has been set up.
pub struct Nobody;

const NOBODY: &str = "Nobody can sign in yet: no person has been set up.";

#[async_trait]
impl Doorman for Nobody {
    async fn whose(&self, _: &str) -> Option<Arc<Actor>> {
        None
    }

    async fn sign_in(&self, _: &Credentials) -> Result<String, String> {
        Err(NOBODY.into())
    }

    async fn set_up(&self, _: &str, _: &Credentials) -> Result<Option<String>, String> {
        Err(NOBODY.into())
    }

    async fn sign_out(&self, _: &str) {}
}
