//! The form in a real browser: Debian's Chromium, driven as a person would use it. `make test`
//! installs the browser and fetches axe-core, which says where a page shuts people out.

#[path = "form_at_ease.rs"]
mod form_at_ease;
#[path = "live_board.rs"]
mod live_board;
#[path = "manual.rs"]
mod manual;
#[path = "shared_draft.rs"]
mod shared_draft;
#[path = "web_page.rs"]
mod web_page;
#[path = "year.rs"]
mod year;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use nianbao::input::{Format, read};
use nianbao::language::invisible::is_invisible;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::Capabilities;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use tokio::sync::{Mutex, MutexGuard};

use crate::http::Served;
use crate::pdf::Document;
use crate::word::rewritten;
use crate::workbench::{of_tests, sample};

/// How long a page may take to do something before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser needs a core of its own; they take turns.
static TURN: LazyLock<Mutex<()>> = LazyLock::new(|| Mutex::new(()));

/// How a browser is set up.
#[derive(Clone, Copy)]
struct Setup {
    width: u32,
    scripts: bool,
    dark: bool,
    /// Pixels of a picture to one of the window.
    scale: f32,
}

const WIDE: Setup = Setup { width: 1440, scripts: true, dark: false, scale: 1.0 };

/// A service, a browser before it, and where its downloads go.
struct Desk {
    browser: WebDriver,
    served: Option<Served>,
    address: String,
    folder: TempDir,
    _driver: Driver,
    _turn: MutexGuard<'static, ()>,
}

/// The process that drives the browser; both end with it.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts one. The port that it takes may be another's by the time it listens; then it ends, and is started
    /// again.
    fn start() -> Self {
        const TRIES: usize = 10;
        (0..TRIES).find_map(|_| Self::try_to_start()).expect("chromedriver says its port")
    }

    fn try_to_start() -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver, which `make test` installs");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        if port.is_none() {
            child.wait().unwrap();
        }
        Some(Self { child, address: format!("http://127.0.0.1:{}", port?) })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to end, it closes its browsers; killed, it would leave them.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Whether what was found on the page is there no more.
fn is_stale(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::StaleElementReference(_))
}

impl Desk {
    async fn open(setup: Setup, path: &str) -> Self {
        let desk = Self::before(setup, tempfile::tempdir().unwrap(), &[]).await;
        desk.go(path).await;
        desk
    }

    /// One before a service of this folder, that has gone nowhere yet.
    async fn before(setup: Setup, folder: TempDir, more: &[&str]) -> Self {
        let turn = TURN.lock().await;
        let served = Served::start_at(folder.path(), "127.0.0.1:0", more);
        let address = served.address.clone();
        let driver = Driver::start();
        let browser = WebDriver::new(&driver.address, capabilities(setup, folder.path())).await.unwrap();
        browser.set_script_timeout(Duration::from_secs(300)).await.unwrap();
        Self { browser, served: Some(served), address, folder, _driver: driver, _turn: turn }
    }

    async fn go(&self, path: &str) {
        self.browser.goto(format!("http://{}{path}", self.address)).await.unwrap();
    }

