//! A whole round by programs alone, on either database: the first administrator makes himself a token, and from then
//! on nothing but the interface is asked, with tokens. Units write, submit and sign, the bureau returns and accepts,
//! closes with one missing, takes out what came, and begins the next year.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::accounts::{HOSTILE, PASSWORD};
use crate::http::Served;
use crate::postgres::Postgres;
use crate::workbench::{minimal, read};

const ASKED: &str = "云州市临江区人民政府";
const OTHER: &str = "云州市望山县人民政府";

/// What was answered: the status, what matters of the head, and the body.
struct Told {
    status: u16,
    etag: String,
    location: String,
    body: Vec<u8>,
}

impl Told {
    async fn of(answer: Response) -> Self {
        let header = |name: &str| {
            answer.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        let (status, etag, location) = (answer.status().as_u16(), header("etag"), header("location"));
        Self { status, etag, location, body: answer.bytes().await.unwrap().to_vec() }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// Somebody's program.
struct Program {
    client: Client,
    address: String,
    token: String,
}

impl Program {
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Told {
        let address = format!("http://{}{path}", self.address);
        let mut request =
            self.client.request(method, address).header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Told::of(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Told {
        let told = self.ask(Method::GET, path, &[], &Value::Null).await;
        assert_eq!(told.status, 200, "{path}: {}", told.text());
        told
    }

    /// What must be done.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let told = self.ask(method.clone(), path, &[], &body).await;
        assert!((200..300).contains(&told.status), "{method} {path}: {} {}", told.status, told.text());
        if told.body.is_empty() { Value::Null } else { told.json() }
    }

    /// With which status it is refused, in words.
    async fn refused(&self, method: Method, path: &str, body: Value) -> u16 {
        let told = self.ask(method.clone(), path, &[], &body).await;
        let said = told.json();
        let is_said = said["message"].is_string() || said[0]["message"].is_string();
        assert!(told.status >= 400 && is_said, "{method} {path}: {} {}", told.status, told.text());
        told.status
    }

    /// What is answered, and that it is not answered again to whoever has it.
    async fn tagged(&self, path: &str) -> Told {
        let told = self.get(path).await;
        let again = self.ask(Method::GET, path, &[("if-none-match", &told.etag)], &Value::Null).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path} {}", told.etag);
        told
    }

    async fn step(&self, unit: &str, wish: Value) -> Value {
        self.done(Method::POST, &format!("{unit}/moves"), wish).await
    }

    /// Submits a report of the unit that is called so; the number of the version.
    async fn submits(&self, unit: &str, name: &str, preface: &str) -> i64 {
        let draft = self.get(&format!("{unit}/draft")).await.json();
        let mut tree: Value = serde_json::to_value(read(&minimal().replace(ASKED, name))).unwrap();
        tree["preface"] = json!([preface]);
        let save = json!({
            "base": draft["revision"], "beginning": draft["beginning"], "key": format!("k{}", preface.len()), "tree": tree,
        });
        let saved = self.done(Method::PUT, &format!("{unit}/draft"), save).await;
        let base = &self.get(unit).await.json()["submission"]["last_version"];
        let reason = "%E5%B7%B2%E6%A0%B8%E5%AF%B9";
        let path = format!("{unit}/versions?base={base}&reason={reason}");
        self.done(Method::POST, &path, saved["tree"].clone()).await["number"].as_i64().unwrap()
    }

    /// Follows a batch to its end; what came of it.
    async fn result(&self, batch: &str) -> Vec<u8> {
        let events = self.get(&format!("{batch}/events")).await.text();
        assert!(events.contains("event: end"), "{events}");
        self.get(&format!("{batch}/result.zip")).await.body
    }
}

/// A service, and how people come to it.
struct Door {
    client: Client,
    address: String,
}

impl Door {
    /// Takes up what a link is for; the session.
    async fn welcome(&self, link: &str, login_name: &str) -> String {
        let path = link.split_once("/welcome/").unwrap().1.trim();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("login_name", login_name),
            ("name", HOSTILE),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ]);
        let request = self.client.post(format!("http://{}/welcome/{path}", self.address));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.finish());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Has whoever is in a session make a token for a program of his; asked again, it is not shown again.
    async fn program(&self, cookie: &str) -> Program {
        let ask = || {
            let request = self.client.post(format!("http://{}/api/account/tokens", self.address));
            let request = request.header("cookie", cookie).header("idempotency-key", "token-1");
            request
                .header("content-type", "application/json")
                .body(json!({ "name": HOSTILE, "days": 30 }).to_string())
        };
        let made = Told::of(ask().send().await.unwrap()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let again = Told::of(ask().send().await.unwrap()).await;
        assert_eq!(again.status, 409, "{}", again.text());
        let token = made.json()["token"].as_str().unwrap().to_owned();
        assert!(!again.text().contains(&token));
        Program { client: self.client.clone(), address: self.address.clone(), token }
    }

    /// Somebody new, invited by a program, with a program of his own, and the id of his account.
    async fn somebody(&self, by: &Program, role: &str, units: &[&str]) -> (Program, String) {
        let wish = json!({ "name": role, "role": role, "units": units });
        let made = by.done(Method::POST, "/api/accounts/invitations", wish).await;
        let login_name = format!("{role}-{}", units.concat().to_lowercase());
        let cookie = self.welcome(made["link"].as_str().unwrap(), &login_name).await;
        let accounts = by.get("/api/accounts").await.json();
        let own =
            accounts["accounts"].as_array().unwrap().iter().find(|one| one["login_name"] == *login_name);
        (self.program(&cookie).await, own.unwrap()["id"].as_str().unwrap().to_owned())
    }
}

fn unit(code: &str, name: &str) -> Value {
    json!({
        "code": code, "name": name, "kind": "", "level": "", "superior": null,
        "contact": { "name": "", "phone": "", "mail": "" },
    })
}

async fn goes_round(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["--accounts"];
    if let Some(url) = &database {
        arguments.extend(["--database", url]);
    }
    let mut served = Served::start(folder.path(), &arguments);
    let link = served.line_with("/welcome/");
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let client = client.timeout(Duration::from_secs(300)).build().unwrap();
    let door = Door { client, address: served.address.clone() };

    // Tokens are made by people.
    let bureau = door.program(&door.welcome(&link, "admin").await).await;
    let tokens = bureau.tagged("/api/account/tokens").await;
    assert!(!tokens.text().contains(&bureau.token), "{}", tokens.text());
    assert_eq!(tokens.json()[0]["name"], HOSTILE);
    let more = bureau.refused(Method::POST, "/api/account/tokens", json!({ "name": "再一个" })).await;
    assert_eq!(more, 403, "who found a token makes no other");

    the_roster_is_kept(&bureau).await;
    let (writer, _) = door.somebody(&bureau, "writer", &["A1"]).await;
    let (other, other_id) = door.somebody(&bureau, "writer", &["B2"]).await;
    let (signer, _) = door.somebody(&bureau, "signer", &["A1", "B2"]).await;
    let (moved, _) = door.somebody(&bureau, "observer", &["D4"]).await;
    units_are_merged(&bureau, &moved).await;

    // Asked, written, signed, returned, written again.
    let plan = json!({ "year": 2024, "due_on": "2099-01-31", "edition": "public", "needs_sign_off": true });
    let made = bureau.ask(Method::POST, "/api/collections", &[], &plan).await;
    let round = made.location.clone();
    bureau.done(Method::POST, &format!("{round}/units"), json!(["A1", "B2", "C3"])).await;
    bureau.done(Method::POST, &format!("{round}/state"), json!({ "state": "open" })).await;
    let (own, others) = (format!("{round}/units/A1"), format!("{round}/units/B2"));
    assert_eq!(bureau.refused(Method::POST, &format!("{round}/archive"), Value::Null).await, 409);
    assert_eq!(writer.submits(&own, ASKED, "2024年，临江区依法行政。").await, 1);
    signer.step(&own, json!({ "step": "sign", "version": 1 })).await;
    bureau.step(&own, json!({ "step": "take", "version": 1 })).await;
    let comments =
        json!([{ "path": "preface[0]", "text": "写得太短" }, { "path": "measures[0]", "text": HOSTILE }]);
    bureau.step(&own, json!({ "step": "return", "version": 1, "comments": comments })).await;
    comments_are_answered(&writer, &other, &own).await;
    assert_eq!(writer.submits(&own, ASKED, "2024年，临江区扎实推进依法行政。").await, 2);
    versions_are_looked_at(&writer, &other, &own).await;
    signer.step(&own, json!({ "step": "sign", "version": 2 })).await;
    bureau.step(&own, json!({ "step": "take", "version": 2 })).await;
    bureau.step(&own, json!({ "step": "accept", "version": 2, "reason": "好" })).await;
    assert_eq!(other.submits(&others, OTHER, "2024年，望山县依法行政。").await, 1);
    signer.step(&others, json!({ "step": "sign", "version": 1 })).await;
    bureau.step(&others, json!({ "step": "accept", "version": 1 })).await;
    bureau
        .done(Method::POST, &format!("{round}/state"), json!({ "state": "closed", "reason": "先汇总" }))
        .await;

    what_came_is_taken_out(&bureau, &writer, &round).await;
    links_are_made_and_taken_back(&door, &bureau, &other, &other_id).await;

    // The next year begins from this one.
    let plan = json!({ "year": 2025, "due_on": "2099-12-31", "previous": round.rsplit('/').next() });
    let next = bureau.ask(Method::POST, "/api/collections", &[], &plan).await.location;
    bureau.done(Method::POST, &format!("{next}/state"), json!({ "state": "open" })).await;
    let draft = writer.get(&format!("{next}/units/A1/draft")).await.json();
    assert_eq!((&draft["tree"]["year"], &draft["tree"]["issuer"]["name"]), (&json!("2025"), &json!(ASKED)));

    // What no database takes is not there, on either.
    for path in [
        "/api/roster/units/%00",
        "/api/collections/%00",
        "/api/collections?before=%00",
        "/api/accounts?after=%00",
        "/api/batches?after=%00",
        &format!("{round}/units/A1/versions/1/files/%00"),
        &format!("{round}/board?text=%00"),
    ] {
        assert_eq!(bureau.refused(Method::GET, path, Value::Null).await, 404, "{path}");
    }
    let zero = json!({ "year": 2025, "due_on": "2099-12-31", "previous": "\0" });
    assert_eq!(bureau.refused(Method::POST, "/api/collections", zero).await, 404);

    // Whoever takes back the token that he comes with has none.
    let own = bureau.get("/api/account/tokens").await.json()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/account/tokens/{own}");
    assert_eq!(writer.refused(Method::DELETE, &path, Value::Null).await, 404, "it is another's");
    bureau.done(Method::DELETE, &path, Value::Null).await;
    assert_eq!(bureau.refused(Method::GET, "/api/account/tokens", Value::Null).await, 401);
}

async fn the_roster_is_kept(bureau: &Program) {
    let units = json!([unit("A1", ASKED), unit("B2", "望山县"), unit("C3", HOSTILE), unit("D4", "撤并乡")]);
    bureau.done(Method::POST, "/api/roster", units).await;
    let place = "/api/roster/units/B2";
    let before = bureau.tagged(place).await;
    let patch =
        json!({ "name": OTHER, "superior": "A1", "contact": { "name": "甲", "phone": "", "mail": "" } });
    let renamed = bureau.done(Method::PATCH, place, patch).await;
    assert_eq!((&renamed["name"], &renamed["superior"]), (&json!(OTHER), &json!("A1")), "{renamed}");
    assert_eq!(renamed["former_names"][0]["name"], "望山县");
    assert_ne!(bureau.tagged(place).await.etag, before.etag);
    // What is wrong changes nothing, whatever else is right.
    let wrong = json!({ "kind": "县", "contact": { "name": "甲", "phone": "电话", "mail": "" } });
    assert_eq!(bureau.refused(Method::PATCH, place, wrong).await, 422);
    assert_eq!(bureau.refused(Method::PATCH, place, json!({ "kind": "县", "superior": "X9" })).await, 404);
    assert_eq!(bureau.refused(Method::PATCH, place, json!({ "kind": "县", "name": "\n" })).await, 422);
    assert_eq!(bureau.refused(Method::PATCH, place, json!({ "kinds": "县" })).await, 400);
    assert_eq!(bureau.get(place).await.json()["kind"], "");
    let near = bureau.done(Method::PATCH, place, json!({ "name": "云州市临 江区人民政府" })).await;
    assert_eq!(near["alike"][0]["other"], "A1", "a name like another's is told: {near}");
    bureau.done(Method::PATCH, place, json!({ "name": OTHER, "is_disabled": true })).await;
    let back = bureau.done(Method::PATCH, place, json!({ "is_disabled": false, "superior": "" })).await;
    assert_eq!((&back["disabled_at"], &back["superior"]), (&Value::Null, &Value::Null));
}

/// A unit becomes part of another, and its people that one's; once, however often it is sent.
async fn units_are_merged(bureau: &Program, moved: &Program) {
    let path = "/api/roster/units/D4/merger";
    assert_eq!(bureau.refused(Method::POST, path, json!({ "into": "D4" })).await, 422);
    assert_eq!(bureau.refused(Method::POST, path, json!({ "into": "<b>" })).await, 404);
    assert_eq!(
        bureau.refused(Method::POST, "/api/roster/units/X9/merger", json!({ "into": "C3" })).await,
        404
    );
    assert_eq!(moved.refused(Method::POST, path, json!({ "into": "C3" })).await, 403);
    for _ in 0..2 {
        let merged = bureau.done(Method::POST, path, json!({ "into": "C3" })).await;
        assert_eq!(merged["merged_into"], "C3", "{merged}");
    }
    assert_eq!(bureau.refused(Method::POST, path, json!({ "into": "A1" })).await, 404);
    let people = bureau.get("/api/accounts").await.json();
    let observer =
        people["accounts"].as_array().unwrap().iter().find(|one| one["role"] == "observer").unwrap().clone();
    assert_eq!(observer["units"], json!(["C3"]));
}

async fn comments_are_answered(writer: &Program, other: &Program, own: &str) {
    let list = writer.tagged(&format!("{own}/comments")).await.json();
    assert_eq!(list["total"], 2, "{list}");
    let first = format!("{own}/comments/{}", list["comments"][0]["number"]);
    let answer = json!({ "text": HOSTILE });
    writer.done(Method::POST, &format!("{first}/answers"), answer.clone()).await;
    let settled = writer.done(Method::PATCH, &first, json!({ "is_resolved": true })).await;
    assert_eq!(settled["resolved_by"], HOSTILE, "{settled}");
    let again = writer.done(Method::PATCH, &first, json!({ "is_resolved": false })).await;
    assert_eq!(again["resolved_at"], Value::Null, "{again}");
    let list = writer.get(&format!("{own}/comments")).await.json();
    assert_eq!((&list["total"], &list["comments"][2]["text"]), (&json!(3), &json!(HOSTILE)));
    let nothing = json!({ "text": " " });
    assert_eq!(writer.refused(Method::POST, &format!("{first}/answers"), nothing).await, 422);
    for unknown in ["999999", "-1", "x"] {
        let path = format!("{own}/comments/{unknown}");
        assert_eq!(
            writer.refused(Method::PATCH, &path, json!({ "is_resolved": true })).await,
            404,
            "{unknown}"
        );
        assert_eq!(
            writer.refused(Method::POST, &format!("{path}/answers"), answer.clone()).await,
            404,
            "{unknown}"
        );
    }
    assert_eq!(other.refused(Method::POST, &format!("{first}/answers"), answer).await, 404);
    assert_eq!(other.refused(Method::PATCH, &first, json!({ "is_resolved": true })).await, 404);
}

async fn versions_are_looked_at(writer: &Program, other: &Program, own: &str) {
    let version = format!("{own}/versions/2");
    let told = writer.tagged(&version).await.json();
    let input = writer.tagged(&format!("{version}/files/input")).await;
    assert_eq!(input.json()["preface"][0], "2024年，临江区扎实推进依法行政。");
    assert_eq!(told["digest"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&input.body)));
    let public = writer.tagged(&format!("{version}/files/public")).await;
    assert!(public.body.starts_with(b"%PDF"));
    let findings = writer.tagged(&format!("{version}/findings?limit=1")).await.json();
    assert_eq!(
        findings["total"].as_i64(),
        Some(told["warnings"].as_i64().unwrap() + told["notes"].as_i64().unwrap())
    );
    let differences = writer.tagged(&format!("{version}/differences")).await.json();
    let found = differences["differences"].as_array().unwrap();
    assert!(found.iter().any(|one| one["path"] == "preface[0]"), "{differences}");
    assert_eq!(differences, writer.get(&format!("{version}/differences?with=1")).await.json());
    assert_eq!(writer.get(&format!("{version}/differences?with=2")).await.json()["total"], 0);
    let beyond = writer.get(&format!("{version}/differences?offset=18446744073709551615")).await.json();
    assert_eq!(beyond["differences"], json!([]));
    for (path, status) in [
        ("versions/1/differences", 404),
        ("versions/2/differences?with=last-year", 404),
        ("versions/2/differences?with=9", 404),
        ("versions/2/differences?with=<b>", 400),
        ("versions/2/differences?limit=0", 400),
        ("versions/2/findings?limit=501", 400),
        ("versions/9/findings", 404),
        ("versions/-1", 404),
        ("versions/99999999999999999999/files/input", 404),
        ("versions/2/files/..%2Finput", 404),
    ] {
        assert_eq!(
            writer.refused(Method::GET, &format!("{own}/{path}"), Value::Null).await,
            status,
            "{path}"
        );
    }
    for path in ["", "/files/input", "/files/public", "/files/formal", "/findings", "/differences"] {
        assert_eq!(other.refused(Method::GET, &format!("{version}{path}"), Value::Null).await, 404, "{path}");
    }
}

async fn what_came_is_taken_out(bureau: &Program, writer: &Program, round: &str) {
    let path = format!("{round}/archive");
    let outcome = bureau.tagged(&path).await.json();
    assert_eq!(
        (&outcome["accepted"], &outcome["asked"], &outcome["total"]),
        (&json!(2), &json!(3), &json!(1))
    );
    assert_eq!(
        (&outcome["missing"][0]["unit"], &outcome["missing"][0]["name"]),
        (&json!("C3"), &json!(HOSTILE))
    );
    assert_eq!(bureau.get(&format!("{path}?offset=1")).await.json()["missing"], json!([]));
    assert_eq!(writer.refused(Method::POST, &path, Value::Null).await, 403);

    // Of two who ask at once both get the same.
    let ask = || bureau.ask(Method::POST, &path, &[], &Value::Null);
    let (one, another) = tokio::join!(ask(), ask());
    assert_eq!((one.status, another.status), (202, 202), "{} {}", one.text(), another.text());
    assert_eq!(one.location, another.location);
    let archive = bureau.result(&one.location).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let manifest =
        names.iter().find(|name| name.ends_with("manifest.json")).unwrap_or_else(|| panic!("{names:?}"));
    let manifest: Value = serde_json::from_reader(zip.by_name(manifest).unwrap()).unwrap();
    assert!(manifest.to_string().contains("C3"), "the missing one is named: {manifest}");
    assert_eq!(names.iter().filter(|name| name.ends_with("年度报告.pdf")).count(), 2, "{names:?}");
    // What is made already may be made once more.
    let later = ask().await;
    assert_eq!(later.status, 202, "{}", later.text());
    assert_ne!(later.location, one.location);
    bureau.result(&later.location).await;

    let issuer = "%E4%BA%91%E5%B7%9E%E5%B8%82%E4%BA%BA%E6%B0%91%E6%94%BF%E5%BA%9C";
    let draft = bureau.tagged(&format!("{round}/compilation.yaml?issuer={issuer}")).await.text();
    assert!(draft.contains("云州市人民政府") && draft.contains(OTHER), "{draft}");
    assert_eq!(bureau.refused(Method::GET, &format!("{round}/compilation.yaml"), Value::Null).await, 400);
    assert_eq!(
        bureau.refused(Method::GET, &format!("{round}/compilation.yaml?issuer="), Value::Null).await,
        422
    );
    let book = bureau.tagged(&format!("{round}/compilation.xlsx")).await;
    assert!(book.body.starts_with(b"PK"));
    for path in ["compilation.yaml?issuer=x", "compilation.xlsx", "archive"] {
        assert_eq!(writer.refused(Method::GET, &format!("{round}/{path}"), Value::Null).await, 403, "{path}");
    }
}

/// A link to a new password ends what was before when it is used; one that was taken back is none.
async fn links_are_made_and_taken_back(door: &Door, bureau: &Program, other: &Program, account: &str) {
    let path = format!("/api/accounts/{account}/resets");
    assert_eq!(other.refused(Method::POST, &path, json!({})).await, 403);
    assert_eq!(bureau.refused(Method::POST, &path, json!({ "days": 91 })).await, 422);
    assert_eq!(bureau.refused(Method::POST, "/api/accounts/X/resets", json!({})).await, 404);
    let first = bureau.done(Method::POST, &path, json!({})).await;
    let second = bureau.done(Method::POST, &path, json!({ "days": 1 })).await;
    let links = bureau.tagged("/api/accounts/links").await;
    let open: Vec<Value> = links.json().as_array().unwrap().clone();
    assert_eq!(open.len(), 1, "the second took the place of the first: {open:?}");
    assert_eq!((&open[0]["id"], &open[0]["purpose"]), (&second["id"], &json!("password_reset")));
    let secret = second["link"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(!links.text().contains(secret), "a link is shown once");
    let of = |link: &Value| format!("/api/accounts/links/{}", link["id"].as_str().unwrap());
    assert_eq!(bureau.refused(Method::DELETE, &of(&first), Value::Null).await, 404);
    let place = format!("/api/accounts/{account}");
    assert_eq!(bureau.tagged(&place).await.json()["role"], "writer");
    bureau.done(Method::DELETE, &format!("{place}/sessions"), Value::Null).await;
    assert_eq!(bureau.refused(Method::DELETE, "/api/accounts/X/sessions", Value::Null).await, 404);
    assert_eq!(bureau.refused(Method::GET, "/api/accounts/X", Value::Null).await, 404);
    door.welcome(second["link"].as_str().unwrap(), "").await;
    assert_eq!(other.refused(Method::GET, "/api/account/tokens", Value::Null).await, 401);
    let third = bureau.done(Method::POST, &path, json!({})).await;
    bureau.done(Method::DELETE, &of(&third), Value::Null).await;
    assert_eq!(bureau.get("/api/accounts/links").await.json(), json!([]));
}

#[tokio::test]
async fn a_round_goes_by_programs_on_sqlite() {
    goes_round(None).await;
}

#[tokio::test]
async fn a_round_goes_by_programs_on_postgresql() {
    let server = Postgres::start();
    goes_round(Some(server.url("postgres"))).await;
}
