//! The parts of a document, recognised as a reader would: by where they stand, how they look and
//! how they begin. Nothing is taken from tags or names inside the file.

use std::collections::BTreeSet;

use super::figures::{BODY_SIZE, CELL, LEFT, PITCH, RIGHT, TITLE_SIZE};
use super::heading::is_heading;
use super::line::{TextLine, is_black, is_red};
use super::page::{Glyph, PdfPages, StraightLine};
use super::pattern::pattern;
use super::sheet::{self, BodySheet};

/// A rule as long as this, in millimetres, goes across the text block.
const LONG: f64 = 100.0;
/// Parts of a line further apart than this many characters are parts by themselves.
const APART: f64 = 1.6;
/// What is larger than this, in points, is larger than text.
const LARGE: f64 = TITLE_SIZE - 3.0;
/// A line that begins further right than this, in 字, begins a paragraph.
const INDENTED: f64 = 1.3;
/// A line that begins further right than this is part of no paragraph.
const SET_APART: f64 = 2.6;
/// The title of a document is larger than this, in points.
const LARGER: f64 = BODY_SIZE + 1.0;
/// What stands further below the date than this, in millimetres, is no 附注.
const FAR_BELOW: f64 = 3.0 * PITCH;
/// A line that leaves so much of itself empty, in 字, is the last of its paragraph.
const ENDED: f64 = 3.0;

pattern!(DOCUMENT_NUMBER = r"[〔\[［（(【].*\d{2,4}.*[〕\]］）)】].*号$");
pattern!(COLOPHON = r"^(抄送|主送)[:：]|日印发$");
pattern!(
    DATE = r"^([\d０-９]{2,4}年[\d０-９]{1,2}月[\d０-９]{1,2}日|[〇○零Ｏ一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十廿]{1,3}日)$"
);
// The names of those to whom a document goes, as they end.
pattern!(
    AGENCIES = r"^[^。；！？]*(政府|委员会|委|办|办公室|局|厅|部|院|会|署|处|行|所|站|中心|机关|机构|单位|部门|团体|组织|公司|企业|集团|学校|大学|学院|省|市|区|县|旗|州|盟|乡|镇|街道|同志)[：:]$"
);
pattern!(ATTACHMENT = r"^附件[\d０-９一二三四五六七八九十]{0,3}[:：]?$");
pattern!(ATTACHMENT_LIST = r"^附件[:：].");

/// A finished document, taken apart.
pub(super) struct Parts {
    pub sheets: Vec<BodySheet>,
    pub letterhead: Option<Letterhead>,
    pub title: Vec<TextLine>,
    pub addressees: Vec<TextLine>,
    /// The paragraphs and headings of the main part.
    pub body: Vec<ParagraphLines>,
    pub attachment_list: Vec<TextLine>,
    pub signature: Option<SignatureLines>,
    pub notes: Vec<TextLine>,
    pub attachments: Vec<AttachmentLines>,
    pub colophon: Option<Colophon>,
    /// The faces whose text cannot be read.
    pub not_embedded: BTreeSet<String>,
}

/// 版头
#[derive(Default)]
pub(super) struct Letterhead {
    /// 发文机关标志
    pub mark: Vec<TextLine>,
    pub rule: Option<StraightLine>,
    /// 发文字号
    pub number: Option<TextLine>,
    /// 签发人, a line each row.
    pub signatories: Vec<TextLine>,
    /// 份号, 密级, 紧急程度 and whatever else stands above the mark.
    pub above: Vec<TextLine>,
}

/// The lines of a paragraph or heading.
pub(super) struct ParagraphLines {
    pub lines: Vec<TextLine>,
}

/// 署名 and 成文日期
pub(super) struct SignatureLines {
    pub names: Vec<TextLine>,
    pub date: TextLine,
}

/// 附件
pub(super) struct AttachmentLines {
    /// Whether its label is the first thing on its sheet.
    pub is_on_top: bool,
    pub label: TextLine,
    pub title: Vec<TextLine>,
    pub body: Vec<ParagraphLines>,
    pub is_across: bool,
}

