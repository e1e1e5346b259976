//! What several resources show in the same way: instants, teams, codes, and a card.
//!
//! These shapes are what callers build on. A field may be added; none is taken away or comes to mean something else under `/v1`. The terminal's
//! `--json` prints the same.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tallyman_core::amendment::Field;
use tallyman_core::calendar::Calendar;
use tallyman_core::card::Life;
use tallyman_core::catalogue::{Again, Owner, Party, Remedy as Helps, Severity};
use tallyman_core::cause;
use tallyman_core::finding::Code;
use tallyman_core::ruling::Ruling;
use tallyman_core::time::Timestamp;
use tallyman_engine::{board, culprit};
use tallyman_store::tables::cards::Stored;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub use super::connections::Connection;
pub use super::holds::Hold;
pub use super::mappings::Version;

/// An instant in UTC, such as `2026-11-22T09:30:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).map(At).map_err(de::Error::custom)
    }
}

impl PartialSchema for At {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        let at = text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        at.description(Some("An instant in UTC.")).build().into()
    }
}

impl ToSchema for At {}

fn one_of(names: impl Iterator<Item = &'static str>) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    text.enum_values(Some(names.collect::<Vec<_>>()))
}

/// The codes of the catalogue.
pub fn codes() -> ObjectBuilder {
    one_of(Code::ALL.iter().map(|code| code.name()))
}

pub fn rulings() -> ObjectBuilder {
    one_of(Ruling::ALL.iter().map(|ruling| ruling.name()))
}

pub fn teams() -> ObjectBuilder {
    one_of(Owner::ALL.into_iter().map(Owner::name))
}

pub fn severities() -> ObjectBuilder {
    one_of(Severity::ALL.into_iter().map(Severity::name))
}

/// What is to blame: what one act of a person puts right. Which fields there are depends on its kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Cause {
    /// `cell`, `field`, `record`, `item`, `account`, `connection`, `flow`, `day`, `effect`, `refusal` or `machine`.
    pub kind: &'static str,
    /// For people.
    pub said: String,
    /// The same for every spelling of the same thing.
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Of a cell of the mappings: its table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<&'static str>,
    /// Of a cell: their word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// Of a field: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of a record, an item, an account, a flow, a day, an effect or a machine: what it goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Cause {
    pub fn of(cause: &cause::Cause) -> Self {
        let bare = |kind| Self {
            kind,
            said: cause.to_string(),
            key: cause.key(),
            connection: cause.connection().map(ToString::to_string),
            table: None,
            theirs: None,
            field: None,
            name: None,
        };
        let named = |kind, name: String| Self {
            name: Some(name),
            ..bare(kind)
        };
        match cause {
            cause::Cause::Cell(cell) => Self {
                connection: Some(cell.scope.clone()).filter(|scope| !scope.is_empty()),
                table: Some(cell.table.code()),
                theirs: Some(cell.theirs.clone()),
                ..bare("cell")
            },
            cause::Cause::Field { of, field } => Self {
                field: Some(field.clone()),
                name: Some(of.clone()).filter(|of| !of.is_empty()),
                ..bare("field")
            },
            cause::Cause::Record { key, .. } => named("record", key.clone()),
            cause::Cause::Item(code) => named("item", code.clone()),
            cause::Cause::Account(reference) => named("account", reference.clone()),
            cause::Cause::Connection(_) => bare("connection"),
            cause::Cause::Flow(flow) => named("flow", flow.clone()),
            cause::Cause::Day { day, .. } => named("day", day.to_string()),
            cause::Cause::Effect(id) => named("effect", id.to_string()),
            cause::Cause::Refusal { .. } => bare("refusal"),
            cause::Cause::Machine(part) => named("machine", part.clone()),
        }
    }
}

/// Something that a person can do about a card; the usual one comes first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Remedy {
    /// `map`, `correct`, `amend`, `answer`, `decide`, `sign_in`, `configure` or `wait`.
    pub verb: &'static str,
    /// Of `map`: the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<&'static str>,
    /// Of `correct`: whose system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<&'static str>,
}

