//! Lists of units as bureaus keep them, and names that are nearly one another's.

use nianbao_core::roster::{
    Likeness, MAX_ROSTER, NameIndex, RosterIndex, RosterRefusal, RosterSheet, RosterUnit, UnitCode, near,
    read, unit_in_file_name,
};
use rust_xlsxwriter::{Formula, Workbook};

fn sheet(text: &str) -> RosterSheet {
    read(text.as_bytes(), &[]).unwrap()
}

fn faults(sheet: &RosterSheet) -> Vec<String> {
    sheet.faults.iter().map(ToString::to_string).collect()
}

fn named(sheet: &RosterSheet) -> Vec<(&str, &str)> {
    sheet.units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect()
}

const LIST: &str =
    "序号,联系人,单位名称（必填）,联系电话,统一社会信用代码,电子邮箱,备注,上级单位,层级,单位性质
1,张三,云州市,0532-87868000,YZ,a@example.gov.cn,x,,市级,政府
2,李四,东阳区,１３８００００００００,YZ-1,,,云州市,县级,政府
3,,司法局,,YZ_2,,,YZ,,部门
";

#[test]
fn a_list_is_read_with_its_columns_in_any_order_and_any_encoding() {
    let (gbk, ..) = encoding_rs::GB18030.encode(LIST);
    for bytes in [
        LIST.as_bytes().to_vec(),
        gbk.into_owned(),
        LIST.replace(',', ";").into_bytes(),
        LIST.replace(',', "\t").into_bytes(),
        LIST.replace(',', "，").into_bytes(),
        format!("\u{FEFF}{}", LIST.replace('\n', "\r\n")).into_bytes(),
        format!("云州市2024年度单位名录\n\n{LIST}").into_bytes(),
    ] {
        let read = read(&bytes, &[]).unwrap();
        assert_eq!(faults(&read), [""; 0]);
        assert_eq!(named(&read), [("YZ", "云州市"), ("YZ-1", "东阳区"), ("YZ_2", "司法局")]);
        assert_eq!(read.ignored, ["备注"]);
        let east = &read.units[1];
        assert_eq!((east.contact.name.as_str(), east.contact.phone.as_str()), ("李四", "13800000000"));
        assert_eq!(read.units[0].contact.mail, "a@example.gov.cn");
        assert_eq!((east.kind.as_str(), east.level.as_str()), ("政府", "县级"));
        assert!(read.units[1..].iter().all(|unit| unit.superior.as_ref().unwrap().as_str() == "YZ"));
    }
}

#[test]
fn without_headings_only_names_are_read() {
    assert_eq!(named(&sheet("东阳区\n\n 东川区 \n")), [("U0001", "东阳区"), ("U0002", "东川区")]);
    let read = sheet("1\t东阳区人民政府\t张三\n2\t东川区人民政府\t李四\n");
    assert_eq!(named(&read), [("U0001", "东阳区人民政府"), ("U0002", "东川区人民政府")]);
    assert_eq!(read.ignored.len(), 1);
}

#[test]
fn a_unit_without_a_code_has_its_own_again() {
    let known: Vec<RosterUnit> = ["U0001", "U0003"]
        .iter()
        .zip(["甲县", "乙县"])
        .map(|(code, name)| RosterUnit::new(code.parse().unwrap(), name))
        .collect();
    let read = read("名称\n乙县\n丙县\n甲县\n丁县\n乙县\n".as_bytes(), &known).unwrap();
    let codes: Vec<&str> = read.units.iter().map(|unit| unit.code.as_str()).collect();
    assert_eq!(codes, ["U0003", "U0002", "U0001", "U0004", "U0005"]);
    let taken = sheet("名称,代码\n甲县,U0002\n乙县,\n");
    assert_eq!(taken.units[1].code.as_str(), "U20001");
}

