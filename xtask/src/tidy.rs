//! The rules of style that no linter knows, as pure functions over the text of the tracked files.
//!
//! A complaint fails the gate; a warning is printed. The words that are looked for are put together from halves, so that this file
//! does not complain about itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run;

/// A file longer than this is probably two ideas.
const LINES_BEFORE_A_WARNING: usize = 700;

/// The four files of a connector's folder.
const CONNECTOR_FILES: [&str; 4] = ["mod.rs", "wire.rs", "map.rs", "calls.rs"];

/// The only file that may name the folder of references beside the checkout.
const MAY_NAME_THE_REFERENCES: &str = ".ci/run";

#[derive(Default)]
pub struct Report {
    pub files: usize,
    pub complaints: Vec<String>,
    pub warnings: Vec<String>,
}

/// Looks at every file that git tracks or would track.
pub fn run(root: &Path) -> Result<Report> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root);
    let list = run::output(list).context("the tracked files could not be listed")?;
    let names: BTreeSet<&str> = list
        .split('\0')
        .filter(|name| !name.is_empty() && root.join(name).is_file())
        .collect();
    let mut report = Report::default();
    for name in &names {
        let bytes = std::fs::read(root.join(name)).with_context(|| format!("{name} could not be read"))?;
        report.files += 1;
        // What is no text (compressed data, pictures) has no style.
        if let Ok(text) = String::from_utf8(bytes) {
            look_at(name, &text, &mut report);
        }
    }
    report.complaints.extend(connector_folders(&names));
    Ok(report)
}

fn look_at(name: &str, text: &str, report: &mut Report) {
    report.complaints.extend(places(name, text));
    if name == "Cargo.lock" {
        report.complaints.extend(sources(text));
    }
    if name.ends_with(".rs") {
        report.complaints.extend(rust(name, text));
        report.complaints.extend(unwraps(name, text));
        report.complaints.extend(markup(name, text));
        let lines = text.lines().count();
        if lines > LINES_BEFORE_A_WARNING {
            report.warnings.push(format!("{name} has {lines} lines: is it two ideas?"));
        }
    }
}

/// Module docs first, lints silenced with a reason, nothing left for later, no unbiased choice between futures.
fn rust(name: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    // What a file of tests is for stands in the module that it tests.
    if !text.trim_start().starts_with("//!") && !name.ends_with("/tests.rs") {
        complaints.push(format!(
            "{name}:1: a file begins with its module docs (`//!`): what it is for and what is not here"
        ));
    }
    let allow = [concat!("#[al", "low("), concat!("#![al", "low(")];
    let later = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("todo", "!("),
        concat!("unimple", "mented!("),
    ];
    let choice = concat!("sel", "ect! {");
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let number = index + 1;
        if allow.iter().any(|word| line.contains(word)) {
            complaints.push(format!("{name}:{number}: silence a lint with `#[expect(…, reason = \"…\")]`"));
        }
        if let Some(word) = later.iter().find(|word| stands_alone(line, word)) {
            complaints.push(format!("{name}:{number}: {word}: do it now, or open an issue"));
        }
        if line.contains(choice) && lines.peek().is_none_or(|(_, next)| next.trim() != "biased;") {
            complaints.push(format!(
                "{name}:{number}: begin with `biased;`: the default draws lots, outside the seed"
            ));
        }
    }
    complaints
}

/// What may fail is handled or explained: no bare `unwrap` before a file's tests begin.
fn unwraps(name: &str, text: &str) -> Vec<String> {
    let tests = ["tests", "testing", "examples", "benches"];
    let of_tests = |part: &str| tests.contains(&part.trim_end_matches(".rs"));
    if name.split('/').any(of_tests) {
        return Vec::new();
    }
    let word = concat!(".un", "wrap()");
    let shipped = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    shipped
        .filter(|(_, line)| line.contains(word) && !line.trim_start().starts_with("//"))
        .map(|(index, _)| {
            format!(
                "{name}:{}: handle it, or say why it cannot fail with `expect(\"…\")`",
                index + 1
            )
        })
        .collect()
}

/// Pages hold no script, no style and no text that was not escaped: the policy of content would refuse the first two, and nothing the third.
fn markup(name: &str, text: &str) -> Vec<String> {
    if !name.starts_with("crates/web/src/") {
        return Vec::new();
    }
    let never = [concat!("Pre", "Escaped"), " style=", " onclick=", " onchange=", " onsubmit="];
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = lines.filter_map(|(index, line)| Some((index + 1, never.iter().find(|word| line.contains(**word))?)));
    found
        .map(|(number, word)| format!("{name}:{number}: {} has no place in a page", word.trim()))
        .collect()
}

/// Whether the word is there and not a part of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && (!word.ends_with(char::is_alphanumeric) || !part(after))
    })
}

/// No folders of one machine and no package registry by its host name: the project must build anywhere.
fn places(name: &str, text: &str) -> Vec<String> {
    let machine = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/tmp/br", "ief"),
    ];
    let references = concat!("../sha", "red");
    let hosts = [
        concat!("index.cra", "tes.io"),
        concat!("static.cra", "tes.io"),
        concat!("regis", "try."),
        concat!("mir", "ror."),
        concat!("pro", "xy.golang"),
    ];
    let mut complaints = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if let Some(path) = machine.iter().find(|path| begins_a_path(line, path)) {
            complaints.push(format!("{name}:{number}: {path} is a folder of one machine"));
        }
        if line.contains(references) && name != MAY_NAME_THE_REFERENCES {
            complaints.push(format!(
                "{name}:{number}: only {MAY_NAME_THE_REFERENCES} names the folder of references"
            ));
        }
        for (start, _) in line.match_indices("://") {
            let host = &line[start + 3..];
            if let Some(named) = hosts.iter().find(|named| host.starts_with(**named)) {
                complaints.push(format!(
                    "{name}:{number}: {named}… is a package registry; cargo's own settings say where packages come from"
                ));
            }
        }
    }
    complaints
}

