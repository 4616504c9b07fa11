//! What people write here, within bounds: everything that is wrong with it is told at once.

use std::str::FromStr;

use nianbao_core::language::invisible::is_invisible;
use nianbao_core::report::Text;

use super::faults::CollectionRefusal;

/// What is wrong with what was written.
#[derive(Default)]
pub(super) struct Remarks(Vec<String>);

impl Remarks {
    pub(super) fn add(&mut self, remark: impl Into<String>) {
        self.0.push(remark.into());
    }

    /// A text of at most so many characters, without white space around it.
    pub(super) fn text(&mut self, what: &str, written: &str, max: usize) -> String {
        // A character has at most four bytes: what is far too long is not even gone through.
        let count = if written.len() > max * 8 { written.len() / 4 } else { written.trim().chars().count() };
        if count > max {
            self.add(format!("{what}最多 {max} 个字，现在有 {count} 个以上，请缩短"));
            return String::new();
        }
        match Text::from_str(written) {
            Ok(text) => text.trim().to_owned(),
            Err(unfit) => {
                self.add(format!("{what}{unfit}"));
                String::new()
            }
        }
    }

    /// The same, of one line.
    pub(super) fn line(&mut self, what: &str, written: &str, max: usize) -> String {
        let text = self.text(what, written, max);
        if text.contains('\n') {
            self.add(format!("{what}只能写一行，请去掉其中的换行"));
        }
        text
    }

    /// The same, where something must be written.
    pub(super) fn required(&mut self, what: &str, written: &str, max: usize) -> String {
        let count = self.0.len();
        let text = self.line(what, written, max);
        if text.is_empty() && self.0.len() == count {
            self.add(format!("{what}没有填，请填写"));
        }
        text
    }

    /// JSON of at most so many bytes.
    pub(super) fn json(&mut self, what: &str, written: &str, max: usize) {
        if written.len() > max {
            self.add(format!("{what}最大 {} MiB，现在超过了", max >> 20));
        } else if serde_json::from_str::<serde::de::IgnoredAny>(written).is_err() {
            self.add(format!("{what}不是完整的 JSON"));
        }
    }

    /// Refuses where something is wrong.
    pub(super) fn end(self) -> Result<(), CollectionRefusal> {
        if self.0.is_empty() { Ok(()) } else { Err(CollectionRefusal::Unfit(self.0)) }
    }
}

/// A person's name as it is kept: seen, of one line, and no longer than a glance.
pub(super) fn name(written: &str) -> String {
    written.chars().filter(|c| !is_invisible(*c)).take(200).collect()
}