#[test]
fn what_a_list_does_not_tell_stays_as_it_is_known() {
    let known = sheet(
        "单位代码,单位名称,单位类别,层级,上级单位,联系人,电话,邮箱\n1,云州市,政府,市级,,,,\n2,东阳区,政府,县级,1,甲某,0532-1,a@b.cn\n",
    );
    let known = known.units;
    for list in ["单位名称\n东阳区\n", "东阳区\n", "单位代码,单位名称\n2,东阳区\n"] {
        let read = read(list.as_bytes(), &known).unwrap();
        assert_eq!(read.units, known[1..], "{list}");
    }
    // What it tells counts, also that there is none; another unit has nothing of it.
    let read = read("单位代码,单位名称,电话\n2,东阳区,\n3,东川区,1\n".as_bytes(), &known).unwrap();
    assert_eq!((read.units[0].contact.phone.as_str(), read.units[0].contact.name.as_str()), ("", "甲某"));
    assert_eq!((read.units[1].kind.as_str(), read.units[1].contact.name.as_str()), ("", ""));
}

#[test]
fn a_workbook_is_read_with_numbers_and_formulas_as_what_they_show() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("说明").unwrap().write(0, 0, "请填写").unwrap();
    let list = workbook.add_worksheet().set_name("单位名录").unwrap();
    list.merge_range(0, 0, 0, 3, "2024年度单位名录", &Default::default()).unwrap();
    for (column, heading) in ["代码", "单 位 名 称*", "手机", "邮箱"].into_iter().enumerate() {
        list.write(1, column as u16, heading).unwrap();
    }
    list.write(2, 0, 370_214)
        .unwrap()
        .write(2, 1, "=SUM(A1:A9)")
        .unwrap()
        .write(2, 2, 13_800_000_000_u64)
        .unwrap();
    list.write(3, 0, 370_215)
        .unwrap()
        .write(3, 1, Formula::new("=\"东\"&\"阳区\"").set_result("东阳区"))
        .unwrap();
    list.write(4, 0, 370_216).unwrap().write(4, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let read = read(&workbook.save_to_buffer().unwrap(), &[]).unwrap();
    assert_eq!(named(&read)[1], ("370215", "东阳区"));
    assert_eq!(read.units[0].contact.phone, "13800000000");
    assert_eq!(read.units[0].name, "=SUM(A1:A9)");
}

