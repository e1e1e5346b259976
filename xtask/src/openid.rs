//! The OpenID provider of the tests: oidc-provider, which is certified, from npm. Tests start and stop it themselves.

use std::path::PathBuf;

use anyhow::Result;

use crate::npm::{Package, Provided};

/// Where tests find the folder `node_modules` that holds it; set by hand, it is used as it is.
pub const VARIABLE: &str = "TALLYMAN_TEST_OPENID";

const PROVIDER: Package = Package {
    name: "oidc-provider",
    version: "9.13.3",
    wanted: "oidc-provider/package.json",
    runs: true,
    variable: VARIABLE,
    named: "the folder `node_modules` that holds it",
};

/// The folder with it and what it needs, which is fetched if it is not in the cache.
pub fn provide() -> Result<PathBuf> {
    match PROVIDER.provide()? {
        Provided::ByHand(folder) | Provided::Fetched(folder) => Ok(folder),
    }
}
