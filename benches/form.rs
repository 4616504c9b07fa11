//! `make bench`: the form in a browser under the hand of who types, with a report of 100 measures and 300 paragraphs
//! beside the sample, in one run: from a character to the page that it changed, and an item that changes places.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use tools::median;

/// What the ratio and the time of the script must not be above, in milliseconds the latter.
const RATIO: f64 = 1.5;
const MOVE: f64 = 100.0;

const MEASURES: usize = 100;
const PARAGRAPHS: usize = 3;

/// How often each is done.
const TURNS: usize = 15;

/// Ends with the bench.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Types a character into the first paragraph, and gives how long it took in milliseconds until a page with another
/// picture stood there and was decoded.
const TYPE: &str = "
    const done = arguments[0];
    const control = document.querySelector('#measures textarea');
    const hashes = () => Array.from(document.querySelectorAll('#pages img'), (one) => one.dataset.hash).join();
    const before = hashes();
    const start = performance.now();
    const observer = new MutationObserver(() => {
        if (hashes() === before) return;
        observer.disconnect();
        Promise.all(Array.from(document.querySelectorAll('#pages img'), (one) => one.decode().catch(() => {})))
            .then(() => done(performance.now() - start));
    });
    observer.observe(document.getElementById('pages'), { subtree: true, attributes: true, childList: true });
    control.value += '稳';
    control.dispatchEvent(new Event('input', { bubbles: true }));";

/// Moves a measure, and gives how long the scripts took.
const SHIFT: &str = "
    const button = document.querySelector(`[value='${arguments[0]} measures[1]']`);
    const start = performance.now();
    button.click();
    return Promise.resolve().then(() => performance.now() - start);";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut service = Command::new(env!("CARGO_BIN_EXE_nianbao"))
        .args(["serve", "--listen", "127.0.0.1:0", "--fonts"])
        .arg(root.join("fonts"))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let address = said(&mut service, "http://").split('/').next().unwrap_or_default().to_owned();
    let _service = Ended(service);
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver, which `make browser` installs");
    let port = said(&mut driver, "started successfully on port ");
    let _driver = Ended(driver);

    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"] {
        capabilities.add_arg(argument).expect("an argument");
    }
    let port = port.trim_end_matches(['.', '\n']);
    let browser = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.expect("a browser");
    browser.set_script_timeout(Duration::from_secs(120)).await.expect("a time");

    browser.goto(format!("http://{address}/?sample=annual-report")).await.expect("the form");
    let sample = typed(&browser).await;
    browser.goto(format!("http://{address}/")).await.expect("the form");
    let keep = "localStorage.setItem('nianbao/draft/bench', JSON.stringify(arguments[0]));
        sessionStorage.setItem('nianbao/open', 'bench');";
    browser.execute(keep, vec![draft()]).await.expect("a draft");
    browser.goto(format!("http://{address}/")).await.expect("the form");
    let long = typed(&browser).await;
    println!(
        "form: a character to its page, {MEASURES} measures and {} paragraphs to the sample: {:.2} ({long:.0} ms, {sample:.0} ms), limit {RATIO}",
        MEASURES * PARAGRAPHS,
        long / sample
    );
    let moved = moved(&browser).await;
    println!("form: moving an item of {MEASURES}: {moved:.0} ms of script, limit {MOVE:.0}");
    browser.quit().await.expect("an end");
    let mut above = String::new();
    if long / sample > RATIO {
        let _ = write!(above, "a character takes {:.2} times as long. ", long / sample);
    }
    if moved > MOVE {
        let _ = write!(above, "a move takes {moved:.0} ms.");
    }
    assert!(above.is_empty(), "{above}");
}

/// What a process says behind these words.
fn said(process: &mut Child, words: &str) -> String {
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let line = lines.find_map(|line| line.ok()?.split_once(words).map(|(_, rest)| rest.to_owned()));
    // A pipe that nobody reads would end the process.
    std::thread::spawn(move || lines.for_each(drop));
    line.expect("where it listens")
}

/// A long report as the browser keeps it.
fn draft() -> Value {
    let text = |number: usize| {
        format!("第{number}段写全年办结的事项，抽查案卷{}卷，逐件讲评并限期整改。", number % 90 + 10)
    };
    let measure = |number: usize| {
        let body: Vec<Value> =
            (0..PARAGRAPHS).map(|at| json!({ "text": text(number * PARAGRAPHS + at) })).collect();
        json!({ "heading": format!("规范第{number}类执法"), "body": body })
    };
    let measures: Vec<Value> = (0..MEASURES).map(measure).collect();
    let report =
        json!({ "year": "2025", "issuer": { "name": "云州市临江区人民政府" }, "measures": measures });
    json!({ "id": "bench", "contract": "", "revision": 1, "window": "", "saved": 1, "title": "长", "report": report })
}

/// How long a character takes, in milliseconds.
async fn typed(browser: &WebDriver) -> f64 {
    let settled = "const done = arguments[0]; const look = () => document.querySelector('#pages img') &&
        document.getElementById('pages').getAttribute('aria-busy') === 'false' && document.querySelector('#measures textarea')
        ? done(true) : setTimeout(look, 50); look();";
    let mut times = Vec::new();
    for _ in 0..TURNS {
        browser.execute_async(settled, Vec::<Value>::new()).await.expect("the pages");
        let took = browser.execute_async(TYPE, Vec::<Value>::new()).await.expect("a page that changed");
        times.push(took.json().as_f64().expect("a time"));
    }
    // The first finds nothing remembered.
    times.remove(0);
    median(times)
}

/// How long the scripts take to move an item, in milliseconds.
async fn moved(browser: &WebDriver) -> f64 {
    let mut times = Vec::new();
    for turn in 0..TURNS {
        let way = if turn % 2 == 0 { "down" } else { "up" };
        let took = browser.execute(SHIFT, vec![json!(way)]).await.expect("a move");
        times.push(took.json().as_f64().expect("a time"));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    median(times)
}
