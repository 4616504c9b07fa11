//! The one place where the stages meet: a document in, a finished file out. Where each begins and ends is said by a span,
//! for whoever takes the time.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use tracing::info_span;

use crate::checks::{self, Context, Settings, Sketch, WrittenSettings};
use crate::diagnostic::{Class, Diagnostic, Failed, Severity, Warned, class_of};
use crate::export::{self, Artifact, Target};
use crate::file_name::file_name;
use crate::guide::{Coverage, Guide};
use crate::input::{Format, Manuscript, UnfinishedDocument};
use crate::report::{Document, DocumentKind, Edition, FieldPath, Report, WorkPlan};
use crate::template::{
    Families, Filled, Purpose, Templates, WordFaces, attach, fill, fill_html, fill_html_fragment, fill_word,
};
use crate::typeset::{Fonts, Pace, stand_ins, typeset};

/// What the stages need besides a document: read once, then only looked at.
#[derive(Clone)]
pub struct Press {
    pub templates: Arc<Templates>,
    pub fonts: Arc<Fonts>,
    /// What the operator changed about the checks.
    pub settings: Settings,
    /// Whether it works for one report at a time, and on one core.
    pub pace: Pace,
}

impl Press {
    /// The same with settings on top of its own. They were looked at when they were kept; that they are not
    /// understood any more is no fault of the report.
    pub fn under(&self, own: &WrittenSettings) -> Result<Self, Failed> {
        let settings = own.on_top_of(&self.settings).map_err(|fault| Failed::Program(fault.into()))?;
        Ok(Self { settings, ..self.clone() })
    }

    /// The names under which a document for Word asks for its faces.
    pub fn families(&self, faces: WordFaces) -> Families {
        match faces {
            WordFaces::Official => Families::official(),
            WordFaces::AtHand => Families::new(|role| self.fonts.family(role)),
        }
    }

    /// What a report says of the matters of the guide. Nothing of a plan, and where no guide was chosen.
    pub fn coverage(&self, document: &Document) -> Option<Coverage> {
        Some(self.settings.guide.as_ref()?.coverage(document.report()?))
    }

    /// The same by the program's own guide where none was chosen.
    pub fn coverage_in_any_case(&self, report: &Report) -> Coverage {
        self.settings.guide.clone().unwrap_or_else(Guide::built_in).coverage(report)
    }
}

/// A document as it was sent.
#[derive(Clone, Copy)]
pub struct Paper<'a> {
    pub bytes: &'a [u8],
    pub format: Format,
}

/// A document as it was sent, and what a report is held against.
#[derive(Clone, Copy)]
pub struct Papers<'a> {
    pub document: Paper<'a>,
    /// The report of the year before.
    pub last_year: Option<Paper<'a>>,
    /// The plan of the report's year.
    pub plan: Option<Paper<'a>>,
}

/// What is to be made, and of what.
pub struct Job<'a> {
    pub paper: Paper<'a>,
    /// What a report is held against.
    pub beside: &'a Beside,
    /// Makes this edition, whichever the report asks for.
    pub edition: Option<Edition>,
    pub purpose: Purpose,
    pub target: Target,
}

/// A finished file and what to call it.
pub struct Product {
    /// In Chinese, and safe as a file name everywhere: 临江区-2024年法治政府建设年度报告.pdf.
    pub name: String,
    pub artifact: Artifact,
}

/// A document, and the file that was made of it.
pub struct Rendering {
    pub document: Document,
    pub made: Product,
    /// What tells whether another unit's report says nearly the same.
    pub sketches: Vec<Sketch>,
}

/// The whole way: reads, checks and makes. A report with errors is not issued; as a draft it is
/// made all the same, as long as it can be typeset.
pub fn render(job: &Job, press: &Press) -> Result<Warned<Rendering>, Failed> {
    let manuscript = job.paper.parse()?;
    // What is attached is the report itself: nothing may stand in for a part of it.
    let is_draft = job.purpose == Purpose::Draft && !job.target.bears_source();
    let (Warned { value: document, warnings }, stood_in) = match read(&manuscript, job.edition, press) {
        Ok(read) => (read, vec![]),
        Err(failed) if is_draft => read_unfinished(&manuscript, job.edition, press, failed)?,
        Err(failed) => return Err(all_that_is_wrong(&manuscript, job, press, failed)),
    };
    let check = || with_context(&document, job.beside, press, checks::check_and_sketch);
    let make = || make_as_far(&document, &stood_in, job.purpose, job.target, press);
    let (checked, made) = match press.pace {
        Pace::OneByOne { .. } => (check(), None),
        // Almost every report that is rendered is right.
        Pace::AtOnce => {
            let (checked, made) = at_once(check, make);
            (checked, Some(made))
        }
    };
    let (found, sketches) = checked.map_err(|failed| located(failed, &manuscript))?;
    let mut warnings = all_findings(warnings, manuscript.located(found), &stood_in);
    if is_refused(&warnings, job.purpose) {
        return Err(Failed::Report(warnings));
    }
    let made = made.unwrap_or_else(make)?;
    warnings.extend(made.warnings);
    Ok(Warned { value: Rendering { document, made: made.value, sketches }, warnings })
}

