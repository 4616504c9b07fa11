//! What strains the layout: it stands all the same, or a finding says what to change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use nianbao::conform::{Strictness, Verdict, conform};
use nianbao::input::Format;
use nianbao::report::{Edition, Report};
use nianbao::template::{Filled, Purpose, fill};
use nianbao::typeset::{Pace, typeset};

use crate::pdf::Document;
use crate::workbench::{deeply, minimal, of_tests, packed, pdf, press, render, sample, told};

/// The smallest report with an attachment of this title and this table.
fn with_table(title: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let table = serde_json::json!([{"title": title, "table": {"columns": columns, "rows": rows}}]);
    format!("{}attachments: {table}\n", minimal())
}

/// A short report in the 报送版, with something changed.
fn short_report(written: &str, instead: &str) -> String {
    let report = fs::read_to_string(of_tests("cases/conform/half-page.yaml")).unwrap();
    assert!(report.contains(written), "{written}");
    report.replace(written, instead)
}

const SHORT_TITLE: &str = "云州市临江区司法局2024年法治政府建设年度报告";

/// The PDF of a report, what it does not conform to, and the codes that were told.
fn made(yaml: &str) -> (Document, Vec<&'static str>, BTreeSet<String>) {
    let made = render(yaml.as_bytes(), Format::Yaml, None, Purpose::Issue)
        .unwrap_or_else(|failed| panic!("{}", told(&failed)));
    let bytes = made.value.artifact.bytes;
    let findings = conform(&bytes, Strictness::Usual).unwrap().findings;
    let wrong = findings.iter().filter(|finding| finding.verdict == Verdict::Fails);
    let wrong = wrong.map(|finding| finding.element).collect();
    // The short report has nobody who signs it out.
    let told = made.warnings.iter().filter(|one| one.code != "letterhead-incomplete");
    (Document::read(bytes), wrong, told.map(|one| one.code.to_string()).collect())
}

/// The text of each line of 2号 on a page.
fn display_lines(document: &Document, page: usize) -> Vec<String> {
    let lines = document.pages[page].lines();
    let is_display = |line: &&crate::pdf::Line| line.characters.iter().all(|one| one.size_pt > 21.0);
    lines.iter().filter(is_display).map(crate::pdf::Line::text).collect()
}

#[test]
fn the_title_of_an_attachment_breaks_as_the_main_title_does() {
    let title = "2024年临江区重大行政决策合法性审查和行政规范性文件备案情况表";
    let document = pdf(&with_table(title, &["列".into()], &[vec!["格".into()]]), None);
    let page = document.pages.iter().position(|page| page.text().starts_with("附件")).unwrap();
    let lines = display_lines(&document, page);
    assert!(lines.len() > 1, "{lines:?}");
    assert_eq!(lines, nianbao::template::title::lines(title));
    let whole = format!("附件 {title}");
    assert!(document.bookmarks.iter().any(|(_, bookmark)| *bookmark == whole), "its bookmark is whole");
    assert!(packed(&document.text()).contains(title));
}

#[test]
fn a_short_row_is_not_torn_between_pages() {
    let text = "由区司法局会同有关部门办理并按时报送备案，未收到纠正意见，已按规定向社会公布文本和解读材料";
    let row =
        |number: usize| vec![number.to_string(), format!("第{number}项"), format!("{text}之{number}。")];
    let rows: Vec<_> = (1..=60).map(row).collect();
    let columns = ["序号", "事项", "说明"].map(String::from);
    let document = pdf(&with_table("事项表", &columns, &rows), None);
    assert!(document.pages.len() > 5);
    for number in 1..=60 {
        let cell = packed(&format!("{text}之{number}。"));
        assert!(document.pages.iter().any(|page| page.text().contains(&cell)), "row {number} is torn");
    }
}

#[test]
fn a_cell_of_5000_characters_goes_on_over_pages() {
    let text: String = "依法行政，建设法治政府。".chars().cycle().take(5_000).collect();
    let columns = ["序号", "说明"].map(String::from);
    let document = pdf(&with_table("事项表", &columns, &[vec!["1".into(), text.clone()]]), None);
    let cell: String = document.text().split("序号说明").skip(1).collect();
    assert_eq!(cell, format!("1{text}"));
    assert_inside(&document);
}

