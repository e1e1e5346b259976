//! A configuration: the sample is one, and what is wrong with another is said with its line and without its secrets.

use std::path::PathBuf;

use tallyman::assemble;
use tallyman::config::{Config, Database, Source};

const SAMPLE: &str = include_str!("../../../tallyman.sample.toml");

fn parse(text: &str) -> anyhow::Result<Config> {
    Config::parse(text, "tallyman.toml", PathBuf::new())
}

/// The sample with one line in place of another.
fn with(old: &str, new: &str) -> String {
    assert!(SAMPLE.contains(old), "the sample does not hold {old}");
    SAMPLE.replacen(old, new, 1)
}

fn refusal(text: &str) -> String {
    format!("{:#}", parse(text).expect_err("it is refused"))
}

#[test]
fn the_sample_is_a_configuration() {
    let config = parse(SAMPLE).unwrap();
    assert_eq!(config.companies.len(), 1);
    assert_eq!(
        config.companies[0].connections(),
        ["virtualstock-acme", "sage200-acme", "mintsoft-acme"]
    );
    assert!(matches!(config.database, Database::Written(_)));
    assert_eq!(config.master_keys[0].key, Source::Env("TALLYMAN_MASTER_KEY".into()));
    assert!(config.clock.is_none());
    assert_eq!(config.zone("acme").name(), "Europe/London");
}

/// The rows of the operating model that the sample shows are the usual one; one of them alone is refused.
#[test]
fn the_operating_model_of_the_sample_is_the_usual_one() {
    let row = |line: &&str| {
        line.starts_with("#   [[company.master]]") || line.starts_with("#   thing = ") || line.starts_with("#   system = ")
    };
    let lines = SAMPLE.lines();
    let shown = |line: &str| line.strip_prefix("#   ").unwrap_or(line).to_owned();
    let all: Vec<String> = lines
        .map(|line| if row(&line) { shown(line) } else { line.to_owned() })
        .collect();
    let all = all.join("\n");
    let config = parse(&all).unwrap();
    assert_eq!(config.companies[0].master.len(), 11);
    assert_eq!(
        config.companies[0].model().unwrap(),
        tallyman_core::mastership::Model::default()
    );
    let twice = all.replacen("thing = \"orders\"", "thing = \"products\"", 1);
    let refused = parse(&twice)
        .and_then(|config| config.companies[0].model())
        .expect_err("two masters");
    assert!(format!("{refused:#}").contains("master products"), "{refused:#}");
}

/// Every setting that the sample shows as it comes may be switched on as it stands there, and means the same.
#[test]
fn every_setting_that_the_sample_leaves_out_can_be_taken_in() {
    let setting = |line: &&str| {
        let name: String = line.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        !name.is_empty() && line[name.len()..].starts_with(" = ") && !line.starts_with("database")
    };
    let mut taken_in = 0;
    let full: Vec<String> = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ").filter(setting) {
            Some(setting) if !setting.starts_with("pace") && !setting.starts_with("origin") && !setting.starts_with("since") => {
                taken_in += 1;
                setting.to_owned()
            }
            _ => line.to_owned(),
        })
        .collect();
    assert!(taken_in >= 20, "only {taken_in} settings were found");
    let (full, plain) = (parse(&full.join("\n")).unwrap(), parse(SAMPLE).unwrap());
    assert_eq!(full.listen, plain.listen);
    assert_eq!(full.companies[0].connections(), plain.companies[0].connections());
    assert_eq!(full.companies[0].sage200.limit.unwrap().burst, 16);
}

