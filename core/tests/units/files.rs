//! Files of other people as the tests make them: PDFs, pages of the web, Word documents, forms. The suite
//! has this file too.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zip::write::SimpleFileOptions;

/// A PDF of these objects, of which the first is the catalogue.
pub fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
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

/// A stream of PDF with these entries.
pub fn stream(entries: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    let head = format!("<<{entries}/Length {}>>stream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// What a page can draw by its name.
pub fn form(content: &str, resources: &str) -> Vec<u8> {
    stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 900 900]/Resources{resources}"), content)
}

/// Packed so many times over.
pub fn packed(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..times {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes).unwrap();
        bytes = encoder.finish().unwrap();
    }
    bytes
}

/// A PDF of one page; its own objects begin with number 5.
pub fn page(content: Vec<u8>, resources: &str, objects: &[Vec<u8>]) -> Vec<u8> {
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

/// A page that draws this.
pub fn drawn(content: &str, resources: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    page(stream("", content), resources, objects)
}

/// What a page of an annual report begins with.
pub const HEAD: &str = "<html><body><h1>望渡县2024年法治政府建设年度报告</h1><p>一、主要举措</p>\
    <p>法治政府建设。</p><p>二、存在不足</p><p>不够。</p>";

/// A page that repeats this, `#` being another number each time.
pub fn web_page(unit: &str, size: usize) -> Vec<u8> {
    let mut page = HEAD.to_owned();
    for at in 0..size {
        page.push_str(&unit.replace('#', &at.to_string()));
    }
    page.into_bytes()
}

/// A Word document of this body, these lists and these styles.
pub fn word(body: &str, lists: &str, styles: &str) -> Vec<u8> {
    let title = "<w:p><w:r><w:t>云州市2024年法治政府建设年度报告</w:t></w:r></w:p>";
    document(&format!("{title}{body}"), lists, styles)
}

/// A Word document of these paragraphs.
#[allow(dead_code, reason = "of those who have this file only one needs it")]
pub fn word_of(paragraphs: &[&str]) -> Vec<u8> {
    let paragraph = |text: &&str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    document(&paragraphs.iter().map(paragraph).collect::<String>(), "", "")
}

fn document(body: &str, lists: &str, styles: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // Not packed: what is packed too well is refused before it is read.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in [
        ("word/document.xml", format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>")),
        ("word/numbering.xml", format!("<w:numbering xmlns:w='w'>{lists}</w:numbering>")),
        ("word/styles.xml", format!("<w:styles xmlns:w='w'>{styles}</w:styles>")),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A paragraph of Word at this level of a list.
pub fn numbered(level: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"1\"/></w:numPr>\
         <w:outlineLvl w:val=\"{level}\"/></w:pPr><w:r><w:t>法治政府</w:t></w:r></w:p>"
    )
}

/// The list of it: where it begins, and how it is numbered.
pub fn list(level: &str, start: &str, label: &str) -> String {
    format!(
        "<w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"{level}\"><w:start w:val=\"{start}\"/>\
         <w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"{label}\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>"
    )
}

/// A form as a browser posts it.
pub fn encoded(controls: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", escaped(name), escaped(value));
    controls.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// As browsers write it: line feeds as two characters, spaces as a plus.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(&text.replace('\n', "\r\n"), NON_ALPHANUMERIC).to_string().replace("%20", "+")
}
