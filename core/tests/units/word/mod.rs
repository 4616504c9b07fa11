//! The way back from Word: documents of the shape that our own have, edited as a leader edits, saved as Word and
//! as LibreOffice save, and taken back.

mod copies;
mod oddities;
mod plans;

use std::io::{Cursor, Write};

use nianbao_core::diagnostic::Failed;
use nianbao_core::import::{Import, Particulars, TrackedChanges, import, source_part};
use nianbao_core::input::{self, Format};
use nianbao_core::report::{Date, Paragraph, Report};
use proptest::prelude::*;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::desk::{read, real_reports, sample, told};

/// A paragraph or a table.
#[derive(Clone)]
enum Block {
    Paragraph(Printed),
    Table(Vec<Vec<Printed>>),
}

#[derive(Clone, Default)]
struct Printed {
    style: &'static str,
    pieces: Vec<Piece>,
    /// What stands in the properties of its mark.
    mark: &'static str,
}

#[derive(Clone)]
struct Piece {
    /// Empty for the template's words.
    tag: String,
    text: String,
    is_lead: bool,
    /// Whether the text is XML.
    is_raw: bool,
}

fn words(text: &str) -> Piece {
    Piece { tag: String::new(), text: text.to_owned(), is_lead: false, is_raw: false }
}

fn field(tag: &str, text: &str) -> Piece {
    Piece { tag: tag.to_owned(), ..words(text) }
}

fn lead(piece: Piece) -> Piece {
    Piece { is_lead: true, ..piece }
}

fn raw(xml: &str) -> Piece {
    Piece { is_raw: true, ..words(xml) }
}

fn paragraph(style: &'static str, pieces: Vec<Piece>) -> Block {
    Block::Paragraph(Printed { style, pieces, mark: "" })
}

/// A report as the template prints it, without its letterhead and colophon.
fn written(report: &Report) -> Vec<Block> {
    let year = report.year.number();
    let together = report.layout.points.is_some_and(|points| format!("{points:?}") == "Together");
    let run_in = report.layout.headings.is_some_and(|headings| format!("{headings:?}") == "RunIn");
    let mut blocks = vec![];
    let title = match &report.title {
        Some(title) => title.to_string(),
        None => format!("{}\n{year}年法治政府建设年度报告", &*report.issuer.name),
    };
    blocks.push(paragraph("Title", vec![field("title", &title)]));
    if !report.addressees.is_empty() {
        let mut pieces = names("addressees", report.addressees.iter().map(|name| &**name), "，");
        pieces.push(words("："));
        blocks.push(paragraph("", pieces));
    }
    for (at, text) in report.preface.iter().enumerate() {
        lines(&mut blocks, vec![], &format!("preface[{at}]"), text);
    }
    let section = |text: String| paragraph("Heading1", vec![words(&text)]);
    blocks.push(section(format!("{year}年推进法治政府建设的主要举措和成效")));
    for (at, measure) in report.measures.iter().enumerate() {
        let path = format!("measures[{at}]");
        part(&mut blocks, &path, measure.heading.as_deref(), &measure.body, together, run_in);
    }
    blocks.push(section(format!("{year}年推进法治政府建设存在的不足和原因")));
    let sentence = |text: &str| if text.ends_with(['。', '！', '？', '；']) { "" } else { "。" };
    for (at, problem) in report.problems.iter().enumerate() {
        let path = |key: &str| format!("problems[{at}].{key}");
        let number = ["一", "二", "三", "四", "五", "六", "七", "八"][at % 8];
        let mut pieces = vec![
            lead(words(&format!("{number}是"))),
            lead(field(&path("problem"), &problem.problem)),
            lead(words(sentence(&problem.problem))),
        ];
        if let Some(detail) = &problem.detail {
            pieces.extend([field(&path("detail"), detail), words(sentence(detail))]);
        }
        if let Some(cause) = &problem.cause {
            pieces.extend([words("主要原因是"), field(&path("cause"), cause), words(sentence(cause))]);
        }
        blocks.push(paragraph("", pieces));
    }
    blocks.push(section(format!(
        "{year}年党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况"
    )));
    for (at, duty) in report.duties.iter().enumerate() {
        let path = format!("duties[{at}]");
        part(&mut blocks, &path, duty.heading.as_deref(), &duty.body, together, run_in);
    }
    blocks.push(section(format!("{}年推进法治政府建设的主要安排", report.year.next())));
    for (at, plan) in report.plans.iter().enumerate() {
        let path = format!("plans[{at}]");
        part(&mut blocks, &path, plan.heading.as_deref(), &plan.body, together, run_in);
        let mut pieces = vec![words("（")];
        if let Some(lead) = &plan.lead {
            pieces.extend([words("牵头单位："), field(&format!("{path}.lead"), lead)]);
        }
        if !plan.support.is_empty() {
            let label = if plan.lead.is_some() { "；责任单位：" } else { "责任单位：" };
            pieces.push(words(label));
            pieces.extend(names(&format!("{path}.support"), plan.support.iter().map(|name| &**name), "、"));
        }
        pieces.push(words("）"));
        if pieces.len() > 2 {
            blocks.push(paragraph("", pieces));
        }
    }
    if !report.other.is_empty() {
        blocks.push(section("其他需要报告的情况".into()));
    }
    for (at, text) in report.other.iter().enumerate() {
        lines(&mut blocks, vec![], &format!("other[{at}]"), text);
    }
    if !report.closing.is_empty() {
        blocks.push(paragraph("", vec![field("closing", &report.closing)]));
    }
    let title = |at: usize| format!("attachments[{at}].title");
    for (at, attachment) in report.attachments.iter().enumerate() {
        let label = if at == 0 { "附件：1．".to_owned() } else { format!("{}．", at + 1) };
        blocks.push(paragraph("", vec![words(&label), field(&title(at), &attachment.title)]));
    }
    let signed = |name: &str| vec![field("signature.names[0]", name)];
    match &report.signature.names[..] {
        [] => blocks.push(paragraph("", signed(&report.issuer.name))),
        signers => {
            for (at, name) in signers.iter().enumerate() {
                blocks.push(paragraph("", vec![field(&format!("signature.names[{at}]"), name)]));
            }
        }
    }
    let day = |date: Date| format!("{}年{}月{}日", date.year(), date.month(), date.day());
    blocks.push(paragraph("", vec![field("signature.date", &day(report.signature.date))]));
    if let Some(notes) = &report.notes {
        blocks.push(paragraph("", vec![words("（"), field("notes", notes), words("）")]));
    }
    for (at, attachment) in report.attachments.iter().enumerate() {
        blocks.push(paragraph("", vec![words(&format!("附件{}", at + 1))]));
        blocks.push(paragraph("", vec![field(&title(at), &attachment.title)]));
        body(&mut blocks, &format!("attachments[{at}]"), &attachment.body, together);
        if let Some(table) = &attachment.table {
            let path = format!("attachments[{at}].table");
            let cell =
                |tag: String, text: &str| Printed { pieces: vec![field(&tag, text)], ..Printed::default() };
            let columns = table.columns.iter().enumerate();
            let mut rows: Vec<Vec<Printed>> =
                vec![columns.map(|(at, name)| cell(format!("{path}.columns[{at}]"), name)).collect()];
            for (row, cells) in table.rows.iter().enumerate() {
                let cells = cells.iter().enumerate();
                rows.push(cells.map(|(at, text)| cell(format!("{path}.rows[{row}][{at}]"), text)).collect());
            }
            blocks.push(Block::Table(rows));
        }
    }
    blocks
}

