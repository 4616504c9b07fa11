//! Plans of work, there and back.

use nianbao_core::report::WorkPlan;

use super::*;
use crate::desk::project;

/// A plan as the template prints it.
fn written(plan: &WorkPlan) -> Vec<Block> {
    let mut blocks = vec![];
    let issuer = plan.issuer.as_ref().map_or("", |issuer| &*issuer.name);
    let title = plan.title.as_ref().map_or_else(
        || format!("{issuer}\n{}年法治政府建设工作计划", plan.year.number()),
        |title| title.to_string(),
    );
    blocks.push(paragraph("Title", vec![field("title", &title)]));
    for (at, text) in plan.preface.iter().enumerate() {
        lines(&mut blocks, vec![], &format!("preface[{at}]"), text);
    }
    for (at, section) in plan.sections.iter().enumerate() {
        let path = format!("sections[{at}]");
        if let Some(heading) = section.heading.as_deref().filter(|heading| !heading.is_empty()) {
            blocks.push(paragraph("Heading1", vec![field(&format!("{path}.heading"), heading)]));
        }
        for (at, task) in section.tasks.iter().enumerate() {
            let path = format!("{path}.tasks[{at}]");
            let number = ["一", "二", "三", "四", "五", "六"][at % 6];
            let mut own = vec![];
            lines(&mut own, vec![words(&format!("（{number}）"))], &format!("{path}.text"), &task.text);
            let mut duty = vec![];
            if let Some(lead) = &task.lead {
                duty.extend([words("牵头单位："), field(&format!("{path}.lead"), lead)]);
            }
            if !task.support.is_empty() {
                let label = if task.lead.is_some() { "；责任单位：" } else { "责任单位：" };
                duty.push(words(label));
                duty.extend(names(&format!("{path}.support"), task.support.iter().map(|name| &**name), "、"));
            }
            if let (false, Some(Block::Paragraph(last))) = (duty.is_empty(), own.last_mut()) {
                last.pieces.push(words("（"));
                last.pieces.append(&mut duty);
                last.pieces.push(words("）"));
            }
            blocks.append(&mut own);
        }
    }
    if let Some(closing) = plan.closing.as_deref().filter(|closing| !closing.is_empty()) {
        blocks.push(paragraph("", vec![field("closing", closing)]));
    }
    if plan.issuer.is_some() {
        blocks.push(paragraph("", vec![field("issuer.name", issuer)]));
    }
    blocks
}

fn plan_of(document: &Value) -> WorkPlan {
    match input::read(document.to_string().as_bytes(), Format::Json) {
        Ok(read) => read.value,
        Err(failed) => panic!("{}\n{document:#}", told(&failed)),
    }
}

fn sample() -> WorkPlan {
    let yaml = std::fs::read(project().join("report-templates/work-plan/sample.yaml")).unwrap();
    input::read(&yaml, Format::Yaml).unwrap_or_else(|failed| panic!("{}", told(&failed))).value
}

fn docx(plan: &WorkPlan, blocks: &[Block], tags: Tags) -> Vec<u8> {
    let json = serde_json::to_value(plan).unwrap();
    packed(&source_part(&json, &document_xml(&written(plan), Tags::Kept)), &document_xml(blocks, tags))
}

/// Edits the sample, and says what must come of it.
fn edited(edit: impl Fn(&mut Vec<Block>), state: impl Fn(&mut Value)) -> [Import; 2] {
    let plan = sample();
    let mut expected = serde_json::to_value(&plan).unwrap();
    state(&mut expected);
    let expected = serde_json::to_value(plan_of(&expected)).unwrap();
    [Tags::Kept, Tags::Lost].map(|tags| {
        let mut blocks = written(&plan);
        edit(&mut blocks);
        let found = taken(&docx(&plan, &blocks, tags), TrackedChanges::Accept);
        let account = found.account.text();
        let made = serde_json::to_value(plan_of(&found.document)).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(made[key], *value, "{tags:?} {key}\n{account}");
        }
        let sentences = found.account.sentences;
        assert_eq!(sentences.kept, sentences.all, "{tags:?} {account}");
        found
    })
}