/// 版记
pub(super) struct Colophon {
    pub page: usize,
    pub lines: Vec<TextLine>,
    pub rules: Vec<StraightLine>,
}

impl ParagraphLines {
    pub(super) fn text(&self) -> String {
        self.lines.iter().map(TextLine::text).collect()
    }
}

impl Parts {
    pub(super) fn of(PdfPages { pages, not_embedded }: PdfPages) -> Self {
        let mut sheets = sheet::settle(pages);
        let colophon = take_colophon(&mut sheets);
        let letterhead = sheets.first_mut().and_then(take_letterhead);

        // Attachments begin where a label stands by itself at the left, after the first sheet.
        let is_label = |line: &TextLine| ATTACHMENT.is_match(&line.text()) && !line.is_tabular;
        let all: Vec<(usize, usize)> = sheets
            .iter()
            .enumerate()
            .flat_map(|(sheet, on)| (0..on.lines.len()).map(move |line| (sheet, line)))
            .collect();
        let labels: Vec<usize> =
            (0..all.len()).filter(|at| is_label(&sheets[all[*at].0].lines[all[*at].1])).collect();
        let lines_of = |range: std::ops::Range<usize>| -> Vec<TextLine> {
            all[range].iter().map(|(sheet, line)| sheets[*sheet].lines[*line].clone()).collect()
        };
        let main_end = labels.first().copied().unwrap_or(all.len());
        let mut main = lines_of(0..main_end);
        let attachments = labels.iter().enumerate().map(|(index, start)| {
            let end = labels.get(index + 1).copied().unwrap_or(all.len());
            let is_across = sheets[all[*start].0].page.is_across();
            AttachmentLines::of(lines_of(*start..end), all[*start].1 == 0, is_across)
        });
        let attachments = attachments.collect();

        let title = take_title(&mut main);
        let addressees = take_addressees(&mut main);
        let (after_date, date) = split_at_date(&mut main);
        let attachment_list = take_attachment_list(&mut main);
        let notes = date.as_ref().map_or_else(Vec::new, |date| notes(after_date, date));
        let signature = date.map(|date| SignatureLines { names: take_names(&mut main, &date), date });
        Self {
            letterhead,
            title,
            addressees,
            body: paragraphs(main),
            attachment_list,
            signature,
            notes,
            attachments,
            colophon,
            sheets,
            not_embedded,
        }
    }

    /// Whether it is a 报送版: it has a 版头.
    pub(super) fn is_formal(&self) -> bool {
        self.letterhead.is_some()
    }

    /// All paragraphs, those of attachments that stand upright too.
    pub(super) fn paragraphs(&self) -> impl Iterator<Item = &ParagraphLines> {
        let upright = self.attachments.iter().filter(|attachment| !attachment.is_across);
        self.body.iter().chain(upright.flat_map(|attachment| &attachment.body))
    }

    /// The lines of all paragraphs.
    pub(super) fn running(&self) -> impl Iterator<Item = &TextLine> {
        self.paragraphs().flat_map(|paragraph| &paragraph.lines)
    }

    /// Why its text cannot be judged, if it cannot.
    pub(super) fn illegible(&self) -> Option<String> {
        let mut glyphs = self.sheets.iter().flat_map(|sheet| &sheet.page.glyphs);
        if !self.not_embedded.is_empty() {
            let faces: Vec<&str> = self.not_embedded.iter().map(String::as_str).collect();
            Some(format!("字体没有嵌入：{}", faces.join("、")))
        } else if !glyphs.any(|glyph| !glyph.text.is_empty()) {
            Some("没有文字（可能是扫描件）".into())
        } else {
            None
        }
    }
}

impl TextLine {
    /// Its parts that stand far from each other.
    pub(super) fn parts(&self) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for glyph in &self.glyphs {
            match parts.last_mut() {
                Some(part) if glyph.x - part.right() < APART * glyph.em() => part.glyphs.push(glyph.clone()),
                _ => parts.push(Self { glyphs: vec![glyph.clone()], ..self.clone() }),
            }
        }
        parts
    }
}

