//! The one place where the stages meet: a report in, a finished file out.

use std::panic::resume_unwind;
use std::thread;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::checks::{self, Context, Settings, Sketch};
use crate::diagnostic::{Class, Diagnostic, Failed, Severity, Warned, class_of};
use crate::export::{Artifact, Drawing, Glyphs, Target, draw, export, new_glyphs};
use crate::input::{Format, Unfinished, located, read, read_loosely, read_plan, read_unfinished};
use crate::report::{Document, Edition, FieldPath, Report, WorkPlan};
use crate::template::{
    DocumentKind, Filled, Overview, Purpose, Templates, attach, fill, fill_overview, fill_plan,
    fill_review_sheet,
};
use crate::typeset::{Fonts, Pace, Place, lay_out, stand_ins, typeset};

/// What the stages need besides a report: read once, then only looked at.
pub struct Press {
    pub templates: Templates,
    pub fonts: Fonts,
    /// What the operator changed about the checks.
    pub settings: Settings,
    /// Whether it works for one report at a time, and on one core.
    pub pace: Pace,
}

/// What is to be made, and of what.
pub struct Job<'a> {
    pub bytes: &'a [u8],
    pub format: Format,
    /// Makes this edition, whichever the report asks for.
    pub edition: Option<Edition>,
    pub purpose: Purpose,
    pub target: Target,
}

/// Reads a report and checks it. Fails only where there is no report to check.
pub fn review(
    bytes: &[u8],
    format: Format,
    edition: Option<Edition>,
    press: &Press,
) -> Result<Warned<Report>, Failed> {
    review_beside(bytes, format, edition, &Beside::default(), press)
}

/// What a report can be held against.
#[derive(Default)]
pub struct Beside {
    /// The report of the year before.
    pub last_year: Option<Report>,
    /// The plan of the report's year.
    pub plan: Option<WorkPlan>,
}

/// Reads a report and checks it, also against the documents beside it.
pub fn review_beside(
    bytes: &[u8],
    format: Format,
    edition: Option<Edition>,
    beside: &Beside,
    press: &Press,
) -> Result<Warned<Report>, Failed> {
    let Warned { value: report, mut warnings } = read_edition(bytes, format, edition)?;
    let (found, _) = check_input(&report, bytes, format, beside, press)?;
    warnings.extend(found);
    Ok(Warned { value: report, warnings })
}

/// A document as it was sent.
#[derive(Clone, Copy)]
pub struct Paper<'a> {
    pub bytes: &'a [u8],
    pub format: Format,
}

/// A report as it was sent, and what it is to be held against.
#[derive(Clone, Copy)]
pub struct Papers<'a> {
    pub report: Paper<'a>,
    pub last_year: Option<Paper<'a>>,
    pub plan: Option<Paper<'a>>,
}

impl Papers<'_> {
    /// The documents beside the report. What is wrong with one is told with its name, for it is not the
    /// report that is at fault.
    fn beside(&self) -> Result<Beside, Failed> {
        fn of<T>(
            name: &str,
            paper: Option<Paper>,
            read: fn(&[u8], Format) -> Result<Warned<T>, Failed>,
        ) -> Result<Option<T>, Failed> {
            match paper.map(|paper| read(paper.bytes, paper.format)).transpose() {
                Ok(read) => Ok(read.map(|read| read.value)),
                Err(Failed::Report(found)) => {
                    let named =
                        |one: Diagnostic| Diagnostic { message: format!("{name}：{}", one.message), ..one };
                    Err(Failed::Report(found.into_iter().map(named).collect()))
                }
                Err(failed) => Err(failed),
            }
        }
        Ok(Beside {
            last_year: of("上年的报告", self.last_year, read)?,
            plan: of("工作计划", self.plan, read_plan)?,
        })
    }
}

/// Reads and checks a report with the documents beside it.
pub fn review_papers(
    papers: &Papers,
    edition: Option<Edition>,
    press: &Press,
) -> Result<Warned<Report>, Failed> {
    let Paper { bytes, format } = papers.report;
    review_beside(bytes, format, edition, &papers.beside()?, press)
}

/// The findings about a report. They are what was asked for also where it is no report yet; only what nobody
/// can read has none.
pub fn check_papers(
    papers: &Papers,
    edition: Option<Edition>,
    press: &Press,
) -> Result<Vec<Diagnostic>, Failed> {
    let beside = papers.beside()?;
    let Paper { bytes, format } = papers.report;
    match review_beside(bytes, format, edition, &beside, press) {
        Ok(reviewed) => Ok(reviewed.warnings),
        Err(Failed::Report(found)) if class_of(&found) == Class::Wrong => Ok(found),
        Err(failed) => Err(failed),
    }
}

