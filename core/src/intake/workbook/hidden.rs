//! Which rows of a workbook somebody has hidden, by hand or with a filter. They are read like all others, and told.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufReader, Read, Seek};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// The rows that are hidden, from 0, by the name of their sheet. Of a workbook that is not whole, none: whoever
/// reads its cells says so.
pub(super) fn hidden_rows(file: &mut (impl Read + Seek)) -> HashMap<String, BTreeSet<u32>> {
    let Ok(mut archive) = ZipArchive::new(file) else { return HashMap::new() };
    let mut places: HashMap<String, String> = HashMap::new();
    each(&mut archive, "xl/_rels/workbook.xml.rels", "Relationship", |part| {
        places.extend(attribute(part, "Id").zip(attribute(part, "Target")));
    });
    let mut sheets = Vec::new();
    each(&mut archive, "xl/workbook.xml", "sheet", |sheet| {
        let place = attribute(sheet, "id").and_then(|id| places.get(&id).cloned());
        sheets.extend(attribute(sheet, "name").zip(place));
    });
    let rows = |(name, place): (String, String)| {
        let place = place.strip_prefix('/').map_or_else(|| format!("xl/{place}"), str::to_owned);
        let (mut rows, mut last) = (BTreeSet::new(), 0);
        each(&mut archive, &place, "row", |row| {
            // A row need not say its number.
            last = attribute(row, "r").and_then(|number| number.parse().ok()).unwrap_or(last + 1);
            if attribute(row, "hidden").is_some_and(|hidden| matches!(hidden.as_str(), "1" | "true")) {
                rows.extend(u32::checked_sub(last, 1));
            }
        });
        (name, rows)
    };
    sheets.into_iter().map(rows).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Goes through the elements of this name in a part of the workbook, as far as it is whole.
fn each(
    archive: &mut ZipArchive<impl Read + Seek>,
    part: &str,
    name: &str,
    mut then: impl FnMut(&BytesStart),
) {
    let Ok(part) = archive.by_name(part) else { return };
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) if element.local_name().as_ref() == name => {
                then(&element);
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// An attribute by its name without a prefix.
fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|one| one.key.local_name().as_ref() == name)?;
    let text = found.value.to_string();
    Some(quick_xml::escape::unescape(&text).map_or_else(|_| text.clone(), Into::into))
}
