//! A document as HTML: it says what the report says, asks for nothing and runs nothing, comes back as it went out,
//! and as a fragment holds what the editors of sites let through.

use std::fs;
use std::process::Command;

use nianbao::export::Target;
use nianbao::import::{Import, Particulars, SourceKind, import};
use nianbao::input::{self, Format};
use nianbao::pipeline::{Beside, Job, Paper, make, render};
use nianbao::report::{Document, Edition, Report, WorkPlan};
use nianbao::template::Purpose;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::conform::Case;
use crate::hostile::{HOSTILE, hostile_sample};
use crate::word::any_report;
use crate::workbench::{minimal, of_tests, press, project, read, sample, told};

/// How many random reports go out and come back.
const REPORTS: u32 = 300;

fn html(document: &Document, purpose: Purpose, target: Target) -> String {
    let made = make(document, purpose, target, press());
    let bytes = made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes;
    String::from_utf8(bytes).unwrap()
}

fn issued(report: &Report) -> String {
    html(&report.clone().into(), Purpose::Issue, Target::Html)
}

fn fragment(report: &Report) -> String {
    html(&report.clone().into(), Purpose::Issue, Target::HtmlFragment)
}

fn report(json: &Value) -> Report {
    read(&json.to_string())
}

pub fn in_edition(edition: Edition) -> Report {
    Report { edition, ..read(sample()) }
}

fn plan() -> Document {
    let sample = fs::read(project().join("report-templates/work-plan/sample.yaml")).unwrap();
    input::read::<WorkPlan>(&sample, Format::Yaml).unwrap().value.into()
}

fn imported(html: &str) -> Import {
    import(html.as_bytes(), &Particulars::default()).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

fn doubts(made: &Import) -> String {
    made.account.doubts.iter().map(|doubt| doubt.message.as_str()).collect::<Vec<_>>().join("\n")
}

/// What comes back, as the contract has it.
fn returned(html: &str) -> Value {
    serde_json::to_value(report(&imported(html).document)).unwrap()
}

fn shown(report: &Report) -> Value {
    serde_json::to_value(report.as_shown()).unwrap()
}

/// The tags of HTML, as they are written between their brackets.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|rest| rest.split_once('>').expect("every tag ends").0).collect()
}

fn name(tag: &str) -> &str {
    tag.trim_start_matches('/').split([' ', '\n']).next().unwrap()
}

#[test]
fn the_sample_comes_back_as_it_was() {
    for edition in [Edition::Public, Edition::Formal] {
        let report = in_edition(edition);
        let made = imported(&issued(&report));
        assert_eq!(made.account.doubts.len(), 0, "{}", doubts(&made));
        assert_eq!(returned(&issued(&report)), shown(&report), "{edition:?}");
    }
    let made = imported(&html(&plan(), Purpose::Issue, Target::Html));
    assert_eq!(made.account.kind, SourceKind::WorkPlan);
    let back = input::read::<WorkPlan>(made.document.to_string().as_bytes(), Format::Json).unwrap().value;
    assert_eq!(Document::from(back), plan());
    // A draft as well, with what it lacks pointed out and what has no place yet.
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    json["plans"] = json!([]);
    json["problems"][0]["cause"] = Value::Null;
    json["unplaced"] = json!([{"text": "一段不知道归到哪里的话。"}]);
    let draft = report(&json);
    let page = html(&draft.clone().into(), Purpose::Draft, Target::Html);
    assert!(page.contains("〔此处缺：这条不足的原因〕") && page.contains(">草稿</p>"), "{page}");
    assert_eq!(returned(&page), shown(&draft));
}

/// What the public is not shown is not in what the page bears, either.
#[test]
fn the_public_page_bears_what_is_public() {
    let page = issued(&in_edition(Edition::Public));
    for hidden in ["李明远", "临政发", "抄送", "中共云州市委全面依法治市委员会办公室"]
    {
        assert!(!page.contains(hidden), "{hidden}");
        assert!(issued(&in_edition(Edition::Formal)).contains(hidden), "{hidden}");
    }
}

/// What stands in for a missing date is seen on a draft, and is no part of the report.
#[test]
fn nothing_that_stood_in_comes_back() {
    let lacking = minimal().replace("date: 2025-02-18", "names: []");
    let job = Job {
        paper: Paper { bytes: lacking.as_bytes(), format: Format::Yaml },
        beside: &Beside::default(),
        edition: None,
        purpose: Purpose::Draft,
        target: Target::Html,
    };
    let made = render(&job, press()).unwrap_or_else(|failed| panic!("{}", told(&failed)));
    let page = String::from_utf8(made.value.made.artifact.bytes).unwrap();
    let back = imported(&page).document;
    assert!(back["signature"].get("date").is_none(), "{back:#}");
    assert_eq!(back["year"], 2024);
    assert!(!page.contains("datePublished") && page.contains("\"creativeWorkStatus\":\"Draft\""));
}

