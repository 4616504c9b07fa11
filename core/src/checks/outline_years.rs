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
    /// 总结、评估已期满的纲要不算；省里、市里自己的纲要（前面写明省委、市政府等）不算。括号的全角半角、连接号的样式不论。
    ///
    /// 程序只知道已经登记的年限。引用的年限在它们之后，或者报告年度的纲要还没有登记，只提示核对，不作为错误；新的纲要印发以后，可以在配置里登记：
    ///
    /// `[[outlines]]`、`title = "法治政府建设实施纲要"`、`first = 2026`、`last = 2030`、`source = "印发机关和时间"`。
    pub(super) OUTLINE_YEARS = "outline-years", Error
}

static CITED: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"《([^《》（(]{4,40})[（(]\s*((?:19|20)[0-9][0-9])年?\s*[-－—–−~～至]+\s*((?:19|20)[0-9][0-9])年?\s*[）)]》",
    )
});

/// What looks back upon an outline that has run out.
const LOOKING_BACK: [&str; 10] =
    ["总结", "评估", "验收", "收官", "实施以来", "期间", "终期", "期满", "完成", "上一轮"];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let cited = reading.prose().filter(|passage| passage.text.contains('《'));
    cited.flat_map(|passage| in_passage(passage, reading).into_iter().take(MOST)).collect()
}

fn in_passage(passage: &Passage, reading: &Reading) -> Vec<Diagnostic> {
    let year = reading.report.year.number();
    let mut found = Vec::new();
    for sentence in passage.sentences() {
        let text = &passage.text[sentence.clone()];
        for cited in CITED.captures_iter(text) {
            let periods = periods(&cited[1], &reading.context.settings.outlines);
            let (Ok(first), Ok(last)) = (cited[2].parse::<u16>(), cited[3].parse::<u16>()) else { continue };
            let whole = cited.get(0).expect("the whole").range();
            let local = is_local(&text[..whole.start]);
            let looks_back = LOOKING_BACK.iter().any(|word| text.contains(word));
            let Some((message, severity)) = judged(&cited[1], first..last, &periods, year)
                .filter(|(_, doubt)| !(local && *doubt == YearDoubt::Unknown))
                .filter(|(_, doubt)| !(looks_back && matches!(doubt, YearDoubt::RunOut | YearDoubt::NoneYet)))
                .map(|(message, doubt)| (message, doubt.severity()))
            else {
                continue;
            };
            let range = sentence.start + whole.start..sentence.start + whole.end;
            let told = passage.at(&OUTLINE_YEARS, range, message, "请核对所引纲要、规划的年限");
            found.push(Diagnostic { severity, ..told });
        }
    }
    found
}

/// What is doubtful about the years with which an outline is cited.
#[derive(Clone, Copy, PartialEq)]
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

/// Whether what stands directly before a title names a province or city whose own it is.
fn is_local(before: &str) -> bool {
    let clause = before.rsplit(['》', '，', '；', ',', ';']).next().unwrap_or_default();
    ["省", "市", "自治区", "区委", "区政府", "县"].iter().any(|word| clause.contains(word))
}