fn names<'a>(path: &str, names: impl Iterator<Item = &'a str>, between: &str) -> Vec<Piece> {
    let mut pieces = vec![];
    for (at, name) in names.enumerate() {
        if at > 0 {
            pieces.push(words(between));
        }
        pieces.push(field(&format!("{path}[{at}]"), name));
    }
    pieces
}

/// A text, the further lines of it paragraphs of their own.
fn lines(blocks: &mut Vec<Block>, before: Vec<Piece>, tag: &str, text: &str) {
    let mut pieces = before;
    for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
        pieces.push(field(tag, line));
        blocks.push(paragraph("", std::mem::take(&mut pieces)));
    }
    if !pieces.is_empty() {
        blocks.push(paragraph("", pieces));
    }
}

fn part(
    blocks: &mut Vec<Block>,
    path: &str,
    heading: Option<&str>,
    paragraphs: &[Paragraph],
    together: bool,
    run_in: bool,
) {
    if let Some(heading) = heading.filter(|heading| !heading.is_empty()) {
        let heading = field(&format!("{path}.heading"), heading);
        match run_in {
            true => blocks.push(paragraph("RunIn", vec![heading, words("。")])),
            false => blocks.push(paragraph("Heading2", vec![heading])),
        }
    }
    body(blocks, path, paragraphs, together);
}

fn body(blocks: &mut Vec<Block>, path: &str, paragraphs: &[Paragraph], together: bool) {
    let mut all = vec![];
    for (at, item) in paragraphs.iter().enumerate() {
        let opening = item.lead.as_deref().filter(|lead| !lead.is_empty());
        let opening = opening.map(|text| lead(field(&format!("{path}.body[{at}].lead"), text)));
        let tag = format!("{path}.body[{at}].text");
        if together && paragraphs.len() > 1 {
            all.extend(opening);
            all.push(field(&tag, &item.text.replace('\n', "")));
        } else {
            lines(blocks, opening.into_iter().collect(), &tag, &item.text);
        }
    }
    if !all.is_empty() {
        blocks.push(paragraph("", all));
    }
}

/// Whether the program that saved a document has kept the controls' tags.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tags {
    Kept,
    Lost,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn run(text: &str, is_lead: bool) -> String {
    let style = if is_lead { "<w:rPr><w:rStyle w:val=\"Lead\"/></w:rPr>" } else { "" };
    let lines: Vec<String> =
        text.split('\n').map(|line| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(line))).collect();
    format!("<w:r>{style}{}</w:r>", lines.join("<w:br/>"))
}

fn xml_of(printed: &Printed, tags: Tags) -> String {
    let mut xml = String::from("<w:p><w:pPr>");
    if !printed.style.is_empty() {
        xml += &format!("<w:pStyle w:val=\"{}\"/>", printed.style);
    }
    xml += &format!("<w:rPr>{}</w:rPr></w:pPr>", printed.mark);
    let mut open = 0;
    for piece in &printed.pieces {
        let run = if piece.is_raw { piece.text.clone() } else { run(&piece.text, piece.is_lead) };
        match (piece.tag.as_str(), tags) {
            ("", _) => xml += &run,
            (tag, Tags::Kept) => {
                xml += &format!(
                    "<w:sdt><w:sdtPr><w:tag w:val=\"{tag}\"/></w:sdtPr><w:sdtContent>{run}</w:sdtContent></w:sdt>"
                );
            }
            // As LibreOffice leaves them: without a name, the next in the one before.
            (_, Tags::Lost) => {
                xml += &format!("<w:sdt><w:sdtPr/><w:sdtContent>{run}");
                open += 1;
            }
        }
    }
    xml += &"</w:sdtContent></w:sdt>".repeat(open);
    xml + "</w:p>"
}

fn document_xml(blocks: &[Block], tags: Tags) -> String {
    let mut xml = String::from("<w:document xmlns:w=\"w\"><w:body>");
    for block in blocks {
        match block {
            Block::Paragraph(printed) => xml += &xml_of(printed, tags),
            Block::Table(rows) => {
                xml += "<w:tbl>";
                for row in rows {
                    let cells = row.iter().map(|cell| format!("<w:tc>{}</w:tc>", xml_of(cell, tags)));
                    xml += &format!("<w:tr>{}</w:tr>", cells.collect::<String>());
                }
                xml += "</w:tbl>";
            }
        }
    }
    xml + "</w:body></w:document>"
}

const STYLES: &str = "<w:styles xmlns:w=\"w\"><w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"heading 2\"/></w:style></w:styles>";

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A document of ours: what it was made of, and what stands in it now.
fn docx(report: &Report, blocks: &[Block], tags: Tags, comments: &str) -> Vec<u8> {
    let report_json = serde_json::to_value(report).unwrap();
    let part = source_part(&report_json, &document_xml(&written(report), Tags::Kept));
    with_comments(&part, &document_xml(blocks, tags), comments)
}

