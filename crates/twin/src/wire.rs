//! The wire between callers and vendors: where calls take time, get lost, arrive late or meet a failing machine.
//!
//! Each call draws its fate from a stream of its own (vendor and number of the call), so the same calls in the same order meet the
//! same fates. The work is done in a task that outlives a caller who gives up: that is how a late commit can exist. Vendors throttle
//! and forget tokens by themselves; all that is here is what happens to any of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde::Serialize;

use crate::audit;
use crate::books::Books;
use crate::call::{Lost, Request, Response, Vendor};
use crate::caller;
use crate::causes;
use crate::causes::receiver::{Receiver, Told};
use crate::clock::{Clock, Instant};
use crate::fate::{Fate, Party, Plan, outages};
use crate::faults::{Counts, Kind, Span};
use crate::settings::Settings;
use crate::world;

/// All vendors behind one address. Clones are handles to the same twin.
#[derive(Clone)]
pub struct Twin(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    books: Mutex<Books>,
    counts: Counts,
    calls: Mutex<Calls>,
    outages: BTreeMap<Party, Vec<Span>>,
    late: AtomicU64,
    receiver: Mutex<Receiver>,
}

/// How many calls arrived.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Calls {
    pub by_vendor: BTreeMap<&'static str, u64>,
    /// By system and company: `sage-1`. Both doors of Sage are one.
    pub by_connection: BTreeMap<String, u64>,
    /// By method and path, ids replaced: `GET /sage/uk/sage200extra/accounts/v1/sop_orders/{id}`.
    pub by_path: BTreeMap<String, u64>,
}

/// What `GET /twin/report` answers.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub now: Instant,
    pub progress: world::Progress,
    pub audit: audit::Report,
    pub faults: BTreeMap<&'static str, u64>,
    pub calls: Calls,
    /// Outages of each vendor as (from, until), past and to come.
    pub outages: BTreeMap<&'static str, Vec<(Instant, Instant)>>,
}

/// What `GET /twin/state` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct State {
    pub now: Instant,
    /// Every order of the settings has arrived at its retailer.
    pub all_arrived: bool,
    /// Late commits under way and events of the world to come.
    pub waiting: u64,
    /// Late commits under way.
    pub late: u64,
}

/// What is to be wrong with one merchant's own table.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub company: u32,
    pub wants: causes::Wants,
    /// The item that the company's orders name first.
    pub item: String,
}

