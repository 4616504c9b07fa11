use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::indicators::ListedIndicator;
use crate::language::lists;
use crate::report::IssuerKind;

code! {
    /// 应有的指标没有交代
    ///
    /// 没有发生的写 0 或“无”，不适用的写“不适用”；略去不写，读的人分不清是没有、不适用，还是漏了。
    ///
    /// 错误：指标表里有行政复议，没有行政诉讼，正文也没有提。
    ///
    /// 正确：{key: litigation.first_instance, name: 一审行政诉讼案件, value: 无}
    ///
    /// 列了 5 个以上指标的政府报告才检查；正文里带数字说到的算交代过。应有哪些，见指标目录（nianbao indicators），可以在配置里改，或者用 --indicators 换成自己的目录，那时列了几个指标都检查。
    ///
    /// 看不出：带数字的句子说到这件事、数字却是别的事的。
    pub(super) NIL_UNSTATED = "nil-unstated", Note
}

/// Words by which a sentence says that there was none.
static NIL: LazyLock<Regex> = LazyLock::new(|| lists::any_of(include_str!("data/nil.txt")));

/// Fewer indicators are a selection, not a table.
const TABLE: usize = 5;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let settings = reading.context.settings;
    let list = settings.list();
    let is_prescribed = !list.prescribed().is_empty();
    let expected: Vec<&ListedIndicator> = match &settings.expected {
        Some(keys) => keys.iter().filter_map(|key| list.of_key(key)).collect(),
        None if matches!(report.issuer.kind, IssuerKind::Government | IssuerKind::PartyAndGovernment) => {
            list.offered().iter().filter(|known| !known.optional).collect()
        }
        None => return vec![],
    };
    if report.indicators.len() < TABLE && !is_prescribed {
        return vec![];
    }
    let is_listed = |known: &ListedIndicator| {
        report.indicators.iter().any(|one| {
            list.key_of(one.key(), &one.name) == *known.key
                || known.words.iter().any(|word| one.name.contains(&**word))
        })
    };
    let missing: Vec<&str> = expected
        .into_iter()
        .filter(|known| !is_listed(known) && !is_told(reading, known))
        .map(|known| &*known.name)
        .collect();
    if missing.is_empty() {
        return vec![];
    }
    let message = format!("指标里没有{}，正文也没有交代", missing.join("、"));
    vec![NIL_UNSTATED.at(
        crate::path!["indicators"],
        message,
        "请补上；没有发生的写 0 或“无”，不适用的写“不适用”",
    )]
}

/// Whether a sentence states the indicator, with a figure or by saying that there was none.
fn is_told(reading: &Reading, known: &ListedIndicator) -> bool {
    reading.prose().filter(|passage| passage.section() != "plans").any(|passage| {
        let text = &passage.text;
        let says = |range: &std::ops::Range<usize>| {
            known.words.iter().any(|word| text[range.clone()].contains(&**word))
        };
        let in_figures = passage.figures().iter().any(|sentence| says(&sentence.range));
        in_figures || passage.sentences().any(|range| says(&range) && NIL.is_match(&text[range.clone()]))
    })
}
