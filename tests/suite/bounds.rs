//! No file asks for more than it is worth: files of every kind that once did, made here in several
//! sizes. Each is refused or read; four times as much takes about four times as long; and no kind takes
//! more memory than a worker has.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use nianbao::conform::{Strictness, conform};
use nianbao::diagnostic::{Class, Failed, class_of};
use nianbao::import::{Particulars, import};
use nianbao::input::Format;
use nianbao::report::Edition;
use nianbao::workers::{Crew, Limits, Question, Worker};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use crate::workbench::{deeply, findings, minimal, pdf_bytes, sample};

/// The address space that a file may take, in KiB: that of a worker.
const MEMORY_KIB: u32 = 2 << 20;

/// What is too short to be compared.
const SHORT: Duration = Duration::from_millis(40);

/// Makes a file of a size.
type Generator<'a> = &'a dyn Fn(usize) -> Vec<u8>;

/// How much longer than four times as long four times as much may take.
const SLACK: u32 = 4;

/// Does some work on a file of this size and on one four times as large, and holds the times together.
fn grows_with_its_length(kind: &str, size: usize, make: &dyn Fn(usize) -> Vec<u8>, work: &dyn Fn(&[u8])) {
    let time = |bytes: &[u8]| {
        let start = Instant::now();
        work(bytes);
        start.elapsed()
    };
    let (small, large) = (make(size), make(4 * size));
    let (once, more) = (time(&small), time(&large));
    let grown = (large.len() / small.len().max(1)).max(4) as u32;
    let most = once.max(SHORT) * grown * SLACK;
    assert!(more <= most, "{kind}: {size} takes {once:?}, four times as much {more:?}");
}

// ---------------------------------------------------------------------------------------------- PDF

/// A PDF of these objects, of which the first is the catalogue.
fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", bytes.len()).unwrap();
        writeln!(bytes, "{} 0 obj", at + 1).unwrap();
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let (start, size) = (bytes.len(), objects.len() + 1);
    write!(bytes, "xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\n")
        .unwrap();
    write!(bytes, "startxref\n{start}\n%%EOF\n").unwrap();
    bytes
}

fn stream(entries: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    let head = format!("<<{entries}/Length {}>>stream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

fn form(content: &str, resources: &str) -> Vec<u8> {
    stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 900 900]/Resources{resources}"), content)
}

/// A PDF of one page; its own objects begin with number 5.
fn page(content: Vec<u8>, resources: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    let page =
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources{resources}>>");
    let first = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.into_bytes(),
        content,
    ];
    pdf_of(&[first.as_slice(), objects].concat())
}

fn drawn(content: &str, resources: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    page(stream("", content), resources, objects)
}

fn packed(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..times {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes).unwrap();
        bytes = encoder.finish().unwrap();
    }
    bytes
}

/// A catalogue and a table in a stream, packed.
fn of_table_stream(entries: &str, rows: &[u8]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
    let start = bytes.len();
    let table = stream(&format!("/Type/XRef/Root 1 0 R{entries}"), rows);
    writeln!(bytes, "9 0 obj").unwrap();
    bytes.extend_from_slice(&table);
    write!(bytes, "\nendobj\nstartxref\n{start}\n%%EOF").unwrap();
    bytes
}

const FONT: &str = "<</Font<</F 5 0 R>>>>";
const SPACE: &str = "<</ColorSpace<</C[/Separation/X/DeviceRGB 5 0 R]>>>>";
const USES_FONT: &str = "BT /F 12 Tf (aa) Tj ET";
const USES_SPACE: &str = "/C cs 1 scn 0 0 m 100 100 l S";