    /// What a script in the page gives back.
    async fn ask(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::<Value>::new()).await.unwrap().json().clone()
    }

    async fn text(&self, script: &str) -> String {
        self.ask(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script says true.
    async fn until(&self, what: &str) {
        let start = Instant::now();
        let script = format!("try {{ return Boolean({what}) }} catch (error) {{ return false }}");
        // A page that is just being left answers nothing.
        let says = async || {
            let said = self.browser.execute(script.as_str(), Vec::<Value>::new()).await;
            said.is_ok_and(|said| *said.json() == json!(true))
        };
        while !says().await {
            let shown = || self.ask("return document.querySelector('main').textContent");
            assert!(start.elapsed() < PATIENCE, "in vain: {what}\nthe page: {}", shown().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// An element, when it has come.
    async fn element(&self, css: &str) -> WebElement {
        let start = Instant::now();
        loop {
            match self.browser.find(By::Css(css)).await {
                Ok(element) => return element,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{css}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn control(&self, path: &str) -> WebElement {
        self.element(&format!("[id='{path}'], [name='{path}']")).await
    }

    async fn write(&self, path: &str, text: &str) {
        // What is rare is folded until somebody opens it. Where scripts are off nothing here is.
        let unfold = "for (let at = document.getElementById(arguments[0]); at; at = at.parentElement) if (at.matches('details')) at.open = true";
        let _ = self.browser.execute(unfold, vec![json!(path)]).await;
        let control = self.control(path).await;
        control.clear().await.unwrap();
        control.send_keys(text).await.unwrap();
    }

    async fn value(&self, path: &str) -> String {
        self.text(&format!("return document.getElementById('{path}').value")).await
    }

    /// Presses a button as a person would, wherever the page is scrolled to, and though it is drawn anew meanwhile.
    async fn press(&self, css: &str) {
        let start = Instant::now();
        loop {
            let button = self.element(css).await;
            let center = "arguments[0].scrollIntoView({ block: 'center' })";
            let shown = self.browser.execute(center, vec![button.to_json().unwrap()]).await;
            let pressed = match shown {
                Ok(_) => button.click().await,
                Err(error) => Err(error),
            };
            match pressed {
                Ok(()) => return,
                Err(error) if is_stale(&error) && start.elapsed() < PATIENCE => {}
                Err(error) => panic!("{css}: {error}"),
            }
        }
    }

    /// The same where scripts are off, those of the driver too.
    async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap();
    }

    /// The same of a button that the form answers anew, waited for until all of it has come.
    async fn turn(&self, css: &str) {
        let before = self.element("html").await;
        self.click(css).await;
        let start = Instant::now();
        while before.tag_name().await.is_ok() {
            assert!(start.elapsed() < PATIENCE, "no page answers {css}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Its last part.
        self.element(".without-script").await;
    }

    /// Types a key where the cursor stands, though what has it is drawn anew meanwhile.
    async fn key(&self, keys: impl Into<TypingData>) {
        let keys = String::from_iter(keys.into().as_vec());
        let start = Instant::now();
        loop {
            let typed = match self.browser.active_element().await {
                Ok(active) => active.send_keys(keys.as_str()).await,
                Err(error) => Err(error),
            };
            match typed {
                Ok(()) => return,
                Err(error) if is_stale(&error) && start.elapsed() < PATIENCE => {}
                Err(error) => panic!("a key where the cursor stands: {error}"),
            }
        }
    }

    async fn pick_from_menu(&self, choice: &str) {
        self.press("#menu-button").await;
        self.press(&format!("[data-menu='{choice}']")).await;
    }

    /// The pages are those of what stands in the form now.
    async fn settled(&self) {
        self.until("document.getElementById('pages').getAttribute('aria-busy') === 'false'").await;
        self.until("document.querySelector('.sheet') && !document.querySelector('.is-stale')").await;
        self.until("Array.from(document.querySelectorAll('.sheet img')).every((page) => page.complete)")
            .await;
    }

    /// A file that the browser has saved, when it has.
    async fn downloaded(&self, ending: &str) -> PathBuf {
        let start = Instant::now();
        loop {
            let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
            // Until it is whole, its name stands for an empty file.
            let is_whole = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
            let named = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
            if let Some(file) = files.into_iter().find(|path| named(path) && is_whole(path)) {
                return file;
            }
            assert!(start.elapsed() < PATIENCE, "no download ends in {ending}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Fails where the page shuts people out.
    async fn is_for_everyone(&self, what: &str) {
        let axe = std::fs::read_to_string(of_tests("npm/axe-core/axe.min.js"));
        self.ask(&axe.expect("axe-core, which `make test` fetches")).await;
        let run = "const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map(
                (one) => [one.impact, one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))])));";
        let found = self.browser.execute_async(run, Vec::<Value>::new()).await.unwrap().json().clone();
        let grave = |one: &&Value| matches!(one[0].as_str(), Some("serious" | "critical"));
        let grave: Vec<&Value> = found.as_array().unwrap().iter().filter(grave).collect();
        assert!(grave.is_empty(), "{what}: {grave:#?}");
    }

    async fn close(self) {
        self.browser.quit().await.unwrap();
    }
}

fn capabilities(setup: Setup, downloads: &Path) -> Capabilities {
    let scripts = if setup.scripts { 1 } else { 2 };
    let mut arguments = vec!["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=zh-CN"];
    if setup.dark {
        arguments.push("--blink-settings=preferredColorScheme=0");
    }
    let options = json!({
        "args": arguments,
        // Narrower than a window can be made.
        "mobileEmulation": { "deviceMetrics": { "width": setup.width, "height": 900, "pixelRatio": setup.scale, "mobile": false, "touch": false } },
        "prefs": {
            "download.default_directory": downloads,
            "profile.managed_default_content_settings.javascript": scripts,
        },
    });
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
    let Value::Object(all) = all else { unreachable!("written as an object") };
    all.into()
}

/// From an empty form to the PDF, as someone who has never seen the program.
#[tokio::test]
async fn an_empty_form_becomes_a_pdf() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let before = desk.text("return document.querySelector('.sheet img').dataset.hash").await;
    desk.write("year", "2024").await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.press("[value='add measures']").await;
    desk.write("measures[0].heading", "规范行政执法").await;
    desk.press("[value='add measures[0].body']").await;
    desk.write("measures[0].body[0].text", "全年办结行政处罚案件326件，较上年的310件增长5.16%。").await;
    desk.press("[value='add problems']").await;
    desk.write("problems[0].problem", "部分执法人员业务不熟").await;
    desk.write("problems[0].cause", "培训偏重课堂讲授").await;
    desk.press("[value='add duties']").await;
    desk.write("duties[0].heading", "带头履行职责").await;
    desk.press("[value='add duties[0].body']").await;
    desk.write("duties[0].body[0].text", "区委、区政府主要负责人听取法治政府建设情况汇报4次。").await;
    desk.press("[value='add plans']").await;
    desk.write("plans[0].heading", "加强执法培训").await;
    desk.write("plans[0].answers", "1").await;
    desk.press("[value='add plans[0].body']").await;
    desk.write("plans[0].body[0].text", "对执法人员分类轮训，重点开展案例研讨和旁听庭审。").await;
    desk.write("signature.date", "2025年2月18日").await;
    desk.settled().await;
    // Page 1 is another, and what is being written is marked on it.
    assert_ne!(desk.text("return document.querySelector('.sheet img').dataset.hash").await, before);
    desk.control("measures[0].heading").await.send_keys("，优化服务").await.unwrap();
    desk.until("document.querySelector('.page-mark')").await;
    desk.settled().await;
    desk.press("[value='pdf']").await;
    let pdf = Document::read(std::fs::read(desk.downloaded(".pdf").await).unwrap());
    for words in ["规范行政执法，优化服务", "培训偏重课堂讲授", "2025年2月18日"] {
        assert!(pdf.text().contains(words), "{words} is not in the PDF");
    }
    // The browser had nothing to complain about, and asked nobody else.
    let mut log = desk.browser.browser_log().await.unwrap();
    // Between two figures of a year there is no report to show.
    log.retain(|entry| !entry.message.contains("status of 422"));
    assert!(log.is_empty(), "{log:?}");
    let elsewhere = "return performance.getEntries().map((one) => one.name).filter((name) => /^https?:/.test(name) && !name.startsWith(location.origin))";
    assert_eq!(desk.ask(elsewhere).await, json!([]));
    desk.close().await;
}

#[tokio::test]
async fn findings_stand_beside_the_field_and_lead_to_it() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    assert_eq!(
        desk.text("return document.getElementById('findings-button').textContent").await,
        "没有发现问题"
    );
    let sheets = "return document.querySelectorAll('.sheet').length";
    let pages = desk.ask(sheets).await;
    desk.write("other", "全年办理行政复议案件XX件。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
    assert_eq!(
        desk.ask("return document.getElementById('other').getAttribute('aria-invalid')").await,
        "true"
    );
    // The list leads to the words.
    desk.press("#year").await;
    desk.press("#findings-button").await;
    desk.press("#findings-panel .jump").await;
    let chosen = "const at = document.activeElement; return at.id + '|' + at.value.slice(at.selectionStart, at.selectionEnd)";
    assert_eq!(desk.text(chosen).await, "other|XX");
    // And each explains itself.
    desk.press("#findings-panel .jumps a").await;
    desk.until("document.querySelector('#findings-panel #explanation')").await;
    desk.is_for_everyone("the panel").await;
    // The PDF is refused, and a sentence says so.
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf')").await;
    assert!(desk.text("return document.getElementById('notice-pdf').textContent").await.contains("1 处错误"));
    // A year that cannot be is told; the pages go on with the one that the title names.
    desk.write("year", "20").await;
    desk.until("document.getElementById('year-findings').textContent.includes('20')").await;
    assert_eq!(desk.ask(sheets).await, pages);
    desk.close().await;
}

#[tokio::test]
async fn a_click_on_the_page_leads_to_the_field() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let click = "const page = document.querySelectorAll('.sheet img')[1];
        page.scrollIntoView();
        const box = page.getBoundingClientRect();
        page.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height * 0.5 }));
        const at = document.activeElement;
        return [at.id, at.value.slice(at.selectionStart, at.selectionEnd)]";
    let went = desk.ask(click).await;
    assert!(went[0].as_str().unwrap().starts_with("measures["), "{went}");
    assert!(went[1].as_str().unwrap().chars().count() > 5, "{went}");
    // And back: the page that shows a field comes into view.
    desk.browser
        .execute("document.getElementById('pages').scrollTop = 0", Vec::<Value>::new())
        .await
        .unwrap();
    desk.control("plans[4].heading").await.click().await.unwrap();
    desk.until("document.getElementById('pages').scrollTop > 1000 && document.querySelector('.page-mark')")
        .await;
    desk.close().await;
}

/// The menu of matters follows what is typed, and leads to the field that touches one.
#[tokio::test]
async fn the_matters_follow_what_is_written() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let state = "document.getElementById('guide-state').textContent";
    assert_eq!(desk.text(&format!("return {state}")).await, "35 项中写到 0 项");
    desk.press("#guide > summary").await;
    desk.press("[value='add measures']").await;
    desk.write("measures[0].heading", "深化政务公开，办好行政复议案件").await;
    desk.until(&format!("{state} === '35 项中写到 2 项'")).await;
    desk.press("#guide-matters .touched button").await;
    let chosen = "const at = document.activeElement; return [at.id, at.value.slice(at.selectionStart, at.selectionEnd)]";
    assert_eq!(desk.ask(chosen).await, serde_json::json!(["measures[0].heading", "行政复议"]));
    desk.is_for_everyone("the menu of matters").await;
    desk.close().await;
}

