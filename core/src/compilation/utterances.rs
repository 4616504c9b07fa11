//! What units say, sentence by sentence: each with its place, the matter it is about, and how much it says.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::UnitReport;
use crate::guide::{Guide, MatterReader};
use crate::language::standalone::{distinctions, formulas, is_standalone};
use crate::language::{enumeration, figures, sentences};
use crate::report::{Area, Choice, FieldPath, Paragraph};

/// One sentence of a unit.
#[derive(Clone, Debug)]
pub(super) struct Utterance<'a> {
    pub unit: usize,
    pub source: FieldPath,
    /// As the unit wrote it, without the mark at its end.
    pub text: &'a str,
    pub matter: Option<usize>,
    /// The outermost matter that it belongs to.
    pub group: Option<usize>,
    pub weight: i32,
}

/// A sentence of more characters than this says less by being so long.
const LONG: usize = 100;
const LONGER: usize = 160;

/// The sentences of the body of a measure, a duty or a plan, each in its place below `path`. Where a sentence
/// does not show its matter, the words that lead up to it do, else the `area` that the unit chose.
pub(super) struct Listener<'a> {
    guide: &'a Guide,
    reader: MatterReader<'a>,
    groups: Vec<usize>,
    is_built_in: bool,
}

/// Where a body stands and what it is put under.
pub(super) struct BodyPlace<'a> {
    pub unit: usize,
    pub path: FieldPath,
    pub heading: Option<&'a str>,
    pub area: Option<Area>,
}

impl<'a> Listener<'a> {
    pub(super) fn new(guide: &'a Guide) -> Self {
        Self {
            guide,
            reader: guide.reader(),
            groups: guide.groups().collect(),
            is_built_in: std::ptr::eq(guide, &*Guide::built_in()),
        }
    }

    /// The matter of a text and the outermost one around it.
    pub(super) fn matter(&mut self, text: &str) -> (Option<usize>, Option<usize>) {
        let matter = self.reader.matter(text, None);
        (matter, matter.map(|matter| self.guide.group_of(matter)))
    }

    /// The area of the outline that a group of the program's own guide is.
    pub(super) fn area_of(&self, group: usize) -> Option<Area> {
        let place = self.groups.iter().position(|known| *known == group)?;
        Area::ALL.get(place).copied().filter(|_| self.is_built_in)
    }

    fn group_of_area(&self, area: Area) -> Option<usize> {
        let place = Area::ALL.iter().position(|known| *known == area)?;
        self.groups.get(place).copied().filter(|_| self.is_built_in)
    }

    /// The sentences of a body that can stand by themselves.
    pub(super) fn sentences<'r>(
        &mut self,
        within: &BodyPlace<'_>,
        body: &'r [Paragraph],
    ) -> Vec<Utterance<'r>> {
        let preferred = within.area.and_then(|area| self.group_of_area(area));
        let mut heard = Vec::new();
        for (number, paragraph) in body.iter().enumerate() {
            let place = within.path.key("body").index(number);
            let lead = paragraph.lead.as_deref().unwrap_or_default();
            let is_lead_alone = paragraph.text.trim().is_empty();
            let (text, source): (&'r str, FieldPath) = match (is_lead_alone, &paragraph.lead) {
                (true, Some(lead)) => (lead, place.key("lead")),
                (_, None) => (&paragraph.text, place),
                _ => (&paragraph.text, place.key("text")),
            };
            let mut around: Option<Option<usize>> = None;
            for said in apart(text).filter(|said| is_standalone(said)) {
                let mut matter = self.reader.matter(said, preferred);
                if matter.is_none() {
                    matter = *around.get_or_insert_with(|| {
                        let heading = within.heading.unwrap_or_default();
                        let of_lead = self.reader.matter(lead, preferred);
                        of_lead.or_else(|| self.reader.matter(heading, preferred))
                    });
                }
                let group = matter.map(|matter| self.guide.group_of(matter)).or(preferred);
                let source = source.clone();
                heard.push(Utterance { unit: within.unit, source, text: said, matter, group, weight: 0 });
            }
        }
        heard
    }
}

/// The sentences of a text; the points of a list that one sentence makes are sentences of their own.
fn apart(text: &str) -> impl Iterator<Item = &str> {
    let mut parts: Vec<&str> = Vec::new();
    let items = enumeration::items(text);
    let start = items.first().map_or(text.len(), |first| first.start);
    let whole = std::iter::once(0..start).chain(items);
    for part in whole.map(|range| &text[range]) {
        parts.extend(sentences::sentences(part).map(|range| part[range].trim_end_matches(['；', ';', '，'])));
    }
    parts.into_iter()
}

/// How much a sentence says of what was done: figures that are not among the unit's indicators, honours,
/// documents and names; less where it is long, less for words that say nothing.
pub(super) fn weigh(text: &str, own: &HashSet<Decimal>) -> i32 {
    let figures: Vec<Decimal> = figures::sentences(text)
        .iter()
        .flat_map(|sentence| &sentence.figures)
        .filter(|figure| !figure.is_lone)
        .map(|figure| figure.value.normalize())
        .collect();
    let mut weight = figures.len().min(3) as i32 * 2;
    if !figures.is_empty() && figures.iter().all(|value| own.contains(value)) {
        // The sums say it already.
        weight = 1;
    }
    weight += (distinctions(text) * 2).min(4);
    weight += i32::from(text.contains('《')) + i32::from(text.contains('“'));
    weight -= formulas(text) * 2;
    let length = text.chars().count();
    weight - i32::from(length > LONG) * 2 - i32::from(length > LONGER) * 4
}

/// The values of a unit's indicators, to know them where its text repeats them.
pub(super) fn own_values(unit: &UnitReport<'_>) -> HashSet<Decimal> {
    let values = unit.report.indicators.iter().filter_map(|one| one.value.number());
    values.map(|value| value.normalize()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_weigh_more_than_formulas() {
        let none = HashSet::new();
        let weight = |text| weigh(text, &none);
        assert!(weight("建成中心12个，服务群众3万人次") > weight("建成中心12个"));
        assert!(weight("建成中心12个") > weight("建成一批服务中心"));
        assert!(weight("深入贯彻落实决策部署，不断提升治理水平") < 0);
        let own = HashSet::from([Decimal::from(386)]);
        assert!(weigh("受理行政复议案件386件", &own) < weight("受理行政复议案件386件"));
    }

    #[test]
    fn points_of_one_sentence_are_apart() {
        let said: Vec<&str> = apart("一是建成中心12个；二是培训骨干300人。还有一句。").collect();
        assert_eq!(said, ["一是建成中心12个", "二是培训骨干300人", "还有一句"]);
        assert_eq!(apart("").count(), 0);
    }
}
