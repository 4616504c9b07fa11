//! What stands before the first heading: title, 主送机关, preface; and what it says of unit and year.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::cleaning::{Changes, Debris};
use super::dates;
use super::document::Style;
use super::outline::SourceLine;
use crate::language::lists;
use crate::report::Date;

/// The head of a document, each part with its line.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub title: Option<(usize, String)>,
    /// What the opening sentence calls the report, where no title stands above it.
    pub opening_title: Option<(usize, String)>,
    pub addressees: Option<(usize, String)>,
    /// Units that stand alone on a line.
    pub units: Vec<(usize, String)>,
    pub preface: Vec<(usize, String)>,
    /// Lines that are neither a sentence nor anything that stands at a head.
    pub odd: Vec<(usize, String)>,
    /// A date that stands there alone.
    pub date: Option<(usize, Date)>,
    /// The lines where the title stands once more.
    pub doubled: HashSet<usize>,
    /// A unit that the site names itself after.
    pub site: Option<String>,
}

/// How many lines may stand before the title, and how many where none of them is a sentence.
const DEEPEST_TITLE: usize = 12;
const DEEPEST_BELOW_SITE: usize = 200;

/// The longest line that is no sentence though it ends without its mark, in characters.
const LONGEST_ODD: usize = 40;

static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"\A[^。！？；]{4,80}(?:报告|年报|总结|汇报|计划|要点|方案|成绩单|情况)[”」]?(?:（[^）]{1,12}）)?\z",
    )
});

static ADDRESSEES: LazyLock<Regex> =
    LazyLock::new(|| lists::pattern(r"\A[^。！？；“]{2,80}[委府局厅办院会位门关区组处][：:]\z"));

static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    let ends = "人民政府|委员会|办公室|办事处|管委会|管理局|局|厅|委|院|中心|党工委|党组";
    lists::pattern(&format!(r"\A[\p{{Han}}（）()]{{2,40}}(?:{ends})\z"))
});

/// To whom a line is addressed: 市委、市政府：.
pub(super) fn addressees(text: &str) -> Option<&str> {
    ADDRESSEES.is_match(text).then(|| text.trim_end_matches(['：', ':']))
}

/// Whether a line is the name of a unit and nothing else.
pub(super) fn is_unit(text: &str) -> bool {
    UNIT.is_match(text)
}

/// Whether a line above or beside a date names who signs: also a street, a company, a school.
pub(super) fn is_signature(text: &str) -> bool {
    static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
        let ends = "政府|街道|镇|乡|公司|集团|学校|学院|大学|医院|法院|检察院|[支大总]队|所|站|馆|科|处|社|部|党组|党委|党工委|区|县|市";
        lists::pattern(&format!(r"\A[\p{{Han}}（）()]{{2,40}}(?:{ends})\z"))
    });
    is_unit(text) || SIGNATURE.is_match(text)
}

/// Whether a line looks like the title of a report or plan.
pub(super) fn is_title(text: &str) -> bool {
    const OTHERS: [&str; 5] = ["现将", "根据", "按照", "附件", "附："];
    TITLE.is_match(text) && !OTHERS.iter().any(|word| text.starts_with(word))
}

/// Whether a title names what these reports are about.
pub(super) fn is_of_matter(text: &str) -> bool {
    ["法治政府", "依法行政", "法治建设"].iter().any(|word| text.contains(word))
}

/// The sentence that opens a report: 现将2024年法治政府建设情况报告如下. Its group is what it calls it.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    let whose = "(?:[我本](?:省|市|州|县|区|旗|镇|乡|街道|办|局|委|厅|院|中心|单位|部门|机关)|我们)?的?";
    let how = "(?:公布|公开|公示|公告|通报|上报|呈报|报送|予以公[布开示告])?";
    lists::pattern(&format!(
        r"现(?:就|将){whose}([^，。；：]{{2,60}}?){how}(?:如下|(?:予以)?公[布开示告])[：。:]?"
    ))
});

/// Whether a text opens as a report does.
pub(super) fn is_reporting(lines: &[SourceLine]) -> bool {
    let mut first = lines.iter().take_while(|line| line.marker.is_none());
    first.any(|line| {
        let opening = OPENING.captures(&line.written);
        opening.is_some_and(|said| ["报告", "汇报", "总结"].iter().any(|word| said[1].ends_with(word)))
    })
}

/// Whether a title among the first lines is one of a report, or the opening sentence has one.
pub(super) fn is_titled_report(lines: &[SourceLine]) -> bool {
    let ends = ["报告", "总结", "汇报", "年报"];
    let first = lines.iter().take(DEEPEST_TITLE);
    first.map(|line| &line.written).any(|text| {
        let is_title = is_title(text) && is_of_matter(text) && ends.iter().any(|end| text.ends_with(end));
        is_title || title_of_opening(text).is_some()
    })
}

/// Where the head of a text without headings ends: behind the opening sentence, else at the first sentence.
pub(super) fn end(lines: &[SourceLine]) -> usize {
    let first = || lines.iter().take(DEEPEST_TITLE);
    let opening = first().position(|line| OPENING.is_match(&line.written)).map(|at| at + 1);
    let sentence = || first().position(|line| line.written.contains('。'));
    opening.or_else(sentence).unwrap_or_default()
}

