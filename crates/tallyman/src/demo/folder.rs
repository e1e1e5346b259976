//! The demo's folder: its database, where its twin is, and a configuration with which the other commands look at the same orders.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tallyman_core::seam::Clock;
use tallyman_store::{Location, OpenError, Store};
use tallyman_twin::sage::SITE;
use tallyman_twin::settings::Company;

use super::Day;
use super::far::Far;
use super::scaled_run::MASTER_KEY;
use crate::config::secret::written_master_key;
use crate::scene;

const DATABASE: &str = "tallyman.db";
const CONFIGURATION: &str = "tallyman.toml";
const TWIN: &str = "twin.json";
const SECRETS: &str = "secrets";

/// A twin whose clock differs from ours by more than this, in its own microseconds, is another one.
const DIFFERS_MAX: i64 = 10 * 60 * 1_000_000;

pub struct Folder(PathBuf);

/// What the folder remembers of its twin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    pub address: String,
    pub day: String,
}

impl Folder {
    pub fn at(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// The file that names the twin, for as long as its orders are under way.
    pub fn kept(&self) -> PathBuf {
        self.0.join(TWIN)
    }

    /// The demo is over: its twin may go, its database and configuration stay to be looked at.
    pub fn over(&self) {
        // A file that cannot be removed leaves the twin to end by itself.
        let _ = std::fs::remove_file(self.kept());
    }

    pub fn configuration(&self) -> PathBuf {
        self.0.join(CONFIGURATION)
    }

    /// The twin that this folder's orders are on, if it is still up.
    pub async fn twin(&self) -> anyhow::Result<Option<(String, Day)>> {
        let Ok(text) = std::fs::read_to_string(self.kept()) else {
            return Ok(None);
        };
        let kept: Kept = serde_json::from_str(&text).with_context(|| format!("{TWIN} in {}", self.0.display()))?;
        let day = Day::parse(&kept.day)?;
        // Whatever answers there now: it is ours if its clock reads as ours does.
        let Ok(state) = Far::at(&kept.address)?.state().await else {
            return Ok(None);
        };
        let theirs = state["now"].as_i64().unwrap_or(i64::MIN);
        let same = theirs.abs_diff(day.clock().now().micros()) <= DIFFERS_MAX.unsigned_abs();
        Ok(same.then_some((kept.address, day)))
    }

    /// Takes away what an earlier demo left. Its twin is gone, so its orders could not go on.
    pub async fn clear(&self) -> anyhow::Result<()> {
        let database = self.database();
        if database.exists()
            && let Err(error @ OpenError::InUse { .. }) = Store::open(&Location::File(database.clone())).await
        {
            return Err(crate::assemble::opened(error));
        }
        if database.exists() && !self.configuration().exists() {
            bail!(
                "{} holds a database that no demo has made; choose another folder with --folder",
                self.0.display()
            );
        }
        for ending in ["", "-wal", "-shm", "-journal"] {
            let file = self.0.join(format!("{DATABASE}{ending}"));
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("{} cannot be removed", file.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Remembers the twin, and writes the configuration that belongs to it.
    pub fn remember(&self, address: &str, day: Day) -> anyhow::Result<()> {
        let kept = Kept {
            address: address.to_owned(),
            day: day.to_string(),
        };
        self.write(TWIN, &serde_json::to_string_pretty(&kept)?)?;
        self.secret("master-key", &written_master_key(&MASTER_KEY))?;
        let mut text = format!(
            "# Written by `tallyman demo`, for `tallyman journey REFERENCE --config {}` and the like.\n\
             database = \"{DATABASE}\"\n\n\
             [clock]\npace = {}\norigin = \"{}\"\nsince = \"{}\"\n\n\
             [[master_key]]\nnumber = 1\nkey = {{ file = \"{SECRETS}/master-key\" }}\n",
            self.configuration().display(),
            day.pace,
            day.origin,
            day.since
        );
        let merchants = scene::merchants(address, &scene::companies());
        for (merchant, company) in merchants.iter().zip(scene::companies()) {
            self.company(&mut text, address, merchant, &company)?;
        }
        self.write(CONFIGURATION, &text)
    }

    fn company(
        &self,
        text: &mut String,
        address: &str,
        merchant: &tallyman_engine::parts::Merchant,
        company: &Company,
    ) -> anyhow::Result<()> {
        let number = company.number;
        let route = merchant.route();
        for (name, secret) in [
            ("sage-secret", &company.sage_client_secret),
            ("sage-refresh", &company.sage_refresh_token),
            ("mintsoft-key", &company.mintsoft_api_key),
            ("virtualstock-password", &company.virtualstock_password),
        ] {
            self.secret(&format!("{name}-{number}"), secret)?;
        }
        write!(
            text,
            "\n[[company]]\nname = \"{}\"\n\n\
             [company.sage200]\nconnection = \"{}\"\nbase_url = \"{address}/sage/uk/sage200extra/accounts/v1\"\n\
             token_url = \"{address}/sage-id/oauth/token\"\nclient_id = \"{}\"\n\
             client_secret = {{ file = \"{SECRETS}/sage-secret-{number}\" }}\n\
             refresh_token = {{ file = \"{SECRETS}/sage-refresh-{number}\" }}\nsite = \"{SITE}\"\ncompany_id = {number}\n\n\
             [company.mintsoft]\nconnection = \"{}\"\nbase_url = \"{address}/mintsoft\"\n\
             api_key = {{ file = \"{SECRETS}/mintsoft-key-{number}\" }}\n\n\
             [company.virtualstock]\nconnection = \"{}\"\nbase_url = \"{address}/virtualstock\"\nusername = \"{}\"\n\
             password = {{ file = \"{SECRETS}/virtualstock-password-{number}\" }}\n",
            merchant.company, route.ledger, company.sage_client_id, route.warehouse, route.channel, company.virtualstock_user,
        )?;
        Ok(())
    }

    fn secret(&self, name: &str, secret: &str) -> anyhow::Result<()> {
        std::fs::create_dir_all(self.0.join(SECRETS))?;
        let path = format!("{SECRETS}/{name}");
        self.write(&path, secret)?;
        for_the_owner_only(&self.0.join(path))
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.0.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    }
}

#[cfg(unix)]
fn for_the_owner_only(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(())
}

#[cfg(not(unix))]
fn for_the_owner_only(_path: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use tallyman_core::time::Timestamp;

    #[test]
    fn the_configuration_that_is_written_describes_the_same_merchants() {
        let folder = std::env::temp_dir().join(format!("tallyman-demo-folder-{}", std::process::id()));
        let written = Folder::at(&folder).unwrap();
        let day = Day {
            origin: Timestamp::from_micros(scene::MORNING),
            since: Timestamp::from_micros(scene::MORNING),
            pace: 60,
        };
        written.remember("http://127.0.0.1:9100", day).unwrap();
        let config = Config::load(&written.configuration()).unwrap();
        let read = crate::assemble::merchants(&config).unwrap();
        let ours = scene::merchants("http://127.0.0.1:9100", &scene::companies());
        let shown = |merchants: &[std::sync::Arc<tallyman_engine::parts::Merchant>]| -> Vec<String> {
            let one = |merchant: &std::sync::Arc<tallyman_engine::parts::Merchant>| {
                let bases = merchant.connectors().map(|connector| connector.base_url().to_owned());
                let doors = merchant
                    .connectors()
                    .map(|c| c.sign_in(None).map(|call| call.url).unwrap_or_default());
                format!("{} {:?} {bases:?} {doors:?}", merchant.company, merchant.route())
            };
            merchants.iter().map(one).collect()
        };
        assert_eq!(shown(&read), shown(&ours));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