impl Remedy {
    fn of(remedy: &Helps) -> Self {
        let bare = |verb| Self {
            verb,
            table: None,
            party: None,
        };
        match remedy {
            Helps::Map(table) => Self {
                table: Some(table.code()),
                ..bare("map")
            },
            Helps::Correct(party) => Self {
                party: Some(match party {
                    Party::Ledger => "ledger",
                    Party::Warehouse => "warehouse",
                    Party::Channel => "channel",
                }),
                ..bare("correct")
            },
            Helps::Amend => bare("amend"),
            Helps::Answer => bare("answer"),
            Helps::Decide => bare("decide"),
            Helps::SignIn => bare("sign_in"),
            Helps::Configure => bare("configure"),
            Helps::Wait => bare("wait"),
        }
    }
}

/// Something that the owner of a card may decide.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Allowed {
    #[serde(rename = "as")]
    #[schema(schema_with = rulings)]
    pub ruling: &'static str,
    /// What it does.
    pub does: &'static str,
    /// It wants the ledger's number of a document, and a second person who says the same.
    pub witnessed: bool,
}

impl Allowed {
    fn of(code: Code, ruling: Ruling) -> Self {
        Self {
            ruling: ruling.name(),
            does: ruling.sentence(),
            witnessed: ruling == Ruling::Settled && code.is_witnessed(),
        }
    }
}

/// What its records come to. It follows them within a second or so.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Weight {
    /// Records that stand still.
    pub stopped: u64,
    /// Records that go on and have not proved it yet.
    pub proving: u64,
    /// Orders that stand still under this card, each once.
    pub orders: u64,
    /// What those orders are worth, net. An order under two cards counts in both; the summary has the sum.
    #[schema(example = "1250.00")]
    pub money: String,
}

/// Until when a card may stand, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetAside {
    pub until: At,
    /// Who has set it aside; of a single card, and where cards are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What a person wrote; for callers with the right `open`, of a single card, and where those are listed that are set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How people have put a card together with others, and taken it apart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Room {
    /// The card that it is shown under; while that is open, it is on no list of open cards.
    pub under: Option<String>,
    /// Whether that card is open.
    pub hidden: bool,
    /// The cards that are shown under it.
    pub shows: Vec<String>,
    /// The card that it is a part of.
    pub split_of: Option<String>,
    /// The open cards that were split off it.
    pub parts: Vec<String>,
}

impl Room {
    pub fn of(room: tallyman_engine::board::Room) -> Self {
        Self {
            under: room.under,
            hidden: room.hidden,
            shows: room.shows,
            split_of: room.split_of,
            parts: room.parts,
        }
    }
}

/// One cause, with what it stops.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Card {
    pub id: String,
    pub company: String,
    #[schema(schema_with = codes)]
    pub code: &'static str,
    #[schema(schema_with = severities)]
    pub severity: &'static str,
    /// The team that has it now.
    #[schema(schema_with = teams)]
    pub team: &'static str,
    /// The team that owns its code, and has it unless it was handed over.
    #[schema(schema_with = teams)]
    pub owner: &'static str,
    pub cause: Cause,
    /// What happened.
    pub what: &'static str,
    /// What it means while it stands.
    pub means: &'static str,
    /// What to do.
    pub remedy: &'static str,
    pub remedies: Vec<Remedy>,
    /// What its owner may decide about it; empty where it is not `decide` that helps.
    pub rulings: Vec<Allowed>,
    /// What runs again by itself once it is put right.
    pub again: &'static str,
    /// `order`, `shipment`, `effect`, `flow` or `sweep`.
    pub again_from: &'static str,
    /// `open`, `acknowledged`, `fixing`, `verifying`, `resolved` or `set_aside`.
    pub life: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
    pub assignee: Option<String>,
    pub deputy: Option<String>,
    pub weight: Weight,
    /// Of a card in a list: open cards that people have put under it, which are on the list of merged ones alone.
    pub shows: u64,
    /// The card that people have put it under; while that is open, it is on the list of merged ones alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// By when it should be cleared: the earliest deadline of its records, else its code's own.
    pub due: Option<At>,
    pub opened_at: At,
    pub closed_at: Option<At>,
    /// How often it has grown too old without anybody taking it up.
    pub escalations: u32,
    /// Name it with an act: what has moved since is not acted on.
    pub version: u64,
    /// Of a card that is resolved: because of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Of a card that is resolved: who put it right, where somebody of ours did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put_right_by: Option<String>,
    /// How it stands to other cards; of a single card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<Room>,
}

