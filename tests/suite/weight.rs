//! Whatever is sent, the page that answers stays light, and nothing of it is lost.

use axum::http::StatusCode;
use dom_query::Document as Page;
use nianbao::accounts::Role;
use nianbao::collections::{
    MoveWish, NewComment, NewVersion, Occasion, SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use serde_json::{Value, json};

use crate::drafts::{Round, day, doer, form, now, whole};
use crate::form::MAX_HTML_BYTES;
use crate::http::Answer;
use crate::inputs::{BOUNDARY, submit, upload};
use crate::workbench::sample;

const FORM: &str = "application/x-www-form-urlencoded";
const DRAFT: &str = "/collections/{}/units/A1/draft";

/// Texts that nobody can place, some of which look like markup.
fn unplaced(count: usize) -> Value {
    let text = |number| format!("第{number}处<b>“没有&归类”</b>/{}", "的文字".repeat(20));
    (0..count).map(|number| json!({ "text": text(number) })).collect()
}

fn light(answer: &Answer, what: &str) {
    let bytes = answer.body.len();
    assert!(bytes < MAX_HTML_BYTES, "{what}: {bytes} bytes");
}

/// The form of a draft as a browser posts it that has the page: what the page has no room for is not sent.
fn posted(page: &Answer, tree: &Value, wish: &str) -> String {
    let page = Page::from(page.text());
    let value = |name: &str| {
        let found = page.select(&format!("#form input[name={name}]")).attr("value");
        found.map(|value| value.to_string()).unwrap_or_default()
    };
    let (base, kept) = (value("_base"), value("_kept"));
    let mut sent = tree.clone();
    for key in kept.split_whitespace() {
        sent.as_object_mut().unwrap().remove(key).unwrap_or_else(|| panic!("there is no {key}"));
    }
    form(&sent, &[("_base", &base), ("_kept", &kept), ("_do", wish)])
}

#[tokio::test]
async fn no_upload_is_more_than_a_page_bears() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut long = whole();
    long["unplaced"] = unplaced(3000);
    let mut faulty = whole();
    faulty["indicators"] = (0..2000).map(|number| json!({ "key": format!("a.b{number}") })).collect();
    let keys: serde_json::Map<String, Value> =
        (0..3000).map(|number| (format!("多出的<{number}>"), json!("值".repeat(50)))).collect();
    let lines: String =
        (0..6000).map(|number| format!("<p>第{number}行，<!-- 没有 -->标题的话。</p>\n")).collect();
    let doubled: String = (0..400).map(|number| format!("甲{number}: 1\n甲{number}: 2\n")).collect();
    let before = round.tree(&writer, "A1").await;
    for (name, bytes) in [
        ("报告.docx", sample().as_bytes().to_vec()),
        ("没有归类.json", long.to_string().into_bytes()),
        ("两千处错误.json", faulty.to_string().into_bytes()),
        ("多出的栏目.json", Value::Object(keys).to_string().into_bytes()),
        ("很长.html", format!("<html><body>{lines}</body></html>").into_bytes()),
        ("重复.yaml", doubled.into_bytes()),
        ("一行.txt", "字".repeat(300_000).into_bytes()),
        ("不是.yaml", b"a: [1, 2\n".repeat(2000)),
    ] {
        let refused = submit(&round, &writer, "A1", name, &bytes, &[]).await;
        assert!(refused.status.is_client_error(), "{name}: {}", refused.status);
        light(&refused, name);
        let text = refused.text();
        assert!(text.contains("id=\"form\"") && text.contains("notice-error"), "{name}: {text}");
        assert_eq!(round.tree(&writer, "A1").await, before, "{name}");
    }
    let told = submit(&round, &writer, "A1", "报告.docx", sample().as_bytes(), &[]).await.text();
    assert!(told.contains("内容却不是，是按文本读的"), "{told}");
    let told = submit(&round, &writer, "A1", "没有归类.json", long.to_string().as_bytes(), &[]).await.text();
    assert!(told.contains("没有归类的文字有 3000 段"), "{told}");
    assert!(told.contains("只读入草稿") && !told.contains("<b>“没有"), "{told}");
    let told =
        submit(&round, &writer, "A1", "两千处错误.json", faulty.to_string().as_bytes(), &[]).await.text();
    assert!(told.contains("处没有列出，改正这些以后再选一次文件"), "{told}");
}

