use std::sync::LazyLock;

use foldhash::HashMap;
use regex::Regex;

use super::Texts;
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::titles::{self, plain, without_years};
use crate::language::{lists, numerals};

code! {
    /// 文件名称引错
    ///
    /// 书名号里的名称与一部已知的法律、法规或文件只差一两个字，多半是引错了。公文引用文件要用全称，一字不差。
    ///
    /// 错误：《党政主要负责人推进法治建设第一责任人职责规定》（漏“履行”）；《法治政府建设实施纲要（2021—2025）》（漏“年”）。
    ///
    /// 正确：《党政主要负责人履行推进法治建设第一责任人职责规定》；《法治政府建设实施纲要（2021—2025年）》。
    ///
    /// 括号的全角半角、连接号的样式不论；省略“中华人民共和国”和年限的简称不算；省里、市里自己的文件（名称前面有地名，或者末尾是实施办法、细则）不算；只差一个数字的（第八个、第九个五年规划）是另一部，不算。
    ///
    /// 看不出：程序不知道的文件；名称对、文号或日期不对的；没有加书名号的。
    pub(super) MISQUOTED_TITLE = "misquoted-title", Error
}

/// Shorter titles differ from one another by a character or two and still are all right.
const SHORTEST: usize = 5;
/// From this length on a title may differ in two places and still be meant.
const LONG: usize = 14;
/// Nobody's title is longer; what is compared costs length times length.
const LONGEST: usize = 80;

/// A known title as it is compared, and as it is written.
struct KnownTitle {
    /// Without widths, kinds of dash, and years in parentheses.
    stem: Vec<char>,
    title: &'static str,
}

struct Titles {
    /// Everything that may be written: full titles, short forms, stems.
    right: HashMap<String, ()>,
    known: Vec<KnownTitle>,
}

static TITLES: LazyLock<Titles> = LazyLock::new(|| {
    let mut titles = Titles { right: HashMap::default(), known: vec![] };
    for title in lists::lines(include_str!("data/titles.txt")) {
        let plain = plain(title);
        let stem = without_years(&plain).to_owned();
        for form in [&plain, &stem] {
            titles.right.insert(form.clone(), ());
            titles.right.insert(form.trim_start_matches("中华人民共和国").to_owned(), ());
        }
        titles.known.push(KnownTitle { stem: stem.chars().collect(), title });
        if let Some(short) = stem.strip_prefix("中华人民共和国") {
            titles.known.push(KnownTitle { stem: short.chars().collect(), title });
        }
    }
    titles
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let more: Vec<String> = texts.context.settings.titles.iter().map(|title| plain(title)).collect();
    let quoting =
        texts.passages.iter().filter(|passage| passage.has_mark(|mark| matches!(mark, '《' | '〈')));
    quoting.flat_map(|passage| in_passage(passage, &more)).collect()
}

fn in_passage(passage: &Passage, more: &[String]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for range in titles::cited(passage.marks().iter().copied()) {
        let written = &passage.text[range.clone()];
        if let Some(meant) = misquoted(written, more) {
            let message = format!("“{}”里的《{written}》与《{meant}》略有出入", passage.label());
            let hint = format!("如果引的就是它，请写作《{meant}》");
            let one = passage.at(&MISQUOTED_TITLE, range.clone(), message, hint);
            found.push(passage.amended(one, &[(range, meant.to_owned())]));
            if found.len() >= MOST {
                break;
            }
        }
    }
    found
}

/// Whether this check tells of a title between 《 and 》. `more` are titles that are right as well.
pub(super) fn is_told(written: &str, more: &[String]) -> bool {
    misquoted(written, &more.iter().map(|title| plain(title)).collect::<Vec<_>>()).is_some()
}

/// The known title that a quoted one is nearly, but not exactly.
fn misquoted(written: &str, more: &[String]) -> Option<&'static str> {
    if written.chars().count() > LONGEST {
        return None;
    }
    let stem = plain(written);
    let is_right = TITLES.right.contains_key(&stem) || more.contains(&stem);
    if is_right { None } else { meant(&stem) }
}

/// The known title that a quoted one was most likely meant to be.
fn meant(written: &str) -> Option<&'static str> {
    // The right name with years that lack a character, such as （2021-2025）; whether those years
    // exist is for another check.
    static YEARS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(.+)\(((?:19|20)[0-9][0-9])年?-((?:19|20)[0-9][0-9])(年?)\)$")
            .expect("a constant pattern")
    });
    if written.ends_with(')')
        && let Some(years) = YEARS.captures(written)
    {
        let full = format!("{}({}-{}年)", &years[1], &years[2], &years[3]);
        if years[4].is_empty() && TITLES.right.contains_key(&full) {
            return TITLES.known.iter().map(|known| known.title).find(|title| plain(title) == full);
        }
    }
    let stem: Vec<char> = without_years(written).chars().collect();
    TITLES.known.iter().find(|known| is_near(&stem, &known.stem)).map(|known| known.title)
}

/// Whether a title is a slip away from a known one: a character replaced, one or two left out or
/// put in, and in a long title two such places. A place name at the start, another kind of
/// document at the end, or another word in between makes it another title.
fn is_near(written: &[char], known: &[char]) -> bool {
    if written == known || known.len() < SHORTEST || written.len().abs_diff(known.len()) > 3 {
        return false;
    }
    // Where an end differs, the other must agree and as many characters be there: most are told apart by this.
    let (is_begun, is_ended) = (written.first() == known.first(), written.last() == known.last());
    if !(is_begun && is_ended || (is_begun || is_ended) && written.len() == known.len()) {
        return false;
    }
    let before = written.iter().zip(known).take_while(|(one, other)| one == other).count();
    let rest = written.len().min(known.len()) - before;
    let after = written
        .iter()
        .rev()
        .zip(known.iter().rev())
        .take(rest)
        .take_while(|(one, other)| one == other)
        .count();
    let (here, there) = (&written[before..written.len() - after], &known[before..known.len() - after]);
    // Other words at the start or the end: a local document, a short form, its detailed rules.
    if here.len() != there.len() && (before == 0 || after == 0) {
        return false;
    }
    if is_slip(here, there) {
        return true;
    }
    let is_long = known.len() >= LONG && before >= 4 && after >= 2;
    is_long && in_two_places(here, there)
}

/// One place: a character replaced, two exchanged, or at most two left out or put in.
fn is_slip(here: &[char], there: &[char]) -> bool {
    match (here, there) {
        // 第九个五年规划 is no slip of 第八个五年规划.
        ([one], [other]) if is_numeral(*one) && is_numeral(*other) => false,
        ([one], [other]) => is_letter(*one) || is_letter(*other),
        ([a, b], [c, d]) => a == d && b == c,
        ([], left_out) => left_out.len() <= 2,
        (put_in, []) => put_in.len() <= 2 && !matches!(put_in, ['实', '施'] | ['试', '行'] | ['暂', '行']),
        _ => false,
    }
}

/// Two places with something that agrees between them.
fn in_two_places(here: &[char], there: &[char]) -> bool {
    let distance = strsim::generic_damerau_levenshtein(here, there);
    let longer = here.len().max(there.len());
    distance <= 3 && longer > distance + 1
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || numerals::is_place(c)
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
}
