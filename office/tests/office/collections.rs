//! The roster and the collections: a whole year, what may follow what, and what happens where two want the same.

use std::collections::BTreeSet;

use nianbao_core::diagnostic::{Code, Diagnostic};
use nianbao_core::report::{Choice, Date, Edition, FieldPath};
use nianbao_core::roster::{Contact, RosterUnit, UnitCode};
use nianbao_office::audit::{Doer, Record};
use nianbao_office::collections::drafts::Drafts;
use nianbao_office::collections::{
    AttachedFile, Attachments, BoardOrder, BoardWish, CollectionPlan, CollectionRefusal, CollectionState,
    Collections, MAX_COMMENT, MOVES, MoveWish, NewComment, NewVersion, Occasion, StoredFile, SubmissionMove,
    SubmissionPlace, SubmissionState, VersionArrival, VersionFiles, VersionWay,
};
use sqlx::{AnyPool, AssertSqlSafe, Row};
use tokio::task::JoinHandle;

use crate::databases::on_each;

nianbao_core::code! {
    /// Wrong.
    WRONG = "wrong", Error
}
nianbao_core::code! {
    /// Odd.
    ODD = "odd", Warning
}

/// Names as only somebody who means ill, or a careless desk, writes them.
const HOSTILE: [&str; 5] = [
    "<b>\"甲\"</b>区",
    "'; DROP TABLE nianbao_roster; --县",
    "乙\\%_!镇",
    "{{7*7}}#let 乡",
    "=cmd|'/C'!A0市",
];

fn day(written: &str) -> Date {
    written.parse().unwrap()
}

fn code(written: &str) -> UnitCode {
    written.parse().unwrap()
}

fn doer(name: &str) -> Doer {
    Doer { name: name.into(), account: Some("A1".into()), on_behalf: None, from: "127.0.0.1".into() }
}

fn plan() -> CollectionPlan {
    CollectionPlan {
        year: "2025".parse().unwrap(),
        title: "2025年度法治政府建设年度报告征集".into(),
        template: "annual-report".into(),
        settings: "{}".into(),
        edition: Edition::of_word("formal").unwrap(),
        instructions: "请照实填写。\n不要留空。".into(),
        needs_sign_off: true,
        opens_at: None,
        due_on: day("2026-02-28"),
        closes_at: None,
    }
}

fn units(count: usize) -> Vec<RosterUnit> {
    let unit = |number: usize| {
        let name =
            HOSTILE.get(number).map_or_else(|| format!("第{number:04}号单位"), |name| (*name).to_owned());
        let kind = if number.is_multiple_of(3) { "部门" } else { "区县" };
        let contact =
            Contact {
                name: format!("联系人{number}"), phone: "0532-87868000".into(), mail: String::new()
            };
        RosterUnit { kind: kind.into(), contact, ..RosterUnit::new(code(&format!("C{number:04}")), &name) }
    };
    (0..count).map(unit).collect()
}

fn place<'a>(collection: &'a str, unit: &'a str) -> SubmissionPlace<'a> {
    SubmissionPlace { collection, unit }
}

fn version<'a>(input: &'a str, base: i64, files: &'a VersionFiles) -> NewVersion<'a> {
    NewVersion {
        input,
        base,
        way: VersionWay::Form,
        import: None,
        findings: &[],
        warning_reason: "",
        characters: input.chars().count() as i64,
        files,
    }
}

fn found(code: &'static Code) -> Diagnostic {
    code.at(FieldPath::from("measures[0].body[1].text"), "有误", "请改正")
}

/// Opens the rooms, and a collection of so many units.
async fn opened(pool: &AnyPool, count: usize, plan: &CollectionPlan) -> (Collections, String) {
    Record::open(pool).await.unwrap();
    let collections = Collections::open(pool).await.unwrap();
    Drafts::open(pool.clone()).await.unwrap();
    let bureau = doer("王某（司法局）");
    let occasion = Occasion { doer: &bureau, at: 1000, today: day("2026-01-05") };
    let units = units(count);
    collections.save_units(&units, &occasion).await.unwrap();
    let id = collections.make(plan, &occasion).await.unwrap();
    let codes: Vec<UnitCode> = units.iter().map(|unit| unit.code.clone()).collect();
    assert_eq!(collections.ask(&id, &codes, &occasion).await.unwrap(), count);
    assert!(collections.open_collection(&id, &occasion).await.unwrap());
    (collections, id)
}

/// Puts a submission into a state, by the way that leads there.
async fn bring(
    collections: &Collections,
    place: &SubmissionPlace<'_>,
    state: SubmissionState,
    occasion: &Occasion<'_>,
) {
    use SubmissionMove::{Accept, Begin, Publish, Return, Sign, Take, Waive};
    let files = VersionFiles::default();
    let way: &[Option<SubmissionMove>] = match state {
        SubmissionState::NotStarted => &[],
        SubmissionState::Writing => &[Some(Begin)],
        SubmissionState::AwaitingSignOff => &[None],
        SubmissionState::AwaitingReview => &[None, Some(Sign)],
        SubmissionState::InReview => &[None, Some(Sign), Some(Take)],
        SubmissionState::Returned => &[None, Some(Sign), Some(Return)],
        SubmissionState::Accepted => &[None, Some(Sign), Some(Accept)],
        SubmissionState::Published => &[None, Some(Sign), Some(Accept), Some(Publish)],
        SubmissionState::Nil => &[Some(Waive)],
    };
    for step in way {
        match step {
            None => drop(collections.submit(place, &version("{}", 0, &files), occasion).await.unwrap()),
            Some(step) => {
                let version = Some(collections.submission(place).await.unwrap().last_version);
                let wish = MoveWish { reason: "有原因", version, ..Default::default() };
                collections.step(place, *step, &wish, occasion).await.unwrap();
            }
        }
    }
    assert_eq!(collections.submission(place).await.unwrap().state, state);
}

