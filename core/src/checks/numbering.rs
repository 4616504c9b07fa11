use std::sync::LazyLock;

use regex::Regex;

use super::Texts;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;
use crate::language::numerals::{circled, is_place, place};
use crate::report::FieldPath;

code! {
    /// 手写的序号不对
    ///
    /// 章节和标题的序号由程序编排；“一是、二是”“（1）（2）”等由作者写在段首句和文字里，要从一开始、依次递增，换一个标题重新起头。
    ///
    /// 错误：一是……。二是……。四是……。
    ///
    /// 错误：标题写作“（一）规范执法”（排出来序号有两个），或者“是注重督促考核”（序号丢了一半）。
    ///
    /// 正确：一是……。二是……。三是……。标题写作“规范执法”。
    ///
    /// 一点里面再分一是、二是，不算重复；“一要”“第二，”“其三，”“首先、其次”“②”“（1）”“（一）”“1.”“1）”“一、”同样检查。
    ///
    /// 不带序号的第一点后面只有一个“二是”，不算；“第（三）项”“三、四季度”一类的指称不算。
    ///
    /// 看不出：序号连续、内容却重复或者缺了一项的；隔着一个标题接着编的序号。
    pub(super) NUMBERING = "numbering", Error
}

/// The numbers that are written in running text, each in a group. The first 一是 may stand anywhere
/// (主要原因一是…), the others begin a clause; one in brackets may also follow words without a mark. What
/// names something (（三）项, 三、四季度, 二要素) is none.
const MARKERS: [&str; 10] = [
    r"CLAUSE([一二三四五六七八九十]{1,3}是)|[^统唯同进单其之第专归合十](一是)",
    r"CLAUSE([一二三四五六七八九十]{1,3}要)[^一二三四五六七八九十两素件点求义旨]|CLAUSE([一二三四五六七八九十]{1,3}抓)",
    r"SENTENCE(第[一二三四五六七八九十]{1,3}步?)(?:[，,：:是要]|、[^第一二三四五六七八九十])",
    r"CLAUSE(其[一二三四五六七八九])[，,、：:是]",
    r"CLAUSE(首先|其次|再次|再者|最后)[，,：:是要]",
    r"([①-⑳⑴-⒇⒈-⒛])",
    r"([（(](?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[）)])(?:[^项款目条号、，）)]|$)",
    r"SENTENCE([0-9]{1,2}[、．.）)])[^0-9０-９.．、）)]|[，,]\s*([0-9]{1,2}[、．.])[^0-9０-９.．、）)]",
    r"SENTENCE([一二三四五六七八九十]{1,3}、)[^一二三四五六七八九十第、]",
    r"SENTENCE([㈠-㈩])",
];

static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = MARKERS.join("|").replace("CLAUSE", r"(?:^|[。；，：、！？\n;,:]\s*)");
    lists::pattern(&pattern.replace("SENTENCE", r"(?:^|[。；：！？\n;:]\s*)"))
});

/// Numbers that go on from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MarkerFamily {
    /// 一是, 二要
    Words,
    /// 第一，
    InOrder,
    /// 其一，
    OneOfThem,
    /// 首先，其次，最后
    FirstThen,
    /// ①
    Circled,
    /// （1）
    Bracketed,
    /// （一）
    BracketedChinese,
    /// 1. 1、
    Digits,
    /// 1）
    HalfBracketed,
    /// 一、
    Chinese,
}

/// How many families there are.
const FAMILIES: usize = MarkerFamily::Chinese as usize + 1;

impl MarkerFamily {
    /// Whether it is said rather than written: 二是 may go on from words that bear no number, and a point
    /// of such a list may have a list of the same family.
    fn is_of_words(self) -> bool {
        matches!(self, Self::Words | Self::InOrder | Self::OneOfThem | Self::FirstThen)
    }
}

/// A number in a text.
struct NumberMark {
    family: MarkerFamily,
    /// 0 for 最后, which ends a list whatever its length.
    number: usize,
    range: std::ops::Range<usize>,
}

/// How many lists within lists are followed.
const DEEPEST: usize = 6;