/// PDFs that must be refused, each of a kind and a size.
fn refused_pdfs() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |kind: &str, size: usize, bytes: Vec<u8>| files.push((format!("{kind} {size}"), bytes));
    for size in [70, 5_000, 300_000] {
        let (open, close) = ("[".repeat(size), "]".repeat(size));
        add("nested arrays", size, drawn("", &format!("<</Font {open}{close}>>"), &[]));
        add(
            "nested dictionaries",
            size,
            drawn("", &format!("{}1{}", "<</A ".repeat(size), ">>".repeat(size)), &[]),
        );
        add("nested operands", size, drawn(&format!("{open}{close} TJ"), "<<>>", &[]));
        let chain = (0..size).map(|at| format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", at + 3).into_bytes());
        let chain: Vec<_> = [b"<</Type/Catalog/Pages 2 0 R>>".to_vec()].into_iter().chain(chain).collect();
        add("chain of pages", size, pdf_of(&chain));
    }
    for size in [1_001, 200_000] {
        let kids = "3 0 R ".repeat(size);
        let pages = format!("<</Type/Pages/Kids[{kids}]/Count 1>>").into_bytes();
        let page = b"<</Type/Page/MediaBox[0 0 595 842]>>".to_vec();
        add("one page listed often", size, pdf_of(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), pages, page]));
    }
    for kids in ["2 0 R", "2 0 R 2 0 R", "3 0 R 3 0 R"] {
        let pages = format!("<</Type/Pages/Kids[{kids}]>>").into_bytes();
        let below = b"<</Type/Pages/Kids[2 0 R 2 0 R]>>".to_vec();
        add(
            "circle of pages",
            kids.len(),
            pdf_of(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), pages, below]),
        );
    }
    for times in [1, 2, 3] {
        let filters = "/FlateDecode".repeat(times);
        let data = packed(&b"0 0 m ".repeat(12 << 20), times);
        add("packed content", times, page(stream(&format!("/Filter[{filters}]"), data), "<<>>", &[]));
    }
    let runs = packed(&b"\x81\x81".repeat(1 << 22), 1);
    let filters = "/Filter[/FlateDecode/RunLengthDecode/RunLengthDecode]";
    add("runs of runs", 1 << 22, page(stream(filters, runs), "<<>>", &[]));
    let zeros = packed(&b"z".repeat(1 << 25), 1);
    add("zeros in base 85", 1 << 25, page(stream("/Filter[/Fl/A85]", zeros), "<<>>", &[]));
    let one = "<</XObject<</A 5 0 R>>>>";
    add("a form that draws itself", 1, drawn("/A Do", one, &[form("/A Do", one)]));
    add("a form that draws itself", 2, drawn("/A Do", one, &[form("/A Do /A Do", "<<>>")]));
    let both = "<</XObject<</A 5 0 R/B 6 0 R>>>>";
    add(
        "forms that draw each other",
        2,
        drawn("/A Do", both, &[form("/B Do", "<<>>"), form("/A Do", "<<>>")]),
    );
    for (often, deep) in [(10, 10), (2, 20), (400, 2), (1, 40)] {
        let next = |at: usize| format!("<</XObject<</A {} 0 R>>>>", at + 6);
        let mut forms: Vec<_> = (0..deep).map(|at| form(&"/A Do ".repeat(often), &next(at))).collect();
        forms.push(form("", "<<>>"));
        add("forms in forms", often, drawn("/A Do", one, &forms));
    }
    add(
        "a large form, often",
        30_000,
        drawn(&"/A Do ".repeat(30_000), one, &[form(&"q Q ".repeat(50_000), "<<>>")]),
    );
    for size in [20_000, 400_000] {
        add("saved states", size, drawn(&"q ".repeat(size), "<<>>", &[]));
        add("rules", size + 1, drawn(&"0 0 300 1 re f ".repeat(size + 1), "<<>>", &[]));
    }
    add("widths without end", 1, drawn(USES_FONT, FONT, &[
        b"<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2/W[0 4294967295 5]>>]>>".to_vec(),
    ]));
    add(
        "a first code without end",
        1,
        drawn(
            USES_FONT,
            FONT,
            &[b"<</Type/Font/Subtype/TrueType/FirstChar 4000000000/LastChar 4000000001/Widths[1 2]>>"
                .to_vec()],
        ),
    );
    add(
        "codes that mean books",
        1,
        drawn(
            USES_FONT,
            FONT,
            &[
                b"<</Type/Font/Subtype/Type3/ToUnicode 6 0 R>>".to_vec(),
                stream("", format!("beginbfchar <61> <{}> endbfchar", "4e00".repeat(100_000))),
            ],
        ),
    );
    let stitched = |next: usize| {
        let parts = format!("{next} 0 R ").repeat(10);
        let (bounds, encode) = ("0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9", "0 1 ".repeat(10));
        format!("<</FunctionType 3/Domain[0 1]/Functions[{parts}]/Bounds[{bounds}]/Encode[{encode}]>>")
            .into_bytes()
    };
    let mut functions: Vec<_> = (0..12).map(|at| stitched(at + 6)).collect();
    functions.push(b"<</FunctionType 2/Domain[0 1]/N 1/C0[0 0 0]/C1[1 1 1]>>".to_vec());
    add("functions in functions", 12, drawn(USES_SPACE, SPACE, &functions));
    let program = format!("{}{}", "{".repeat(100_000), "}".repeat(100_000));
    let program = stream("/FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1]", program);
    add("a nested program", 100_000, drawn(USES_SPACE, SPACE, &[program]));
    let samples = "/FunctionType 0/Domain[0 1]/Range[0 1]/BitsPerSample 8/Size[200000]";
    add(
        "samples, often",
        200_000,
        drawn(
            &"/G gs ".repeat(300_000),
            "<</ExtGState<</G<</TR 5 0 R>>>>>>",
            &[stream(samples, vec![b'x'; 200_000])],
        ),
    );
    add(
        "an unpacked table",
        1 << 24,
        of_table_stream(
            "/Size 4000000000/W[1 2 2]/Filter/FlateDecode",
            &packed(&b"\x01\0\0\0\0".repeat(1 << 24), 1),
        ),
    );
    for size in [100_000, 400_000] {
        add("objects without end", size, [b"%PDF-1.7\n".to_vec(), b"1 0 obj << /A ".repeat(size)].concat());
        add("texts without end", size, [b"%PDF-1.7\n".to_vec(), b"1 0 obj ( ".repeat(size)].concat());
        add("trailers without end", size, [b"%PDF-1.7\n".to_vec(), b"trailer<<".repeat(size)].concat());
    }
    files
}

