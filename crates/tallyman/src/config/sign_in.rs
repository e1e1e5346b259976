//! How people sign in beside their own password: by the word of an OpenID provider.

use std::sync::Arc;

use anyhow::anyhow;
use serde::Deserialize;
use tallyman_connectors::{OpenId, Secret};
use tallyman_core::access::single::Vouches;
use tallyman_core::seam::Transport;

use super::field::Address;
use super::{Config, Source};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// What stands before the path of a page, as people's browsers reach it; that of the alerts' links, if it is not given.
    pub public_url: Option<Address>,
    pub openid: Option<Provider>,
}

/// A provider, and what we are to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What people call it: it stands on the button.
    pub name: String,
    /// As its tokens name it, to the last slash.
    pub issuer: String,
    pub client_id: String,
    /// Not for a public client.
    pub client_secret: Option<Source>,
}

impl Config {
    /// How people's browsers reach this.
    pub fn public_url(&self) -> String {
        let given = self.sign_in.public_url.as_ref();
        let given = given.or(self.alerts.as_ref().map(|alerts| &alerts.public_url));
        let usual = || format!("http://{}", self.listen);
        given.map_or_else(usual, |address| address.as_str().trim_end_matches('/').to_owned())
    }

    /// Whoever else vouches for people, if somebody does.
    pub fn vouches(&self, transport: Arc<dyn Transport>) -> anyhow::Result<Option<Arc<dyn Vouches>>> {
        let Some(provider) = &self.sign_in.openid else {
            return Ok(None);
        };
        let secret = provider
            .client_secret
            .as_ref()
            .map(|source| source.reveal(self))
            .transpose()?;
        let back = format!("{}/sign-in/back", self.public_url());
        let client = (provider.client_id.as_str(), secret.map(Secret::new));
        let openid = OpenId::new(&provider.name, &provider.issuer, client, &back, transport);
        Ok(Some(Arc::new(openid.map_err(|why| anyhow!("[sign_in.openid]: {why}"))?)))
    }
}