/// A workbook of sheets with these rows; a name with a star is that of a hidden sheet.
fn workbook(sheets: &[(&str, &[&str])]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(name.trim_end_matches('*')).unwrap();
        sheet.set_hidden(name.ends_with('*'));
        for (row, line) in (0..).zip(*rows) {
            for (column, cell) in (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write(row, column, cell).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn every_sheet_is_read_that_is_a_list_of_units_and_others_are_told() {
    let sheets: [(&str, &[&str]); 5] = [
        ("填写说明", &["请填写", "每行一个单位"]),
        ("区县", &["2024年名录", "单位名称,代码", "东阳区,1", "东川区,2"]),
        ("市直部门", &["单位名称,代码", "司法局,3", "东阳区,1", "卫健局,"]),
        ("指标", &["名称,代码,单位", "受理案件,a,件"]),
        ("上年*", &["单位名称,代码", "旧名局,9"]),
    ];
    let read = read(&workbook(&sheets), &[]).unwrap();
    assert_eq!(faults(&read), [""; 0]);
    let names: Vec<&str> = read.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(names, ["东阳区", "东川区", "司法局", "卫健局"]);
    for words in ["“填写说明”的表头", "“指标”的表头", "“上年”是隐藏的，没有读", "“市直部门”有 1 个单位在前面"]
    {
        assert!(read.remarks.iter().any(|remark| remark.contains(words)), "{words}: {:?}", read.remarks);
    }
    // What is wrong is told with the sheet.
    let wrong: [(&str, &[&str]); 2] = [
        ("甲", &["单位名称,代码", "东阳区,1"]),
        ("乙", &["单位名称,代码,邮箱", "东川区,1,", "司法局,2,没有"]),
    ];
    let read = self::read(&workbook(&wrong), &[]).unwrap();
    assert_eq!(
        faults(&read),
        [
            "工作表“乙”第2行B列“代码”：单位代码 1 与工作表“甲”第2行相同。代码不能重复，请改正其中一个",
            read.faults[1].to_string().as_str(),
        ]
    );
    assert!(faults(&read)[1].starts_with("工作表“乙”第3行C列“邮箱”"), "{:?}", faults(&read));
}

#[test]
fn sums_remarks_and_headings_that_nobody_knows_are_no_units() {
    let read = sheet(
        "序号,单位名称,电话\n1,东阳区,1\n2,东川区,2\n,合 计,2\n,共2个单位,\n备注：以最新的为准\n注1：含代管,,\n3,注册会计师协会,3\n",
    );
    assert_eq!(faults(&read), [""; 0]);
    let names = |read: &RosterSheet| read.units.iter().map(|unit| unit.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&read), ["东阳区", "东川区", "注册会计师协会"]);
    assert_eq!(read.remarks.len(), 4, "{:?}", read.remarks);
    assert_eq!(read.remarks[0], "第4行写的是“合 计”，不是单位，没有读");
    for (list, units) in [
        ("区县,负责同志职务\n东阳区,东阳区委副书记\n东川区,东川区委副书记\n", 2),
        ("顺序,名字,座机号\n1,东阳区,1\n2,东川区,2\n", 2),
        ("应报名单\n东阳区\n东川区\n", 2),
        ("填报单位,云州市司法局\n单位名称,代码\n东阳区,1\n", 1),
    ] {
        assert_eq!(sheet(list).units.len(), units, "{list} {:?}", sheet(list).units);
        assert!(sheet(list).units[0].name == "东阳区", "{list}");
    }
    let unclear = self::read("事项,时间\n法治培训,每月\n专题学习,每季\n".as_bytes(), &[]);
    assert_eq!(unclear.unwrap_err(), RosterRefusal::NoName);
}

#[test]
fn hidden_rows_are_read_and_told() {
    let mut workbook = Workbook::new();
    let list = workbook.add_worksheet();
    for (row, name) in ["单位名称", "东阳区", "东川区"].into_iter().enumerate() {
        list.write(row as u32, 0, name).unwrap();
    }
    list.set_row_hidden(2).unwrap();
    let read = read(&workbook.save_to_buffer().unwrap(), &[]).unwrap();
    assert_eq!((read.units.len(), read.remarks), (2, vec!["第3行是隐藏的，照样读了".to_owned()]));
}

#[test]
fn of_1500_rows_40_are_wrong_and_each_is_told_with_its_place() {
    let mut text = "名称,代码,邮箱,电话\n".to_owned();
    for row in 0..1500 {
        let line = match row % 150 {
            10 => format!(",C{row},,\n"),
            20 => format!("第{row}号单位,C{row},nobody,\n"),
            30 => format!("第{row}号单位,C 1/{row},,\n"),
            40 => format!("第{row}号单位,C{row},,打办公室\n"),
            _ => format!("第{row}号单位,C{row},,\n"),
        };
        text.push_str(&line);
    }
    let read = sheet(&text);
    assert_eq!((read.units.len(), read.faults.len()), (1460, 40));
    let told = faults(&read);
    // However the lines end: browsers send two characters.
    for end in ["\r\n", "\r"] {
        assert_eq!(faults(&sheet(&text.replace('\n', end))), told, "{end:?}");
    }
    assert_eq!(told[0], "第12行A列“名称”：没有填单位名称，请填写，或者删除这一行");
    assert!(told[1].starts_with("第22行C列“邮箱”：不是一个邮箱地址"), "{}", told[1]);
    assert!(told[2].starts_with("第32行B列“代码”：单位代码应为"), "{}", told[2]);
    assert!(told[3].starts_with("第42行D列“电话”：不是电话号码"), "{}", told[3]);
}

#[test]
fn what_is_wrong_between_rows_is_told() {
    let read = sheet(
        "名称,代码,上级\n甲市,1,丙市\n乙市,1,\n丙市,3,甲市\n丁县,4,丁县\n戊县,5,没有的\n己县,6,庚县\n庚县,7,\n庚县,8,7\n",
    );
    let told = faults(&read);
    assert_eq!(told.len(), 6, "{told:#?}");
    for (told, part) in told.iter().zip([
        "第2行C列“上级”：上级单位绕了一圈",
        "第3行B列“代码”：单位代码 1 与第2行相同",
        "第4行C列“上级”：上级单位绕了一圈",
        "第5行C列“上级”：上级单位是它自己",
        "第6行C列“上级”：名录里没有上级单位“没有的”",
        "第7行C列“上级”：名录里有几个这个名称的上级单位",
    ]) {
        assert!(told.starts_with(part), "{told} {part}");
    }
    assert_eq!(named(&read), [("7", "庚县"), ("8", "庚县")]);
}

#[test]
fn hostile_names_are_text_or_refused() {
    for name in
        ["<script>alert(1)</script>", "'; DROP TABLE x; --", "#let x = 1", "=cmd|' /C calc'!A0", "{{7*7}}甲"]
    {
        assert_eq!(sheet(&format!("名称\t代码\n{name}\t1\n")).units[0].name, name);
    }
    for name in ["甲\u{202E}乙", "甲\u{200B}乙", "甲\0乙", "……", "甲".repeat(101).as_str()] {
        assert_eq!(sheet(&format!("名称\t代码\n{name}\t1\n")).faults.len(), 1, "{name:?}");
    }
    let broken = sheet("名称,代码\n\"甲,1\n乙,2\n");
    assert!(broken.faults[0].message.contains("引号"), "{:?}", broken.faults);
}

#[test]
fn what_is_no_list_is_refused() {
    for (bytes, refusal) in [
        (b"".to_vec(), RosterRefusal::Empty),
        ("名称,代码\n".into(), RosterRefusal::Empty),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), RosterRefusal::NotText),
        ("代码,联系人\n1,张三\n".into(), RosterRefusal::NoName),
        ("甲县\n".repeat(MAX_ROSTER + 1).into(), RosterRefusal::TooMany),
        ("甲县\n".repeat(MAX_ROSTER * 2).into(), RosterRefusal::TooMany),
        (vec![b'a'; 17 << 20], RosterRefusal::TooLarge),
    ] {
        assert_eq!(read(&bytes, &[]).unwrap_err(), refusal);
    }
    for bytes in [b"PK\x03\x04".as_slice(), &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]] {
        assert!(matches!(read(bytes, &[]), Err(RosterRefusal::Workbook(_))));
    }
}