/// The lists that are going on under one heading.
#[derive(Default)]
struct Lists {
    heading: FieldPath,
    /// For each family the last number of each list, the innermost last.
    open: [Vec<usize>; FAMILIES],
}

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let headings = texts.passages.iter().filter(|passage| passage.kind == PassageKind::Heading);
    let mut found: Vec<Diagnostic> = headings.filter_map(heading_number).collect();
    let mut lists = Lists::default();
    // What an import found no place for belongs to no list.
    let prose = texts.prose().filter(|passage| passage.section() != "unplaced");
    for passage in prose.filter(|passage| may_be_numbered(passage)) {
        let markers = markers(&passage.text);
        if markers.is_empty() {
            continue;
        }
        // A heading's paragraphs share one sequence; the next heading starts anew.
        if lists.heading != list_of(passage) {
            lists = Lists { heading: list_of(passage), ..Lists::default() };
        }
        found.extend(in_passage(passage, &markers, &mut lists));
    }
    found
}

/// Whether a passage may have a number: where a clause begins, in a bracket, or in a character of its own.
/// Most have none, and [`MARKER`] takes long to find none.
fn may_be_numbered(passage: &Passage) -> bool {
    let text = &passage.text;
    let begins_with_number = |rest: &str| {
        let is_of_number = |c: char| is_place(c) || c.is_ascii_digit();
        let mut rest = rest.trim_start().chars();
        match rest.next() {
            Some('第' | '其') => rest.next().is_some_and(|c| is_place(c) || c == '次'),
            Some('首' | '再' | '最') => true,
            Some(c) if is_of_number(c) => {
                let behind = rest.find(|c| !is_of_number(*c));
                matches!(behind, Some('是' | '要' | '抓' | '、' | '．' | '.' | '）' | ')'))
            }
            _ => false,
        }
    };
    begins_with_number(text)
        || passage.marks().iter().any(|&(at, mark)| match mark {
            '。' | '；' | '，' | '：' | '、' | '！' | '？' | '\n' | ';' | ',' | ':' | '（' | '(' => {
                begins_with_number(&text[at + mark.len_utf8()..])
            }
            '一' => text[at..].starts_with("一是"),
            _ => enclosed(mark).is_some(),
        })
}

/// The list of paragraphs that a passage belongs to.
fn list_of(passage: &Passage) -> FieldPath {
    let depth = match passage.section() {
        // Each problem is an item of one list.
        "problems" | "preface" | "other" => 1,
        _ => 3,
    };
    passage.path.segments().iter().take(depth).cloned().collect()
}

/// The numbers in a text, in their order.
fn markers(text: &str) -> Vec<NumberMark> {
    let written = MARKER.captures_iter(text).filter_map(|marker| marker.iter().skip(1).flatten().next());
    written
        .filter_map(|written| {
            let (family, number) = read(written.as_str())?;
            Some(NumberMark { family, number, range: written.range() })
        })
        .collect()
}

/// （3） → the third of those in brackets.
fn read(marker: &str) -> Option<(MarkerFamily, usize)> {
    let words = marker.trim_matches(|c| "第其是要抓步、．.（(）)".contains(c));
    let first = marker.chars().next()?;
    let in_brackets = matches!(first, '（' | '(');
    Some(match words {
        "首先" => (MarkerFamily::FirstThen, 1),
        "次" => (MarkerFamily::FirstThen, 2),
        "再次" | "再者" => (MarkerFamily::FirstThen, 3),
        "最后" => (MarkerFamily::FirstThen, 0),
        _ if words.starts_with(|c: char| c.is_ascii_digit()) => {
            let is_half = !in_brackets && marker.ends_with(['）', ')']);
            let family = if in_brackets { MarkerFamily::Bracketed } else { MarkerFamily::Digits };
            (if is_half { MarkerFamily::HalfBracketed } else { family }, words.parse().ok()?)
        }
        _ => match (place(words), first) {
            (None, _) => (MarkerFamily::Circled, enclosed(first)?),
            (Some(number), '第') => (MarkerFamily::InOrder, number),
            (Some(number), '其') => (MarkerFamily::OneOfThem, number),
            (Some(number), _) if in_brackets => (MarkerFamily::BracketedChinese, number),
            (Some(number), _) if marker.ends_with('、') => (MarkerFamily::Chinese, number),
            (Some(number), _) => (MarkerFamily::Words, number),
        },
    })
}

/// ③, ⑶, ⒊, ㈢ → 3.
fn enclosed(c: char) -> Option<usize> {
    let from = |first: char| Some(c as usize - first as usize + 1);
    match c {
        '⑴'..='⒇' => from('⑴'),
        '⒈'..='⒛' => from('⒈'),
        '㈠'..='㈩' => from('㈠'),
        _ => circled(c),
    }
}

