//! What makes the form easy: nothing that was written is lost or put in another order, messages go along with what
//! they tell of, and what one does with the hand and by key.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::{Desk, Setup, WIDE};
use crate::pdf::{Document, Page};

/// The texts of the paragraphs of the first measure.
const PARAGRAPHS: &str =
    "return Array.from(document.querySelectorAll(\"#measures [name$='.text']\"), (one) => one.value)";

impl Desk {
    /// What only the browser's own tools do.
    async fn tool(&self, name: &str, parameters: Value) -> Value {
        self.browser.cdp().send_raw(name, parameters).await.unwrap()
    }

    /// A window of this size.
    async fn resize(&self, width: u32, height: u32) {
        let window = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tool("Emulation.setDeviceMetricsOverride", window).await;
    }

    /// Pastes where the cursor stands.
    async fn paste(&self, text: &str) {
        let paste = format!(
            "const data = new DataTransfer();
            data.setData('text/plain', {});
            document.activeElement.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}));",
            json!(text)
        );
        self.ask(&paste).await;
    }

    /// The first paragraph of a first measure, with this text and the cursor behind so many characters.
    async fn begin_paragraph(&self, text: &str, cursor: usize) {
        self.press("[value='add measures']").await;
        self.press("[value='add measures[0].body']").await;
        self.write("measures[0].body[0].text", text).await;
        let place = format!(
            "const text = document.getElementById('measures[0].body[0].text'); text.focus(); text.setSelectionRange({cursor}, {cursor});"
        );
        self.ask(&place).await;
    }

    async fn undo(&self) {
        self.key(Key::Control + "z").await;
    }

    async fn redo(&self) {
        self.key(Key::Control + "y").await;
    }
}

/// What is pasted loses the numbers that it brings along, wherever in a paragraph the cursor stands: there are two
/// fields in it, and the first takes one line.
#[tokio::test]
async fn a_paste_loses_its_own_numbers() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.begin_paragraph("", 0).await;
    let lines =
        "1. 组织培训2次。\n②开展检查3次。\n（三）复盘1次。\n一、二级响应各1次。\n3、4月份开展2次。\n5%的案件";
    let pasted = json!([
        "组织培训2次。",
        "开展检查3次。",
        "复盘1次。",
        "一、二级响应各1次。",
        "3、4月份开展2次。",
        "5%的案件"
    ]);
    desk.paste(lines).await;
    assert_eq!(desk.ask(PARAGRAPHS).await, pasted);
    desk.undo().await;
    desk.ask("document.querySelector(\"[name='measures[0].body[0].lead']\").focus()").await;
    desk.paste(lines).await;
    assert_eq!(desk.ask(PARAGRAPHS).await, pasted);
    desk.close().await;
}

#[tokio::test]
async fn a_paste_into_the_middle_keeps_the_order_and_is_undone_whole() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.begin_paragraph("前半句后半句", 3).await;
    desk.paste("甲段结束。\n乙段开始。").await;
    let pasted = json!(["前半句甲段结束。", "乙段开始。后半句"]);
    assert_eq!(desk.ask(PARAGRAPHS).await, pasted);
    // What is typed next stands behind what was pasted.
    desk.key("丙").await;
    assert_eq!(desk.ask(PARAGRAPHS).await, json!(["前半句甲段结束。", "乙段开始。丙后半句"]));
    desk.undo().await;
    assert_eq!(desk.ask(PARAGRAPHS).await, pasted);
    desk.undo().await;
    assert_eq!(desk.ask(PARAGRAPHS).await, json!(["前半句后半句"]));
    desk.redo().await;
    assert_eq!(desk.ask(PARAGRAPHS).await, pasted);
    // And what is saved is what is seen.
    desk.until("JSON.stringify(localStorage).includes('乙段开始。后半句')").await;
    // What was chosen is replaced; three paragraphs keep their order.
    desk.ask("const text = document.getElementById('measures[0].body[0].text'); text.focus(); text.setSelectionRange(0, 3);").await;
    desk.paste("一。\r\n二。\r\n三。").await;
    let order = json!(["一。", "二。", "三。甲段结束。", "乙段开始。后半句"]);
    assert_eq!(desk.ask(PARAGRAPHS).await, order);
    desk.close().await;
}

