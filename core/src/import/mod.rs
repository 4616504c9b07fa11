//! From any document to the contract: last year's report in Word, a page of the web, a plain text, our
//! own PDF. Every sentence of the source is in the result, none is invented; what finds no place stands
//! in a field of its own, and the [`Account`] tells of each text where it went.
//!
//! ```text
//!  bytes ──▶ format ──▶ cleaning ──▶ lines ──▶ outline ──▶ head, report or plan, ending ──▶ draft
//!            blocks     changes      joined    levels      fields                            account
//! ```

mod account;
mod back;
mod carry;
mod cleaning;
mod data_block;
mod dates;
mod document;
mod draft;
mod embedded;
mod ending;
mod fault;
mod format;
mod furniture;
mod head;
mod indicators;
mod letter;
mod lines;
mod marker;
mod outline;
mod plan;
mod report;
mod section;
mod spam;
mod traditional;
mod word;
mod yaml;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub use account::{Account, Confidence, Doubt, Placement, Recognition, Sentences, SourceKind};
pub use back::source_part;
pub use carry::{Continuation, carry};
pub use cleaning::{Change, Debris};
pub use data_block::{Imprint, data_block};
pub use fault::{CODES, WORD_CODES, too_large};
pub use format::{DocumentFormat, TrackedChanges};
pub use indicators::{StatedIndicator, stated_indicators};
pub use word::{ControlState, WordAccount, WordComment, WordRemark};
pub use yaml::write as write_yaml;

use crate::diagnostic::Failed;
use crate::language::invisible::is_invisible;
use crate::language::sentences::shortened;
use crate::report::{Date, Name, Year};
use cleaning::Changes;
use document::SourceDocument;
use draft::tidy;
use format::docx::WordFile;
use format::html::SavedPage;
use outline::SourceLine;
use section::{HeadingName, named};
use spam::Spam;

/// The largest file that is imported, in bytes: what surrounds a text in a page or a Word document is
/// far more than the text.
pub const MAX_BYTES: usize = 32 << 20;

/// What the one who imports knows and the source need not say.
#[derive(Clone, Debug, Default)]
pub struct Particulars {
    pub year: Option<Year>,
    /// The unit's full name.
    pub issuer: Option<Name>,
    pub date: Option<Date>,
    /// What the file is called, without its folder: it may say what the text does not.
    pub file_name: Option<String>,
    /// What becomes of the changes that Word has kept track of.
    pub tracked_changes: TrackedChanges,
}

impl Particulars {
    /// The name of the file without its ending and without what no text can hold.
    fn file_title(&self) -> String {
        let name = self.file_name.as_deref().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        stem.chars().filter(|c| !is_invisible(*c) && !c.is_control()).collect::<String>().trim().to_owned()
    }
}

/// What an import makes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Made", description = "导入的结果")]
pub struct Import {
    /// A document of the contract; what the source does not say is missing.
    #[schemars(description = "报告或工作计划；文件里没有说的字段，这里也没有")]
    pub document: Value,
    pub account: Account,
}

/// Imports a document.
pub fn import(bytes: &[u8], given: &Particulars) -> Result<Import, Failed> {
    if bytes.len() > MAX_BYTES {
        return Err(fault::too_large().into());
    }
    if bytes.trim_ascii().is_empty() {
        return Err(crate::input::empty().into());
    }
    match DocumentFormat::of(bytes) {
        DocumentFormat::Pdf => exact(SourceKind::Report, format::pdf::attached(bytes)?),
        DocumentFormat::Ofd => exact(SourceKind::Report, format::ofd::attached(bytes)?),
        // Whoever sealed it may have packed it in another order.
        DocumentFormat::Docx if format::ofd::is_packed_in(bytes) => {
            exact(SourceKind::Report, format::ofd::attached(bytes)?)
        }
        DocumentFormat::Docx => of_word(&format::docx::open(bytes, given.tracked_changes)?, given),
        DocumentFormat::Html => of_page(SavedPage::open(bytes)?, given),
        format => recognise(format::read(bytes, format)?, given),
    }
}

