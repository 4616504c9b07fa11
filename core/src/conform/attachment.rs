//! 7.3.4, 7.3.7: 附件说明 and 附件.

use super::face;
use super::figures::{
    ACROSS_TOP, ATTACHMENT_TITLE_LINE, BLOCK_WIDTH, BODY_SIZE, CELL, INDENT, LEFT, LINES_TOLERANCE,
    PAGE_HEIGHT, PITCH, RULER, TOP,
};
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::paper::{left_edge, lower_edge};
use super::parts::{AttachmentLines, Parts};
use super::pattern::pattern;
use super::spacing::pitch_on;

pattern!(LABEL = r"^附件\d{0,2}$");
pattern!(FIRST_ENTRY = r"^附件[：:](1[.、．])?");
pattern!(STRANGE_NUMBER = r"^(附件：)?(\d{1,2}[、．)）]|[（(]\d{1,2}[)）]|[一二三四五六七八九十]、)");
pattern!(ENTRY = r"^\d{1,2}[.、．]");

/// 7.3.4: 附件说明
pub(super) fn list(document: &Parts) -> Judgement {
    let Some(first) = document.attachment_list.first() else {
        return match document.attachments.len() {
            0 => Judgement::absent("没有附件"),
            count => Judgement::missing(format!("有 {count} 个附件，没有附件说明")),
        };
    };
    let mut tally = Evidence::default();
    let text = first.text();
    tally.expect(FIRST_ENTRY.is_match(&text), first.page, || {
        format!("写作{}，应为“附件：”加名称", first.beginning())
    });
    tally.expect_cells("左空", first.indent(), INDENT, 0.2, first.page);
    let strange = document.attachment_list.iter().find(|line| STRANGE_NUMBER.is_match(&line.text()));
    if let Some(line) = strange {
        tally.fault(line.page, format!("{}的序号应如“1.”", line.beginning()));
    }
    for line in &document.attachment_list {
        let last = line.last();
        tally.expect(!"。，；、.,;".contains(last), line.page, || {
            format!("附件名称后有“{last}”，不加标点")
        });
    }
    // Entries hang below the first one's number, what goes on below its words.
    let columns: Vec<f64> = first.glyphs.iter().skip(3).take(4).map(|glyph| glyph.x).collect();
    for line in &document.attachment_list[1..] {
        let hangs = columns.iter().any(|column| (column - line.left()).abs() <= 2.0 * RULER);
        tally.expect(hangs, line.page, || format!("{}没有与上一行对齐", line.beginning()));
    }
    let body = document.body.iter().flat_map(|paragraph| &paragraph.lines);
    let above = body.filter(|line| line.page == first.page).map(|line| line.baseline).reduce(f64::max);
    if let Some(above) = above {
        let gap = (first.baseline - above) / pitch_on(document, first.page) - 1.0;
        tally.expect((gap - 1.0).abs() <= LINES_TOLERANCE, first.page, || {
            format!("在正文下空 {gap:.1} 行，应空一行")
        });
        tally.measure(format!("在正文下空 {gap:.1} 行"));
    }
    face::expect(&mut tally, "仿宋", &document.attachment_list);
    face::expect_size(&mut tally, "3号", BODY_SIZE, &document.attachment_list);
    tally.judge()
}

/// 7.3.7: 「附件」 on the first line of a sheet
pub(super) fn label(document: &Parts) -> Judgement {
    each(document, |tally, attachment| {
        let label = &attachment.label;
        let page = label.page;
        tally.expect(attachment.is_on_top, page, || format!("{}不在新的一页", label.beginning()));
        tally.expect(LABEL.is_match(&label.text()), page, || {
            format!("写作“{}”，应为“附件”加序号", label.text())
        });
        let row = (label.top() - top_edge(attachment)) / PITCH + 1.0;
        tally.expect(!attachment.is_on_top || (row - 1.0).abs() <= 0.2, page, || {
            format!("“附件”在版心第 {row:.1} 行，应在第一行")
        });
        let off = label.left() - left_edge(document, attachment.is_across);
        tally.expect(off.abs() <= CELL / 5.0, page, || format!("“附件”左空 {:.1} 字，应顶格", off / CELL));
        face::expect(tally, "黑体", [label]);
        face::expect_size(tally, "3号", BODY_SIZE, [label]);
    })
}