#[tokio::test]
async fn removals_come_back_one_by_one_and_leave_what_was_written_since() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    for (index, problem) in ["问题甲", "问题乙", "问题丙"].into_iter().enumerate() {
        desk.press("[value='add problems']").await;
        desk.write(&format!("problems[{index}].problem"), problem).await;
        desk.press("[value='add plans']").await;
    }
    desk.write("plans[0].answers", "1").await;
    desk.write("plans[2].answers", "1、3").await;
    let answers =
        "return Array.from(document.querySelectorAll(\"#plans [name$='.answers']\"), (one) => one.value)";
    let problems =
        "return Array.from(document.querySelectorAll(\"#problems [name$='.problem']\"), (one) => one.value)";
    desk.press("[value='remove problems[0]']").await;
    desk.until("document.getElementById('notice-removed')").await;
    assert_eq!(desk.ask(answers).await, json!(["", "", "2"]));
    desk.write("plans[1].answers", "1").await;
    desk.press("[value='remove problems[1]']").await;
    let said = desk.text("return document.getElementById('notice-removed').textContent").await;
    assert!(said.contains("先前删除的还有 1 项"), "{said}");
    desk.press("#notice-removed button").await;
    assert_eq!(desk.ask(problems).await, json!(["问题乙", "问题丙"]));
    assert_eq!(desk.ask(answers).await, json!(["", "1", "2"]));
    desk.press("#notice-removed button").await;
    assert_eq!(desk.ask(problems).await, json!(["问题甲", "问题乙", "问题丙"]));
    assert_eq!(desk.ask(answers).await, json!(["1", "2", "1、3"]));
    desk.until("!document.getElementById('notice-removed')").await;
    // By key the same goes back and forth.
    desk.press("[value='remove problems[0]']").await;
    desk.undo().await;
    assert_eq!(desk.ask(problems).await, json!(["问题甲", "问题乙", "问题丙"]));
    assert_eq!(desk.ask(answers).await, json!(["1", "2", "1、3"]));
    desk.redo().await;
    assert_eq!(desk.ask(problems).await, json!(["问题乙", "问题丙"]));
    desk.close().await;
}

/// A report that is opened over what one writes is left again by the same key.
#[tokio::test]
async fn what_was_opened_is_undone_too() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.write("issuer.name", "云州市望渡区人民政府").await;
    desk.until("JSON.stringify(localStorage).includes('望渡区')").await;
    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('plans[4].heading')").await;
    desk.press("#undo").await;
    assert_eq!(desk.value("issuer.name").await, "云州市望渡区人民政府");
    assert_eq!(desk.ask("return document.querySelectorAll('#plans .item').length").await, 0);
    // It is the draft of before that is gone on with; the sample is kept beside it.
    desk.write("notes", "此件公开发布").await;
    let drafts = "Object.entries(localStorage).filter(([key]) => key.startsWith('nianbao/draft/')).map(([, draft]) => JSON.parse(draft).report)";
    desk.until(&format!(
        "{drafts}.some((one) => one.notes === '此件公开发布' && one.issuer.name.includes('望渡区'))"
    ))
    .await;
    assert_eq!(desk.ask(&format!("return {drafts}.length")).await, 2);
    desk.undo().await;
    desk.redo().await;
    assert_eq!(desk.value("notes").await, "此件公开发布");
    desk.close().await;
}

/// The PDF, the bar and the panel count the same; the notice goes along with what is mended.
#[tokio::test]
async fn the_notice_of_a_refused_pdf_goes_along() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let file = desk.folder.path().join("early.json");
    std::fs::write(
        &file,
        r#"{"year":"2025","issuer":{"name":"青岛市城阳区水利局","short_name":"区水利局","kind":"department"},"measures":[{"heading":"甲","body":[{"text":"全年召开会议4次。"}]}]}"#,
    )
    .unwrap();
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('findings-button').textContent.includes('处错误')").await;
    let count = "Number(/(\\d+) 处错误/.exec(document.getElementById('findings-button').textContent)[1])";
    let errors = desk.ask(&format!("return {count}")).await.as_u64().unwrap();
    assert!(errors > 1, "{errors}");
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf')").await;
    let said = desk.text("return document.getElementById('notice-pdf').textContent").await;
    assert!(said.contains(&format!("有 {errors} 处错误")), "{said}");
    let listed = "return document.querySelectorAll('#findings-panel .finding-error').length";
    assert_eq!(desk.ask(listed).await, errors);
    desk.write("signature.date", "2026/1/20").await;
    let fewer = format!("有 {} 处错误", errors - 1);
    desk.until(&format!("document.getElementById('notice-pdf').textContent.includes('{fewer}')")).await;
    desk.close().await;
}

#[tokio::test]
async fn the_notice_of_a_pdf_tells_when_all_is_mended_and_when_the_service_is_back() {
    let mut desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    desk.write("other", "全年办理行政复议案件XX件。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('1 处错误')").await;
    desk.write("other", "全年办理行政复议案件20件。").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('可以下载了')").await;
    drop(desk.served.take());
    desk.press("#notice-pdf button").await;
    desk.until("document.getElementById('notice-pdf').textContent.includes('PDF没有生成')").await;
    let said = desk.text("return document.getElementById('notice-pdf').textContent").await;
    assert!(said.contains("连不上服务") && !said.contains("自动"), "{said}");
    desk.write("notes", "此件公开发布").await;
    desk.until("document.getElementById('notice-service')").await;
    desk.served = Some(crate::http::Served::start_at(desk.folder.path(), &desk.address, &[]));
    desk.until("document.getElementById('notice-pdf').textContent.includes('服务恢复了')").await;
    desk.press("#notice-pdf button").await;
    desk.downloaded(".pdf").await;
    desk.close().await;
}

