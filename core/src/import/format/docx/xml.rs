//! The XML of a document's parts, read within bounds.

use quick_xml::Reader;
use quick_xml::XmlVersion::Implicit1_0;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::super::fault;
use crate::diagnostic::Failed;

/// How many levels a list has, and headings have, in Word. What is beyond is none.
pub(super) const LEVELS: usize = 9;

/// The longest name of a style, list or control, and the longest text around an automatic number, in bytes.
const MAX_NAME: usize = 255;

/// The next event of a part. A type definition could name files and make text grow without end.
pub(super) fn next<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, Failed> {
    match reader.read_event() {
        Ok(Event::DocType(_)) => Err(fault::broken("文档里有 DOCTYPE，正常的 Word 文档没有").into()),
        Ok(event) => Ok(event),
        Err(_) => Err(fault::broken("文档的 XML 不完整").into()),
    }
}

/// The character that a reference stands for. Entities of a document's own are refused.
pub(super) fn referred(reference: &BytesRef) -> Result<char, Failed> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(fault::broken("文档里有自定义的实体，正常的 Word 文档没有").into()),
    }
}

/// The value of an attribute, unless it is longer than any name is. That no attribute is stated twice
/// is not looked at: it takes long where there are many.
pub(super) fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let attributes = attributes.with_checks(false);
    let attribute = attributes.flatten().find(|one| one.key.local_name().as_ref() == name)?;
    let value = attribute.normalized_value(Implicit1_0).ok()?;
    (value.len() <= MAX_NAME).then(|| value.into_owned())
}

/// A level as it is written, from 0; [`LEVELS`] for any that Word does not have.
pub(super) fn level(written: Option<String>) -> Option<usize> {
    let written = written?;
    let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| written.parse().unwrap_or(LEVELS).min(LEVELS))
}
