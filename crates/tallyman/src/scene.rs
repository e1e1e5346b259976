//! The scene that `demo`, `simulate` and the benches play in: two merchants on the twin, set up as an integrator would have.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use data_encoding::BASE64;
use tallyman_connectors::alerts::SigningSecret;
use tallyman_connectors::{ByWebhook, Mintsoft, Sage, Secret, Virtualstock};
use tallyman_core::alert::{Route as AlertRoute, Settings as AlertSettings};
use tallyman_core::calendar::{Calendar, TimeOfDay};
use tallyman_core::catalogue::Owner;
use tallyman_core::ident::{Company, Connection};
use tallyman_core::mapping::{Cell, Row, Table};
use tallyman_core::mastership::Model;
use tallyman_core::promise::Promises;
use tallyman_core::time::{Timestamp, Zone};
use tallyman_engine::parts::{Alerts, Merchant};
use tallyman_store::tables::mappings;
use tallyman_store::{Store, Tx, Unit, UnitError};
use tallyman_twin::causes;
use tallyman_twin::causes::receiver::SECRET;
use tallyman_twin::faults::Faults;
use tallyman_twin::sage::SITE;
use tallyman_twin::settings::{self, Orders, Settings};

/// 2026-11-02T08:00:00Z, a Monday morning: the twin's day begins.
pub const MORNING: i64 = 1_793_606_400_000_000;

/// Two hours, into which the demo's orders are squeezed.
pub const TWO_HOURS: i64 = 2 * 3600 * 1_000_000;

/// The two merchants. The second's Sage records no tracking with a despatch, so its despatches are probed by baseline.
pub fn companies() -> Vec<settings::Company> {
    vec![settings::Company::numbered(1, true), settings::Company::numbered(2, false)]
}

/// Orders of a thousand that the demo plants a defect in, unless there are to be no faults at all.
const PLANTED_PER_MILLE: u32 = 20;

/// Lines of an order on a day with planted causes: each company's ledger holds every item that is named.
const PLANTED_LINES_MAX: u32 = 6;

/// The demo's twin: real invoices dealt to the two merchants in turn, within two hours.
pub fn demo_settings(seed: u64, orders: u32, faults: &str) -> Option<Settings> {
    Some(Settings {
        seed,
        origin: MORNING,
        companies: companies(),
        faults: Faults::named(faults)?,
        orders: Orders {
            count: orders,
            skip_invoices: 0,
            within: TWO_HOURS,
            same_for_all: false,
            planted_per_mille: if faults == "none" { 0 } else { PLANTED_PER_MILLE },
            mended: false,
            relisted: 0,
            foreign_per_mille: 0,
            keyed_late_per_mille: 0,
            lines_max: 0,
            named_items_only: false,
        },
        limits: true,
        virtualstock: tallyman_twin::virtualstock::Switches::default(),
        mintsoft: tallyman_twin::mintsoft::Switches::default(),
        sage: tallyman_twin::sage::Switches::default(),
        plant: None,
        plant_only: Vec::new(),
    })
}

/// The same with causes planted on purpose and no other fault: as many merchants as the twin's list needs, and short orders.
pub fn planted_settings(seed: u64, orders: u32) -> Option<Settings> {
    let mut settings = demo_settings(seed, orders, "none")?;
    // Every second records no tracking, as in the demo.
    let company = |number| settings::Company::numbered(number, number % 2 == 1);
    settings.companies = (1..=causes::companies()).map(company).collect();
    settings.plant = Some(causes::Plant::Causes);
    // So early that what is put off for hours has its card before the day is over.
    settings.orders.within = TWO_HOURS / 2;
    settings.orders.lines_max = PLANTED_LINES_MAX;
    settings.orders.named_items_only = true;
    Some(settings)
}

/// The merchants of a twin that is reached at `address` (`http://127.0.0.1:9100`).
pub fn merchants(address: &str, companies: &[settings::Company]) -> Vec<Arc<Merchant>> {
    merchants_in(address, companies, &Zone::utc())
}

/// The same, where the configuration says that the warehouse's times are local to this zone.
pub fn merchants_in(address: &str, companies: &[settings::Company], zone: &Zone) -> Vec<Arc<Merchant>> {
    let merchant = |company| Arc::new(merchant(address, company, zone));
    companies.iter().map(merchant).collect()
}

/// What a company of the twin's is called.
pub fn company(number: u32) -> String {
    format!("trader-{number}")
}