/// What the cursor stands on is drawn anew, or goes: it is beside it then, not at the beginning of the page.
#[tokio::test]
async fn the_cursor_is_not_lost_where_something_goes() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let has_cursor = |what: &str| format!("document.activeElement.matches('{what}')");
    let rewrite = |id: &str, from: &str, to: &str| {
        format!(
            "const field = document.getElementById('{id}'); field.value = field.value.replace('{from}', '{to}'); field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        )
    };
    desk.write("other", "全年办理行政复议案件XX件，其中调解结案XX件。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
    desk.ask("document.querySelector('#other-findings a').focus()").await;
    desk.ask(&rewrite("other", "案件XX件", "案件20件")).await;
    desk.until("!document.getElementById('other-findings').textContent.includes('案件XX件')").await;
    desk.until(&has_cursor("#other-findings a")).await;
    desk.ask(&rewrite("other", "XX", "8")).await;
    desk.until("!document.querySelector('#other-findings a')").await;
    desk.until(&has_cursor("#other")).await;
    // Of two indicators that the text states otherwise; the line of one is never taken for that of the other.
    desk.ask("document.getElementById('tables').scrollIntoView()").await;
    for index in [18, 19] {
        desk.press("#stated li button").await;
        desk.write(&format!("indicators[{index}].value"), "7").await;
    }
    let line = "[id=\"indicators[19]\"] .stated-otherwise button";
    desk.until(&format!("document.querySelector('{line}')")).await;
    desk.ask(&format!("document.querySelector('{line}').focus()")).await;
    desk.ask("window.old = document.activeElement").await;
    desk.ask(&rewrite("other", "20件", "21件")).await;
    desk.until("!window.old.isConnected").await;
    desk.until(&has_cursor(line)).await;
    desk.ask(&rewrite("indicators[19].value", "7", "29")).await;
    desk.until(&format!("!document.querySelector('{line}')")).await;
    desk.until(&has_cursor("[id=\"indicators[19].value\"]")).await;
    assert_eq!(desk.value("indicators[18].value").await, "7");
    desk.close().await;
}

/// Going backwards by key in a window at 200 %, with a notice there: whatever has the cursor is seen.
#[tokio::test]
async fn notices_hide_nothing_that_has_the_cursor() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    for (width, height) in [(720, 450), (360, 225), (1440, 900)] {
        desk.ask("Array.from(document.querySelectorAll('#notice-pdf button')).slice(-1).forEach((one) => one.click())").await;
        desk.resize(width, height).await;
        desk.write("year", "2024").await;
        desk.write("other", "全年办理行政复议案件XX件。").await;
        desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
        desk.press("[value='pdf']").await;
        desk.until("document.getElementById('notice-pdf')").await;
        desk.until("!document.querySelector('#findings-panel').hidden").await;
        desk.ask("document.querySelector('#findings-panel').hidden || document.querySelector('#findings-panel .panel-head button').click()").await;
        desk.ask("document.getElementById('notes').focus()").await;
        let seen = "const at = document.activeElement;
            const box = at.getBoundingClientRect();
            const points = [0.02, 0.25, 0.5, 0.75, 0.98].map((share) => [box.left + Math.min(10, box.width / 2), box.top + box.height * share]);
            return [at.id || at.value || at.textContent.slice(0, 20), points.some(([x, y]) => { const on = document.elementFromPoint(x, y); return on && (at.contains(on) || on.contains(at)); })]";
        let mut stops = vec![];
        for _ in 0..40 {
            desk.key(Key::Shift + Key::Tab).await;
            let stop = desk.ask(seen).await;
            if stop[1] != json!(true) {
                stops.push(stop[0].clone());
            }
        }
        assert!(stops.is_empty(), "{width} × {height}: hidden: {stops:?}");
    }
    // Of several the newest is seen, and how many wait.
    desk.resize(1440, 900).await;
    desk.press("[value='remove problems[0]']").await;
    desk.until("document.getElementById('notice-removed')").await;
    assert_eq!(
        desk.ask("return document.querySelectorAll('#notices > .notice:not([hidden])').length").await,
        1
    );
    desk.press("#waiting-notices").await;
    assert!(
        desk.ask("return document.querySelectorAll('#notices > .notice:not([hidden])').length")
            .await
            .as_u64()
            > Some(1)
    );
    desk.is_for_everyone("notices in a row").await;
    desk.close().await;
}

/// Put away, a notice gives the cursor back to where it was; so does the menu that one leaves.
#[tokio::test]
async fn the_cursor_stays_where_one_works() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    // Before anything is written nothing is counted as wrong.
    assert_eq!(desk.text("return document.getElementById('findings-button').textContent").await, "检查结果");
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.until("document.getElementById('findings-button').textContent.includes('处错误')").await;
    assert!(desk.text("return document.getElementById('announcement').textContent").await.contains("处错误"));
    desk.press("[value='pdf']").await;
    desk.until("document.getElementById('notice-pdf')").await;
    desk.ask("document.getElementById('issuer.name').focus()").await;
    desk.ask("Array.from(document.querySelectorAll('#notice-pdf button')).pop().focus()").await;
    desk.key(Key::Enter).await;
    desk.until("document.activeElement.id === 'issuer.name'").await;
    desk.press("#menu-button").await;
    // More often than it has entries.
    for _ in 0..20 {
        desk.key(Key::Tab).await;
    }
    desk.until("document.getElementById('menu').hidden").await;
    desk.close().await;
}