/// The record is whole, and has as many entries of an act.
async fn noted(pool: &AnyPool, act: &str) -> i64 {
    let record = Record::open(pool).await.unwrap();
    assert!(record.verify(None).await.unwrap().faults.is_empty());
    sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_record WHERE act = $1")
        .bind(act)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_whole_year_goes_from_the_roster_to_the_next_one() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 12, &plan()).await;
        let (bureau, writer, signer) = (doer("王某（司法局）"), doer("李某"), doer("张某"));
        let at = |doer, at| Occasion { doer, at, today: day("2026-02-01") };
        let files = VersionFiles {
            public: Some(StoredFile { place: "a/public.pdf".into(), sha256: "ab".repeat(32) }),
            formal: None,
        };
        // Every unit is a row from the opening on.
        let board = collections
            .board(&id, &BoardWish { limit: 100, ..Default::default() }, day("2026-02-25"))
            .await
            .unwrap();
        assert_eq!((board.rows.len(), board.total), (12, 12));
        assert!(board.rows.iter().all(|row| row.state == SubmissionState::NotStarted && row.days_left == 3));
        assert_eq!(board.rows[0].name, HOSTILE[0]);

        // Eleven write, submit and sign; the last does not.
        for unit in 0..11 {
            let unit = format!("C{unit:04}");
            let place = place(&id, &unit);
            collections
                .step(&place, SubmissionMove::Begin, &MoveWish::default(), &at(&writer, 2000))
                .await
                .unwrap();
            let input = format!("{{\"year\":2025,\"issuer\":{{\"name\":\"{unit}\\u0000\"}}}}");
            let odd = [found(&ODD)];
            let mut first = NewVersion { findings: &odd, ..version(&input, 0, &files) };
            let refused = collections.submit(&place, &first, &at(&writer, 2001)).await;
            assert!(matches!(refused, Err(CollectionRefusal::Unexplained { warnings: 1 })));
            first.warning_reason = "确实如此";
            let arrival = collections.submit(&place, &first, &at(&writer, 2001)).await.unwrap();
            assert_eq!(arrival, VersionArrival::New { number: 1, state: SubmissionState::AwaitingSignOff });
            let wish = MoveWish { version: Some(1), ..Default::default() };
            collections.step(&place, SubmissionMove::Sign, &wish, &at(&signer, 2002)).await.unwrap();
        }

        // One is returned with comments at two fields; its writer answers, and submits again.
        let returned = place(&id, "C0003");
        let comments = [
            NewComment { path: "measures[0].body[1].text", text: "请写明<数字>\n和来源" },
            NewComment { path: "problems", text: "请补充" },
        ];
        let wish = MoveWish {
            version: Some(1),
            comments: &comments,
            parts: &["measures[0]", "problems"],
            ..Default::default()
        };
        collections.step(&returned, SubmissionMove::Return, &wish, &at(&bureau, 3000)).await.unwrap();
        let now = collections.submission(&returned).await.unwrap();
        assert_eq!(
            (now.state, now.parts.as_slice()),
            (SubmissionState::Returned, &["measures[0]".to_owned(), "problems".to_owned()][..])
        );
        let shown = collections.comments(&returned).await.unwrap();
        assert_eq!(
            shown[0].label,
            "主要举措和成效第1项 › 正文第2项 › 正文".replace(
                "正文第2项 › 正文",
                &shown[0].label.split(" › ").skip(1).collect::<Vec<_>>().join(" › ")
            )
        );
        assert_eq!((shown[0].text.as_str(), shown[0].version), ("请写明<数字>\n和来源", 1));
        let answer =
            collections.answer(&returned, shown[0].number, "已补充", &at(&writer, 3001)).await.unwrap();
        collections.answer(&returned, answer, "再补充", &at(&writer, 3001)).await.unwrap();
        for _ in 0..2 {
            collections.resolve(&returned, shown[0].number, true, &at(&bureau, 3002)).await.unwrap();
        }
        let board = collections
            .board(
                &id,
                &BoardWish {
                    order: BoardOrder::Comments,
                    is_descending: true,
                    limit: 1,
                    ..Default::default()
                },
                day("2026-02-01"),
            )
            .await
            .unwrap();
        assert_eq!((board.rows[0].unit.as_str(), board.rows[0].comments, board.total), ("C0003", 1, 12));
        let again = collections
            .submit(&returned, &version("{\"year\":2025}", 1, &files), &at(&writer, 3003))
            .await
            .unwrap();
        assert_eq!(again, VersionArrival::New { number: 2, state: SubmissionState::AwaitingSignOff });
        let wish = MoveWish { version: Some(2), ..Default::default() };
        collections.step(&returned, SubmissionMove::Sign, &wish, &at(&signer, 3004)).await.unwrap();

        // All are accepted, one with a note; one is published, one reopened.
        for unit in 0..11 {
            let unit = format!("C{unit:04}");
            let place = place(&id, &unit);
            let version = collections.submission(&place).await.unwrap().last_version;
            collections
                .step(&place, SubmissionMove::Take, &MoveWish::default(), &at(&bureau, 4000))
                .await
                .unwrap();
            let wish = MoveWish { version: Some(version), reason: "写得好", ..Default::default() };
            collections.step(&place, SubmissionMove::Accept, &wish, &at(&bureau, 4001)).await.unwrap();
        }
        collections
            .step(&place(&id, "C0001"), SubmissionMove::Publish, &MoveWish::default(), &at(&bureau, 4002))
            .await
            .unwrap();
        let wish = MoveWish { reason: "数字有误", ..Default::default() };
        collections
            .step(&place(&id, "C0002"), SubmissionMove::Reopen, &wish, &at(&bureau, 4003))
            .await
            .unwrap();
        let wish = MoveWish { version: Some(1), ..Default::default() };
        collections
            .step(&place(&id, "C0002"), SubmissionMove::Accept, &wish, &at(&bureau, 4004))
            .await
            .unwrap();

        // It is closed with one missing, which needs a reason.
        let refused = collections.close(&id, "", &at(&bureau, 5000)).await.unwrap_err();
        assert!(
            matches!(&refused, CollectionRefusal::Missing(names) if *names == ["第0011号单位"]),
            "{refused}"
        );
        assert_eq!(collections.collection(&id).await.unwrap().state, CollectionState::Open);
        collections.close(&id, "撤并中", &at(&bureau, 5001)).await.unwrap();
        let late =
            collections.submit(&place(&id, "C0011"), &version("{}", 0, &files), &at(&writer, 5002)).await;
        assert!(matches!(late, Err(CollectionRefusal::Closed("报送"))));
        assert_eq!(collections.submission(&place(&id, "C0011")).await.unwrap().last_version, 0);

        // The archive has the accepted ones, and names the missing one.
        let mut accepted = collections.accepted(&id);
        let mut names = Vec::new();
        while let Some(one) = accepted.next().await.unwrap() {
            names.push((one.unit, one.version));
        }
        assert_eq!(names.len(), 11);
        assert_eq!(names[3], ("C0003".to_owned(), 2));
        let missing = collections.not_accepted(&id).await.unwrap();
        assert_eq!(missing.iter().map(|unit| unit.unit.as_str()).collect::<Vec<_>>(), ["C0011"]);
        let counts = collections.state_counts(&id).await.unwrap();
        let of = |state| counts.iter().find(|(one, _)| *one == state).unwrap().1;
        assert_eq!(
            (of(SubmissionState::Accepted), of(SubmissionState::Published), of(SubmissionState::NotStarted)),
            (10, 1, 1)
        );

        // A version is kept whole.
        let kept = collections.version(&place(&id, "C0005"), 1).await.unwrap();
        assert_eq!((kept.files, kept.warnings, kept.warning_reason.as_str()), (files, 1, "确实如此"));
        assert_eq!(kept.sign_off.unwrap().by, "张某");
        let wish = BoardWish { order: BoardOrder::Findings, limit: 100, ..Default::default() };
        let board = collections.board(&id, &wish, day("2026-02-01")).await.unwrap();
        let figures: Vec<_> =
            board.rows.iter().map(|row| (row.version, row.warnings, row.comments)).collect();
        assert_eq!((figures[0], figures[1], figures[2]), ((2, 0, 1), (0, 0, 0), (1, 1, 0)));
        assert!(board.rows[0].characters == 13 && board.rows[1].unit == "C0011");
        assert!(collections.findings(&place(&id, "C0005"), 1).await.unwrap().contains("odd"));
        assert!(collections.input(&place(&id, "C0005"), 1).await.unwrap().contains("C0005"));
        assert_eq!(collections.import_account(&place(&id, "C0005"), 1).await.unwrap(), "");

        // Events come by number, each once.
        let (mut behind, mut numbers) = (0, vec![]);
        loop {
            let events = collections.events(&id, behind, 7).await.unwrap();
            let Some(last) = events.last() else { break };
            behind = last.number;
            numbers.extend(events.iter().map(|event| event.number));
        }
        assert!(numbers.is_sorted_by(|one, other| one < other));
        assert_eq!(Some(&collections.collection(&id).await.unwrap().events), numbers.last());
        let history: Vec<String> =
            collections.history(&returned).await.unwrap().into_iter().map(|event| event.act).collect();
        assert_eq!(history[..4], ["draft_begun", "submitted", "signed_off", "returned"]);
        assert_eq!(noted(&pool, "returned").await, 1);

        // Next year begins from this one: without the unit that was disabled, with the merged one as its new one.
        collections.disable_unit(&code("C0009"), true, &at(&bureau, 6000)).await.unwrap();
        collections.merge_unit(&code("C0008"), &code("C0011"), &at(&bureau, 6000)).await.unwrap();
        let next = CollectionPlan { year: "2026".parse().unwrap(), ..plan() };
        let next = collections.begin_from(&id, &next, &at(&bureau, 6001)).await.unwrap();
        let asked = collections.asked(&next).await.unwrap();
        assert_eq!(asked.len(), 10);
        assert!(!asked.contains(&"C0008".to_owned()) && !asked.contains(&"C0009".to_owned()));
        let last = collections.attachments(&next, "C0003").await.unwrap().last_report.unwrap();
        assert_eq!(
            last,
            AttachedFile {
                document: "{\"year\":2025}".into(),
                from: format!("collection/{id}/unit/C0003/version/2")
            }
        );
        assert_eq!(collections.collection(&next).await.unwrap().previous, Some(id.clone()));
        assert!(next > id);
        let attached = Attachments {
            plan: Some(AttachedFile { document: "{}".into(), from: "计划.docx".into() }),
            last_report: None,
        };
        collections.attach(&next, &code("C0003"), &attached, &at(&bureau, 6002)).await.unwrap();
        let both = collections.attachments(&next, "C0003").await.unwrap();
        assert!(both.plan == attached.plan && both.last_report == Some(last));
        collections.open_collection(&next, &at(&bureau, 6003)).await.unwrap();
        assert_eq!(collections.collections(None, 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn each_move_is_made_from_its_states_and_refused_from_all_others() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, MOVES.len() * SubmissionState::ALL.len(), &plan()).await;
        let bureau = doer("王某");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        let files = VersionFiles::default();
        let mut unit = 0;
        for rule in &MOVES {
            for state in SubmissionState::ALL {
                let code = format!("C{unit:04}");
                unit += 1;
                let place = place(&id, &code);
                bring(&collections, &place, *state, &occasion).await;
                let before = collections.submission(&place).await.unwrap();
                let version = Some(before.last_version);
                let wish = MoveWish { reason: "有原因", version, ..Default::default() };
                let made = match rule.step {
                    SubmissionMove::Submit => {
                        let new = version
                            .map(|base| super::collections::version("{\"a\":1}", base, &files))
                            .unwrap();
                        collections.submit(&place, &new, &occasion).await.map(|arrival| match arrival {
                            VersionArrival::New { state, .. } => state,
                            VersionArrival::Known { .. } => panic!("it is new"),
                        })
                    }
                    step => collections.step(&place, step, &wish, &occasion).await,
                };
                let what = format!("{} from {}", rule.label, state.label());
                let after = collections.submission(&place).await.unwrap();
                let history = collections.history(&place).await.unwrap();
                if rule.from.contains(state) {
                    assert_eq!(made.expect(&what), rule.to, "{what}");
                    assert_eq!(after.state, rule.to, "{what}");
                    let last = history.last().unwrap();
                    assert_eq!(
                        (last.from.as_deref(), last.to.as_deref()),
                        (Some(state.word()), Some(rule.to.word())),
                        "{what}"
                    );
                } else if rule.step == SubmissionMove::Begin && *state == SubmissionState::Writing {
                    made.expect("beginning again changes nothing");
                } else {
                    let refused = made.expect_err(&what);
                    assert!(
                        matches!(refused, CollectionRefusal::NotNow { state: now, .. } if now == *state),
                        "{what}: {refused}"
                    );
                    assert!(refused.to_string().contains(state.label()), "{refused}");
                    assert_eq!((after.state, after.last_version), (*state, before.last_version), "{what}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_move_must_say_is_asked_for_all_at_once() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 3, &plan()).await;
        let bureau = doer("王某");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        let place = place(&id, "C0001");
        bring(&collections, &place, SubmissionState::InReview, &occasion).await;
        for (step, wish, parts) in [
            (SubmissionMove::Reopen, MoveWish::default(), &["要写明原因"][..]),
            (SubmissionMove::Accept, MoveWish::default(), &["第几稿"]),
            (
                SubmissionMove::Accept,
                MoveWish { version: Some(1), parts: &["problems"], ..Default::default() },
                &["只有退回"],
            ),
            (
                SubmissionMove::Return,
                MoveWish {
                    reason: "甲\u{202E}乙", parts: &["没有的", "measures[x]"], ..Default::default()
                },
                &["看不见的字符", "第几稿", "没有“没有的”", "没有“measures[x]”"],
            ),
            (SubmissionMove::Submit, MoveWish::default(), &["要交报告"]),
        ] {
            let refused = collections.step(&place, step, &wish, &occasion).await.unwrap_err().to_string();
            parts.iter().for_each(|part| assert!(refused.contains(part), "{refused}"));
        }
        let wish = MoveWish { version: Some(1), ..Default::default() };
        let refused = collections.step(&place, SubmissionMove::Return, &wish, &occasion).await.unwrap_err();
        assert!(matches!(refused, CollectionRefusal::Unreasoned));
        let wish = MoveWish { version: Some(2), ..Default::default() };
        let refused = collections.step(&place, SubmissionMove::Accept, &wish, &occasion).await.unwrap_err();
        assert!(matches!(refused, CollectionRefusal::Stale { base: 2, newest: 1 }));
        // A comment that is there already is enough to return.
        let comment = NewComment { path: "", text: "全文请重写" };
        collections.comment(&place, 1, &comment, &occasion).await.unwrap();
        let wish = MoveWish { version: Some(1), ..Default::default() };
        collections.step(&place, SubmissionMove::Return, &wish, &occasion).await.unwrap();

        for (path, text) in [
            ("", "甲".repeat(1_000_000)),
            ("", "甲".repeat(MAX_COMMENT + 1)),
            ("", " ".into()),
            ("measures.x", "甲".into()),
            ("", "甲\0".into()),
        ] {
            let comment = NewComment { path, text: &text };
            let refused = collections.comment(&place, 1, &comment, &occasion).await.unwrap_err();
            assert!(
                matches!(refused, CollectionRefusal::Unfit(_)) && refused.to_string().len() < 300,
                "{refused}"
            );
        }
        let comment = NewComment { path: "", text: "甲" };
        for (unit, number) in [("C0001", 2), ("C0002", 1), ("C9999", 1)] {
            let refused =
                collections.comment(&super::collections::place(&id, unit), number, &comment, &occasion).await;
            assert!(matches!(refused, Err(CollectionRefusal::Unknown(_))));
        }
        let number = collections.comments(&place).await.unwrap()[0].number;
        let other = super::collections::place(&id, "C0002");
        assert!(collections.answer(&other, number, "甲", &occasion).await.is_err());
        assert!(collections.resolve(&other, number, true, &occasion).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn of_two_who_want_the_same_move_one_makes_it() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, MOVES.len(), &plan()).await;
        let bureau = doer("王某");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        for (unit, rule) in MOVES.iter().enumerate() {
            let code = format!("C{unit:04}");
            let from = *rule.from.last().unwrap();
            bring(&collections, &place(&id, &code), from, &occasion).await;
            let base = collections.submission(&place(&id, &code)).await.unwrap().last_version;
            let before = collections.history(&place(&id, &code)).await.unwrap().len();
            let tasks = (0..6).map(|task| {
                let (collections, id, code) = (collections.clone(), id.clone(), code.clone());
                tokio::spawn(async move {
                    let (doer, files) = (doer(&format!("第{task}人")), VersionFiles::default());
                    let occasion = Occasion { doer: &doer, at: 3000 - task, today: day("2026-02-01") };
                    let place = place(&id, &code);
                    let wish = MoveWish { reason: "有原因", version: Some(base), ..Default::default() };
                    match rule.step {
                        SubmissionMove::Submit => {
                            let input = format!("{{\"task\":{task}}}");
                            collections
                                .submit(&place, &version(&input, base, &files), &occasion)
                                .await
                                .map(drop)
                        }
                        step => collections.step(&place, step, &wish, &occasion).await.map(drop),
                    }
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let mut made = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Ok(()) => made += 1,
                    Err(CollectionRefusal::NotNow { .. }) => {}
                    Err(other) => panic!("{}: {other}", rule.label),
                }
            }
            // Whoever begins what has begun is told no fault.
            assert!(made == 1 || rule.step == SubmissionMove::Begin, "{}: {made}", rule.label);
            let after = collections.history(&place(&id, &code)).await.unwrap().len();
            assert_eq!(after, before + 1, "{}", rule.label);
        }
        assert_eq!(noted(&pool, "signed_off").await, collections_signed(&pool).await);
    })
    .await;
}

/// How many of these were done; the others must have been told that they had read earlier.
async fn done(tasks: Vec<JoinHandle<Result<(), CollectionRefusal>>>) -> usize {
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => done += 1,
            Err(CollectionRefusal::ReadEarlier) => {}
            Err(other) => panic!("{other}"),
        }
    }
    done
}

#[tokio::test]
async fn of_many_who_have_read_the_same_one_changes_it() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 3, &plan()).await;
        let bureau = doer("王某");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        let read = collections.collection(&id).await.unwrap().events;
        // What happens to another unit is no change of this one.
        let (reason, until) = ("人手不足", day("2026-03-01"));
        collections.extend(&place(&id, "C0001"), until, reason, &occasion).await.unwrap();
        for way in ["extend", "step", "both"] {
            let (unit, code) = match way {
                "extend" => (read, "C0000"),
                "step" => (collections.collection(&id).await.unwrap().events, "C0000"),
                _ => (read, "C0002"),
            };
            let tasks = (0..6).map(|task| {
                let (collections, id) = (collections.as_read(unit), id.clone());
                tokio::spawn(async move {
                    let doer = doer(&format!("第{task}人"));
                    let occasion = Occasion { doer: &doer, at: 3000, today: day("2026-02-01") };
                    let wish = MoveWish { reason: "撤并", ..Default::default() };
                    let place = place(&id, code);
                    match way == "step" || way == "both" && task % 2 == 0 {
                        true => {
                            collections.step(&place, SubmissionMove::Waive, &wish, &occasion).await.map(drop)
                        }
                        false => collections.extend(&place, day("2026-03-02"), "x", &occasion).await,
                    }
                })
            });
            assert_eq!(done(tasks.collect()).await, 1, "{way}");
        }
        let late = collections.as_read(read).take_back_extension(&place(&id, "C0001"), "x", &occasion).await;
        assert!(matches!(late, Err(CollectionRefusal::ReadEarlier)), "{late:?}");

        // The whole collection: whatever happened in it.
        collections.close(&id, "到期", &occasion).await.unwrap();
        let read = collections.collection(&id).await.unwrap().events;
        let tasks = (0..6).map(|task| {
            let (collections, id) = (collections.as_read(read), id.clone());
            tokio::spawn(async move {
                let doer = doer(&format!("第{task}人"));
                let occasion = Occasion { doer: &doer, at: 3000, today: day("2026-02-01") };
                collections.reopen(&id, "补报", None, &occasion).await
            })
        });
        assert_eq!(done(tasks.collect()).await, 1);
        for late in [
            collections.as_read(read).close(&id, "x", &occasion).await,
            collections.as_read(read).change(&id, 2, &plan(), &occasion).await,
            collections.as_read(read).ask(&id, &[], &occasion).await.map(drop),
            collections.as_read(read).unask(&id, &[], &occasion).await.map(drop),
            collections.as_read(read).open_collection(&id, &occasion).await.map(drop),
        ] {
            assert!(matches!(late, Err(CollectionRefusal::ReadEarlier)), "{late:?}");
        }
    })
    .await;
}

