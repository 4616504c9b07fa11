//! Copies of what bears a tag, changed: each is another item, behind the one that it was copied of.

use super::*;

/// Puts a copy of the paragraph of a field behind it, in which these words are others.
fn copied(blocks: &mut Vec<Block>, tag: &str, changes: &[(&str, &str)]) {
    let at = of(blocks, tag)[0];
    let mut copy = blocks[at].clone();
    if let Block::Paragraph(printed) = &mut copy {
        for piece in &mut printed.pieces {
            for (old, new) in changes {
                piece.text = piece.text.replace(old, new);
            }
        }
    }
    blocks.insert(at + 1, copy);
}

/// What comes back of the sample, where its tags are there.
fn made(edit: impl Fn(&mut Vec<Block>), state: impl Fn(&mut Value)) {
    made_of(read(sample()), edit, state);
}

fn made_of(report: Report, edit: impl Fn(&mut Vec<Block>), state: impl Fn(&mut Value)) {
    let mut blocks = written(&report);
    edit(&mut blocks);
    let found = kept(&report, &blocks);
    let mut expected = json_of(&report);
    state(&mut expected);
    let (made, expected) = (json_of(&report_of(&found.document)), json_of(&report_of(&expected)));
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(made[key], *value, "{key}\n{}", found.account.text());
    }
}

#[test]
fn names_are_copied_with_their_paragraphs_and_within_them() {
    let (one, other) = ("云州市临江区人民政府", "中共云州市临江区委员会");
    made(
        |blocks| copied(blocks, "signature.names[0]", &[(one, other)]),
        |report| report["signature"]["names"] = json!([one, other]),
    );
    made(
        |blocks| copied(blocks, "addressees[0]", &[("人民政府", "司法局")]),
        |report| report["addressees"] = json!(["云州市人民政府", "云州市司法局"]),
    );
    // Beside the one that it was copied of.
    made(
        |blocks| {
            let pieces = at(blocks, "addressees[0]");
            pieces.splice(1..1, [words("，"), field("addressees[0]", "云州市司法局")]);
        },
        |report| report["addressees"] = json!(["云州市人民政府", "云州市司法局"]),
    );
    made(
        |blocks| {
            let pieces = at(blocks, "plans[1].support[0]");
            let end = pieces.len() - 1;
            pieces.splice(end..end, [words("、"), field("plans[1].support[0]", "区财政局")]);
        },
        |report| list(report, "/plans/1/support").insert(1, "区财政局".into()),
    );
    // A name in two lines is one.
    made(|blocks| part_behind(blocks, "signature.names[0]", "云州市临江区"), |_| {});
}

/// Typed below another, without a control.
#[test]
fn names_are_typed_below_others() {
    let typed = |blocks: &mut Vec<Block>, tag: &str, text: &str| {
        let at = of(blocks, tag)[0];
        blocks.insert(at + 1, paragraph("", vec![words(text)]));
    };
    made(
        |blocks| typed(blocks, "signature.names[0]", "云州市临江区司法局"),
        |report| list(report, "/signature/names").push("云州市临江区司法局".into()),
    );
    made(
        |blocks| typed(blocks, "addressees[0]", "云州市司法局："),
        |report| list(report, "/addressees").push("云州市司法局".into()),
    );
}

/// As some programs save automatic numbers.
#[test]
fn numbers_that_were_typed_are_none_of_the_words() {
    made(
        |blocks| {
            at(blocks, "measures[0].heading").insert(0, words("（一）"));
            piece(blocks, "measures[1].heading").text.insert_str(0, "（二）");
            let section = of(blocks, "measures[0].heading")[0] - 1;
            let Block::Paragraph(printed) = &mut blocks[section] else { panic!("a heading") };
            printed.pieces.insert(0, words("一、"));
        },
        |_| {},
    );
}

#[test]
fn items_are_copied_with_their_paragraphs() {
    made(
        |blocks| copied(blocks, "preface[1]", &[("临江区沿云渚江而建", "全区下辖8个镇街")]),
        |report| {
            let text =
                report["preface"][1].as_str().unwrap().replace("临江区沿云渚江而建", "全区下辖8个镇街");
            list(report, "/preface").push(text.into());
        },
    );
    made(
        |blocks| copied(blocks, "measures[4].heading", &[("健全预防调处化解体系", "推进诉源治理")]),
        |report| {
            // What stands below the new heading is its own.
            let mut old = report["measures"][4].clone();
            let new = old["heading"].as_str().unwrap().replace("健全预防调处化解体系", "推进诉源治理");
            let body = old["body"].take();
            list(report, "/measures").insert(5, json!({"heading": new, "body": body}));
            report["measures"][4]["body"] = json!([]);
        },
    );
    // A problem that has nothing but itself.
    let mut short = json_of(&read(sample()));
    for key in ["cause", "detail"] {
        short["problems"][2][key] = Value::Null;
    }
    made_of(
        report_of(&short),
        |blocks| copied(blocks, "problems[2].problem", &[("三是", "四是"), ("力量", "装备")]),
        |report| {
            let text = report["problems"][2]["problem"].as_str().unwrap().replace("力量", "装备");
            list(report, "/problems").insert(3, json!({"problem": text}));
            report["plans"][3]["answers"] = json!([5]);
            report["plans"][4]["answers"] = json!([1, 5]);
        },
    );
}

