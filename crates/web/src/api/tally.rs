//! The tally of a day: what came from each source, where it stands, and what the source's own list has beyond that.

use serde::{Deserialize, Serialize};
use tallyman_core::role::Question;
use tallyman_core::tally::Problem as Gap;
use tallyman_core::tally::{Kind, Standing};
use tallyman_core::time::Date;
use tallyman_core::time::Timestamp;
use tallyman_engine::tally::{self, Hurry, Page, Source, records};
use utoipa::{IntoParams, ToSchema};

use super::access::Right;
use super::examples;
use super::inside::Inside;
use super::problem::Problem;
use super::read::{Json, Query, cursor, limit, placed};
use super::shape::At;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The day, in each company's zone; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-02")]
    pub day: Option<Date>,
    /// One company's.
    pub company: Option<String>,
}

/// A key in which the source and we differ, or differed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Named {
    pub key: String,
    /// `missing`: the source lists it, and it never arrived. `unknown_there`: it arrived, and the source does not know it.
    pub problem: &'static str,
    pub found_at: At,
    /// None for one that stands.
    pub cleared_at: Option<At>,
    pub why: String,
}

/// A record that came again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Again {
    pub key: String,
    /// The most times that one answer showed it, beyond once.
    pub same: u32,
    /// Other contents that it came with.
    pub other: u32,
}

/// A record that came two hours or more after it was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Late {
    pub key: String,
    pub made_at: At,
    pub received_at: At,
}

/// One source's tally of one day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfSource {
    pub company: String,
    pub source: String,
    /// `order` or `shipment`.
    pub kind: &'static str,
    #[schema(example = "2026-11-02", format = Date)]
    pub day: String,
    pub received: u64,
    pub posted: u64,
    pub open: u64,
    pub declined: u64,
    /// Records that came again, counted apart.
    pub repeats: u64,
    /// received = posted + open + declined.
    pub adds_up: bool,
    /// It adds up, and no gap stands, as far as the source's own list was compared.
    pub whole: bool,
    /// Keys that are received and stand nowhere: a fault of the program.
    pub nowhere: Vec<String>,
    pub again: Vec<Again>,
    pub late: Vec<Late>,
    /// What the source is asked for its own list; none where it cannot be asked.
    pub question: Option<&'static str>,
    /// What such a list cannot show, or why the source cannot be asked.
    pub beyond: &'static str,
    /// When the source's own list was last compared.
    pub compared_at: Option<At>,
    /// Whether the day was over by then.
    pub compared_whole: bool,
    /// Keys of the day on the source's list.
    pub listed: Option<i64>,
    /// Records of the day that came after that, counted as far as 10,000; all of them where it was not compared.
    pub uncompared: u64,
    /// Why it was not compared, or why nothing comes from there now.
    pub why: Option<String>,
    pub gaps: Vec<Named>,
}

impl OfSource {
    pub fn of(page: &Page) -> Self {
        let (question, beyond) = match page.question {
            Question::Asked { what, beyond } => (Some(what), beyond),
            Question::Cannot { why } => (None, why),
        };
        let tally = &page.tally;
        Self {
            company: page.company.clone(),
            source: page.source.to_string(),
            kind: page.kind.name(),
            day: page.day.to_string(),
            received: tally.received,
            posted: tally.posted,
            open: tally.open,
            declined: tally.declined,
            repeats: page.repeats,
            adds_up: page.adds_up,
            whole: page.is_whole(),
            nowhere: tally.nowhere.clone(),
            again: tally
                .again
                .iter()
                .map(|again| Again {
                    key: again.key.clone(),
                    same: again.same,
                    other: again.other,
                })
                .collect(),
            late: tally
                .late
                .iter()
                .map(|late| Late {
                    key: late.key.clone(),
                    made_at: At(late.made_at),
                    received_at: At(late.received_at),
                })
                .collect(),
            question,
            beyond,
            compared_at: page.compared_at.map(At),
            compared_whole: page.compared_whole,
            listed: page.listed,
            uncompared: page.uncompared,
            why: page.why.clone(),
            gaps: page
                .gaps
                .iter()
                .map(|gap| Named {
                    key: gap.key.clone(),
                    problem: match gap.problem {
                        Gap::Missing => "missing",
                        Gap::UnknownThere => "unknown_there",
                    },
                    found_at: At(gap.found_at),
                    cleared_at: gap.cleared_at.map(At),
                    why: gap.why.clone(),
                })
                .collect(),
        }
    }
}

/// The tally of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tally {
    pub sources: Vec<OfSource>,
}

/// Counts what came in on a day
///
/// received = posted + open + declined, by source, compared with the source's own list. A record counts on the day on which it first came,
/// and stands as it does now. There are as many sources as the configuration names, so they come on one page; of each, at most 1,000 keys are
/// named that came again, came late, or differ. `/tally/records` lists every record page by page.
#[utoipa::path(get, path = "/tally", operation_id = "get_tally", tag = "tally", params(Asked),
    responses((status = 200, description = "The tally", body = Tally, example = json!(examples::tally()))))]
pub async fn get(inside: Inside, Query(asked): Query<Asked>) -> Result<axum::Json<Tally>, Problem> {
    Ok(axum::Json(of_day(&inside, &asked).await?))
}

