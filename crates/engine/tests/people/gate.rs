//! A house with a gate: a store in memory, a clock that only the test moves, and passwords that cost nothing.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tallyman_core::access::{Actor, HOUSE, Level};
use tallyman_core::fingerprint::ContentHash;
use tallyman_core::seam::Rng;
use tallyman_core::time::Timestamp;
use tallyman_engine::people::Reception;
use tallyman_engine::people::code::Secret;
use tallyman_engine::people::invitations::{self, For, Said, SignsInAs, Wanted};
use tallyman_engine::people::password::{Passwords, SALT_BYTES};
use tallyman_engine::people::session::{self, Signed};
use tallyman_engine::people::sign_in::{self, Refused, SignedIn, Tried};
use tallyman_engine::vault::Vault;
use tallyman_store::journal::Told;
use tallyman_store::seal::MasterKeys;
use tallyman_store::tables::people::Granted;
use tallyman_store::{Store, Tx, Unit, UnitError, params};
use totp_rs::{Algorithm, Builder};
use zeroize::Zeroizing;

pub const PASSWORD: &str = "nine cats on a quay";

/// Runs a test on one thread.
pub fn play<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(test);
}

pub fn granted(level: Level, company: &str) -> Granted {
    Granted {
        level,
        company: company.to_owned(),
        teams: Default::default(),
    }
}

/// The stand-in: as wrong as a hash can be, and counted.
#[derive(Default)]
pub struct Cheap {
    compared: AtomicU32,
    hashed: AtomicU32,
    cost: AtomicU32,
}

impl Cheap {
    pub fn compared(&self) -> u32 {
        self.compared.load(Ordering::SeqCst)
    }

    pub fn hashed(&self) -> u32 {
        self.hashed.load(Ordering::SeqCst)
    }

    /// From now on passwords are kept at this cost.
    pub fn costs(&self, cost: u32) {
        self.cost.store(cost, Ordering::SeqCst);
    }

    fn kept(cost: &str, salt: &str, password: &str) -> String {
        let hash = ContentHash::of(format!("{salt} {password}").as_bytes());
        format!("{cost}${salt}${hash}")
    }

    fn cost(&self) -> String {
        self.cost.load(Ordering::SeqCst).to_string()
    }
}

#[async_trait]
impl Passwords for Cheap {
    async fn hash(&self, password: Zeroizing<String>, salt: [u8; SALT_BYTES]) -> Result<String, UnitError> {
        self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(Self::kept(&self.cost(), &ContentHash::of(&salt).to_string(), &password))
    }

    async fn fits(&self, password: Zeroizing<String>, kept: Option<String>) -> Result<bool, UnitError> {
        self.compared.fetch_add(1, Ordering::SeqCst);
        let Some(kept) = kept else { return Ok(false) };
        let mut parts = kept.split('$');
        let (cost, salt) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Ok(Self::kept(cost, salt, &password) == kept)
    }

    fn is_dated(&self, kept: &str) -> bool {
        kept.split('$').next() != Some(self.cost().as_str())
    }
}

/// Chance that is the same at each run.
struct Drawn(u64);

impl Rng for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            let hash = ContentHash::of(&self.0.to_be_bytes());
            chunk.copy_from_slice(&hash.as_bytes()[..chunk.len()]);
        }
    }
}

pub struct Gate {
    pub store: Store,
    pub vault: Vault,
    pub passwords: Cheap,
    pub now: Timestamp,
    /// Where whoever signs in is.
    pub from: Option<IpAddr>,
    pub admin: Actor,
}

/// One line of the house's journal.
#[derive(Debug)]
pub struct Line {
    pub actor: String,
    pub kind: String,
    pub subject: String,
    pub told: Told,
}

impl Line {
    /// What it was before, and what it is after.
    pub fn changed(&self) -> (Option<&str>, Option<&str>) {
        (self.told.before.as_deref(), self.told.after.as_deref())
    }
}

impl Gate {
    pub fn open() -> Self {
        Self {
            store: Store::memory().expect("a store"),
            vault: Vault::new(MasterKeys::new(1, [7; 32]), Box::new(Drawn(0))),
            passwords: Cheap::default(),
            now: Timestamp::from_micros(1_800_000_000_000_000),
            from: None,
            admin: Actor::terminal("admin"),
        }
    }

    pub fn later(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
    }

