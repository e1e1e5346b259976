//! `tallyman people` as whoever sets things up uses it: somebody is invited, listed, given another link, and ended.

use std::path::PathBuf;
use std::process::{Command, Output};

const CONFIGURATION: &str = r#"
database = "tallyman.db"
listen = "127.0.0.1:8620"

[[master_key]]
number = 1
key = { env = "KEY_OF_THIS_TEST" }

[[company]]
name = "acme"
[company.sage200]
client_id = "a"
client_secret = { env = "NO_KEY_IS_NEEDED" }
refresh_token = { env = "NO_KEY_IS_NEEDED" }
site = "00000000-0000-0000-0000-000000000000"
company_id = 1
[company.mintsoft]
api_key = { env = "NO_KEY_IS_NEEDED" }
[company.virtualstock]
username = "a"
password = { env = "NO_KEY_IS_NEEDED" }
"#;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tallyman.toml"), CONFIGURATION).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("tallyman.toml")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        command.args(arguments).arg("--config").arg(self.path());
        command.env("KEY_OF_THIS_TEST", data_encoding::BASE64.encode(&[7; 32]));
        command.output().unwrap()
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            !output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        String::from_utf8(output.stderr).unwrap()
    }
}

fn link(told: &str) -> &str {
    let line = told.lines().find(|line| line.starts_with("http")).expect("a link");
    let (address, token) = line.rsplit_once('/').unwrap();
    assert_eq!(address, "http://127.0.0.1:8620/set-up");
    token
}

#[test]
fn a_deputy_is_named_listed_and_ended() {
    let desk = Desk::new();
    for name in ["Anna Smith", "Ben Jones"] {
        desk.done(&["people", "invite", name, "--level", "finance", "--company", "acme"]);
    }
    let days = ["--from", "2036-11-03", "--until", "2036-11-07"];
    let name = |stands_for: &[&'static str]| [&["people", "deputies", "name", "ben.jones"], stands_for, &days].concat();
    let named = desk.done(&name(&["--for", "anna.smith"]));
    let id = named.split(['(', ')']).nth(1).expect("an id").to_owned();
    let listed = desk.done(&["people", "deputies", "list"]);
    // The last day counts, in London.
    let line = format!("{id}  Ben Jones for Anna Smith  from 2036-11-03T00:00:00Z until 2036-11-08T00:00:00Z");
    assert_eq!(listed.trim(), line);
    assert!(desk.refused(&name(&["--for", "ben.jones"])).contains("themselves"));
    assert!(
        desk.refused(&name(&["--team", "finance", "--company", "beta"]))
            .contains("no company beta")
    );
    desk.done(&["people", "deputies", "end", &id]);
    assert!(
        desk.done(&["people", "deputies"])
            .contains(&format!("{id}  Ben Jones for Anna Smith  ended "))
    );
    assert!(desk.refused(&["people", "deputies", "end", &id]).contains("any more"));
}

#[test]
fn somebody_is_invited_listed_given_another_link_and_ended() {
    let desk = Desk::new();
    let told = desk.done(&[
        "people",
        "invite",
        "Anna Smith",
        "--level",
        "operations,viewer",
        "--company",
        "acme",
    ]);
    let first = link(&told).to_owned();
    assert!(told.starts_with("anna.smith ("), "{told}");
    let listed = desk.done(&["people", "list"]);
    for part in [
        "anna.smith  Anna Smith  has not chosen a password yet",
        "operations at acme, for cards of operations",
        "viewer at acme\n",
    ] {
        assert!(listed.contains(part), "{part} is missing: {listed}");
    }
    assert_ne!(link(&desk.done(&["people", "link", "Anna.Smith"])), first);
    let taken = desk.refused(&["people", "invite", "Anna Smith", "--level", "finance"]);
    assert!(taken.contains("anna.smith already"), "{taken}");
    let other = [
        "people",
        "invite",
        "Anna Smith",
        "--level",
        "finance",
        "--sign-in",
        "anna.s",
        "--team",
        "finance",
    ];
    assert!(desk.done(&other).contains("anna.s ("));
    assert!(
        desk.done(&["people", "list"])
            .contains("finance at every company, for cards of finance")
    );

    assert!(
        desk.done(&["people", "end", "anna.smith"])
            .contains("cannot sign in any more")
    );
    assert!(desk.refused(&["people", "end", "anna.smith"]).contains("nobody who is there"));
    assert!(!desk.done(&["people", "list"]).contains("anna.smith"));
    assert!(
        desk.done(&["people", "list", "--all"])
            .contains("anna.smith  Anna Smith  ended")
    );
    // Added and granted twice, and a link; added and granted once; ended.
    assert!(desk.done(&["journal", "verify"]).contains("people: whole, 7 lines"));
}

#[test]
fn what_there_is_not_is_not_given() {
    let desk = Desk::new();
    let level = desk.refused(&["people", "invite", "Anna", "--level", "boss"]);
    assert!(level.contains("administrator"), "{level}");
    let company = desk.refused(&["people", "invite", "Anna", "--level", "viewer", "--company", "beta"]);
    assert!(
        company.contains("no company beta") && company.contains("there is acme"),
        "{company}"
    );
    let name = desk.refused(&["people", "invite", "Анна", "--level", "viewer"]);
    assert!(name.contains("signs in with"), "{name}");
    assert!(!desk.path().with_file_name("tallyman.db").exists(), "nothing was begun");
}
