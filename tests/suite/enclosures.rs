//! What goes along with a batch over HTTP: a roster, last year's reports, plans, a list of indicators, further papers.
//! It comes to the same bytes as by the command.

use std::fs;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::batch::{batch, said, unpacked};
use crate::batches::{Service, zip_of};
use crate::http::{Answer, assert_said, get, post};
use crate::returned::of_unit;

const FORM: &str = "multipart/form-data; boundary=edge";

/// A part of a form: its name, the name of its file, what is in it.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

fn form(parts: &[Part]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--edge--\r\n");
    body
}

/// The report of a unit of a year that says this, and reports a figure.
fn report(name: &str, code: &str, year: u16, text: &str) -> Vec<u8> {
    let mut tree = of_unit(name, code);
    tree["year"] = year.into();
    tree["title"] = format!("{name}{year}年法治政府建设年度报告").into();
    tree["measures"][0]["body"] = json!([{ "text": text }]);
    tree["plans"][0]["body"] = json!([{ "text": format!("{}年，完善学法考核。", year + 1) }]);
    tree["preface"] = json!([format!("{year}年，{name}依法行政。")]);
    tree["signature"]["date"] = format!("{}-02-18", year + 1).into();
    tree["indicators"] = json!([{ "key": "river.walks", "name": "巡河", "value": 12, "unit": "次" }]);
    tree.to_string().into_bytes()
}

const LONG: &str = "全年围绕行政执法规范化开展专项行动，组织案卷评查和业务培训，推动各执法部门落实三项制度，逐案回访当事人，对发现的问题限期整改并通报结果，办理行政复议案件386件。";
const ROSTER: &str = "单位代码,单位名称\n100001,东阳区\n100002,云山区\n100003,东川区\n100004,西岭县\n";
const LIST: &str = "name = '甲市目录'\nsource = '甲市'\n[[indicator]]\nkey = 'river.walks'\nname = '巡河'\nunits = ['公里']\n";

