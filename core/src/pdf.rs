//! A PDF of anyone, opened within bounds. It says little and can mean much: a stream unpacks to a thousand times its size,
//! and that again; one form draws another ten times, which draws another. What it comes to is counted before
//! anything is drawn. Whatever deceives this count, or the reader before it, is left to the boundary that
//! this runs behind.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::Resources;
use hayro_syntax::{Filter, LoadPdfError, Pdf};

/// The largest PDF that is opened, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The most pages, and how deep their tree may be.
pub const MAX_PAGES: usize = 1000;
const MAX_DEPTH: usize = 64;

/// How far one stream may unpack, and all of them together, in bytes. The pages of a report are some
/// kilobytes each, its faces a few megabytes.
pub const MAX_STREAM: u64 = 64 << 20;
pub const MAX_STREAMS: u64 = 256 << 20;

/// How much may be drawn, in bytes of what says so, each as often as it is drawn; and how often forms are.
pub const MAX_DRAWN: u64 = 128 << 20;
pub const MAX_DRAWINGS: u64 = 100_000;

/// How deep forms may stand in one another.
pub const MAX_FORMS: usize = 28;

/// How deep lists and maps may nest.
pub const MAX_NESTING: usize = 256;

/// How much larger a stream can be than packed, where it is not unpacked here: run lengths, LZW, deflate.
const RUN_LENGTH: u64 = 64;
const LZW: u64 = 1500;
const FLATE: u64 = 1032;

/// Why a PDF cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}，{}", self.message(), self.hint())]
pub enum Unreadable {
    NotPdf,
    Encrypted,
    Damaged,
    TooMuch,
}

impl Unreadable {
    /// What is wrong with the file, in Chinese.
    pub fn message(self) -> &'static str {
        match self {
            Self::NotPdf => "不是 PDF 文件",
            Self::Encrypted => "PDF 文件已加密",
            Self::Damaged => "PDF 文件已损坏，读不出页面",
            Self::TooMuch => "PDF 文件的内容太多，不像一份报告",
        }
    }

    /// What to do next, in Chinese.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotPdf => "请换成 PDF 文件；Word、WPS 文档先导出为 PDF",
            Self::Encrypted => "请先去掉密码",
            Self::Damaged => "请重新生成，或取得完整的文件",
            Self::TooMuch => "请只检查一份报告",
        }
    }
}

/// Opens a PDF, if it is one and asks for no more than a report does.
pub fn open(bytes: &[u8]) -> Result<Pdf, Unreadable> {
    if !bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
        return Err(Unreadable::NotPdf);
    }
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooMuch);
    }
    demand_flat(bytes)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Unreadable::Encrypted,
        LoadPdfError::Invalid => Unreadable::Damaged,
    })?;
    demand_little(&pdf)?;
    Ok(pdf)
}

/// Refuses a file whose lists and maps nest too deep, before anything reads them: a reader of PDFs takes a
/// step down its stack for each. What is packed is not looked into.
fn demand_flat(bytes: &[u8]) -> Result<(), Unreadable> {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'[' | b'<' => depth += 1,
            b']' | b'>' => depth = depth.saturating_sub(1),
            b'e' if rest.starts_with(b"endobj") => depth = 0,
            b's' if rest.starts_with(b"stream") => {
                // Without an end the rest of the file is one.
                let Some(length) = rest.windows(9).position(|nine| nine == b"endstream") else {
                    return Ok(());
                };
                (depth, at) = (0, at + length + 8);
            }
            _ => {}
        }
        // A map begins with two marks.
        if depth > 2 * MAX_NESTING {
            return Err(Unreadable::TooMuch);
        }
        at += 1;
    }
    Ok(())
}

/// Refuses a PDF that would come to more than a report does.
fn demand_little(pdf: &Pdf) -> Result<(), Unreadable> {
    let mut unpacked = 0u64;
    for object in pdf.objects() {
        if let Object::Stream(stream) = object {
            unpacked = unpacked.saturating_add(unpacked_length(&stream)?);
        }
        if unpacked > MAX_STREAMS {
            return Err(Unreadable::TooMuch);
        }
    }
    demand_few_pages(pdf)?;
    let mut tally = FormCosts::default();
    let mut all = Cost::default();
    for page in pdf.pages().iter() {
        let content = page.page_stream().unwrap_or_default();
        all.add(tally.cost(content, &DrawnResources::Page(page.resources()), 0)?, 1)?;
    }
    Ok(())
}

