//! The flow map: three systems and five ways between them, each with its rate, its queue, and the card that stops most of it.

use std::collections::BTreeMap;
use std::time::Duration;

use tallyman_core::catalogue::Again;
use tallyman_core::effect::Kind;
use tallyman_core::flow::{Clear, Way};
use tallyman_core::hold::{Hold, Scope};
use tallyman_core::ident::Connection;
use tallyman_core::journey::Route;
use tallyman_core::tally;
use tallyman_core::time::Timestamp;
use tallyman_store::tables::{connections, flow, holds};
use tallyman_store::{Tx, UnitError};

use super::{Feed, Need, Needs, Source};
use crate::connections::State;
use crate::parts::Merchant;
use crate::worker;

/// Rates are those of so long.
pub const RATE_SPAN: Duration = Duration::from_secs(3_600);
/// More messages than this that nothing was decided about are not counted.
const UNDECIDED_MAX: i64 = 10_000;
/// More writes than this that were put off are not told apart from what waits, and then nobody can tell when that is clear.
pub const PUT_OFF_MAX: usize = 1_000;

/// One system in its role.
#[derive(Debug, Clone)]
pub struct System {
    /// `channel`, `ledger` or `warehouse`.
    pub role: &'static str,
    pub connection: Connection,
    /// When one of its feeds last finished a round; none before the first.
    pub answered_at: Option<Timestamp>,
    /// Nothing is sent until then.
    pub paused_until: Option<Timestamp>,
    /// Refusals since it last answered well.
    pub failures: u32,
    /// How it stands, as Connections says it.
    pub state: State,
    /// What came or was posted today; none where that is not known.
    pub today: Option<u64>,
}

/// The card that stops most of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    pub card: String,
    pub what: &'static str,
    pub team: tallyman_core::catalogue::Owner,
}

/// One way.
#[derive(Debug, Clone)]
pub struct Arrow {
    pub way: Way,
    /// Carried out within [`RATE_SPAN`].
    pub done: u64,
    /// What goes on by itself as soon as its turn comes.
    pub waiting: u64,
    /// What was put off and goes on by itself later, and when the first of it does. It is no part of what waits: no rate clears it sooner.
    pub put_off: u64,
    pub put_off_until: Option<Timestamp>,
    /// What stands still until somebody clears a card.
    pub stopped: u64,
    pub stuck: Option<Stuck>,
    /// Until when people keep all that waits there from being sent.
    pub held_until: Option<Timestamp>,
    pub clear: Clear,
}

#[derive(Debug, Clone)]
pub struct Map {
    pub systems: [System; 3],
    pub arrows: Vec<Arrow>,
    /// Writes that are asked about by themselves: nobody can tell yet whether they were carried out.
    pub unknown: u64,
}

impl Map {
    pub fn arrow(&self, way: Way) -> Option<&Arrow> {
        self.arrows.iter().find(|arrow| arrow.way == way)
    }
}

/// Which way each card stops, of those that stop one.
pub(super) async fn stuck(
    tx: &mut Tx<'_>,
    needs: &Needs,
    kinds: &mut BTreeMap<String, Option<Kind>>,
) -> Result<BTreeMap<String, Way>, UnitError> {
    let mut found = BTreeMap::new();
    kinds.retain(|id, _| needs.cards.iter().any(|need| need.card.id == *id));
    for need in needs.cards.iter().filter(|need| need.stopped() > 0) {
        let id = &need.card.id;
        let kind = match (need.code().entry().again, kinds.get(id)) {
            (Again::Effect, Some(kind)) => *kind,
            (Again::Effect, None) => {
                let kind = Kind::named(&flow::name_of_one(tx, id).await?);
                kinds.insert(id.clone(), kind);
                kind
            }
            (Again::Order | Again::Shipment | Again::Flow | Again::Sweep, _) => None,
        };
        found.extend(Way::stopped_by(need.code(), kind).map(|way| (id.clone(), way)));
    }
    Ok(found)
}