#[tokio::test]
async fn a_draft_outlives_reload_window_and_service() {
    let mut desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    desk.browser.refresh().await.unwrap();
    desk.settled().await;
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");

    // Another window is offered the draft; while both write, neither loses a word.
    let first = desk.browser.window().await.unwrap();
    let second = desk.browser.new_tab().await.unwrap();
    desk.browser.switch_to_window(second.clone()).await.unwrap();
    desk.go("/").await;
    desk.until("document.getElementById('notice-drafts')").await;
    desk.press("#notice-drafts button").await;
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");
    desk.write("issuer.short_name", "临江区").await;
    desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    desk.browser.switch_to_window(first).await.unwrap();
    desk.until("document.getElementById('notice-newer')").await;
    assert!(desk.text("return document.getElementById('notice-newer').textContent").await.contains("较新"));
    desk.write("title", "另一个窗口里写的标题").await;
    desk.until("Object.keys(localStorage).filter((key) => key.startsWith('nianbao/draft/')).length === 2")
        .await;
    desk.browser.switch_to_window(second).await.unwrap();
    assert_eq!(desk.value("issuer.short_name").await, "临江区");

    // The service goes: a sentence, and the text stays and is kept. It comes back, and so do the pages.
    drop(desk.served.take());
    desk.write("notes", "此件公开发布").await;
    desk.until("document.getElementById('notice-service')").await;
    assert!(
        desk.text("return document.getElementById('notice-service').textContent")
            .await
            .contains("连不上服务")
    );
    desk.until("JSON.stringify(localStorage).includes('此件公开发布')").await;
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('连不上服务')").await;
    desk.pick_from_menu("save-json").await;
    let saved = std::fs::read_to_string(desk.downloaded(".json").await).unwrap();
    assert!(saved.contains("此件公开发布"));
    desk.served = Some(Served::start_at(desk.folder.path(), &desk.address, &[]));
    desk.until("!document.getElementById('notice-service')").await;
    desk.close().await;
}

