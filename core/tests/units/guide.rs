//! Guides: how one is read, and what a report says of the matters of the program's own.

use nianbao_core::guide::{self, Coverage, Guide};
use nianbao_core::report::{Choice, IssuerKind, Level};

use crate::desk::{minimal, read, real_reports, sample};

/// A guide of these matters.
fn guide(matters: &str) -> Result<Guide, String> {
    Guide::read(&format!("name = \"指引\"\nsource = \"试行\"\n{matters}"))
}

fn matter(number: &str, more: &str) -> String {
    format!("[[matters]]\nnumber = \"{number}\"\nname = \"事项{number}\"\n{more}\n")
}

fn untouched(coverage: &Coverage) -> Vec<&str> {
    coverage.untouched().map(|matter| matter.number.as_str()).collect()
}

#[test]
fn the_sample_touches_what_the_national_outline_asks_of_it() {
    let coverage = Guide::built_in().coverage(&read(sample()));
    // x.
    assert_eq!(untouched(&coverage), ["4.3"]);
    let told = coverage.untouched_in_one_line().unwrap();
    assert_eq!(told, "事项指引里适用的35项，有1项没有写到：4.3 行政执法程序和裁量基准");
    assert_eq!(coverage.remark, None);
    let [functions, first] = &coverage.matters[..2] else { panic!("{coverage:#?}") };
    assert!(functions.is_group && functions.level == 1 && functions.touches.is_empty(), "{functions:#?}");
    let touch = &first.touches[0];
    assert_eq!((first.number.as_str(), first.level), ("1.1", 2));
    assert_eq!(touch.path.to_string(), "measures[0].body[0].lead");
    assert_eq!(touch.label, "主要举措和成效第1项 › 正文第1项");
    assert_eq!(touch.words, "权责边界");
    // A county makes no rules.
    assert!(coverage.matters.iter().all(|matter| matter.number != "2.1"));
}

/// What is told as missing from real reports was looked for in them by eye.
#[test]
fn of_real_reports_hardly_anything_is_missed() {
    let Some(folder) = real_reports("the guide held against real reports") else { return };
    let own = Guide::built_in();
    for (name, missing) in
        [("chengyang-2024.yaml", vec!["3.3", "3.4", "4.3", "4.4", "5.1"]), ("jinan-2020.yaml", vec![])]
    {
        let report = std::fs::read_to_string(folder.join("samples").join(name)).unwrap();
        assert_eq!(untouched(&own.coverage(&read(&report))), missing, "{name}");
    }
}

#[test]
fn each_kind_of_unit_has_its_own_menu() {
    let own = Guide::built_in();
    let mut counts = Vec::new();
    for kind in IssuerKind::ALL {
        let menu = own.menu(*kind, Level::County);
        assert!(menu.lowest().count() >= 20, "{kind}: {}", menu.lowest().count());
        assert!(menu.matters.iter().all(|matter| matter.touches.is_empty()));
        // No group without a matter of its own.
        for (at, group) in menu.matters.iter().enumerate().filter(|(_, matter)| matter.is_group) {
            assert!(menu.matters.get(at + 1).is_some_and(|next| next.level > group.level), "{group:?}");
        }
        counts.push(menu.lowest().count());
    }
    assert_eq!(counts[0], counts[3], "a joint report is a government's, too");
    assert!(own.menu(IssuerKind::Government, Level::City).lowest().count() > counts[0]);
}

#[test]
fn the_guides_of_years_to_come_are_told_apart() {
    let own = Guide::built_in();
    let remark = |year: &str| own.coverage(&read(&sample().replace("2024", year))).remark;
    assert_eq!(remark("2025"), None);
    assert_eq!(remark("2027").unwrap(), "这份指引用到2025年度，对2027年度的报告只供参考");
    assert_eq!(remark("2020").unwrap(), "这份指引从2021年度用起，对2020年度的报告只供参考");
}