/// A document of ours as its fields say, any other as it is recognised.
fn of_word(file: &WordFile, given: &Particulars) -> Result<Import, Failed> {
    let why = match back::take(file, given) {
        Ok(taken) => return Ok(taken),
        Err(why) => why,
    };
    let mut made = recognise(format::of_word(file)?, given)?;
    let told = why.told().map(|message| Doubt { line: None, message: message.into() });
    made.account.doubts.extend(told);
    let comments = back::of_foreign(file);
    if !comments.is_empty() || file.text.tracked > 0 {
        let (tracked, tracked_changes) = (file.text.tracked, given.tracked_changes);
        let word = WordAccount { tracked, tracked_changes, comments, ..WordAccount::default() };
        made.account.word = Some(word);
    }
    Ok(made)
}

/// A page of ours as it was made, any other as it is recognised.
fn of_page(page: SavedPage, given: &Particulars) -> Result<Import, Failed> {
    let why = match data_block::take(&page) {
        Ok((kind, mut document)) => {
            back::overrule(kind, &mut document, given);
            return exact(kind.into(), tidy(&document));
        }
        Err(why) => why,
    };
    let mut made = recognise(format::of_page(page)?, given)?;
    let told = why.told().map(|message| Doubt { line: None, message: message.into() });
    made.account.doubts.extend(told);
    Ok(made)
}

/// The document that a file of ours bears, as it was.
fn exact(kind: SourceKind, document: Value) -> Result<Import, Failed> {
    let mut texts = Vec::new();
    texts_of(&document, &mut texts);
    let sentences = account::sentences(texts.into_iter(), &document);
    let account = Account {
        kind,
        sentences,
        placed: vec![],
        cleaned: vec![],
        doubts: vec![],
        indicators: vec![],
        word: None,
    };
    Ok(Import { document, account })
}

fn texts_of<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, texts)),
        Value::Object(fields) => {
            let written = fields.iter().filter(|(key, _)| !account::is_own_words(key));
            written.for_each(|(_, value)| texts_of(value, texts));
        }
        _ => {}
    }
}

fn recognise(mut document: SourceDocument, given: &Particulars) -> Result<Import, Failed> {
    let mut changes = Changes::default();
    traditional::simplify(&mut document, &mut changes);
    furniture::clear(&mut document.blocks, &mut changes);
    let spam = Spam::find(&document);
    let SourceDocument { blocks, remarks, .. } = cleaning::clean(document, &spam, &mut changes);
    let lines = outline::lines(lines::join(blocks, &mut changes));
    let kind = kind(&lines, given).ok_or_else(fault::not_a_report)?;

    let first_heading = lines.iter().position(|line| line.marker.is_some());
    let is_digest = kind == SourceKind::Digest;
    let begin = match first_heading {
        Some(at) if !is_digest => at,
        None if !is_digest => head::end(&lines),
        _ => 0,
    };
    let (before, behind) = lines.split_at(begin);
    let (body, ending) = ending::take(behind);
    let (before, body) = if is_digest { (body, before) } else { (before, body) };
    let is_report = kind == SourceKind::Report;
    let (letter, before) = if is_report { letter::part(before) } else { before.split_at(0) };
    let head = head::read(before, &mut changes);
    let (document, mut builder) = match kind {
        SourceKind::WorkPlan => {
            let (plan, builder) = plan::build(&head, body, &ending, given);
            (tidy(&plan), builder)
        }
        SourceKind::Report => {
            let mut builder = report::build(letter, &head, body, &ending, given, &spam);
            indicators::of_report(&mut builder);
            (tidy(&builder.draft), builder)
        }
        SourceKind::Digest => {
            let mut builder = report::digest(&head, &ending, given);
            indicators::of_digest(&mut builder);
            (tidy(&builder.draft), builder)
        }
    };
    if changes.untold > 0 {
        builder.doubt(None, format!("另有{}处清理没有逐一列出", changes.untold));
    }
    remarks.into_iter().for_each(|remark| builder.doubt(None, remark));

    // What a site says in whole sentences is of the source as well: nothing of it may go unseen.
    changes.told.sort_by_key(|change| change.line);
    let of_site = changes.told.iter().filter(|change| change.kind == Debris::SiteText);
    let left_out: Vec<&str> = of_site.flat_map(|change| account::whole_sentences(&change.original)).collect();

    let reworded =
        |line: &&SourceLine| !builder.reworded.contains(&line.line) && !head.doubled.contains(&line.line);
    let source = lines.iter().filter(reworded).flat_map(SourceLine::texts);
    let sentences = account::sentences(source.chain(left_out.iter().copied()), &document);
    let lost = left_out.iter().find(|_| sentences.kept < sentences.all);
    if let Some(lost) = lost {
        let count = sentences.all - sentences.kept;
        let said = shortened(lost, 30);
        builder.doubt(None, format!("当作网页页眉页脚没有导入的文字里有{count}句话，如“{said}”，请核对"));
    }
    builder.placed.sort_by_key(|placed| placed.line);
    let account = Account {
        kind,
        sentences,
        placed: builder.placed,
        cleaned: changes.told,
        doubts: builder.doubts,
        indicators: builder.indicators,
        word: None,
    };
    Ok(Import { document, account })
}

