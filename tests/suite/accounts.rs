//! Coming in and going, over the router and with the real program: the first administrator, names and
//! passwords, links of one use, the entrance of a unit.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use nianbao::accounts::{EntranceUnit, Invitation, NewAccount, Newcomer, Role};
use nianbao::audit::Doer;
use nianbao::database::DatabasePlace;
use nianbao::guide::Guide;
use nianbao::web::{self, OpenIdProvider, ServiceSettings};
use nianbao::workers::Limits;
use nianbao_office::Office;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::{Answer, Served, answer_of, ask, staff};
use crate::openid::provider;
use crate::workbench::installation;

pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub const PASSWORD: &str = "一把很长的钥匙 2026";

/// A name that is text wherever it stands.
pub const HOSTILE: &str = r#"<b onclick=x>"王'&amp;</b>{{7*7}}=1+1"#;

/// A service with accounts, in a folder of its own.
pub struct Shared {
    pub router: Router,
    pub office: Office,
    _folder: tempfile::TempDir,
}

impl Shared {
    pub async fn start() -> Self {
        // Its provider is away.
        Self::with(provider("http://127.0.0.1:9")).await
    }

    /// One whose people may log in at a provider.
    pub async fn with(provider: OpenIdProvider) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = DatabasePlace::File(folder.path().join("nianbao.db"));
        Self::of(folder, &place, provider).await
    }

    /// One that keeps all in the database at this address.
    pub async fn at(database: String) -> Self {
        let place = DatabasePlace::Url(database);
        Self::of(tempfile::tempdir().unwrap(), &place, provider("http://127.0.0.1:9")).await
    }

    async fn of(folder: tempfile::TempDir, place: &DatabasePlace, provider: OpenIdProvider) -> Self {
        let office = Office::open(place).await.unwrap();
        let settings = ServiceSettings {
            token: None,
            staff: staff(&installation(), Limits::default(), 1, 4),
            jobs: None,
            guide: Guide::built_in(),
            indicators: nianbao::indicators::IndicatorList::built_in().clone(),
            office: Some(office.clone()),
            openid: Some(provider),
            dispatch: None,
        };
        let router = web::router(installation().open_templates().unwrap(), settings);
        Self { router, office, _folder: folder }
    }

    /// An account without a password, by its id.
    pub async fn account(&self, name: &str, role: Role, units: &[&str]) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let new = NewAccount {
            login_name: format!("{}-{}", role.code(), COUNT.fetch_add(1, Ordering::Relaxed)),
            name: name.to_owned(),
            role,
            units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        };
        self.office.accounts.make_account(&somebody(), &new, now()).await.unwrap()
    }

    /// An account with [`PASSWORD`], by its id.
    pub async fn with_password(&self, login_name: &str, name: &str, role: Role) -> String {
        let accounts = &self.office.accounts;
        let invitation = Invitation { name: name.to_owned(), role, units: BTreeSet::new() };
        let link = accounts.invite(&somebody(), &invitation, now() + 600, now()).await.unwrap();
        let newcomer = Newcomer {
            login_name: login_name.to_owned(),
            name: name.to_owned(),
            password: PASSWORD.to_owned(),
        };
        let session = accounts.take_up(&link.token, &newcomer, HERE, now()).await.unwrap();
        accounts.visitor(&session.token, now()).await.unwrap().unwrap().account.unwrap()
    }

    /// The cookie of a new session of an account.
    pub async fn session(&self, account: &str) -> String {
        let session = self.office.accounts.begin_session(account, "试验", HERE, now()).await.unwrap();
        format!("nianbao={}", session.token)
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        ask(&self.router, request("GET", path, cookie, "")).await
    }

    pub async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        ask(&self.router, request("POST", path, cookie, &form(fields))).await
    }

    pub async fn log_in(&self, name: &str, password: &str, to: &str) -> Answer {
        self.post("/login", "", &[("name", name), ("password", password), ("to", to)]).await
    }
}

#[expect(clippy::disallowed_methods, reason = "what ends and begins by the clock is tried by it")]
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

