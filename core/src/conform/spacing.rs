//! 5.2.3, 7.3.5.5: sheets whose lines are set closer or wider than usual, so that a signature has text beside it or the
//! first sheet shows some.

use std::ops::RangeInclusive;

use super::figures::{LINES, PITCH, RULER, SQUEEZED_LINES, TOP, pitch};
use super::line::TextLine;
use super::parts::Parts;

/// So many sheets at the end of the text may be set closer or wider for what stands there; of a text of so few all may.
const LAST_SHEETS: usize = 6;
const FEW_SHEETS: usize = 4;
/// How many lines a sheet may hold then, with the usual ones.
const ADJUSTED_LINES: RangeInclusive<usize> = LINES - 3..=LINES + 3;
/// By how many lines it may be wrong what a text would take up that was set otherwise.
const GUESS: usize = 3;

/// Whether a sheet may leave lines empty though its text goes on: the last ones may go to the next sheet so that its
/// signature has company, and the first sheet has elements that are not set otherwise where its text is.
pub(super) fn may_end_early(document: &Parts, number: usize) -> bool {
    let signed = document.signature.as_ref().map(|signature| signature.date.page);
    signed == Some(number + 1) || number == 1 && is_respaced(document, number)
}

/// Whether the lines of a sheet are set closer or wider than usual, and may be.
pub(super) fn is_respaced(document: &Parts, number: usize) -> bool {
    adjustment(document).is_some_and(|it| it.sheets.contains(&number))
}

/// From line to line on a sheet.
pub(super) fn pitch_on(document: &Parts, number: usize) -> f64 {
    adjustment(document).filter(|it| it.sheets.contains(&number)).map_or(PITCH, |it| pitch(it.lines))
}

/// Sheets whose lines were set closer or wider, as the standard lets one do where need be, and what for.
pub(super) struct Adjustment {
    pub(super) reason: &'static str,
    pub(super) sheets: RangeInclusive<usize>,
    /// How many each holds.
    pub(super) lines: usize,
}

/// What lines were set closer or wider for, if they are so exactly by whole lines a sheet and there was need of it.
pub(super) fn adjustment(document: &Parts) -> Option<Adjustment> {
    let body = || document.body.iter().flat_map(|paragraph| &paragraph.lines);
    let of_body = |number: usize| body().filter(|line| line.page == number).collect::<Vec<_>>();
    let numbers = document.sheets.iter().map(|sheet| sheet.page.number);
    let known: Vec<(usize, usize)> =
        numbers.filter_map(|number| Some((number, per_sheet(&of_body(number))?))).collect();
    let (first, lines) = *known.iter().find(|(_, lines)| *lines != LINES)?;
    let is_other_after = known.iter().any(|(number, other)| *number > first && *other != lines);
    if body().filter(|line| line.page == 1).count() <= 2 && lines == SQUEEZED_LINES {
        let last = if is_other_after { first } else { document.sheets.len() };
        return Some(Adjustment { reason: "首页显示正文", sheets: 1..=last, lines });
    }
    let date = &document.signature.as_ref()?.date;
    let found =
        Adjustment { reason: "署名不单独在一页", sheets: first..=document.sheets.len(), lines };
    if first > 1 {
        // The last sheets alone.
        let is_last = !is_other_after && date.page < first + LAST_SHEETS;
        return is_last.then_some(found);
    }
    if lines != SQUEEZED_LINES && (date.page > FEW_SHEETS || !has_usual_head(document)) {
        return None;
    }
    let row = |line: &TextLine| ((line.top() - TOP) / pitch(lines)).round() as usize + 1;
    // Where a list of attachments alone keeps the signature company, there was hardly room for both.
    let Some(last) = body().rfind(|line| line.page == date.page) else { return Some(found) };
    // As usual each sheet before it would hold a line less, or more, and these lines would come here or leave. Headings
    // that no line may part from their text make that a guess.
    let before = date.page - 1;
    let usual = (row(last) + before * lines + 2 * LINES - before * LINES - 1) % LINES + 1;
    let is_needed = usual + GUESS + row(date) - row(last) > LINES;
    is_needed.then_some(found)
}

/// Whether the title and what is below it stand as on any first sheet: text that is set otherwise for the sake of a
/// signature leaves them alone, and a document that always has so many lines does not.
fn has_usual_head(document: &Parts) -> bool {
    let mut below =
        document.addressees.iter().chain(document.body.iter().flat_map(|paragraph| &paragraph.lines));
    document
        .title
        .last()
        .zip(below.next())
        .is_some_and(|(title, below)| (below.top() - title.top() - 2.0 * PITCH).abs() <= RULER)
}

/// How many lines as far apart as these a sheet holds; none where they are too few to tell.
pub(super) fn per_sheet(lines: &[&TextLine]) -> Option<usize> {
    let steps = lines.windows(2).map(|pair| pair[1].baseline - pair[0].baseline).filter(|step| *step > 0.0);
    let closest = steps.reduce(f64::min)?;
    let off = |lines: &usize| (closest - pitch(*lines)).abs();
    ADJUSTED_LINES.min_by(|one, other| off(one).total_cmp(&off(other)))
}
