//! Proposals: what customers and tax rates are to mean, which counts when a second person has approved it. Each with what changes, what it would
//! heal, and the form for whoever may decide.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_engine::proposals as engine;

use super::answer::{above, again, leads_to};
use super::done::{Done, notice};
use super::mappings::noun;
use super::{another_link, local, sheet, trial};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::proposals::{self, Instead, Proposal, WithEffect, Word};
use crate::api::read::{self, Path};
use crate::api::sheets::Changed;
use crate::api::trials::Meaning;
use crate::api::word_trials::{self, WordTrial};
use crate::form::{Form, Query};
use crate::view::facts::facts;
use crate::view::field::{Text, Wrong, text};
use crate::view::frame::{head, pager};
use crate::view::mark::state;
use crate::view::panel::{empty, note, panel, raw};
use crate::view::{Frame, Kind, Link, Page, Place, count, live, page};

/// Changes that are shown one by one.
const SHOWN_MAX: usize = 100;

/// Which of them, and what has just been done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    all: Option<bool>,
    after: Option<String>,
    done: Option<Done>,
    /// Whether its first words are tried on what came before.
    tried: Option<bool>,
}

/// The list.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let all = asked.all.unwrap_or_default();
    let query = proposals::Asked {
        all,
        after: asked.after.clone(),
        ..Default::default()
    };
    let Json(found) = proposals::list(inside.clone(), read::Query(query)).await?;
    let sub = "What customers and tax rates mean decides what is posted where. Who proposes a change does not approve it.";
    let link = |path: &str, all: bool| Link::to(path).and("all", all.then_some("true"));
    let tab = |word: &str, its: bool| {
        let link = link("/proposals", its);
        html! { a href=(link) aria-current=[(its == all).then_some("page")] { (word) } }
    };
    let end = sheet::links(&link("/sheets/proposals", all));
    let body = html! {
        (head(Some(html! { a href="/mappings" { "Mappings" } }), html! { "Proposals" }, html! { (sub) }, end))
        (notice(asked.done))
        (another_link(&inside))
        section.panel aria-label="Proposals" {
            nav.tabs aria-label="Which proposals" { (tab("Waiting", false)) (tab("All", true)) }
            @if found.proposals.is_empty() {
                (empty("Nothing waits for a second person", html! { "When somebody says what a customer or a tax rate means, on a card, in the mappings or by a sheet, it appears here until another person has approved it." }))
            } @else {
                (table(&inside, &found.proposals))
                (pager(&link("/proposals", all), asked.after.is_some(), found.next.as_deref(), &count(found.proposals.len() as u64, "proposal on this page", "proposals on this page")))
            }
        }
    };
    let body = live(&["proposals"], "proposals", body);
    Ok(page(&Frame::of(&inside, Place::Proposals), "Proposals", body))
}

fn standing(proposal: &Proposal) -> (Kind, &'static str) {
    match proposal.state {
        "approved" => (Kind::Done, "Approved"),
        "rejected" => (Kind::None, "Rejected"),
        "withdrawn" => (Kind::None, "Taken back"),
        _ if proposal.may_approve => (Kind::Needs, "Waits for you"),
        _ => (Kind::Waiting, "Waits for a second person"),
    }
}

fn change(change: &Changed) -> Markup {
    html! {
        (noun(change.table)) " " code { (change.theirs) } ": "
        @match &change.before { Some(before) => { code { (before) } " becomes " }, None => "" }
        @match &change.after { Some(after) => code { (after) }, None => "nothing" }
    }
}

fn table(inside: &Inside, found: &[Proposal]) -> Markup {
    html! {
        table.fold {
            caption.hidden { "Proposals" }
            thead { tr { th scope="col" { "What" } th scope="col" { "By" } th scope="col" { "State" } th scope="col" { "Company" } th.n scope="col" { "Since" } } }
            tbody {
                @for proposal in found {
                    @let (kind, word) = standing(proposal);
                    tr {
                        td.wide {
                            a.title href={ "/proposals/" (proposal.id) } { (count(proposal.changes.len() as u64, "change", "changes")) }
                            @if let Some(first) = proposal.changes.first() { div.sub { (change(first)) } }
                        }
                        td data-h="By" { (proposal.by) }
                        td data-h="State" { (state(kind, word)) }
                        td data-h="Company" { (proposal.company) }
                        td.n data-h="Since" { (local(inside, &proposal.company).at(proposal.at.0)) }
                    }
                }
            }
        }
    }
}

/// One of them.
pub async fn show(inside: Inside, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    render(&inside, &id, &asked, None, &Said::default()).await
}

/// Why somebody decides as they do.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    reason: String,
    /// What the word is to mean instead, where that is said.
    ours: Option<String>,
}

