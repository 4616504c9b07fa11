//! The pages in Chromium 86, the oldest that offices have and that installs here: a browser without windows, asked in
//! its own words what stands on the page. What it does not know would break a whole page.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::drafts::ToBeWritten;
use crate::http::Served;
use crate::workbench::of_tests;

const PATIENCE: Duration = Duration::from_secs(60);

/// The browser at a page.
struct OldBrowser {
    child: Child,
    asked: ChildStdin,
    said: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl OldBrowser {
    /// Nothing where the machine is of a kind for which there is none.
    #[expect(clippy::print_stdout, reason = "a test that tries nothing says so")]
    fn open(address: &str) -> Option<Self> {
        if cfg!(not(target_arch = "x86_64")) {
            println!("skipped: Chromium 86 is there for x86_64 only");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // What it says comes line by line, and not when a buffer is full.
        let mut child = Command::new("stdbuf")
            .arg("-oL")
            .arg(of_tests("npm/chrome-aws-lambda/bin/chromium"))
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--repl"])
            .args(["--window-size=1440,900", "--lang=zh-CN"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg(address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium 86, which `make test` fetches");
        let (asked, said) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, asked, said, _folder: folder })
    }

    /// What an expression in the page gives.
    fn ask(&mut self, expression: &str) -> Value {
        writeln!(self.asked, "{}", expression.replace('\n', " ")).unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let answer = line.trim_start_matches(">>> ").trim();
        let answer: Value =
            serde_json::from_str(answer).unwrap_or_else(|error| panic!("{expression}: {line:?}: {error}"));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression says true.
    fn until(&mut self, what: &str) {
        let start = Instant::now();
        let asked = format!("(() => {{ try {{ return Boolean({what}) }} catch {{ return false }} }})()");
        while self.ask(&asked) != Value::Bool(true) {
            let shown = "document.body.innerText.slice(0, 2000)";
            assert!(start.elapsed() < PATIENCE, "in vain: {what}\n{}", self.ask(shown));
            sleep(Duration::from_millis(50));
        }
    }

    /// Has every fault of a script noted from now on.
    fn note_faults(&mut self) {
        self.ask(
            "window.faults = []; window.addEventListener('error', (event) => faults.push(event.message));
            window.addEventListener('unhandledrejection', (event) => faults.push(String(event.reason))); 0",
        );
    }

    fn has_no_faults(&mut self) {
        assert_eq!(self.ask("JSON.stringify(faults)"), "[]");
    }

    /// Writes into a control as one who types.
    fn write(&mut self, path: &str, text: &str) {
        self.ask(&format!(
            "(() => {{ const one = document.getElementById('{path}'); one.focus(); one.value = {};
            one.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()",
            Value::from(text)
        ));
    }

    fn press(&mut self, css: &str) {
        self.ask(&format!("document.querySelector(\"{css}\").click()"));
    }
}

impl Drop for OldBrowser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_form_works_in_the_oldest_browser() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let page = format!("http://{}/?sample=annual-report", served.address);
    let Some(mut browser) = OldBrowser::open(&page) else { return };
    browser.until("document.querySelectorAll('.sheet img').length > 10");
    let version = browser.ask("/Chrome\\/(\\d+)/.exec(navigator.userAgent)[1]");
    assert_eq!(version, "86");
    browser.note_faults();

    // Its pages stand beside it, and nothing runs out of the window.
    assert_eq!(browser.ask("getComputedStyle(document.querySelector('.workbench')).display"), "grid");
    assert_eq!(browser.ask("document.documentElement.scrollWidth <= innerWidth"), true);

    // What is found is told beside the field and in the panel, and mended there.
    browser.write("other", "全年办理行政复议案件20件,比上年多。");
    browser.until("document.getElementById('other-findings').textContent.includes('半角')");
    browser.press("#findings-button");
    browser.until("!document.getElementById('findings-panel').hidden");
    browser.press("#findings-panel .finding .buttons button");
    browser.until("document.getElementById('other').value.includes('20件，比')");

    // Items come, are undone, and are dragged by key; a table is a grid.
    browser.press("[value='add problems']");
    let items = "document.querySelectorAll('#problems > .items > .item').length";
    let added = browser.ask(items).as_u64().unwrap();
    browser.press("#undo");
    assert_eq!(browser.ask(items).as_u64(), Some(added - 1));
    browser.press("[value='add attachments']");
    browser.until("document.querySelector('.grid .cell')");

    // What is fetched when it is wanted: changes, both editions, figures, replacing.
    browser.press("[data-menu='difference']");
    browser.until("document.getElementById('difference-panel').textContent.includes('处不同')");
    browser.ask(
        "(() => { const view = document.getElementById('edition-view'); view.value = 'both'; view.dispatchEvent(new Event('change')); })()",
    );
    browser.until("document.querySelectorAll('#other-pages .sheet img').length > 10");
    browser.ask("document.getElementById('indicators').scrollIntoView()");
    browser.until("document.getElementById('stated')");
    browser.press("[data-menu='replace']");
    browser.until("document.getElementById('replace')");

    // The draft is kept.
    browser.until("JSON.stringify(localStorage).includes('20件，比')");
    browser.has_no_faults();
}

#[tokio::test]
async fn a_draft_of_several_works_in_the_oldest_browser() {
    let ToBeWritten { folder, collection, token, .. } = ToBeWritten::by_unit("B2").await;
    let served = Served::start(folder.path(), &["--accounts"]);
    let Some(mut browser) = OldBrowser::open(&format!("http://{}/login", served.address)) else { return };
    browser.until("document.querySelector('main')");
    let page = format!("/collections/{collection}/units/B2/draft");
    browser.ask(&format!("document.cookie = 'nianbao={token}; path=/'"));
    browser.ask(&format!("void (window.location.href = '{page}')"));
    browser.until("location.pathname.endsWith('/draft') && document.querySelector('.sheet img')");
    browser.note_faults();
    browser.write("preface", "甲写的导语。");
    browser.until("document.getElementById('draft-state').textContent.startsWith('已保存')");
    browser.until("!document.getElementById('last-year-button').hidden");
    browser.press("#last-year-button");
    browser.until("document.getElementById('last-year-panel').textContent.includes('上年的安排')");
    browser.has_no_faults();
}
