//! The way back from a web page: pages of the shape that our own have, saved anew, changed, and with a data block
//! that is broken, another's or hostile.

use nianbao_core::diagnostic::Failed;
use nianbao_core::import::{Import, Imprint, Particulars, SourceKind, data_block, import};
use nianbao_core::report::{DocumentKind, Report};
use serde_json::{Value, json};

use crate::desk::{minimal, read, sample, told};

/// A page that says each text of a report in a paragraph of its own, with the headings of the sections.
fn words(report: &Report) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut html = format!("<h1>{}2024年法治政府建设年度报告</h1>\n", &*report.issuer.name);
    let headings = [
        ("measures", "一、主要举措和成效"),
        ("problems", "二、存在的不足和原因"),
        ("plans", "三、下一年度主要安排"),
    ];
    let mut last = String::new();
    for (path, text) in report.texts() {
        let section = path.first_key().to_owned();
        if ["preface", "measures", "problems", "duties", "plans", "other", "closing", "attachments"]
            .contains(&section.as_str())
        {
            if let Some((_, heading)) = headings.iter().find(|(own, _)| *own == section && last != section) {
                html += &format!("<h2>{heading}</h2>\n");
            }
            html += &format!("<p>{}</p>\n", escaped(&text));
            last = section;
        }
    }
    html
}

/// The page with a data block for what it says.
fn page(document: &Value, words: &str) -> String {
    with_block(words, |bare| data_block(document, &imprint(DocumentKind::Report), bare))
}

fn with_block(words: &str, block: impl Fn(&str) -> String) -> String {
    let page = |block: &str| {
        format!(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"UTF-8\">\n<title>报告</title>\n<style>p {{ margin: 0 }}</style>\n<script type=\"application/ld+json\">{block}</script>\n</head>\n<body>\n<main>\n{words}</main>\n</body>\n</html>\n"
        )
    };
    page(&block(&page("")))
}

fn imprint(kind: DocumentKind) -> Imprint {
    Imprint { kind, name: "报告".into(), authors: vec!["某区".into()], date: None, is_draft: false }
}

fn shown(report: &Report) -> Value {
    serde_json::to_value(report.as_shown()).unwrap()
}