impl Card {
    /// A card as a list shows it. `hours` are its team's.
    pub fn of(stored: &Stored, hours: &Calendar) -> Self {
        let card = &stored.card;
        let entry = card.code.entry();
        Self {
            id: stored.id.clone(),
            company: stored.company.clone(),
            code: card.code.name(),
            severity: entry.severity.name(),
            team: card.team.name(),
            owner: entry.owner.name(),
            cause: Cause {
                said: culprit::said(stored),
                ..Cause::of(&card.cause)
            },
            what: entry.what,
            means: entry.means,
            remedy: entry.remedy,
            remedies: entry.remedies.iter().map(Remedy::of).collect(),
            rulings: entry.rulings.iter().map(|ruling| Allowed::of(card.code, *ruling)).collect(),
            again: entry.again.sentence(),
            again_from: match entry.again {
                Again::Order => "order",
                Again::Shipment => "shipment",
                Again::Effect => "effect",
                Again::Flow => "flow",
                Again::Sweep => "sweep",
            },
            life: card.life.name(),
            set_aside: match &card.life {
                Life::SetAside { until, .. } => Some(SetAside {
                    until: At(*until),
                    by: None,
                    reason: None,
                }),
                Life::Open | Life::Acknowledged | Life::Fixing | Life::Verifying | Life::Resolved => None,
            },
            assignee: card.assignee.clone(),
            deputy: card.deputy.clone(),
            weight: Weight {
                stopped: card.weight.stopped,
                proving: card.weight.proving,
                orders: card.weight.orders,
                money: card.weight.money.to_string(),
            },
            shows: stored.shows,
            under: stored.under.clone(),
            due: card.due_by(hours).map(At),
            opened_at: At(card.opened_at),
            closed_at: stored.closed_at.map(At),
            escalations: card.escalations,
            version: card.version,
            receipt: None,
            put_right_by: None,
            room: None,
        }
    }

    /// The same with why it is closed.
    pub fn closed(self, receipt: Option<tallyman_engine::receipt::Receipt>) -> Self {
        let receipt = receipt.unwrap_or_default();
        Self {
            receipt: receipt.because,
            put_right_by: receipt.by,
            ..self
        }
    }

    /// The same with who has set it aside.
    pub fn put_aside(mut self, aside: Option<board::Aside>) -> Self {
        if let Some(its) = &mut self.set_aside {
            its.by = aside.and_then(|aside| aside.by);
        }
        self
    }

    /// The same with how it stands to others.
    pub fn in_room(self, room: tallyman_engine::board::Room) -> Self {
        Self {
            room: Some(Room::of(room)),
            ..self
        }
    }

    /// The same with what a person wrote, for whoever may see it.
    pub fn opened(stored: &Stored, hours: &Calendar) -> Self {
        let mut card = Self::of(stored, hours);
        if let (Life::SetAside { reason, .. }, Some(set_aside)) = (&stored.card.life, &mut card.set_aside) {
            set_aside.reason = Some(reason.clone());
        }
        card
    }
}

/// A page of cards.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardPage {
    pub cards: Vec<Card>,
    /// Where the next page begins, as `after`; none after the last.
    pub next: Option<String>,
}

/// A field of an order, as it stands with what was amended of it. It names a customer, so nothing of it is printed.
#[derive(Clone, Serialize, ToSchema)]
pub struct FieldText {
    #[schema(example = "line_1")]
    pub field: &'static str,
    /// Empty for nothing.
    pub text: String,
}

impl std::fmt::Debug for FieldText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FieldText({}, masked)", self.field)
    }
}

/// The field that a card blames, in one of its orders that an amendment puts right.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Blamed {
    #[serde(flatten)]
    pub stands: FieldText,
    /// Characters that the ledger has room for, where there are more.
    pub room: Option<usize>,
    /// What stands in the fields around it.
    pub beside: Vec<FieldText>,
}

impl Blamed {
    pub fn of(field: Field, blamed: tallyman_engine::blamed::Blamed) -> Self {
        let text = |field: Field, text| FieldText {
            field: field.name(),
            text,
        };
        Self {
            stands: text(field, blamed.text),
            room: blamed.room,
            beside: blamed.beside.into_iter().map(|(field, said)| text(field, said)).collect(),
        }
    }
}

