//! A provider that a test doctors: what it says of itself, its key, and each claim of its tokens wrong in turn.

use std::collections::BTreeMap;
use std::sync::Mutex;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tallyman_core::seam::{Mail, Posted, Reply};

use super::*;

const ISSUER: &str = "https://login.example.com/tenant";
const BACK: &str = "https://tallyman.example.com/sign-in/back";
const NOW: i64 = 1_790_000_000;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000)
}

fn way() -> Way {
    Way::read(&"w".repeat(43)).unwrap()
}

fn key() -> EcdsaKeyPair {
    let chance = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &chance).unwrap()
}

fn public(key: &EcdsaKeyPair, kid: &str) -> Value {
    let point = key.public_key().as_ref();
    let (x, y) = (BASE64URL_NOPAD.encode(&point[1..33]), BASE64URL_NOPAD.encode(&point[33..]));
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y})
}

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

fn signed(key: &EcdsaKeyPair, head: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", part(head), part(claims));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

fn head() -> Value {
    json!({"alg": "ES256", "typ": "JWT", "kid": "one"})
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "248289761001", "aud": "tallyman", "exp": NOW + 300, "iat": NOW, "nonce": way().nonce()})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// Answers by address, each time the same, and keeps what it was asked.
#[derive(Default)]
struct Provider {
    answers: Mutex<BTreeMap<String, (u16, String)>>,
    asked: Mutex<Vec<(String, String, String)>>,
}

impl Provider {
    fn says(&self, path: &str, status: u16, body: &Value) {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(format!("{ISSUER}{path}"), (status, body.to_string()));
    }

    fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(url, ..)| *url == format!("{ISSUER}{path}")).count()
    }
}

#[async_trait]
impl Transport for Provider {
    async fn exchange(&self, exchange: Exchange) -> Result<Reply, Lost> {
        let body = exchange.body.as_deref().unwrap_or_default();
        let authorization = exchange.headers.iter().find(|(name, _)| *name == "authorization");
        self.asked.lock().unwrap().push((
            exchange.url.clone(),
            String::from_utf8(body.to_vec()).unwrap(),
            authorization.map(|(_, value)| value.clone()).unwrap_or_default(),
        ));
        let answers = self.answers.lock().unwrap();
        let (status, body) = answers.get(&exchange.url).ok_or(Lost::NotConnected("nobody".into()))?;
        Ok(Reply {
            status: *status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.clone().into(),
        })
    }

    async fn deliver(&self, _: Mail) -> Result<Posted, Lost> {
        Err(Lost::NotConnected("it takes no mail".into()))
    }
}

struct Scene {
    provider: Arc<Provider>,
    openid: OpenId,
    key: EcdsaKeyPair,
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "jwks_uri": format!("{ISSUER}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    })
}

fn scene() -> Scene {
    let provider = Arc::new(Provider::default());
    provider.says("/.well-known/openid-configuration", 200, &metadata());
    let key = key();
    provider.says("/keys", 200, &json!({"keys": [public(&key, "one")]}));
    let client = ("tallyman", Some(Secret::new("a secret of ours")));
    let openid = OpenId::new("Contoso", ISSUER, client, BACK, provider.clone()).unwrap();
    Scene { provider, openid, key }
}

impl Scene {
    fn hands_out(&self, token: &str) {
        let answer = json!({"access_token": "a", "token_type": "Bearer", "id_token": token});
        self.provider.says("/token", 200, &answer);
    }

    async fn vouches(&self, token: &str) -> Result<Identity, NotVouched> {
        self.hands_out(token);
        self.openid.vouches(&way(), "the code", now()).await
    }
}

#[tokio::test]
async fn a_sound_token_says_who_it_is_and_the_code_is_exchanged_with_its_proof() {
    let scene = scene();
    let place = scene.openid.leads_to(&way(), now()).await.unwrap();
    assert!(
        place.starts_with(&format!("{ISSUER}/authorize?response_type=code&client_id=tallyman")),
        "{place}"
    );
    for said in [
        format!("state={}", way().state()),
        format!("nonce={}", way().nonce()),
        "code_challenge_method=S256".into(),
        "scope=openid".into(),
        "redirect_uri=https%3A%2F%2Ftallyman.example.com%2Fsign-in%2Fback".into(),
    ] {
        assert!(place.contains(&said), "{said} is not in {place}");
    }
    assert!(!place.contains(&way().verifier()));

    let identity = scene.vouches(&signed(&scene.key, &head(), &claims())).await.unwrap();
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        (ISSUER, "248289761001")
    );
    let asked = scene.provider.asked.lock().unwrap();
    let (_, body, authorization) = asked.iter().find(|(url, ..)| url.ends_with("/token")).unwrap();
    assert!(
        body.contains(&format!("code_verifier={}", way().verifier())) && body.contains("code=the+code"),
        "{body}"
    );
    assert!(
        authorization.starts_with("Basic ") && !body.contains("secret"),
        "{authorization}"
    );
}

