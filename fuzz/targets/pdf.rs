//! A PDF, as it is measured.
#![no_main]

use nianbao_core::conform::{Strictness, conform};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.extend_from_slice(data);
    let _ = conform(if data.starts_with(b"%PDF-") { data } else { &pdf }, Strictness::Usual);
});
