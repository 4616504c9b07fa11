//! The pages of a version, beside what is said of it: where its fields stand on them, to be seen by whoever may
//! read it, not without an entry in the record; and how heavy the pages are on which a whole report stands.

use axum::body::Body;
use axum::http::StatusCode;
use dom_query::Document as Page;
use nianbao::accounts::Role;
use nianbao::audit::{Act, RecordFilter};
use nianbao::collections::SubmissionPlace;
use nianbao::difference::normal;
use nianbao::input::Format;
use nianbao::preview::{page_outlines, preview};
use nianbao::report::{Choice, Edition};
use serde_json::{Value, json};

use crate::drafts::Round;
use crate::form::MAX_HTML_BYTES;
use crate::http::Answer;
use crate::workbench::{deeply, minimal, press, read, sample};

/// What a page of a report weighs at most as a picture, before compression: most of it are the outlines of the
/// characters on it.
const MAX_PICTURE_BYTES: usize = 600_000;

const PAGES: &str = "/collections/{}/units/A1/versions/1/pages";

/// What markup makes more of than a text.
const HOSTILE: &str = "优化“R&D”环境，服务'a;b 1 2 3 4'企业";

/// A round in which the unit has submitted the sample, with a hostile heading; and its writer.
async fn submitted() -> (Round, String) {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut report: Value = normal(&serde_json::to_value(read(sample())).unwrap());
    report["measures"][0]["heading"] = json!(HOSTILE);
    let path = "/api/collections/{}/units/A1/versions?base=0&reason=x";
    let sent = round.send(&writer, "POST", path, "application/json", report.to_string()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    (round, writer)
}

fn pictures(list: &Answer) -> Vec<String> {
    let page = Page::from(list.text());
    page.select("#sheets img").iter().map(|picture| picture.attr("src").unwrap().to_string()).collect()
}

#[tokio::test]
async fn a_version_is_seen_page_by_page() {
    let (round, writer) = submitted().await;
    let looked_at = async || {
        let filter = RecordFilter { act: Some(Act::Download), ..RecordFilter::default() };
        let entries = round.office.record.entries(&filter, None, 100).await.unwrap();
        entries.iter().filter(|entry| entry.detail.contains("版面")).count()
    };
    let head = round.send(&writer, "HEAD", PAGES, "", Body::empty()).await;
    assert_eq!(
        (head.status, looked_at().await),
        (StatusCode::OK, 0),
        "who asks for the head has seen nothing"
    );
    let list = round.get(&writer, PAGES).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.text());
    assert_eq!(looked_at().await, 1);
    let page = Page::from(list.text());
    let fields: Vec<String> = page
        .select("#sheets .sheet")
        .iter()
        .map(|one| one.attr("data-fields").unwrap().to_string())
        .collect();
    let pictures = pictures(&list);
    assert!(pictures.len() > 5 && fields.len() == pictures.len(), "{pictures:?}");
    // Whichever process sets them calls them the same.
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let input = round.office.collections.input(&place, 1).await.unwrap();
    let edition = Edition::of_word("public").unwrap();
    deeply(|| preview(minimal().as_bytes(), Format::Yaml, &[], press())).unwrap();
    let here = deeply(|| page_outlines(input.as_bytes(), Format::Json, edition, press())).unwrap();
    let named: Vec<&str> = pictures.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(named, here.iter().map(|page| page.name.as_str()).collect::<Vec<_>>());
    // Where a field stands is within the page.
    let heading = fields[0].split(';').find_map(|one| one.strip_prefix("measures[0].heading "));
    let numbers: Vec<f64> = heading.unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    let [left, top, right, bottom] = numbers[..] else { panic!("{numbers:?}") };
    assert!(0.0 < left && left < right && right < 100.0 && 0.0 < top && top < bottom && bottom < 100.0);
    assert!(fields.iter().any(|page| page.contains("plans[4].heading ")));
    for picture in &pictures {
        let picture = round.get(&writer, picture).await;
        assert_eq!(picture.status, StatusCode::OK, "{}", picture.text());
        assert_eq!(picture.header("content-type"), "image/svg+xml");
        assert!(picture.header("content-security-policy").contains("default-src 'none'"));
        let svg = picture.text();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.contains("<use "));
        for more in ["<script", "<text", "<image", "<foreign", "<style", " on", "http://", "https://", "url("]
        {
            let own = svg.replace("http://www.w3.org/2000/svg", "");
            assert!(!own.contains(more), "a picture has {more}");
        }
        assert!(svg.len() < MAX_PICTURE_BYTES, "{} bytes", svg.len());
    }
    assert_eq!(looked_at().await, 1, "once for all pictures of a list");
}

#[tokio::test]
async fn pages_are_seen_by_whom_they_are_for() {
    let (round, writer) = submitted().await;
    let list = round.get(&writer, PAGES).await;
    let [first, second, ..] = &pictures(&list)[..] else { panic!("{}", list.text()) };
    assert_ne!(first, second);
    let other = round.visitor("乙某", Role::Writer, &["B2"]).await;
    let signer = round.visitor("丙某", Role::Signer, &["A1"]).await;
    let reviewer = round.visitor("丁某", Role::Reviewer, &[]).await;
    for (who, status) in
        [(&other, StatusCode::NOT_FOUND), (&signer, StatusCode::OK), (&reviewer, StatusCode::OK)]
    {
        for path in [PAGES, first] {
            assert_eq!(round.get(who, path).await.status, status, "{path}");
        }
    }
    let unknown = first.rsplit_once('/').unwrap().0.to_owned() + "/1-00000000000000000000000000000000";
    let another = first.replace("/versions/1/", "/versions/2/");
    let others = first.replace("/A1/", "/B2/");
    let moved = first.replace("/pages/1-", "/pages/2-");
    for path in [unknown.as_str(), &another, &others, &moved, "/collections/{}/units/A1/versions/x/pages"] {
        assert_eq!(round.get(&writer, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn pages_with_a_whole_report_are_light() {
    let (round, writer) = submitted().await;
    for path in [
        "/collections/{}/units/A1",
        "/collections/{}/units/A1/draft",
        "/collections/{}/units/A1/draft/history",
        PAGES,
    ] {
        let page = round.get(&writer, path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(page.body.len() < MAX_HTML_BYTES, "{path}: {} bytes", page.body.len());
    }
    let page = Page::from(round.get(&writer, "/collections/{}/units/A1").await.text());
    // Without scripts there is a way to the pages as well.
    assert!(page.select("a[data-without-script][href$='/versions/1/pages']").exists());
    assert!(page.select("#version dt[data-field='measures[0].heading']").exists());
}
