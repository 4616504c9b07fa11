//! The interface of collections for programs: what is read bears a tag, what is changed may ask for it, and what
//! comes again with its key is done once.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use nianbao::accounts::{EntranceUnit, Role};
use nianbao::audit::{Act, RecordFilter};
use nianbao::collections::{NewVersion, Occasion, SubmissionPlace, VersionFiles, VersionWay};
use nianbao::roster;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::accounts::{HERE, HOSTILE, Shared, now, somebody};
use crate::http::{Answer, ask};
use crate::pdf::Document;

/// A service, and a reviewer who comes to it by a program.
struct Bureau {
    service: Shared,
    cookie: String,
}

impl Bureau {
    async fn start() -> Self {
        let service = Shared::start().await;
        let account = service.account("审核人", Role::Reviewer, &[]).await;
        let cookie = service.session(&account).await;
        Self { service, cookie }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("cookie", &self.cookie);
        request = request.header("host", "localhost").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        ask(&self.service.router, request.body(body).unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        let answer = self.send("GET", path, &[], &Value::Null).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer
    }

    async fn done(&self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.send(method, path, &[], &body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text());
        answer
    }

    /// A stream that goes on as long as it is held.
    async fn follow(&self, path: &str) -> Response {
        let request = Request::get(path).header("cookie", &self.cookie).body(Body::empty()).unwrap();
        self.service.router.clone().oneshot(request).await.unwrap()
    }

    /// A collection of three units, planned; its address.
    async fn planned(&self) -> String {
        let units: Vec<Value> = ["L1", "L2", "L3"]
            .iter()
            .map(|code| {
                json!({ "code": code, "name": format!("{code}{HOSTILE}"), "kind": "", "level": "",
                    "superior": null, "contact": { "name": "甲", "phone": "1", "mail": "" } })
            })
            .collect();
        self.done("POST", "/api/roster", units.into()).await;
        let made =
            self.done("POST", "/api/collections", json!({ "year": 2024, "due_on": "2025-01-10" })).await;
        let place = made.header("location").to_owned();
        self.done("POST", &format!("{place}/units"), json!(["L1", "L2", "L3"])).await;
        place
    }
}

#[tokio::test]
async fn a_bureau_steers_a_collection_by_programs_alone() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;

    // Taken out before it begins, and no longer afterwards.
    let path = format!("{place}/units/L3");
    assert_eq!(bureau.done("DELETE", &path, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bureau.send("DELETE", &path, &[], &Value::Null).await.status, StatusCode::NOT_FOUND);
    let early = bureau.send("POST", &format!("{place}/entrances"), &[], &json!({})).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text());
    let revision = bureau.get(&place).await.json()["revision"].clone();
    let patch = json!({ "revision": revision, "title": "<b>征集", "instructions": "按时" });
    assert_eq!(bureau.done("PATCH", &place, patch.clone()).await.json()["title"], "<b>征集");
    assert_eq!(bureau.send("PATCH", &place, &[], &patch).await.status, StatusCode::CONFLICT);
    assert_eq!(bureau.get(&place).await.json()["due_on"], "2025-01-10", "what is not named stays");
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    assert_eq!(
        bureau.send("DELETE", &format!("{place}/units/L2"), &[], &Value::Null).await.status,
        StatusCode::CONFLICT
    );

