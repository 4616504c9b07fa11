//! No file asks for more time than it is worth: files of every kind that once did, made here in several
//! sizes. Four times as much takes about four times as long. What a worker's bounds end, and how much
//! memory any file takes, is tested in `tests/suite/bounds.rs`.

use std::io::{Cursor, Write};
use std::time::Duration;

use nianbao_core::conform::{Strictness, conform};
use nianbao_core::diagnostic::Failed;
use nianbao_core::guide::Guide;
use nianbao_core::import::{Particulars, import, source_part};
use nianbao_core::input::{self, Format};
use nianbao_core::pdf::{MAX_FORMS, MAX_PAGES, MAX_STREAM, Unreadable, open};
use nianbao_core::report::Report;
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use zip::write::SimpleFileOptions;

use crate::desk::{Beside, findings_beside, minimal, read};
use crate::files::{HEAD, drawn, form, list, numbered, packed, page, pdf_of, stream, web_page, word};

/// What is too short to be compared.
const SHORT: Duration = Duration::from_millis(40);

/// Makes a file of a size.
type Generator<'a> = &'a dyn Fn(usize) -> Vec<u8>;

/// How much longer than four times as long four times as much may take.
const SLACK: u32 = 4;

/// Does some work on a file of this size and on one four times as large, and holds the times together.
fn grows_with_its_length(kind: &str, size: usize, make: &dyn Fn(usize) -> Vec<u8>, work: &dyn Fn(&[u8])) {
    // What others do meanwhile costs no time of this thread.
    let spent = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let time = |bytes: &[u8]| {
        let start = spent();
        work(bytes);
        spent() - start
    };
    let (small, large) = (make(size), make(4 * size));
    let (once, more) = (time(&small), time(&large));
    let grown = (large.len() / small.len().max(1)).max(4) as u32;
    let most = once.max(SHORT) * grown * SLACK;
    assert!(more <= most, "{kind}: {size} takes {once:?}, four times as much {more:?}");
}

#[test]
fn a_pdf_that_asks_for_too_much_is_refused_before_anything_is_drawn() {
    let one = "<</XObject<</A 5 0 R>>>>";
    let next = |at: usize| format!("<</XObject<</A {} 0 R>>>>", at + 6);
    let forms = |often: usize, deep: usize| {
        let forms = (0..deep).map(|at| form(&"/A Do ".repeat(often), &next(at)));
        drawn("/A Do", one, &forms.chain([form("", "<<>>")]).collect::<Vec<_>>())
    };
    let listed = format!("<</Type/Pages/Kids[{}]/Count 1>>", "3 0 R ".repeat(MAX_PAGES + 1)).into_bytes();
    let catalogue = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    let sheet = b"<</Type/Page/MediaBox[0 0 595 842]>>".to_vec();
    let unpacked = packed(&vec![b' '; MAX_STREAM as usize + 1], 1);
    for (kind, bytes) in [
        ("nested arrays", drawn("", &format!("<</Font {}>>", "[".repeat(100_000)), &[])),
        ("one page listed often", pdf_of(&[catalogue, listed, sheet])),
        ("packed content", page(stream("/Filter/FlateDecode", unpacked), "<<>>", &[])),
        ("a form that draws itself", drawn("/A Do", one, &[form("/A Do", one)])),
        ("forms that draw ten others each", forms(10, 10)),
        ("forms deep in one another", forms(1, MAX_FORMS + 1)),
    ] {
        assert_eq!(open(&bytes).err(), Some(Unreadable::TooMuch), "{kind}");
    }
    for bytes in [forms(10, 3), forms(1, MAX_FORMS - 1), drawn("0 0 m 9 9 l S", "<<>>", &[])] {
        assert!(open(&bytes).is_ok());
    }
}

#[test]
fn what_is_no_pdf_is_told_apart_from_what_is_damaged() {
    assert_eq!(open(b"").err(), Some(Unreadable::NotPdf));
    assert_eq!(open(b"template: annual-report").err(), Some(Unreadable::NotPdf));
    assert_eq!(open(b"%PDF-1.7\nnothing").err(), Some(Unreadable::Damaged));
    let whole = drawn("0 0 m 9 9 l S", "<<>>", &[]);
    for length in 0..whole.len() {
        let _ = open(&whole[..length]);
    }
}

