//! Logins at an office's own provider: against a made-up one that says what nobody should believe, and against
//! a real one (`tests/provider`) with the real program.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use nianbao::accounts::{Invitation, Role};
use nianbao::web::{OpenIdProvider, OpenIdSettings};
use openidconnect::PrivateSigningKey;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use url::Url;

use crate::accounts::{HOSTILE, PASSWORD, Shared, cookie_of, first_link, form, now, somebody, status, told};
use crate::http::{Answer, Served, ask};
use crate::workbench::of_tests;

const CLIENT: &str = "nianbao";
const SECRET: &str = "of-the-tests-0123456789";

/// What a made-up provider says at the moment.
#[derive(Clone)]
enum Mood {
    Usual,
    /// It takes a call and never answers.
    Hanging,
    /// It answers for ever.
    Endless,
    Elsewhere,
    /// It says that it is another.
    Another,
    /// It knows of no login.
    Refusing,
}

struct Words {
    mood: Mood,
    /// The seed of the key with which its answers are checked.
    seed: u8,
    token: String,
    /// What it was asked with for its last answer.
    asked: String,
}

#[derive(Clone)]
struct MadeUp {
    issuer: String,
    words: Arc<Mutex<Words>>,
}

impl MadeUp {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let words = Words { mood: Mood::Usual, seed: 7, token: String::new(), asked: String::new() };
        let made_up = Self { issuer, words: Arc::new(Mutex::new(words)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(answer))
            .with_state(made_up.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        made_up
    }

    fn provider(&self) -> OpenIdProvider {
        provider(&self.issuer)
    }

    fn set(&self, mood: Mood) {
        self.words.lock().unwrap().mood = mood;
    }

    fn say(&self, token: String) {
        self.words.lock().unwrap().token = token;
    }
}

pub fn provider(issuer: &str) -> OpenIdProvider {
    let settings = OpenIdSettings {
        issuer: issuer.to_owned(),
        client: CLIENT.to_owned(),
        secret: Some(SECRET.to_owned()),
        name: format!("统一登录{HOSTILE}"),
        address: "https://nianbao.example".to_owned(),
    };
    OpenIdProvider::new(settings).unwrap_or_else(|error| panic!("{error}"))
}

async fn describe(State(made_up): State<MadeUp>) -> Response {
    let mood = made_up.words.lock().unwrap().mood.clone();
    let issuer = match mood {
        Mood::Hanging => std::future::pending().await,
        Mood::Endless => {
            let zeros = futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(Bytes::from_static(
                &[b' '; 4096],
            )));
            return ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(zeros)).into_response();
        }
        Mood::Elsewhere => return axum::response::Redirect::to("/elsewhere").into_response(),
        Mood::Another => "https://other.example".to_owned(),
        _ => made_up.issuer.clone(),
    };
    let own = &made_up.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{own}/authorize"),
        "token_endpoint": format!("{own}/token"),
        "jwks_uri": format!("{own}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
    .into_response()
}

async fn keys(State(made_up): State<MadeUp>) -> Json<Value> {
    let seed = made_up.words.lock().unwrap().seed;
    Json(json!({ "keys": [key(seed).as_verification_key()] }))
}

async fn answer(State(made_up): State<MadeUp>, asked: String) -> Response {
    let mut words = made_up.words.lock().unwrap();
    words.asked = asked;
    if let Mood::Refusing = words.mood {
        let said = json!({ "error": "invalid_grant", "error_description": HOSTILE });
        return (StatusCode::BAD_REQUEST, Json(said)).into_response();
    }
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": words.token })).into_response()
}

/// A key made of a number.
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    // An Ed25519 key in PKCS #8 is these bytes and the 32 of the key.
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let key = BASE64_STANDARD.encode([&head[..], &[seed; 32][..]].concat());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, None).unwrap()
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token that says this, signed with the key of a number.
fn signed(claims: &Value, seed: u8) -> String {
    let text = format!("{}.{}", encoded(&json!({ "alg": "EdDSA", "typ": "JWT" })), encoded(claims));
    let signature = key(seed).sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The same, with a shared secret.
fn sealed(claims: &Value, secret: &[u8]) -> String {
    let text = format!("{}.{}", encoded(&json!({ "alg": "HS256", "typ": "JWT" })), encoded(claims));
    let mut seal = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    seal.update(text.as_bytes());
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal.finalize().into_bytes()))
}