#[test]
fn names_that_are_probably_one_units_are_asked_about() {
    let why = |one: &str, other: &str| near(&[one, other]).first().map(|pair| pair.why);
    assert_eq!(why("东阳区", "东阳区"), Some(Likeness::Same));
    assert_eq!(why("东 阳 区", "东阳区"), Some(Likeness::Script));
    assert_eq!(why("東陽區", "东阳区"), Some(Likeness::Script));
    assert_eq!(why("ＡＢ中心", "ab中心"), Some(Likeness::Script));
    assert_eq!(why("东阳区人民政府", "东阳区"), Some(Likeness::Suffix));
    assert_eq!(why("云州市东阳区人民政府", "东阳区"), Some(Likeness::Superior));
    assert_eq!(why("东杨区", "东阳区"), Some(Likeness::Character('杨', '阳')));
    for (one, other, why_so) in [
        ("教肓局", "教育局", Likeness::Character('肓', '育')),
        ("卫生和健康委员会", "卫生健康委员会", Likeness::Dropped('和')),
        ("云州司法局", "云州市司法局", Likeness::Dropped('市')),
        ("东阳", "东阳区人民政府", Likeness::Dropped('区')),
        ("东阳区（本级）", "东阳区", Likeness::Suffix),
        ("东阳区人民政府(本级)", "东 阳 区", Likeness::Suffix),
    ] {
        assert_eq!(why(one, other), Some(why_so), "{one} {other}");
        assert!(why(other, one).is_some(), "{other} {one}");
    }
    for (one, other) in [
        ("东阳区", "东阳区司法局"),
        ("第一中学", "第二中学"),
        ("城东", "城西"),
        ("城东街道", "城西街道"),
        ("东阳区人民政府", "东阳区人民政府办公室"),
        ("东阳区政府办", "东阳区人民政府"),
        ("东阳区", "东川区"),
        ("第四中学", "第十中学"),
        ("司法局", "司法所"),
        ("东阳区", "东阳新区"),
        ("城东区", "城西区"),
        ("", ""),
    ] {
        assert_eq!(why(one, other), None, "{one} {other}");
    }
    // What every city has is nobody's duplicate.
    assert_eq!(near(&["司法局", "甲市司法局", "乙市司法局"]), []);
}