fn imported(page: &str) -> Import {
    import(page.as_bytes(), &Particulars::default()).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

fn returned(page: &str) -> Value {
    shown(&read(&imported(page).document.to_string()))
}

fn doubts(page: &str) -> String {
    imported(page).account.doubts.iter().map(|doubt| format!("{}\n", doubt.message)).collect()
}

const CHANGED: &str = "网页的文字和生成时不一样";
const BROKEN: &str = "网页里带的报告内容读不了";
const OTHERS: &str = "网页里带的是另一份报告的内容";

#[test]
fn a_page_of_ours_comes_back_whatever_a_browser_does_to_its_tags() {
    let report = read(sample());
    let page = page(&shown(&report), &words(&report));
    assert_eq!(returned(&page), shown(&report));
    assert_eq!(doubts(&page), "");
    for changed in [
        page.replace("<p>", "<p class=\"MsoNormal\">\r\n   ").replace("</p>", "\t</p>"),
        page.replace("<body>", "<body data-new=\"\">&nbsp;<!-- saved -->"),
        page.replace("<style>", "<script>alert(1)</script><style>body { color: red } "),
        page.replace("type=\"application/ld+json\"", "id=data type='application/LD+JSON'"),
        page.to_owned().replace("<html lang=\"zh-CN\">", "<html><head></head>"),
    ] {
        assert_ne!(changed, page);
        assert_eq!(returned(&changed), shown(&report));
    }
    // Marked as UTF-8, and with what the one who imports knows.
    let given = Particulars { year: Some("2023".parse().unwrap()), ..Particulars::default() };
    let made = import(format!("\u{FEFF}{page}").as_bytes(), &given).unwrap();
    assert_eq!(made.document["year"], 2023);
    assert_eq!(made.document["measures"][0]["area"], "functions");
}

#[test]
fn a_changed_word_makes_it_a_page_like_any_other() {
    let report = read(sample());
    let page = page(&shown(&report), &words(&report));
    for (from, to) in [("214项", "215项"), ("特此报告。", "特此报告"), ("</main>", "<p>又及。</p></main>")]
    {
        let changed = page.replace(from, to);
        let body = changed.split_once("</head>").unwrap().1;
        let changed = format!("{}</head>{body}", page.split_once("</head>").unwrap().0);
        assert_ne!(changed, page);
        assert!(doubts(&changed).contains(CHANGED), "{from}: {}", doubts(&changed));
        let made = imported(&changed);
        assert_eq!(made.account.sentences.kept, made.account.sentences.all);
        assert!(made.document["measures"][0].get("area").is_none(), "it is recognised");
    }
}

#[test]
fn a_block_that_is_broken_or_of_another_is_told_and_adds_nothing() {
    let report = read(sample());
    let own = shown(&report);
    let words = words(&report);
    let whole = page(&own, &words);
    let block =
        |page: &str| page.split_once("ld+json\">").unwrap().1.split_once("</script>").unwrap().0.to_owned();
    let fine = block(&whole);
    let deep = format!("{{\"nianbao:report\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"nianbao:report\":{{\"@value\":{}1{}}}}}", "{\"a\":".repeat(90), "}".repeat(90));
    let broken = [
        fine[..fine.len() / 2].to_owned(),
        deep,
        nested,
        "{\"nianbao:report\": null}".into(),
        "{\"nianbao:report\": {\"@value\": [1, 2]}}".into(),
        "{\"nianbao:report\": {\"@value\": \"../../etc/passwd\"}}".into(),
        "[{\"nianbao:report\": {\"@value\": {}}}]".into(),
    ];
    for block in broken {
        let changed = whole.replace(&fine, &block);
        let said = doubts(&changed);
        assert!(said.contains(BROKEN), "{}: {said}", &block[..block.len().min(80)]);
        assert!(imported(&changed).document["measures"][0].get("area").is_none());
    }
    // What is no year is none.
    let odd = fine.replace("\"year\":2024", "\"year\":{\"$ref\":\"file:///etc/passwd\"}");
    assert_eq!(imported(&whole.replace(&fine, &odd)).document.get("year"), None);
    // Another's with its own digest, and with one that was made to fit.
    let another = serde_json::to_value(read(&minimal())).unwrap();
    let theirs = block(&page(&another, &self::words(&read(&minimal()))));
    assert!(doubts(&whole.replace(&fine, &theirs)).contains(CHANGED));
    let forged = page(&another, &words);
    assert!(doubts(&forged).contains(OTHERS), "{}", doubts(&forged));
    assert!(imported(&forged).document.to_string().contains("厘清权责边界"));
    let mut altered = own.clone();
    altered["problems"][0]["problem"] = "没有不足".into();
    assert!(doubts(&page(&altered, &words)).contains(OTHERS));
    // What is no block of ours is nobody's business.
    let others = whole.replace(&fine, "{\"@context\":\"https://schema.org\",\"@type\":\"WebSite\"}");
    assert!(!doubts(&others).contains("网页里带"), "{}", doubts(&others));
    // Ours stands among those of a site.
    let site = "<script type=\"application/ld+json\">{\"@type\":\"WebSite\"}</script>";
    assert_eq!(returned(&whole.replace("<style>", &format!("{}<style>", site.repeat(20)))), own);
}

/// Nothing in a block ends the element that it stands in, and all of it is read again.
#[test]
fn marks_of_html_are_text_in_a_block() {
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    json["preface"] = json!(["</script><script>alert(1)</script><!--<script> & ]]> \\u003c \"'"]);
    let report = read(&json.to_string());
    let page = page(&shown(&report), &words(&report));
    assert_eq!(page.matches("</script").count(), 1, "{page}");
    assert!(!page.contains("<!--"));
    assert_eq!(returned(&page), shown(&report));
}

/// A plan of work, and a report that is not whole: what stood in for what it lacks is no part of it.
#[test]
fn plans_and_unfinished_reports_come_back() {
    let plan = json!({"template": "work-plan", "year": 2025, "sections": [{"heading": "依法行政", "tasks": [{"text": "修订裁量基准。"}]}]});
    let words = "<h1>2025年法治政府建设工作计划</h1><h2>一、依法行政</h2><p>（一）修订裁量基准。</p>";
    let page_of_plan = with_block(words, |bare| data_block(&plan, &imprint(DocumentKind::WorkPlan), bare));
    let made = imported(&page_of_plan);
    assert_eq!((made.account.kind, &made.document["sections"]), (SourceKind::WorkPlan, &plan["sections"]));
    let mut json = shown(&read(&minimal()));
    json["signature"].as_object_mut().unwrap().remove("date");
    let back = imported(&page(&json, &self::words(&read(&minimal())))).document;
    assert!(back["signature"].get("date").is_none(), "{back:#}");
    assert_eq!(back["year"], 2024);
}

/// A page of the largest size is told quickly, whatever its block asks for.
#[test]
fn a_block_asks_for_no_more_than_a_report_may() {
    let texts: Vec<String> = (0..60_000).map(|count| format!("第{count}句不在网页上。")).collect();
    let mut json = shown(&read(&minimal()));
    json["preface"] = json!(texts);
    let words = format!("{}<p>{}</p>", self::words(&read(&minimal())), "依法行政。".repeat(200_000));
    assert!(doubts(&page(&json, &words)).contains(OTHERS));
    json["preface"] = json!(["长。".repeat(2 << 20)]);
    let made = import(
        page(&json, "<h1>2024年法治政府建设年度报告</h1><h2>一、主要举措和成效</h2><p>有。</p>").as_bytes(),
        &Particulars::default(),
    );
    match made {
        Ok(made) => assert!(made.account.doubts.iter().any(|doubt| doubt.message.contains(BROKEN))),
        Err(Failed::Report(found)) => panic!("{found:?}"),
        Err(Failed::Program(error)) => panic!("{error}"),
    }
}
