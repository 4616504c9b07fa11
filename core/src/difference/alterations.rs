//! What one report says that another does not, field by field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alignment::Alignment;
use super::normal::normal_of;
use super::stretches::{Stretch, stretches};
use crate::report::fields::{self, Entry};
use crate::report::{DocumentKind, FieldPath, contract};

/// One thing in which two reports differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "一处不同")]
pub struct FieldDifference {
    /// Where it stands in the new report; what was removed, where it stood in the old.
    #[schemars(with = "String")]
    pub path: FieldPath,
    /// The same in words: 主要举措和成效第1项 › 标题.
    pub label: String,
    #[serde(flatten)]
    pub alteration: Alteration,
}

/// What became of a field or of an item of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "addition 增加，removal 删除，move 移动，rewording 改写")]
#[serde(tag = "alteration", rename_all = "kebab-case")]
pub enum Alteration {
    Addition {
        text: String,
    },
    Removal {
        text: String,
    },
    /// It stands elsewhere among its neighbours; what else became of it is told apart.
    Move {
        #[schemars(with = "String")]
        from: FieldPath,
    },
    Rewording {
        stretches: Vec<Stretch>,
    },
}

/// All in which a new report differs from an old, in the order of the contract.
pub fn differences(old: &Value, new: &Value) -> Vec<FieldDifference> {
    differences_of(DocumentKind::Report, old, new)
}

/// The same of two documents of this kind.
pub fn differences_of(kind: DocumentKind, old: &Value, new: &Value) -> Vec<FieldDifference> {
    let mut found = DifferenceList(vec![]);
    let (old, new) = (normal_of(kind, old), normal_of(kind, new));
    found.compare(Some(&old), Some(&new), fields::of(kind), "", &FieldPath::root(), &FieldPath::root());
    found.0
}

/// A value as a reader sees it: the name of a choice, a row in one line, an item with all that it says.
pub fn shown(path: &FieldPath, value: &Value) -> String {
    let field = fields::find(path);
    let entry = match (path.segments().last(), field) {
        // An item of a list of lines is a line.
        (Some(last), Some(field)) if last.index().is_some() && !matches!(field.entry, Entry::Items(_)) => {
            &Entry::Text
        }
        (_, Some(field)) => &field.entry,
        (_, None) => &Entry::Text,
    };
    words(Some(value), entry, "")
}

struct DifferenceList(Vec<FieldDifference>);

impl DifferenceList {
    fn compare(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        entry: &Entry,
        default: &str,
        old_path: &FieldPath,
        new_path: &FieldPath,
    ) {
        if old == new {
            return;
        }
        match (old, new) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                // Both are in the contract's order; what only one has stands where it would.
                let mut keys: Vec<&String> = after.keys().collect();
                keys.extend(before.keys().filter(|key| !after.contains_key(*key)));
                let place = |key: &str| entry.fields().iter().position(|field| field.key == key);
                keys.sort_by_key(|key| place(key).unwrap_or(usize::MAX));
                for key in keys {
                    let default =
                        entry.fields().iter().find(|field| field.key == key).map_or("", |it| it.default);
                    let paths = (old_path.key(key), new_path.key(key));
                    self.compare(
                        before.get(key),
                        after.get(key),
                        entry.within(key),
                        default,
                        &paths.0,
                        &paths.1,
                    );
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) => {
                self.compare_lists(before, after, entry, old_path, new_path);
            }
            (None, Some(Value::Array(after))) => self.compare_lists(&[], after, entry, old_path, new_path),
            (Some(Value::Array(before)), None) => self.compare_lists(before, &[], entry, old_path, new_path),
            _ => {
                let (before, after) = (words(old, entry, default), words(new, entry, default));
                let alteration = match (before.is_empty(), after.is_empty()) {
                    (true, true) => return,
                    (true, false) => Alteration::Addition { text: after },
                    (false, true) => Alteration::Removal { text: before },
                    _ => Alteration::Rewording { stretches: stretches(&before, &after) },
                };
                let is_gone = matches!(alteration, Alteration::Removal { .. });
                self.note(if is_gone { old_path } else { new_path }, alteration);
            }
        }
    }

    fn compare_lists(
        &mut self,
        before: &[Value],
        after: &[Value],
        entry: &Entry,
        old_path: &FieldPath,
        new_path: &FieldPath,
    ) {
        let alignment = Alignment::new(before, after);
        let stay = alignment.stay();
        let mut told = 0;
        for (index, item) in after.iter().enumerate() {
            let path = new_path.index(index);
            let Some(old) = alignment.old_of[index] else {
                let text = words(Some(item), item_entry(entry, item), "");
                self.note(&path, Alteration::Addition { text });
                continue;
            };
            let from = old_path.index(old);
            if stay[index] {
                self.note_removals(told..old, before, &alignment, entry, old_path);
                told = old + 1;
            } else {
                self.note(&path, Alteration::Move { from: from.clone() });
            }
            self.compare(Some(&before[old]), Some(item), item_entry(entry, item), "", &from, &path);
        }
        self.note_removals(told..before.len(), before, &alignment, entry, old_path);
    }

    fn note_removals(
        &mut self,
        range: std::ops::Range<usize>,
        before: &[Value],
        alignment: &Alignment,
        entry: &Entry,
        path: &FieldPath,
    ) {
        for index in range.filter(|index| alignment.new_of[*index].is_none()) {
            let text = words(Some(&before[index]), item_entry(entry, &before[index]), "");
            self.note(&path.index(index), Alteration::Removal { text });
        }
    }

    fn note(&mut self, path: &FieldPath, alteration: Alteration) {
        self.0.push(FieldDifference { path: path.clone(), label: contract::label(path), alteration });
    }
}

