//! What is answered when something cannot be done: problem details after RFC 9457, with what it is about and what to do.
//!
//! A sentence of ours may be shown to whoever asked. What a database said goes to the log and not to them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tallyman_core::access::{self, Denied, HOUSE, Why};
use tallyman_core::amendment;
use tallyman_engine::{desk, named, retry, words};
use tallyman_store::UnitError;
use utoipa::ToSchema;

/// What kind of thing is wrong; its text never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum Kind {
    /// The request cannot be read as meant.
    #[serde(rename = "urn:tallyman:problem:unreadable")]
    Unreadable,
    /// No token, or one that is not known.
    #[serde(rename = "urn:tallyman:problem:no-token")]
    NoToken,
    /// Whoever asks may not do this.
    #[serde(rename = "urn:tallyman:problem:not-allowed")]
    NotAllowed,
    /// There is no such thing.
    #[serde(rename = "urn:tallyman:problem:not-found")]
    NotFound,
    /// The path is known, the method is not.
    #[serde(rename = "urn:tallyman:problem:wrong-method")]
    WrongMethod,
    /// It has changed since it was seen. Look at it again; nothing was changed.
    #[serde(rename = "urn:tallyman:problem:moved")]
    Moved,
    /// The body is larger than is read.
    #[serde(rename = "urn:tallyman:problem:too-large")]
    TooLarge,
    /// It was understood, and a rule refuses it. Nothing was changed.
    #[serde(rename = "urn:tallyman:problem:refused")]
    Refused,
    /// A fault of this program or of its database; the log says more.
    #[serde(rename = "urn:tallyman:problem:failed")]
    Failed,
    /// More than one caller may ask for at a time.
    #[serde(rename = "urn:tallyman:problem:too-many")]
    TooMany,
    /// Not now: it starts, stops, is too busy, or takes too long.
    #[serde(rename = "urn:tallyman:problem:unavailable")]
    Unavailable,
}

impl Kind {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Moved => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Unreadable => "The request cannot be read",
            Self::NoToken => "No token that is known",
            Self::NotAllowed => "That is not allowed to you",
            Self::NotFound => "There is no such thing",
            Self::WrongMethod => "The method is not known here",
            Self::Moved => "It has changed meanwhile",
            Self::TooLarge => "The body is too large",
            Self::Refused => "It was refused",
            Self::Failed => "A fault of this program",
            Self::TooMany => "Too many at a time",
            Self::Unavailable => "Not now",
        }
    }
}

/// Why a request was not carried out (`application/problem+json`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, for a person.
    pub detail: String,
    /// What it is about: a card, a write, a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The field, parameter or cell to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do about it, for a person.
    pub remedy: String,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind,
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            record: None,
            field: None,
            remedy: remedy.into(),
        }
    }

    pub fn about(mut self, record: impl Into<String>) -> Self {
        self.record = Some(record.into());
        self
    }

    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// A field, parameter or header that cannot be read.
    pub fn unreadable(field: &str, detail: impl Into<String>) -> Self {
        Self::new(
            Kind::Unreadable,
            detail,
            "Correct it and ask again; /api/v1/openapi.json describes each field.",
        )
        .in_field(field)
    }

    pub fn not_found(what: &str, name: &str, remedy: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, format!("There is no {what} {name}."), remedy).about(name)
    }

    /// What the engine refuses with a sentence of its own.
    pub fn refused(record: &str, detail: impl Into<String>) -> Self {
        Self::new(
            Kind::Refused,
            detail,
            "Nothing was changed. Do what the sentence says, and ask again.",
        )
        .about(record)
    }
}

impl From<UnitError> for Problem {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::Refused(sentence) => Self::new(
                Kind::Refused,
                sentence,
                "Nothing was changed. Do what the sentence says, and ask again.",
            ),
            UnitError::Denied(denied) => (*denied).into(),
            UnitError::Conflict(what) => Self::new(
                Kind::Moved,
                format!("{what} has changed since it was read."),
                "Look at it again; nothing was changed.",
            ),
            UnitError::Contended | UnitError::TimedOut { .. } | UnitError::Closed => {
                tracing::warn!(error = %error, "the API's store is busy or closed: {error}");
                Self::new(
                    Kind::Unavailable,
                    "The database is busy, or closes.",
                    "Ask again in some seconds.",
                )
            }
            UnitError::Uncertain { .. } => {
                tracing::error!(error = %error, "{error}");
                Self::new(
                    Kind::Failed,
                    "The database's answer was lost: it may or may not have been written.",
                    "Look before you try again.",
                )
            }
            UnitError::Panicked { .. }
            | UnitError::Statement { .. }
            | UnitError::Database { .. }
            | UnitError::Misused { .. }
            | UnitError::Column { .. }
            | UnitError::NoColumn { .. } => {
                tracing::error!(error = %error, "a request of the API failed: {error}");
                Self::new(
                    Kind::Failed,
                    "It could not be done, and nothing was written.",
                    "The program's log says why; tell whoever runs it.",
                )
            }
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let Denied {
            kind,
            name,
            right,
            company,
            why,
        } = &denied;
        let is_token = *kind == access::Kind::Token;
        match why {
            Why::Stranger if company != HOUSE => {
                Self::not_found("company", company, "Ask for one that you may see.").in_field("company")
            }
            Why::Stranger | Why::NoRight if is_token => Self::new(
                Kind::NotAllowed,
                format!("{name} may not `{right}`."),
                format!(
                    "Give it the right: `may` of the [[api.token]] {name} needs \"{right}\"; or make another token that has it."
                ),
            ),
            Why::OtherTeam(team) if is_token => Self::new(
                Kind::NotAllowed,
                format!("The card is with {team}, and {name} does not act for {team}."),
                format!("Ask {team}, or give the token that team: `teams` of the [[api.token]] {name}."),
            ),
            Why::OtherTeam(team) => Self::new(
                Kind::NotAllowed,
                format!("The card is with {team}, and {name} does not act for {team}."),
                format!("Ask {team}, or ask an administrator to add the team."),
            ),
            Why::Stranger | Why::NoRight => {
                let sentence = denied.to_string();
                match sentence.split_once(". ") {
                    Some((detail, remedy)) => Self::new(Kind::NotAllowed, format!("{detail}."), remedy),
                    None => Self::new(Kind::NotAllowed, sentence, "Ask an administrator."),
                }
            }
        }
    }
}