#[tokio::test]
async fn a_token_with_anything_wrong_is_not_believed() {
    let scene = scene();
    let other = key();
    let sign = |claims: &Value| signed(&scene.key, &head(), claims);
    let mut tampered = sign(&claims());
    let forged = part(&with(claims(), "sub", json!("somebody-else")));
    let middle = tampered.split('.').nth(1).unwrap().to_owned();
    tampered = tampered.replace(&middle, &forged);
    let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims()));
    // A shared secret: the provider's public key, and our own.
    let shared = |secret: &[u8]| {
        let text = format!("{}.{}", part(&json!({"alg": "HS256", "kid": "one"})), part(&claims()));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        format!(
            "{text}.{}",
            BASE64URL_NOPAD.encode(ring::hmac::sign(&key, text.as_bytes()).as_ref())
        )
    };
    let public_point = scene.key.public_key().as_ref().to_vec();
    for (what, token, claim) in [
        (
            "issuer",
            sign(&with(claims(), "iss", json!("https://login.example.com/other"))),
            "issuer",
        ),
        (
            "issuer with a slash",
            sign(&with(claims(), "iss", json!(format!("{ISSUER}/")))),
            "issuer",
        ),
        ("audience", sign(&with(claims(), "aud", json!("another"))), "audience"),
        (
            "two audiences",
            sign(&with(claims(), "aud", json!(["tallyman", "another"]))),
            "audience",
        ),
        (
            "authorised party",
            sign(&with(claims(), "azp", json!("another"))),
            "authorised party",
        ),
        ("over", sign(&with(claims(), "exp", json!(NOW - 1))), "expiry"),
        ("from the future", sign(&with(claims(), "iat", json!(NOW + 3_600))), "expiry"),
        ("old", sign(&with(claims(), "iat", json!(NOW - 3_600))), "expiry"),
        ("nonce", sign(&with(claims(), "nonce", json!("another"))), "nonce"),
        ("no nonce", sign(&with(claims(), "nonce", Value::Null)), "nonce"),
        ("another's key", signed(&other, &head(), &claims()), "signature"),
        (
            "a key that is not there",
            signed(&other, &json!({"alg": "ES256", "kid": "two"}), &claims()),
            "signature",
        ),
        ("another person", tampered, "signature"),
        ("no signature", none, "signature"),
        ("a shared secret: the public key", shared(&public_point), "signature"),
        ("a shared secret: ours", shared(b"a secret of ours"), "signature"),
    ] {
        let refused = scene.vouches(&token).await.unwrap_err();
        assert_eq!(refused, NotVouched::Untrusted(claim), "{what}");
    }
    for missing in ["sub", "exp", "iat", "iss", "aud"] {
        let refused = scene.vouches(&sign(&with(claims(), missing, Value::Null))).await;
        assert!(refused.is_err(), "without {missing}: {refused:?}");
    }
    assert!(scene.vouches("not.a.token").await.is_err());
    // And the same provider is believed where nothing is wrong.
    scene.vouches(&sign(&claims())).await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_asked_for_once_and_what_is_known_is_not_asked_for_again() {
    let scene = scene();
    for _ in 0..3 {
        scene.vouches(&signed(&scene.key, &head(), &claims())).await.unwrap();
    }
    assert_eq!(scene.provider.asked("/keys"), 1);
    let newer = key();
    scene.provider.says("/keys", 200, &json!({"keys": [public(&newer, "two")]}));
    let token = signed(&newer, &json!({"alg": "ES256", "kid": "two"}), &claims());
    scene.vouches(&token).await.unwrap();
    assert_eq!(scene.provider.asked("/keys"), 2);
    // The old key is not believed any more.
    let old = signed(&scene.key, &head(), &claims());
    assert_eq!(scene.vouches(&old).await.unwrap_err(), NotVouched::Untrusted("signature"));
}

#[tokio::test]
async fn whoever_says_nothing_or_no_vouches_for_nobody() {
    let scene = scene();
    scene.provider.says(
        "/token",
        400,
        &json!({"error": "invalid_grant", "error_description": "Jo Bloggs"}),
    );
    let refused = scene.openid.vouches(&way(), "spent", now()).await.unwrap_err();
    assert_eq!(refused, NotVouched::Refused(400));
    assert!(!refused.to_string().contains("Jo"), "what a provider says is not repeated");
    scene
        .provider
        .says("/token", 200, &json!({"access_token": "a", "token_type": "Bearer"}));
    assert_eq!(
        scene.openid.vouches(&way(), "no token", now()).await.unwrap_err(),
        NotVouched::Unreadable
    );

    let nobody = Arc::new(Provider::default());
    let openid = OpenId::new("Contoso", ISSUER, ("tallyman", None), BACK, nobody.clone()).unwrap();
    assert_eq!(openid.leads_to(&way(), now()).await.unwrap_err(), NotVouched::Silent);
    let path = "/.well-known/openid-configuration";
    nobody.says(path, 503, &json!({}));
    assert_eq!(openid.leads_to(&way(), now()).await.unwrap_err(), NotVouched::Refused(503));
    let mut other = metadata();
    other["issuer"] = json!("https://evil.example");
    nobody.says(path, 200, &other);
    assert_eq!(
        openid.leads_to(&way(), now()).await.unwrap_err(),
        NotVouched::Untrusted("issuer")
    );
}

#[test]
fn a_provider_is_reached_by_https_or_on_this_machine() {
    let provider = Arc::new(Provider::default());
    let new = |issuer: &str| OpenId::new("Contoso", issuer, ("tallyman", None), BACK, provider.clone()).map(drop);
    assert!(new("http://login.example.com").unwrap_err().contains("https"));
    assert!(new("not an address").is_err());
    new("http://127.0.0.1:9400").unwrap();
    new(ISSUER).unwrap();
}