fn merchant(address: &str, company: &settings::Company, warehouse_zone: &Zone) -> Merchant {
    let number = company.number;
    let name = Company::new(self::company(number));
    let connection = |kind: &str| Connection::new(format!("{kind}-{number}"));
    let sage = Sage::new(
        connection("sage"),
        name.clone(),
        &*company.sage_client_id,
        &*company.sage_client_secret,
        &*company.sage_refresh_token,
        SITE,
        i64::from(number),
    )
    .at(
        format!("{address}/sage/uk/sage200extra/accounts/v1"),
        format!("{address}/sage-id/oauth/token"),
    );
    let mintsoft = Mintsoft::new(connection("mintsoft"), name.clone(), &*company.mintsoft_api_key, None)
        .at(format!("{address}/mintsoft"))
        .in_zone(warehouse_zone.clone());
    let virtualstock = Virtualstock::new(
        connection("virtualstock"),
        name.clone(),
        &*company.virtualstock_user,
        &*company.virtualstock_password,
    )
    .at(format!("{address}/virtualstock"));
    Merchant {
        masters: Model::default(),
        company: name,
        zone: Zone::named("Europe/London").unwrap_or_else(|_| Zone::utc()),
        ledger: Arc::new(sage),
        warehouse: Arc::new(mintsoft),
        channel: Arc::new(virtualstock),
        confirm_parts: false,
        promises: Promises::default(),
        suppliers: [(4100 + number).to_string()].into(),
        alerts: None,
    }
}

/// What the integrator has mapped before going live.
pub fn mappings(merchant: &Merchant, number: u32, now: Timestamp) -> Vec<Row> {
    let route = merchant.route();
    let scope = route.channel.to_string();
    let site = format!("site of {}", route.warehouse);
    let retailer = format!("Twin Retail {number}");
    let cells: [(Table, &str, &str); 17] = [
        (Table::Customer, &retailer, "VSRETAIL"),
        (Table::Warehouse, route.warehouse.as_str(), "MAIN"),
        (Table::Warehouse, &site, "3"),
        (Table::Tax, "20", "1"),
        (Table::Tax, "0", "0"),
        (Table::CarrierOut, "standard", "12"),
        (Table::CarrierOut, "next-day", "21"),
        (Table::CarrierIn, "Royal Mail Tracked 48", "royal-mail"),
        (Table::CarrierIn, "Royal Mail Tracked 24", "royal-mail"),
        (Table::CarrierIn, "DPD Next Day", "dpd"),
        (Table::CarrierIn, "Parcelforce Global", "parcel-force"),
        (Table::CarrierIn, "Yodel 48", "yodel"),
        (Table::CarrierLedger, "Royal Mail Tracked 48", "Royal Mail"),
        (Table::CarrierLedger, "Royal Mail Tracked 24", "Royal Mail"),
        (Table::CarrierLedger, "DPD Next Day", "DPD"),
        (Table::CarrierLedger, "Parcelforce Global", "Palletline"),
        (Table::CarrierLedger, "Yodel 48", "Evri"),
    ];
    cells
        .into_iter()
        .map(|(table, theirs, ours)| Row {
            cell: Cell {
                table,
                scope: scope.clone(),
                theirs: theirs.to_owned(),
            },
            ours: Some(ours.to_owned()),
            seq: 0,
            at: now,
            actor: "integrator".into(),
            reason: "set-up".into(),
        })
        .collect()
}

struct PutMappings {
    company: String,
    rows: Vec<Row>,
}

impl Unit for PutMappings {
    type Output = ();
    const NAME: &'static str = "put_mappings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        if mappings::latest(tx, &self.company).await?.0 > 0 {
            return Ok(());
        }
        for row in &self.rows {
            mappings::insert(tx, &self.company, row).await?;
        }
        Ok(())
    }
}

struct Change {
    company: String,
    rows: Vec<Row>,
}

impl Unit for Change {
    type Output = ();
    const NAME: &'static str = "change_mappings";

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), UnitError> {
        for row in &self.rows {
            mappings::insert(tx, &self.company, row).await?;
        }
        Ok(())
    }
}

/// Says otherwise, or nothing any more, in some cells of one merchant.
pub async fn change_the_table(store: &Store, merchant: &Merchant, rows: Vec<Row>) -> Result<(), UnitError> {
    let company = merchant.company.to_string();
    store.write(Change { company, rows }).await
}

/// Puts the scene's mappings in, once.
pub async fn set_the_table(store: &Store, merchants: &[Arc<Merchant>], now: Timestamp) -> Result<(), UnitError> {
    for (merchant, number) in merchants.iter().zip(1..) {
        store
            .write(PutMappings {
                company: merchant.company.to_string(),
                rows: mappings(merchant, number, now),
            })
            .await?;
    }
    Ok(())
}

/// Alerts of a company by one webhook to the twin at this address, for all teams and at any time of the day.
pub fn told_by_webhook(address: &str, company: &Company) -> anyhow::Result<Alerts> {
    let connection = Connection::new(format!("webhook-{company}"));
    let secret = SigningSecret::parse(&format!("whsec_{}", BASE64.encode(&SECRET)))?;
    let address = Secret::new(format!("{address}/alerts/{company}"));
    let route = AlertRoute {
        connection: connection.clone(),
        team: Owner::Integration,
        deputy: None,
    };
    Ok(Alerts {
        settings: AlertSettings {
            public_url: "https://tallyman.example.com".into(),
            routes: vec![route],
            rules: Vec::new(),
            calendars: Default::default(),
            calendar: Calendar::usual(),
            quiet: None,
            digest_every: Duration::from_secs(3600),
            opened_max: 1_000,
            escalation: None,
            test_at: TimeOfDay::parse("07:30").context("a time of day")?,
        },
        notifiers: vec![Arc::new(ByWebhook::new(connection, company.clone(), address, secret))],
    })
}
