//! What goes into a collection and what comes out: files of other units, returned workbooks, the collection's own
//! checks, last year's reports, the archive that names the missing.

use std::io::{Cursor, Read};
use std::time::Duration;

use axum::http::StatusCode;
use nianbao::accounts::Role;
use nianbao::collections::{CollectionPlan, MoveWish, Occasion, SubmissionMove};
use nianbao::export::Target;
use nianbao::indicators::IndicatorList;
use nianbao::intake::workbook;
use nianbao::report::Report;
use serde_json::{Value, json};

use crate::batches::zip_of;
use crate::drafts::{Round, code, day, doer, now, whole};
use crate::http::Answer;
use crate::returned::as_ofd;
use crate::workbench::{minimal, of_tests, press, read};

pub const BOUNDARY: &str = "multipart/form-data; boundary=e";

/// A form with a file, as a browser sends it.
pub fn upload(field: &str, name: &str, bytes: &[u8], own: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in own {
        body.extend(
            format!("--e\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head =
        format!("--e\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(b"\r\n--e--\r\n");
    body
}

/// The report of a unit called so.
fn of_unit(name: &str) -> Value {
    let mut tree = whole();
    tree["issuer"] = json!({ "name": name });
    tree
}

pub async fn submit(
    round: &Round,
    who: &str,
    unit: &str,
    name: &str,
    bytes: &[u8],
    own: &[(&str, &str)],
) -> Answer {
    let own: Vec<_> = [("_version", "0")].into_iter().chain(own.iter().copied()).collect();
    let path = format!("/collections/{{}}/units/{unit}/submit");
    round.send(who, "POST", &path, BOUNDARY, upload("report", name, bytes, &own)).await
}

#[tokio::test]
async fn another_units_file_wants_a_word_why() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let other = of_unit("临江区").to_string();
    let take = [("_do", "take")];
    let refused = submit(&round, &writer, "A1", "报告.json", other.as_bytes(), &take).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("“临江区”是另一个单位"), "{}", refused.text());
    let explained = [("_do", "take"), ("_reason", "两家合写一份")];
    let taken = submit(&round, &writer, "A1", "报告.json", other.as_bytes(), &explained).await;
    assert!(taken.header("location").ends_with("done=taken"), "{}", taken.text());

    // A program is told the same, as a finding.
    let path = "/api/collections/{}/units/A1/versions?base=0";
    let found = round.send(&writer, "POST", path, "application/json", other.clone()).await;
    assert_eq!(
        (found.status, found.codes()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["another-unit".into()])
    );
    let explained = format!("{path}&reason=%E5%90%88%E5%86%99");
    let sent = round.send(&writer, "POST", &explained, "application/json", other).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    assert_eq!(sent.json()["findings"][0]["code"], "another-unit");
}

#[tokio::test]
async fn another_units_code_is_refused_whatever_the_name_is() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut tree = whole();
    tree["issuer"]["code"] = json!("B2");
    let text = tree.to_string();
    for own in [vec![], vec![("_do", "take"), ("_reason", "就用它")], vec![("_reason", "就用它")]] {
        let refused = submit(&round, &writer, "A1", "报告.json", text.as_bytes(), &own).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
        assert!(refused.text().contains("单位代码“B2”是“临江区”的"), "{}", refused.text());
        assert!(refused.text().contains("改成 A1，或者删除"), "{}", refused.text());
    }
    let path = "/api/collections/{}/units/A1/versions?base=0";
    let found = round.send(&writer, "POST", path, "application/json", text).await;
    assert_eq!(found.codes(), ["another-units-code"], "{}", found.text());
    // In a workbook it stands in a column of its own.
    let row = workbook::write(&[read(&tree.to_string())], IndicatorList::built_in()).unwrap();
    let refused = submit(&round, &writer, "A1", "征集表.xlsx", &row, &[("_do", "take")]).await;
    assert!(refused.text().contains("单位代码“B2”是“临江区”的"), "{}", refused.text());
    // Its own, and one that is nobody's, are no matter.
    for code in ["A1", "370214"] {
        tree["issuer"]["code"] = json!(code);
        let text = tree.to_string();
        let taken = submit(&round, &writer, "A1", "报告.json", text.as_bytes(), &[("_do", "take")]).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    }
}

#[tokio::test]
async fn a_returned_workbook_is_the_units_own_row() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let other = minimal().replace("云州市临江区人民政府", "云州市西山县人民政府").replace("临江区", "西山县");
    let (own, other): (Report, Report) = (read(&minimal()), read(&other));
    let strange = workbook::write(std::slice::from_ref(&other), IndicatorList::built_in()).unwrap();
    let refused = submit(&round, &writer, "A1", "征集表.xlsx", &strange, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("里面的单位是：云州市西山县人民政府"), "{}", refused.text());
    let both = workbook::write(&[other, own], IndicatorList::built_in()).unwrap();
    let path = "/api/collections/{}/units/A1/versions?base=0&name=a.xlsx";
    let sent = round.send(&writer, "POST", path, "application/octet-stream", both).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    assert_eq!(sent.json()["findings"][0]["code"], "one-of-many", "{}", sent.text());
    let versions = round.get(&writer, "/api/collections/{}/units/A1/versions").await.json();
    assert_eq!(versions[0]["way"], "workbook");
    let broken = submit(&round, &writer, "A1", "坏.xlsx", b"PK\x03\x04xxxx", &[]).await;
    assert!(broken.status.is_client_error(), "{}", broken.status);
}

