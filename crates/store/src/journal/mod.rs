//! The journal: an append-only account of what was decided and done, and by whom.
//!
//! A unit writes its line in its own transaction, so a line exists exactly if what it tells of does. Lines have no number
//! yet: numbering them there would make every unit wait for every other. The company's sealer ([`SealJournal`]) gives
//! numbers to committed lines, links each to the one before it by a hash, and grows a Merkle tree (RFC 6962) over them, so
//! that anyone who keeps a root can be shown that a line was there, and that nothing before it was altered.
//!
//! A line holds no content, only a commitment to it, and names people by id. Content may lie beside it, sealed under its
//! subject's key. Destroying that key ([`erase`]) makes both unreadable and leaves the chain as it was.
//!
//! The bytes that are hashed are frozen by a test ([`line`]).

mod act;
mod line;
pub mod merkle;
mod prove;
mod read;
mod sealer;
mod told;
mod verify;

pub use act::{Act, Change};
pub use line::{SealedLine, frozen_bytes};
pub use prove::{Proof, ProveLine, Side};
pub use read::{Entry, Seek, Written, numbers_of_subject, of_subject, page};
pub use sealer::{Head, SealJournal, SealRun, head};
pub use told::Told;
pub use verify::{Broken, Verified, VerifyError, verify, verify_watched};

use tallyman_core::time::Timestamp;
use tallyman_core::topic::{Kind, Topic};

use crate::seal::{Place, Sealed, SubjectKey};
use crate::{Tx, UnitError, keys, params, seal};

/// A line to be written. The texts are codes and ids, never names, addresses or figures.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Whose journal.
    pub company: &'a str,
    /// When.
    pub at: Timestamp,
    /// Who: the id of a person or of a part of the program.
    pub actor: &'a str,
    /// What happened, as a code.
    pub kind: &'a str,
    /// To what it happened: the id of a journey, a mapping, a card.
    pub subject: &'a str,
    /// Stands for the content.
    pub commitment: Commitment,
    /// The content, if it is kept.
    pub content: Content<'a>,
}

/// Stands for a line's content without telling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// For content about a person: HMAC-SHA256 under the subject's key. Gone with the key.
    pub fn under(key: &SubjectKey, content: &[u8]) -> Commitment {
        Commitment(key.commit(content))
    }

    /// For content that is nobody's secret, such as a change of configuration.
    pub fn open(content: &[u8]) -> Commitment {
        Commitment(seal::open_hash(content))
    }

    /// As kept in the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As read from the store.
    pub fn from_stored(bytes: [u8; 32]) -> Commitment {
        Commitment(bytes)
    }
}

/// What is kept beside a line. It is not part of what is hashed; the commitment is.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Nothing.
    Nothing,
    /// Text that is nobody's secret.
    Open(&'a str),
    /// Sealed under the subject's key for [`CONTENT`].
    Sealed(&'a Sealed),
}

/// The first byte of open content. Sealed content begins with its format's number, which is never 0.
const OPEN: u8 = 0;

impl Content<'_> {
    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Content::Nothing => None,
            Content::Open(text) => Some([&[OPEN], text.as_bytes()].concat()),
            Content::Sealed(sealed) => Some(sealed.as_bytes().to_vec()),
        }
    }
}

/// Content that was kept, as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Text that is nobody's secret.
    Open(String),
    /// To be opened with the subject's key.
    Sealed(Sealed),
}

impl Kept {
    /// As read from the store.
    pub fn from_stored(bytes: Vec<u8>) -> Kept {
        match bytes.split_first() {
            Some((&OPEN, text)) => Kept::Open(String::from_utf8_lossy(text).into_owned()),
            _ => Kept::Sealed(Sealed::from_stored(bytes)),
        }
    }
}

/// The place that a line's content is sealed for. It cannot name the line, which has no number yet, so it names the subject;
/// the commitment binds the content to its line.
pub fn content_place(subject: &str) -> Place<'_> {
    Place {
        table: "journal_line",
        row: subject,
        field: "content",
    }
}

const WRITE: &str = "insert into journal_line (company, at, actor, kind, subject, commitment, content)
    values ($1, $2, $3, $4, $5, $6, $7)";

/// Writes a line, to be numbered and linked once it is committed.
pub async fn write(tx: &mut Tx<'_>, line: &Line<'_>) -> Result<(), UnitError> {
    tx.touched(Topic::one(Kind::Journal, line.company, ""));
    let commitment = line.commitment.as_bytes();
    let content = line.content.bytes();
    let params = params![
        line.company,
        line.at,
        line.actor,
        line.kind,
        line.subject,
        commitment,
        content
    ];
    tx.execute(WRITE, params).await.map(drop)
}

/// The kind of the line that [`erase`] writes.
pub const ERASED: &str = "erased";

/// Erases a subject: destroys its key and says so in the journal. What was sealed under the key can never be read again; the
/// chain still verifies. Says whether there was anything to erase; a second time there is not, and no line is added.
pub async fn erase(tx: &mut Tx<'_>, company: &str, subject: &str, actor: &str, now: Timestamp) -> Result<bool, UnitError> {
    if !keys::destroy(tx, company, subject, now).await? {
        return Ok(false);
    }
    let act = Act {
        company,
        at: now,
        actor,
        kind: ERASED,
        subject,
        what: "the key was destroyed",
        change: Change::gone("kept"),
    };
    act.write(tx).await?;
    Ok(true)
}
