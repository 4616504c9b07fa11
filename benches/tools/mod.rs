//! What the benchmarks share: documents no two of which are alike, and the bare loop that they are
//! held against.

#![allow(unreachable_pub, reason = "what a bench says is nobody's interface")]

pub mod differing;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nianbao::export::Target;
use nianbao::input::{Format, read};
use nianbao::pipeline::{Beside, Job, Paper, Press, render};
use nianbao::report::{Document, Report};
use nianbao::template::{Filled, Purpose, fill};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use differing::Clauses;

/// How deep the stack of a thread that typesets is.
pub const STACK_BYTES: usize = 16 << 20;

/// A report that comes in as many variants as are asked for.
pub struct Specimen {
    pub text: String,
    pub purpose: Purpose,
}

/// The next number that no document has had yet.
pub fn fresh() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(100_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Specimen {
    /// The report with a number of six digits in each of its paragraphs, and a clause of characters that other
    /// variants need not have.
    pub fn variant(&self, number: usize) -> String {
        let mut clauses = Clauses::new(number as u64);
        let mut parts = self.text.split("。\"");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| format!("{text}（{number}），{}。\"{part}", clauses.clause()))
    }

    /// Ten times as long, by its measures over and over, each time with a number of their own.
    pub fn tenfold(&self) -> Self {
        let key = "\nmeasures:\n";
        let start = self.text.find(key).expect("a report has measures") + key.len();
        let end = self.text.find("\nproblems:\n").expect("a report has problems") + 1;
        let once = Self { text: self.text[start..end].to_owned(), purpose: self.purpose };
        let mut measures = once.text.clone();
        while self.text.len() - once.text.len() + measures.len() < 10 * self.text.len() {
            measures += &once.variant(fresh());
        }
        let text = format!("{}{measures}{}", &self.text[..start], &self.text[end..]);
        Self { text, purpose: self.purpose }
    }

    pub fn render(&self, number: usize, press: &Press) -> usize {
        let text = self.variant(number);
        let job = Job {
            paper: Paper { bytes: text.as_bytes(), format: Format::Yaml },
            beside: &Beside::default(),
            edition: None,
            purpose: self.purpose,
            target: Target::Pdf,
        };
        render(&job, press).unwrap_or_else(|failed| panic!("{failed}")).value.made.artifact.bytes.len()
    }

    pub fn read(&self, number: usize) -> Document {
        read::<Report>(self.variant(number).as_bytes(), Format::Yaml).expect("readable").value.into()
    }

    pub fn fill(&self, number: usize, press: &Press) -> Filled {
        let document = self.read(number);
        let template = press.templates.of(&document).expect("an embedded template");
        fill(template, &document, self.purpose).expect("a sound template")
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A bare loop over typst and its PDF export, with nothing of ours but the faces.
pub struct Bare {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    /// The layout library, read once.
    sources: Vec<Source>,
}

impl Bare {
    pub fn new(press: &Press, example: &Filled) -> Self {
        let (library, book, fonts) = press.fonts.parts();
        let sources = example.libraries.iter().map(|(path, text)| source(path, text)).collect();
        Self { library, book, fonts, sources }
    }

    /// How long typst and its export take for this source.
    pub fn make(&self, filled: &Filled) -> Duration {
        let start = Instant::now();
        let world = BareWorld { bare: self, main: source("main.typ", &filled.source) };
        let document = typst::compile::<typst_layout::PagedDocument>(&world).output.expect("a sound source");
        let standards = typst_pdf::PdfStandards::new(&[typst_pdf::PdfStandard::A_2a]).expect("one standard");
        let options = typst_pdf::PdfOptions { standards, ..Default::default() };
        let pdf = typst_pdf::pdf(&document, &options).expect("PDF/A");
        comemo::evict(2);
        assert!(pdf.len() > 10_000, "a whole document");
        // A loop takes apart what it made, as the whole way does.
        drop((pdf, document, world));
        start.elapsed()
    }
}

struct BareWorld<'a> {
    bare: &'a Bare,
    main: Source,
}

impl World for BareWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.bare.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.bare.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let mut known = self.bare.sources.iter().chain([&self.main]);
        let path = || id.get().vpath().get_without_slash().into();
        known.find(|source| source.id() == id).cloned().ok_or_else(|| FileError::NotFound(path()))
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.bare.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<typst::foundations::Duration>) -> Option<Datetime> {
        None
    }
}

fn source(path: &str, text: &str) -> Source {
    let path = VirtualPath::new(format!("/{path}")).expect("a path");
    Source::new(FileId::new(RootedPath::new(VirtualRoot::Project, path)), text.to_owned())
}