/// What an input method has in hand is neither sent nor saved before it is a word.
#[tokio::test]
async fn half_composed_syllables_are_not_saved() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.ask("document.getElementById('notes').focus()").await;
    // What is asked for while nothing is typed is no matter here, so only what carries the field is kept.
    desk.ask("window.sent = []; const own = window.fetch; window.fetch = (...all) => { const body = String(all[1]?.body); if (body.includes('\"notes\"')) window.sent.push(body); return own(...all); };").await;
    for syllables in ["c", "ci", "ci'j"] {
        let composed =
            json!({ "text": syllables, "selectionStart": syllables.len(), "selectionEnd": syllables.len() });
        desk.tool("Input.imeSetComposition", composed).await;
    }
    assert_eq!(desk.value("notes").await, "ci'j");
    // Longer than the pauses after which it saves and asks.
    desk.ask("document.getElementById('notes').dataset.waited = ''").await;
    let wait = "const done = arguments[arguments.length - 1]; setTimeout(done, 900)";
    desk.browser.execute_async(wait, Vec::<Value>::new()).await.unwrap();
    assert_eq!(
        desk.ask("return [window.sent, JSON.stringify(localStorage).includes('ci')]").await,
        json!([[], false])
    );
    desk.tool("Input.insertText", json!({ "text": "此件公开发布" })).await;
    desk.until("JSON.stringify(localStorage).includes('此件公开发布')").await;
    desk.until("window.sent.some((body) => body.includes('此件公开发布'))").await;
    desk.close().await;
}

#[tokio::test]
async fn a_day_is_picked_or_typed_in_any_writing() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let no_fault = "document.getElementById('pages').getAttribute('aria-busy') === 'false' && !document.querySelector(\"[id='signature.date'][aria-invalid], [id='year'][aria-invalid]\")";
    for written in ["2025/2/18", "2025.2.18", "2025年2月18日"] {
        desk.write("signature.date", written).await;
        desk.settled().await;
        desk.until(no_fault).await;
    }
    desk.write("year", "2024年").await;
    desk.settled().await;
    desk.until(no_fault).await;
    desk.ask("const picker = document.querySelector('.day-picker'); picker.value = '2025-02-20'; picker.dispatchEvent(new Event('change'))").await;
    assert_eq!(desk.value("signature.date").await, "2025-02-20");
    desk.is_for_everyone("a day to pick").await;
    desk.close().await;
}

/// The name of a department says that it is one; it is told, and who chooses otherwise is left alone.
#[tokio::test]
async fn the_name_tells_the_kind_of_unit() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    assert_eq!(desk.value("issuer.kind").await, "government");
    desk.write("issuer.name", "青岛市城阳区水利局").await;
    desk.until("document.getElementById('issuer.kind').value === 'department'").await;
    let said = desk.text("return document.getElementById('issuer.kind-taken').textContent").await;
    assert!(said.contains("部门") && said.contains("改选"), "{said}");
    desk.until("JSON.stringify(localStorage).includes('\\\"kind\\\":\\\"department\\\"') || JSON.stringify(localStorage).includes('department')").await;
    desk.ask("const kind = document.getElementById('issuer.kind'); kind.value = 'township'; kind.dispatchEvent(new Event('input', { bubbles: true }))").await;
    desk.until("!document.getElementById('issuer.kind-taken')").await;
    desk.write("issuer.name", "青岛市城阳区人民政府").await;
    desk.settled().await;
    assert_eq!(desk.value("issuer.kind").await, "township");
    desk.close().await;
}

#[tokio::test]
async fn words_are_found_and_replaced_over_all_fields() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let count = "Array.from(document.querySelectorAll('#form [name]')).reduce((sum, one) => sum + (one.value || '').split('行政复议').length - 1, 0)";
    let before = desk.ask(&format!("return {count}")).await.as_u64().unwrap();
    assert!(before > 1, "{before}");
    desk.key(Key::Control + "h").await;
    desk.until("document.activeElement.id === 'replace-wanted'").await;
    desk.write("replace-wanted", "行政复议").await;
    desk.write("replace-by", "复议").await;
    desk.press("#replace-next").await;
    let chosen =
        "const at = document.activeElement; return at.value.slice(at.selectionStart, at.selectionEnd)";
    assert_eq!(desk.text(chosen).await, "行政复议");
    desk.press("#replace-all").await;
    let said = desk.text("return document.getElementById('replace-state').textContent").await;
    assert!(said.contains(&format!("替换了 {before} 处")), "{said}");
    assert_eq!(desk.ask(&format!("return {count}")).await, 0);
    desk.is_for_everyone("find and replace").await;
    desk.press("#replace-close").await;
    desk.press("#undo").await;
    assert_eq!(desk.ask(&format!("return {count}")).await, before);
    // The whole report, as a file, by the key that everybody knows.
    desk.ask("document.getElementById('year').focus()").await;
    desk.key(Key::Control + "s").await;
    desk.downloaded(".yaml").await;
    desk.close().await;
}

