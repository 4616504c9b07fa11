//! What several people of a unit write together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use nianbao_core::difference::normal;
use nianbao_core::input::{Format, MAX_BYTES, read};
use nianbao_core::report::{Choice, Edition, Report, Year};
use nianbao_core::roster::{RosterUnit, UnitCode};
use nianbao_office::audit::{Doer, Record};
use nianbao_office::collections::drafts::{
    ConflictChoice, DraftChange, DraftError, DraftOrigin, DraftPlace, DraftState, Drafts, MAX_NAME,
    RevisionKind, ShownOrigin, WRITING, beginning_of,
};
use nianbao_office::collections::{
    CollectionPlan, Collections, MoveWish, NewVersion, Occasion, SubmissionMove, SubmissionPlace,
    SubmissionState, VersionFiles, VersionWay,
};
use serde_json::{Value, json};
use sqlx::AnyPool;

use crate::databases::on_each;

const NOW: i64 = 1_770_000_000;
const PLACE: DraftPlace<'static> = DraftPlace { collection: "01J", unit: "临江区-<b>'\"\u{202E}" };
const WANG: &str = "王某（<script>\u{202E}';--）";
const LI: &str = "李某";

async fn begun(pool: &AnyPool, tree: &Value) -> Drafts {
    let drafts = Drafts::open(pool.clone()).await.unwrap();
    let state = drafts.begin(PLACE, DraftOrigin::Import(tree), WANG, NOW).await.unwrap();
    assert_eq!((state.revision, &state.tree), (1, &normal(tree)));
    drafts
}

/// Saves under a new key.
async fn save(drafts: &Drafts, base: i64, tree: &Value, by: &str) -> Result<DraftState, DraftError> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let key = format!("save-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    drafts.save(PLACE, DraftChange { key: &key, base, tree, by }, NOW + base).await
}

fn report(preface: &[&str]) -> Value {
    json!({"year": 2025, "preface": preface, "measures": [{"heading": "依法决策", "body": ["健全机制。"]}]})
}

fn full_sample() -> Value {
    let text = include_str!("../../../report-templates/annual-report/sample.yaml");
    let manuscript = nianbao_core::input::Manuscript::parse(text.as_bytes(), Format::Yaml).unwrap();
    manuscript.tree().unwrap()
}