#[test]
fn three_places_are_told_of_a_matter_and_each_item_once() {
    let guide = guide(&matter("1", "words = [\"渡船\", \"年检\"]")).unwrap();
    let paragraph = "  - 全年渡船年检4次，年检渡船9艘。渡船都年检。\n";
    let report = minimal().replace("preface:\n", &format!("preface:\n{}", paragraph.repeat(4)));
    let touches = &guide.coverage(&read(&report)).matters[0].touches;
    let places: Vec<String> = touches.iter().map(|touch| touch.path.to_string()).collect();
    assert_eq!(places, ["preface[0]", "preface[1]", "preface[2]"]);
    // What was done says more than what the preface says of it.
    let report = report.replace("全年办理", "渡船年检4次，全年办理");
    assert_eq!(guide.coverage(&read(&report)).matters[0].touches[0].label, "主要举措和成效第1项 › 正文第1项");
}

#[test]
fn words_are_found_wherever_they_begin() {
    for (words, is_touched) in [
        ("执法监督", true),
        // One within the other, one across the end of the other.
        ("行政执法\", \"执法监督平台", true),
        ("政执", true),
        ("监督 行政执法", true),
        ("监督 没有", false),
        ("没有 监督", false),
        ("平台 监督 行政 执法", true),
        ("台。上", false),
    ] {
        let guide = guide(&matter("1", &format!("words = [\"{words}\"]"))).unwrap();
        let report = minimal().replace("preface:\n", "preface:\n  - 建成行政执法监督平台。上线。\n");
        let coverage = guide.coverage(&read(&report));
        let here = coverage.matters[0].touches.iter().any(|touch| touch.path.to_string() == "preface[0]");
        assert_eq!(here, is_touched, "{words}");
    }
}

/// Every fault at once, each with its place and in Chinese.
#[test]
fn a_faulty_guide_is_told_line_by_line() {
    let words = "words = [\"普法\"]";
    for (written, said) in [
        (String::new(), "第1行第1列：缺少必填的“matters”"),
        ("matters = []".into(), "第3行第11列：事项有0项。应有1至1000项"),
        (matter("一", words), "第4行第10列：编号不能是“一”。应写成 1、1.2 或 1.2.3，至多4级"),
        (matter("1.01", words), "第4行第10列：编号不能是“1.01”"),
        (matter("1.1.1.1.1", words), "第4行第10列：编号不能是“1.1.1.1.1”"),
        (matter("1.1", words), "第4行第10列：编号“1.1”前面没有它的上一级“1”。请先写上一级"),
        (matter("2", words) + &matter("1", words), "第8行第10列：编号“1”重复，或者排在了后面的编号之后"),
        (matter("1", words) + &matter("1", words), "第8行第10列：编号“1”重复"),
        (matter("1", ""), "第3行第1列：没有说明什么词表示写到了“事项1”。请在 words 里写几个词"),
        (matter("1", words) + &matter("1.1", words), "第6行第9列：“事项1”有下一级，只是归类，不用写 words"),
        (matter("1", "words = [\"法\"]"), "第6行第10列：不能用“法”来认事项。一个词应有2至30个字"),
        (
            matter("1", "words = [\"一一 二二 三三 四四 五五\"]"),
            "第6行第10列：不能用“一一 二二 三三 四四 五五”来认事项",
        ),
        (matter("1", "words = [\"\"]"), "第6行第10列：“matters第1项 › words第1项”不能为空"),
        (
            matter("1", "word = [\"普法\"]"),
            "第6行第1列：“matters第1项”里没有叫“word”的字段。是不是“words”（matters第1项 › words）？",
        ),
        (
            matter("1", &format!("kinds = [\"goverment\"]\n{words}")),
            "第6行第10列：“matters第1项 › kinds第1项”不能是“goverment”。是不是“government”？",
        ),
        (format!("first = 2026\nlast = 2025\n{}", matter("1", words)), "第4行第8列：年度前后颠倒"),
        ("[[matters]\n".into(), "第3行第"),
    ] {
        let fault = guide(&written).expect_err(&written);
        assert!(fault.starts_with(said), "{written}\n{fault}\n{said}");
    }
    let all = guide(&(matter("0", words) + &matter("1", "") + &matter("2", "words = [\"法\"]"))).unwrap_err();
    assert_eq!(all.lines().count(), 3, "{all}");
    let most = format!("words = [{}]", "\"普法\",".repeat(101));
    assert!(guide(&matter("1", &most)).unwrap_err().contains("“事项1”有101个词。至多100个"));
    let long = format!("# {}", "长".repeat(guide::MAX_BYTES));
    assert!(guide(&long).unwrap_err().contains("超过 256 KiB"));
    assert!(guide(&matter("1", words)).is_ok());
}