#[test]
fn hostile_text_is_text() {
    for edition in ["public", "formal"] {
        let report = hostile_sample(edition);
        let page = issued(&report);
        assert_eq!(returned(&page), shown(&report), "{edition}");
        for made in [&page, &fragment(&report)] {
            assert!(!made.contains("root:") && made.contains("{{ 7*7 }}"), "{edition}");
            let strange = tags(made)
                .into_iter()
                .find(|tag| ["label", "a"].contains(&name(tag)) && !tag.contains("skip") && *tag != "/a");
            assert_eq!(strange, None, "{edition}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{edition}");
    }
    assert!(HOSTILE.contains("<label>"));
    // Nothing ends the element that it stands in.
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    let ends = "</script><script>alert(1)</script></style></title><!-- --><img src=x onerror=alert(1)>&lt;\u{2028}\"'";
    for field in ["title", "closing"] {
        json[field] = ends.replace('\u{2028}', "").into();
    }
    json["preface"] = json!([ends.replace('\u{2028}', "")]);
    let report = report(&json);
    let page = issued(&report);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img") && !page.contains("<!--"), "{page}");
    assert_eq!(returned(&page), shown(&report));
}

/// Reports of every shape: with and without headings, leads, causes, attachments; texts of several lines.
#[test]
fn what_goes_out_comes_back() {
    let config = Config { cases: REPORTS, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random)
        .run(&any_report(), |json| {
            let report = report(&json);
            prop_assert_eq!(returned(&issued(&report)), shown(&report));
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_same_report_makes_the_same_page() {
    let report = read(sample());
    assert!(issued(&report) == issued(&report) && fragment(&report) == fragment(&report));
}

/// It is one file: nothing else is asked for, nothing in it runs, and it tells a browser to hold to that.
#[test]
fn a_page_asks_for_nothing_and_runs_nothing() {
    for document in [in_edition(Edition::Formal).into(), plan()] {
        let page = html(&document, Purpose::Draft, Target::Html);
        for asking in ["src=", "url(", "@import", "<link", "<iframe", "<img", "javascript:", " on", "style="]
        {
            let in_tags =
                tags(&page).into_iter().filter(|tag| !tag.starts_with("style") && tag.contains(asking));
            assert_eq!(in_tags.count(), 0, "{asking}");
        }
        let (head, _) = page.split_once("</head>").unwrap();
        assert!(!head.contains("url(") && !head.contains("@import"));
        let links: Vec<&str> =
            page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(links, ["#document"]);
        assert!(page.contains("<script type=\"application/ld+json\">"));
        assert!(page.contains(
            "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""
        ));
    }
}

#[test]
fn a_page_says_of_itself_what_others_look_for() {
    let page = issued(&in_edition(Edition::Public));
    let block = page.split_once("ld+json\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(block).unwrap();
    assert_eq!(data["@type"], "Report");
    assert_eq!(data["name"], "云州市临江区2024年法治政府建设年度报告");
    assert_eq!(data["author"], json!([{"@type": "Organization", "name": "云州市临江区人民政府"}]));
    assert_eq!((&data["datePublished"], &data["inLanguage"]), (&json!("2025-02-18"), &json!("zh-CN")));
    assert_eq!(data["nianbao:report"]["@type"], "@json");
    for words in [
        "<html lang=\"zh-CN\">",
        "<title>云州市临江区2024年法治政府建设年度报告</title>",
        "<meta name=\"author\" content=\"云州市临江区人民政府\">",
        "<meta name=\"dcterms.date\" content=\"2025-02-18\">",
        "，2025年2月18日\">",
        "<h2>一、2024年推进法治政府建设的主要举措和成效</h2>",
        "<h3>（一）深化政务服务改革，推动政府职能依法高效履行</h3>",
        "<strong>二是涉企行政检查的统筹协同仍有薄弱环节。</strong>",
        "<th scope=\"col\">数据来源</th>",
        "<caption>临江区2024年法治政府建设主要指标表</caption>",
    ] {
        assert!(page.contains(words), "no {words} in {page}");
    }
}

/// What the editors of sites let through, and nothing else: no attribute but what says of what a heading is.
#[test]
fn a_fragment_has_clean_tags_only() {
    const ALLOWED: [&str; 16] = [
        "h2", "h3", "h4", "p", "strong", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "ol",
        "li", "br",
    ];
    let mut documents: Vec<Document> = vec![plan()];
    documents.extend([Edition::Public, Edition::Formal].map(|edition| in_edition(edition).into()));
    documents.extend(["public", "formal"].map(|edition| hostile_sample(edition).into()));
    documents.extend(
        Case::all().into_iter().map(|case| Report { edition: case.edition, ..read(&case.report) }.into()),
    );
    for document in documents {
        for purpose in [Purpose::Issue, Purpose::Draft] {
            let made = html(&document, purpose, Target::HtmlFragment);
            for tag in tags(&made) {
                assert!(ALLOWED.contains(&name(tag)), "<{tag}>");
                let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
                assert!(["", "scope=\"col\""].contains(&attributes), "<{tag}>");
            }
        }
    }
}

/// A fragment has nothing but what can be read, and comes back as that is recognised.
#[test]
fn a_fragment_is_recognised() {
    let report = in_edition(Edition::Public);
    let made = imported(&fragment(&report));
    assert_eq!(made.account.sentences.kept, made.account.sentences.all);
    let back = made.document;
    let mut own = imported(&issued(&report)).document;
    // What nobody can read on a page.
    own["signature"].as_object_mut().unwrap().remove("seal");
    for (list, field) in [("measures", "area"), ("duties", "holder"), ("plans", "answers")] {
        for item in own[list].as_array_mut().unwrap() {
            item.as_object_mut().unwrap().remove(field);
        }
    }
    let mut duties = back["duties"].clone();
    duties
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(|duty| drop(duty.as_object_mut().unwrap().remove("holder")));
    assert_eq!(duties, own["duties"]);
    for field in [
        "year",
        "title",
        "addressees",
        "preface",
        "measures",
        "plans",
        "other",
        "closing",
        "signature",
        "notes",
        "attachments",
    ] {
        assert_eq!(back[field], own[field], "{field}");
    }
    assert_eq!(back["issuer"]["name"], own["issuer"]["name"]);
    // A problem is as it was printed, with its number.
    let problems = back["problems"].as_array().unwrap();
    assert_eq!(problems.len(), own["problems"].as_array().unwrap().len());
    for (back, own) in problems.iter().zip(own["problems"].as_array().unwrap()) {
        for field in ["problem", "detail", "cause"] {
            let said = back.to_string();
            assert!(said.contains(own[field].as_str().unwrap()), "{field}: {said}");
        }
    }
    assert!(back.get("unplaced").is_none(), "{back:#}");
}

/// As a browser saves it, or an editor sets it out anew.
#[test]
fn what_is_not_read_may_change() {
    let report = in_edition(Edition::Formal);
    let page = issued(&report);
    let changed = page
        .replace(
            "<!DOCTYPE html>\n",
            "<!DOCTYPE html>\n<!-- saved from url=(0041)https://www.example.gov.cn/2025/report.html -->\n",
        )
        .replace(
            "<meta charset=\"UTF-8\">",
            "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">",
        )
        .replace("<p>", "\r\n    <p data-page=\"1\" style=\"margin: 0\">\r\n      ")
        .replace("</p>", "\r\n    </p>")
        .replace("<h2>", "<h2 id='two'>&nbsp;");
    assert_ne!(page, changed);
    assert_eq!(returned(&changed), shown(&report));
    let (before, rest) = page.split_once("<style>").unwrap();
    let bare = format!("{before}{}", rest.split_once("</style>").unwrap().1);
    assert_eq!(returned(&bare), shown(&report));
}

/// Whoever changes what can be read has changed the report, and is told that it was recognised anew.
#[test]
fn a_page_whose_words_have_changed_is_read_by_its_words() {
    let page = issued(&in_edition(Edition::Public));
    let changed =
        page.replacen("<strong>一是厘清权责边界。</strong>", "<strong>一是理清职责边界。</strong>", 1);
    assert_ne!(page, changed);
    let made = imported(&changed);
    assert!(doubts(&made).contains("网页的文字和生成时不一样"), "{}", doubts(&made));
    let text = made.document.to_string();
    assert!(text.contains("一是理清职责边界。") && !text.contains("一是厘清权责边界"), "{text}");
    assert_eq!(made.account.sentences.kept, made.account.sentences.all);
    // The report of another page.
    let other = issued(&read(&minimal()));
    let block =
        |page: &str| page.split_once("ld+json\">").unwrap().1.split_once("</script>").unwrap().0.to_owned();
    let foreign = imported(&page.replace(&block(&page), &block(&other)));
    assert!(doubts(&foreign).contains("网页的文字和生成时不一样"), "{}", doubts(&foreign));
    assert!(foreign.document.to_string().contains("一是厘清权责边界"));
}

/// What somebody else finds wrong with it.
#[test]
fn a_validator_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, html: String| fs::write(folder.path().join(name), html).unwrap();
    let mut count = 0;
    for case in Case::all() {
        let report = Report { edition: case.edition, ..read(&case.report) };
        put(
            &format!("{}-{:?}.html", case.name, case.edition),
            html(&report.clone().into(), case.purpose, Target::Html),
        );
        count += 1;
    }
    put("hostile.html", issued(&hostile_sample("formal")));
    put("draft.html", html(&read(sample()).into(), Purpose::Draft, Target::Html));
    put("plan.html", html(&plan(), Purpose::Issue, Target::Html));
    for (name, fragment) in [
        ("fragment", fragment(&read(sample()))),
        ("of-plan", html(&plan(), Purpose::Issue, Target::HtmlFragment)),
    ] {
        let frame = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<title>网站</title>\n</head>\n<body>\n<main>\n<h1>网站</h1>\n";
        put(&format!("{name}.html"), format!("{frame}{fragment}</main>\n</body>\n</html>\n"));
    }
    assert!(count > 8, "{count}");
    let validator = of_tests("validator/node_modules/html-validate/bin/html-validate.mjs");
    let output = Command::new("node")
        .arg(validator)
        .args(["--config", of_tests("validator/rules.json").to_str().unwrap(), "--formatter", "text"])
        .arg(folder.path().join("*.html"))
        .output()
        .expect("make validator installs what is wanted");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
