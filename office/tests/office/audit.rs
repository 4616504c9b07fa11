//! The record: one chain, whoever writes, and every way of changing it is told.

use std::collections::BTreeSet;

use nianbao_office::audit::{
    Act, Deed, Doer, LONGEST_DETAIL, Record, RecordEntry, RecordFault, RecordFilter, RecordHead, note,
};
use sqlx::{AnyPool, AssertSqlSafe};

use crate::databases::on_each;

fn doer(name: &str, account: Option<&str>) -> Doer {
    Doer { name: name.into(), account: account.map(str::to_owned), on_behalf: None, from: "192.0.2.7".into() }
}

async fn noted(pool: &AnyPool, doer: &Doer, act: Act, of: &str, detail: &str, now: i64) {
    let mut changes = pool.begin().await.unwrap();
    note(&mut changes, &Deed { doer, act, of, detail }, now).await.unwrap();
    changes.commit().await.unwrap();
}

async fn all(record: &Record) -> Vec<RecordEntry> {
    record.entries(&RecordFilter::default(), None, usize::MAX).await.unwrap()
}

/// A record of so many entries.
async fn record_of(pool: &AnyPool, count: i64) -> Record {
    let record = Record::open(pool).await.unwrap();
    for number in 0..count {
        noted(pool, &doer("王某", Some("A")), Act::Login, "account/A", "", 1000 + number).await;
    }
    record
}

async fn sql(pool: &AnyPool, statement: &str) {
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}

async fn faults(record: &Record) -> Vec<RecordFault> {
    record.verify(None).await.unwrap().faults
}

#[test]
fn each_act_has_a_code_and_words_of_its_own() {
    let codes: BTreeSet<_> = Act::ALL.iter().map(|act| act.code()).collect();
    let words: BTreeSet<_> = Act::ALL.iter().map(|act| act.words()).collect();
    assert_eq!((codes.len(), words.len()), (Act::ALL.len(), Act::ALL.len()));
    for act in Act::ALL {
        assert_eq!(Act::from_code(act.code()), Some(*act));
        assert!(act.code().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{act:?}");
    }
    assert_eq!(Act::from_code("submitted"), Some(Act::Submission));
}

#[tokio::test]
async fn fifty_at_once_write_one_chain() {
    on_each(async |pool| {
        let record = Record::open(&pool).await.unwrap();
        let notes = (0..50).map(|number| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let doer = doer(&format!("第{number}人"), None);
                noted(&pool, &doer, Act::Submission, &format!("unit/{number}"), "", 7).await;
            })
        });
        for one in notes.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let verification = record.verify(None).await.unwrap();
        assert!(verification.is_sound(), "{verification:?}");
        assert_eq!(verification.entries, 50);
        let entries = all(&record).await;
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, (1..=50).rev().collect::<Vec<_>>());
        assert_eq!(entries.iter().map(|entry| &entry.doer.name).collect::<BTreeSet<_>>().len(), 50);
        assert_eq!(record.head().await.unwrap(), RecordHead { number: 50, hash: entries[0].hash.clone() });
    })
    .await;
}

/// What is promised at the head of `chain.rs`, reckoned once with another program.
#[tokio::test]
async fn a_hash_can_be_reckoned_without_this_program() {
    on_each(async |pool| {
        let record = record_of(&pool, 1).await;
        let hash = "a2fb8c3b2afcfbbdc548955d4bf49b1ddc053840d37c37c9baa687d4c630feda";
        assert_eq!(record.head().await.unwrap(), RecordHead { number: 1, hash: hash.into() });
    })
    .await;
}

