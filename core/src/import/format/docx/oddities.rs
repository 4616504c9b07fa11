//! What stands in a document and is no text of it, or not all of it: what is not taken in is told.

use crate::language::invisible::is_invisible;
use crate::language::sentences::shortened;

/// How many of each there are.
#[derive(Debug, Default)]
pub(in crate::import) struct WordOddities {
    pub pictures: usize,
    /// Drawn without a picture or a text: diagrams, charts, lines.
    pub shapes: usize,
    /// Things of other programs.
    pub objects: usize,
    /// Whole documents that are to be put in.
    pub documents: usize,
    /// What is computed.
    pub fields: usize,
    /// Set in two dimensions; their characters are taken one behind the other.
    pub formulas: usize,
    /// Characters that only a face of symbols has.
    pub symbols: usize,
    /// How characters are read, as it stands above them.
    pub readings: Vec<String>,
}

/// The longest text that is shown of what was not taken in, in characters.
const LONGEST: usize = 30;

impl WordOddities {
    /// What is to be told of them. The fields of anybody's document are its contents and page numbers.
    pub(in crate::import) fn remarks(&self, is_ours: bool) -> Vec<String> {
        let mut remarks = vec![];
        let mut tell = |count: usize, told: &dyn Fn(usize) -> String| {
            if count > 0 {
                remarks.push(told(count));
            }
        };
        tell(self.pictures, &|count| format!("文档里有图片{count}张，没有导入，请核对"));
        tell(self.shapes, &|count| {
            format!("文档里有图形{count}个（图示、图表、线条之类），没有导入，请核对")
        });
        tell(self.objects, &|count| format!("文档里嵌入了别的程序的对象{count}个，没有导入，请核对"));
        tell(self.documents, &|count| {
            format!("文档里并入了另外的文件{count}个，里面的文字没有导入，请打开后另存一次再导入")
        });
        tell(self.formulas, &|count| format!("文档里有公式{count}个，按次序取了其中的字符，请核对写法"));
        tell(self.symbols, &|count| format!("文档里有符号{count}个，只有符号字体里才有，没有导入，请核对"));
        let readings = self.readings.join("、");
        tell(self.readings.len(), &|count| {
            format!("文档里有拼音指南{count}处（{}），只取了正文的字", excerpt(&readings))
        });
        tell(if is_ours { self.fields } else { 0 }, &|count| {
            format!("文档里有域{count}个，取的是显示出来的文字，请核对")
        });
        remarks
    }
}

/// The beginning of a text that was not taken in.
pub(super) fn excerpt(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_invisible(*c) && !c.is_control()).collect();
    shortened(text.trim(), LONGEST)
}

/// A character of a face of symbols as a character of its own; nothing where there is none.
pub(super) fn symbol(face: &str, code: u32) -> Option<char> {
    // Such faces have theirs where nothing else stands.
    let is_private = (0xE000..=0xF8FF).contains(&code);
    if !is_private && code > 0xFF {
        return char::from_u32(code);
    }
    Some(match (face, code & 0xFF) {
        ("Wingdings", 0x6C) => '●',
        ("Wingdings", 0x6E) => '■',
        ("Wingdings", 0x6F | 0xA8) => '□',
        ("Wingdings", 0x75) => '◆',
        ("Wingdings", 0xA1) => '○',
        ("Wingdings", 0xFB) => '✗',
        ("Wingdings", 0xFC) => '✓',
        ("Wingdings", 0xFD) => '☒',
        ("Wingdings", 0xFE) => '☑',
        ("Wingdings", 0xD8) => '➢',
        ("Wingdings 2", 0x50) => '✓',
        ("Wingdings 2", 0x52) => '☑',
        ("Wingdings 2", 0xA3) => '□',
        ("Symbol", 0xB4) => '×',
        ("Symbol", 0xB8) => '÷',
        ("Symbol", 0xB1) => '±',
        ("Symbol", 0xA3) => '≤',
        ("Symbol", 0xB3) => '≥',
        ("Symbol", 0xB7) => '•',
        ("Symbol", 0xB0) => '°',
        _ => return None,
    })
}