/// Nothing stands outside the text block but page numbers; a sheet across has it turned.
fn assert_inside(document: &Document) {
    for (index, page) in document.pages.iter().enumerate() {
        let (left, right, top, bottom) =
            if page.width < page.height { (28.0, 184.0, 37.0, 262.0) } else { (35.0, 260.0, 28.0, 184.0) };
        for one in page.characters.iter().filter(|one| !one.is_artifact && !one.text.trim().is_empty()) {
            let height = one.size_pt * 25.4 / 72.0;
            let is_inside = one.x > left - 1.0
                && one.right < right + 1.0
                && one.y - 0.88 * height > top - 1.0
                && one.y + 0.12 * height < bottom + 1.0;
            assert!(is_inside, "page {}: {} at {:.1}, {:.1} mm", index + 1, one.text, one.x, one.y);
        }
    }
}

#[test]
fn page_1_shows_text_by_the_ways_of_the_standard_in_their_order() {
    let mut told = Vec::new();
    for lines in 1..=13 {
        let title = ["关于法治政府建设情况的报告"; 13][..lines].join("\\n");
        let (document, wrong, codes) = made(&short_report(SHORT_TITLE, &format!("\"{title}\"")));
        let has_text = document.pages[0].text().contains("2024年，区司法局认真");
        assert_eq!(has_text, !codes.contains("first-page-without-text"), "{lines} lines: {codes:?}");
        assert!(!has_text || wrong.is_empty(), "{lines} lines, {codes:?}: {wrong:?}");
        let is_moved = document.text().contains("主送：云州市临江区人民政府。");
        assert_eq!(is_moved, codes.contains("addressees-moved"), "{lines} lines");
        assert!(is_moved || document.text().contains("云州市临江区人民政府："), "{lines} lines");
        told.push(codes);
    }
    told.dedup();
    let told: Vec<Vec<_>> = told.into_iter().map(|codes| codes.into_iter().collect()).collect();
    let expected: [&[&str]; 4] =
        [&[], &["spacing-adjusted"], &["addressees-moved", "spacing-adjusted"], &["first-page-without-text"]];
    assert_eq!(told, expected);
}

#[test]
fn where_no_colophon_was_asked_for_it_still_bears_what_moved() {
    let title = ["关于法治政府建设情况的报告"; 13];
    let without = "printed_by: 云州市临江区司法局办公室\nprinted_on: 2025-02-19\n";
    let plain = short_report(without, "");
    assert!(!made(&plain).0.text().contains("主送："));
    let moved = (1..13).any(|lines| {
        let title = format!("\"{}\"", title[..lines].join("\\n"));
        let (document, _, codes) = made(&plain.replace(SHORT_TITLE, &title));
        codes.contains("addressees-moved") && document.text().contains("主送：云州市临江区人民政府。")
    });
    assert!(moved);
}

#[test]
fn a_signature_is_never_alone_and_the_way_taken_is_told() {
    let mut ways = BTreeSet::new();
    for count in 1..=46 {
        let preface: String = (1..=count).map(|number| format!("  - 第{number}段。\n")).collect();
        // Every other time the last paragraph is long.
        let closing = if count % 2 == 0 {
            "特此报告。".into()
        } else {
            "下一步依法办好每一件事。".repeat(15)
        };
        let written = minimal().replace("  - 2024年，临江区依法行政。\n", &preface);
        let yaml = format!("{written}closing: {closing}\n");
        let (document, wrong, codes) = made(&yaml);
        let signed = |page: &crate::pdf::Page| page.text().contains("2025年2月18日");
        let page = document.pages.iter().position(signed).unwrap();
        assert!(!document.pages[page].text().starts_with("云州市"), "{count}: the signature is alone");
        // Some pages closer than others, and a page that ends before its paragraph does, are what is told.
        let strange: Vec<_> =
            wrong.into_iter().filter(|one| !matches!(*one, "每面行数" | "版心高")).collect();
        assert!(strange.is_empty(), "{count}, {codes:?}: {strange:?}");
        if codes.contains("text-taken-along") {
            let lines = document.pages[page - 1].lines().len();
            assert!((18..22).contains(&lines), "{count}: {lines} lines on the page before");
        }
        ways.insert(codes.into_iter().collect::<Vec<_>>());
    }
    let ways: Vec<_> = ways.into_iter().collect();
    let expected: [&[&str]; 3] = [&[], &["spacing-adjusted"], &["text-taken-along"]];
    assert_eq!(ways, expected, "each happens: spacing first");
}