/// Approves it, or does not.
pub async fn decide(
    inside: Inside,
    Path((id, act)): Path<(String, String)>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let word = || {
        read::Json(Word {
            reason: said.reason.clone(),
        })
    };
    let decided = match act.as_str() {
        "approve" => proposals::approve(inside.clone(), Path(id.clone()), word())
            .await
            .map(|_| Done::Approved),
        "reject" => proposals::reject(inside.clone(), Path(id.clone()), word())
            .await
            .map(|_| Done::Rejected),
        "edit" => {
            let instead = Instead {
                ours: said.ours.clone().unwrap_or_default(),
                reason: said.reason.clone(),
            };
            let edited = proposals::edit(inside.clone(), Path(id.clone()), read::Json(instead)).await;
            // What is proposed in its place has a page of its own.
            match edited.map(|Json(meant)| meant.proposed) {
                Ok(Some(other)) => return Ok(leads_to(Link::to(format!("/proposals/{other}")), Done::Proposed)),
                Ok(None) => Ok(Done::Rejected),
                Err(refused) => Err(refused),
            }
        }
        other => Err(Problem::not_found("act", other, "The proposal’s page has all there are.")),
    };
    match decided {
        Ok(done) => Ok(leads_to(Link::to(format!("/proposals/{id}")), done)),
        Err(refused) => {
            let page = render(&inside, &id, &Asked::default(), Some(&refused), &said).await;
            again(page, refused)
        }
    }
}

async fn render(inside: &Inside, id: &str, asked: &Asked, refused: Option<&Problem>, said: &Said) -> Result<Page, Problem> {
    let Json(found) = proposals::get(inside.clone(), Path(id.to_owned())).await?;
    let proposal = &found.proposal;
    let local = local(inside, &proposal.company);
    let (kind, word) = standing(proposal);
    let trail = html! { a href="/mappings" { "Mappings" } " / " a href="/proposals" { "Proposals" } " / " (proposal.company) };
    let title = count(
        proposal.changes.len() as u64,
        "change that decides posting",
        "changes that decide posting",
    );
    let mut about = vec![
        ("State", state(kind, word)),
        ("Proposed by", html! { (proposal.by) ", " (local.at(proposal.at.0)) }),
        ("Why", html! { span.lines { (proposal.reason) } }),
    ];
    if let Some(decided) = &proposal.decided {
        about.push((
            "Decided by",
            html! { (decided.by) ", " (local.at(decided.at.0)) ": “" span.lines { (decided.reason) } "”" },
        ));
    }
    let tried = match asked.tried {
        Some(true) => trials(inside, proposal).await?,
        _ => Vec::new(),
    };
    let body = html! {
        (head(Some(trail), html! { (title) }, html! { "Nothing of it counts before another person has approved it." }, html! {}))
        (above(refused, asked.done))
        (alone(inside, &found).await?)
        div.two {
            div.stack {
                (raw("changes", "What changes", None, changes(proposal)))
                @if proposal.state == "open" { (panel("effect", "What it would heal", Some("tried now; nothing is written"), effect(inside, &found))) }
                @for trial in &tried { (trial::of_word(inside, trial)) }
            }
            div.stack {
                (panel("about", "The proposal", None, facts(&about)))
                @if proposal.state == "open" { (panel("decide", "Your word", None, html! { (forms(proposal, said)) (edit(inside, proposal, said, refused)) })) }
            }
        }
    };
    // What was refused, or tried, stands on this answer, and is not done again with every change elsewhere.
    let body = if refused.is_none() && tried.is_empty() {
        live(&[&format!("proposals/{}", proposal.id)], "proposal", body)
    } else {
        body
    };
    Ok(page(&Frame::of(inside, Place::Proposals), "A proposal", body))
}

/// Words of a proposal that are tried at once.
const TRIED_MAX: usize = 3;

/// What the first of its words would have changed in what came before, for whoever may say what such words mean.
async fn trials(inside: &Inside, proposal: &Proposal) -> Result<Vec<WordTrial>, Problem> {
    let mut tried = Vec::new();
    for change in proposal.changes.iter().take(TRIED_MAX) {
        let meaning = Meaning::of(change.table, &change.connection, &change.theirs, change.after.as_deref());
        let Json(trial) = word_trials::try_word(inside.clone(), read::Json(meaning)).await?;
        tried.push(trial);
    }
    Ok(tried)
}

