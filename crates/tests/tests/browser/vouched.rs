//! Single sign-on with a real OpenID provider: by an invitation, again without one, and not for whom nobody has invited.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use serde_json::json;
use tallyman::clocks::PacedClock;
use tallyman::wires::Http;
use tallyman_connectors::{OpenId, Secret};
use tallyman_core::access::{Actor, HOUSE, Level};
use tallyman_engine::parts::Parts;
use tallyman_engine::people::invitations::{self, SignsInAs, Wanted};
use tallyman_store::tables::people::Granted;
use tallyman_tests::morning::{Morning, access, morning};
use tallyman_tests::site::Site;
use tallyman_web::Running;
use tallyman_web::house::House;
use tallyman_web::safety::Reached;

use super::driver::variable;
use super::faults;
use super::kit::{Browser, browse_after};

/// Names the folder `node_modules` that holds oidc-provider.
const MODULES: &str = "TALLYMAN_TEST_OPENID";

/// A provider that does not outlive the test: it ends with its input.
struct Provider {
    child: Child,
    issuer: String,
    /// What else it says goes here; if nobody held it, the first notice would end it.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    fn start(back: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/provider.mjs");
        let mut command = Command::new("node");
        command.args([script, &variable(MODULES), back]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let issuer = lines.next().expect("it says where it is").expect("a line");
        Self {
            child,
            issuer,
            _said: lines,
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Signs in there, and agrees to what is asked.
async fn sign_in_there(browser: &Browser, name: &str) {
    browser
        .becomes("the provider's form", "return !!document.querySelector('input[name=login]')")
        .await;
    let fill = "document.querySelector('input[name=login]').value = arguments[0];
        document.querySelector('input[name=password]').value = 'any'; document.querySelector('button[type=submit]').click()";
    browser.run(fill, json!([name])).await;
    browser
        .becomes(
            "what it asks",
            "return !document.querySelector('input[name=login]') && !!document.querySelector('button[type=submit]')",
        )
        .await;
    browser
        .run("document.querySelector('button[type=submit]').click()", json!([]))
        .await;
}

/// The console's parts with the computer's clock, since that is the provider's.
async fn parts(morning: &Morning) -> Arc<Parts> {
    let parts = morning.scene.parts("console").await;
    let mut parts = Arc::into_inner(parts).expect("nobody else has them");
    parts.clock = Arc::new(PacedClock::system());
    Arc::new(parts)
}

async fn invited(parts: &Parts, name: &str) -> String {
    let wanted = Wanted {
        name: SignsInAs::read(name, None).expect("a name"),
        grants: vec![Granted {
            level: Level::Operations,
            company: HOUSE.to_owned(),
            teams: Default::default(),
        }],
    };
    let now = parts.clock.now();
    let invited = invitations::invite(&parts.store, &parts.vault, &Actor::terminal("test"), wanted, now).await;
    invited.expect("invited").1.token
}

#[test]
fn whoever_is_invited_signs_in_by_a_providers_word_and_nobody_else_does() {
    browse_after(morning, async |browser, morning| {
        let listener = Site::listener().await;
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let back = format!("{address}/sign-in/back");
        let provider = Provider::start(&back);
        let client = ("tallyman", Some(Secret::new("a secret of the test")));
        let transport = Arc::new(Http::new().expect("a wire"));
        let openid = OpenId::new("Contoso", &provider.issuer, client, &back, transport).expect("a provider");
        let running = Arc::new(Running::default());
        let parts = parts(&morning).await;
        running.begun(parts.clone());
        let house = House::new(running.clone(), Reached::Plain).vouched_by(Some(Arc::new(openid)));
        let site = Site::on(
            listener,
            tallyman_web::with_pages(running, Arc::new(access()), Arc::new(house)),
        );
        let link = invited(&parts, "Anna Smith").await;

        browser.open(&site.at(&format!("/set-up/{link}"))).await;
        faults::none(browser, "set-up-with-provider").await;
        browser.press("Sign in with Contoso").await;
        sign_in_there(browser, "anna@contoso.example").await;
        browser.shows("Anna Smith").await;
        assert_eq!(browser.address().await, site.at("/"));
        browser.press("Sign out").await;
        browser.shows("Sign in with Contoso").await;

        // The provider knows her still; she comes to the page that she wanted.
        browser.open(&site.at("/cards?team=finance")).await;
        // What its own page could not load is the provider's.
        faults::console(browser).await;
        faults::none(browser, "sign-in-with-provider").await;
        browser.press("Sign in with Contoso").await;
        browser.shows("Anna Smith").await;
        assert_eq!(browser.address().await, site.at("/cards?team=finance"));

        // Somebody else, whom the provider vouches for just as well.
        let other = Browser::start().await;
        other.open(&site.at("/sign-in")).await;
        other.press("Sign in with Contoso").await;
        sign_in_there(&other, "stranger@contoso.example").await;
        other.shows("Nobody here is linked to that account").await;
        other.open(&site.at("/cards")).await;
        other.shows("Password").await;

        // An answer that this browser did not leave for, and one that is brought twice.
        other.open(&site.at("/sign-in/back?code=stolen&state=stolen")).await;
        other.shows("This is not the way that this browser left by").await;
    });
}
