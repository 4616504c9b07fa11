//! Where a title's lines end (GB/T 9704-2012, 7.3.1): words whole, lines about as long as each
//! other, in a trapezium or a diamond.

use crate::language::words;

/// How many characters of 2号 a line of the text block holds.
const LONGEST: f64 = 20.0;
/// Marks that stay with what follows, and with what went before.
const OPENING: &str = "《〈（“‘〔";
const CLOSING: &str = "》〉）”’〕，、：；。";
/// Words that a line does not begin with, and one that it is good to begin with.
const CLINGING: [&str; 9] = ["的", "和", "与", "及", "暨", "情况", "等", "工作", "报告"];
const LEADING: &str = "关于";
/// What the name of an agency ends with.
const AGENCY_ENDS: [&str; 5] = ["委员会", "人民政府", "局", "办公室", "办事处"];

/// What an unwanted ending costs, in squares of characters.
const UNWANTED: f64 = 30.0;
const WANTED: f64 = -26.0;

/// The lines of a title as a person would break it. One that fits stays on one line; an author's
/// own line feeds are kept.
pub fn lines(title: &str) -> Vec<String> {
    let given: Vec<&str> = title.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if given.len() > 1 {
        return given.into_iter().map(str::to_owned).collect();
    }
    let title = given.first().copied().unwrap_or_default();
    if width(title) <= LONGEST {
        return vec![title.to_owned()];
    }
    let pieces = pieces(title);
    let least = (width(title) / LONGEST).ceil() as usize;
    // Long words may need a line more than their characters do.
    let broken = (least..least + 3).find_map(|count| best(&pieces, count));
    broken.unwrap_or_else(|| vec![title.to_owned()])
}

/// The words with the marks that cling to them.
fn pieces(title: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in words::split(title) {
        let clings = word.chars().all(|c| CLOSING.contains(c));
        match pieces.last_mut() {
            Some(last) if clings || last.ends_with(|c| OPENING.contains(c)) => last.push_str(&word),
            _ => pieces.push(word),
        }
    }
    pieces
}

/// The best way to break pieces into so many lines, if there is one.
fn best(pieces: &[String], count: usize) -> Option<Vec<String>> {
    let widths: Vec<f64> = pieces.iter().map(|piece| width(piece)).collect();
    let mean = widths.iter().sum::<f64>() / count as f64;
    let mut ways: Vec<(f64, Vec<usize>)> = vec![(0.0, vec![0])];
    for line in 1..=count {
        let mut next = Vec::new();
        for (cost, ends) in &ways {
            let start = *ends.last().expect("a way has a start");
            let mut long = 0.0;
            for end in start + 1..=pieces.len() {
                long += widths[end - 1];
                if long > LONGEST {
                    break;
                }
                if (line == count) != (end == pieces.len()) {
                    continue;
                }
                let mut ends = ends.clone();
                ends.push(end);
                next.push((cost + (long - mean).powi(2) + ending(pieces, end), ends));
            }
        }
        // Titles are short; the best few ways are enough to find the best.
        next.sort_by(|one, other| one.0.total_cmp(&other.0));
        next.truncate(200);
        ways = next;
    }
    let lines = |ends: &[usize]| -> Vec<String> {
        ends.windows(2).map(|pair| pieces[pair[0]..pair[1]].concat()).collect()
    };
    ways.iter().map(|(_, ends)| lines(ends)).find(|lines| is_shapely(lines))
}

/// What it costs to end a line before a piece: 关于 and a year begin well, and so does the name of
/// the next agency; a place is not torn from the agency that it belongs to.
fn ending(pieces: &[String], end: usize) -> f64 {
    let Some(next) = pieces.get(end).map(String::as_str) else { return 0.0 };
    let before = pieces[end - 1].as_str();
    if next == LEADING {
        WANTED
    } else if CLINGING.contains(&next) || words::is_place(before) && !is_year(next) {
        UNWANTED
    } else if is_year(next) && before != LEADING || AGENCY_ENDS.iter().any(|end| before.ends_with(end)) {
        WANTED / 2.0
    } else {
        0.0
    }
}

fn is_year(piece: &str) -> bool {
    piece.starts_with("20")
}

/// No last line of a single character, no line clearly shorter than both those around it.
fn is_shapely(lines: &[String]) -> bool {
    let widths: Vec<f64> = lines.iter().map(|line| width(line)).collect();
    let is_waisted = widths.windows(3).any(|three| three[1] + 1.0 < three[0] && three[1] + 1.0 < three[2]);
    !is_waisted && (lines.len() == 1 || widths.last().is_some_and(|last| *last > 1.0))
}

/// How many characters wide a text is: figures and letters are about half as wide, those of a bold
/// face somewhat more.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.6 } else { 1.0 }).sum()
}