#[test]
fn a_title_of_200_characters_is_whole_and_told() {
    // With 200 the ways of the standard just bring text to page 1, with 300 none does.
    for (times, code) in [(7, "addressees-moved"), (11, "first-page-without-text")] {
        let title = "云州市临江区关于贯彻落实法治政府建设实施纲要推进依法行政的".repeat(times) + "报告";
        assert!(title.chars().count() > 200);
        let (document, _, codes) = made(&short_report(SHORT_TITLE, &title));
        assert!(codes.contains(code), "{codes:?}");
        assert!(document.text().contains(&title));
        assert_inside(&document);
    }
}

#[test]
fn a_name_of_60_characters_is_whole_wherever_it_stands() {
    let name = "云州市临江区推进政府职能转变和行政审批制度改革以及优化营商环境工作领导小组".repeat(2);
    let name: String = name.chars().take(57).chain("办公室".chars()).collect();
    let (document, wrong, _) = made(&short_report("云州市临江区司法局", &name));
    assert!(wrong.is_empty(), "{wrong:?}");
    // 发文机关标志, title, signature and 版记.
    assert_eq!(document.text().matches(&name).count(), 4, "{}", document.text());
    assert_inside(&document);
}

#[test]
fn ten_signatories_stand_two_in_a_line() {
    let names = ["赵甲", "钱乙", "孙丙", "李丁", "周戊", "吴己", "郑庚", "王辛", "冯壬", "陈癸"];
    let header = format!("  suffix: 文件\n  signatories: [{}]", names.join(", "));
    let (document, wrong, codes) = made(&short_report("  suffix: 文件", &header));
    assert!(wrong.is_empty() && codes.is_empty(), "{wrong:?} {codes:?}");
    for pair in names.chunks(2) {
        let lines = document.pages[0].lines();
        assert!(lines.iter().any(|line| line.text().contains(&pair.concat())), "{pair:?}");
    }
    assert_inside(&document);
}

#[test]
fn the_figures_of_40_columns_do_not_overlap() {
    let columns: Vec<_> = (1..=40).map(|number| format!("第{number}项")).collect();
    let row = |row: usize| (0..40).map(|column| (row * 10_000 + column).to_string()).collect();
    let rows: Vec<Vec<String>> = (1..=9).map(row).collect();
    let document = pdf(&with_table("指标表", &columns, &rows), Some(Edition::Formal));
    for figure in rows.iter().flatten() {
        assert!(document.text().contains(figure), "{figure}");
    }
    assert_inside(&document);
    for line in document.pages.iter().flat_map(crate::pdf::Page::lines) {
        for pair in line.characters.windows(2) {
            let overlap = pair[0].right - pair[1].x;
            assert!(overlap < 0.1, "{} and {} in {}", pair[0].text, pair[1].text, line.text());
        }
    }
}

#[test]
fn an_empty_attachment_has_its_sheet_and_its_title() {
    let yaml = format!("{}attachments: [{{title: 情况表}}]\n", minimal());
    let document = pdf(&yaml, None);
    assert_eq!(document.pages.last().unwrap().text(), "附件情况表");
    assert!(document.text().contains("附件：情况表"));
}

#[test]
fn names_that_wait_for_seals_stand_in_as_few_rows_as_have_room() {
    let names = ["区人民政府", "区司法局", "区财政局", "区人力资源和社会保障局"];
    for (count, rows) in [(1, 1), (2, 1), (3, 2), (4, 2)] {
        let names: Vec<_> = names[..count].iter().map(|name| format!("云州市临江{name}")).collect();
        let (document, wrong, _) = made(&sealed(&names));
        assert_eq!(wrong, Vec::<&str>::new(), "{names:?}");
        let others =
            |line: &crate::pdf::Line| names.iter().fold(line.text(), |rest, name| rest.replace(name, ""));
        let last = document.pages.iter().rev().find(|page| page.text().contains("2025年2月18日")).unwrap();
        assert_eq!(last.lines().iter().filter(|line| others(line).is_empty()).count(), rows, "{names:?}");
    }
}