#[test]
fn the_nearest_name_is_the_one_that_was_meant() {
    let names = ["东川区", "东阳区", "西山县人民政府", "云州市司法局", "财政局", "财政局"];
    let index = NameIndex::new(&names);
    let nearest = |name: &str| index.nearest(name).map(|near| (names[near.index], near.is_sure));
    assert_eq!(nearest("东杨区"), Some(("东阳区", false)));
    assert_eq!(nearest("东 陽 區"), Some(("东阳区", true)));
    assert_eq!(nearest("西山县"), Some(("西山县人民政府", true)));
    assert_eq!(nearest("云州市东川区"), Some(("东川区", false)));
    assert_eq!(nearest("云洲市司法局"), Some(("云州市司法局", false)));
    assert_eq!(nearest("财政局"), Some(("财政局", false)));
    for name in ["", "生态环境", "……", "购物清单"] {
        assert_eq!(nearest(name), None, "{name}");
    }
}

/// The units of a roster that says of which city each is.
const OF_A_CITY: [&str; 6] = [
    "云州市东城区人民政府",
    "云州市东城区司法局",
    "云州市司法局",
    "云州市南城区司法局",
    "云州市财政局",
    "西岭县",
];

#[test]
fn a_file_is_the_units_that_it_is_called_by() {
    let index = RosterIndex::new(&OF_A_CITY);
    for (path, unit) in [
        ("云州市东城区人民政府.docx", Some(0)),
        ("东城区2025.xlsx", Some(0)),
        ("（三）东城区-年报-最终版.docx", Some(0)),
        ("东城区/扫描件 1.jpg", Some(0)),
        ("东城区司法局年报.docx", Some(1)),
        ("东城区-司法局-定稿.docx", Some(1)),
        ("东城区/司法局.docx", Some(1)),
        ("市司法局2024年法治政府建设年度报告（盖章）.pdf", Some(2)),
        ("云州市财政局.docx", Some(4)),
        ("财政局 终稿.doc", Some(4)),
        ("西岭县人民政府.docx", Some(5)),
        ("云州市西岭县.docx", Some(5)),
        ("西岭县转来的.docx", Some(5)),
        // Of two 司法局 of districts nobody knows which, and others are not on the roster.
        ("区司法局.docx", None),
        ("东城区水务局.docx", None),
        ("东城区/水务局.docx", None),
        ("东城区水务局转来的.docx", None),
        ("岱州市东城区.docx", None),
        ("望江市东城区扫描.docx", None),
        ("望江市东城区转来的.docx", None),
        ("西岭县东城区.docx", None),
        ("城区.docx", None),
        ("扫描件.jpg", None),
    ] {
        assert_eq!(index.of_path(path), unit, "{path}");
    }
}

#[test]
fn a_report_is_the_units_whose_name_it_bears() {
    let index = RosterIndex::new(&OF_A_CITY);
    assert_eq!(index.of_names(&["云州市东城区人民政府", "东城区"]), Some(0));
    assert_eq!(index.of_names(&["东城区"]), Some(0));
    assert_eq!(index.of_names(&["云州市西岭县人民政府"]), Some(5));
    // The district of another city that is called the same.
    assert_eq!(index.of_names(&["岱州市东城区人民政府", "东城区"]), None);
    assert_eq!(index.of_names(&["司法局"]), None);
    assert_eq!(index.nearest(&["云州市东城区司法居"]), Some(1));
}

