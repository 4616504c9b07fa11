//! A file of many reports: a ZIP, JSON Lines, a workbook; the first byte says which.
#![no_main]

use std::io::Write;
use std::path::Path;

use nianbao_core::intake;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let name = ["reports.zip", "reports.jsonl", "reports.xlsx"][usize::from(*first) % 3];
    let file = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(bytes).expect("room on the disk");
        file
    };
    let (from, into) = (file(rest), file(&[]));
    let _ = intake::unpack(from.path(), Path::new(name), into.path());
});
