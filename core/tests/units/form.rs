//! What a browser posts, and whoever pretends to be one.

use nianbao_core::input::{Format, Manuscript, read};
use nianbao_core::report::Report;
use proptest::prelude::*;

use crate::desk::told;
use crate::files::encoded;

fn read_in_every_way(body: &str) {
    let Ok(manuscript) = Manuscript::parse(body.as_bytes(), Format::Form) else { return };
    let _ = manuscript.read::<Report>();
    let _ = manuscript.tree();
    let _ = manuscript.unfinished();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is posted, reading it ends in a report or in findings.
    #[test]
    fn any_form_is_read(pairs in proptest::collection::vec((name(), ".{0,40}"), 0..20)) {
        let body = encoded(&pairs);
        read_in_every_way(&body);
    }

    #[test]
    fn any_body_is_read(body in ".{0,200}") {
        read_in_every_way(&body);
    }

    /// Any text that a field admits comes out of the form as it was written into it.
    #[test]
    fn text_goes_through_the_form(text in "[^\\p{C}\\p{Zl}\\p{Zp}]{1,60}") {
        prop_assume!(!text.trim().is_empty());
        let pairs = [("year", "2024"), ("issuer.name", "甲"), ("signature.date", "2025-02-18"), ("title", &text)];
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let report = read::<Report>(encoded(&pairs).as_bytes(), Format::Form);
        let report = report.unwrap_or_else(|failed| panic!("{}", told(&failed))).value;
        prop_assert_eq!(report.title.as_deref(), Some(text.as_str()));
    }
}

/// Names of controls, sound and unsound.
fn name() -> impl Strategy<Value = String> {
    let steps = prop_oneof![
        Just("measures[0]".to_owned()),
        Just("body[1]".to_owned()),
        Just("text".to_owned()),
        Just("year".to_owned()),
        Just("issuer".to_owned()),
        Just("preface".to_owned()),
        Just("table".to_owned()),
        Just("answers".to_owned()),
        Just("attachments[18446744073709551615]".to_owned()),
        Just("[3]".to_owned()),
        ".{0,8}",
    ];
    proptest::collection::vec(steps, 0..5).prop_map(|steps| steps.join("."))
}