async fn collections_signed(pool: &AnyPool) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_sign_offs").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_report_that_is_sent_many_times_is_one_version() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 2, &CollectionPlan { needs_sign_off: false, ..plan() }).await;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let (collections, id) = (collections.clone(), id.clone());
                tokio::spawn(async move {
                    let (doer, files) = (doer("李某"), VersionFiles::default());
                    let occasion = Occasion { doer: &doer, at: 2000 + task, today: day("2026-02-01") };
                    collections
                        .submit(&place(&id, "C0000"), &version("{}", 0, &files), &occasion)
                        .await
                        .unwrap()
                })
            })
            .collect();
        let mut new = 0;
        for task in tasks {
            match task.await.unwrap() {
                VersionArrival::New { number: 1, state: SubmissionState::AwaitingReview } => new += 1,
                VersionArrival::Known { number: 1, .. } => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(new, 1);
        let (writer, files) = (doer("李某"), VersionFiles::default());
        let occasion = Occasion { doer: &writer, at: 3000, today: day("2026-02-01") };
        let place = place(&id, "C0000");
        let withdrawn = MoveWish { reason: "写错了", ..Default::default() };
        collections.step(&place, SubmissionMove::Withdraw, &withdrawn, &occasion).await.unwrap();
        // On what was withdrawn the same may follow; on nothing, another is stale.
        let stale = collections.submit(&place, &version("{\"a\":1}", 0, &files), &occasion).await;
        assert!(matches!(stale, Err(CollectionRefusal::Stale { base: 0, newest: 1 })));
        let again = collections.submit(&place, &version("{}", 1, &files), &occasion).await.unwrap();
        assert_eq!(again, VersionArrival::New { number: 2, state: SubmissionState::AwaitingReview });
        // In review it is withdrawn no more.
        collections.step(&place, SubmissionMove::Take, &MoveWish::default(), &occasion).await.unwrap();
        let refused =
            collections.step(&place, SubmissionMove::Withdraw, &withdrawn, &occasion).await.unwrap_err();
        assert!(refused.to_string().contains("审核中"), "{refused}");

        let wrong = [found(&WRONG), found(&ODD)];
        let other = super::collections::place(&id, "C0001");
        let errors = NewVersion { findings: &wrong, ..version("{}", 0, &files) };
        assert!(matches!(
            collections.submit(&other, &errors, &occasion).await,
            Err(CollectionRefusal::Errors { errors: 1 })
        ));
        for input in ["", "{", "{}\0", &"[".repeat(100_000)] {
            let refused = collections.submit(&other, &version(input, 0, &files), &occasion).await;
            assert!(matches!(refused, Err(CollectionRefusal::Unfit(_))));
        }
        let nobody = collections
            .submit(&super::collections::place(&id, "X"), &version("{}", 0, &files), &occasion)
            .await;
        assert!(matches!(nobody, Err(CollectionRefusal::Unknown(_))));
    })
    .await;
}

