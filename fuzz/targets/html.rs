//! A page of the web.
#![no_main]

use nianbao_core::import::{Particulars, import};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut page = b"<!doctype html><html><body>".to_vec();
    page.extend_from_slice(data);
    let _ = import(&page, &Particulars::default());
});
