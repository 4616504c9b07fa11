//! A made-up province: as many units as are asked for, derived from the sample by a seeded generator.
//! Names, years, lengths and figures differ and agree with themselves; names are shared, as they are.

use serde_json::{Value, json};

use crate::workbench::{read, sample};

/// Numbers that are the same each time: splitmix64.
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.next() as usize % of.len()]
    }
}

const CITIES: [&str; 8] = ["云州市", "岱州市", "澄州市", "霁州市", "汀州市", "岚州市", "沅州市", "溧州市"];
const FIRST: [&str; 16] =
    ["临", "望", "清", "云", "青", "南", "北", "安", "永", "宁", "平", "和", "新", "长", "东", "西"];
const SECOND: [&str; 12] = ["江", "渡", "湾", "山", "河", "川", "溪", "阳", "城", "泉", "岭", "桥"];
const KINDS: [&str; 2] = ["区", "县"];

/// What a unit may have done besides.
const DEEDS: [&str; 6] = [
    "汛前对沿河村庄逐户走访，登记低洼住户",
    "把镇街档案室的旧案卷逐卷扫描入库，供查阅",
    "在老旧小区设立法律服务长椅，请律师周末值守",
    "为外来务工人员编写劳动维权口袋书，分发",
    "组织中学生到法庭旁听，课后写下感想",
    "给渔船和货船送去安全须知，当面讲解",
];

/// The report of the unit of this number, from 0; right in every respect.
pub fn report(number: usize) -> Value {
    made(number, None)
}

/// The report for a year of the unit of this number below 1,536, which is called as no other is.
pub fn report_of(number: usize, year: u64) -> Value {
    made(number, Some(year))
}

fn made(number: usize, expected: Option<u64>) -> Value {
    let mut seed = Seed(number as u64 * 7919 + 20_240_601);
    let mut report = serde_json::to_value(read(sample())).unwrap();
    let mut words = words(&mut seed, expected);
    if expected.is_some() {
        let names = [("云州市", city(number).to_owned()), ("临江区", name(number))];
        for (of_sample, own) in names {
            words.iter_mut().filter(|(from, _)| from == of_sample).for_each(|(_, to)| to.clone_from(&own));
        }
    }
    each_text(&mut report, &|text| replaced(text, &words));
    // Two of one name are told apart by it.
    report["issuer"]["code"] = format!("{:06}", 100_000 + number).into();
    vary_length(&mut report, &mut seed);
    report
}

/// The city of a unit, and what the unit is called in it.
pub fn city(number: usize) -> &'static str {
    CITIES[number / 192 % CITIES.len()]
}

pub fn name(number: usize) -> String {
    let kind = KINDS[number / 12 % KINDS.len()];
    format!("{}{}{kind}", FIRST[number / 12 % FIRST.len()], SECOND[number % SECOND.len()])
}

/// What stands in the sample, and what in the report in its place.
fn words(seed: &mut Seed, year: Option<u64>) -> Vec<(String, String)> {
    let mut words: Vec<(String, String)> = Vec::new();
    let mut say = |from: &str, to: String| words.push((from.to_owned(), to));
    // The years of titles are theirs.
    for years in ["（2021—2025年）", "（2023—2025年）"] {
        say(years, years.to_owned());
    }
    let some_year = seed.between(2022, 2024);
    let year = year.unwrap_or(some_year);
    let day = seed.between(10, 25);
    say("2025-02-18", format!("{}-02-{day}", year + 1));
    say("2025-02-19", format!("{}-02-{}", year + 1, day + 1));
    for (of_sample, own) in [(2023, year - 1), (2024, year), (2025, year + 1)] {
        say(&format!("{of_sample}年"), format!("{own}年"));
    }
    say("云州市", seed.pick(&CITIES).to_owned());
    say("临江区", format!("{}{}{}", seed.pick(&FIRST), seed.pick(&SECOND), seed.pick(&KINDS)));
    say("990102", seed.between(100_000, 999_999).to_string());

    let percent = |part: u64, whole: u64| format!("{:.2}%", part as f64 * 100.0 / whole as f64);
    let before = seed.between(200, 400);
    let accepted = before + seed.between(20, 120);
    let concluded = accepted * 93 / 100;
    let (mediated, corrected) = (concluded / 3, concluded / 11);
    let frequent = accepted * 11 / 20;
    say("386件", format!("{accepted}件"));
    say("较上年的312件", format!("较上年的{before}件"));
    say("23.72%", percent(accepted - before, before));
    say("359件", format!("{concluded}件"));
    say("118件，占审结", format!("{mediated}件，占审结"));
    say("32.87%", percent(mediated, concluded));
    say("纠错31件", format!("纠错{corrected}件"));
    say("8.64%", percent(corrected, concluded));
    say("213件，占55.18%", format!("{frequent}件，占{}", percent(frequent, accepted)));

    let [none, less, least] = [seed.between(200, 900), seed.between(100, 400), seed.between(100, 600)];
    let lenient = none + less + least;
    let penalties = lenient * seed.between(2, 5) + seed.between(0, 90);
    say("4326件", format!("{penalties}件"));
    say("1173件", format!("{lenient}件"));
    say("27.12%", percent(lenient, penalties));
    say("518件", format!("{none}件"));
    say("264件", format!("{less}件"));
    say("391件", format!("{least}件"));

    let disputes = seed.between(900, 9_000);
    let settled = disputes - seed.between(1, 60);
    say("6284件", format!("{disputes}件"));
    say("6147件", format!("{settled}件"));
    say("97.82%", percent(settled, disputes));

    // In the cells of tables and in indicators they stand alone.
    for (of_sample, own) in [
        ("386", accepted),
        ("312", before),
        ("359", concluded),
        ("4326", penalties),
        ("1173", lenient),
        ("6284", disputes),
    ] {
        say(&format!("={of_sample}"), own.to_string());
    }
    words
}