#[test]
fn a_file_is_called_by_its_unit() {
    for (name, unit) in [
        ("东阳区2024年法治政府建设年度报告.docx", "东阳区"),
        ("各区/03-东阳区法治政府报告.yaml", "东阳区"),
        ("1、东阳区.xlsx", "东阳区"),
        ("2024.docx", ""),
        ("东阳区", "东阳区"),
        ("东城区司法局年报（2025年最终版）.docx", "东城区司法局"),
        ("东城区司法局-定稿.docx.zip", "东城区司法局"),
        ("【盖章】东城区 2025.2.18 扫描件(1).jpg", "东城区"),
        ("二〇二四年度云州市高新区法治政府建设情况的报告v2.doc", "云州市高新区"),
        ("关于报送东城区住房和城乡建设局2024年度法治政府建设情况报告.pdf", "东城区住房和城乡建设局"),
        ("东城区/扫描件 (2).jpg", "东城区"),
        ("东城区/年报/报告.docx", "东城区"),
        ("图片1.png", ""),
        ("新泉区新版.docx", "新泉区"),
    ] {
        assert_eq!(unit_in_file_name(name), unit, "{name}");
    }
}

/// Whatever the names, the work grows with the list and not with its square: squares of these would take hours.
#[test]
fn lists_of_20000_names_are_compared() {
    let han = |number: usize| char::from_u32(0x4E00 + number as u32).unwrap();
    let name = |list: usize, n: usize| match list {
        0 => format!("第{n}号单位"),
        1 => format!("{}阳区人民政府", han(n)),
        2 => format!("{}{}", "长".repeat(98), han(n)),
        3 => format!(
            "{}市{}和{}县局",
            han(n % 141),
            han(200 + n / 141),
            if n.is_multiple_of(2) { "" } else { "区" }
        ),
        _ => format!("{}{}{}县", han(n % 141), han(200 + n / 141), han(n % 7)),
    };
    for list in 0..5 {
        let names: Vec<String> = (0..MAX_ROSTER).map(|n| name(list, n)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        near(&names);
        let index = NameIndex::new(&names);
        for name in names.iter().step_by(40) {
            let near = index.nearest(&format!("{name}办")).map(|near| names[near.index]);
            // Of two that are one in simplified characters the first is found.
            assert!(near.is_some_and(|near| near == *name || !name.contains('号')), "{name} {near:?}");
        }
    }
}

#[test]
fn what_the_bureau_says_of_a_unit_goes_before_its_name() {
    use nianbao_core::report::{IssuerKind::*, IssuerRank, Level};
    let rank = |name: &str, kind: &str, level: &str| {
        let mut unit = RosterUnit::new(UnitCode::of_number(1), name);
        (unit.kind, unit.level) = (kind.into(), level.into());
        let IssuerRank { kind, level } = unit.rank();
        (kind, level)
    };
    for (name, kind, level, told) in [
        ("云州数据资源中心", "", "", (None, None)),
        ("云州数据资源中心", "派出机构", "市级", (Some(Department), Some(Level::City))),
        ("东阳区", "政府", "县级", (Some(Government), Some(Level::County))),
        ("云州市", "县（市、区）政府", "县级市", (Some(Government), Some(Level::County))),
        ("云州市", "区县", "设区的市", (Some(Government), Some(Level::City))),
        ("市大数据中心", "政府部门", "市直", (Some(Department), Some(Level::City))),
        ("临江", "镇（街道）", "", (Some(Township), None)),
        ("东阳区司法局", "<b>其他", "甲", (Some(Department), None)),
    ] {
        assert_eq!(rank(name, kind, level), told, "{name} {kind} {level}");
    }
}
