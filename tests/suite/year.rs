//! A whole year in the browser, on either database: a bureau sets up twelve units, three of them import, write,
//! differ and submit, a leader signs, a reviewer returns one with words at two fields and accepts, the collection
//! is closed with one missing, the archive names it, and the next year begins from this one.

use std::io::{Cursor, Read};

use nianbao::accounts::Role;
use nianbao::audit::Doer;
use nianbao::collections::drafts::{DraftChange, DraftPlace};
use nianbao::collections::{
    MoveWish, NewVersion, Occasion, SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::database::DatabasePlace;
use nianbao_office::Office;

use super::manual::{PICTURED, is_update};
use super::*;
use crate::drafts::{now, session};
use crate::files::word_of;
use crate::postgres::Postgres;
use crate::workbench::{minimal, read};

/// The districts whose governments are asked.
const DISTRICTS: [&str; 12] = [
    "临江区",
    "望山县",
    "青石镇",
    "白沙区",
    "双河县",
    "古塔区",
    "云岭县",
    "金桥区",
    "花溪区",
    "平湖县",
    "枫桥镇",
    "龙泉区",
];

fn unit_name(district: &str) -> String {
    format!("云州市{district}人民政府")
}

/// A report of a district without errors and warnings.
fn report(district: &str) -> String {
    minimal().replace("临江区", district)
}

/// The same as an office writes it, in a Word document.
fn document(district: &str) -> Vec<u8> {
    let unit = unit_name(district);
    word_of(&[
        &format!("{unit}2024年法治政府建设年度报告"),
        &format!("2024年，{district}依法行政。"),
        "一、主要举措和成效",
        "（一）规范行政执法",
        "全年办理行政复议案件386件。",
        "二、存在的不足和原因",
        "一是部分单位学法用法不够经常，主要原因是考核没有跟上。",
        "三、第一责任人履职情况",
        "（一）带头学法",
        "主要负责人主持学法4次。",
        "四、2025年主要安排",
        "（一）抓学用结合",
        "2025年，完善学法考核。",
        &unit,
        "2025年2月18日",
    ])
}

/// The year and those who take part in it.
struct Year {
    desk: Desk,
    office: Office,
    /// The path of the collection's page.
    collection: String,
}

impl Year {
    async fn begin(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let place = match &database {
            Some(url) => DatabasePlace::Url(url.clone()),
            None => DatabasePlace::File(folder.path().join("data/nianbao.db")),
        };
        let mut arguments = vec!["--accounts"];
        if let Some(url) = &database {
            arguments.extend(["--database", url]);
        }
        let desk = Desk::before(PICTURED, folder, &arguments).await;
        Self { desk, office: Office::open(&place).await.unwrap(), collection: String::new() }
    }

    /// What somebody sees, in a window of 1440 pixels and on a telephone, for the manual.
    async fn pictures(&self, name: &str) {
        if !is_update() {
            return;
        }
        self.desk.ask("window.scrollTo(0, 0)").await;
        self.desk.picture(name).await;
        self.resize(390, 844, 1.0).await;
        self.desk.picture(&format!("{name}-narrow")).await;
        self.resize(PICTURED.width, 900, PICTURED.scale).await;
    }

    /// As wide as that, to the screen.
    async fn resize(&self, width: u32, height: u32, scale: f32) {
        let window = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.desk.browser.cdp().send_raw("Emulation.setDeviceMetricsOverride", window).await.unwrap();
    }

    /// The pages of the version that is looked at have come.
    async fn has_pages(&self) {
        let first = "document.querySelector('#pages .sheet img')";
        self.desk.until(&format!("{first} && {first}.complete && {first}.naturalWidth > 100")).await;
    }

    /// A version's pages are seen beside its fields, on a narrow screen above them, and lead to one another.
    async fn pages_stand_beside(&self, field: &str) {
        self.has_pages().await;
        let beside = "const pages = document.getElementById('version-pages').getBoundingClientRect();
            const said = document.getElementById('version').getBoundingClientRect();";
        let is_beside =
            self.desk.ask(&format!("{beside} return pages.left >= said.right && pages.width > 400")).await;
        assert_eq!(is_beside, true, "beside one another at {}", PICTURED.width);
        self.resize(390, 844, 1.0).await;
        let is_above =
            self.desk.ask(&format!("{beside} return pages.bottom <= said.top && pages.width > 300")).await;
        assert_eq!(is_above, true, "one above the other at 390");
        self.desk.fits(390).await;
        self.resize(PICTURED.width, 900, PICTURED.scale).await;

        self.desk.press(&format!("#version dt[data-field='{field}'] .to-page")).await;
        let mark = "document.querySelector('#pages .page-mark')";
        self.desk.until(mark).await;
        let is_seen = format!(
            "const box = {mark}.getBoundingClientRect(), frame = document.getElementById('pages').getBoundingClientRect();
             return box.top >= frame.top && box.bottom <= frame.bottom"
        );
        assert_eq!(self.desk.ask(&is_seen).await, true, "the place of {field} is in sight");
        let click = format!(
            "const box = {mark}.getBoundingClientRect();
             document.querySelector('dt[data-field]').focus();
             {mark}.parentElement.dispatchEvent(new MouseEvent('click',
                 {{ bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }}))"
        );
        self.desk.ask(&click).await;
        assert_eq!(self.desk.text("return document.activeElement.dataset.field").await, field);
    }

    /// What a control has, typed or not.
    async fn fill(&self, controls: &[(&str, &str)]) {
        for (id, text) in controls {
            self.desk.control(id).await;
            let fill = "document.getElementById(arguments[0]).value = arguments[1]";
            self.desk.browser.execute(fill, vec![json!(id), json!(text)]).await.unwrap();
        }
    }

    /// Presses what leads to another page, and waits for it.
    async fn leave(&self, css: &str) {
        self.desk.ask("window.before = true").await;
        // What is folded away cannot be pressed.
        self.desk.ask("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
        self.desk.press(css).await;
        self.desk.until("!window.before && document.readyState === 'complete'").await;
    }

    async fn path(&self) -> String {
        self.desk.text("return location.pathname").await
    }

    async fn shows(&self, words: &str) {
        let page = self.desk.text("return document.querySelector('main').textContent").await;
        assert!(page.contains(words), "{words} is not on {}: {page}", self.path().await);
    }

    /// Becomes somebody else, or nobody.
    async fn become_other(&self, token: Option<&str>) {
        self.desk.go("/login").await;
        self.desk.browser.delete_all_cookies().await.unwrap();
        if let Some(token) = token {
            self.desk.browser.add_cookie(Cookie::new("nianbao", token)).await.unwrap();
        }
    }

    async fn go_to_unit(&self, unit: &str, below: &str) {
        self.desk.go(&format!("{}/units/{unit}{below}", self.collection)).await;
    }

    /// Whoever sets it up: the first administrator, the units, the collection; the ways in as they were given out.
    async fn set_up(&mut self) -> Vec<[String; 3]> {
        let served = self.desk.served.as_mut().unwrap();
        let link = served.line_with("/welcome/");
        let path = link.trim().split_once("/welcome/").unwrap().1.to_owned();
        self.desk.go(&format!("/welcome/{path}")).await;
        self.fill(&[
            ("login_name", "zhou"),
            ("name", "周<b>某"),
            ("password", "correct horse 电池"),
            ("again", "correct horse 电池"),
        ])
        .await;
        self.leave("main form .button-primary").await;

        self.desk.go("/roster").await;
        let rows = DISTRICTS.iter().enumerate();
        let rows =
            rows.map(|(at, district)| format!("U{at:02}\t{}\t李某\t0571-8888{at:04}", unit_name(district)));
        let list = ["单位代码\t单位名称\t联系人\t联系电话".to_owned()].into_iter().chain(rows);
        self.fill(&[("list", &list.collect::<Vec<_>>().join("\n"))]).await;
        self.leave("form[action='/roster'] .button-primary").await;
        self.shows("读出 12 个单位").await;
        self.desk
            .ask("document.querySelectorAll('input[value=two]').forEach((one) => { one.checked = true })")
            .await;
        self.leave("form[action='/roster/list'] .button-primary").await;

        self.desk.go("/collections").await;
        self.fill(&[("year", "2024"), ("due_on", "2099-01-31")]).await;
        self.desk.press("#needs_sign_off").await;
        self.leave("form[action='/collections'] .button-primary").await;
        self.collection = self.path().await;
        self.desk.go(&format!("{}/units", self.collection)).await;
        self.leave("[value='all']").await;
        self.desk.go(&self.collection).await;
        self.leave("[value='open']").await;
        self.shows("征集中").await;
        self.desk.is_for_everyone("the board").await;
        self.pictures("round-administrator").await;

        self.desk.ask("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
        self.desk.press("form[action$='/entrances'] button").await;
        let entrances = std::fs::read(self.desk.downloaded("入口.xlsx").await).unwrap();
        let words = words_of(&entrances);
        let at = |link: usize| [-2_isize, 0, 1].map(|from| words[link.strict_add_signed(from)].clone());
        let links = words.iter().enumerate().filter(|(_, word)| word.contains("/enter/"));
        links.map(|(link, _)| at(link)).collect()
    }

    /// Somebody of a unit comes in by its link and code.
    async fn come_in(&self, [_, link, code]: &[String; 3], name: &str) {
        self.become_other(None).await;
        self.desk.go(&format!("/enter/{}", link.split_once("/enter/").unwrap().1)).await;
        self.fill(&[("code", &code.to_lowercase()), ("name", name)]).await;
        self.leave("main form .button-primary").await;
    }

    /// Submits what stands in the draft.
    async fn submit(&self, unit: &str, state: &str) {
        self.go_to_unit(unit, "/draft").await;
        self.desk.settled().await;
        self.leave("[value='submit']").await;
        self.shows(state).await;
    }

    fn place<'a>(&'a self, unit: &'a str) -> SubmissionPlace<'a> {
        SubmissionPlace { collection: self.collection.rsplit('/').next().unwrap(), unit }
    }

    /// What a unit does that nobody watches.
    async fn is_submitted(&self, unit: &str, district: &str) {
        let doer = Doer { name: "吴某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() };
        let occasion = Occasion { doer: &doer, at: now(), today: "2025-01-10".parse().unwrap() };
        let input = serde_json::to_string(&read(&report(district))).unwrap();
        let version = NewVersion {
            input: &input,
            base: 0,
            way: VersionWay::Form,
            import: None,
            findings: &[],
            warning_reason: "",
            characters: 100,
            files: &VersionFiles::default(),
        };
        let place = self.place(unit);
        self.office.collections.submit(&place, &version, &occasion).await.unwrap();
        let wish = MoveWish { version: Some(1), ..MoveWish::default() };
        for step in [SubmissionMove::Sign, SubmissionMove::Take, SubmissionMove::Accept] {
            self.office.collections.step(&place, step, &wish, &occasion).await.unwrap();
        }
    }
}

/// The texts of a workbook in their order.
fn words_of(workbook: &[u8]) -> Vec<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut shared = String::new();
    archive.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut shared).unwrap();
    let texts = shared.split("<si>").skip(1).filter_map(|item| item.split("</t>").next());
    texts.filter_map(|item| Some(item.split_once('>')?.1.to_owned())).collect()
}

/// All that is text in an archive.
fn texts_of(archive: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut texts = String::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        if name.ends_with(".json") || name.ends_with(".csv") || name.ends_with(".txt") {
            file.read_to_string(&mut texts).unwrap();
        }
    }
    texts
}

async fn goes_round(database: Option<String>) {
    let mut year = Year::begin(database).await;
    let entrances = year.set_up().await;
    assert_eq!(entrances.len(), 12, "each unit has a way in: {entrances:?}");
    let entrance = |unit: &str| entrances.iter().find(|one| one[0] == unit).unwrap().clone();

    // One hands in what it has in a Word document: read into the draft, looked at, completed, submitted.
    let file = year.desk.folder.path().join("报告.docx");
    std::fs::write(&file, document(DISTRICTS[0])).unwrap();
    year.come_in(&entrance("U00"), "赵<i>某").await;
    year.go_to_unit("U00", "/draft").await;
    year.desk.element("#submitted-file").await.send_keys(file.to_string_lossy()).await.unwrap();
    year.leave("[value='take']").await;
    year.desk.settled().await;
    assert_eq!(year.desk.value("measures[0].heading").await, "规范行政执法");
    assert_eq!(year.desk.value("duties[0].body[0].text").await, "主要负责人主持学法4次。");
    year.desk.write("plans[0].answers", "1").await;
    year.desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    year.submit("U00", "待审签").await;

    // One writes, while a colleague does, too; where they differ both texts are there, and one is chosen.
    year.come_in(&entrance("U01"), "钱某").await;
    year.go_to_unit("U01", "/draft").await;
    year.desk.settled().await;
    let collection = year.collection.rsplit('/').next().unwrap().to_owned();
    let place = DraftPlace { collection: &collection, unit: "U01" };
    // Nobody has a draft to write in before the first one has written.
    year.desk.write("notes", "先写的附注").await;
    year.desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    let before = year.office.drafts.current(place).await.unwrap();
    let mut tree = serde_json::to_value(read(&report(DISTRICTS[1]))).unwrap();
    tree["notes"] = json!("同事写的附注");
    let change = DraftChange { key: "k1", base: before.revision, tree: &tree, by: "孙某" };
    year.office.drafts.save(place, change, now()).await.unwrap();
    year.desk.write("notes", "我写的附注").await;
    year.desk.until("document.querySelector('#conflicts').textContent.includes('我写的附注')").await;
    year.desk.until("document.querySelector('#conflicts').textContent.includes('同事写的附注')").await;
    year.pictures("round-writer").await;
    year.desk.press("#conflicts button:last-of-type").await;
    year.desk.until("!document.querySelector('#conflicts .conflict')").await;
    year.desk.until("document.getElementById('notes').value === '我写的附注'").await;
    year.submit("U01", "待审签").await;

    // And one hands a file in as it is.
    let file = year.desk.folder.path().join("报告.yaml");
    std::fs::write(&file, report(DISTRICTS[2])).unwrap();
    year.come_in(&entrance("U02"), "李某").await;
    year.go_to_unit("U02", "/draft").await;
    year.desk.element("#submitted-file").await.send_keys(file.to_string_lossy()).await.unwrap();
    year.leave("form[enctype] button:not([name])").await;
    year.shows("待审签").await;

    // The leader of all three signs what he sees.
    let signer = session(&year.office, "周某", Role::Signer, &["U00", "U01", "U02"]).await;
    year.become_other(Some(&signer)).await;
    for unit in ["U00", "U01", "U02"] {
        year.go_to_unit(unit, "").await;
        year.desk.is_for_everyone("what is signed").await;
        year.leave("[value='sign']").await;
        year.shows("待审核").await;
    }

    // The reviewer sends one back with words at two fields, and takes the others.
    let reviewer = session(&year.office, "郑某", Role::Reviewer, &[]).await;
    year.become_other(Some(&reviewer)).await;
    for unit in ["U01", "U02"] {
        year.go_to_unit(unit, "").await;
        year.leave("[value='accept']").await;
        year.shows("已通过").await;
    }
    year.go_to_unit("U00", "").await;
    year.leave("[value='take']").await;
    year.pages_stand_beside("problems[0].cause").await;
    year.desk.is_for_everyone("a submission under review").await;
    for (field, words) in [("problems", "原因请写具体些"), ("duties", "请补充听取汇报的情况")]
    {
        year.desk.ask("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
        year.fill(&[("path", field), ("comment-text", words)]).await;
        year.leave("[value='comment']").await;
        year.shows(words).await;
    }
    year.has_pages().await;
    year.pictures("round-reviewer").await;
    year.leave("[value='return']").await;
    year.shows("已退回").await;

    // The words stand where they belong; it is mended, handed in again, signed and taken.
    year.come_in(&entrance("U00"), "赵<i>某").await;
    year.go_to_unit("U00", "/draft").await;
    year.desk.settled().await;
    year.shows("原因请写具体些").await;
    year.shows("请补充听取汇报的情况").await;
    year.desk.write("problems[0].cause", "年度学法计划没有列入考核").await;
    year.desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    year.submit("U00", "待审签").await;
    year.become_other(Some(&signer)).await;
    year.go_to_unit("U00", "?view=changes").await;
    year.has_pages().await;
    year.pictures("round-signer").await;
    year.shows("年度学法计划没有列入考核").await;
    year.leave("[value='sign']").await;
    year.become_other(Some(&reviewer)).await;
    year.go_to_unit("U00", "").await;
    year.leave("[value='accept']").await;
    year.shows("已通过").await;

    // All but the last come in; it is closed without that one, which the archive names.
    for (at, district) in DISTRICTS.iter().enumerate().take(11).skip(3) {
        year.is_submitted(&format!("U{at:02}"), district).await;
    }
    year.desk.go(&year.collection).await;
    year.fill(&[("close-reason", "龙泉区说明了情况，先汇总")]).await;
    year.leave("[value='close']").await;
    year.shows("已结束").await;
    year.desk.go(&format!("{}/archive", year.collection)).await;
    year.shows(&unit_name(DISTRICTS[11])).await;
    year.leave("[value='archive']").await;
    year.desk.until("document.querySelector('a[href$=\"result.zip\"]')").await;
    year.desk.press("a[href$='result.zip']").await;
    let archive = std::fs::read(year.desk.downloaded(".zip").await).unwrap();
    let texts = texts_of(&archive);
    assert!(texts.contains(&unit_name(DISTRICTS[11])), "the missing one is named: {texts}");

    // The next year begins from this one.
    year.desk.go("/collections").await;
    year.fill(&[("year", "2025"), ("due_on", "2099-12-31"), ("previous", &collection)]).await;
    year.leave("form[action='/collections'] .button-primary").await;
    year.collection = year.path().await;
    year.leave("[value='open']").await;
    year.shows("共 12 个").await;
    year.go_to_unit("U01", "/draft").await;
    year.desk.settled().await;
    assert_eq!(year.desk.value("year").await, "2025");
    assert_eq!(year.desk.value("issuer.name").await, unit_name(DISTRICTS[1]));
    year.desk.close().await;
}

#[tokio::test]
async fn a_year_goes_round_on_sqlite() {
    goes_round(None).await;
}

#[tokio::test]
async fn a_year_goes_round_on_postgresql() {
    let server = Postgres::start();
    goes_round(Some(server.url("postgres"))).await;
}