/// The pages of a report bear it, where they were asked to; and are no Word file, though both are archives.
#[tokio::test]
async fn the_report_that_an_ofd_bears_is_submitted() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let path = "/api/collections/{}/units/A1/versions?base=0&name=a.ofd";
    let plain = as_ofd(&whole(), Target::Ofd);
    let refused = round.send(&writer, "POST", path, "application/octet-stream", plain).await;
    assert_eq!(refused.codes(), ["no-attached-report"], "{}", refused.text());
    let ofd = as_ofd(&whole(), Target::OfdWithSource);
    let sent = round.send(&writer, "POST", path, "application/octet-stream", ofd).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    let versions = round.get(&writer, "/api/collections/{}/units/A1/versions").await.json();
    assert_eq!(versions[0]["way"], "file");
}

#[tokio::test]
async fn a_collection_checks_as_its_bureau_says() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let collections = &round.office.collections;
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let plan = CollectionPlan {
        title: "另一次".into(),
        ..collections.collection(&round.collection).await.unwrap().plan
    };
    let id = collections.make(&plan, &occasion).await.unwrap();
    collections.ask(&id, &[code("A1")], &occasion).await.unwrap();
    let page = format!("/collections/{id}/checks");
    let form = "application/x-www-form-urlencoded";
    let wrong = "revision=1&settings=titles+%3D+%5B%0Aseverity.nothing+%3D+%22off%22";
    let refused = round.send(&reviewer, "POST", &page, form, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("第2行第"), "{}", refused.text());
    let settings = "[severity]\nproblem-without-cause = \"off\" # <b>已有专报</b>\n";
    let wish = json!({ "settings": settings, "revision": 1 }).to_string();
    let kept = round.send(&reviewer, "PUT", &format!("/api{page}"), "application/json", wish.clone()).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT, "{}", kept.text());
    let shown = round.get(&reviewer, &page).await.text();
    assert!(shown.contains("已有专报") && !shown.contains("<b>已有"), "{shown}");
    collections.open_collection(&id, &occasion).await.unwrap();
    let late = round.send(&reviewer, "PUT", &format!("/api{page}"), "application/json", wish).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text());

    // What is off there is an error elsewhere: in the draft, beside the form, in what is submitted and made.
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut tree = whole();
    tree["problems"][0].as_object_mut().unwrap().remove("cause");
    let tree = tree.to_string();
    for (path, codes) in [
        ("/api/check".to_owned(), vec!["problem-without-cause".to_owned()]),
        (format!("/api/check?collection={id}"), vec![]),
    ] {
        let found = round.send(&writer, "POST", &path, "application/json", tree.clone()).await;
        assert_eq!(found.codes(), codes, "{path}");
    }
    let path = format!("/api/preview?collection={id}");
    let seen = round.send(&writer, "POST", &path, "application/json", tree.clone()).await;
    assert_eq!(seen.json()["findings"], json!([]));
    let foreign = round.visitor("乙某", Role::Writer, &["B2"]).await;
    let path = format!("/api/check?collection={id}");
    let hidden = round.send(&foreign, "POST", &path, "application/json", tree.clone()).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let sent = format!("/api/collections/{id}/units/A1/versions?base=0");
    let sent = round.send(&writer, "POST", &sent, "application/json", tree).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
}

