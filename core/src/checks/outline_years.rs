use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
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
    pub(super) OUTLINE_YEARS = "outline-years", Error
}

#[derive(Deserialize)]
struct Outlines {
    outline: Vec<Outline>,
}

/// A plan of several years, of which there may be several in turn.
#[derive(Deserialize)]
struct Outline {
    title: String,
    years: Vec<[u16; 2]>,
}

static OUTLINES: LazyLock<Vec<Outline>> =
    LazyLock::new(|| lists::table::<Outlines>(include_str!("data/outlines.toml")).outline);

static CITED: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"《([^《》（(]{4,40})[（(]\s*((?:19|20)[0-9][0-9])年?\s*[-－—–−~～至]+\s*((?:19|20)[0-9][0-9])年?\s*[）)]》",
    )
});

/// What looks back upon an outline that has run out.
const LOOKING_BACK: [&str; 10] =
    ["总结", "评估", "验收", "收官", "实施以来", "期间", "终期", "期满", "完成", "上一轮"];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let year = reading.report.year.number();
    let cited = reading.prose().filter(|passage| passage.text.contains('《'));
    cited.flat_map(|passage| in_passage(passage, year..=year + 1)).collect()
}

fn in_passage(passage: &Passage, spoken_of: RangeInclusive<u16>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for sentence in passage.sentences() {
        let text = &passage.text[sentence.clone()];
        for cited in CITED.captures_iter(text) {
            let Some(outline) = OUTLINES.iter().find(|outline| outline.title == cited[1]) else { continue };
            let whole = cited.get(0).expect("the whole");
            let (Ok(first), Ok(last)) = (cited[2].parse::<u16>(), cited[3].parse::<u16>()) else { continue };
            let message = if !outline.years.contains(&[first, last]) {
                if is_local(&text[..whole.start()]) {
                    continue;
                }
                let known: Vec<String> =
                    outline.years.iter().map(|[first, last]| format!("{first}—{last}年")).collect();
                format!("没有{first}—{last}年的《{}》，它的年限是{}", outline.title, known.join("和"))
            } else if last < *spoken_of.start() && !LOOKING_BACK.iter().any(|word| text.contains(word)) {
                format!("《{}》到{last}年期满，管不着{}年度", outline.title, spoken_of.start())
            } else if first > *spoken_of.end() {
                format!("《{}》从{first}年起，还管不着{}年度", outline.title, spoken_of.start())
            } else {
                continue;
            };
            let range = sentence.start + whole.start()..sentence.start + whole.end();
            found.push(passage.at(&OUTLINE_YEARS, range, message, "请核对所引纲要、规划的年限"));
        }
    }
    found
}

/// Whether what stands directly before a title names a province or city whose own it is.
fn is_local(before: &str) -> bool {
    let clause = before.rsplit(['》', '，', '；', ',', ';']).next().unwrap_or_default();
    ["省", "市", "自治区", "区委", "区政府", "县"].iter().any(|word| clause.contains(word))
}