impl From<desk::Refused> for Problem {
    fn from(refused: desk::Refused) -> Self {
        let moved = refused.is_overtaken();
        match refused {
            desk::Refused::Store(error) => error.into(),
            desk::Refused::NoCard(card) => Self::not_found("card", &card, "GET /api/v1/cards lists them."),
            desk::Refused::Denied(denied) => denied.into(),
            desk::Refused::Card(_) | desk::Refused::OtherTeam if moved => Self::new(
                Kind::Moved,
                refused.to_string(),
                "Get the card again, look at its history, and act on the version that it has now.",
            ),
            desk::Refused::NotTheirs { field, .. } => Self::new(
                Kind::Refused,
                refused.to_string(),
                "Give it to one of them; nothing was changed.",
            )
            .in_field(field),
            desk::Refused::Card(_) | desk::Refused::OtherTeam | desk::Refused::Nobody => {
                Self::new(Kind::Refused, refused.to_string(), "Nothing was changed.")
            }
        }
    }
}

impl From<named::Refused> for Problem {
    fn from(refused: named::Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            named::Refused::Store(error) => error.into(),
            named::Refused::Unreadable { .. } => Self::unreadable("reference", detail),
            named::Refused::Nothing { number } => Self::not_found(
                "order",
                &number,
                "It is looked for whole: the retailer's number, the ledger's, the warehouse's, a parcel's.",
            ),
            named::Refused::Several { number, .. } => {
                let remedy = "Name the `company`, or a number that only one order has. Nothing was changed.";
                Self::new(Kind::Refused, detail, remedy).about(number).in_field("company")
            }
        }
    }
}

impl From<retry::Refused> for Problem {
    fn from(refused: retry::Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            retry::Refused::Store(error) => error.into(),
            retry::Refused::Moved { .. } => Self::new(
                Kind::Moved,
                detail,
                "Get the plan again, look at its steps, and name the number that it has now.",
            )
            .in_field("number"),
        }
    }
}

impl From<amendment::Refused> for Problem {
    fn from(refused: amendment::Refused) -> Self {
        let field = match &refused {
            amendment::Refused::VatBearing { .. }
            | amendment::Refused::Unknown { .. }
            | amendment::Refused::NotOfOrder { .. } => "field",
            amendment::Refused::Value { .. } => "value",
            amendment::Refused::Reason => "reason",
        };
        let remedy = "Nothing was changed. Do what the sentence says, and ask again.";
        Self::new(Kind::Refused, refused.to_string(), remedy).in_field(field)
    }
}

impl From<words::Refused> for Problem {
    fn from(refused: words::Refused) -> Self {
        let field = match &refused {
            words::Refused::NoTable { .. } => Some("table".to_owned()),
            words::Refused::NoWord => Some("theirs".to_owned()),
            words::Refused::NoReason => Some("reason".to_owned()),
            words::Refused::NoConnection { .. } => Some("connection".to_owned()),
            words::Refused::NotInLedger { .. } => Some("ours".to_owned()),
            words::Refused::Wrong(problems) => problems.shown.first().map(|problem| problem.column.clone()),
            words::Refused::Nobody
            | words::Refused::Proposal(_)
            | words::Refused::Denied(_)
            | words::Refused::MeansNothing(_)
            | words::Refused::CutShort(_)
            | words::Refused::Store(_) => None,
        };
        let problem = match refused {
            words::Refused::CutShort(cut) => {
                let told = cut.to_string();
                let Problem { detail, .. } = &Problem::from(cut.source);
                Self::new(
                    Kind::Moved,
                    format!("{told}. {detail}"),
                    "Look at the words again, and ask for what is left.",
                )
            }
            words::Refused::Proposal(refused) => return refused.into(),
            words::Refused::Denied(denied) => return denied.into(),
            words::Refused::Store(error) => error.into(),
            refused => Self::new(
                Kind::Refused,
                refused.to_string(),
                "Correct it and ask again; nothing was changed.",
            ),
        };
        Self { field, ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // Whoever answers a person writes a page of it instead.
        response.extensions_mut().insert(self);
        response
    }
}
