//! What a run of the demo comes to, in figures: ours from the store, the others' from the twin's own books.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tallyman_core::catalogue::Again;
use tallyman_core::finding::Code;
use tallyman_engine::status::Status;
use tallyman_twin::causes::judge::Judgement;

/// As JSON it has the figures that are promised to whoever reads them, and no others: what is skipped is for [`Report::complaints`].
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// `virtual`, or `scaled` with its pace.
    pub clock: String,
    /// Of the wall.
    pub seconds: f64,
    pub invoices_read: i64,
    pub orders: i64,
    pub declined: BTreeMap<String, i64>,
    /// Orders without a planted defect, as the twin counts them.
    pub expected: i64,
    pub journeys_complete: i64,
    /// Neither complete nor stopped by an exception.
    pub open: i64,
    pub exceptions: BTreeMap<String, i64>,
    /// What became of causes that were planted on purpose; without them its keys are not there.
    #[serde(flatten)]
    pub judgement: Option<Judgement>,
    #[serde(skip)]
    pub planted: BTreeMap<String, i64>,
    pub orphan_drafts: i64,
    /// What went wrong, by kind.
    pub faults: BTreeMap<String, i64>,
    /// What the twin counts besides and is nobody's fault: how parcels travel, and how a Sage is set up.
    #[serde(skip)]
    pub ways: BTreeMap<String, i64>,
    pub unknown_outcomes: i64,
    pub probes: i64,
    pub calls: BTreeMap<String, i64>,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    #[serde(skip)]
    pub money: Vec<String>,
    #[serde(skip)]
    pub units: Vec<String>,
    /// Parcel numbers in the ledger or at the retailer that the warehouse did not give.
    #[serde(skip)]
    pub tracking: Vec<String>,
    /// Whether everything came to rest in time.
    #[serde(skip)]
    pub quiet: bool,
}

/// Findings that the twin's driver plants, and the code each must be stopped under.
const PLANTED: [(&str, &str); 6] = [
    ("unknown sku", "sku_unknown"),
    ("relisted", "sku_unknown"),
    ("long address", "address_too_long"),
    ("unmapped carrier", "carrier_unmapped"),
    ("foreign", "reference_taken"),
    ("doubled by hand", "ledger_duplicate"),
];

/// Of the twin's counts, those of [`Report::ways`].
const WAYS: [&str; 2] = ["split_shipment", "untracked_despatch"];

fn counts(value: &Value) -> BTreeMap<String, i64> {
    value
        .as_object()
        .map(|map| {
            map.iter()
                .filter_map(|(name, count)| Some((name.clone(), count.as_i64()?)))
                .collect()
        })
        .unwrap_or_default()
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|list| {
            list.iter()
                .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
                .collect()
        })
        .unwrap_or_default()
}

impl Report {
    /// From the store's status and the twin's report, as `/twin/report` gives it.
    pub fn new(clock: String, seconds: f64, status: &Status, twin: &Value, quiet: bool) -> Self {
        let (progress, audit) = (&twin["progress"], &twin["audit"]);
        let (ways, faults) = counts(&twin["faults"])
            .into_iter()
            .partition(|(kind, _)| WAYS.contains(&kind.as_str()));
        let figure = |value: &Value| value.as_i64().unwrap_or(-1);
        Self {
            clock,
            seconds,
            invoices_read: figure(&progress["invoices_read"]),
            orders: figure(&progress["orders"]),
            declined: counts(&progress["declined"]),
            expected: figure(&audit["orders"]) - figure(&audit["stopped"]),
            journeys_complete: status.journeys.get("complete").copied().unwrap_or(0),
            open: status.open + status.undecided,
            exceptions: status.exceptions.clone(),
            judgement: None,
            planted: {
                let mut planted = counts(&progress["planted"]);
                // What somebody keyed late stopped our order, or stands beside it: the books say which.
                let doubled = audit["doubled_by_hand"].as_array().map_or(0, |list| list.len() as i64);
                let late = progress["keyed_late"].as_i64().unwrap_or(0);
                planted.insert("foreign".into(), figure(&progress["foreign"]) + late - doubled);
                planted.insert("doubled by hand".into(), doubled);
                planted.retain(|_, count| *count > 0);
                planted
            },
            orphan_drafts: figure(&audit["orphan_drafts"]),
            faults,
            ways,
            unknown_outcomes: status.unknown_outcomes,
            probes: status.probes,
            calls: counts(&twin["calls"]["by_connection"]),
            lost: words(&audit["lost"]),
            doubled: words(&audit["doubled"]),
            money: words(&audit["money"]),
            units: words(&audit["units"]),
            tracking: words(&audit["tracking"]),
            quiet,
        }
    }

