use std::sync::LazyLock;

use regex::Regex;

use super::Texts;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;

code! {
    /// 数字的写法
    ///
    /// 《出版物上数字用法》（GB/T 15835—2011）：年份用四位数字；数值范围里的“万”“亿”前后都要写，不然 3～5万 分不清是 3 还是 3 万；小于一的小数，小数点前要有 0。
    ///
    /// 错误：检查商户3千余户、3、5天办结、2024年十二月31日。
    ///
    /// 错误：24年度、24年全区办理复议386件、2021—25年、涉案金额3～5万元、下降.5个百分点。
    ///
    /// 正确：2024年度、2021—2025年、涉案金额3万～5万元、下降0.5个百分点。
    ///
    /// “连续23年”“近24年来”是年数，不是年份，不算；“24年全区……”放在句首，是年份。
    ///
    /// 看不出：该用汉字还是该用阿拉伯数字的体例是否统一（如“三项”与“3项”混用）。
    pub(super) NUMERAL_FORM = "numeral-form", Warning
}

/// A form that the standard rules out: what it looks like, what is wrong, what to write.
/// The first group is the spot.
struct NumeralForm {
    pattern: Regex,
    fault: &'static str,
    hint: &'static str,
}

static FORMS: LazyLock<[NumeralForm; 10]> = LazyLock::new(|| {
    let form = |pattern: &str, fault, hint| NumeralForm {
        pattern: Regex::new(pattern).expect("a constant pattern"),
        fault,
        hint,
    };
    [
        form(
            r"(?:^|[^0-9.．])([012][0-9]年(?:度|底|末|初|上半年|下半年|[0-9]{1,2}月))",
            "年份没有写全",
            "请写四位数字的年份",
        ),
        // 24年全区…, but not 24年来, 20年如一日, 15年陈案, 12年义务教育.
        form(
            r"(?:^|[。；！？：\n])\s*([012][0-9]年)(?:[，,]|以来|[^度底末初来间里内如磨的以之后前期制义有国老陈龄历坚守一多余中都过就上下0-9])",
            "年份没有写全",
            "请写四位数字的年份",
        ),
        form(
            r"[，,]([012][0-9]年)(?:全[省市区县镇局系]|[我本][省市区县镇局]|共|累计)",
            "年份没有写全",
            "请写四位数字的年份",
        ),
        form(
            r"(?:较|比|与|自|从|截至|截止|[省市区县旗州局厅委镇])([012][0-9]年)(?:[，。；、增减下上同相的起全法依工共]|以来|$)",
            "年份没有写全",
            "请写四位数字的年份",
        ),
        form(
            r"(?:^|[^0-9])((?:19|20)[0-9][0-9]年?\s*[-－—–−~～至]+\s*[0-9][0-9]年)",
            "年份没有写全",
            "请写四位数字的年份",
        ),
        form(
            r"(?:^|[^0-9.．万亿—－~～-])([0-9]+(?:\.[0-9]+)?\s*[-－—–−~～至]+\s*[0-9]+(?:\.[0-9]+)?[万亿])",
            "范围的前一个数缺少“万”或“亿”",
            "请在前一个数后面也写上“万”或“亿”",
        ),
        // 3千余户, but not 5千米 and 5千瓦, which are units.
        form(
            r"(?:^|[^0-9.．])([0-9]+(?:\.[0-9]+)?[百千](?:余|多)?(?:[万亿]?元|[户人件个名次家份条场位处]))",
            "数字和“百”“千”混写",
            "请全用阿拉伯数字，如 3000，或者全用汉字，如“三千”",
        ),
        form(
            r"(?:^|[^0-9第、.．])([1-9]、[1-9](?:天|小时|年|个月|分钟))",
            "两个数连用表示约数，用了阿拉伯数字",
            "请用汉字，如“三五天”，或者写成范围，如“3～5天”",
        ),
        form(
            r"(?:^|[^0-9])([0-9]{4}年[一二三四五六七八九十]{1,3}月|[0-9]{1,2}月[一二三四五六七八九十]{1,3}日)",
            "一个日期里两种数字混写",
            "请都用阿拉伯数字",
        ),
        form(r"(?:^|[^0-9A-Za-z.．])([.．][0-9]+)", "小数点前没有 0", "请在小数点前写 0"),
    ]
});

/// All of them at once.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let patterns: Vec<String> = FORMS.iter().map(|form| format!("(?:{})", form.pattern.as_str())).collect();
    lists::pattern(&patterns.join("|"))
});

const DASHES: [char; 8] = ['-', '－', '—', '–', '−', '~', '～', '至'];
const NUMERALS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let texts = texts.passages.iter().filter(|passage| passage.kind != PassageKind::Name);
    let texts = texts.filter(|passage| is_suspect(passage) && ANY.is_match(&passage.text));
    texts.flat_map(in_passage).collect()
}

/// Whether one of its digits has beside it what every form has: a shortened year, a dash, a point without its
/// 0. Most texts have digits, and few have these.
fn is_suspect(passage: &Passage) -> bool {
    let bytes = passage.text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    passage.marks().iter().any(|&(at, mark)| match mark {
        '.' | '．' => is_digit(at + mark.len_utf8()) && !(at > 0 && is_digit(at - 1)),
        '0'..='9' if !is_digit(at + 1) => {
            let mut behind = passage.text[at + 1..].chars();
            let next = behind.next();
            let then = behind.as_str().trim_start();
            match next {
                Some('百' | '千') => true,
                Some('、') => then.starts_with(|c: char| c.is_ascii_digit()),
                Some('月') => then.starts_with(NUMERALS),
                Some('年') => {
                    let is_shortened = at > 0 && is_digit(at - 1) && !(at > 1 && is_digit(at - 2));
                    is_shortened || then.starts_with(NUMERALS) || then.starts_with(DASHES)
                }
                Some(c) => DASHES.contains(&c) || c.is_whitespace() && then.starts_with(DASHES),
                None => false,
            }
        }
        _ => false,
    })
}

fn in_passage(passage: &Passage) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for form in FORMS.iter() {
        for spot in form.pattern.captures_iter(&passage.text).filter_map(|form| form.get(1)).take(MOST) {
            // 近20年, 连续10年初步: with a word of duration before it, it is no year.
            let before = &passage.text[..spot.start()];
            let is_duration = spot.as_str().contains('年')
                && [
                    "连续", "近", "约", "满", "长达", "历时", "坚持", "超过", "为期", "前", "后", "这",
                    "过去", "工作", "执业", "未来",
                ]
                .iter()
                .any(|word| before.ends_with(word));
            if !is_duration {
                let message = format!("“{}”里的“{}”：{}", passage.label(), spot.as_str(), form.fault);
                found.push(passage.at(&NUMERAL_FORM, spot.range(), message, form.hint));
            }
        }
    }
    found
}