#[tokio::test]
async fn what_was_submitted_meanwhile_is_not_written_at() {
    on_each(async |pool| {
        Record::open(&pool).await.unwrap();
        let collections = Collections::open(&pool).await.unwrap();
        let doer = Doer { name: WANG.into(), account: None, on_behalf: None, from: "127.0.0.1".into() };
        let occasion = Occasion { doer: &doer, at: NOW, today: "2026-01-05".parse().unwrap() };
        let code: UnitCode = "C1".parse().unwrap();
        collections.save_units(&[RosterUnit::new(code.clone(), "甲区")], &occasion).await.unwrap();
        let plan = CollectionPlan {
            year: "2025".parse().unwrap(),
            title: "征集".into(),
            template: "annual-report".into(),
            settings: "{}".into(),
            edition: Edition::of_word("public").unwrap(),
            instructions: String::new(),
            needs_sign_off: false,
            opens_at: None,
            due_on: "2026-02-28".parse().unwrap(),
            closes_at: None,
        };
        let id = collections.make(&plan, &occasion).await.unwrap();
        collections.ask(&id, &[code], &occasion).await.unwrap();
        collections.open_collection(&id, &occasion).await.unwrap();
        let place = DraftPlace { collection: &id, unit: "C1" };
        let of = SubmissionPlace { collection: &id, unit: "C1" };
        let drafts = Drafts::open(pool.clone()).await.unwrap();
        drafts.begin(place, DraftOrigin::Import(&report(&["甲"])), WANG, NOW).await.unwrap();

        // Both have read that it may be written at; one of them submits before the other saves.
        let writing = drafts.at_stage(SubmissionState::NotStarted, 0);
        let change = |key: &'static str, tree| DraftChange { key, base: 1, tree, by: LI };
        let later = report(&["甲", "后来写的。"]);
        collections.step(&of, SubmissionMove::Begin, &MoveWish::default(), &occasion).await.unwrap();
        let files = VersionFiles::default();
        let version = NewVersion {
            input: "{}",
            base: 0,
            way: VersionWay::Form,
            import: None,
            findings: &[],
            warning_reason: "",
            characters: 1,
            files: &files,
        };
        collections.submit(&of, &version, &occasion).await.unwrap();
        for refused in [
            writing.save(place, change("late", &later), NOW).await,
            writing.restore(place, 1, 1, LI, NOW).await,
            writing.resolve(place, "none", ConflictChoice::Mine, LI, NOW).await,
        ] {
            assert!(matches!(refused, Err(DraftError::Elsewhere)), "{refused:?}");
        }
        assert_eq!(drafts.current(place).await.unwrap().revision, 1);

        // Returned, it is open for whoever has read that, and not for whoever read what was before.
        let wish = MoveWish { reason: "请改", version: Some(1), ..MoveWish::default() };
        collections.step(&of, SubmissionMove::Take, &wish, &occasion).await.unwrap();
        collections.step(&of, SubmissionMove::Return, &wish, &occasion).await.unwrap();
        assert!(matches!(writing.save(place, change("late", &later), NOW).await, Err(DraftError::Elsewhere)));
        let returned = drafts.at_stage(SubmissionState::Returned, 1);
        assert_eq!(returned.save(place, change("again", &later), NOW).await.unwrap().revision, 2);

        // Of many at once no save comes behind the version that is submitted.
        let returned = Arc::new(returned);
        let saves: Vec<_> = (0..8)
            .map(|number| {
                let (returned, id) = (Arc::clone(&returned), id.clone());
                tokio::spawn(async move {
                    let place = DraftPlace { collection: &id, unit: "C1" };
                    let tree = report(&[&format!("第{number}个人写的。")]);
                    let key = format!("many-{number}");
                    let change = DraftChange { key: &key, base: 2, tree: &tree, by: LI };
                    returned.save(place, change, NOW + 10).await.map(|state| state.revision)
                })
            })
            .collect();
        let version = NewVersion { input: "{\"again\":1}", base: 1, ..version };
        collections.submit(&of, &version, &occasion).await.unwrap();
        let at_submission = drafts.current(place).await.unwrap().revision;
        let mut last = at_submission;
        for save in saves {
            match save.await.unwrap() {
                Ok(revision) => last = last.max(revision),
                Err(error) => assert!(matches!(error, DraftError::Elsewhere), "{error}"),
            }
        }
        assert_eq!(last, at_submission, "a save came behind the version");
    })
    .await;
}