#[tokio::test]
async fn the_clock_decides_of_closing_and_of_nothing_else() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 4, &CollectionPlan { closes_at: Some(9000), ..plan() }).await;
        let (writer, files) = (doer("李某"), VersionFiles::default());
        let at = |at, today| Occasion { doer: &writer, at, today: day(today) };
        // A clock that is set back.
        let first = place(&id, "C0000");
        collections
            .step(&first, SubmissionMove::Begin, &MoveWish::default(), &at(-5, "2020-01-01"))
            .await
            .unwrap();
        collections.submit(&first, &version("{}", 0, &files), &at(-10, "2019-01-01")).await.unwrap();
        let numbers: Vec<i64> =
            collections.history(&first).await.unwrap().iter().map(|event| event.number).collect();
        assert!(numbers.is_sorted() && numbers.len() == 2);

        let late = place(&id, "C0001");
        let refused = collections.submit(&late, &version("{}", 0, &files), &at(9000, "2026-03-01")).await;
        assert!(matches!(refused, Err(CollectionRefusal::Closed(_))));
        for (until, reason) in [("2026-02-01", "有原因"), ("2026-03-05", " ")] {
            assert!(collections.extend(&late, day(until), reason, &at(9000, "2026-03-01")).await.is_err());
        }
        collections.extend(&late, day("2026-03-05"), "灾害", &at(9000, "2026-03-01")).await.unwrap();
        let refused = collections.submit(&late, &version("{}", 0, &files), &at(9500, "2026-03-06")).await;
        assert!(matches!(refused, Err(CollectionRefusal::Closed(_))));
        collections.submit(&late, &version("{}", 0, &files), &at(9500, "2026-03-05")).await.unwrap();
        // The bureau goes on.
        let wish = MoveWish { reason: "不行", ..Default::default() };
        collections.step(&late, SubmissionMove::Decline, &wish, &at(9500, "2026-03-06")).await.unwrap();

        let revision = collections.collection(&id).await.unwrap().revision;
        let longer = CollectionPlan { closes_at: Some(20_000), ..plan() };
        collections.change(&id, revision, &longer, &at(9600, "2026-03-06")).await.unwrap();
        let stale = collections.change(&id, revision, &longer, &at(9600, "2026-03-06")).await;
        assert!(matches!(stale, Err(CollectionRefusal::Changed)));
        let other = CollectionPlan { template: "other".into(), ..longer };
        let begun = collections.change(&id, revision + 1, &other, &at(9600, "2026-03-06")).await;
        assert!(matches!(begun, Err(CollectionRefusal::Begun(_))));
        collections
            .submit(&place(&id, "C0002"), &version("{}", 0, &files), &at(9700, "2026-03-06"))
            .await
            .unwrap();

        collections.close(&id, "到期", &at(9800, "2026-03-06")).await.unwrap();
        assert!(matches!(
            collections.close(&id, "到期", &at(9800, "2026-03-06")).await,
            Err(CollectionRefusal::Closed(_))
        ));
        assert!(collections.reopen(&id, "", None, &at(9900, "2026-03-06")).await.is_err());
        collections.reopen(&id, "还有单位", None, &at(9900, "2026-03-06")).await.unwrap();
        collections
            .submit(&place(&id, "C0003"), &version("{}", 0, &files), &at(9950, "2026-03-06"))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn reminders_are_due_by_each_units_own_day_and_sent_once() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 5, &plan()).await;
        let bureau = doer("王某");
        let at = |today| Occasion { doer: &bureau, at: 2000, today: day(today) };
        bring(&collections, &place(&id, "C0000"), SubmissionState::Accepted, &at("2026-02-01")).await;
        collections.extend(&place(&id, "C0001"), day("2026-03-10"), "灾害", &at("2026-02-01")).await.unwrap();
        let due = async |today| {
            let due = collections.due_reminders(&id, day(today)).await.unwrap();
            due.into_iter().map(|one| (one.to.unit.clone(), one.days)).collect::<Vec<_>>()
        };
        let of = |days: i64| ["C0002", "C0003", "C0004"].map(|unit| (unit.to_owned(), days)).to_vec();
        assert_eq!(due("2026-02-13").await, []);
        assert_eq!(due("2026-02-14").await, of(-14));
        // Missed until three days before: only that one.
        assert_eq!(due("2026-02-25").await, [vec![("C0001".to_owned(), -14)], of(-3)].concat());
        let reminders = collections.due_reminders(&id, day("2026-02-25")).await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (collections, id, reminders) = (collections.clone(), id.clone(), reminders.clone());
                tokio::spawn(async move {
                    let bureau = doer("王某");
                    let occasion = Occasion { doer: &bureau, at: 2500, today: day("2026-02-25") };
                    let mut sent = 0;
                    for reminder in &reminders {
                        sent += usize::from(
                            collections.note_reminder(&id, reminder, "邮件", &occasion).await.unwrap(),
                        );
                    }
                    sent
                })
            })
            .collect();
        let mut sent = 0;
        for task in tasks {
            sent += task.await.unwrap();
        }
        assert_eq!(sent, 4);
        assert_eq!(due("2026-02-27").await, []);
        assert_eq!(due("2026-02-28").await, of(0));
        assert_eq!(due("2026-03-09").await, [vec![("C0001".to_owned(), -3)], of(1)].concat());

        let late = collections.overdue(&id, day("2026-03-02")).await.unwrap();
        assert_eq!(late.len(), 3);
        assert_eq!(
            (late[0].days_left, late[0].contact.phone.as_str(), late[0].reminded_at),
            (-2, "0532-87868000", Some(2500))
        );
        // Before the day whom to phone is known as well.
        let awaited = collections.awaited(&id, day("2026-02-20")).await.unwrap();
        assert_eq!((awaited.len(), awaited[0].days_left), (4, 8));
        assert!(awaited.iter().all(|unit| unit.contact.phone == "0532-87868000"), "{awaited:?}");
        // Of a closed collection only who has time beyond it is waited for.
        collections.close(&id, "到期", &at("2026-03-03")).await.unwrap();
        assert_eq!(collections.overdue(&id, day("2026-03-03")).await.unwrap(), []);
        assert_eq!(due("2026-03-09").await, [("C0001".to_owned(), -3)]);
    })
    .await;
}

