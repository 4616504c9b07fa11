//! What does not belong to a report is taken out, and each change is written down with its place:
//! codes of pagination, what a site puts around an article, advertising, half-width marks, odd
//! spaces. What a sentence says is never touched.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{Block, BlockContent, SourceDocument};
use super::spam::Spam;
use crate::language::foreign::REMAINS;
use crate::language::invisible::is_invisible;
use crate::language::lists;
use crate::language::marks::{half_width, is_chinese};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "清理的种类")]
pub enum Debris {
    /// 分页代码
    PaginationCode,
    /// 网页页眉页脚
    SiteText,
    /// 页码
    PageNumber,
    /// 重复的标题
    DoubledTitle,
    /// 广告和博彩文字
    Spam,
    /// 句中换行
    BrokenLine,
    /// 半角标点
    HalfWidthMark,
    /// 全角数字
    FullWidthDigit,
    /// 多余空格
    OddSpace,
    /// 看不见的字符
    InvisibleCharacter,
    /// 繁体字
    TraditionalCharacter,
}

impl Debris {
    /// The words that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::PaginationCode => "分页代码",
            Self::SiteText => "网页页眉页脚",
            Self::PageNumber => "页码",
            Self::DoubledTitle => "重复的标题",
            Self::Spam => "广告和博彩文字",
            Self::BrokenLine => "句中换行",
            Self::HalfWidthMark => "半角标点",
            Self::FullWidthDigit => "全角数字",
            Self::OddSpace => "多余空格",
            Self::InvisibleCharacter => "看不见的字符",
            Self::TraditionalCharacter => "繁体字",
        }
    }
}

/// One change: what stood there, what stands there now.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一处清理")]
pub struct Change {
    #[schemars(description = "清理的种类")]
    pub kind: Debris,
    #[schemars(description = "清理的种类的名称")]
    pub label: &'static str,
    /// The line of the source.
    #[schemars(description = "在来源的第几行（段），从 1 数起")]
    pub line: usize,
    #[schemars(description = "原来的文字")]
    pub original: String,
    #[schemars(description = "改成的文字；空的表示删除")]
    pub replacement: String,
    /// A little of what stands before and behind it, the change itself marked 【】.
    #[schemars(description = "前后的文字")]
    pub around: String,
}

/// All changes, in their order, and how many more there were than anyone reads.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub told: Vec<Change>,
    pub untold: usize,
}

/// How many changes are written down one by one.
const MOST: usize = 100_000;

/// How many characters are shown on either side of a change.
const AROUND: usize = 8;

impl Changes {
    /// Replaces these parts of a text, and writes each down. The parts are in order and apart.
    fn apply<'a>(
        &mut self,
        text: &'a str,
        kind: Debris,
        line: usize,
        parts: &[(std::ops::Range<usize>, &str)],
    ) -> Cow<'a, str> {
        if parts.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut changed = String::with_capacity(text.len());
        let mut end = 0;
        for (range, replacement) in parts {
            changed.push_str(&text[end..range.start]);
            changed.push_str(replacement);
            end = range.end;
            let original = &text[range.clone()];
            let before: Vec<char> = text[..range.start].chars().rev().take(AROUND).collect();
            let before: String = before.into_iter().rev().collect();
            let after: String = text[range.end..].chars().take(AROUND).collect();
            self.push(Change {
                kind,
                label: kind.label(),
                line,
                original: original.to_owned(),
                replacement: (*replacement).to_owned(),
                around: format!("{before}【{original}】{after}"),
            });
        }
        changed.push_str(&text[end..]);
        Cow::Owned(changed)
    }

    fn push(&mut self, change: Change) {
        match self.told.len() < MOST {
            true => self.told.push(change),
            false => self.untold += 1,
        }
    }

    /// Writes down that a whole text was taken out or changed.
    pub(super) fn note(&mut self, kind: Debris, line: usize, original: &str, replacement: &str) {
        self.push(Change {
            kind,
            label: kind.label(),
            line,
            original: original.to_owned(),
            replacement: replacement.to_owned(),
            around: String::new(),
        });
    }
}

