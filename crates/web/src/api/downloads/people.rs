//! Rows of who may what: people, their tokens, their deputies.

use serde::Deserialize;
use tallyman_core::access::person;
use tallyman_engine::people;

use super::rows::{A_PAGE, ROWS_MAX, Sheet, at, maybe, maybe_at, text};
use crate::api::inside::Inside;
use crate::api::problem::Problem;
use crate::api::read::Query;
use crate::api::{deputies, tokens};

/// Without filters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct All {}

pub async fn of_tokens(inside: &Inside, wanted: tokens::Whose) -> Result<Sheet, Problem> {
    let found = tokens::list(inside.clone(), Query(wanted)).await?.0;
    let row = |token: tokens::Token| {
        let rights: Vec<String> = token.rights.iter().map(|right| right.name().to_owned()).collect();
        let companies: Vec<String> = token.companies.into_iter().collect();
        vec![
            token.id,
            token.name,
            rights.join("; "),
            companies.join("; "),
            at(token.made),
            at(token.ends),
            maybe_at(token.ended),
        ]
    };
    Ok(Sheet {
        header: &["token", "name", "rights", "companies", "made", "ends", "ended"],
        rows: found.tokens.into_iter().map(row).collect(),
        cut: false,
    })
}

pub async fn of_deputies(inside: &Inside, _: All) -> Result<Sheet, Problem> {
    let found = deputies::list(inside.clone()).await?.0;
    let row = |one: deputies::Deputy| {
        vec![
            one.id,
            person(&one.person),
            maybe(one.stands_for.as_deref().map(person)),
            maybe(one.team.map(|team| team.name())),
            maybe(one.company),
            at(one.from),
            at(one.until),
            one.by,
            maybe_at(one.ended),
        ]
    };
    Ok(Sheet {
        header: &[
            "deputy",
            "who",
            "stands_for",
            "team",
            "company",
            "from",
            "until",
            "by",
            "ended_at",
        ],
        rows: found.deputies.into_iter().map(row).collect(),
        cut: false,
    })
}

pub async fn of_people(inside: &Inside, _: All) -> Result<Sheet, Problem> {
    let mut rows = Vec::new();
    let mut after = Some((String::new(), String::new()));
    let mut cut = false;
    while let Some(last) = after {
        let from = (last.0.as_str(), last.1.as_str());
        let page;
        (page, after) = people::list(&inside.parts.store, &inside.caller, from, i64::from(A_PAGE), inside.now()).await?;
        for listed in &page {
            let levels = listed.grants.iter().map(|granted| {
                let place = if granted.company.is_empty() {
                    "every company"
                } else {
                    &granted.company
                };
                format!("{} at {place}", granted.level)
            });
            rows.push(vec![
                listed.person.id.clone(),
                listed.person.name.clone(),
                listed.person.sign_in.clone(),
                levels.collect::<Vec<_>>().join("; "),
                text(listed.set_up),
                text(listed.code),
                text(listed.sessions),
            ]);
        }
        if rows.len() >= ROWS_MAX {
            cut = true;
            break;
        }
    }
    Ok(Sheet {
        header: &["person", "name", "sign_in", "levels", "set_up", "code", "sessions"],
        rows,
        cut,
    })
}
