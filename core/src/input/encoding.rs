//! From bytes to text: UTF-8, what a byte order mark announces, and the GB18030 of a Windows desk.

use encoding_rs::{Encoding, GB18030};

use super::fault;
use crate::diagnostic::{Failed, Warned};
use crate::report::FieldPath;

/// Decodes a text. That it was not UTF-8 is remarked; that it is no text at all is a fault.
pub(crate) fn decode(bytes: &[u8]) -> Result<Warned<String>, Failed> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .map(|text| Warned { value: text.into_owned(), warnings: vec![] })
            .ok_or_else(|| fault::not_text().into());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Warned { value: text.to_owned(), warnings: vec![] });
    }
    // GB18030 gives a meaning to almost any bytes, so a text in it must at least have no
    // controls but those of lines and tabs.
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .filter(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')))
        .map(|text| Warned {
            value: text.into_owned(),
            warnings: vec![fault::READ_AS_GB18030.at(
                FieldPath::root(),
                "文件不是 UTF-8 编码，已按 GB18030 读入",
                "请核对文字有无错乱；另存为 UTF-8 可免去这条提示",
            )],
        })
        .ok_or_else(|| fault::not_text().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The text, and whether something is to be said of its encoding.
    fn read(bytes: &[u8]) -> Option<(String, bool)> {
        decode(bytes).ok().map(|decoded| (decoded.value, !decoded.warnings.is_empty()))
    }

    #[test]
    fn each_encoding_gives_the_same_text() {
        let text = "年度：2024，䶮湖𬀩家湾\n";
        let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        let (gb18030, ..) = GB18030.encode(text);
        for (bytes, is_remarked) in [
            (text.as_bytes().to_vec(), false),
            ([b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(), false),
            ([b"\xFF\xFE".as_slice(), &utf16(u16::to_le_bytes)].concat(), false),
            ([b"\xFE\xFF".as_slice(), &utf16(u16::to_be_bytes)].concat(), false),
            (gb18030.into_owned(), true),
        ] {
            assert_eq!(read(&bytes), Some((text.to_owned(), is_remarked)));
        }
        assert_eq!(read(b""), Some((String::new(), false)));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
            b"PK\x03\x04\x14\x00\x08\x08\xff",
            b"\xFF\xFE\x00",
            b"\xFF\xFE\x00\xD8",
            b"\xEF\xBB\xBF\xFF",
            b"\xe5\xb9\xb4\xff\xff",
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            read(&bytes);
        }
    }
}