    /// In sentences, for somebody who has watched.
    pub fn in_words(&self) -> String {
        let faults: i64 = self.faults.values().sum();
        let stopped = match self.exceptions.values().sum::<i64>() {
            0 => "none had to be stopped".to_owned(),
            count => {
                let why: Vec<String> = self
                    .exceptions
                    .iter()
                    .map(|(code, count)| format!("{code} {count}"))
                    .collect();
                format!("{count} were stopped for a person ({})", why.join(", "))
            }
        };
        let found = |what: &str, list: &[String]| match list.len() {
            0 => format!("nothing {what}"),
            count => format!("{count} {what}"),
        };
        format!(
            "{} orders came, {} went the whole way, {stopped}.\n\
             Things went wrong {faults} times. After {} writes nobody could say whether they had been carried out; {} questions settled it.\n\
             The auditors, who read only the vendors' own books, found {}, {}.",
            self.orders,
            self.journeys_complete,
            self.unknown_outcomes,
            self.probes,
            found("lost", &self.lost),
            found("doubled", &self.doubled),
        )
    }

    /// Everything that is not as it should be; nothing if the run succeeded. Who watches may have put right some of what was planted: those
    /// orders have gone the whole way then.
    pub fn complaints(&self, faults_expected: bool, watched: bool) -> Vec<String> {
        if let Some(judgement) = &self.judgement {
            // Nobody puts right what was planted, so books and orders stand as they do: only the cards are judged.
            return judgement.planted.iter().flat_map(|planted| planted.wrong.clone()).collect();
        }
        let stopped: i64 = self.exceptions.values().sum();
        let mended = match self.planted.values().sum::<i64>() - stopped {
            mended if watched && mended > 0 => mended,
            _ => 0,
        };
        let mut complaints = Vec::new();
        let mut must = |holds: bool, sentence: String| {
            if !holds {
                complaints.push(sentence);
            }
        };
        must(self.quiet, "not everything came to rest in time".into());
        must(self.expected > 0, "no order was expected".into());
        must(
            self.journeys_complete == self.expected + mended,
            format!(
                "{} journeys are complete, {} were expected",
                self.journeys_complete,
                self.expected + mended
            ),
        );
        must(self.open == 0, format!("{} journeys are open", self.open));
        let declined: i64 = self.declined.values().sum();
        must(
            self.orders + declined == self.invoices_read,
            format!(
                "{} orders and {declined} declined are not {} invoices",
                self.orders, self.invoices_read
            ),
        );
        let mut allowed: BTreeMap<&str, i64> = BTreeMap::new();
        for (planted, code) in PLANTED {
            *allowed.entry(code).or_default() += self.planted.get(planted).copied().unwrap_or(0);
        }
        for (planted, count) in &self.planted {
            must(
                PLANTED.iter().any(|(name, _)| name == planted),
                format!("{count} defects of an unknown kind {planted} were planted"),
            );
        }
        // A system that is down just now, or a feed that is late for it, stops no order for good: that all went on is seen above.
        let stops = |code: &str| Code::named(code).is_none_or(|code| code.entry().again != Again::Flow);
        for (code, count) in self.exceptions.iter().filter(|(code, _)| stops(code)) {
            let planted = allowed.get(code.as_str()).copied().unwrap_or(0);
            must(
                *count == planted || (watched && *count < planted),
                format!("{count} journeys are stopped by {code}, {planted} were planted"),
            );
        }
        for (code, planted) in allowed.iter().filter(|(_, planted)| **planted > 0) {
            must(
                watched || self.exceptions.contains_key(*code),
                format!("{planted} defects for {code} were planted and none was found"),
            );
        }
        must(
            self.orphan_drafts == 0,
            format!("{} drafts of ours are left behind", self.orphan_drafts),
        );
        for (what, found) in [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("money", &self.money),
            ("units", &self.units),
            ("tracking", &self.tracking),
        ] {
            must(
                found.is_empty(),
                format!(
                    "{what}: {} lines, such as {}",
                    found.len(),
                    found.first().cloned().unwrap_or_default()
                ),
            );
        }
        if faults_expected {
            for (kind, count) in self.faults.iter().chain(&self.ways) {
                must(*count > 0, format!("no fault of kind {kind} happened"));
            }
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_parcels_travel_is_no_fault() {
        let twin = json!({ "faults": { "split_shipment": 3, "slow_answer": 2 } });
        let report = Report::new("virtual".into(), 1.5, &Status::default(), &twin, true);
        assert_eq!(report.faults, BTreeMap::from([("slow_answer".to_owned(), 2)]));
        assert_eq!(report.ways, BTreeMap::from([("split_shipment".to_owned(), 3)]));
        assert!(report.in_words().contains("Things went wrong 2 times."));
    }

    #[test]
    fn its_json_has_the_promised_keys_and_no_others() {
        let report = Report::new("virtual".into(), 1.5, &Status::default(), &json!({}), true);
        let Ok(Value::Object(written)) = serde_json::to_value(&report) else {
            panic!("a report is an object")
        };
        let keys: Vec<&str> = written.keys().map(String::as_str).collect();
        let mut promised = vec![
            "clock",
            "seconds",
            "invoices_read",
            "orders",
            "declined",
            "expected",
            "journeys_complete",
            "open",
            "exceptions",
            "orphan_drafts",
            "faults",
            "unknown_outcomes",
            "probes",
            "calls",
            "lost",
            "doubled",
        ];
        promised.sort_unstable();
        assert_eq!(keys, promised);
    }
}
