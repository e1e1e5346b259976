//! A scripted other side: the calls we expect, in order, and what each is answered.

use std::sync::Mutex;

use async_trait::async_trait;
use tallyman_core::seam::{Call, Io, Lost, Reply};
use tallyman_core::time::Timestamp;

/// Answers each call with the next line of its script, and fails the test where a call differs.
#[derive(Default)]
pub(crate) struct Script {
    lines: Mutex<std::collections::VecDeque<(String, Result<Reply, Lost>)>>,
    bodies: Mutex<Vec<serde_json::Value>>,
}

impl Script {
    /// Expects a call whose method and path begin like this.
    pub(crate) fn reply(self, call: &str, status: u16, body: impl Into<String>) -> Self {
        self.answer(
            call,
            Ok(Reply {
                status,
                headers: vec![],
                body: body.into().into(),
            }),
        )
    }

    pub(crate) fn lose(self, call: &str, lost: Lost) -> Self {
        self.answer(call, Err(lost))
    }

    pub(crate) fn answer(self, call: &str, answer: Result<Reply, Lost>) -> Self {
        self.lines.lock().unwrap().push_back((call.to_owned(), answer));
        self
    }

    /// What was sent in the one call that had a body.
    pub(crate) fn sent(&self) -> serde_json::Value {
        let bodies = self.bodies.lock().unwrap();
        assert_eq!(bodies.len(), 1, "one body was expected");
        bodies[0].clone()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.lines.lock().unwrap().is_empty(), "not every expected call was made");
        }
    }
}

#[async_trait]
impl Io for Script {
    async fn send(&self, call: Call) -> Result<Reply, Lost> {
        let made = format!("{} {}", call.method.as_str(), call.path);
        if let Some(body) = &call.body {
            self.bodies.lock().unwrap().push(serde_json::from_slice(body).unwrap());
        }
        let (expected, answer) = self
            .lines
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| panic!("{made} was not expected"));
        assert!(made.starts_with(&expected), "{made} instead of {expected}");
        answer
    }

    fn now(&self) -> Timestamp {
        Timestamp::parse_rfc3339("2026-11-22T09:00:00Z").unwrap()
    }
}
