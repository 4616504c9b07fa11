//! The interface of collections for programs: what is read bears a tag, what is changed may ask for it, and what
//! comes again with its key is done once.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use nianbao::accounts::{EntranceUnit, Role};
use nianbao::roster;
use serde_json::{Value, json};

use crate::accounts::{HERE, HOSTILE, Shared, now, somebody};
use crate::http::{Answer, ask};

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
async fn a_draft_is_saved_only_by_who_has_read_it_if_he_says_so() {
    let bureau = Bureau::start().await;
    let place = bureau.planned().await;
    bureau.done("POST", &format!("{place}/state"), json!({ "state": "open" })).await;
    let path = format!("{place}/units/L1/draft");
    let read = bureau.get(&path).await;
    let tag = read.header("etag").to_owned();
    let mut tree = read.json()["tree"].clone();
    tree["title"] = json!("一");
    let save = |key: &str| json!({ "base": 1, "key": key, "tree": tree });
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

/// Each answer and each body of the interface of collections has a schema, and none says anything in another
/// language.
#[tokio::test]
async fn every_answer_about_collections_has_a_schema() {
    let bureau = Bureau::start().await;
    let document = bureau.get("/api/openapi.json").await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut faults = vec![];
    for (path, methods) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/api/collections") && !path.starts_with("/api/roster") {
            continue;
        }
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().iter();
            let bodies =
                answers.filter_map(|(status, answer)| Some((status.as_str(), answer.get("content")?)));
            for (what, content) in
                bodies.chain(operation["requestBody"].get("content").map(|one| ("body", one)))
            {
                let Some(schema) = content.get("application/json").map(|one| &one["schema"]) else {
                    continue;
                };
                let is_known = |one: &Value| {
                    let name = one["$ref"].as_str().and_then(|to| to.rsplit('/').next());
                    name.is_some_and(|name| schemas.contains_key(name))
                };
                let is_upload = what == "body" && path.ends_with("/versions");
                let parts = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
                if !is_upload && !parts.iter().all(is_known) {
                    faults.push(format!("{method} {path} {what}: {schema}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    for name in ["Board", "SubmissionView", "DraftAnswer", "Version", "CollectionEvent"] {
        assert!(schemas[name]["properties"].is_object(), "{name}");
    }
}
