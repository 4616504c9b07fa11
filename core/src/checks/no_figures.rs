use rust_decimal::Decimal;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 举措和成效缺少数字
    ///
    /// 成效要用事实和数据说明。几百字没有一个数字的举措，读的人看不出做了没有、做了多少。
    ///
    /// 错误：一个标题下写了 400 字“深入推进”“持续加强”，没有一个数字。
    ///
    /// 正确：写明办了多少件、覆盖多少单位、多少人次。
    ///
    /// 一个标题下不满 300 字的不单独提；“一次查”“一件事”里的“一”不算数字。
    ///
    /// 看不出：有数字、却说明不了成效的。
    pub(super) NO_FIGURES = "no-figures", Warning
}

/// From this many characters on, a heading's text should have figures.
const LONG: usize = 300;

/// From this many characters on, the section as a whole should have one figure in so many.
const LONG_SECTION: usize = 1000;
const CHARACTERS_PER_FIGURE: usize = 500;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let figures = |passage: &Passage| {
        let all = passage.figures().iter().flat_map(|one| &one.figures);
        all.filter(|figure| {
            figure.value != Decimal::ONE || !passage.text[figure.range.clone()].starts_with('一')
        })
        .count()
    };
    let measured = |passages: &mut dyn Iterator<Item = &Passage>| {
        passages
            .fold((0, 0), |(length, count), passage| (length + passage.length(), count + figures(passage)))
    };
    let (length, count) = measured(&mut reading.prose_of("measures"));
    if length >= LONG_SECTION && count * CHARACTERS_PER_FIGURE < length {
        let message = format!("举措和成效共{length}字，只有{count}个数字");
        return vec![NO_FIGURES.at(crate::path!["measures"], message, "请用数据说明成效")];
    }
    let mut by_measure = vec![(0, 0); reading.report.measures.len()];
    for passage in reading.prose_of("measures") {
        let index = passage.path.segments().get(1).and_then(|segment| segment.index()).unwrap_or_default();
        if let Some((length, count)) = by_measure.get_mut(index) {
            *length += passage.length();
            *count += figures(passage);
        }
    }
    let bare =
        by_measure.into_iter().enumerate().filter(|(_, (length, count))| *length >= LONG && *count == 0);
    bare.map(|(index, (length, _))| {
        let message = format!("举措和成效第{}项有{length}字，没有一个数字", index + 1);
        NO_FIGURES.at(crate::path!["measures", index], message, "请用数据说明成效")
    })
    .collect()
}
