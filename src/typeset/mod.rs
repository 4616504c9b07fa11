//! How it looks: compiles filled source into pages with typst, without disk, network or clock.

mod flow;
mod fonts;
mod frames;
mod grid;
mod last_pages;
mod line_break;
mod official;
mod place;
mod way;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World, WorldExt};
use typst_layout::PagedDocument;

pub use fonts::{Face, FaceRole, FontFile, Fonts, MissingFaces};
use last_pages::LastPages;
pub use official::stand_ins;
pub use place::Place;

use crate::diagnostic::{Code, Diagnostic, Failed};
use crate::report::FieldPath;
use crate::template::Filled;

/// Every code that this room can raise by itself.
pub const CODES: [&Code; 6] = [
    &official::STAND_IN_FACE,
    &way::SPACING_ADJUSTED,
    &way::ADDRESSEES_MOVED,
    &way::FIRST_PAGE_WITHOUT_TEXT,
    &way::TEXT_TAKEN_ALONG,
    &way::SIGNATURE_WITHOUT_TEXT,
];

/// How the reports of a process follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One by one, on one core; of each so many papers of different kinds.
    OneByOne { kinds: usize },
    /// Some at once.
    AtOnce,
}

impl Pace {
    /// The same, where so many papers of different kinds are made of each report.
    pub fn of_kinds(self, kinds: usize) -> Self {
        match self {
            Self::OneByOne { .. } => Self::OneByOne { kinds },
            Self::AtOnce => Self::AtOnce,
        }
    }

    /// How many documents long a value of typst's memory may stay unused; with no such limit the process
    /// grows with every document. What comes again from one report to the next is in each of them, and the
    /// less lies about besides, the sooner typst finds it: 2 takes 5 % less time than 10, and 1 as much less
    /// again. But with 1 threads that set documents at once forget each other's, and take twice as long; and so
    /// does the thread that sets papers of several kinds in turn, for what one has in common with the next of
    /// its kind lies behind all the others.
    fn age(self) -> usize {
        match self {
            Self::OneByOne { kinds } => kinds,
            Self::AtOnce => 2,
        }
    }
}

/// The age while reports are being written: most of each comes again with its next change, and others
/// are changed meanwhile.
const AGE_OF_CHANGES: usize = 10;

/// Typeset pages, ready to be exported.
pub struct Pages {
    pub(crate) document: PagedDocument,
    /// What typst set; its spans lead back to the fields.
    main: Source,
    /// What had to be done to the layout, and what could not be.
    pub notes: Vec<Diagnostic>,
    /// How many times typst set them: once, where nothing had to be done.
    pub passes: usize,
}

impl Pages {
    /// How many pages there are.
    pub fn count(&self) -> usize {
        self.document.pages().len()
    }

    /// How high a page is, counted from 0, in points.
    pub fn height(&self, number: usize) -> f64 {
        self.document.pages()[number].frame.height().to_pt()
    }

    /// Where on each page the text of which field stands.
    pub fn places(&self) -> Vec<Vec<Place>> {
        place::places(&self.document, &self.main)
    }

    /// Tells a page, counted from 0, from every other that looks different or whose text is of
    /// other fields.
    pub fn fingerprint(&self, number: usize, places: &[Place]) -> String {
        let fields: Vec<&FieldPath> = places.iter().map(|place| &place.path).collect();
        format!("{:032x}", typst::utils::hash128(&(&self.document.pages()[number].frame, fields)))
    }
}

/// Typst refused what a template and its layout library made of a report.
#[derive(Debug, thiserror::Error)]
#[error("排版没有完成，模板或排版库有误：\n{}", .0.join("\n"))]
pub struct TypstRefusal(Vec<String>);

/// The version of typst that sets the pages.
pub fn typst_version() -> &'static str {
    typst::utils::version().raw()
}

