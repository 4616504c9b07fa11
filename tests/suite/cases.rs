//! The cases of the units, looked at by the program as it is installed: with the templates' settings and
//! the faces there are it finds what the checks find alone.

use std::fs;

use nianbao::diagnostic::Diagnostic;
use nianbao::input::{self, Format};

use crate::desk::{self, Beside, beside, check_cases, format_of, inputs, laid_over, minimal};
use crate::workbench::{findings, findings_beside};

#[test]
fn each_input_is_told_as_the_units_are() {
    for file in inputs() {
        let (bytes, format) = (fs::read(&file).unwrap(), format_of(&file));
        let alone = desk::findings_beside(&bytes, format, &Beside::default());
        let mut found = findings(&bytes, format);
        // Beside what cannot be read the program tells what is wrong with the rest.
        let is_of_reading = |one: &Diagnostic| input::CODES.iter().any(|code| one.code == code.name);
        if alone.iter().any(is_of_reading) {
            found.retain(is_of_reading);
        }
        assert_eq!(found, alone, "{}", file.display());
    }
}

#[test]
fn each_case_of_a_check_is_told_as_the_units_are() {
    for (_, case) in check_cases() {
        let overlay = fs::read_to_string(&case).unwrap();
        let report = laid_over(&minimal(), &overlay);
        let (bytes, beside) = (report.as_bytes(), beside(&overlay));
        let alone = desk::findings_beside(bytes, Format::Yaml, &beside);
        assert_eq!(findings_beside(bytes, Format::Yaml, &beside), alone, "{}", case.display());
    }
}

#[test]
fn a_template_that_is_not_there_is_told_at_its_place() {
    let report = format!("template: anual-report\n{}", minimal());
    let found = findings(report.as_bytes(), Format::Yaml);
    let at = found[0].position.unwrap();
    assert_eq!((found.len(), &*found[0].code, at.line, at.column), (1, "unknown-template", 1, 11));
    assert_eq!(found[0].path.to_string(), "template");
}
