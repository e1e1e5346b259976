//! A merchant's day on the twin in a few seconds, from a configuration as a merchant writes it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use tallyman::assemble;
use tallyman::clocks::system_now;
use tallyman::config::Config;
use tallyman::scene::{MORNING, demo_settings, set_the_table};
use tallyman::wires::ToTwin;
use tallyman_core::seam::{Exchange, Lost, Method, Reply, Transport};
use tallyman_core::time::Timestamp;
use tallyman_engine::parts::Parts;
use tallyman_engine::status::AskStatus;
use tallyman_engine::worker::{Worker, set_up};
use tallyman_twin::clock::Clock as TwinClock;
use tallyman_twin::wire::Twin;
use tempfile::TempDir;

/// An hour in half a minute.
const PACE: u32 = 120;
/// After so long in the scene something is wrong.
const QUIET_BY: Duration = Duration::from_secs(4 * 3600);
const LOOK_EVERY: Duration = Duration::from_secs(30);

pub struct Scene {
    pub parts: Arc<Parts>,
    twin: Twin,
    said: Arc<Mutex<Vec<Quoted>>>,
}

/// Whom the warehouse has named in a refusal.
#[derive(Clone)]
pub struct Quoted {
    pub name: String,
    pub postcode: String,
}

/// Orders of the first company that the warehouse refuses for good, and one after them that it refuses in a way that proves nothing.
pub const REFUSED: usize = 2;
const ALL: usize = REFUSED + 1;

/// The wire to the twin. The warehouse refuses the first company's first orders, in words that name the customer.
struct Quoting {
    twin: ToTwin,
    key: String,
    said: Arc<Mutex<Vec<Quoted>>>,
}

#[async_trait]
impl Transport for Quoting {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let creates = exchange.method == Method::Put && exchange.url.ends_with("/api/Order");
        if creates && exchange.headers.iter().any(|(_, value)| *value == self.key) {
            let body = exchange.body.as_ref().expect("an order has a body");
            let order: serde_json::Value = serde_json::from_slice(body).expect("JSON");
            let field = |name: &str| order[name].as_str().expect("a text").to_owned();
            let quoted = Quoted {
                name: format!("{} {}", field("FirstName"), field("LastName")).trim().to_owned(),
                postcode: field("PostCode"),
            };
            let message = format!("Delivery to '{}' at '{}' is not possible.", quoted.name, quoted.postcode);
            let mut said = self.said.lock().unwrap();
            let answer = match said.len() {
                0..REFUSED => Some((
                    200,
                    serde_json::json!([{ "OrderId": 0, "Success": false, "Message": message }]),
                )),
                REFUSED..ALL => Some((409, serde_json::json!({ "Message": message }))),
                _ => None,
            };
            if let Some((status, body)) = answer {
                said.push(quoted);
                return Ok(Reply {
                    status,
                    headers: Vec::new(),
                    body: body.to_string().into(),
                });
            }
        }
        self.twin.exchange(exchange).await
    }
}

impl Scene {
    /// `database` as it stands in a configuration.
    pub async fn open(folder: &TempDir, database: &str, schema: Option<&str>) -> Scene {
        capture_logs();
        let mut settings = demo_settings(11, 12, "usual").unwrap();
        settings.orders.within = 60_000_000;
        settings.orders.planted_per_mille = 300;
        settings.faults.picking_time = 0;
        settings.faults.outages = 0;
        for (name, secret) in [("master", "07".repeat(32))]
            .into_iter()
            .chain(settings.companies.iter().flat_map(|company| {
                let number = company.number;
                [
                    (format!("sage-{number}"), company.sage_client_secret.clone()),
                    (format!("refresh-{number}"), company.sage_refresh_token.clone()),
                    (format!("mintsoft-{number}"), company.mintsoft_api_key.clone()),
                    (format!("virtualstock-{number}"), company.virtualstock_password.clone()),
                ]
                .map(|(name, secret)| (&*name.leak(), secret))
            }))
        {
            std::fs::write(folder.path().join(name), secret).unwrap();
        }
        let text = configuration(database, schema, &settings);
        let config = Config::parse(&text, "tallyman.toml", folder.path().to_owned()).unwrap();
        let key = settings.companies[0].mintsoft_api_key.clone();
        let said = Arc::new(Mutex::new(Vec::new()));
        let twin = Twin::new(settings, TwinClock::starting_at(MORNING, PACE));
        let wire = Quoting {
            twin: ToTwin(twin.clone()),
            key,
            said: said.clone(),
        };
        let parts = Arc::new(assemble::parts(&config, Arc::new(wire)).await.unwrap());
        set_the_table(&parts.store, &parts.merchants, parts.clock.now())
            .await
            .unwrap();
        set_up(&parts).await.unwrap();
        Scene { parts, twin, said }
    }

