//! A Word document: the text of its body, its styles and its automatic numbers. Nothing that it points
//! to is fetched, no entity of its own is resolved, and no more is unpacked than a document has.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion::Implicit1_0;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::document::{Block, BlockContent, SourceDocument, Style};
use super::super::fault;
use crate::diagnostic::{Diagnostic, Failed};
use crate::language::numerals::in_chinese;
use crate::packed::is_bomb;

/// The largest part of a document, unpacked, in bytes.
const MAX_UNPACKED: u64 = 64 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<SourceDocument, Failed> {
    if bytes.starts_with(super::OLE) {
        return Err(of_ole(bytes).into());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| fault::broken("压缩包不完整"))?;
    let body = part(&mut archive, "word/document.xml")?
        .ok_or_else(|| fault::broken("压缩包里没有 Word 文档的正文"))?;
    let styles = part(&mut archive, "word/styles.xml")?;
    let numbering = part(&mut archive, "word/numbering.xml")?;
    let styles = styles.map(|xml| styles_of(&xml)).transpose()?.unwrap_or_default();
    let numbering = numbering.map(|xml| Numbering::read(&xml)).transpose()?.unwrap_or_default();
    Body::new(styles, numbering).read(&body)
}

/// An old document, or a new one that is encrypted: both come in a container of OLE, whose folder
/// names its streams in UTF-16.
fn of_ole(bytes: &[u8]) -> Diagnostic {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        fault::encrypted()
    } else {
        fault::old_word()
    }
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, Failed> {
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
            return Err(fault::encrypted().into());
        }
        Err(_) => return Err(fault::broken("压缩包不完整").into()),
    };
    let (size, packed) = (entry.size(), entry.compressed_size());
    if size > MAX_UNPACKED || is_bomb(size, packed) {
        return Err(fault::bomb().into());
    }
    // What an archive says of its sizes may be a lie.
    let mut xml = Vec::new();
    entry.take(MAX_UNPACKED + 1).read_to_end(&mut xml).map_err(|_| fault::broken("压缩包不完整"))?;
    if xml.len() as u64 > MAX_UNPACKED || is_bomb(xml.len() as u64, packed) {
        return Err(fault::bomb().into());
    }
    let text = String::from_utf8(xml).map_err(|_| fault::broken("文档的正文不是 UTF-8 编码"))?;
    Ok(Some(text))
}

/// How deep elements may stand in one another.
const MAX_DEPTH: usize = 256;

/// How many levels a list has, and headings have, in Word. What is beyond is none.
const LEVELS: usize = 9;

/// The greatest number that a list may begin with.
const MAX_START: usize = 32_767;

/// The longest name of a style or list, and the longest text around an automatic number, in bytes.
const MAX_NAME: usize = 255;

/// The next event of a part. A type definition could name files and make text grow without end.
fn next<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, Failed> {
    match reader.read_event() {
        Ok(Event::DocType(_)) => Err(fault::broken("文档里有 DOCTYPE，正常的 Word 文档没有").into()),
        Ok(event) => Ok(event),
        Err(_) => Err(fault::broken("文档的 XML 不完整").into()),
    }
}

/// The value of an attribute, unless it is longer than any name is. That no attribute is stated twice
/// is not looked at: it takes long where there are many.
fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let attributes = attributes.with_checks(false);
    let attribute = attributes.flatten().find(|one| one.key.local_name().as_ref() == name)?;
    let value = attribute.normalized_value(Implicit1_0).ok()?;
    (value.len() <= MAX_NAME).then(|| value.into_owned())
}

/// A level as it is written, from 0; [`LEVELS`] for any that Word does not have.
fn level(written: Option<String>) -> Option<usize> {
    let written = written?;
    let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| written.parse().unwrap_or(LEVELS).min(LEVELS))
}

/// What a style says of its paragraphs.
#[derive(Clone, Default)]
struct ParagraphStyle {
    name: String,
    level: Option<usize>,
    number: Option<(String, usize)>,
    based_on: Option<String>,
}