impl AttachmentLines {
    fn of(mut lines: Vec<TextLine>, is_on_top: bool, is_across: bool) -> Self {
        let label = lines.remove(0);
        let page = label.page;
        let title = take_while(&mut lines, |line| {
            let is_apart = line.indent() > SET_APART && !is_sentence(line);
            line.page == page && !line.is_tabular && (line.size() > LARGE || is_apart)
        });
        Self { is_on_top, label, title, body: paragraphs(lines), is_across }
    }
}

fn take_while(lines: &mut Vec<TextLine>, belongs: impl Fn(&TextLine) -> bool) -> Vec<TextLine> {
    let count = lines.iter().take_while(|line| belongs(line)).count();
    lines.drain(..count).collect()
}

/// 版头: whatever stands above the red rule or, without one, down to the red letters and the
/// number below them.
fn take_letterhead(sheet: &mut BodySheet) -> Option<Letterhead> {
    let is_red_rule = |rule: &&StraightLine| rule.is_level() && rule.width() > LONG && is_red(rule.colour);
    let rule = sheet.page.rules.iter().find(is_red_rule).copied();
    let is_red =
        |line: &TextLine| line.glyphs.iter().filter(|glyph| glyph.is_red()).count() * 2 > line.glyphs.len();
    let is_mark = |line: &TextLine| line.size() > LARGE && is_red(line);
    let is_number = |line: &TextLine| line.parts().iter().any(|part| DOCUMENT_NUMBER.is_match(&part.text()));
    // Above a red rule it is one in whatever colour, or a red one that is larger than text: that of
    // many agencies is small.
    let is_above = |line: &TextLine| {
        rule.is_some_and(|rule| line.bottom() < rule.top)
            && (line.size() > LARGE || line.size() > LARGER && is_red(line))
    };
    let is_mark = |line: &TextLine| if rule.is_some() { is_above(line) } else { is_mark(line) };
    let last_mark = sheet.lines.iter().rposition(is_mark);
    let end = match (rule, last_mark) {
        (Some(rule), _) => sheet.lines.iter().take_while(|line| line.bottom() < rule.bottom + 1.0).count(),
        (None, Some(mark)) => {
            let below = sheet.lines[mark + 1..].iter().take(3).position(is_number);
            mark + 1 + below.map_or(0, |number| number + 1)
        }
        (None, None) => return None,
    };
    let mut letterhead = Letterhead { rule, ..Letterhead::default() };
    let mark_bottom = last_mark.map_or(0.0, |mark| sheet.lines[mark].bottom());
    for line in sheet.lines.drain(..end) {
        if is_mark(&line) {
            letterhead.mark.push(line);
        } else if line.bottom() < mark_bottom {
            letterhead.above.push(line);
        } else {
            let (numbers, names): (Vec<TextLine>, Vec<TextLine>) =
                line.parts().into_iter().partition(|part| DOCUMENT_NUMBER.is_match(&part.text()));
            letterhead.number = numbers.into_iter().next_back().or(letterhead.number);
            // Names of a row may stand far apart.
            let glyphs: Vec<Glyph> = names.into_iter().flat_map(|part| part.glyphs).collect();
            if !glyphs.is_empty() {
                letterhead.signatories.push(TextLine { glyphs, ..line });
            }
        }
    }
    Some(letterhead)
}

/// The title: what stands first on the first sheet in larger type, or in the middle.
fn take_title(lines: &mut Vec<TextLine>) -> Vec<TextLine> {
    let is_central = |line: &TextLine| {
        (line.centre() - (LEFT + RIGHT) / 2.0).abs() < CELL / 2.0
            && line.indent() > SET_APART
            && !is_sentence(line)
    };
    take_while(lines, |line| line.page == 1 && !line.is_tabular && (line.size() > LARGER || is_central(line)))
}

