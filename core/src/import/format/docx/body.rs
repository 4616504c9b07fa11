//! The body of a document as one reads it: paragraph by paragraph, with the content controls that hold
//! its texts, wherever they stand (around paragraphs, rows and cells or within them, one in another), its
//! tables, its comments, and its tracked changes accepted or rejected.

use std::ops::Range;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::super::fault;
use super::super::{MAX_PARTS, MAX_TEXT};
use super::oddities::{WordOddities, symbol};
use super::xml::{attribute, level, next, referred};
use crate::diagnostic::Failed;
use crate::report::Choice;

/// What becomes of the changes that a document's program has kept track of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "修订：accept 接受，reject 拒绝")]
pub enum TrackedChanges {
    /// As whoever changed it would have it.
    #[default]
    Accept,
    /// As it was before.
    Reject,
}

impl Choice for TrackedChanges {
    const ALL: &'static [Self] = &[Self::Accept, Self::Reject];

    fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Accept => "接受",
            Self::Reject => "拒绝",
        }
    }
}

/// All that a document says.
#[derive(Debug, Default)]
pub(in crate::import) struct WordText {
    /// Those that say something or hold a control, in reading order.
    pub paragraphs: Vec<WordParagraph>,
    pub tables: Vec<WordTable>,
    /// Where notes stand: the paragraph, and the note.
    pub notes: Vec<(usize, NoteMark)>,
    /// Words that nobody sees, and the paragraphs that they stand in.
    pub hidden: Vec<(usize, String)>,
    /// How many boxes of text there are.
    pub boxes: usize,
    pub oddities: WordOddities,
    /// How many tracked changes there are.
    pub tracked: usize,
}

/// A paragraph, or all that stands in a line of its own.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct WordParagraph {
    /// Its number among all paragraphs, from 1.
    pub line: usize,
    /// The name of its style within the file.
    pub style: Option<String>,
    /// The number's name and level that the paragraph itself states.
    pub number: (Option<String>, Option<usize>),
    pub outline: Option<usize>,
    pub pieces: Vec<WordPiece>,
    /// The cell that it stands in.
    pub cell: Option<CellPosition>,
    /// Whether it stands in a box of text.
    pub is_boxed: bool,
    /// Where comments begin and end.
    pub comments: Vec<CommentMark>,
    /// How long its text is, in bytes.
    pub length: usize,
}

/// Text within one control, or outside of any, of one character style. A line broken by hand is `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct WordPiece {
    /// What the innermost control that says so is called.
    pub tag: Option<Rc<str>>,
    /// Which control it is, from 1; 0 outside of any.
    pub control: usize,
    /// The name of the character style within the file.
    pub style: Option<Rc<str>>,
    pub text: String,
}

/// A cell of one of the outermost tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) struct CellPosition {
    pub table: usize,
    pub row: usize,
    /// The column that it begins in: cells that are wider count as many as they cover.
    pub column: usize,
    /// Its place among the cells of its row.
    pub place: usize,
}

/// One of the outermost tables.
#[derive(Debug, Default)]
pub(in crate::import) struct WordTable {
    /// The number of its last paragraph.
    pub line: usize,
    /// How many cells each row has.
    pub rows: Vec<usize>,
    /// Its paragraphs.
    pub paragraphs: Range<usize>,
}