    pub fn office(&self) -> Reception<'_> {
        Reception {
            store: &self.store,
            vault: &self.vault,
            passwords: &self.passwords,
        }
    }

    pub async fn try_invite(&self, name: &str, sign_in: Option<&str>) -> Result<(String, String), String> {
        self.invited(name, sign_in, &[granted(Level::Viewer, HOUSE)]).await
    }

    async fn invited(&self, name: &str, sign_in: Option<&str>, grants: &[Granted]) -> Result<(String, String), String> {
        let wanted = Wanted {
            name: SignsInAs::read(name, sign_in)?,
            grants: grants.to_vec(),
        };
        let done = invitations::invite(&self.store, &self.vault, &self.admin, wanted, self.now).await;
        let (id, link) = done.map_err(|error| error.to_string())?;
        Ok((id, link.token))
    }

    /// The id, and the end of the link's path.
    pub async fn invite(&self, name: &str, grants: &[Granted]) -> (String, String) {
        self.invited(name, None, grants).await.expect("they are invited")
    }

    /// Somebody who has chosen [`PASSWORD`].
    pub async fn person(&self, name: &str, grants: &[Granted]) -> String {
        let (id, link) = self.invite(name, grants).await;
        self.set_up(&link, PASSWORD).await.expect("it is chosen");
        id
    }

    pub async fn again(&self, id: &str) -> String {
        let link = invitations::again(&self.store, &self.vault, &self.admin, id, self.now).await;
        link.expect("another link").token
    }

    pub async fn first(&self) -> Option<String> {
        let link = invitations::first(&self.store, &self.vault, self.now).await;
        link.expect("a store").map(|link| link.token)
    }

    pub async fn look(&self, link: &str) -> Option<For> {
        invitations::look(&self.store, link, self.now).await.expect("a store")
    }

    pub async fn set_up(&self, link: &str, password: &str) -> Result<String, String> {
        let said = Said { password, first: None };
        let done = invitations::set_up(self.office(), link, said, self.now).await;
        done.map_err(|error| error.to_string())
    }

    pub fn tried<'a>(&self, sign_in: &'a str, password: &'a str, code: Option<&'a str>) -> Tried<'a> {
        Tried {
            sign_in,
            password,
            code,
            from: self.from,
        }
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn, Refused> {
        sign_in::sign_in(self.office(), &self.tried(name, password, None), self.now).await
    }

    pub async fn with_code(&self, name: &str, password: &str, code: &str) -> Result<SignedIn, Refused> {
        sign_in::sign_in(self.office(), &self.tried(name, password, Some(code)), self.now).await
    }

    pub async fn three_sessions(&self, name: &str) -> [Zeroizing<String>; 3] {
        let mut tokens = Vec::new();
        for _ in 0..3 {
            tokens.push(self.sign_in(name, PASSWORD).await.expect("they come in").token);
        }
        tokens.try_into().expect("three")
    }

    pub async fn whose(&self, token: &str) -> Option<Signed> {
        session::whose(&self.store, token, self.now).await.expect("a store")
    }

    /// Each of them says what was changed: nobody only looks here.
    pub async fn lines(&self) -> Vec<Line> {
        let lines = self.store.read(Lines).await.expect("a store");
        let bare = lines.iter().find(|line| !line.told.has_changed());
        assert!(bare.is_none(), "{bare:?} does not say what was before and after");
        lines
    }

    /// The last line of a kind.
    pub async fn last(&self, kind: &str) -> Line {
        let lines = self.lines().await;
        lines.into_iter().rfind(|line| line.kind == kind).expect("a line")
    }
}

struct Lines;

impl Unit for Lines {
    type Output = Vec<Line>;
    const NAME: &'static str = "lines_of_house";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Line>, UnitError> {
        const LINES: &str = "select actor, kind, subject, content from journal_line where company = $1 order by id";
        let rows = tx.query(LINES, params![HOUSE]).await?;
        rows.iter()
            .map(|row| {
                let content: Vec<u8> = row.get(3)?;
                Ok(Line {
                    actor: row.get(0)?,
                    kind: row.get(1)?,
                    subject: row.get(2)?,
                    // Open content stands after one byte that says so.
                    told: Told::read(std::str::from_utf8(&content[1..]).expect("text")),
                })
            })
            .collect()
    }
}

/// What the telephone shows.
pub fn code_of(secret: &Secret, now: Timestamp) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.text.as_bytes()).expect("base 32");
    let builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30);
    let totp = builder.with_secret(bytes).build().expect("a telephone");
    let seconds = u64::try_from(now.micros() / 1_000_000).expect("after 1970");
    totp.generate(seconds).to_string()
}
