//! Eleven planted faults, each of which breaks one law, and each of which the simulation must catch within 200 seeds.

use std::sync::atomic::{AtomicU64, Ordering};

use tallyman::simulate::{Summary, run};
use tallyman_core::planted::{Bug, Planted};

const SEEDS: u64 = 200;

fn caught(bug: Bug) -> (u64, Summary) {
    let tried = AtomicU64::new(0);
    let summary = run(0..SEEDS, Planted::with(bug), true, &|_, _| {
        tried.fetch_add(1, Ordering::SeqCst);
    });
    (tried.load(Ordering::SeqCst), summary)
}

fn must_be_caught(bug: Bug) {
    let (tried, summary) = caught(bug);
    let Some((seed, complaints)) = summary.failures.first_key_value() else {
        panic!("{bug:?} was not caught by {tried} seeds");
    };
    println!("{bug:?} was caught by seed {seed} after {tried}: {}", complaints.join("; "));
}

#[test]
fn no_probe_is_caught() {
    must_be_caught(Bug::NoProbe);
}

#[test]
fn no_quiet_time_is_caught() {
    must_be_caught(Bug::QuietTimeZero);
}

#[test]
fn one_probe_only_is_caught() {
    must_be_caught(Bug::OneProbeOnly);
}

#[test]
fn an_ignored_lease_is_caught() {
    must_be_caught(Bug::LeaseIgnored);
}

#[test]
fn other_content_taken_as_absent_is_caught() {
    must_be_caught(Bug::OtherContentIsAbsent);
}

#[test]
fn confirming_every_draft_is_caught() {
    must_be_caught(Bug::EveryDraftConfirmed);
}

#[test]
fn a_baseline_that_is_not_stored_is_caught() {
    must_be_caught(Bug::BaselineNotStored);
}

#[test]
fn a_refused_put_that_is_believed_is_caught() {
    must_be_caught(Bug::PutRefusalBelieved);
}

#[test]
fn no_answer_taken_as_failure_is_caught() {
    must_be_caught(Bug::NoAnswerIsFailure);
}

#[test]
fn claiming_any_ready_effect_is_caught() {
    must_be_caught(Bug::AnyReadyEffect);
}

#[test]
fn a_sweep_that_sees_no_duplicates_is_caught() {
    must_be_caught(Bug::DuplicatesUnseen);
}
