//! The form over the router: what a browser without scripts sees and sends, and the preview that
//! scripts ask for.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use dom_query::Document as Page;
use nianbao::input::{Format, Manuscript, read};
use nianbao::preview::preview;
use nianbao::report::Report;
use nianbao::report::fields::{self, Entry, Field};
use serde_json::Value;
use tower::ServiceExt;

use crate::files::{encoded, escaped};
use crate::pdf::Document;
use crate::workbench::{deeply, minimal, press, project, sample, told};

/// What the form weighs at most, with all that it loads, the types of its scripts too, before compression.
const MAX_PAGE_BYTES: usize = 170_000;

/// What a page weighs at most, without what it loads and before compression; 3 kB of it are the indicators that the
/// form offers to choose from.
pub const MAX_HTML_BYTES: usize = 153_000;

/// What an item of a list adds to the form at most besides its own text, with its controls and buttons.
const MAX_ITEM_BYTES: usize = 850;

/// Scripts that the form does not load before they are wanted, or at all.
const ON_DEMAND: [&str; 10] = [
    "batches.js",
    "difference.js",
    "digest.js",
    "editions.js",
    "figures.js",
    "grid.js",
    "live.js",
    "replace.js",
    "shared.js",
    "version.js",
];

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn page(&self) -> Page {
        Page::from(self.text())
    }
}

