//! What a digest quotes stands in its report, word for word and figure for figure: of the samples, of generated
//! reports, of an article that is no report.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use nianbao_core::diagnostic::Failed;
use nianbao_core::digest::{
    Digest, DigestChoice, DigestFigure, MAX_CHARACTERS, Tendency, digest, newspaper_text, propose,
};
use nianbao_core::import::{Import, Particulars, import, write_yaml};
use nianbao_core::input::{self, Format};
use nianbao_core::report::{Indicator, IndicatorValue, Report};
use proptest::prelude::*;

use crate::desk::{minimal, read, real_reports, sample, seed, told};

fn of(report: &Report) -> Digest {
    digest(report, None).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

fn imported_as(text: &str, given: &Particulars) -> Import {
    import(text.as_bytes(), given).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

/// A text without what only sets it apart in lines.
fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// That each sentence, heading and figure stands in the report.
fn assert_stands_in(digest: &Digest, report: &Report) {
    let texts: Vec<String> = report.texts().iter().map(|(_, text)| packed(text)).collect();
    let stands = |said: &str| texts.iter().any(|text| text.contains(&packed(said)));
    for section in &digest.sections {
        if let Some(heading) = &section.heading {
            let is_name = [
                "存在的不足和原因",
                "第一责任人履职情况",
                "下一年度主要安排",
                "主要举措和成效",
                "其他需要报告的情况",
            ];
            assert!(stands(heading) || is_name.contains(&heading.as_str()), "{heading}");
        }
        for one in &section.quotations {
            assert!(stands(&one.text()), "{}", one.text());
            if let Some(lead) = &one.lead {
                // The lead leads just this sentence.
                assert!(stands(lead), "{lead}");
            }
            let own = report.texts().into_iter().find(|(path, _)| *path == one.at);
            let own = own.unwrap_or_else(|| panic!("{} is no text", one.at)).1;
            assert!(own.contains(&one.text()), "{}: {own}", one.at);
        }
    }
    let shown = digest.headline.iter().chain(&digest.others);
    let drawn =
        digest.pairs.iter().map(|pair| &pair.figure).chain(digest.rates.iter().map(|rate| &rate.figure));
    for figure in shown.chain(drawn) {
        let own: Vec<&Indicator> = report.indicators.iter().filter(|one| *one.name == *figure.name).collect();
        assert!(own.iter().any(|indicator| says_the_same(figure, indicator)), "{figure:?} {own:?}");
    }
}

fn says_the_same(figure: &DigestFigure, indicator: &Indicator) -> bool {
    let unit = indicator.unit.as_deref().unwrap_or_default();
    let is_same = |written: &str, value: &IndicatorValue| match value.number() {
        Some(number) if *value != IndicatorValue::Nil => in_full(written) == number,
        _ => written == value.to_string(),
    };
    let previous = match (&figure.previous, &indicator.previous) {
        (Some(written), Some(value)) => is_same(written.strip_suffix(unit).unwrap_or(written), value),
        (None, other) => other.as_ref().is_none_or(|value| *value == IndicatorValue::NotApplicable),
        _ => false,
    };
    let has_grown =
        match (indicator.value.number(), indicator.previous.as_ref().and_then(IndicatorValue::number)) {
            (Some(now), Some(before)) => match figure.tendency {
                Tendency::Up => now > before,
                Tendency::Down => now < before,
                Tendency::Level => now == before,
                Tendency::Unknown => figure.growth.is_none(),
            },
            _ => figure.growth.is_none(),
        };
    is_same(&figure.value, &indicator.value)
        && previous
        && has_grown
        && (figure.about == "约") == indicator.approximate
}

/// 30.36亿 as 3036000000.
fn in_full(written: &str) -> rust_decimal::Decimal {
    let (digits, scale) = match (written.strip_suffix('亿'), written.strip_suffix('万')) {
        (Some(digits), _) => (digits, 100_000_000),
        (_, Some(digits)) => (digits, 10_000),
        _ => (written, 1),
    };
    digits.parse::<rust_decimal::Decimal>().unwrap() * rust_decimal::Decimal::from(scale)
}

#[test]
fn the_sample_at_a_glance() {
    let report = read(sample());
    let digest = of(&report);
    assert_stands_in(&digest, &report);
    assert_eq!((digest.headline.len(), digest.others.len()), (6, 12));
    assert_eq!((digest.pairs.len(), digest.rates.len()), (6, 2));
    let headings: Vec<&str> =
        digest.sections.iter().filter_map(|section| section.heading.as_deref()).collect();
    for measure in &report.measures {
        assert!(headings.contains(&measure.heading.as_deref().unwrap()), "{headings:?}");
    }
    for name in ["存在的不足和原因", "第一责任人履职情况", "下一年度主要安排"] {
        assert!(headings.contains(&name), "{headings:?}");
    }
    for section in &digest.sections {
        let length: usize = section.quotations.iter().map(|one| one.text().chars().count()).sum();
        assert!(section.quotations.len() == 1 || length <= 110, "{section:?}");
        if section.heading.as_ref().is_some_and(|heading| heading.starts_with("规范执法行为")) {
            let figures =
                section.quotations.iter().flat_map(|one| &one.stretches).filter(|one| one.is_figure);
            assert!(figures.count() > 1, "{section:?}");
        }
    }
    assert_eq!(of(&report), digest, "chosen the same again");
}

#[test]
fn a_newspaper_has_room_for_so_many_characters() {
    let report = read(sample());
    let made = newspaper_text(&of(&report));
    assert!(made.text.chars().count() <= MAX_CHARACTERS, "{}", made.text.chars().count());
    assert!(made.text.starts_with("云州市临江区人民政府2024年法治政府建设成绩单\n　　"), "{}", made.text);
    assert!(made.text.lines().filter(|line| !line.starts_with('　')).count() > 5, "{}", made.text);
    // Everything ticked is more than there is room for.
    let mut all = propose(&report);
    let sentences = all.sections.iter_mut().flat_map(|section| &mut section.sentences);
    sentences.for_each(|one| one.chosen = true);
    let digest = digest(&report, Some(&all)).unwrap();
    assert_stands_in(&digest, &report);
    let made = newspaper_text(&digest);
    assert!(made.text.chars().count() <= MAX_CHARACTERS && made.left_out > 50, "{}", made.left_out);
    let texts: Vec<String> = report.texts().into_iter().map(|(_, text)| text).collect();
    for line in made.text.lines().skip(2).filter(|line| line.starts_with('　')) {
        for said in line.trim().split_inclusive('。').filter(|said| !said.is_empty()) {
            let said = said.trim_end_matches('。');
            assert!(texts.iter().any(|text| text.contains(said)), "{said}");
        }
    }
}

#[test]
fn ticks_are_written_and_read_again() {
    let report = read(sample());
    let mut choice = propose(&report);
    let written = write_yaml(&serde_json::to_value(&choice).unwrap(), "选择");
    let again = input::read::<DigestChoice>(written.as_bytes(), Format::Yaml);
    assert_eq!(again.unwrap_or_else(|failed| panic!("{}", told(&failed))).value, choice);
    assert_eq!(digest(&report, Some(&choice)).unwrap(), of(&report));
    choice.figures.iter_mut().for_each(|one| one.chosen = one.name.contains("复议"));
    choice.sections.retain(|section| section.heading.starts_with("完善突发事件"));
    let digest = digest(&report, Some(&choice)).unwrap();
    assert_eq!(digest.headline.len() + digest.others.len(), 2);
    assert_eq!(digest.sections.len(), 1);
}

#[test]
fn what_the_report_does_not_say_cannot_be_ticked() {
    let report = read(sample());
    let refused = |change: &dyn Fn(&mut DigestChoice)| {
        let mut choice = propose(&report);
        change(&mut choice);
        match digest(&report, Some(&choice)) {
            Err(Failed::Report(found)) => {
                found.iter().map(|one| format!("{}: {}", one.code, one.message)).collect()
            }
            Err(failed) => panic!("{}", told(&failed)),
            Ok(_) => String::new(),
        }
    };
    let mut said: String = refused(&|choice| {
        let one = &mut choice.sections[1].sentences[0];
        (one.chosen, one.text) = (true, "全年受理案件9999件。".parse().unwrap());
    });
    said += &refused(&|choice| choice.figures[0].name = "受理<b>案件".parse().unwrap());
    said += &refused(&|choice| choice.figures[0].at = "indicators[99]".parse().unwrap());
    assert_eq!(said.matches("unknown-choice").count(), 3, "{said}");
    assert!(said.contains("全年受理案件9999件") && said.contains("报告里没有"), "{said}");
    let nothing = refused(&|choice| *choice = DigestChoice::default());
    assert!(nothing.contains("empty-digest"), "{nothing}");
}

#[test]
fn a_report_without_figures_or_with_very_many_has_a_digest() {
    let few = Report { indicators: vec![], ..read(&minimal()) };
    let digest = of(&few);
    assert!(digest.headline.is_empty() && digest.pairs.is_empty() && !digest.sections.is_empty());
    let mut many = read(sample());
    let one = many.indicators[0].clone();
    many.indicators = (0..300)
        .map(|number| Indicator {
            key: format!("k{number}").parse().ok(),
            name: format!("第{number}项指标").parse().unwrap(),
            ..one.clone()
        })
        .collect();
    let digest = of(&many);
    assert_eq!(digest.headline.len() + digest.others.len(), 60);
    assert_eq!(propose(&many).figures.len(), 300);
    assert_stands_in(&digest, &many);
    let bare = Report {
        preface: vec![],
        measures: vec![],
        problems: vec![],
        duties: vec![],
        plans: vec![],
        other: vec![],
        ..few
    };
    let Err(Failed::Report(found)) = nianbao_core::digest::digest(&bare, None) else {
        panic!("nothing was made")
    };
    assert_eq!(found[0].code, "empty-digest");
}

#[test]
fn a_long_report_is_as_short_at_a_glance() {
    let mut report = read(sample());
    let measures = report.measures.clone();
    report.measures = (0..12).flat_map(|_| measures.clone()).collect();
    let digest = of(&report);
    let length: usize = digest
        .sections
        .iter()
        .flat_map(|section| &section.quotations)
        .map(|one| one.text().chars().count())
        .sum();
    assert!(length <= 1_000, "{length}");
    assert_stands_in(&digest, &report);
}

/// An article that was imported has its text unplaced; its short lines are its headings.
#[test]
fn an_article_is_a_digest_again() {
    let article = "云州法治政府建设亮出“2023成绩单”\n过去一年，云州深入推进法治政府建设，办结案件5120件。\n行政效能大幅提升\n建成自助服务点88个，可办理事项64项。全市网上申报4.2万件。\n化解矛盾纠纷\n调解纠纷1350件，成功率97.8%。\n";
    let given = Particulars {
        year: Some("2023".parse().unwrap()),
        issuer: Some("云州市人民政府".parse().unwrap()),
        date: Some("2024-03-01".parse().unwrap()),
        ..Particulars::default()
    };
    let made = imported_as(article, &given);
    let yaml = write_yaml(&made.document, "");
    let report = read(&yaml);
    let digest = of(&report);
    assert_stands_in(&digest, &report);
    assert_eq!(digest.headline.len() + digest.others.len(), report.indicators.len());
    let headings: Vec<_> = digest.sections.iter().map(|section| section.heading.as_deref()).collect();
    assert_eq!(headings, [None, Some("行政效能大幅提升"), Some("化解矛盾纠纷")], "{digest:#?}");
}

#[test]
fn qingdaos_digest_is_a_digest_again() {
    let Some(folder) = real_reports("qingdao as a digest") else { return };
    let source = seed(&folder, "000_");
    let given = Particulars {
        issuer: Some("青岛市人民政府".parse().unwrap()),
        date: Some("2021-03-05".parse().unwrap()),
        ..Particulars::default()
    };
    let report = read(&write_yaml(&imported_as(&source, &given).document, ""));
    assert_eq!(report.indicators.len(), 49);
    let digest = of(&report);
    assert_stands_in(&digest, &report);
    let shown: BTreeSet<&str> =
        digest.headline.iter().chain(&digest.others).map(|figure| figure.name.as_str()).collect();
    assert_eq!(digest.headline.len() + digest.others.len(), 49);
    for indicator in &report.indicators {
        assert!(shown.contains(&*indicator.name), "{}", &*indicator.name);
    }
    assert!(digest.sections.len() > 5, "{:#?}", digest.sections);
}

#[test]
fn real_reports_are_quoted_as_they_are() {
    let Some(folder) = real_reports("digests of real reports") else { return };
    for file in ["chengyang-2024.yaml", "jinan-2020.yaml"] {
        let report = read(&std::fs::read_to_string(folder.join("samples").join(file)).unwrap());
        let digest = of(&report);
        assert_stands_in(&digest, &report);
        assert_eq!(digest.headline.len() + digest.others.len(), report.indicators.len(), "{file}");
        let measures = report.measures.iter().filter_map(|measure| measure.heading.as_deref());
        let headings: BTreeSet<_> =
            digest.sections.iter().filter_map(|section| section.heading.as_deref()).collect();
        for heading in measures {
            assert!(headings.contains(heading), "{file}: {heading}");
        }
    }
}

/// Texts as hostile as anybody writes them.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("一是"),
        Just("全年受理案件386件"),
        Just("，办结率98.5%"),
        Just("。"),
        Just("；"),
        Just("！"),
        Just("其中新增约1.2万余人次"),
        Just("“码头议事厅”"),
        Just("“没有关上"),
        Just("《条例》"),
        Just("#eval(\"x\")"),
        Just("<script>alert(1)</script>"),
        Just("{{ 7 * 7 }}"),
        Just("$x$"),
        Just("*_`"),
        Just("\\"),
        Just("\n"),
        Just("　"),
        Just("坚持以习近平新时代中国特色社会主义思想为指导"),
        Just("300至500家企业"),
        Just("𬀩家湾"),
        Just("百分之九十"),
        Just("=CMD()"),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,12}(\\.[0-9]{1,3})?",
        Just("无".to_owned()),
        Just("不适用".to_owned()),
        "[1-9]0{4,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_a_digest_says_stands_in_its_report(
        texts in prop::collection::vec((text(), text()), 1..10),
        figures in prop::collection::vec((value(), prop::option::of(value()), prop::bool::ANY), 0..80),
        ticks in prop::option::of(prop::collection::vec(prop::bool::ANY, 40)),
    ) {
        let mut report = read(&minimal());
        let unfit = |text: &str| text.trim().is_empty();
        for (heading, body) in &texts {
            let mut measure = report.measures[0].clone();
            let line = heading.replace('\n', "");
            measure.heading = (!unfit(&line)).then(|| line.parse().unwrap());
            measure.body = body.lines().map(|line| nianbao_core::report::Paragraph {
                lead: (!unfit(measure.heading.as_deref().unwrap_or_default())).then(|| line.parse().unwrap()),
                text: body.parse().unwrap(),
            }).collect();
            report.measures.push(measure);
        }
        report.indicators = figures.iter().enumerate().map(|(number, (value, previous, approximate))| {
            let mut name = String::new();
            write!(name, "指标{number}<b>").unwrap();
            Indicator {
                key: format!("k{number}").parse().ok(),
                name: name.parse().unwrap(),
                value: value.parse().unwrap(),
                unit: ["件", "%", "万元"].get(number % 4).and_then(|unit| unit.parse().ok()),
                previous: previous.as_ref().map(|value| value.parse().unwrap()),
                approximate: *approximate,
                source: None,
            }
        }).collect();
        let mut choice = propose(&report);
        if let Some(ticks) = ticks {
            let mut ticks = ticks.into_iter().cycle();
            for section in &mut choice.sections {
                section.sentences.iter_mut().for_each(|one| one.chosen = ticks.next().unwrap());
            }
            for one in &mut choice.figures {
                (one.chosen, one.headline) = (ticks.next().unwrap(), ticks.next().unwrap());
            }
        }
        match digest(&report, Some(&choice)) {
            Ok(digest) => {
                assert_stands_in(&digest, &report);
                prop_assert!(newspaper_text(&digest).text.chars().count() <= MAX_CHARACTERS);
            }
            Err(Failed::Report(found)) => prop_assert_eq!(&*found[0].code, "empty-digest"),
            Err(failed) => panic!("{}", told(&failed)),
        }
    }
}