#[tokio::test]
async fn what_is_rolled_back_was_never_done() {
    on_each(async |pool| {
        let record = record_of(&pool, 1).await;
        let mut changes = pool.begin().await.unwrap();
        let deed = Deed { doer: &doer("李某", None), act: Act::Return, of: "unit/1", detail: "" };
        note(&mut changes, &deed, 5).await.unwrap();
        changes.rollback().await.unwrap();
        noted(&pool, &doer("李某", None), Act::Return, "unit/2", "", 6).await;
        assert!(record.verify(None).await.unwrap().is_sound());
        assert_eq!(all(&record).await.len(), 2);
        // Opened again nothing is lost.
        Record::open(&pool).await.unwrap();
        assert_eq!(all(&record).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn whatever_is_written_into_a_name_is_kept_as_text_and_bounded() {
    on_each(async |pool| {
        let record = Record::open(&pool).await.unwrap();
        let hostile = "'; DROP TABLE nianbao_record; --\"<b>\0\u{202E}x</b>,null]";
        let mut one = doer(hostile, Some(hostile));
        one.on_behalf = Some(hostile.into());
        noted(&pool, &one, Act::Comment, hostile, &"字".repeat(1_000_000), 1).await;
        let entry = all(&record).await.remove(0);
        let kept = hostile.replace(['\0', '\u{202E}'], "\u{FFFD}");
        assert_eq!((&entry.doer.name, &entry.of), (&kept, &kept));
        assert_eq!(entry.doer.on_behalf.as_deref(), Some(&*kept));
        assert_eq!(entry.detail.chars().count(), LONGEST_DETAIL);
        assert!(entry.detail.ends_with('…'));
        assert!(record.verify(None).await.unwrap().is_sound());
        let filter = RecordFilter { account: Some(hostile), of: Some(hostile), ..RecordFilter::default() };
        assert_eq!(record.entries(&filter, None, 10).await.unwrap(), [entry]);
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_page_by_page() {
    on_each(async |pool| {
        let record = Record::open(&pool).await.unwrap();
        for number in 0..10 {
            let act = if number % 2 == 0 { Act::Login } else { Act::Submission };
            let account = ["A", "B"][usize::from(5 <= number)];
            let of = format!("collection/{}/unit/{number}", [1, 10][usize::from(number == 9)]);
            noted(&pool, &doer("王某", Some(account)), act, &of, "", 100 + i64::from(number)).await;
        }
        let numbers = async |filter: RecordFilter<'static>, before, limit| {
            let entries = record.entries(&filter, before, limit).await.unwrap();
            entries.iter().map(|entry| entry.number).collect::<Vec<_>>()
        };
        let default = RecordFilter::default;
        assert_eq!(numbers(default(), None, 4).await, [10, 9, 8, 7]);
        assert_eq!(numbers(default(), Some(7), 4).await, [6, 5, 4, 3]);
        assert_eq!(numbers(default(), Some(1), 4).await, [0_i64; 0]);
        assert_eq!(numbers(RecordFilter { act: Some(Act::Login), ..default() }, Some(6), 9).await, [5, 3, 1]);
        assert_eq!(
            numbers(RecordFilter { account: Some("B"), ..default() }, None, 9).await,
            [10, 9, 8, 7, 6]
        );
        // What is below, and not what only begins alike.
        assert_eq!(numbers(RecordFilter { of: Some("collection/1"), ..default() }, None, 3).await, [9, 8, 7]);
        assert_eq!(numbers(RecordFilter { of: Some("collection/10"), ..default() }, None, 9).await, [10]);
        assert_eq!(
            numbers(RecordFilter { of: Some("collection/%"), ..default() }, None, 9).await,
            [0_i64; 0]
        );
        let span = RecordFilter { since: Some(102), until: Some(104), ..default() };
        assert_eq!(numbers(span, None, 9).await, [4, 3]);
        assert_eq!(all(&record).await[0].words(), "报送");
    })
    .await;
}

#[tokio::test]
async fn an_act_of_a_later_release_is_shown_by_its_code() {
    on_each(async |pool| {
        let record = record_of(&pool, 1).await;
        sql(&pool, "UPDATE nianbao_record SET act = 'sealed'").await;
        assert_eq!(all(&record).await[0].words(), "sealed");
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_is_told() {
    let columns = ["doer", "account", "on_behalf", "origin", "act", "subject", "detail"];
    on_each(async |pool| {
        let record = record_of(&pool, 12).await;
        assert_eq!(faults(&record).await, []);
        for (number, column) in (2..).zip(columns) {
            sql(&pool, &format!("UPDATE nianbao_record SET {column} = 'x' WHERE number = {number}")).await;
        }
        sql(&pool, "UPDATE nianbao_record SET at = at - 1 WHERE number = 9").await;
        let changes: Vec<_> = (2..=9).map(RecordFault::Change).collect();
        assert_eq!(faults(&record).await, changes);
        sql(&pool, "UPDATE nianbao_record SET hash = 'x' WHERE number = 11").await;
        let told = faults(&record).await;
        assert_eq!(told[8..], [RecordFault::Change(11), RecordFault::Break(12)]);
        assert_eq!(told[0].to_string(), "第2条被改动过：内容与校验值不符");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_any_more_is_told() {
    on_each(async |pool| {
        let record = record_of(&pool, 3).await;
        // SQLite lets anything stand anywhere; PostgreSQL does not.
        let statement = "UPDATE nianbao_record SET at = CAST('soon' AS TEXT) WHERE number = 2";
        if sqlx::query(statement).execute(&pool).await.is_ok() {
            assert_eq!(faults(&record).await, [RecordFault::Change(2)]);
        } else {
            assert_eq!(faults(&record).await, []);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_text_loses_to_its_neighbour_is_told() {
    on_each(async |pool| {
        let record = Record::open(&pool).await.unwrap();
        noted(&pool, &doer("王某", None), Act::Return, "unit/1", "请补充", 1).await;
        // The same characters one after the other, divided otherwise.
        sql(&pool, "UPDATE nianbao_record SET subject = 'unit/', detail = '1请补充'").await;
        assert_eq!(faults(&record).await, [RecordFault::Change(1)]);
        // Nobody, and somebody without a name.
        sql(&pool, "UPDATE nianbao_record SET subject = 'unit/1', detail = '请补充', account = ''").await;
        assert_eq!(faults(&record).await, [RecordFault::Change(1)]);
    })
    .await;
}

#[tokio::test]
async fn what_was_taken_out_or_put_in_is_told() {
    on_each(async |pool| {
        let record = record_of(&pool, 9).await;
        sql(&pool, "DELETE FROM nianbao_record WHERE number IN (1, 4, 5)").await;
        assert_eq!(faults(&record).await, [RecordFault::Gap(1), RecordFault::Gaps(4, 5)]);
        // One that is put in where one was taken out: neither it nor what follows fits.
        sql(&pool, "UPDATE nianbao_record SET number = 4 WHERE number = 7").await;
        let told = faults(&record).await;
        assert_eq!(
            told,
            [
                RecordFault::Gap(1),
                RecordFault::Break(4),
                RecordFault::Change(4),
                RecordFault::Gap(5),
                RecordFault::Gap(7)
            ]
        );
        sql(&pool, "UPDATE nianbao_record SET number = 20 WHERE number = 4").await;
        assert!(faults(&record).await.contains(&RecordFault::Surplus(20)));
        sql(&pool, "UPDATE nianbao_record SET number = -3 WHERE number = 20").await;
        assert!(faults(&record).await.contains(&RecordFault::Surplus(-3)));
    })
    .await;
}

#[tokio::test]
async fn an_end_that_was_cut_off_or_written_anew_is_told() {
    on_each(async |pool| {
        let record = record_of(&pool, 5).await;
        let printed = record.head().await.unwrap();
        sql(&pool, "DELETE FROM nianbao_record WHERE number = 5").await;
        assert_eq!(faults(&record).await, [RecordFault::Gap(5)]);
        // Even who sets the head to it cannot deceive who has printed one.
        sql(
            &pool,
            "UPDATE nianbao_record_head
             SET number = 4, hash = (SELECT hash FROM nianbao_record WHERE number = 4)",
        )
        .await;
        assert_eq!(faults(&record).await, []);
        let verification = record.verify(Some(&printed)).await.unwrap();
        assert_eq!(verification.faults, [RecordFault::Cut(5)]);
        noted(&pool, &doer("王某", None), Act::Login, "", "", 9).await;
        assert_eq!(record.verify(Some(&printed)).await.unwrap().faults, [RecordFault::Print(5)]);
        assert_eq!(record.verify(Some(&record.head().await.unwrap())).await.unwrap().faults, []);

        sql(&pool, "UPDATE nianbao_record_head SET hash = 'x'").await;
        assert_eq!(faults(&record).await, [RecordFault::Head(5)]);
        sql(&pool, "DELETE FROM nianbao_record_head").await;
        assert_eq!(faults(&record).await, [RecordFault::NoHead]);
    })
    .await;
}

#[tokio::test]
async fn a_long_record_is_gone_through_and_not_every_fault_is_told() {
    on_each(async |pool| {
        let record = record_of(&pool, 1).await;
        // As many as are read at a time, and more: none of them fits.
        sql(
            &pool,
            "INSERT INTO nianbao_record
                 (number, at, doer, origin, act, subject, detail, previous, hash)
             WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1205)
             SELECT n, 0, '', '', 'login', '', '', CAST(n AS TEXT), CAST(n + 1 AS TEXT) FROM numbers",
        )
        .await;
        sql(&pool, "UPDATE nianbao_record_head SET number = 1205, hash = '1206'").await;
        let verification = record.verify(None).await.unwrap();
        assert_eq!((verification.entries, verification.faults.len()), (1205, 1000));
        // Each was changed, and the first does not follow the one that was there.
        assert_eq!(verification.untold, 205);
    })
    .await;
}
