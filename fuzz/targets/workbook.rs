//! The parts of a workbook.
#![no_main]

use std::io::Cursor;

use nianbao_core::intake::workbook::Workbook;
use packed::packed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let parts = packed(data, &["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]);
    if let Ok(workbook) = Workbook::read(Cursor::new(parts)) {
        (0..workbook.len()).for_each(|unit| drop(workbook.report(unit)));
    }
});