fn read_edition(bytes: &[u8], format: Format, edition: Option<Edition>) -> Result<Warned<Report>, Failed> {
    let mut read = read(bytes, format)?;
    read.value.edition = edition.unwrap_or(read.value.edition);
    Ok(read)
}

/// Checks and sketches a report, and says where in its input each finding stands.
fn check_input(
    report: &Report,
    bytes: &[u8],
    format: Format,
    beside: &Beside,
    press: &Press,
) -> Result<(Vec<Diagnostic>, Vec<Sketch>), Failed> {
    match with_context(report, beside, press, checks::check_and_sketch) {
        Ok((found, sketches)) => Ok((located(found, bytes, format), sketches)),
        Err(Failed::Report(found)) => Err(Failed::Report(located(found, bytes, format))),
        Err(failed) => Err(failed),
    }
}

/// Checks a report against what its template and the faces can do.
pub fn check(report: &Report, press: &Press) -> Result<Vec<Diagnostic>, Failed> {
    with_context(report, &Beside::default(), press, checks::check)
}

/// Has `check` look at a report with what its template, the faces and the documents beside it have to say.
fn with_context<T>(
    report: &Report,
    beside: &Beside,
    press: &Press,
    check: fn(&Report, &Context) -> T,
) -> Result<T, Failed> {
    let template = press.templates.of(report)?;
    let undrawable = |path: &_, text: &str| press.fonts.undrawable(template.manifest.face(path), text);
    let manifest = &template.manifest;
    let settings = manifest.checks.clone().with(&press.settings).for_kind(report.issuer.kind);
    let context = Context {
        undrawable: &undrawable,
        headings: report.layout.headings.unwrap_or(manifest.layout.headings),
        last_year: beside.last_year.as_ref(),
        plan: beside.plan.as_ref(),
        settings: &settings,
    };
    Ok(check(report, &context))
}

/// Refuses to work with faces that only stand in for official ones.
pub fn demand_official_faces(press: &Press) -> Result<(), Failed> {
    let found = stand_ins(&press.fonts);
    if found.is_empty() { Ok(()) } else { Err(Failed::Report(found)) }
}

/// A finished file and what to call it.
pub struct Made {
    /// In Chinese, and safe as a file name everywhere: 临江区-2024年法治政府建设年度报告.pdf.
    pub name: String,
    pub artifact: Artifact,
}

/// Makes the file of a report, right or wrong, and says what had to be done to its layout.
pub fn make(
    report: &Report,
    purpose: Purpose,
    target: Target,
    press: &Press,
) -> Result<Warned<Made>, Failed> {
    let template = press.templates.of(report)?;
    let filled = fill(template, report, purpose)?;
    let filled = if target == Target::PdfWithSource { attach(filled, &report.as_shown()) } else { filled };
    let (unit, year) = (as_file_name(report.short_name()), report.year.number());
    let name = format!("{unit}-{year}年{}", template.manifest.title);
    finish(&filled, &name, target, press)
}

/// Makes the file of a plan of work in the same way.
pub fn make_plan(
    plan: &WorkPlan,
    purpose: Purpose,
    target: Target,
    press: &Press,
) -> Result<Warned<Made>, Failed> {
    let template = press.templates.of_plan(plan)?;
    let filled = fill_plan(template, plan, purpose)?;
    let filled = if target == Target::PdfWithSource { attach(filled, plan) } else { filled };
    let issuer = plan.issuer.as_ref();
    let unit = issuer.map(|issuer| as_file_name(issuer.short_name()) + "-").unwrap_or_default();
    let name = format!("{unit}{}年{}", plan.year.number(), template.manifest.title);
    finish(&filled, &name, target, press)
}

fn finish(filled: &Filled, name: &str, target: Target, press: &Press) -> Result<Warned<Made>, Failed> {
    let pages = typeset(filled, &press.fonts, press.pace)?;
    let artifact = export(&pages, target)?;
    let name = format!("{name}.{}", artifact.extension);
    Ok(Warned { value: Made { name, artifact }, warnings: pages.notes })
}

