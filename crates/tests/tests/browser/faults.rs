//! What is wrong with a page, whatever it shows: what axe-core finds, what the browser writes into its console, what is wider than
//! what holds it.

use serde_json::{Value, json};

use super::driver::variable;
use super::kit::Browser;

/// Names the file `axe.min.js`.
const AXE: &str = "TALLYMAN_TEST_AXE";
/// What its faults begin with.
const OF_AXE: &str = "axe: ";

/// All that is wrong with the page that is open; console lines are those since it was last asked.
pub async fn of(browser: &Browser) -> Vec<String> {
    let mut faults = console(browser).await;
    faults.extend(width(browser).await);
    faults.extend(axe(browser).await);
    faults
}

/// Fails unless nothing is wrong with the page, and leaves a picture of it under this name if pictures are wanted.
pub async fn none(browser: &Browser, name: &str) {
    let faults = of(browser).await;
    // Kept before anything fails: a picture of what is wrong is the one that is wanted most.
    browser.keep_picture(name).await;
    assert!(faults.is_empty(), "{}", told(browser, name, &faults));
}

/// What is wrong with a page, for whoever has to mend it.
pub fn told(browser: &Browser, name: &str, faults: &[String]) -> String {
    format!(
        "{name} at {} has {} fault(s):\n{}",
        browser.view(),
        faults.len(),
        faults.join("\n")
    )
}

/// Whether it is axe-core that found it.
pub fn is_of_axe(fault: &str) -> bool {
    fault.starts_with(OF_AXE)
}

/// What the browser wrote into its console, whatever its level: errors, refusals by the page's policy, what could not be loaded.
pub async fn console(browser: &Browser) -> Vec<String> {
    let lines = browser.post("/se/log", json!({"type": "browser"})).await;
    let line = |line: &Value| format!("console: {} {}", text(&line["level"]), text(&line["message"]));
    lines.as_array().into_iter().flatten().map(line).collect()
}

/// What sticks out of its panel, or out of the window, which makes the whole page move sideways.
async fn width(browser: &Browser) -> Vec<String> {
    let width = browser.view().width;
    let out = browser.run(STICKS_OUT, json!([width])).await;
    let fault = |element: &Value| format!("width: {}", text(element));
    out.as_array().into_iter().flatten().map(fault).collect()
}

/// Rules that are broken, each with an element that breaks it. It needs scripts.
async fn axe(browser: &Browser) -> Vec<String> {
    assert!(browser.runs_scripts(), "axe-core is a script: ask it with scripts on");
    let file = variable(AXE);
    let script = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file} of {AXE}: {error}"));
    browser.run(&script, json!([])).await;
    let found = browser.run_until_done(RUN_AXE, json!([])).await;
    assert!(found["passed"].as_u64() > Some(0), "axe-core has looked at nothing: {found}");
    let mut faults = Vec::new();
    for rule in found["violations"].as_array().into_iter().flatten() {
        for element in rule["elements"].as_array().into_iter().flatten() {
            faults.push(format!(
                "{OF_AXE}{} ({}): {}: {}",
                text(&rule["id"]),
                text(&rule["impact"]),
                text(&element["html"]),
                text(&element["why"])
            ));
        }
    }
    faults
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const RUN_AXE: &str = "
    const done = arguments[arguments.length - 1];
    document.fonts.ready.then(() => axe.run()).then(found => done({
        passed: found.passes.length,
        violations: found.violations.map(rule => ({id: rule.id, impact: rule.impact, elements: rule.nodes.map(node => ({
            html: node.html.slice(0, 200),
            why: node.failureSummary.replace(/\\s+/g, ' '),
        }))})),
    }), error => done({violations: [{id: 'axe', impact: 'failed', elements: [{html: '', why: String(error)}]}]}));";

/// The elements, at most five, that end outside their panel or the window; the page itself if none does and it is too wide all the same.
/// What scrolls within a frame of its own sticks out of nothing.
const STICKS_OUT: &str = "
    const [width] = arguments;
    const framed = (e, within) => e && e !== within && (getComputedStyle(e).overflowX !== 'visible' || framed(e.parentElement, within));
    const beyond = (within, edge) => [...within.querySelectorAll('*')]
        .filter(e => e.getBoundingClientRect().right > edge + 1 && !framed(e.parentElement, within));
    const panels = [...document.querySelectorAll('.panel')];
    const out = panels.flatMap(panel => beyond(panel, panel.getBoundingClientRect().right)).slice(0, 5);
    const named = out.map(e => 'sticks out of its panel: ' + e.outerHTML.slice(0, 120));
    const whole = document.documentElement.scrollWidth;
    if (whole <= width) return named;
    const wider = beyond(document.body, width).slice(0, 5).map(e => `wider than ${width} px: ` + e.outerHTML.slice(0, 120));
    return named.concat(wider.length ? wider : [`the page is ${whole} px wide`]);";
