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
