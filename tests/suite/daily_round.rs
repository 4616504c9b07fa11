//! What a bureau and its units meet in a round: a lost code, nobody to sign, a unit with another name, a second
//! collection of the year, a session that ends.

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use nianbao::accounts::Role;
use nianbao::collections::{
    CollectionPlan, MoveWish, NewVersion, Occasion, SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::report::Choice;
use nianbao::roster::RosterUnit;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::drafts::{Round, code, day, doer, now, session, whole};
use crate::http::request;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn one_units_lost_code_is_replaced_from_its_page() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let page = "/collections/{}/units/A1";
    assert!(round.get(&reviewer, page).await.text().contains("发放单位入口"));
    assert!(!round.get(&writer, page).await.text().contains("单位入口"), "it is the bureau's to give");
    let renew = format!("{page}/entrance");
    let refused = round.send(&writer, "POST", &renew, FORM, "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());

    let secrets = |text: &str| {
        let page = dom_query::Document::from(text);
        let shown: Vec<String> = page.select("code").iter().map(|one| one.text().to_string()).collect();
        (shown[0].rsplit('/').next().unwrap().to_owned(), shown[1].clone())
    };
    let first = round.send(&reviewer, "POST", &renew, FORM, "").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(first.header("cache-control"), "no-store");
    let (link, code) = secrets(&first.text());
    let accounts = &round.office.accounts;
    let here = [127, 0, 0, 1].into();
    let old = accounts.enter(&link, &code, "李某", here, now()).await.unwrap();
    let second = round.send(&reviewer, "POST", &renew, FORM, "").await.text();
    let (new_link, new_code) = secrets(&second);
    assert!(accounts.enter(&link, &code, "李某", here, now()).await.is_err(), "the old one is dead");
    assert_eq!(accounts.visitor(&old.token, now()).await.unwrap(), None);
    accounts.enter(&new_link, &new_code, "李某", here, now()).await.unwrap();
    // It is shown this once.
    let after = round.get(&reviewer, page).await.text();
    assert!(after.contains("更换单位入口") && !after.contains(&new_code) && !after.contains(&new_link));
    let none = round.send(&reviewer, "POST", "/collections/{}/units/X9/entrance", FORM, "").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "{}", none.text());
}