/// From how many tasks with a unit on a text is a plan of work, whatever its title.
const TASKS_OF_A_PLAN: usize = 3;

/// What a document is, if it has to do with us at all.
fn kind(lines: &[SourceLine], given: &Particulars) -> Option<SourceKind> {
    let file_title = given.file_title();
    let is_titled = |ends: &[&str]| {
        let mut first = lines.iter().take_while(|line| line.marker.is_none());
        first.any(|line| ends.iter().any(|end| line.written.ends_with(end)))
            || ends.iter().any(|end| file_title.ends_with(end))
    };
    let has_chapters = lines.iter().filter(|line| line.marker.is_some()).count() > 1;
    let (_, chapters) = outline::groups(lines);
    let is_section = |chapter: &&&[SourceLine]| {
        matches!(named(chapter[0].heading()), HeadingName::Section(_) | HeadingName::ProblemsAndPlans)
    };
    let sections = chapters.iter().filter(is_section).count();
    let is_outlined = sections > 1;
    let is_reporting = head::is_reporting(lines) || ending::is_reporting(lines);
    if has_chapters && !is_reporting && is_titled(&["工作计划", "工作要点", "实施方案"]) {
        return Some(SourceKind::WorkPlan);
    }
    let is_report =
        is_outlined || has_chapters && (is_reporting || is_titled(&["报告", "总结", "年报", "汇报"]));
    let tasks = || lines.iter().filter(|line| plan::task(&line.written).is_some()).count();
    if has_chapters && !is_report && tasks() >= TASKS_OF_A_PLAN {
        return Some(SourceKind::WorkPlan);
    }
    let speaks_of = |words: &[&str]| {
        let mut texts = lines.iter().map(|line| line.written.as_str()).chain([file_title.as_str()]);
        texts.any(|text| words.iter().any(|word| text.contains(word)))
    };
    if !speaks_of(&["法治政府", "依法行政", "法治建设"]) {
        return None;
    }
    // A copy of the body alone: no title, but one section of the outline, and who signs it when.
    let is_signed = ending::is_signed(lines);
    let is_body = has_chapters && sections > 0 && is_signed;
    // A short report has no headings at all.
    let is_plain = !has_chapters && (is_reporting || is_signed) && head::is_titled_report(lines);
    Some(if is_report || is_body || is_plain { SourceKind::Report } else { SourceKind::Digest })
}

/// The names of units that a text lists between these marks. Marks in brackets and quotation marks
/// separate nothing.
fn units(text: &str, marks: &[char]) -> Vec<Name> {
    let mut depth = 0usize;
    let names = text.split(|c: char| {
        match c {
            '（' | '(' | '“' | '《' => depth += 1,
            '）' | ')' | '”' | '》' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && marks.contains(&c)
    });
    names.map(str::trim).filter(|name| !name.is_empty()).map(outline::fit).collect()
}
