//! What an import and a PDF owe each other: the PDF of an import says what its source said, and our own
//! gives its report back. What needs no pages is tested in `core/tests/units/import.rs`.

use nianbao::diagnostic::Failed;
use nianbao::export::Target;
use nianbao::import::{Particulars, import, write_yaml};
use nianbao::input::Format;
use nianbao::pipeline::{Paper, findings, make};
use nianbao::report::{Edition, Report};
use nianbao::template::Purpose;

use crate::desk::{files_in, imported, of_tests, real_reports, refused, seed, words};
use crate::pdf::Document;
use crate::workbench::{deeply, press, read, render, sample, told};

#[test]
fn our_own_pdf_gives_its_report_back_exactly() {
    let report = Report { edition: Edition::Formal, ..read(sample()) };
    let made = |target| {
        deeply(|| make(&report.clone().into(), Purpose::Issue, target, press())).unwrap().value.artifact
    };
    let (plain, with_source) = (made(Target::Pdf), made(Target::PdfWithSource));
    assert_eq!(plain.pages, with_source.pages);
    let back = imported(&with_source.bytes);
    assert_eq!(read(&back.document.to_string()), report);
    assert_eq!(read(&write_yaml(&back.document, "")), report);
    assert_eq!(Document::read(plain.bytes.clone()).text(), Document::read(with_source.bytes.clone()).text());
    let says =
        |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(says(&with_source.bytes, "<pdfaid:part>3</pdfaid:part>"));
    assert_eq!(with_source.bytes, made(Target::PdfWithSource).bytes, "the same bytes each time");
    // A PDF without it is nobody's guess.
    assert_eq!(refused(&plain.bytes), ["no-attached-report"]);
    assert_eq!(refused(&with_source.bytes[..400]).len(), 1);
}

/// Whoever publishes the public edition with its source does not publish what only the formal one shows.
#[test]
fn a_public_source_has_no_more_than_its_edition() {
    let mut report = read(sample());
    assert!(
        report.header.as_ref().is_some_and(|header| !header.signatories.is_empty()),
        "it has what to hide"
    );
    report.edition = Edition::Public;
    let attached = |report: &Report| {
        let made =
            deeply(|| make(&report.clone().into(), Purpose::Issue, Target::PdfWithSource, press())).unwrap();
        import(&made.value.artifact.bytes, &Particulars::default()).unwrap().document
    };
    let public = attached(&report);
    for hidden in ["header", "copies_to", "printed_by", "printed_on", "allow"] {
        assert!(public.get(hidden).is_none(), "{hidden}: {}", public[hidden]);
    }
    report.edition = Edition::Formal;
    assert!(attached(&report).get("header").is_some());
}

/// Whatever an import writes can be seen, however much it lacks, and what is wrong with what is there is told.
#[test]
fn every_import_can_be_seen_as_a_draft() {
    for path in files_in(&of_tests("cases/import")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".expected.json") {
            continue;
        }
        let document = imported(&std::fs::read(&path).unwrap()).document.to_string();
        let made = render(document.as_bytes(), Format::Json, None, Purpose::Draft);
        let made = made.unwrap_or_else(|failed| panic!("{name}: {}", told(&failed)));
        assert!(made.value.artifact.pages > Some(0), "{name}");
    }
}

#[test]
fn what_a_report_lacks_hides_nothing_else() {
    let lacking =
        "year: 2024\nissuer: {name: 云州市人民政府}\npreface:\n  - 2024年，取得显着成效（依法行政。\n";
    let paper = Paper { bytes: lacking.as_bytes(), format: Format::Yaml };
    let found = deeply(|| findings(&paper.alone(), None, press())).unwrap();
    for code in ["missing-field", "missing-section", "typo", "unpaired-mark"] {
        assert!(found.iter().any(|one| one.code == code), "no {code} in {found:#?}");
    }
    assert!(
        !found.iter().any(|one| one.message.contains('〔')),
        "nothing is said of what nobody wrote: {found:#?}"
    );
    let position = found.iter().find(|one| one.code == "typo").and_then(|one| one.position);
    assert_eq!(position.map(|at| at.line), Some(4));
    // A draft shows it, and says the same; what is issued is whole, and so is what is attached.
    let made = render(lacking.as_bytes(), Format::Yaml, None, Purpose::Draft).unwrap();
    assert!(made.warnings.iter().any(|one| one.code == "missing-field"));
    let Err(Failed::Report(refused)) = render(lacking.as_bytes(), Format::Yaml, None, Purpose::Issue) else {
        panic!("it is issued")
    };
    for code in ["missing-field", "typo"] {
        assert!(refused.iter().any(|one| one.code == code), "no {code} in {refused:#?}");
    }
    // A year that the title names stands in for the field.
    let without_year = "title: 云州市2024年法治政府建设年度报告\n";
    let made = render(without_year.as_bytes(), Format::Yaml, None, Purpose::Draft).unwrap();
    assert!(made.value.name.contains("2024"), "{}", made.value.name);
}

