//! How a table of an attachment lies: its columns from what their cells hold. Least widths come first, so that
//! no heading or cell of a few characters is torn; the rest is given by need. What cannot lie in a line is
//! broken into lines of a cell here, none of which is a character alone. It is arithmetic on characters, and so
//! the same in PDF and Word.

use super::breaking::{is_opening, may_begin_line};

/// A heading or cell of no more than so many characters keeps one line.
const WHOLE: f64 = 6.0;
/// Of a longer text no line need be narrower, and of one that is read from the left.
const NARROWEST: f64 = 4.0;
const NARROWEST_LONG: f64 = 8.0;
/// Where there is no room for whole cells, no column is narrower.
const NARROWEST_OF_ALL: f64 = 2.0;
/// A text of more characters is read from the left.
const LONG: f64 = 30.0;
/// A row of more lines may go on over the next page.
const WHOLE_ROW: usize = 8;
/// Between a cell's text and its rule, in characters. Where the texts of two cells are no more than a character apart,
/// readers of PDF take them for words of one line.
const INSET: f64 = 0.52;
/// What rounding may cost, in characters.
const HAIR: f64 = 0.04;
/// The heading of the column of the rows' numbers, which takes its own width and no more.
const ROW_NUMBER: &str = "序号";
/// Type is not set smaller for the sake of whole cells, in half points.
const SMALLEST_FOR_WHOLE: u32 = 18;

/// How a table lies.
#[derive(Debug)]
pub struct TableLayout {
    /// Of its type, in half points.
    pub size: u32,
    /// Between a cell's text and its rule, in twips.
    pub inset: u32,
    /// Of its columns, in twips.
    pub widths: Vec<u32>,
    pub head: Vec<TableCell>,
    pub rows: Vec<TableRow>,
}

#[derive(Debug)]
pub struct TableRow {
    pub cells: Vec<TableCell>,
    /// Whether it stays on one page.
    pub is_whole: bool,
}

#[derive(Debug)]
pub struct TableCell {
    pub lines: Vec<String>,
    pub side: CellSide,
}

/// Where the text of a cell stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CellSide {
    Centre,
    /// Where a long text begins.
    Left,
    /// A figure ends so many twips before the rule at the right.
    Right(u32),
}

impl TableLayout {
    /// Of a table that is `width` twips wide. Each row has as many cells as the head.
    pub fn new(head: &[String], rows: &[Vec<String>], width: u32) -> Self {
        let columns: Vec<CellColumn> =
            (0..head.len()).map(|index| CellColumn::new(head, rows, index)).collect();
        let Fit { size, widths } = fit(&columns, width);
        let em = f64::from(size) * 10.0;
        let rooms: Vec<f64> = widths.iter().map(|width| f64::from(*width) / em - 2.0 * INSET).collect();
        let row = |row: &Vec<String>| {
            let cells = columns.iter().zip(&rooms).enumerate().map(|(index, (column, room))| {
                let text = row.get(index).map_or("", String::as_str);
                let right = column.right(text, *room).map(|right| ((right + INSET) * em) as u32);
                TableCell::new(text, *room, 0.0, right)
            });
            let cells: Vec<TableCell> = cells.collect();
            let is_whole = cells.iter().all(|cell| cell.lines.len() <= WHOLE_ROW);
            TableRow { cells, is_whole }
        };
        let rows = rows.iter().map(row).collect();
        let head =
            head.iter().zip(&rooms).map(|(name, room)| TableCell::new(name, *room, HEAVY, None)).collect();
        Self { size, inset: (INSET * em) as u32, widths, head, rows }
    }
}

impl TableCell {
    fn new(text: &str, room: f64, heavier: f64, right: Option<u32>) -> Self {
        let is_long = width(text, 0.0) > LONG;
        let side = match right {
            Some(right) => CellSide::Right(right),
            None if is_long => CellSide::Left,
            None => CellSide::Centre,
        };
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        Self { lines: lines.flat_map(|line| broken(line, room, heavier, is_long)).collect(), side }
    }
}

/// What a column asks for, in characters.
struct CellColumn {
    /// So that no short cell is torn.
    least: f64,
    /// So that no figure is.
    hardest: f64,
    /// So that nothing is.
    whole: f64,
    /// What all of its cells hold together.
    held: f64,
    is_row_number: bool,
    /// The widest parts of its figures, up to the digit of the units and behind it; none where it has others.
    figures: Option<(f64, f64)>,
}