/// How long a stream is when it is unpacked, in bytes; of a picture nothing is unpacked.
fn unpacked_length(stream: &Stream) -> Result<u64, Unreadable> {
    let filters = stream.filters();
    let is_picture = |filter: &Filter| {
        use Filter::{CcittFaxDecode, DctDecode, Jbig2Decode, JpxDecode};
        matches!(filter, DctDecode | JpxDecode | CcittFaxDecode | Jbig2Decode)
    };
    if is(stream.dict(), "Subtype", b"Image") {
        return Ok(0);
    }
    if filters.iter().any(is_picture) {
        return Err(Unreadable::TooMuch);
    }
    let mut data = stream.raw_data();
    let mut length = data.len() as u64;
    // From the first on that is not unpacked here, the most that it can come to.
    let mut is_known = true;
    for filter in &filters {
        let ratio = match filter {
            Filter::FlateDecode if is_known => {
                data = Cow::Owned(inflated(&data)?);
                length = data.len() as u64;
                1
            }
            Filter::FlateDecode => FLATE,
            Filter::LzwDecode => LZW,
            Filter::RunLengthDecode => RUN_LENGTH,
            _ => 1,
        };
        is_known &= *filter == Filter::FlateDecode;
        length = length.saturating_mul(ratio);
        if length > MAX_STREAM {
            return Err(Unreadable::TooMuch);
        }
    }
    Ok(length)
}

fn inflated(data: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut unpacker = Decompress::new(true);
    let mut unpacked = Vec::new();
    loop {
        unpacked.reserve(unpacked.len().max(64 << 10));
        let rest = data.get(unpacker.total_in() as usize..).unwrap_or_default();
        let before = unpacked.len();
        let status = unpacker.decompress_vec(rest, &mut unpacked, FlushDecompress::None);
        if unpacked.len() as u64 > MAX_STREAM {
            return Err(Unreadable::TooMuch);
        }
        // Of a stream that is cut off or damaged, what there is counts.
        if !matches!(status, Ok(Status::Ok)) || before == unpacked.len() {
            return Ok(unpacked);
        }
    }
}

/// Goes through the tree of pages without a step down the stack.
fn demand_few_pages(pdf: &Pdf) -> Result<(), Unreadable> {
    let root: Option<Dict> = pdf.xref().get(pdf.xref().root_id());
    let Some(root) = root.and_then(|root| root.get::<Dict>("Pages")) else { return Ok(()) };
    let (mut open, mut seen, mut pages) = (vec![(root, 0)], HashSet::new(), 0);
    while let Some((node, depth)) = open.pop() {
        let is_again = node.obj_id().is_some_and(|id| !seen.insert(id)) && node.contains_key("Kids");
        let Some(kids) = node.get::<Array>("Kids") else {
            pages += 1;
            continue;
        };
        if is_again || depth > MAX_DEPTH {
            return Err(Unreadable::TooMuch);
        }
        for kid in kids.iter::<Dict>() {
            open.push((kid, depth + 1));
            if pages + open.len() > MAX_PAGES + MAX_DEPTH {
                return Err(Unreadable::TooMuch);
            }
        }
    }
    if pages > MAX_PAGES { Err(Unreadable::TooMuch) } else { Ok(()) }
}

/// What drawing something comes to.
#[derive(Clone, Copy, Default)]
struct Cost {
    bytes: u64,
    drawings: u64,
}

impl Cost {
    fn add(&mut self, other: Self, times: u64) -> Result<(), Unreadable> {
        self.bytes = self.bytes.saturating_add(other.bytes.saturating_mul(times));
        self.drawings = self.drawings.saturating_add(other.drawings.saturating_mul(times));
        let is_too_much = self.bytes > MAX_DRAWN || self.drawings > MAX_DRAWINGS;
        if is_too_much { Err(Unreadable::TooMuch) } else { Ok(()) }
    }
}

/// Where the names of what is drawn are looked up.
enum DrawnResources<'a, 'b> {
    Page(&'b Resources<'a>),
    Form(Dict<'a>, &'b DrawnResources<'a, 'b>),
}