/// Cleans every block of a document. What nothing is left of is no block any more.
pub(super) fn clean(document: SourceDocument, spam: &Spam, changes: &mut Changes) -> SourceDocument {
    let SourceDocument { mut blocks, outside, remarks } = document;
    for (line, text) in &outside {
        changes.note(Debris::SiteText, *line, text, "");
    }
    for block in blocks.iter_mut().take(FIRST) {
        if let BlockContent::Text { text, .. } = &mut block.content
            && let Some(title) = behind_crumbs(text)
        {
            changes.note(Debris::SiteText, block.line, text[..text.len() - title.len()].trim(), "");
            *text = title.to_owned();
        }
    }
    let mut cleaned = Vec::with_capacity(blocks.len());
    for Block { line, content } in blocks {
        let content = match content {
            BlockContent::Text { style, text } => {
                let text = words(&text, line, spam, changes);
                if text.is_empty() {
                    continue;
                }
                BlockContent::Text { style, text }
            }
            BlockContent::Table(rows) => {
                let mut cell = |text: String| words(&text, line, spam, changes);
                let rows = rows.into_iter().map(|row| row.into_iter().map(&mut cell).collect()).collect();
                BlockContent::Table(rows)
            }
        };
        cleaned.push(Block { line, content });
    }
    without_page_numbers(&mut cleaned, changes);
    SourceDocument { blocks: cleaned, outside, remarks }
}

/// Among how many first lines a site puts itself before the title.
const FIRST: usize = 5;

/// The title that stands behind names of a site and its columns: 云州市人民政府 通知公告 云州市……报告.
fn behind_crumbs(text: &str) -> Option<&str> {
    static CRUMBS: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"\A\s*(?:[^\s，。：；]{2,20}\s+)+([^\s，。：；]{2,40}20\d\d年[^\s。]{2,40}(?:报告|总结|计划|要点))\s*\z",
        )
    });
    let text = (text.len() < LONGEST_SITE_LINE).then_some(text)?;
    CRUMBS.captures(text)?.get(1).map(|title| title.as_str())
}

static SITE: LazyLock<Regex> = LazyLock::new(|| {
    let lines: Vec<&str> = lists::lines(include_str!("data/site.txt")).collect();
    lists::pattern(&format!(r"\A\s*(?:{})\s*\z", lines.join("|")))
});

/// The longest line that may be a site's and not an author's, in bytes.
const LONGEST_SITE_LINE: usize = 400;

fn words(text: &str, line: usize, spam: &Spam, changes: &mut Changes) -> String {
    let text = without_invisible(text, line, changes);
    if text.len() < LONGEST_SITE_LINE && SITE.is_match(&text) {
        changes.note(Debris::SiteText, line, text.trim(), "");
        return String::new();
    }
    let is_code = |text: &str| text.starts_with(['#', '[']);
    let found = |text: &str, is_of: &dyn Fn(&str) -> bool| -> Replacements {
        let found = REMAINS.find_iter(text).filter(|found| is_of(found.as_str()));
        found.map(|found| (found.range(), "")).collect()
    };
    let text = changes.apply(&text, Debris::PaginationCode, line, &found(&text, &is_code));
    let remains = found(&text, &|text| !is_code(text));
    let has_remains = !remains.is_empty();
    let text = changes.apply(&text, Debris::SiteText, line, &remains);
    // 【】 around what was taken out.
    if has_remains && !text.contains(char::is_alphanumeric) {
        return String::new();
    }
    marks(&text, line, spam, changes)
}

fn marks(text: &str, line: usize, spam: &Spam, changes: &mut Changes) -> String {
    let text = changes.apply(text, Debris::Spam, line, &spam.parts(text));
    let text = changes.apply(&text, Debris::FullWidthDigit, line, &full_width_digits(&text));
    let text = changes.apply(&text, Debris::HalfWidthMark, line, &half_width_marks(&text));
    let text = changes.apply(text.trim(), Debris::OddSpace, line, &odd_spaces(text.trim()));
    text.into_owned()
}

