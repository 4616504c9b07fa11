//! A draft of the service under the hands of two: one at a browser, the other elsewhere.

use nianbao::collections::drafts::{DraftChange, DraftOrigin, DraftPlace};
use nianbao_office::Office;

use super::*;
use crate::drafts::{ToBeWritten, now};

const SAVED: &str = "document.getElementById('draft-state').textContent.startsWith('已保存')";

/// Somebody else's save.
async fn save(office: &Office, place: DraftPlace<'_>, key: &str, field: &str, value: Value) {
    let now_there = office.drafts.current(place).await.unwrap();
    let mut tree = now_there.tree;
    tree[field] = value;
    let change = DraftChange { key, base: now_there.revision, tree: &tree, by: "乙某" };
    office.drafts.save(place, change, now()).await.unwrap();
}

#[tokio::test]
async fn what_two_write_is_merged_under_the_hand_and_outlives_the_service() {
    let ToBeWritten { folder, office, collection, token } = ToBeWritten::by_unit("A1").await;
    let place = DraftPlace { collection: &collection, unit: "A1" };
    let title = async || office.drafts.current(place).await.unwrap().tree["title"].clone();

    let mut desk = Desk::before(WIDE, folder, &["--accounts"]).await;
    desk.go("/login").await;
    desk.browser.add_cookie(Cookie::new("nianbao", token)).await.unwrap();
    desk.go(&format!("/collections/{collection}/units/A1/draft")).await;
    desk.settled().await;
    desk.is_for_everyone("the form of several").await;
    desk.write("title", "甲的标题").await;
    desk.until(SAVED).await;
    assert_eq!(title().await, "甲的标题");

    // What another saves comes in, and the cursor stays.
    save(&office, place, "k1", "preface", json!(["别人写的导语。"])).await;
    desk.until("document.getElementById('preface').value.includes('别人写的导语')").await;
    assert_eq!(desk.text("return document.activeElement.id").await, "title");
    desk.until("document.getElementById('writers').textContent.includes('乙某')").await;

    // Both write the same field: both texts are shown, and one is chosen.
    save(&office, place, "k2", "title", json!("乙的标题")).await;
    desk.write("title", "甲又改了").await;
    desk.until("document.querySelector('#conflicts').textContent.includes('甲又改了')").await;
    assert!(desk.text("return document.getElementById('conflicts').textContent").await.contains("乙的标题"));
    assert_eq!(desk.value("title").await, "乙的标题");
    desk.press("#conflicts button:last-of-type").await;
    desk.until("document.getElementById('title').value === '甲又改了'").await;
    desk.until("!document.querySelector('#conflicts .conflict')").await;
    assert_eq!(title().await, "甲又改了");

    // The service is away: what is written stays here, and is sent when it is back.
    let address = desk.address.clone();
    drop(desk.served.take());
    desk.write("notes", "此件公开发布").await;
    desk.until("document.getElementById('draft-state').textContent.includes('恢复连接后自动保存')").await;
    desk.until("JSON.stringify(localStorage).includes('此件公开发布')").await;
    desk.served = Some(Served::start_at(desk.folder.path(), &address, &["--accounts"]));
    desk.until(SAVED).await;
    assert_eq!(office.drafts.current(place).await.unwrap().tree["notes"], "此件公开发布");
    desk.until("!Object.keys(localStorage).some((key) => key.startsWith('nianbao/shared/'))").await;
    desk.close().await;
}

#[tokio::test]
async fn what_the_page_had_no_room_for_is_fetched_and_nothing_of_it_is_lost() {
    let ToBeWritten { folder, office, collection, token } = ToBeWritten::by_unit("A1").await;
    let place = DraftPlace { collection: &collection, unit: "A1" };
    let unplaced: Value =
        (0..400).map(|number| json!({ "text": "没有归类。".repeat(number % 7 + 20) })).collect();
    let tree = json!({ "year": "2024", "preface": ["导语。".repeat(20_000)], "unplaced": unplaced });
    office.drafts.begin(place, DraftOrigin::Import(&tree), "乙某", now()).await.unwrap();

    let desk = Desk::before(WIDE, folder, &["--accounts"]).await;
    desk.go("/login").await;
    desk.browser.add_cookie(Cookie::new("nianbao", token)).await.unwrap();
    desk.go(&format!("/collections/{collection}/units/A1/draft")).await;
    desk.until("document.querySelectorAll('#unplaced .item').length === 400").await;
    desk.until("!document.getElementById('kept-notice') && !document.getElementById('preface').disabled")
        .await;
    desk.write("title", "甲的标题").await;
    desk.until(SAVED).await;
    let saved = office.drafts.current(place).await.unwrap().tree;
    assert_eq!(saved["title"], "甲的标题");
    assert_eq!((&saved["unplaced"], &saved["preface"]), (&tree["unplaced"], &tree["preface"]));
    desk.close().await;
}

/// A draft that begins from last year's report has it beside it: what was planned, what was written, and what stands
/// as it stood there.
#[tokio::test]
async fn last_years_report_stands_beside_a_draft_of_several() {
    let ToBeWritten { folder, office, collection, token } = ToBeWritten::by_unit("B2").await;
    let place = DraftPlace { collection: &collection, unit: "B2" };

    let desk = Desk::before(WIDE, folder, &["--accounts"]).await;
    desk.go("/login").await;
    desk.browser.add_cookie(Cookie::new("nianbao", token)).await.unwrap();
    desk.go(&format!("/collections/{collection}/units/B2/draft")).await;
    desk.settled().await;
    assert!(desk.text("return document.querySelector('.lead').textContent").await.contains("报送期限 20"));
    desk.until("!document.getElementById('last-year-button').hidden").await;
    desk.press("#last-year-button").await;
    desk.is_for_everyone("last year's report beside a draft of several").await;
    let text = "return Array.from(document.querySelectorAll('#last-year-panel .shown-text'), (one) => one.textContent).find((one) => one.length >= 15)";
    let text = desk.text(text).await;
    desk.press("#last-year-panel li .button").await;
    let planned = desk.value("measures[0].heading").await;
    assert!(!planned.is_empty());
    desk.write("preface", &text).await;
    desk.until(SAVED).await;
    assert_eq!(office.drafts.current(place).await.unwrap().tree["measures"][0]["heading"], planned);
    desk.press("#last-year-button").await;
    desk.until("document.getElementById('last-year-panel').hidden").await;
    desk.press("#last-year-button").await;
    desk.until("!document.getElementById('last-year-panel').hidden").await;
    let told = desk.text("return document.getElementById('last-year-panel').textContent").await;
    assert!(told.contains("写得一样的 1 处"), "{told}");
    // And what was written since is shown against what was opened.
    desk.pick_from_menu("difference").await;
    desk.until("document.querySelector('.differences')").await;
    desk.close().await;
}