#[test]
fn time_for_a_pdf_grows_with_its_length() {
    let work = |bytes: &[u8]| {
        let _ = conform(bytes, Strictness::Usual);
    };
    let kinds: [(&str, &str); 7] = [
        ("paths", "0 0 m 9 9 l S "),
        ("clips", "0 0 1 1 re W n "),
        ("names", "/A0 Do "),
        ("pictures", "BI /W 1/H 1 ID x EI "),
        ("states", "q 1 0 0 1 0 0 cm Q "),
        ("text", "BT (aaaaaaaa) Tj ET "),
        ("words", "abc "),
    ];
    for (kind, unit) in kinds {
        grows_with_its_length(kind, 20_000, &|size| drawn(&unit.repeat(size), "<<>>", &[]), &work);
    }
}

// ----------------------------------------------------------------------------------------------- HTML

fn imported(bytes: &[u8]) {
    match import(bytes, &Particulars::default()) {
        Ok(_) | Err(Failed::Report(_)) => {}
        Err(Failed::Program(error)) => panic!("{error}"),
    }
}

#[test]
fn time_for_a_page_grows_with_its_length() {
    let units = [
        "<b>",
        "<b x=#>",
        "<b x=#>y",
        "<p><b x=#>y",
        "<p><font>y</p>",
        "<b x=#><div></b>",
        "<b><div></b>x",
        "<div></g>",
        "<g></div>",
        "<g><div></g>",
        "<div>",
        "<g>",
        "<svg>",
        "<svg><foreignObject>x",
        "<math><mi>",
        "<table>",
        "<table><tr><td>",
        "<table><b>x<tr>",
        "<template>",
        "<select><option>",
        "<button><p>",
        "<b x=#><object></b></object>",
        "<b x=#><!--</b>-->",
        "<b x=#><svg><![CDATA[> </b> ]]></svg>",
        "<body a#=1>",
        "<a>",
        "<nobr>",
        "<li>",
        "<ul><li>x",
        "<form><input>",
        "<h1>x</h2>",
        "&notit;&#x4e00;&amp",
        "&amp;字",
        "<!-- x -->y",
        "<br>x",
        "<p><b>甲</b>乙。</p>",
        "<marquee><i x=#></i>",
        "<span>",
        "x<q>",
    ];
    for unit in units {
        grows_with_its_length(unit, 4_000, &|size| web_page(unit, size), &imported);
    }
    let attributes = |size: usize| {
        let all: String = (0..size).map(|at| format!(" a{at}=1")).collect();
        format!("{HEAD}<p x=\">\"{all}>x").into_bytes()
    };
    grows_with_its_length("attributes", 5_000, &attributes, &imported);
    let plain = |size: usize| format!("{HEAD}<plaintext>{}", "<b>x".repeat(size)).into_bytes();
    grows_with_its_length("plain text", 20_000, &plain, &imported);
    let deep = |size: usize| format!("{HEAD}{}{}", "<div>".repeat(200), "字".repeat(size)).into_bytes();
    grows_with_its_length("deep text", 100_000, &deep, &imported);
    let frames = |size: usize| {
        format!("{HEAD}{}", format!("<table><tr><td>{}", "<i></i>".repeat(size)).repeat(60)).into_bytes()
    };
    grows_with_its_length("frames in frames", 100, &frames, &imported);
}