/// Checks a report while it is typeset: on a second core that takes no time.
fn at_once<A: Send, B>(check: impl FnOnce() -> A + Send, typeset: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let check = scope.spawn(check);
        let typeset = typeset();
        (check.join().unwrap_or_else(|panic| resume_unwind(panic)), typeset)
    })
}

/// A document, and the file that was made of it.
pub struct Rendered {
    pub document: Document,
    pub made: Made,
    /// What tells whether another unit's report says nearly the same.
    pub sketches: Vec<Sketch>,
}

/// The whole way: reads, checks and makes. A report with errors is not issued; as a draft it is
/// made all the same, as long as it can be typeset.
pub fn render(job: &Job, press: &Press) -> Result<Warned<Rendered>, Failed> {
    let Warned { value: report, mut warnings } = match read_edition(job.bytes, job.format, job.edition) {
        Err(_) if is_plan(job, press) => return render_plan(job, press),
        read => read?,
    };
    let check = || check_input(&report, job.bytes, job.format, &Beside::default(), press);
    let make = || make(&report, job.purpose, job.target, press);
    let (checked, made) = match press.pace {
        Pace::OneByOne => (check(), None),
        // Almost every report that is rendered is right.
        Pace::AtOnce => {
            let (checked, made) = at_once(check, make);
            (checked, Some(made))
        }
    };
    let (found, sketches) = checked?;
    warnings.extend(found);
    if is_refused(&warnings, job.purpose) {
        return Err(Failed::Report(warnings));
    }
    let made = made.unwrap_or_else(make)?;
    warnings.extend(made.warnings);
    let document = Document::Report(Box::new(report));
    Ok(Warned { value: Rendered { document, made: made.value, sketches }, warnings })
}

/// Whether a document with these findings may not be made for this purpose.
fn is_refused(found: &[Diagnostic], purpose: Purpose) -> bool {
    purpose == Purpose::Issue && found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Whether a document asks for a template that sets plans of work.
fn is_plan(job: &Job, press: &Press) -> bool {
    let Ok(tree) = read_loosely(job.bytes, job.format) else { return false };
    let template = tree["template"].as_str().and_then(|name| press.templates.find(name));
    template.is_some_and(|template| template.manifest.document == DocumentKind::WorkPlan)
}

/// The same way for a plan of work. Its checks are those of the report that it is held against; here
/// it is only refused what would not be in the file.
fn render_plan(job: &Job, press: &Press) -> Result<Warned<Rendered>, Failed> {
    let Warned { value: plan, mut warnings } = read_plan(job.bytes, job.format)?;
    let unplaced = plan.unplaced.iter().enumerate();
    let found = unplaced.map(|(index, one)| checks::unplaced_text::diagnostic(index, &one.text)).collect();
    warnings.extend(located(found, job.bytes, job.format));
    if is_refused(&warnings, job.purpose) {
        return Err(Failed::Report(warnings));
    }
    let made = make_plan(&plan, job.purpose, job.target, press)?;
    warnings.extend(made.warnings);
    // A plan is compared with none.
    let document = Document::Plan(Box::new(plan));
    Ok(Warned { value: Rendered { document, made: made.value, sketches: vec![] }, warnings })
}

/// A report as far as it is written, page by page.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "各页的画面")]
pub struct Preview {
    #[schemars(description = "各页，依次")]
    pub pages: Vec<PreviewPage>,
    #[schemars(
        description = "新的各页所用、已有的各页没有的字形：名称和 SVG path 的 d，单位和方向依字体（y 向上）"
    )]
    pub glyphs: Glyphs,
    /// The fields that something stands in for, because they lack what they must have.
    #[schemars(with = "Vec<String>", description = "缺少必填内容、用栏目名代替的字段")]
    pub stood_in: Vec<FieldPath>,
    #[schemars(description = "全部问题，最重的在前；用栏目名代替的地方只说它缺")]
    pub findings: Vec<Diagnostic>,
}

/// A page to be looked at.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一页")]
pub struct PreviewPage {
    /// Tells the page from every other.
    #[schemars(description = "与其他各页相区别的代号")]
    pub hash: String,
    /// What there is to see; nothing where whoever asked has it.
    #[serde(flatten)]
    pub picture: Option<Picture>,
}

/// What there is to see of a page, and where whose text stands.
#[derive(Serialize, JsonSchema)]
pub struct Picture {
    #[schemars(description = "页宽，磅")]
    pub width: f64,
    #[schemars(description = "页高，磅")]
    pub height: f64,
    #[schemars(description = "页面的 SVG 元素，字形用 use 引用")]
    pub svg: String,
    #[schemars(description = "各栏目的文字在页上的位置")]
    pub places: Vec<Place>,
}

