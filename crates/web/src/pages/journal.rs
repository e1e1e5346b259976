//! Journal: who did what, the newest first; filtered, downloaded, verified.

use maud::{Markup, html};
use serde::Deserialize;
use tallyman_core::access::HOUSE;
use tallyman_core::time::Date;
use tallyman_engine::story::spoken;

use super::{companies, local, sheet};
use crate::api::access::Right;
use crate::api::inside::Inside;
use crate::api::journal::{self, JournalLine, JournalPage, Listing, PEOPLE, Whose};
use crate::api::problem::Problem;
use crate::api::read;
use crate::form::Query;
use crate::view::field::{Text, choice, field, options, text};
use crate::view::frame::{head, pager};
use crate::view::panel::{empty, note};
use crate::view::time::Local;
use crate::view::{Frame, Kind, Link, Page, Place, capital, count, live, page};

const A_PAGE: u32 = 30;

/// Which lines, and whether the journal is verified.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    company: Option<String>,
    actor: Option<String>,
    kind: Option<String>,
    subject: Option<String>,
    day: Option<Date>,
    people: Option<String>,
    after: Option<String>,
    verify: Option<String>,
}

impl Asked {
    fn listing(&self) -> Listing {
        Listing {
            company: self.company.clone(),
            actor: self.actor.clone(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            day: self.day,
            people: self.people.is_some(),
            after: self.after.clone(),
            limit: Some(A_PAGE),
        }
    }

    fn link(&self, path: &str) -> Link {
        let day = self.day.map(|day| day.to_string());
        Link::to(path)
            .and("company", self.company.as_deref())
            .and("actor", self.actor.as_deref())
            .and("kind", self.kind.as_deref())
            .and("subject", self.subject.as_deref())
            .and("day", day.as_deref())
            .and("people", self.people.as_ref().map(|_| "on"))
    }

    fn filters(&self) -> bool {
        self.actor.is_some() || self.kind.is_some() || self.subject.is_some() || self.day.is_some() || self.people.is_some()
    }
}

/// The page.
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<Page, Problem> {
    let found = journal::page_of(&inside, &asked.listing()).await?;
    let whose = Whose {
        company: asked.company.clone(),
    };
    let verified = match asked.verify {
        Some(_) => Some(journal::verified(inside.clone(), read::Query(whose)).await?.0),
        None => None,
    };
    let end = html! {
        (sheet::links(&asked.link("/sheets/journal")))
        a.btn href=(asked.link("/journal").and("verify", Some("on"))) { "Verify" }
    };
    let sub = "What was decided and done, and by whom. Nothing in it can be altered without that being found.";
    let total = count(found.lines.len() as u64, "line on this page", "lines on this page");
    let local = local(&inside, &found.company);
    let body = html! {
        (head(None, html! { "Journal" }, html! { (sub) }, end))
        @if let Some(verified) = &verified { (what_was_found(verified)) }
        section.panel aria-label="Lines" {
            (filters(&inside, &asked, &found))
            @if found.lines.is_empty() { (nothing(&asked, found.next.is_some())) } @else { (table(&inside, &found, &local, &asked)) }
            (pager(&asked.link("/journal"), asked.after.is_some(), found.next.as_deref(), &total))
        }
    };
    // What verifying found is of its moment, and is not walked through again with every line.
    let body = if verified.is_none() {
        live(&["journal"], "journal", body)
    } else {
        body
    };
    Ok(page(&Frame::of(&inside, Place::Journal), "Journal", body))
}

fn what_was_found(verified: &journal::VerifiedJournal) -> Markup {
    match (&verified.root, &verified.why) {
        (Some(root), _) => note(
            Kind::Done,
            html! {
                b { "Nothing was altered." } " " (count(verified.lines, "line is linked", "lines are linked")) "; the root is "
                code.lines { (root) } ". Keep it elsewhere: whoever has it can tell later whether a line was taken out or put in."
                @if verified.open > 0 {
                    " " (count(verified.open, "newer line is not linked yet", "newer lines are not linked yet")) ": verify again in a minute to have them in."
                }
            },
        ),
        (None, why) => note(
            Kind::Needs,
            html! {
                b { "The journal was altered" } @if let Some(why) = why { ": " (why) } ". Keep the database as it is, and compare it with your backups."
            },
        ),
    }
}

fn filters(inside: &Inside, asked: &Asked, found: &JournalPage) -> Markup {
    let mut companies = companies(inside, None);
    if inside.caller.may(Right::People, HOUSE, None).is_ok() {
        companies.push((PEOPLE.to_owned(), "People".to_owned()));
    }
    let kinds = options([
        ("", "Everything"),
        ("order", "Orders"),
        ("shipment", "Shipments"),
        ("effect", "Writes"),
        ("card", "Cards"),
        ("hold", "Holds"),
        ("connection", "Connections"),
        ("mapping", "Mappings"),
        ("proposal", "Proposals"),
        ("amend", "Amendments"),
        ("exchange", "What was unmasked"),
        ("sweep", "Sweeps"),
        ("alert", "Alert routes"),
        ("handbook", "The handbook"),
        ("person", "People"),
        ("deputy", "Deputies"),
        ("token", "Tokens"),
        ("session", "Sessions"),
        ("erased", "Erasures"),
    ]);
    let line = |name, label, value, placeholder| Text {
        name,
        label,
        value,
        placeholder,
        chars_max: 200,
        ..Text::default()
    };
    // Whoever followed a link to one person's lines reads the name; sent again, it is looked for by that.
    let who = asked.actor.as_deref().unwrap_or_default();
    let named = found.lines.iter().find(|line| line.actor == who);
    let who = named.and_then(|line| line.name.as_deref()).unwrap_or(who);
    let day = asked.day.map(|day| day.to_string()).unwrap_or_default();
    let day = html! { input #day name="day" type="date" value=(day); };
    html! {
        form.filters action="/journal" aria-label="Filter the journal" {
            @if companies.len() > 1 { (choice("company", "Whose", &companies, &found.company)) }
            (choice("kind", "What", &kinds, asked.kind.as_deref().unwrap_or_default()))
            (field("day", "Day", day, None, None))
            (text(line("actor", "Who", who, Some("A name or a part")), None))
            (text(line("subject", "About", asked.subject.as_deref().unwrap_or_default(), None), None))
            div.pick { input #people type="checkbox" name="people" checked[asked.people.is_some()]; label for="people" { "People only" } }
            button { "Filter" }
        }
    }
}

fn table(inside: &Inside, found: &JournalPage, local: &Local, asked: &Asked) -> Markup {
    let follows = inside.has(Right::Follow, &found.company);
    html! {
        table.fold {
            caption.hidden { "Lines, the newest first" }
            thead { tr {
                th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Before" } th scope="col" { "After" } th scope="col" { "About" } th.n scope="col" { "Line" }
            } }
            tbody { @for line in &found.lines { (row(line, follows, local, asked)) } }
        }
    }
}

fn row(line: &JournalLine, follows: bool, local: &Local, asked: &Asked) -> Markup {
    let bare = Link::to("/journal").and("company", asked.company.as_deref());
    html! {
        tr id={ "line-" (line.id) } {
            td.nowrap { (local.exactly(line.at.0)) }
            td data-h="Who" { a href=(bare.clone().and("actor", Some(&line.actor))) { (line.name.as_deref().unwrap_or(&line.actor)) } }
            td.wide data-h="What" {
                (called(&line.kind))
                @match (&line.what, line.content) {
                    (Some(what), _) => div.sub.lines { (spoken(what)) },
                    (None, "closed") => div.sub { "What it says may name a customer; whoever may open that sees it." },
                    (None, "erased") => div.sub { "What it said was erased." },
                    (None, _) => {},
                }
            }
            (value(line, "Before", &line.before))
            (value(line, "After", &line.after))
            td data-h="About" { (about(line, follows, &bare)) }
            td.n data-h="Line" { @if let Some(number) = line.number { (number) } @else { span.muted { "not yet linked" } } }
        }
    }
}

/// What sort of line it is, in the words of the filter and of the order's own story.
fn called(kind: &str) -> String {
    let (thing, done) = kind.split_once('.').unwrap_or((kind, ""));
    let thing = match thing {
        "effect" => "write",
        "exchange" => "what was said",
        thing => thing,
    };
    let done = done.replace('_', " ");
    let colon = if done.is_empty() { "" } else { ": " };
    capital(&format!("{thing}{colon}{done}"))
}

/// What something was or is, of a line whose act changed it.
fn value(line: &JournalLine, called: &str, value: &Option<String>) -> Markup {
    let has_changed = line.before.is_some() || line.after.is_some();
    html! {
        td data-h=[has_changed.then_some(called)] {
            @match value {
                Some(value) => span.lines { (value) },
                None if has_changed => span.muted { "nothing" },
                None => {},
            }
        }
    }
}

/// To all that was done to the same thing, and to the thing itself where it has a page that they may see.
fn about(line: &JournalLine, follows: bool, bare: &Link) -> Markup {
    let thing = match line.kind.split('.').next() {
        Some(
            "amended" | "order" | "effect" | "shipment" | "ledger" | "warehouse" | "channel" | "journey" | "amendment"
            | "exchange" | "draft",
        ) => follows.then(|| format!("/orders/{}", line.subject)),
        Some("card") => Some(format!("/cards/{}", line.subject)),
        Some("proposal") => Some(format!("/proposals/{}", line.subject)),
        Some("mapping") => word(&line.subject),
        Some("hold" | "connection") => Some("/connections".to_owned()),
        Some(_) | None => None,
    };
    let thing = thing.filter(|_| !line.subject.is_empty());
    html! {
        @if !line.subject.is_empty() { a.mono href=(bare.clone().and("subject", Some(&line.subject))) { (line.subject) } }
        @if let Some(thing) = thing { div.sub { a href=(thing) { "Open" } } }
    }
}

/// The page of a word, of a line that is about one.
fn word(subject: &str) -> Option<String> {
    let mut parts = subject.splitn(3, '/');
    let (table, connection, theirs) = (parts.next()?, parts.next()?, parts.next()?);
    let page = Link::to("/mappings/words")
        .and("table", Some(table))
        .and("connection", Some(connection))
        .and("theirs", Some(theirs));
    Some(page.to_string())
}

fn nothing(asked: &Asked, more: bool) -> Markup {
    if more {
        return empty(
            "Nothing here yet",
            html! { "The lines of this page were looked through, and none is like that. The next page goes on." },
        );
    }
    if asked.filters() {
        return empty(
            "No line is like that",
            html! { "Take a filter away, or " a href="/journal" { "see all lines" } "." },
        );
    }
    empty(
        "Nothing was written yet",
        html! { "Each order that is taken in, each write, and whatever a person does leaves a line here, in the moment in which it is done." },
    )
}
