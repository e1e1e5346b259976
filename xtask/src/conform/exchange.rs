//! The recorded exchanges: one JSON object a line.
//!
//! ```text
//! {"vendor": "sage200", "method": "POST", "path": "/uk/sage200extra/accounts/v1/sop_orders", "query": "",
//!  "request_body": {…} or null, "status": 200, "response_body": {…} or null}
//! ```
//!
//! - `vendor`: `sage200` for calls of Sage's API itself. The token service is another service: name it `sage-id`. Other vendors by
//!   the names of their connectors; they are counted.
//! - `path`: as sent, without the query. What stands before and including `/accounts/v1` is not compared.
//! - `query`: as sent, still percent-encoded, without the question mark; may be missing.
//! - `request_body`, `response_body`: the JSON that travelled, `null` or missing where there was none. Numbers keep their digits.
//! - An exchange whose answer was lost has no place here: there is nothing to compare.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub vendor: String,
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub query: String,
    #[serde(default)]
    pub request_body: Option<Value>,
    pub status: u16,
    #[serde(default)]
    pub response_body: Option<Value>,
}

/// Reads all lines; empty ones are passed over.
pub fn read(text: &str) -> Result<Vec<Exchange>> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).with_context(|| format!("line {} of the exchanges cannot be read", index + 1))
        })
        .collect()
}
