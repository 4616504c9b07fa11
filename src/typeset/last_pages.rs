//! How the last pages are set, so that the signature has text beside it (GB/T 9704-2012, 7.3.5).
//!
//! The layout library asks for it while it runs: what typst remembers of all that does not hang on it holds on, and a
//! document whose signature does not fit at first is set anew on its last pages only.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use typst::World;
use typst::diag::StrResult;
use typst::engine::Engine;
use typst::foundations::{Bytes, Dict, IntoValue, Value, func};
use typst::syntax::{FileId, Span};
use typst_layout::PagedDocument;

use super::file_id;
use super::frames::{baselines, top_text};

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
    /// The file in which a world says it.
    pub(super) fn file_id() -> FileId {
        // Each paragraph asks for it.
        static FILE: LazyLock<FileId> = LazyLock::new(|| file_id("/last-pages.json"));
        *FILE
    }

    pub(super) fn written(self) -> Bytes {
        Bytes::new(serde_json::to_vec(&self).expect("numbers can be written"))
    }

    /// That of the document which is being set; the usual one in a world that says nothing of it.
    pub(super) fn of(engine: &Engine) -> StrResult<Self> {
        let Ok(written) = engine.world.file(Self::file_id()) else { return Ok(Self::default()) };
        serde_json::from_slice(&written).map_err(|error| error.to_string().into())
    }
}

impl LinePitch {
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