fn packed(part: &str, document: &str) -> Vec<u8> {
    with_comments(part, document, "")
}

fn with_comments(part: &str, document: &str, comments: &str) -> Vec<u8> {
    zipped(&[
        ("word/document.xml", document),
        ("word/styles.xml", STYLES),
        ("word/comments.xml", &format!("<w:comments xmlns:w=\"w\">{comments}</w:comments>")),
        ("customXml/item3.xml", part),
    ])
}

fn taken(bytes: &[u8], tracked_changes: TrackedChanges) -> Import {
    let given = Particulars { tracked_changes, ..Particulars::default() };
    import(bytes, &given).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

fn report_of(document: &Value) -> Report {
    match input::read(document.to_string().as_bytes(), Format::Json) {
        Ok(read) => read.value,
        Err(failed) => panic!("{}\n{document:#}", told(&failed)),
    }
}

/// The paragraphs in which this field stands.
fn of(blocks: &[Block], tag: &str) -> Vec<usize> {
    let has = |block: &Block| matches!(block, Block::Paragraph(one) if one.pieces.iter().any(|piece| piece.tag == tag));
    (0..blocks.len()).filter(|at| has(&blocks[*at])).collect()
}

fn at<'a>(blocks: &'a mut [Block], tag: &str) -> &'a mut Vec<Piece> {
    let at = of(blocks, tag)[0];
    match &mut blocks[at] {
        Block::Paragraph(printed) => &mut printed.pieces,
        Block::Table(_) => panic!("{tag} is a cell"),
    }
}

fn piece<'a>(blocks: &'a mut [Block], tag: &str) -> &'a mut Piece {
    at(blocks, tag).iter_mut().find(|piece| piece.tag == tag).unwrap()
}

fn json_of(report: &Report) -> Value {
    serde_json::to_value(report).unwrap()
}

/// Edits a document, and says what must come of it.
fn edited(
    edit: impl Fn(&mut Vec<Block>),
    state: impl Fn(&mut Value),
    tracked_changes: TrackedChanges,
) -> [Import; 2] {
    let report = read(sample());
    let mut expected = json_of(&report);
    state(&mut expected);
    let expected = report_of(&expected);
    [Tags::Kept, Tags::Lost].map(|tags| {
        let mut blocks = written(&report);
        edit(&mut blocks);
        let found = taken(&docx(&report, &blocks, tags, ""), tracked_changes);
        let account = found.account.text();
        let made = report_of(&found.document);
        let (made, expected) = (json_of(&made), json_of(&expected));
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(made[key], *value, "{tags:?} {key}\n{account}");
        }
        let sentences = found.account.sentences;
        assert_eq!(sentences.kept, sentences.all, "{tags:?} keeps every sentence: {account}");
        found
    })
}

fn accepted(edit: impl Fn(&mut Vec<Block>), state: impl Fn(&mut Value)) -> [Import; 2] {
    edited(edit, state, TrackedChanges::Accept)
}

#[test]
fn a_document_that_was_left_alone_is_the_report() {
    let found = accepted(|_| {}, |_| {});
    for one in found {
        let word = one.account.word.unwrap();
        assert!(word.differences.is_empty() && word.deeds.is_empty(), "{:#?}", word.differences);
        assert!(one.account.doubts.is_empty(), "{:#?}", one.account.doubts);
    }
}

#[test]
fn words_are_replaced() {
    let found = accepted(
        |blocks| {
            let text = &mut piece(blocks, "measures[1].body[0].text").text;
            *text = text.replace("坚持少而精、可执行", "坚持务实管用");
            let cause = &mut piece(blocks, "problems[1].cause").text;
            *cause = cause.replace("衔接不够", "衔接不紧");
        },
        |report| {
            for (place, old, new) in [
                ("/measures/1/body/0/text", "坚持少而精、可执行", "坚持务实管用"),
                ("/problems/1/cause", "衔接不够", "衔接不紧"),
            ] {
                let text = report.pointer(place).unwrap().as_str().unwrap().replace(old, new);
                *report.pointer_mut(place).unwrap() = text.into();
            }
        },
    );
    for one in found {
        assert_eq!(one.account.word.as_ref().unwrap().differences.len(), 2, "{}", one.account.text());
    }
}

fn list<'a>(report: &'a mut Value, place: &str) -> &'a mut Vec<Value> {
    report.pointer_mut(place).unwrap().as_array_mut().unwrap()
}

#[test]
fn a_paragraph_is_struck() {
    accepted(
        |blocks| {
            let at = of(blocks, "measures[2].body[1].text")[0];
            blocks.remove(at);
        },
        |report| drop(list(report, "/measures/2/body").remove(1)),
    );
    // A problem: the plans go on answering the others.
    accepted(
        |blocks| {
            let at = of(blocks, "problems[1].cause")[0];
            blocks.remove(at);
        },
        |report| {
            list(report, "/problems").remove(1);
            for (plan, answers) in
                [(0, json!([1])), (1, json!([])), (2, json!([2])), (3, json!([3])), (4, json!([1, 3]))]
            {
                report["plans"][plan]["answers"] = answers;
            }
        },
    );
}

/// Parts a paragraph behind this many characters of a field's text.
fn part_behind(blocks: &mut Vec<Block>, tag: &str, end: &str) {
    let at = of(blocks, tag)[0];
    let Block::Paragraph(printed) = blocks[at].clone() else { panic!() };
    let place = printed.pieces.iter().position(|piece| piece.tag == tag).unwrap();
    let text = &printed.pieces[place].text;
    let cut = text.find(end).unwrap() + end.len();
    let mut first = printed.clone();
    first.pieces.truncate(place + 1);
    first.pieces[place].text.truncate(cut);
    let mut second = printed.clone();
    second.pieces.drain(..place);
    second.pieces[0].text.drain(..cut);
    blocks[at] = Block::Paragraph(first);
    blocks.insert(at + 1, Block::Paragraph(second));
}

