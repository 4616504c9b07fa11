use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;

code! {
    /// 数据没有到年底
    ///
    /// 年度报告说的是全年。截至 11 月底、“截至目前”或者上半年的数据，多半是提前起草时填的，定稿时没有更新。
    ///
    /// 错误：截至2024年11月底，全区受理行政复议案件350件。
    ///
    /// 正确：全年受理行政复议案件386件。
    ///
    /// “截至2024年12月31日”“截至年底”不算；同时说到下半年或全年的“上半年”不算。
    pub(super) PARTIAL_YEAR = "partial-year", Warning
}

/// 截至…N月, or 1—N月 with or without a year before it.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"截[至止](?:到)?(?:今年|当年|本年|((?:19|20)[0-9][0-9])年)?([0-9]{1,2})月(?:底|末|份|[0-9]{1,2}日)?|(?:((?:19|20)[0-9][0-9])年|^|[^0-9年月])1月?\s*[-－—–~～至到]+\s*([0-9]{1,2})月(?:底|末|份)?")
        .expect("a constant pattern")
});
static PART: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"(?:^|[，；。、！？])(?:今年|全[省市区县]|本年|((?:19|20)[0-9][0-9])年)?(上半年|(?:前|第?一至第?)三季度|前[一二三四五六七八九十]{1,2}个月)|(截[至止](?:到)?(?:目前|当前|现在))",
    )
});

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let year = reading.report.year.number();
    let of_the_year = reading.prose().filter(|passage| passage.section() != "plans");
    of_the_year.flat_map(|passage| passage_findings(passage, year)).collect()
}

fn passage_findings(passage: &Passage, year: u16) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !passage.text.contains('月') && !PART.is_match(&passage.text) {
        return found;
    }
    // Half a year has its place where the other half or the whole comes too.
    let is_complete = ["下半年", "全年", "四季度"].iter().any(|word| passage.text.contains(word));
    for sentence in passage.sentences() {
        let text = &passage.text[sentence.clone()];
        let mut tell = |range: std::ops::Range<usize>| {
            let range = sentence.start + range.start..sentence.start + range.end;
            let words = passage.text[range.clone()]
                .trim_start_matches(|c: char| !c.is_ascii_digit() && !"截上前".contains(c));
            let message = format!("“{}”里的数据只到“{words}”，没有到年底", passage.label());
            let hint = "请换成全年的数据";
            found.push(passage.at(&PARTIAL_YEAR, range.end - words.len()..range.end, message, hint));
        };
        for until in UNTIL.captures_iter(text) {
            let named = until.get(1).or(until.get(3)).and_then(|named| named.as_str().parse::<u16>().ok());
            let month = until.get(2).or(until.get(4)).and_then(|month| month.as_str().parse::<u8>().ok());
            if named.is_none_or(|named| named == year) && month.is_some_and(|month| (1..12).contains(&month))
            {
                tell(until.get(0).expect("the whole").range());
            }
        }
        let has_figure = text.bytes().any(|byte| byte.is_ascii_digit());
        let parts = PART.captures_iter(text);
        let mut of_the_year =
            parts.filter(|part| part.get(1).is_none_or(|named| named.as_str().parse() == Ok(year)));
        if let Some(part) = of_the_year.next()
            && let Some(words) = part.get(2).or(part.get(3))
            && has_figure
            && !is_complete
        {
            tell(words.range());
        }
    }
    found
}