/// 主送机关: up to a colon, before the first paragraph; from the left edge, or, where they are not set as they
/// should be, in the words of one.
fn take_addressees(lines: &mut Vec<TextLine>) -> Vec<TextLine> {
    const MOST: usize = 8;
    let on_first = || lines.iter().take_while(|line| line.page == 1 && !line.is_tabular).take(MOST);
    let is_end = |line: &TextLine| line.text().ends_with(['：', ':']);
    let flush = on_first().take_while(|line| line.indent() < INDENTED).position(is_end);
    let named = || {
        let end = on_first().position(is_end)?;
        let text: String = lines[..=end].iter().map(TextLine::text).collect();
        AGENCIES.is_match(&text).then_some(end)
    };
    flush.or_else(named).map_or_else(Vec::new, |end| lines.drain(..=end).collect())
}

/// 附注: what stands below the date, on its sheet, up to a table or whatever else is no line of text.
fn notes(after: Vec<TextLine>, date: &TextLine) -> Vec<TextLine> {
    let mut notes: Vec<TextLine> = Vec::new();
    for line in after {
        let before = notes.last().unwrap_or(date);
        let follows = line.page == before.page && line.baseline - before.baseline < FAR_BELOW
            || line.page == before.page + 1 && line.first() == '（';
        if line.is_tabular || line.parts().len() > 1 || !follows {
            break;
        }
        notes.push(line);
    }
    notes
}

/// Cuts the lines at the last date that stands by itself: what follows it, and it.
fn split_at_date(lines: &mut Vec<TextLine>) -> (Vec<TextLine>, Option<TextLine>) {
    let is_date =
        |line: &TextLine| DATE.is_match(&line.text()) && line.indent() > SET_APART && !line.is_tabular;
    let Some(at) = lines.iter().rposition(is_date) else { return (Vec::new(), None) };
    let after = lines.split_off(at + 1);
    (after, lines.pop())
}

/// 附件说明: from its label on, as long as lines hang below its entries.
fn take_attachment_list(lines: &mut Vec<TextLine>) -> Vec<TextLine> {
    let Some(start) = lines.iter().rposition(|line| ATTACHMENT_LIST.is_match(&line.text())) else {
        return Vec::new();
    };
    let hangs = |line: &TextLine, first: &TextLine| {
        first.glyphs[1..].iter().any(|glyph| (glyph.x - line.left()).abs() < 1.0)
            && line.indent() > SET_APART + 1.0
            && line.indent() < 8.0
    };
    let more = lines[start + 1..].iter().zip(&lines[start..]).take_while(|(line, before)| {
        let follows = line.page != before.page || line.baseline - before.baseline < 1.3 * PITCH;
        follows && hangs(line, &lines[start])
    });
    let end = start + 1 + more.count();
    lines.drain(start..end).collect()
}

/// 署名: the lines above the date that belong to no paragraph.
fn take_names(lines: &mut Vec<TextLine>, date: &TextLine) -> Vec<TextLine> {
    // Names that wait for seals may stand side by side over the whole line.
    let is_row = |line: &TextLine| line.parts().len() > 1 && !is_sentence(line);
    let is_text = |line: &TextLine| {
        let is_near = line.page + 1 >= date.page;
        line.is_tabular || is_sentence(line) || line.indent() < SET_APART && !is_row(line) || !is_near
    };
    let mut start = lines.iter().rposition(is_text).map_or(0, |last| last + 1);
    // A name of several lines begins as far left as a paragraph does, but ends before the edge.
    while start > 0 && is_of_long_name(&lines[..start], &lines[start..], date) {
        start -= 1;
    }
    lines.split_off(start)
}

/// Whether the last of the lines `above` is one more of a long name's. The name's own last line may
/// be short; the one before it then tells.
fn is_of_long_name(above: &[TextLine], below: &[TextLine], date: &TextLine) -> bool {
    let (line, before) = match above {
        [.., before, line] => (line, Some(before)),
        [line] => (line, None),
        [] => return false,
    };
    let is_level = |one: &TextLine, other: &TextLine| (one.left() - other.left()).abs() < 1.0;
    let is_full = |line: &TextLine| line.inset() > INDENTED && line.inset() < SET_APART;
    let is_last = below.is_empty()
        && before.is_some_and(|before| {
            is_full(before) && is_level(before, line) && line.baseline - before.baseline < 1.3 * PITCH
        });
    let goes_on = is_full(line) && is_level(line, below.first().unwrap_or(date));
    line.page == date.page && !is_sentence(line) && (goes_on || is_last)
}