#[test]
fn a_paragraph_is_parted() {
    let found = accepted(
        |blocks| part_behind(blocks, "measures[0].body[0].text", "同步向社会公布。"),
        |report| {
            let body = list(report, "/measures/0/body");
            let text = body[0]["text"].as_str().unwrap();
            let (one, other) = text.split_at(text.find("在望渡街道").unwrap());
            let (one, other) = (one.to_owned(), other.to_owned());
            body[0]["text"] = one.into();
            body.insert(1, json!({"text": other}));
        },
    );
    assert!(found[0].account.text().contains("分成了两段"));
    // What is no list of paragraphs has one more line.
    accepted(
        |blocks| part_behind(blocks, "problems[3].detail", "有213件，"),
        |report| {
            let text = report["problems"][3]["detail"].as_str().unwrap();
            report["problems"][3]["detail"] = text.replace("有213件，", "有213件，\n").into();
        },
    );
}

#[test]
fn a_point_is_added() {
    let text = "四是推行容缺受理。全年容缺受理事项312件，群众少跑腿1200余次。";
    let found = accepted(
        |blocks| {
            let at = of(blocks, "measures[0].body[2].text")[0];
            blocks.insert(at + 1, paragraph("", vec![words(text)]));
        },
        |report| {
            let (lead, text) = text.split_at("四是推行容缺受理。".len());
            list(report, "/measures/0/body").push(json!({"lead": lead, "text": text}));
        },
    );
    for one in found {
        let placed: Vec<String> = one.account.placed.iter().map(|one| one.path.to_string()).collect();
        assert_eq!(placed, ["measures[0].body[3]"]);
    }
    // A problem, with its cause.
    accepted(
        |blocks| {
            let at = of(blocks, "problems[3].cause")[0];
            let text = "五是法治人才储备不足。主要原因是待遇偏低。";
            blocks.insert(at + 1, paragraph("", vec![words(text)]));
        },
        |report| {
            list(report, "/problems")
                .push(json!({"problem": "五是法治人才储备不足。", "cause": "主要原因是待遇偏低。"}));
        },
    );
    // An item under a heading of its own.
    accepted(
        |blocks| {
            let at = of(blocks, "measures[1].heading")[0];
            blocks.insert(at, paragraph("", vec![words("全年开展调研12次。")]));
            blocks.insert(at, paragraph("Heading2", vec![words("加强调查研究")]));
        },
        |report| {
            let new = json!({"heading": "加强调查研究", "body": ["全年开展调研12次。"]});
            list(report, "/measures").insert(1, new);
        },
    );
}

#[test]
fn two_measures_are_swapped() {
    accepted(
        |blocks| {
            let starts = [1, 2, 3].map(|at| of(blocks, &format!("measures[{at}].heading"))[0]);
            blocks[starts[0]..starts[2]].rotate_left(starts[1] - starts[0]);
        },
        |report| list(report, "/measures").swap(1, 2),
    );
    // Problems, which the plans answer by their numbers.
    accepted(
        |blocks| {
            let (one, other) = (of(blocks, "problems[0].cause")[0], of(blocks, "problems[3].cause")[0]);
            blocks.swap(one, other);
        },
        |report| {
            list(report, "/problems").swap(0, 3);
            for (plan, answers) in [(0, json!([4])), (3, json!([1])), (4, json!([4, 1]))] {
                report["plans"][plan]["answers"] = answers;
            }
        },
    );
    // A paragraph under another heading.
    accepted(
        |blocks| {
            let at = of(blocks, "measures[0].body[1].text")[0];
            let moved = blocks.remove(at);
            let to = of(blocks, "measures[3].body[0].text")[0];
            blocks.insert(to + 1, moved);
        },
        |report| {
            let moved = list(report, "/measures/0/body").remove(1);
            list(report, "/measures/3/body").insert(1, moved);
        },
    );
}

fn table(blocks: &mut [Block]) -> &mut Vec<Vec<Printed>> {
    let rows = blocks.iter_mut().find_map(|block| match block {
        Block::Table(rows) => Some(rows),
        Block::Paragraph(_) => None,
    });
    rows.unwrap()
}

#[test]
fn cells_of_a_table_are_changed() {
    accepted(
        |blocks| table(blocks)[3][4].pieces[0].text = "8".into(),
        |report| report["attachments"][0]["table"]["rows"][2][4] = "8".into(),
    );
    // A row struck, and one typed in.
    accepted(
        |blocks| {
            let rows = table(blocks);
            rows.remove(2);
            let new = ["13", "法治督察", "项", "3", "5", "区司法局"]
                .map(|text| Printed { pieces: vec![words(text)], ..Printed::default() });
            rows.push(new.to_vec());
        },
        |report| {
            let rows = list(report, "/attachments/0/table/rows");
            rows.remove(1);
            rows.push(json!(["13", "法治督察", "项", "3", "5", "区司法局"]));
        },
    );
}

#[test]
fn the_date_of_the_signature_is_changed() {
    accepted(
        |blocks| piece(blocks, "signature.date").text = "2025年3月1日".into(),
        |report| report["signature"]["date"] = "2025-03-01".into(),
    );
    // What is no day is kept as text.
    let found = accepted(
        |blocks| piece(blocks, "signature.date").text = "2025年2月30日".into(),
        |report| {
            let line = 79;
            let note = format!("Word 文档第{line}段：不是该栏目的写法");
            report["unplaced"] = json!([{"text": "2025年2月30日", "note": note}]);
        },
    );
    assert!(found[0].account.text().contains("2025年2月30日"), "{}", found[0].account.text());
}

#[test]
fn a_section_is_deleted() {
    accepted(
        |blocks| {
            let start = of(blocks, "other[0]")[0] - 1;
            blocks.drain(start..start + 4);
        },
        |report| report["other"] = json!([]),
    );
    // A heading alone: its paragraphs stay.
    accepted(
        |blocks| {
            let at = of(blocks, "measures[4].heading")[0];
            blocks.remove(at);
        },
        |report| report["measures"][4]["heading"] = Value::Null,
    );
}