    // Ways in are answered once, and let in.
    let made = bureau.done("POST", &format!("{place}/entrances"), json!({ "units": ["L1"] })).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let one = made.json()["entrances"][0].clone();
    assert_eq!(one["unit"], "L1");
    let link = one["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let accounts = &bureau.service.office.accounts;
    assert!(accounts.enter(&link, one["code"].as_str().unwrap(), "李某", HERE, now()).await.is_ok());
    let unknown = bureau.send("POST", &format!("{place}/entrances"), &[], &json!({ "units": ["X9"] })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text());

    // More time, and less again.
    let late = bureau.get(&format!("{place}/overdue")).await.json();
    assert_eq!((&late["total"], &late["units"][0]["contact"]["name"]), (&json!(2), &json!("甲")), "{late}");
    let path = format!("{place}/units/L1/extension");
    let longer = json!({ "until": "2098-01-01", "reason": "<i>受灾" });
    let view = bureau.done("PUT", &path, longer).await.json();
    assert_eq!(view["submission"]["extended_to"], "2098-01-01");
    assert_eq!(bureau.get(&format!("{place}/overdue")).await.json()["total"], 1);
    let wrong = bureau.send("PUT", &path, &[], &json!({ "until": "2001-01-01", "reason": "" })).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    let view = bureau.done("DELETE", &format!("{path}?reason=x"), Value::Null).await.json();
    assert_eq!(view["submission"]["extended_to"], Value::Null);
    let none = bureau.send("DELETE", &format!("{path}?reason=x"), &[], &Value::Null).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", none.text());

    // The board to take along, closed, and begun again.
    let workbook = bureau.get(&format!("{place}/board.xlsx?state=owing")).await;
    let names: BTreeSet<String> =
        roster::read(&workbook.body, &[]).unwrap().units.into_iter().map(|unit| unit.name).collect();
    assert_eq!(names, BTreeSet::from([format!("L1{HOSTILE}"), format!("L2{HOSTILE}")]));
    let state = format!("{place}/state");
    bureau.done("POST", &state, json!({ "state": "closed", "reason": "到期" })).await;
    let unreasoned = bureau.send("POST", &state, &[], &json!({ "state": "reopened" })).await;
    assert_eq!(unreasoned.status, StatusCode::UNPROCESSABLE_ENTITY);
    let past = json!({ "state": "reopened", "reason": "补报", "closes_on": "2020-01-01" });
    let past = bureau.send("POST", &state, &[], &past).await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.text().contains("已经过去"), "{}", past.text());
    let again = json!({ "state": "reopened", "reason": "补报", "closes_on": "2099-02-01" });
    assert_eq!(bureau.done("POST", &state, again).await.json()["state"], "open");

    // A page at a time.
    let made = bureau.done("POST", "/api/collections", json!({ "year": 2025, "due_on": "2026-01-10" })).await;
    let first = bureau.get("/api/collections?limit=1").await.json()[0]["id"].as_str().unwrap().to_owned();
    let second =
        bureau.get(&format!("/api/collections?limit=1&before={first}")).await.json()[0]["id"].clone();
    let both = [first, second.as_str().unwrap().to_owned()].map(|id| format!("/api/collections/{id}"));
    assert_eq!(BTreeSet::from(both), BTreeSet::from([place, made.header("location").to_owned()]));
    assert_eq!(
        bureau.send("GET", "/api/collections?limit=0", &[], &Value::Null).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn what_is_read_bears_a_tag_and_what_is_changed_may_ask_for_it() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    let unit = format!("{place}/units/L1");
    for path in [
        &place,
        &unit,
        &format!("{place}/board"),
        &format!("{unit}/draft"),
        &format!("{place}/overdue"),
        &"/api/roster".to_owned(),
    ] {
        let tag = bureau.get(path).await.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}: {tag}");
        for named in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let same = bureau.send("GET", path, &[("if-none-match", &named)], &Value::Null).await;
            assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
            assert_eq!(same.header("etag"), tag);
        }
        let other = bureau.send("GET", path, &[("if-none-match", "\"x\"")], &Value::Null).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
    }

    // Who has read what is no longer so changes nothing.
    let waive = json!({ "step": "waive", "reason": "撤并" });
    let (old, moves) = (bureau.get(&unit).await.header("etag").to_owned(), format!("{unit}/moves"));
    bureau.done("PUT", &format!("{unit}/extension"), json!({ "until": "2098-01-01", "reason": "x" })).await;
    let refused = bureau.send("POST", &moves, &[("if-match", &old)], &waive).await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{}", refused.text());
    let tag = bureau.get(&unit).await.header("etag").to_owned();
    let done = bureau.send("POST", &moves, &[("if-match", &tag)], &waive).await;
    assert_eq!((done.status, &done.json()["state"]), (StatusCode::OK, &json!("nil")), "{}", done.text());
    let changed = bureau.get(&place).await.header("etag").to_owned();
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "closed", "reason": "x" })).await;
    let late = json!({ "state": "reopened", "reason": "x" });
    let late = bureau.send("POST", &format!("{place}/state"), &[("if-match", &changed)], &late).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_collection_that_begins_from_another_asks_for_a_sign_off_as_that_did() {
    let bureau = Bureau::start().await;
    let signed = json!({ "year": 2024, "due_on": "2025-01-10", "needs_sign_off": true });
    let made = bureau.done("POST", "/api/collections", signed).await;
    let id = made.json()["id"].clone();
    let next = json!({ "year": 2025, "due_on": "2026-01-10", "previous": id });
    assert_eq!(bureau.done("POST", "/api/collections", next).await.json()["needs_sign_off"], true);
    let without = json!({
        "year": 2025, "title": "不审签的", "due_on": "2026-01-10", "previous": id, "needs_sign_off": false
    });
    assert_eq!(bureau.done("POST", "/api/collections", without).await.json()["needs_sign_off"], false);
}

