//! Proposals: changes of what decides posting, with what they would heal, approved or rejected by a second person.

use serde::{Deserialize, Serialize};
use tallyman_core::access::{Right, same_person};
use tallyman_core::time::Timestamp;
use tallyman_engine::proposals::{self, Refused};
use tallyman_engine::words;
use tallyman_store::tables::proposals::{Proposal as Stored, State};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::examples::proposals as examples;
use super::inside::Inside;
use super::mappings::Meant;
use super::problem::{Kind, Problem};
use super::read::{Json, Path, Query, cursor, limit, placed};
use super::shape::At;
use super::sheets::Changed;

/// Each may hold a thousand changes.
const ROWS_A_PAGE: usize = 50;

/// How far a proposal may be.
pub fn states() -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    text.enum_values(Some(State::ALL.map(State::name)))
}

/// What came of a proposal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Decided {
    /// As the journal names them.
    pub by: String,
    pub at: At,
    pub reason: String,
}

/// A card, and what approving would do to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Heals {
    pub card: String,
    /// Records that stand still under it.
    pub of: u64,
    /// Those that would go on.
    pub heals: u64,
}

/// A change that waits for a second person, or did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposal {
    pub id: String,
    pub company: String,
    #[schema(schema_with = states)]
    pub state: &'static str,
    pub changes: Vec<Changed>,
    /// Who proposed it, as the journal names them.
    pub by: String,
    pub at: At,
    pub reason: String,
    pub decided: Option<Decided>,
    /// Whether the caller may approve it; whoever proposed it may not.
    pub may_approve: bool,
    /// Whether it is the caller's own: they may take it back.
    pub own: bool,
}

impl Proposal {
    pub fn of(inside: &Inside, proposal: &Stored) -> Self {
        let open = proposal.state == State::Open;
        let own = same_person(&proposal.made_by, &inside.caller.journalled());
        Self {
            id: proposal.id.clone(),
            company: proposal.company.clone(),
            state: proposal.state.name(),
            changes: proposal.changes.iter().map(Changed::of).collect(),
            by: proposal.made_by.clone(),
            at: At(proposal.made_at),
            reason: proposal.reason.clone(),
            decided: proposal.decided.as_ref().map(|(by, at, reason)| Decided {
                by: by.clone(),
                at: At(*at),
                reason: reason.clone(),
            }),
            may_approve: open && !own && inside.has(Right::Approve, &proposal.company),
            own: open && own && inside.has(Right::MapMoney, &proposal.company),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposals {
    pub proposals: Vec<Proposal>,
    pub next: Option<String>,
}

/// A proposal with its effect.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WithEffect {
    #[serde(flatten)]
    pub proposal: Proposal,
    /// What it would heal, on the first cards that wait for one of its words. Nothing was written to find out.
    pub heals: Vec<Heals>,
    /// How many people may approve at its company.
    pub approvers: usize,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// One company's.
    pub company: Option<String>,
    /// Also those that somebody has decided.
    #[serde(default)]
    #[param(required = false)]
    pub all: bool,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Lists proposals
///
/// Those that wait for a second person; with `all` those that were decided, too. The newest first.
#[utoipa::path(get, path = "/proposals", operation_id = "list_proposals", tag = "mappings", params(Asked),
    responses((status = 200, description = "The proposals", body = Proposals, example = json!(examples::proposals())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn list(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Proposals>, Problem> {
    let companies = inside.companies(asked.company.as_deref())?;
    let after = placed::<(i64, String)>(asked.after.as_deref())?;
    let after = after.map(|(at, id)| (Timestamp::from_micros(at), id));
    let of_page = (after, limit(asked.limit, ROWS_A_PAGE)?);
    let page = proposals::page(&inside.parts.store, &companies, !asked.all, of_page).await?;
    Ok(axum::Json(Proposals {
        proposals: page.rows.iter().map(|proposal| Proposal::of(&inside, proposal)).collect(),
        next: page.next.map(|(at, id)| cursor(&(at.micros(), id))).transpose()?,
    }))
}

fn not_there(id: &str) -> Problem {
    Problem::not_found("proposal", id, "GET /api/v1/proposals lists those that wait.")
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            Refused::NotThere(id) => not_there(&id),
            Refused::NoReason => Self::unreadable("reason", detail),
            Refused::SamePerson { .. } => Self::new(
                Kind::NotAllowed,
                detail,
                "Nothing was changed: let the other person look at it.",
            ),
            Refused::Nobodys(_) => Self::new(Kind::NotAllowed, detail, "Nothing was changed."),
            Refused::Over { id, .. } => Self::new(Kind::Moved, detail, "Look at it again; nothing was changed.").about(id),
            Refused::Moved(_) => Self::new(Kind::Moved, detail, "Nothing was changed."),
            Refused::NotOfOneWord(_) => Self::refused("proposal", detail),
            Refused::Same(_) | Refused::MeansSo(_) => Self::new(
                Kind::Refused,
                detail,
                "Nothing was changed: say what else the word is to mean.",
            )
            .in_field("ours"),
            Refused::Store(error) => error.into(),
        }
    }
}

/// Gets a proposal, with what it would heal
#[utoipa::path(get, path = "/proposals/{proposal}", operation_id = "get_proposal", tag = "mappings",
    params(("proposal" = String, Path, description = "Its id", example = "KTZ2KQ4WLM5XR7PC")),
    responses((status = 200, description = "The proposal", body = WithEffect, example = json!(examples::with_effect())),
        (status = 404, description = "There is no such proposal", body = Problem, content_type = "application/problem+json")))]
pub async fn get(inside: Inside, Path(proposal): Path<String>) -> Result<axum::Json<WithEffect>, Problem> {
    let found = proposals::load(&inside.parts.store, &proposal).await?;
    let found = found
        .filter(|found| inside.sees(&found.company))
        .ok_or_else(|| not_there(&proposal))?;
    inside.leave(Right::Read, &found.company)?;
    let parts = &inside.parts;
    let tried = if found.state == State::Open {
        let merchant = inside.merchant(&found.company)?;
        proposals::effect((&parts.store, &parts.vault), merchant, &inside.caller, &found, inside.now()).await?
    } else {
        Vec::new()
    };
    let heals = tried.into_iter().map(|(card, tried)| Heals {
        card,
        of: tried.of,
        heals: tried.heals,
    });
    let approvers = proposals::who_may(&parts.store, &found.company).await?.len();
    Ok(axum::Json(WithEffect {
        heals: heals.collect(),
        proposal: Proposal::of(&inside, &found),
        approvers,
    }))
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposalWord)]
pub struct Word {
    #[schema(
        example = "Checked against the ledger's list of tax rates.",
        min_length = 1,
        max_length = 2000
    )]
    pub reason: String,
}