/// Rare parts are folded until something in them is wanted; an empty part of an import is not there.
#[tokio::test]
async fn rare_parts_are_folded() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let folded = "return [document.querySelector('#issuer .more').open, document.getElementById('settings').open, document.getElementById('not-placed').offsetHeight]";
    assert_eq!(desk.ask(folded).await, json!([false, false, 0]));
    let file = desk.folder.path().join("report.json");
    std::fs::write(
        &file,
        r#"{"year": "2024", "issuer": {"name": "云州市临江区人民政府", "code": "XX"}, "layout": {"headings": "nonsense"}, "unplaced": [{"text": "没有地方放的话。"}]}"#,
    )
    .unwrap();
    desk.ask("document.getElementById('file').hidden = false").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('unplaced[0].text')").await;
    desk.settled().await;
    assert_eq!(desk.ask("return document.querySelector('#issuer .more').open").await, true);
    assert!(desk.ask("return document.getElementById('not-placed').offsetHeight").await.as_u64() > Some(0));
    let so_far = desk.text("return document.getElementById('written-state').textContent").await;
    assert!(so_far.contains("写了 1 个"), "{so_far}");
    desk.close().await;
}

/// What is printed is the report.
#[tokio::test]
async fn the_pages_are_what_is_printed() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let sheets =
        || async { desk.ask("return document.querySelectorAll('.sheet').length").await.as_u64().unwrap() };
    let before = sheets().await;
    let printed = desk.tool("Page.printToPDF", json!({ "preferCSSPageSize": true })).await;
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, printed["data"].as_str().unwrap());
    let printed = Document::read(bytes.unwrap());
    // What a page too many has on it, if there is one.
    let page = |page: &Page| (page.width, page.height, page.text().chars().take(40).collect::<String>());
    let told: Vec<_> = printed.pages.iter().map(page).collect();
    assert_eq!((printed.pages.len() as u64, before), (before, sheets().await), "{told:#?}");
    desk.close().await;
}

/// On a narrow screen the bar leaves room, and the pages can be read.
#[tokio::test]
async fn on_a_narrow_screen_the_bar_is_low_and_the_pages_are_large() {
    let desk = Desk::open(Setup { width: 390, ..WIDE }, "/?sample=annual-report").await;
    desk.settled_at(390).await;
    let bar = desk.ask("return document.querySelector('.bar').offsetHeight").await.as_u64().unwrap();
    assert!(bar <= 88, "the bar is {bar} high");
    desk.press("#pages-button").await;
    desk.until("document.querySelector('.sheet').offsetWidth > 480").await;
    desk.press("#smaller").await;
    desk.until("document.querySelector('.sheet').offsetWidth < 480").await;
    desk.fits(390).await;
    desk.is_for_everyone("the pages on a narrow screen").await;
    desk.close().await;
}

/// A whole report that is pasted into one field is parted into its sections, if one wants; a heading loses its number.
#[tokio::test]
async fn a_whole_report_that_is_pasted_is_parted() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.press("[value='add measures']").await;
    desk.ask("document.getElementById('measures[0].heading').focus()").await;
    desk.paste("（一）规范行政执法").await;
    assert_eq!(desk.value("measures[0].heading").await, "规范行政执法");
    desk.press("[value='add measures[0].body']").await;
    desk.ask("document.getElementById('measures[0].body[0].text').focus()").await;
    desk.paste(
        "云州市临江区2024年法治政府建设年度报告\n一、主要举措和成效\n（一）优化政务服务。取消证明43项，办理时限缩短一半。\n\
        二、存在的不足和原因\n一是部分执法人员业务不熟，主要原因是培训偏重课堂讲授。\n\
        三、第一责任人履职情况\n区委、区政府主要负责人听取汇报4次。\n四、2025年主要安排\n（一）加强执法培训。分类轮训。\n\
        云州市临江区人民政府\n2025年2月18日",
    )
    .await;
    desk.press("#notice-pasted button").await;
    desk.until("!document.getElementById('import-panel').hidden").await;
    assert_eq!(desk.value("measures[0].heading").await, "优化政务服务");
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");
    desk.close().await;
}

/// From finding to finding by key, also into what is folded.
#[tokio::test]
async fn findings_are_gone_through_by_key() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    desk.ask("document.querySelector('#issuer .more').open = false").await;
    desk.ask("const code = document.getElementById('issuer.code'); code.value = 'XX单位'; code.dispatchEvent(new Event('input', { bubbles: true }))").await;
    desk.write("other", "全年办理行政复议案件XX件。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('XX')").await;
    desk.ask("document.getElementById('year').focus()").await;
    let stop = "return document.activeElement.id";
    let mut stops = vec![];
    for _ in 0..3 {
        desk.key(Key::F8).await;
        stops.push(desk.text(stop).await);
    }
    assert!(stops.contains(&"other".to_owned()), "{stops:?}");
    desk.ask("document.getElementById('signature.date').focus()").await;
    desk.key(Key::Shift + Key::F8).await;
    assert_eq!(desk.text(stop).await, "other");
    desk.close().await;
}

