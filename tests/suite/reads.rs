//! A read changes nothing: whoever looks at all there is leaves it as it was, but for the record of what was looked at.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use nianbao::accounts::Role;
use nianbao::collections::{
    AttachedFile, Attachments, NewComment, NewVersion, Occasion, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::report::Choice;
use nianbao::web::NEEDS;
use serde_json::{Value, json};

use crate::drafts::{Round, code, day, doer, form, now, whole};
use crate::http::{ask, request};
use crate::workbench::{minimal, read};

const FORM: &str = "application/x-www-form-urlencoded";
const DRAFT: &str = "/collections/{}/units/B2/draft";

/// What a look may write: the record, who has come in when, what was kept to be answered again.
const NOTED: [&str; 6] = [
    "nianbao_record",
    "nianbao_record_head",
    "nianbao_sessions",
    "nianbao_tokens",
    "nianbao_answers",
    "nianbao_migrations",
];

#[tokio::test]
async fn no_read_of_a_collection_changes_anything() {
    let round = Round::start().await;
    let bureau = round.visitor("管理员", Role::Administrator, &[]).await;
    let writer = round.visitor("甲某", Role::Writer, &["A1", "B2"]).await;
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let (input, files) = (whole().to_string(), VersionFiles::default());
    let version = NewVersion {
        input: &input,
        base: 0,
        way: VersionWay::File,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: 10,
        files: &files,
    };
    round.office.collections.submit(&place, &version, &occasion).await.unwrap();
    let comment = NewComment { path: "measures", text: "请改" };
    round.office.collections.comment(&place, 1, &comment, &occasion).await.unwrap();
    let before = round.rows().await;
    let mut asked = 0;
    for (_, route, _) in NEEDS.iter().filter(|(method, ..)| *method == Method::GET) {
        // What is followed has no end.
        let is_here = ["/collections", "/api/collections", "/roster", "/api/roster"];
        if !is_here.iter().any(|start| route.starts_with(start)) || route.ends_with("/events") {
            continue;
        }
        for (who, unit) in [(&bureau, "A1"), (&bureau, "B2"), (&writer, "A1"), (&writer, "B2")] {
            let path = route
                .replace("{collection}", &round.collection)
                .replace("{unit}", unit)
                .replace("{version}", "1")
                .replace("{part}", "input")
                .replace("{file}", "input")
                .replace("{revision}", "1");
            for method in [Method::GET, Method::HEAD] {
                let mut request = request(method.as_str(), &path, "", Body::empty());
                request.headers_mut().insert("cookie", who.parse().unwrap());
                let answer = ask(round.router(), request).await;
                assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.status);
                asked += 1;
                let after = round.rows().await;
                for (table, rows) in &after {
                    assert_eq!(Some(rows), before.get(table), "{method} {path} writes in {table}");
                }
            }
        }
    }
    assert!(asked > 150, "{asked}");
}

#[tokio::test]
async fn what_is_given_along_after_a_look_is_carried_in() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let path = "/collections/{}/units/A1/draft";
    let api = format!("/api{path}");
    let first = round.get(&writer, path).await.text();
    let shown = round.get(&writer, &api).await;
    let (early, tag) = (shown.json(), shown.header("etag").to_owned());
    assert_eq!((&early["revision"], early["beginning"].is_string()), (&json!(0), true));
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let state = || async { round.office.collections.submission(&place).await.unwrap().state.word() };
    assert_eq!(state().await, "not_started");

    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let last = minimal().replace("2024", "2023").replace("2025", "2024");
    let mut last = serde_json::to_value(read(&last)).unwrap();
    last["addressees"] = json!(["云州市委"]);
    let given = AttachedFile { document: last.to_string(), from: "上年.yaml".into() };
    let given = Attachments { last_report: Some(given), plan: None };
    round.office.collections.attach(&round.collection, &code("A1"), &given, &occasion).await.unwrap();
    let late = round.get(&writer, &api).await;
    assert_ne!(late.header("etag"), tag, "it is another draft now");
    let late = late.json();
    assert_eq!(late["revision"], 0);
    assert_ne!(late["tree"], early["tree"], "what was given along is in it: {late}");

    // Without scripts, from the page of before: what was written is there, and what was given along is.
    let mut tree = early["tree"].clone();
    tree["preface"] = json!(["自己写的导语。"]);
    let page = dom_query::Document::from(&*first);
    let hidden = |name: &str| {
        page.select(&format!("#form input[name={name}]")).attr("value").unwrap_or_default().to_string()
    };
    let own = [("_base", hidden("_base")), ("_beginning", hidden("_beginning")), ("_do", "save".to_owned())];
    assert_eq!(own[0].1, "0");
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let saved = round.send(&writer, "POST", path, FORM, form(&tree, &own)).await;
    assert!(saved.header("location").ends_with("done=merged"), "{}", saved.text());
    let (revision, now_is) = round.tree(&writer, "A1").await;
    assert_eq!((revision, state().await), (2, "writing"));
    let mut expected = late["tree"].clone();
    expected["preface"] = json!(["自己写的导语。"]);
    assert_eq!(now_is, expected);
    let history = round.get(&writer, &format!("{api}/history")).await.json();
    assert_eq!(history[1]["kind"], "from-last-year", "{history}");
}

#[tokio::test]
async fn a_program_begins_a_draft_by_saving_what_it_has_read() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["B2"]).await;
    let api = format!("/api{DRAFT}");
    let read = round.get(&writer, &api).await.json();
    let mut tree = read["tree"].clone();
    tree["title"] = json!("标题");
    let save = |base: Value, beginning: Value, key: &str| {
        json!({ "base": base, "beginning": beginning, "key": key, "tree": tree }).to_string()
    };
    let early = save(json!(3), Value::Null, "k0");
    let refused = round.send(&writer, "PUT", &api, "application/json", early).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
    assert_eq!(round.get(&writer, &api).await.json()["revision"], 0, "what is refused begins nothing");
    let body = save(read["revision"].clone(), read["beginning"].clone(), "k1");
    let saved = round.send(&writer, "PUT", &api, "application/json", body.clone()).await.json();
    assert_eq!((&saved["revision"], &saved["tree"]["title"]), (&json!(2), &json!("标题")));
    assert_eq!(saved["beginning"], Value::Null);
    let again = round.send(&writer, "PUT", &api, "application/json", body).await.json();
    assert_eq!(again["revision"], 2, "the same again is the same");
}

impl Round {
    /// All that is kept, by table, but for what a look may write.
    async fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let pool = self.database().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'nianbao!_%' ESCAPE '!'",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        let mut all = BTreeMap::new();
        for table in tables.into_iter().filter(|table| !NOTED.iter().any(|noted| table.starts_with(noted))) {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(&pool)
                .await
                .unwrap();
            let row = columns.iter().map(|name| format!("quote({name})")).collect::<Vec<_>>().join("||'|'||");
            let select = format!("SELECT {row} FROM {table} ORDER BY 1");
            all.insert(
                table,
                sqlx::query_scalar(sqlx::AssertSqlSafe(select)).fetch_all(&pool).await.unwrap(),
            );
        }
        assert!(all.len() > 15, "the tables are found");
        all
    }
}
