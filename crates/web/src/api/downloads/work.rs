//! Rows of what people work on: cards, orders and writes.

use serde::Deserialize;
use tallyman_engine::named;

use super::rows::{A_PAGE, ROWS_MAX, Sheet, all_pages, at, maybe, maybe_at, text};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Query;
use crate::api::{cards, orders, outcomes, overview, put_off, shape};

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

fn of_one_card(card: shape::Card) -> Vec<String> {
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

pub async fn of_cards(inside: &Inside, mut wanted: cards::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        cards::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: shape::CardPage| page.cards,
        of_one_card
    );
    Ok(Sheet { header: CARD, rows, cut })
}

pub async fn of_work(inside: &Inside, wanted: overview::Asked) -> Result<Sheet, Problem> {
    let own = overview::work(inside.clone(), Query(wanted)).await?.0;
    Ok(Sheet {
        header: CARD,
        rows: own.cards.into_iter().map(of_one_card).collect(),
        cut: false,
    })
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfCard {
    card: String,
    #[serde(skip)]
    after: Option<String>,
    #[serde(skip)]
    limit: Option<u32>,
}

pub async fn of_card(inside: &Inside, mut wanted: OfCard) -> Result<Sheet, Problem> {
    let (card, _) = cards::load(inside, &wanted.card, Right::Read).await?;
    let part = |wanted: &OfCard| cards::Part {
        after: wanted.after.clone(),
        limit: wanted.limit,
    };
    let (rows, cut) = all_pages!(
        wanted,
        cards::members_of(inside, &card, part(&wanted)).await?,
        |page: shape::MemberPage| page.members,
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
pub struct OfOrders {
    number: Option<String>,
    company: Option<String>,
}

pub async fn of_orders(inside: &Inside, wanted: OfOrders) -> Result<Sheet, Problem> {
    let (rows, cut) = match &wanted.number {
        Some(number) => {
            let companies = inside.companies_with(Right::Follow, wanted.company.as_deref())?;
            inside.searches()?;
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

pub async fn of_outcomes(inside: &Inside, mut wanted: outcomes::Listing) -> Result<Sheet, Problem> {
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

pub async fn of_retries(inside: &Inside, mut wanted: put_off::Listing) -> Result<Sheet, Problem> {
    let (rows, cut) = all_pages!(
        wanted,
        put_off::list(inside.clone(), Query(wanted.clone())).await?.0,
        |page: put_off::PutOffPage| page.retries,
        |write| vec![
            write.id,
            write.company,
            maybe(write.reference),
            write.connection,
            text(write.what),
            text(write.because),
            at(write.since),
            at(write.due),
            text(write.sends),
            text(write.pauses),
            write.money,
        ]
    );
    Ok(Sheet {
        header: &[
            "write",
            "company",
            "order",
            "connection",
            "what",
            "because",
            "since",
            "due",
            "sends",
            "pauses",
            "money",
        ],
        rows,
        cut,
    })
}
