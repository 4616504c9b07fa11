use std::sync::LazyLock;

use super::Texts;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::foreign::ADVERTISING;
use crate::language::lists::Pattern;

code! {
    /// 广告和博彩文字
    ///
    /// 网站被篡改以后，正文里的地名会被换成博彩、广告的词句；从这样的网页上复制文稿，就把它们带进了报告。
    ///
    /// 错误：（某某体育在线备用、某某国际官网一类的词）亚洲城委、市政府按照党中央部署……
    ///
    /// 正确：市委、市政府按照党中央部署……
    ///
    /// 打击网络赌博、查处虚假广告等对工作的叙述不算。词表在 language/data/spam.txt 和 checks/data/offers.txt。
    ///
    /// 看不出：词表里没有的新花样；读起来像正文的软文。
    pub(super) SPAM = "spam", Error
}

const HINT: &str = "请删除，并对照原稿恢复被换掉的文字；网站可能已被篡改";

/// What ends a clause.
const CLAUSE_ENDS: [char; 4] = ['，', '。', '；', '\n'];

/// What advertisements offer. Reports name the same things where they tell of police work.
pub(super) static OFFERS: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::any_of(include_str!("data/offers.txt")));

/// By these a clause tells of police work, and offers nothing.
static POLICE_WORK: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::any_of(include_str!("data/police_work.txt")));

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = texts.rare_passages(&OFFERS).filter_map(offer).collect();
    for passage in texts.rare_passages(&ADVERTISING) {
        let mut spots = ADVERTISING.find_iter(&passage.text);
        let Some(first) = spots.next() else { continue };
        // The words come in clusters; what stands between two of them closely is one cluster.
        let mut range = first.range();
        let mut clusters = 1usize;
        let mut last = range.end;
        for spot in spots {
            let is_close = spot.start() <= last + 12;
            clusters += usize::from(!is_close);
            if is_close && clusters == 1 {
                range.end = spot.end();
            }
            last = spot.end();
        }
        let count = if clusters > 1 { format!("，共{clusters}处") } else { String::new() };
        let message = format!("“{}”里有广告或博彩文字{count}", passage.label());
        found.push(passage.at(&SPAM, range, message, HINT));
    }
    found
}

/// The first offer of a passage that is none of what others were caught at.
fn offer(passage: &Passage) -> Option<Diagnostic> {
    let text = &passage.text;
    let spot = OFFERS.find_iter(text).find(|spot| {
        let start = text[..spot.start()].rfind(CLAUSE_ENDS).unwrap_or(0);
        let end = text[spot.end()..].find(CLAUSE_ENDS).map_or(text.len(), |end| spot.end() + end);
        !ADVERTISING.is_match(spot.as_str()) && !POLICE_WORK.is_match(&text[start..end])
    })?;
    let message = format!("“{}”里有广告或博彩文字“{}”", passage.label(), spot.as_str());
    Some(passage.at(&SPAM, spot.range(), message, HINT))
}
