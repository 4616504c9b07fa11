//! Whose report a file is, by the name that stands in it: the file of another unit is easily taken for one's own.

use super::near::{Likeness, near};
use super::nearest::NameIndex;
use super::shape::bare_name;
use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::path;

/// Every code that this room can raise.
pub const CODES: [&Code; 2] = [&ANOTHER_UNIT, &ANOTHER_UNITS_CODE];

code! {
    /// 报告单位不是报送的单位
    ///
    /// 报告里写的单位名称，与名录里报送单位的名称不一样，而且不只是全称、简称的差别（“东阳区”和“东阳区人民政府”算一样，单位更名以前的名称也算）。多半是选错了文件，拿了别的单位的报告。
    ///
    /// 请核对文件；名称写错了的，请改正“单位全称”。确实是本单位的报告的，报送时写明原因，例如刚刚更名、名录里还没有改。
    ANOTHER_UNIT = "another-unit", Warning
}

code! {
    /// 单位代码是别的单位的
    ///
    /// 报告里写的单位代码，是名录里另一个单位的。多半是拿别的单位的文件改了名称，代码没有改；汇总和下一年是按代码认单位的，这样报送，两个单位就混在一起了。
    ///
    /// 请核对文件。是本单位的报告的，把“单位代码”改成本单位的，或者删除这一项。
    ANOTHER_UNITS_CODE = "another-units-code", Error
}

/// How much of a name of somebody's choice is told, in characters.
const LONGEST_TOLD: usize = 60;

/// What is to be asked about a file in which this name stands: nothing where it is one of the unit's `own`, the
/// one that it has now first, or differs from one in no more than an official short form does. The names of all
/// `others` in the roster tell whose it probably is.
pub fn strangeness(written: &str, own: &[&str], others: &[&str]) -> Option<Diagnostic> {
    let written = written.trim();
    let own_likeness = own_likeness(written, own);
    if written.is_empty() || own_likeness.is_some_and(|why| why <= Likeness::Script) {
        return None;
    }
    let nearest = NameIndex::new(others).nearest(written).map(|near| others[near.index]);
    let is_others = |name: &&str| likeness(name, written).is_some_and(|why| why <= Likeness::Script);
    if own_likeness.is_some() && !nearest.as_ref().is_some_and(is_others) {
        return None;
    }
    let shown: String = written.chars().take(LONGEST_TOLD).collect();
    let whose = match nearest {
        Some(name) if is_others(&name) => format!("名录里“{name}”是另一个单位"),
        Some(name) => format!("名录里与它最像的是“{name}”"),
        None => "名录里没有这样的单位".to_owned(),
    };
    let message = format!("文件里写的单位是“{shown}”，报送的是“{}”；{whose}", own.first().unwrap_or(&""));
    let hint = "请核对是不是选错了文件；确实是本单位的，写明原因";
    Some(ANOTHER_UNIT.at(path!["issuer", "name"], message, hint))
}

/// What is wrong with a file in which this code stands, where it is that of one of the `others` in the roster. Each
/// unit is told by its code and its name.
pub fn foreign_code(written: &str, own: (&str, &str), others: &[(&str, &str)]) -> Option<Diagnostic> {
    let written = written.trim();
    let (_, other) = others.iter().find(|(code, _)| *code == written && *code != own.0)?;
    let (code, name) = own;
    let message = format!("文件里的单位代码“{written}”是“{other}”的，报送的是“{name}”");
    let hint =
        format!("选错了文件的，请换一份；确实是本单位的，请把“单位代码”改成 {code}，或者删除这一项，再报送");
    Some(ANOTHER_UNITS_CODE.at(path!["issuer", "code"], message, hint))
}

/// How like a name is to the likest of a unit's own, where it differs from that in no more than an official short
/// form does.
pub fn own_likeness(written: &str, own: &[&str]) -> Option<Likeness> {
    let alike = own.iter().filter_map(|name| likeness(name, written.trim()));
    alike.filter(|why| *why <= Likeness::Superior).min()
}

/// How like two names are, if they are.
fn likeness(one: &str, other: &str) -> Option<Likeness> {
    let near = near(&[one, other]).first().map(|pair| pair.why);
    // An office writes for its government.
    near.or_else(|| (bare_name(one) == bare_name(other)).then_some(Likeness::Suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: [&str; 4] = ["东川区", "东阳区司法局", "西阳区人民政府", "云州市财政局"];

    fn asked(written: &str, own: &[&str]) -> String {
        strangeness(written, own, &OTHERS).map(|found| found.message).unwrap_or_default()
    }

    #[test]
    fn official_forms_of_a_name_are_ones_own() {
        for written in ["东阳区", "东阳区人民政府", "云州市东阳区人民政府", " 東陽區 ", ""]
        {
            assert_eq!(asked(written, &["东阳区人民政府"]), "", "{written}");
            assert_eq!(asked(written, &["东阳区"]), "", "{written}");
        }
        assert_eq!(asked("旧名局", &["云州市行政审批局", "旧名局"]), "", "what it was called before");
        assert_eq!(asked("云州市财政局", &["财政局", "云州市财政局"]), "", "its own before another's");
    }

    #[test]
    fn a_code_is_its_units_own() {
        let told =
            |written: &str| foreign_code(written, ("A1", "东阳区"), &[("B2", "西阳区"), ("A1", "东阳区")]);
        for written in ["", "A1", " A1 ", "b2", "370214"] {
            assert_eq!(told(written), None, "{written}");
        }
        let found = told(" B2 ").unwrap();
        assert!(found.message.contains("“西阳区”") && found.hint.contains("改成 A1"), "{found:?}");
    }

    #[test]
    fn another_units_file_is_asked_about() {
        let own = ["东阳区"];
        assert!(asked("西阳区人民政府", &own).contains("“西阳区人民政府”是另一个单位"));
        assert!(asked("西阳区", &own).contains("最像的是“西阳区人民政府”"));
        assert!(asked("东阳区司法局", &own).contains("另一个单位"), "a department is not its government");
        assert!(asked("东杨区", &own).contains("报送的是“东阳区”"), "a slip is asked about too");
        assert!(asked("完全不同的名称", &own).contains("没有这样的单位"));
        assert!(asked("云州市财政局", &["财政局"]).contains("另一个单位"), "another's own name comes first");
        assert!(asked(&"长".repeat(10_000), &own).chars().count() < 200);
    }
}
