use std::sync::LazyLock;

use regex::Regex;

use super::Texts;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;
use crate::language::numerals::{circled, place};
use crate::report::FieldPath;

code! {
    /// 手写的序号不对
    ///
    /// 章节和标题的序号由程序编排；“一是、二是”等由作者写在引导句和文字里，要从一开始、依次递增，换一个标题重新起头。
    ///
    /// 错误：一是……。二是……。四是……。
    ///
    /// 错误：标题写作“（一）规范执法”（排出来序号有两个），或者“是注重督促考核”（序号丢了一半）。
    ///
    /// 正确：一是……。二是……。三是……。标题写作“规范执法”。
    ///
    /// 一点里面再分一是、二是，不算重复；“第二，”“②”同样检查。
    pub(super) NUMBERING = "numbering", Error
}

/// The families of numbers that are written in running text, each with its own sequence. The
/// first number may stand anywhere (主要原因一是…), the others begin a clause.
static FAMILIES: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        r"(?:^|[。；，：、！？\n;,:]\s*)([一二三四五六七八九十]{1,3})是|[^统唯同进单其之第专归合十]([一])是",
        r"([①-⑳])",
        r"(?:^|[。；：\n;:]\s*)第([一二三四五六七八九十]{1,3})[，、]",
    ]
    .map(lists::pattern)
});

/// How many lists within lists are followed.
const DEEPEST: usize = 6;

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let headings = texts.passages.iter().filter(|passage| passage.kind == PassageKind::Heading);
    let mut found: Vec<Diagnostic> = headings.filter_map(heading_number).collect();
    for family in FAMILIES.iter() {
        let mut list = FieldPath::root();
        let mut open = Vec::new();
        for passage in texts.passages_with(family).iter().filter(|passage| passage.is_prose()) {
            if !family.is_match(&passage.text) {
                continue;
            }
            // A heading's paragraphs share one sequence; the next heading starts anew.
            if list != list_of(passage) {
                (list, open) = (list_of(passage), Vec::new());
            }
            found.extend(in_sequence(passage, family, &mut open));
        }
    }
    found
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

/// What is wrong with the numbers of one family in a passage. `open` holds the last number of
/// each list that is still going on, the innermost last.
fn in_sequence(passage: &Passage, family: &Regex, open: &mut Vec<usize>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for capture in family.captures_iter(&passage.text) {
        let Some(written) = capture.get(1).or(capture.get(2)) else { continue };
        let Some(number) = value(written.as_str()) else { continue };
        if number == 1 {
            open.push(1);
            // Nobody nests deeper; what is forgotten is a list that never went on.
            if open.len() > DEEPEST {
                open.remove(0);
            }
            continue;
        }
        if let Some(depth) = open.iter().rposition(|last| last + 1 == number) {
            open.truncate(depth + 1);
            open[depth] = number;
            continue;
        }
        // After other words a lone 二是 goes on from what bears no number.
        if number == 2
            && open.is_empty()
            && written.start() > 0
            && family.captures_iter(&passage.text).nth(1).is_none()
        {
            open.push(number);
            continue;
        }
        if found.len() >= MOST {
            break;
        }
        let expected = open.last().map_or(1, |last| last + 1);
        let shown = passage.text[written.start()..].chars().take(written.as_str().chars().count() + 1);
        let message = match open.last() {
            Some(_) => format!(
                "“{}”里的“{}”接不上前面，应是第{expected}个",
                passage.label(),
                shown.collect::<String>()
            ),
            None => format!("“{}”从“{}”开始，前面没有第一个", passage.label(), shown.collect::<String>()),
        };
        found.push(passage.at(
            &NUMBERING,
            written.range(),
            message,
            "请把序号改成依次递增，每个标题下从一开始",
        ));
        match open.last_mut() {
            Some(last) => *last = number,
            None => open.push(number),
        }
    }
    found
}

/// A number before a heading that the program numbers itself, or what is left of one.
fn heading_number(passage: &Passage) -> Option<Diagnostic> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:[（(][一二三四五六七八九十0-9]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、.．]|[0-9]{1,2}(?:[、．]|\.[^0-9]))")
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
        return Some(passage.at(&NUMBERING, number.range(), message, "请删去序号；标题的序号由程序编排"));
    }
    let rest = REMAINDER.find(&passage.text)?;
    let message = format!("“{}”以“{}”开头，像是序号丢了一半", passage.label(), rest.as_str().trim());
    Some(passage.at(&NUMBERING, rest.range(), message, "请删去残留的字，或把这句话补完整"))
}

/// 十二 → 12, ③ → 3.
fn value(written: &str) -> Option<usize> {
    place(written).or_else(|| written.chars().next().and_then(circled))
}