/// What every PDF of an import must say: each sentence of the source, its debris set aside.
#[test]
#[expect(clippy::print_stdout, reason = "the shares are asked for")]
fn the_pdf_of_an_import_says_what_the_source_says() {
    let Some(folder) = real_reports("what the PDFs of imports say") else { return };
    let given = |issuer: &str| Particulars {
        issuer: issuer.parse().ok(),
        date: "2025-02-20".parse().ok(),
        ..Particulars::default()
    };
    let (mut all, mut kept, mut placed) = (0, 0, 0);
    for (number, issuer, is_report) in [
        ("002_", "济南市人民政府", true),
        ("003_", "丹东市人民政府", true),
        ("004_", "青岛市城阳区人民政府", true),
        ("000_", "青岛市人民政府", false),
        ("001_", "中共青岛市即墨区委全面依法治区委员会办公室", false),
    ] {
        let source = seed(&folder, number);
        let found = import(source.as_bytes(), &given(issuer)).unwrap();
        let document = found.document.to_string();
        let made = render(document.as_bytes(), Format::Json, None, Purpose::Draft);
        let made = made.unwrap_or_else(|failed| panic!("{}", told(&failed)));
        let text = words(&Document::read(made.value.artifact.bytes).text());
        for sentence in sentences_of(&source) {
            assert!(text.contains(&sentence), "{number} loses “{sentence}”");
        }
        let sentences = found.account.sentences;
        assert_eq!(sentences.kept, sentences.all, "{number}");
        if is_report {
            (all, kept, placed) = (all + sentences.all, kept + sentences.kept, placed + sentences.placed);
        }
    }
    println!(
        "三份报告共 {all} 句：保留 {kept} 句（{:.1}%），归到字段 {placed} 句（{:.1}%）",
        100.0 * kept as f64 / all as f64,
        100.0 * placed as f64 / all as f64
    );
    assert!(all > 250, "the sentences are counted: {all}");
    assert_eq!(kept, all);
    assert!(placed * 100 >= all * 95, "{placed} of {all} have a place");
}

/// The sentences of a seed as a person would copy them: without its debris, headings of sections and
/// numbers. Stated here apart from the program.
fn sentences_of(text: &str) -> Vec<String> {
    let debris = ["#p#分页标题#e#", "济南市人民政府 通知公告 ", "52fw.cn 04-21 次遇见"];
    let text = debris.iter().fold(text.to_owned(), |text, debris| text.replace(debris, ""));
    let text = text.replace("bt365体育在线备用_365国际体育官网_365bet亚洲城\n", "\n");
    let text = text.replace("bt365体育在线备用_365国际体育官网_365bet亚洲城", "丹东市");
    // The line of 城阳 that is broken inside a sentence.
    let text = text.replace("中青年干部\n", "中青年干部");
    // The page number under 即墨's plan.
    let text = text.strip_suffix("印发\n11").map(|text| format!("{text}印发")).unwrap_or(text);
    let site = ["原文链接", "上一篇", "下一篇"];
    let chapter = |line: &str| {
        let numeral = line
            .chars()
            .take_while(|c| "一二三四五六七八九十".contains(*c))
            .map(char::len_utf8)
            .sum::<usize>();
        numeral > 0 && line[numeral..].starts_with('、')
    };
    // The headings of 丹东 are topics and stay; those of the others are the template's.
    let is_dandong = text.contains("丹东市");
    let lines = text.lines().filter(|line| !site.iter().any(|word| line.starts_with(word)));
    let mut sentences = Vec::new();
    for line in lines {
        let line = match (chapter(line), is_dandong) {
            (true, true) if !line.contains("存在的不足") => line.split_once('、').unwrap().1,
            (true, _) => continue,
            (false, _) => line,
        };
        let line = match line.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            Some((number, rest)) if number.chars().count() < 3 => rest,
            _ => line,
        };
        // The template's words may stand between a problem and its cause.
        let line = line.replace(",主要原因在于", "。主要原因在于");
        sentences.extend(line.split('。').map(words).filter(|words| !words.is_empty()));
    }
    sentences
}