impl CellColumn {
    fn new(head: &[String], rows: &[Vec<String>], index: usize) -> Self {
        let name = &head[index];
        let of_head = width(name, HEAVY);
        // A long heading takes two lines, a very long one three.
        let in_lines = |lines: f64| longest_piece(name, HEAVY).max(of_head / lines + 1.0);
        let mut least = if of_head <= WHOLE + HAIR {
            of_head
        } else {
            in_lines(if of_head <= 2.0 * WHOLE { 2.0 } else { 3.0 })
        };
        let (mut hardest, mut whole, mut held) = (NARROWEST_OF_ALL.min(of_head.max(1.0)), of_head, of_head);
        let mut figures = Some((0.0_f64, 0.0_f64));
        let texts = rows.iter().filter_map(|row| row.get(index));
        for text in texts.filter(|text| !text.trim().is_empty()) {
            for line in text.lines() {
                let all = width(line, 0.0);
                let longest = longest_piece(line, 0.0);
                let narrowest = if all > LONG { NARROWEST_LONG } else { NARROWEST };
                least = least.max(if all <= WHOLE { all } else { longest.max((all / 2.0).min(narrowest)) });
                hardest = longest.max(hardest);
                whole = all.max(whole);
                held += all;
            }
            if !is_nothing(text) {
                figures = figures.zip(figure(text)).map(|(all, one)| (all.0.max(one.0), all.1.max(one.1)));
            }
        }
        let figures = figures.filter(|(before, _)| *before > 0.0);
        let aligned = figures.map_or(0.0, |(before, behind)| before + behind);
        let is_row_number = name.trim() == ROW_NUMBER;
        Self {
            least: least.max(aligned) + HAIR,
            hardest: hardest.max(aligned) + HAIR,
            whole: whole.max(aligned).max(least) + HAIR,
            held,
            is_row_number,
            figures,
        }
    }

    /// How far from the right end of its `room` a figure ends, so that its digit of the units stands below those
    /// of the others, and they in the middle of the column.
    fn right(&self, text: &str, room: f64) -> Option<f64> {
        let (before, behind) = self.figures?;
        let (_, own) = figure(text).filter(|_| !is_nothing(text))?;
        Some((room - before - behind).max(0.0) / 2.0 + behind - own)
    }
}

/// The size of a table's type, in half points, and its columns, in twips.
struct Fit {
    size: u32,
    widths: Vec<u32>,
}

/// The more columns, the smaller the type; and smaller still until the least widths have room.
fn fit(columns: &[CellColumn], width: u32) -> Fit {
    let usual = match columns.len() {
        17.. => 18,
        11.. => 21,
        6.. => 24,
        _ => 28,
    };
    let room = |size: u32| f64::from(width) / (f64::from(size) * 10.0) - 2.0 * INSET * columns.len() as f64;
    let fits = |least: fn(&CellColumn) -> f64| {
        let needed: f64 = columns.iter().map(least).sum();
        move |size: &u32| needed <= room(*size)
    };
    let whole = (SMALLEST_FOR_WHOLE..=usual).rev().find(fits(|column| column.least));
    let size = whole.unwrap_or_else(|| (2..=usual).rev().find(fits(|column| column.hardest)).unwrap_or(2));
    let least = |column: &CellColumn| if whole.is_some() { column.least } else { column.hardest };
    let em = f64::from(size) * 10.0;
    let shares = shares(columns, least, room(size));
    let mut widths: Vec<u32> = shares.iter().map(|share| ((share + 2.0 * INSET) * em) as u32).collect();
    let rest = width.saturating_sub(widths.iter().sum());
    if let Some(widest) = widths.iter_mut().max() {
        *widest += rest;
    }
    Fit { size, widths }
}

/// Each column has its least width; what is left goes to those that would rather be wider, and to one that
/// holds four times as much about twice as much: so the rows together are lowest. What even then is left, all
/// share.
fn shares(columns: &[CellColumn], least: impl Fn(&CellColumn) -> f64, room: f64) -> Vec<f64> {
    let at = |need: f64| -> Vec<f64> {
        let share = |column: &CellColumn| {
            let least = least(column);
            (need * column.held.sqrt()).clamp(least, column.whole.max(least))
        };
        columns.iter().map(share).collect()
    };
    let (mut low, mut high) = (0.0, room);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if at(middle).iter().sum::<f64>() <= room { low = middle } else { high = middle }
    }
    let shares = at(low);
    let spare = (room - shares.iter().sum::<f64>()).max(0.0);
    let grows = |column: &CellColumn, share: f64| if column.is_row_number { 0.0 } else { share };
    let growing: f64 = columns.iter().zip(&shares).map(|(column, share)| grows(column, *share)).sum();
    let grown =
        |(column, share): (&CellColumn, &f64)| share + spare * grows(column, *share) / growing.max(HAIR);
    columns.iter().zip(&shares).map(grown).collect()
}

