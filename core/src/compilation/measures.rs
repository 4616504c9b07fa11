//! Sections 1 and 3 of the draft: what units did, grouped by area and matter, each sentence with its unit's
//! name; what the sums say stands before them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::chooser::{Chooser, Desk, DraftPart, in_one, origin};
use super::totals::Totals;
use super::utterances::{BodyPlace, Listener, Utterance, own_values, weigh};
use crate::report::{Area, DutyHolder, FieldPath, IssuerKind};

/// So many sums open a paragraph.
const MOST_SUMS: usize = 3;

/// Headings of the draft, by area.
fn heading(area: Area) -> &'static str {
    match area {
        Area::Functions => "依法全面履行政府职能，优化法治化营商环境",
        Area::Institutions => "完善依法行政制度体系，提高制度建设质量",
        Area::Decisions => "严格执行重大行政决策程序，提高依法决策水平",
        Area::Enforcement => "严格规范公正文明执法，提升行政执法质量",
        Area::Emergencies => "健全突发事件应对体系，依法防范化解风险",
        Area::Disputes => "健全矛盾纠纷预防调处化解体系，促进社会公平正义",
        Area::Oversight => "加强行政权力制约和监督，促进权力规范透明运行",
        Area::Digital => "加强科技保障，建设数字法治政府",
        Area::Leadership => "加强党的领导，健全法治政府建设推进机制",
    }
}

/// What is said of one matter: the places of its sums and of its sentences.
#[derive(Default)]
struct MatterShare {
    sums: Vec<usize>,
    sentences: Vec<usize>,
}

pub(super) fn measures(desk: &Desk, totals: &Totals, listener: &mut Listener) -> DraftPart {
    let said = sentences_of_measures(desk, listener);
    let mut by_group: BTreeMap<usize, BTreeMap<Option<usize>, MatterShare>> = BTreeMap::new();
    let mut homeless = 0;
    for (at, one) in said.iter().enumerate() {
        match one.group {
            Some(group) => {
                by_group.entry(group).or_default().entry(one.matter).or_default().sentences.push(at)
            }
            None => homeless += 1,
        }
    }
    for (at, total) in totals.list.iter().enumerate() {
        if let (Some(matter), Some(group)) = listener.matter(total.name) {
            let share = by_group.entry(group).or_default().entry(Some(matter)).or_default();
            share.sums.push(at);
        }
    }
    let mut part = DraftPart::default();
    let mut chooser = Chooser::new(desk, &said);
    for (group, shares) in by_group {
        let index = part.items.len();
        let (shown, left_out) = chosen_matters(desk, totals, shares, &said);
        let mut body: Vec<Value> = Vec::new();
        for (matter, share) in shown {
            let place = crate::path!["measures", index, "body", body.len()];
            if let Some(paragraph) = paragraph(&mut chooser, matter, &share, totals, &place, &mut part) {
                body.push(paragraph);
            }
        }
        let area = listener.area_of(group);
        let heading = area.map_or_else(|| desk.guide.matter_name(group), |area| heading(area));
        if !left_out.is_empty() {
            part.remarks.push(format!(
                "“{heading}”一项限{}段，没有写入的事项：{}。",
                desk.limits.paragraphs_per_area,
                left_out.join("、")
            ));
        }
        if !body.is_empty() {
            part.items.push(json!({ "heading": heading, "area": area, "body": body }));
        }
    }
    let taken = chooser.taken;
    part.remarks.insert(
        0,
        format!("各单位的举措有能够独立成句的{}句，选用{taken}句；其余见各单位的报告。", said.len()),
    );
    if homeless > 0 {
        part.remarks.push(format!("有{homeless}句看不出属于哪个事项，没有写入。"));
    }
    part
}

fn sentences_of_measures<'a>(desk: &Desk<'a>, listener: &mut Listener) -> Vec<Utterance<'a>> {
    let mut said = Vec::new();
    for (unit, one) in desk.units.iter().enumerate() {
        let own = own_values(one);
        for (number, measure) in one.report.measures.iter().enumerate() {
            let path = crate::path!["measures", number];
            let within = BodyPlace { unit, path, heading: measure.heading.as_deref(), area: measure.area };
            said.extend(listener.sentences(&within, &measure.body));
        }
        let of_unit = said.iter_mut().rev().take_while(|one: &&mut Utterance| one.unit == unit);
        of_unit.for_each(|one| one.weight = weigh(one.text, &own));
    }
    said
}

/// The matters of an area of which most is to be told, in the order of the guide, and the names of the others.
fn chosen_matters<'a>(
    desk: &Desk<'a>,
    totals: &Totals,
    shares: BTreeMap<Option<usize>, MatterShare>,
    said: &[Utterance],
) -> (Vec<(Option<usize>, MatterShare)>, Vec<&'a str>) {
    let weight = |share: &MatterShare| {
        let mut units: HashSet<usize> =
            share.sentences.iter().filter(|at| said[**at].weight > 0).map(|at| said[*at].unit).collect();
        let summed = share.sums.iter().map(|at| &totals.list[*at]).filter(|total| total.counted() > 1);
        units.extend(summed.flat_map(|total| total.contributions.iter().map(|one| one.unit)));
        units.len()
    };
    let mut all: Vec<_> = shares.into_iter().map(|(matter, share)| (weight(&share), matter, share)).collect();
    all.retain(|(weight, ..)| *weight > 0);
    // What no matter was found for comes last, whatever its weight.
    all.sort_by_key(|(weight, matter, _)| (matter.is_none(), Reverse(*weight), *matter));
    let rest = all.split_off(all.len().min(desk.limits.paragraphs_per_area));
    let left_out =
        rest.iter().filter_map(|(_, matter, _)| matter.map(|matter| desk.guide.matter_name(matter)));
    let left_out = left_out.collect();
    (all.into_iter().map(|(_, matter, share)| (matter, share)).collect(), left_out)
}