/// Whether the line names this absolute path, and not a longer one or an address that happens to hold it.
fn begins_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        !line[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || "/._-~}".contains(c))
    })
}

/// Every package of the lock file comes from the public index.
fn sources(lock: &str) -> Vec<String> {
    let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    lock.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("source = ") && *line != public)
        .map(|(index, line)| format!("Cargo.lock:{}: {line}: packages come from the public index only", index + 1))
        .collect()
}

/// No vendors of orders or goods, and nothing to translate: ways to tell people, and whoever says who people are.
const NO_VENDORS: [&str; 2] = ["alerts", "openid"];

/// Every vendor's folder has the same four files.
fn connector_folders(names: &BTreeSet<&str>) -> Vec<String> {
    let base = "crates/connectors/src/";
    let folders: BTreeSet<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix(base))
        .filter_map(|name| name.split_once('/'))
        .map(|(folder, _)| folder)
        .filter(|folder| !NO_VENDORS.contains(folder))
        .collect();
    let mut complaints = Vec::new();
    for folder in folders {
        for file in CONNECTOR_FILES {
            if !names.contains(format!("{base}{folder}/{file}").as_str()) {
                complaints.push(format!(
                    "{base}{folder}: a connector's folder has {}; {file} is missing",
                    CONNECTOR_FILES.join(", ")
                ));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_its_docs() {
        assert_eq!(rust("a.rs", "//! What it is.\n"), Vec::<String>::new());
        assert_eq!(rust("a.rs", "use std::fs;\n").len(), 1);
    }

    #[test]
    fn what_is_left_for_later_is_named_with_its_line() {
        let found = rust("a.rs", concat!("//! Docs.\n\n// TO", "DO later\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("a.rs:3:"), "{}", found[0]);
        assert_eq!(rust("a.rs", concat!("//! Docs.\nfn f() { todo", "!() }\n")).len(), 1);
        assert_eq!(
            rust("a.rs", concat!("//! Docs.\nconst CODE: &str = \"AXX", "X1\";\n")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_lint_is_silenced_with_a_reason_only() {
        assert_eq!(rust("a.rs", concat!("//! Docs.\n#[al", "low(dead_code)]\n")).len(), 1);
        assert_eq!(
            rust("a.rs", "//! Docs.\n#[expect(dead_code, reason = \"why\")]\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_may_fail_is_not_unwrapped_outside_tests() {
        let text = concat!("//! Docs.\nfn f() { g().un", "wrap() }\n");
        assert_eq!(unwraps("src/a.rs", text).len(), 1);
        assert_eq!(unwraps("tests/a.rs", text), Vec::<String>::new());
        assert_eq!(unwraps("src/a/tests.rs", text), Vec::<String>::new());
        assert_eq!(
            unwraps("src/a.rs", &format!("#[cfg(test)]\nmod tests {{\n{text}")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_page_holds_no_style_and_nothing_that_is_not_escaped() {
        let page = "crates/web/src/pages/a.rs";
        assert_eq!(markup(page, concat!("(Pre", "Escaped(text))\np style=\"a\" {}\n")).len(), 2);
        assert_eq!(
            markup(page, "// no style= here\np class=\"style\" {}\n"),
            Vec::<String>::new()
        );
        assert_eq!(markup("crates/core/src/a.rs", " style="), Vec::<String>::new());
    }

    #[test]
    fn a_choice_between_futures_is_biased() {
        let choice = concat!("    tokio::sel", "ect! {\n");
        assert_eq!(rust("a.rs", &format!("//! Docs.\n{choice}        a = b => {{}}\n")).len(), 1);
        assert_eq!(
            rust("a.rs", &format!("//! Docs.\n{choice}        biased;\n")),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_machine_is_not_named_but_an_address_is_no_folder() {
        assert_eq!(places("a.md", concat!("see /wo", "rk/main\n")).len(), 1);
        assert_eq!(
            places("a.md", concat!("see https://example.com/wo", "rk/main\n")),
            Vec::<String>::new()
        );
        assert_eq!(places("a.md", concat!("read ../sha", "red/x\n")).len(), 1);
        assert_eq!(places(".ci/run", concat!("read ../sha", "red/x\n")), Vec::<String>::new());
        assert_eq!(
            places("a.toml", concat!("index = \"sparse+https://index.cra", "tes.io/\"\n")).len(),
            1
        );
    }

    #[test]
    fn packages_come_from_the_public_index() {
        assert_eq!(
            sources("source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"),
            Vec::<String>::new()
        );
        assert_eq!(sources("source = \"git+https://example.com/x\"\n").len(), 1);
    }

    #[test]
    fn a_connector_has_its_four_files() {
        let base = "crates/connectors/src/";
        let whole: Vec<String> = CONNECTOR_FILES.iter().map(|file| format!("{base}sage/{file}")).collect();
        let mut names: BTreeSet<&str> = whole.iter().map(String::as_str).collect();
        assert_eq!(connector_folders(&names), Vec::<String>::new());
        names.insert("crates/connectors/src/alerts/mail.rs");
        assert_eq!(connector_folders(&names), Vec::<String>::new());
        names.remove(whole[2].as_str());
        assert_eq!(connector_folders(&names).len(), 1);
    }
}
