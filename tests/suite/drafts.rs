//! A unit's draft on the service, and submitting it: two who write, what a return leaves open, what was made held
//! against its digest, and nobody at what is another's.

use std::fs;
use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use nianbao::accounts::{NewAccount, Role};
use nianbao::audit::Doer;
use nianbao::collections::drafts::DraftPlace;
use nianbao::collections::{
    AttachedFile, Attachments, CollectionPlan, CollectionRefusal, MoveWish, NewComment, NewVersion, Occasion,
    SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::database::DatabasePlace;
use nianbao::difference::normal;
use nianbao::guide::Guide;
use nianbao::jobs::{JobSettings, Jobs};
use nianbao::report::{Choice, Date, Edition};
use nianbao::roster::{RosterUnit, UnitCode};
use nianbao::web::{self, ServiceSettings};
use nianbao::workers::Limits;
use nianbao_office::Office;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::AnyPool;

use crate::http::{Answer, ask, request, staff};
use crate::workbench::{installation, minimal, read};

/// What only somebody who means ill calls his unit.
pub const HOSTILE: &str = "临江区<b>\"甲\"</b>局";

/// What browsers write otherwise in a form.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.').remove(b'*');

const FORM: &str = "application/x-www-form-urlencoded";

/// A service with accounts and a collection of two units, one of which has last year's report along.
pub struct Round {
    router: Router,
    pub office: Office,
    pub jobs: Arc<Jobs>,
    pub collection: String,
    folder: tempfile::TempDir,
}

pub fn now() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

pub fn day(written: &str) -> Date {
    written.parse().unwrap()
}

pub fn code(written: &str) -> UnitCode {
    written.parse().unwrap()
}

pub fn doer() -> Doer {
    Doer { name: "王某（司法局）".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

impl Round {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabasePlace::File(folder.path().join("nianbao.db"));
        let office = Office::open(&database).await.unwrap();
        let staff = staff(&installation(), Limits::default(), 1, 8);
        let fingerprint = installation().fingerprint().unwrap();
        let settings = JobSettings::below(folder.path().join("data"), NonZeroUsize::MIN, fingerprint);
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
        let router = web::router(installation().open_templates().unwrap(), settings);
        let collection = collection(&office).await;
        Self { router, office, jobs, collection, folder }
    }

    pub fn router(&self) -> &Router {
        &self.router
    }

    /// The database that the service keeps all in.
    pub async fn database(&self) -> AnyPool {
        DatabasePlace::File(self.folder.path().join("nianbao.db")).open().await.unwrap()
    }

    /// The cookie of somebody who has come in.
    pub async fn visitor(&self, name: &str, role: Role, units: &[&str]) -> String {
        format!("nianbao={}", session(&self.office, name, role, units).await)
    }

    pub async fn send(
        &self,
        who: &str,
        method: &str,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let path = path.replace("{}", &self.collection);
        let mut request = request(method, &path, content_type, body);
        request.headers_mut().insert("cookie", who.parse().unwrap());
        ask(&self.router, request).await
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        self.send(who, "GET", path, "", Body::empty()).await
    }

    async fn put(&self, who: &str, unit: &str, base: i64, key: &str, tree: &Value) -> Answer {
        let body = json!({ "base": base, "key": key, "tree": tree }).to_string();
        let path = format!("/api/collections/{{}}/units/{unit}/draft");
        self.send(who, "PUT", &path, "application/json", body).await
    }

    pub async fn tree(&self, who: &str, unit: &str) -> (i64, Value) {
        let answer = self.get(who, &format!("/api/collections/{{}}/units/{unit}/draft")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let draft = answer.json();
        (draft["revision"].as_i64().unwrap(), draft["tree"].clone())
    }

    pub async fn step(&self, unit: &str, step: SubmissionMove, wish: &MoveWish<'_>) {
        let doer = doer();
        let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
        let place = SubmissionPlace { collection: &self.collection, unit };
        self.office.collections.step(&place, step, wish, &occasion).await.unwrap();
    }
}

/// The session of somebody with an account.
pub async fn session(office: &Office, name: &str, role: Role, units: &[&str]) -> String {
    let units = units.iter().map(|unit| (*unit).to_owned()).collect();
    let new = NewAccount { login_name: format!("login-{name}"), name: name.into(), role, units };
    let id = office.accounts.make_account(&doer(), &new, now()).await.unwrap();
    let session = office.accounts.begin_session(&id, "", [127, 0, 0, 1].into(), now()).await;
    session.unwrap().token
}

/// A draft that a writer of a unit is about to write, in the data of a service that is not started yet.
pub struct ToBeWritten {
    pub folder: tempfile::TempDir,
    pub office: Office,
    pub collection: String,
    /// Of the writer's session.
    pub token: String,
}

impl ToBeWritten {
    pub async fn by_unit(unit: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let place = DatabasePlace::File(folder.path().join("data/nianbao.db"));
        let office = Office::open(&place).await.unwrap();
        let collection = collection(&office).await;
        let token = session(&office, "甲某", Role::Writer, &[unit]).await;
        Self { folder, office, collection, token }
    }
}

/// A collection of 2024's reports that is open.
pub async fn collection(office: &Office) -> String {
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: day("2025-01-10") };
    // What it was called before stands in its reports; what it is nobody could tell by its name.
    let mut before = RosterUnit::new(code("A1"), "云州市临江区人民政府");
    before.kind = "派出机构".into();
    let units = [before, RosterUnit::new(code("B2"), "临江区")];
    let collections = &office.collections;
    collections.save_units(&units, &occasion).await.unwrap();
    collections.rename_unit(&code("A1"), HOSTILE, &occasion).await.unwrap();
    let plan = CollectionPlan {
        year: "2024".parse().unwrap(),
        title: "2024年度征集".into(),
        template: "annual-report".into(),
        settings: "{}".into(),
        edition: Edition::of_word("public").unwrap(),
        instructions: String::new(),
        needs_sign_off: false,
        opens_at: None,
        due_on: day("2025-02-28"),
        closes_at: None,
    };
    let id = collections.make(&plan, &occasion).await.unwrap();
    collections.ask(&id, &[code("A1"), code("B2")], &occasion).await.unwrap();
    let last = minimal().replace("2024", "2023").replace("2025", "2024");
    let document = serde_json::to_string(&read(&last)).unwrap();
    let attached =
        Attachments { last_report: Some(AttachedFile { document, from: "上年.yaml".into() }), plan: None };
    collections.attach(&id, &code("B2"), &attached, &occasion).await.unwrap();
    collections.open_collection(&id, &occasion).await.unwrap();
    id
}

/// A report that has neither errors nor warnings.
pub fn whole() -> Value {
    normal(&serde_json::to_value(read(&minimal())).unwrap())
}

/// The form as a browser posts it: what the tree says, and the form's own controls.
pub fn form(tree: &Value, own: &[(&str, &str)]) -> String {
    fn pour(value: &Value, path: &str, pairs: &mut Vec<(String, String)>) {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((path.into(), text.clone())),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                pairs.push((path.into(), lines.join("\n")));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pour(item, &format!("{path}[{index}]"), pairs);
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    pour(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, pairs);
                }
            }
            other => pairs.push((path.into(), other.to_string())),
        }
    }
    let mut pairs: Vec<(String, String)> =
        own.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    pour(tree, "", &mut pairs);
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, ENCODED).to_string();
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