#[tokio::test]
async fn opening_for_1500_units_makes_each_submission_once_and_the_board_pages_them() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 1500, &plan()).await;
        let bureau = doer("王某");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        assert!(!collections.open_collection(&id, &occasion).await.unwrap());
        assert_eq!(noted(&pool, "collection_opened").await, 1);
        // Another collection of the same units does not show in this one.
        let second = CollectionPlan { title: "补充征集".into(), ..plan() };
        let other = collections.begin_from(&id, &second, &occasion).await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (collections, other) = (collections.clone(), other.clone());
                tokio::spawn(async move {
                    let bureau = doer("王某");
                    let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
                    collections.open_collection(&other, &occasion).await.unwrap()
                })
            })
            .collect();
        let mut count = 0;
        for task in tasks {
            count += usize::from(task.await.unwrap());
        }
        assert_eq!(count, 1);
        for unit in 0..30 {
            let code = format!("C{:04}", unit * 50);
            let state = SubmissionState::ALL[unit % SubmissionState::ALL.len()];
            bring(&collections, &place(&id, &code), state, &occasion).await;
        }

        for order in [
            BoardOrder::Code,
            BoardOrder::Name,
            BoardOrder::State,
            BoardOrder::Since,
            BoardOrder::Due,
            BoardOrder::Findings,
            BoardOrder::Characters,
            BoardOrder::Comments,
        ] {
            for is_descending in [false, true] {
                let mut units = Vec::new();
                let mut states = Vec::new();
                for offset in (0..1500).step_by(400) {
                    let wish = BoardWish { order, is_descending, offset, limit: 400, ..Default::default() };
                    let board = collections.board(&id, &wish, day("2026-02-01")).await.unwrap();
                    assert_eq!(board.total, 1500);
                    states.extend(board.rows.iter().map(|row| row.state));
                    units.extend(board.rows.into_iter().map(|row| row.unit));
                }
                assert_eq!(units.iter().collect::<BTreeSet<_>>().len(), 1500, "{order:?}");
                if order == BoardOrder::State {
                    assert!(if is_descending {
                        states.is_sorted_by(|a, b| a >= b)
                    } else {
                        states.is_sorted()
                    });
                }
            }
        }
        let count = async |wish: BoardWish<'_>| {
            let board =
                collections.board(&id, &BoardWish { limit: 2, ..wish }, day("2026-02-01")).await.unwrap();
            assert!(board.rows.len() as i64 == board.total.min(2));
            board.total
        };
        let owing = collections.state_counts(&id).await.unwrap();
        let owing: i64 = owing.iter().filter(|(state, _)| state.is_owing()).map(|(_, count)| count).sum();
        assert_eq!(count(BoardWish { states: SubmissionState::OWING, ..Default::default() }).await, owing);
        assert_eq!(count(BoardWish { kind: Some("部门"), ..Default::default() }).await, 500);
        assert_eq!(count(BoardWish { text: Some("第0007号"), ..Default::default() }).await, 1);
        assert_eq!(count(BoardWish { text: Some("c0007"), ..Default::default() }).await, 1);
        for (text, total) in [("%", 1), ("_", 2), ("!", 2), ("\\", 1), ("'", 2), ("没有\0的", 0), (" ", 1500)]
        {
            assert_eq!(count(BoardWish { text: Some(text), ..Default::default() }).await, total, "{text:?}");
        }
        let nobody = collections.board("X", &BoardWish::default(), day("2026-02-01")).await;
        assert!(matches!(nobody, Err(CollectionRefusal::Unknown(_))));
        plans(&pool, &id).await;
    })
    .await;
}

