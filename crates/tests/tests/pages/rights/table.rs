//! For whom each route is: a line a route of the API and of the console.
//!
//! What is sent changes nothing: it names a version that is not there, says nothing where something must be said, or only looks.

/// For whom a route is, in the order of [`Level::ALL`]: viewer, customer service, operations, finance, integrator, administrator.
pub type For = [u8; 6];

const EVERYBODY: For = [1, 1, 1, 1, 1, 1];
/// Whoever may see orders, if only masked.
const FOLLOWS: For = [0, 1, 1, 1, 1, 0];
/// Whoever may open what is sealed.
const OPENS: For = [0, 1, 1, 1, 0, 0];
/// Whoever acts on cards and orders.
const ACTS: For = [0, 0, 1, 1, 1, 0];
const COMMENTS: For = [0, 1, 1, 1, 1, 0];
/// What items, units and carriers mean.
const MAPS: For = [0, 0, 1, 0, 1, 0];
/// What customers and tax rates mean.
const MAPS_MONEY: For = [0, 0, 0, 1, 1, 0];
/// Whoever has a say over connections.
const CONNECTS: For = [0, 0, 0, 0, 1, 0];
/// Lets what others propose count.
const APPROVES: For = [0, 0, 0, 1, 0, 0];
const CHANGES_PEOPLE: For = [0, 0, 0, 0, 0, 1];
/// Acts, and opens what was written.
const AMENDS: For = [0, 0, 1, 1, 0, 0];

const SEEN: &str = r#"{"version": 0}"#;
const SAYS: &str = r#"{"reason": " "}"#;
const HOLD: &str =
    r#"{"company": "trader-1", "kind": "writes", "what": "sage-1", "reason": " ", "until": "2026-11-09T09:00:00Z"}"#;
const TRADER: &str = r#"{"company": "trader-1"}"#;
const WORD: &str =
    r#"{"table": "sku", "connection": "virtualstock-1", "theirs": "{item}", "ours": "NO-SUCH-ITEM", "reason": "a test"}"#;
const TRIED: &str = r#"{"table": "sku", "connection": "virtualstock-1", "theirs": "{item}", "ours": "NO-SUCH-ITEM"}"#;
const NO_WORD: &str = r#"{"table": "sku", "connection": "virtualstock-1", "theirs": "never meant", "reason": "a test"}"#;
const NO_TAX: &str = r#"{"table": "tax", "connection": "virtualstock-1", "theirs": "never meant", "reason": "a test"}"#;
const SHEET: &str = "company,table,connection,theirs,ours\n";