fn is_sentence(line: &TextLine) -> bool {
    line.text().contains(['。', '，', '；'])
}

/// 版记: from the last sheet that has one.
fn take_colophon(sheets: &mut [BodySheet]) -> Option<Colophon> {
    let is_part = |line: &TextLine| COLOPHON.is_match(&line.text()) && !line.is_tabular;
    let sheet = sheets.iter().rposition(|sheet| sheet.lines.iter().any(is_part));
    let long_rules = |sheet: &BodySheet| -> Vec<StraightLine> {
        let is_long = |rule: &&StraightLine| rule.is_level() && rule.width() > LONG && is_black(rule.colour);
        let mut rules: Vec<StraightLine> = sheet.page.rules.iter().filter(is_long).copied().collect();
        rules.sort_by(|one, other| one.top.total_cmp(&other.top));
        rules
    };
    if let Some(at) = sheet {
        let sheet = &mut sheets[at];
        let known = sheet.lines.iter().position(is_part).expect("a part is on the sheet");
        // A long name of the printing office begins lines above its date, below the first rule.
        let top = sheet.lines[known].top();
        let rule = long_rules(sheet).into_iter().rfind(|rule| rule.top < top && top - rule.top < 3.0 * PITCH);
        let is_below = |line: &TextLine| rule.is_some_and(|rule| line.top() > rule.top) && !line.is_tabular;
        let first = sheet.lines.iter().position(is_below).unwrap_or(known).min(known);
        let lines = sheet.lines.split_off(first);
        let top = lines[0].top() - CELL;
        let above = sheet.lines.last().map_or(0.0, TextLine::bottom);
        let rules = long_rules(sheet).into_iter().filter(|rule| rule.top > top.max(above)).collect();
        return Some(Colophon { page: sheet.page.number, lines, rules });
    }
    // Without 抄送 and 印发 its rules alone tell it, where they are not those of a table.
    let sheet = sheets.last_mut()?;
    let rules = long_rules(sheet);
    let is_table = sheet.page.rules.iter().any(|rule| !rule.is_level());
    if rules.len() < 2 || is_table {
        return None;
    }
    let first = sheet.lines.iter().position(|line| line.top() > rules[0].top)?;
    Some(Colophon { page: sheet.page.number, lines: sheet.lines.split_off(first), rules })
}

/// Groups lines into paragraphs: one begins where a line is indented, or where the line before it had ended.
fn paragraphs(lines: Vec<TextLine>) -> Vec<ParagraphLines> {
    let mut paragraphs: Vec<ParagraphLines> = Vec::new();
    for line in lines.into_iter().filter(|line| !line.is_tabular) {
        match paragraphs.last_mut() {
            Some(paragraph) if line.indent() < INDENTED && !has_ended(paragraph, &line) => {
                paragraph.lines.push(line);
            }
            _ => paragraphs.push(ParagraphLines { lines: vec![line] }),
        }
    }
    paragraphs
}

/// Whether a paragraph ends before a line: it leaves room at the end of a sentence, or the line is a heading.
fn has_ended(paragraph: &ParagraphLines, next: &TextLine) -> bool {
    let is_sentence = |line: &TextLine| matches!(line.last(), '。' | '！' | '？' | '；' | '：' | '”');
    let Some(line) = paragraph.lines.last() else { return false };
    let of_face = |glyph: Option<&Glyph>| glyph.map(|glyph| glyph.face.clone());
    let is_other_face = of_face(next.glyphs.iter().find(|glyph| glyph.is_han()))
        != of_face(line.glyphs.iter().rfind(|glyph| glyph.is_han()));
    let begins_heading = is_heading(&next.text());
    begins_heading && is_other_face
        || line.inset() > ENDED && (begins_heading || is_sentence(line) || is_heading(&paragraph.text()))
}
