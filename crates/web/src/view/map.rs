//! The flow map: three systems and five ways between them, drawn wide and, for narrow screens, from top to bottom. Red where something
//! waits for a person.
//!
//! It is a picture of figures that it is handed. Each part is a link, and says in words what it shows.

use maud::{Markup, html};

use super::mark::{Kind, mark_at};

/// One system.
pub struct System {
    /// `Channel`, `Ledger` or `Warehouse`.
    pub role: &'static str,
    pub name: String,
    /// What it did today.
    pub today: String,
    pub kind: Kind,
    /// What is known of its health: `answered 12 s ago`.
    pub health: String,
    pub href: String,
}

/// How a way is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    Flows,
    /// Something stands still until somebody clears it.
    Stuck,
    /// Nothing goes there now.
    Idle,
}

/// One way.
pub struct Lane {
    pub stroke: Stroke,
    /// `Orders, 212 an hour`.
    pub title: String,
    /// `none waits`.
    pub sub: String,
    /// The same where there is little room: `212 orders` and `an hour`.
    pub short: (String, String),
    pub href: String,
}

/// Orders, acknowledgements, releases, despatches, confirmations: in the order in which an order takes them.
pub fn flow(systems: &[System; 3], lanes: &[Lane; 5]) -> Markup {
    html! { div.map { (wide(systems, lanes)) (tall(systems, lanes)) } }
}

const NAME: &str = "Flow map: three systems and what goes between them";

fn lane(lane: &Lane, (path, tip): (&str, String), texts: Markup) -> Markup {
    let class = match lane.stroke {
        Stroke::Flows => None,
        Stroke::Stuck => Some("stuck"),
        Stroke::Idle => Some("idle"),
    };
    html! {
        a href=(lane.href) {
            g class=[class] { path.run d=(path) {} path.tip d=(tip) {} (texts) }
        }
    }
}

/// A text, and before one that is stuck the shape that says so.
fn title(lane: &Lane, (x, y): (u32, u32)) -> Markup {
    // The text stands in the middle: its left end is about three and a half pixels a letter before that.
    let letters = u32::try_from(lane.title.chars().count()).unwrap_or(0);
    let left = x.saturating_sub(letters * 7 / 2 + 22);
    html! {
        @if lane.stroke == Stroke::Stuck { (mark_at(Kind::Needs, left, y - 13)) }
        text.t x=(x) y=(y) text-anchor="middle" { (lane.title) }
    }
}

fn right(x: u32, y: u32) -> String {
    format!("M{x} {y}l-10 -5v10z")
}

fn left(x: u32, y: u32) -> String {
    format!("M{x} {y}l10 -5v10z")
}

fn up(x: u32, y: u32) -> String {
    format!("M{x} {y}l-5 10h10z")
}

fn down(x: u32, y: u32) -> String {
    format!("M{x} {y}l-5 -10h10z")
}

fn wide(systems: &[System; 3], [orders, acknowledgements, releases, despatches, confirmations]: &[Lane; 5]) -> Markup {
    let lines = |lane: &Lane, x: u32, y: u32| html! { (title(lane, (x, y - 10))) text.q x=(x) y=(y + 17) text-anchor="middle" { (lane.sub) } };
    let back = "M1016 154V190Q1016 198 1008 198H112Q104 198 104 190V166";
    html! {
        svg.wide viewBox="0 0 1120 218" role="group" aria-label=(NAME) {
            (lane(orders, ("M220 44H436", right(444, 44)), lines(orders, 332, 44)))
            (lane(acknowledgements, ("M444 110H228", left(220, 110)), lines(acknowledgements, 332, 110)))
            (lane(releases, ("M676 44H892", right(900, 44)), lines(releases, 788, 44)))
            (lane(despatches, ("M900 110H684", left(676, 110)), lines(despatches, 788, 110)))
            (lane(confirmations, (back, up(104, 156)), html! {
                (title(confirmations, (560, 188)))
                text.q x="560" y="216" text-anchor="middle" { (confirmations.sub) }
            }))
            @for (system, x) in systems.iter().zip([0, 456, 912]) { (boxed(system, (x, 8), (208, 140), true)) }
        }
    }
}

fn tall(systems: &[System; 3], [orders, acknowledgements, releases, despatches, confirmations]: &[Lane; 5]) -> Markup {
    let lines = |lane: &Lane, x: u32, y: u32| {
        html! { text.t x=(x + 12) y=(y + 40) { (lane.short.0) } text.q x=(x + 12) y=(y + 57) { (lane.short.1) } }
    };
    let downwards = |to: &Lane, y: u32| lane(to, (&format!("M20 {y}V{}", y + 78), down(20, y + 86)), lines(to, 20, y));
    let upwards = |to: &Lane, y: u32| {
        lane(
            to,
            (&format!("M130 {}V{}", y + 88, y + 10), up(130, y + 2)),
            lines(to, 130, y),
        )
    };
    let back = "M266 436H296Q308 436 308 424V56Q308 44 296 44H276";
    html! {
        svg.tall viewBox="0 0 326 480" role="group" aria-label=(NAME) {
            (downwards(orders, 98)) (upwards(acknowledgements, 98)) (downwards(releases, 294)) (upwards(despatches, 294))
            (lane(confirmations, (back, left(266, 44)), html! {
                // Above the text, whose beginning is where its length has it.
                @if confirmations.stroke == Stroke::Stuck { (mark_at(Kind::Needs, 284, 124)) }
                text.t x="300" y="156" text-anchor="end" { (confirmations.short.0) }
                text.q x="300" y="172" text-anchor="end" { (confirmations.short.1) }
            }))
            @for (system, y) in systems.iter().zip([0, 196, 392]) { (boxed(system, (0, y), (258, 88), false)) }
        }
    }
}

/// A system; with what it did today where there is room for it.
fn boxed(system: &System, (x, y): (u32, u32), (width, height): (u32, u32), roomy: bool) -> Markup {
    let last = if roomy { y + 120 } else { y + 68 };
    html! {
        a href=(system.href) {
            rect.box x=(x) y=(y) width=(width) height=(height) rx="8" {}
            text.role x=(x + 16) y=(y + 26) { (system.role) }
            text.t x=(x + 16) y=(y + 47) { (system.name) }
            @if roomy { text.q x=(x + 16) y=(y + 72) { (system.today) } }
            (mark_at(system.kind, x + 16, last - 13))
            text.q x=(x + 38) y=(last) { (system.health) }
        }
    }
}