/// 7.3.7: the title on the third line, centred
pub(super) fn title(document: &Parts) -> Judgement {
    each(document, |tally, attachment| {
        let page = attachment.label.page;
        let Some(first) = attachment.title.first() else {
            return tally.fault(page, "附件没有标题");
        };
        // A larger character stands on its line with its middle.
        let row = (first.top() - top_edge(attachment)) / PITCH + 1.0;
        let by_middle = (first.middle() - attachment.label.middle()) / PITCH + 1.0;
        let is_right =
            [row, by_middle].iter().any(|row| (row - ATTACHMENT_TITLE_LINE).abs() <= LINES_TOLERANCE);
        tally.expect(is_right, page, || format!("附件标题在版心第 {row:.1} 行，应在第三行"));
        let middle = if attachment.is_across {
            PAGE_HEIGHT - (TOP + lower_edge(document)) / 2.0
        } else {
            LEFT + BLOCK_WIDTH / 2.0
        };
        for line in &attachment.title {
            let off = line.off_centre(middle);
            tally.expect(off <= 2.0 * RULER, page, || format!("{}偏离中线 {off:.1} mm", line.beginning()));
        }
    })
}

/// 7.3.7: numbers and titles agree with 附件说明.
pub(super) fn agreement(document: &Parts) -> Judgement {
    if document.attachments.is_empty() || document.attachment_list.is_empty() {
        return Judgement::absent("没有附件或附件说明");
    }
    let mut entries: Vec<String> = Vec::new();
    for line in &document.attachment_list {
        let text = line.text();
        match entries.last_mut() {
            Some(last) if !ENTRY.is_match(&text) => last.push_str(&text),
            _ => entries.push(text),
        }
    }
    let bare = |entry: &String| {
        let entry = FIRST_ENTRY.replace(entry, "").into_owned();
        ENTRY.replace(&entry, "").into_owned()
    };
    let entries: Vec<String> = entries.iter().map(bare).collect();
    let mut tally = Evidence::default();
    let page = document.attachment_list[0].page;
    tally.expect(entries.len() == document.attachments.len(), page, || {
        format!("附件说明列 {} 个，附件有 {} 个", entries.len(), document.attachments.len())
    });
    for (index, attachment) in document.attachments.iter().enumerate() {
        let label = attachment.label.text();
        let is_only = document.attachments.len() == 1 && label == "附件";
        tally.expect(is_only || label == format!("附件{}", index + 1), attachment.label.page, || {
            format!("第 {} 个附件写作“{label}”", index + 1)
        });
    }
    for (entry, attachment) in entries.iter().zip(&document.attachments) {
        let title: String = attachment.title.iter().map(TextLine::text).collect();
        tally.expect(*entry == title, attachment.label.page, || {
            format!("附件标题“{title}”与附件说明“{entry}”不一致")
        });
    }
    tally.measure(format!("{} 个附件，名称一致", entries.len()));
    tally.judge()
}

fn each(document: &Parts, judge: impl Fn(&mut Evidence, &AttachmentLines)) -> Judgement {
    if document.attachments.is_empty() {
        return match document.attachment_list.is_empty() {
            true => Judgement::absent("没有附件"),
            false => Judgement::missing("有附件说明，没有附件"),
        };
    }
    let mut tally = Evidence::default();
    tally.measure(format!("附件 {} 个", document.attachments.len()));
    document.attachments.iter().for_each(|attachment| judge(&mut tally, attachment));
    let mut judgement = tally.judge();
    if let Some((first, _)) = judgement.measured.clone().split_once("；")
        && judgement.page.is_none()
    {
        judgement.measured = format!("{first}，位置相符");
    }
    judgement
}

fn top_edge(attachment: &AttachmentLines) -> f64 {
    if attachment.is_across { ACROSS_TOP } else { TOP }
}