type Styles = HashMap<String, ParagraphStyle>;

fn styles_of(xml: &str) -> Result<Styles, Failed> {
    let mut reader = Reader::from_str(xml);
    let mut styles = Styles::new();
    let mut current: Option<(String, ParagraphStyle)> = None;
    loop {
        match next(&mut reader)? {
            Event::Start(element) | Event::Empty(element) => {
                let value = || attribute(&element, "val");
                match (element.local_name().as_ref(), &mut current) {
                    ("style", _) => {
                        current = attribute(&element, "styleId").map(|id| (id, ParagraphStyle::default()));
                    }
                    ("name", Some((_, style))) => style.name = value().unwrap_or_default().to_lowercase(),
                    ("basedOn", Some((_, style))) => style.based_on = value(),
                    ("outlineLvl", Some((_, style))) => style.level = level(value()),
                    ("numId", Some((_, style))) => {
                        let level = style.number.take().map_or(0, |(_, level)| level);
                        style.number = value().map(|id| (id, level));
                    }
                    ("ilvl", Some((_, style))) => {
                        let level = level(value()).unwrap_or_default();
                        let id = style.number.take().map(|(id, _)| id).unwrap_or_default();
                        style.number = Some((id, level));
                    }
                    _ => {}
                }
            }
            Event::End(element) if element.local_name().as_ref() == "style" => styles.extend(current.take()),
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// How far a style is followed to those that it is based on.
const MAX_BASES: usize = 10;

/// The automatic numbers: each list's levels, and how far each list has counted.
#[derive(Default)]
struct Numbering {
    /// The list of each number's name.
    lists: HashMap<String, String>,
    levels: HashMap<(String, usize), ListLevel>,
    counts: HashMap<String, Vec<usize>>,
}

#[derive(Clone, Default)]
struct ListLevel {
    format: String,
    /// （%1）
    text: String,
    start: usize,
}

impl Numbering {
    fn read(xml: &str) -> Result<Self, Failed> {
        let mut reader = Reader::from_str(xml);
        let mut numbering = Self::default();
        let (mut list, mut number, mut level) = (String::new(), None::<String>, 0usize);
        loop {
            match next(&mut reader)? {
                Event::Start(element) | Event::Empty(element) => {
                    let value = || attribute(&element, "val").unwrap_or_default();
                    let mut here = |change: &dyn Fn(&mut ListLevel)| {
                        if level < LEVELS {
                            change(numbering.levels.entry((list.clone(), level)).or_default());
                        }
                    };
                    match element.local_name().as_ref() {
                        "abstractNum" => list = attribute(&element, "abstractNumId").unwrap_or_default(),
                        "lvl" => {
                            level = self::level(attribute(&element, "ilvl")).unwrap_or_default();
                            if level < LEVELS {
                                let start = ListLevel { start: 1, ..ListLevel::default() };
                                numbering.levels.insert((list.clone(), level), start);
                            }
                        }
                        "num" => number = attribute(&element, "numId"),
                        "abstractNumId" => {
                            if let Some(number) = &number {
                                numbering.lists.insert(number.clone(), value());
                            }
                        }
                        "numFmt" => here(&|level| level.format = value()),
                        "lvlText" => here(&|level| level.text = value()),
                        "start" => here(&|level| {
                            let start = value().parse().ok().filter(|start| *start <= MAX_START);
                            level.start = start.unwrap_or(1);
                        }),
                        _ => {}
                    }
                }
                Event::Eof => return Ok(numbering),
                _ => {}
            }
        }
    }

    /// The number of the next paragraph of this list and level, as it is printed. A bullet is none.
    fn next(&mut self, number: &str, level: usize) -> String {
        let Some(list) = self.lists.get(number).cloned() else { return String::new() };
        let Some(own) = self.levels.get(&(list.clone(), level)).cloned() else { return String::new() };
        // Only levels that Word has are known, so that there are no more counts than those.
        let counts = self.counts.entry(list.clone()).or_default();
        counts.truncate(level + 1);
        while counts.len() < level {
            let start = self.levels.get(&(list.clone(), counts.len())).map_or(1, |level| level.start);
            counts.push(start);
        }
        match counts.get_mut(level) {
            Some(count) => *count = count.saturating_add(1),
            None => counts.push(own.start),
        }
        if own.format == "bullet" || own.format == "none" {
            return String::new();
        }
        let mut text = own.text.clone();
        for (at, count) in counts.iter().enumerate() {
            let format = self.levels.get(&(list.clone(), at)).map_or("", |level| level.format.as_str());
            text = text.replace(&format!("%{}", at + 1), &numeral(*count, format));
        }
        text
    }
}

/// A number in the numerals of a format of lists.
fn numeral(number: usize, format: &str) -> String {
    let is_chinese =
        ["chinese", "japanese", "ideograph", "taiwanese"].iter().any(|kind| format.starts_with(kind));
    if is_chinese { in_chinese(number) } else { number.to_string() }
}

/// The body as it is read, paragraph by paragraph.
struct Body {
    styles: Styles,
    numbering: Numbering,
    blocks: Vec<Block>,
    /// How many paragraphs have begun.
    paragraphs: usize,
    text: String,
    style: Option<String>,
    /// The number's name and level that the paragraph itself states.
    number: (Option<String>, Option<usize>),
    outline: Option<usize>,
    /// The tables that are open; only the outermost is one.
    tables: usize,
    rows: Vec<Vec<String>>,
    boxes: usize,
    notes: usize,
    /// How many blocks, rows and cells there are, and how long the text of them is, in bytes.
    parts: usize,
    length: usize,
}

/// What stands in a document and is not its text: what was deleted, codes, what is drawn. A box of text
/// is told of.
const SKIPPED: [&str; 8] =
    ["del", "moveFrom", "instrText", "delText", "Fallback", "pict", "drawing", "object"];

impl Body {
    fn new(styles: Styles, numbering: Numbering) -> Self {
        Self {
            styles,
            numbering,
            blocks: vec![],
            paragraphs: 0,
            text: String::new(),
            style: None,
            number: (None, None),
            outline: None,
            tables: 0,
            rows: vec![],
            boxes: 0,
            notes: 0,
            parts: 0,
            length: 0,
        }
    }

    fn read(mut self, xml: &str) -> Result<SourceDocument, Failed> {
        let mut reader = Reader::from_str(xml);
        let mut skipped = 0usize;
        let mut depth = 0usize;
        let mut in_text = false;
        loop {
            if depth > MAX_DEPTH {
                return Err(fault::broken("文档套得太深").into());
            }
            if self.parts > super::MAX_PARTS || self.length + self.text.len() > super::MAX_TEXT {
                return Err(fault::too_much_text().into());
            }
            match next(&mut reader)? {
                Event::Start(element) => {
                    depth += 1;
                    let name = element.local_name();
                    self.boxes += usize::from(name.as_ref() == "txbxContent");
                    if skipped > 0 || SKIPPED.contains(&name.as_ref()) {
                        skipped += 1;
                        continue;
                    }
                    in_text = name.as_ref() == "t";
                    self.start(&element);
                }
                Event::Empty(element) if skipped == 0 => self.start(&element),
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    if skipped > 0 {
                        skipped -= 1;
                        continue;
                    }
                    in_text = false;
                    self.end(element.local_name().as_ref());
                }
                Event::Text(text) if in_text && skipped == 0 => self.text.push_str(&text.xml10_content()),
                Event::CData(text) if in_text && skipped == 0 => self.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) if skipped == 0 => {
                    let character = match reference.resolve_char_ref() {
                        Ok(Some(character)) => Some(character),
                        _ => match reference.xml10_content().as_ref() {
                            "amp" => Some('&'),
                            "lt" => Some('<'),
                            "gt" => Some('>'),
                            "quot" => Some('"'),
                            "apos" => Some('\''),
                            _ => {
                                return Err(
                                    fault::broken("文档里有自定义的实体，正常的 Word 文档没有").into()
                                );
                            }
                        },
                    };
                    self.text.extend(character.filter(|_| in_text));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut remarks = Vec::new();
        if self.boxes > 0 {
            remarks.push(format!("文档里有文本框{}个，其中的文字没有导入，请核对", self.boxes));
        }
        if self.notes > 0 {
            remarks.push(format!("文档里有脚注或尾注{}处，没有导入，请核对", self.notes));
        }
        Ok(SourceDocument { blocks: self.blocks, outside: vec![], remarks })
    }

    fn start(&mut self, element: &BytesStart) {
        let value = || attribute(element, "val");
        match element.local_name().as_ref() {
            "p" => {
                self.paragraphs += 1;
                (self.style, self.number, self.outline) = (None, (None, None), None);
                if self.tables == 0 {
                    self.text.clear();
                }
            }
            "pStyle" => self.style = value(),
            "numId" => self.number.0 = value(),
            "ilvl" => self.number.1 = level(value()),
            "outlineLvl" => self.outline = level(value()),
            "tab" | "ptab" => self.text.push(' '),
            "noBreakHyphen" => self.text.push('-'),
            "br" | "cr" => match self.tables {
                // A line that was broken by hand begins another paragraph.
                0 => self.paragraph(),
                _ => self.text.push('\n'),
            },
            "tbl" => {
                self.tables += 1;
                if self.tables == 1 {
                    self.rows.clear();
                }
            }
            "tr" if self.tables == 1 => {
                self.parts += 1;
                self.rows.push(vec![]);
            }
            "tc" if self.tables == 1 => self.text.clear(),
            "footnoteReference" | "endnoteReference" => self.notes += 1,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" if self.tables == 0 => self.paragraph(),
            "p" => self.text.push('\n'),
            "tc" if self.tables == 1 => {
                let cell = self.text.trim().replace('\n', " ");
                self.parts += 1;
                self.length += cell.len();
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
                self.text.clear();
            }
            "tbl" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 && !self.rows.is_empty() {
                    let rows = std::mem::take(&mut self.rows);
                    self.blocks.push(Block { line: self.paragraphs, content: BlockContent::Table(rows) });
                }
            }
            _ => {}
        }
    }

    /// Ends a paragraph: its automatic number before its text.
    fn paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        self.parts += 1;
        self.length += text.len();
        let (mut level, mut number) = (self.outline, None);
        let mut is_title = false;
        let mut next = self.style.clone();
        for _ in 0..MAX_BASES {
            let Some(style) = next.and_then(|id| self.styles.get(&id)) else { break };
            is_title |= matches!(style.name.as_str(), "title" | "标题");
            let named =
                ["heading ", "标题 "].iter().find_map(|words| style.name.strip_prefix(words)?.parse().ok());
            level = level.or(style.level).or(named.map(|level: usize| level.saturating_sub(1)));
            number = number.or(style.number.clone());
            next = style.based_on.clone();
        }
        let own = |level: usize| self.number.0.clone().map(|id| (id, self.number.1.unwrap_or(level)));
        let number = own(number.as_ref().map_or(0, |(_, level)| *level))
            .or(number)
            .filter(|(id, _)| id != "0" && !id.is_empty());
        let number = number.map(|(id, level)| self.numbering.next(&id, level)).unwrap_or_default();
        self.length += number.len();
        let style = match level {
            _ if is_title => Style::Title,
            Some(level @ 0..9) => Style::Heading(level + 1),
            _ => Style::Indented,
        };
        self.blocks.push(Block::text(self.paragraphs, style, format!("{number}{}", text.trim())));
        // What follows a line broken by hand bears no number.
        self.number = (Some("0".into()), None);
        (self.style, self.outline) = (None, None);
    }
}
