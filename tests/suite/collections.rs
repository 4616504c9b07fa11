//! A round of a collection over the service: the roster comes in, units are asked, a version is reviewed,
//! returned and accepted, and the collection closes with one missing.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use nianbao::accounts::{Invitation, Newcomer, Role};
use nianbao::audit::Doer;
use nianbao::collections::{
    NewVersion, Occasion, SubmissionPlace, SubmissionState, VersionFiles, VersionWay,
};
use nianbao::database::DatabasePlace;
use nianbao::guide::Guide;
use nianbao::jobs::{self, Jobs};
use nianbao::roster;
use nianbao::web::{self, ServiceSettings};
use nianbao::workers::Limits;
use nianbao_office::Office;

use crate::http::{Answer, ask, staff};
use crate::pdf::Document;
use crate::workbench::{installation, minimal, read};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "correct horse battery staple 征集";

/// A service with accounts and batches, in a folder of its own.
struct Bureau {
    router: Router,
    office: Office,
    jobs: Arc<Jobs>,
    _folder: tempfile::TempDir,
}

impl Bureau {
    /// The service, and the session of its administrator.
    async fn start() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let office = Office::open(&DatabasePlace::File(folder.path().join("office.db"))).await.unwrap();
        let installation = installation();
        let staff = staff(&installation, Limits::default(), 1, 8);
        let fingerprint = installation.fingerprint().unwrap();
        let settings = jobs::JobSettings::below(folder.path().join("data"), NonZeroUsize::MIN, fingerprint);
        let jobs = Jobs::open(settings, staff.clone()).await.unwrap();
        let settings = ServiceSettings {
            token: None,
            staff,
            jobs: Some(jobs.clone()),
            guide: Guide::built_in(),
            indicators: nianbao::indicators::IndicatorList::built_in().clone(),
            office: Some(office.clone()),
            openid: None,
            dispatch: None,
        };
        let router = web::router(installation.open_templates().unwrap(), settings);
        let bureau = Self { router, office, jobs, _folder: folder };
        let link = bureau.office.accounts.first_link(now() + 1000, now()).await.unwrap().unwrap();
        let session = bureau.come_in(&link.token, "zhou").await;
        (bureau, session)
    }

    async fn come_in(&self, link: &str, login_name: &str) -> String {
        let newcomer =
            Newcomer { login_name: login_name.into(), name: "周某".into(), password: PASSWORD.into() };
        self.office.accounts.take_up(link, &newcomer, HERE, now()).await.unwrap().token
    }

    /// The session of somebody new.
    async fn somebody(&self, login_name: &str, role: Role, units: &[&str]) -> String {
        let units: BTreeSet<String> = units.iter().map(|unit| (*unit).to_owned()).collect();
        let invitation = Invitation { name: "某人".into(), role, units };
        let link = self.office.accounts.invite(&doer(), &invitation, now() + 1000, now()).await.unwrap();
        self.come_in(&link.token, login_name).await
    }

    async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(who, "GET", path, "", Body::empty()).await
    }

    async fn send(&self, who: &str, method: &str, path: &str, media_type: &str, body: Body) -> Answer {
        let request = Request::builder().method(method).uri(path).header("cookie", format!("nianbao={who}"));
        let request = request.header("content-type", media_type).header("host", "localhost");
        ask(&self.router, request.body(body).unwrap()).await
    }

    /// Posts a form, and looks at where it leads.
    async fn post(&self, who: &str, path: &str, entries: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(entries);
        let body = Body::from(form.finish());
        self.send(who, "POST", path, "application/x-www-form-urlencoded", body).await
    }

    /// The same of what must succeed; where it leads.
    async fn done(&self, who: &str, path: &str, entries: &[(&str, &str)]) -> String {
        let answer = self.post(who, path, entries).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {entries:?}: {}", answer.text());
        answer.header("location").to_owned()
    }

    /// Sends a list of units, as it is pasted.
    async fn paste(&self, who: &str, list: &str) -> Answer {
        let body = format!("--e\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\n{list}\r\n--e--\r\n");
        self.send(who, "POST", "/roster", "multipart/form-data; boundary=e", body.into()).await
    }

    async fn submit(&self, collection: &str, unit: &str, base: i64, input: &str) {
        let doer = doer();
        let occasion = Occasion { doer: &doer, at: now(), today: "2025-03-01".parse().unwrap() };
        let version = NewVersion {
            input,
            base,
            way: VersionWay::Form,
            import: None,
            findings: &[],
            warning_reason: "",
            characters: 1234,
            files: &VersionFiles::default(),
        };
        let place = SubmissionPlace { collection, unit };
        self.office.collections.submit(&place, &version, &occasion).await.unwrap();
    }

    async fn state(&self, collection: &str, unit: &str) -> SubmissionState {
        self.office.collections.submission(&SubmissionPlace { collection, unit }).await.unwrap().state
    }
}