#[test]
fn a_plan_that_was_left_alone_is_the_plan() {
    for found in edited(|_| {}, |_| {}) {
        assert!(found.account.doubts.is_empty(), "{:#?}", found.account.doubts);
        let text = found.account.text();
        assert!(text.contains("文件性质：工作计划") && text.contains("没有改动"), "{text}");
    }
}

#[test]
fn units_come_to_their_fields() {
    let found = edited(
        |blocks| {
            piece(blocks, "sections[0].tasks[0].lead").text = "区数据局".into();
            // Behind the last that supports, and where nobody did.
            let pieces = at(blocks, "sections[1].tasks[0].text");
            let end = pieces.len() - 1;
            pieces[end].text = "、区财政局）".into();
        },
        |plan| {
            plan["sections"][0]["tasks"][0]["lead"] = "区数据局".into();
            list(plan, "/sections/1/tasks/0/support").push("区财政局".into());
        },
    );
    for one in found {
        let differences = one.account.word.unwrap().differences;
        assert_eq!(differences.len(), 2, "{differences:#?}");
        assert!(differences[0].label.contains("任务第1项 › 牵头单位"), "{}", differences[0].label);
    }
    let mut without = serde_json::to_value(sample()).unwrap();
    without["sections"][0]["tasks"][0] = json!({"text": "校核办事指南。"});
    without["sections"][0]["tasks"][1] = json!({"text": "推行集成办理。", "lead": "区司法局"});
    without["sections"][1]["tasks"][0] = json!({"text": "修订裁量基准。", "support": ["区司法局"]});
    let plan = plan_of(&without);
    let mut blocks = written(&plan);
    at(&mut blocks, "sections[0].tasks[0].text")
        .push(words("（牵头单位：区数据局；责任单位：区司法局、区财政局）"));
    piece(&mut blocks, "sections[0].tasks[1].lead").text = "区司法局；责任单位：区财政局".into();
    at(&mut blocks, "sections[1].tasks[0].text")[2].text = "（牵头单位：区数据局；".into();
    let made = taken(&docx(&plan, &blocks, Tags::Kept), TrackedChanges::Accept).document;
    let task = |section: usize, task: usize| made["sections"][section]["tasks"][task].clone();
    assert_eq!(
        task(0, 0),
        json!({"text": "校核办事指南。", "lead": "区数据局", "support": ["区司法局", "区财政局"]})
    );
    assert_eq!(task(0, 1), json!({"text": "推行集成办理。", "lead": "区司法局", "support": ["区财政局"]}));
    assert_eq!(task(1, 0), json!({"text": "修订裁量基准。", "lead": "区数据局", "support": ["区司法局"]}));
}

#[test]
fn tasks_come_and_go() {
    let new = "建立轻微违法不予处罚清单，6月底前公布。";
    edited(
        |blocks| {
            let at = of(blocks, "sections[1].tasks[1].lead")[0];
            let text = format!("（三）{new}（牵头单位：区司法局；责任单位：区财政局、区税务局）");
            blocks.insert(at + 1, paragraph("", vec![words(&text)]));
            blocks.insert(at + 2, paragraph("", vec![words("三、加强普法。普法工作分三步走。")]));
            blocks.insert(at + 3, paragraph("", vec![words("（一）开展宪法宣传。")]));
        },
        |plan| {
            let task = json!({"text": new, "lead": "区司法局", "support": ["区财政局", "区税务局"]});
            list(plan, "/sections/1/tasks").push(task);
            let section = json!({"heading": "加强普法", "tasks": [{"text": "普法工作分三步走。"}, {"text": "开展宪法宣传。"}]});
            list(plan, "/sections").insert(2, section);
        },
    );
    edited(
        |blocks| {
            let at = of(blocks, "sections[0].tasks[1].text")[0];
            blocks.remove(at);
        },
        |plan| drop(list(plan, "/sections/0/tasks").remove(1)),
    );
    edited(
        |blocks| {
            let starts = [0, 1, 2].map(|at| of(blocks, &format!("sections[{at}].heading"))[0]);
            blocks[starts[0]..starts[2]].rotate_left(starts[1] - starts[0]);
        },
        |plan| list(plan, "/sections").swap(0, 1),
    );
    // A line of a task is no task; joined tasks are one.
    edited(
        |blocks| part_behind(blocks, "sections[2].tasks[0].text", "的衔接机制，"),
        |plan| {
            let text = &mut plan["sections"][2]["tasks"][0]["text"];
            *text = text.as_str().unwrap().replace("的衔接机制，", "的衔接机制，\n").into();
        },
    );
}

