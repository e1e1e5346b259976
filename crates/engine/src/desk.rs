//! The desk: what people do with a card. One act, on the version that they saw; the journal keeps that it was done, the card what was said.

use tallyman_core::access::{Actor, Denied, Permit, Right, Why, person_in};
use tallyman_core::card::{self, Act, Card, Life};
use tallyman_core::catalogue::Owner;
use tallyman_core::time::Timestamp;
use tallyman_store::journal::{Act as Line, Change};
use tallyman_store::tables::cards::{self, Stored};
use tallyman_store::{Store, Tx, Unit, UnitError};

use crate::board;
use crate::people::reach;

/// One act of one person.
#[derive(Debug, Clone)]
pub struct Done {
    pub card: String,
    /// The version that the person saw; `None` for whatever it is now.
    pub seen: Option<u64>,
    pub act: Act,
    /// Leave for what the act takes ([`Act::right`]), at the card's company and for its team.
    pub permit: Permit,
    pub now: Timestamp,
}

/// Why nothing was done, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("Say who does it: the history of the card keeps it.")]
    Nobody,
    #[error("There is no card {0}. `tallyman exceptions` lists them.")]
    NoCard(String),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("The card is another team's by now. Look at it again; nothing was changed.")]
    OtherTeam,
    #[error("Nobody called {name} may act on cards of {team} at {company}. There {}.", listed(.who))]
    NotTheirs {
        /// `to` or `deputy`.
        field: &'static str,
        name: String,
        team: Owner,
        company: String,
        /// Those who may, by name.
        who: Vec<String>,
    },
    #[error(transparent)]
    Card(#[from] card::Refused),
    #[error(transparent)]
    Store(UnitError),
}

/// Names that a sentence has room for.
const LISTED_MAX: usize = 10;

fn listed(who: &[String]) -> String {
    let named = who.iter().take(LISTED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match (who.len(), who.len().saturating_sub(LISTED_MAX)) {
        (1, _) => format!("is {named}"),
        (_, 0) => format!("are {named}"),
        (_, more) => format!("are {named} and {more} more"),
    }
}

impl Refused {
    /// Whether somebody else was there first: who looks again may do it then.
    pub fn is_overtaken(&self) -> bool {
        matches!(
            self,
            Self::OtherTeam
                | Self::Card(card::Refused::Moved { .. })
                | Self::Store(UnitError::Conflict(_) | UnitError::Contended)
        )
    }
}

/// Leave to do something with a card as it was seen, and the card. A card that has moved since is said to have moved, whoever asks: whose it
/// is now is nothing to them.
pub async fn leave(
    store: &Store,
    actor: &Actor,
    (card, seen): (&str, Option<u64>),
    right: Right,
) -> Result<(Stored, Permit), Refused> {
    let not_there = || Refused::NoCard(card.to_owned());
    let stored = board::card(store, card)
        .await
        .map_err(Refused::Store)?
        .ok_or_else(not_there)?;
    if let Err(denied) = actor.may(right, &stored.company, None) {
        return Err(match denied.why {
            Why::Stranger => not_there(),
            Why::NoRight | Why::OtherTeam(_) => denied.into(),
        });
    }
    let now = stored.card.version;
    if let Some(seen) = seen.filter(|seen| *seen != now) {
        return Err(card::Refused::Moved { seen, now }.into());
    }
    let permit = actor.may(right, &stored.company, Some(stored.card.team))?;
    Ok((stored, permit))
}

/// People to whom a card of a team at a company may be given, by name. None where nobody has an account who may act there: then names are
/// kept as somebody types them.
pub async fn who_may_act(store: &Store, company: &str, team: Owner, now: Timestamp) -> Result<Vec<String>, UnitError> {
    let company = company.to_owned();
    store.read(WhoMayAct { company, team, now }).await
}

struct WhoMayAct {
    company: String,
    team: Owner,
    now: Timestamp,
}

impl Unit for WhoMayAct {
    type Output = Vec<String>;
    const NAME: &'static str = "who_may_act";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>, UnitError> {
        let people = reach::who_may(tx, Right::Act, (&self.company, self.team), self.now).await?;
        Ok(people.into_iter().map(|person| person.name).collect())
    }
}