/// Typesets filled source. A character that no face can draw is an error that names its field;
/// the checks find it first, from the same faces, but what a template adds they do not see.
pub fn typeset(filled: &Filled, fonts: &Fonts, pace: Pace) -> Result<Pages, Failed> {
    let pages = lay_out_remembering(pace.age(), filled, fonts)?;
    let missing = place::undrawn(&pages.document, &pages.main);
    if missing.is_empty() { Ok(pages) } else { Err(Failed::Report(missing)) }
}

/// The same to be looked at and not issued: where no face has a character, a box stands for it.
pub fn lay_out(filled: &Filled, fonts: &Fonts) -> Result<Pages, Failed> {
    lay_out_remembering(AGE_OF_CHANGES, filled, fonts)
}

fn lay_out_remembering(age: usize, filled: &Filled, fonts: &Fonts) -> Result<Pages, Failed> {
    // Before and not after, for the export of these pages uses what their layout left.
    comemo::evict(age);
    let mut desk = TypstDesk::new(filled, fonts);
    let mut passes = 0;
    let (document, notes) = way::first_that_will_do(|way| {
        desk.library = way.inputs().map(|inputs| fonts.library_with("way", inputs));
        desk.last_pages = way.last_pages;
        passes += 1;
        desk.compile()
    })?;
    Ok(Pages { document, main: desk.main, notes, passes })
}

/// Lets this thread set its documents by itself. Typst shares its work out among the threads of a
/// rayon pool; where several documents are made at once, that would have all of them wait for one
/// another's work.
pub fn work_alone() -> Result<(), rayon::ThreadPoolBuildError> {
    // The thread stays the pool's only worker until it ends.
    rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().map(drop)
}

/// What typst may see while it compiles one document: the source, the layout library, the faces.
struct TypstDesk<'a> {
    main: Source,
    libraries: Arc<BTreeMap<String, String>>,
    fonts: &'a Fonts,
    /// In place of that of the faces.
    library: Option<LazyHash<Library>>,
    /// As it is asked for.
    last_pages: LastPages,
}

impl<'a> TypstDesk<'a> {
    fn new(filled: &Filled, fonts: &'a Fonts) -> Self {
        let main = Source::new(main_file(), filled.source.clone());
        Self {
            main,
            libraries: filled.libraries.clone(),
            fonts,
            library: None,
            last_pages: LastPages::default(),
        }
    }

    fn compile(&self) -> Result<PagedDocument, Failed> {
        typst::compile::<PagedDocument>(self).output.map_err(|errors| {
            let errors = errors.iter().map(|error| self.describe(error)).collect();
            Failed::Program(Box::new(TypstRefusal(errors)))
        })
    }

    fn library_text(&self, id: FileId) -> FileResult<&String> {
        let path = id.get().vpath().get_without_slash();
        self.libraries.get(path).ok_or_else(|| FileError::NotFound(path.into()))
    }

    /// An error with file and line, for the template's author.
    fn describe(&self, error: &SourceDiagnostic) -> String {
        let place = error.span.id().and_then(|id| {
            let offset = self.range(error.span)?.start;
            let line = self.source(id).ok()?.lines().byte_to_line(offset)? + 1;
            Some(format!("{} 第 {line} 行：", id.get().vpath().get_without_slash()))
        });
        format!("{}{}", place.unwrap_or_default(), error.message)
    }
}

impl World for TypstDesk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library.as_ref().unwrap_or(&self.fonts.library)
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        Ok(library_source(id, self.library_text(id)?))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if let Some(written) = self.last_pages.written(id) {
            return Ok(written);
        }
        Ok(Bytes::from_string(self.library_text(id)?.clone()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// There is no today: the same input makes the same bytes on any day.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The layout library as typst reads it; the same for every document.
#[comemo::memoize]
fn library_source(id: FileId, text: &str) -> Source {
    Source::new(id, text.to_owned())
}

/// What templates make of a document.
fn main_file() -> FileId {
    // Asked for at each text of a page.
    static FILE: LazyLock<FileId> = LazyLock::new(|| file_id("/main.typ"));
    *FILE
}

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("a constant path is a path");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}
