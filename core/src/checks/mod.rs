//! What a reviewing 司法局 would find wrong with a report. One file a check: what it finds, and in
//! the doc comment of its code the page that `nianbao explain` shows. [`ALL`] is the table of them.
//! Lists that a legal officer may want to edit are the files in `data/`.
//!
//! Tried on real reports and left out: autocorrect, which would have figures and 汉字 spaced apart
//! against what official documents do; jieba-rs for typos, which takes the typo for a word of its own.

mod addressee_missing;
mod book_title_marks;
mod contains_request;
mod copied_from_last_year;
mod copied_from_peer;
mod debris;
mod duplicate_text;
mod duty_holder_missing;
mod figure_conflict;
mod fraction_for_percent;
mod growth_without_base;
mod half_width_mark;
mod heading_form;
mod impossible_value;
mod indicator_relation;
mod indicators;
mod late;
mod letterhead_incomplete;
mod matter_untouched;
mod misquoted_title;
mod missing_section;
mod nil_unstated;
mod no_figures;
mod numbering;
mod numeral_form;
mod outline_years;
mod paired_marks;
mod partial_year;
mod placeholder;
mod private_data;
mod problem_without_cause;
mod problem_without_plan;
mod rarities;
mod rate_without_base;
mod ratio_mismatch;
mod reading;
mod regulation;
mod secrecy_in_public;
mod settings;
mod signed_before_year_end;
mod spam;
mod sum_mismatch;
mod thin_section;
mod too_long;
mod typo;
mod unfinished_task_unexplained;
mod unit;
mod unpaired_mark;
mod unplaced_text;
pub mod unsupported_character;
mod unused_exception;
mod vague_figure;
mod year_mismatch;

pub use copied_from_peer::{COPIED_FROM_PEER, Peers, Sketch};
pub use settings::{Settings, Weight, WrittenSettings};

use std::sync::LazyLock;

use crate::diagnostic::{Code, Diagnostic};
use crate::language::foreign::{ADVERTISING, REMAINS};
use crate::report::{Document, FieldPath, HeadingLayout, Report, WorkPlan};
use rarities::Rarities;
use reading::{Reading, Texts};

/// One check: the code of what it finds, and how it finds it.
pub struct Check {
    pub code: &'static Code,
    find: Find,
}

/// What a check looks at.
enum Find {
    /// A report, whose fields have their meanings.
    InReport(fn(&Reading) -> Vec<Diagnostic>),
    /// The texts of a document, whichever it is.
    InTexts(fn(&Texts) -> Vec<Diagnostic>),
}

/// What a check may know besides the report.
pub struct Context<'a> {
    /// The characters of a field's text that no face can draw.
    pub undrawable: &'a dyn Fn(&FieldPath, &str) -> Vec<char>,
    /// How level-2 headings will be set.
    pub headings: HeadingLayout,
    /// The report of the year before, if it was given.
    pub last_year: Option<&'a Report>,
    /// The plan of the report's year, if it was given.
    pub plan: Option<&'a WorkPlan>,
    /// What was changed about the checks, for this report's kind of issuer.
    pub settings: &'a Settings,
}

/// How many findings of one code are told; who has mended these asks again.
const MAX_TOLD: usize = 100;

macro_rules! table {
    ($($module:ident :: $code:ident $find:ident),* $(,)?) => {
        [$(Check { code: &$module::$code, find: Find::$find($module::find) }),*]
    };
}

/// Every check: of the structure, the time, the figures, the words.
pub static ALL: [Check; 46] = table![
    missing_section::MISSING_SECTION InReport,
    problem_without_cause::PROBLEM_WITHOUT_CAUSE InReport,
    problem_without_plan::PROBLEM_WITHOUT_PLAN InReport,
    thin_section::THIN_SECTION InReport,
    duty_holder_missing::DUTY_HOLDER_MISSING InReport,
    letterhead_incomplete::LETTERHEAD_INCOMPLETE InReport,
    addressee_missing::ADDRESSEE_MISSING InReport,
    unfinished_task_unexplained::UNFINISHED_TASK_UNEXPLAINED InReport,
    numbering::NUMBERING InTexts,
    contains_request::CONTAINS_REQUEST InReport,
    heading_form::HEADING_FORM InReport,
    year_mismatch::YEAR_MISMATCH InReport,
    partial_year::PARTIAL_YEAR InReport,
    signed_before_year_end::SIGNED_BEFORE_YEAR_END InReport,
    late::LATE InReport,
    outline_years::OUTLINE_YEARS InReport,
    ratio_mismatch::RATIO_MISMATCH InReport,
    sum_mismatch::SUM_MISMATCH InReport,
    impossible_value::IMPOSSIBLE_VALUE InReport,
    indicator_relation::INDICATOR_RELATION InReport,
    figure_conflict::FIGURE_CONFLICT InReport,
    growth_without_base::GROWTH_WITHOUT_BASE InReport,
    rate_without_base::RATE_WITHOUT_BASE InReport,
    vague_figure::VAGUE_FIGURE InReport,
    no_figures::NO_FIGURES InReport,
    unit::UNIT InReport,
    fraction_for_percent::FRACTION_FOR_PERCENT InReport,
    nil_unstated::NIL_UNSTATED InReport,
    misquoted_title::MISQUOTED_TITLE InTexts,
    book_title_marks::BOOK_TITLE_MARKS InTexts,
    unpaired_mark::UNPAIRED_MARK InTexts,
    half_width_mark::HALF_WIDTH_MARK InTexts,
    typo::TYPO InTexts,
    placeholder::PLACEHOLDER InTexts,
    debris::DEBRIS InTexts,
    spam::SPAM InTexts,
    duplicate_text::DUPLICATE_TEXT InReport,
    copied_from_last_year::COPIED_FROM_LAST_YEAR InReport,
    numeral_form::NUMERAL_FORM InTexts,
    private_data::PRIVATE_DATA InReport,
    secrecy_in_public::SECRECY_IN_PUBLIC InReport,
    unsupported_character::UNSUPPORTED_CHARACTER InTexts,
    too_long::TOO_LONG InReport,
    matter_untouched::MATTER_UNTOUCHED InReport,
    unplaced_text::UNPLACED_TEXT InTexts,
    unused_exception::UNUSED_EXCEPTION InReport,
];