impl Twin {
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let counts = Counts::new(&settings);
        let books = Mutex::new(Books::new(&settings, &counts));
        let outages = outages(&settings);
        let inner = Inner {
            settings,
            clock,
            books,
            counts,
            calls: Mutex::default(),
            outages,
            late: AtomicU64::new(0),
            receiver: Mutex::default(),
        };
        Self(Arc::new(inner))
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The books of all vendors; calls wait while the guard is held.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().expect("a vendor has panicked")
    }

    /// One exchange. The first segment of the path says with whom; `/twin/…` is the twin itself and never fails.
    ///
    /// A caller may give up at any time by dropping this; what was sent is still carried out.
    pub async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Lost> {
        let path = request.uri().path();
        let (segment, rest) = path[1.min(path.len())..]
            .split_once('/')
            .unwrap_or((&path[1.min(path.len())..], ""));
        if segment == "twin" {
            return Ok(into_http(self.admin(request.method(), rest)));
        }
        if segment == "alerts" {
            return Ok(into_http(self.receiver().take(&request, self.0.clock.now())));
        }
        let Some(party) = Party::at(segment) else {
            return Ok(into_http(Response::empty(404)));
        };
        let (number, company) = self.count(party, &request);
        if let Some(closed) = self.closed(&request, company) {
            return match closed.status {
                Some(status) => Ok(into_http(Response::json(status, &serde_json::json!({"message": "not now"})))),
                None => Err(Lost::NotConnected),
            };
        }
        if self.is_out(party) {
            self.0.counts.add(Kind::ConnectRefused);
            return Err(Lost::NotConnected);
        }
        let plan = Plan::draw(&self.0.settings, &self.0.counts, party, number);
        let request = vendor_request(&request, rest);
        let twin = self.clone();
        let work = tokio::spawn(async move { twin.carry(party, request, plan).await });
        match work.await {
            Ok(answer) => answer.map(into_http),
            Err(_) => Err(Lost::NoAnswer),
        }
    }

    /// The account of everything: what arrived, what the auditors say, what went wrong, who called whom how often.
    pub fn report(&self) -> Report {
        let (now, books) = self.caught_up();
        let spans = |spans: &Vec<Span>| spans.iter().map(|span| (span.low, span.high)).collect();
        Report {
            now,
            progress: books.world.progress(),
            audit: audit::audit(&books, now),
            faults: self.faults(),
            calls: self.calls(),
            outages: self
                .0
                .outages
                .iter()
                .map(|(party, outages)| (party.name(), spans(outages)))
                .collect(),
        }
    }

    pub fn state(&self) -> State {
        let (now, books) = self.caught_up();
        let progress = books.world.progress();
        let late = self.0.late.load(Ordering::SeqCst);
        State {
            now,
            all_arrived: progress.all_arrived,
            waiting: late + progress.events_waiting,
            late,
        }
    }

    /// What has happened twice so far: the part of the audit that may be asked at any time, and is cheap.
    pub fn doubled(&self) -> Vec<String> {
        audit::doubled(&self.caught_up().1)
    }

    /// How often each kind of fault happened.
    pub fn faults(&self) -> BTreeMap<&'static str, u64> {
        self.0.counts.read()
    }

    pub fn calls(&self) -> Calls {
        self.0.calls.lock().expect("no one panics while counting").clone()
    }

    fn caught_up(&self) -> (Instant, MutexGuard<'_, Books>) {
        let mut books = self.books();
        let now = self.0.clock.now();
        world::advance(&mut books, now);
        (now, books)
    }

    fn admin(&self, method: &http::Method, path: &str) -> Response {
        match (method, path) {
            (&http::Method::GET, "report") => Response::json(200, &self.report()),
            (&http::Method::GET, "doubled") => Response::json(200, &self.doubled()),
            (&http::Method::GET, "state") => Response::json(200, &self.state()),
            _ => Response::empty(404),
        }
    }

    /// Counts the call and gives its number among this party's, and whose it is.
    fn count(&self, party: Party, request: &http::Request<Bytes>) -> (u64, Option<u32>) {
        let company = caller::of(party, request, &self.0.settings.companies, |token| {
            self.books().virtualstock.owner(token)
        });
        let mut calls = self.0.calls.lock().expect("no one panics while counting");
        let pattern = format!("{} {}", request.method(), pattern(request.uri().path()));
        *calls.by_path.entry(pattern).or_default() += 1;
        *calls.by_connection.entry(caller::connection(party, company)).or_default() += 1;
        let number = calls.by_vendor.entry(party.name()).or_default();
        *number += 1;
        (*number, company)
    }

    /// Whether a door is closed to this call.
    fn closed(&self, request: &http::Request<Bytes>, company: Option<u32>) -> Option<causes::Closed> {
        let address = request.uri().path_and_query().map_or("", |address| address.as_str());
        causes::closed(&self.0.settings, company, address, self.0.clock.now())
    }

    fn receiver(&self) -> MutexGuard<'_, Receiver> {
        self.0.receiver.lock().expect("no one panics while listening")
    }

    /// What is to be wrong with the merchants' own table.
    pub fn wanted(&self) -> Vec<Wanted> {
        let books = self.books();
        let planting = books.world.planting();
        let planted = causes::ALL.iter().filter(|cause| self.0.settings.plants(cause));
        let wanted = planted.filter_map(|cause| {
            Some(Wanted {
                company: causes::company(cause),
                wants: cause.wants?,
                item: planting.item_of(cause)?,
            })
        });
        wanted.collect()
    }

    /// All that people were told by webhook.
    pub fn told(&self) -> Vec<Told> {
        self.receiver().told.values().cloned().collect()
    }

    /// Judges cards, as a reader of the API is shown them, by what was planted.
    pub fn judge(&self, cards: &[serde_json::Value]) -> causes::judge::Judgement {
        let (_, books) = self.caught_up();
        causes::judge::judge(&books, &self.receiver(), cards)
    }

    fn is_out(&self, party: Party) -> bool {
        let now = self.0.clock.now();
        self.0
            .outages
            .get(&party)
            .is_some_and(|outages| outages.iter().any(|outage| (outage.low..outage.high).contains(&now)))
    }

    /// Carries one request to its vendor and its answer back, as planned.
    async fn carry(&self, party: Party, request: Request, plan: Plan) -> Result<Response, Lost> {
        match plan.fate {
            Fate::Answered => {
                self.pass(plan.there).await;
                let answer = self.commit(party, &request);
                self.pass(plan.back).await;
                Ok(answer)
            }
            Fate::LostBeforeCommit => {
                self.pass(plan.there).await;
                Err(Lost::NoAnswer)
            }
            Fate::LostAfterCommit => {
                self.pass(plan.there).await;
                self.commit(party, &request);
                self.pass(plan.back).await;
                Err(Lost::NoAnswer)
            }
            Fate::Late(by) => {
                self.0.late.fetch_add(1, Ordering::SeqCst);
                self.0.clock.sleep(by).await;
                let answer = self.commit(party, &request);
                self.0.late.fetch_sub(1, Ordering::SeqCst);
                Ok(answer)
            }
            Fate::FailedBeforeCommit(status) => {
                self.pass(plan.there + plan.back).await;
                Ok(self.failure(party, status))
            }
            Fate::FailedAfterCommit(status) => {
                self.pass(plan.there).await;
                self.commit(party, &request);
                self.pass(plan.back).await;
                Ok(self.failure(party, status))
            }
        }
    }

    async fn pass(&self, micros: i64) {
        if self.0.settings.faults.latency {
            self.0.clock.sleep(micros).await;
        }
    }

    fn commit(&self, party: Party, request: &Request) -> Response {
        let (now, mut books) = self.caught_up();
        vendor(&mut books, party).handle(request, now)
    }

    fn failure(&self, party: Party, status: u16) -> Response {
        vendor(&mut self.books(), party).failure(status)
    }
}

fn vendor(books: &mut Books, party: Party) -> &mut dyn Vendor {
    match party {
        Party::Sage | Party::SageId => &mut books.sage,
        Party::Virtualstock => &mut books.virtualstock,
        Party::Mintsoft => &mut books.mintsoft,
    }
}

fn vendor_request(request: &http::Request<Bytes>, rest: &str) -> Request {
    Request {
        method: request.method().clone(),
        path: format!("/{rest}"),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
        body: request.body().clone(),
    }
}

fn into_http(answer: Response) -> http::Response<Bytes> {
    let mut built = http::Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        built = built.header(name, value);
    }
    built.body(answer.body).expect("vendors' headers are ASCII")
}

/// A path with its ids replaced: segments that are all digits, or as long as a GUID.
fn pattern(path: &str) -> String {
    let is_id = |segment: &str| !segment.is_empty() && (segment.bytes().all(|byte| byte.is_ascii_digit()) || segment.len() == 36);
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if is_id(segment) { "{id}" } else { segment })
        .collect();
    segments.join("/")
}
