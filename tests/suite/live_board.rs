//! The board under the eyes of a reviewer while units write and submit.

use std::time::Instant;

use nianbao::accounts::Role;
use nianbao::audit::Doer;
use nianbao::collections::{
    MoveWish, NewVersion, Occasion, SubmissionMove, SubmissionPlace, VersionFiles, VersionWay,
};
use nianbao::database::DatabasePlace;
use nianbao_office::Office;

use super::*;
use crate::drafts::{HOSTILE, collection, now, session};

fn doer() -> Doer {
    Doer { name: "李某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

async fn step(office: &Office, place: &SubmissionPlace<'_>, step: SubmissionMove) {
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: "2025-01-10".parse().unwrap() };
    office.collections.step(place, step, &MoveWish::default(), &occasion).await.unwrap();
}

async fn submit(office: &Office, place: &SubmissionPlace<'_>, input: &str) {
    let doer = doer();
    let occasion = Occasion { doer: &doer, at: now(), today: "2025-01-10".parse().unwrap() };
    let version = NewVersion {
        input,
        base: 0,
        way: VersionWay::Form,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: 1234,
        files: &VersionFiles::default(),
    };
    office.collections.submit(place, &version, &occasion).await.unwrap();
}

#[tokio::test]
async fn a_board_changes_under_the_readers_eyes_and_keeps_his_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let office = Office::open(&DatabasePlace::File(folder.path().join("data/nianbao.db"))).await.unwrap();
    let collection = collection(&office).await;
    let token = session(&office, "周某", Role::Reviewer, &[]).await;
    let a1 = SubmissionPlace { collection: &collection, unit: "A1" };
    let b2 = SubmissionPlace { collection: &collection, unit: "B2" };

    let mut desk = Desk::before(WIDE, folder, &["--accounts"]).await;
    desk.go("/login").await;
    desk.browser.add_cookie(Cookie::new("nianbao", token)).await.unwrap();
    desk.go(&format!("/collections/{collection}?state=owing&order=name")).await;
    desk.is_for_everyone("the board").await;
    desk.ask(
        "window.asked = 0; const own = window.fetch; window.fetch = (...all) => { asked += 1; return own(...all) }; \
         document.querySelector('[data-key=B2] a').focus(); \
         document.getElementById('text').value = '写到一半'",
    )
    .await;
    let place = desk.ask("return [location.href, document.getElementById('text').value]").await;
    let is_kept = async || {
        assert_eq!(desk.text("return document.activeElement.textContent").await, "临江区");
        let now = desk.ask("return [location.href, document.getElementById('text').value]").await;
        assert_eq!(now, place);
    };

    step(&office, &a1, SubmissionMove::Begin).await;
    desk.until("document.querySelector('[data-key=A1] .tag').textContent === '填写中'").await;
    assert_eq!(
        desk.text("return document.querySelector('[data-live]').textContent").await,
        format!("刚刚更新：{HOSTILE}。")
    );
    is_kept().await;

    // What is no longer looked for goes; the reader stays where he is.
    submit(&office, &a1, r#"{"title":"一"}"#).await;
    desk.until("!document.querySelector('[data-key=A1]')").await;
    desk.until("document.querySelector('[data-part=counts]').textContent.includes('没有报送 1')").await;
    is_kept().await;

    // However much happens, it asks now and then.
    let since = Instant::now();
    desk.ask("asked = 0").await;
    let doer = doer();
    for number in 0..300 {
        let occasion = Occasion { doer: &doer, at: now(), today: "2025-01-10".parse().unwrap() };
        let reason = format!("第{number}次");
        let until = if number == 299 { "2025-04-01" } else { "2025-03-01" };
        office.collections.extend(&b2, until.parse().unwrap(), &reason, &occasion).await.unwrap();
    }
    desk.until("document.querySelector('[data-key=B2]').textContent.includes('2025年4月1日')").await;
    let asked = desk.ask("return asked").await.as_u64().unwrap();
    assert!(asked <= since.elapsed().as_secs() / 2 + 2, "{asked} times in {:?}", since.elapsed());
    is_kept().await;

    // The service is away and comes again: what happened meanwhile is there.
    let address = desk.address.clone();
    drop(desk.served.take());
    step(&office, &b2, SubmissionMove::Begin).await;
    desk.served = Some(Served::start_at(desk.folder.path(), &address, &["--accounts"]));
    desk.until("document.querySelector('[data-key=B2] .tag').textContent === '填写中'").await;

    // A submission's own page says how far it is.
    desk.go(&format!("/collections/{collection}/units/A1")).await;
    desk.is_for_everyone("a submission").await;
    step(&office, &a1, SubmissionMove::Take).await;
    desk.until("document.querySelector('[data-part=lead] .tag').textContent === '审核中'").await;
    desk.until("document.querySelector('[data-live]').textContent.includes('审核中')").await;
    desk.close().await;
}
