//! What people do with a card. Each act names the version that was seen; a card that has moved since refuses it.
//!
//! Whether the team may act is judged on the same version that the act names, so a card that was handed over meanwhile is not acted on.

use serde::Deserialize;
use tallyman_core::access::Permit;
use tallyman_core::card::Act;
use tallyman_core::catalogue::Owner;
use tallyman_engine::desk::{self, Done};
use tallyman_store::tables::cards::Stored;
use utoipa::ToSchema;

use super::access::Right;
use super::cards::shown;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Path};
use super::shape::{At, Card, teams};

/// An act that needs no words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The card's version as it was seen.
    #[schema(example = 3)]
    pub version: u64,
}

/// To whom, and who stands in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    #[schema(example = 3)]
    version: u64,
    #[schema(example = "jo", max_length = 100)]
    to: String,
    /// Who stands in when they are away.
    #[schema(example = "sam", max_length = 100)]
    deputy: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    #[schema(example = 3)]
    version: u64,
    #[schema(example = "Asked the buyer which item is meant.", max_length = 2000)]
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    #[schema(example = 3)]
    version: u64,
    #[schema(schema_with = teams)]
    to: Owner,
    /// Why.
    #[schema(example = "The account is on hold; that is yours.", max_length = 2000)]
    note: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aside {
    #[schema(example = 3)]
    version: u64,
    /// At most 90 days from now: then it comes back.
    until: At,
    /// Why it may stand.
    #[schema(example = "The supplier answers on Monday.", max_length = 2000)]
    reason: String,
}

/// A card at the version that the caller has seen, with leave to do this with it.
pub async fn to_act_on(inside: &Inside, card: &str, seen: u64, right: Right) -> Result<(Stored, Permit), Problem> {
    let id = card.trim().to_uppercase();
    let leave = desk::leave(&inside.parts.store, &inside.caller, (&id, Some(seen)), right).await;
    leave.map_err(|refused| Problem::from(refused).about(id))
}

/// Whether the caller acts on cards of the team that has this one.
pub fn may_act_on(inside: &Inside, card: &Stored) -> bool {
    inside.caller.may(Right::Act, &card.company, Some(card.card.team)).is_ok()
}

/// Does this with a card at the version that was seen.
pub async fn act(inside: &Inside, card: &str, seen: u64, act: Act) -> Result<axum::Json<Card>, Problem> {
    let (card, permit) = to_act_on(inside, card, seen, act.right()).await?;
    let done = Done {
        card: card.id.clone(),
        seen: Some(seen),
        act,
        permit,
        now: inside.now(),
    };
    let after = desk::act(&inside.parts.store, done)
        .await
        .map_err(|refused| Problem::from(refused).about(card.id))?;
    Ok(axum::Json(shown(inside, &after)))
}

macro_rules! acts {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $body:ident, $example:expr, $act:expr;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path, operation_id = $id, tag = "cards",
            params(("card" = String, Path, description = "The card's id", example = "MHRV3TDXWWQ7JJ6N")),
            request_body(content = $body, example = json!($example)),
            responses((status = 200, description = "The card as it is then", body = Card, example = json!(examples::card())),
                (status = 404, description = "There is no such card", body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "The card has moved since that version; nothing was changed", body = Problem,
                    content_type = "application/problem+json", example = json!(examples::moved())),
                (status = 422, description = "The card's life refuses it; nothing was changed", body = Problem,
                    content_type = "application/problem+json")))]
        pub async fn $name(
            inside: Inside,
            Path(card): Path<String>,
            Json(said): Json<$body>,
        ) -> Result<axum::Json<Card>, Problem> {
            let version = said.version;
            let act_of: fn($body) -> Act = $act;
            act(&inside, &card, version, act_of(said)).await
        }
    )+};
}

acts! {
    /// Acknowledges a card
    ///
    /// Somebody has seen it, so it is not escalated.
    acknowledge, "/cards/{card}/acknowledge", "acknowledge_card", Seen, serde_json::json!({"version": 3}), |_| Act::Acknowledge;
    /// Says that somebody works on a card
    fix, "/cards/{card}/fix", "fix_card", Seen, serde_json::json!({"version": 3}), |_| Act::Fix;
    /// Gives a card to somebody
    assign, "/cards/{card}/assign", "assign_card", Assignment,
        serde_json::json!({"version": 3, "to": "jo", "deputy": "sam"}), |said| Act::Assign { to: said.to, deputy: said.deputy };
    /// Notes something on a card
    ///
    /// The only act that a resolved card takes.
    comment, "/cards/{card}/comment", "comment_card", Comment,
        serde_json::json!({"version": 3, "text": "Asked the buyer which item is meant."}), |said| Act::Comment { text: said.text };
    /// Gives a card to another team
    hand_over, "/cards/{card}/hand-over", "hand_over_card", HandOver,
        serde_json::json!({"version": 3, "to": "finance", "note": "The account is on hold; that is yours."}),
        |said| Act::HandOver { to: said.to, note: said.note };
    /// Lets a card stand for a time
    ///
    /// Its records stay stopped; it comes back by itself.
    set_aside, "/cards/{card}/set-aside", "set_aside_card", Aside,
        serde_json::json!({"version": 3, "until": "2026-11-09T09:00:00Z", "reason": "The supplier answers on Monday."}),
        |said| Act::SetAside { until: said.until.0, reason: said.reason };
    /// Takes a card up again before its time
    take_up, "/cards/{card}/take-up", "take_up_card", Seen, serde_json::json!({"version": 3}), |_| Act::TakeUp;
}