#[tokio::test]
async fn a_draft_begins_with_what_is_known() {
    let round = Round::start().await;
    let writer = round.visitor("甲", Role::Writer, &["A1", "B2"]).await;
    let page = round.get(&writer, "/collections/{}/units/A1/draft").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("临江区&lt;b&gt;"), "a name is a text");
    assert!(!page.text().contains("<b>\""));
    assert!(page.body.len() < 150_000, "{}", page.body.len());
    let (revision, tree) = round.tree(&writer, "A1").await;
    assert_eq!((revision, &tree["year"], &tree["issuer"]["name"]), (0, &json!("2024"), &json!(HOSTILE)));
    assert_eq!(tree["issuer"]["kind"], "department", "as the roster has it");
    // Of last year's report, this year's figures are missing and its unit is there.
    let (_, tree) = round.tree(&writer, "B2").await;
    assert_eq!((&tree["year"], &tree["issuer"]["name"]), (&json!("2024"), &json!("云州市临江区人民政府")));
    let (revision, tree) = round.tree(&writer, "B2").await;
    let saved = round.put(&writer, "B2", revision, "first", &tree).await;
    assert_eq!(saved.json()["revision"], 1, "{}", saved.text());
    let place = SubmissionPlace { collection: &round.collection, unit: "B2" };
    assert_eq!(round.office.collections.submission(&place).await.unwrap().state.word(), "writing");
    let history = round.get(&writer, "/api/collections/{}/units/B2/draft/history").await.json();
    assert_eq!(history[0]["kind"], "from-last-year");
}