/// What 黑体 takes more for a figure or letter, in characters.
const HEAVY: f64 = 0.12;

/// How wide a text is, in characters; no less than in the faces.
fn width(text: &str, heavier: f64) -> f64 {
    text.chars().map(|c| width_of(c, heavier)).sum()
}

fn width_of(c: char, heavier: f64) -> f64 {
    heavier * f64::from(u8::from(c.is_ascii()))
        + match c {
            '.' | ',' | ' ' => 0.25,
            '-' => 0.34,
            '%' | 'm' | 'w' => 0.84,
            'M' | 'W' => 0.95,
            c if c.is_ascii_uppercase() => 0.73,
            c if c.is_ascii() => 0.5,
            _ => 1.0,
        }
}

/// The longest that figures of a table are counted in.
const POINTS: &str = "个百分点";

/// What stands for no figure.
fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "-" | "—" | "——" | "/" | "无")
}

/// How wide a figure is up to its digit of the units, and behind it. None of what is no figure.
fn figure(text: &str) -> Option<(f64, f64)> {
    let text = text.trim();
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let is_sign = |c: char| "+-＋－−±约近超≥≤＞＜<>".contains(c);
    if !text[..digits].chars().all(is_sign) || text[..digits].chars().count() > 1 {
        return None;
    }
    let rest = &text[digits..];
    let units = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let behind = rest[units..].trim_start_matches('.').trim_start_matches(|c: char| c.is_ascii_digit());
    let is_unit =
        behind == POINTS || behind.chars().count() <= 2 && !behind.contains(|c: char| c.is_ascii_digit());
    is_unit.then(|| (width(&text[..digits + units], 0.0), width(&rest[units..], 0.0)))
}

/// What stays together in a line of a cell: a character with its marks, a word of figures and letters.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut before = rest.chars().next()?;
        let goes_on = |before: char, c: char| {
            before.is_ascii_graphic() && c.is_ascii_graphic()
                || before.is_ascii_digit() && c.is_alphabetic()
                || !may_begin_line(c)
                || is_opening(before)
        };
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = !goes_on(before, *c);
            before = *c;
            ends
        });
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        Some(piece)
    })
}

fn longest_piece(text: &str, heavier: f64) -> f64 {
    // A piece of many marks or letters may be torn after all.
    pieces(text).map(|piece| width(piece, heavier)).fold(0.0, f64::max).min(2.0 * WHOLE)
}

/// The lines of a text that has so much room. The lines of a short one are about equally long; of a long one
/// the last is no character alone.
fn broken(text: &str, room: f64, heavier: f64, is_long: bool) -> Vec<String> {
    let text = text.trim();
    let filled = |room: f64| filled(text, room, heavier);
    let lines = filled(room);
    let alone = |lines: &[String]| lines.last().is_some_and(|last| letters(last) < 2);
    if lines.len() == 1 || is_long && !alone(&lines) {
        return lines;
    }
    let narrower = (1..=room as usize).map(|less| filled(room - less as f64));
    let same = narrower.take_while(|narrower| narrower.len() == lines.len());
    let better: Option<Vec<String>> =
        if is_long { same.into_iter().find(|lines| !alone(lines)) } else { same.into_iter().last() };
    better.unwrap_or(lines)
}