#[test]
fn who_leads_is_copied_to_another_plan() {
    let mut report = json_of(&read(sample()));
    report["plans"][4]["lead"] = Value::Null;
    report["plans"][4]["support"] = json!([]);
    made_of(
        report_of(&report),
        |blocks| {
            let from = of(blocks, "plans[1].lead")[0];
            let copy = blocks[from].clone();
            let to = of(blocks, "plans[4].body[0].text")[0];
            blocks.insert(to + 1, copy);
        },
        |report| {
            report["plans"][4]["lead"] = report["plans"][1]["lead"].clone();
            report["plans"][4]["support"] = report["plans"][1]["support"].clone();
        },
    );
}

#[test]
fn rows_of_a_table_are_copied() {
    made(
        |blocks| {
            let rows = table(blocks);
            let mut row = rows[3].clone();
            row[1].pieces[0].text = "制定政府规章".into();
            rows.insert(4, row);
        },
        |report| {
            let rows = list(report, "/attachments/0/table/rows");
            let mut row = rows[2].clone();
            row[1] = "制定政府规章".into();
            rows.insert(3, row);
        },
    );
}

#[test]
fn an_attachment_is_copied_and_one_is_typed() {
    let title = "主要指标统计口径说明";
    let new = "重大行政决策事项目录";
    let body = json!([{"text": "事项按批准时间排列。"}, {"text": "目录外的不列。"}]);
    let behind = |report: &mut Value| {
        list(report, "/attachments").push(json!({"title": new, "body": body}));
    };
    let typed = |blocks: &mut Vec<Block>, mark: &[&str]| {
        blocks.extend(mark.iter().map(|text| paragraph("", vec![words(text)])));
        for text in ["事项按批准时间排列。", "目录外的不列。"] {
            blocks.push(paragraph("", vec![words(text)]));
        }
    };
    for mark in [
        &["附件3", new][..],
        &["附件3：重大行政决策事项目录"],
        &["附件三　重大行政决策事项目录"],
        &["附件：", new],
    ] {
        made(|blocks| typed(blocks, mark), behind);
    }
    // Announced before the signature as well, by typing or by a copy.
    made(
        |blocks| {
            let entry = of(blocks, "attachments[1].title")[0];
            blocks.insert(entry + 1, paragraph("", vec![words("3．"), words(new)]));
            typed(blocks, &["附件3", new]);
        },
        behind,
    );
    made(
        |blocks| {
            copied(blocks, "attachments[1].title", &[(title, new), ("2．", "3．")]);
            let mark = of(blocks, "attachments[1].title").pop().unwrap();
            let copies: Vec<Block> = blocks[mark - 1..=mark].to_vec();
            blocks.extend(copies);
            let end = blocks.len() - 1;
            if let Block::Paragraph(printed) = &mut blocks[end] {
                printed.pieces[0].text = new.into();
            }
            typed(blocks, &[]);
        },
        behind,
    );
    // With a table below it; a report that had none.
    let cell = |text: &str| Printed { pieces: vec![words(text)], ..Printed::default() };
    let mut report = json_of(&read(sample()));
    report["attachments"] = json!([]);
    made_of(
        report_of(&report),
        |blocks| {
            typed(blocks, &["附件", new]);
            let rows = [["序号", "事项"], ["1", "滨江步道夜间开放管理"]];
            blocks.push(Block::Table(rows.map(|row| row.map(cell).to_vec()).to_vec()));
        },
        |report| {
            let table = json!({"columns": ["序号", "事项"], "rows": [["1", "滨江步道夜间开放管理"]]});
            list(report, "/attachments").push(json!({"title": new, "body": body, "table": table}));
        },
    );
    // What only speaks of one is no other.
    made(
        |blocks| blocks.push(paragraph("", vec![words("附件1所列数据经区统计局核对。")])),
        |report| list(report, "/attachments/1/body").push(json!({"text": "附件1所列数据经区统计局核对。"})),
    );
}