/// A paragraph on a matter; nothing where nothing is to be said.
fn paragraph(
    chooser: &mut Chooser,
    matter: Option<usize>,
    share: &MatterShare,
    totals: &Totals,
    place: &FieldPath,
    part: &mut DraftPart,
) -> Option<Value> {
    let place = if matter.is_some() { place.key("text") } else { place.clone() };
    let mut sums: Vec<usize> = share.sums.clone();
    sums.sort_by_key(|at| Reverse(totals.list[*at].counted()));
    let sums = sums.iter().filter_map(|at| {
        let total = &totals.list[*at];
        Some((*at, total.told(&totals.list, chooser.desk.names)?))
    });
    let sums: Vec<(usize, String)> = sums.take(MOST_SUMS).collect();
    for (at, told) in &sums {
        part.origins.extend(super::origins_of_total(chooser.desk.names, &totals.list[*at], &place, told));
    }
    let chosen = chooser.choose(&share.sentences, &mut part.remarks);
    if sums.is_empty() && chosen.is_empty() {
        return None;
    }
    let written: Vec<String> = chosen.iter().map(|one| chooser.written(one)).collect();
    for (one, written) in chosen.iter().zip(&written) {
        part.origins.push(origin(chooser.desk.names, &place, one, written));
    }
    let sums: Vec<String> = sums.into_iter().map(|(_, told)| told).collect();
    let text = [in_one(&sums), in_one(&written)].concat();
    Some(match matter {
        Some(matter) => {
            json!({ "lead": format!("{}方面。", chooser.desk.guide.matter_name(matter)), "text": text })
        }
        None => text.into(),
    })
}

/// Section 3: a few sentences for each of those who are responsible.
pub(super) fn duties(desk: &Desk, listener: &mut Listener) -> DraftPart {
    let mut said: Vec<(DutyHolder, Utterance)> = Vec::new();
    for (unit, one) in desk.units.iter().enumerate() {
        for (number, duty) in one.report.duties.iter().enumerate() {
            let path = crate::path!["duties", number];
            let within = BodyPlace { unit, path, heading: duty.heading.as_deref(), area: None };
            let heard = listener.sentences(&within, &duty.body);
            said.extend(heard.into_iter().map(|one| (duty.holder, one)));
        }
    }
    let nothing = HashSet::new();
    said.iter_mut().for_each(|(_, one)| one.weight = weigh(one.text, &nothing));
    let mut part = DraftPart::default();
    let total = said.len();
    let mut taken = 0;
    for (holder, heading) in [
        (DutyHolder::Both, "党政主要负责人认真履行推进法治建设第一责任人职责"),
        (DutyHolder::Party, "党委（党组）主要负责人履行职责情况"),
        (DutyHolder::Government, "政府（行政）主要负责人履行职责情况"),
    ] {
        let of_holder: Vec<Utterance> =
            said.iter().filter(|(of, _)| *of == holder).map(|(_, one)| one.clone()).collect();
        let mut chooser = Chooser::new(desk, &of_holder);
        let all: Vec<usize> = (0..of_holder.len()).collect();
        let chosen = chooser.choose(&all, &mut part.remarks);
        let place = crate::path!["duties", part.items.len(), "body", 0usize];
        let written = |one: &&Utterance| {
            let kind = desk.units[one.unit].report.issuer.kind;
            led(chooser.written(one), desk.names.name(one.unit), holder, kind)
        };
        let written: Vec<String> = chosen.iter().map(written).collect();
        for (one, written) in chosen.iter().zip(&written) {
            part.origins.push(origin(desk.names, &place, one, written));
        }
        taken += chooser.taken;
        if !written.is_empty() {
            part.items.push(json!({ "heading": heading, "holder": holder, "body": [in_one(&written)] }));
        }
    }
    part.remarks.push(format!(
        "第三部分取自各单位的履职情况（{total}句选用{taken}句），本级党政主要负责人的履职情况要由人写。"
    ));
    part
}

/// What somebody does who is responsible: a sentence that begins so does not say who.
const DEEDS: [&str; 24] = [
    "主持", "带头", "召开", "听取", "研究", "督促", "推动", "部署", "坚持", "履行", "组织", "出席", "审定",
    "签批", "专题", "亲自", "定期", "全年", "带领", "调度", "协调", "参加", "认真", "批示",
];

/// 临江区政府主要负责人主持…… where the sentence itself leaves out who.
fn led(written: String, name: &str, holder: DutyHolder, kind: IssuerKind) -> String {
    let is_department = kind == IssuerKind::Department;
    let who = match holder {
        DutyHolder::Both => "党政主要负责人",
        DutyHolder::Party if is_department => "党组主要负责人",
        DutyHolder::Party => "党委主要负责人",
        DutyHolder::Government if is_department => "主要负责人",
        DutyHolder::Government => "政府主要负责人",
    };
    match written.strip_prefix(name) {
        Some(rest) if DEEDS.iter().any(|deed| rest.starts_with(deed)) => format!("{name}{who}{rest}"),
        _ => written,
    }
}
