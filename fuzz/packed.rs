//! Files that are packed, from the bytes of a fuzzer.

/// A ZIP of these parts, cut from the bytes at their zeros. What a part has as a rule stands there where
/// there is no cut for it.
pub fn packed(data: &[u8], names: &[&str]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    use zip::write::SimpleFileOptions;
    const WORKBOOK: [(&str, &str); 4] = [
        ("[Content_Types].xml", include_str!("parts/content-types.xml")),
        ("_rels/.rels", include_str!("parts/rels.xml")),
        ("xl/workbook.xml", include_str!("parts/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", include_str!("parts/workbook-rels.xml")),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let cut: Vec<(&str, &[u8])> = names.iter().copied().zip(data.split(|byte| *byte == 0)).collect();
    let usual = WORKBOOK.iter().map(|(name, text)| (*name, text.as_bytes()));
    let usual = usual.filter(|(name, _)| !cut.iter().any(|(other, _)| other == name));
    for (name, bytes) in usual.chain(cut.iter().copied()) {
        zip.start_file(name, options).expect("a name");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}