/// SQLite goes by an index through every table that grows with the collections.
async fn plans(pool: &AnyPool, id: &str) {
    for statement in [
        "SELECT * FROM nianbao_submissions s JOIN nianbao_roster r ON r.code = s.unit
         WHERE s.collection = $1 ORDER BY s.unit LIMIT 50",
        "SELECT * FROM nianbao_moves WHERE collection = $1 AND number > 5 ORDER BY number LIMIT 5",
        "SELECT * FROM nianbao_moves WHERE collection = $1 AND unit = 'C0001' ORDER BY number",
        "SELECT * FROM nianbao_comments WHERE collection = $1 AND unit = 'C0001' ORDER BY number",
        "SELECT unit, MAX(sent_at) FROM nianbao_reminders WHERE collection = $1 GROUP BY unit",
    ] {
        let explained = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")))
            .bind(id)
            .fetch_all(pool)
            .await;
        // PostgreSQL has another word for it, and chooses by how much there is.
        let Ok(rows) = explained else { return };
        for row in rows {
            let detail: String = row.try_get("detail").unwrap();
            let is_scan = detail.starts_with("SCAN nianbao")
                || detail.starts_with("SCAN s ")
                || detail.contains("SCAN v");
            assert!(!is_scan && !detail.contains("TEMP B-TREE FOR ORDER"), "{statement}: {detail}");
        }
    }
}

