//! Section 4 of the draft: what units plan for the year after, in a paragraph for each area.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::chooser::{Chooser, Desk, DraftPart, in_one, origin};
use super::utterances::{BodyPlace, Listener, Utterance, weigh};
use crate::report::Area;

/// Headings of plans, by area.
fn heading(area: Area) -> &'static str {
    match area {
        Area::Functions => "深化政府职能转变，优化法治化营商环境",
        Area::Institutions => "提高制度建设质量",
        Area::Decisions => "推进科学民主依法决策",
        Area::Enforcement => "规范行政执法行为，强化执法监督",
        Area::Emergencies => "提升依法应急处置能力",
        Area::Disputes => "加强矛盾纠纷源头预防和多元化解",
        Area::Oversight => "强化行政权力制约和监督",
        Area::Digital => "推进数字法治政府建设",
        Area::Leadership => "加强组织领导和法治宣传教育",
    }
}

/// A plan says little in figures; what says nothing at all is left out.
const FOR_A_PLAN: i32 = 2;

/// The plans; `numbers` tells which problem of the draft a unit's problem is, so that a plan can name those
/// that it answers.
pub(super) fn plans(
    desk: &Desk,
    numbers: &HashMap<(usize, usize), usize>,
    listener: &mut Listener,
) -> DraftPart {
    let nothing = HashSet::new();
    let mut said: Vec<(Utterance, usize)> = Vec::new();
    for (unit, one) in desk.units.iter().enumerate() {
        for (number, plan) in one.report.plans.iter().enumerate() {
            let path = crate::path!["plans", number];
            let within = BodyPlace { unit, path, heading: plan.heading.as_deref(), area: None };
            for mut heard in listener.sentences(&within, &plan.body) {
                heard.weight = weigh(heard.text, &nothing) + FOR_A_PLAN;
                said.push((heard, number));
            }
        }
    }
    let mut by_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (one, _)) in said.iter().enumerate() {
        if let Some(group) = one.group {
            by_group.entry(group).or_default().push(at);
        }
    }
    let (utterances, plan_of): (Vec<Utterance>, Vec<usize>) = said.into_iter().unzip();
    let mut part = DraftPart::default();
    let mut chooser = Chooser::new(desk, &utterances);
    for (group, sentences) in by_group {
        let chosen = chooser.choose(&sentences, &mut part.remarks);
        if chosen.is_empty() {
            continue;
        }
        let place = crate::path!["plans", part.items.len(), "body", 0usize];
        let mut answers = BTreeSet::new();
        let mut written = Vec::new();
        for one in chosen {
            let told = planned(chooser.written(one), desk.names.name(one.unit));
            part.origins.push(origin(desk.names, &place, one, &told));
            written.push(told);
            let at = sentences.iter().find(|at| std::ptr::eq(&utterances[**at], one));
            let plan = at.map(|at| &desk.units[one.unit].report.plans[plan_of[*at]]);
            let answered = plan.into_iter().flat_map(|plan| &plan.answers);
            answers.extend(
                answered.filter_map(|number| {
                    numbers.get(&(one.unit, (number.number() as usize).checked_sub(1)?))
                }),
            );
        }
        let area = listener.area_of(group);
        let heading = area.map_or_else(|| desk.guide.matter_name(group), |area| heading(area));
        let mut item = json!({ "heading": heading, "body": [in_one(&written)] });
        if !answers.is_empty() {
            item["answers"] = answers.into_iter().copied().collect::<Vec<usize>>().into();
        }
        part.items.push(item);
    }
    if !utterances.is_empty() {
        part.remarks.push(format!(
            "第四部分取自各单位的安排（{}句选用{}句），本级的任务、牵头单位和对应的不足要由人写定。",
            utterances.len(),
            chooser.taken
        ));
    }
    part
}

/// 临江区将建立…… where the sentence does not say so itself.
fn planned(written: String, name: &str) -> String {
    let Some(rest) = written.strip_prefix(name) else { return written };
    let says_so = rest.chars().take(12).any(|c| matches!(c, '将' | '拟'));
    if says_so { written } else { format!("{name}将{rest}") }
}
