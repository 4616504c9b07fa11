//! What tests work on: the project's folders, its sample, the cases, the real reports, and what the checks
//! say of a document where nothing is typeset. The suite has this file too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use nianbao_core::checks::{self, Context, Settings, Sketch};
use nianbao_core::diagnostic::{Diagnostic, Failed};
use nianbao_core::guide::{self, Guide};
use nianbao_core::import::{Import, Particulars, import};
use nianbao_core::input::{self, Format, Manuscript};
use nianbao_core::report::{Document, FieldPath, HeadingLayout, Report, WorkPlan};

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(crate::PROJECT)
}

/// A file below `tests/`.
pub fn of_tests(path: &str) -> PathBuf {
    project().join("tests").join(path)
}

/// The files of a folder, by name.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The project's own sample, as it is stored.
pub fn sample() -> &'static str {
    static SAMPLE: LazyLock<String> = LazyLock::new(|| {
        fs::read_to_string(project().join("report-templates/annual-report/sample.yaml")).unwrap()
    });
    &SAMPLE
}

/// The smallest report without a fault, as it is stored.
pub fn minimal() -> String {
    fs::read_to_string(of_tests("cases/minimal.yaml")).unwrap()
}

pub fn read(yaml: &str) -> Report {
    match input::read(yaml.as_bytes(), Format::Yaml) {
        Ok(read) => read.value,
        Err(failed) => panic!("{}", told(&failed)),
    }
}

/// What failed, in words for the one who reads the test's output.
pub fn told(failed: &Failed) -> String {
    match failed {
        Failed::Report(found) => found
            .iter()
            .map(|one| format!("{} at {}: {} | {}", one.code, one.path, one.message, one.hint))
            .collect::<Vec<_>>()
            .join("\n"),
        Failed::Program(error) => error.to_string(),
    }
}

/// What a report is held against, in the report's own format.
#[derive(Default)]
pub struct Beside {
    pub last_year: Option<Vec<u8>>,
    pub plan: Option<Vec<u8>>,
    pub guide: Option<Arc<Guide>>,
}

/// The findings about a document, whether it could be read or not. No face draws Tibetan or a thumb, as none
/// of the free ones does; the limits are those of the annual report's template.
pub fn findings_beside(bytes: &[u8], format: Format, beside: &Beside) -> Vec<Diagnostic> {
    findings_under("characters = 10000", bytes, format, beside)
}

/// The same under the settings of this file.
pub fn findings_under(settings: &str, bytes: &[u8], format: Format, beside: &Beside) -> Vec<Diagnostic> {
    match checked(settings, bytes, format, beside) {
        Ok(found) | Err(Failed::Report(found)) => found,
        Err(Failed::Program(error)) => panic!("the program failed: {error}"),
    }
}

fn checked(settings: &str, bytes: &[u8], format: Format, beside: &Beside) -> Result<Vec<Diagnostic>, Failed> {
    let manuscript = Manuscript::parse(bytes, format)?;
    let document = match manuscript.template() {
        Some("work-plan") => manuscript.read::<WorkPlan>()?.map(Document::from),
        _ => manuscript.read::<Report>()?.map(Document::from),
    };
    let (document, mut found) = (document.value, document.warnings);
    let mut settings = Settings::read(settings).unwrap();
    settings.guide = beside.guide.clone();
    let report = document.report();
    let last_year = beside.last_year.as_ref().map(|bytes| input::read(bytes, format).unwrap().value);
    let plan = beside.plan.as_ref().map(|bytes| input::read(bytes, format).unwrap().value);
    let context = Context {
        undrawable: &undrawable,
        headings: report.and_then(|report| report.layout.headings).unwrap_or_default(),
        last_year: last_year.as_ref(),
        plan: plan.as_ref(),
        settings: &report.map_or(settings.clone(), |report| settings.for_kind(report.issuer.kind)),
    };
    found.extend(manuscript.located(checks::check(&document, &context)));
    Ok(found)
}

fn undrawable(_: &FieldPath, text: &str) -> Vec<char> {
    let mut seen = BTreeSet::new();
    text.chars().filter(|c| matches!(c, '\u{F00}'..='\u{FFF}' | '👍') && seen.insert(*c)).collect()
}

/// What tells whether another report says nearly the same.
pub fn sketches(report: &Report) -> Vec<Sketch> {
    let context = Context {
        undrawable: &|_, _| vec![],
        headings: HeadingLayout::default(),
        last_year: None,
        plan: None,
        settings: &Settings::default(),
    };
    checks::check_and_sketch(&report.clone().into(), &context).1
}