#[test]
fn no_name_of_a_long_joint_signature_is_lost() {
    for (count, filler) in [(5, ""), (8, "人力资源和社会保障事务"), (12, ""), (30, "人力资源和社会保障事务")]
    {
        let names: Vec<_> = (1..=count).map(|number| format!("云州市临江区{filler}第{number}局")).collect();
        let document = pdf(&sealed(&names), None);
        for words in names.iter().map(String::as_str).chain(["2025年2月18日"]) {
            assert!(document.text().contains(words), "{words} of {count}");
        }
        assert_inside(&document);
    }
}

/// The short report, signed by these with room for their seals.
fn sealed(names: &[String]) -> String {
    short_report(
        "{names: [云州市临江区司法局], date: 2025-02-18}",
        &format!("{{names: {names:?}, date: 2025-02-18, seal: space}}"),
    )
}

#[test]
fn a_version_record_higher_than_a_page_goes_on_over_the_next() {
    let copies: Vec<_> =
        (1..=150).map(|number| format!("云州市临江区第{number}街道办事处综合行政执法办公室")).collect();
    let yaml = short_report("printed_by:", &format!("copies_to: {copies:?}\nprinted_by:"));
    let document = pdf(&yaml, None);
    assert!(copies.iter().all(|copy| document.text().contains(copy)));
    assert_inside(&document);
}

/// A signature that needs many lines has the last pages set closer or wider, and no others.
#[test]
fn a_signature_without_room_changes_the_last_pages_only() {
    let names =
        ["人民政府", "司法局", "财政局", "人力资源和社会保障局"].map(|name| format!("云州市临江区{name}"));
    let (mut local, mut untouched) = (0, 0);
    for count in 60..=80 {
        let preface: String = (1..=count).map(|number| format!("  - 第{number}段。\n")).collect();
        let written = minimal().replace("  - 2024年，临江区依法行政。\n", &preface);
        let signed = format!("names: {names:?}\n  seal: space");
        let yaml = written.replace("names: [云州市临江区人民政府]", &signed) + "closing: 特此报告。\n";
        let made =
            render(yaml.as_bytes(), Format::Yaml, None, Purpose::Issue).unwrap_or_else(|_| panic!("{count}"));
        let document = Document::read(made.value.artifact.bytes);
        let Some(note) = made.warnings.iter().find(|one| one.code == "spacing-adjusted") else { continue };
        if note.message.contains("全文") {
            continue;
        }
        local += 1;
        let counts: Vec<usize> = document.pages.iter().map(|page| page.lines().len()).collect();
        // Seals leave lines empty: the pitch tells, and not how many lines there are.
        let pitch = |page: &crate::pdf::Page| {
            let lines = page.lines();
            let last = lines.len() - 1;
            (lines[last].y - lines[last - 1].y, lines[1].y - lines[0].y)
        };
        let is_usual = |pitch: f64| (pitch - 10.45).abs() < 0.1;
        assert!(is_usual(pitch(&document.pages[0]).0), "{count}: {counts:?}");
        untouched += usize::from(is_usual(pitch(&document.pages[1]).1));
        let others = document.pages.iter().filter(|page| page.lines().len() > 2 && !is_usual(pitch(page).1));
        assert!(others.count() > 0, "{count}: {counts:?}");
    }
    assert!(local > 1 && untouched > 0, "{local}, {untouched}");
}

/// What is known only when all stands has it set once more: the figures at the foot of the pages; in the formal edition
/// besides, where its 版记 comes. Nothing else does: headings are told their numbers.
#[test]
fn typst_sets_a_report_anew_for_nothing_but_its_page_numbers_and_version_record() {
    for (edition, times) in [(Edition::Public, 2), (Edition::Formal, 3)] {
        let mut report = nianbao::input::read::<Report>(sample().as_bytes(), Format::Yaml).unwrap().value;
        report.edition = edition;
        let document = report.into();
        let filled = fill(press().templates.of(&document).unwrap(), &document, Purpose::Issue).unwrap();
        assert_eq!(iterations(&filled), times, "{edition:?}");
    }
}

