//! A word of theirs: what it is to mean. It is the card's own cause and no field of the form, so a form cannot map another one.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use maud::{Markup, html};
use tallyman_core::ident::Company;
use tallyman_core::mapping::plan::Change;
use tallyman_core::mapping::{Cell, Table};
use tallyman_core::sku::Sku;
use tallyman_engine::proposals;
use tallyman_engine::words;
use tallyman_store::tables::proposals::Proposal;

use super::{Given, wrong};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::mappings::{self, Meaning};
use crate::api::problem::Problem;
use crate::api::read;
use crate::api::shape::{Card, Cause};
use crate::api::trials::{self, Fix};
use crate::pages::card::{Shown, Tried};
use crate::pages::done::Done;
use crate::pages::trial::{How, buttons};
use crate::view::facts::facts;
use crate::view::field::{Text, text};
use crate::view::panel::note;
use crate::view::{Kind, Link};

/// Words that are offered at most, and as many items of the ledger.
const OFFERED_MAX: usize = 100;

/// The word of theirs that a card waits for.
pub struct Word<'a> {
    table: &'static str,
    connection: &'a str,
    theirs: &'a str,
}

impl<'a> Word<'a> {
    pub fn of(cause: &'a Cause) -> Option<Self> {
        Some(Self {
            table: cause.table?,
            connection: cause.connection.as_deref().unwrap_or_default(),
            theirs: cause.theirs.as_deref()?,
        })
    }

    fn may(&self, inside: &Inside, company: &str) -> bool {
        Table::parse(self.table).is_some_and(|table| inside.has(Right::to_map(table), company))
    }

    /// What is tried on the card's records.
    pub fn fix(&self, ours: &str) -> Fix {
        Fix::Map(trials::Meaning::new(self.table, self.connection, self.theirs, ours))
    }

    /// Says what it means.
    pub async fn map(&self, inside: &Inside, given: &Given) -> Result<Done, Problem> {
        let meaning = Meaning {
            table: self.table.to_owned(),
            connection: self.connection.to_owned(),
            theirs: self.theirs.to_owned(),
            ours: given.ours.clone(),
            reason: given.why.clone(),
            one_first: given.how == How::First,
        };
        let Json(meant) = mappings::set(inside.clone(), read::Json(meaning)).await?;
        Ok(Done::of_meaning(&meant))
    }

    pub fn form(&self, inside: &Inside, shown: &Shown, tried: &Tried) -> Markup {
        let noun = Table::parse(self.table).map_or(self.table, Table::noun);
        let history = Link::to("/mappings/words")
            .and("table", Some(self.table))
            .and("connection", Some(self.connection))
            .and("theirs", Some(self.theirs));
        let means = match &shown.word.today {
            Some(ours) => html! { code { (ours) } },
            None => html! { "nothing yet" },
        };
        let about = facts(&[
            ("Table", html! { (noun) }),
            ("Connection", html! { code { (self.connection) } }),
            (
                "Their word",
                html! { code { (self.theirs) } " " a href=(history) { "History" } },
            ),
            // Often it is this that is wrong, and no gap.
            ("Means today", means),
        ]);
        let ours = Text {
            name: "ours",
            label: "Means, in our words",
            value: &tried.given.ours,
            chars_max: 200,
            required: true,
            list: Some("known"),
            ..Text::default()
        };
        html! {
            @if self.may(inside, &shown.stored.company) {
                form.form action={ "/cards/" (shown.card.id) "/fix-it" } method="post" {
                    (about)
                    (waiting(shown))
                    (text(ours, wrong(tried)))
                    datalist #known { @for (word, name) in &shown.word.offered { option value=(word) { (name) } } }
                    (text(Text::reason("why", &tried.given.why), wrong(tried)))
                    (buttons(self.table, &format!("Try on all {}", shown.card.weight.stopped)))
                }
            } @else {
                (about)
                (waiting(shown))
                p.muted { "Somebody who may say what words mean puts this right; all its orders go on by themselves then." }
            }
        }
    }
}

/// What was proposed and does not count yet.
fn waiting(shown: &Shown) -> Markup {
    html! {
        @for (proposal, ours) in &shown.word.proposed {
            (note(Kind::Waiting, html! {
                a href={ "/proposals/" (proposal.id) } { "1 change by " (proposal.made_by) } " waits for a second person: it would mean "
                @match ours { Some(ours) => code { (ours) }, None => "nothing" } "."
            }))
        }
    }
}

/// What is known of the word that a card waits for.
#[derive(Default)]
pub struct Known {
    /// What it means today; nothing where nobody has said so, or it was taken back.
    pub today: Option<String>,
    /// To choose from, each with its name in the ledger: items whose codes are near, and what words of the same table and connection mean
    /// already.
    pub offered: BTreeMap<String, String>,
    /// Proposals about it that wait, each with what it would mean.
    pub proposed: Vec<(Proposal, Option<String>)>,
}

pub async fn known(inside: &Inside, card: &Card) -> Result<Known, Problem> {
    let Some(word) = Word::of(&card.cause) else {
        return Ok(Known::default());
    };
    let cell = words::cell(word.table, word.connection, word.theirs)?;
    let Some(known) = inside.known_of(&card.company).await? else {
        return Ok(Known::default());
    };
    let mappings = &known.mappings;
    let may = word.may(inside, &card.company) && card.closed_at.is_none();
    let alike = mappings.current(cell.table, &cell.scope).filter(|_| may);
    let facts = inside.facts(&Company::new(card.company.as_str())).await?;
    let name = |ours: &str| {
        let sku = Sku::parse(ours).ok().filter(|_| cell.table == Table::Sku)?;
        Some(facts.as_ref()?.item(&sku)?.name.clone())
    };
    let ours: BTreeSet<&str> = alike.filter_map(|row| row.ours.as_deref()).collect();
    let ours = ours
        .into_iter()
        .take(OFFERED_MAX)
        .map(|ours| (ours.to_owned(), name(ours).unwrap_or_default()));
    let their_own = Sku::parse(&cell.theirs).ok().filter(|_| may && cell.table == Table::Sku);
    let near = facts.as_ref().zip(their_own.as_ref());
    let near = near.into_iter().flat_map(|(facts, sku)| facts.near(sku, OFFERED_MAX));
    let near = near
        .filter(|item| item.may_be_sold)
        .map(|item| (item.sku.to_string(), item.name.clone()));
    Ok(Known {
        today: mappings.row(&cell).and_then(|row| row.ours.clone()),
        proposed: proposed(inside, card, &cell).await?,
        offered: ours.chain(near).collect(),
    })
}

async fn proposed(inside: &Inside, card: &Card, cell: &Cell) -> Result<Vec<(Proposal, Option<String>)>, Problem> {
    if !proposals::is_for(cell.table) || card.closed_at.is_some() {
        return Ok(Vec::new());
    }
    let waiting = proposals::list(&inside.parts.store, std::slice::from_ref(&card.company), true).await?;
    let ours = |proposal: &Proposal| {
        let is_its = |change: &&Change| {
            (&change.cell.scope, change.cell.table, change.cell.normal()) == (&cell.scope, cell.table, cell.normal())
        };
        Some(proposal.changes.iter().find(is_its)?.after.clone())
    };
    Ok(waiting
        .into_iter()
        .filter_map(|proposal| Some((ours(&proposal)?, proposal)))
        .map(|(ours, proposal)| (proposal, ours))
        .collect())
}