/// That there is nobody, or only one, who may approve: said before somebody waits in vain.
async fn alone(inside: &Inside, found: &WithEffect) -> Result<Markup, Problem> {
    let proposal = &found.proposal;
    if proposal.state != "open" || found.approvers > 1 {
        return Ok(html! {});
    }
    if inside.entrants.is_some() {
        return Ok(another_link(inside));
    }
    let may = engine::who_may(&inside.parts.store, &proposal.company).await?;
    let sentence = match may.as_slice() {
        [only] => format!(
            "{} is the only one who may approve at {}. What they propose themselves waits until a second person may.",
            only.name, proposal.company
        ),
        _ => format!("Nobody who signs in may approve at {} yet.", proposal.company),
    };
    Ok(note(
        Kind::Needs,
        html! { (sentence) " An administrator gives the level " a href="/settings/people" { "under People" } "." },
    ))
}

fn changes(proposal: &Proposal) -> Markup {
    html! {
        table.fold {
            caption.hidden { "What changes" }
            thead { tr { th scope="col" { "Table" } th scope="col" { "Their word" } th scope="col" { "Means today" } th scope="col" { "Is to mean" } th scope="col" { "Connection" } } }
            tbody {
                @for change in proposal.changes.iter().take(SHOWN_MAX) {
                    @let word = Link::to("/mappings/words").and("table", Some(change.table)).and("connection", Some(&change.connection)).and("theirs", Some(&change.theirs));
                    tr {
                        td { (noun(change.table)) }
                        td data-h="Their word" { a.title href=(word) { (change.theirs) } }
                        td data-h="Means today" { @match &change.before { Some(before) => code { (before) }, None => span.muted { "nothing" } } }
                        td data-h="Is to mean" { @match &change.after { Some(after) => code { (after) }, None => span.old { "nothing any more" } } }
                        td data-h="Connection" { code { (change.connection) } }
                    }
                }
            }
        }
        @if proposal.changes.len() > SHOWN_MAX { p.foot { "and " (proposal.changes.len() - SHOWN_MAX) " more" } }
    }
}

fn effect(inside: &Inside, found: &WithEffect) -> Markup {
    let proposal = &found.proposal;
    let tried = Link::to(format!("/proposals/{}", proposal.id)).and("tried", Some("true"));
    html! {
        @if found.heals.is_empty() { p.muted { "No card that you could put right waits for one of these words. What comes from now on is decided by them." } }
        @for heals in &found.heals {
            p { "Heals " b { (heals.heals) " of " (heals.of) } " records of card " a.mono href={ "/cards/" (heals.card) } { (heals.card) } "." }
        }
        @if inside.has(Right::MapMoney, &proposal.company) {
            div.acts { a.btn href={ (tried) "#trial" } { "Try it on what came before" } }
            p.muted.small {
                "How many orders would have been decided otherwise, what they are worth, and the first ten. Nothing is written."
                @if proposal.changes.len() > TRIED_MAX { " Of this proposal the first " (TRIED_MAX) " words are tried." }
            }
        }
    }
}

/// The form for something else in its place: of one word, for whoever may end this proposal and propose another.
fn edit(inside: &Inside, proposal: &Proposal, said: &Said, refused: Option<&Problem>) -> Markup {
    let may = (proposal.may_approve || proposal.own) && inside.has(Right::MapMoney, &proposal.company);
    let [Changed { after: Some(after), .. }] = proposal.changes.as_slice() else {
        return html! {};
    };
    let ours = Text {
        name: "ours",
        label: "Is to mean",
        value: said.ours.as_deref().unwrap_or(after),
        chars_max: 200,
        required: true,
        ..Text::default()
    };
    let why = Text {
        id: "why-edit",
        label: "Why it is to mean that",
        ..Text::reason("reason", if said.ours.is_some() { &said.reason } else { "" })
    };
    html! {
        @if may {
            details.act open[said.ours.is_some()] {
                summary { "Change it …" }
                form.form action={ "/proposals/" (proposal.id) "/edit" } method="post" {
                    p.muted { "What you propose takes the place of this, and waits for another person than you." }
                    (text(ours, Wrong::of(refused)))
                    (text(why, None))
                    div.acts { button { "Propose it instead" } }
                }
            }
        }
    }
}

fn forms(proposal: &Proposal, said: &Said) -> Markup {
    // What was said of something else is no reason to approve this.
    let why = Text::reason("reason", if said.ours.is_some() { "" } else { &said.reason });
    html! {
        @if proposal.may_approve {
            form.form action={ "/proposals/" (proposal.id) "/approve" } method="post" {
                (text(why, None))
                div.acts { button.main { "Approve" } button formaction={ "/proposals/" (proposal.id) "/reject" } { "Reject" } }
            }
        } @else if proposal.own {
            form.form action={ "/proposals/" (proposal.id) "/reject" } method="post" {
                p { "You proposed it, so another person decides. You may take it back." }
                (text(why, None))
                div.acts { button { "Take it back" } }
            }
        } @else {
            p.muted { "Somebody who may approve looks at it, who is not the one who proposed it." }
        }
    }
}