pub fn somebody() -> Doer {
    Doer { name: "试验".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn request(method: &str, path: &str, cookie: &str, body: &str) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    if !cookie.is_empty() {
        builder = builder.header("cookie", cookie);
    }
    if method == "POST" {
        builder = builder.header("content-type", "application/x-www-form-urlencoded");
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// The pair of a cookie that was set.
pub fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// Asks the real program, whose host is known by a name. Gives the head and the page.
pub fn told(served: &Served, method: &str, path: &str, host: &str, body: &str) -> (String, String) {
    asked(served, method, path, host, "", body)
}

/// The same, by a browser that keeps cookies.
pub fn asked(
    served: &Served,
    method: &str,
    path: &str,
    host: &str,
    cookies: &str,
    body: &str,
) -> (String, String) {
    let mut stream = served.open();
    let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {cookies}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let (head, body) = answer_of(stream);
    (head, String::from_utf8_lossy(&body).into_owned())
}

pub fn status(head: &str) -> &str {
    &head[9..12]
}

/// The link that the program prints, as a path.
pub fn first_link(served: &mut Served) -> String {
    assert!(served.line().contains("设立第一个管理员"));
    let link = served.line();
    let at = link.find("/welcome/").unwrap_or_else(|| panic!("no link in {link}"));
    link[at..].trim().to_owned()
}

#[tokio::test]
async fn a_new_login_ends_the_session_that_the_browser_had() {
    let shared = Shared::start().await;
    shared.with_password("wang", "王某", Role::Reviewer).await;
    let first = cookie_of(&shared.log_in("wang", PASSWORD, "/account").await);
    assert_eq!(shared.get("/account", &first).await.status, StatusCode::OK);
    let fields = [("name", "wang"), ("password", PASSWORD), ("to", "/account")];
    let second = cookie_of(&shared.post("/login", &first, &fields).await);
    assert_eq!(shared.get("/account", &second).await.status, StatusCode::OK);
    assert_ne!(shared.get("/account", &first).await.status, StatusCode::OK);
    // What is wrong ends nothing.
    let wrong = [("name", "wang"), ("password", "不对的"), ("to", "/account")];
    assert_ne!(shared.post("/login", &second, &wrong).await.status, StatusCode::SEE_OTHER);
    assert_eq!(shared.get("/account", &second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_proxy_is_believed_for_whom_it_asks_and_nobody_else_is() {
    for (proxies, from) in [(&["--proxy", "127.0.0.1"][..], "198.51.100.7"), (&[], "127.0.0.1")] {
        let folder = tempfile::tempdir().unwrap();
        let mut served = Served::start(folder.path(), &[&["--accounts"], proxies].concat());
        let link = first_link(&mut served);
        let fields = [("login_name", "wang"), ("name", "王某"), ("password", PASSWORD), ("again", PASSWORD)];
        let body = form(&fields);
        let mut stream = served.open();
        // Whoever asks the proxy may have written the first.
        let head = format!(
            "POST {link} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.7\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (head, _) = answer_of(stream);
        assert_eq!(status(&head), "303", "{head}");
        drop(served);
        let place = DatabasePlace::File(folder.path().join("data/nianbao.db"));
        let office = Office::open(&place).await.unwrap();
        let found = office.record.entries(&Default::default(), None, 10).await.unwrap();
        assert!(found.iter().any(|entry| entry.doer.from == from), "{found:?}");
    }
}

#[test]
fn the_first_start_prints_a_link_that_makes_the_first_administrator_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &["--accounts"]);
    let first = first_link(&mut served);
    drop(served);
    // Whoever starts it sees the one that is good.
    let mut served = Served::start(folder.path(), &["--accounts"]);
    let link = first_link(&mut served);
    assert_ne!(first, link);
    assert_eq!(status(&told(&served, "GET", &first, "localhost", "").0), "404");
    let fields = [("login_name", "wang"), ("name", "王某"), ("password", PASSWORD), ("again", PASSWORD)];
    let newcomer = form(&fields);
    assert_eq!(status(&told(&served, "POST", &first, "localhost", &newcomer).0), "404");

    // Looked at as often as one likes, by whoever follows links, it is not used.
    for _ in 0..3 {
        let (head, page) = told(&served, "GET", &link, "localhost", "");
        assert_eq!(status(&head), "200", "{head}");
        assert!(page.contains("设立第一个管理员"), "{page}");
        assert!(head.to_ascii_lowercase().contains("referrer-policy: no-referrer"), "{head}");
    }
    // What is wrong does not use it either.
    let short = form(&[("login_name", "wang"), ("name", "王某"), ("password", "1"), ("again", "1")]);
    assert_eq!(status(&told(&served, "POST", &link, "localhost", &short).0), "422");
    let (head, _) = told(&served, "POST", &link, "localhost", &newcomer);
    assert_eq!(status(&head), "303", "{head}");
    assert!(head.contains("HttpOnly") && head.contains("SameSite=Lax") && !head.contains("Secure"), "{head}");
    assert_eq!(status(&told(&served, "POST", &link, "localhost", &newcomer).0), "404");
    drop(served);

    // With an account there is no link any more, and the service is as it was.
    let served = Served::start(folder.path(), &["--accounts"]);
    assert_eq!(status(&told(&served, "GET", &link, "localhost", "").0), "404");
    let log_in = form(&[("name", "wang"), ("password", PASSWORD)]);
    assert_eq!(status(&told(&served, "POST", "/login", "localhost", &log_in).0), "303");
}

#[test]
fn behind_https_the_cookie_is_of_this_host_and_secure() {
    let folder = tempfile::tempdir().unwrap();
    let more = ["--accounts", "--public-address", "https://nianbao.example"];
    let mut served = Served::start(folder.path(), &more);
    let link = first_link(&mut served);
    let fields = [("login_name", "wang"), ("name", "王某"), ("password", PASSWORD), ("again", PASSWORD)];
    let (head, _) = told(&served, "POST", &link, "nianbao.example", &form(&fields));
    let cookie = head.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie:")).unwrap();
    assert!(cookie.contains(" __Host-nianbao="), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_session_ends_with_logout_and_stays_ended() {
    let service = Shared::start().await;
    service.with_password("wang", "王某", Role::Reviewer).await;
    let answer = service.log_in("ＷＡＮＧ ", PASSWORD, "").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/collections"));
    let cookie = cookie_of(&answer);
    assert!(service.get("/account", &cookie).await.text().contains("王某"));
    // Each login has a session of its own.
    let other = cookie_of(&service.log_in("wang", PASSWORD, "").await);
    assert_ne!(cookie, other);

    let answer = service.post("/logout", &cookie, &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/login"));
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
    for path in ["/account", "/"] {
        let answer = service.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/login?to="), "{}", answer.header("location"));
    }
    assert_eq!(service.get("/api/templates", &cookie).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(service.get("/account", &other).await.status, StatusCode::OK, "another's is its own");
    for made_up in ["nianbao=", "nianbao=x", "__Host-nianbao=' OR 1=1", &format!("{cookie}x")] {
        assert_eq!(service.get("/account", made_up).await.status, StatusCode::SEE_OTHER, "{made_up}");
    }
}

#[tokio::test]
async fn wrong_passwords_are_slowed_down() {
    let service = Shared::start().await;
    service.with_password("wang", "王某", Role::Reviewer).await;
    for _ in 0..5 {
        let answer = service.log_in("wang", "不对的密码在这里", "/batches").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
        let page = answer.text();
        assert!(page.contains("登录名或密码不对") && page.contains("batches"), "{page}");
        assert!(!page.contains("不对的密码在这里"), "what was typed is not sent back");
    }
    // Whoever goes on guessing waits longer and longer; these have waited each time.
    for ago in (1..=8).rev() {
        let wrong =
            service.office.accounts.login("wang", "不对", [127, 0, 0, 1].into(), now() - 400 * ago).await;
        assert!(wrong.is_err());
    }
    assert_eq!(service.log_in("wang", "不对的密码在这里", "").await.status, StatusCode::UNAUTHORIZED);
    for password in ["不对的密码在这里", PASSWORD] {
        let answer = service.log_in("wang", password, "").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
        let wait: i64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=300).contains(&wait), "{wait}");
        assert!(answer.text().contains("秒以后再试"), "{}", answer.text());
    }
    // An unknown name is answered alike.
    let answer = service.log_in("nobody", PASSWORD, "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text().contains("登录名或密码不对"), "{}", answer.text());
}

#[tokio::test]
async fn one_comes_back_to_the_page_that_was_asked_for_and_to_no_other_place() {
    let service = Shared::start().await;
    service.with_password("wang", "王某", Role::Reviewer).await;
    let answer = service.get("/batches?after=1&x=%2F", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let to_login = answer.header("location").to_owned();
    let page = service.get(&to_login, "").await.text();
    assert!(page.contains("after=1"), "{page}");
    for (to, page) in [
        ("/batches?after=1&x=%2F", "/batches?after=1&x=%2F"),
        ("/explain/年", "/explain/%E5%B9%B4"),
        ("//evil.example/", "/collections"),
        ("https://evil.example/", "/collections"),
        ("HTTPS:evil.example", "/collections"),
        ("/\\evil.example", "/collections"),
        ("\\\\evil.example", "/collections"),
        ("/\t/evil.example", "/collections"),
        ("/\n/evil.example", "/collections"),
        ("/.//evil.example", "/collections"),
        ("/a/..//evil.example", "/collections"),
        (" //evil.example", "/collections"),
        ("javascript:alert(1)", "/collections"),
        ("/login?to=/login", "/collections"),
        ("", "/collections"),
    ] {
        let answer = service.log_in("wang", PASSWORD, to).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page), "{to:?}");
    }
    // A change is not repeated by a login.
    let answer = service.post("/batches", "", &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/login?to=%2F"));
    for path in ["/api/batches", "/api/templates", "/api/batches/x/result.zip"] {
        let answer = service.get(path, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.json()["hint"].as_str().unwrap().contains("Bearer"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_unit_comes_in_by_its_link_and_code() {
    let service = Shared::start().await;
    let units = [EntranceUnit { code: "C1".into(), name: HOSTILE.into() }];
    let accounts = &service.office.accounts;
    let made = accounts.make_entrances(&somebody(), "年度", &units, now() + 600, now()).await.unwrap();
    let entrance = &made[0];
    let path = format!("/enter/{}", entrance.link);
    for _ in 0..2 {
        let answer = service.get(&path, "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.text().contains("<b onclick"), "{}", answer.text());
        assert_eq!(answer.header("set-cookie"), "", "looking lets nobody in");
    }
    let answer = service.post(&path, "", &[("code", "00000-00000"), ("name", HOSTILE)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
    assert!(answer.text().contains("验证码不对") && !answer.text().contains("<b onclick"));
    // Typed as people type it, and by several.
    let mut cookies = vec![];
    for (code, name) in [(entrance.code.to_lowercase(), "李某"), (entrance.code.replace('-', " "), HOSTILE)]
    {
        let answer = service.post(&path, "", &[("code", &code), ("name", name)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        cookies.push(cookie_of(&answer));
    }
    let page = service.get("/account", &cookies[1]).await.text();
    assert!(page.contains("填报人") && !page.contains("<b onclick"), "{page}");
    assert!(!page.contains("修改密码"), "there is none to change: {page}");
    assert_eq!(service.get("/batches", &cookies[0]).await.status, StatusCode::FORBIDDEN);
    // The one before is dead with a new one.
    accounts.make_entrances(&somebody(), "年度", &units, now() + 600, now()).await.unwrap();
    assert_eq!(service.get(&path, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(service.get("/account", &cookies[0]).await.status, StatusCode::SEE_OTHER);
    for nothing in ["/enter/x", "/welcome/x", "/welcome/%00", "/enter/%FF"] {
        let answer = service.get(nothing, "").await;
        assert!(answer.status.is_client_error(), "{nothing}: {}", answer.status);
    }
}