#[tokio::test]
async fn a_unit_that_is_renamed_or_merged_keeps_its_history() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 6, &plan()).await;
        let bureau = doer("王某");
        let at = |at| Occasion { doer: &bureau, at, today: day("2026-02-01") };
        collections.rename_unit(&code("C0005"), "新县", &at(2000)).await.unwrap();
        collections.rename_unit(&code("C0005"), "新县", &at(2100)).await.unwrap();
        let again = RosterUnit { kind: "区县".into(), ..RosterUnit::new(code("C0005"), "更新县") };
        assert_eq!(
            collections.save_units(&[again, RosterUnit::new(code("N1"), "又一县")], &at(1500)).await.unwrap(),
            1
        );
        let names = collections.former_names("C0005").await.unwrap();
        assert_eq!(
            names.iter().map(|name| (name.name.as_str(), name.since, name.until)).collect::<Vec<_>>(),
            [("第0005号单位", 1000, 2000), ("新县", 2000, 1500)]
        );
        assert_eq!(collections.unit("C0005").await.unwrap().unit.name, "更新县");

        // Two that shall become part of each other: one does.
        let tasks = [("C0001", "C0002"), ("C0002", "C0001")].map(|(one, other)| {
            let collections = collections.clone();
            tokio::spawn(async move {
                let bureau = doer("王某");
                let occasion = Occasion { doer: &bureau, at: 3000, today: day("2026-02-01") };
                collections.merge_unit(&code(one), &code(other), &occasion).await.is_ok()
            })
        });
        let mut merged = 0;
        for task in tasks {
            merged += usize::from(task.await.unwrap());
        }
        assert_eq!(merged, 1);
        let units = collections.units().await.unwrap();
        let (gone, kept) =
            units.iter().find_map(|unit| Some((unit.unit.code.clone(), unit.merged_into.clone()?))).unwrap();
        // What leads to a unit that is merged leads on.
        collections.merge_unit(&kept, &code("C0003"), &at(3100)).await.unwrap();
        assert_eq!(collections.unit(gone.as_str()).await.unwrap().merged_into, Some(code("C0003")));
        assert!(collections.merge_unit(&code("C0004"), &kept, &at(3200)).await.is_err());
        assert!(collections.merge_unit(&code("C0004"), &code("C0004"), &at(3200)).await.is_err());
        assert!(collections.merge_unit(&code("C0004"), &code("X"), &at(3200)).await.is_err());
        // Its submission stays; a new collection does not ask it.
        assert_eq!(collections.submission(&place(&id, gone.as_str())).await.unwrap().unit, gone.to_string());
        let second = CollectionPlan { title: "补充征集".into(), ..plan() };
        let new = collections.make(&second, &at(4000)).await.unwrap();
        let refused = collections
            .ask(&new, &[gone.clone(), code("X"), code("C0003")], &at(4000))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains(gone.as_str()) && refused.contains(" X") && !refused.contains("C0003"),
            "{refused}"
        );
        assert!(matches!(
            collections.open_collection(&new, &at(4000)).await,
            Err(CollectionRefusal::NoUnits)
        ));
        assert_eq!(
            collections.ask(&new, &[code("C0003"), code("C0004"), code("C0003")], &at(4000)).await.unwrap(),
            2
        );
        assert_eq!(collections.unask(&new, &[code("C0004")], &at(4000)).await.unwrap(), 1);
        collections.open_collection(&new, &at(4000)).await.unwrap();
        // Units that come later have their submissions at once, and none has two.
        assert_eq!(collections.ask(&new, &[code("C0003"), code("C0004")], &at(4001)).await.unwrap(), 1);
        assert_eq!(collections.ask(&new, &[code("C0003"), code("C0004")], &at(4001)).await.unwrap(), 0);
        assert_eq!(
            collections.submission(&place(&new, "C0004")).await.unwrap().state,
            SubmissionState::NotStarted
        );
        assert!(matches!(
            collections.unask(&new, &[code("C0004")], &at(4001)).await,
            Err(CollectionRefusal::Begun(_))
        ));
        assert_eq!(noted(&pool, "unit_merged").await, 2);

        let bad = RosterUnit { name: "甲\u{200B}乙".into(), ..RosterUnit::new(code("B1"), "") };
        assert!(collections.save_units(&[bad], &at(5000)).await.is_err());
        for plan in [
            CollectionPlan { title: " ".into(), settings: "{".into(), ..plan() },
            CollectionPlan { instructions: "甲".repeat(30_000), ..plan() },
            CollectionPlan { opens_at: Some(5), closes_at: Some(5), ..plan() },
        ] {
            assert!(matches!(collections.make(&plan, &at(5000)).await, Err(CollectionRefusal::Unfit(_))));
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_opened_by_mistake_goes_back_and_more_time_is_taken_back() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 2, &plan()).await;
        let bureau = doer("王某（司法局）");
        let occasion = Occasion { doer: &bureau, at: 2000, today: day("2026-02-01") };
        let place = place(&id, "C0001");
        bring(&collections, &place, SubmissionState::InReview, &occasion).await;
        let unreasoned =
            collections.step(&place, SubmissionMove::Release, &MoveWish::default(), &occasion).await;
        assert!(matches!(unreasoned, Err(CollectionRefusal::Unfit(_))));
        let wish = MoveWish { reason: "点错了", ..MoveWish::default() };
        let state = collections.step(&place, SubmissionMove::Release, &wish, &occasion).await.unwrap();
        assert_eq!(state, SubmissionState::AwaitingReview);
        let twice = collections.step(&place, SubmissionMove::Release, &wish, &occasion).await;
        assert!(matches!(twice, Err(CollectionRefusal::NotNow { .. })));
        let last = collections.history(&place).await.unwrap().pop().unwrap();
        assert_eq!((last.act.as_str(), last.reason.as_str()), ("review_released", "点错了"));
        let withdrawn = collections.step(&place, SubmissionMove::Withdraw, &wish, &occasion).await.unwrap();
        assert_eq!(withdrawn, SubmissionState::Writing);

        let none = collections.take_back_extension(&place, "x", &occasion).await;
        assert!(matches!(none, Err(CollectionRefusal::Unfit(_))));
        collections.extend(&place, day("2026-03-10"), "受灾", &occasion).await.unwrap();
        assert!(collections.take_back_extension(&place, " ", &occasion).await.is_err());
        collections.take_back_extension(&place, "不用了", &occasion).await.unwrap();
        let now = collections.submission(&place).await.unwrap();
        assert_eq!((now.extended_to, now.extension_reason.as_str()), (None, ""));
        let last = collections.history(&place).await.unwrap().pop().unwrap();
        assert_eq!((last.act.as_str(), last.reason.as_str()), ("extended", "取消延期：不用了"));
    })
    .await;
}

