use std::ops::Range;

use super::Texts;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::marks::{half_width, half_width_stops};

code! {
    /// 半角标点
    ///
    /// 中文里的标点用全角；半角的逗号、括号排出来贴着字，直引号分不出前后。从网页上复制的文字常有这种毛病。
    ///
    /// 错误：受理案件386件,审结359件(含结转)。推行"综合查一次"。
    ///
    /// 正确：受理案件386件，审结359件（含结转）。推行“综合查一次”。
    ///
    /// 数字里的（1,234、9:30、1:50）、网址里的、西文里的不算。一段只提一次，并说明共有几处。
    ///
    /// 看不出：数字之间的半角逗号该是顿号还是千分位；句子以数字或西文结尾时的半角句点。
    pub(super) HALF_WIDTH_MARK = "half-width-mark", Warning
}

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let western =
        texts.passages.iter().filter(|passage| passage.has_mark(|mark| mark.is_ascii_punctuation()));
    western.filter_map(in_passage).collect()
}

fn in_passage(passage: &Passage) -> Option<Diagnostic> {
    let mut stray = half_width(&passage.text);
    stray.extend(half_width_stops(&passage.text).map(|byte| (byte, '.')));
    stray.sort_unstable();
    let &(byte, mark) = stray.first()?;
    let count = stray.len();
    let label = passage.label();
    let message = match count {
        1 => format!("“{label}”里有半角的“{mark}”"),
        _ => format!("“{label}”里有半角标点{count}处，第一处是“{mark}”"),
    };
    let hint = match mark {
        '.' => "请改为“。”，人名中间的改为“·”".to_owned(),
        '"' | '\'' => "请改为全角的引号“”".to_owned(),
        mark => format!("请改为全角的“{}”", full_width(mark)),
    };
    let found = passage.at(&HALF_WIDTH_MARK, byte..byte + mark.len_utf8(), message, hint);
    Some(passage.amended(found, &in_full_width(&stray)))
}

/// What to write in place of each. Quotation marks are pairs, or nothing is offered for any.
fn in_full_width(stray: &[(usize, char)]) -> Vec<(Range<usize>, String)> {
    let quotes = |quote| stray.iter().filter(move |(_, mark)| *mark == quote).count();
    if quotes('"') % 2 == 1 || quotes('\'') > 0 {
        return vec![];
    }
    let mut is_open = false;
    let change = |&(byte, mark): &(usize, char)| {
        let full = match mark {
            '(' => "（",
            ')' => "）",
            '.' => "。",
            '"' => {
                is_open = !is_open;
                if is_open { "“" } else { "”" }
            }
            other => full_width(other),
        };
        (byte..byte + mark.len_utf8(), full.to_owned())
    };
    stray.iter().map(change).collect()
}

fn full_width(mark: char) -> &'static str {
    match mark {
        ',' => "，",
        ':' => "：",
        ';' => "；",
        '(' | ')' => "（）",
        '!' => "！",
        '?' => "？",
        _ => "“”",
    }
}