fn router() -> Router {
    crate::http::router(1, 4, None)
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn get(router: &Router, path: &str) -> Answer {
    ask(router, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn post(router: &Router, path: &str, content_type: &str, body: String) -> Answer {
    let request = Request::post(path).header("content-type", content_type).body(Body::from(body));
    ask(router, request.unwrap()).await
}

async fn submit(router: &Router, controls: &[(String, String)], wish: &str) -> Answer {
    let mut body = encoded(controls);
    body += &format!("&_do={}", escaped(wish));
    post(router, "/", FORM, body).await
}

const FORM: &str = "application/x-www-form-urlencoded";

/// What a browser would send of this page: its controls with what stands in them.
fn controls(page: &Page) -> Vec<(String, String)> {
    let mut controls = Vec::new();
    for control in page.select("#form [name]").iter() {
        let name = control.attr("name").unwrap().to_string();
        if name.starts_with('_') || name.contains("[%]") {
            continue;
        }
        let value = match control.attr("type").as_deref() {
            Some("checkbox") if control.attr("checked").is_none() => continue,
            _ if control.is("textarea") => control.text().to_string(),
            _ if control.is("select") => {
                let chosen = control.select("option[selected]");
                let chosen = if chosen.exists() { chosen } else { control.select_single("option") };
                chosen.attr("value").unwrap_or_default().to_string()
            }
            _ => control.attr("value").unwrap_or_default().to_string(),
        };
        controls.push((name, value));
    }
    controls
}

fn set(controls: &mut [(String, String)], name: &str, value: &str) {
    let place = controls.iter_mut().find(|(known, _)| known == name);
    place.unwrap_or_else(|| panic!("the form has no {name}")).1 = value.to_owned();
}

#[test]
fn the_form_asks_for_every_field_and_nothing_else() {
    /// Lists of one key have one blank.
    fn collect<'a>(
        fields: &'a [Field],
        path: &str,
        names: &mut BTreeSet<String>,
        keys: &mut BTreeSet<&'a str>,
    ) {
        for field in fields {
            let path = if path.is_empty() { field.key.to_owned() } else { format!("{path}.{}", field.key) };
            match &field.entry {
                Entry::Group(inner) => collect(inner, &path, names, keys),
                Entry::Items(inner) if keys.insert(field.key) => {
                    collect(inner, &format!("{path}[%]"), names, keys);
                }
                Entry::Items(_) => {}
                _ => drop(names.insert(path)),
            }
        }
    }
    let mut asked = BTreeSet::new();
    collect(fields::fields(), "", &mut asked, &mut BTreeSet::new());
    assert!(asked.len() > 55, "{}", asked.len());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let page = runtime.block_on(get(&router(), "/")).text();
    let names: BTreeSet<String> = page
        .match_indices(" name=\"")
        .map(|(start, found)| page[start + found.len()..].split('"').next().unwrap().to_owned())
        .filter(|name| {
            !name.starts_with('_') && !matches!(name.as_str(), "viewport" | "color-scheme" | "report")
        })
        .collect();
    assert_eq!(names, asked);
}

#[tokio::test]
async fn the_page_is_small_hardened_and_kept() {
    let router = router();
    let page = get(&router, "/").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        !page.text().contains("<style")
            && !page.text().contains(" style=")
            && !page.text().contains(" onclick")
    );

    let folder = project().join("src/web/pages");
    let base = page.text().split("/assets/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut bytes = page.body.len();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".html") {
            continue;
        }
        let asset = get(&router, &format!("/assets/{base}/{name}")).await;
        assert_eq!(asset.status, StatusCode::OK, "{name}");
        assert!(asset.header("cache-control").contains("immutable"), "{name}");
        assert!(
            !asset.text().contains("http://")
                || name.ends_with(".svg")
                || asset.text().contains("www.w3.org")
        );
        // Loaded by the pages that they are for, or when they are wanted.
        if !ON_DEMAND.contains(&name.as_str()) {
            bytes += asset.body.len();
        }
        files += 1;
    }
    assert!(files >= 8, "{files}");
    assert!(bytes < MAX_PAGE_BYTES, "the form and all that it loads: {bytes} bytes");
    assert_eq!(get(&router, "/assets/0/style.css").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, &format!("/assets/{base}/base.html")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_form_is_light_whatever_stands_in_it() {
    let router = router();
    let filled = controls(&get(&router, "/?sample=annual-report").await.page());
    let mut faulty = filled.clone();
    let texts = faulty.iter_mut().filter(|(name, _)| name.ends_with(".text") || name.ends_with(".lead"));
    texts.take(60).for_each(|(_, value)| value.insert_str(0, "XX"));
    let faulty = submit(&router, &faulty, "check").await;
    let found = faulty.page().select("#form .finding").length();
    assert!(found >= 60, "{found}");
    for (what, page) in [
        ("empty", get(&router, "/").await),
        ("with the sample", get(&router, "/?sample=annual-report").await),
        ("with the sample, checked", submit(&router, &filled, "check").await),
        ("with 60 findings", faulty),
    ] {
        assert!(page.body.len() < MAX_HTML_BYTES, "the form {what}: {} bytes", page.body.len());
    }
}

/// What a long report adds is what is written in it, and so much for each item.
#[tokio::test]
async fn a_long_report_weighs_what_is_written_in_it() {
    let router = router();
    let controls = |measures: usize, paragraphs: usize| {
        let mut controls = Vec::new();
        for measure in 0..measures {
            controls.push((format!("measures[{measure}].heading"), "规范行政执法".to_owned()));
            for paragraph in 0..paragraphs {
                let text = format!("全年办结行政处罚案件{}件，抽查案卷{}卷。", measure + 7, paragraph + 3);
                controls.push((format!("measures[{measure}].body[{paragraph}].text"), text));
            }
        }
        controls
    };
    let (few, many) = (controls(1, 3), controls(100, 3));
    let text = |controls: &[(String, String)]| controls.iter().map(|(_, text)| text.len()).sum::<usize>();
    // A button that changes nothing shows the form as it is.
    let less = submit(&router, &few, "up measures[0]").await;
    let more = submit(&router, &many, "up measures[0]").await;
    assert_eq!(more.page().select("#measures .item .item").length(), 300);
    let added = more.body.len() - less.body.len() - (text(&many) - text(&few));
    let each = added / (99 * 4);
    assert!(each < MAX_ITEM_BYTES, "an item adds {each} bytes");
}

/// Office computers have old browsers. What Chromium 86 does not know would break the whole page.
#[test]
fn pages_keep_to_what_chromium_86_knows() {
    let newer_scripts = [
        ".at(",
        "structuredClone",
        "Object.hasOwn",
        ".findLast",
        "replaceAll(",
        "randomUUID",
        "showModal",
        "??=",
        "||=",
        "&&=",
        "static {",
        ".toSorted",
        "AbortSignal.timeout",
        "Array.fromAsync",
        "\nawait ",
    ];
    let newer_styles = [
        ":has(",
        ":is(",
        ":where(",
        "inset:",
        "aspect-ratio",
        "color-mix",
        "@layer",
        "@container",
        "overflow: clip",
        "accent-color",
        "dvh",
        "field-sizing",
        "light-dark(",
        "text-wrap",
    ];
    for entry in std::fs::read_dir(project().join("src/web/pages")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let newer: &[&str] = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => &newer_scripts,
            Some("css") => &newer_styles,
            _ => continue,
        };
        for word in newer {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[tokio::test]
async fn without_scripts_the_form_is_filled_in_mended_and_printed() {
    let router = router();
    let mut filled = controls(&get(&router, "/").await.page());
    set(&mut filled, "year", "2024");
    set(&mut filled, "issuer.name", "云州市临江区人民政府");

    // Items come by a button that posts the form and gives it back.
    for (list, place) in [
        ("measures", "measures[0].heading"),
        ("measures[0].body", "measures[0].body[0].text"),
        ("problems", "problems[0].problem"),
        ("duties", "duties[0].heading"),
        ("duties[0].body", "duties[0].body[0].text"),
        ("plans", "plans[0].heading"),
        ("plans[0].body", "plans[0].body[0].text"),
    ] {
        let answer = submit(&router, &filled, &format!("add {list}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{list}: {}", answer.text());
        filled = controls(&answer.page());
        set(&mut filled, place, &format!("依法行政，{list}。"));
    }
    let wrong = submit(&router, &filled, "pdf").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = wrong.page();
    let beside = |path: &str| page.select(&format!("[id=\"{path}-findings\"]")).text().to_string();
    assert!(beside("signature.date").contains("缺少必填的“落款 › 成文日期”"), "{}", beside("signature.date"));
    assert!(page.select("[data-summary] a[href=\"#signature.date\"]").exists());
    // Nothing of what was written is lost.
    assert_eq!(controls(&page), filled);

    let sound = minimal_controls();
    let made = submit(&router, &sound, "pdf").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert!(made.header("content-disposition").starts_with("attachment"));
    assert!(Document::read(made.body).text().contains("临江区依法行政。"));
    let draft = submit(&router, &sound, "draft").await;
    assert!(Document::read(draft.body).pages[0].artifacts().contains("草稿"));
}

/// What the unit's name tells of it is taken over and said, once; whoever chooses otherwise keeps it so.
#[tokio::test]
async fn without_scripts_the_name_tells_what_kind_of_unit_it_is() {
    let router = router();
    let mut filled = controls(&get(&router, "/").await.page());
    set(&mut filled, "year", "2025");
    set(&mut filled, "issuer.name", "云州市临江区水利局");
    let page = submit(&router, &filled, "check").await.page();
    let kind =
        |page: &Page| page.select("[id='issuer.kind'] option[selected]").attr("value").map(String::from);
    assert_eq!(kind(&page).as_deref(), Some("department"));
    let said = page.select(".taken").text().to_string();
    assert!(said.contains("按单位全称选了“") && said.contains("改选"), "{said}");
    let mut again = controls(&page);
    set(&mut again, "issuer.kind", "government");
    again.push(("_named".into(), page.select("[name='_named']").attr("value").unwrap().to_string()));
    let page = submit(&router, &again, "check").await.page();
    assert_ne!(kind(&page).as_deref(), Some("department"));
    assert!(!page.select(".taken").exists());
    // A name that tells nothing changes nothing, and what was chosen stands.
    set(&mut filled, "issuer.name", "<b>&_named=");
    let page = submit(&router, &filled, "check").await.page();
    assert!(!page.select(".taken").exists());
    set(&mut filled, "issuer.name", "云州市临江区水利局");
    set(&mut filled, "issuer.kind", "township");
    let page = submit(&router, &filled, "check").await.page();
    assert_eq!(kind(&page).as_deref(), Some("township"));
}

#[tokio::test]
async fn without_scripts_the_figures_of_the_text_become_indicators() {
    let router = router();
    let mut filled = minimal_controls();
    set(&mut filled, "preface", "全年一审行政诉讼案件20件。");
    let added = submit(&router, &filled, "figures").await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text());
    let added = controls(&added.page());
    let (key, _) = added.iter().find(|(_, value)| value == "litigation.first_instance").expect("its key");
    let value = key.replace(".key", ".value");
    let figure = |controls: &[(String, String)]| {
        controls.iter().find(|(name, _)| *name == value).map(|(_, figure)| figure.clone())
    };
    assert_eq!(figure(&added).as_deref(), Some("20"));
    // Asked again, nothing is listed twice; what has no figure yet gets it, and what has another keeps it.
    for (before, after) in [("", "20"), ("19", "19")] {
        let mut again = added.clone();
        set(&mut again, &value, before);
        let twice = controls(&submit(&router, &again, "figures").await.page());
        assert_eq!(figure(&twice).as_deref(), Some(after));
        assert_eq!(twice.len(), added.len());
    }
}

/// What belongs into each part is told at it, and by when the report is due.
#[tokio::test]
async fn every_part_tells_what_belongs_there() {
    let page = get(&router(), "/").await.page();
    for section in page.select("[data-section]").iter() {
        let help = section.select(".help");
        assert_eq!(help.select("p").length(), 2, "{:?}", section.attr("id"));
        let long = help.text().chars().count();
        assert!((30..200).contains(&long), "{:?}: {long}", section.attr("id"));
    }
    assert!(page.select(".lead").text().contains("报送期限"));
    // What is made by itself and what is rare is folded.
    for folded in ["title", "issuer.code", "issuer.level", "header", "layout", "allow"] {
        let around = page.select(&format!("details:not([open]) [id='{folded}']"));
        assert!(around.exists(), "{folded} is folded");
    }
}

/// The minimal report as the form would send it.
fn minimal_controls() -> Vec<(String, String)> {
    let runtime = std::thread::spawn(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let file = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"report\"; filename=\"r.yaml\"\r\n\r\n{}\r\n--edge--\r\n",
                minimal()
            );
            controls(&post(&router(), "/open", "multipart/form-data; boundary=edge", file).await.page())
        })
    });
    runtime.join().unwrap()
}

