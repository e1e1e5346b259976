//! Every list as a sheet, with the filters that the list has. What is in one is what its list shows this caller, and no more.
//!
//! One place: what asks for a sheet of a new list adds it here, and pages, API and tests have it.

use std::collections::BTreeSet;

use axum::extract::RawQuery;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tallyman_core::access::{person, person_in};
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::{named, people};
use tallyman_sheets::{Format, table};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::{Kind, Problem};
use super::read::{Path, Query, field_in};
use super::shape::At;
use super::sheets::{Changed, Kinds};
use super::{cards, connections, deputies, holds, journal, mappings, orders, outcomes, overview, proposals, tally, tokens};
use crate::limits::Place;

/// Rows of a sheet. What is beyond is named in its last row, and found by narrower filters.
const ROWS_MAX: usize = 50_000;
/// Rows fetched at once.
const A_PAGE: u32 = 200;
/// Sheets made at once, whoever asks: each may hold a good many rows in memory.
static ROOM: Semaphore = Semaphore::const_new(3);

/// The lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum List {
    Cards,
    /// The records of one card: name it as `card`.
    CardRecords,
    /// The caller's own cards.
    Work,
    Orders,
    Outcomes,
    Tally,
    TallyRecords,
    Journal,
    Connections,
    Holds,
    Mappings,
    Proposals,
    People,
    /// The caller's own.
    Tokens,
    Deputies,
}

impl List {
    const fn name(self) -> &'static str {
        match self {
            Self::Cards => "cards",
            Self::CardRecords => "card_records",
            Self::Work => "work",
            Self::Orders => "orders",
            Self::Outcomes => "outcomes",
            Self::Tally => "tally",
            Self::TallyRecords => "tally_records",
            Self::Journal => "journal",
            Self::Connections => "connections",
            Self::Holds => "holds",
            Self::Mappings => "mappings",
            Self::Proposals => "proposals",
            Self::People => "people",
            Self::Tokens => "tokens",
            Self::Deputies => "deputies",
        }
    }
}

/// A list as rows of text.
struct Sheet {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// There is more than a sheet takes.
    cut: bool,
}

/// Writes a list to a sheet
///
/// With the parameters of the list itself, and `format`, `csv` or `xlsx`: 50,000 rows at the most. Cells that a spreadsheet would run are
/// made harmless. Sentences that may name a customer are in it for callers with the right `open` only. `card_records` wants `card`, its
/// id; `orders` takes `number`, any number of theirs, for those alone that are known by it; `people` is for administrators.
#[utoipa::path(get, path = "/sheets/{list}", operation_id = "download_list", tag = "downloads",
    params(("list" = inline(List), Path, description = "Which list"),
        ("format" = inline(Option<Kinds>), Query, description = "`csv` if not given")),
    responses((status = 200, description = "The sheet", content(
        (String = "text/csv", example = json!(examples::list_csv())),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 404, description = "There is no such list, company or card", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(list): Path<List>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let full = || {
        Problem::new(
            Kind::Unavailable,
            "Other sheets are being made.",
            "Ask again in some seconds.",
        )
    };
    let place = inside.exports()?;
    let _room = ROOM.try_acquire().map_err(|_| full())?;
    let mut asked: Vec<(String, String)> = read(query.as_deref().unwrap_or_default())?;
    asked.retain(|(_, value)| !value.trim().is_empty());
    let format = match asked
        .iter()
        .position(|(name, _)| name == "format")
        .map(|at| asked.remove(at).1)
    {
        None => Format::Csv,
        Some(format) => match format.as_str() {
            "csv" => Format::Csv,
            "xlsx" => Format::Xlsx,
            _ => return Err(Problem::unreadable("format", "A sheet is `csv` or `xlsx`.")),
        },
    };
    // A sheet begins at the beginning.
    asked.retain(|(name, _)| name != "after" && name != "limit");
    let mut sheet = sheet(&inside, list, &asked).await?;
    name_people(&inside, &mut sheet).await?;
    answer(list, format, sheet, place, inside.now())
}

fn answer(list: List, format: Format, sheet: Sheet, place: Place, now: Timestamp) -> Result<Response, Problem> {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let more = sheet.cut.then(|| {
        let mut row = vec![String::new(); sheet.header.len()];
        row[0] = format!("There is more than {ROWS_MAX} rows: narrow the filters.");
        row
    });
    let rows = sheet.rows.into_iter().chain(more);
    let bytes =
        table(format, list.name(), sheet.header, rows, now).map_err(|error| Problem::refused(list.name(), error.to_string()))?;
    let name = format!("attachment; filename=\"{}.{ending}\"", list.name());
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, place.holds(bytes)).into_response())
}