/// What is wrong with the numbers in a passage.
fn in_passage(passage: &Passage, markers: &[NumberMark], lists: &mut Lists) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // Who says 其次 in the middle of another paragraph begins anew.
    if markers.first().is_some_and(|marker| marker.range.start > 0) {
        lists.open[MarkerFamily::FirstThen as usize].clear();
    }
    // The families of which a list began in this passage and has not gone on yet.
    let mut began = [false; FAMILIES];
    for marker in markers {
        let NumberMark { family, number, .. } = *marker;
        let open = &mut lists.open[family as usize];
        let began = &mut began[family as usize];
        let is_apart = begins_clause(&passage.text[..marker.range.start]);
        let goes_on = open.iter().rposition(|last| last + 1 == number);
        if number == 0 {
            open.clear();
        } else if let Some(depth) = goes_on.filter(|_| number > 1) {
            open.truncate(depth + 1);
            open[depth] = number;
            *began = false;
        } else if number == 1 && !(*began && is_apart && !family.is_of_words()) {
            open.push(1);
            *began = true;
            // Nobody nests deeper; what is forgotten is a list that never went on.
            if open.len() > DEEPEST {
                open.remove(0);
            }
        } else if is_reference(family, is_apart, open) {
            // It counts in no list.
        } else if is_lone_second(passage, marker, markers, open) || is_of_a_heading(marker, open) {
            open.push(number);
        } else {
            if found.len() >= MOST {
                break;
            }
            found.push(told(passage, marker, open));
            match open.last_mut() {
                Some(last) => *last = number,
                None => open.push(number),
            }
        }
    }
    found
}

/// Whether a number names a point elsewhere rather than beginning one: 见附件（3）.
fn is_reference(family: MarkerFamily, begins_clause: bool, open: &[usize]) -> bool {
    let in_brackets = matches!(family, MarkerFamily::Bracketed | MarkerFamily::BracketedChinese);
    in_brackets && !begins_clause || family == MarkerFamily::FirstThen && open.is_empty()
}

/// After other words a lone 二是 goes on from what bears no number.
fn is_lone_second(passage: &Passage, marker: &NumberMark, markers: &[NumberMark], open: &[usize]) -> bool {
    let alone = markers.iter().filter(|other| other.family == marker.family).count() == 1;
    let after_words = !passage.text[..marker.range.start].trim().is_empty();
    marker.number == 2 && marker.family.is_of_words() && open.is_empty() && after_words && alone
}

/// 二、 and （二） at the beginning of a text are left of its headings: what went before stands elsewhere.
fn is_of_a_heading(marker: &NumberMark, open: &[usize]) -> bool {
    let of_headings = matches!(marker.family, MarkerFamily::Chinese | MarkerFamily::BracketedChinese);
    of_headings && marker.range.start == 0 && open.is_empty()
}

fn begins_clause(before: &str) -> bool {
    before.trim_end().ends_with(['。', '；', '，', '：', '！', '？', ';', ',', ':', '\n'])
        || before.trim().is_empty()
}

fn told(passage: &Passage, marker: &NumberMark, open: &[usize]) -> Diagnostic {
    let (label, shown) = (passage.label(), &passage.text[marker.range.clone()]);
    let message = match open.last() {
        Some(last) => format!("“{label}”里的“{shown}”接不上前面，应是第{}个", last + 1),
        None => format!("“{label}”从“{shown}”开始，前面没有第一个"),
    };
    passage.at(&NUMBERING, marker.range.clone(), message, "请把序号改成依次递增，每个标题下从一开始")
}

/// A number before a heading that the program numbers itself, or what is left of one.
fn heading_number(passage: &Passage) -> Option<Diagnostic> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:[（(][一二三四五六七八九十0-9]{1,3}[）)]|[一二三四五六七八九十]{1,3}(?:[、.．]|是[^否非一])|[0-9]{1,2}(?:[、．]|\.[^0-9]))")
            .expect("a constant pattern")
    });
    static REMAINDER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*(?:[）)、]|是[^否非])").expect("a constant pattern"));
    if passage.path.pattern() == "title" {
        return None;
    }
    if let Some(number) = NUMBER.find(&passage.text) {
        let message =
            format!("“{}”里手写了序号“{}”，排出来会有两个", passage.label(), number.as_str().trim());
        return Some(passage.at(&NUMBERING, number.range(), message, "请删除序号；标题的序号由程序编排"));
    }
    let rest = REMAINDER.find(&passage.text)?;
    let message = format!("“{}”以“{}”开头，像是序号丢了一半", passage.label(), rest.as_str().trim());
    Some(passage.at(&NUMBERING, rest.range(), message, "请删除残留的字，或把这句话补完整"))
}