/// Without what no report can hold; a tab is a space, and spaces are judged later.
fn without_invisible<'a>(text: &'a str, line: usize, changes: &mut Changes) -> Cow<'a, str> {
    let parts: Vec<_> = text
        .char_indices()
        .filter(|(_, c)| is_invisible(*c))
        .map(|(at, c)| (at..at + c.len_utf8(), if c.is_whitespace() { " " } else { "" }))
        .collect();
    if parts.iter().all(|(range, _)| text[range.clone()].chars().all(char::is_whitespace)) {
        let mut silent = Changes::default();
        return silent.apply(text, Debris::OddSpace, line, &parts);
    }
    changes.apply(text, Debris::InvisibleCharacter, line, &parts)
}

type Replacements = Vec<(std::ops::Range<usize>, &'static str)>;

fn full_width_digits(text: &str) -> Replacements {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    text.char_indices()
        .filter_map(|(at, c)| {
            let digit = match c {
                '０'..='９' => DIGITS[c as usize - '０' as usize],
                '％' => "%",
                _ => return None,
            };
            Some((at..at + c.len_utf8(), digit))
        })
        .collect()
}

fn half_width_marks(text: &str) -> Replacements {
    let mut found: Vec<(usize, char)> = half_width(text);
    found.extend(partners(text, &found));
    found.sort_unstable();
    found.dedup();
    let mut quotes = 0;
    found
        .into_iter()
        .map(|(at, mark)| {
            let full = match mark {
                ',' => "，",
                ':' => "：",
                ';' => "；",
                '(' => "（",
                ')' => "）",
                '!' => "！",
                '?' => "？",
                '\'' => "’",
                _ => {
                    quotes += 1;
                    if quotes % 2 == 1 { "“" } else { "”" }
                }
            };
            (at..at + 1, full)
        })
        .collect()
}

/// The other bracket of each that becomes full-width: a pair is of one width.
fn partners(text: &str, changed: &[(usize, char)]) -> Vec<(usize, char)> {
    if !changed.iter().any(|(_, mark)| matches!(mark, '(' | ')')) {
        return vec![];
    }
    let is_changed = |at: usize| changed.binary_search_by_key(&at, |(place, _)| *place).is_ok();
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' => open.push(at),
            ')' => {
                let Some(start) = open.pop() else { continue };
                if is_changed(start) != is_changed(at) {
                    found.extend([(start, '('), (at, ')')]);
                }
            }
            _ => {}
        }
    }
    found
}

/// Spaces that touch Chinese writing. Those between Western words stay.
fn odd_spaces(text: &str) -> Replacements {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(char::is_whitespace).map(|at| from + at) {
        let end = text[start..].find(|c: char| !c.is_whitespace()).map_or(text.len(), |at| start + at);
        let touches = |c: Option<char>| c.is_some_and(is_chinese);
        if touches(text[..start].chars().next_back()) || touches(text[end..].chars().next()) {
            found.push((start..end, ""));
        }
        from = end;
    }
    found
}

/// Numbers that stand alone, as a page has them at its foot: — 3 —, 第3页. A bare number is one only at
/// the very end; elsewhere it may be a cell of a table.
fn without_page_numbers(blocks: &mut Vec<Block>, changes: &mut Changes) {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"\A(?:[-—－–·]\s*\d{1,3}\s*[-—－–·]|第\s*\d{1,3}\s*页(?:[，,/ ]?共\s*\d{1,3}\s*页)?)\z",
        )
    });
    let is_bare = |text: &str| text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let last = blocks.len().saturating_sub(1);
    let mut at = 0;
    blocks.retain(|block| {
        at += 1;
        let Some((_, text)) = block.words() else { return true };
        let is_number = NUMBER.is_match(text) || at > last && is_bare(text);
        if is_number {
            changes.note(Debris::PageNumber, block.line, text, "");
        }
        !is_number
    });
}
