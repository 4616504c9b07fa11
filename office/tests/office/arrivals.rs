//! Files for many units: nothing counts before it is confirmed, and then all of it or nothing.

use std::collections::BTreeMap;

use nianbao_core::report::{Choice, Edition};
use nianbao_core::roster::{RosterUnit, UnitCode};
use nianbao_office::audit::{Doer, Record};
use nianbao_office::collections::{
    AttachmentKind, CollectionPlan, CollectionRefusal, Collections, MaterialArrival, Occasion,
};

use crate::databases::on_each;

fn code(written: &str) -> UnitCode {
    written.parse().unwrap()
}

fn arrival(number: i64, kind: Option<AttachmentKind>, unit: Option<&str>) -> MaterialArrival {
    MaterialArrival {
        number,
        name: format!("'; DROP <b>{number}</b>\u{0}.docx"),
        kind,
        issuer: "东阳区".into(),
        year: Some(2024),
        remark: String::new(),
        unit: unit.map(str::to_owned),
        is_sure: unit.is_some(),
    }
}

#[tokio::test]
async fn a_lot_is_given_along_when_it_is_confirmed_and_whole() {
    on_each(async |pool| {
        Record::open(&pool).await.unwrap();
        let collections = Collections::open(&pool).await.unwrap();
        let doer = Doer { name: "王某".into(), account: None, on_behalf: None, from: String::new() };
        let occasion = Occasion { doer: &doer, at: 1000, today: "2026-01-05".parse().unwrap() };
        let units = [RosterUnit::new(code("A1"), "东阳区"), RosterUnit::new(code("B2"), "西阳区")];
        collections.save_units(&units, &occasion).await.unwrap();
        let plan = CollectionPlan {
            year: "2025".parse().unwrap(),
            title: "征集".into(),
            template: "annual-report".into(),
            settings: "{}".into(),
            edition: Edition::ALL[0],
            instructions: String::new(),
            needs_sign_off: false,
            opens_at: None,
            due_on: "2026-02-28".parse().unwrap(),
            closes_at: None,
        };
        let id = collections.make(&plan, &occasion).await.unwrap();
        collections.ask(&id, &[code("A1"), code("B2")], &occasion).await.unwrap();
        let last = Some(AttachmentKind::LastReport);
        let lot = [
            (arrival(1, last, Some("A1")), Some("{\"year\":\"1\"}".to_owned())),
            (arrival(2, last, None), Some("{\"year\":\"2\"}".to_owned())),
            (arrival(3, Some(AttachmentKind::Plan), Some("B2")), Some("{\"year\":\"3\"}".to_owned())),
            (arrival(4, None, None), None),
        ];
        collections.keep_arrivals(&id, "OLD", &lot[..1], &occasion).await.unwrap();
        collections.keep_arrivals(&id, "NEW", &lot, &occasion).await.unwrap();
        let waiting = collections.arrivals(&id).await.unwrap().unwrap();
        assert_eq!((waiting.lot.as_str(), waiting.arrivals.len()), ("NEW", 4));
        assert_eq!((waiting.arrivals[3].kind, waiting.arrivals[2].kind), (None, Some(AttachmentKind::Plan)));
        assert!(collections.attachments(&id, "A1").await.unwrap().last_report.is_none());

        let give = async |lot: &str, chosen: &[(i64, &str)]| {
            let units: BTreeMap<i64, UnitCode> =
                chosen.iter().map(|(number, unit)| (*number, code(unit))).collect();
            collections.give_arrivals(&id, lot, &units, &occasion).await
        };
        assert!(matches!(give("OLD", &[(1, "A1")]).await, Err(CollectionRefusal::Changed)));
        let twice = give("NEW", &[(1, "A1"), (2, "A1")]).await.unwrap_err().to_string();
        assert!(twice.contains("单位 A1 有两份上年的报告"), "{twice}");
        assert!(give("NEW", &[(1, "A1"), (2, "X")]).await.is_err());
        assert!(collections.attachments(&id, "A1").await.unwrap().last_report.is_none(), "all or nothing");
        assert_eq!(give("NEW", &[(1, "A1"), (3, "B2"), (4, "B2")]).await.unwrap(), 2);
        let given = collections.attachments(&id, "A1").await.unwrap().last_report.unwrap();
        assert_eq!(given.document, "{\"year\":\"1\"}");
        assert_eq!(given.from, "'; DROP <b>1</b>.docx");
        assert_eq!(
            collections.attachments(&id, "B2").await.unwrap().plan.unwrap().document,
            "{\"year\":\"3\"}"
        );
        assert!(collections.arrivals(&id).await.unwrap().is_none());
        let along = collections.given_along(&id).await.unwrap();
        assert_eq!((along[0].last_report.is_some(), along[0].plan.is_some()), (true, false));
        assert!(matches!(give("NEW", &[]).await, Err(CollectionRefusal::Changed)), "once");
    })
    .await;
}
