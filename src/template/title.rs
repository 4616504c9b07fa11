//! Where a title's lines end (GB/T 9704-2012, 7.3.1): words whole, lines about as long as each
//! other, in a trapezium or a diamond.

use std::ops::Range;

use crate::language::breaking::{is_closing, is_connector, is_opening, may_begin_line};
use crate::language::words;

/// How many characters of 2号 a line of the text block holds.
const LONGEST: f64 = 20.0;
/// Words that a line does not begin with, and one that it is good to begin with.
const CLINGING: [&str; 10] = ["的", "和", "与", "及", "暨", "情况", "等", "工作", "安排", "报告"];
const LEADING: &str = "关于";
/// What the name of an agency ends with.
const AGENCY_ENDS: [&str; 5] = ["委员会", "人民政府", "局", "办公室", "办事处"];

/// What an ending costs, in squares of characters.
const UNWANTED: f64 = 30.0;
const WANTED: f64 = -26.0;
/// That of a word that would rather begin the next line, if there is another as good.
const TRAILING: f64 = 5.0;
/// What a line more costs.
const FURTHER_LINE: f64 = 60.0;
/// One between a place and its agency.
const TORN_NAME: f64 = 90.0;
/// One within marks that are longer than a line.
const WITHIN_MARKS: f64 = 60.0;
/// A line that has room only because its marks are cut at its ends.
const TIGHT: f64 = 15.0;

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
    let words = TitleWords::of(title);
    let least = (width(title) / LONGEST).ceil() as usize;
    // Long words may need a line or two more than their characters do, and a name is whole sooner than a title short.
    let ways = (least..least + 4).filter_map(|count| {
        let way = words.best(count)?;
        Some((way.faults, way.cost + (count - least) as f64 * FURTHER_LINE, way))
    });
    let best = ways.min_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    best.map_or_else(|| vec![title.to_owned()], |(.., way)| words.lines(&way))
}

/// The words of a title, with what a line may not end within.
struct TitleWords {
    pieces: Vec<String>,
    /// Where each begins, and the title ends, in bytes.
    starts: Vec<usize>,
    /// What stands between marks, with these, and whether a line holds it.
    marked: Vec<(Range<usize>, bool)>,
}

/// Some lines of a title: where they end, in pieces, from 0.
#[derive(Clone)]
struct Breaks {
    ends: Vec<usize>,
    widths: Vec<f64>,
    /// What no title should have: marks that are torn, a waist, a character alone.
    faults: usize,
    cost: f64,
}

impl TitleWords {
    fn of(title: &str) -> Self {
        let mut pieces: Vec<String> = Vec::new();
        for word in words::split(title) {
            match pieces.last_mut() {
                Some(last) if clings(last, &word) => last.push_str(&word),
                _ => pieces.push(word),
            }
        }
        let mut starts = vec![0];
        starts.extend(pieces.iter().scan(0, |end, piece| {
            *end += piece.len();
            Some(*end)
        }));
        Self { pieces, starts, marked: marked(title) }
    }

    /// The best way to break them into so many lines, if there is one.
    fn best(&self, count: usize) -> Option<Breaks> {
        let all: f64 = self.pieces.iter().map(|piece| width(piece)).sum();
        let mean = all / count as f64;
        let mut ways = vec![Breaks { ends: vec![0], widths: vec![], faults: 0, cost: 0.0 }];
        for line in 1..=count {
            let mut next = Vec::new();
            for way in &ways {
                let start = *way.ends.last().expect("a way has a start");
                for end in start + 1..=self.pieces.len() {
                    let text = self.pieces[start..end].concat();
                    if inked(&text) > LONGEST {
                        break;
                    }
                    if (line == count) == (end == self.pieces.len()) {
                        next.push(self.with_line(way, &text, end, mean));
                    }
                }
            }
            // Titles are short; the best few ways are enough to find the best.
            next.sort_by(|one, other| one.faults.cmp(&other.faults).then(one.cost.total_cmp(&other.cost)));
            next.truncate(200);
            ways = next;
        }
        ways.into_iter().next()
    }

