use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::Figure;
use crate::language::lists;
use crate::language::numerals::is_numeral;

code! {
    /// 约数太多
    ///
    /// 年度报告的数据有台账可查。满篇的“余”“近”“约”“多”，读的人会怀疑没有台账。
    ///
    /// 错误：调解纠纷6000余件，培训2000余人次，走访企业500多家，清理文件50余件，……
    ///
    /// 正确：调解纠纷6284件，培训2365人次，走访企业526家，清理文件58件，……
    ///
    /// 举措和成效里，约数不少于 6 个而且超过三成，才提出来。看不出：凑成整数、没有“余”“近”“约”的数。
    pub(super) VAGUE_FIGURE = "vague-figure", Note
}

/// From this many on, and from this share on, in percent.
const MANY: usize = 6;
const SHARE: usize = 30;

/// An approximate number without a digit: 百余, 十几, 数千.
static SPELLED: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        "[一二两三四五六七八九十百千万]*[十百千万](?:余|多|几)|[数几上成][十百千万]+|近[一二两三四五六七八九十百千万]+[份件个家名人次户场起]",
    )
});

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let (all, vague) =
        reading.prose_of("measures").map(counted).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    if vague < MANY || vague * 100 <= all * SHARE {
        return vec![];
    }
    let message = format!("举措和成效里的{all}个数字，有{vague}个是约数");
    vec![VAGUE_FIGURE.at(crate::path!["measures"], message, "有台账的，请写准确的数")]
}

/// How many counts a passage has, and how many of them are approximate, those without a digit among them.
fn counted(passage: &Passage) -> (usize, usize) {
    // A numeral has beside it what makes it approximate; few passages have such a one.
    let text = &passage.text;
    let may_be_spelled = passage.marks().iter().any(|(at, mark)| {
        is_numeral(*mark)
            && (text[..*at].ends_with(['数', '几', '上', '成', '近'])
                || text[at + mark.len_utf8()..].starts_with(['余', '多', '几']))
    });
    let spelled: Vec<Range<usize>> = match may_be_spelled {
        true => SPELLED.find_iter(text).map(|found| found.range()).collect(),
        false => vec![],
    };
    let figures = passage.figures().iter().flat_map(|one| &one.figures);
    let is_spelled = |one: &Figure| {
        let at = spelled.partition_point(|word| word.end <= one.range.start);
        spelled.get(at).is_some_and(|word| word.start < one.range.end)
    };
    let others = figures.filter(|one| one.is_count() && !is_spelled(one));
    let (exact, vague) = others.fold((0, 0), |(exact, vague), one| match one.is_approximate {
        true => (exact, vague + 1),
        false => (exact + 1, vague),
    });
    (exact + vague + spelled.len(), vague + spelled.len())
}
