//! The simulation, as the gate runs it: a fixed few hundred seeds. The soak runs ten thousand.

use tallyman::demo::run_virtual;
use tallyman::scene;
use tallyman::simulate::{run, run_seed};
use tallyman_core::planted::Planted;

const SEEDS: std::ops::Range<u64> = 0..300;

#[test]
fn no_seed_loses_or_doubles_anything_and_together_they_meet_every_fault() {
    let summary = run(SEEDS, Planted::default(), false, &|_, _| {});
    assert!(summary.failures.is_empty(), "{:#?}", summary.failures);
    assert!(
        summary.orders >= 20 * (SEEDS.end - SEEDS.start),
        "a seed has at least 20 orders: {}",
        summary.orders
    );
    assert_eq!(summary.unmet(), Vec::<String>::new(), "never met: {:#?}", summary.met);
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    for seed in [3, 4, 11] {
        let (first, second) = (run_seed(seed, Planted::default()), run_seed(seed, Planted::default()));
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert!(first.digest.len() > 100, "two journals have two roots: {}", first.digest);
    }
    assert_ne!(run_seed(3, Planted::default()).digest, run_seed(4, Planted::default()).digest);
}

#[test]
fn a_harsh_day_of_real_orders_comes_out_even() {
    let settings = scene::demo_settings(11, 250, "harsh").expect("there is a harsh day");
    let report = run_virtual(settings, |_, _| {}).expect("the day runs");
    assert_eq!(report.complaints(false, false), Vec::<String>::new(), "{report:#?}");
}