/// Who leaves a shared computer leaves nothing behind for the next.
#[tokio::test]
async fn the_drafts_of_a_shared_computer_can_be_cleared() {
    let desk = Desk::open(WIDE, "/").await;
    desk.ask("localStorage.setItem('nianbao/draft/broken', '{'); localStorage.setItem('other', 'kept')")
        .await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.settled().await;
    desk.pick_from_menu("new").await;
    desk.write("issuer.name", "云州市望渡区人民政府").await;
    desk.settled().await;
    desk.pick_from_menu("clear").await;
    desk.until("document.getElementById('notice-clear').textContent.includes('2 份')").await;
    // Asked and not answered, nothing is lost.
    assert_eq!(desk.value("issuer.name").await, "云州市望渡区人民政府");
    desk.until("JSON.stringify(localStorage).includes('望渡区')").await;
    // What was typed a moment ago goes as well.
    desk.write("notes", "此件不公开").await;
    desk.press("#notice-clear button").await;
    desk.until("document.getElementById('notice-cleared')").await;
    desk.settled().await;
    assert_eq!(desk.ask("return Object.keys(localStorage)").await, json!(["other"]));
    assert_eq!(desk.ask("return sessionStorage.length").await, json!(0));
    for path in ["issuer.name", "notes"] {
        assert_eq!(desk.value(path).await, "", "{path}");
    }
    desk.is_for_everyone("after clearing").await;
    desk.browser.refresh().await.unwrap();
    desk.settled().await;
    assert_eq!(desk.ask("return document.getElementById('notice-drafts')").await, Value::Null);
    assert_eq!(desk.value("issuer.name").await, "");
    desk.close().await;
}