#[tokio::test]
async fn two_write_together() {
    on_each(async |pool| {
        let drafts = begun(&pool, &report(&["甲"])).await;
        let first = save(&drafts, 1, &report(&["甲", "推进政务公开。"]), WANG).await.unwrap();
        assert_eq!((first.revision, first.conflicts.len()), (2, 0));
        // From what was there before: both are kept.
        let second = save(&drafts, 1, &report(&["组织法治培训。", "甲"]), LI).await.unwrap();
        assert_eq!((second.revision, second.conflicts.len()), (3, 0));
        assert_eq!(second.tree["preface"], json!(["组织法治培训。", "甲", "推进政务公开。"]));
        assert_eq!(drafts.current(PLACE).await.unwrap(), DraftState { conflicts: vec![], ..second });
        // What says nothing new is no revision.
        let same = save(&drafts, 3, &report(&["组织法治培训。", "甲", "推进政务公开。"]), LI).await.unwrap();
        assert_eq!(same.revision, 3);

        for (revision, preface) in [(1, json!(["甲"])), (2, json!(["甲", "推进政务公开。"]))] {
            assert_eq!(drafts.revision(PLACE, revision).await.unwrap()["preface"], preface);
        }
        let history = drafts.history(PLACE, None, 2).await.unwrap();
        assert_eq!(history.iter().map(|one| one.revision).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((history[0].by.as_str(), history[0].base, history[0].kind), (LI, 1, RevisionKind::Save));
        assert_eq!(
            (history[0].fields.as_slice(), history[0].added),
            (["导语第1项".to_owned()].as_slice(), 7)
        );
        let first = drafts.history(PLACE, Some(2), 2).await.unwrap();
        assert_eq!((first.len(), first[0].kind, first[0].by.as_str()), (1, RevisionKind::FromImport, WANG));

        let writing = drafts.writers(PLACE, NOW + 3 + WRITING - 1).await.unwrap();
        assert_eq!(writing.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [LI]);
        assert_eq!(drafts.writers(PLACE, NOW + 10).await.unwrap().len(), 2);
        assert_eq!(drafts.writers(PLACE, NOW + 3 + WRITING).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_have_read_the_same_draft_one_saves() {
    on_each(async |pool| {
        let drafts = begun(&pool, &report(&["甲"])).await;
        let read = drafts.tag(PLACE).await.unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|task| {
                let drafts = drafts.as_read(read.clone());
                tokio::spawn(async move {
                    match task {
                        0 => drafts.restore(PLACE, 1, 1, LI, NOW).await,
                        _ => save(&drafts, 1, &report(&["甲", &format!("第{task}句。")]), WANG).await,
                    }
                })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                // Bringing back what is there already changes nothing.
                Ok(state) => done += usize::from(state.revision > 1),
                Err(DraftError::ReadEarlier) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((done, drafts.current(PLACE).await.unwrap().revision), (1, 2));

        // A conflict that came meanwhile is a change too, and so is one that was settled.
        save(&drafts, 2, &report(&["乙"]), LI).await.unwrap();
        let late = save(&drafts.as_read(read), 3, &report(&["丁"]), WANG).await;
        assert!(matches!(late, Err(DraftError::ReadEarlier)), "{late:?}");
        let read = drafts.tag(PLACE).await.unwrap();
        let rival = save(&drafts.as_read(read.clone()), 1, &report(&["丙"]), WANG).await.unwrap();
        assert_eq!(rival.conflicts.len(), 1);
        let now = drafts.tag(PLACE).await.unwrap();
        assert_ne!(now, read);
        let id = &now.conflicts[0];
        let (theirs, late) = (ConflictChoice::Theirs, drafts.as_read(read));
        let late = late.resolve(PLACE, id, theirs.clone(), LI, NOW).await;
        assert!(matches!(late, Err(DraftError::ReadEarlier)), "{late:?}");
        drafts.as_read(now.clone()).resolve(PLACE, id, theirs, LI, NOW).await.unwrap();
        let late = save(&drafts.as_read(now), 3, &report(&["丁"]), WANG).await;
        assert!(matches!(late, Err(DraftError::ReadEarlier)), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn what_both_wrote_differently_waits_to_be_chosen() {
    on_each(async |pool| {
        let drafts = begun(&pool, &json!({"title": "原题", "preface": ["甲"]})).await;
        save(&drafts, 1, &json!({"title": "王题", "preface": ["甲"]}), WANG).await.unwrap();
        let state =
            save(&drafts, 1, &json!({"title": "李题", "preface": ["甲", "推进改革。"]}), LI).await.unwrap();
        assert_eq!((&state.tree["title"], &state.tree["preface"][1]), (&json!("王题"), &json!("推进改革。")));
        let [conflict] = state.conflicts.as_slice() else { panic!("{:?}", state.conflicts) };
        assert_eq!((conflict.label.as_str(), conflict.mine_shown.as_str()), ("标题", "李题"));
        assert_eq!((conflict.by.as_str(), conflict.others.contains(&WANG.to_owned())), (LI, true));
        assert_eq!(drafts.conflicts(PLACE).await.unwrap(), state.conflicts);

        // Saved once more from the old base, it is the same conflict.
        let again = save(&drafts, 1, &json!({"title": "李题", "preface": ["甲"]}), LI).await.unwrap();
        assert_eq!(again.conflicts[0].id, conflict.id);

        let chosen = drafts.resolve(PLACE, &conflict.id, ConflictChoice::Mine, WANG, NOW).await.unwrap();
        assert_eq!((&chosen.tree["title"], chosen.revision, chosen.conflicts.len()), (&json!("李题"), 4, 0));
        assert_eq!(drafts.conflicts(PLACE).await.unwrap(), []);
        let twice = drafts.resolve(PLACE, &conflict.id, ConflictChoice::Theirs, LI, NOW).await;
        assert!(matches!(twice, Err(DraftError::Settled { by }) if by == WANG));
        let history = drafts.history(PLACE, None, 1).await.unwrap();
        assert_eq!((history[0].kind, history[0].kind.label()), (RevisionKind::Choice, "选定写得不同之处"));

        // The field was written on before somebody chose: another conflict, and nothing is lost.
        save(&drafts, 4, &json!({"title": "再题", "preface": ["甲", "推进改革。"]}), WANG).await.unwrap();
        let state =
            save(&drafts, 4, &json!({"title": "三题", "preface": ["甲", "推进改革。"]}), LI).await.unwrap();
        save(&drafts, state.revision, &json!({"title": "四题"}), WANG).await.unwrap();
        let choice = ConflictChoice::Another(json!("五题"));
        let late = drafts.resolve(PLACE, &state.conflicts[0].id, choice, LI, NOW).await.unwrap();
        assert_eq!((&late.tree["title"], &late.conflicts[0].conflict.mine), (&json!("四题"), &json!("五题")));
        let kept =
            drafts.resolve(PLACE, &late.conflicts[0].id, ConflictChoice::Theirs, LI, NOW).await.unwrap();
        assert_eq!((&kept.tree["title"], kept.revision), (&json!("四题"), late.revision));
    })
    .await;
}

#[tokio::test]
async fn an_item_taken_away_comes_back_when_it_is_chosen() {
    on_each(async |pool| {
        let [a, b, c] = ["加强行政执法监督。", "推进政务公开工作。", "健全依法决策机制。"];
        let drafts = begun(&pool, &report(&[a, b, c])).await;
        save(&drafts, 1, &report(&[a, c]), WANG).await.unwrap();
        let state = save(&drafts, 1, &report(&[a, "推进政务公开各项工作。", c]), LI).await.unwrap();
        assert_eq!(state.tree["preface"], json!([a, c]));
        // The place moves before it is chosen.
        save(&drafts, state.revision, &report(&["组织法治培训。", a, c]), WANG).await.unwrap();
        let id = &state.conflicts[0].id;
        let chosen = drafts.resolve(PLACE, id, ConflictChoice::Mine, LI, NOW).await.unwrap();
        assert_eq!(chosen.tree["preface"], json!(["组织法治培训。", a, "推进政务公开各项工作。", c]));
    })
    .await;
}

#[tokio::test]
async fn a_save_sent_again_is_the_same_save() {
    on_each(async |pool| {
        let drafts = begun(&pool, &json!({"title": "原题"})).await;
        save(&drafts, 1, &json!({"title": "王题"}), WANG).await.unwrap();
        let tree = json!({"title": "李题", "notes": "附注"});
        let change = DraftChange { key: "key-1", base: 1, tree: &tree, by: LI };
        let first = drafts.save(PLACE, change, NOW).await.unwrap();
        assert_eq!((first.revision, first.conflicts.len()), (3, 1));
        save(&drafts, 3, &json!({"title": "新题"}), WANG).await.unwrap();
        assert_eq!(drafts.save(PLACE, change, NOW + 9).await.unwrap(), first);
        assert_eq!(drafts.current(PLACE).await.unwrap().revision, 4);
        let other = drafts.save(PLACE, DraftChange { base: 2, ..change }, NOW).await;
        assert!(matches!(other, Err(DraftError::UsedKey)));

        // Many times at once.
        let tree = Arc::new(json!({"title": "同时"}));
        let tasks = (0..20).map(|_| {
            let (drafts, tree) = (drafts.clone(), tree.clone());
            tokio::spawn(async move {
                drafts.save(PLACE, DraftChange { key: "key-2", base: 4, tree: &tree, by: LI }, NOW).await
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            let state = task.await.unwrap().unwrap();
            assert_eq!((state.revision, &state.tree["title"]), (5, &json!("同时")));
        }
    })
    .await;
}

#[tokio::test]
async fn an_old_revision_comes_back_as_a_new_one() {
    on_each(async |pool| {
        let drafts = begun(&pool, &report(&["甲"])).await;
        for revision in 1..200 {
            let state =
                save(&drafts, revision, &report(&[&format!("第{revision}稿\u{0}")]), LI).await.unwrap();
            assert_eq!(state.revision, revision + 1);
        }
        for revision in [2, 63, 64, 65, 127, 128, 129, 199, 200] {
            let tree = drafts.revision(PLACE, revision).await.unwrap();
            assert_eq!(tree, normal(&report(&[&format!("第{}稿\u{0}", revision - 1)])), "{revision}");
        }
        let state = drafts.restore(PLACE, 64, 200, WANG, NOW).await.unwrap();
        assert_eq!((state.revision, &state.tree["preface"]), (201, &json!(["第63稿\u{0}"])));
        let history = drafts.history(PLACE, None, 1000).await.unwrap();
        assert_eq!((history.len(), history[0].kind), (200, RevisionKind::Restoration));
        for unknown in [0, -1, 202, i64::MAX, i64::MIN] {
            let told = drafts.revision(PLACE, unknown).await.unwrap_err().to_string();
            assert_eq!(
                told,
                format!("草稿没有第{unknown}次修订，现在是第201次。请重新打开草稿，您的文字会与它合并")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_draft_begins_with_the_first_save_and_nothing_of_either_beginning_is_lost() {
    on_each(async |pool| {
        let drafts = Drafts::open(pool.clone()).await.unwrap();
        let known = json!({ "year": "2025", "issuer": { "name": "甲区" } });
        let last = json!({ "year": "2025", "issuer": { "name": "甲区" }, "preface": ["上年的话。"] });
        let first = async |unit: &str, origin: &Value, shown: &Value, tree: &Value, by: &str| {
            let place = DraftPlace { unit, ..PLACE };
            let (origin, shown) = (DraftOrigin::Import(origin), beginning_of(&normal(shown)));
            let beginning = ShownOrigin { origin: &origin, known: &Value::Null, shown: Some(&shown) };
            let key = format!("{by}-{}", shown);
            drafts.save_first(place, beginning, DraftChange { key: &key, base: 0, tree, by }, NOW).await
        };
        let with = |tree: &Value, key: &str, text: &str| {
            let mut tree = tree.clone();
            tree[key] = json!([text]);
            tree
        };
        // What was shown is what it begins with: what was taken out is out.
        let written = json!({ "year": "2025", "issuer": { "name": "甲区" }, "title": "新的" });
        let state = first("a", &last, &last, &written, "zhang").await.unwrap();
        assert_eq!((state.revision, state.tree), (2, normal(&written)));
        assert_eq!(drafts.revision(DraftPlace { unit: "a", ..PLACE }, 1).await.unwrap(), normal(&last));
        // The same sent again is the same.
        assert_eq!(first("a", &last, &last, &written, "zhang").await.unwrap().revision, 2);

        // Last year's report came along after the page was shown: both are there.
        let written = with(&known, "other", "今年的话。");
        let state = first("b", &last, &known, &written, "zhang").await.unwrap();
        assert_eq!(state.tree, normal(&with(&last, "other", "今年的话。")));
        assert_eq!(state.conflicts, []);
        // Where both say something else, somebody chooses.
        let state = first("c", &last, &known, &with(&known, "preface", "今年的话。"), "zhang").await.unwrap();
        assert!(state.tree["preface"].to_string().contains("上年的话"), "{state:?}");
        assert!(
            state.tree["preface"].to_string().contains("今年的话")
                || state.conflicts.iter().any(|one| one.mine_shown.contains("今年的话")),
            "{state:?}"
        );

        // Two begin at once from the same: each has what both wrote.
        let tasks = (0..8).map(|number: usize| {
            let (drafts, last) = (drafts.clone(), last.clone());
            tokio::spawn(async move {
                let place = DraftPlace { unit: "d", ..PLACE };
                let (origin, shown) = (DraftOrigin::Import(&last), beginning_of(&normal(&last)));
                let beginning = ShownOrigin { origin: &origin, known: &Value::Null, shown: Some(&shown) };
                let mut tree = last.clone();
                tree[format!("field{number}")] = json!(number.to_string());
                let key = format!("k{number}");
                let change = DraftChange { key: &key, base: 0, tree: &tree, by: LI };
                drafts.save_first(place, beginning, change, NOW).await.unwrap()
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let now = drafts.current(DraftPlace { unit: "d", ..PLACE }).await.unwrap();
        assert_eq!(now.revision, 9);
        assert!(
            (0..8).all(|number| now.tree[format!("field{number}")] == json!(number.to_string())),
            "{now:?}"
        );

        // What is refused begins nothing.
        let deep = (0..80).fold(json!("x"), |inner, _| json!({"a": inner}));
        assert!(first("e", &last, &last, &deep, "zhang").await.is_err());
        let unbegun = drafts.current(DraftPlace { unit: "e", ..PLACE }).await;
        assert!(matches!(unbegun, Err(DraftError::Unknown)));
        // Whoever has read that there was none, and somebody has begun it since.
        let read = drafts.tag(DraftPlace { unit: "a", ..PLACE }).await.unwrap();
        let early = drafts.as_read(nianbao_office::collections::drafts::DraftTag { revision: 0, ..read });
        let (origin, place) = (DraftOrigin::Import(&last), DraftPlace { unit: "a", ..PLACE });
        let beginning = ShownOrigin { origin: &origin, known: &Value::Null, shown: None };
        let change = DraftChange { key: "late", base: 0, tree: &last, by: LI };
        let refused = early.save_first(place, beginning, change, NOW).await;
        assert!(matches!(refused, Err(DraftError::ReadEarlier)));
        let change = DraftChange { key: "new", base: 0, tree: &last, by: LI };
        let place = DraftPlace { unit: "f", ..PLACE };
        assert_eq!(early.save_first(place, beginning, change, NOW).await.unwrap().revision, 1);
    })
    .await;
}

#[tokio::test]
async fn a_draft_begins_once() {
    on_each(async |pool| {
        let drafts = Drafts::open(pool.clone()).await.unwrap();
        Drafts::open(pool).await.unwrap();
        let sample = include_bytes!("../../../report-templates/annual-report/sample.yaml");
        let last: Report = read(sample, Format::Yaml).unwrap().value;
        let year: Year = "2031".parse().unwrap();
        let origin = DraftOrigin::LastYear { report: &last, year };
        let state = drafts.begin(PLACE, origin, WANG, NOW).await.unwrap();
        assert_eq!((&state.tree["year"], state.tree.get("measures")), (&json!("2031"), None));
        let again = drafts.begin(PLACE, DraftOrigin::Nothing, LI, NOW).await.unwrap();
        assert_eq!(again, state);

        let tasks = (0..200).map(|number: usize| {
            let drafts = drafts.clone();
            tokio::spawn(async move {
                let unit = format!("unit-{}", number / 2);
                let place = DraftPlace { collection: "01J", unit: &unit };
                let state = drafts.begin(place, DraftOrigin::Nothing, LI, NOW).await.unwrap();
                assert_eq!((state.revision, state.tree), (1, normal(&Value::Null)));
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_words() {
    on_each(async |pool| {
        let drafts = begun(&pool, &json!({})).await;
        let tree = json!({"title": "题"});
        for base in [0, -1, 2, i64::MAX, i64::MIN] {
            let told = save(&drafts, base, &tree, LI).await.unwrap_err();
            assert!(matches!(told, DraftError::UnknownRevision { last: 1, .. }), "{told}");
        }
        let long = "名".repeat(MAX_NAME + 1);
        for by in ["", " ", "王\0", "王\n某", &long] {
            assert!(matches!(save(&drafts, 1, &tree, by).await, Err(DraftError::BadName)), "{by:?}");
        }
        let long = "k".repeat(101);
        for key in ["", "a b", "键", "\0", &long] {
            let told = drafts.save(PLACE, DraftChange { key, base: 1, tree: &tree, by: LI }, NOW).await;
            assert!(matches!(told, Err(DraftError::BadKey)), "{key:?}");
        }
        for unit in ["", "没有", "\0", &long] {
            let place = DraftPlace { unit, ..PLACE };
            assert!(matches!(drafts.current(place).await, Err(DraftError::Unknown)));
            let change = DraftChange { key: "k", base: 1, tree: &tree, by: LI };
            assert!(matches!(drafts.save(place, change, NOW).await, Err(DraftError::Unknown)));
            assert!(matches!(drafts.restore(place, 1, 1, LI, NOW).await, Err(DraftError::Unknown)));
        }
        for unit in ["", "\0", &long] {
            let told = drafts.begin(DraftPlace { unit, ..PLACE }, DraftOrigin::Nothing, LI, NOW).await;
            assert!(matches!(told, Err(DraftError::BadPlace)));
        }
        for id in ["", "x", "\0"] {
            let told = drafts.resolve(PLACE, id, ConflictChoice::Mine, LI, NOW).await;
            assert!(matches!(told, Err(DraftError::UnknownConflict)));
        }
        let deep = (0..80).fold(json!("x"), |inner, _| json!({"a": inner}));
        assert!(matches!(save(&drafts, 1, &deep, LI).await, Err(DraftError::TooDeep { most: 64 })));
        assert_eq!(drafts.current(PLACE).await.unwrap().revision, 1);
    })
    .await;
}

#[tokio::test]
async fn the_largest_tree_is_saved_and_a_larger_one_is_not() {
    on_each(async |pool| {
        let drafts = begun(&pool, &json!({})).await;
        let around = normal(&json!({"title": "x"})).to_string().len() - 1;
        let largest = json!({"title": "x".repeat(MAX_BYTES - around)});
        let state = save(&drafts, 1, &largest, LI).await.unwrap();
        assert_eq!(state.revision, 2);
        let larger = json!({"title": "x".repeat(MAX_BYTES - around + 1)});
        let told = save(&drafts, 2, &larger, LI).await.unwrap_err();
        assert!(matches!(told, DraftError::TooLarge { found, .. } if found == MAX_BYTES + 1));
        // Two that fit come to one that does not.
        let both = save(&drafts, 1, &json!({"notes": "附注"}), WANG).await;
        assert!(matches!(both, Err(DraftError::TooLarge { .. })));
        assert_eq!(drafts.revision(PLACE, 2).await.unwrap(), normal(&largest));
        assert_eq!(save(&drafts, 2, &json!({}), LI).await.unwrap().revision, 3);
        assert_eq!(drafts.revision(PLACE, 2).await.unwrap(), normal(&largest));
    })
    .await;
}

#[tokio::test]
async fn hostile_text_is_text() {
    on_each(async |pool| {
        let drafts = begun(&pool, &full_sample()).await;
        for text in ["\0\u{1}\u{7f}", "'; DROP TABLE nianbao_drafts;--", "</script>\u{202E}", "\u{FEFF}\r\n\u{2028}", "𬀩😀"] {
            let base = drafts.current(PLACE).await.unwrap().revision;
            let tree = json!({"title": text, text: {"x": [text]}, "measures": [{"body": [{"text": text, "lead": text}]}]});
            let state = save(&drafts, base, &tree, LI).await.unwrap();
            assert_eq!(state.tree, normal(&tree));
            assert_eq!(drafts.revision(PLACE, base + 1).await.unwrap(), normal(&tree));
            assert_eq!(drafts.history(PLACE, None, 1).await.unwrap()[0].revision, base + 1);
            // And in conflict with itself.
            let tree = |end: &str| json!({"title": format!("{text}{end}"), text: {"x": [end]}});
            save(&drafts, base + 1, &tree("甲"), LI).await.unwrap();
            let state = save(&drafts, base + 1, &tree("乙"), WANG).await.unwrap();
            assert!(!state.conflicts.is_empty());
        }
    })
    .await;
}

/// A writer with a browser of their own: what it shows, and the revision that it came of.
struct Desk {
    by: String,
    state: DraftState,
    random: u64,
}

impl Desk {
    fn new(by: &str, state: DraftState, seed: u64) -> Self {
        Self { by: by.to_owned(), state, random: seed }
    }

    fn draw(&mut self, below: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % below
    }

    /// Writes something somewhere that nobody has ever written. Tells it.
    fn write(&mut self, number: usize, tree: &mut Value) -> String {
        let subjects = ["行政执法", "政务公开", "行政复议", "法治培训", "依法决策"];
        let subject = subjects[self.draw(subjects.len())];
        let text = format!("{}{subject}第{number}次。", self.by);
        match self.draw(6) {
            0 => tree["title"] = json!(text),
            1 => tree["measures"][0]["heading"] = json!(text),
            kind => {
                let body = if kind < 4 { &mut tree["preface"] } else { &mut tree["measures"][0]["body"] };
                let mut items = body.as_array().cloned().unwrap_or_default();
                let at = self.draw(items.len() + 1);
                match self.draw(4) {
                    0 if at < items.len() => drop(items.remove(at)),
                    1 if at < items.len() => items[at] = json!(text),
                    2 if at < items.len() => {
                        let old = items[at]["text"].as_str().or(items[at].as_str()).unwrap_or_default();
                        items[at] = json!(format!("{old}{text}"));
                    }
                    3 if items.len() > 1 => {
                        let item = items.remove(at % items.len());
                        items.insert(0, item);
                    }
                    _ => items.insert(at, json!(text)),
                }
                *body = items.into();
            }
        }
        text
    }
}

/// Saves at random from bases that are sometimes old, and tells for each acknowledged text that it is in a
/// revision or in a conflict.
async fn written_together(drafts: &Drafts, desks: Vec<Desk>, saves: usize) {
    let acknowledged = Arc::new(Mutex::new(vec![]));
    let tasks = desks.into_iter().map(|mut desk| {
        let (drafts, acknowledged) = (drafts.clone(), acknowledged.clone());
        tokio::spawn(async move {
            for number in 0..saves {
                let mut tree = desk.state.tree.clone();
                let text = desk.write(number, &mut tree);
                let is_there = tree.to_string().contains(&text);
                let state = save(&drafts, desk.state.revision, &tree, &desk.by).await.unwrap();
                if is_there {
                    acknowledged.lock().unwrap().push((desk.by.clone(), text, state.clone()));
                }
                // Now and then one writes on offline: the answer never came.
                if desk.draw(4) > 0 {
                    desk.state = state;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let last = drafts.current(PLACE).await.unwrap();
    let conflicts = drafts.conflicts(PLACE).await.unwrap();
    let conflicts = serde_json::to_string(&conflicts).unwrap();
    let mut revisions: HashMap<i64, Value> = HashMap::new();
    for revision in 1..=last.revision {
        revisions.insert(revision, drafts.revision(PLACE, revision).await.unwrap());
    }
    assert_eq!(revisions[&last.revision], last.tree);
    let mut history = drafts.history(PLACE, None, 200).await.unwrap();
    while let Some(before) = history.last().map(|one| one.revision).filter(|revision| *revision > 1) {
        history.extend(drafts.history(PLACE, Some(before), 200).await.unwrap());
    }
    let numbers: Vec<i64> = history.iter().map(|one| one.revision).rev().collect();
    assert_eq!(numbers, (1..=last.revision).collect::<Vec<_>>(), "no gap and nothing twice");
    for (by, text, state) in acknowledged.lock().unwrap().iter() {
        assert_eq!(revisions[&state.revision], state.tree, "what was answered is what is there");
        let is_there = state.tree.to_string().contains(text.as_str());
        assert!(is_there || conflicts.contains(text.as_str()), "{by} lost {text}");
    }
    // A text goes only where whoever changed it had it before them.
    for (by, text, state) in acknowledged.lock().unwrap().iter() {
        let has = |revision: i64| revisions[&revision].to_string().contains(text.as_str());
        let gone = (state.revision + 1..=last.revision).find(|at| has(at - 1) && !has(*at));
        let Some(gone) = gone else { continue };
        let base = history.iter().find(|one| one.revision == gone).unwrap().base;
        assert!(has(base), "{by}'s {text} was overwritten unseen");
    }
}

#[tokio::test]
async fn two_writers_lose_nothing() {
    on_each(async |pool| {
        let drafts = begun(&pool, &report(&["甲"])).await;
        let state = drafts.current(PLACE).await.unwrap();
        let desks = [WANG, LI].into_iter().zip(1..).map(|(by, seed)| Desk::new(by, state.clone(), seed));
        written_together(&drafts, desks.collect(), 100).await;
    })
    .await;
}

#[tokio::test]
async fn twenty_at_once_lose_nothing() {
    on_each(async |pool| {
        let drafts = begun(&pool, &report(&["甲"])).await;
        let state = drafts.current(PLACE).await.unwrap();
        let desks = (0..20).map(|number| Desk::new(&format!("填报人{number}号"), state.clone(), number));
        written_together(&drafts, desks.collect(), 5).await;
    })
    .await;
}

#[tokio::test]
async fn two_hundred_drafts_at_once() {
    on_each(async |pool| {
        let drafts = Drafts::open(pool).await.unwrap();
        let tasks = (0..200).map(|number| {
            let drafts = drafts.clone();
            tokio::spawn(async move {
                let unit = format!("unit-{number}");
                let place = DraftPlace { collection: "01J", unit: &unit };
                drafts.begin(place, DraftOrigin::Nothing, LI, NOW).await.unwrap();
                for base in 1..4 {
                    let tree = report(&[&format!("{unit}第{base}次")]);
                    let change = DraftChange { key: &format!("k{base}"), base, tree: &tree, by: LI };
                    assert_eq!(drafts.save(place, change, NOW).await.unwrap().revision, base + 1);
                }
                assert_eq!(drafts.current(place).await.unwrap().tree["preface"][0], format!("{unit}第3次"));
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    })
    .await;
}