#[test]
fn a_secret_in_the_file_is_refused_with_its_line_and_not_repeated() {
    for literal in ["\"hunter2\"", "4711", "{ value = \"hunter2\" }"] {
        let text = with(
            "password = { env = \"ACME_VIRTUALSTOCK_PASSWORD\" }",
            &format!("password = {literal}"),
        );
        let line = text.lines().position(|line| line.starts_with("password = ")).unwrap() + 1;
        let said = refusal(&text);
        assert!(said.starts_with(&format!("tallyman.toml:{line}:12: ")), "{said}");
        assert!(said.contains("{ env = \"NAME\" }"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("4711"), "{said}");
    }
    let said = refusal(&with("\"tallyman.db\"", "\"postgres://tallyman:hunter2@db/tallyman\""));
    assert!(said.contains("holds a password") && !said.contains("hunter2"), "{said}");
}

#[test]
fn what_is_misspelt_or_impossible_is_refused_with_its_line() {
    let said = refusal(&with("company_id = 1", "compny_id = 1"));
    assert!(said.contains("unknown field `compny_id`"), "{said}");
    let cases = [
        (
            "name = \"acme\"",
            "name = \"Acme Ltd\"",
            "a name has 1 to 40 of the characters",
        ),
        ("# zone = \"Europe/London\"", "zone = \"Mars\"", "is not a known time zone"),
        (
            "# token_url = \"https://id.sage.com/oauth/token\"",
            "token_url = \"http://id.sage.com/\"",
            "http:// is for this machine only",
        ),
        (
            "# limit = { calls_per_minute = 130, burst = 20 }",
            "limit = { calls_per_minute = 130, burst = 5 }",
            "at least 6",
        ),
        ("number = 1", "number = -1", "tallyman.toml:"),
    ];
    for (old, new, sentence) in cases {
        let said = refusal(&with(old, new));
        assert!(said.starts_with("tallyman.toml:") && said.contains(sentence), "{said}");
    }
}

#[test]
fn alerts_that_would_not_work_are_refused() {
    let config = parse(SAMPLE).unwrap();
    let settings = config.alerts.as_ref().unwrap().settings("acme").unwrap();
    assert_eq!(settings.routes[0].connection.as_str(), "integration-mail/acme");
    let chat = |url: &str| {
        let route =
            format!("[[alerts.route]]\nname = \"chat\"\nteam = \"finance\"\nkind = \"slack\"\nurl = {url}\n\n[[company]]");
        with("[[company]]", &route)
    };
    parse(&chat("{ env = \"CHAT\" }")).unwrap();
    let said = refusal(&chat("\"https://hooks.example.com/hunter2\""));
    assert!(said.contains("{ env = \"NAME\" }") && !said.contains("hunter2"), "{said}");
    let cases = [
        (
            "server = \"localhost\"",
            "server = \"mail.example.com\"",
            "would send mail in plain",
        ),
        ("kind = \"mail\"", "kind = \"pigeon\"", "unknown variant `pigeon`"),
        (
            "team = \"integration\"",
            "team = \"finance\"",
            "nobody is told of what operations must clear at acme",
        ),
        (
            "team = \"integration\"",
            "team = \"integration\"\ndeputy = \"nobody\"",
            "there is no alert route nobody",
        ),
        (
            "to = [\"Integration <integration@example.com>\"]",
            "to = [\"integration\"]",
            "an address is written such as",
        ),
        ("# closes = \"17:30\"", "closes = \"08:00\"", "must open before it closes"),
        ("from = \"19:00\"", "from = \"7pm\"", "a time of day is written such as 08:30"),
        (
            "security = \"none\"",
            "security = \"none\"\nuser = \"me\"",
            "both user and password, or with neither",
        ),
    ];
    for (old, new, sentence) in cases {
        let said = refusal(&with(old, new));
        assert!(said.starts_with("tallyman.toml") && said.contains(sentence), "{said}");
    }
}

#[test]
fn names_and_numbers_are_given_once() {
    let (before, company) = SAMPLE.split_once("[[company]]").unwrap();
    let twice = format!("{before}[[company]]{company}\n[[company]]{company}");
    assert!(refusal(&twice).contains("two companies have the name acme"));
    let twice = with(
        "[[master_key]]",
        "[[master_key]]\nnumber = 1\nkey = { env = \"A\" }\n[[master_key]]",
    );
    assert!(refusal(&twice).contains("two master keys have the number 1"));
    let same = with("# connection = \"mintsoft-acme\"", "connection = \"sage200-acme\"");
    assert!(refusal(&same).contains("two connections have the name sage200-acme"));
}

#[test]
fn secrets_are_read_from_files_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = SAMPLE.replace("{ env = \"TALLYMAN_MASTER_KEY\" }", "{ file = \"master\" }");
    let config = Config::parse(&text, "tallyman.toml", folder.path().to_owned()).unwrap();
    let missing = format!("{:#}", assemble::vault(&config).err().unwrap());
    assert!(
        missing.contains("master key 1") && missing.contains("cannot be read"),
        "{missing}"
    );
    std::fs::write(folder.path().join("master"), "too short\n").unwrap();
    let short = format!("{:#}", assemble::vault(&config).err().unwrap());
    assert!(short.contains("32 bytes") && !short.contains("too short"), "{short}");
    std::fs::write(folder.path().join("master"), format!("{}\n", "07".repeat(32))).unwrap();
    assemble::vault(&config).unwrap();
}

#[test]
fn a_token_of_the_api_is_known_by_its_hash_and_a_wrong_one_is_refused_without_being_repeated() {
    let token = |lines: &str| with("# ── One merchant", &format!("[[api.token]]\n{lines}\n\n# ── One merchant"));
    let lines = |hash: &str, more: &str| format!("name = \"console\"\nsha256 = \"{hash}\"\nmay = [\"read\", \"open\"]{more}");
    let hash = tallyman_web::api::access::Hash::of("secret").written();
    let config = parse(&token(&lines(&hash, "\nteams = [\"finance\"]\ncompanies = [\"acme\"]"))).unwrap();
    let access = config.api.access();
    assert_eq!(
        access.whose("secret").map(|actor| actor.name.clone()).as_deref(),
        Some("console")
    );
    assert!(
        parse(SAMPLE).unwrap().api.access().whose("secret").is_none(),
        "nobody may ask anything"
    );
    let twice = format!("{}\n\n[[api.token]]\n{}", lines(&hash, ""), lines(&hash, ""));
    let cases = [
        (lines("hunter2", ""), "64 hexadecimal digits"),
        (lines(&hash, "\nteams = [\"kitchen\"]"), "unknown variant `kitchen`"),
        (
            lines(&hash, "\ncompanies = [\"beta\"]"),
            "names the company beta, which there is not",
        ),
        (lines(&hash, "").replace("[\"read\", \"open\"]", "[]"), "may nothing"),
        (twice, "two tokens have the name console"),
    ];
    for (lines, sentence) in cases {
        let said = refusal(&token(&lines));
        assert!(said.contains(sentence) && !said.contains("hunter2"), "{said}");
    }
}
