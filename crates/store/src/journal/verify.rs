//! Walks a journal from its first line and compares every hash with what is stored.

use super::line::SealedLine;
use super::merkle::{Frontier, Hash, Subtree};
use super::sealer::{Head, NO_LINK, head_or_damage, stored};
use crate::{Store, Tx, Unit, UnitError, params};

/// How many lines are read at once.
const PAGE: u64 = 1_000;

/// A journal that was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many lines are sealed.
    pub lines: u64,
    /// How many were written since and are not sealed yet: nothing vouches for them until they are.
    pub open: u64,
    /// The root over them, to be compared with one that was handed out.
    pub root: Hash,
}

/// Why a journal could not be found whole.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// It is not.
    #[error("the journal was altered: {0}")]
    Broken(Broken),
    /// It could not be read.
    #[error("the journal could not be read")]
    Store(#[from] UnitError),
}

/// Where a journal stops being whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line is missing.
    #[error("line {0} is missing")]
    Missing(u64),
    /// A line or its link is not what was sealed.
    #[error("line {0} is not what was sealed")]
    Line(u64),
    /// A stored root of a subtree is wrong or missing.
    #[error("the stored root over the lines before {0} is wrong")]
    Node(u64),
    /// The last link or the root is wrong.
    #[error("its head does not follow from its lines")]
    Head,
    /// There are sealed lines after the head.
    #[error("it has lines after its head")]
    Beyond,
}

/// Walks the company's journal as far as it is sealed when this begins. Lines sealed meanwhile are left for the next time.
pub async fn verify(store: &Store, company: &str) -> Result<Verified, VerifyError> {
    verify_watched(store, company, |_, _| {}).await
}

/// The same, telling `seen` now and then how many lines of how many were compared.
pub async fn verify_watched(store: &Store, company: &str, mut seen: impl FnMut(u64, u64)) -> Result<Verified, VerifyError> {
    let read = ReadHead {
        company: company.to_owned(),
    };
    let (head, open) = match store.read(read).await? {
        (Found::Head(head), open) => (head, open),
        (Found::Nothing, open) => {
            return Ok(Verified {
                lines: 0,
                open,
                root: Frontier::default().root(),
            });
        }
        (Found::Damage(broken), _) => return Err(VerifyError::Broken(broken)),
    };
    let mut link = NO_LINK;
    let mut frontier = Frontier::default();
    while frontier.leaves() < head.lines {
        let page = ReadPage {
            company: company.to_owned(),
            from: frontier.leaves(),
            to: head.lines.min(frontier.leaves() + PAGE),
        };
        let read = store.read(page).await?;
        walk(company, read, head.lines, &mut link, &mut frontier)?;
        seen(frontier.leaves(), head.lines);
    }
    if link != head.link || frontier != head.frontier {
        return Err(VerifyError::Broken(Broken::Head));
    }
    Ok(Verified {
        lines: head.lines,
        open,
        root: head.root(),
    })
}

fn walk(company: &str, page: Page, lines: u64, link: &mut Hash, frontier: &mut Frontier) -> Result<(), VerifyError> {
    let before = frontier.leaves();
    let mut complete = Vec::new();
    for (line, stored_link) in page.lines {
        let expected = frontier.leaves();
        if line.sequence != expected {
            return Err(VerifyError::Broken(Broken::Missing(expected)));
        }
        *link = line.link(company, link);
        if *link != stored_link {
            return Err(VerifyError::Broken(Broken::Line(expected)));
        }
        frontier.push(*link, |subtree, hash| complete.push((subtree, hash)));
    }
    if frontier.leaves() == before || (frontier.leaves() < lines && frontier.leaves() - before < PAGE) {
        return Err(VerifyError::Broken(Broken::Missing(frontier.leaves())));
    }
    // The page brought the stored roots that end within it, in the order in which they are completed.
    for (place, (subtree, hash)) in complete.iter().enumerate() {
        if page.nodes.get(place) != Some(&(*subtree, *hash)) {
            return Err(VerifyError::Broken(Broken::Node((subtree.place + 1) << subtree.level)));
        }
    }
    if page.nodes.len() > complete.len() {
        return Err(VerifyError::Broken(Broken::Node(frontier.leaves())));
    }
    Ok(())
}

struct ReadHead {
    company: String,
}

enum Found {
    Nothing,
    Head(Head),
    Damage(Broken),
}

const BEYOND: &str = "select 1 from journal_line where company = $1 and sequence >= $2 limit 1";
const OPEN: &str = "select count(*) from journal_line where company = $1 and sequence is null";

impl Unit for ReadHead {
    /// The head, and how many lines wait to be sealed.
    type Output = (Found, u64);
    const NAME: &'static str = "read the journal's head";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(Found, u64), UnitError> {
        let found = match head_or_damage(tx, &self.company).await? {
            None => Found::Nothing,
            Some(None) => Found::Damage(Broken::Head),
            Some(Some(head)) => Found::Head(head),
        };
        let lines = if let Found::Head(head) = &found { head.lines } else { 0 };
        let beyond = tx.query_opt(BEYOND, params![self.company, stored(lines)]).await?;
        let open = tx.query_one(OPEN, params![self.company]).await?.get::<u64>(0)?;
        Ok(match (found, beyond) {
            (Found::Damage(broken), _) => (Found::Damage(broken), open),
            (_, Some(_)) => (Found::Damage(Broken::Beyond), open),
            (found, None) => (found, open),
        })
    }
}

struct ReadPage {
    company: String,
    from: u64,
    to: u64,
}

struct Page {
    lines: Vec<(SealedLine, Hash)>,
    nodes: Vec<(Subtree, Hash)>,
}

const LINES: &str = "select sequence, link, at, actor, kind, subject, commitment from journal_line
    where company = $1 and sequence >= $2 and sequence < $3 order by sequence";
const NODES: &str = "select place, hash from journal_node
    where company = $1 and level = $2 and place >= $3 and place < $4 order by place";

impl Unit for ReadPage {
    type Output = Page;
    const NAME: &'static str = "read a page of the journal";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Page, UnitError> {
        let mut lines = Vec::new();
        for row in tx
            .query(LINES, params![self.company, stored(self.from), stored(self.to)])
            .await?
        {
            lines.push((SealedLine::from_row(&row, 2, row.get(0)?)?, row.get(1)?));
        }
        let mut nodes = Vec::new();
        for level in [8, 16, 24, 32] {
            // Complete within this page: their end lies after `from` and not after `to`.
            let (from, to) = (stored(self.from >> level), stored(self.to >> level));
            for row in tx.query(NODES, params![self.company, level, from, to]).await? {
                nodes.push((
                    Subtree {
                        level,
                        place: row.get(0)?,
                    },
                    row.get(1)?,
                ));
            }
        }
        nodes.sort_by_key(|(subtree, _)| ((subtree.place + 1) << subtree.level, subtree.level));
        Ok(Page { lines, nodes })
    }
}