/// Where a comment begins or ends within a paragraph, in bytes of its text.
#[derive(Clone, Debug)]
pub(in crate::import) struct CommentMark {
    pub id: String,
    pub edge: CommentEdge,
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum CommentEdge {
    Start,
    End,
    /// Where it stands, whatever it is about.
    Anchor,
}

/// A mark in the text that stands for a note.
#[derive(Clone, Debug)]
pub(in crate::import) struct NoteMark {
    pub id: String,
    pub is_endnote: bool,
}

impl WordParagraph {
    pub(in crate::import) fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// How deep elements may stand in one another.
const MAX_DEPTH: usize = 256;

/// How many columns a cell may cover: as many as a table of Word has.
const MAX_SPAN: usize = 63;

/// Reads a body.
pub(in crate::import) fn body(xml: &str, changes: TrackedChanges) -> Result<WordText, Failed> {
    let mut walk = BodyWalk { changes, ..BodyWalk::default() };
    let mut reader = Reader::from_str(xml);
    loop {
        if walk.open.len() > MAX_DEPTH {
            return Err(fault::broken("文档套得太深").into());
        }
        if walk.parts > MAX_PARTS || walk.length > MAX_TEXT {
            return Err(fault::too_much_text().into());
        }
        match next(&mut reader)? {
            Event::Start(element) => walk.start(&element),
            Event::Empty(element) => {
                walk.start(&element);
                walk.end();
            }
            Event::End(_) => walk.end(),
            Event::Text(text) if walk.is_text() => walk.say(&text.xml10_content()),
            Event::CData(text) if walk.is_text() => walk.say(&text.xml10_content()),
            Event::GeneralRef(reference) if !walk.is_skipped() => {
                let character = referred(&reference)?;
                if walk.is_text() {
                    walk.say(character.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    walk.settle();
    Ok(walk.found)
}

/// Whether a property is on that needs no value to be.
fn is_on(value: Option<String>) -> bool {
    !matches!(value.as_deref(), Some("0" | "false" | "off"))
}

/// What an open element is to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenElement {
    /// It and all within it says nothing.
    Skipped,
    /// Drawn, or within it: only boxes of text in it say something.
    Drawing,
    Drawn,
    /// The same in several ways, of which the first is taken.
    Alternatives {
        of: AlternativesPlace,
        is_taken: bool,
    },
    /// How characters are read.
    Reading,
    Formula,
    /// Within a formula, between brackets.
    Bracketed,
    Box,
    Paragraph,
    ParagraphProperties,
    /// The properties of the mark that ends a paragraph.
    MarkProperties,
    Run,
    RunProperties,
    Text,
    Control,
    ControlProperties,
    Table,
    Row,
    RowProperties,
    Cell,
    CellProperties,
    Other,
}

/// Where something stands that is said in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AlternativesPlace {
    Drawing,
    Run,
    Elsewhere,
}

/// A content control that is open.
#[derive(Default)]
struct OpenControl {
    number: usize,
    tag: Option<Rc<str>>,
    /// Whether its text is what Word shows where there is none.
    is_empty: bool,
}

/// The walk through a body.
#[derive(Default)]
struct BodyWalk {
    changes: TrackedChanges,
    found: WordText,
    open: Vec<OpenElement>,
    controls: Vec<OpenControl>,
    /// How many controls, paragraphs and tables have begun.
    control_count: usize,
    paragraph_count: usize,
    tables: usize,
    /// The paragraph that is read, and those around the boxes that it stands in.
    paragraph: WordParagraph,
    around: Vec<WordParagraph>,
    /// Whether the mark that ends it goes, so that the next paragraph goes on with it.
    is_joined: bool,
    /// What is to be put before the next paragraph.
    pending: Option<WordParagraph>,
    character_style: Option<Rc<str>>,
    is_hidden: bool,
    /// How many readings and formulas are open, one in another.
    readings: usize,
    formulas: usize,
    /// How many pictures, boxes and objects there were before each drawing that is open.
    drawings: Vec<usize>,
    /// How many of the rows and cells of the outermost table are left out.
    left_out_row: bool,
    left_out_cell: bool,
    column: usize,
    span: usize,
    /// How many pieces, rows and cells there are, and how long the text of them is, in bytes.
    parts: usize,
    length: usize,
}

impl BodyWalk {
    fn is_text(&self) -> bool {
        self.open.last() == Some(&OpenElement::Text) && !self.left_out_row && !self.left_out_cell
    }

    fn is_skipped(&self) -> bool {
        self.open.last() == Some(&OpenElement::Skipped)
    }

    /// What goes with what was inserted if the changes are rejected, or with what was deleted if they
    /// are accepted.
    fn goes(&mut self, name: &str) -> bool {
        self.found.tracked += 1;
        match name {
            "del" | "moveFrom" | "cellDel" => self.changes == TrackedChanges::Accept,
            _ => self.changes == TrackedChanges::Reject,
        }
    }

    fn start(&mut self, element: &BytesStart) {
        let around = self.open.last().copied().unwrap_or(OpenElement::Other);
        let opened = match around {
            OpenElement::Skipped => OpenElement::Skipped,
            OpenElement::Alternatives { is_taken: true, .. } => OpenElement::Skipped,
            OpenElement::Alternatives { of, .. } => self.take_alternative(of),
            _ if element.local_name().as_ref() == "AlternateContent" => {
                let of = match around {
                    OpenElement::Drawing | OpenElement::Drawn => AlternativesPlace::Drawing,
                    OpenElement::Run => AlternativesPlace::Run,
                    _ => AlternativesPlace::Elsewhere,
                };
                OpenElement::Alternatives { of, is_taken: false }
            }
            OpenElement::Drawing | OpenElement::Drawn => self.start_drawn(element),
            _ => self.start_said(element, around),
        };
        self.open.push(opened);
    }

    fn take_alternative(&mut self, of: AlternativesPlace) -> OpenElement {
        if let Some(last) = self.open.last_mut() {
            *last = OpenElement::Alternatives { of, is_taken: true };
        }
        match of {
            AlternativesPlace::Drawing => OpenElement::Drawn,
            AlternativesPlace::Run => OpenElement::Run,
            AlternativesPlace::Elsewhere => OpenElement::Other,
        }
    }

    fn start_drawn(&mut self, element: &BytesStart) -> OpenElement {
        match element.local_name().as_ref() {
            "txbxContent" => self.start_box(),
            "blip" | "imagedata" => {
                self.found.oddities.pictures += 1;
                OpenElement::Drawn
            }
            // Words that are drawn.
            "textpath" => {
                if let Some(text) = attribute(element, "string").filter(|text| !text.trim().is_empty()) {
                    self.say_drawn(text);
                }
                OpenElement::Drawn
            }
            _ => OpenElement::Drawn,
        }
    }

    fn say_drawn(&mut self, text: String) {
        self.found.boxes += 1;
        self.parts += 1;
        self.length += text.len();
        let (line, length) = (self.paragraph_count.max(1), text.len());
        let pieces = vec![WordPiece { tag: None, control: 0, style: None, text }];
        let paragraph = WordParagraph { line, pieces, length, is_boxed: true, ..WordParagraph::default() };
        self.found.paragraphs.push(paragraph);
    }

    fn start_drawing(&mut self) -> OpenElement {
        self.drawings.push(self.drawn());
        OpenElement::Drawing
    }

    /// How many things there are in drawings so far.
    fn drawn(&self) -> usize {
        self.found.boxes + self.found.oddities.pictures + self.found.oddities.objects
    }

    fn start_box(&mut self) -> OpenElement {
        self.found.boxes += 1;
        self.around.push(std::mem::take(&mut self.paragraph));
        OpenElement::Box
    }

    fn start_said(&mut self, element: &BytesStart, around: OpenElement) -> OpenElement {
        let name = element.local_name();
        let name = name.as_ref();
        let value = || attribute(element, "val");
        match (name, around) {
            ("p", _) => {
                self.start_paragraph();
                OpenElement::Paragraph
            }
            ("pPr", _) => OpenElement::ParagraphProperties,
            ("rPr", OpenElement::ParagraphProperties) => OpenElement::MarkProperties,
            ("r", _) => {
                (self.character_style, self.is_hidden) = (None, false);
                OpenElement::Run
            }
            ("rPr", OpenElement::Run) => OpenElement::RunProperties,
            ("rPr", _) => OpenElement::Skipped,
            ("rStyle", OpenElement::RunProperties) => {
                self.character_style = value().map(Rc::from);
                OpenElement::Other
            }
            ("vanish", OpenElement::RunProperties) => {
                self.is_hidden = is_on(value());
                OpenElement::Other
            }
            ("t", _) => OpenElement::Text,
            ("delText", _) => match self.changes {
                TrackedChanges::Accept => OpenElement::Skipped,
                TrackedChanges::Reject => OpenElement::Text,
            },
            ("ins" | "del" | "moveFrom" | "moveTo", _) => self.start_tracked(name, around),
            ("cellIns" | "cellDel", OpenElement::CellProperties) => {
                self.left_out_cell |= self.goes(name);
                OpenElement::Other
            }
            // What the properties were before.
            ("pPrChange", _) if self.changes == TrackedChanges::Reject => {
                let paragraph = &mut self.paragraph;
                (paragraph.style, paragraph.number, paragraph.outline) = (None, (None, None), None);
                OpenElement::ParagraphProperties
            }
            ("rPrChange", OpenElement::RunProperties) if self.changes == TrackedChanges::Reject => {
                (self.character_style, self.is_hidden) = (None, false);
                OpenElement::Run
            }
            (name, _) if name.ends_with("Change") => OpenElement::Skipped,
            ("pStyle" | "numPr" | "numId" | "ilvl" | "outlineLvl", OpenElement::ParagraphProperties) => {
                let paragraph = &mut self.paragraph;
                match name {
                    "pStyle" => paragraph.style = value(),
                    "numId" => paragraph.number.0 = value(),
                    "ilvl" => paragraph.number.1 = level(value()),
                    "outlineLvl" => paragraph.outline = level(value()),
                    // What states the number stands within.
                    _ => return OpenElement::ParagraphProperties,
                }
                OpenElement::Other
            }
            ("sdt" | "sdtPr" | "sdtContent" | "tag" | "showingPlcHdr", _) => {
                self.start_control(element, around)
            }
            ("tbl" | "tr" | "trPr" | "tc" | "tcPr" | "gridSpan", _) => self.start_table(element),
            ("tab" | "ptab" | "noBreakHyphen" | "br" | "cr", OpenElement::Run) => {
                self.start_mark(element);
                OpenElement::Other
            }
            ("commentRangeStart", _) => self.comment(element, CommentEdge::Start),
            ("commentRangeEnd", _) => self.comment(element, CommentEdge::End),
            ("commentReference", _) => self.comment(element, CommentEdge::Anchor),
            ("footnoteReference" | "endnoteReference", _) => {
                let id = attribute(element, "id").unwrap_or_default();
                let mark = NoteMark { id, is_endnote: name == "endnoteReference" };
                self.parts += 1;
                self.found.notes.push((self.paragraph.line, mark));
                OpenElement::Other
            }
            ("instrText" | "delInstrText", _) => OpenElement::Skipped,
            ("drawing" | "pict", _) => self.start_drawing(),
            ("txbxContent", _) => self.start_box(),
            _ => self.start_odd(element, around),
        }
    }

    /// What is no text, or not all of it.
    fn start_odd(&mut self, element: &BytesStart, around: OpenElement) -> OpenElement {
        match (element.local_name().as_ref(), around) {
            ("fldSimple", _) => self.found.oddities.fields += 1,
            ("fldChar", _) => {
                let begins = attribute(element, "fldCharType").as_deref() == Some("begin");
                self.found.oddities.fields += usize::from(begins);
            }
            ("object", _) => {
                let opened = self.start_drawing();
                self.found.oddities.objects += 1;
                return opened;
            }
            ("altChunk" | "subDoc" | "contentPart", _) => self.found.oddities.documents += 1,
            ("sym", OpenElement::Run) => self.symbol(element),
            ("rt", _) => {
                self.parts += 1;
                self.readings += 1;
                self.found.oddities.readings.push(String::new());
                return OpenElement::Reading;
            }
            ("oMath", _) => {
                self.formulas += 1;
                self.found.oddities.formulas += 1;
                return OpenElement::Formula;
            }
            (name, _) if self.formulas > 0 => match name {
                "den" => self.say("/"),
                "sup" => self.say("^"),
                "sub" => self.say("_"),
                "d" => {
                    self.say("(");
                    return OpenElement::Bracketed;
                }
                _ => {}
            },
            _ => {}
        }
        OpenElement::Other
    }

    fn symbol(&mut self, element: &BytesStart) {
        if self.left_out_row || self.left_out_cell {
            return;
        }
        let code = attribute(element, "char").and_then(|code| u32::from_str_radix(&code, 16).ok());
        let face = attribute(element, "font").unwrap_or_default();
        match code.and_then(|code| symbol(&face, code)) {
            Some(known) => self.say(known.encode_utf8(&mut [0; 4])),
            None => self.found.oddities.symbols += 1,
        }
    }

    /// What somebody has inserted or deleted: a text, the mark of a paragraph, a row.
    fn start_tracked(&mut self, name: &str, around: OpenElement) -> OpenElement {
        let goes = self.goes(name);
        match around {
            OpenElement::MarkProperties => self.is_joined |= goes,
            OpenElement::RowProperties => self.left_out_row |= goes,
            // Of a number, which is no text.
            OpenElement::ParagraphProperties => {}
            _ if goes => return OpenElement::Skipped,
            _ => {}
        }
        OpenElement::Other
    }

    fn start_control(&mut self, element: &BytesStart, around: OpenElement) -> OpenElement {
        let of_properties = around == OpenElement::ControlProperties;
        match element.local_name().as_ref() {
            "sdt" => {
                self.control_count += 1;
                self.controls.push(OpenControl { number: self.control_count, ..OpenControl::default() });
                OpenElement::Control
            }
            "sdtPr" => OpenElement::ControlProperties,
            "sdtContent" => {
                let is_empty = self.controls.last().is_some_and(|control| control.is_empty);
                if !self.paragraph_is_open() {
                    return if is_empty { OpenElement::Skipped } else { OpenElement::Other };
                }
                // A control that says nothing is there all the same.
                self.say("");
                if is_empty { OpenElement::Skipped } else { OpenElement::Other }
            }
            "tag" if of_properties => {
                let tag = attribute(element, "val").filter(|tag| !tag.is_empty());
                if let Some(control) = self.controls.last_mut() {
                    control.tag = tag.map(Rc::from);
                }
                OpenElement::Other
            }
            "showingPlcHdr" if of_properties => {
                let is_empty = is_on(attribute(element, "val"));
                if let Some(control) = self.controls.last_mut() {
                    control.is_empty = is_empty;
                }
                OpenElement::Other
            }
            _ => OpenElement::Other,
        }
    }

    fn start_table(&mut self, element: &BytesStart) -> OpenElement {
        let is_outermost = self.tables == 1 && self.around.is_empty();
        match element.local_name().as_ref() {
            "tbl" => {
                if self.around.is_empty() {
                    self.settle();
                    self.tables += 1;
                    if self.tables == 1 {
                        let start = self.found.paragraphs.len();
                        let table = WordTable { paragraphs: start..start, ..WordTable::default() };
                        self.found.tables.push(table);
                    }
                }
                return OpenElement::Table;
            }
            "tr" => {
                if is_outermost {
                    self.column = 0;
                    self.parts += 1;
                    self.rows(|rows| rows.push(0));
                }
                return OpenElement::Row;
            }
            "trPr" if is_outermost => return OpenElement::RowProperties,
            "tc" => {
                if is_outermost {
                    self.span = 1;
                    self.parts += 1;
                    self.rows(|rows| {
                        if let Some(cells) = rows.last_mut() {
                            *cells += 1;
                        }
                    });
                }
                return OpenElement::Cell;
            }
            "tcPr" if is_outermost => return OpenElement::CellProperties,
            "gridSpan" if is_outermost => {
                let span = attribute(element, "val").and_then(|span| span.parse().ok());
                self.span = span.unwrap_or(1).clamp(1, MAX_SPAN);
            }
            _ => {}
        }
        OpenElement::Other
    }

    fn rows(&mut self, change: impl FnOnce(&mut Vec<usize>)) {
        if let Some(table) = self.found.tables.last_mut() {
            change(&mut table.rows);
        }
    }

    fn start_mark(&mut self, element: &BytesStart) {
        if self.left_out_row || self.left_out_cell {
            return;
        }
        match element.local_name().as_ref() {
            "tab" | "ptab" => self.say(" "),
            "noBreakHyphen" => self.say("-"),
            // Before the first word a new page is no new line.
            _ if attribute(element, "type").is_some_and(|kind| kind != "textWrapping")
                && self.paragraph.length == 0 => {}
            _ => self.say("\n"),
        }
    }

    fn start_paragraph(&mut self) {
        // What stands between paragraphs: text in a file that was made badly, and where comments begin.
        let before = std::mem::take(&mut self.paragraph);
        let comments = if before.pieces.is_empty() { before.comments } else { self.emit(before) };
        self.paragraph_count += 1;
        let is_boxed = !self.around.is_empty();
        let pending = self.pending.take().filter(|_| !is_boxed);
        self.is_joined = false;
        self.paragraph = pending.unwrap_or_default();
        if self.paragraph.line == 0 {
            self.paragraph.line = self.paragraph_count;
        }
        let paragraph = &mut self.paragraph;
        (paragraph.style, paragraph.number, paragraph.outline) = (None, (None, None), None);
        (paragraph.is_boxed, paragraph.cell) = (is_boxed, None);
        let at = paragraph.length;
        paragraph.comments.extend(comments.into_iter().map(|mark| CommentMark { at, ..mark }));
        if let (1.., false, Some(table)) = (self.tables, is_boxed, self.found.tables.last()) {
            let row = table.rows.len().saturating_sub(1);
            let place = table.rows.last().map_or(0, |cells| cells.saturating_sub(1));
            let table = self.found.tables.len() - 1;
            self.paragraph.cell = Some(CellPosition { table, row, column: self.column, place });
        }
    }

    fn paragraph_is_open(&self) -> bool {
        let innermost = |element: &&OpenElement| {
            matches!(element, OpenElement::Paragraph | OpenElement::Box | OpenElement::Cell)
        };
        self.open.iter().rev().find(innermost) == Some(&OpenElement::Paragraph)
    }

    fn comment(&mut self, element: &BytesStart, edge: CommentEdge) -> OpenElement {
        if let Some(id) = attribute(element, "id") {
            self.parts += 1;
            let at = self.paragraph.length;
            self.paragraph.comments.push(CommentMark { id, edge, at });
        }
        OpenElement::Other
    }

    /// Text of the paragraph that is read, within the control that is open.
    fn say(&mut self, text: &str) {
        self.length += text.len();
        if let (1.., Some(reading)) = (self.readings, self.found.oddities.readings.last_mut()) {
            return reading.push_str(text);
        }
        if self.is_hidden && !text.is_empty() {
            return self.hide(text);
        }
        self.paragraph.length += text.len();
        let named = self.controls.iter().rev().find(|control| control.tag.is_some());
        let (control, tag) = named.map_or((0, None), |control| (control.number, control.tag.clone()));
        let style = &self.character_style;
        match self.paragraph.pieces.last_mut() {
            Some(last) if last.control == control && (last.style == *style || text.is_empty()) => {
                last.text.push_str(text);
            }
            // A control begins with nothing in it.
            Some(last) if last.control == control && last.text.is_empty() => {
                last.style.clone_from(style);
                last.text.push_str(text);
            }
            _ if text.is_empty() && tag.is_none() => {}
            _ => {
                self.parts += 1;
                let piece = WordPiece { tag, control, style: style.clone(), text: text.to_owned() };
                self.paragraph.pieces.push(piece);
            }
        }
    }

    /// Keeps text apart that nobody sees.
    fn hide(&mut self, text: &str) {
        let line = self.paragraph.line;
        match self.found.hidden.last_mut() {
            Some((last, hidden)) if *last == line => hidden.push_str(text),
            _ => {
                self.parts += 1;
                self.found.hidden.push((line, text.to_owned()));
            }
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(OpenElement::Drawing) => {
                let is_empty = self.drawings.pop() == Some(self.drawn());
                self.found.oddities.shapes += usize::from(is_empty);
            }
            Some(OpenElement::Reading) => self.readings = self.readings.saturating_sub(1),
            Some(OpenElement::Formula) => self.formulas = self.formulas.saturating_sub(1),
            Some(OpenElement::Bracketed) => self.say(")"),
            Some(OpenElement::Paragraph) => self.end_paragraph(),
            Some(OpenElement::Box) => self.paragraph = self.around.pop().unwrap_or_default(),
            Some(OpenElement::Control) => {
                self.controls.pop();
            }
            Some(OpenElement::Run) => (self.character_style, self.is_hidden) = (None, false),
            Some(OpenElement::Cell) if self.tables == 1 && self.around.is_empty() => {
                self.settle();
                if self.left_out_cell || self.left_out_row {
                    self.rows(|rows| {
                        if let Some(cells) = rows.last_mut() {
                            *cells = cells.saturating_sub(1);
                        }
                    });
                } else {
                    self.column += self.span;
                }
                self.left_out_cell = false;
            }
            Some(OpenElement::Row) if self.tables == 1 && self.around.is_empty() => {
                if self.left_out_row {
                    self.rows(|rows| rows.truncate(rows.len().saturating_sub(1)));
                }
                self.left_out_row = false;
            }
            Some(OpenElement::Table) if self.around.is_empty() => self.end_table(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let mut paragraph = std::mem::take(&mut self.paragraph);
        // Of a paragraph that was struck with all its words nothing goes on: its controls hold none of the next one's.
        if self.is_joined && paragraph.length == 0 {
            paragraph.pieces.clear();
        }
        let says_something = !paragraph.pieces.is_empty() || !paragraph.comments.is_empty();
        match std::mem::take(&mut self.is_joined) && !paragraph.is_boxed {
            _ if self.left_out_row || self.left_out_cell => {}
            true if says_something => self.pending = Some(paragraph),
            false if says_something => drop(self.emit(paragraph)),
            _ => {}
        }
    }

    /// Gives a paragraph; no comment is left for the next one.
    fn emit(&mut self, mut paragraph: WordParagraph) -> Vec<CommentMark> {
        if paragraph.line == 0 {
            paragraph.line = self.paragraph_count.max(1);
        }
        self.found.paragraphs.push(paragraph);
        vec![]
    }

    fn end_table(&mut self) {
        self.settle();
        self.tables = self.tables.saturating_sub(1);
        let (line, end) = (self.paragraph_count, self.found.paragraphs.len());
        if let Some(table) = self.found.tables.last_mut().filter(|_| self.tables == 0) {
            table.line = line;
            table.paragraphs.end = end;
        }
    }

    /// What waits for a paragraph to go on with it stands alone where none comes.
    fn settle(&mut self) {
        let pending = self.pending.take();
        self.found.paragraphs.extend(pending);
    }
}