#[tokio::test]
async fn items_move_and_go_without_scripts() {
    let router = router();
    let sample = controls(&get(&router, "/?sample=annual-report").await.page());
    let value = |controls: &[(String, String)], name: &str| {
        controls.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let first = value(&sample, "problems[0].problem");
    let second = value(&sample, "problems[1].problem");
    let down = controls(&submit(&router, &sample, "down problems[0]").await.page());
    assert_eq!(
        (value(&down, "problems[0].problem"), value(&down, "problems[1].problem")),
        (second.clone(), first)
    );
    let up = controls(&submit(&router, &down, "up problems[1]").await.page());
    assert_eq!(up, sample);
    let fewer = controls(&submit(&router, &sample, "remove problems[0]").await.page());
    assert_eq!(value(&fewer, "problems[0].problem"), second);
    // Items that say nothing keep their places: what is done is done to the one that is meant.
    let mut emptied = sample.clone();
    for part in ["problem", "cause", "detail"] {
        set(&mut emptied, &format!("problems[0].{part}"), "");
    }
    let gone = controls(&submit(&router, &emptied, "remove problems[0]").await.page());
    assert_eq!(value(&gone, "problems[0].problem"), second);
    let gone = controls(&submit(&router, &emptied, "remove problems[1]").await.page());
    assert_eq!(value(&gone, "problems[0].problem"), "");
    assert_eq!(value(&gone, "problems[1].problem"), value(&sample, "problems[2].problem"));
    // And so does one that was added and is still empty.
    let added = controls(&submit(&router, &sample, "add measures").await.page());
    let again = controls(&submit(&router, &added, "add measures").await.page());
    assert!(again.iter().any(|(name, _)| name == "measures[9].heading"), "two new ones behind eight");
    for wish in ["add measures[8].body", "up measures[8]", "remove measures[8]"] {
        assert_eq!(submit(&router, &added, wish).await.status, StatusCode::OK, "{wish}");
    }
    // The end of a list is no fault; a list that does not exist is.
    assert_eq!(submit(&router, &sample, "up problems[0]").await.status, StatusCode::OK);
    for wish in [
        "remove problems[99]",
        "add nowhere",
        "add title",
        "up year",
        "turn problems[0]",
        "add measures[7777].body",
    ] {
        assert_eq!(submit(&router, &sample, wish).await.status, StatusCode::BAD_REQUEST, "{wish}");
    }
}

/// The sample goes through the form and comes out as it went in.
#[tokio::test]
async fn what_stands_in_the_form_is_the_report() {
    let page = get(&router(), "/?sample=annual-report").await.page();
    let posted = read::<Report>(encoded(&controls(&page)).as_bytes(), Format::Form);
    let posted = posted.unwrap_or_else(|failed| panic!("{}", told(&failed))).value;
    assert_eq!(posted, crate::workbench::read(sample()));
}

/// The menu of matters stands beside the first section; looked at, it leads to what touches each.
#[tokio::test]
async fn what_a_report_should_cover_stands_beside_the_first_section() {
    let router = router();
    let menu = |page: &Page| page.select("#part-1 > #guide").text().to_string();
    let empty = get(&router, "/").await.page();
    assert!(menu(&empty).contains("共 35 项") && menu(&empty).contains("6.3 行政复议"), "{}", menu(&empty));
    assert!(!menu(&empty).contains("还没有写到"), "nobody has looked yet: {}", menu(&empty));
    let checked = submit(&router, &minimal_controls(), "check").await.page();
    assert!(menu(&checked).contains("35 项中写到 3 项"), "{}", menu(&checked));
    let matters: Vec<_> = checked.select("#guide-matters > li").iter().collect();
    let touched = matters.iter().find(|one| one.text().contains("6.3 行政复议")).unwrap();
    assert_eq!(touched.select("a").attr("href").unwrap().to_string(), "#measures[0].body[0].text");
    assert!(checked.select("[id='measures[0].body[0].text']").exists());
    let untouched = matters.iter().find(|one| one.text().contains("7.3 政务公开")).unwrap();
    assert!(untouched.text().contains("还没有写到") && !untouched.select("a").exists());
    // Another kind of unit has another menu, also before anyone looks.
    let mut controls = minimal_controls();
    set(&mut controls, "issuer.kind", "township");
    let added = submit(&router, &controls, "add measures").await.page();
    assert!(!menu(&added).contains("1.4 事中事后监管"), "{}", menu(&added));
}

#[tokio::test]
async fn a_file_is_opened_whatever_is_wrong_with_it() {
    let router = router();
    let open = |text: &str| {
        let part =
            "--edge\r\nContent-Disposition: form-data; name=\"report\"; filename=\"报告.yaml\"\r\n\r\n";
        let body = format!("{part}{text}\r\n--edge--\r\n");
        let router = router.clone();
        async move { post(&router, "/open", "multipart/form-data; boundary=edge", body).await }
    };
    let odd =
        open("year: 20245\nmeasurs: [甲]\nissuer: {name: 临江区, kind: kingdom}\npreface: 一段\n").await;
    assert_eq!(odd.status, StatusCode::OK);
    let page = odd.page();
    let standing = controls(&page);
    for (name, value) in [("year", "20245"), ("issuer.kind", "kingdom"), ("preface", "一段")] {
        assert!(standing.contains(&(name.into(), value.into())), "{name}: {standing:?}");
    }
    assert!(odd.text().contains("没有对应的栏目") && odd.text().contains("甲"));
    assert!(odd.text().contains("应为 2000 至 2099"));
    let broken = open("year: [").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(broken.text().contains("不合 YAML 的写法"));
    // What it says is text for ever.
    let hostile = open("title: '</textarea><script>alert(1)</script>{{ 7*7 }}'\n\"<b>\": '<i>'\n").await;
    assert!(!hostile.text().contains("<script>alert") && !hostile.text().contains("<b>"));
    let title = "</textarea><script>alert(1)</script>{{ 7*7 }}";
    assert!(controls(&hostile.page()).contains(&("title".into(), title.into())));
}

#[tokio::test]
async fn other_sites_cannot_post() {
    let router = router();
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-origin", StatusCode::OK),
        ("sec-fetch-site", "none", StatusCode::OK),
        ("origin", "http://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("origin", "http://here.example:8080", StatusCode::OK),
    ] {
        let request = Request::post("/")
            .header("content-type", FORM)
            .header("host", "here.example:8080")
            .header(name, value)
            .body(Body::from("year=2024&_do=check"));
        assert_eq!(ask(&router, request.unwrap()).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn every_code_has_a_page() {
    let router = router();
    for code in nianbao::explanation::all() {
        let page = get(&router, &format!("/explain/{}", code.name)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", code.name);
        assert!(page.page().select("#explanation h1").text().contains(code.summary()), "{}", code.name);
        assert!(!page.text().contains('`'), "{}", code.name);
    }
    assert_eq!(get(&router, "/explain/nothing").await.status, StatusCode::NOT_FOUND);
}

fn previewed(report: &str, known: &[&str]) -> Value {
    let shown = deeply(|| preview(report.as_bytes(), Format::Yaml, known, press()));
    serde_json::to_value(shown.unwrap_or_else(|failed| panic!("{}", told(&failed)))).unwrap()
}

fn hashes(preview: &Value) -> Vec<&str> {
    preview["pages"].as_array().unwrap().iter().map(|page| page["hash"].as_str().unwrap()).collect()
}

#[test]
fn a_preview_sends_only_the_pages_that_changed() {
    let before = previewed(sample(), &[]);
    let pages = before["pages"].as_array().unwrap();
    assert!(pages.len() > 10 && pages.iter().all(|page| page["svg"].is_string()));
    let glyphs: BTreeMap<String, String> = serde_json::from_value(before["glyphs"].clone()).unwrap();
    for page in pages {
        let svg = page["svg"].as_str().unwrap();
        for used in svg.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(glyphs.contains_key(used), "{used}");
        }
        assert!(svg.len() < 100_000, "a page has {} bytes", svg.len());
    }
    let known = hashes(&before);
    let same = previewed(sample(), &known);
    assert!(same["pages"].as_array().unwrap().iter().all(|page| page["svg"].is_null()));
    assert_eq!(same["glyphs"], serde_json::json!({}));
    // One character on page 2.
    let changed = sample().replace("可全程网办1604项，网办率", "可全程网办1605项，网办率");
    let after = previewed(&changed, &known);
    let sent: Vec<usize> = (0..known.len()).filter(|page| after["pages"][page]["svg"].is_string()).collect();
    assert_eq!(sent, [1]);
}

#[test]
fn a_box_stands_for_what_no_face_has() {
    let boxes = |text: &str| {
        let shown = previewed(&minimal().replace("临江区依法行政", text), &[]);
        let glyphs: BTreeMap<String, String> = serde_json::from_value(shown["glyphs"].clone()).unwrap();
        glyphs.iter().filter(|(name, outline)| name.ends_with("-0") && !outline.is_empty()).count()
    };
    assert_eq!(boxes("临江区依法行政"), 0);
    assert_eq!(boxes("临江区依法行政ཀ"), 1);
}

#[test]
fn a_preview_knows_whose_text_stands_where() {
    let shown = previewed(sample(), &[]);
    let report = crate::workbench::read(sample());
    let mut written: BTreeMap<String, String> = BTreeMap::new();
    for page in shown["pages"].as_array().unwrap() {
        for place in page["places"].as_array().unwrap() {
            let number = |key: &str| place[key].as_f64().unwrap();
            assert!(number("x") >= 0.0 && number("x") + number("width") <= page["width"].as_f64().unwrap());
            assert!(number("y") >= 0.0 && number("y") + number("height") <= page["height"].as_f64().unwrap());
            let text = written.entry(place["path"].as_str().unwrap().to_owned()).or_default();
            text.push_str(place["text"].as_str().unwrap());
        }
    }
    for (path, text) in report.texts() {
        let path = path.to_string();
        let is_body =
            ["measures", "duties", "plans", "preface", "other"].iter().any(|key| path.starts_with(key));
        if is_body && !path.ends_with("lead") {
            let shown = written.get(&path).unwrap_or_else(|| panic!("{path} stands nowhere"));
            assert!(shown.contains(&text) || text.contains(shown.as_str()), "{path}: {shown}");
        }
    }
}

#[test]
fn an_unfinished_report_is_shown_as_far_as_it_goes() {
    let shown = previewed("{year: 2024, issuer: {}, signature: {}, problems: [{cause: 甲}]}", &[]);
    let stood_in: Vec<&str> =
        shown["stood_in"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(stood_in, ["issuer.name", "signature.date", "problems[0].problem"]);
    let texts = shown["pages"][0]["places"].as_array().unwrap().iter().map(|place| place["text"].to_string());
    assert!(texts.collect::<String>().contains("〔单位全称〕"));
    let codes: Vec<&str> =
        shown["findings"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
    assert!(codes.contains(&"missing-field") && codes.contains(&"missing-section"), "{codes:?}");

    // A wrong value hides nothing else, and the numbers of the items stay.
    let wrong = sample().replace("heading: \"规范执法行为", "heading: \"\\u202E规范执法行为");
    assert_ne!(wrong, sample());
    let unfinished = Manuscript::parse(wrong.as_bytes(), Format::Yaml).unwrap().unfinished().unwrap();
    assert_eq!(
        unfinished.stood_in.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["measures[2].heading"]
    );
    assert_eq!(unfinished.report.measures.len(), 8);
    assert_eq!(unfinished.report.measures[2].heading.as_deref(), Some("〔标题〕"));
    // A character that no face can draw is a finding, and the pages are there all the same.
    let rare = previewed(&minimal().replace("临江区依法行政", "临江区依法行政\u{10330}"), &[]);
    assert!(rare["findings"].to_string().contains("unsupported-character"));
    // Without a year there is nothing to show.
    assert!(Manuscript::parse(b"issuer: {name: x}", Format::Yaml).unwrap().unfinished().is_err());
}