/// This year's report begins from last year's: what was planned is answered, what was written can be read again, and
/// what stands word for word as last year is told.
#[tokio::test]
async fn a_report_begins_from_last_years() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    let file = desk.folder.path().join("去年.yaml");
    std::fs::write(&file, crate::workbench::sample()).unwrap();
    // The file chooser of the system is not the page's.
    desk.ask("HTMLInputElement.prototype.click = () => {}; document.getElementById('file').hidden = false")
        .await;
    desk.pick_from_menu("carry").await;
    desk.element("#file").await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("!document.getElementById('last-year-panel').hidden").await;
    assert_eq!(desk.value("year").await, "2025");
    assert_eq!(desk.value("issuer.name").await, "云州市临江区人民政府");
    assert_ne!(desk.value("indicators[0].previous").await, "");
    assert_eq!(desk.value("indicators[0].value").await, "");
    desk.is_for_everyone("last year's report").await;
    desk.press("#last-year-panel li .button").await;
    let planned = desk.value("measures[0].heading").await;
    assert!(!planned.is_empty());
    desk.press("[value='add measures[0].body']").await;
    let old = "2024年，在市委、市政府和区委坚强领导下";
    let text = desk.text("return Array.from(document.querySelectorAll('#last-year-panel .shown-text'), (one) => one.textContent)[0] || ''").await;
    assert!(text.starts_with(old), "{text}");
    desk.write("preface", &text).await;
    desk.press("#last-year-button").await;
    desk.until("document.getElementById('last-year-panel').hidden").await;
    desk.press("#last-year-button").await;
    desk.until("document.getElementById('last-year-panel').textContent.includes('写得一样的 1 处')").await;
    // At its field, too.
    desk.until("document.querySelectorAll('.as-last-year').length === 1").await;
    // It comes along with the draft.
    desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    desk.browser.refresh().await.unwrap();
    desk.settled().await;
    desk.until("!document.getElementById('last-year-button').hidden").await;
    desk.pick_from_menu("new").await;
    desk.until("document.getElementById('last-year-button').hidden").await;
    desk.close().await;
}

/// A table is filled in by cell, by key and by paste, and stays the text that it was without scripts.
#[tokio::test]
async fn a_table_is_a_grid() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.press("[value='add attachments']").await;
    let text = "return document.getElementById('attachments[0].table').value";
    desk.until("document.querySelector('.grid .cell')").await;
    desk.ask("document.querySelector('.grid .cell').focus()").await;
    for (words, key) in [("指标", Key::Tab), ("件数", Key::Tab), ("复议", Key::Tab)] {
        desk.key(words).await;
        desk.key(key).await;
    }
    desk.key("386").await;
    assert_eq!(desk.text(text).await, "指标\t件数\n复议\t386");
    desk.key(Key::Enter).await;
    desk.paste("128\t一审\n20\t二审").await;
    assert_eq!(desk.text(text).await, "指标\t件数\t\n复议\t386\t\n\t128\t一审\n\t20\t二审");
    // Undone by the key that undoes everything.
    desk.undo().await;
    assert_eq!(desk.text(text).await, "指标\t件数\n复议\t386\n\t");
    assert_eq!(desk.ask("return document.querySelectorAll('.grid tr').length").await, 3);
    desk.is_for_everyone("a grid").await;
    desk.close().await;
}

/// Dragged by its title an item changes places; the numbers that name it follow, and it is undone as one.
#[tokio::test]
async fn an_item_is_dragged_to_its_place() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let first = desk.value("problems[0].problem").await;
    let drag = "const items = document.querySelectorAll('#problems > .items > .item');
        const title = items[0].querySelector('legend');
        const data = new DataTransfer();
        const fire = (on, name) => on.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: data }));
        title.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        fire(title, 'dragstart');
        fire(items[2].querySelector('textarea'), 'dragover');
        fire(items[2].querySelector('textarea'), 'drop');
        fire(title, 'dragend');
        return title.draggable";
    assert_eq!(desk.ask(drag).await, true);
    assert_eq!(desk.value("problems[2].problem").await, first);
    assert_eq!(desk.value("plans[0].answers").await, "3");
    desk.press("#undo").await;
    assert_eq!(desk.value("problems[0].problem").await, first);
    assert_eq!(desk.value("plans[0].answers").await, "1");
    desk.close().await;
}