#[tokio::test]
async fn a_full_store_is_said_and_loses_nothing() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let fill = "let size = 1 << 22; for (let n = 0; size > 8; n += 1) {
        try { localStorage.setItem('x' + n, 'x'.repeat(size)); } catch (error) { size >>= 1; } }";
    desk.ask(fill).await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.until("document.getElementById('notice-full')").await;
    assert!(
        desk.text("return document.getElementById('notice-full').textContent").await.contains("存储空间已满")
    );
    desk.press("#notice-full button").await;
    let saved = std::fs::read_to_string(desk.downloaded(".yaml").await).unwrap();
    assert!(saved.contains("云州市临江区人民政府"));
    desk.ask("localStorage.clear()").await;
    desk.write("issuer.short_name", "临江区").await;
    desk.until("!document.getElementById('notice-full')").await;
    desk.close().await;
}

#[tokio::test]
async fn a_busy_service_is_asked_again() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let busy = "window.kept = window.fetch; window.fetch = async () => new Response('', { status: 503 })";
    desk.ask(busy).await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.until("document.getElementById('notice-service').textContent.includes('服务正忙')").await;
    desk.until("JSON.stringify(localStorage).includes('云州市临江区人民政府')").await;
    desk.ask("window.fetch = window.kept").await;
    desk.until("!document.getElementById('notice-service')").await;
    desk.until("!document.querySelector('.is-stale')").await;
    desk.close().await;
}

#[tokio::test]
async fn an_old_draft_is_taken_over_as_far_as_the_form_goes() {
    let desk = Desk::open(WIDE, "/").await;
    let old = json!({
        "id": "old", "contract": "of last year", "revision": 3, "window": "w", "saved": 1_700_000_000_000_u64, "title": "临江区2024年",
        "report": { "year": "2024", "issuer": { "name": "临江区", "nickname": "江边" }, "summary": ["全年概述"], "preface": ["导语。"] },
    });
    let keep = format!("localStorage.setItem('nianbao/draft/old', {})", json!(old.to_string()));
    desk.ask(&keep).await;
    desk.browser.refresh().await.unwrap();
    desk.press("#notice-drafts button").await;
    desk.until("document.getElementById('notice-contract')").await;
    let left = desk.text("return document.getElementById('notice-leftovers').textContent").await;
    assert!(left.contains("全年概述") && left.contains("江边"), "{left}");
    assert_eq!(desk.value("preface").await, "导语。");
    desk.close().await;
}

/// What scripts make of the form is what the service makes of it.
#[tokio::test]
async fn files_are_saved_and_opened() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('measures[7].heading')").await;
    desk.settled().await;
    let expected = crate::workbench::read(sample());
    for (choice, ending, format) in
        [("save-json", ".json", Format::Json), ("save-yaml", ".yaml", Format::Yaml)]
    {
        desk.pick_from_menu(choice).await;
        let saved = std::fs::read(desk.downloaded(ending).await).unwrap();
        assert_eq!(
            read::<nianbao::report::Report>(&saved, format).expect("a report").value,
            expected,
            "{choice}"
        );
    }
    let file = desk.downloaded(".yaml").await;
    desk.pick_from_menu("new").await;
    assert_eq!(desk.value("issuer.name").await, "");
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('plans[4].heading')").await;
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");
    // What cannot be read changes nothing.
    let broken = desk.folder.path().join("broken.yaml");
    std::fs::write(&broken, "year: [").unwrap();
    desk.element("#file").await.send_keys(broken.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('notice-file').textContent.includes('不合 YAML 的写法')").await;
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");
    desk.close().await;
}