impl<'a> DrawnResources<'a, '_> {
    fn form(&self, name: &Name) -> Option<Stream<'a>> {
        match self {
            Self::Page(resources) => resources.get_x_object(name),
            Self::Form(resources, around) => {
                let own =
                    resources.get::<Dict>("XObject").and_then(|forms| forms.get::<Stream>(name.as_ref()));
                own.or_else(|| around.form(name))
            }
        }
    }

    fn font(&self, name: &Name) -> Option<Dict<'a>> {
        match self {
            Self::Page(resources) => resources.get_font(name),
            Self::Form(resources, around) => {
                let own = resources.get::<Dict>("Font").and_then(|fonts| fonts.get::<Dict>(name.as_ref()));
                own.or_else(|| around.font(name))
            }
        }
    }
}

/// What is known of each form so far: its cost, or nothing while it is being counted.
#[derive(Default)]
struct FormCosts {
    known: HashMap<ObjectIdentifier, Option<Cost>>,
}

impl FormCosts {
    fn cost(&mut self, content: &[u8], names: &DrawnResources, depth: usize) -> Result<Cost, Unreadable> {
        let mut cost = Cost { bytes: content.len() as u64, drawings: 1 };
        let mut character = Cost::default();
        let mut operators = UntypedIter::new(content);
        while let Some(instruction) = operators.next() {
            // What stands too much before a name is passed over, as whoever draws does.
            let names_one = |operand: &&Object| matches!(operand, Object::Name(_));
            let name = instruction.operands().filter(names_one).last();
            let operator: &[u8] = instruction.operator.as_ref();
            match (operator, name) {
                (b"Do", Some(Object::Name(name))) => {
                    if let Some(form) = names.form(name).filter(|form| is(form.dict(), "Subtype", b"Form")) {
                        cost.add(self.form(&form, names, depth)?, 1)?;
                    }
                }
                (b"Tf", Some(Object::Name(name))) => {
                    character = names
                        .font(name)
                        .map_or(Ok(Cost::default()), |font| self.character(&font, names, depth))?;
                }
                (b"Tj" | b"TJ" | b"'" | b"\"", _) if character.bytes > 0 => {
                    let characters = instruction.operands().map(characters).sum();
                    cost.add(character, characters)?;
                }
                _ => {}
            }
        }
        Ok(cost)
    }

    /// The cost of a form, which may draw others.
    fn form(&mut self, form: &Stream, names: &DrawnResources, depth: usize) -> Result<Cost, Unreadable> {
        match self.known.get(&form.obj_id()) {
            Some(Some(cost)) => return Ok(*cost),
            // It draws itself.
            Some(None) => return Err(Unreadable::TooMuch),
            None if depth >= MAX_FORMS => return Err(Unreadable::TooMuch),
            None => self.known.insert(form.obj_id(), None),
        };
        let content = form.decoded().map_err(|_| Unreadable::Damaged)?;
        let own = form.dict().get::<Dict>("Resources").unwrap_or_default();
        let cost = self.cost(&content, &DrawnResources::Form(own, names), depth + 1)?;
        self.known.insert(form.obj_id(), Some(cost));
        Ok(cost)
    }

    /// The cost of the dearest character of a font whose characters are drawings (Type 3).
    fn character(&mut self, font: &Dict, names: &DrawnResources, depth: usize) -> Result<Cost, Unreadable> {
        let mut dearest = Cost::default();
        let Some(drawings) = font.get::<Dict>("CharProcs") else { return Ok(dearest) };
        let own = font.get::<Dict>("Resources").unwrap_or_default();
        let names = DrawnResources::Form(own, names);
        for name in drawings.keys() {
            let Some(drawing) = drawings.get::<Stream>(name.as_ref()) else { continue };
            let cost = self.form(&drawing, &names, depth)?;
            if cost.bytes.max(cost.drawings) > dearest.bytes.max(dearest.drawings) {
                dearest = cost;
            }
        }
        Ok(dearest)
    }
}

/// How many characters a text has at most, or the texts of a list.
fn characters(operand: &Object) -> u64 {
    match operand {
        Object::String(text) => text.as_bytes().len() as u64,
        Object::Array(parts) => parts.iter::<Object>().map(|part| characters(&part)).sum(),
        _ => 0,
    }
}

fn is(dict: &Dict, key: &str, name: &[u8]) -> bool {
    dict.get::<Name>(key).is_some_and(|found| found.as_ref() == name)
}