/// The title that the opening sentence has, where none stands alone: 2024年法治政府建设年度报告.
fn title_of_opening(text: &str) -> Option<String> {
    let said = OPENING.captures(text)?;
    let title = said[1].trim_matches(['《', '》', '“', '”']);
    let is_one =
        is_of_matter(title) && ["报告", "汇报", "总结", "年报"].iter().any(|end| title.ends_with(end));
    is_one.then(|| title.to_owned())
}

/// Reads the lines before the first heading.
pub(super) fn read(lines: &[SourceLine], changes: &mut Changes) -> Head {
    let of_site = changes.told.iter().filter(|change| change.kind == Debris::SiteText);
    let site = of_site.flat_map(|change| change.original.split_whitespace()).find(|word| is_unit(word));
    let mut head = Head { site: site.map(str::to_owned), ..Head::default() };
    let place = title_at(lines);
    let title = place.map(|at| lines[at].written.clone());
    for (at, line) in lines.iter().enumerate() {
        let text = line.written.as_str();
        if place == Some(at) {
            // 济南市人民政府 on one line, 关于……的报告 on the next.
            let above = head
                .units
                .pop_if(|(_, unit)| text.starts_with("关于") && at > 0 && lines[at - 1].written == *unit);
            let whole = above.map_or(text.to_owned(), |(_, unit)| format!("{unit}\n{text}"));
            head.title = Some((line.line, whole));
        } else if place.is_some_and(|place| at > place) && title.as_deref() == Some(text) {
            changes.note(Debris::DoubledTitle, line.line, text, "");
            head.doubled.insert(line.line);
        } else if let (None, Some(names)) = (&head.addressees, addressees(text)) {
            head.addressees = Some((line.line, names.to_owned()));
        } else if is_unit(text) {
            head.units.push((line.line, text.to_owned()));
        } else if let Some(date) = dates::alone(text).filter(|_| head.date.is_none()) {
            head.date = Some((line.line, date));
        } else if line.table.is_none() {
            let lines = if is_sentence(text) { &mut head.preface } else { &mut head.odd };
            lines.push((line.line, text.to_owned()));
        }
    }
    if head.title.is_none() {
        let mut openings =
            head.preface.iter().filter_map(|(line, text)| Some((*line, title_of_opening(text)?)));
        head.opening_title = openings.next();
    }
    head
}

/// Where the title stands: the line that says most of what a title says, the first of several; else what the
/// document itself calls one.
fn title_at(lines: &[SourceLine]) -> Option<usize> {
    let first_sentence = lines.iter().position(|line| line.written.contains('。')).unwrap_or(lines.len());
    let depth = first_sentence.clamp(DEEPEST_TITLE, DEEPEST_BELOW_SITE).min(lines.len());
    let first = &lines[..depth];
    let said = |line: &SourceLine| {
        let is_one = line.marker.is_none() && is_title(&line.written);
        is_one.then(|| {
            2 * u8::from(is_of_matter(&line.written)) + u8::from(dates::year(&line.written).is_some())
        })
    };
    let most = first.iter().filter_map(said).max();
    let titled = most.and_then(|most| first.iter().position(|line| said(line) == Some(most)));
    titled.or_else(|| first.iter().position(|line| line.style == Style::Title))
}

/// Whether a line says something as prose does, or is at least too long for a name.
fn is_sentence(text: &str) -> bool {
    text.contains(['。', '；', '！', '？'])
        || text.ends_with(['：', '，', '”', '）', '…'])
        || text.chars().nth(LONGEST_ODD).is_some()
}

/// The unit's full name as a title begins with it: 青岛市城阳区人民政府关于…….
pub(super) fn full_name(title: &str) -> Option<String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"\A([一-龥]{2,30}?(?:人民政府|委员会|办公室|办事处|管委会|局|厅))\n?(?:关于|20\d\d|二〇)",
        )
    });
    NAME.captures(title).map(|capture| capture[1].to_owned())
}

/// The place as running text calls it: 城阳区 of 「2024年，城阳区坚持……」, 济南市 of a title.
pub(super) fn short_name(title: Option<&str>, preface: &[(usize, String)]) -> Option<String> {
    static OF_TITLE: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"\A(?:关于)?(?:20\d\d年)?(?:[一-龥]{1,4}[省市州])??([一-龥]{1,6}?[省市州区县旗镇乡])(?:人民政府)?\n?(?:关于|20\d\d|法治|推进)",
        )
    });
    static OF_TEXT: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"(?:20\d\d年(?:以来)?，|，)([[一-龥]--[在全我各本从由向]][一-龥]{0,4}?[省市州区县旗镇乡])(?:坚持|以习|以高|认真|深入|委区?，|人民政府|全面|紧紧|始终|严格|切实)",
        )
    });
    let of_title = title.and_then(|title| OF_TITLE.captures(title));
    let mut of_text = preface.iter().filter_map(|(_, text)| OF_TEXT.captures(text));
    of_title.or_else(|| of_text.next()).map(|capture| capture[1].to_owned())
}