#[tokio::test]
async fn what_a_page_has_no_room_for_stays_in_the_draft() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut long = whole();
    long["unplaced"] = unplaced(3000);
    long["preface"] = json!(["导语".repeat(40_000)]);
    let taken =
        submit(&round, &writer, "A1", "长.json", long.to_string().as_bytes(), &[("_do", "take")]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    let (_, tree) = round.tree(&writer, "A1").await;
    assert_eq!(tree["unplaced"].as_array().unwrap().len(), 3000);
    let page = round.get(&writer, DRAFT).await;
    light(&page, "the draft");
    let text = page.text();
    assert!(text.contains("共 3000 项") && text.contains("value=\"unplaced preface\""), "{text}");

    // Without scripts: what is changed is saved, what is not on the page stays.
    let mut changed = tree.clone();
    changed["notes"] = json!("此件公开发布");
    let saved = round.send(&writer, "POST", DRAFT, FORM, posted(&page, &changed, "save")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    assert_eq!(round.tree(&writer, "A1").await.1, changed);
    let page = round.get(&writer, DRAFT).await;
    let added = round.send(&writer, "POST", DRAFT, FORM, posted(&page, &changed, "add plans")).await;
    light(&added, "an item more");
    for wish in ["check", "pdf"] {
        let checked = round.send(&writer, "POST", DRAFT, FORM, posted(&page, &changed, wish)).await;
        light(&checked, wish);
        assert!(checked.text().contains("id=\"summary-title\""), "{}", checked.text());
    }
    let all = round.send(&writer, "POST", DRAFT, FORM, posted(&page, &changed, "content")).await;
    assert!(all.text().contains("第2999处") && all.header("content-type").contains("yaml"), "{}", all.status);
    let submitted = round
        .send(&writer, "POST", "/collections/{}/units/A1/submit", FORM, {
            posted(&page, &changed, "submit") + "&_version=0&_reason="
        })
        .await;
    assert_eq!(submitted.status, StatusCode::UNPROCESSABLE_ENTITY, "what nobody placed is an error");
    light(&submitted, "not submitted");
    assert_eq!(round.tree(&writer, "A1").await.1, changed);
}

#[tokio::test]
async fn of_very_many_findings_all_can_be_taken_along() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let mut faulty = whole();
    faulty["measures"] = (0..300)
        .map(|number| json!({ "heading": format!("第{number}项"), "body": ["2024年13月做了3件，共4件。"] }))
        .collect();
    let (revision, _) = round.tree(&writer, "A1").await;
    let base = revision.to_string();
    for (path, wish) in [(DRAFT, "findings"), ("/", "findings")] {
        let body = form(&faulty, &[("_base", &base), ("_do", "check")]);
        let page = round.send(&writer, "POST", path, FORM, body).await;
        let text = page.text();
        assert!(text.contains("下载检查结果（Excel）"), "{path}: {text}");
        let found: usize = {
            let page = Page::from(text);
            let title = page.select("#notices").text().to_string();
            let all = title.split("下载全部 ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            all.parse().unwrap()
        };
        let body = form(&faulty, &[("_base", &base), ("_do", wish)]);
        let book = round.send(&writer, "POST", path, FORM, body).await;
        assert_eq!(book.status, StatusCode::OK, "{}", book.text());
        let rows = nianbao::intake::workbook::rows(&book.body).map(drop).unwrap_err();
        assert!(!rows.is_empty(), "it is a workbook, and none of reports");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book.body)).unwrap();
        let mut sheet = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet)
            .unwrap();
        assert!(sheet.matches("<row ").count() > found, "{path}: {found}");
    }
}

