//! What was done with a card, and what its word was said to mean meanwhile: the same that its page shows.

use std::cmp::Reverse;

use tallyman_core::time::Timestamp;
use tallyman_engine::board::{self, LIMIT_MAX};
use tallyman_engine::words;
use tallyman_web::api::shape::{Acted, History, Version};

use super::{find, print_json, time, to_read};
use crate::commands::map;
use crate::config::Config;
use crate::say;

pub(super) async fn show(config: &Config, card: &str, json: bool) -> anyhow::Result<()> {
    let store = to_read(config).await?;
    let found = find(&store, card).await?;
    let page = board::history(&store, &found.id, None, LIMIT_MAX).await?;
    let acts: Vec<Acted> = page.rows.iter().map(|told| Acted::of(told, true)).collect();
    let known = map::known(config, &store).await?;
    let meant = known.get(&found.company).map(|known| words::meant(known, &found));
    let meant: Vec<Version> = meant.iter().flatten().map(|row| Version::of(&found.company, row)).collect();
    if json {
        return print_json(&History { acts, meant, next: None });
    }
    if acts.is_empty() && meant.is_empty() {
        say!("Nothing was done with it yet.");
    }
    let at = |at: Timestamp| time(at, config, &found.company);
    let acts = acts.iter().map(|act| (act.at.0, done(act, &at)));
    let meant = meant.iter().map(|version| (version.since.0, says(version, &at)));
    let mut lines: Vec<(Timestamp, String)> = meant.chain(acts).collect();
    lines.sort_by_key(|(at, _)| Reverse(*at));
    lines.iter().for_each(|(_, line)| say!("{line}"));
    Ok(())
}

/// What was done with a card, in a line.
fn done(act: &Acted, time: &dyn Fn(Timestamp) -> String) -> String {
    let to = act.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
    let deputy = act.deputy.as_ref();
    let deputy = deputy.map_or_else(String::new, |deputy| format!(", {deputy} stands in"));
    let until = act
        .until
        .map_or_else(String::new, |until| format!(" until {}", time(until.0)));
    let ruling = act.ruling.map_or_else(String::new, |ruling| format!(" as {ruling}"));
    let document = act.document.as_ref().map(|document| format!(", document {document}"));
    let ruling = ruling + &document.unwrap_or_default();
    let text = act.text.as_ref().map_or_else(String::new, |text| format!(": {text}"));
    let (version, at, actor, act) = (act.version, time(act.at.0), &act.actor, &act.act);
    format!("{version:>4}  {at}  {actor}  {act}{to}{deputy}{until}{ruling}{text}")
}

/// What its word was said to mean, in a line: that moves no version of the card.
fn says(version: &Version, time: &dyn Fn(Timestamp) -> String) -> String {
    let (at, by, theirs, reason) = (time(version.since.0), &version.by, &version.theirs, &version.reason);
    match &version.ours {
        Some(ours) => format!("   –  {at}  {by}  said that {theirs} means {ours}: {reason}"),
        None => format!("   –  {at}  {by}  took back what {theirs} means: {reason}"),
    }
}