/// What is proposed in its place, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    #[schema(example = "T20", max_length = 200)]
    pub ours: String,
    #[schema(example = "The rate is T20 in this ledger.", min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Proposes something else in its place
///
/// Of a proposal of one word. Whoever made it takes it back so; anybody else rejects it, which takes the right to approve. What is proposed
/// in its place waits for another person than the caller.
#[utoipa::path(post, path = "/proposals/{proposal}/edit", operation_id = "edit_proposal", tag = "mappings",
    params(("proposal" = String, Path, description = "Its id", example = "KTZ2KQ4WLM5XR7PC")),
    request_body(content = Instead, example = json!(examples::instead())),
    responses((status = 200, description = "What is proposed in its place", body = Meant, example = json!(examples::edited())),
        (status = 404, description = "There is no such proposal", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Somebody has decided already", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It is proposed so already, or cannot mean that", body = Problem,
            content_type = "application/problem+json")))]
pub async fn edit(
    inside: Inside,
    Path(proposal): Path<String>,
    Json(instead): Json<Instead>,
) -> Result<axum::Json<Meant>, Problem> {
    let known = inside.known().await?;
    let said = words::Said {
        by: &inside.caller,
        reason: instead.reason.trim(),
        at: inside.now(),
    };
    let done = words::propose_instead(&inside.parts.store, &known, &proposal, &instead.ours, &said).await?;
    inside.parts.bells.ring_all();
    Ok(axum::Json(Meant::of(&done)))
}

macro_rules! decisions {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(post, path = $path, operation_id = $id, tag = "mappings",
            params(("proposal" = String, Path, description = "Its id", example = "KTZ2KQ4WLM5XR7PC")),
            request_body(content = Word, example = json!(examples::word())),
            responses((status = 200, description = "The proposal as it is then", body = Proposal, example = json!(examples::decided())),
                (status = 404, description = "There is no such proposal", body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "Somebody has decided already, or a word has come to mean something else meanwhile", body = Problem,
                    content_type = "application/problem+json")))]
        pub async fn $name(inside: Inside, Path(proposal): Path<String>, Json(word): Json<Word>) -> Result<axum::Json<Proposal>, Problem> {
            let decided = proposals::$name(&inside.parts.store, &inside.caller, &proposal, &word.reason, inside.now()).await?;
            inside.parts.bells.ring_all();
            Ok(axum::Json(Proposal::of(&inside, &decided)))
        }
    )+};
}

decisions! {
    /// Approves a proposal
    ///
    /// It counts from then on, and what it heals goes on by itself. Whoever proposed it is refused: people are compared, and a token counts as
    /// its owner.
    approve, "/proposals/{proposal}/approve", "approve_proposal";
    /// Rejects a proposal
    ///
    /// Nothing is changed. Whoever proposed it takes it back so.
    reject, "/proposals/{proposal}/reject", "reject_proposal";
}