/// The real reports, in all layouts: left alone they come back whole, with tags and without.
#[test]
fn real_reports_come_back() {
    let Some(folder) = real_reports("word::real_reports_come_back") else { return };
    for name in ["chengyang-2024.yaml", "jinan-2020.yaml"] {
        let text = std::fs::read_to_string(folder.join("samples").join(name)).unwrap();
        for (headings, points) in [("own-line", "apart"), ("run-in", "together"), ("run-in", "apart")] {
            let mut report = json_of(&read(&text));
            report["layout"] = json!({"headings": headings, "points": points});
            let report = report_of(&report);
            for tags in [Tags::Kept, Tags::Lost] {
                let found = taken(&docx(&report, &written(&report), tags, ""), TrackedChanges::Accept);
                assert_eq!(report_of(&found.document), report, "{name} {tags:?} {}", found.account.text());
                assert!(found.account.doubts.is_empty(), "{:#?}", found.account.doubts);
            }
        }
    }
}

fn tracked(kind: &str, text: &str) -> String {
    let element = if kind == "del" { "delText" } else { "t" };
    format!("<w:{kind} w:id=\"1\" w:author=\"甲\"><w:r><w:{element}>{text}</w:{element}></w:r></w:{kind}>")
}

/// Struck with its mark, as Word strikes it: what follows is not taken for it, be it a point or a heading.
#[test]
fn a_paragraph_that_is_struck_with_its_mark_takes_nothing_along() {
    for (measure, point) in [(2, 1), (0, 2)] {
        accepted(
            |blocks| {
                let at = of(blocks, &format!("measures[{measure}].body[{point}].text"))[0];
                let Block::Paragraph(printed) = &mut blocks[at] else { panic!("a paragraph") };
                for piece in &mut printed.pieces {
                    (piece.text, piece.is_raw) = (tracked("del", &piece.text), true);
                }
                printed.mark = "<w:del w:id=\"3\"/>";
            },
            |report| drop(list(report, &format!("/measures/{measure}/body")).remove(point)),
        );
    }
}

#[test]
fn tracked_changes_are_accepted_or_rejected() {
    let edit = |blocks: &mut Vec<Block>| {
        let changed = format!(
            "{}{}{}{}",
            run("以区政府为复议机关的案件", false),
            tracked("del", "为准"),
            tracked("ins", "计入"),
            run("。", false)
        );
        let one = piece(blocks, "attachments[1].body[2].text");
        (one.text, one.is_raw) = (changed, true);
        // A paragraph that somebody typed in, and one whose mark somebody took away.
        let at = of(blocks, "preface[1]")[0];
        let mut new = Printed { mark: "<w:ins w:id=\"2\"/>", ..Printed::default() };
        new.pieces.push(raw(&tracked("ins", "新的一段话写在这里。")));
        blocks.insert(at, Block::Paragraph(new));
        let at = of(blocks, "duties[0].body[0].text")[0];
        if let Block::Paragraph(printed) = &mut blocks[at] {
            printed.mark = "<w:del w:id=\"3\"/>";
        }
    };
    accepted(edit, |report| {
        report["attachments"][1]["body"][2]["text"] = "以区政府为复议机关的案件计入。".into();
        list(report, "/preface").insert(1, "新的一段话写在这里。".into());
        let body = list(report, "/duties/0/body");
        let second = body.remove(1)["text"].as_str().unwrap().to_owned();
        body[0]["text"] = (body[0]["text"].as_str().unwrap().to_owned() + &second).into();
    });
    edited(
        edit,
        |report| report["attachments"][1]["body"][2]["text"] = "以区政府为复议机关的案件为准。".into(),
        TrackedChanges::Reject,
    );
}

#[test]
fn comments_are_told_with_their_fields() {
    let report = read(sample());
    let mut blocks = written(&report);
    let mark = |edge: &str, id: usize| raw(&format!("<w:{edge} w:id=\"{id}\"/>"));
    for (id, tag) in [(0, "measures[0].heading"), (1, "problems[2].cause"), (2, "signature.date")] {
        let pieces = at(&mut blocks, tag);
        let place = pieces.iter().position(|piece| piece.tag == tag).unwrap();
        pieces.insert(place + 1, mark("commentRangeEnd", id));
        pieces.insert(place, mark("commentRangeStart", id));
    }
    let comment = |id: usize, text: &str| {
        format!(
            "<w:comment w:id=\"{id}\" w:author=\"李主任\" w:date=\"2025-02-20T09:00:00Z\"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:comment>"
        )
    };
    let comments =
        [comment(0, "再简短些"), comment(1, "写实一点"), comment(2, "核对日期"), comment(9, "不知在哪")]
            .concat();
    for tags in [Tags::Kept, Tags::Lost] {
        let found = taken(&docx(&report, &blocks, tags, &comments), TrackedChanges::Accept);
        let comments = found.account.word.unwrap().comments;
        let told: Vec<(String, Option<String>)> = comments
            .iter()
            .map(|one| (one.text.clone(), one.path.as_ref().map(ToString::to_string)))
            .collect();
        let expected = [
            ("再简短些", Some("measures[0].heading")),
            ("写实一点", Some("problems[2].cause")),
            ("核对日期", Some("signature.date")),
            ("不知在哪", None),
        ];
        let expected = expected.map(|(text, path)| (text.to_owned(), path.map(str::to_owned)));
        assert_eq!(told, expected, "{tags:?}");
        assert_eq!((comments[0].author.as_str(), comments[0].day.as_deref()), ("李主任", Some("2025-02-20")));
        assert_eq!(comments[2].quoted, "2025年2月18日");
        assert_eq!(report_of(&found.document), report);
    }
}

// ------------------------------------------------------------------------------------------ bad input

/// Takes a document whatever was done to it: nothing that stands in it may be lost.
fn kept(report: &Report, blocks: &[Block]) -> Import {
    let found = taken(&docx(report, blocks, Tags::Kept, ""), TrackedChanges::Accept);
    let sentences = found.account.sentences;
    assert_eq!(sentences.kept, sentences.all, "{}", found.account.text());
    found
}

fn asked(found: &Import, words: &str) -> bool {
    found.account.doubts.iter().any(|doubt| doubt.message.contains(words))
}

fn unplaced(found: &Import) -> Vec<&str> {
    let all = found.document["unplaced"].as_array().into_iter().flatten();
    all.map(|one| one["text"].as_str().unwrap()).collect()
}