#[tokio::test]
async fn many_comments_versions_and_findings_are_turned_page_by_page() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let collections = &round.office.collections;
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let input = whole().to_string();
    let found: Vec<_> = (0..500)
        .map(|number| {
            let path = nianbao::report::FieldPath::from("measures[0].heading");
            let message = format!("第{number}处<b>可疑</b>");
            nianbao::roster::CODES[0].at(path, message, "请核对这一处，写得对的不用改")
        })
        .collect();
    let files = VersionFiles::default();
    for base in 0..45 {
        let version = NewVersion {
            input: &input,
            base,
            way: VersionWay::File,
            import: None,
            findings: &found,
            warning_reason: "已核对",
            characters: 10,
            files: &files,
        };
        collections.submit(&place, &version, &occasion).await.unwrap();
        if base < 44 {
            let wish = MoveWish { reason: "再改", version: Some(base + 1), ..MoveWish::default() };
            collections.step(&place, SubmissionMove::Withdraw, &wish, &occasion).await.unwrap();
        }
    }
    let wish = MoveWish { version: Some(45), ..MoveWish::default() };
    round.step("A1", SubmissionMove::Take, &wish).await;
    let text = "这一处的“数字”与上面的<不>一致，请核对后改正，并说明来源。".repeat(2);
    for number in 0..1990 {
        let path = ["", "measures[0].heading", "problems[0].cause"][number % 3];
        let new = NewComment { path, text: &text };
        collections.comment(&place, 45, &new, &occasion).await.unwrap();
    }
    let comments = collections.comments(&place).await.unwrap();
    for _ in 0..9 {
        collections.answer(&place, comments[0].number, &"长".repeat(4000), &occasion).await.unwrap();
    }
    let wish = MoveWish { reason: "请改", version: Some(45), ..MoveWish::default() };
    round.step("A1", SubmissionMove::Return, &wish).await;

    let page = round.get(&writer, DRAFT).await;
    light(&page, "the form with all comments open");
    assert!(page.text().contains("条批注没有列在这一页"), "{}", page.text());
    let path = "/collections/{}/units/A1";
    let (mut shown, mut number) = (0, 1);
    loop {
        let page = round.get(&reviewer, &format!("{path}?comments={number}")).await;
        light(&page, "the submission");
        let here = Page::from(page.text()).select("article.comment").length();
        shown += here;
        if !page.text().contains(&format!("comments={}#", number + 1)) {
            break;
        }
        number += 1;
    }
    assert!((1990..2000).contains(&shown), "{shown} comments on {number} pages");
    let of = |name: &str, number: usize| format!("{path}?version=45&{name}={number}");
    let versions = round.get(&reviewer, &of("versions", 3)).await;
    assert!(
        versions.text().contains("第 1 稿") && versions.text().contains("共 3 页"),
        "{}",
        versions.text()
    );
    let last = round.get(&reviewer, &of("findings", 17)).await;
    assert!(
        last.text().contains("第499处&lt;b&gt;") && last.text().contains("问题 500 处"),
        "{}",
        last.text()
    );
    light(&last, "findings");
}

#[tokio::test]
async fn what_else_is_uploaded_answers_lightly() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let rows: String =
        (0..1500).map(|number| format!("坏 代码{number}\t云州市第{}号单位<b>\n", number % 700)).collect();
    let list = format!("单位代码\t单位名称\n{rows}");
    let body = upload("file", "名录.csv", list.as_bytes(), &[("list", "")]);
    let read = round.send(&reviewer, "POST", "/roster", BOUNDARY, body).await;
    light(&read, "a roster of 1,500 rows with a fault each");
    let names: Vec<String> = (0..900).map(|number| format!("各单位/第{number}个不认识的单位.txt")).collect();
    let packed = crate::batches::zip_of(names.iter().map(|name| (name.as_str(), b"x".as_slice())));
    let page = "/collections/{}/materials";
    let taken = round.send(&reviewer, "POST", page, BOUNDARY, upload("file", "上年.zip", &packed, &[])).await;
    light(&taken, "last year's files");
    light(&round.get(&reviewer, page).await, "900 files that are nobody's");
}

