//! Teams who are told by Slack, at an address of the twin's that a scene's door stands before.

use std::sync::Arc;
use std::time::Duration;

use tallyman_connectors::{BySlack, Secret};
use tallyman_core::alert::{Route, Settings};
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::catalogue::Owner;
use tallyman_core::ident::{Company, Connection};
use tallyman_engine::parts::Alerts;

const AN_HOUR: Duration = Duration::from_secs(3600);

/// Where Slack is; the twin has no Slack, so a scene's door answers for it.
pub const PATH: &str = "/slack";

/// One route for each merchant, for integration.
///
/// # Panics
/// Never: what it says of the time is one.
pub fn by_slack(company: &Company) -> Alerts {
    let connection = Connection::new(format!("slack-{company}"));
    let address = Secret::new(format!("http://twin{PATH}"));
    let route = Route {
        connection: connection.clone(),
        team: Owner::Integration,
        deputy: None,
    };
    let settings = Settings {
        public_url: "https://tallyman.example.com".into(),
        routes: vec![route],
        rules: Vec::new(),
        calendars: Default::default(),
        calendar: Calendar::usual(),
        quiet: None,
        digest_every: AN_HOUR,
        opened_max: 1_000,
        escalation: None,
        test_at: TimeOfDay::parse("08:30").expect("a time"),
    };
    Alerts {
        settings,
        notifiers: vec![Arc::new(BySlack::new(connection, company.clone(), address))],
    }
}