fn letters(line: &str) -> usize {
    line.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Lines that are filled one after the other.
fn filled(text: &str, room: f64, heavier: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut left = room;
    let mut put = |piece: &str| {
        let wide = width(piece, heavier);
        if wide > left && lines.last().is_some_and(|line| !line.is_empty()) {
            lines.push(String::new());
            left = room;
        }
        left -= wide;
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
    };
    for piece in pieces(text) {
        if width(piece, heavier) <= room {
            put(piece);
            continue;
        }
        // An address ends a line behind its marks, and what is longer still wherever it must.
        for part in parts(piece) {
            if width(part, heavier) <= room {
                put(part);
            } else {
                part.split_inclusive(|_| true).for_each(&mut put);
            }
        }
    }
    lines
}

/// The parts of an address, each with the marks behind it.
fn parts(address: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| "/?&.".contains(c);
    let mut rest = address;
    std::iter::from_fn(move || {
        let marks = rest.find(is_mark).unwrap_or(rest.len());
        let end = rest[marks..].find(|c| !is_mark(c)).map_or(rest.len(), |behind| marks + behind);
        let (part, behind) = rest.split_at(end);
        rest = behind;
        Some(part).filter(|part| !part.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 8844;

    fn layout(columns: &[&str], rows: &[&[&str]]) -> TableLayout {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        TableLayout::new(&owned(columns), &rows.iter().map(|row| owned(row)).collect::<Vec<_>>(), WIDTH)
    }

    /// The widths of a table's columns in characters, without their insets.
    fn widths(columns: &[&str], rows: &[&[&str]]) -> Vec<f64> {
        let layout = layout(columns, rows);
        let em = f64::from(layout.size) * 10.0;
        layout.widths.iter().map(|width| f64::from(*width) / em - 2.0 * INSET).collect()
    }

    #[test]
    fn columns_have_their_least_widths_first_and_the_rest_by_need() {
        let task = "健全行政执法与刑事司法衔接机制，完善案件移送标准和程序，加强信息共享和案情通报。";
        let three = widths(&["序号", "工作任务", "完成情况"], &[&["1", task, "已完成"]]);
        assert!(three[0] >= 2.0 && three[0] < 2.2 && three[2] >= 4.0 && three[1] > 20.0, "{three:?}");
        let six = widths(
            &["序号", "单位", "任务", "措施", "责任人", "完成时限"],
            &[&["10", "区政府办公室", "规范涉企行政检查", &task.repeat(4), "王某某", "2025年12月底前"]],
        );
        assert!(six[0] >= 2.0 && six[1] >= 6.0 && six[4] >= 3.0 && six[5] >= 4.0, "{six:?}");
        assert!(six[3] > six[2] && six[3] > 10.0, "{six:?}");
    }

    #[test]
    fn a_table_is_as_wide_as_the_text_whatever_it_holds() {
        let many: Vec<&str> = (0..40).map(|_| "123456789012").collect();
        for (columns, row) in [
            (vec!["甲"], vec!["乙"]),
            (many.clone(), many),
            (vec!["很长很长很长很长很长很长的表头"; 12], vec!["x".repeat(300).leak() as &str; 12]),
            (vec!["", ""], vec!["", ""]),
        ] {
            assert_eq!(layout(&columns, &[&row]).widths.iter().sum::<u32>(), WIDTH);
        }
    }

    #[test]
    fn the_texts_of_two_cells_are_more_than_a_character_apart() {
        for columns in [&["甲", "乙"][..], &["区政府办公室"; 9]] {
            let layout = layout(columns, &[columns]);
            assert!(2 * layout.inset > layout.size * 10, "{layout:?}");
        }
    }

    #[test]
    fn lines_of_cells_leave_no_character_alone() {
        let in_lines = |text: &str, room: f64| broken(text, room, 0.0, width(text, 0.0) > LONG);
        assert_eq!(in_lines("区政府办公室", 5.1), ["区政府", "办公室"]);
        assert_eq!(in_lines("区市场监督管理局", 7.1), ["区市场监", "督管理局"]);
        assert_eq!(in_lines("2025年12月底前", 4.1), ["2025年", "12月底前"]);
        assert_eq!(in_lines("短", 0.5), ["短"]);
        assert_eq!(
            in_lines("https://www.linjiang.example.gov.cn/zwgk/index.html?id=1", 12.1),
            ["https://www.linjiang.", "example.gov.cn/zwgk/", "index.html?id=1"]
        );
        assert_eq!(in_lines("12345678.90", 4.1).concat(), "12345678.90");
        let long = "甲乙丙丁戊己庚辛壬癸".repeat(4) + "甲。";
        let lines = in_lines(&long, 10.1);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines.concat(), long);
        assert!(letters(&lines[4]) >= 2, "{lines:?}");
        for text in
            ["https://a.cn/very/long/address/of/many/letters/and/more", "（（（（（（（（（", "１２３"]
        {
            assert_eq!(in_lines(text, 3.0).concat(), text);
        }
    }

    #[test]
    fn figures_stand_by_their_digit_of_the_units() {
        let rows: Vec<&[&str]> = vec![&["1604"], &["95.48%"], &["-3.5"], &["—"], &["约2,760余"]];
        let layout = layout(&["数值"], &rows);
        let right = |row: usize| match layout.rows[row].cells[0].side {
            CellSide::Right(right) => i64::from(right),
            other => panic!("{other:?}"),
        };
        // In twips of type of 14 points: 0.25 + 1.0 + 0.84 characters behind the units, and 0.25 + 0.5.
        assert!((right(0) - right(1) - 585).abs() <= 1, "{} {}", right(0), right(1));
        assert!((right(0) - right(2) - 210).abs() <= 1);
        assert!((right(0) - right(4) - 280).abs() <= 1);
        assert_eq!(layout.rows[3].cells[0].side, CellSide::Centre);
        assert!(figure("-12.3个百分点").is_some());
        for text in ["2025年12月", "第3季度", "甲", "12件次以上", ""] {
            assert_eq!(figure(text), None, "{text}");
        }
    }
}