/// A report goes out as a web page, and comes back as it was.
#[tokio::test]
async fn a_web_page_goes_out_and_comes_back() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('measures[0].heading').value").await;
    desk.pick_from_menu("html").await;
    let made = desk.downloaded("年度报告.html").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('（网页）')").await;
    desk.write("measures[0].heading", "别的标题").await;
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(made.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('measures[0].heading').value.startsWith('深化政务服务改革')").await;
    assert_eq!(desk.value("indicators[0].key").await, "service.online_items");
    desk.close().await;
}

/// A report goes out to Word, is changed there, and comes back: what was changed is told, with the way to it.
#[tokio::test]
async fn a_word_file_goes_out_and_comes_back() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('measures[0].heading').value").await;
    desk.pick_from_menu("word").await;
    let made = desk.downloaded("年度报告.docx").await;
    let edited = rewritten(&std::fs::read(&made).unwrap(), |path, part| match path {
        "word/document.xml" => part.replace("厘清权责边界", "理清职责边界"),
        _ => part,
    });
    let file = desk.folder.path().join("改过的.docx");
    std::fs::write(&file, edited).unwrap();
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("!document.getElementById('import-panel').hidden").await;
    assert_eq!(desk.value("measures[0].body[0].lead").await, "一是理清职责边界。");
    let said = desk.text("return document.getElementById('import-panel').textContent").await;
    for words in ["来自“改过的.docx”", "和原稿相比改了 1 处", "改写", "段首句", "理清职责"]
    {
        assert!(said.contains(words), "no {words} in {said}");
    }
    desk.ask("document.querySelector('#import-panel .jump').click()").await;
    desk.until("document.activeElement.id === 'measures[0].body[0].lead'").await;
    desk.is_for_everyone("the panel of what was changed").await;
    desk.close().await;
}

/// Last year's document beside the form: what went where, and the way there.
#[tokio::test]
async fn a_document_is_imported_side_by_side() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let text = "云州市临江区2024年法治政府建设年度报告\n一、主要举措和成效\n（一）规范行政执法。全年办结行政处罚案件326件,\
        抽查案卷40卷。\n二、存在的不足和原因\n一是部分执法人员业务不熟，主要原因是培训偏重课堂讲授。\n\
        三、第一责任人履职情况\n区委、区政府主要负责人听取汇报4次。\n四、2025年主要安排\n（一）加强执法培训。分类轮训。\n\
        云州市临江区人民政府\n2025年2月18日\n下面的话没有地方放。\n";
    let file = desk.folder.path().join("去年的报告.txt");
    std::fs::write(&file, text).unwrap();
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("!document.getElementById('import-panel').hidden").await;
    desk.until("document.getElementById('unplaced[0].text')").await;
    assert_eq!(desk.value("measures[0].heading").await, "规范行政执法");
    assert_eq!(desk.value("unplaced[0].text").await, "下面的话没有地方放。");
    let said = desk.text("return document.getElementById('import-panel').textContent").await;
    for words in ["来自“去年的报告.txt”", "半角标点 1 处", "存在的不足和原因第1项 › 不足", "把握：低"]
    {
        assert!(said.contains(words), "no {words} in {said}");
    }
    let jump = "Array.from(document.querySelectorAll('#import-panel .jump')).find((one) => one.textContent.includes('原因第1项 › 原因')).click()";
    desk.ask(jump).await;
    desk.until("document.activeElement.id === 'problems[0].cause'").await;
    desk.is_for_everyone("the import panel").await;
    // One panel at a time, and another report has another account.
    desk.press("#findings-button").await;
    desk.until("document.getElementById('import-panel').hidden").await;
    desk.press("#import-button").await;
    desk.until("document.getElementById('findings-panel').hidden").await;
    desk.pick_from_menu("new").await;
    desk.until("document.getElementById('import-button').hidden").await;
    // A plan is no report.
    let plan = desk.folder.path().join("计划.txt");
    std::fs::write(
        &plan,
        "云州市临江区2025年法治政府建设工作计划\n一、规范执法\n（一）轮训执法人员。（牵头单位：区司法局）\n二、优化服务\n（一）校核办事指南。（牵头单位：区数据局）\n",
    )
    .unwrap();
    desk.element("#file").await.send_keys(plan.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('notice-file').textContent.includes('这是一份工作计划')").await;
    desk.close().await;
}