/// Why a report that `failed` to be read is not issued: also what the checks find in what was written of it, so
/// that nobody is sent round twice.
fn all_that_is_wrong(manuscript: &Manuscript, job: &Job, press: &Press, failed: Failed) -> Failed {
    let (read, stood_in) = match read_unfinished(manuscript, job.edition, press, failed) {
        Ok(read) => read,
        Err(failed) => return failed,
    };
    match with_context(&read.value, job.beside, press, checks::check) {
        Ok(found) => Failed::Report(all_findings(read.warnings, manuscript.located(found), &stood_in)),
        Err(failed) => located(failed, manuscript),
    }
}

/// Reads and checks a document, also against the papers beside it. Fails only where there is no document to
/// check.
pub fn review(papers: &Papers, edition: Option<Edition>, press: &Press) -> Result<Warned<Document>, Failed> {
    let beside = papers.beside()?;
    review_beside(papers.document, &beside, edition, press)
}

/// The same against what was read already.
pub fn review_beside(
    paper: Paper,
    beside: &Beside,
    edition: Option<Edition>,
    press: &Press,
) -> Result<Warned<Document>, Failed> {
    let manuscript = paper.parse()?;
    let read = read(&manuscript, edition, press);
    let is_whole = read.is_ok();
    let (Warned { value: document, warnings }, stood_in) = match read {
        Ok(read) => (read, vec![]),
        Err(failed) => read_unfinished(&manuscript, edition, press, failed)?,
    };
    let found = with_context(&document, beside, press, checks::check);
    let found = found.map_err(|failed| located(failed, &manuscript))?;
    let warnings = all_findings(warnings, manuscript.located(found), &stood_in);
    match is_whole {
        true => Ok(Warned { value: document, warnings }),
        // It is no document yet, but what it says can be looked at.
        false => Err(Failed::Report(warnings)),
    }
}

/// What is wrong with the writing, and then what the checks find, but for what they say of words
/// that nobody wrote.
pub fn all_findings(
    faults: Vec<Diagnostic>,
    found: Vec<Diagnostic>,
    stood_in: &[FieldPath],
) -> Vec<Diagnostic> {
    let is_written = |one: &Diagnostic| !stood_in.iter().any(|path| path.holds(&one.path));
    faults.into_iter().chain(found.into_iter().filter(is_written)).collect()
}

/// The findings of a review. They are what was asked for also where there is no document yet; only what
/// nobody can read has none.
pub fn findings(papers: &Papers, edition: Option<Edition>, press: &Press) -> Result<Vec<Diagnostic>, Failed> {
    let beside = papers.beside()?;
    match review_beside(papers.document, &beside, edition, press) {
        Ok(reviewed) => Ok(reviewed.warnings),
        Err(Failed::Report(found)) if class_of(&found) == Class::Wrong => Ok(found),
        Err(failed) => Err(failed),
    }
}

/// Checks a document by itself.
pub fn check(document: &Document, press: &Press) -> Result<Vec<Diagnostic>, Failed> {
    with_context(document, &Beside::default(), press, checks::check)
}

/// Makes the file of a document, right or wrong, and says what had to be done to its layout.
pub fn make(
    document: &Document,
    purpose: Purpose,
    target: Target,
    press: &Press,
) -> Result<Warned<Product>, Failed> {
    make_as_far(document, &[], purpose, target, press)
}

/// The same of a document in which something stands in for these fields: what it bears of itself lacks them.
fn make_as_far(
    document: &Document,
    stood_in: &[FieldPath],
    purpose: Purpose,
    target: Target,
    press: &Press,
) -> Result<Warned<Product>, Failed> {
    let template = press.templates.of(document)?;
    let set = |filled: Filled| info_span!("typeset").in_scope(|| typeset(&filled, &press.fonts, press.pace));
    let (artifact, warnings) = match target {
        Target::Pdf | Target::PdfWithSource | Target::Ofd | Target::OfdWithSource => {
            let filled = info_span!("fill").in_scope(|| fill(template, document, purpose))?;
            let pages = match target.bears_source() {
                true => set(attach(filled, &document.as_shown()))?,
                false => set(filled)?,
            };
            let artifact = info_span!("export").in_scope(|| match target {
                Target::Ofd | Target::OfdWithSource => export::ofd(&pages, &press.fonts),
                Target::PdfWithSource => export::pdf_with_source(&pages),
                _ => export::pdf(&pages),
            })?;
            (artifact, pages.notes)
        }
        Target::Word(faces) => {
            let families = press.families(faces);
            let fill = || fill_word(template, document, stood_in, purpose, &families);
            let package = info_span!("fill").in_scope(fill)?;
            (info_span!("export").in_scope(|| export::word(&package))?, vec![])
        }
        Target::Html => {
            let html = info_span!("fill").in_scope(|| fill_html(template, document, stood_in, purpose))?;
            (export::html(html), vec![])
        }
        Target::HtmlFragment => (export::html(fill_html_fragment(template, document, purpose)?), vec![]),
    };
    let name = file_name(document.unit(), document.year(), &template.manifest.title, artifact.extension);
    Ok(Warned { value: Product { name, artifact }, warnings })
}