#[tokio::test]
async fn a_unit_that_nobody_can_sign_for_is_told_and_why_a_sign_off_was_refused() {
    let mut round = Round::start().await;
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let collections = round.office.collections.clone();
    let first = collections.collection(&round.collection).await.unwrap();
    let plan = CollectionPlan { title: "要审签的".into(), needs_sign_off: true, ..first.plan };
    let id = collections.make(&plan, &occasion).await.unwrap();
    collections.ask(&id, &[code("A1"), code("B2")], &occasion).await.unwrap();
    collections.open_collection(&id, &occasion).await.unwrap();
    round.collection = id.clone();
    let administrator = round.visitor("管理员", Role::Administrator, &[]).await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    round.visitor("乙审签", Role::Signer, &["B2"]).await;
    let (unit, api) = ("/collections/{}/units/A1", "/api/collections/{}/units/A1");
    let place = SubmissionPlace { collection: &id, unit: "A1" };
    let input = whole().to_string();
    let version = NewVersion {
        input: &input,
        base: 0,
        way: VersionWay::File,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: 10,
        files: &VersionFiles::default(),
    };
    assert!(round.get(&writer, &format!("{unit}/draft")).await.text().contains("没有审签人"));
    collections.submit(&place, &version, &occasion).await.unwrap();
    let (own, bureau) = (round.get(&writer, unit).await.text(), round.get(&administrator, unit).await.text());
    assert!(own.contains("没有审签人") && own.contains("请联系征集单位"), "{own}");
    assert!(bureau.contains("没有审签人") && bureau.contains("请在“账号”里邀请"), "{bureau}");
    let row = |board: Value| board["rows"].as_array().unwrap().clone();
    let rows = row(round.get(&administrator, "/api/collections/{}/board").await.json());
    let lacking: Vec<_> = rows.iter().map(|row| (row["unit"].clone(), row["lacks_signer"].clone())).collect();
    assert_eq!(lacking, [(json!("A1"), json!(true)), (json!("B2"), json!(false))]);
    let board = round.get(&administrator, "/collections/{}").await.text();
    assert_eq!(board.matches("没有审签人").count(), 1, "{board}");
    let told = round.get(&administrator, api).await;
    assert!(told.json()["hint"].as_str().unwrap().contains("没有审签人"), "{}", told.text());
    let tag = told.header("etag").to_owned();

    let signer = round.visitor("甲审签", Role::Signer, &["A1"]).await;
    let now_is = round.get(&administrator, api).await;
    assert_eq!((&now_is.json()["hint"], now_is.header("etag") == tag), (&Value::Null, false));
    assert!(!round.get(&administrator, "/collections/{}").await.text().contains("没有审签人"));
    // Why it was refused stands where it is mended.
    let body = "_do=decline&version=1&reason=%E6%95%B0%E5%AD%97%E4%B8%8D%E5%AF%B9%3Cb%3E";
    let declined = round.send(&signer, "POST", unit, FORM, body).await;
    assert_eq!(declined.status, StatusCode::SEE_OTHER, "{}", declined.text());
    for path in [unit.to_owned(), format!("{unit}/draft")] {
        let text = round.get(&writer, &path).await.text();
        assert!(text.contains("审签没有同意") && text.contains("数字不对&lt;b&gt;"), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_name_like_anothers_is_asked_about_when_a_unit_is_renamed() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let path = "/roster/units/A1";
    let name = percent_encoding::utf8_percent_encode("临 江 区", percent_encoding::NON_ALPHANUMERIC);
    let rename = format!("_do=rename&name={name}");
    let asked = round.send(&reviewer, "POST", path, FORM, rename.clone()).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.text());
    let text = asked.text();
    assert!(text.contains("没有更名") && text.contains("name=\"like A1 B2\""), "{text}");
    let named = || async { round.office.collections.unit("A1").await.unwrap().unit.name };
    assert_eq!(named().await, crate::drafts::HOSTILE);
    let done = round.send(&reviewer, "POST", path, FORM, format!("{rename}&like+A1+B2=two")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(named().await, "临 江 区");
    // A program is told.
    let body = serde_json::to_string(&[RosterUnit::new(code("D4"), "临江区人民政府")]).unwrap();
    let saved = round.send(&reviewer, "POST", "/api/roster", "application/json", body).await.json();
    assert!(saved["alike"].as_array().is_some_and(|pairs| !pairs.is_empty()), "{saved}");
}

#[tokio::test]
async fn a_second_collection_of_a_year_bears_a_name_of_its_own() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let title = "2024%E5%B9%B4%E5%BA%A6%E5%BE%81%E9%9B%86";
    let wish = |title: &str| format!("year=2024&due_on=2025-03-31&title={title}&edition=public");
    let asked = round.send(&reviewer, "POST", "/collections", FORM, wish(title)).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text().contains("已经有一次征集叫"), "{}", asked.text());
    let made = round.send(&reviewer, "POST", "/collections", FORM, wish("%E8%A1%A5%E6%8A%A5")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let board = round.get(&reviewer, made.header("location")).await.text();
    assert!(board.contains("同一年度、同一模板的征集还有") && board.contains("2024年度征集"), "{board}");
    let list = round.get(&reviewer, "/collections").await.text();
    assert!(list.contains("2024年度征集（2024年度，征集中，通过 0 个）"), "{list}");
}

/// What happens after a session has ended is told to nobody who came by it, wherever that was done.
#[tokio::test]
async fn a_stream_of_events_ends_with_its_session() {
    let round = Round::start().await;
    let follow = async |who: &str| {
        let path = format!("/api/collections/{}/events?after=0", round.collection);
        let mut request = request("GET", &path, "", Body::empty());
        request.headers_mut().insert("cookie", who.parse().unwrap());
        let answer = round.router().clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body()
    };
    let begin = async |unit: &str| {
        round.step(unit, SubmissionMove::Begin, &MoveWish::default()).await;
    };
    let told = async |body: Body| String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();

    // Here, by the button.
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let stream = follow(&writer).await;
    let gone = round.send(&writer, "POST", "/logout", FORM, "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text());
    begin("A1").await;
    let said = told(stream).await;
    assert!(!said.contains("draft_begun"), "{said}");

    // On another machine, whose database is the same.
    let token = session(&round.office, "乙某", Role::Writer, &["B2"]).await;
    let stream = follow(&format!("nianbao={token}")).await;
    let visitor = round.office.accounts.visitor(&token, now()).await.unwrap().unwrap();
    round.office.accounts.logout(&visitor, [127, 0, 0, 1].into(), now()).await.unwrap();
    begin("B2").await;
    let said = told(stream).await;
    assert!(!said.contains("draft_begun"), "{said}");

    // A role that was taken away, and an account that was disabled.
    let observer = round.visitor("丙某", Role::Observer, &["A1"]).await;
    let stream = follow(&observer).await;
    let known = round.office.accounts.accounts(None, 100).await.unwrap();
    let id = &known.iter().find(|one| one.name == "丙某").unwrap().id;
    round.office.accounts.disable_account(&doer(), id, now()).await.unwrap();
    let wish = MoveWish { reason: "并入", ..MoveWish::default() };
    round.step("A1", SubmissionMove::Waive, &wish).await;
    let said = told(stream).await;
    assert!(!said.contains("nil_returned"), "{said}");
    assert_eq!(
        round
            .office
            .collections
            .submission(&SubmissionPlace { collection: &round.collection, unit: "A1" })
            .await
            .unwrap()
            .state
            .word(),
        "nil"
    );
}