/// A text with its words replaced, each place once. A word behind `=` is a whole text.
fn replaced(text: &str, words: &[(String, String)]) -> String {
    let is_whole = |word: &str| word.strip_prefix('=').is_some_and(|word| word == text);
    if let Some((_, own)) = words.iter().find(|(of_sample, _)| is_whole(of_sample)) {
        return own.clone();
    }
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        match words.iter().find(|(of_sample, _)| rest.starts_with(of_sample.as_str())) {
            Some((of_sample, own)) => {
                replaced += own;
                rest = &rest[of_sample.len()..];
            }
            None => {
                replaced.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    replaced
}

fn each_text(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        Value::Number(year) if year.as_u64() == Some(2024) => {
            *value = change("2024年").trim_end_matches('年').parse::<u64>().unwrap().into();
        }
        Value::Number(year) if year.as_u64() == Some(2025) => {
            *value = change("2025年").trim_end_matches('年').parse::<u64>().unwrap().into();
        }
        _ => {}
    }
}

fn vary_length(report: &mut Value, seed: &mut Seed) {
    let measures = report["measures"].as_array_mut().unwrap();
    measures.truncate(seed.between(5, 8) as usize);
    for measure in measures.iter_mut() {
        let body = measure["body"].as_array_mut().unwrap();
        // 一是 and 二是 at least, so what is left is still counted from the first.
        body.truncate(seed.between(3, 5) as usize);
        for _ in 0..seed.between(0, 2) {
            let deed = seed.pick(&DEEDS);
            body.push(json!(format!("{deed}{}份。", seed.between(30, 900))));
        }
    }
    report["indicators"].as_array_mut().unwrap().truncate(seed.between(11, 18) as usize);
}

/// A way to be wrong: the code by which it is known, and the file of a unit with this report.
pub type Wrong = (&'static str, fn(Value) -> Vec<u8>);

/// Twenty ways.
pub const WRONG: [Wrong; 20] = [
    ("empty-file", |_| vec![]),
    ("not-text", |_| vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A]),
    ("too-large", |report| {
        let mut bytes = file(report);
        bytes.resize(9 << 20, b' ');
        bytes
    }),
    ("syntax", |report| {
        let text = String::from_utf8(file(report)).unwrap();
        text.as_bytes()[..text.floor_char_boundary(text.len() / 2)].to_vec()
    }),
    ("too-deep", |_| [vec![b'['; 100], vec![b']'; 100]].concat()),
    ("duplicate-field", |report| {
        let text = String::from_utf8(file(report)).unwrap();
        text.replacen('{', "{\"notes\": \"此件公开发布\", ", 1).into_bytes()
    }),
    ("unknown-field", |report| with(report, "/measure", json!([]))),
    ("missing-field", |mut report| {
        report.as_object_mut().unwrap().remove("year");
        file(report)
    }),
    ("wrong-type", |report| with(report, "/preface", json!("一段话"))),
    ("invalid-value", |report| with(report, "/signature/date", json!("2025-02-30"))),
    ("unknown-template", |report| with(report, "/template", json!("anual-report"))),
    ("missing-section", |report| with(report, "/plans", json!([]))),
    ("problem-without-cause", |report| with(report, "/problems/0/cause", Value::Null)),
    ("placeholder", |report| with(report, "/preface/0", json!("全年办理行政复议案件XX件。"))),
    ("ratio-mismatch", |report| with(report, "/preface/0", json!("抽查案卷200卷，合格150卷，合格率90%。"))),
    ("sum-mismatch", |report| {
        with(report, "/preface/0", json!("调解组织受理旧合同纠纷500件，其中调解310件、仲裁150件、诉讼41件。"))
    }),
    ("book-title-marks", |report| with(report, "/preface/0", json!("落实《公平竞争审查条例的要求。"))),
    ("spam", |report| with(report, "/preface/0", json!("时时彩平台开户，请加微信。"))),
    ("private-data", |report| {
        with(report, "/preface/0", json!("申请人身份证号11010519491231002X，已经核实。"))
    }),
    ("invalid-value", |report| with(report, "/measures/0/heading", json!("看不见\u{202E}的字符"))),
];

fn with(mut report: Value, place: &str, value: Value) -> Vec<u8> {
    match report.pointer_mut(place) {
        Some(field) => *field = value,
        None => drop(report.as_object_mut().unwrap().insert(place[1..].to_owned(), value)),
    }
    file(report)
}

/// A report as its file.
pub fn file(report: Value) -> Vec<u8> {
    serde_json::to_vec_pretty(&report).unwrap()
}