#[test]
fn tags_that_name_nothing_are_none() {
    let report = read(sample());
    for tag in [
        "measures[99999999999999999999].heading",
        "measures[7777777].body[3].text",
        "unknown.path",
        "\u{202E}",
        "issuer.code",
        "]]][[",
        &"a.".repeat(120),
    ] {
        let mut blocks = written(&report);
        piece(&mut blocks, "measures[0].body[1].text").tag = tag.to_owned();
        let found = kept(&report, &blocks);
        assert!(asked(&found, "内容控件的标记不是报告里的栏目"), "{tag} {}", found.account.text());
        assert_eq!(report_of(&found.document), report, "the words tell what it is");
    }
    // The tags of two fields, each on the other.
    let mut blocks = written(&report);
    piece(&mut blocks, "measures[0].body[1].text").tag = "problems[0].cause".into();
    let found = kept(&report, &blocks);
    assert!(found.account.word.unwrap().differences.len() > 1);
}

#[test]
fn a_control_that_was_copied_is_new_where_it_stands() {
    let report = read(sample());
    let mut blocks = written(&report);
    let from = of(&blocks, "measures[0].body[1].text")[0];
    let copy = blocks[from].clone();
    let to = of(&blocks, "duties[1].body[0].text")[0];
    blocks.insert(to, copy);
    let found = kept(&report, &blocks);
    let mut expected = json_of(&report);
    let copied = expected["measures"][0]["body"][1].clone();
    list(&mut expected, "/duties/1/body").insert(0, copied);
    assert_eq!(json_of(&report_of(&found.document)), expected);
    // What can stand there once only is kept beside.
    let mut blocks = written(&report);
    blocks.push(paragraph("", vec![field("closing", "另此报告。")]));
    assert_eq!(unplaced(&kept(&report, &blocks)), ["另此报告。"]);
}

#[test]
fn the_report_of_another_document_is_not_taken() {
    let report = read(sample());
    let mut other = json_of(&report);
    fn reversed(value: &mut Value) {
        match value {
            Value::String(text) if !text.is_ascii() => *text = text.chars().rev().collect(),
            Value::Array(items) => items.iter_mut().for_each(reversed),
            Value::Object(fields) => fields
                .iter_mut()
                .filter(|(key, _)| *key != "date" && *key != "printed_on")
                .for_each(|(_, value)| reversed(value)),
            _ => {}
        }
    }
    reversed(&mut other);
    let other = report_of(&other);
    for tags in [Tags::Kept, Tags::Lost] {
        let found = taken(&docx(&other, &written(&report), tags, ""), TrackedChanges::Accept);
        assert!(asked(&found, "另一份报告"), "{}", found.account.text());
        assert_eq!(found.document["title"], json_of(&report)["title"], "it is recognised");
    }
    let blocks = document_xml(&written(&report), Tags::Kept);
    for part in [
        "<nianbao xmlns=\"urn:nianbao:report\">{</nianbao>".to_owned(),
        "<nianbao xmlns=\"urn:nianbao:report\">{\"report\": 1, \"printed\": []}</nianbao>".to_owned(),
        format!("<nianbao xmlns=\"urn:nianbao:report\">{}</nianbao>", "[".repeat(100_000)),
    ] {
        let bytes = zipped(&[("word/document.xml", &blocks), ("customXml/item1.xml", &part)]);
        assert!(asked(&taken(&bytes, TrackedChanges::Accept), "读不了"));
    }
    let told = |part: Option<&str>, tags: Tags| {
        let body = document_xml(&written(&report), tags);
        let part = part.map(|part| ("customXml/item1.xml", part));
        let files: Vec<(&str, &str)> = [("word/document.xml", &*body)].into_iter().chain(part).collect();
        taken(&zipped(&files), TrackedChanges::Accept)
    };
    assert!(asked(&told(None, Tags::Kept), "带的报告内容不见了"));
    let plain = told(None, Tags::Lost);
    assert!(!asked(&plain, "带的报告内容"), "it may be anybody's");
    let plan = json!({"template": "work-plan", "year": 2025, "title": "计划",
        "issuer": {"name": "云州市临江区人民政府"}, "sections": [{"heading": "执法", "tasks": [{"text": "轮训。", "lead": "区司法局"}]}]});
    let part = source_part(&plan, &document_xml(&written(&report), Tags::Kept));
    let found = told(Some(&part), Tags::Kept);
    assert!(asked(&found, "另一份报告"), "{}", found.account.text());
}

/// Districts copy from one another, and a report is begun from last year's: what is not printed would be another's.
#[test]
fn the_report_of_another_unit_or_year_is_not_taken() {
    let report = read(sample());
    let changed = |changes: &[(&str, &str)], edit: fn(&mut Vec<Block>)| {
        let mut text = json_of(&report).to_string();
        for (old, new) in changes {
            text = text.replace(old, new);
        }
        let other = report_of(&serde_json::from_str(&text).unwrap());
        let mut blocks = written(&other);
        edit(&mut blocks);
        [Tags::Kept, Tags::Lost].map(|tags| taken(&docx(&report, &blocks, tags, ""), TrackedChanges::Accept))
    };
    let of_unit = [("临江", "东阳")];
    let of_office =
        [("临江区人民政府", "临江区人民政府办公室"), ("临江区2024年法治", "临江区人民政府办公室2024年法治")];
    let of_year = [("2025", "2026"), ("2024", "2025")];
    for changes in [&of_unit[..], &of_office, &of_year] {
        for found in changed(changes, |_| {}) {
            assert!(asked(&found, "另一份报告"), "{changes:?} {}", found.account.text());
            let document = found.document.to_string();
            assert!(!document.contains("990102"), "what was not printed is another's: {changes:?}");
        }
    }
    // Of two reports that it bears it is the one that agrees.
    let part = |report: &Report| source_part(&json_of(report), &document_xml(&written(report), Tags::Kept));
    let other =
        report_of(&serde_json::from_str(&json_of(&report).to_string().replace("临江", "东阳")).unwrap());
    let bytes = zipped(&[
        ("word/document.xml", &document_xml(&written(&report), Tags::Kept)),
        ("customXml/item1.xml", &part(&other)),
        ("customXml/item2.xml", &part(&report)),
    ]);
    assert_eq!(report_of(&taken(&bytes, TrackedChanges::Accept).document), report);
    // Who signs, or what it is called, may change.
    let struck: fn(&mut Vec<Block>) = |blocks| {
        let at = of(blocks, "signature.names[0]")[0];
        blocks.remove(at);
    };
    for (changes, edit) in [
        (
            &[("[\"云州市临江区人民政府\"]", "[\"中共云州市临江区委员会\",\"云州市临江区人民政府\"]")][..],
            (|_| {}) as fn(&mut Vec<Block>),
        ),
        (&[("云州市临江区2024年法治政府建设年度报告", "2024年法治政府建设情况报告")], |_| {}),
        (&[("云州市临江区2024年法治政府建设年度报告", "2024年法治政府建设情况报告")], struck),
        (&[("云州市临江区2024年法治政府建设年度报告", "云州市临江区2025年法治政府建设年度报告")], |_| {}),
        (&[("2025-02-18", "2026-02-18")], |_| {}),
    ] {
        for found in changed(changes, edit) {
            assert!(
                found.account.word.as_ref().unwrap().controls.is_some(),
                "{changes:?} {}",
                found.account.text()
            );
        }
    }
}