/// Kinds that are refused for what they ask, before anything is drawn. All others may deceive the reader; they
/// cost a worker and nobody else.
const COUNTED: [&str; 8] = [
    "nested arrays 300000",
    "nested dictionaries 300000",
    "one page listed often",
    "packed content",
    "runs of runs",
    "a form that draws itself",
    "forms that draw each other",
    "a large form",
];

/// A worker that reads, with little time.
fn reader() -> Worker {
    let limits = Limits { deadline: Duration::from_secs(5), memory: 1 << 30 };
    Crew::of_readers(env!("CARGO_BIN_EXE_nianbao").into(), limits).worker()
}

const MEASURE: Question = Question::Conform { strictness: Strictness::Usual };

#[test]
fn a_pdf_that_asks_for_too_much_is_refused() {
    let import = Question::Import { year: None, issuer: None, date: None };
    let mut reader = reader();
    for (kind, bytes) in refused_pdfs() {
        // Whether it is refused for its kind, or for what it did to a worker: there is an answer.
        let answer = reader.ask(&MEASURE, &bytes).unwrap();
        if COUNTED.iter().any(|counted| kind.starts_with(counted)) {
            assert_eq!(class_of(&answer.expect_err(&kind)), Class::TooLarge, "{kind}");
        }
        // The same, where it is looked at for a report that it bears.
        assert!(reader.ask(&import, &bytes).unwrap().is_err(), "{kind}");
    }
    let right = pdf_bytes(sample().as_bytes(), Format::Yaml, Some(Edition::Public));
    assert!(reader.ask(&MEASURE, &right).unwrap().is_ok(), "afterwards it measures");
}