/// Refused where a card is given to somebody who may not act on it: it would be on nobody's list.
async fn to_somebody(tx: &mut Tx<'_>, act: &Act, stored: &Stored, now: Timestamp) -> Result<Result<(), Refused>, UnitError> {
    let Act::Assign { to, deputy } = act else {
        return Ok(Ok(()));
    };
    let (company, team) = (stored.company.clone(), stored.card.team);
    let who = WhoMayAct {
        company: company.clone(),
        team,
        now,
    }
    .run(tx)
    .await?;
    let is_there = |name: &str| who.is_empty() || who.iter().any(|own| own.trim().eq_ignore_ascii_case(name.trim()));
    let named = [("to", Some(to)), ("deputy", deputy.as_ref())];
    let strange = named
        .into_iter()
        .find_map(|(field, name)| Some((field, name.filter(|name| !is_there(name))?)));
    Ok(strange.map_or(Ok(()), |(field, name)| {
        let name = name.clone();
        Err(Refused::NotTheirs {
            field,
            name,
            team,
            company,
            who,
        })
    }))
}

/// Does it, and gives the card as it is then.
pub async fn act(store: &Store, done: Done) -> Result<Stored, Refused> {
    if done.permit.actor().trim().is_empty() {
        return Err(Refused::Nobody);
    }
    store.write(done).await.map_err(Refused::Store)?
}

/// Writes the line of an act: without what was said, since that may be about a customer and the journal is for ever.
pub(crate) async fn tell(
    tx: &mut Tx<'_>,
    before: &Stored,
    (act, after): (&Act, &Card),
    (actor, at): (&str, Timestamp),
) -> Result<(), UnitError> {
    let (was, is) = (standing(&before.card, after), standing(after, &before.card));
    let line = Line {
        company: &before.company,
        at,
        actor,
        kind: "card",
        subject: &before.id,
        what: &format!("Card {} version {}: {}.", before.id, after.version, act.name()),
        // A comment leaves a card as it stands.
        change: if was.is_empty() { Change::NONE } else { Change::to(&was, &is) },
    };
    line.write(tx).await
}

/// How a card stands, in what is otherwise on the other one. People are named by id; of a name that was typed it is told that there is one.
fn standing(card: &Card, other: &Card) -> String {
    let life = |card: &Card| match &card.life {
        Life::SetAside { until, .. } => format!("set_aside until {until}"),
        life => life.name().to_owned(),
    };
    let whose = |name: &Option<String>| match name {
        None => "nobody".to_owned(),
        Some(name) if person_in(name).is_some() => name.clone(),
        Some(_) => "somebody".to_owned(),
    };
    let all = [
        ("", life(card), life(other)),
        ("team ", card.team.to_string(), other.team.to_string()),
        ("with ", whose(&card.assignee), whose(&other.assignee)),
        ("deputy ", whose(&card.deputy), whose(&other.deputy)),
    ];
    let differs = all.into_iter().filter(|(_, own, others)| own != others);
    let said: Vec<String> = differs.map(|(name, own, _)| format!("{name}{own}")).collect();
    said.join(", ")
}

impl Unit for Done {
    /// A refusal has written nothing.
    type Output = Result<Stored, Refused>;
    const NAME: &'static str = "act_on_card";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, UnitError> {
        let Some(stored) = cards::load(tx, &self.card).await? else {
            return Ok(Err(Refused::NoCard(self.card.clone())));
        };
        let right = self.act.right();
        if !self.permit.is_for(right, &stored.company) {
            return Ok(Err(Refused::NoCard(self.card.clone())));
        }
        let seen = self.seen.unwrap_or(stored.card.version);
        if seen == stored.card.version && !self.permit.is_for_card(right, &stored.company, stored.card.team) {
            return Ok(Err(Refused::OtherTeam));
        }
        let next = match stored.card.act(&self.act, seen, self.now) {
            Ok(next) => next,
            Err(refused) => return Ok(Err(refused.into())),
        };
        if let Err(refused) = to_somebody(tx, &self.act, &stored, self.now).await? {
            return Ok(Err(refused));
        }
        cards::set(tx, &self.card, seen, &next, self.now, self.permit.actor(), &self.act).await?;
        tell(tx, &stored, (&self.act, &next), (self.permit.actor(), self.now)).await?;
        Ok(Ok(Stored { card: next, ..stored }))
    }
}