#[tokio::test]
async fn a_past_collection_shows_the_names_of_then() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 4, &plan()).await;
        let bureau = doer("王某（司法局）");
        let at = |at| Occasion { doer: &bureau, at, today: day("2026-02-01") };
        let [accepted, owing, merged] = ["C0000", "C0001", "C0002"].map(code);
        bring(&collections, &place(&id, "C0000"), SubmissionState::Accepted, &at(2000)).await;
        for unit in [&accepted, &owing] {
            collections.rename_unit(unit, &format!("{unit}新局"), &at(3000)).await.unwrap();
        }
        let name = async |unit: &str| {
            let one = collections.submission(&place(&id, unit)).await.unwrap();
            (one.name, one.now.map(|now| now.words()))
        };
        // What was accepted is of the unit that sent it; what is still owed, of the one that there is.
        assert_eq!(name("C0000").await, (HOSTILE[0].to_owned(), Some("现名C0000新局".to_owned())));
        assert_eq!(name("C0001").await, ("C0001新局".to_owned(), None));
        collections.close(&id, "到期", &at(4000)).await.unwrap();
        collections.rename_unit(&owing, "后来的局", &at(5000)).await.unwrap();
        collections.merge_unit(&merged, &owing, &at(5001)).await.unwrap();
        assert_eq!(name("C0001").await, ("C0001新局".to_owned(), Some("现名后来的局".to_owned())));
        assert_eq!(name("C0002").await, (HOSTILE[2].to_owned(), Some("已并入后来的局".to_owned())));

        // So do the board, whatever one looks for, what comes out, and who is missing.
        for text in ["C0001新局", "后来的局"] {
            let wish = BoardWish { text: Some(text), limit: 10, ..BoardWish::default() };
            let board = collections.board(&id, &wish, day("2026-03-01")).await.unwrap();
            let names: Vec<&str> = board.rows.iter().map(|row| row.name.as_str()).collect();
            assert_eq!((names, board.total), (vec!["C0001新局"], 1), "{text}");
        }
        let first = collections.accepted(&id).next().await.unwrap().unwrap();
        assert_eq!(first.name, HOSTILE[0]);
        let missing = collections.not_accepted(&id).await.unwrap();
        assert_eq!(missing[0].name, "C0001新局");
        // The next one asks them under their names of today.
        let next = CollectionPlan { year: "2026".parse().unwrap(), ..plan() };
        let next = collections.begin_from(&id, &next, &at(6000)).await.unwrap();
        collections.open_collection(&next, &at(6001)).await.unwrap();
        let of = collections.submission(&place(&next, "C0001")).await.unwrap();
        assert_eq!((of.name.as_str(), of.now), ("后来的局", None));
    })
    .await;
}

#[tokio::test]
async fn collections_of_one_year_are_told_apart() {
    on_each(async |pool| {
        let (collections, id) = opened(&pool, 2, &plan()).await;
        let bureau = doer("王某");
        let at = |at| Occasion { doer: &bureau, at, today: day("2026-02-01") };
        let twice = collections.make(&plan(), &at(2000)).await.unwrap_err().to_string();
        assert!(twice.contains("2025年度已经有一次征集叫") && twice.contains("征集中"), "{twice}");
        let next = CollectionPlan { year: "2026".parse().unwrap(), ..plan() };
        collections.make(&next, &at(2001)).await.unwrap();
        // Of several who begin one at once, one does.
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (collections, bureau) = (collections.clone(), bureau.clone());
                tokio::spawn(async move {
                    let occasion = Occasion { doer: &bureau, at: 2002, today: day("2026-02-01") };
                    let second = CollectionPlan { title: "第二次".into(), ..plan() };
                    collections.make(&second, &occasion).await
                })
            })
            .collect();
        let mut made = vec![];
        for task in tasks {
            made.extend(task.await.unwrap().ok());
        }
        assert_eq!(made.len(), 1);
        let second = collections.collection(&made[0]).await.unwrap();
        let siblings = collections.siblings(&second).await.unwrap();
        assert_eq!(siblings.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
        let taken = CollectionPlan { title: plan().title, ..second.plan.clone() };
        assert!(collections.change(&second.id, second.revision, &taken, &at(2003)).await.is_err());

        // Begun from one of the same year, its units get what they were given along there, and not this year's own
        // reports as last year's.
        let last = |document: &str| AttachedFile { document: document.into(), from: "上年.yaml".into() };
        let given = Attachments { last_report: Some(last("{\"year\":2024}")), plan: Some(last("{}")) };
        collections.attach(&id, &code("C0000"), &given, &at(2004)).await.unwrap();
        bring(&collections, &place(&id, "C0000"), SubmissionState::Accepted, &at(2005)).await;
        bring(&collections, &place(&id, "C0001"), SubmissionState::Accepted, &at(2005)).await;
        let third = CollectionPlan { title: "第三次".into(), ..plan() };
        let third = collections.begin_from(&id, &third, &at(2006)).await.unwrap();
        assert_eq!(collections.attachments(&third, "C0000").await.unwrap(), given);
        assert_eq!(collections.attachments(&third, "C0001").await.unwrap(), Attachments::default());
        let earlier = CollectionPlan { year: "2024".parse().unwrap(), ..plan() };
        assert!(collections.begin_from(&id, &earlier, &at(2007)).await.is_err());
    })
    .await;
}
