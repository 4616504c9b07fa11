//! The same report makes the same file: whenever, by whichever press, from whichever format.

use nianbao::input::Format;
use nianbao::report::Edition;

use crate::workbench::{deeply, minimal, open_press, pdf_bytes, read, sample};

#[test]
fn two_renders_are_the_same_bytes() {
    for edition in [Edition::Public, Edition::Formal] {
        let render = || pdf_bytes(sample().as_bytes(), Format::Yaml, Some(edition));
        assert!(render() == render(), "{edition:?}");
    }
}

#[test]
fn two_presses_make_the_same_bytes() {
    use nianbao::export::Target;
    use nianbao::pipeline::{Press, make};
    use nianbao::template::Purpose;

    let report = read(sample());
    let made = |press: Press| {
        deeply(|| {
            make(&report.clone().into(), Purpose::Issue, Target::Pdf, &press).unwrap().value.artifact.bytes
        })
    };
    // Other work in between must leave no trace.
    let first = made(open_press());
    pdf_bytes(minimal().as_bytes(), Format::Yaml, None);
    assert!(first == made(open_press()));
}

#[test]
fn all_formats_make_the_same_bytes() {
    let report = read(sample());
    let json = serde_json::to_vec_pretty(&report).unwrap();
    let toml = toml::to_string(&report).unwrap();
    let from_yaml = pdf_bytes(sample().as_bytes(), Format::Yaml, None);
    assert!(pdf_bytes(&json, Format::Json, None) == from_yaml, "JSON");
    assert!(pdf_bytes(toml.as_bytes(), Format::Toml, None) == from_yaml, "TOML");
}
