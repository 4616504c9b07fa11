//! A ZIP of report files.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::{BatchRefusal, FileKind, MAX_INPUT_BYTES, MAX_TOLD, MAX_UNITS, Plain};
use crate::packed::is_bomb;
use crate::system::in_words;

/// Takes a ZIP apart: the files that are wanted by their names.
pub(super) fn unpack(
    file: File,
    path: &Path,
    plain: &mut Plain,
    kind_of: fn(&str) -> FileKind,
) -> Result<(), BatchRefusal> {
    let broken = |error: ZipError| match error {
        ZipError::Io(error) => BatchRefusal::Unreadable { path: path.to_owned(), why: in_words(&error) },
        _ => BatchRefusal::NotAZip(path.to_owned()),
    };
    demand_names_once(&file).map_err(broken)??;
    let mut archive = ZipArchive::new(file).map_err(broken)?;
    let mut reports = list(&mut archive, plain, kind_of).map_err(broken)??;
    reports.sort();
    let mut report = Vec::new();
    for (name, index) in reports {
        let FileKind::Report(format) = kind_of(&name) else { continue };
        report.clear();
        let entry = archive.by_index(index).map_err(broken)?;
        match entry.take(plain.most as u64 + 1).read_to_end(&mut report) {
            Ok(_) => plain.add(name, format, &mut report.as_slice()).map_err(|error| broken(error.into()))?,
            // It costs itself only.
            Err(_) => plain.add_damaged(name, format),
        }
        // What an archive says of its sizes may be a lie.
        if plain.length > MAX_INPUT_BYTES {
            return Err(BatchRefusal::TooLarge);
        }
    }
    Ok(())
}

/// The reports with their places in the archive; or all that keeps it from being taken.
fn list(
    archive: &mut ZipArchive<File>,
    plain: &mut Plain,
    kind_of: fn(&str) -> FileKind,
) -> Result<Result<Vec<(String, usize)>, BatchRefusal>, ZipError> {
    let (mut unsafe_names, mut bombs, mut encrypted) = (vec![], vec![], vec![]);
    let (mut total, mut reports) = (0, vec![]);
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
            match kind_of(&name) {
                FileKind::Report(_) => reports.push((name, index)),
                FileKind::PassedOver => plain.listing.passed_over.push(name),
                FileKind::Left => {}
            }
        }
    }
    plain.listing.passed_over.sort();
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
    Ok(Ok(reports))
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