/// What the checks that ask for the [`rare_passages`](Texts::rare_passages) look for.
static RARITIES: LazyLock<Rarities> = LazyLock::new(|| {
    Rarities::new(vec![
        &placeholder::BLANK,
        &contains_request::REQUEST,
        &REMAINS,
        &ADVERTISING,
        &spam::OFFERS,
        &impossible_value::NEGATIVE,
        &secrecy_in_public::MARK,
        &private_data::DIGITS,
        &typo::MARKS,
        &typo::WRONG,
        &unsupported_character::EMOJI,
        &book_title_marks::MAKESHIFT,
        &duplicate_text::DOUBLED,
    ])
});

/// The codes of all checks, also of those that hold the units of a batch against each other.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    ALL.iter().map(|check| check.code).chain([&COPIED_FROM_PEER])
}

/// Whether a finding keeps a report, and what is quoted from it, from being public: a grade of secrecy, the data of
/// a person. What a report allows itself does not.
pub fn keeps_from_public(found: &Diagnostic) -> bool {
    let codes = [&secrecy_in_public::SECRECY_IN_PUBLIC, &private_data::PRIVATE_DATA];
    found.allowed.is_none() && codes.iter().any(|code| found.is(code))
}

/// All that is wrong with a document, most serious first. What a report allows itself is a note.
pub fn check(document: &Document, context: &Context) -> Vec<Diagnostic> {
    checked(document, context, |_| ()).0
}

/// The same, and what tells whether another report of a batch says nearly the same: the report is read
/// once for both.
pub fn check_and_sketch(document: &Document, context: &Context) -> (Vec<Diagnostic>, Vec<Sketch>) {
    checked(document, context, copied_from_peer::sketches)
}

/// All that is wrong with a document, and what else is taken from a report that is being read.
fn checked<T: Default>(
    document: &Document,
    context: &Context,
    also: impl FnOnce(&Reading) -> T,
) -> (Vec<Diagnostic>, T) {
    match document {
        Document::Report(report) => {
            let reading = Reading::new(report, context, &RARITIES);
            let mut found = findings(context, |find| match find {
                Find::InReport(find) => find(&reading),
                Find::InTexts(find) => find(&reading),
            });
            unused_exception::apply(&reading, &mut found);
            (in_order(found), also(&reading))
        }
        Document::Plan(plan) => {
            let texts = Texts::new(document.texts(), &plan.unplaced, context, &RARITIES);
            let found = findings(context, |find| match find {
                Find::InReport(_) => vec![],
                Find::InTexts(find) => find(&texts),
            });
            // A plan is compared with none.
            (in_order(found), T::default())
        }
    }
}

fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    found
}

/// What all checks find, as the settings have it.
fn findings(context: &Context, find: impl Fn(&Find) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    ALL.iter().flat_map(|check| told(check.code, context.settings, || find(&check.find))).collect()
}

/// What one check finds, as the settings have it.
fn told(code: &'static Code, settings: &Settings, find: impl Fn() -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    if settings.severity(code.name, code.severity).is_none() {
        return vec![];
    }
    let mut found = find();
    let untold = found.len().saturating_sub(MAX_TOLD);
    found.truncate(MAX_TOLD);
    if untold > 0 {
        let message = format!("这一种问题至少另有{untold}处没有列出");
        found.push(code.at(FieldPath::root(), message, "请先改正以上各处，再查一次"));
    }
    for diagnostic in &mut found {
        let severity = settings.severity(code.name, diagnostic.severity);
        diagnostic.severity = severity.unwrap_or(diagnostic.severity);
    }
    found
}