/// Character by character: neither loses what may be written, nor lets through what is refused.
#[tokio::test]
async fn a_paste_loses_what_the_contract_refuses() {
    let desk = Desk::open(WIDE, "/").await;
    let lost = "const done = arguments[arguments.length - 1];
        const page = document.querySelector('script[type=module]').src;
        import(new URL('paragraphs.js', page)).then(({ cleaned }) => {
            const lost = [];
            for (let code = 0; code <= 0x10FFFF; code += 1) {
                if (cleaned('a' + String.fromCodePoint(code) + 'a') === 'aa') lost.push(code);
            }
            done(lost);
        });";
    let lost = desk.browser.execute_async(lost, Vec::<Value>::new()).await.unwrap().json().clone();
    // What begins a line, and a tab, leave a trace that may be written.
    let leaves_a_trace = |c: &char| matches!(c, '\t' | '\n' | '\u{B}' | '\u{C}' | '\r');
    let refused = ('\0'..=char::MAX).filter(|c| is_invisible(*c) && !leaves_a_trace(c));
    assert_eq!(lost, json!(refused.map(u32::from).collect::<Vec<_>>()));
    desk.close().await;
}

#[tokio::test]
async fn pasted_text_becomes_paragraphs_and_points() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.press("[value='add measures']").await;
    desk.press("[value='add measures[0].body']").await;
    desk.control("measures[0].body[0].text").await.click().await.unwrap();
    let paste = "const data = new DataTransfer();
        data.setData('text/plain', '\\u3000\\u3000第一段。\\u200B\\r\\n\\r\\n\\u00A0 一是抓学习。全年学习12次。二是抓执法。办结案件3件。\\v第三段。');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));";
    desk.ask(paste).await;
    desk.until("document.getElementById('measures[0].body[2].text')").await;
    assert_eq!(desk.value("measures[0].body[0].text").await, "第一段。");
    assert_eq!(desk.value("measures[0].body[2].text").await, "第三段。");
    desk.press(".split-offer").await;
    let standing = "return Array.from(document.querySelectorAll('#measures .list-body .items [name]:not(button)'), (one) => one.value)";
    let points = json!([
        "",
        "第一段。",
        "一是抓学习。",
        "全年学习12次。",
        "二是抓执法。",
        "办结案件3件。",
        "",
        "第三段。"
    ]);
    assert_eq!(desk.ask(standing).await, points);
    desk.close().await;
}

/// Without a mouse: an item is added, moved and removed, and the list of findings opened and left.
#[tokio::test]
async fn the_keyboard_is_enough() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    desk.ask("document.getElementById('problems[0].problem').focus()").await;
    let first = desk.value("problems[0].problem").await;
    desk.key(Key::Alt + Key::Down).await;
    assert_eq!(desk.value("problems[1].problem").await, first);
    assert_eq!(desk.text("return document.activeElement.id").await, "problems[1].problem");
    // Its plans answer it under its new number.
    assert_eq!(desk.value("plans[0].answers").await, "2");
    desk.key(Key::Control + Key::Enter).await;
    assert_eq!(desk.text("return document.activeElement.id").await, "problems[2].problem");
    desk.ask("document.querySelector(\"[value='remove problems[1]']\").focus()").await;
    desk.key(Key::Enter).await;
    desk.until("document.getElementById('notice-removed')").await;
    assert_ne!(desk.value("problems[1].problem").await, first);
    desk.ask("document.querySelector('#notice-removed button').focus()").await;
    desk.key(Key::Enter).await;
    assert_eq!(desk.value("problems[1].problem").await, first);
    // Everything that can be reached shows that it is.
    desk.ask("document.getElementById('findings-button').focus()").await;
    desk.key(Key::Enter).await;
    desk.until("!document.getElementById('findings-panel').hidden").await;
    desk.key(Key::Escape).await;
    assert_eq!(desk.text("return document.activeElement.id").await, "findings-button");
    desk.close().await;
}