/// Shows a report as it is being written, whatever is wrong with it, and says what is. Pages whose
/// hash is `known` are not drawn again. Typst remembers: a small change costs a part of the whole.
pub fn preview(bytes: &[u8], format: Format, known: &[&str], press: &Press) -> Result<Preview, Failed> {
    let unfinished = read_unfinished(bytes, format)?;
    let report = &unfinished.report;
    let (found, laid_out) = at_once(
        || check(report, press),
        || {
            let template = press.templates.of(report)?;
            lay_out(&fill(template, report, Purpose::Preview)?, &press.fonts)
        },
    );
    let (found, laid_out) = (found?, laid_out?);
    let page = |(number, places): (usize, Vec<Place>)| {
        let hash = laid_out.fingerprint(number, &places);
        let picture = (!known.contains(&hash.as_str())).then(|| {
            let Drawing { width, height, body: svg } = draw(&laid_out, number);
            Picture { width, height, svg, places }
        });
        PreviewPage { hash, picture }
    };
    let pages: Vec<_> = laid_out.places().into_iter().enumerate().map(page).collect();
    let glyphs = new_glyphs(&laid_out, |number| pages[number].picture.is_some());
    let mut findings = all_findings(&unfinished, found);
    findings.extend(laid_out.notes);
    Ok(Preview { pages, glyphs, stood_in: unfinished.stood_in, findings })
}

/// What was written, and what is wrong with it.
#[derive(Serialize, Deserialize)]
pub struct Looked {
    pub tree: Value,
    pub findings: Vec<Diagnostic>,
}

/// Looks at a report as far as it is written.
pub fn look(bytes: &[u8], format: Format, press: &Press) -> Result<Looked, Failed> {
    Ok(Looked { tree: read_loosely(bytes, format)?, findings: review_unfinished(bytes, format, press)? })
}

/// Reads an unfinished report and checks it. Where not even that can be read, its faults are found.
fn review_unfinished(bytes: &[u8], format: Format, press: &Press) -> Result<Vec<Diagnostic>, Failed> {
    let checked = read_unfinished(bytes, format)
        .and_then(|unfinished| Ok(all_findings(&unfinished, check(&unfinished.report, press)?)));
    match checked {
        Err(Failed::Report(found)) => Ok(found),
        checked => checked,
    }
}

/// What is wrong with the writing, and then what the checks find, but for what they say of words
/// that nobody wrote.
fn all_findings(unfinished: &Unfinished, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_written = |one: &Diagnostic| !unfinished.stood_in.iter().any(|path| path.holds(&one.path));
    unfinished.faults.iter().cloned().chain(found.into_iter().filter(is_written)).collect()
}

/// The role of the face that sets what a review sheet or an overview quotes.
const SHEET_ROLE: &str = "仿宋";

/// Makes the sheet that tells a reviewer what was found in a report.
pub fn review_sheet(
    report: &Report,
    found: &[Diagnostic],
    target: Target,
    press: &Press,
) -> Result<Made, Failed> {
    let filled = fill_review_sheet(&press.templates, report, found, &|text| drawable(text, press))?;
    let artifact = export(&typeset(&filled, &press.fonts, press.pace)?, target)?;
    let name = format!(
        "{}-{}年审核意见表.{}",
        as_file_name(report.short_name()),
        report.year.number(),
        artifact.extension
    );
    Ok(Made { name, artifact })
}

/// Makes the overview of a batch.
pub fn overview(overview: &Overview, target: Target, press: &Press) -> Result<Artifact, Failed> {
    let filled = fill_overview(&press.templates, overview, &|text| drawable(text, press))?;
    export(&typeset(&filled, &press.fonts, press.pace)?, target)
}

/// A text that a sheet can quote: what no face can draw is told by its number, for it may be the very
/// thing that was found.
fn drawable(text: &str, press: &Press) -> String {
    press.fonts.undrawable(SHEET_ROLE, text).into_iter().fold(text.to_owned(), |text, character| {
        text.replace(character, &format!("〔U+{:04X}〕", character as u32))
    })
}

/// A text without what some system takes for more than a name.
fn as_file_name(text: &str) -> String {
    let is_harmless =
        |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let name: String = text.chars().map(|c| if is_harmless(c) { c } else { '_' }).take(60).collect();
    name.trim_matches(['.', ' ']).to_owned()
}