/// One record on a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// The order, by our own id; none for what belongs to no order of ours.
    pub journey: Option<String>,
    /// The order's own number, by which its story is found.
    pub reference: Option<String>,
    /// The write or record that stands still; none where the whole order is stopped.
    pub record: Option<String>,
    /// `stopped`, `proving` or `proven`.
    pub stand: String,
    /// What is wrong with this record; for callers with the right `open`. None where there is no more to say than the card does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// What is to be amended of it; for callers with the right `open`, where the card blames a field that can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blamed: Option<Blamed>,
    /// What its order is worth, net; none for what belongs to no order of ours.
    #[schema(example = "1250.00")]
    pub net: Option<String>,
    pub since: At,
    pub due: Option<At>,
    /// What proves that it went on.
    pub proof: Option<String>,
    /// The write whose receipt is that proof, or will be.
    pub proof_of: Option<String>,
    /// When it stood still no more.
    pub ended_at: Option<At>,
}

impl Member {
    pub fn of(said: tallyman_engine::board::Said) -> Self {
        let member = said.member;
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            net: (!member.journey.is_empty()).then(|| member.net.to_string()),
            journey: filled(member.journey),
            reference: filled(member.reference),
            record: filled(member.effect),
            stand: member.stand,
            sentence: said.sentence,
            blamed: None,
            since: At(member.at),
            due: member.due.map(At),
            proof: filled(member.proof),
            proof_of: filled(member.proof_of),
            ended_at: member.ended_at.map(At),
        }
    }
}

impl Member {
    /// Whether nothing of its order was carried out.
    pub fn is_stopped_whole(&self) -> bool {
        self.stand == "stopped" && self.record.is_none()
    }
}

/// A page of a card's records.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberPage {
    pub members: Vec<Member>,
    pub next: Option<String>,
}

/// Something that was done with a card, or that it did by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Acted {
    /// The card's after it.
    pub version: u64,
    pub at: At,
    /// Who; `tallyman` for what followed from its records or from time.
    pub actor: String,
    /// `acknowledge`, `fix`, `assign`, `comment`, `hand_over`, `set_aside`, `take_up` or `decide`; `merge`, `unmerge`, `split`, `unsplit` or
    /// `one_first`; or the life that it came to by itself.
    pub act: String,
    /// Of `assign`: to whom. Of `hand_over`: to which team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    /// Of `decide`: what was decided.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub ruling: Option<&'static str>,
    /// Of `decide`: the ledger's number of what shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The comment, note or reason; for callers with the right `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Acted {
    /// What was written is shown only to whoever may see it.
    pub fn of(told: &tallyman_engine::board::Acted, open: bool) -> Self {
        use tallyman_core::card::Act;
        let bare = |act: &str| Self {
            version: told.version,
            at: At(told.at),
            actor: told.actor.clone(),
            act: act.to_owned(),
            to: None,
            deputy: None,
            until: None,
            ruling: None,
            document: None,
            text: None,
        };
        let text = |text: &str| open.then(|| text.to_owned());
        match serde_json::from_str::<Act>(&told.act) {
            // A life, or an act of a later program.
            Err(_) => bare(serde_json::from_str::<String>(&told.act).as_deref().unwrap_or("unknown")),
            Ok(act) => {
                let bare = bare(act.name());
                match act {
                    Act::Acknowledge | Act::Fix | Act::TakeUp => bare,
                    Act::Assign { to, deputy } => Self {
                        to: Some(to),
                        deputy,
                        ..bare
                    },
                    Act::Comment { text: said } => Self {
                        text: text(&said),
                        ..bare
                    },
                    Act::Decide { ruling, document, note } => Self {
                        ruling: Some(ruling.name()),
                        document,
                        text: note.as_deref().and_then(text),
                        ..bare
                    },
                    Act::HandOver { to, note } => Self {
                        to: Some(to.name().to_owned()),
                        text: text(&note),
                        ..bare
                    },
                    Act::SetAside { until, reason } => Self {
                        until: Some(At(until)),
                        text: text(&reason),
                        ..bare
                    },
                }
            }
        }
    }
}

/// A page of a card's history, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct History {
    pub acts: Vec<Acted>,
    /// Of a card that waits for a word: what it was said to mean while the card was open, the newest first, 20 at most. With the first page.
    pub meant: Vec<Version>,
    pub next: Option<String>,
}