#[expect(clippy::disallowed_methods, reason = "sessions have an end")]
fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn doer() -> Doer {
    Doer { name: "周某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

/// What stands in the value of a hidden entry.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let start =
        page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {page}"));
    page[start..].split('"').nth(3).unwrap()
}

/// A page as text, without the marks by which it is kept from being markup.
fn plain(page: &str) -> String {
    page.replace("&#x2b;", "+").replace("&#x2f;", "/").replace("&#x3d;", "=")
}

const HOSTILE: &str = "<script>alert(1)</script>=临江区";

async fn with_roster(bureau: &Bureau, who: &str) {
    let list = format!(
        "单位代码\t单位名称\t联系人\t联系电话\nL01\t{HOSTILE}\t=1+1\t0532-1\nL02\t东阳区\t甲\t1\nL03\t西山县\t乙\t2"
    );
    let page = bureau.paste(who, &list).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(bureau.office.collections.units().await.unwrap().is_empty(), "nothing is kept unasked");
    let text = page.text();
    let packed = plain(hidden(&text, "packed"));
    assert_eq!(bureau.done(who, "/roster/list", &[("packed", &packed)]).await, "/roster");
}

/// A collection that is open, for all units of the roster; its address.
async fn opened(bureau: &Bureau, who: &str) -> String {
    let entries = [("year", "2024"), ("due_on", "2025-01-10"), ("instructions", "按时报送")];
    let place = bureau.done(who, "/collections", &entries).await;
    bureau.done(who, &format!("{place}/units"), &[("_do", "all")]).await;
    assert_eq!(bureau.done(who, &place, &[("_do", "open")]).await, place);
    place
}

#[tokio::test]
async fn a_round_goes_from_the_roster_to_its_close() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let place = opened(&bureau, &zhou).await;
    let id = place.rsplit('/').next().unwrap().to_owned();
    // The next one begins with what was asked the last time.
    let next = bureau.get(&zhou, "/collections").await.text();
    assert!(next.contains("aria-describedby=\"instructions-hint\">按时报送</textarea>"), "{next}");
    let board = bureau.get(&zhou, &place).await.text();
    assert!(board.contains("&lt;script&gt;alert(1)") && !board.contains("<script>alert"), "{board}");
    assert!(board.contains("没有报送 3"), "{board}");

    // Ways in, once, and as text that no spreadsheet computes.
    let workbook = bureau.post(&zhou, &format!("{place}/entrances"), &[]).await;
    assert_eq!(workbook.status, StatusCode::OK, "{}", workbook.text());
    let read_back = roster::read(&workbook.body, &[]).unwrap();
    assert_eq!(read_back.units[0].name, HOSTILE);
    assert!(workbook.header("content-disposition").is_ascii());

    // A version comes, is looked at, returned with two comments, comes again and is accepted.
    let report = serde_json::to_value(read(&minimal())).unwrap();
    bureau.submit(&id, "L01", 0, &report.to_string()).await;
    let unit = format!("{place}/units/L01");
    let page = bureau.get(&zhou, &unit).await.text();
    assert!(page.contains("临江区依法行政") && page.contains("等待审核，不能修改；可以"), "{page}");
    assert!(!page.contains("<script>alert"));
    bureau.done(&zhou, &unit, &[("_do", "take")]).await;
    assert_eq!(bureau.state(&id, "L01").await, SubmissionState::InReview);
    bureau
        .done(
            &zhou,
            &unit,
            &[("_do", "comment"), ("version", "1"), ("path", "preface[0]"), ("text", "请<b>补</b>")],
        )
        .await;
    let returned = [
        ("_do", "return"),
        ("version", "1"),
        ("part", "preface"),
        ("reason", ""),
        ("comment_path", "measures"),
        ("comment_text", "太短"),
        ("comment_path", ""),
        ("comment_text", ""),
    ];
    bureau.done(&zhou, &unit, &returned).await;
    let place_of = SubmissionPlace { collection: &id, unit: "L01" };
    let submission = bureau.office.collections.submission(&place_of).await.unwrap();
    assert_eq!((submission.state, submission.parts), (SubmissionState::Returned, vec!["preface".to_owned()]));
    assert_eq!(bureau.office.collections.comments(&place_of).await.unwrap().len(), 2);
    let page = bureau.get(&zhou, &unit).await.text();
    assert!(page.contains("请&lt;b&gt;补") && page.contains("退回的部分：导语"), "{page}");

    let mut better = report.clone();
    better["preface"][0] = "2024年，临江区依法行政，成效明显。".into();
    bureau.submit(&id, "L01", 1, &better.to_string()).await;
    let changes = bureau.get(&zhou, &format!("{unit}?view=changes")).await.text();
    assert!(changes.contains("<ins>") && changes.contains("成效明显"), "{changes}");
    // What is not the case is told, and what is.
    let stale = bureau.post(&zhou, &unit, &[("_do", "accept"), ("version", "1")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("现在已经是第 2 稿"), "{}", stale.text());
    let early = bureau.post(&zhou, &unit, &[("_do", "publish"), ("version", "2")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.text().contains("现在是“待审核”，不能“公开”"), "{}", early.text());
    bureau.done(&zhou, &unit, &[("_do", "accept"), ("version", "2"), ("reason", "写得好")]).await;
    let pdf = bureau.get(&zhou, &format!("{unit}/versions/2/public")).await;
    assert!(pdf.body.starts_with(b"%PDF"), "{}", pdf.text());

    // One need not report, one gets time, one is missing.
    bureau.done(&zhou, &format!("{place}/units/L02"), &[("_do", "waive"), ("reason", "已撤销")]).await;
    let late = bureau.get(&zhou, &format!("{place}/overdue")).await.text();
    assert!(late.contains("西山县") && !late.contains("东阳区"), "{late}");
    let list = bureau.get(&zhou, &format!("{place}/overdue.xlsx")).await;
    assert_eq!(roster::read(&list.body, &[]).unwrap().units[0].name, "西山县");
    let third = format!("{place}/units/L03");
    bureau.done(&zhou, &third, &[("_do", "extend"), ("until", "2099-01-01"), ("reason", "汛期")]).await;
    let missing = bureau.post(&zhou, &place, &[("_do", "close"), ("reason", "")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.text().contains("还有 1 个单位没有报送：西山县"), "{}", missing.text());
    bureau.done(&zhou, &place, &[("_do", "close"), ("reason", "不再等")]).await;

    // What comes out names the missing.
    let outcome = bureau.get(&zhou, &format!("{place}/archive")).await.text();
    assert!(outcome.contains("通过 1 个") && outcome.contains("西山县"), "{outcome}");
    let batch = bureau.done(&zhou, &format!("{place}/archive"), &[]).await;
    let batch = bureau.jobs.batch(batch.rsplit('/').next().unwrap()).await.unwrap().unwrap();
    assert_eq!(batch.counts.total, 1);
    let draft =
        bureau.get(&zhou, &format!("{place}/compilation.yaml?issuer=%E4%BA%91%E5%B7%9E%E5%B8%82")).await;
    assert_eq!(draft.status, StatusCode::OK, "{}", draft.text());
    assert!(draft.text().contains("2个单位的报告没有收进来"), "{}", draft.text());
    assert!(draft.text().contains("name: \"云州市\""), "{}", draft.text());
    let indicators = bureau.get(&zhou, &format!("{place}/compilation.xlsx")).await;
    assert!(indicators.body.starts_with(b"PK"), "{}", indicators.text());

    // Next year begins from this one.
    let entries = [("year", "2025"), ("due_on", "2026-01-10"), ("previous", id.as_str())];
    let next = bureau.done(&zhou, "/collections", &entries).await;
    let page = bureau.get(&zhou, &next).await.text();
    assert!(page.contains("已选 3 个单位"), "{page}");
}

#[tokio::test]
async fn each_unit_gets_a_letter_of_its_own() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let place = opened(&bureau, &zhou).await;
    let id = place.rsplit('/').next().unwrap();
    let accounts = &bureau.office.accounts;
    let refused = bureau.post(&zhou, &format!("{place}/letters"), &[("issuer", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(accounts.entrances(id, now()).await.unwrap().is_empty(), "nothing was replaced");
    let entries = [
        ("issuer", "云州市司法局#let\r\nx"),
        ("document_number", "云司〔2025〕3号"),
        ("contact", "联系人：<b>王某</b>，电话：0532-1"),
    ];
    let answer = bureau.post(&zhou, &format!("{place}/letters"), &entries).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "application/pdf"),
        "{}",
        answer.text()
    );
    let letters = Document::read(answer.body.clone());
    assert_eq!(letters.bookmarks.iter().filter(|(depth, _)| *depth == 0).count() % 3, 0);
    let first: Vec<_> = letters.pages.iter().filter(|page| page.text().contains("的通知")).collect();
    assert_eq!(first.len(), 3);
    let names = [HOSTILE, "东阳区", "西山县"];
    let link = regex::Regex::new("enter/([0-9a-z]{26})验证码：([0-9A-Z]{5}-[0-9A-Z]{5})").unwrap();
    let text = letters.text();
    for name in names {
        assert!(text.contains(&format!("{}：", crate::workbench::packed(name))), "{name}: {text}");
    }
    assert!(
        text.contains("云州市司法局#letx") && text.contains("<b>王某</b>") && text.contains("按时报送"),
        "{text}"
    );
    let links: BTreeSet<_> = link.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert_eq!(links.len(), 3, "{text}");
    let found = link.captures_iter(&text).nth(1).unwrap();
    accounts.enter(&found[1], &found[2], "李某", HERE, now()).await.unwrap();
}

#[tokio::test]
async fn what_goes_out_stands_on_a_page() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let place = opened(&bureau, &zhou).await;
    let messages = format!("{place}/messages");
    let page = bureau.get(&zhou, &messages).await.text();
    assert!(page.contains("没有设置邮件服务器") && page.contains("3 个在名录里没有邮箱"), "{page}");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert"), "{page}");
    let refused = bureau.post(&zhou, &messages, &[("_do", "remind")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);

    // Administrators name other programs; what may not be called is told, and what was entered stays.
    let entry = |address: &'static str| {
        [
            ("_do", "add"),
            ("name", "<b>办公"),
            ("address", address),
            ("secret", "0123456789abcdef"),
            ("returned", "yes"),
        ]
    };
    let refused = bureau.post(&zhou, "/webhooks", &entry("http://169.254.169.254/latest")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = plain(&refused.text());
    assert!(text.contains("指向本机或内网") && text.contains("&lt;b&gt;办公"), "{text}");
    assert_eq!(bureau.done(&zhou, "/webhooks", &entry("https://oa.example.gov.cn/hook")).await, "/webhooks");
    let page = plain(&bureau.get(&zhou, "/webhooks").await.text());
    assert!(page.contains("https://oa.example.gov.cn/hook") && !page.contains("0123456789abcdef"), "{page}");
    let id = bureau.office.outbox.webhooks().await.unwrap()[0].id.clone();
    let change = |address: &'static str| {
        [
            ("_do", "change"),
            ("webhook", id.as_str()),
            ("name", "<i>另一个"),
            ("address", address),
            ("secret", ""),
            ("submitted", "yes"),
        ]
    };
    let refused = bureau.post(&zhou, "/webhooks", &change("http://127.0.0.1/")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = plain(&refused.text());
    assert!(text.contains("value=\"http://127.0.0.1/\"") && text.contains("&lt;i&gt;另一个"), "{text}");
    bureau.done(&zhou, "/webhooks", &change("https://oa.example.gov.cn/new")).await;
    bureau.done(&zhou, "/webhooks", &[("_do", "try"), ("webhook", &id)]).await;
    let page = plain(&bureau.get(&zhou, "/webhooks").await.text());
    assert!(page.contains("https://oa.example.gov.cn/new") && page.contains("试发，等着发出"), "{page}");
    assert!(!page.contains("0123456789abcdef") && page.contains("&lt;i&gt;另一个"), "{page}");
    bureau.done(&zhou, "/webhooks", &[("_do", "off"), ("webhook", &id)]).await;
    let gone = bureau.post(&zhou, "/webhooks", &[("_do", "remove"), ("webhook", "NONE")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    bureau.done(&zhou, "/webhooks", &[("_do", "remove"), ("webhook", &id)]).await;
    let writer = bureau.somebody("li", Role::Writer, &["L02"]).await;
    for path in ["/webhooks", messages.as_str()] {
        assert_eq!(bureau.get(&writer, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_unit_sees_its_own_and_nobody_elses() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let place = opened(&bureau, &zhou).await;
    let writer = bureau.somebody("li", Role::Writer, &["L02"]).await;
    let list = bureau.get(&writer, "/collections").await.text();
    assert!(list.contains("东阳区") && !list.contains("西山县"), "{list}");
    let own = bureau.get(&writer, &place).await;
    assert_eq!(own.header("location"), format!("{place}/units/L02"));
    let page = bureau.get(&writer, &format!("{place}/units/L02")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("按时报送") && page.text().contains("L02/draft"), "{}", page.text());
    for (method, path) in [
        ("GET", format!("{place}/units/L03")),
        ("POST", format!("{place}/units/L03")),
        ("GET", format!("{place}/units/L03/versions/1/public")),
        ("GET", format!("{place}/units/NONE")),
    ] {
        let media_type = "application/x-www-form-urlencoded";
        let answer = bureau.send(&writer, method, &path, media_type, "_do=comment".into()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    // What the bureau does is refused, of one's own unit too.
    for (path, wish) in [
        (place.clone(), "open"),
        (format!("{place}/units/L02"), "accept"),
        (format!("{place}/units/L02"), "extend"),
        (format!("{place}/entrances"), ""),
        (format!("{place}/archive"), ""),
        ("/roster/units/L02".to_owned(), "rename"),
    ] {
        let answer = bureau.post(&writer, &path, &[("_do", wish)]).await;
        assert!(answer.status.is_client_error(), "{path} {wish}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_list_is_shown_with_its_faults_and_likenesses_before_it_is_kept() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let list = "单位名称\t单位代码\t电话\n东 阳 区\tN1\t1\n南川市\tN2\t不知道\n北河市\tN3\t3";
    let page = bureau.paste(&zhou, list).await.text();
    assert!(page.contains("第3行C列“电话”：不是电话号码"), "{page}");
    assert!(page.contains("“东 阳 区”和名录里的“东阳区”"), "{page}");
    let packed = plain(hidden(&page, "packed"));
    let unanswered = bureau.post(&zhou, "/roster/list", &[("packed", &packed)]).await;
    assert_eq!(unanswered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unanswered.text().contains("是不是同一个单位，请选一项"), "{}", unanswered.text());
    bureau.done(&zhou, "/roster/list", &[("packed", &packed), ("like N1 L02", "none")]).await;
    let codes = bureau.office.collections.units().await.unwrap();
    let codes: Vec<&str> = codes.iter().map(|one| one.unit.code.as_str()).collect();
    assert_eq!(codes, ["L01", "L02", "L03", "N3"]);

    // Renamed, merged, disabled; wrong wishes are told.
    let unit = "/roster/units/L02";
    bureau.done(&zhou, unit, &[("_do", "rename"), ("name", "新东阳区")]).await;
    assert!(bureau.get(&zhou, unit).await.text().contains("曾用名"));
    let wrong = bureau.post(&zhou, unit, &[("_do", "merge"), ("into", "L02")]).await;
    assert!(wrong.text().contains("不能并入它自己"), "{}", wrong.text());
    let asked = bureau.post(&zhou, unit, &[("_do", "merge"), ("into", "L03")]).await.text();
    assert!(asked.contains("并入“西山县”（代码 L03）") && asked.contains("确认并入"), "{asked}");
    assert!(!bureau.get(&zhou, "/roster").await.text().contains("已并入西山县"));
    bureau.done(&zhou, unit, &[("_do", "merge"), ("into", "L03"), ("confirmed", "L03")]).await;
    bureau.done(&zhou, "/roster/units/N3", &[("_do", "disable")]).await;
    let page = bureau.get(&zhou, "/roster").await.text();
    assert!(page.contains("已并入西山县") && page.contains("已停用"), "{page}");
    for broken in ["", "x", "AAAA", "////"] {
        let answer = bureau.post(&zhou, "/roster/list", &[("packed", broken)]).await;
        assert!(answer.status.is_client_error(), "{broken}");
    }
    let nothing = bureau.paste(&zhou, "").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn plans_that_are_wrong_are_shown_again() {
    let (bureau, zhou) = Bureau::start().await;
    let entries = [("year", "24"), ("due_on", "明天"), ("title", "<i>征集</i>"), ("instructions", "说明甲")];
    let answer = bureau.post(&zhou, "/collections", &entries).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    assert!(text.contains("报告年度") && text.contains("报送期限应为"), "{text}");
    assert!(text.contains("说明甲") && text.contains("&lt;i&gt;征集"), "{text}");
    let entries = [("year", "2024"), ("due_on", "2025-01-10")];
    let place = bureau.done(&zhou, "/collections", &entries).await;
    let empty = bureau.post(&zhou, &place, &[("_do", "open")]).await;
    assert!(empty.text().contains("还没有选择单位"), "{}", empty.text());
    let entries =
        [("_do", "change"), ("revision", "1"), ("year", "2024"), ("due_on", "2025-02-10"), ("title", "改过")];
    bureau.done(&zhou, &place, &entries).await;
    let late = bureau.post(&zhou, &place, &entries).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("别人刚刚改了这个征集"), "{}", late.text());
    assert_eq!(bureau.get(&zhou, "/collections/NONE").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn programs_do_what_pages_do() {
    let (bureau, zhou) = Bureau::start().await;
    let json = "application/json";
    let post = async |who: &str, path: &str, body: serde_json::Value| {
        bureau.send(who, "POST", path, json, body.to_string().into()).await
    };
    let unit = |code: &str, name: &str| {
        serde_json::json!({
            "code": code, "name": name, "kind": "", "level": "", "superior": null,
            "contact": { "name": "", "phone": "", "mail": "" },
        })
    };
    let units = serde_json::json!([unit("L01", HOSTILE), unit("L02", "东阳区")]);
    let saved = post(&zhou, "/api/roster", units).await;
    assert_eq!(saved.json(), serde_json::json!({ "new": 2, "changed": 0 }), "{}", saved.text());
    assert_eq!(bureau.get(&zhou, "/api/roster?limit=1").await.json()["total"], 2);
    let plan = serde_json::json!({ "year": 2024, "due_on": "2025-01-10" });
    let made = post(&zhou, "/api/collections", plan).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let place = made.header("location").to_owned();
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let asked = post(&zhou, &format!("{place}/units"), serde_json::json!(["L01", "L02"])).await;
    assert_eq!(asked.json()["new"], 2, "{}", asked.text());
    let opened = post(&zhou, &format!("{place}/state"), serde_json::json!({ "state": "open" })).await;
    assert_eq!(opened.json()["counts"]["not_started"], 2, "{}", opened.text());
    bureau.submit(&id, "L01", 0, &serde_json::to_string(&read(&minimal())).unwrap()).await;
    let board = bureau.get(&zhou, &format!("{place}/board?state=awaiting_review")).await.json();
    assert_eq!((&board["total"], &board["rows"][0]["name"]), (&1.into(), &HOSTILE.into()));
    let own = format!("{place}/units/L01");
    let comment = serde_json::json!({ "path": "measures", "text": "太短" });
    let commented = post(&zhou, &format!("{own}/versions/1/comments"), comment).await;
    assert_eq!(commented.status, StatusCode::CREATED, "{}", commented.text());
    let wish = serde_json::json!({ "step": "return", "version": 1 });
    let returned = post(&zhou, &format!("{own}/moves"), wish.clone()).await;
    assert_eq!(returned.json()["state"], "returned", "{}", returned.text());
    let again = post(&zhou, &format!("{own}/moves"), wish).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(bureau.get(&zhou, &own).await.json()["comments"][0]["text"], "太短");

    let writer = bureau.somebody("li", Role::Writer, &["L02"]).await;
    assert_eq!(bureau.get(&writer, &own).await.status, StatusCode::NOT_FOUND);
    let board = bureau.get(&writer, &format!("{place}/board")).await.json();
    assert_eq!((&board["total"], &board["rows"][0]["unit"]), (&1.into(), &"L02".into()));
    assert_eq!(bureau.get(&writer, "/api/collections").await.json().as_array().unwrap().len(), 1);
    let wish = serde_json::json!({ "step": "accept", "version": 1 });
    let refused = post(&writer, &format!("{place}/units/L02/moves"), wish).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

/// How many rows of a list are wrong: at known places, each in its own way.
const WRONG: [(usize, &str, &str); 4] = [
    (10, "B", "没有填单位名称"),
    (20, "A", "单位代码应为"),
    (30, "F", "不是电话号码"),
    (40, "D", "名录里没有上级单位"),
];

/// A list of 1,500 units, 40 of them wrong, unless they are mended.
fn long_list(is_mended: bool) -> Vec<Vec<String>> {
    let row = |number: usize| {
        let wrong =
            WRONG.iter().find(|(at, ..)| !is_mended && number % 150 == *at).map(|(_, column, _)| *column);
        let or = |column: &str, bad: &str, good: String| {
            if wrong == Some(column) { bad.to_owned() } else { good }
        };
        vec![
            or("A", "<b>1/2", format!("C{number:04}")),
            or("B", "", format!("第{number}号单位")),
            "部门".to_owned(),
            or("D", "没有的<i>", String::new()),
            "甲".to_owned(),
            or("F", "打办公室", "0532-1".to_owned()),
        ]
    };
    (0..1500).map(row).collect()
}

#[tokio::test]
async fn of_a_long_roster_each_wrong_cell_is_told_and_nothing_is_kept_unasked() {
    let (bureau, zhou) = Bureau::start().await;
    let headings = ["单位代码", "单位名称", "单位类别", "上级单位", "联系人", "联系电话"];
    let columns = headings.map(|heading| roster::TableColumn { heading, width: 20.0 });
    let lines: Vec<String> = [headings.map(str::to_owned).to_vec()]
        .into_iter()
        .chain(long_list(false))
        .map(|row| row.join("\t"))
        .collect();
    let workbook = roster::table_workbook("名录", &columns, long_list(false)).unwrap();
    let head = "--e\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n";
    let file = [head.as_bytes(), &workbook, b"\r\n--e--\r\n"].concat();
    let uploaded =
        bureau.send(&zhou, "POST", "/roster", "multipart/form-data; boundary=e", file.into()).await;
    let pasted = bureau.paste(&zhou, &lines.join("\r\n")).await;
    for answer in [&uploaded, &pasted] {
        let text = plain(&answer.text());
        assert_eq!(answer.status, StatusCode::OK, "{text}");
        assert!(text.contains("读出 1460 个单位") && text.contains("有 40 处不对"), "{text:.3000}");
        for number in 0..1500 {
            for (at, column, why) in WRONG {
                let told = text.contains(&format!("第{}行{column}列", number + 2));
                let is_wrong = number % 150 == at;
                assert_eq!(told, is_wrong, "{number} {column} {why}");
            }
        }
        for (_, _, why) in WRONG {
            assert_eq!(text.matches(why).count(), 10, "{why}");
        }
        assert!(!text.contains("没有的<i>"));
        assert!(bureau.office.collections.units().await.unwrap().is_empty(), "nothing is kept unasked");
    }
    // What is right is kept once somebody has said so, and the rest when it is mended.
    let packed = plain(hidden(&pasted.text(), "packed"));
    bureau.done(&zhou, "/roster/list", &[("packed", &packed)]).await;
    assert_eq!(bureau.office.collections.units().await.unwrap().len(), 1460);
    let lines: Vec<String> = [headings.map(str::to_owned).to_vec()]
        .into_iter()
        .chain(long_list(true))
        .map(|row| row.join("\t"))
        .collect();
    let mended = plain(&bureau.paste(&zhou, &lines.join("\r\n")).await.text());
    assert!(mended.contains("新增 40 个") && mended.contains("不变 1460 个"), "{mended:.3000}");
    bureau.done(&zhou, "/roster/list", &[("packed", hidden(&mended, "packed"))]).await;
    assert_eq!(bureau.office.collections.units().await.unwrap().len(), 1500);
}

#[tokio::test]
async fn a_comment_of_a_million_characters_is_refused_on_its_page() {
    let (bureau, zhou) = Bureau::start().await;
    with_roster(&bureau, &zhou).await;
    let place = opened(&bureau, &zhou).await;
    let id = place.rsplit('/').next().unwrap().to_owned();
    bureau.submit(&id, "L01", 0, "{}").await;
    let unit = format!("{place}/units/L01");
    for (long, status, said) in [
        ("x".repeat(1_000_000), StatusCode::UNPROCESSABLE_ENTITY, "4000"),
        ("字".repeat(1_000_000), StatusCode::PAYLOAD_TOO_LARGE, "8 MiB"),
    ] {
        let comment = [("_do", "comment"), ("version", "1"), ("path", ""), ("text", long.as_str())];
        let answer = [("_do", "answer"), ("comment", "1"), ("text", long.as_str())];
        for entries in [&comment[..], &answer[..]] {
            let refused = bureau.post(&zhou, &unit, entries).await;
            assert_eq!(refused.status, status, "{:.2000}", refused.text());
            assert!(refused.text().contains(said), "{:.2000}", refused.text());
        }
    }
    let place_of = SubmissionPlace { collection: &id, unit: "L01" };
    assert!(bureau.office.collections.comments(&place_of).await.unwrap().is_empty());
    bureau.done(&zhou, &unit, &[("_do", "comment"), ("version", "1"), ("text", "短的")]).await;
}
