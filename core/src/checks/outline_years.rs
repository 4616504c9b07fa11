use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::{MOST, Passage};
use super::settings::Outline;
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::lists;

code! {
    /// 纲要、规划的年限不对
    ///
    /// 《法治政府建设实施纲要》有 2015—2020 年和 2021—2025 年两部，引用时年限要写对，而且要管得着所说的那一年。
    ///
    /// 错误：2024 年度的报告写“对照《法治政府建设实施纲要（2020—2025年）》”（没有这个年限），或者“贯彻《法治政府建设实施纲要（2015—2020年）》”（早已期满）。
    ///
    /// 正确：对照《法治政府建设实施纲要（2021—2025年）》。
    ///
    /// 没有加书名号的，年限写在名称前面的（2021—2025年法治政府建设实施纲要），同样检查。
    ///
    /// 总结、评估已期满的纲要不算；省里、市里自己的纲要（前面写明省委、市政府等）不算。括号的全角半角、连接号的样式不论。
    ///
    /// 程序只知道已经登记的年限。引用的年限在它们之后，或者报告年度的纲要还没有登记，只提示核对，不作为错误；新的纲要印发以后，可以在配置里登记：
    ///
    /// `[[outlines]]`、`title = "法治政府建设实施纲要"`、`first = 2026`、`last = 2030`、`source = "印发机关和时间"`。
    ///
    /// 看不出：程序和配置里没有登记的纲要、规划；年限对、内容却是旧纲要的。
    pub(super) OUTLINE_YEARS = "outline-years", Error
}

/// The years that an outline is for.
static YEARS: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(r"((?:19|20)[0-9][0-9])年?\s*[-－—–−~～至]+\s*((?:19|20)[0-9][0-9])(年?)")
});

/// What looks back upon an outline that has run out.
const LOOKING_BACK: [&str; 13] = [
    "总结",
    "评估",
    "验收",
    "收官",
    "实施以来",
    "期间",
    "终期",
    "期满",
    "圆满完成",
    "如期完成",
    "全面完成",
    "已完成",
    "上一轮",
];

/// What may stand around a title: it is sometimes written without 《》.
const MARKS: [char; 10] = ['《', '》', '〈', '〉', '“', '”', '「', '」', '"', ' '];

/// What is done with an outline of others; a place before these words is not the one whose outline it is.
const FOLLOWING: [&str; 12] =
    ["贯彻", "落实", "对照", "按照", "依照", "实施", "执行", "根据", "围绕", "对标", "学习", "依据"];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let more = &reading.context.settings.outlines;
    let known = super::settings::outlines().iter().chain(more);
    let mut titles: Vec<&str> = known.map(|outline| &*outline.title).collect();
    // The longest first: one title may end with another.
    titles.sort_unstable_by_key(|title| (std::cmp::Reverse(title.len()), *title));
    titles.dedup();
    static KNOWN: LazyLock<Regex> = LazyLock::new(|| {
        let titles: Vec<_> =
            super::settings::outlines().iter().map(|outline| regex::escape(&outline.title)).collect();
        lists::pattern(&titles.join("|"))
    });
    // Most passages cite none.
    let told = |passage| in_passage(passage, reading, &titles).into_iter().take(MOST);
    match more.is_empty() {
        true => reading.passages_with(&KNOWN).filter(|passage| passage.is_prose()).flat_map(told).collect(),
        false => reading.prose().flat_map(told).collect(),
    }
}

/// A known outline as a text cites it.
struct Citation<'a> {
    title: &'a str,
    years: Range<u16>,
    /// Title, years and marks.
    range: Range<usize>,
}

/// The outlines that a sentence cites with their years behind, 纲要（2021—2025年）, or before them,
/// 2021—2025年纲要, in 《》 or without.
fn cited<'a>(text: &str, titles: &[&'a str]) -> Vec<Citation<'a>> {
    let citation = |found: regex::Captures| {
        let whole = found.get(0).expect("the whole");
        let (before, after) = (&text[..whole.start()], &text[whole.end()..]);
        let years = found[1].parse().ok()?..found[2].parse().ok()?;
        let opening = before.trim_end();
        if let Some(opening) = opening.strip_suffix(['（', '(']) {
            let opening = opening.trim_end_matches(MARKS);
            let title = titles.iter().find(|title| opening.ends_with(**title))?;
            let start = opening.len() - title.len();
            // Another outline's name may end with this one's: 《云州市法治政府建设实施纲要》.
            let is_whole =
                text[..start].ends_with(MARKS) || !text[..start].contains('《') || !has_open(&text[..start]);
            let end =
                whole.end() + after.len() - after.trim_start_matches([' ', '）', ')', '》', '〉', '”']).len();
            return is_whole.then_some(Citation { title, years, range: start..end });
        }
        let behind = after.trim_start_matches('的').trim_start_matches(MARKS);
        let title = titles.iter().find(|title| !found[3].is_empty() && behind.starts_with(**title))?;
        let end = text.len() - behind.len() + title.len();
        Some(Citation { title, years, range: whole.start()..end })
    };
    YEARS.captures_iter(text).filter_map(citation).collect()
}