    /// Whom the warehouse has named: those it refused, and the one that came through after all.
    pub fn quoted(&self) -> (Vec<Quoted>, Quoted) {
        let mut said = self.said.lock().unwrap().clone();
        assert_eq!(said.len(), ALL, "the warehouse has refused");
        let last = said.pop().unwrap();
        (said, last)
    }

    /// Lets a worker work until nothing is on its way, and come to its end.
    pub async fn run_until_quiet(&self) {
        let worker = Worker::new("worker", self.parts.clone());
        let running = tokio::spawn(async move { worker.run().await });
        let clock = &self.parts.clock;
        let began = clock.now();
        loop {
            clock.sleep_until(clock.now().plus(LOOK_EVERY)).await;
            let status = self.parts.store.read(AskStatus).await.unwrap();
            let twin = self.twin.state();
            if twin.all_arrived && status.moving == 0 && status.undecided == 0 && status.open == 0 && !status.journeys.is_empty()
            {
                break;
            }
            assert!(clock.now().since(began) < QUIET_BY, "not quiet in time: {status:?}");
        }
        self.parts.bells.close();
        running.await.unwrap();
    }
}

fn configuration(database: &str, schema: Option<&str>, settings: &tallyman_twin::settings::Settings) -> String {
    let mut text = format!(
        "database = {database}\n[clock]\npace = {PACE}\norigin = \"{}\"\nsince = \"{}\"\n[[master_key]]\nnumber = 1\nkey = {{ file = \"master\" }}\n",
        Timestamp::from_micros(MORNING).to_rfc3339(),
        system_now().to_rfc3339(),
    );
    if let Some(schema) = schema {
        text += &format!("[postgres]\nschema = \"{schema}\"\n");
    }
    for company in &settings.companies {
        let number = company.number;
        text += &format!(
            r#"
[[company]]
name = "trader-{number}"
[company.sage200]
connection = "sage-{number}"
base_url = "http://localhost/sage/uk/sage200extra/accounts/v1"
token_url = "http://localhost/sage-id/oauth/token"
client_id = "{client}"
client_secret = {{ file = "sage-{number}" }}
refresh_token = {{ file = "refresh-{number}" }}
site = "{site}"
company_id = {number}
[company.mintsoft]
connection = "mintsoft-{number}"
base_url = "http://localhost/mintsoft"
api_key = {{ file = "mintsoft-{number}" }}
[company.virtualstock]
connection = "virtualstock-{number}"
base_url = "http://localhost/virtualstock"
username = "{user}"
password = {{ file = "virtualstock-{number}" }}
"#,
            client = company.sage_client_id,
            site = tallyman_twin::sage::SITE,
            user = company.virtualstock_user,
        );
    }
    text
}

/// An empty schema; nothing if PostgreSQL is left out on purpose.
pub async fn fresh_schema(name: &str) -> Option<(String, String)> {
    let Ok(url) = std::env::var("TALLYMAN_TEST_POSTGRES") else {
        let left_out = std::env::var("TALLYMAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            left_out,
            "TALLYMAN_TEST_POSTGRES names no server; set TALLYMAN_TEST_WITHOUT_POSTGRES=1 to leave PostgreSQL out"
        );
        return None;
    };
    let schema = format!("t_{name}");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = format!("set client_min_messages = error; drop schema if exists {schema} cascade; create schema {schema}");
    client.batch_execute(&make).await.unwrap();
    Some((url, schema))
}

/// Said at the finest level, to prove that it is heard.
pub const HEARD: &str = "the log is heard down to the last detail";

static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

/// Everything that is logged, down to the last detail.
fn capture_logs() {
    LOG.get_or_init(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || Captured(writer.clone()))
            .init();
        tracing::trace!("{HEARD}");
        log
    });
}

pub fn logs() -> Vec<u8> {
    LOG.get().expect("logs are captured").lock().unwrap().clone()
}

struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