/// What a finding says would be right is taken with one button, all of a kind with another, and undone as one.
#[tokio::test]
async fn remedies_are_taken_and_undone() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    desk.write("other", "落实《法治政府建设实施纲要》,办结案件(含积案)20件;其余照旧。").await;
    desk.write("problems[0].cause", "培训偏重课堂讲授,案例研讨少。").await;
    desk.until("document.getElementById('other-findings').textContent.includes('半角')").await;
    desk.until("document.getElementById('problems[0].cause-findings').textContent.includes('半角')").await;
    let cause = desk.value("problems[0].cause").await;
    desk.press("#findings-button").await;
    desk.is_for_everyone("findings with remedies").await;
    let press = |label: &str| {
        format!(
            "Array.from(document.querySelectorAll('#findings-panel .finding button')).find((one) => one.textContent === '{label}').click()"
        )
    };
    desk.ask(&press("同类的都采纳")).await;
    assert_eq!(desk.value("other").await, "落实《法治政府建设实施纲要》，办结案件（含积案）20件；其余照旧。");
    assert_eq!(desk.value("problems[0].cause").await, "培训偏重课堂讲授，案例研讨少。");
    desk.settled().await;
    desk.until("!document.getElementById('findings-panel').textContent.includes('半角')").await;
    desk.press("#undo").await;
    assert_eq!(desk.value("problems[0].cause").await, cause);
    desk.until("document.getElementById('findings-panel').textContent.includes('半角')").await;
    // A word that stands twice.
    desk.write("preface", "全年扎实推进推进法治政府建设各项工作。").await;
    desk.until("document.getElementById('preface-findings').textContent.includes('两遍')").await;
    desk.ask("Array.from(document.querySelectorAll('#findings-panel .finding')).find((one) => one.textContent.includes('两遍')).querySelector('.buttons button').click()").await;
    assert_eq!(desk.value("preface").await, "全年扎实推进法治政府建设各项工作。");
    desk.until("!document.getElementById('findings-panel').textContent.includes('两遍')").await;
    // One alone: the first in the form.
    desk.ask(&press("采纳")).await;
    assert_eq!(desk.value("problems[0].cause").await, "培训偏重课堂讲授，案例研讨少。");
    assert!(desk.value("other").await.contains(",办结"));
    desk.close().await;
}

/// The code of an indicator follows from its name, of the list or of one's own, and is out of sight.
#[tokio::test]
async fn nobody_types_the_code_of_an_indicator() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.press("[value='add indicators']").await;
    desk.write("indicators[0].name", "巡河里程").await;
    desk.write("indicators[0].value", "386").await;
    desk.settled().await;
    let told = "return document.getElementById('findings-panel').textContent + Array.from(document.querySelectorAll('#indicators .findings'), (one) => one.textContent).join()";
    let told = desk.text(told).await;
    assert!(!told.contains("指标代码"), "{told}");
    assert_eq!(desk.ask("return document.querySelector('#indicators .item .more').open").await, false);
    desk.write("indicators[0].name", "受理行政复议案件").await;
    desk.ask("document.activeElement.blur()").await;
    desk.until("document.querySelector(\"[name='indicators[0].key']\").value === 'reconsideration.accepted'")
        .await;
    // Of another name the code of that, or none.
    desk.write("indicators[0].name", "法律援助案件").await;
    desk.ask("document.activeElement.blur()").await;
    desk.until("document.querySelector(\"[name='indicators[0].key']\").value === 'legal_aid.cases'").await;
    desk.write("indicators[0].name", "巡河里程").await;
    desk.ask("document.activeElement.blur()").await;
    desk.until("document.querySelector(\"[name='indicators[0].key']\").value === ''").await;
    desk.is_for_everyone("an indicator by its name").await;
    desk.close().await;
}

/// A figure in a cell is seen whole, on a telephone too: the table is scrolled, not squeezed.
#[tokio::test]
async fn cells_of_a_table_are_readable_on_a_narrow_screen() {
    let desk = Desk::open(Setup { width: 390, ..WIDE }, "/?sample=annual-report").await;
    desk.settled_at(390).await;
    desk.until("document.querySelectorAll('.grid .cell').length > 20").await;
    let cut = "return Array.from(document.querySelectorAll('.grid .cell')).filter((cell) => cell.value.length <= 6 && cell.scrollWidth > cell.clientWidth).map((cell) => cell.value)";
    assert_eq!(desk.ask(cut).await, json!([]));
    desk.fits(390).await;
    desk.close().await;
}

/// What the text states is offered as an indicator, taken with one button and undone; where the list says another
/// figure, that is told beside it.
#[tokio::test]
async fn figures_of_the_text_are_offered_as_indicators() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.write("issuer.name", "云州市临江区人民政府").await;
    desk.write("preface", "全年受理行政复议案件128件，一审行政诉讼案件20件。").await;
    desk.ask("document.getElementById('tables').scrollIntoView()").await;
    desk.until("document.getElementById('stated')?.textContent.includes('还没有列出的指标（2 项）')").await;
    desk.is_for_everyone("figures that are offered").await;
    desk.press("#stated li button").await;
    assert_eq!(desk.value("indicators[0].key").await, "reconsideration.accepted");
    assert_eq!(desk.value("indicators[0].value").await, "128");
    assert_eq!(desk.value("indicators[0].unit").await, "件");
    desk.until("document.getElementById('stated').textContent.includes('（1 项）')").await;
    desk.press("#undo").await;
    assert_eq!(desk.ask("return document.querySelectorAll('#indicators .item').length").await, 0);
    desk.press("#redo").await;
    assert_eq!(desk.value("indicators[0].value").await, "128");
    // The text is corrected, the indicator is not.
    desk.write("preface", "全年受理行政复议案件138件，一审行政诉讼案件20件。").await;
    desk.until("document.querySelector('.stated-otherwise')?.textContent.includes('正文里写的是 138件')")
        .await;
    desk.is_for_everyone("an indicator that the text states differently").await;
    desk.press(".stated-otherwise .button").await;
    assert_eq!(desk.value("indicators[0].value").await, "138");
    desk.until("!document.querySelector('.stated-otherwise')").await;
    desk.undo().await;
    assert_eq!(desk.value("indicators[0].value").await, "128");
    desk.until("document.querySelector('.stated-otherwise')").await;
    desk.close().await;
}