/// Of the API: method, path as it is described, what is asked or sent, and for whom it is.
pub const API: &[(&str, &str, &str, For)] = &[
    ("GET", "/cards", "", EVERYBODY),
    ("GET", "/cards/{card}", "", EVERYBODY),
    ("GET", "/cards/{card}/members", "", EVERYBODY),
    ("GET", "/cards/{card}/history", "", EVERYBODY),
    ("GET", "/cards/{card}/comparison", "", EVERYBODY),
    ("POST", "/cards/{card}/acknowledge", SEEN, ACTS),
    ("POST", "/cards/{card}/fix", SEEN, ACTS),
    ("POST", "/cards/{card}/assign", r#"{"version": 0, "to": "jo"}"#, ACTS),
    (
        "POST",
        "/cards/{card}/comment",
        r#"{"version": 0, "text": "a test"}"#,
        COMMENTS,
    ),
    (
        "POST",
        "/cards/{card}/hand-over",
        r#"{"version": 0, "to": "finance", "note": "a test"}"#,
        ACTS,
    ),
    (
        "POST",
        "/cards/{card}/set-aside",
        r#"{"version": 0, "until": "2026-11-09T09:00:00Z", "reason": "a test"}"#,
        ACTS,
    ),
    ("POST", "/cards/{card}/take-up", SEEN, ACTS),
    (
        "POST",
        "/cards/{card}/decisions",
        r#"{"version": 0, "as": "declined", "all": true, "agreed": true, "reason": "a test"}"#,
        ACTS,
    ),
    (
        "POST",
        "/cards/{card}/try",
        r#"{"map": {"table": "sku", "connection": "virtualstock-1", "theirs": "{item}", "ours": "NO-SUCH-ITEM"}}"#,
        MAPS,
    ),
    ("POST", "/cards/{card}/merge", r#"{"version": 0, "under": "{card}"}"#, ACTS),
    ("POST", "/cards/{card}/unmerge", SEEN, ACTS),
    (
        "POST",
        "/cards/{card}/split",
        r#"{"version": 0, "orders": ["{reference}"]}"#,
        ACTS,
    ),
    ("POST", "/cards/{card}/unsplit", SEEN, ACTS),
    ("POST", "/cards/{card}/one-first", SEEN, ACTS),
    ("GET", "/summary", "", EVERYBODY),
    ("GET", "/mappings", "", EVERYBODY),
    (
        "GET",
        "/mappings/history",
        "table=sku&connection=virtualstock-1&theirs={item}",
        EVERYBODY,
    ),
    ("POST", "/mappings/set", WORD, MAPS),
    ("POST", "/mappings/try", TRIED, MAPS),
    ("POST", "/mappings/withdraw", NO_WORD, MAPS),
    ("POST", "/mappings/withdraw", NO_TAX, MAPS_MONEY),
    ("GET", "/mappings/export", "", EVERYBODY),
    ("POST", "/mappings/import", SHEET, ACTS),
    ("GET", "/outcomes", "", EVERYBODY),
    ("POST", "/outcomes/{effect}/ask", SAYS, ACTS),
    ("POST", "/outcomes/{effect}/again", SAYS, ACTS),
    ("POST", "/outcomes/{effect}/landed", SAYS, ACTS),
    ("GET", "/retries", "", EVERYBODY),
    ("GET", "/tally", "", EVERYBODY),
    ("GET", "/heartbeats", "", EVERYBODY),
    ("GET", "/orders", "", FOLLOWS),
    ("GET", "/orders/find", "q=none", FOLLOWS),
    ("GET", "/journeys/{reference}", "", FOLLOWS),
    ("GET", "/journeys/{reference}/amendments", "company=trader-1", OPENS),
    (
        "POST",
        "/journeys/{reference}/amendments",
        r#"{"company": "trader-1", "field": "nothing", "value": "x", "reason": "a test"}"#,
        AMENDS,
    ),
    (
        "POST",
        "/journeys/{reference}/amendments/{number}/take-back",
        r#"{"company": "trader-1", "reason": " "}"#,
        AMENDS,
    ),
    ("GET", "/journeys/{reference}/retry", "company=trader-1", FOLLOWS),
    (
        "POST",
        "/journeys/{reference}/retry",
        r#"{"company": "trader-1", "configuration": "as_it_was", "number": "none", "reason": "a test"}"#,
        ACTS,
    ),
    ("GET", "/companies/{name}/masters", "", EVERYBODY),
    ("GET", "/companies/{name}/settings", "", EVERYBODY),
    ("GET", "/companies/{name}/handbook", "", EVERYBODY),
    ("POST", "/companies/{name}/handbook/reads", SEEN, EVERYBODY),
    ("GET", "/drill", "", EVERYBODY),
    ("GET", "/cards/{card}/capsule", "", ACTS),
    ("GET", "/connections", "", EVERYBODY),
    ("POST", "/connections/{connection}/test", "", CONNECTS),
    ("POST", "/connections/{connection}/run", r#"{"round": "none"}"#, CONNECTS),
    ("POST", "/connections/{connection}/sign-in", "", CONNECTS),
    ("GET", "/holds", "", EVERYBODY),
    ("POST", "/holds", HOLD, CONNECTS),
    ("POST", "/holds/{hold}/end", TRADER, CONNECTS),
    ("GET", "/journal", "", EVERYBODY),
    ("GET", "/journal/verification", "", EVERYBODY),
    ("GET", "/sheets/{list}", "", EVERYBODY),
    ("GET", "/tally/records", "company=trader-1&kind=order", EVERYBODY),
    ("POST", "/tally/compare", TRADER, ACTS),
    ("GET", "/orders/{journey}/exchanges", "", FOLLOWS),
    ("POST", "/orders/{journey}/exchanges/unmask", SAYS, AMENDS),
    ("GET", "/alert-routes", "", EVERYBODY),
    ("POST", "/alert-routes/{route}/test", "", ACTS),
    ("GET", "/overview", "", EVERYBODY),
    ("GET", "/work", "", EVERYBODY),
    ("GET", "/proposals", "", EVERYBODY),
    ("GET", "/proposals/{proposal}", "", EVERYBODY),
    ("POST", "/proposals/{proposal}/approve", SAYS, APPROVES),
    ("POST", "/proposals/{proposal}/reject", SAYS, APPROVES),
    (
        "POST",
        "/proposals/{proposal}/edit",
        r#"{"ours": "2", "reason": " "}"#,
        APPROVES,
    ),
    ("GET", "/people", "", CHANGES_PEOPLE),
    (
        "POST",
        "/people",
        r#"{"name": "", "level": "viewer", "company": "trader-1"}"#,
        CHANGES_PEOPLE,
    ),
    ("GET", "/people/{person}", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/link", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/grant", r#"{"level": "viewer"}"#, CHANGES_PEOPLE),
    ("POST", "/people/{person}/revoke", r#"{"level": "viewer"}"#, CHANGES_PEOPLE),
    (
        "POST",
        "/people/{person}/link-account",
        r#"{"subject": "248"}"#,
        CHANGES_PEOPLE,
    ),
    (
        "POST",
        "/people/{person}/unlink-account",
        r#"{"issuer": "https://login.example.com"}"#,
        CHANGES_PEOPLE,
    ),
    ("POST", "/people/{person}/sign-out", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/let-go-of-code", "", CHANGES_PEOPLE),
    ("POST", "/people/{person}/end", "", CHANGES_PEOPLE),
    // Everybody has tokens of their own, and is told of what concerns them.
    ("GET", "/tokens", "", EVERYBODY),
    (
        "POST",
        "/tokens",
        r#"{"name": "a test", "rights": ["read"], "days": 1}"#,
        EVERYBODY,
    ),
    ("POST", "/tokens/{token}/end", "", EVERYBODY),
    ("GET", "/deputies", "", EVERYBODY),
    (
        "POST",
        "/deputies",
        r#"{"person": "{known}", "team": "operations", "from": "2036-11-02", "until": "2036-11-03"}"#,
        CHANGES_PEOPLE,
    ),
    // For themselves, whoever has signed in.
    (
        "POST",
        "/deputies",
        r#"{"person": "{known}", "from": "2036-11-02", "until": "2036-11-03"}"#,
        EVERYBODY,
    ),
    ("POST", "/deputies/{deputy}/end", "", EVERYBODY),
    ("GET", "/openapi.json", "", EVERYBODY),
];

/// Of the console: the same, with forms.
pub const PAGES: &[(&str, &str, &str, For)] = &[
    ("GET", "/", "", EVERYBODY),
    ("GET", "/cards", "", EVERYBODY),
    ("GET", "/cards/{card}", "", EVERYBODY),
    ("POST", "/cards/{card}/fix-it", "how=try&ours=NO-SUCH-ITEM", MAPS),
    (
        "POST",
        "/cards/{card}/decide",
        "version=0&ruling=declined&about=all&reason=a+test&agreed=yes",
        ACTS,
    ),
    ("POST", "/cards/{card}/sort/{how}", "version=0", ACTS),
    ("POST", "/cards/{card}/{act}", "version=0", ACTS),
    ("GET", "/outcomes", "", EVERYBODY),
    ("POST", "/outcomes/{effect}", "word=again&reason=+", ACTS),
    ("GET", "/retries", "", EVERYBODY),
    ("GET", "/orders", "", FOLLOWS),
    ("GET", "/orders/{journey}", "", FOLLOWS),
    (
        "POST",
        "/orders/{journey}/retry",
        "number=none&configuration=as_it_was&why=a+test",
        ACTS,
    ),
    ("POST", "/orders/{journey}/amendments/{number}/take-back", "why=+", AMENDS),
    ("POST", "/orders/{journey}/unmask", "reason=+", AMENDS),
    ("GET", "/cards/{card}/capsule", "", ACTS),
    ("GET", "/connections", "", EVERYBODY),
    ("POST", "/connections/{connection}/{act}", "", CONNECTS),
    (
        "POST",
        "/holds",
        "company=trader-1&kind=writes&what=sage-1&reason=+&until=2026-11-09T09%3A00",
        CONNECTS,
    ),
    ("POST", "/holds/{hold}/end", "company=trader-1", CONNECTS),
    ("GET", "/journal", "", EVERYBODY),
    ("GET", "/sheets/{list}", "", EVERYBODY),
    ("GET", "/tally", "", EVERYBODY),
    ("POST", "/tally/compare", "company=trader-1", ACTS),
    ("GET", "/mappings", "", EVERYBODY),
    ("GET", "/mappings/words", "", EVERYBODY),
    (
        "POST",
        "/mappings/words",
        "table=sku&connection=virtualstock-1&theirs={item}&ours=NO-SUCH-ITEM&reason=a+test&how=save",
        MAPS,
    ),
    (
        "POST",
        "/mappings/words",
        "table=sku&connection=virtualstock-1&theirs={item}&ours=NO-SUCH-ITEM&how=try",
        MAPS,
    ),
    (
        "POST",
        "/mappings/words/withdraw",
        "table=sku&connection=virtualstock-1&theirs=never+meant&reason=a+test",
        MAPS,
    ),
    ("GET", "/mappings/export", "", EVERYBODY),
    ("GET", "/mappings/import", "", ACTS),
    ("POST", "/mappings/import", "", ACTS),
    (
        "POST",
        "/mappings/import/carry-out",
        "rows=company%2Ctable%2Cconnection%2Ctheirs%2Cours%0A&number=none&reason=a+test",
        ACTS,
    ),
    ("GET", "/proposals", "", EVERYBODY),
    ("GET", "/proposals/{proposal}", "", EVERYBODY),
    ("POST", "/proposals/{proposal}/{act}", "reason=+", APPROVES),
    ("GET", "/work", "", EVERYBODY),
    ("GET", "/help", "", EVERYBODY),
    ("GET", "/handbook", "", EVERYBODY),
    ("POST", "/handbook/{company}/read", "version=0", EVERYBODY),
    ("GET", "/settings/alerts", "", EVERYBODY),
    ("POST", "/settings/alerts/{route}/test", "", ACTS),
    ("GET", "/settings/calendars", "", EVERYBODY),
    ("GET", "/settings/retention", "", EVERYBODY),
    ("GET", "/settings", "", EVERYBODY),
    ("GET", "/settings/access", "", EVERYBODY),
    ("GET", "/drill", "", EVERYBODY),
    ("GET", "/settings/people", "", CHANGES_PEOPLE),
    (
        "POST",
        "/settings/people",
        "name=&level=viewer&company=trader-1",
        CHANGES_PEOPLE,
    ),
    ("GET", "/settings/people/{person}", "", CHANGES_PEOPLE),
    ("POST", "/settings/people/{person}/{act}", "level=viewer", CHANGES_PEOPLE),
    ("GET", "/settings/deputies", "", EVERYBODY),
    (
        "POST",
        "/settings/deputies",
        "person={known}&for=team%3Aoperations&from=2036-11-02&until=2036-11-03",
        CHANGES_PEOPLE,
    ),
    (
        "POST",
        "/settings/deputies",
        "person={known}&from=2036-11-02&until=2036-11-03",
        EVERYBODY,
    ),
    ("POST", "/settings/deputies/{deputy}/end", "", EVERYBODY),
    ("GET", "/settings/tokens", "", EVERYBODY),
    ("POST", "/settings/tokens", "name=a+test&days=1&read=on", EVERYBODY),
    ("POST", "/settings/tokens/{token}/end", "", EVERYBODY),
    ("GET", "/account", "", EVERYBODY),
    ("POST", "/account/password", "old=a&new=b", EVERYBODY),
    ("POST", "/account/sessions/end-others", "", EVERYBODY),
    ("POST", "/account/sessions/{session}/end", "", EVERYBODY),
    ("POST", "/account/code", "", EVERYBODY),
    ("POST", "/account/code/confirm", "code=1", EVERYBODY),
    ("POST", "/account/code/off", "code=1", EVERYBODY),
];