#[test]
fn a_copied_task_is_another() {
    let plan = sample();
    let mut blocks = written(&plan);
    let from = of(&blocks, "sections[0].tasks[1].text")[0];
    let mut copy = blocks[from].clone();
    if let Block::Paragraph(printed) = &mut copy {
        printed.pieces[0].text = "（三）".into();
        printed.pieces[1].text = "推行“免证办”，年内覆盖200项。".into();
        printed.pieces[4].text = "区数据局".into();
    }
    blocks.insert(from + 1, copy);
    let made = taken(&docx(&plan, &blocks, Tags::Kept), TrackedChanges::Accept);
    let mut expected = serde_json::to_value(&plan).unwrap();
    let mut task = expected["sections"][0]["tasks"][1].clone();
    task["text"] = "推行“免证办”，年内覆盖200项。".into();
    task["lead"] = "区数据局".into();
    list(&mut expected, "/sections/0/tasks").push(task);
    assert_eq!(plan_of(&made.document), plan_of(&expected), "{}", made.account.text());
}

/// Plans of any shape.
fn plans() -> impl Strategy<Value = WorkPlan> {
    let text = "([甲乙丙丁戊己]{1,6}[，。；]?|[<&>\"' ]|\\PC){1,6}(\n[甲乙丙]{1,5}。)?";
    let text = text.prop_map(|text: String| clean(&text)).boxed();
    let line = "[甲乙丙丁戊己<&，、]{1,9}".prop_map(|line: String| line).boxed();
    let name = "[甲乙丙丁戊己]{1,9}".prop_map(|line: String| line).boxed();
    let task = (text.clone(), prop::option::of(name.clone()), prop::collection::vec(name.clone(), 0..3))
        .prop_map(|(text, lead, support)| json!({"text": text, "lead": lead, "support": support}));
    let section = (prop::option::of(line.clone()), prop::collection::vec(task, 0..4))
        .prop_map(|(heading, tasks)| json!({"heading": heading, "tasks": tasks}));
    (
        prop::option::of(line.clone()),
        prop::collection::vec(text, 0..3),
        prop::collection::vec(section, 0..4),
        prop::option::of(line),
        prop::option::of(name),
    )
        .prop_map(|(title, preface, sections, closing, issuer)| {
            plan_of(&json!({
                "template": "work-plan", "year": 2025, "title": title, "preface": preface, "sections": sections,
                "closing": closing, "issuer": issuer.map(|name| json!({"name": name})),
            }))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_was_written_comes_back(plan in plans()) {
        let found = taken(&docx(&plan, &written(&plan), Tags::Kept), TrackedChanges::Accept);
        prop_assert_eq!(plan_of(&found.document), plan, "{}", found.account.text());
    }

    #[test]
    fn nothing_is_lost_whatever_is_done(plan in plans(), edits in edits(), lost in any::<bool>()) {
        let mut blocks = written(&plan);
        edits.into_iter().for_each(|edit| done(&mut blocks, edit));
        let tags = if lost { Tags::Lost } else { Tags::Kept };
        match import(&docx(&plan, &blocks, tags), &Particulars::default()) {
            Ok(found) => {
                let sentences = found.account.sentences;
                prop_assert_eq!(sentences.kept, sentences.all, "{:#}\n{}", found.document, found.account.text());
            }
            Err(Failed::Report(refused)) => prop_assert!(refused.iter().all(|one| one.code == "not-a-report")),
            Err(failed) => panic!("{failed}"),
        }
    }
}
