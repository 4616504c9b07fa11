//! The workbench of the tests: the press, the sample, and a report made into pages.

use std::sync::LazyLock;
use std::thread;

use nianbao::diagnostic::{Diagnostic, Failed, Warned};
use nianbao::export::Target;
use nianbao::input::Format;
use nianbao::installation::Installation;
use nianbao::pipeline::{self, Job, Paper, Papers, Press, Product};
use nianbao::report::{Edition, Report};
use nianbao::template::Purpose;

use crate::desk::Beside;
pub use crate::desk::{files_in, minimal, of_tests, project, read, sample, sketches, told};
use crate::pdf::Document;

/// What typst does is recursive; the threads of the service have as much.
const STACK_BYTES: usize = 16 << 20;

pub fn installation() -> Installation {
    Installation { fonts: project().join("fonts"), ..Installation::default() }
}

/// A press of its own, opened anew.
pub fn open_press() -> Press {
    installation().open().unwrap()
}

/// The press that tests share.
pub fn press() -> &'static Press {
    static PRESS: LazyLock<Press> = LazyLock::new(open_press);
    &PRESS
}

/// Does some work on a stack that is deep enough to typeset.
pub fn deeply<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, work).unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The whole way from bytes.
pub fn render(
    bytes: &[u8],
    format: Format,
    edition: Option<Edition>,
    purpose: Purpose,
) -> Result<Warned<Product>, Failed> {
    render_at(press(), bytes, format, edition, purpose)
}

/// The same with a press of one's own.
pub fn render_at(
    press: &Press,
    bytes: &[u8],
    format: Format,
    edition: Option<Edition>,
    purpose: Purpose,
) -> Result<Warned<Product>, Failed> {
    let beside = &pipeline::Beside::default();
    let job = Job { paper: Paper { bytes, format }, beside, edition, purpose, target: Target::Pdf };
    let rendered = deeply(|| pipeline::render(&job, press))?;
    Ok(Warned { value: rendered.value.made, warnings: rendered.warnings })
}

/// Makes the PDF of a report that must not have a fault.
pub fn pdf_bytes(bytes: &[u8], format: Format, edition: Option<Edition>) -> Vec<u8> {
    match render(bytes, format, edition, Purpose::Issue) {
        Ok(made) => made.value.artifact.bytes,
        Err(failed) => panic!("{}", told(&failed)),
    }
}

/// Makes the PDF of a report in YAML and reads it back.
pub fn pdf(yaml: &str, edition: Option<Edition>) -> Document {
    Document::read(pdf_bytes(yaml.as_bytes(), Format::Yaml, edition))
}

/// The sample's PDF in each edition, made once.
pub fn sample_pdf(edition: Edition) -> &'static Document {
    static PUBLIC: LazyLock<Document> = LazyLock::new(|| pdf(sample(), Some(Edition::Public)));
    static FORMAL: LazyLock<Document> = LazyLock::new(|| pdf(sample(), Some(Edition::Formal)));
    match edition {
        Edition::Public => &PUBLIC,
        Edition::Formal => &FORMAL,
    }
}

/// The bytes of the sample's PDF in the formal edition.
pub fn sample_pdf_bytes() -> &'static [u8] {
    static BYTES: LazyLock<Vec<u8>> =
        LazyLock::new(|| pdf_bytes(sample().as_bytes(), Format::Yaml, Some(Edition::Formal)));
    &BYTES
}

/// The findings about a report, whether it could be read or not.
pub fn findings(bytes: &[u8], format: Format) -> Vec<Diagnostic> {
    findings_beside(bytes, format, &Beside::default())
}

/// The findings about a report that is held against other documents.
pub fn findings_beside(bytes: &[u8], format: Format, beside: &Beside) -> Vec<Diagnostic> {
    let paper = |bytes| Paper { bytes, format };
    let papers = Papers {
        document: paper(bytes),
        last_year: beside.last_year.as_deref().map(paper),
        plan: beside.plan.as_deref().map(paper),
    };
    let own = beside.guide.as_ref().map(|guide| {
        let mut press = open_press();
        press.settings.guide = Some(guide.clone());
        press
    });
    match pipeline::review(&papers, None, own.as_ref().unwrap_or(press())) {
        Ok(reviewed) => reviewed.warnings,
        Err(Failed::Report(found)) => found,
        Err(Failed::Program(error)) => panic!("the program failed: {error}"),
    }
}

/// A text without its white space: where lines end is for the typesetter.
pub fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Fails at the first difference and shows what stands around it.
pub fn assert_same_text(found: &str, expected: &str) {
    if found == expected {
        return;
    }
    let at = found.chars().zip(expected.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| text.chars().skip(at.saturating_sub(15)).take(60).collect::<String>();
    panic!("differs after {at} characters:\n   found …{}…\nexpected …{}…", around(found), around(expected));
}

/// Fails if a text of the report that this edition shows is not in the text of its PDF.
pub fn assert_says_all(text: &str, report: &Report, edition: Edition) {
    for (path, written) in report.texts() {
        let field = path.pattern();
        let part = field.split('.').next().unwrap();
        // What a template works with but does not print.
        let is_shown = !matches!(part, "template" | "issuer" | "indicators");
        let is_formal = matches!(part, "header" | "copies_to" | "printed_by" | "printed_on");
        if !is_shown || (is_formal && edition == Edition::Public) {
            continue;
        }
        let expected = match field.as_str() {
            "signature.date" => long_date(report.signature.date),
            "printed_on" => long_date(report.printed_on.unwrap()),
            _ => packed(&written),
        };
        assert!(text.contains(&expected), "{path} is not in the PDF: {written}");
    }
}

/// A date as documents bear it.
pub fn long_date(date: nianbao::report::Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}
