//! No file asks for more than it is worth: files of every kind that once did, made here in several
//! sizes. Each is refused or read, and no kind takes more memory than a worker has. How the time grows is
//! tested in `core/tests/units/bounds.rs`.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use nianbao::conform::{Strictness, conform};
use nianbao::diagnostic::{Class, class_of};
use nianbao::import::TrackedChanges;
use nianbao::input::Format;
use nianbao::report::Edition;
use nianbao::workers::{Crew, Limits, Question, Worker};

use crate::files::{drawn, form, list, numbered, packed, page, pdf_of, stream, web_page, word};
use crate::workbench::{pdf_bytes, sample};

/// The address space that a file may take, in KiB: that of a worker.
const MEMORY_KIB: u32 = 2 << 20;

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
    let limits = Limits { deadline: Duration::from_secs(20), memory: 1 << 30 };
    Crew::of_readers(env!("CARGO_BIN_EXE_nianbao").into(), limits).worker()
}

const MEASURE: Question = Question::Conform { strictness: Strictness::Usual };

#[test]
fn a_pdf_that_asks_for_too_much_is_refused() {
    let tracked_changes = TrackedChanges::Accept;
    let import = Question::Import { year: None, issuer: None, date: None, file_name: None, tracked_changes };
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
    let tracked_changes = TrackedChanges::Accept;
    let import = Question::Import { year: None, issuer: None, date: None, file_name: None, tracked_changes };
    let mut reader = reader();
    for bytes in files {
        reader.ask(&MEASURE, &bytes).unwrap().ok();
        reader.ask(&import, &bytes).unwrap().ok();
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

#[test]
fn no_file_takes_more_memory_than_a_worker_has() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bounds");
    fs::create_dir_all(&folder).unwrap();
    let run = |kind: &str, command: &str, name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let script =
            format!("ulimit -v {MEMORY_KIB}; exec \"$0\" {command} \"$1\" > \"$1.out\" 2> \"$1.said\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_nianbao")]).arg(&path);
        let status = shell.status().unwrap();
        let said = || fs::read_to_string(path.with_added_extension("said")).unwrap_or_default();
        assert!(matches!(status.code(), Some(0..=2)), "{kind}: {status}\n{:.2000}", said());
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