/// Refuses to work with faces that only stand in for official ones.
pub fn demand_official_faces(press: &Press) -> Result<(), Failed> {
    let found = stand_ins(&press.fonts);
    if found.is_empty() { Ok(()) } else { Err(Failed::Report(found)) }
}

/// Does two things at once, as to check a report while it is typeset: on a second core that takes no time.
pub fn at_once<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
    })
}

/// What a report is held against.
#[derive(Default)]
pub struct Beside {
    pub last_year: Option<Report>,
    pub plan: Option<WorkPlan>,
}

impl<'a> Paper<'a> {
    /// As a document with nothing beside it.
    pub fn alone(self) -> Papers<'a> {
        Papers { document: self, last_year: None, plan: None }
    }

    fn parse(self) -> Result<Manuscript, Failed> {
        info_span!("read").in_scope(|| Manuscript::parse(self.bytes, self.format))
    }
}

impl Papers<'_> {
    /// What is wrong with a paper beside the document is told with its name, for it is not the document that
    /// is at fault.
    fn beside(&self) -> Result<Beside, Failed> {
        fn of<T>(name: &str, read: Option<Result<Warned<T>, Failed>>) -> Result<Option<T>, Failed> {
            let named = |one: Diagnostic| Diagnostic {
                place: one.whereabouts().map(|place| format!("{name}{place}")),
                message: format!("{name}：{}", one.message),
                ..one
            };
            match read.transpose() {
                Err(Failed::Report(found)) => Err(Failed::Report(found.into_iter().map(named).collect())),
                read => Ok(read?.map(|read| read.value)),
            }
        }
        Ok(Beside {
            last_year: of("上年的报告", self.last_year.map(|paper| paper.parse()?.read()))?,
            plan: of("工作计划", self.plan.map(|paper| paper.parse()?.read()))?,
        })
    }
}

/// What was written, as the kind of document that its template sets.
fn read(
    manuscript: &Manuscript,
    edition: Option<Edition>,
    press: &Press,
) -> Result<Warned<Document>, Failed> {
    match press.templates.kind_of(manuscript.template()) {
        DocumentKind::WorkPlan => Ok(manuscript.read::<WorkPlan>()?.map(Document::from)),
        DocumentKind::Report => Ok(manuscript.read::<Report>()?.map(|mut report| {
            report.edition = edition.unwrap_or(report.edition);
            report.into()
        })),
    }
}

/// A document that `failed` to be read, as far as it is written, with its faults; and the fields that something
/// stands in for. Fails as before where even that makes no document.
fn read_unfinished(
    manuscript: &Manuscript,
    edition: Option<Edition>,
    press: &Press,
    failed: Failed,
) -> Result<(Warned<Document>, Vec<FieldPath>), Failed> {
    let kind = press.templates.kind_of(manuscript.template());
    let Ok(unfinished) = manuscript.unfinished_document(kind) else { return Err(failed) };
    let UnfinishedDocument { mut document, stood_in, faults: warnings } = unfinished;
    if let (Document::Report(report), Some(edition)) = (&mut document, edition) {
        report.edition = edition;
    }
    Ok((Warned { value: document, warnings }, stood_in))
}

/// Has `check` look at a document with what its template, the faces and the papers beside it have to say.
fn with_context<T>(
    document: &Document,
    beside: &Beside,
    press: &Press,
    check: fn(&Document, &Context) -> T,
) -> Result<T, Failed> {
    let template = press.templates.of(document)?;
    let undrawable = |path: &_, text: &str| press.fonts.undrawable(template.manifest.face(path), text);
    let manifest = &template.manifest;
    let settings = manifest.checks.clone().with(&press.settings);
    let report = document.report();
    let context = Context {
        undrawable: &undrawable,
        headings: report.and_then(|report| report.layout.headings).unwrap_or(manifest.layout.headings),
        last_year: beside.last_year.as_ref(),
        plan: beside.plan.as_ref(),
        settings: &match report {
            Some(report) => settings.for_kind(report.issuer.kind),
            None => settings,
        },
    };
    Ok(info_span!("check").in_scope(|| check(document, &context)))
}

fn located(failed: Failed, manuscript: &Manuscript) -> Failed {
    match failed {
        Failed::Report(found) => Failed::Report(manuscript.located(found)),
        failed => failed,
    }
}

/// Whether a document with these findings may not be made for this purpose.
fn is_refused(found: &[Diagnostic], purpose: Purpose) -> bool {
    purpose == Purpose::Issue && found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
