//! `tallyman api token NAME`: draws a token for the API and prints it once, with the lines that make it known.
//!
//! Nothing of it is kept here: the configuration gets its SHA-256, and whoever uses it the token.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use tallyman_core::seam::Rng;
use tallyman_web::api::access::{Hash, Right};

use crate::chance;
use crate::{put, say};

/// Who may use the API of `tallyman serve`.
#[derive(Args)]
pub struct Api {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Draws a token and prints it, once, with the lines for the configuration.
    Token {
        /// Who will use it: the journal keeps what is done under this name.
        name: String,
        /// What it may: read (cards and numbers), open (what may name a customer), act (on cards), map, answer.
        #[arg(long, value_delimiter = ',', default_value = "read", value_parser = right)]
        may: Vec<Right>,
    },
    /// Prints the description of the API, in OpenAPI 3.1.
    Describe,
}

fn right(text: &str) -> Result<Right, String> {
    let found = Right::OF_TOKENS.into_iter().find(|right| right.name() == text.trim());
    found.ok_or_else(|| format!("there are {}", Right::OF_TOKENS.map(Right::name).join(", ")))
}

impl Api {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Token { name, may } => {
                let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
                ensure!(
                    (1..=40).contains(&name.len()) && name.chars().all(allowed),
                    "a name has 1 to 40 of the characters a to z, 0 to 9, - and _"
                );
                let mut bytes = [0; 32];
                chance::system().context("the system gives no randomness")?.fill(&mut bytes);
                put!("{}", told(&name, &may, &bytes));
            }
            What::Describe => say!("{}", serde_json::to_string_pretty(&tallyman_web::api::document())?),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The token, and what to do with it.
fn told(name: &str, may: &[Right], bytes: &[u8; 32]) -> String {
    let token = format!("tly_{}", data_encoding::BASE64URL_NOPAD.encode(bytes));
    let may: Vec<String> = may.iter().map(|right| format!("\"{right}\"")).collect();
    let (hash, may) = (Hash::of(&token).written(), may.join(", "));
    format!(
        "{token}\n\n\
         This is the token; it is not shown again. Keep it where secrets are kept, and send it as `Authorization: Bearer` with every\n\
         request. For the configuration, which holds only its SHA-256 (`serve` reads it when it starts):\n\n\
         [[api.token]]\nname = \"{name}\"\nsha256 = \"{hash}\"\nmay = [{may}]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::api;

    #[test]
    fn the_lines_that_are_printed_let_the_token_in() {
        let told = told("console", &[Right::Read, Right::Act], &[7; 32]);
        let token = told.lines().next().unwrap();
        let (_, lines) = told.split_once("[[api.token]]").unwrap();
        let token_of: api::Token = toml::from_str(lines).unwrap();
        assert_eq!(token_of.name.as_str(), "console");
        let access = api::Api { tokens: vec![token_of] }.access();
        let known = access.whose(token).unwrap();
        assert!(known.has(Right::Act) && !known.has(Right::Answer));
        assert!(access.whose(&Hash::of(token).written()).is_none(), "the hash is no token");
    }
}