/// Last year's report stands beside the draft, with scripts and without; it is nobody else's.
#[tokio::test]
async fn last_years_report_is_there_to_be_read() {
    let round = Round::start().await;
    let writer = round.visitor("甲", Role::Writer, &["A1", "B2"]).await;
    let form = round.get(&writer, "/collections/{}/units/B2/draft").await.text();
    assert!(form.contains("last-year\" data-last-year"), "{form}");
    let page = round.get(&writer, "/collections/{}/units/B2/draft/last-year").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(
        page.text().contains("上年的安排") && page.text().contains("主要举措和成效第1项"),
        "{}",
        page.text()
    );
    let differing = round.get(&writer, "/collections/{}/units/B2/draft/last-year?view=difference").await;
    assert!(differing.text().contains("<del>"), "{}", differing.text());
    let sources = round.get(&writer, "/api/collections/{}/units/B2/draft/sources").await.json();
    assert_eq!(sources["report"]["issuer"]["name"], "云州市临江区人民政府");
    assert!(!sources["tasks"]["sections"].as_array().unwrap().is_empty(), "{sources}");
    let none = round.get(&writer, "/collections/{}/units/A1/draft/last-year").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.text().contains("没有上年的报告"), "{}", none.text());
    let stranger = round.visitor("乙", Role::Writer, &["A1"]).await;
    for path in ["/collections/{}/units/B2/draft/last-year", "/api/collections/{}/units/B2/draft/sources"] {
        assert_eq!(round.get(&stranger, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// A text that is refused and that no page bears comes back as a file; the page from which it was sent stays.
#[tokio::test]
async fn what_is_refused_and_too_long_for_a_page_comes_back_as_a_file() {
    let round = Round::start().await;
    let writer = round.visitor("甲", Role::Writer, &["A1"]).await;
    let (_, mut tree) = round.tree(&writer, "A1").await;
    tree["preface"] = json!(["导语很长。".repeat(40_000)]);
    // From a revision that there is not.
    let body = form(&tree, &[("_base", "99"), ("_do", "save")]);
    let refused = round
        .send(&writer, "POST", "/collections/{}/units/A1/draft", "application/x-www-form-urlencoded", body)
        .await;
    let name = refused.header("content-disposition").to_owned();
    assert!(name.starts_with("attachment"), "{name}: {}", refused.status);
    let text = refused.text();
    assert!(text.starts_with("# 没有保存：") && text.matches("导语很长。").count() == 40_000);
    assert_eq!(round.tree(&writer, "A1").await.0, 0, "nothing was saved");
}

#[tokio::test]
async fn two_write_and_nothing_is_lost() {
    let round = Round::start().await;
    let one = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let other = round.visitor("乙<i>某", Role::Writer, &["A1"]).await;
    let (base, mut tree) = round.tree(&one, "A1").await;
    tree["preface"] = json!(["开头的话。"]);
    let saved = round.put(&one, "A1", base, "k1", &tree).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    assert_eq!(round.put(&one, "A1", base, "k1", &tree).await.json()["revision"], saved.json()["revision"]);

    // By the form, from the same base: another field is merged.
    let (_, mut theirs) = (0, tree.clone());
    theirs.as_object_mut().unwrap().remove("preface");
    theirs["title"] = json!("乙的<script>标题");
    let body = form(&theirs, &[("_base", &base.to_string()), ("_version", "0"), ("_do", "save")]);
    let answer = round.send(&other, "POST", "/collections/{}/units/A1/draft", FORM, body).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert!(answer.header("location").ends_with("/draft?done=merged"), "{}", answer.header("location"));
    let (revision, merged) = round.tree(&one, "A1").await;
    assert_eq!(merged["title"], "乙的<script>标题");
    assert!(merged.to_string().contains("开头的话。"));

    // The same field in two ways: both are there, and one is chosen.
    let mut mine = merged.clone();
    mine["title"] = json!("甲的标题");
    round.put(&one, "A1", revision, "k2", &mine).await;
    let mut theirs = merged.clone();
    theirs["title"] = json!("乙又改了");
    let body = form(&theirs, &[("_base", &revision.to_string()), ("_do", "save")]);
    let answer = round.send(&other, "POST", "/collections/{}/units/A1/draft", FORM, body).await;
    assert!(answer.header("location").ends_with("done=conflict"), "{}", answer.text());
    let page = round.get(&other, "/collections/{}/units/A1/draft?done=conflict").await.text();
    assert!(page.contains("甲的标题") && page.contains("乙又改了"), "{page}");
    assert!(page.contains("正在写的还有：甲某"));
    assert!(!page.contains("乙<i>某") && !page.contains("<script>标题"));
    let open = round.get(&other, "/api/collections/{}/units/A1/draft").await.json();
    let id = open["conflicts"][0]["id"].as_str().unwrap().to_owned();
    let (revision, current) = round.tree(&other, "A1").await;
    let wish = format!("mine {id}");
    let body = form(&current, &[("_base", &revision.to_string()), ("_do", &wish)]);
    let answer = round.send(&other, "POST", "/collections/{}/units/A1/draft", FORM, body).await;
    assert!(answer.header("location").ends_with("done=settled"), "{}", answer.text());
    let (revision, settled) = round.tree(&one, "A1").await;
    assert_eq!(settled["title"], "乙又改了");

    // What was is brought back.
    let restored = json!({ "revision": 1, "base": revision }).to_string();
    let path = "/api/collections/{}/units/A1/draft/restore";
    let answer = round.send(&one, "POST", path, "application/json", restored).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(round.tree(&one, "A1").await.1.get("title").is_none());
}

#[tokio::test]
async fn a_drafts_history_is_a_page_from_which_each_revision_comes_back() {
    let round = Round::start().await;
    let writer = round.visitor("甲<i>某", Role::Writer, &["A1"]).await;
    let (base, mut tree) = round.tree(&writer, "A1").await;
    tree["title"] = json!("旧的<script>标题");
    let first = round.put(&writer, "A1", base, "k1", &tree).await.json()["revision"].as_i64().unwrap();
    tree["title"] = json!("新的<script>标题");
    let second = round.put(&writer, "A1", first, "k2", &tree).await.json()["revision"].as_i64().unwrap();

    let place = "/collections/{}/units/A1/draft/history";
    let list = round.get(&writer, place).await.text();
    assert!(list.contains(&format!("第 {first} 次")) && list.contains("甲&lt;i&gt;某"), "{list}");
    assert!(!list.contains("甲<i>某") && list.contains("现在是第"), "{list}");
    let older = round.get(&writer, &format!("{place}?before={second}")).await.text();
    assert!(!older.contains(&format!("history/{second}\"")) && older.contains(&format!("history/{first}\"")));
    let page = round.get(&writer, &format!("{place}/{first}")).await.text();
    assert!(page.contains("<del>旧") && page.contains("<ins>新") && !page.contains("<script>标题"), "{page}");
    let page = round.get(&writer, &format!("{place}/{first}?view=whole")).await.text();
    assert!(page.contains("旧的&lt;script&gt;标题") && !page.contains("新的"), "{page}");
    for unknown in ["99", "0x1", "-1"] {
        let answer = round.get(&writer, &format!("{place}/{unknown}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
    }

    let body = format!("base={second}");
    let back = round.send(&writer, "POST", &format!("{place}/{first}"), FORM, body.clone()).await;
    assert!(back.header("location").ends_with("/draft?done=restored"), "{}", back.text());
    let (third, now) = round.tree(&writer, "A1").await;
    assert_eq!((third, &now["title"]), (second + 1, &json!("旧的<script>标题")));
    let page = round.get(&writer, &format!("{place}/{second}")).await.text();
    assert!(page.contains("<del>新"), "nothing is lost: {page}");

    // Where nothing may be written the page says why, and changes nothing.
    let body = form(
        &whole(),
        &[("_base", &third.to_string()), ("_version", "0"), ("_do", "submit"), ("_reason", "x")],
    );
    let sent = round.send(&writer, "POST", "/collections/{}/units/A1/submit", FORM, body).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let late = round.send(&writer, "POST", &format!("{place}/{first}"), FORM, format!("base={third}")).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("等待审核，不能修改"), "{}", late.text());
}

#[tokio::test]
async fn what_is_posted_after_the_session_has_ended_is_given_back() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (base, mut tree) = round.tree(&writer, "A1").await;
    tree["title"] = json!("\"><script>alert(1)</script>标题");
    tree["preface"] = json!(["第一段", "第二段"]);
    let body = form(&tree, &[("_base", &base.to_string()), ("_version", "0"), ("_do", "save")]);
    let path = "/collections/{}/units/A1/draft";
    let lost = round.send("nianbao=gone", "POST", path, FORM, body).await;
    assert_eq!(lost.status, StatusCode::UNAUTHORIZED);
    let page = lost.text();
    assert!(page.contains("没有丢") && !page.contains("<script>alert"), "{page}");
    assert_eq!(round.tree(&writer, "A1").await.0, base, "nothing was taken");

    // What stands in that page is sent again by whoever has come in.
    let document = dom_query::Document::from(&*page);
    let again = document.select("main form");
    let address = again.attr("action").unwrap().to_string();
    let mut entries = url::form_urlencoded::Serializer::new(String::new());
    for entry in again.select("input").iter() {
        entries.append_pair(&entry.attr("name").unwrap(), &entry.attr("value").unwrap());
    }
    let saved = round.send(&writer, "POST", &address, FORM, entries.finish()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    assert_eq!(round.tree(&writer, "A1").await.1["title"], tree["title"]);
    assert_eq!(round.tree(&writer, "A1").await.1["preface"], tree["preface"]);

    // Secrets are not given back, nor what nobody writes by hand; of a file it is said that it is lost.
    for body in ["before=x&password=secret-1".to_owned(), format!("a={}", "x".repeat(2 << 20)), String::new()]
    {
        let answer = round.send("", "POST", "/account", FORM, body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(!answer.text().contains("secret-1"));
    }
    let file = round
        .send("", "POST", "/collections/{}/units/A1/submit", "multipart/form-data; boundary=e", "--e--")
        .await;
    assert_eq!(file.status, StatusCode::UNAUTHORIZED);
    assert!(file.text().contains("文件没有收下"), "{}", file.text());
}

#[tokio::test]
async fn a_form_without_scripts_does_all() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (base, _) = round.tree(&writer, "A1").await;
    let path = "/collections/{}/units/A1/draft";
    let post = async |tree: &Value, base: i64, wish: &str| {
        let body = form(tree, &[("_base", &base.to_string()), ("_version", "0"), ("_do", wish)]);
        round.send(&writer, "POST", path, FORM, body).await
    };
    let added = post(&whole(), base, "add measures").await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text());
    assert!(added.text().contains("name=\"measures[0].heading\""));
    let (revision, tree) = round.tree(&writer, "A1").await;
    assert!(revision > base);
    let removed = post(&tree, revision, "remove problems[0]").await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text());
    assert_eq!(round.tree(&writer, "A1").await.1.get("problems"), None);
    let (revision, tree) = round.tree(&writer, "A1").await;
    let checked = post(&tree, revision, "check").await;
    assert!(checked.text().contains("id=\"summary-title\""), "{}", checked.text());
    let pdf = post(&whole(), revision, "pdf").await;
    assert!(pdf.body.starts_with(b"%PDF"), "{}", pdf.text());
    // A form that is none changes nothing.
    let (revision, _) = round.tree(&writer, "A1").await;
    assert_eq!(round.send(&writer, "POST", path, FORM, "_do=save").await.status, StatusCode::BAD_REQUEST);
    let gone = post(&whole(), 999, "save").await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    assert!(gone.text().contains("临江区依法行政"), "what was entered is there");
    assert_eq!(round.tree(&writer, "A1").await.0, revision);
}

#[tokio::test]
async fn a_report_is_submitted_once_and_stays_as_it_came() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (base, _) = round.tree(&writer, "A1").await;
    let submit = async |tree: &Value, base: i64, reason: &str| {
        let own = [("_base", &*base.to_string()), ("_version", "0"), ("_do", "submit"), ("_reason", reason)];
        round.send(&writer, "POST", "/collections/{}/units/A1/submit", FORM, form(tree, &own)).await
    };
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };

    // An error stops it, and is shown at its field.
    let mut wrong = whole();
    wrong["problems"][0].as_object_mut().unwrap().remove("cause");
    let refused = submit(&wrong, base, "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("没有报送：有 1 处错误") && refused.text().contains("finding-error"));
    let (revision, tree) = round.tree(&writer, "A1").await;
    assert_eq!(tree["problems"][0].get("cause"), None, "but it is saved");

    // A warning wants a word.
    let mut odd = whole();
    let twice = "组织开展法治培训八次，覆盖全区各部门和镇街。";
    odd["measures"][0]["body"] = json!([{ "text": twice }, { "text": twice }]);
    let refused = submit(&odd, revision, "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("处警告"), "{}", refused.text());
    assert!(round.office.collections.versions(&place).await.unwrap().is_empty());
    let (revision, _) = round.tree(&writer, "A1").await;
    let taken = submit(&odd, revision, "照实填写").await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    assert!(taken.header("location").ends_with("/units/A1"));
    let versions = round.office.collections.versions(&place).await.unwrap();
    assert_eq!((versions.len(), versions[0].warning_reason.as_str()), (1, "照实填写"));
    // The same again is the same.
    assert_eq!(submit(&odd, revision, "照实填写").await.status, StatusCode::SEE_OTHER);
    assert_eq!(round.office.collections.versions(&place).await.unwrap().len(), 1);

    // Both editions, held against their digests.
    for (part, file) in [("public", &versions[0].files.public), ("formal", &versions[0].files.formal)] {
        let Some(file) = file else { continue };
        let answer = round.get(&writer, &format!("/collections/{{}}/units/A1/versions/1/{part}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(hex::encode(Sha256::digest(&answer.body)), file.sha256);
        assert!(file.place.ends_with(&format!("A1/{}.pdf", file.sha256)));
    }
    let public = versions[0].files.public.as_ref().unwrap();
    let input = round.get(&writer, "/collections/{}/units/A1/versions/1/input").await;
    assert_eq!(hex::encode(Sha256::digest(&input.body)), versions[0].digest);
    let stored = round.folder.path().join("data/store").join(&public.place);
    let kept = std::fs::read(&stored).unwrap();
    std::fs::write(&stored, b"%PDF another").unwrap();
    let damaged = round.get(&writer, "/collections/{}/units/A1/versions/1/public").await;
    assert_eq!(damaged.status, StatusCode::INTERNAL_SERVER_ERROR);
    // Made again, the same lies there again.
    let again = round.jobs.keep_document(&round.collection, "A1", kept).await.unwrap();
    assert_eq!(again.place, public.place);
    let mended = round.get(&writer, "/collections/{}/units/A1/versions/1/public").await;
    assert_eq!(mended.status, StatusCode::OK);

    // While it waits for its review nobody writes.
    let (revision, tree) = round.tree(&writer, "A1").await;
    let page = round.get(&writer, "/collections/{}/units/A1/draft").await.text();
    assert!(page.contains("等待审核，不能修改；可以撤回") && page.contains("<fieldset disabled>"));
    assert_eq!(round.put(&writer, "A1", revision, "late", &whole()).await.status, StatusCode::CONFLICT);
    let body = form(&whole(), &[("_base", &revision.to_string()), ("_do", "save")]);
    let refused = round.send(&writer, "POST", "/collections/{}/units/A1/draft", FORM, body).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(round.tree(&writer, "A1").await, (revision, tree));
}

#[tokio::test]
async fn a_return_opens_what_it_names() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let bureau = round.visitor("司法局", Role::Reviewer, &[]).await;
    // By the bureau in its stead, from a file.
    let path = "/api/collections/{}/units/A1/versions?base=0&reason=%E7%85%A7%E5%AE%9E";
    let sent = round.send(&bureau, "POST", path, "application/yaml", minimal()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    let again = round.send(&bureau, "POST", path, "application/yaml", minimal()).await;
    assert_eq!((again.status, again.json()["number"].clone()), (StatusCode::OK, json!(1)));
    let listed = round.get(&writer, "/api/collections/{}/units/A1/versions").await.json();
    assert_eq!((&listed[0]["on_behalf"], &listed[0]["way"]), (&json!(HOSTILE), &json!("interface")));

    let comments = [NewComment { path: "problems[0].cause", text: "原因<b>不够" }];
    let wish = MoveWish { version: Some(1), parts: &["problems"], comments: &comments, reason: "请补充" };
    round.step("A1", SubmissionMove::Return, &wish).await;
    let page = round.get(&writer, "/collections/{}/units/A1/draft").await.text();
    assert!(page.contains("原因&lt;b&gt;不够") && page.contains("已退回，只开放这些部分"), "{page}");
    let (revision, tree) = round.tree(&writer, "A1").await;
    let mut changed = tree.clone();
    changed["preface"] = json!(["改了导语。"]);
    let refused = round.put(&writer, "A1", revision, "k", &changed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("没有开放"), "{}", refused.text());
    let mut changed = tree.clone();
    changed["problems"][0]["cause"] = json!("原因是人员不足，培训没有跟上。");
    assert_eq!(round.put(&writer, "A1", revision, "k2", &changed).await.status, StatusCode::OK);
    let mut other = changed.clone();
    other["preface"] = json!(["改了导语。"]);
    let path = "/api/collections/{}/units/A1/versions?base=1&reason=x";
    let refused = round.send(&writer, "POST", path, "application/json", other.to_string()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    let sent = round.send(&writer, "POST", path, "application/json", changed.to_string()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    // Somebody who looked at the first version does not overwrite the second.
    let path = "/api/collections/{}/units/A1/versions?base=0&reason=x";
    let stale = round.send(&writer, "POST", path, "application/json", changed.to_string()).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
}

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let other = round.visitor("乙某", Role::Writer, &["B2"]).await;
    let observer = round.visitor("丙某", Role::Observer, &["A1"]).await;
    let path = "/api/collections/{}/units/A1/versions?base=0&reason=x";
    let sent = round.send(&writer, "POST", path, "application/yaml", minimal()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    for path in [
        "/collections/{}/units/A1/draft",
        "/api/collections/{}/units/A1/draft",
        "/api/collections/{}/units/A1/draft/history",
        "/api/collections/{}/units/A1/versions",
        "/collections/{}/units/A1/versions/1/public",
        "/collections/{}/units/A1/versions/1/input",
    ] {
        assert_eq!(round.get(&other, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(round.put(&other, "A1", 1, "k", &whole()).await.status, StatusCode::NOT_FOUND);
    let sent = round.send(&other, "POST", path, "application/yaml", minimal()).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
    let seen = round.get(&observer, "/collections/{}/units/A1/versions/1/public").await;
    assert_eq!(seen.status, StatusCode::OK);
    let refused = round.get(&observer, "/collections/{}/units/A1/draft").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for path in [
        "/collections/{}/units/A1/versions/2/public",
        "/collections/{}/units/A1/versions/x/public",
        "/collections/{}/units/A1/versions/1/secret",
        "/collections/none/units/A1/draft",
    ] {
        assert_eq!(round.get(&writer, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let place = DraftPlace { collection: &round.collection, unit: "B2" };
    assert!(round.office.drafts.current(place).await.is_err(), "nothing was begun by asking");
}

#[tokio::test]
async fn a_file_is_submitted_from_the_page() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let upload = |name: &str, text: &str, reason: &str| {
        format!(
            "--e\r\nContent-Disposition: form-data; name=\"_version\"\r\n\r\n0\r\n--e\r\n\
             Content-Disposition: form-data; name=\"report\"; filename=\"{name}\"\r\n\r\n{text}\r\n--e\r\n\
             Content-Disposition: form-data; name=\"_reason\"\r\n\r\n{reason}\r\n--e--\r\n"
        )
    };
    let form = "multipart/form-data; boundary=e";
    let path = "/collections/{}/units/A1/submit";
    let last_year = minimal().replace("year: 2024", "year: 2023");
    let refused = round.send(&writer, "POST", path, form, upload("旧.yaml", &last_year, "x")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("这份报告的年度是"), "{}", refused.text());
    let sent = round.send(&writer, "POST", path, form, upload("报告.yaml", &minimal(), "x")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let other = upload("报告.yaml", &minimal(), "x")
        .replace("--e--", "--e\r\nContent-Disposition: form-data; name=\"_do\"\r\n\r\ntake\r\n--e--");
    let locked = round.send(&writer, "POST", path, form, other.clone()).await;
    assert_eq!(locked.status, StatusCode::CONFLICT, "{}", locked.text());
    let second = round.visitor("乙某", Role::Writer, &["B2"]).await;
    let taken = round.send(&second, "POST", "/collections/{}/units/B2/submit", form, other).await;
    assert!(taken.header("location").ends_with("/B2/draft?done=taken"), "{}", taken.text());
    assert_eq!(round.tree(&second, "B2").await.1["measures"][0]["heading"], "规范行政执法");
    // The draft says what was submitted.
    let (_, tree) = round.tree(&writer, "A1").await;
    assert_eq!(tree["issuer"]["name"], "云州市临江区人民政府");
    for (name, text) in [("空.yaml", ""), ("坏.docx", "PK\u{3}\u{4}xxxx"), ("甲.txt", "\u{0}\u{1}")] {
        let answer = round.send(&writer, "POST", path, form, upload(name, text, "")).await;
        assert!(answer.status.is_client_error(), "{name}: {}", answer.status);
    }
}

/// While two texts stand for one field nothing is submitted, by whatever way, and it is said which fields.
#[tokio::test]
async fn what_two_wrote_otherwise_is_chosen_before_anything_is_submitted() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (base, _) = round.tree(&writer, "A1").await;
    let first = round.put(&writer, "A1", base, "k1", &whole()).await.json()["revision"].as_i64().unwrap();
    for (key, words) in [("k2", "甲写的"), ("k3", "乙写的")] {
        let tree = json!({ "title": words, "notes": words });
        let tree = tree.as_object().unwrap().iter().fold(whole(), |mut all, (field, text)| {
            all[field] = text.clone();
            all
        });
        assert_eq!(round.put(&writer, "A1", first, key, &tree).await.status, StatusCode::OK);
    }
    let api = "/api/collections/{}/units/A1";
    let open = round.get(&writer, &format!("{api}/draft")).await.json();
    let labels: Vec<&str> =
        open["conflicts"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels.len(), 2, "{open}");

    let report = whole();
    let book =
        nianbao::intake::workbook::write(&[read(&minimal())], nianbao::indicators::IndicatorList::built_in());
    let book = book.unwrap();
    let mut upload = b"--e\r\nContent-Disposition: form-data; name=\"_version\"\r\n\r\n0\r\n\
        --e\r\nContent-Disposition: form-data; name=\"_reason\"\r\n\r\nx\r\n\
        --e\r\nContent-Disposition: form-data; name=\"report\"; filename=\"a.xlsx\"\r\n\r\n"
        .to_vec();
    upload.extend(&book);
    upload.extend(b"\r\n--e--\r\n");
    let revision = open["revision"].to_string();
    let posted =
        form(&open["tree"], &[("_base", &revision), ("_version", "0"), ("_do", "submit"), ("_reason", "x")]);
    let (page, versions) = ("/collections/{}/units/A1/submit", format!("{api}/versions?base=0&reason=x"));
    let ways = [
        (page, "multipart/form-data; boundary=e", Body::from(upload)),
        (page, FORM, Body::from(posted)),
        (&*versions, "application/json", Body::from(report.to_string())),
        (&*format!("{versions}&name=a.xlsx"), "application/octet-stream", Body::from(book)),
    ];
    for (path, media_type, body) in ways {
        let refused = round.send(&writer, "POST", path, media_type, body).await;
        let said = refused.text();
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path} {media_type}: {said}");
        assert!(
            labels.iter().all(|label| said.contains(label)) && said.contains("没有选定"),
            "{path}: {said}"
        );
    }
    let after = round.get(&writer, &format!("{api}/draft")).await.json();
    assert_eq!((&after["revision"], &after["conflicts"]), (&open["revision"], &open["conflicts"]));
    // Nor where it comes about at the last moment.
    let (input, files, somebody) = (report.to_string(), VersionFiles::default(), doer());
    let version = NewVersion {
        input: &input,
        base: 0,
        way: VersionWay::Workbook,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: 10,
        files: &files,
    };
    let occasion = Occasion { doer: &somebody, at: now(), today: day("2025-01-10") };
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    let refused = round.office.collections.submit(&place, &version, &occasion).await.unwrap_err();
    assert!(matches!(refused, CollectionRefusal::Unsettled(open) if open == labels));
    assert!(round.office.collections.versions(&place).await.unwrap().is_empty());
    assert_eq!(round.office.collections.submission(&place).await.unwrap().state.word(), "writing");

    for one in open["conflicts"].as_array().unwrap() {
        let path = format!("{api}/draft/conflicts/{}", one["id"].as_str().unwrap());
        let choice = json!({ "choice": "theirs" }).to_string();
        let settled = round.send(&writer, "POST", &path, "application/json", choice).await;
        assert_eq!(settled.status, StatusCode::OK, "{}", settled.text());
    }
    let sent = round.send(&writer, "POST", &versions, "application/json", report.to_string()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
}

/// Whoever is killed between the steps of submitting has left no half version.
#[tokio::test]
async fn the_store_comes_first_and_the_database_last() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (revision, _) = round.tree(&writer, "A1").await;
    let place = SubmissionPlace { collection: &round.collection, unit: "A1" };
    // As far as the files, and no further.
    let kept = round.jobs.keep_document(&round.collection, "A1", b"%PDF-1.7".to_vec()).await.unwrap();
    assert_eq!(round.jobs.document(&kept.place, &kept.sha256).await.unwrap().unwrap(), b"%PDF-1.7"[..]);
    assert!(round.office.collections.versions(&place).await.unwrap().is_empty());
    let missing = round.get(&writer, "/collections/{}/units/A1/versions/1/public").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    // Then it is done again from the beginning.
    assert_eq!(round.put(&writer, "A1", revision, "k", &whole()).await.status, StatusCode::OK);
    let path = "/api/collections/{}/units/A1/versions?base=0";
    let sent = round.send(&writer, "POST", path, "application/json", whole().to_string()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    assert_eq!(round.office.collections.versions(&place).await.unwrap().len(), 1);
    // Nobody names a place outside of it.
    for place in ["batches/x/upload.zip", "../nianbao.db", "collections//x", "/etc/passwd"] {
        assert!(round.jobs.document(place, &kept.sha256).await.is_err(), "{place}");
    }
}

#[tokio::test]
async fn what_two_made_of_a_tree_is_merged_without_saving() {
    let round = Round::start().await;
    let writer = round.visitor("甲某", Role::Writer, &["A1"]).await;
    let (revision, base) = round.tree(&writer, "A1").await;
    let (mut mine, mut theirs) = (base.clone(), base.clone());
    mine["title"] = json!("甲的标题");
    theirs["title"] = json!("乙的标题");
    theirs["preface"] = json!(["开头的话。"]);
    let body = json!({ "base": base, "mine": mine, "theirs": theirs }).to_string();
    let path = "/api/collections/{}/units/A1/draft/merge";
    let answer = round.send(&writer, "POST", path, "application/json", body).await.json();
    assert_eq!(answer["tree"]["title"], "乙的标题");
    assert_eq!(answer["conflicts"][0]["mine_shown"], "甲的标题");
    assert_eq!(round.tree(&writer, "A1").await.0, revision);
}