/// Templates of offices may leave the count to typst.
#[test]
fn headings_are_numbered_alike_by_those_who_tell_and_those_who_count() {
    let document = nianbao::input::read::<Report>(minimal().as_bytes(), Format::Yaml).unwrap().value.into();
    let filled = fill(press().templates.of(&document).unwrap(), &document, Purpose::Issue).unwrap();
    let text = |is_told: bool| {
        let number = |number: usize| if is_told { format!("(number: [{number}])") } else { String::new() };
        let (first, second, third) = (number(1), number(2), number(3));
        let source = format!(
            "#import \"/gongwen.typ\": *\n\
             #show: gongwen.with(title: [标题], date: datetime(year: 2025, month: 1, day: 1))\n\
             #section{first}[甲]\n#subsection{first}[乙]\n#subsection-run-in{second}[丙。][丙的正文。]\n\
             #subsection{third}[丁]\n#section{second}[戊]\n#subsection{first}[己]\n#item{first}[庚]\n"
        );
        let filled = Filled { source, libraries: filled.libraries.clone() };
        let made = deeply(|| {
            let pages =
                typeset(&filled, &press().fonts, Pace::AtOnce).unwrap_or_else(|failed| panic!("{failed}"));
            nianbao::export::pdf(&pages).unwrap_or_else(|failed| panic!("{failed}")).bytes
        });
        packed(&Document::read(made).text())
    };
    assert_eq!(text(true), "一、甲（一）乙（二）丙。丙的正文。（三）丁二、戊（一）己1.庚");
    assert_eq!(text(false), text(true));
}

/// How often typst lays out a document whose signature fits, as its own timing tells. Other tests set theirs meanwhile.
fn iterations(filled: &Filled) -> usize {
    const OURS: &str = "of this thread";
    typst_timing::enable();
    deeply(|| {
        drop(typst_timing::TimingScope::new(OURS));
        let pages = typeset(filled, &press().fonts, Pace::AtOnce).unwrap_or_else(|_| panic!("it is sound"));
        assert_eq!(pages.passes, 1);
    });
    typst_timing::disable();
    let mut told = Vec::new();
    typst_timing::export_json(&mut told, |_| (String::new(), 0)).unwrap();
    let told: Vec<serde_json::Value> = serde_json::from_slice(&told).unwrap();
    let ours = told.iter().find(|event| event["name"] == OURS).unwrap()["tid"].clone();
    let begins = |event: &&serde_json::Value| {
        event["tid"] == ours
            && event["ph"] == "B"
            && event["name"].as_str().is_some_and(|name| name.starts_with("iter ("))
    };
    told.iter().filter(begins).count()
}

/// How many pages it takes is reckoned: typst sets such a document once more, and not until it fits. Headings and what
/// has a face or a place of its own, like 附注, are reckoned with.
#[test]
fn how_many_last_pages_a_signature_needs_is_foreseen() {
    let mut passes = BTreeMap::new();
    for count in 0..22 {
        let more: String = (0..count).map(|number| format!("  - 第{number}段。\n")).collect();
        let yaml = sample().replacen("preface:\n", &format!("preface:\n{more}"), 1);
        let report = nianbao::input::read::<Report>(yaml.as_bytes(), Format::Yaml).unwrap().value;
        let document = report.into();
        let filled = fill(press().templates.of(&document).unwrap(), &document, Purpose::Issue).unwrap();
        let pages = deeply(|| typeset(&filled, &press().fonts, Pace::AtOnce))
            .unwrap_or_else(|failed| panic!("{count}: {}", told(&failed)));
        let codes: Vec<_> = pages.notes.iter().map(|note| note.code.to_string()).collect();
        *passes.entry((codes.join(" "), pages.passes)).or_insert(0) += 1;
    }
    let seen: Vec<_> = passes.keys().map(|(codes, passes)| (codes.as_str(), *passes)).collect();
    assert_eq!(seen, [("", 1), ("spacing-adjusted", 2)], "{passes:?}");
}