/// The tally that is asked for.
pub async fn of_day(inside: &Inside, asked: &Asked) -> Result<Tally, Problem> {
    let companies = inside.companies(asked.company.as_deref())?;
    let now = inside.now();
    let mut sources = Vec::new();
    for merchant in inside
        .merchants()
        .filter(|merchant| companies.iter().any(|name| name == merchant.company.as_str()))
    {
        let day = asked.day.unwrap_or_else(|| now.date_in(&merchant.zone));
        for source in Source::of(merchant) {
            sources.push(OfSource::of(&tally::ask(&inside.parts.store, &source, day, now).await?));
        }
    }
    Ok(Tally { sources })
}

/// Which kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Order,
    Shipment,
}

impl What {
    pub const fn name(self) -> &'static str {
        self.kind().name()
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Order => Kind::Order,
            Self::Shipment => Kind::Shipment,
        }
    }
}

/// How a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RecordStands)]
pub enum Stands {
    Posted,
    Open,
    Declined,
}

impl Stands {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Open => "open",
            Self::Declined => "declined",
        }
    }

    const fn of(standing: Standing) -> Self {
        match standing {
            Standing::Posted => Self::Posted,
            Standing::Open => Self::Open,
            Standing::Declined => Self::Declined,
        }
    }

    const fn standing(self) -> Standing {
        match self {
            Self::Posted => Standing::Posted,
            Self::Open => Standing::Open,
            Self::Declined => Standing::Declined,
        }
    }
}

/// Which records of a day.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    pub company: String,
    #[param(inline)]
    pub kind: What,
    /// In the company's zone; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-02")]
    pub day: Option<Date>,
    /// Only those that stand so.
    #[param(inline)]
    pub stand: Option<Stands>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows a page, at most 200; 100 if not given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// One record of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfDay {
    /// The source's own key.
    pub key: String,
    pub received_at: At,
    pub made_at: Option<At>,
    /// The order, by our own id.
    pub journey: Option<String>,
    /// The order's own number.
    pub reference: Option<String>,
    /// `posted`, `open` or `declined`; none where nothing accounts for it, which is a fault of the program.
    pub stand: Option<&'static str>,
    /// It stands under an open card.
    pub on_a_card: bool,
}

/// A page of the records of a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordsOfDay {
    pub records: Vec<OfDay>,
    pub next: Option<String>,
}

const RECORDS_A_PAGE: usize = 100;

/// Lists the records of a day
///
/// What a figure of the tally is made of. A page may hold fewer rows than its limit, and still have a next.
#[utoipa::path(get, path = "/tally/records", operation_id = "list_records_of_day", tag = "tally", params(Listing),
    responses((status = 200, description = "A page of records", body = RecordsOfDay, example = json!(examples::records_of_day())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn records(inside: Inside, Query(listing): Query<Listing>) -> Result<axum::Json<RecordsOfDay>, Problem> {
    Ok(axum::Json(records_of(&inside, &listing).await?))
}

/// The page that is asked for.
pub async fn records_of(inside: &Inside, listing: &Listing) -> Result<RecordsOfDay, Problem> {
    let merchant = inside.merchant(&listing.company)?;
    inside.leave(Right::Read, merchant.company.as_str())?;
    let day = listing.day.unwrap_or_else(|| inside.now().date_in(&merchant.zone));
    let only = listing.stand.map(Stands::standing);
    let after = placed::<(i64, String)>(listing.after.as_deref())?;
    let after = after.map(|(at, key)| (Timestamp::from_micros(at), key));
    let limit = limit(listing.limit, RECORDS_A_PAGE)?;
    let [orders, shipments] = Source::of(merchant);
    let source = if orders.kind == listing.kind.kind() {
        orders
    } else {
        shipments
    };
    let page = records::page(&inside.parts.store, &source, day, only, after, limit).await?;
    let next = page.next.map(|(at, key)| cursor(&(at.micros(), key))).transpose()?;
    let record = |record: records::Record| OfDay {
        key: record.key,
        received_at: At(record.received_at),
        made_at: record.made_at.map(At),
        journey: record.journey,
        reference: record.reference,
        stand: record.standing.map(|standing| Stands::of(standing).name()),
        on_a_card: record.carded,
    };
    Ok(RecordsOfDay {
        records: page.rows.into_iter().map(record).collect(),
        next,
    })
}

/// Whose lists.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WhoseTally)]
pub struct Whose {
    #[schema(example = "acme")]
    pub company: String,
}

/// What is compared now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedNow {
    pub company: String,
    /// Sources whose lists were not due to be compared, and are now.
    pub hurried: Vec<String>,
}

/// Has the sources' own lists compared now
///
/// By whichever worker runs, within a minute, and not only once a day. The tally shows it then.
#[utoipa::path(post, path = "/tally/compare", operation_id = "compare_tally", tag = "tally",
    request_body(content = Whose, example = json!({"company": "acme"})),
    responses((status = 200, description = "What is compared now", body = ComparedNow, example = json!(examples::compared_now())),
        (status = 404, description = "There is no such company", body = Problem, content_type = "application/problem+json")))]
pub async fn compare(inside: Inside, Json(whose): Json<Whose>) -> Result<axum::Json<ComparedNow>, Problem> {
    let merchant = inside.merchant(&whose.company)?;
    let permit = inside.leave(Right::Act, merchant.company.as_str())?;
    let mut hurried = Vec::new();
    for source in Source::of(merchant) {
        let name = source.connection.to_string();
        let (by, now) = (permit.actor().to_owned(), inside.now());
        if inside.parts.store.write(Hurry { source, by, now }).await? {
            hurried.push(name);
        }
    }
    inside.parts.bells.hurry();
    Ok(axum::Json(ComparedNow {
        company: whose.company,
        hurried,
    }))
}