/// Two units that came, one of them twice, one that is wrong, and one that nobody expected.
fn returned() -> Vec<u8> {
    let mut wrong: Value = serde_json::from_slice(&report("西岭县", "100004", 2024, "")).unwrap();
    wrong["measures"][0]["body"] = json!([{ "text": "全年办理行政复议案件XX件。" }]);
    zip_of([
        ("a.json", &report("云山区", "100002", 2024, LONG)[..]),
        ("b.json", &report("东阳区", "100001", 2024, "全年办理行政复议案件12件。")),
        ("c.json", &report("东阳区", "100001", 2024, "全年办理行政复议案件13件。")),
        ("d.json", wrong.to_string().as_bytes()),
        ("e.json", &report("平泉县", "100009", 2024, "全年办理行政复议案件14件。")),
        ("f.json", b"{"),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_with_a_batch_comes_to_the_bytes_of_the_command() {
    let service = Service::start().await;
    let last_year = zip_of([
        ("x.json", &report("云山区", "100002", 2023, LONG)[..]),
        ("y.json", &report("东阳区", "100001", 2023, LONG)),
        ("说明.txt", "不是报告".as_bytes()),
    ]);
    let plan = json!({
        "kind": "work-plan", "year": 2024, "issuer": { "name": "云州市云山区人民政府", "short_name": "云山区", "code": "100002" },
        "sections": [{ "tasks": [{ "text": "修订水库巡查办法" }] }],
    });
    let plans = zip_of([("p.json", plan.to_string().as_bytes())]);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("各区.zip", &returned()[..]),
        ("名录.csv", ROSTER.as_bytes()),
        ("上年.zip", &last_year),
        ("计划.zip", &plans),
        ("目录.toml", LIST.as_bytes()),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let also = "public,review-sheet,draft,html,ofd";
    let output = batch(
        folder.path(),
        &[
            "各区.zip",
            "--edition",
            "formal",
            "--also",
            also,
            "--roster",
            "名录.csv",
            "--last-year",
            "上年.zip",
            "--plan",
            "计划.zip",
            "--indicators",
            "目录.toml",
            "-o",
            "年报.zip",
        ],
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let by_command = fs::read(folder.path().join("年报.zip")).unwrap();
    let files = unpacked(&folder.path().join("年报.zip"));
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let codes = |at: usize| -> Vec<&str> {
        let findings = manifest["units"][at]["findings"].as_array().unwrap();
        findings.iter().map(|one| one["code"].as_str().unwrap()).collect()
    };
    assert!(codes(0).contains(&"copied-from-last-year"), "{manifest:#}");
    assert!(codes(0).contains(&"unit"), "the list that is prescribed: {manifest:#}");
    assert!(files.keys().any(|name| name.starts_with("草稿/")), "{:?}", files.keys());
    let page = files.iter().find(|(name, _)| name.starts_with("网页/") && name.ends_with(".html"));
    let (_, page) = page.unwrap_or_else(|| panic!("{:?}", files.keys()));
    assert!(String::from_utf8_lossy(page).starts_with("<!DOCTYPE html>"));
    let ofd = files.iter().find(|(name, _)| name.starts_with("OFD/") && name.ends_with(".ofd"));
    assert!(ofd.is_some_and(|(_, ofd)| ofd.starts_with(b"PK")), "{:?}", files.keys());

    let body = form(&[
        ("batch", Some("各区.zip"), &returned()),
        ("also", None, b"public"),
        ("also", None, b"review-sheet,draft,html,ofd"),
        ("edition", None, b"formal"),
        ("roster", Some("名录.csv"), ROSTER.as_bytes()),
        ("last_year", Some("上年.zip"), &last_year),
        ("plan", Some("计划.zip"), &plans),
        ("indicators", Some("目录.toml"), LIST.as_bytes()),
    ]);
    let answer = post(&service.router, "/api/batches?start=false", FORM, body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let place = answer.header("location").to_owned();
    let units = get(&service.router, &format!("{place}/units")).await.text();
    assert!(units.contains("\"unit\""), "also where it is looked at before: {units}");
    service.send("POST", &format!("{place}/start")).await;
    let progress = service.ended(&place).await;
    let counts = &progress["counts"];
    assert_eq!(
        (&counts["missing"], &counts["repeated"], &counts["unlisted"]),
        (&1.into(), &1.into(), &1.into()),
        "{progress:#}"
    );
    let result = get(&service.router, &format!("{place}/result.zip")).await;
    assert_eq!(result.status, StatusCode::OK, "{}", result.text());
    if result.body != by_command {
        fs::write(folder.path().join("http.zip"), &result.body).unwrap();
        let by_http = unpacked(&folder.path().join("http.zip"));
        assert_eq!(by_http.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        for (name, bytes) in &files {
            assert!(by_http[name] == *bytes, "{name}: {}", String::from_utf8_lossy(&by_http[name]));
        }
        panic!("the same files, and not the same archive");
    }
}

/// What the command prints about a roster is told by the interface and on the page; tracked changes are chosen there, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_said_of_a_roster_is_shown() {
    let service = Service::start().await;
    let one = zip_of([("a.json", &report("云山区", "100002", 2024, LONG)[..])]);
    let roster = "单位名称,传真\n云山区,1\n云 山 区,2\n合计,3\n东阳区<b>,4\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.zip"), &one).unwrap();
    fs::write(folder.path().join("名录.csv"), roster).unwrap();
    let printed = said(&batch(folder.path(), &["a.zip", "--roster", "名录.csv", "-o", "年报.zip"]));
    let body = form(&[
        ("batch", Some("a.zip"), &one),
        ("roster", Some("名录.csv"), roster.as_bytes()),
        ("changes", None, b"reject"),
    ]);
    let answer = post(&service.router, "/api/batches", FORM, body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let place = answer.header("location").to_owned();
    service.ended(&place).await;
    let told = get(&service.router, &place).await.json()["roster_remarks"].clone();
    let page = get(&service.router, place.trim_start_matches("/api")).await.text();
    for words in ["没有读的列：传真", "第4行写的是“合计”，不是单位", "“云山区”和“云 山 区”可能是同一个单位"]
    {
        assert!(printed.contains(words), "{words}: {printed}");
        assert!(
            told.as_array().unwrap().iter().any(|one| one.as_str().unwrap().contains(words)),
            "{words}: {told}"
        );
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<b>"), "{page}");
    let answer = post(&service.router, "/api/batches?changes=keep", "application/zip", one).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_said(&answer);
}

/// Papers may be asked for without a form, too.
#[tokio::test(flavor = "multi_thread")]
async fn further_papers_are_a_parameter() {
    let service = Service::start().await;
    let one = zip_of([("a.json", &report("云山区", "100002", 2024, LONG)[..])]);
    let answer =
        post(&service.router, "/api/batches?also=review-sheet", "application/zip", one.clone()).await;
    service.ended(answer.header("location")).await;
    let result = get(&service.router, &format!("{}/result.zip", answer.header("location"))).await;
    let path = service.folder.path().join("result.zip");
    fs::write(&path, &result.body).unwrap();
    let names: Vec<String> =
        unpacked(&path).into_keys().filter(|name| name.ends_with("审核意见表.pdf")).collect();
    assert_eq!(names, ["审核意见表/001-云山区-2024年审核意见表.pdf"]);
    let answer = post(&service.router, "/api/batches?also=letter", "application/zip", one).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_said(&answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_and_is_not_right_is_refused_with_the_batch() {
    let service = Service::start().await;
    let one = zip_of([("a.json", &report("云山区", "100002", 2024, LONG)[..])]);
    let send = async |path: &str, parts: &[Part<'_>]| -> Answer {
        let parts = [&[("batch", Some("a.zip"), &one[..])], parts].concat();
        post(&service.router, path, FORM, form(&parts)).await
    };
    let long = vec![b'a'; 257 << 10];
    let cases: [(Part, u16, &str); 10] = [
        (("roster", Some("a.csv"), "单位代码,电话\n1,2\n".as_bytes()), 422, "名录"),
        (
            ("roster", Some("a.csv"), "单位名称,邮箱\n云山区,不是\n".as_bytes()),
            422,
            "名录用不了：有1处要先改正：",
        ),
        (("roster", Some("a.xlsx"), b"PK\x03\x04 torn"), 422, "名录用不了"),
        (("indicators", Some("a.toml"), b"name = 1"), 422, "指标目录用不了：第1行"),
        (("indicators", Some("a.toml"), &long), 413, "指标目录超过 256 KiB"),
        (("last_year", Some("a.zip"), b"PK\x03\x04 torn"), 400, "不是完整的 ZIP 文件"),
        (("plan", Some("a.docx"), b"x"), 415, "不认识内容的格式"),
        (("also", None, b"letter"), 400, "also 里有不认识的种类"),
        (("changes", None, b"keep"), 400, "changes 不是一种办法"),
        (("colour", None, b"red"), 400, "表单的内容不对"),
    ];
    for (part, status, words) in cases {
        for path in ["/api/batches", "/batches"] {
            let answer = send(path, &[part]).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {}: {}", part.0, answer.text());
            assert!(answer.text().contains(words), "{words}: {}", answer.text());
        }
    }
    let alone =
        post(&service.router, "/api/batches", FORM, form(&[("roster", Some("a.csv"), ROSTER.as_bytes())]));
    assert_eq!(alone.await.status, StatusCode::BAD_REQUEST, "a roster alone is no batch");
    assert_eq!(get(&service.router, "/api/batches").await.json()["batches"], json!([]), "nothing was kept");

    // What a browser sends where no file was chosen is nothing.
    let none: [Part; 4] =
        ["roster", "last_year", "plan", "indicators"].map(|name| (name, Some(""), &b""[..]));
    let sent = send("/batches", &none).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());

    // The same key with another roster is another batch.
    let keyed = async |roster: &[u8]| {
        let body = form(&[("batch", Some("a.zip"), &one), ("roster", Some("a.csv"), roster)]);
        let asked = axum::http::Request::post("/api/batches")
            .header("content-type", FORM)
            .header("idempotency-key", "k")
            .body(body.into())
            .unwrap();
        crate::http::ask(&service.router, asked).await
    };
    let first = keyed(ROSTER.as_bytes()).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_eq!(keyed(ROSTER.as_bytes()).await.json()["id"], first.json()["id"]);
    assert_eq!(keyed(b"\xe5\x8d\x95\xe4\xbd\x8d\xe5\x90\x8d\xe7\xa7\xb0\nx\n").await.status, 422);
}
