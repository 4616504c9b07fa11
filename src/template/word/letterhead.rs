//! 版头 in Word (GB/T 9704-2012, 7.2.4 to 7.2.7): how large 发文机关标志 is, and how far from it what stands
//! below. As in gongwen/letterhead.typ, but for a face that is not at hand and so not measured: its
//! characters are as wide as they are high.

use minijinja::context;
use minijinja::value::Value;

use super::pieces::cells;

/// In points, as in gongwen/figures.typ.
const TEXT_BLOCK_WIDTH: f64 = 442.2;
const LARGEST: f64 = 54.0;
const NARROWEST: f64 = 0.7;
const SMALLEST: f64 = 28.0;
const STACK_HEIGHT: f64 = 190.0;
const MARK_TOP: f64 = 99.2; // 35 mm, 7.2.4
const PITCH: f64 = 29.6;
const RULE_DISTANCE: f64 = 11.3; // 4 mm, 7.2.7
const RED_RULE: f64 = 2.0;

/// A line of the mark, of the size of its characters.
const LINE: f64 = 1.3;
/// What a line has above what is seen of its characters, and what is seen of them, of their size.
const ABOVE_SEEN: f64 = 0.18;
const SEEN: f64 = 0.98;
/// What a line of the text has above its characters.
const ABOVE_TEXT: f64 = 9.6;
/// What a line of the title has above its characters: it begins so much lower than the line of the grid.
const ABOVE_TITLE: f64 = 4.3;
/// The lines that stand above the mark: 份号, 密级 and 紧急程度.
const ENTRIES: f64 = 3.0 * PITCH;
/// From the text down to the rule as Word counts it, in points; templates say the same.
const RULE_SPACE: f64 = 7.0;

/// How 发文机关标志 of these agencies stands, and what is below it. Lengths are in twips; the size is in half
/// points.
pub(super) fn agency_mark(names: Vec<String>, suffix: &Value, signatories: f64) -> Value {
    let suffix = if suffix.is_true() { suffix.to_string() } else { String::new() };
    let is_joint = names.len() > 1;
    let longest = names.iter().map(|name| cells(name)).fold(1.0, f64::max);
    let whole = if is_joint { longest } else { longest + cells(&suffix) };
    let fitting = (TEXT_BLOCK_WIDTH / (SMALLEST * NARROWEST)).floor();
    let rows = if is_joint { names.len() as f64 } else { (whole / fitting).ceil().max(1.0) };
    let in_row = if is_joint { whole } else { (whole / rows).ceil() };
    let beside = if is_joint && !suffix.is_empty() { cells(&suffix) + 0.5 } else { 0.0 };

    let wished = LARGEST.min(STACK_HEIGHT / rows / LINE);
    let size = wished.min(TEXT_BLOCK_WIDTH / ((in_row + beside) * NARROWEST));
    let size = (size * 2.0).floor() / 2.0;
    let natural = (in_row + beside) * size;
    let condensed = (TEXT_BLOCK_WIDTH / natural).min(1.0);
    // Characters that fill the line to its end would go on in the next.
    let condensed_percent = (condensed * 100.0).floor() - if condensed < 1.0 { 1.0 } else { 0.0 };
    let target = match rows {
        1.0 if !is_joint => natural.max((TEXT_BLOCK_WIDTH * 0.8).min(natural * 1.6)),
        _ => in_row * size,
    };
    let spread = (target - in_row * size) / (in_row - 1.0).max(1.0);

    let number_rows = (signatories / 2.0).ceil().max(1.0);
    let below_first = (rows - 1.0) * LINE * size;
    let seen = SEEN * size + below_first;
    let number_height = number_rows * PITCH - (PITCH - 16.0);
    let height = MARK_TOP + seen + 2.0 * PITCH + number_height + RULE_DISTANCE + RED_RULE + 2.0 * PITCH;
    let lines = (height / PITCH).round();
    let spare = (lines * PITCH - height) / 2.0;

    // From the upper edge of the page's first line, which is above its characters.
    let mark_line = ABOVE_TEXT + MARK_TOP - ABOVE_SEEN * size;
    let mark_end = mark_line + rows * LINE * size;
    let number_line = MARK_TOP + seen + 2.0 * PITCH + spare;
    let number_end = number_line + number_rows * PITCH + RULE_SPACE + RED_RULE;
    let twips = |points: f64| (points * 20.0).round() as i64;

    let chunk = in_row as usize;
    let in_lines = |name: &String| -> Vec<String> {
        let characters: Vec<char> = name.chars().collect();
        characters
            .chunks(if is_joint { characters.len().max(1) } else { chunk })
            .map(|part| part.iter().collect())
            .collect()
    };
    context! {
        agencies => names.iter().map(in_lines).collect::<Vec<_>>(),
        size => (size * 2.0) as i64,
        condensed => condensed_percent as i64,
        spread => twips(spread),
        width => twips(in_row * size * condensed_percent / 100.0) + 20,
        suffix_width => twips(beside * size * condensed_percent / 100.0) + 20,
        line => twips(LINE * size),
        above => twips(mark_line - ENTRIES),
        above_number => twips(number_line - mark_end),
        lines => lines as usize,
        below_rule => twips(lines * PITCH - number_end + ABOVE_TEXT - ABOVE_TITLE).max(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], suffix: &str, signatories: usize) -> impl Fn(&str) -> i64 {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let mark = agency_mark(names, &Value::from(suffix), signatories as f64);
        move |key| i64::try_from(mark.get_attr(key).unwrap()).unwrap()
    }

    /// Whatever the mark, what stands below begins on a line of the grid.
    #[test]
    fn a_letterhead_ends_on_the_grid() {
        let joint: Vec<&str> = vec!["云州市临江区人民政府办公室"; 6];
        for (names, signatories) in [(&joint[..1], 0), (&joint[..2], 1), (&joint[..], 5)] {
            let figure = of(names, "文件", signatories);
            let rows = names.len() as i64;
            let number_rows = (signatories as i64 + 1) / 2;
            let end = 3 * 592
                + figure("above")
                + rows * figure("line")
                + figure("above_number")
                + number_rows.max(1) * 592
                + 180
                + figure("below_rule")
                - 106;
            assert!(end % 592 < 8 || end % 592 > 584, "{names:?}: {end}");
        }
    }

    #[test]
    fn a_long_name_is_condensed_then_smaller_then_in_two_lines() {
        let usual = of(&["临江区政府"], "文件", 0);
        assert_eq!((usual("size"), usual("condensed")), (108, 100));
        let wider = of(&["临江区人民政府"], "文件", 0);
        assert_eq!((wider("size"), wider("condensed")), (108, 89));
        let long = of(&["云州市临江区人民政府办公室"], "文件", 0);
        assert!(long("condensed") < 80 && long("size") < 108);
        let longest = of(&["云州市临江区推进法治政府建设工作领导小组办公室及其成员单位"], "文件", 0);
        assert!(longest("size") > 56);
    }
}