/// Whether a 《 is still open.
fn has_open(text: &str) -> bool {
    text.rfind('《').is_some_and(|open| text.rfind('》').is_none_or(|closed| closed < open))
}

fn in_passage(passage: &Passage, reading: &Reading, titles: &[&str]) -> Vec<Diagnostic> {
    let year = reading.report.year.number();
    let mut found = Vec::new();
    for sentence in passage.sentences() {
        let text = &passage.text[sentence.clone()];
        for Citation { title, years, range } in cited(text, titles) {
            let periods = periods(title, &reading.context.settings.outlines);
            let Some((message, doubt)) = judged(title, years, &periods, year) else { continue };
            let is_right = match doubt {
                YearDoubt::Unknown => is_local(&text[..range.start]),
                YearDoubt::RunOut | YearDoubt::NoneYet => LOOKING_BACK.iter().any(|word| text.contains(word)),
                YearDoubt::New | YearDoubt::Early => false,
            };
            if is_right {
                continue;
            }
            let range = sentence.start + range.start..sentence.start + range.end;
            let told = passage.at(&OUTLINE_YEARS, range, message, "请核对所引纲要、规划的年限");
            found.push(Diagnostic { severity: doubt.severity(), ..told });
        }
    }
    found
}

/// What is doubtful about the years with which an outline is cited.
#[derive(Clone, Copy)]
enum YearDoubt {
    /// None of its known periods.
    Unknown,
    /// It begins after the last known period, as a new one does.
    New,
    /// It had run out, and another one was in force.
    RunOut,
    /// It had run out, and no later one is known.
    NoneYet,
    /// It was not yet in force.
    Early,
}

impl YearDoubt {
    /// What the program does not know is never an error.
    fn severity(self) -> Severity {
        match self {
            Self::New | Self::NoneYet => Severity::Note,
            Self::Unknown | Self::RunOut | Self::Early => Severity::Error,
        }
    }
}

/// What is doubtful, in words, about citing an outline with these years in a report on `year`, which also
/// speaks of the year after. Nothing of a title that is not known.
fn judged(title: &str, cited: Range<u16>, periods: &[[u16; 2]], year: u16) -> Option<(String, YearDoubt)> {
    let Range { start: first, end: last } = cited;
    let latest = periods.iter().map(|[_, last]| *last).max()?;
    Some(if first >= latest && !periods.contains(&[first, last]) {
        (format!("《{title}》{first}—{last}年的一部还没有登记，程序不能核对"), YearDoubt::New)
    } else if !periods.contains(&[first, last]) {
        let known: Vec<String> = periods.iter().map(|[first, last]| format!("{first}—{last}年")).collect();
        (format!("没有{first}—{last}年的《{title}》，它的年限是{}", known.join("和")), YearDoubt::Unknown)
    } else if last < year && latest < year {
        (
            format!("《{title}》到{last}年期满，{year}年起的一部还没有登记；已有新的，请改引新的"),
            YearDoubt::NoneYet,
        )
    } else if last < year {
        (format!("《{title}》到{last}年期满，管不着{year}年度"), YearDoubt::RunOut)
    } else if first > year + 1 {
        (format!("《{title}》从{first}年起，还管不着{year}年度"), YearDoubt::Early)
    } else {
        return None;
    })
}

/// The known periods of an outline, in order: the program's and those of the settings.
fn periods(title: &str, more: &[Outline]) -> Vec<[u16; 2]> {
    let of_title = super::settings::outlines().iter().chain(more).filter(|outline| *outline.title == *title);
    let mut periods: Vec<_> =
        of_title.map(|outline| [outline.first.number(), outline.last.number()]).collect();
    periods.sort_unstable();
    periods.dedup();
    periods
}

/// Whether what stands directly before a title names a province or city whose own it is: 贯彻省委《…》,
/// 云州市印发《…》, but not 云州市贯彻《…》.
fn is_local(before: &str) -> bool {
    let clause = before.rsplit(['》', '，', '；', ',', ';']).next().unwrap_or_default();
    let issued = ["印发", "制定", "出台", "编制", "发布"].iter().any(|word| clause.contains(word));
    let followed = FOLLOWING.iter().filter_map(|word| Some(clause.rfind(word)? + word.len())).max();
    let whose = &clause[followed.filter(|_| !issued).unwrap_or_default()..];
    let places = ["省", "市", "自治区", "区委", "区政府", "县", "我区", "本区"];
    places.iter().any(|word| whose.contains(word))
        || whose.trim_end_matches(MARKS).ends_with(['区', '旗', '州'])
}
