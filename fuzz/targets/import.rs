//! A document of any kind, as it is imported: text, a page, Word, PDF.
#![no_main]

use nianbao_core::import::{Particulars, import};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = import(data, &Particulars::default());
});