/// A login that was begun: what the provider was sent, and what the browser keeps.
struct Begun {
    sent: Url,
    cookie: String,
}

impl Begun {
    fn at(&self, name: &str) -> String {
        let found = self.sent.query_pairs().find(|(of, _)| of == name);
        found.unwrap_or_else(|| panic!("no {name} in {}", self.sent)).1.into_owned()
    }

    /// What an honest provider says of it.
    fn claims(&self, issuer: &str, subject: &str) -> Value {
        json!({
            "iss": issuer, "sub": subject, "aud": CLIENT, "nonce": self.at("nonce"), "iat": now(),
            "exp": now() + 300, "name": "王某", "email": "wang@example.gov.cn", "preferred_username": "wang",
        })
    }

    fn way_back(&self) -> String {
        format!("/login/openid/return?code=one&state={}", self.at("state"))
    }
}

async fn begin(service: &Shared, path: &str, cookie: &str) -> Begun {
    let answer = service.get(path, cookie).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Lax; Max-Age=600"));
    Begun { sent: Url::parse(answer.header("location")).unwrap(), cookie: cookie_of(&answer) }
}

/// Lets a made-up provider send somebody back as it should. Gives the answer.
async fn finish(service: &Shared, made_up: &MadeUp, begun: &Begun, subject: &str, cookie: &str) -> Answer {
    let seed = made_up.words.lock().unwrap().seed;
    made_up.say(signed(&begun.claims(&made_up.issuer, subject), seed));
    service.get(&begun.way_back(), &format!("{}; {cookie}", begun.cookie)).await
}

/// The cookie of a new session, if one was begun.
fn session_of(answer: &Answer) -> Option<String> {
    let set = answer.headers("set-cookie");
    set.into_iter()
        .find(|cookie| cookie.starts_with("nianbao="))
        .map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

/// Links an account of this session. Gives the answer that ends it.
async fn link(service: &Shared, made_up: &MadeUp, session: &str, subject: &str) -> Answer {
    let page = service.get("/account", session).await.text();
    let at = page.find("/login/openid?session=").unwrap_or_else(|| panic!("no link in {page}"));
    let path = page[at..].split('"').next().unwrap().to_owned();
    let begun = begin(service, &path, session).await;
    finish(service, made_up, &begun, subject, session).await
}

/// A made-up provider, and a service that sends people there.
async fn both() -> (MadeUp, Shared) {
    let made_up = MadeUp::start().await;
    let service = Shared::with(made_up.provider()).await;
    (made_up, service)
}

#[tokio::test]
async fn a_linked_account_comes_in_and_back_to_the_page_it_wanted() {
    let (made_up, service) = both().await;
    let account = service.with_password("wang", "王某", Role::Reviewer).await;
    let session = service.session(&account).await;
    let answer = link(&service, &made_up, &session, "7").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/account"),
        "{}",
        answer.text()
    );
    assert_eq!(session_of(&answer), None, "whoever has come in stays in his session");

    let login = service.get("/login?to=/batches%3Fafter%3D1", "").await.text();
    assert!(login.contains("登录</a>") && !login.contains("<b onclick"), "{login}");
    let begun = begin(&service, "/login/openid?to=%2Fbatches%3Fafter%3D1", "").await;
    assert_eq!(begun.sent.path(), "/authorize");
    assert_eq!(begun.at("redirect_uri"), "https://nianbao.example/login/openid/return");
    assert_eq!((&*begun.at("response_type"), &*begun.at("scope")), ("code", "openid"));
    assert_eq!(begun.at("code_challenge_method"), "S256");
    let answer = finish(&service, &made_up, &begun, "7", "").await;
    assert_eq!(answer.header("location"), "/batches?after=1", "{}", answer.text());
    let cookies = answer.headers("set-cookie");
    assert!(
        cookies.iter().any(|cookie| cookie.starts_with("nianbao-openid=; ") && cookie.contains("Max-Age=0"))
    );
    let new = session_of(&answer).unwrap();
    assert_ne!(new, session);
    assert!(service.get("/account", &new).await.text().contains("王某"));
    // Whoever asks for the answer proves that he began, by what hashes to what was sent.
    let asked = made_up.words.lock().unwrap().asked.clone();
    let verifier = url::form_urlencoded::parse(asked.as_bytes()).find(|(name, _)| name == "code_verifier");
    let verifier = verifier.unwrap_or_else(|| panic!("{asked}")).1.into_owned();
    let hash = <Sha256 as sha2::Digest>::digest(verifier.as_bytes());
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(hash), begun.at("code_challenge"));

    for to in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        &"/a".repeat(999),
    ] {
        let begun = begin(&service, &format!("/login/openid?{}", form(&[("to", to)])), "").await;
        let answer = finish(&service, &made_up, &begun, "7", "").await;
        let location = answer.header("location");
        assert!(["/collections", "/%09/evil.example"].contains(&location), "{to} leads to {location}");
    }
}

