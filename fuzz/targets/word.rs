//! The parts of a Word document: the fuzzer need not learn how to pack.
#![no_main]

use nianbao_core::import::{Particulars, import};
use packed::packed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let parts = packed(data, &["word/document.xml", "word/styles.xml", "word/numbering.xml"]);
    let _ = import(&parts, &Particulars::default());
});
