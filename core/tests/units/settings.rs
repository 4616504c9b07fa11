//! What an operator changes about the checks, and what is said of a file that is wrong.

use nianbao_core::checks::Settings;
use nianbao_core::input::Format;

use crate::desk::{Beside, findings_under, minimal};

/// What is found in a report under these settings: severity and code.
fn found(config: &str, report: &str) -> Vec<String> {
    let found = findings_under(config, report.as_bytes(), Format::Yaml, &Beside::default());
    let told = found.iter().map(|one| format!("{} {}", one.severity.label(), one.code));
    told.collect()
}

#[test]
fn each_setting_changes_its_check() {
    let faulty = minimal().replace("2024年，临江区依法行政。", "云洲市取得显着成效，超过百分之十。");
    assert_eq!(found("", &faulty), ["警告 typo"]);
    assert_eq!(found("[severity]\ntypo = \"error\"\n", &faulty), ["错误 typo"]);
    assert_eq!(found("[severity]\ntypo = \"off\"\n", &faulty), Vec::<String>::new());
    assert_eq!(found("[typos]\n\"云洲市\" = \"云州市\"\n", &faulty), ["警告 typo"; 2]);
    assert_eq!(found("characters = 20\n", &faulty), ["警告 typo", "警告 too-long"]);
    // For another kind of issuer only.
    assert_eq!(found("[kinds.department.severity]\ntypo = \"off\"\n", &faulty), ["警告 typo"]);
    assert_eq!(found("[kinds.government.severity]\ntypo = \"off\"\n", &faulty), Vec::<String>::new());
    let five: String = (0..5).map(|n| format!("{{key: a.{n}, name: 指标{n}, value: {n}}},")).collect();
    let listed = format!("{}indicators: [{five}]\n", minimal());
    let expected = "expected = [\"litigation.first_instance\"]\n";
    assert_eq!(
        found(&format!("{expected}[severity]\nnil-unstated = \"error\"\n"), &listed),
        ["错误 nil-unstated"]
    );
    let unit = minimal() + "indicators: [{key: a.b, name: 处理数, unit: 宗, value: 5}]\n";
    assert_eq!(found("[units]\n\"a.b\" = [\"件\"]\n", &unit), ["警告 unit"]);
    assert_eq!(found("[units]\n\"a.b\" = [\"件\", \"宗\"]\n", &unit), Vec::<String>::new());
}

/// Every fault at once, each with its place and in Chinese.
#[test]
fn a_faulty_file_is_told_line_by_line() {
    for (config, said) in [
        ("charaters = 100", "第1行第1列：没有叫“charaters”的字段。是不是“characters”（characters）？"),
        ("characters = \"许多\"", "第1行第14列：“characters”应为"),
        ("characters = true", "第1行第14列：“characters”应为文字，现在是true 或 false。请改正"),
        ("titles = \"一\"", "第1行第10列：“titles”应为列表，现在是文字。请改正"),
        ("[severity]\ntpyo = \"off\"", "第2行第1列：没有叫“tpyo”的代码。是不是“typo”？"),
        ("[severity]\n\"没有\" = \"off\"", "第2行第1列：没有叫“没有”的代码。全部代码见 nianbao explain"),
        ("[severity]\ntypo = \"of\"", "第2行第8列：“severity › typo”不能是“of”。是不是“off”？"),
        ("[typos]\n\"\" = \"一\"", "第2行第6列：错别字是空的"),
        ("[typos]\n\"一\" = []", "第2行第7列：“typos › 一”应为文字，现在是列表"),
        (
            "expected = [\"litigation.frst_instance\"]",
            "第1行第13列：没有代码叫“litigation.frst_instance”的指标。是不是“litigation.first_instance”？",
        ),
        ("[kinds.goverment]\n", "第1行第8列：没有“goverment”这类单位。是不是“government”？"),
        ("[kinds.department.severity]\ntpyo = \"off\"", "第2行第1列：没有叫“tpyo”的代码"),
        ("titles = [\"一\"", "第1行第14列：不合 TOML 的写法："),
        ("characters = 5\ncharacters = 6", "第2行第1列：不合 TOML 的写法：同一个字段写了两次"),
    ] {
        let fault = Settings::read(config).expect_err(config);
        assert!(fault.starts_with(said), "{config}\n{fault}\n{said}");
    }
    let all = Settings::read("charaters = 1\ntitle = []\n[severity]\ntypo = \"no\"").unwrap_err();
    assert_eq!(all.lines().count(), 3, "{all}");
    assert!(Settings::read("").is_ok());
}
