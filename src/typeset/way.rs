//! What the standard lets an author do where the usual layout would break a rule, tried in its
//! order (GB/T 9704-2012, 7.3.2, 7.3.3, 7.3.5.5). The one that was taken is told.

use std::ops::RangeInclusive;

use typst::foundations::{Dict, IntoValue};
use typst::layout::{Abs, Frame};
use typst_layout::PagedDocument;

use super::flow::{Flow, Trial};
use super::frames::{baselines, lowest_text, marked, places};
use super::last_pages::{LastPages, LinePitch};
use crate::code;
use crate::diagnostic::{Diagnostic, Failed};
use crate::report::FieldPath;

code! {
    /// 调整了行距
    ///
    /// 公文首页必须显示正文，署名和成文日期不能单独在一页。版头、标题和主送机关占满首页，或者为署名移去末段
    /// 会空出三行以上时，程序调整行距：首页的事全文由每页22行改排23行；署名的事只改最后几页，排23行，不够时按需要排19至25行。
    /// GB/T 9704-2012 允许在特定情况下这样调整（5.2.3、7.3.5.5）。
    ///
    /// 这只是告知，不需要改正。想保持每页22行，首页的事请缩短标题，或减少联合署名的机关；署名的事请增减几个字。
    pub SPACING_ADJUSTED = "spacing-adjusted", Note
}

code! {
    /// 主送机关移到了版记
    ///
    /// 主送机关名称过多使首页不能显示正文的，GB/T 9704-2012 要求把它移到版记（7.3.2）。
    /// 程序先试着收紧行距，仍不够时才移。
    ///
    /// 这只是告知，不需要改正。想让主送机关留在首页，请用主送机关的统称，或缩短标题。
    pub ADDRESSEES_MOVED = "addressees-moved", Note
}

code! {
    /// 首页没有正文
    ///
    /// 公文首页必须显示正文（GB/T 9704-2012，7.3.3）。收紧行距、把主送机关移到版记之后，首页仍排不下一行正文。
    ///
    /// 改正：缩短标题，或减少版头里的机关和签发人。
    pub FIRST_PAGE_WITHOUT_TEXT = "first-page-without-text", Warning
}

code! {
    /// 末段随署名移到了下一页
    ///
    /// 署名和成文日期不能单独在一页（GB/T 9704-2012，7.3.5.5）。末页只剩署名时，程序把正文的末段一同移去，
    /// 所以前一页的末尾空着几行。要空两行以上的，程序先试着收紧最后几页的行距；收紧了也排不下，就只移去末段的末一两行。
    ///
    /// 这只是告知，不需要改正。想填满前一页，请增减几个字。
    pub TEXT_TAKEN_ALONG = "text-taken-along", Note
}

code! {
    /// 署名没有与正文同页
    ///
    /// 署名和成文日期不能单独在一页（GB/T 9704-2012，7.3.5.5）。联合署名的机关太多、一页排不下，或者附件说明很长、
    /// 占满了署名之前的版面时，程序调整之后署名所在的页上仍没有正文。
    ///
    /// 改正：增减正文的几个字，减少联合署名的机关，或合并附件。
    pub SIGNATURE_WITHOUT_TEXT = "signature-without-text", Warning
}

/// A way to lay a document out; the usual one changes nothing.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) struct Way {
    squeezed: bool,
    addressees_moved: bool,
    pub(super) last_pages: LastPages,
}

/// The ways in their order: spacing first, then 主送机关.
const WAYS: [Way; 4] = [
    USUAL,
    Way { squeezed: true, ..USUAL },
    Way { addressees_moved: true, ..USUAL },
    Way { squeezed: true, addressees_moved: true, ..USUAL },
];

const USUAL: Way =
    Way { squeezed: false, addressees_moved: false, last_pages: LastPages { kept: 0, pitch: None } };

impl Way {
    /// What the layout library is told of the whole document; how its last pages are set it asks for.
    pub(super) fn inputs(self) -> Option<Dict> {
        let told = [
            ("squeezed".into(), self.squeezed.into_value()),
            ("addressees-moved".into(), self.addressees_moved.into_value()),
        ];
        (self.squeezed || self.addressees_moved).then(|| Dict::from_iter(told))
    }

    fn last_pages(self, kept: usize, pitch: Option<LinePitch>) -> Self {
        Self { last_pages: LastPages { kept, pitch }, ..self }
    }

    fn notes(self) -> Vec<Diagnostic> {
        let mut notes = Vec::new();
        if self.squeezed {
            notes.push(SPACING_ADJUSTED.at(
                FieldPath::root(),
                "为使首页显示正文，全文每页排23行",
                "不需要改正；缩短标题可以恢复每页22行",
            ));
        }
        if self.addressees_moved {
            notes.push(ADDRESSEES_MOVED.at(
                crate::path!["addressees"],
                "为使首页显示正文，主送机关移到了版记",
                "不需要改正；缩短标题可以让主送机关留在首页",
            ));
        }
        notes
    }
}