#[tokio::test]
async fn the_form_is_for_everyone_at_every_width() {
    for setup in
        [WIDE, Setup { dark: true, ..WIDE }, Setup { width: 1024, ..WIDE }, Setup { width: 390, ..WIDE }]
    {
        let desk = Desk::open(setup, "/?sample=annual-report").await;
        desk.settled_at(setup.width).await;
        desk.fits(setup.width).await;
        desk.is_for_everyone(&format!("the form {} wide, dark: {}", setup.width, setup.dark)).await;
        desk.go("/explain/missing-section").await;
        desk.is_for_everyone("an explanation").await;
        desk.close().await;
    }
    // A window of 1440 at 200 %.
    let desk = Desk::open(Setup { width: 720, ..WIDE }, "/").await;
    desk.settled_at(720).await;
    desk.fits(720).await;
    desk.is_for_everyone("the empty form").await;
    // On a narrow screen the pages take the form's place, and give it back.
    desk.press("#pages-button").await;
    desk.until(
        "document.getElementById('preview').offsetHeight && !document.getElementById('content').offsetHeight",
    )
    .await;
    desk.press("#pages-button").await;
    desk.until("document.getElementById('content').offsetHeight").await;
    // And what was found makes way for the field that it leads to.
    desk.press("#findings-button").await;
    desk.press("#findings-panel .jump").await;
    let is_seen = "const field = document.activeElement, box = field.getBoundingClientRect();
        return Boolean(field.id) && field.id === field.name
            && field.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2))";
    assert_eq!(desk.ask(is_seen).await, true, "the field is seen");
    desk.close().await;
}

impl Desk {
    /// On a narrow screen the pages are there and not seen.
    async fn settled_at(&self, width: u32) {
        if width > 900 {
            self.settled().await;
        } else {
            self.until("document.getElementById('pages').getAttribute('aria-busy') === 'false'").await;
        }
    }

    async fn fits(&self, width: u32) {
        assert_eq!(self.ask("return window.innerWidth").await, json!(width));
        let wide = self.ask("return document.scrollingElement.scrollWidth").await;
        assert!(wide.as_u64().unwrap() <= u64::from(width), "{width}: the page is {wide} wide");
    }
}

#[tokio::test]
async fn without_scripts_the_form_still_makes_a_pdf() {
    let desk = Desk::open(Setup { scripts: false, ..WIDE }, "/?sample=annual-report").await;
    desk.turn("[value='remove problems[3]']").await;
    assert!(desk.browser.find(By::Css("[name='problems[3].problem']")).await.is_err());
    desk.write("signature.date", "2025年2月30日").await;
    desk.turn("[value='pdf']").await;
    let said = desk.element("[data-summary]").await.text().await.unwrap();
    assert!(said.contains("成文日期"), "{said}");
    desk.write("signature.date", "2025年2月18日").await;
    desk.click("[value='pdf']").await;
    let pdf = Document::read(std::fs::read(desk.downloaded(".pdf").await).unwrap());
    assert!(pdf.text().contains("云州市临江区2024年法治政府建设年度报告"));
    desk.close().await;
}

/// A batch from the upload to the archive: looked at, begun, followed without a click, fetched.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_uploaded_looked_at_followed_and_fetched() {
    let desk = Desk::open(WIDE, "/batches").await;
    desk.is_for_everyone("no batch").await;
    let file = desk.folder.path().join("各区.zip");
    std::fs::write(&file, crate::batches::reports(30, Some(1))).unwrap();
    desk.control("batch").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.press("[data-upload] button").await;
    let summary = "document.querySelector('[data-summary]').textContent";
    desk.until(&format!("{summary} === '30 个单位都检查过了：有错误的 1 个，只有警告的 0 个。'")).await;
    desk.is_for_everyone("a batch that waits").await;
    desk.press("button[value=start]").await;
    desk.until("document.querySelector('[data-batch]').dataset.state === 'completed_with_failures'").await;
    assert_eq!(desk.text("return document.querySelector('[data-made]').textContent").await, "29");
    desk.is_for_everyone("a batch that has ended").await;
    desk.press("a[download]").await;
    let archive = desk.downloaded("-法治政府建设年度报告.zip").await;
    assert!(crate::batch::unpacked(&archive).contains_key("清单.csv"));
    desk.close().await;
}
