//! Characters that nobody sees.

/// Whether a character leaves no trace on paper but changes what is read: controls, marks of
/// direction, zero-width characters. The soft hyphen and the byte order mark are among them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// What to call an invisible character in a message.
pub(crate) fn name(c: char) -> &'static str {
    match c {
        '\0' => "空字符",
        '\t' => "制表符",
        '\r' => "回车符",
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}' => {
            "文字方向控制符"
        }
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => "零宽字符",
        '\u{2028}' | '\u{2029}' => "行分隔符",
        _ => "控制字符",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_invisible_and_what_is_read_is_not() {
        for c in ['\0', '\u{7F}', '\u{AD}', '\u{200B}', '\u{202E}', '\u{2066}', '\u{FEFF}', '\u{E0041}'] {
            assert!(is_invisible(c), "U+{:04X}", c as u32);
            assert!(!name(c).is_empty());
        }
        for c in ['一', '　', ' ', '·', '〇', '𬀩', '\u{3000}', 'ā', '\u{0301}'] {
            assert!(!is_invisible(c), "U+{:04X}", c as u32);
        }
    }
}
