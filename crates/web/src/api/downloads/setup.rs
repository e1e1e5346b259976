//! Rows of what stands between the systems: connections, holds, mappings and proposals.

use super::rows::{A_PAGE, ROWS_MAX, Sheet, all_pages, at, maybe, maybe_at, text};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Query;
use crate::api::sheets::Changed;
use crate::api::{connections, holds, mappings, proposals};

pub async fn of_connections(inside: &Inside, wanted: connections::Asked) -> Result<Sheet, Problem> {
    let found = connections::all(inside, wanted.company.as_deref()).await?;
    let row = |one: connections::Connection| {
        vec![
            one.name,
            one.company,
            text(one.role),
            text(one.state),
            text(one.queue),
            text(one.held),
            maybe(one.clears_in_seconds),
            maybe_at(one.last_success),
            maybe_at(one.next_run),
            maybe_at(one.stopped_until),
            maybe_at(one.paused_until),
            maybe_at(one.consent_until),
        ]
    };
    Ok(Sheet {
        header: &[
            "connection",
            "company",
            "role",
            "state",
            "queue",
            "held",
            "clears_in_seconds",
            "last_success",
            "next_run",
            "stopped_until",
            "paused_until",
            "consent_until",
        ],
        rows: found.into_iter().map(row).collect(),
        cut: false,
    })
}

pub async fn of_holds(inside: &Inside, wanted: connections::Asked) -> Result<Sheet, Problem> {
    let found = holds::all(inside, wanted.company.as_deref()).await?;
    let row = |hold: holds::Hold| {
        vec![
            hold.id,
            hold.company,
            text(hold.kind),
            hold.what,
            hold.reason,
            hold.by,
            at(hold.from),
            at(hold.until),
            maybe_at(hold.ended_at),
            maybe(hold.ended_by),
            maybe(hold.waits),
        ]
    };
    Ok(Sheet {
        header: &[
            "hold", "company", "kind", "what", "reason", "by", "from", "until", "ended_at", "ended_by", "waits",
        ],
        rows: found.holds.into_iter().chain(found.over).map(row).collect(),
        cut: false,
    })
}

pub async fn of_mappings(inside: &Inside, mut wanted: mappings::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        mappings::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: mappings::MappingPage| page.mappings,
        |row| vec![
            row.company,
            text(row.table),
            row.connection,
            row.theirs,
            maybe(row.ours),
            at(row.since),
            row.by,
            row.reason,
        ]
    );
    Ok(Sheet {
        header: &["company", "table", "connection", "theirs", "ours", "since", "by", "reason"],
        rows,
        cut,
    })
}

pub async fn of_proposals(inside: &Inside, mut wanted: proposals::Asked) -> Result<Sheet, Problem> {
    // A line a change: that is what somebody approves.
    let of_one = |one: proposals::Proposal| {
        let decided = one.decided;
        let [decided_by, said] = decided
            .as_ref()
            .map_or_else(Default::default, |decided| [decided.by.clone(), decided.reason.clone()]);
        let decided_at = maybe_at(decided.map(|decided| decided.at));
        let about = [one.id, one.company, text(one.state), one.by, at(one.at), one.reason];
        let row = move |change: Changed| {
            let what = [
                text(change.table),
                change.connection,
                change.theirs,
                maybe(change.before),
                maybe(change.after),
            ];
            let decided = [decided_by.clone(), decided_at.clone(), said.clone()];
            about.iter().cloned().chain(what).chain(decided).collect::<Vec<_>>()
        };
        one.changes.into_iter().map(row).collect::<Vec<_>>()
    };
    let (rows, cut) = all_pages!(
        wanted,
        proposals::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: proposals::Proposals| page.proposals.into_iter().flat_map(of_one),
        |row| row
    );
    Ok(Sheet {
        header: &[
            "proposal",
            "company",
            "state",
            "by",
            "at",
            "reason",
            "table",
            "connection",
            "theirs",
            "before",
            "after",
            "decided_by",
            "decided_at",
            "said",
        ],
        rows,
        cut,
    })
}
