//! PDFs of other programs, measured: `cases/conform/README.md` says how to add one.

use std::fs;

use nianbao_core::conform::{Strictness, Verdict, conform};

use crate::desk::{files_in, of_tests};

/// Only what a case states is looked at: others' documents lack much that an official one has.
#[test]
fn others_pdfs_are_judged_as_stated() {
    let (mut count, mut wrong) = (0, String::new());
    for path in files_in(&of_tests("cases/conform/others")) {
        if path.extension().is_none_or(|extension| extension != "pdf") {
            continue;
        }
        count += 1;
        let found = conform(&fs::read(&path).unwrap(), Strictness::Usual).unwrap();
        let stated = fs::read_to_string(path.with_extension("expected")).unwrap();
        let verdicts = [Verdict::Conforms, Verdict::Fails, Verdict::Undecided, Verdict::NotApplicable];
        for line in stated.lines().filter(|line| !line.starts_with('#')) {
            let (label, clause) = line.split_once(' ').unwrap();
            let verdict = verdicts.into_iter().find(|verdict| verdict.label() == label).unwrap();
            let name = |clause: &str, element: &str| format!("{clause} {element}");
            let finding = found.findings.iter().find(|one| name(one.clause, one.element) == clause);
            let finding = finding.unwrap_or_else(|| panic!("{clause}: no such clause"));
            if finding.verdict != verdict {
                wrong += &format!("{}: {line}, and not: {}\n", path.display(), finding.measured);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count > 0, "no PDFs of others");
}