/// The document laid out so that page 1 shows text and the signature has company, if any way does
/// that. Text that goes along with the signature leaves lines empty before it: where they are more
/// than a few, the last pages are rather set closer; where that does not help, no more of the last paragraph
/// goes along than need be, and the last pages are set wider.
pub(super) fn first_that_will_do(
    mut compile: impl FnMut(Way) -> Result<PagedDocument, Failed>,
) -> Result<(PagedDocument, Vec<Diagnostic>), Failed> {
    let (way, usual, warning) = first_that_shows_text(&mut compile)?;
    let mut notes: Vec<_> = warning.into_iter().chain(way.notes()).collect();
    let (document, note) = with_company(way, usual, &mut compile)?;
    notes.extend(note);
    notes.extend(stands_alone(&document));
    Ok((document, notes))
}

/// The document with text beside its signature and no page before it half empty, and what had to be done for it.
fn with_company(
    way: Way,
    usual: PagedDocument,
    compile: &mut impl FnMut(Way) -> Result<PagedDocument, Failed>,
) -> Result<(PagedDocument, Option<Diagnostic>), Failed> {
    let signed = marked(&usual, "signed").map_or(0, |(page, _)| page);
    if blemish(&usual) > FEW && !way.squeezed {
        if let Some(found) = set_otherwise(way, &usual, 1..=signed.saturating_sub(2), CLOSER, 0, compile)? {
            return Ok(found);
        }
        // What has one page besides that of its signature has no last pages.
        if signed == 2 {
            let closer = compile(Way { squeezed: true, ..way })?;
            if fits(&closer, signed, CLOSER) {
                return Ok((closer, Some(adjusted("全文", CLOSER))));
            }
        }
    }
    let along = lines_along(&usual);
    let mut best = usual.clone();
    for kept in [2, 1].into_iter().filter(|kept| *kept < along) {
        if blemish(&best) > MOST_EMPTY && taken_along(&best).is_some() {
            let torn = compile(way.last_pages(kept, None))?;
            if blemish(&torn) < blemish(&best) {
                best = torn;
            }
        }
    }
    if blemish(&best) > MOST_EMPTY && !way.squeezed {
        // All pages at last, of a text of a few.
        let all = signed.saturating_sub(1);
        let reaches = [1..=signed.saturating_sub(2), all..=if signed > FEW_PAGES { 0 } else { all }];
        for (reach, (per_page, kept)) in
            reaches.into_iter().flat_map(|reach| FURTHER.map(|how| (reach.clone(), how)))
        {
            if let Some(found) = set_otherwise(way, &usual, reach, per_page, kept, compile)? {
                return Ok(found);
            }
        }
    }
    let note = taken_along(&best).map(|empty| {
        TEXT_TAKEN_ALONG.at(
            crate::path!["signature"],
            format!("署名不能单独在一页，正文的末尾随它移到了下一页，前一页末尾空{empty}行"),
            "不需要改正；增减几个字可以填满前一页",
        )
    });
    Ok((best, note))
}

/// The document with as few of its last pages as need be set closer or wider, so that they hold so many lines; none
/// where that does not help. They are counted from the one before the signature's.
fn set_otherwise(
    way: Way,
    usual: &PagedDocument,
    reach: RangeInclusive<usize>,
    per_page: usize,
    kept: usize,
    compile: &mut impl FnMut(Way) -> Result<PagedDocument, Failed>,
) -> Result<Option<(PagedDocument, Option<Diagnostic>)>, Failed> {
    let Some((signed, _)) = marked(usual, "signed") else { return Ok(None) };
    let flow = Flow::of(usual, signed);
    // Closer ones take the signature back to the last of them; wider ones end with its own.
    let last = if per_page > USUAL_LINES { signed - 1 } else { signed };
    for pages in reach.take_while(|pages| *pages <= MOST_RESPACED && *pages < signed) {
        let first = signed - pages;
        // What stays with the signature is set so from where it begins.
        if !flow.fits(Trial { pages, per_page, kept }, MOST_EMPTY)
            || marked(usual, "kept-with-next").is_some_and(|(kept, _)| kept < first)
        {
            continue;
        }
        let Some(pitch) = LinePitch::from_page(usual, first, signed, per_page) else { break };
        let document = compile(way.last_pages(kept, Some(pitch)))?;
        if fits(&document, signed, per_page) {
            let pages =
                if first == last { format!("第{first}页") } else { format!("第{first}至{last}页") };
            return Ok(Some((document, Some(adjusted(&pages, per_page)))));
        }
    }
    Ok(None)
}

/// Whether a signature that stood on this page is on the one before, where pages hold more lines than usual, and
/// whether that one is full enough.
fn fits(document: &PagedDocument, signed: usize, per_page: usize) -> bool {
    let page = marked(document, "signed").map_or(0, |(page, _)| page);
    if per_page > USUAL_LINES {
        page < signed && blemish(document) <= FEW
    } else {
        page == signed && blemish(document) <= MOST_EMPTY
    }
}

fn adjusted(pages: &str, per_page: usize) -> Diagnostic {
    SPACING_ADJUSTED.at(
        FieldPath::root(),
        format!("为使署名不单独在一页，{pages}每页排{per_page}行"),
        "不需要改正；增减几个字可以恢复每页22行",
    )
}