/// Columns in which somebody stands who did or is to do something. Where the id is wanted, as in the journal, its column has another name.
const WHO: [&str; 7] = [
    "by",
    "ended_by",
    "decided_by",
    "assignee",
    "put_right_by",
    "who",
    "stands_for",
];

/// A sheet is read by people: whom the store knows by an id goes by their name.
async fn name_people(inside: &Inside, sheet: &mut Sheet) -> Result<(), Problem> {
    let who: Vec<usize> = (0..sheet.header.len())
        .filter(|at| WHO.contains(&sheet.header[*at]))
        .collect();
    let cells = sheet.rows.iter().flat_map(|row| who.iter().map(|at| &row[*at]));
    let ids: BTreeSet<String> = cells.filter(|cell| person_in(cell).is_some()).cloned().collect();
    let names = people::names(&inside.parts.store, &Vec::from_iter(ids)).await?;
    for cell in sheet.rows.iter_mut().flat_map(|row| row.iter_mut().enumerate()) {
        if let (true, Some(name)) = (who.contains(&cell.0), names.get(cell.1)) {
            *cell.1 = name.clone();
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_urlencoded::from_str(text).map_err(|error| {
        let detail = error.to_string();
        Problem::unreadable(field_in(&detail).as_deref().unwrap_or("query"), detail)
    })
}

fn listing<T: DeserializeOwned>(asked: &[(String, String)]) -> Result<T, Problem> {
    read(&crate::form::written(asked))
}

fn text(value: impl ToString) -> String {
    value.to_string()
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// In UTC, as the API writes it: a sheet is read by programs, too.
fn at(at: At) -> String {
    at.0.local_in(&Zone::utc())
}

fn maybe_at(instant: Option<At>) -> String {
    instant.map(at).unwrap_or_default()
}

/// Fetches page after page, until there are no more or enough.
macro_rules! all_pages {
    ($listing:ident, $fetch:expr, $rows:expr, $row:expr) => {{
        let mut found = Vec::new();
        let mut cut = false;
        $listing.limit = Some(A_PAGE);
        loop {
            let page = $fetch;
            let next = page.next.clone();
            found.extend($rows(page).into_iter().map($row));
            $listing.after = next;
            if $listing.after.is_none() {
                break;
            }
            if found.len() >= ROWS_MAX {
                cut = true;
                break;
            }
        }
        found.truncate(ROWS_MAX);
        (found, cut)
    }};
}

async fn sheet(inside: &Inside, list: List, asked: &[(String, String)]) -> Result<Sheet, Problem> {
    match list {
        List::Cards => of_cards(inside, listing(asked)?).await,
        List::CardRecords => of_card(inside, listing(asked)?).await,
        List::Work => of_work(inside, listing(asked)?).await,
        List::Orders => of_orders(inside, listing(asked)?).await,
        List::Outcomes => of_outcomes(inside, listing(asked)?).await,
        List::Tally => of_tally(inside, listing(asked)?).await,
        List::TallyRecords => of_day(inside, listing(asked)?).await,
        List::Journal => of_journal(inside, listing(asked)?).await,
        List::Connections => of_connections(inside, listing(asked)?).await,
        List::Holds => of_holds(inside, listing(asked)?).await,
        List::Mappings => of_mappings(inside, listing(asked)?).await,
        List::Proposals => of_proposals(inside, listing(asked)?).await,
        List::People => of_people(inside, listing(asked)?).await,
        List::Tokens => of_tokens(inside, listing(asked)?).await,
        List::Deputies => of_deputies(inside, listing(asked)?).await,
    }
}

const CARD: &[&str] = &[
    "card",
    "company",
    "code",
    "what",
    "cause",
    "team",
    "severity",
    "life",
    "assignee",
    "stopped",
    "orders",
    "money",
    "opened_at",
    "due",
    "closed_at",
    "put_right_by",
    "because",
];

fn of_one_card(card: super::shape::Card) -> Vec<String> {
    vec![
        card.id,
        card.company,
        text(card.code),
        text(card.what),
        card.cause.said,
        text(card.team),
        text(card.severity),
        text(card.life),
        maybe(card.assignee),
        text(card.weight.stopped),
        text(card.weight.orders),
        card.weight.money,
        at(card.opened_at),
        maybe_at(card.due),
        maybe_at(card.closed_at),
        maybe(card.put_right_by),
        maybe(card.receipt),
    ]
}

async fn of_cards(inside: &Inside, mut wanted: cards::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        cards::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: super::shape::CardPage| page.cards,
        of_one_card
    );
    Ok(Sheet { header: CARD, rows, cut })
}

async fn of_work(inside: &Inside, wanted: overview::Asked) -> Result<Sheet, Problem> {
    let own = overview::work(inside.clone(), Query(wanted)).await?.0;
    Ok(Sheet {
        header: CARD,
        rows: own.cards.into_iter().map(of_one_card).collect(),
        cut: false,
    })
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCard {
    card: String,
    #[serde(skip)]
    after: Option<String>,
    #[serde(skip)]
    limit: Option<u32>,
}

async fn of_card(inside: &Inside, mut wanted: OfCard) -> Result<Sheet, Problem> {
    let (card, _) = cards::load(inside, &wanted.card, Right::Read).await?;
    let part = |wanted: &OfCard| cards::Part {
        after: wanted.after.clone(),
        limit: wanted.limit,
    };
    let (rows, cut) = all_pages!(
        wanted,
        cards::members_of(inside, &card, part(&wanted)).await?,
        |page: super::shape::MemberPage| page.members,
        |member| vec![
            maybe(member.reference),
            maybe(member.journey),
            maybe(member.record),
            member.stand,
            maybe(member.sentence),
            maybe(member.net),
            at(member.since),
            maybe_at(member.due),
            maybe(member.proof),
            maybe_at(member.ended_at),
        ]
    );
    Ok(Sheet {
        header: &[
            "order", "journey", "record", "stand", "sentence", "net", "since", "due", "proof", "ended_at",
        ],
        rows,
        cut,
    })
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfOrders {
    number: Option<String>,
    company: Option<String>,
}

async fn of_orders(inside: &Inside, wanted: OfOrders) -> Result<Sheet, Problem> {
    let (rows, cut) = match &wanted.number {
        Some(number) => {
            let companies = inside.companies(wanted.company.as_deref())?;
            let found = named::all(&inside.parts.store, number.trim(), &companies).await?;
            let row = |order: named::Order| {
                let mut row = vec![number.trim().to_owned(), order.company, order.journey];
                row.resize(8, String::new());
                row
            };
            (found.into_iter().map(row).collect(), false)
        }
        None => newest(inside, wanted.company).await?,
    };
    Ok(Sheet {
        header: &[
            "number",
            "company",
            "journey",
            "channel",
            "stage",
            "stands_still",
            "received_at",
            "net",
        ],
        rows,
        cut,
    })
}

async fn newest(inside: &Inside, company: Option<String>) -> Result<(Vec<Vec<String>>, bool), Problem> {
    let mut wanted = orders::Listing {
        company,
        ..orders::Listing::default()
    };
    Ok(all_pages!(
        wanted,
        orders::page_of(inside, &wanted).await?,
        |page: orders::OrderPage| page.orders,
        |order| vec![
            order.reference,
            order.company,
            order.id,
            order.channel,
            order.stage,
            text(order.stands_still),
            at(order.received_at),
            order.money,
        ]
    ))
}

async fn of_outcomes(inside: &Inside, mut wanted: outcomes::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        outcomes::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: outcomes::OutcomePage| page.outcomes,
        |outcome| vec![
            outcome.id,
            outcome.company,
            maybe(outcome.reference),
            outcome.connection,
            text(outcome.what),
            text(outcome.state),
            at(outcome.since),
            maybe_at(outcome.due),
            text(outcome.sends),
            outcome.money,
            maybe(outcome.card),
        ]
    );
    Ok(Sheet {
        header: &[
            "write",
            "company",
            "order",
            "connection",
            "what",
            "state",
            "since",
            "due",
            "sends",
            "money",
            "card",
        ],
        rows,
        cut,
    })
}

async fn of_tally(inside: &Inside, wanted: tally::Asked) -> Result<Sheet, Problem> {
    let found = tally::of_day(inside, &wanted).await?;
    let row = |source: tally::OfSource| {
        let missing = source.gaps.iter().filter(|gap| gap.cleared_at.is_none()).count();
        // Nobody knows that there is none before the source's own list was compared.
        let missing = (source.compared_at.is_some() || missing > 0).then_some(missing);
        vec![
            source.day,
            source.company,
            source.source,
            text(source.kind),
            text(source.received),
            text(source.posted),
            text(source.open),
            text(source.declined),
            text(source.again.len()),
            maybe(missing),
            text(source.whole),
            maybe_at(source.compared_at),
            maybe(source.listed),
            text(source.uncompared),
        ]
    };
    Ok(Sheet {
        header: &[
            "day",
            "company",
            "source",
            "kind",
            "received",
            "posted",
            "open",
            "declined",
            "came_again",
            "missing",
            "whole",
            "compared_at",
            "listed",
            "uncompared",
        ],
        rows: found.sources.into_iter().map(row).collect(),
        cut: false,
    })
}

async fn of_day(inside: &Inside, mut wanted: tally::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        tally::records_of(inside, &wanted).await?,
        |page: tally::RecordsOfDay| page.records,
        |record| vec![
            record.key,
            maybe(record.reference),
            maybe(record.journey),
            maybe(record.stand),
            text(record.on_a_card),
            at(record.received_at),
            maybe_at(record.made_at),
        ]
    );
    Ok(Sheet {
        header: &["key", "order", "journey", "stand", "on_a_card", "received_at", "made_at"],
        rows,
        cut,
    })
}

async fn of_journal(inside: &Inside, mut wanted: journal::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        journal::page_of(inside, &wanted).await?,
        |page: journal::JournalPage| page.lines,
        |line| vec![
            maybe(line.number),
            at(line.at),
            line.actor,
            maybe(line.name),
            line.kind,
            line.subject,
            maybe(line.what),
            maybe(line.before),
            maybe(line.after),
        ]
    );
    Ok(Sheet {
        header: &["line", "at", "actor", "name", "kind", "about", "what", "before", "after"],
        rows,
        cut,
    })
}

async fn of_connections(inside: &Inside, wanted: connections::Asked) -> Result<Sheet, Problem> {
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

async fn of_holds(inside: &Inside, wanted: connections::Asked) -> Result<Sheet, Problem> {
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

async fn of_mappings(inside: &Inside, mut wanted: mappings::Listing) -> Result<Sheet, Problem> {
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

/// Without filters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct All {}

async fn of_proposals(inside: &Inside, wanted: proposals::Asked) -> Result<Sheet, Problem> {
    let found = proposals::list(inside.clone(), Query(wanted)).await?.0;
    // A line a change: that is what somebody approves.
    let rows = found.proposals.into_iter().flat_map(|one| {
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
        one.changes.into_iter().map(row)
    });
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
        rows: rows.collect(),
        cut: false,
    })
}

async fn of_tokens(inside: &Inside, wanted: tokens::Whose) -> Result<Sheet, Problem> {
    let found = tokens::list(inside.clone(), Query(wanted)).await?.0;
    let row = |token: tokens::Token| {
        let rights: Vec<String> = token.rights.iter().map(|right| right.name().to_owned()).collect();
        let companies: Vec<String> = token.companies.into_iter().collect();
        vec![
            token.id,
            token.name,
            rights.join("; "),
            companies.join("; "),
            at(token.made),
            at(token.ends),
            maybe_at(token.ended),
        ]
    };
    Ok(Sheet {
        header: &["token", "name", "rights", "companies", "made", "ends", "ended"],
        rows: found.tokens.into_iter().map(row).collect(),
        cut: false,
    })
}

async fn of_deputies(inside: &Inside, _: All) -> Result<Sheet, Problem> {
    let found = deputies::list(inside.clone()).await?.0;
    let row = |one: deputies::Deputy| {
        vec![
            one.id,
            person(&one.person),
            maybe(one.stands_for.as_deref().map(person)),
            maybe(one.team.map(|team| team.name())),
            maybe(one.company),
            at(one.from),
            at(one.until),
            one.by,
            maybe_at(one.ended),
        ]
    };
    Ok(Sheet {
        header: &[
            "deputy",
            "who",
            "stands_for",
            "team",
            "company",
            "from",
            "until",
            "by",
            "ended_at",
        ],
        rows: found.deputies.into_iter().map(row).collect(),
        cut: false,
    })
}

async fn of_people(inside: &Inside, _: All) -> Result<Sheet, Problem> {
    let mut rows = Vec::new();
    let mut after = Some((String::new(), String::new()));
    let mut cut = false;
    while let Some(last) = after {
        let from = (last.0.as_str(), last.1.as_str());
        let page;
        (page, after) = people::list(&inside.parts.store, &inside.caller, from, i64::from(A_PAGE), inside.now()).await?;
        for listed in &page {
            let levels = listed.grants.iter().map(|granted| {
                let place = if granted.company.is_empty() {
                    "every company"
                } else {
                    &granted.company
                };
                format!("{} at {place}", granted.level)
            });
            rows.push(vec![
                listed.person.id.clone(),
                listed.person.name.clone(),
                listed.person.sign_in.clone(),
                levels.collect::<Vec<_>>().join("; "),
                text(listed.set_up),
                text(listed.code),
                text(listed.sessions),
            ]);
        }
        if rows.len() >= ROWS_MAX {
            cut = true;
            break;
        }
    }
    Ok(Sheet {
        header: &["person", "name", "sign_in", "levels", "set_up", "code", "sessions"],
        rows,
        cut,
    })
}