#[tokio::test]
async fn whoever_follows_too_much_is_turned_away_and_others_are_answered() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    let events = format!("{place}/events");
    let mut followed = Vec::new();
    let turned_away = loop {
        let answer = bureau.follow(&events).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        followed.push(answer);
    };
    assert_eq!((turned_away.status(), followed.len()), (StatusCode::TOO_MANY_REQUESTS, 12));
    assert_eq!(bureau.get(&place).await.status, StatusCode::OK);
    // Where one has gone another may come.
    followed.pop();
    assert_eq!(bureau.follow(&events).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_draft_is_saved_only_by_who_has_read_it_if_he_says_so() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    let path = format!("{place}/units/L1/draft");
    let read = bureau.get(&path).await;
    let tag = read.header("etag").to_owned();
    let mut tree = read.json()["tree"].clone();
    tree["title"] = json!("一");
    let save =
        |key: &str| json!({ "base": 0, "beginning": read.json()["beginning"], "key": key, "tree": tree });
    let saved = bureau.send("PUT", &path, &[("if-match", &tag)], &save("a")).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let late = bureau.send("PUT", &path, &[("if-match", &tag)], &save("b")).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED, "{}", late.text());
    assert_eq!(bureau.get(&path).await.json()["revision"], 2);
}

#[tokio::test]
async fn what_comes_again_with_its_key_is_done_once() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    let wish = json!({ "year": 2026, "due_on": "2027-01-10" });
    let key = [("idempotency-key", "2026-1")];
    let many =
        futures_util::future::join_all((0..8).map(|_| bureau.send("POST", "/api/collections", &key, &wish)))
            .await;
    let made: BTreeSet<&str> = many
        .iter()
        .filter(|one| one.status == StatusCode::CREATED)
        .map(|one| one.header("location"))
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(many.iter().all(|one| [StatusCode::CREATED, StatusCode::CONFLICT].contains(&one.status)));
    let again = bureau.send("POST", "/api/collections", &key, &wish).await;
    assert_eq!((again.status, again.header("location")), (StatusCode::CREATED, *made.first().unwrap()));
    assert_eq!(again.json()["year"], 2026);
    assert_eq!(bureau.get("/api/collections").await.json().as_array().unwrap().len(), 2);

    // The key stands for that and nothing else; another's is another.
    let other =
        bureau.send("POST", "/api/collections", &key, &json!({ "year": 2027, "due_on": "2028-01-10" })).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text());
    let account = bureau.service.account("另一人", Role::Reviewer, &[]).await;
    let colleague = Bureau { cookie: bureau.service.session(&account).await, service: bureau.service };
    let theirs = colleague.send("POST", "/api/collections", &key, &wish).await;
    assert_ne!(theirs.header("location"), *made.first().unwrap());
    let bureau = colleague;

    // What was refused was not done, and may be tried again under its key.
    let state = format!("{place}/state");
    let key = [("idempotency-key", "close")];
    let early = bureau.send("POST", &state, &key, &json!({ "state": "closed", "reason": "x" })).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    bureau.done("POST", &state, json!({ "state": "open" })).await;
    for _ in 0..2 {
        let closed = bureau.send("POST", &state, &key, &json!({ "state": "closed", "reason": "x" })).await;
        assert_eq!(closed.status, StatusCode::OK, "{}", closed.text());
    }

    // Secrets are not kept, and the old ways in stay open.
    let path = format!("{place}/entrances");
    let key = [("idempotency-key", "ways")];
    let first = bureau.send("POST", &path, &key, &json!({})).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let again = bureau.send("POST", &path, &key, &json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("只给一次"), "{}", again.text());
    let one = first.json()["entrances"][0].clone();
    let link = one["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let entered =
        bureau.service.office.accounts.enter(&link, one["code"].as_str().unwrap(), "李某", HERE, now()).await;
    assert!(entered.is_ok());
    for bad in ["", &"k".repeat(201), "a b"] {
        let answer = bureau.send("POST", &path, &[("idempotency-key", bad)], &json!({})).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    // A unit's people have keys of their own.
    let units = [EntranceUnit { code: "L1".into(), name: "L1".into() }];
    let id = place.rsplit('/').next().unwrap();
    let made = bureau
        .service
        .office
        .accounts
        .make_entrances(&somebody(), id, &units, now() + 600, now())
        .await
        .unwrap();
    let session = bureau
        .service
        .office
        .accounts
        .enter(&made[0].link, &made[0].code, "李某", HERE, now())
        .await
        .unwrap();
    let unit = Bureau { cookie: format!("nianbao={}", session.token), service: bureau.service };
    let theirs = unit.send("POST", &state, &key, &json!({ "state": "open" })).await;
    assert_eq!(theirs.status, StatusCode::FORBIDDEN, "{}", theirs.text());
}

/// Each answer and each body of the interface has a schema that says something, but for files.
#[tokio::test]
async fn every_answer_has_a_schema() {
    let bureau = Bureau::start().await;
    let document = bureau.get("/api/openapi.json").await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut faults = vec![];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().iter();
            let bodies = answers.map(|(status, answer)| (status.as_str(), &answer["content"]));
            for (what, content) in bodies.chain([("body", &operation["requestBody"]["content"])]) {
                let Some(content) = content.as_object().filter(|types| !types.is_empty()) else {
                    // These say all by their status; and not every operation takes something.
                    if !["204", "304", "body"].contains(&what) {
                        faults.push(format!("{method} {path} {what} says nothing"));
                    }
                    continue;
                };
                // A report comes as one likes: what is in it tells /api/schema.
                let content = content.iter().filter(|_| what != "body" || content.len() == 1);
                for (media_type, content) in content {
                    if !says_something(&content["schema"], media_type, schemas) {
                        faults.push(format!("{method} {path} {what} {media_type}: {}", content["schema"]));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    for name in ["Board", "SubmissionView", "DraftAnswer", "Version", "CollectionEvent", "ArrivalLot"] {
        assert!(schemas[name]["properties"].is_object(), "{name}");
    }
}

/// Whether a schema tells what comes: of JSON what is in it; of a file that it is one.
fn says_something(schema: &Value, media_type: &str, schemas: &serde_json::Map<String, Value>) -> bool {
    if let Some(parts) = schema["anyOf"].as_array() {
        return parts.iter().all(|part| says_something(part, media_type, schemas));
    }
    if let Some(to) = schema["$ref"].as_str() {
        let named = to.rsplit('/').next().and_then(|name| schemas.get(name));
        return named.is_some_and(|schema| says_something(schema, media_type, schemas));
    }
    if media_type != "application/json" {
        return schema.is_object();
    }
    let speaks = ["properties", "items", "oneOf", "allOf", "enum", "const", "additionalProperties"];
    speaks.iter().any(|part| schema.get(part).is_some())
        || ["string", "integer"].contains(&schema["type"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn of_two_programs_that_have_read_the_same_one_changes_it() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    let (unit, other) = (format!("{place}/units/L1"), format!("{place}/units/L2"));
    let tag = bureau.get(&unit).await.header("etag").to_owned();
    let path = format!("{unit}/extension");
    let named = [("if-match", tag.as_str())];
    // What happens to others meanwhile does not count.
    bureau.done("PUT", &format!("{other}/extension"), json!({ "until": "2098-01-01", "reason": "x" })).await;
    let wishes: Vec<Value> =
        (1..=8).map(|day| json!({ "until": format!("2098-01-0{day}"), "reason": "x" })).collect();
    let many = wishes.iter().map(|wish| bureau.send("PUT", &path, &named, wish));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(many).await.iter().map(|one| one.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    let any = bureau.send("PUT", &path, &[("if-match", "*")], &wishes[0]).await;
    assert_eq!(any.status, StatusCode::OK, "{}", any.text());

    let draft = format!("{other}/draft");
    let read = bureau.get(&draft).await;
    let tag = read.header("etag").to_owned();
    let saves: Vec<Value> = (0..8)
        .map(|number| {
            let mut tree = read.json()["tree"].clone();
            tree["title"] = json!(format!("第{number}人"));
            json!({ "base": 0, "key": format!("k{number}"), "tree": tree })
        })
        .collect();
    let named = [("if-match", tag.as_str())];
    let many = saves.iter().map(|save| bureau.send("PUT", &draft, &named, save));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(many).await.iter().map(|one| one.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(bureau.get(&draft).await.json()["revision"], 2);
}

impl Bureau {
    /// A collection that is open, in which a unit has submitted; the address of that.
    async fn submitted(&self) -> String {
        let place = self.planned().await;
        self.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
        let version = NewVersion {
            input: "{}",
            base: 0,
            way: VersionWay::Form,
            import: None,
            findings: &[],
            warning_reason: "",
            characters: 1,
            files: &VersionFiles::default(),
        };
        let collection = place.rsplit('/').next().unwrap();
        let doer = somebody();
        let occasion = Occasion { doer: &doer, at: now(), today: "2025-01-10".parse().unwrap() };
        let of = SubmissionPlace { collection, unit: "L1" };
        self.service.office.collections.submit(&of, &version, &occasion).await.unwrap();
        format!("{place}/units/L1")
    }
}

#[tokio::test]
async fn long_lists_come_a_page_at_a_time() {
    let bureau = Bureau::start().await;
    let unit = bureau.submitted().await;
    for number in 0..130 {
        let text = format!("<b>第{number}条");
        bureau.done("POST", &format!("{unit}/versions/1/comments"), json!({ "text": text })).await;
    }
    let view = bureau.get(&unit).await.json();
    let comments = view["comments"].as_array().unwrap();
    assert_eq!((comments.len(), &view["comment_count"]), (100, &json!(130)));
    assert_eq!(comments[99]["text"], "<b>第129条");
    assert_eq!((view["history"].as_array().unwrap().len(), &view["history_count"]), (100, &json!(131)));
    for (list, of) in [("comments", "comments"), ("history", "events")] {
        let (mut seen, mut offset) = (BTreeSet::new(), 0);
        loop {
            let page = bureau.get(&format!("{unit}/{list}?limit=50&offset={offset}")).await.json();
            let page = page[of].as_array().unwrap().clone();
            if page.is_empty() {
                break;
            }
            offset += page.len();
            seen.extend(page.iter().map(|one| one["number"].as_i64().unwrap()));
        }
        assert_eq!((seen.len(), offset), (if of == "events" { 131 } else { 130 }, seen.len()));
        for bad in ["limit=0", "limit=501", "limit=x", "page=1"] {
            let answer = bureau.send("GET", &format!("{unit}/{list}?{bad}"), &[], &Value::Null).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        }
        let none = unit.replace("/L1", "/L9");
        let answer = bureau.send("GET", &format!("{none}/{list}"), &[], &Value::Null).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let bad = bureau.send("GET", &format!("{unit}/draft/history?limit=201"), &[], &Value::Null).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);

    // People look at them page by page too.
    let page = |query: &str| format!("{}{query}", unit.trim_start_matches("/api"));
    let mut seen = BTreeSet::new();
    let found = regex::Regex::new("&lt;b&gt;第([0-9]+)条").unwrap();
    let first = bureau.get(&page("?comments=1")).await.text();
    let pages = regex::Regex::new("批注第 1 页，共 ([0-9]+) 页").unwrap();
    let pages: usize = pages.captures(&first).unwrap_or_else(|| panic!("{first}"))[1].parse().unwrap();
    assert!(pages > 1, "as many as one page bears, and no more");
    for number in 1..=pages {
        let text = bureau.get(&page(&format!("?comments={number}"))).await.text();
        assert!(text.contains(&format!("批注第 {number} 页，共 {pages} 页")), "{text}");
        assert!(text.len() < 150_000, "{}", text.len());
        seen.extend(found.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    assert_eq!(seen.len(), 130);
    let last = bureau.get(&page("?history=99")).await.text();
    assert!(last.contains("第 5 页，共 5 页，新的在前"), "{last}");
}

#[tokio::test]
async fn a_comment_of_a_million_characters_is_refused_in_words() {
    let bureau = Bureau::start().await;
    let unit = bureau.submitted().await;
    let path = format!("{unit}/versions/1/comments");
    for (long, status) in [
        ("字".repeat(1_000_000), StatusCode::UNPROCESSABLE_ENTITY),
        ("<b>".repeat(333_334), StatusCode::UNPROCESSABLE_ENTITY),
        ("字".repeat(3_000_000), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let refused = bureau.send("POST", &path, &[], &json!({ "text": long })).await;
        assert_eq!(refused.status, status, "{:.300}", refused.text());
        let said = refused.text();
        assert!(said.len() < 1000 && said.contains("hint"), "{said:.1000}");
        assert!(status != StatusCode::UNPROCESSABLE_ENTITY || said.contains("4000"), "{said}");
    }
    assert_eq!(bureau.get(&unit).await.json()["comment_count"], 0);
    bureau.done("POST", &path, json!({ "text": "短的" })).await;
}

#[tokio::test]
async fn letters_come_to_programs_too() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    let (all, one) = (format!("{place}/letters"), format!("{place}/units/L1/letter"));
    let wish = json!({ "issuer": "云州市司法局", "contact": "<b>王某" });
    for path in [&all, &one] {
        let early = bureau.send("POST", path, &[], &wish).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text());
    }
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    for path in [&all, &one] {
        let unsigned = bureau.send("POST", path, &[], &json!({ "issuer": " " })).await;
        assert_eq!(unsigned.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unsigned.text());
    }
    let unknown = bureau.send("POST", &format!("{place}/units/L9/letter"), &[], &wish).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let accounts = &bureau.service.office.accounts;
    let id = place.rsplit('/').next().unwrap();
    assert!(accounts.entrances(id, now()).await.unwrap().is_empty(), "nothing was replaced");

    let letter = bureau.done("POST", &one, wish.clone()).await;
    assert_eq!(letter.header("content-type"), "application/pdf");
    assert_eq!(accounts.entrances(id, now()).await.unwrap().len(), 1);
    let text = Document::read(letter.body.clone()).text();
    let link = regex::Regex::new("enter/([0-9a-z]{26})验证码：([0-9A-Z]{5}-[0-9A-Z]{5})").unwrap();
    let found = link.captures(&text).unwrap_or_else(|| panic!("{text}"));
    accounts.enter(&found[1], &found[2], "李某", HERE, now()).await.unwrap();

    let key = [("idempotency-key", "letters")];
    let zip = bureau.send("POST", &all, &key, &wish).await;
    assert_eq!((zip.status, zip.header("content-type")), (StatusCode::OK, "application/zip"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    let mut pdf = vec![];
    std::io::Read::read_to_end(&mut zip.by_index(0).unwrap(), &mut pdf).unwrap();
    assert_eq!(link.captures_iter(&Document::read(pdf).text()).count(), 3);
    let again = bureau.send("POST", &all, &key, &wish).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "secrets are answered once");
    let record = bureau.service.office.record.entries(&RecordFilter::default(), None, 50).await.unwrap();
    assert!(record.iter().any(|entry| entry.act == Act::EntranceReplacement.code()), "{record:?}");
}

#[tokio::test]
async fn a_webhook_is_changed_and_tried_by_programs() {
    let mut bureau = Bureau::start().await;
    let account = bureau.service.account("管理员", Role::Administrator, &[]).await;
    bureau.cookie = bureau.service.session(&account).await;
    let new = json!({ "name": "甲", "address": "https://oa.example.cn/a", "secret": "0123456789abcdef",
        "events": ["returned"] });
    let id = bureau.done("POST", "/api/webhooks", new).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/webhooks/{id}");
    let patch = json!({ "name": "<b>乙", "events": ["submitted", "accepted"] });
    let now_is = bureau.done("PATCH", &path, patch).await.json();
    assert_eq!((&now_is["name"], &now_is["address"]), (&json!("<b>乙"), &json!("https://oa.example.cn/a")));
    assert_eq!(now_is["events"], json!(["submitted", "accepted"]));
    let (_, secret) = bureau.service.office.outbox.webhook_to_call(&id).await.unwrap().unwrap();
    assert_eq!(secret, "0123456789abcdef", "what is not named stays");
    for wrong in [
        json!({ "address": "http://10.0.0.1/" }),
        json!({ "events": [] }),
        json!({ "events": ["x"] }),
        json!({ "secret": "short" }),
        json!({ "secret": "" }),
        json!({ "name": "" }),
    ] {
        let refused = bureau.send("PATCH", &path, &[], &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.text());
    }
    let tried = bureau.done("POST", &format!("{path}/trials"), Value::Null).await;
    assert_eq!((tried.status, &tried.json()["trial"]["state"]), (StatusCode::ACCEPTED, &json!("waiting")));
    bureau.done("PATCH", &path, json!({ "is_off": true, "secret": "fedcba9876543210" })).await;
    let off = bureau.send("POST", &format!("{path}/trials"), &[], &Value::Null).await;
    assert_eq!(off.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", off.text());
    for (method, path) in [("PATCH", "/api/webhooks/NONE"), ("POST", "/api/webhooks/NONE/trials")] {
        let none = bureau.send(method, path, &[], &json!({ "name": "x" })).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND, "{}", none.text());
    }
}
