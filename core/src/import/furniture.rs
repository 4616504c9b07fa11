//! What a site sets around an article and what shows only by where it stands: menus, names of sites beside one
//! another, the row with source and time below the title, the table of an article's data. Each is taken out and
//! told. A sentence is never furniture, and neither is a heading, a point or a signature.

use std::sync::LazyLock;

use regex::Regex;

use super::cleaning::{Changes, Debris};
use super::document::{Block, BlockContent, Style};
use super::{head, marker};
use crate::language::lists;

/// Among how many first and last blocks a site puts its own.
const FAR: usize = 200;

/// The longest line that may be a site's and not an author's, in characters.
const LONGEST: usize = 200;

/// The longest entry of a menu, and the longest that stands on a line alone, in characters.
const LONGEST_ENTRY: usize = 16;
const LONGEST_ALONE: usize = 6;

/// Takes out what stands around the title and behind the end and is a site's.
pub(super) fn clear(blocks: &mut Vec<Block>, changes: &mut Changes) {
    let first_prose = blocks.iter().position(is_prose).unwrap_or(blocks.len());
    let title = blocks.iter().take(first_prose.min(FAR)).position(is_title).unwrap_or(first_prose);
    let last_prose = blocks.iter().rposition(is_prose).unwrap_or(blocks.len());
    let last = last_prose.max(blocks.len().saturating_sub(FAR));
    let mut at = 0;
    blocks.retain(|block| {
        let place = at;
        at += 1;
        let is_of_site = match &block.content {
            BlockContent::Table(rows) => place < first_prose && is_data(rows),
            BlockContent::Text { text, .. } => {
                let is_around = place < first_prose || place > last;
                place != title
                    && is_around
                    && (is_menu(text) || is_row(text, place < first_prose) || place < title && is_entry(text))
            }
        };
        if is_of_site {
            changes.note(Debris::SiteText, block.line, &words(block), "");
        }
        !is_of_site
    });
}

/// What a block says, for the account.
fn words(block: &Block) -> String {
    match &block.content {
        BlockContent::Text { text, .. } => text.trim().to_owned(),
        BlockContent::Table(rows) => rows.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "),
    }
}

/// Whether a block is an author's: a sentence, a heading with its number, a point, to whom it goes.
fn is_prose(block: &Block) -> bool {
    block.words().is_some_and(|(style, text)| {
        let text = text.trim();
        text.contains(['。', '；', '！', '？'])
            || matches!(style, Style::Heading(_))
            || marker::numbered(text).is_some()
            || marker::is_point(text)
            || head::addressees(text).is_some()
    })
}

fn is_title(block: &Block) -> bool {
    block.words().is_some_and(|(style, text)| {
        let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        style == Style::Title || head::is_title(&packed) && head::is_of_matter(&packed)
    })
}

/// Several short entries beside one another, apart by blanks or bars. Names of units that sign together are
/// none.
fn is_menu(text: &str) -> bool {
    static APART: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r"[\s\u{3000}]{2,}|\t|\s*[|｜]\s*|\s+·\s+"));
    if text.chars().nth(LONGEST).is_some() || text.contains(['。', '，', '；', '：', ':']) {
        return false;
    }
    let entries: Vec<&str> = APART.split(text.trim()).filter(|entry| !entry.is_empty()).collect();
    let is_short = |entry: &&str| entry.chars().nth(LONGEST_ENTRY).is_none();
    let is_site = |entry: &&str| entry.ends_with(['网', '站']) || *entry == "首页";
    let is_figure = |entry: &&str| entry.starts_with(|c: char| c.is_ascii_digit());
    let signs = |entry: &&str| head::is_unit(entry);
    let is_many = entries.len() > 2 || entries.len() == 2 && entries.iter().all(is_site);
    is_many && entries.iter().all(is_short) && !entries.iter().any(is_figure) && !entries.iter().all(signs)
}

/// The row below a title that tells where an article comes from and when it was put there: 云州市教育局
/// 2025-01-07 09:07 来源：…….
///
/// Behind the last sentence a date without a time may be that of the signature.
fn is_row(text: &str, is_above: bool) -> bool {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"(?:来\s*源|发布(?:日期|时间|机构|单位|人)?|作\s*者|编辑|浏览(?:次数|量)?|点击(?:次数|数|量|率)?|阅读(?:次数|量|数)?|访问(?:次数|量)|字体|字号|索\s*引\s*号|文\s*号|主题分类|生成日期|成文日期|公开日期|公开方式|更新时间|时间|日期)\s*[:：]|浏览\s*\d+\s*次|[【\[](?:打印|关闭|字体|大)",
        )
    });
    static DAY: LazyLock<Regex> = LazyLock::new(|| lists::pattern(r"20\d\d[-./]\d{1,2}[-./]\d{1,2}"));
    static TIME: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r"20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?\s*\d{1,2}[:：]\d{2}"));
    let is_line = text.chars().nth(LONGEST).is_none() && !text.contains(['。', '；', '，']);
    is_line && (LABEL.is_match(text) || TIME.is_match(text) || is_above && DAY.is_match(text))
}

/// A word or two alone on a line above the title, which name no unit: 省直, 登录.
fn is_entry(text: &str) -> bool {
    let text = text.trim();
    text.chars().nth(LONGEST_ALONE).is_none()
        && !text.contains(|c: char| c.is_numeric() || matches!(c, '：' | ':'))
        && !matches!(text, "特急" | "加急" | "平急" | "特提" | "秘密" | "机密" | "绝密" | "内部")
        && !head::is_signature(text)
        && !text.starts_with("关于")
}

/// Whether a table tells the data of an article: 索引号, 发布机构.
fn is_data(rows: &[Vec<String>]) -> bool {
    static LABELS: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"\A\s*(?:索\s*引\s*号|信息索引|发布(?:机构|单位|日期|时间)|生成日期|成文日期|发文(?:机关|单位|日期|字号)|文\s*号|主题分类|主\s*题\s*词|信息分类|组配分类|公开(?:方式|日期|时限|类别|范围|形式)|名\s*称|信息名称|有效性|时\s*效\s*性|体裁分类)\s*[:：]?",
        )
    });
    rows.iter().flatten().filter(|cell| LABELS.is_match(cell)).count() > 1
}