#[test]
fn what_has_no_place_in_a_report_is_kept_and_told() {
    let report = read(sample());
    let mut blocks = written(&report);
    let at_end = of(&blocks, "measures[0].body[0].text")[0] + 1;
    let cell = |text: &str| Printed { pieces: vec![words(text)], ..Printed::default() };
    let rows = vec![vec![cell("区"), cell("件数")], vec![cell("望渡街道"), cell("17")]];
    blocks.insert(at_end, Block::Table(rows));
    let strange = "<w:r><w:drawing><a:blip/></w:drawing></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r>\
        <w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框里写的一句话。</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>\
        <w:fldSimple w:instr=\"DATE\"><w:r><w:t>域里显示的字。</w:t></w:r></w:fldSimple>";
    at(&mut blocks, "preface[0]").push(raw(strange));
    // Moved while changes were tracked.
    let from = of(&blocks, "measures[1].body[2].text")[0];
    let moved = |kind: &str| raw(&format!("<w:{kind}><w:r><w:t>移来移去的一句话。</w:t></w:r></w:{kind}>"));
    at(&mut blocks, "measures[1].body[0].text").push(moved("moveFrom"));
    if let Block::Paragraph(printed) = &mut blocks[from] {
        printed.pieces.push(moved("moveTo"));
    }
    let part = source_part(&json_of(&report), &document_xml(&written(&report), Tags::Kept));
    let notes = "<w:footnotes><w:footnote w:id=\"1\" w:type=\"separator\"/><w:footnote w:id=\"2\"><w:p><w:r><w:t>脚注说的话。</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let bytes = zipped(&[
        ("word/document.xml", &document_xml(&blocks, Tags::Kept)),
        ("word/styles.xml", STYLES),
        ("word/footnotes.xml", notes),
        ("customXml/item1.xml", &part),
    ]);
    let found = taken(&bytes, TrackedChanges::Accept);
    let sentences = found.account.sentences;
    assert_eq!(sentences.kept, sentences.all, "{}", found.account.text());
    let texts = unplaced(&found);
    for text in ["区 | 件数", "望渡街道 | 17", "框里写的一句话。", "脚注说的话。"] {
        assert!(texts.contains(&text), "{text} is not in {texts:?}");
    }
    assert!(asked(&found, "图片1张") && asked(&found, "域1个") && asked(&found, "1张不是附件的表格"));
    let document = found.document.to_string();
    assert!(document.contains("域里显示的字。"));
    assert_eq!(document.matches("移来移去的一句话。").count(), 1, "moved and not doubled");
}

/// A part that says of a short text that it was printed without end, and paragraphs that are all alike.
#[test]
fn what_grows_without_end_is_refused_or_soon_done() {
    let mut report = json_of(&read(sample()));
    report["preface"] = json!(["法治".repeat(500_000)]);
    let printed = vec![json!([{"tag": "preface[0]"}]); 10_000];
    let part = json!({"report": report, "printed": printed}).to_string();
    let part = format!("<nianbao xmlns=\"urn:nianbao:report\">{part}</nianbao>");
    let blocks = written(&read(sample()));
    let bytes =
        zipped(&[("word/document.xml", &document_xml(&blocks, Tags::Kept)), ("customXml/item1.xml", &part)]);
    assert!(asked(&taken(&bytes, TrackedChanges::Accept), "读不了"));
}

