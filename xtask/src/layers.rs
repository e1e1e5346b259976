//! Which crate may use which: the shape of the house, held by a check and not by good intentions.
//!
//! The rules are those of ARCHITECTURE.md. A new crate has no rule yet, and that is a complaint too.

use crate::metadata::{Metadata, Package};

/// What one crate of ours may use of ours, and what it must not be built with at all, directly or through others.
struct Rule {
    name: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const CORE: &str = "tallyman-core";
const STORE: &str = "tallyman-store";
const ENGINE: &str = "tallyman-engine";
const CONNECTORS: &str = "tallyman-connectors";
const SHEETS: &str = "tallyman-sheets";
const WEB: &str = "tallyman-web";
const TWIN: &str = "tallyman-twin";
const TALLYMAN: &str = "tallyman";

const RULES: &[Rule] = &[
    Rule {
        name: CORE,
        ours: &[],
        never: &[
            "tokio",
            "async-std",
            "smol",
            "rusqlite",
            "tokio-postgres",
            "sqlx",
            "reqwest",
            "hyper",
            "axum",
            "uuid",
            "chrono",
        ],
        why: "the core decides: no input or output, no clock, no runtime, no SQL, no chance",
    },
    Rule {
        name: CONNECTORS,
        ours: &[CORE],
        never: &["tokio", "rusqlite", "tokio-postgres", "sqlx", "reqwest", "hyper", "axum"],
        why: "a connector sees only `Io`: no storage, no sockets, no runtime",
    },
    Rule {
        name: STORE,
        ours: &[CORE],
        never: &["reqwest", "axum", "hyper", "maud", "sqlx"],
        why: "the store holds rows, not rules or wires",
    },
    Rule {
        name: ENGINE,
        ours: &[CORE, STORE],
        never: &["reqwest", "axum", "hyper", "maud"],
        why: "the engine knows roles, never vendors, pages or a particular HTTP client",
    },
    Rule {
        name: SHEETS,
        ours: &[CORE],
        never: &["tokio", "rusqlite", "tokio-postgres", "reqwest", "hyper", "axum"],
        why: "a sheet is bytes in and bytes out: no files, no storage, no runtime",
    },
    Rule {
        name: WEB,
        ours: &[CORE, STORE, ENGINE, SHEETS],
        never: &["reqwest"],
        why: "pages show and ask; they talk to nobody else",
    },
    Rule {
        name: TWIN,
        ours: &[],
        never: &["rusqlite", "tokio-postgres", "reqwest"],
        why: "the twin shares no type with us, so that it cannot share a misunderstanding",
    },
    Rule {
        name: TALLYMAN,
        ours: &[CORE, STORE, ENGINE, CONNECTORS, SHEETS, WEB, TWIN],
        never: &["openssl-sys", "aws-lc-sys"],
        why: "one TLS, one provider, nothing of the system's",
    },
    Rule {
        name: "tallyman-tests",
        ours: &[CORE, STORE, ENGINE, CONNECTORS, SHEETS, WEB, TWIN, TALLYMAN],
        never: &[],
        why: "tests across crates may use all",
    },
    Rule {
        name: "xtask",
        ours: &[],
        never: &[],
        why: "a chore must not share a fault with what it checks",
    },
];

/// Direct dependencies that are refused even where something else brings the crate in anyway.
const NEVER_DIRECTLY: &[(&str, &[&str], &str)] = &[
    (CORE, &["getrandom", "rand", "rand_chacha"], "chance is handed in"),
    (CONNECTORS, &["getrandom", "rand", "rand_chacha"], "chance is handed in"),
    (
        ENGINE,
        &["rusqlite", "tokio-postgres", "deadpool-postgres"],
        "SQL lives in the store",
    ),
    (
        WEB,
        &["rusqlite", "tokio-postgres", "deadpool-postgres"],
        "SQL lives in the store",
    ),
];

/// The feature that plants known faults for the tests. What is shipped never has it.
const PLANTED: &str = "planted";

/// The crate that may build another one with [`PLANTED`], since nothing of it ships.
const MAY_PLANT: &str = "tallyman-tests";

/// One sentence for each rule that is broken.
pub fn complaints(metadata: &Metadata) -> Vec<String> {
    let mut complaints = Vec::new();
    let ours: Vec<&Package> = metadata.ours().collect();
    for package in &ours {
        let Some(rule) = RULES.iter().find(|rule| rule.name == package.name) else {
            complaints.push(format!(
                "crate {} has no rule: say in xtask/src/layers.rs what it may use",
                package.name
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let is_ours = ours.iter().any(|one| one.name == dependency.name);
            if is_ours && !rule.ours.contains(&dependency.name.as_str()) {
                let kind = dependency.kind.as_deref().map_or(String::new(), |kind| format!(" ({kind})"));
                complaints.push(format!("{} uses {}{kind}: {}", package.name, dependency.name, rule.why));
            }
        }
        let built_with = metadata.built_with(package);
        for never in rule.never {
            if let Some(through) = built_with.get(*never) {
                complaints.push(format!(
                    "{} is built with {never} (through {through}): {}",
                    package.name, rule.why
                ));
            }
        }
        for (name, never, why) in NEVER_DIRECTLY {
            for dependency in package.dependencies.iter().filter(|one| one.kind.is_none()) {
                if *name == package.name && never.contains(&dependency.name.as_str()) {
                    complaints.push(format!("{name} uses {}: {why}", dependency.name));
                }
            }
        }
    }
    complaints.extend(ours.iter().flat_map(|package| planted(package)));
    for rule in RULES {
        if !ours.iter().any(|package| package.name == rule.name) {
            complaints.push(format!(
                "xtask/src/layers.rs has a rule for {}, which is no crate of ours",
                rule.name
            ));
        }
    }
    complaints
}

/// Whether an ordinary build of this crate would carry planted faults.
fn planted(package: &Package) -> Vec<String> {
    let by_default = package
        .features
        .get("default")
        .is_some_and(|on| on.iter().any(|feature| feature == PLANTED));
    let asks = |features: &[String]| features.iter().any(|feature| feature == PLANTED);
    let mut complaints = Vec::new();
    if by_default {
        complaints.push(format!(
            "{}: the feature {PLANTED} is on by default, and would ship",
            package.name
        ));
    }
    for dependency in package
        .dependencies
        .iter()
        .filter(|one| one.kind.is_none() && asks(&one.features))
    {
        if package.name != MAY_PLANT {
            complaints.push(format!(
                "{} builds {} with the feature {PLANTED}, which would ship",
                package.name, dependency.name
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(uses: &[(&str, &str)]) -> Metadata {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        let package = |name: &str| {
            let dependencies: Vec<serde_json::Value> = uses
                .iter()
                .filter(|(from, _)| *from == name)
                .map(|(_, to)| serde_json::json!({"name": to, "kind": null}))
                .collect();
            serde_json::json!({"id": name, "name": name, "version": "0.1.0", "source": null, "license": null, "dependencies": dependencies, "features": {}})
        };
        let node = |name: &str| {
            let deps: Vec<serde_json::Value> = uses
                .iter()
                .filter(|(from, _)| *from == name)
                .map(|(_, to)| serde_json::json!({"pkg": to, "dep_kinds": [{"kind": null}]}))
                .collect();
            serde_json::json!({"id": name, "deps": deps})
        };
        let mut all: Vec<&str> = names.clone();
        all.extend(uses.iter().map(|(_, to)| *to).filter(|to| !names.contains(to)));
        serde_json::from_value(serde_json::json!({
            "packages": all.iter().map(|name| package(name)).collect::<Vec<_>>(),
            "workspace_members": names,
            "resolve": {"nodes": all.iter().map(|name| node(name)).collect::<Vec<_>>()},
        }))
        .unwrap()
    }

    #[test]
    fn a_house_in_order_has_no_complaints() {
        assert_eq!(
            complaints(&metadata(&[(STORE, CORE), (ENGINE, STORE), (TALLYMAN, TWIN)])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_twin_may_use_nothing_of_ours() {
        let found = complaints(&metadata(&[(TWIN, CORE)]));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("tallyman-twin uses tallyman-core"), "{}", found[0]);
    }

    #[test]
    fn a_runtime_that_reaches_the_core_through_another_crate_is_found() {
        let found = complaints(&metadata(&[(CORE, "innocent"), ("innocent", "tokio")]));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("tokio (through innocent)"), "{}", found[0]);
    }

    #[test]
    fn sql_drivers_stay_in_the_store() {
        let found = complaints(&metadata(&[(STORE, "rusqlite"), (ENGINE, STORE), (ENGINE, "rusqlite")]));
        assert_eq!(
            found,
            vec!["tallyman-engine uses rusqlite: SQL lives in the store".to_owned()]
        );
    }

    #[test]
    fn planted_faults_do_not_ship() {
        let mut house = metadata(&[(ENGINE, CORE), ("tallyman-tests", CORE)]);
        for package in &mut house.packages {
            for dependency in &mut package.dependencies {
                dependency.features.push(PLANTED.to_owned());
            }
        }
        let found = complaints(&house);
        assert_eq!(
            found,
            vec!["tallyman-engine builds tallyman-core with the feature planted, which would ship".to_owned()]
        );
    }
}