pub(super) async fn look(
    tx: &mut Tx<'_>,
    merchant: &Merchant,
    now: Timestamp,
    (feeds, sources): (&[(worker::Feed, Feed)], &[Source]),
    (needs, stuck): (&Needs, &BTreeMap<String, Way>),
) -> Result<Map, UnitError> {
    let company = merchant.company.as_str();
    let (mut waiting, mut done) = (BTreeMap::<Way, u64>::new(), BTreeMap::<Way, u64>::new());
    let mut unknown = 0;
    for (name, state, count) in flow::queues(tx, company).await? {
        let way = Kind::named(&name).and_then(Way::of);
        unknown += if matches!(state.as_str(), "unknown" | "probing") {
            count
        } else {
            0
        };
        if let Some(way) = way.filter(|_| state != "parked") {
            *waiting.entry(way).or_default() += count;
        }
    }
    let mut put_off = BTreeMap::<Way, (u64, Timestamp)>::new();
    let mut later = flow::put_off(tx, company, now, PUT_OFF_MAX as i64 + 1).await?;
    let too_many = later.len() > PUT_OFF_MAX;
    later.truncate(if too_many { 0 } else { PUT_OFF_MAX });
    for (name, due) in later {
        if let Some(way) = Kind::named(&name).and_then(Way::of) {
            // The first to go comes first.
            put_off.entry(way).or_insert((0, due)).0 += 1;
            waiting.entry(way).and_modify(|count| *count = count.saturating_sub(1));
        }
    }
    let undecided = [
        (Way::Orders, merchant.channel.connection()),
        (Way::Despatches, merchant.warehouse.connection()),
    ];
    for (way, connection) in undecided {
        *waiting.entry(way).or_default() += flow::undecided(tx, connection, UNDECIDED_MAX).await?;
    }
    for (name, count) in flow::done(tx, company, &(now.minus(RATE_SPAN)..now)).await? {
        if let Some(kind) = Kind::named(&name).filter(|kind| Way::ends_with(*kind))
            && let Some(way) = Way::of(kind)
        {
            *done.entry(way).or_default() += count;
        }
    }
    let route = merchant.route();
    let holds = holds::standing(tx, company).await?;
    let held_until = |way: Way| {
        let to = written_to(&route, way);
        let keeps = |hold: &&Hold| match &hold.scope {
            Scope::Connection(name) | Scope::Writes(name) => name == to.as_str(),
            Scope::Retailer(name) => name == route.channel.as_str(),
            // Some of what waits is held, and the rest goes on.
            Scope::Item(_) => false,
        };
        holds
            .iter()
            .filter(|hold| hold.stands(now))
            .filter(keeps)
            .map(|hold| hold.until)
            .max()
    };
    let mut arrows = Way::ALL.map(|way| {
        let on_it: Vec<&Need> = needs
            .cards
            .iter()
            .filter(|need| need.waits() && stuck.get(&need.card.id) == Some(&way))
            .collect();
        let most = on_it.iter().max_by_key(|need| need.stopped());
        let (waiting, done) = (
            waiting.get(&way).copied().unwrap_or_default(),
            done.get(&way).copied().unwrap_or_default(),
        );
        Arrow {
            way,
            done,
            waiting,
            put_off: put_off.get(&way).map_or(0, |(count, _)| *count),
            put_off_until: put_off.get(&way).map(|(_, due)| *due),
            stopped: on_it.iter().map(|need| need.stopped()).sum(),
            stuck: most.map(|need| Stuck {
                card: need.card.id.clone(),
                what: need.code().entry().what,
                team: need.card.card.team,
            }),
            held_until: held_until(way),
            clear: match held_until(way) {
                Some(_) if waiting > 0 => Clear::NotKnown,
                None if waiting > 0 && too_many => Clear::NotKnown,
                _ => Clear::of(waiting, done, RATE_SPAN),
            },
        }
    });
    let mut systems = [
        system(
            "channel",
            route.channel.clone(),
            today(sources, tally::Kind::Order, |source| source.received),
        ),
        system(
            "ledger",
            route.ledger.clone(),
            today(sources, tally::Kind::Order, |source| source.posted),
        ),
        system(
            "warehouse",
            route.warehouse.clone(),
            today(sources, tally::Kind::Shipment, |source| source.received),
        ),
    ];
    for system in &mut systems {
        let its = feeds
            .iter()
            .filter(|(feed, _)| feed.calls() && *feed.connection(merchant) == system.connection);
        system.answered_at = its.filter_map(|(_, feed)| feed.done_at).max();
        system.state = State::of(tx, merchant, &system.connection, now).await?;
        if let Some(standing) = connections::standing(tx, system.connection.as_str()).await? {
            system.failures = standing.failures;
            system.paused_until = Some(standing.paused_until).filter(|until| *until > now);
        }
    }
    // At whatever rate it was taken before: who takes nothing now clears nothing.
    for arrow in arrows.iter_mut().filter(|arrow| arrow.waiting > 0) {
        let to = written_to(&route, arrow.way);
        let is_away = |system: &System| system.connection == *to && matches!(system.state, State::Down | State::NotSignedIn);
        if systems.iter().any(is_away) {
            arrow.clear = Clear::NotKnown;
        }
    }
    Ok(Map {
        systems,
        arrows: arrows.into(),
        unknown,
    })
}

/// The system that is written to on a way.
const fn written_to(route: &Route, way: Way) -> &Connection {
    match way {
        Way::Orders | Way::Despatches => &route.ledger,
        Way::Acknowledgements | Way::Confirmations => &route.channel,
        Way::Releases => &route.warehouse,
    }
}

fn today(sources: &[Source], kind: tally::Kind, figure: impl Fn(&Source) -> u64) -> Option<u64> {
    sources.iter().find(|source| source.kind == kind).map(figure)
}

fn system(role: &'static str, connection: Connection, today: Option<u64>) -> System {
    System {
        role,
        connection,
        answered_at: None,
        paused_until: None,
        failures: 0,
        state: State::Well,
        today,
    }
}
