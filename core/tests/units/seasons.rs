//! No list of the checks runs out: the samples of the coming years pass.

use nianbao_core::diagnostic::Severity;
use nianbao_core::input::Format;
use regex::{Captures, Regex};

use crate::desk::{Beside, findings_beside, project, sample};

/// A text as it would read so many years later, but for the titles that it cites.
fn later(text: &str, years: u16) -> String {
    let cited = Regex::new("《[^》]*[（(]20[^》]*》").unwrap();
    let cited: Vec<_> = cited.find_iter(text).map(|found| found.range()).collect();
    let moved = |year: &Captures| {
        let whole = year.get(0).unwrap();
        match cited.iter().any(|range| range.contains(&whole.start())) {
            true => whole.as_str().to_owned(),
            false => (whole.as_str().parse::<u16>().unwrap() + years).to_string(),
        }
    };
    Regex::new("20[0-9]{2}").unwrap().replace_all(text, moved).into_owned()
}

/// The same with what may come after the outlines that it cites.
fn renewed(text: &str) -> String {
    text.replace("2021—2025年", "2026—2030年").replace("2023—2025年", "2026—2028年")
}

#[test]
fn the_samples_of_coming_years_have_no_error() {
    let plan = std::fs::read_to_string(project().join("report-templates/work-plan/sample.yaml")).unwrap();
    for years in 0..=6 {
        for text in [later(sample(), years), later(&plan, years)] {
            for text in [renewed(&text), text] {
                let found = findings_beside(text.as_bytes(), Format::Yaml, &Beside::default());
                let errors: Vec<_> = found.iter().filter(|one| one.severity == Severity::Error).collect();
                assert!(errors.is_empty(), "{years} years on: {errors:#?}");
            }
        }
        // What the program does not know it says.
        let found =
            findings_beside(renewed(&later(sample(), years)).as_bytes(), Format::Yaml, &Beside::default());
        assert!(found.iter().any(|one| one.code == "outline-years"), "{years} years on: {found:#?}");
    }
}
