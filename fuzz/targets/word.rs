//! The parts of a Word document: the fuzzer need not learn how to pack.
#![no_main]

use nianbao_core::import::{Particulars, TrackedChanges, import};
use packed::packed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let names = [
        "word/document.xml",
        "word/styles.xml",
        "word/numbering.xml",
        "word/comments.xml",
        "word/footnotes.xml",
        "customXml/item1.xml",
    ];
    let parts = packed(data, &names);
    for tracked_changes in [TrackedChanges::Accept, TrackedChanges::Reject] {
        let _ = import(&parts, &Particulars { tracked_changes, ..Particulars::default() });
    }
});