/// How many lines are empty at the foot of the page before the signature's; a signature without text is worse than
/// any.
fn blemish(document: &PagedDocument) -> usize {
    let Some(signed) = places(document, "signed").into_iter().next() else { return 0 };
    let page = signed.page.get();
    let frame = |page: usize| document.pages().get(page.checked_sub(1)?).map(|page| &page.frame);
    let has_text = frame(page).is_none_or(|frame| lowest_text(frame, signed.point.y).is_some());
    if !has_text {
        return usize::MAX;
    }
    frame(page - 1).and_then(empty_lines).unwrap_or(0)
}

/// How many lines are empty at the foot of a page.
fn empty_lines(frame: &Frame) -> Option<usize> {
    let bottom = Abs::mm(TOP_MARGIN + TEXT_BLOCK_HEIGHT);
    let last = lowest_text(frame, bottom)?;
    Some(((bottom - last) / Abs::mm(LINE)) as usize)
}

/// What is said of a signature that has no text on its page, whatever was done.
fn stands_alone(document: &PagedDocument) -> Option<Diagnostic> {
    let signed = places(document, "signed");
    let (first, last) = (signed.first()?, signed.last()?);
    let page = &document.pages().get(first.page.get() - 1)?.frame;
    let has_text = lowest_text(page, first.point.y).is_some();
    (!has_text || last.page > first.page).then(|| {
        let message = match has_text {
            true => "署名排到了没有正文的页上，一页排不下全部联合署名",
            false => "署名和成文日期单独在一页，没有正文",
        };
        let hint = "请增减正文的几个字，或减少联合署名的机关，使署名与正文同页";
        SIGNATURE_WITHOUT_TEXT.at(crate::path!["signature"], message, hint)
    })
}

/// The first way that shows text on page 1; the usual one, with a warning, if none does.
fn first_that_shows_text(
    mut compile: impl FnMut(Way) -> Result<PagedDocument, Failed>,
) -> Result<(Way, PagedDocument, Option<Diagnostic>), Failed> {
    for way in WAYS {
        let document = compile(way)?;
        if shows_text(&document) {
            return Ok((way, document, None));
        }
    }
    let warning = FIRST_PAGE_WITHOUT_TEXT.at(
        crate::path!["title"],
        "版头、标题和主送机关占满了首页，首页没有正文",
        "请缩短标题，或减少版头里的机关和签发人",
    );
    let way = Way::default();
    Ok((way, compile(way)?, Some(warning)))
}

/// Whether page 1 has room for a line where the text begins, and that is on it.
fn shows_text(document: &PagedDocument) -> bool {
    let bottom = Abs::mm(TOP_MARGIN + TEXT_BLOCK_HEIGHT);
    marked(document, "text-begins").is_none_or(|(page, begins)| page == 1 && bottom - begins >= HALF_A_LINE)
}

/// How many lines the last paragraph left empty to go to the next page with the signature.
fn taken_along(document: &PagedDocument) -> Option<usize> {
    let (page, begins) = marked(document, "kept-with-next")?;
    let empty = empty_lines(&document.pages().get(page.checked_sub(2)?)?.frame)?;
    (begins < Abs::mm(TOP_MARGIN + LINE) && empty > 0).then_some(empty)
}

/// How many lines go along with the signature at most: those between where they begin and it. Of one line none can be
/// left behind.
fn lines_along(document: &PagedDocument) -> usize {
    let (Some((first, begins)), Some((page, signed))) =
        (marked(document, "kept-with-next"), marked(document, "signed"))
    else {
        return 0;
    };
    if first != page {
        return usize::MAX;
    }
    let lines = baselines(&document.pages()[page - 1].frame, |_| true);
    lines.into_iter().filter(|line| (begins..signed).contains(line)).count()
}

/// 5.2.1, in millimetres.
const TOP_MARGIN: f64 = 37.0;
const TEXT_BLOCK_HEIGHT: f64 = 225.0;
/// About a line.
const LINE: f64 = 10.0;
/// Of a character of 三号.
const HALF_A_LINE: Abs = Abs::raw(8.0);

/// So many lines may stay empty at the foot of a page before the signature: less of a blemish than
/// other spacing.
const FEW: usize = 2;

/// No more should, where other spacing does not help.
const MOST_EMPTY: usize = 3;

/// 5.2.3
const USUAL_LINES: usize = 22;

/// How many lines a page holds that is set closer for the sake of a signature.
const CLOSER: usize = 23;

/// The same where that does not help: wider or closer still, each with how many lines of the last paragraph go along with
/// the signature, if not all.
const FURTHER: [(usize, usize); 12] = [
    (CLOSER, 0),
    (21, 0),
    (21, 2),
    (21, 1),
    (24, 0),
    (20, 0),
    (20, 2),
    (20, 1),
    (25, 0),
    (19, 0),
    (19, 2),
    (19, 1),
];

/// No more of the last pages are set so.
const MOST_RESPACED: usize = 5;

/// Of a text of no more pages all may be.
const FEW_PAGES: usize = 4;