/// What was changed since the file was opened is shown side by side, after a reload as well.
#[tokio::test]
async fn what_was_changed_is_shown_side_by_side() {
    let desk = Desk::open(WIDE, "/").await;
    desk.settled().await;
    desk.pick_from_menu("sample").await;
    desk.until("document.getElementById('plans[4].heading')").await;
    desk.write("other", "全年办理行政复议案件20件。").await;
    let old = desk.value("problems[0].problem").await;
    desk.write("problems[0].problem", &format!("{old}还有一处。")).await;
    desk.press("[value='down plans[0]']").await;
    desk.until("document.getElementById('draft-state').textContent.startsWith('已保存')").await;
    desk.browser.refresh().await.unwrap();
    desk.settled().await;
    desk.pick_from_menu("difference").await;
    desk.until("document.querySelector('.differences')").await;
    let said = desk.text("return document.getElementById('difference-panel').textContent").await;
    // One reworded, one moved, and three paragraphs that gave way to one.
    assert!(said.contains("有 6 处不同") && said.contains("原来是第"), "{said}");
    let marked = "return Array.from(document.querySelectorAll('.differences ins'), (one) => one.textContent)";
    let marked = desk.ask(marked).await;
    assert!(marked.as_array().unwrap().contains(&json!("还有一处。")), "{marked}");
    assert!(desk.ask("return document.querySelector('.sides').textContent.length > 10").await == json!(true));
    desk.is_for_everyone("what was changed").await;
    desk.press(".differences .jump").await;
    assert!(desk.ask("return Boolean(document.activeElement.closest('.writing'))").await == json!(true));
    // Another file, as last year's.
    let file = desk.folder.path().join("去年.yaml");
    std::fs::write(&file, crate::workbench::sample().replace("year: 2024", "year: 2023")).unwrap();
    let choose = "[aria-label='要对照的文件']";
    desk.ask(&format!("document.querySelector(\"{choose}\").hidden = false")).await;
    desk.element(choose).await.send_keys(file.to_string_lossy().into_owned()).await.unwrap();
    desk.until("document.getElementById('difference-panel').textContent.includes('和“去年.yaml”比，有')")
        .await;
    desk.close().await;
}

/// What the report offers for its digest is ticked, and makes a file.
#[tokio::test]
async fn a_digest_is_ticked_and_downloaded() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    desk.pick_from_menu("digest").await;
    desk.until("document.querySelectorAll('#digest-panel input:checked').length > 20").await;
    desk.is_for_everyone("the ticks of a digest").await;
    let ticked =
        "return document.querySelectorAll('#digest-panel .digest-group:last-of-type input:checked').length";
    let before = desk.ask(ticked).await.as_u64().unwrap();
    desk.ask(
        "document.querySelector('#digest-panel .digest-group:last-of-type input:not(:checked)').click()",
    )
    .await;
    assert_eq!(desk.ask(ticked).await, json!(before + 1));
    // Opened again it is as it was ticked.
    desk.ask("document.getElementById('digest-button').click()").await;
    desk.ask("document.getElementById('digest-button').click()").await;
    desk.until("!document.getElementById('digest-panel').hidden").await;
    desk.until(&format!("({}) === {}", ticked.trim_start_matches("return "), before + 1)).await;
    desk.ask("document.querySelector('#digest-panel .buttons button:last-child').click()").await;
    desk.until("document.getElementById('notice-digest').textContent.includes('成绩单.txt')").await;
    desk.close().await;
}

/// The formal edition is looked at in place of the public one or beside it, and follows what is written.
#[tokio::test]
async fn both_editions_are_looked_at() {
    let desk = Desk::open(WIDE, "/?sample=annual-report").await;
    desk.settled().await;
    let choose = |edition: &str| {
        format!(
            "const view = document.getElementById('edition-view'); view.value = '{edition}'; view.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        )
    };
    let other = "#other-pages:not([hidden]) .sheet img";
    desk.ask(&choose("both")).await;
    desk.until(&format!("document.querySelector('{other}')")).await;
    assert_eq!(desk.ask("return document.getElementById('pages').hidden").await, false);
    desk.is_for_everyone("both editions").await;
    desk.fits(1440).await;
    let pages = format!("Array.from(document.querySelectorAll('{other}'), (one) => one.dataset.hash).join()");
    let before = desk.text(&format!("return {pages}")).await;
    desk.write("other", "全年办理行政复议案件20件。").await;
    desk.until(&format!("{pages} !== '{before}'")).await;
    let written = desk.value("edition").await;
    desk.ask(&choose(if written == "formal" { "public" } else { "formal" })).await;
    desk.until("document.getElementById('pages').hidden").await;
    desk.ask(&choose(&written)).await;
    desk.until("document.getElementById('other-pages').hidden").await;
    desk.close().await;
}