#[test]
fn a_pdf_that_tells_lies_is_refused_or_read() {
    let whole = pdf_bytes(sample().as_bytes(), Format::Yaml, Some(Edition::Public));
    let files = [
        of_table_stream("/Size 4000000000/W[0 0 0]", b""),
        of_table_stream(
            "/Size 9/W[1 2 2]/Filter/Fl/DecodeParms<</Predictor 12/Columns 99999999999>>",
            &packed(b"abc", 1),
        ),
        pdf_of(&[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Kids[3 0 R]/Count 9000000000>>".to_vec(),
            b"<</Type/Page/Contents 4 0 R>>".to_vec(),
            b"<</Length 4 0 R>>stream\nq\nendstream".to_vec(),
        ]),
        drawn("/C cs 1 scn", "<</ColorSpace<</C 5 0 R>>>>", &[b"[/Pattern 5 0 R]".to_vec()]),
        drawn(&"BI /W 1/H 1 ID x EI ".repeat(20_000), "<<>>", &[]),
        drawn(&format!("BI /W 1/H 1 ID {}", "EIx ".repeat(100_000)), "<<>>", &[]),
        drawn(&format!("[{}] 0 d {}", "1 ".repeat(100_000), "0 0 m 1 1 l S ".repeat(20_000)), "<<>>", &[]),
        [b"%PDF-1.7\n".to_vec(), b"1 0 obj<<>>stream\n".repeat(20_000)].concat(),
        whole[..whole.len() / 2].to_vec(),
    ];
    let import = Question::Import { year: None, issuer: None, date: None };
    let mut reader = reader();
    for bytes in files {
        reader.ask(&MEASURE, &bytes).unwrap().ok();
        reader.ask(&import, &bytes).unwrap().ok();
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

#[test]
fn a_right_pdf_of_five_hundred_pages_is_measured() {
    let sample = sample();
    let start = sample.find("measures:\n").unwrap() + "measures:\n".len();
    let end = sample.find("problems:\n").unwrap();
    let long = format!("{}{}{}", &sample[..start], sample[start..end].repeat(68), &sample[end..]);
    let made = crate::workbench::render(
        long.as_bytes(),
        Format::Yaml,
        Some(Edition::Public),
        nianbao::template::Purpose::Draft,
    );
    let Ok(made) = made else { panic!("it is made") };
    let found = conform(&made.value.artifact.bytes, Strictness::Usual).unwrap();
    assert!(found.pages >= 400, "{} pages", found.pages);
}

/// Files that once brought the service down, and where they are posted.
pub fn hostile_files() -> Vec<(&'static str, Vec<u8>)> {
    let mut files: Vec<_> = refused_pdfs().into_iter().map(|(_, bytes)| ("/api/conform", bytes)).collect();
    for unit in ["<b x=#>y", "<div></g>", "<p><b x=#>y", "<table><b>x<tr>"] {
        files.push(("/api/import", web_page(unit, 30_000)));
    }
    let attributes: String = (0..400_000).map(|at| format!(" a{at}")).collect();
    files.push(("/api/import", format!("<html><body><p{attributes}>").into_bytes()));
    for level in ["3000000000", "18446744073709551615", "9"] {
        files.push(("/api/import", word(&numbered(level), &list(level, "1", "%1."), "")));
    }
    files
}

// --------------------------------------------------------------------------------------------- HTML

const HEAD: &str = "<html><body><h1>望渡县2024年法治政府建设年度报告</h1><p>一、主要举措</p>\
    <p>法治政府建设。</p><p>二、存在不足</p><p>不够。</p>";

/// A page that repeats this, `#` being another number each time.
fn web_page(unit: &str, size: usize) -> Vec<u8> {
    let mut page = HEAD.to_owned();
    for at in 0..size {
        page.push_str(&unit.replace('#', &at.to_string()));
    }
    page.into_bytes()
}

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

// --------------------------------------------------------------------------------------------- Word

/// A Word document of this body, these lists and these styles.
fn word(body: &str, lists: &str, styles: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // Not packed: what is packed too well is refused before it is read.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let title = "<w:p><w:r><w:t>云州市2024年法治政府建设年度报告</w:t></w:r></w:p>";
    for (name, text) in [
        ("word/document.xml", format!("<w:document xmlns:w='w'><w:body>{title}{body}</w:body></w:document>")),
        ("word/numbering.xml", format!("<w:numbering xmlns:w='w'>{lists}</w:numbering>")),
        ("word/styles.xml", format!("<w:styles xmlns:w='w'>{styles}</w:styles>")),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn numbered(level: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"1\"/></w:numPr>\
         <w:outlineLvl w:val=\"{level}\"/></w:pPr><w:r><w:t>法治政府</w:t></w:r></w:p>"
    )
}

fn list(level: &str, start: &str, label: &str) -> String {
    format!(
        "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"{level}\"><w:start w:val=\"{start}\"/>\
         <w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"{label}\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>"
    )
}

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

// ------------------------------------------------------------------------------------ text and input

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
    deeply(|| findings(bytes, Format::Json));
}

#[test]
fn time_for_the_checks_grows_with_the_report() {
    let report: serde_json::Value = {
        let read = nianbao::input::read::<nianbao::report::Report>(minimal().as_bytes(), Format::Yaml);
        serde_json::to_value(read.unwrap_or_else(|_| panic!("it is read")).value).unwrap()
    };
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
            let _ = nianbao::input::read::<nianbao::report::Report>(bytes, format);
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

// ------------------------------------------------------------------------------------------- memory

#[test]
fn no_file_takes_more_memory_than_a_worker_has() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bounds");
    fs::create_dir_all(&folder).unwrap();
    let run = |kind: &str, command: &str, name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let script = format!("ulimit -v {MEMORY_KIB}; exec \"$0\" {command} \"$1\" > \"$1.out\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_nianbao")]).arg(&path);
        let status = shell.status().unwrap();
        assert!(matches!(status.code(), Some(0..=2)), "{kind}: {status}");
    };
    run("paths", "conform", "file.pdf", &drawn(&"0 0 m 9 9 l S ".repeat(1_000_000), "<<>>", &[]));
    for unit in ["<b x=#>y", "<p><b x=#>y", "<div></g>", "<table><b>x<tr>", "<p>甲", "<br>甲", "<svg><g>"] {
        run(unit, "import", "file.html", &web_page(unit, 150_000));
    }
    let paragraph = "<w:p><w:r><w:t>甲乙丙</w:t></w:r></w:p>";
    run("paragraphs", "import", "file.docx", &word(&paragraph.repeat(190_000), "", ""));
    run(
        "numbers",
        "import",
        "file.docx",
        &word(&numbered("8").repeat(100_000), &list("8", "1", "%1.%9"), ""),
    );
    let text = format!("望渡县2024年法治政府建设年度报告\n{}", "甲\n".repeat(190_000));
    run("lines", "import", "file.txt", text.as_bytes());
}