/// The files in `cases/input`; what must be said of `x.yaml` stands in `x.yaml.expected`.
pub fn inputs() -> Vec<PathBuf> {
    let (stated, inputs): (Vec<_>, Vec<_>) = files_in(&of_tests("cases/input"))
        .into_iter()
        .partition(|path| path.extension().is_some_and(|extension| extension == "expected"));
    assert_eq!(stated.len(), inputs.len(), "each input has its .expected, and the other way round");
    inputs
}

/// The format that an input is in by its name.
pub fn format_of(input: &Path) -> Format {
    let extension = input.extension().unwrap_or_default().to_string_lossy();
    Format::from_extension(&extension).unwrap_or_else(|| panic!("{}: no format", input.display()))
}

/// The file beside the cases of a check that holds its wordings.
pub const WORDINGS: &str = "wordings.yaml";

/// All cases of the checks, with the code whose folder each lies in. The wordings are not among them:
/// `quality.rs` reads those.
pub fn check_cases() -> Vec<(String, PathBuf)> {
    let folders = files_in(&of_tests("cases/check"));
    let of_folder = |folder: PathBuf| {
        let code = folder.file_name().unwrap().to_string_lossy().into_owned();
        let cases = files_in(&folder).into_iter().filter(|case| !case.ends_with(WORDINGS));
        cases.map(move |case| (code.clone(), case)).collect::<Vec<_>>()
    };
    folders.into_iter().flat_map(of_folder).collect()
}

/// What a case is held against: `# last-year: x.yaml`, `# plan: x.yaml` and `# guide: x.toml` name files in
/// `cases/beside`; the program's own guide is called 内置.
pub fn beside(overlay: &str) -> Beside {
    let name = |what: &str| overlay.lines().find_map(|line| line.strip_prefix(what)).map(str::trim);
    let named = |what: &str| name(what).map(|name| fs::read(of_tests("cases/beside").join(name)).unwrap());
    let guide = match name("# guide:") {
        Some(guide::BUILT_IN) => Some(Guide::built_in()),
        _ => named("# guide:").map(|text| Arc::new(Guide::read(str::from_utf8(&text).unwrap()).unwrap())),
    };
    Beside { last_year: named("# last-year:"), plan: named("# plan:"), guide }
}

/// A report in which the fields of `overlay` stand instead of those of `base`.
pub fn laid_over(base: &str, overlay: &str) -> String {
    let replaced: BTreeSet<String> = fields(overlay).into_iter().map(|(key, _)| key).collect();
    let kept = fields(base).into_iter().filter(|(key, _)| !replaced.contains(key));
    kept.chain(fields(overlay)).map(|(_, text)| text).collect()
}

/// The outermost fields of a report in YAML, each with all its lines.
pub fn fields(yaml: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in yaml.lines().filter(|line| !line.starts_with('#')) {
        let key = line.split(':').next().filter(|key| !key.starts_with([' ', '-']) && !key.is_empty());
        match key {
            Some(key) => fields.push((key.to_owned(), format!("{line}\n"))),
            None => fields.last_mut().expect("a field before its lines").1 += &format!("{line}\n"),
        }
    }
    fields
}

/// The folder of real reports that `NIANBAO_REAL_REPORTS` names; without it a test says that it was skipped.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
#[expect(clippy::disallowed_methods, reason = "the one place where the tests read their settings")]
pub fn real_reports(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NIANBAO_REAL_REPORTS");
    if folder.is_none() {
        eprintln!("skipped {test}: NIANBAO_REAL_REPORTS does not name a folder");
    }
    folder.map(PathBuf::from)
}

/// The real document whose name begins with this number.
pub fn seed(folder: &Path, number: &str) -> String {
    let seeds = files_in(&folder.join("seeds"));
    let is_it = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(number);
    fs::read_to_string(seeds.iter().find(is_it).unwrap()).unwrap()
}

/// What an import makes of a document that is none of those refused.
pub fn imported(bytes: &[u8]) -> Import {
    import(bytes, &Particulars::default()).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

/// The codes for which a file is refused.
pub fn refused(bytes: &[u8]) -> Vec<String> {
    match import(bytes, &Particulars::default()) {
        Ok(imported) => panic!("it was imported: {}", imported.document),
        Err(Failed::Report(found)) => found.iter().map(|one| one.code.to_string()).collect(),
        Err(failed) => panic!("{failed}"),
    }
}

/// Letters and figures only.
pub fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