#[tokio::test]
async fn last_years_reports_come_in_a_zip_and_are_confirmed() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let last = minimal().replace("2024", "2023").replace("2025", "2024");
    let slip = last.replace("云州市临江区人民政府", "临杠区").replace("name: 临江区", "name: 临杠区");
    let text = std::fs::read(of_tests("cases/import/body-only.txt")).unwrap();
    let packed = zip_of([
        ("各单位/临江区.yaml", last.replace("云州市临江区人民政府", "临江区").as_bytes()),
        ("各单位/别的.txt", text.as_slice()),
        ("今年的.yaml", minimal().as_bytes()),
        ("<b>坏</b>.pdf", b"%PDF-1.4 nothing".as_slice()),
        ("图.png", b"x".as_slice()),
        ("临杠区.yaml", slip.as_bytes()),
    ]);
    let page = "/collections/{}/materials";
    let taken = round.send(&reviewer, "POST", page, BOUNDARY, upload("file", "上年.zip", &packed, &[])).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    let shown = round.get(&reviewer, page).await.text();
    assert!(shown.contains("&lt;b&gt;坏") && !shown.contains("<b>坏"), "{shown}");
    assert!(shown.contains("图.png") && shown.contains("年度不是2023年"), "{shown}");
    assert!(shown.contains("名称只是与“临江区”相近；这个单位另有一份"), "{shown}");
    assert!(shown.contains("换下原有的"), "{shown}");
    let waiting = round.office.collections.arrivals(&round.collection).await.unwrap().unwrap();
    let of = |name: &str| waiting.arrivals.iter().find(|one| one.name.contains(name)).unwrap();
    assert_eq!((of("临江区.yaml").unit.as_deref(), of("临江区.yaml").is_sure), (Some("B2"), true));
    assert_eq!((of("今年的").unit.as_deref(), of("今年的").is_sure), (None, false));
    assert_eq!((of("坏").kind, of("图").kind), (None, None));

    // Nothing is given along before somebody has confirmed it.
    let before = round.office.collections.attachments(&round.collection, "B2").await.unwrap();
    assert_eq!(before.last_report.unwrap().from, "上年.yaml");
    let number = of("临杠区").number;
    let form = "application/x-www-form-urlencoded";
    let list = "/collections/{}/materials/list";
    let unknown = format!("_do=confirm&lot={}&unit+{number}=NONE", waiting.lot);
    let refused = round.send(&reviewer, "POST", list, form, unknown).await;
    assert!(refused.text().contains("没有代码是 NONE 的单位"), "{}", refused.text());
    let stale = round.send(&reviewer, "POST", list, form, "_do=confirm&lot=OLD").await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
    let wish = json!({ "lot": waiting.lot, "units": { number.to_string(): "A1" } }).to_string();
    let given = round.send(&reviewer, "PUT", &format!("/api{page}"), "application/json", wish).await;
    assert_eq!(given.json()["given"], 2, "{}", given.text());
    let after = round.office.collections.attachments(&round.collection, "B2").await.unwrap();
    assert_eq!(after.last_report.unwrap().from, "各单位/临江区.yaml");
    assert!(round.office.collections.arrivals(&round.collection).await.unwrap().is_none());
    // What was given along under another name begins a draft of the unit's own.
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (_, tree) = round.tree(&writer, "A1").await;
    assert_eq!((&tree["year"], &tree["issuer"]["name"]), (&json!("2024"), &json!("临江区<b>\"甲\"</b>局")));
    // What last year's report planned is asked about.
    let path = "/api/collections/{}/units/A1/versions?base=0";
    let mut idle = whole();
    idle["measures"] =
        json!([{ "heading": "做好普法", "body": ["全年开展普法活动12场，参加群众3000人次。"] }]);
    let found = round.send(&writer, "POST", path, "application/json", idle.to_string()).await;
    assert!(found.codes().contains(&"unfinished-task-unexplained".into()), "{}", found.text());

    // A plan of the year alone, by its kind.
    let plan = &press().templates.find("work-plan").unwrap().sample;
    let path = "/api/collections/{}/materials?name=plan.yaml";
    let sent = round.send(&reviewer, "POST", path, "application/octet-stream", plan.clone()).await;
    assert_eq!(sent.json()["arrivals"][0]["kind"], "plan", "{}", sent.text());
    let broken = round.send(&reviewer, "POST", page, BOUNDARY, upload("file", "a.zip", b"PK", &[])).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", broken.text());
    assert_eq!(round.get(&writer, page).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_archive_names_the_missing() {
    let round = Round::start().await;
    tokio::spawn(round.jobs.clone().work());
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let path = "/api/collections/{}/units/A1/versions?base=0";
    let sent = round.send(&reviewer, "POST", path, "application/json", whole().to_string()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    round.step("A1", SubmissionMove::Take, &MoveWish { version: Some(1), ..MoveWish::default() }).await;
    round.step("A1", SubmissionMove::Accept, &MoveWish { version: Some(1), ..MoveWish::default() }).await;
    let form = "application/x-www-form-urlencoded";
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-03-01") };
    let closed = round.office.collections.close(&round.collection, "机构改革<b>，下年再报", &occasion);
    closed.await.unwrap();
    let made = round.send(&reviewer, "POST", "/collections/{}/archive", form, "_do=archive").await;
    let place = made.header("location").to_owned();
    let archive = loop {
        let answer = round.get(&reviewer, &format!("/api{place}/result.zip")).await;
        match answer.status {
            StatusCode::OK => break answer.body,
            StatusCode::CONFLICT => tokio::time::sleep(Duration::from_millis(50)).await,
            other => panic!("{other}: {}", answer.text()),
        }
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut text = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let manifest: Value = serde_json::from_str(&text("manifest.json")).unwrap();
    assert_eq!((&manifest["counts"]["total"], &manifest["counts"]["missing"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&manifest["missing"][0]["code"], &manifest["missing"][0]["name"]),
        (&json!("B2"), &json!("临江区"))
    );
    assert!(text("清单.csv").contains("临江区,,未报送（未开始）"), "{}", text("清单.csv"));
    let why = manifest["missing"][0]["reason"].as_str().unwrap();
    assert_eq!(why, "征集结束时的说明：机构改革<b>，下年再报");
    let outcome = round.get(&reviewer, "/collections/{}/archive").await.text();
    assert!(outcome.contains("征集结束时的说明：机构改革&lt;b&gt;"), "{outcome}");
    let page = round.get(&reviewer, &place).await.text();
    assert!(page.contains("另有 1 个单位没有报告"), "{page}");

    // The bureau's own report begins in the form.
    let issuer = "issuer=%E4%BA%91%E5%B7%9E%E5%B8%82";
    let opened = round.send(&reviewer, "POST", "/collections/{}/compilation", form, issuer).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text());
    assert!(opened.text().contains("value=\"云州市\"") && opened.text().contains("id=\"form\""));
    let nobody = round.send(&reviewer, "POST", "/collections/{}/compilation", form, "issuer=").await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
}