    fn with_line(&self, way: &Breaks, text: &str, end: usize, mean: f64) -> Breaks {
        let mut way = way.clone();
        let long = width(text);
        way.ends.push(end);
        way.widths.push(long);
        way.cost += (long - mean).powi(2) + if long > LONGEST { TIGHT } else { 0.0 };
        // No line is clearly shorter than both those around it.
        let is_waisted =
            matches!(way.widths[..], [.., one, two, three] if two + 1.0 < one && two + 1.0 < three);
        let is_alone = end == self.pieces.len() && way.ends.len() > 2 && long < 2.0;
        way.faults += usize::from(is_waisted) + usize::from(is_alone);
        let torn = |(marks, _): &&(Range<usize>, bool)| {
            let place = self.starts[end];
            marks.start < place && place < marks.end
        };
        let mut is_within = false;
        for (_, is_held) in self.marked.iter().filter(torn) {
            is_within = true;
            way.faults += usize::from(*is_held);
            way.cost += WITHIN_MARKS;
        }
        // What begins well outside does not within the marks of another title.
        let ending = ending(&self.pieces, end);
        way.cost += if is_within { ending.max(0.0) } else { ending };
        way
    }

    fn lines(&self, way: &Breaks) -> Vec<String> {
        way.ends.windows(2).map(|pair| self.pieces[pair[0]..pair[1]].concat()).collect()
    }
}

/// Whether a word stays with the one before it: for its marks, or as the other end of a range or the sign of a rate.
fn clings(last: &str, word: &str) -> bool {
    let is_mark = |c| !may_begin_line(c) || c == '%';
    let is_figure = word.starts_with(|c: char| c.is_ascii_digit());
    word.chars().all(is_mark)
        || last.ends_with(|c| is_opening(c) || is_connector(c))
        || last.ends_with('〕') && is_figure
}

/// What stands between 《 and 》 or （ and ）, with these, also within one another, in bytes.
fn marked(title: &str) -> Vec<(Range<usize>, bool)> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (at, mark) in title.char_indices() {
        match mark {
            '《' | '〈' | '（' | '“' => open.push(at),
            '》' | '〉' | '）' | '”' => {
                if let Some(start) = open.pop() {
                    let range = start..at + mark.len_utf8();
                    let is_held = inked(&title[range.clone()]) <= LONGEST;
                    found.push((range, is_held));
                }
            }
            _ => {}
        }
    }
    found
}

/// What it costs to end a line before a piece: 关于 and a year begin well, and so does the name of
/// the next agency; 的 ends well, and 关于 badly; neither a place nor an agency is torn from the one that belongs to it.
fn ending(pieces: &[String], end: usize) -> f64 {
    let Some(next) = pieces.get(end).map(String::as_str) else { return 0.0 };
    let before = pieces[end - 1].as_str();
    if next == LEADING {
        WANTED
    } else if words::is_place(before) && !is_year(next) || is_agency(before) && is_agency(next) {
        TORN_NAME
    } else if CLINGING.contains(&next) {
        UNWANTED
    } else if before == LEADING {
        TRAILING
    } else if is_year(next) || before.ends_with('的') || is_agency(before) {
        WANTED / 2.0
    } else {
        0.0
    }
}

fn is_agency(piece: &str) -> bool {
    AGENCY_ENDS.iter().any(|end| piece.ends_with(end))
}

fn is_year(piece: &str) -> bool {
    piece.starts_with("20")
}

/// How wide it looks: typst cuts the blank half of a mark at the end of a line and beside another mark.
fn inked(line: &str) -> f64 {
    let cut = usize::from(line.starts_with(is_opening)) + usize::from(line.ends_with(is_closing));
    let pairs = line.chars().zip(line.chars().skip(1));
    let beside = pairs.filter(|(one, other)| {
        is_closing(*one) && (is_closing(*other) || is_opening(*other))
            || is_opening(*one) && is_opening(*other)
    });
    width(line) - (cut + beside.count()) as f64 / 2.0
}

/// How many characters wide a text is: figures and letters are about half as wide, those of a bold
/// face somewhat more.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.6 } else { 1.0 }).sum()
}
