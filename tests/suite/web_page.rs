//! A document as HTML in a real browser: for everyone, at every width, in light and dark, on paper, and saved again.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nianbao::export::Target;
use nianbao::import::{Particulars, import};
use nianbao::pipeline::make;
use nianbao::report::{Edition, Report};
use nianbao::sheets::DigestForm;
use nianbao::template::Purpose;
use serde_json::{Value, json};

use super::{Desk, Setup, WIDE};
use crate::digest::made_of;
use crate::pdf::Document;
use crate::workbench::{press, read, sample, told};

/// The sample in this edition, with a table that is wide and long.
fn report(edition: Edition) -> Report {
    let mut json = serde_json::to_value(read(sample())).unwrap();
    let columns: Vec<String> = (1..=14).map(|column| format!("第{column}列指标")).collect();
    let row = |row: usize| (1..=14).map(|column| format!("{}", row * column)).collect::<Vec<_>>();
    let table = json!({"columns": columns, "rows": (1..=80).map(row).collect::<Vec<_>>()});
    json["attachments"].as_array_mut().unwrap().push(json!({"title": "各镇街执法情况表", "table": table}));
    Report { edition, ..read(&json.to_string()) }
}

fn html(report: &Report, purpose: Purpose) -> Vec<u8> {
    let made = make(&report.clone().into(), purpose, Target::Html, press());
    made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes
}

impl Desk {
    /// Opens a page of a report from a file.
    async fn read_page(&self, report: &Report, purpose: Purpose) {
        let file = self.folder.path().join("report.html");
        std::fs::write(&file, html(report, purpose)).unwrap();
        self.browser.goto(format!("file://{}", file.display())).await.unwrap();
    }

    async fn command(&self, command: &str, arguments: Value) -> Value {
        self.browser.cdp().send_raw(command, arguments).await.unwrap()
    }
}

#[tokio::test]
async fn a_page_of_a_report_is_for_everyone_at_every_width() {
    for setup in [
        WIDE,
        Setup { dark: true, ..WIDE },
        Setup { width: 320, ..WIDE },
        Setup { width: 320, dark: true, ..WIDE },
    ] {
        let desk = Desk::open(setup, "/").await;
        let is_dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        for (edition, purpose) in [(Edition::Public, Purpose::Issue), (Edition::Formal, Purpose::Draft)] {
            desk.read_page(&report(edition), purpose).await;
            assert_eq!(desk.ask(is_dark).await, setup.dark);
            let what = format!("{edition:?} {} wide, dark: {}", setup.width, setup.dark);
            desk.is_for_everyone(&what).await;
            desk.fits(setup.width).await;
            desk.command("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
            desk.is_for_everyone(&format!("{what}, printed")).await;
            let skip = desk.text("return getComputedStyle(document.querySelector('.skip')).display").await;
            assert_eq!(skip, "none", "{what}");
            desk.command("Emulation.setEmulatedMedia", json!({"media": ""})).await;
        }
        // By keys alone: past the beginning, and into the table that is wider than the page.
        let skip = "const link = document.querySelector('.skip'), box = link.getBoundingClientRect();
            link.focus(); return link.getBoundingClientRect().left >= 0 && box.right < 0 && document.activeElement === link";
        assert_eq!(desk.ask(skip).await, true);
        desk.ask("document.querySelector('.skip').click()").await;
        assert_eq!(desk.ask("return document.activeElement.id").await, "document");
        let scrolls =
            "const boxes = Array.from(document.querySelectorAll('.box')), box = boxes[boxes.length - 1];
            box.focus(); box.scrollLeft = 40; return document.activeElement === box && box.scrollLeft === 40";
        assert_eq!(desk.ask(scrolls).await, true);
        desk.close().await;
    }
}

/// So is the page of a digest.
#[tokio::test]
async fn a_digest_is_for_everyone_at_every_width() {
    for setup in [
        WIDE,
        Setup { dark: true, ..WIDE },
        Setup { width: 320, ..WIDE },
        Setup { width: 320, dark: true, ..WIDE },
    ] {
        let desk = Desk::open(setup, "/").await;
        let file = desk.folder.path().join("digest.html");
        std::fs::write(&file, made_of(&read(sample()), DigestForm::Html)).unwrap();
        desk.browser.goto(format!("file://{}", file.display())).await.unwrap();
        let what = format!("a digest {} wide, dark: {}", setup.width, setup.dark);
        desk.is_for_everyone(&what).await;
        desk.fits(setup.width).await;
        desk.command("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
        desk.is_for_everyone(&format!("{what}, printed")).await;
        desk.close().await;
    }
}

/// On paper it is A4 with the margins of the standard, heads of tables come again, and what is for the screen is gone.
#[tokio::test]
async fn a_page_of_a_report_can_be_printed() {
    let desk = Desk::open(WIDE, "/").await;
    desk.read_page(&report(Edition::Formal), Purpose::Issue).await;
    let printed =
        desk.command("Page.printToPDF", json!({"preferCSSPageSize": true, "printBackground": false})).await;
    let pdf = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
    let printed = Document::read(pdf);
    let is_sheet = |width: f64, height: f64| (width - 210.0).abs() < 1.0 && (height - 297.0).abs() < 1.0;
    let (upright, across): (Vec<_>, Vec<_>) = printed.pages.iter().partition(|page| page.width < page.height);
    assert!(upright.iter().all(|page| is_sheet(page.width, page.height)) && upright.len() > 10);
    // The wide table lies across, and none of its columns is cut off.
    assert!(across.iter().all(|page| is_sheet(page.height, page.width)));
    let heads = across.iter().filter(|page| page.text().contains("第14列")).count();
    assert!(
        heads == across.len() && heads >= 2,
        "the table's head stands on {heads} of {} pages",
        across.len()
    );
    let right = across.iter().flat_map(|page| &page.characters).map(|one| one.right).fold(0.0, f64::max);
    assert!(right < 297.0 - 34.0, "{right}");
    let text = printed.text();
    assert!(!text.contains("跳到正文") && text.contains("签发人：李明远") && text.contains("抄送："));
    desk.close().await;
}

/// What a browser saves is what it has made of the page, and not the bytes that it read.
#[tokio::test]
async fn a_page_that_a_browser_saved_comes_back() {
    let desk = Desk::open(WIDE, "/").await;
    let report = report(Edition::Formal);
    desk.read_page(&report, Purpose::Issue).await;
    let saved = desk.text("return document.documentElement.outerHTML").await;
    let back = import(saved.as_bytes(), &Particulars::default()).unwrap();
    let back = serde_json::to_value(read(&back.document.to_string())).unwrap();
    assert_eq!(back, serde_json::to_value(&report).unwrap());
    desk.close().await;
}
