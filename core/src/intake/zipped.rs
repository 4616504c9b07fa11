//! A ZIP of whatever units return.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::lines;
use super::{
    BatchRefusal, DocumentForm, FileKind, MAX_INPUT_BYTES, MAX_TOLD, MAX_UNITS, Plain, UNPACKED, kind_of,
};
use crate::packed::is_bomb;
use crate::report::OFD_ENTRANCE;
use crate::system::in_words;

/// Takes a ZIP apart, and workbooks in it if it is asked to.
pub(super) fn unpack(
    file: File,
    path: &Path,
    plain: &mut Plain,
    with_rows: bool,
) -> Result<(), BatchRefusal> {
    let broken = |error: ZipError| match error {
        ZipError::Io(error) => BatchRefusal::Unreadable { path: path.to_owned(), why: in_words(&error) },
        _ => BatchRefusal::NotAZip(path.to_owned()),
    };
    demand_names_once(&file).map_err(broken)??;
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    let mut files = list(&mut archive).map_err(broken)??;
    files.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut bytes = Vec::new();
    for (name, index) in files {
        let form = match kind_of(&name) {
            FileKind::Left => continue,
            FileKind::Archive => {
                plain.add_unreadable(name, UNPACKED);
                continue;
            }
            FileKind::Lines => {
                let entry = archive.by_index(index).map_err(broken)?.take(MAX_INPUT_BYTES);
                if lines::unpack(&name, entry, plain).is_err() {
                    plain.add_unreadable(name, DAMAGED);
                }
                continue;
            }
            FileKind::Unfit(why) => {
                plain.add_unreadable(name, why);
                continue;
            }
            FileKind::Document(form) => form,
        };
        bytes.clear();
        let entry = archive.by_index(index).map_err(broken)?;
        let added = match entry.take(form.most() as u64 + 1).read_to_end(&mut bytes) {
            // It costs itself only.
            Err(_) => {
                plain.add_unreadable(name, DAMAGED);
                Ok(())
            }
            Ok(_) if form == DocumentForm::Workbook && with_rows => add_workbook(plain, name, &bytes),
            Ok(_) => plain.add(name, form, &mut bytes.as_slice()),
        };
        added.map_err(|error| broken(error.into()))?;
        // What an archive says of its sizes may be a lie.
        if plain.length > MAX_INPUT_BYTES {
            return Err(BatchRefusal::TooLarge);
        }
    }
    Ok(())
}

/// What an office program has written, or an OFD, if that is what the archive is.
pub(super) fn office_document(file: &File) -> Option<DocumentForm> {
    let archive = ZipArchive::new(file).ok()?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has(OFD_ENTRANCE) {
        return Some(DocumentForm::Foreign);
    }
    if !has("[Content_Types].xml") {
        return None;
    }
    match (has("word/document.xml"), has("xl/workbook.xml")) {
        (true, _) => Some(DocumentForm::Foreign),
        (_, true) => Some(DocumentForm::Workbook),
        _ => None,
    }
}

/// What is told of a file that is not whole.
const DAMAGED: &str = "在压缩包里已经损坏，或者没有存完整。请重新打包";

fn add_workbook(plain: &mut Plain, name: String, bytes: &[u8]) -> io::Result<()> {
    let fault = match bytes.len() > DocumentForm::Workbook.most() {
        true => format!("超过了 {} MiB，不是一份征集表", DocumentForm::Workbook.most() >> 20),
        false => match plain.add_rows(&name, Cursor::new(bytes))? {
            Ok(()) => return Ok(()),
            Err(fault) => fault,
        },
    };
    plain.add_unreadable(name, fault);
    Ok(())
}

/// The files with their places in the archive; or all that keeps it from being taken.
fn list(archive: &mut ZipArchive<File>) -> Result<Result<Vec<(String, usize)>, BatchRefusal>, ZipError> {
    let (mut unsafe_names, mut bombs, mut encrypted) = (vec![], vec![], vec![]);
    let (mut total, mut files) = (0, vec![]);
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        let name = readable_name(entry.name_raw());
        total += entry.size();
        if !is_safe(&name) || entry.is_symlink() {
            unsafe_names.push(name);
        } else if is_bomb(entry.size(), entry.compressed_size()) {
            bombs.push(name);
        } else if entry.encrypted() {
            encrypted.push(name);
        } else if entry.is_file() {
            files.push((name, index));
        }
    }
    for (names, refused) in [
        (unsafe_names, BatchRefusal::UnsafeNames as fn(Vec<String>) -> BatchRefusal),
        (bombs, BatchRefusal::Bomb),
        (encrypted, BatchRefusal::Encrypted),
    ] {
        if !names.is_empty() {
            return Ok(Err(refused(names.into_iter().take(MAX_TOLD).collect())));
        }
    }
    if total > MAX_INPUT_BYTES {
        return Ok(Err(BatchRefusal::TooLarge));
    }
    Ok(Ok(files))
}

/// Of two files of one name an archive gives the last; the other would be lost without a word.
fn demand_names_once(file: &File) -> Result<Result<(), BatchRefusal>, ZipError> {
    let mut archive = ZipIterable::try_new(file, zip::read::Config::default())?;
    if archive.len() > 4 * MAX_UNITS {
        return Ok(Err(BatchRefusal::TooMany(archive.len())));
    }
    let (mut seen, mut twice) = (HashSet::new(), Vec::new());
    for entry in archive.files()? {
        let name = readable_name(entry?.name_raw());
        if !name.ends_with('/') && !seen.insert(name.clone()) && twice.len() < MAX_TOLD {
            twice.push(name);
        }
    }
    Ok(if twice.is_empty() { Ok(()) } else { Err(BatchRefusal::SameNames(twice)) })
}

/// A name in an archive. Chinese Windows writes GBK there and does not say so.
fn readable_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode(raw).0.into_owned(),
    }
    .replace('\\', "/")
}

/// Whether a name stays below the folder that an archive would be unpacked in. Nothing is unpacked
/// there; but who sends such a name has made a mistake, or worse.
fn is_safe(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    !name.starts_with('/') && !has_drive && !name.contains('\0') && name.split('/').all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_not_safe() {
        for name in ["a.yaml", "甲/乙.yaml", "..a", "a..", "a/..b/c", ""] {
            assert!(is_safe(name), "{name}");
        }
        for name in ["../a", "a/../b", "..", "a/..", "/etc/passwd", "C:a", "c:/a", "a\0.yaml"] {
            assert!(!is_safe(name), "{name}");
        }
        assert!(!is_safe(&readable_name(b"..\\a")));
    }

    #[test]
    fn names_of_chinese_windows_are_read() {
        let (gbk, ..) = GB18030.encode("临江区\\报告.yaml");
        assert_eq!(readable_name(&gbk), "临江区/报告.yaml");
        assert_eq!(readable_name("临江区.yaml".as_bytes()), "临江区.yaml");
        readable_name(b"\xff\xff\0");
    }
}