#[derive(Clone, Debug)]
enum Edit {
    Strike(usize),
    Copy(usize, usize),
    Swap(usize, usize),
    Part(usize, usize),
    Join(usize),
    Type(usize, String),
    Lose(usize),
    Retag(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || any::<usize>();
    let edit = prop_oneof![
        at().prop_map(Edit::Strike),
        (at(), at()).prop_map(|(one, other)| Edit::Copy(one, other)),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        (at(), at()).prop_map(|(one, other)| Edit::Part(one, other)),
        at().prop_map(Edit::Join),
        (at(), "(五是|主要原因是|（三）|[甲乙丙法治]{1,6}[。，]?){1,4}")
            .prop_map(|(at, text)| Edit::Type(at, text)),
        at().prop_map(Edit::Lose),
        (at(), at()).prop_map(|(one, other)| Edit::Retag(one, other)),
    ];
    prop::collection::vec(edit, 0..6)
}

fn done(blocks: &mut Vec<Block>, edit: Edit) {
    let count = blocks.len();
    if count < 2 {
        return;
    }
    let mut pieces = |at: usize| match &mut blocks[at % count] {
        Block::Paragraph(printed) => std::mem::take(&mut printed.pieces),
        Block::Table(_) => vec![],
    };
    match edit {
        Edit::Strike(at) => drop(blocks.remove(at % count)),
        Edit::Copy(from, to) => blocks.insert(to % count, blocks[from % count].clone()),
        Edit::Swap(one, other) => blocks.swap(one % count, other % count),
        Edit::Part(at, cut) => {
            let mut first = pieces(at);
            let rest = first.split_off(cut % (first.len() + 1));
            blocks[at % count] = paragraph("", first);
            blocks.insert(at % count + 1, paragraph("", rest));
        }
        Edit::Join(at) => {
            let at = at % (count - 1);
            let mut all = pieces(at);
            all.extend(pieces(at + 1));
            blocks[at + 1] = paragraph("", all);
        }
        Edit::Type(at, text) => blocks.insert(at % count, paragraph("", vec![words(&text)])),
        Edit::Lose(at) => {
            let mut all = pieces(at);
            all.iter_mut().for_each(|piece| piece.tag.clear());
            blocks[at % count] = paragraph("", all);
        }
        Edit::Retag(one, other) => {
            let mut all = pieces(one);
            let tag = pieces(other).first().map(|piece| piece.tag.clone()).unwrap_or_default();
            all.iter_mut().for_each(|piece| piece.tag.clone_from(&tag));
            blocks[one % count] = paragraph("", all);
        }
    }
}

/// Reports of any shape: what matters here is which fields there are.
fn reports() -> impl Strategy<Value = Report> {
    let text = "([甲乙丙丁戊己]{1,6}[，。；]?|一是[甲乙]{2}。|[<&>\"' ]|\\PC){1,6}(\n[甲乙丙]{1,5}。)?";
    let text = text.prop_map(|text: String| clean(&text)).boxed();
    let line = "[甲乙丙丁戊己<&，、]{1,9}".prop_map(|line: String| line).boxed();
    let option = |inner: &BoxedStrategy<String>| prop::option::of(inner.clone()).boxed();
    let texts = prop::collection::vec(text.clone(), 0..3);
    let point = (option(&line), text.clone()).prop_map(|(lead, text)| json!({"lead": lead, "text": text}));
    let body = prop::collection::vec(point, 0..4);
    let measure =
        (option(&line), body.clone()).prop_map(|(heading, body)| json!({"heading": heading, "body": body}));
    let problem = (text.clone(), option(&text), option(&text))
        .prop_map(|(problem, cause, detail)| json!({"problem": problem, "cause": cause, "detail": detail}));
    let plan = (option(&line), body.clone(), option(&line), prop::collection::vec(line.clone(), 0..3), prop::collection::vec(1..4u8, 0..2))
        .prop_map(|(heading, body, lead, support, answers)| json!({"heading": heading, "body": body, "lead": lead, "support": support, "answers": answers}));
    let table = prop::collection::vec(prop::collection::vec(text.clone(), 2), 0..3)
        .prop_map(|rows| json!({"columns": ["甲", "乙"], "rows": rows}));
    let attachment = (line.clone(), body.clone(), prop::option::of(table))
        .prop_map(|(title, body, table)| json!({"title": title, "body": body, "table": table}));
    let layout = (any::<bool>(), any::<bool>()).prop_map(|(run_in, together)| {
        json!({"headings": run_in.then_some("run-in"), "points": together.then_some("together")})
    });
    let sections = (
        prop::collection::vec(measure.clone(), 0..4),
        prop::collection::vec(problem, 0..4),
        prop::collection::vec(measure, 0..2),
        prop::collection::vec(plan, 0..3),
    );
    let around =
        (option(&text), prop::collection::vec(line.clone(), 0..3), prop::collection::vec(line, 0..3), layout);
    (texts.clone(), sections, texts, prop::collection::vec(attachment, 0..3), around).prop_map(
        |(
            preface,
            (measures, problems, duties, plans),
            other,
            attachments,
            (title, addressees, names, layout),
        )| {
            report_of(&json!({
                "year": 2024, "issuer": {"name": "云州市临江区人民政府"}, "title": title,
                "addressees": addressees, "preface": preface, "measures": measures, "problems": problems,
                "duties": duties, "plans": plans, "other": other, "attachments": attachments,
                "signature": {"names": names, "date": "2025-02-18"}, "layout": layout,
            }))
        },
    )
}

/// Without what no text of a report can hold.
fn clean(text: &str) -> String {
    let is_fit = |c: &char| *c == '\n' || !nianbao_core::language::invisible::is_invisible(*c);
    text.chars().filter(is_fit).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_was_written_comes_back(report in reports()) {
        let blocks = written(&report);
        let found = taken(&docx(&report, &blocks, Tags::Kept, ""), TrackedChanges::Accept);
        prop_assert_eq!(report_of(&found.document), report, "{}", found.account.text());
    }

    /// Whatever is done, nothing that stands in the document is lost.
    #[test]
    fn nothing_is_lost_whatever_is_done(report in reports(), edits in edits(), lost in any::<bool>()) {
        let mut blocks = written(&report);
        edits.into_iter().for_each(|edit| done(&mut blocks, edit));
        let tags = if lost { Tags::Lost } else { Tags::Kept };
        match import(&docx(&report, &blocks, tags, ""), &Particulars::default()) {
            Ok(found) => {
                let sentences = found.account.sentences;
                prop_assert_eq!(sentences.kept, sentences.all, "{:#}\n{}", found.document, found.account.text());
            }
            // What has hardly a word of it left is any document.
            Err(Failed::Report(refused)) => prop_assert!(refused.iter().all(|one| one.code == "not-a-report")),
            Err(failed) => panic!("{failed}"),
        }
    }
}

/// Who leads one plan, copied to before another that only says who supports it, in a document that has lost its tags.
#[test]
fn nobody_who_is_named_gives_way_to_another() {
    let report = report_of(&json!({
        "year": 2024, "issuer": {"name": "云州市临江区人民政府"}, "addressees": ["甲"],
        "measures": [{"heading": "戊"}], "problems": [{"problem": "己"}],
        "plans": [{"lead": "戊"}, {"body": [{"text": "甲\n丙。"}], "support": ["乙己丙"]}],
        "signature": {"names": ["丁"], "date": "2025-02-18"},
    }));
    let count = written(&report).len();
    for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
        for tags in [Tags::Lost, Tags::Kept] {
            let mut blocks = written(&report);
            done(&mut blocks, Edit::Copy(from, to));
            let found = import(&docx(&report, &blocks, tags, ""), &Particulars::default()).unwrap();
            let sentences = found.account.sentences;
            assert_eq!(sentences.kept, sentences.all, "{from} to {to}: {}", found.account.text());
        }
    }
}