#[tokio::test]
async fn nobody_is_believed_who_is_not_the_provider() {
    let (made_up, service) = both().await;
    let account = service.with_password("wang", "王某", Role::Administrator).await;
    link(&service, &made_up, &service.session(&account).await, "7").await;
    let begun = begin(&service, "/login/openid", "").await;
    let good = begun.claims(&made_up.issuer, "7");
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let public = serde_json::to_value(key(7).as_verification_key()).unwrap();
    let point = BASE64_URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
    let unsigned = format!("{}.{}.", encoded(&json!({ "alg": "none" })), encoded(&good));
    let whole = signed(&good, 7);
    let (start, signature) = whole.rsplit_once('.').unwrap();
    let changed =
        format!("{}.{}.{signature}", start.split('.').next().unwrap(), encoded(&with("sub", json!("8"))));
    let hostile = [
        ("another's key", signed(&good, 8)),
        ("no signature", unsigned),
        ("a signature left out", format!("{start}.")),
        ("a signature of something else", changed),
        ("the public key as a secret", sealed(&good, &point)),
        ("the public key as it is written as a secret", sealed(&good, public.to_string().as_bytes())),
        ("the shared secret", sealed(&good, SECRET.as_bytes())),
        ("another nonce", signed(&with("nonce", json!("another")), 7)),
        ("no nonce", signed(&without("nonce"), 7)),
        ("another audience", signed(&with("aud", json!("another")), 7)),
        ("more than one audience", signed(&with("aud", json!([CLIENT, "another"])), 7)),
        ("no audience", signed(&without("aud"), 7)),
        ("another issuer", signed(&with("iss", json!("https://evil.example")), 7)),
        ("no issuer", signed(&without("iss"), 7)),
        ("an end that has passed", signed(&with("exp", json!(now() - 1)), 7)),
        ("no end", signed(&without("exp"), 7)),
        ("no subject", signed(&without("sub"), 7)),
        ("no text", "x".repeat(1000)),
        ("nothing", String::new()),
    ];
    for (what, token) in hostile {
        made_up.say(token);
        let answer = service.get(&begun.way_back(), &begun.cookie).await;
        let is_refused =
            [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::SERVICE_UNAVAILABLE].contains(&answer.status);
        assert!(is_refused && session_of(&answer).is_none(), "{what}: {} {}", answer.status, answer.text());
        assert!(answer.text().contains("登录"), "{what}: {}", answer.text());
    }
    // Of another subject than is linked nobody is known, whatever its name and address.
    for subject in ["8", "<b onclick=x>", "wang", "wang@example.gov.cn"] {
        let begun = begin(&service, "/login/openid", "").await;
        let answer = finish(&service, &made_up, &begun, subject, "").await;
        assert_eq!((answer.status, session_of(&answer)), (StatusCode::FORBIDDEN, None), "{subject}");
        assert!(
            answer.text().contains("还没有关联账号") && answer.text().contains("管理员"),
            "{}",
            answer.text()
        );
    }
    // The same answer without a fault is good, once.
    let answer = finish(&service, &made_up, &begun, "7", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let answer = service.get(&begun.way_back(), &begun.cookie).await;
    assert_eq!((answer.status, session_of(&answer)), (StatusCode::CONFLICT, None), "{}", answer.text());
}

#[tokio::test]
async fn who_did_not_begin_does_not_finish() {
    let (made_up, service) = both().await;
    let account = service.with_password("wang", "王某", Role::Reviewer).await;
    link(&service, &made_up, &service.session(&account).await, "7").await;
    let (one, other) =
        (begin(&service, "/login/openid", "").await, begin(&service, "/login/openid", "").await);
    assert_ne!(one.at("state"), other.at("state"));
    assert_ne!(one.at("nonce"), other.at("nonce"));
    made_up.say(signed(&one.claims(&made_up.issuer, "7"), 7));
    let read = |cookie: &str| {
        let (_, kept) = cookie.split_once('=').unwrap();
        serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(kept).unwrap()).unwrap()
    };
    // What the browser keeps, changed: another end, another purpose.
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut kept = read(&one.cookie);
        change(&mut kept);
        format!("nianbao-openid={}", encoded(&kept))
    };
    let later = changed(&|kept| kept["ends_at"] = json!(now() + 500));
    let elsewhere = changed(&|kept| kept["purpose"] = json!({ "Login": { "to": "/roster" } }));
    for cookie in ["", &other.cookie, "nianbao-openid=x", "nianbao-openid=", &later, &elsewhere] {
        let answer = service.get(&one.way_back(), cookie).await;
        assert_eq!((answer.status, session_of(&answer)), (StatusCode::BAD_REQUEST, None), "{cookie}");
        assert!(answer.text().contains("不是在这个浏览器里"), "{}", answer.text());
    }
    for path in
        ["/login/openid/return", "/login/openid/return?code=one&state=", "/login/openid/return?state=zz"]
    {
        assert_eq!(service.get(path, &one.cookie).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    // What a provider says is text, and of whoever did not begin here not even that.
    let said = form(&[("error", "access_denied"), ("error_description", "<i onload=y>")]);
    let forged = service.get(&format!("/login/openid/return?state=zz&{said}"), &one.cookie).await;
    assert!(!forged.text().contains("onload"), "{}", forged.text());
    let path = format!("/login/openid/return?state={}&{said}", one.at("state"));
    let answer = service.get(&path, &one.cookie).await;
    let page = answer.text();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("没有同意登录") && page.contains("onload") && !page.contains("<i onload"),
        "{page}"
    );
    // The answer of another provider, and one that this provider does not know.
    let answer =
        service.get(&format!("{}&iss=https%3A%2F%2Fevil.example", one.way_back()), &one.cookie).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    made_up.set(Mood::Refusing);
    let answer = service.get(&one.way_back(), &one.cookie).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("不认这一次登录"), "{}", answer.text());
    made_up.set(Mood::Usual);
    assert_eq!(service.get(&one.way_back(), &one.cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_account_is_linked_by_its_owner_alone() {
    let (made_up, service) = both().await;
    let (one, other) = (
        service.with_password("wang", "王某", Role::Reviewer).await,
        service.account("李某", Role::Reviewer, &[]).await,
    );
    let (session, others) = (service.session(&one).await, service.session(&other).await);
    let page = service.get("/account", &session).await.text();
    let at = page.find("/login/openid?session=").unwrap();
    let path = page[at..].split('"').next().unwrap().to_owned();
    // By another, by nobody, from another's page.
    for cookie in ["", &others] {
        let answer = service.get(&path, cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
    let request =
        Request::builder().uri(&path).header("cookie", &session).header("sec-fetch-site", "cross-site");
    let answer = ask(&service.router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let begun = begin(&service, &path, &session).await;
    for cookie in ["", &others] {
        let answer = finish(&service, &made_up, &begun, "7", cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
    assert_eq!(service.office.accounts.identities(&one).await.unwrap(), []);
    let answer = finish(&service, &made_up, &begun, "7", &session).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let answer = link(&service, &made_up, &others, "7").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("已经关联了别的账号"), "{}", answer.text());

    // Unlinked by its owner, who has a password; one without keeps the last way in.
    assert_eq!(link(&service, &made_up, &others, "8").await.status, StatusCode::SEE_OTHER);
    for (account, session, expected) in
        [(&one, &session, StatusCode::SEE_OTHER), (&other, &others, StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let identity = service.office.accounts.identities(account).await.unwrap()[0].id.clone();
        let answer = service.post("/account", session, &[("_do", "unlink"), ("identity", &identity)]).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
    let begun = begin(&service, "/login/openid", "").await;
    assert_eq!(finish(&service, &made_up, &begun, "7", "").await.status, StatusCode::FORBIDDEN);

    // An administrator unlinks whom he likes; sessions end with it.
    let administrator = service.session(&service.account("周某", Role::Administrator, &[]).await).await;
    let path = format!("/accounts/{other}");
    let page = service.get(&path, &administrator).await.text();
    assert!(page.contains("解除关联") && page.contains("127.0.0.1:"), "{page}");
    let identity = service.office.accounts.identities(&other).await.unwrap()[0].id.clone();
    let answer = service.post(&path, &administrator, &[("_do", "unlink"), ("identity", &identity)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(service.get("/account", &others).await.status, StatusCode::SEE_OTHER);
    let record = service.get("/record", &administrator).await.text();
    assert!(record.contains("关联统一登录") && record.contains("解除统一登录"), "{record}");
}

#[tokio::test]
async fn an_invitation_is_taken_up_at_the_provider() {
    let (made_up, service) = both().await;
    let accounts = &service.office.accounts;
    let invitation = Invitation { name: HOSTILE.into(), role: Role::Reviewer, units: [].into() };
    let made = accounts.invite(&somebody(), &invitation, now() + 600, now()).await.unwrap();
    let page = service.get(&format!("/welcome/{}", made.token), "").await.text();
    let path = format!("/login/openid?link={}", made.token);
    assert!(page.contains(&path), "{page}");
    let begun = begin(&service, &path, "").await;
    let answer = finish(&service, &made_up, &begun, "7", "").await;
    let session = session_of(&answer).unwrap_or_else(|| panic!("{}", answer.text()));
    let page = service.get("/account", &session).await.text();
    assert!(page.contains("没有密码") && !page.contains("<b onclick"), "{page}");
    // Used, it leads nowhere; a link for something else never did.
    assert_eq!(service.get(&path, "").await.status, StatusCode::NOT_FOUND);
    let account = accounts.accounts(None, 10).await.unwrap().remove(0);
    let reset = accounts.reset_link(&somebody(), &account.id, now() + 600, now()).await.unwrap();
    assert_eq!(
        service.get(&format!("/login/openid?link={}", reset.token), "").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!service.get(&format!("/welcome/{}", reset.token), "").await.text().contains("openid"));
    // Disabled, it stays out.
    accounts.disable_account(&somebody(), &account.id, now()).await.unwrap();
    let begun = begin(&service, "/login/openid", "").await;
    let answer = finish(&service, &made_up, &begun, "7", "").await;
    assert_eq!((answer.status, session_of(&answer)), (StatusCode::FORBIDDEN, None));
    assert!(answer.text().contains("账号已经停用"), "{}", answer.text());
    // Programs see what is linked, and unlink it.
    accounts.enable_account(&somebody(), &account.id, now()).await.unwrap();
    let administrator = service.session(&service.account("周某", Role::Administrator, &[]).await).await;
    let listed = service.get("/api/accounts", &administrator).await.json();
    assert_eq!(listed["accounts"][0]["has_identity"], true, "{listed}");
    for (wish, expected) in [("true", 422), ("false", 200)] {
        let request = Request::patch(format!("/api/accounts/{}", account.id))
            .header("cookie", &administrator)
            .header("content-type", "application/json");
        let body = Body::from(format!(r#"{{"has_identity": {wish}}}"#));
        let answer = ask(&service.router, request.body(body).unwrap()).await;
        assert_eq!(answer.status.as_u16(), expected, "{}", answer.text());
    }
    assert_eq!(accounts.identities(&account.id).await.unwrap(), []);
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_nobody_from_coming_in_otherwise() {
    for mood in [Mood::Hanging, Mood::Endless, Mood::Elsewhere, Mood::Another] {
        let (made_up, service) = both().await;
        made_up.set(mood);
        service.with_password("wang", "王某", Role::Reviewer).await;
        let answers =
            futures_util::future::join_all((0..8).map(|_| service.get("/login/openid?to=%2Fbatches", "")));
        for answer in answers.await {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
            let page = answer.text();
            assert!(page.contains("暂时用不了") && page.contains("batches"), "{page}");
        }
        let answer = service.log_in("wang", PASSWORD, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn new_keys_are_fetched_when_they_are_needed() {
    let (made_up, service) = both().await;
    let account = service.with_password("wang", "王某", Role::Reviewer).await;
    link(&service, &made_up, &service.session(&account).await, "7").await;
    made_up.words.lock().unwrap().seed = 9;
    let begun = begin(&service, "/login/openid", "").await;
    let answer = finish(&service, &made_up, &begun, "7", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    // What the old one signed is none of its any more.
    let begun = begin(&service, "/login/openid", "").await;
    made_up.say(signed(&begun.claims(&made_up.issuer, "7"), 7));
    let answer = service.get(&begun.way_back(), &begun.cookie).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
}

#[test]
fn only_a_provider_on_this_machine_may_go_without_tls() {
    for (issuer, is_fine) in [
        ("https://login.example/realms/a", true),
        ("http://127.0.0.1:9/", true),
        ("http://[::1]:9", true),
        ("http://localhost:9", true),
        ("http://login.example", false),
        ("http://127.0.0.1.login.example", false),
        ("https://login.example/?a=b", false),
        ("https://a:b@login.example", false),
        ("file:///etc/passwd", false),
        ("login.example", false),
        ("", false),
    ] {
        let settings = OpenIdSettings {
            issuer: issuer.into(),
            client: CLIENT.into(),
            secret: None,
            name: String::new(),
            address: "https://nianbao.example".into(),
        };
        assert_eq!(OpenIdProvider::new(settings).is_ok(), is_fine, "{issuer}");
    }
}

/// The real provider, and a browser of sorts: what it keeps of whom.
struct RealProvider {
    child: Child,
    /// It goes on saying things, and ends where nobody hears them.
    _said: BufReader<ChildStdout>,
    issuer: String,
    outside: reqwest::Client,
    cookies: Mutex<Vec<(String, String)>>,
}

impl RealProvider {
    fn start() -> Self {
        let folder = of_tests("provider");
        assert!(folder.join("node_modules").is_dir(), "make provider fetches what this test needs");
        let mut child = Command::new("node")
            .args(["provider.mjs", CLIENT, SECRET, "https://nianbao.example/login/openid/return"])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut issuer = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut issuer).unwrap();
        let policy = reqwest::redirect::Policy::none();
        let outside =
            reqwest::Client::builder().redirect(policy).no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { child, _said: said, issuer: issuer.trim().to_owned(), outside, cookies: Mutex::default() }
    }

    /// Asks it as a browser does. Gives where it leads, or the page.
    async fn ask(&self, address: &Url, fields: Option<&[(&str, &str)]>) -> Result<Url, String> {
        let kept = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>();
        let request = match fields {
            Some(fields) => self
                .outside
                .post(address.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form(fields)),
            None => self.outside.get(address.clone()),
        };
        let answer = request.header("cookie", kept.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            cookies.retain(|(of, _)| of != name);
            if !value.is_empty() {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        match answer.headers().get("location") {
            Some(location) => Ok(address.join(location.to_str().unwrap()).unwrap()),
            None => Err(answer.text().await.unwrap()),
        }
    }

    /// Follows it until it shows a page, or sends back to the service. Gives where that is.
    async fn follow(&self, from: Url) -> Result<Url, Url> {
        let mut at = from;
        while at.as_str().starts_with(&self.issuer) {
            match self.ask(&at, None).await {
                Ok(next) => at = next,
                Err(_) => return Err(at),
            }
        }
        Ok(at)
    }

    /// Logs in and agrees. Gives the path that it sends back to.
    async fn log_in(&self, from: &str, name: &str) -> String {
        let mut at = Url::parse(from).unwrap();
        let forms: [&[(&str, &str)]; 2] =
            [&[("prompt", "login"), ("login", name), ("password", "x")], &[("prompt", "consent")]];
        for fields in forms {
            match self.follow(at).await {
                Err(page) => at = self.ask(&page, Some(fields)).await.unwrap(),
                Ok(back) => return path_of(&back),
            }
        }
        path_of(&self.follow(at).await.unwrap_or_else(|page| panic!("it still asks at {page}")))
    }
}

impl Drop for RealProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path_of(address: &Url) -> String {
    assert!(address.as_str().starts_with("https://nianbao.example/login/openid/return?"), "{address}");
    address[url::Position::BeforePath..].to_owned()
}

/// The service as a browser sees it, by the name that people know.
fn seen(served: &Served, path: &str, cookies: &str) -> (String, String) {
    crate::accounts::asked(served, "GET", path, "nianbao.example", cookies, "")
}

fn header_of<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": ").filter(|(of, _)| of.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value.trim())
        .collect()
}

fn kept(head: &str, name: &str) -> String {
    let set = header_of(head, "set-cookie");
    let cookie = set.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")));
    let cookie = cookie.unwrap_or_else(|| panic!("no {name} in {head}"));
    assert!(cookie.contains("; Secure") && cookie.contains("; HttpOnly"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_program_logs_people_in_at_a_real_provider() {
    let provider = RealProvider::start();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let more = [
        "--accounts",
        "--public-address",
        "https://nianbao.example",
        "--openid-issuer",
        &provider.issuer,
        "--openid-client",
        CLIENT,
        "--openid-secret-file",
        secret.to_str().unwrap(),
        "--openid-name",
        "单位统一认证",
    ];
    let mut served = Served::start(folder.path(), &more);
    // The first administrator has a password: he comes in though the provider is away.
    let first = first_link(&mut served);
    let fields = [("login_name", "wang"), ("name", "王某"), ("password", PASSWORD), ("again", PASSWORD)];
    let (head, _) = told(&served, "POST", &first, "nianbao.example", &form(&fields));
    let session = kept(&head, "__Host-nianbao");
    let (_, login) = seen(&served, "/login", "");
    assert!(login.contains("用单位统一认证登录"), "{login}");

    // Whom nobody has linked is told what to do.
    let begin = |path: &str, cookies: &str| {
        let (head, page) = seen(&served, path, cookies);
        assert_eq!(status(&head), "303", "{head}{page}");
        (header_of(&head, "location")[0].to_owned(), kept(&head, "__Host-nianbao-openid"))
    };
    let (to, attempt) = begin("/login/openid?to=%2Froster", "");
    let back = provider.log_in(&to, "wang-7").await;
    let (head, page) = seen(&served, &back, &attempt);
    assert!(status(&head) == "403" && page.contains("还没有关联账号"), "{head}{page}");

    // He links it, and comes in by it.
    let (_, page) = seen(&served, "/account", &session);
    let at = page.find("/login/openid?session=").unwrap();
    let (to, attempt) = begin(page[at..].split('"').next().unwrap(), &session);
    let back = provider.log_in(&to, "wang-7").await;
    let (head, page) = seen(&served, &back, &format!("{attempt}; {session}"));
    assert!(status(&head) == "303" && header_of(&head, "location") == ["/account"], "{head}{page}");
    let (_, page) = seen(&served, "/account", &session);
    assert!(page.contains("wang-7") && page.contains("127.0.0.1:"), "{page}");
    let (to, attempt) = begin("/login/openid?to=%2Froster", "");
    let back = provider.log_in(&to, "wang-7").await;
    let (head, page) = seen(&served, &back, &attempt);
    assert_eq!(header_of(&head, "location"), ["/roster"], "{head}{page}");
    let new = kept(&head, "__Host-nianbao");
    let (head, page) = seen(&served, "/account", &new);
    assert!(status(&head) == "200" && page.contains("王某"), "{page}");
    // Sent again, it lets nobody in: neither the provider nor the service knows it any more.
    let (head, _) = seen(&served, &back, &attempt);
    assert_eq!(status(&head), "422", "{head}");

    // Whoever does not want to after all comes back to the page for logging in.
    provider.cookies.lock().unwrap().clear();
    let (to, attempt) = begin("/login/openid", "");
    let page = provider.follow(Url::parse(&to).unwrap()).await.unwrap_err();
    let back = provider.follow(Url::parse(&format!("{page}/abort")).unwrap()).await.unwrap();
    let (head, page) = seen(&served, &path_of(&back), &attempt);
    assert!(status(&head) == "422" && page.contains("您取消了登录"), "{head}{page}");

    // With the provider away the service stands, and says what is the matter.
    drop(provider);
    let (to, attempt) = begin("/login/openid", "");
    let state =
        Url::parse(&to).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let (head, page) = seen(&served, &format!("/login/openid/return?code=x&state={state}"), &attempt);
    assert!(status(&head) == "503" && page.contains("“单位统一认证”暂时用不了"), "{head}{page}");
    let (head, _) = told(
        &served,
        "POST",
        "/login",
        "nianbao.example",
        &form(&[("name", "wang"), ("password", PASSWORD)]),
    );
    assert_eq!(status(&head), "303");
}