/// How an item of a list is entered.
fn item_entry<'a>(entry: &'a Entry, item: &Value) -> &'a Entry {
    match entry {
        Entry::Items(_) if item.is_object() => entry,
        _ => &Entry::Text,
    }
}

fn words(value: Option<&Value>, entry: &Entry, default: &str) -> String {
    match value {
        None if default.is_empty() => String::new(),
        None => words(Some(&Value::String(default.to_owned())), entry, ""),
        Some(Value::String(text)) => match entry {
            Entry::Choice(choices) => {
                let name = choices.iter().find(|(choice, _)| choice == text).map(|(_, name)| *name);
                name.unwrap_or(text).to_owned()
            }
            _ => text.clone(),
        },
        Some(Value::Bool(mark)) => if *mark { "是" } else { "否" }.to_owned(),
        Some(Value::Array(items)) => {
            let between = if items.iter().all(|item| matches!(item, Value::String(_))) { "\t" } else { "\n" };
            let of = |item| words(Some(item), item_entry(entry, item), "");
            items.iter().map(of).collect::<Vec<_>>().join(between)
        }
        Some(Value::Object(entries)) => {
            let of = |(key, value): (&String, &Value)| words(Some(value), entry.within(key), "");
            entries.iter().map(of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Some(Value::Null) => String::new(),
        Some(Value::Number(number)) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::StretchKind;
    use serde_json::json;

    fn told(old: Value, new: Value) -> Vec<String> {
        let told = differences(&old, &new).into_iter().map(|one| match one.alteration {
            Alteration::Addition { text } => format!("+ {}：{text}", one.label),
            Alteration::Removal { text } => format!("- {}：{text}", one.label),
            Alteration::Move { from } => format!("> {}：{from}", one.label),
            Alteration::Rewording { stretches } => {
                let of = |kind| {
                    let of = stretches.iter().filter(|one| one.kind == kind).map(|one| one.text.as_str());
                    of.collect::<Vec<_>>().join("/")
                };
                format!("~ {}：{}→{}", one.label, of(StretchKind::Old), of(StretchKind::New))
            }
        });
        told.collect()
    }

    #[test]
    fn each_field_is_told_in_words() {
        let paragraphs = ["加强行政执法监督。", "推进政务公开工作。", "健全依法决策机制。"];
        let old = json!({
            "year": 2023, "edition": "formal", "notes": "此件公开发布",
            "measures": [{"heading": "依法决策", "body": paragraphs}],
            "problems": [{"problem": "执法力量不足", "cause": "编制少"}],
        });
        assert_eq!(told(old.clone(), old.clone()), [""; 0]);
        let new = json!({
            "year": "2024", "signature": {"seal": "space"}, "closing": "专此报告。",
            "measures": [{"heading": "依法决策", "area": "decisions", "body": [
                "新增的一段话在最前面。", {"text": "加强行政执法全程监督。"}, paragraphs[2], paragraphs[1],
            ]}],
            "problems": [],
        });
        let told = told(old, new);
        assert_eq!(told[0], "~ 版本：报送版→公开版");
        let rest = [
            "~ 报告年度：2023→2024",
            "+ 主要举措和成效第1项 › 正文第1项：新增的一段话在最前面。",
            "~ 主要举措和成效第1项 › 正文第2项 › 文字：→全程",
            "> 主要举措和成效第1项 › 正文第3项：measures[0].body[2]",
            "- 存在的不足和原因第1项：执法力量不足\n编制少",
            "~ 结束语：特此→专此",
            "+ 主要举措和成效第1项 › 所属领域：行政决策制度体系",
            "- 附注：此件公开发布",
        ];
        for one in rest {
            assert!(told.iter().any(|told| told == one), "{one} is not in {told:#?}");
        }
    }

    #[test]
    fn a_row_added_to_a_table_is_one_addition() {
        let table = |rows: &[[&str; 2]]| json!({"attachments": [{"title": "表", "table": {"columns": ["项目", "数"], "rows": rows}}]});
        let (one, two) = (["行政复议", "12"], ["行政诉讼", "7"]);
        assert_eq!(
            told(table(&[one, two]), table(&[["听证会议", "3"], one, ["行政诉讼", "8"]])),
            ["+ 附件第1项 › 表格 › 各行第1项：听证会议\t3", "~ 附件第1项 › 表格 › 各行第3项第2项：7→8",]
        );
    }
}