#[test]
fn a_page_as_sites_have_them_is_read() {
    let page = web_page("<div><p><span><b>甲</b>乙<font color=red>丙</font>。</span></p></div>", 8_000);
    assert!(import(&page, &Particulars::default()).is_ok());
    // Tags in scripts and comments are text.
    let script = "if(i<n&&x){s=\"<b>\";}\n".repeat(20_000);
    let page = format!("{HEAD}<script>{script}</script><!-- {} --></body></html>", "<b>".repeat(2_000));
    assert!(import(page.as_bytes(), &Particulars::default()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Tags of any kind in any order, opened and closed as it comes.
    #[test]
    fn time_for_any_page_grows_with_its_length(
        tags in prop::collection::vec((0usize..26, 0u8..4), 1..8),
    ) {
        const NAMES: [&str; 26] = [
            "div", "p", "b", "i", "a", "font", "table", "tr", "td", "svg", "math", "mi", "select", "option",
            "template", "form", "button", "object", "li", "ul", "h1", "span", "g", "foreignObject", "nobr", "body",
        ];
        let unit: String = tags.iter().map(|(name, kind)| {
            let name = NAMES[*name];
            match kind {
                0 => format!("<{name}>"),
                1 => format!("<{name} x=#>y"),
                2 => format!("</{name}>"),
                _ => format!("<{name}></{name}>"),
            }
        }).collect();
        grows_with_its_length(&unit, 2_000, &|size| web_page(&unit, size), &imported);
    }
}

// ----------------------------------------------------------------------------------------------- Word

#[test]
fn a_level_that_word_does_not_have_is_none() {
    for level in ["9", "255", "3000000000", "18446744073709551615", "99999999999999999999999", "-1", "x", ""]
    {
        let document = word(&numbered(level).repeat(3), &list(level, level, "%1."), "");
        let found = import(&document, &Particulars::default()).unwrap_or_else(|_| panic!("{level}"));
        assert!(found.document.to_string().contains("法治政府"), "{level}");
    }
    let document = word(&numbered("0").repeat(2), &list("0", "18446744073709551615", "%1."), "");
    assert!(import(&document, &Particulars::default()).is_ok());
}

/// A document of ours: of these paragraphs, each the text of one field, with this body.
fn ours(texts: &[String], body: &str) -> Vec<u8> {
    let mut report = serde_json::to_value(read(&minimal())).unwrap();
    report["preface"] = texts.into();
    let printed: String = texts.iter().enumerate().map(|(at, text)| tagged(at, text)).collect();
    let printed = format!("<w:document xmlns:w='w'><w:body>{printed}</w:body></w:document>");
    let part = source_part(&report, &printed);
    let body = format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in [("word/document.xml", body), ("customXml/item1.xml", part)] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tagged(at: usize, text: &str) -> String {
    format!(
        "<w:p><w:sdt><w:sdtPr><w:tag w:val='preface[{at}]'/></w:sdtPr><w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
}

#[test]
fn time_for_a_document_of_ours_grows_with_its_length() {
    let text = |at: usize| format!("第{at}件法治政府建设工作办结{}次。", at * 31 % 997);
    let texts = |size: usize| (0..size).map(text).collect::<Vec<_>>();
    let plain = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let kinds: [(&str, Generator); 7] = [
        ("shuffled", &|size| {
            let body: String = (0..size).map(|at| plain(&text(at * 7919 % size))).collect();
            ours(&texts(size), &body)
        }),
        ("rewritten", &|size| {
            let body: String = (0..size).map(|at| plain(&(text(at) + "又及。"))).collect();
            ours(&texts(size), &body)
        }),
        ("all alike", &|size| {
            ours(&vec!["法治政府建设。".into(); size], &plain("法治政府建设，").repeat(size))
        }),
        ("copies", &|size| ours(&texts(size), &tagged(0, &text(0)).repeat(size))),
        ("one long text", &|size| {
            let text =
                |step: usize| (0..size).map(|at| format!("{}，", at * step % 9973)).collect::<String>();
            ours(&[text(1)], &plain(&text(7)))
        }),
        ("fields in one paragraph, backwards", &|size| {
            let body: String = (0..size).rev().map(|at| tagged(at, &text(at))).collect();
            ours(&texts(size), &format!("<w:p>{}</w:p>", body.replace("<w:p>", "").replace("</w:p>", "")))
        }),
        ("comments", &|size| {
            let marks = |edge: &str| {
                (0..size).map(|at| format!("<w:commentRange{edge} w:id='{at}'/>")).collect::<String>()
            };
            let body =
                format!("<w:p>{}</w:p>{}<w:p>{}</w:p>", marks("Start"), tagged(0, &text(0)), marks("End"));
            ours(&texts(1), &body)
        }),
    ];
    for (kind, make) in kinds {
        grows_with_its_length(kind, 5_000, &|size| make(size), &imported);
    }
}

#[test]
fn time_for_a_word_document_grows_with_its_length() {
    let label = "%1%2%3%4%5%6%7%8%9";
    let kinds: [(&str, Generator); 14] = [
        ("paragraphs", &|size| word(&"<w:p><w:r><w:t>甲乙丙</w:t></w:r></w:p>".repeat(size), "", "")),
        ("rows", &|size| {
            word(&format!("<w:tbl>{}</w:tbl>", "<w:tr><w:tc><w:p/></w:tc></w:tr>".repeat(size)), "", "")
        }),
        ("open tables", &|size| word(&"<w:tbl><w:tr><w:tc>".repeat(size), "", "")),
        ("tables", &|size| {
            let nested =
                format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(60), "</w:tc></w:tr></w:tbl>".repeat(60));
            word(&nested.repeat(size / 60), "", "")
        }),
        ("numbers", &|size| word(&numbered("8").repeat(size), &list("8", "1", label), "")),
        ("a long label", &|size| word(&numbered("8").repeat(size), &list("8", "1", &label.repeat(size)), "")),
        ("lists", &|size| {
            let lists = (0..size).map(|at| {
                format!("<w:abstractNum w:abstractNumId='{at}'><w:lvl w:ilvl='0'/></w:abstractNum>")
            });
            word("", &lists.collect::<String>(), "")
        }),
        ("a long name", &|size| {
            let levels = "<w:lvl w:ilvl='1'><w:start w:val='1'/></w:lvl>".repeat(size);
            word(
                "",
                &format!("<w:abstractNum w:abstractNumId='{}'>{levels}</w:abstractNum>", "x".repeat(size)),
                "",
            )
        }),
        ("styles in a circle", &|size| {
            let styles = (0..size).map(|at| {
                format!("<w:style w:styleId='s{at}'><w:basedOn w:val='s{}'/></w:style>", (at + 1) % size)
            });
            let paragraph = "<w:p><w:pPr><w:pStyle w:val='s0'/></w:pPr><w:r><w:t>法治</w:t></w:r></w:p>";
            word(&paragraph.repeat(size), "", &styles.collect::<String>())
        }),
        ("attributes", &|size| {
            let attributes: String = (0..size).map(|at| format!(" a{at}='1'")).collect();
            word(&format!("<w:p><w:pPr><w:pStyle{attributes} w:val='a'/></w:pPr></w:p>"), "", "")
        }),
        ("breaks", &|size| {
            word(&format!("<w:p><w:r>{}</w:r></w:p>", "<w:br/><w:t>甲</w:t>".repeat(size)), "", "")
        }),
        ("one paragraph", &|size| {
            word(&format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "法治政府建设，".repeat(size)), "", "")
        }),
        ("deleted", &|size| word(&"<w:del>".repeat(size), "", "")),
        ("references", &|size| {
            word(&format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "&amp;".repeat(size)), "", "")
        }),
    ];
    for (kind, make) in kinds {
        grows_with_its_length(kind, 8_000, make, &imported);
    }
}

// ------------------------------------------------------------------------------------- text and input

/// What texts are made of, each of a kind that something looks for.
const UNITS: [&str; 27] = [
    "法治政府建设，",
    "一是法治。",
    "一是法治；二是政府；",
    "办理1234件，同比增长12.3%，",
    "1",
    "（",
    "《",
    "“",
    "1.1.1.1",
    "www.",
    "法,治:(x)",
    "法 治 ",
    "2024年1月1日",
    "。",
    "１",
    "（牵头单位：甲；责任单位：乙）",
    "；",
    "澳门赌场",
    "&字",
    "第3页",
    "XX件",
    "\u{200b}字",
    "同比",
    "其中",
    "》",
    "百分之",
    "附件",
];

#[test]
fn time_for_a_text_grows_with_its_length() {
    let head = "望渡县2024年法治政府建设年度报告\n一、主要举措\n法治政府建设。\n";
    for unit in UNITS {
        let one = |size: usize| format!("{head}{}\n二、存在不足\n不够。\n", unit.repeat(size)).into_bytes();
        grows_with_its_length(&format!("{unit} in one"), 10_000, &one, &imported);
        let lines = |size: usize| {
            format!("{head}{}二、存在不足\n不够。\n", format!("{unit}\n").repeat(size)).into_bytes()
        };
        grows_with_its_length(&format!("{unit} in lines"), 10_000, &lines, &imported);
    }
    for line in
        ["（一）法治\n政府。\n", "一、法治\n", "1.法治\n", "望渡县人民政府\n", "特此报告\n", "— 1 —\n"]
    {
        let lines = |size: usize| format!("{head}{}", line.repeat(size)).into_bytes();
        grows_with_its_length(line, 10_000, &lines, &imported);
    }
}

fn checked(bytes: &[u8]) {
    let beside = Beside { guide: Some(Guide::built_in()), ..Beside::default() };
    findings_beside(bytes, Format::Json, &beside);
}

#[test]
fn time_for_the_checks_grows_with_the_report() {
    let report = serde_json::to_value(read(&minimal())).unwrap();
    let with = |body: Vec<String>| {
        let mut report = report.clone();
        report["measures"][0]["body"] = serde_json::json!(body);
        serde_json::to_vec(&report).unwrap()
    };
    for unit in UNITS {
        let unit = unit.replace('\u{200b}', "");
        grows_with_its_length(&unit, 8_000, &|size| with(vec![unit.repeat(size)]), &checked);
        let apart = |size: usize| with((0..size).map(|at| format!("{unit}{at}。")).collect());
        grows_with_its_length(&format!("{unit} apart"), 2_000, &apart, &checked);
    }
    let same = |size: usize| {
        with(vec![
            "本地区依法行政工作取得了新的进展和成效，群众满意。".to_owned();
            size
        ])
    };
    grows_with_its_length("the same paragraph", 4_000, &same, &checked);
}

#[test]
fn time_to_read_input_grows_with_its_length() {
    let read = |format: Format| {
        move |bytes: &[u8]| {
            let _ = input::read::<Report>(bytes, format);
        }
    };
    let of = |format: Format, unit: &'static str, head: &'static str, tail: &'static str| {
        let make = move |size: usize| {
            let mut text = head.to_owned();
            for at in 0..size {
                text.push_str(&unit.replace('#', &at.to_string()));
            }
            text.push_str(tail);
            text.into_bytes()
        };
        grows_with_its_length(unit, 20_000, &make, &read(format));
    };
    of(Format::Yaml, "k#: 1\n", "year: 2024\n", "");
    of(Format::Yaml, "k: 1\n", "year: 2024\n", "");
    of(Format::Yaml, "- a\n", "preface:\n", "");
    of(Format::Yaml, "[", "preface: ", "");
    of(Format::Yaml, "- ", "preface:\n  ", "a");
    of(Format::Yaml, "? a#\n", "", "");
    of(Format::Yaml, "\"a\\n\" ", "preface: [", "]");
    of(Format::Json, "\"k#\": 1,", "{", "\"year\": 2024}");
    of(Format::Json, "\"k\": 1,", "{", "\"year\": 2024}");
    of(Format::Json, "\"甲\",", "{\"preface\": [", "\"乙\"]}");
    of(Format::Json, "[", "{\"preface\": ", "");
    of(Format::Json, "1", "{\"year\": ", "}");
    of(Format::Toml, "k# = 1\n", "year = 2024\n", "");
    of(Format::Toml, "k = 1\n", "year = 2024\n", "");
    of(Format::Toml, "[[measures]]\nheading = \"甲\"\n", "year = 2024\n", "");
    of(Format::Toml, "[t#]\nk = 1\n", "year = 2024\n", "");
    of(Format::Toml, "\"甲\",", "preface = [", "]");
}
