//! How the last pages are set, so that the signature has text beside it (GB/T 9704-2012, 7.3.5).
//!
//! The layout library asks for it while it runs: what typst remembers of all that does not hang on it holds on, and a
//! document whose signature does not fit at first is set anew on its last pages only. So that this is true of each
//! paragraph, it asks about its own stretch of the source.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use typst::World;
use typst::diag::StrResult;
use typst::engine::Engine;
use typst::foundations::{Bytes, Dict, IntoValue, Value, func};
use typst::syntax::{FileId, Span};
use typst_layout::PagedDocument;

use super::frames::{baselines, top_text};
use super::{file_id, main_file};

/// What differs from the usual on the last pages; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct LastPages {
    /// How many lines of the last paragraph go along with the signature, if not all.
    pub(super) kept: usize,
    pub(super) pitch: Option<LinePitch>,
}

/// What is set closer or wider: the text from a place of the source until another, but for the lines that come first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LinePitch {
    pub(super) from: i64,
    pub(super) lines: usize,
    pub(super) until: Option<i64>,
    /// How many lines a page of it holds.
    pub(super) per_page: usize,
}

/// What the layout library is told: how many lines go along, and how many a page holds where that is changed.
#[func]
pub(super) fn last_pages(engine: &mut Engine) -> StrResult<Dict> {
    let LastPages { kept, pitch } = LastPages::of(engine)?;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let per_page = pitch.map_or(Value::None, |pitch| number(pitch.per_page).into_value());
    Ok(Dict::from_iter([("kept".into(), number(kept).into_value()), ("lines-per-page".into(), per_page)]))
}

impl LastPages {
    /// What a world says in a file, if it is one of those in which the library asks for it.
    pub(super) fn written(self, file: FileId) -> Option<Bytes> {
        let written = if file == *WHOLE {
            serde_json::to_vec(&self)
        } else {
            let stretch = STRETCHES.iter().position(|one| *one == file)?;
            serde_json::to_vec(&self.pitch.filter(|pitch| pitch.stretches().contains(&stretch)))
        };
        Some(Bytes::new(written.expect("numbers can be written")))
    }

    /// That of the document which is being set; the usual one in a world that says nothing of it.
    fn of(engine: &Engine) -> StrResult<Self> {
        read(engine, *WHOLE)
    }
}

/// The file in which a world says all of it.
static WHOLE: LazyLock<FileId> = LazyLock::new(|| file_id("/last-pages.json"));

/// Those in which it says what is set closer or wider in each stretch of the document's source.
static STRETCHES: LazyLock<Vec<FileId>> = LazyLock::new(|| {
    (0..1 << STRETCH_BITS).map(|stretch| file_id(&format!("/line-pitch/{stretch}.json"))).collect()
});

/// There are two to the power of this many. A page of a long report is one or two.
const STRETCH_BITS: u32 = 6;

/// Above the bits that number the places within a source are those that tell the source.
const SOURCE_BITS: u32 = 48;

/// In which stretch of its source a place is. Half of the numbers are given out.
fn stretch(number: i64) -> usize {
    let place = number & ((1 << SOURCE_BITS) - 1);
    usize::try_from(place >> (SOURCE_BITS - 1 - STRETCH_BITS)).unwrap_or_default()
}

fn read<T: Default + DeserializeOwned>(engine: &Engine, file: FileId) -> StrResult<T> {
    let Ok(written) = engine.world.file(file) else { return Ok(T::default()) };
    serde_json::from_slice(&written).map_err(|error| error.to_string().into())
}

impl LinePitch {
    /// What concerns a text of these places, in the document which is being set.
    pub(super) fn of(engine: &Engine, places: impl Iterator<Item = Span>) -> StrResult<Option<Self>> {
        let is_of_document = |span: &Span| span.id() == Some(main_file());
        let (mut first, mut last) = (usize::MAX, 0);
        for stretch in places.filter(is_of_document).map(|span| stretch(number(span))) {
            (first, last) = (first.min(stretch), last.max(stretch));
        }
        for file in STRETCHES.iter().take(last + 1).skip(first) {
            if let Some(pitch) = read(engine, *file)? {
                return Ok(Some(pitch));
            }
        }
        Ok(None)
    }

    fn stretches(self) -> RangeInclusive<usize> {
        stretch(self.from)..=self.until.map_or(usize::MAX, stretch)
    }

    /// Whether it is in the same source as a place.
    pub(super) fn is_of_source(self, place: i64) -> bool {
        place >> SOURCE_BITS == self.from >> SOURCE_BITS
    }

    /// From the top of a page of a document on, and up to the attachments.
    pub(super) fn from_page(
        document: &PagedDocument,
        page: usize,
        signed: usize,
        per_page: usize,
    ) -> Option<Self> {
        let top = |page: usize| top_text(&document.pages().get(page.checked_sub(1)?)?.frame);
        let from = top(page)?;
        let before = &document.pages()[..page - 1];
        let lines = before.iter().map(|page| baselines(&page.frame, |span| span == from).len());
        let until = top(signed + 1).map(number);
        Some(Self { from: number(from), lines: lines.sum(), until, per_page })
    }
}

/// A span as a number; within a source they grow.
pub(super) fn number(span: Span) -> i64 {
    span.into_raw().get().cast_signed()
}