/// The fields of a version that have a place for a comment, page after page.
async fn commented_fields(round: &Round, who: &str, view: &str) -> Vec<String> {
    let mut path = format!("/collections/{{}}/units/A1?version=1&view={view}");
    let mut fields = vec![];
    loop {
        let answer = round.get(who, &path).await;
        light(&answer, &path);
        let page = Page::from(answer.text());
        for link in page.select("#version dt a").iter() {
            let href = link.attr("href").unwrap().to_string();
            fields.push(href.split("at=").nth(1).unwrap().split('&').next().unwrap().to_owned());
        }
        let next = page.select("#version a").iter().find(|link| link.text().to_string() == "后面的");
        let Some(next) = next else { return fields };
        let href = next.attr("href").unwrap().to_string();
        assert!(!path.ends_with(href.split_once('?').unwrap().1), "it goes on: {href}");
        path = href.split('#').next().unwrap().to_owned();
    }
}

#[tokio::test]
async fn every_field_of_a_long_report_has_its_place_for_a_comment() {
    let round = Round::start().await;
    let reviewer = round.visitor("周某", Role::Reviewer, &[]).await;
    let mut long = whole();
    let text = |number: usize| format!("第{number}段<b>“写得&长”</b>。{}", "健全机制，依法办事。".repeat(30));
    long["measures"] = (0..80)
        .map(|number| json!({ "heading": format!("第{number}项"), "body": [text(number), text(number + 1000)] }))
        .collect();
    // One field alone is more than a page.
    long["preface"] = json!(["导语很长。".repeat(20_000)]);
    long["notes"] = json!("最后的附注");
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let (input, files) = (long.to_string(), VersionFiles::default());
    let version = NewVersion {
        input: &input,
        base: 0,
        way: VersionWay::File,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: 60_000,
        files: &files,
    };
    round.office.collections.submit(&place, &version, &occasion).await.unwrap();
    let fields = commented_fields(&round, &reviewer, "fields").await;
    let once: std::collections::BTreeSet<&String> = fields.iter().collect();
    assert_eq!(once.len(), fields.len(), "each field is on one page");
    assert_eq!(fields.iter().filter(|field| field.starts_with("measures")).count(), 240, "{fields:?}");
    assert!(fields.iter().any(|field| field.starts_with("notes")), "{fields:?}");

    // The page with a certain field is found by its name, and what is refused there is told and not lost.
    let unit = "/collections/{}/units/A1";
    let there = round.get(&reviewer, &format!("{unit}?version=1&field=measures%5B79%5D")).await;
    assert!(there.text().contains("第1079段&lt;b&gt;"), "{}", there.text());
    let comment = |text: &str| format!("_do=comment&version=1&path=measures%5B79%5D.heading&text={text}");
    let refused = round.send(&reviewer, "POST", unit, FORM, comment(&"x".repeat(300_000))).await;
    light(&refused, "a comment of 300,000 characters");
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("写的有 300000 字") && refused.text().contains("xxxxxxxx"));
    let refused = round.send(&reviewer, "POST", unit, FORM, comment(&"y".repeat(5_000))).await.text();
    assert!(refused.contains(&"y".repeat(5_000)), "what a page bears is there to be shortened: {refused}");
    let long = "w".repeat(4_500);
    let row = format!("comment_path=plans&comment_text=z&comment_path=&comment_text={long}");
    let body = format!("_do=return&version=1&part=problems&reason=r&{row}");
    let refused = round.send(&reviewer, "POST", unit, FORM, body).await;
    light(&refused, "a return with a comment that is too long");
    let page = Page::from(refused.text());
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(
        page.select("#part-problems[checked]").exists()
            && page.select("#path-1 option[value=plans][selected]").exists()
    );
    assert_eq!(page.select("#text-2").attr("value").unwrap().len(), 4_500);
}
