//! Which column of a list says what, by its heading.

use std::collections::BTreeMap;

use super::lines::RosterLine;
use super::unit::narrow;
use crate::language::traditional::simplified;

/// What a column of a list says of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UnitPart {
    Name,
    Code,
    Kind,
    Level,
    Superior,
    Person,
    Phone,
    Mail,
}

/// The headings in use; of two columns for one part the one whose heading stands first is read.
const HEADINGS: [(UnitPart, &str); 8] = [
    (
        UnitPart::Name,
        "单位名称 单位全称 应报单位 应报送单位 报告单位 报送单位 填报单位 机构名称 部门名称 名称 全称 单位 机构 部门 报告机关 name unit",
    ),
    (
        UnitPart::Code,
        "单位代码 单位编码 统一社会信用代码 社会信用代码 信用代码 组织机构代码 机构代码 行政区划代码 区划代码 代码 编码 编号 code",
    ),
    (UnitPart::Kind, "单位性质 单位类别 单位类型 机构类型 机构类别 性质 类别 类型 kind"),
    (UnitPart::Level, "层级 行政层级 级别 行政级别 level"),
    (
        UnitPart::Superior,
        "上级单位代码 上级代码 上级单位 上级机关 上级部门 主管单位 主管部门 隶属单位 隶属关系 所属地区 上级 superior",
    ),
    (UnitPart::Person, "联系人 联系人姓名 联络员 联络人 经办人 姓名 contact"),
    (
        UnitPart::Phone,
        "联系电话 联系人电话 电话 电话号码 手机 手机号 手机号码 联系方式 办公电话 固定电话 phone tel",
    ),
    (UnitPart::Mail, "电子邮箱 联系邮箱 邮箱 邮箱地址 电子邮件 邮件 email e-mail mail"),
];

/// How many lines down the headings may stand: someone may have put a title above them.
const WITHIN: usize = 10;

/// Where each part stands.
#[derive(Debug, Default)]
pub(super) struct ColumnPlan {
    /// The column of each part, from 0, and its heading as it was written; empty without headings.
    pub columns: BTreeMap<UnitPart, (u32, String)>,
    /// How many lines there are to the first that is a unit's.
    pub skipped: usize,
    /// Headings whose columns are not read.
    pub ignored: Vec<String>,
}

/// What the headings say; None where they tell no name of a unit.
pub(super) fn plan(lines: &[RosterLine]) -> Option<ColumnPlan> {
    let mut is_nameless = false;
    for (index, line) in lines.iter().take(WITHIN).enumerate() {
        let mut best: BTreeMap<UnitPart, (usize, u32, &str)> = BTreeMap::new();
        let headings = line.cells.iter().filter_map(|(at, cell)| Some((*at, cell.as_deref().ok()?)));
        for (at, heading) in headings.clone() {
            let Some((part, rank)) = part(heading) else { continue };
            let place = best.entry(part).or_insert((rank, at, heading));
            if rank < place.0 {
                *place = (rank, at, heading);
            }
        }
        let is_heading = best.len() > 1 || line.cells.len() == 1;
        if is_heading && best.contains_key(&UnitPart::Name) {
            let is_read = |at: u32| best.values().any(|(_, read, _)| *read == at);
            let ignored = headings.filter(|(at, heading)| !is_read(*at) && folded(heading) != "序号");
            return Some(ColumnPlan {
                ignored: ignored.map(|(_, heading)| heading.to_owned()).collect(),
                skipped: index + 1,
                columns: best
                    .into_iter()
                    .map(|(part, (_, at, heading))| (part, (at, heading.to_owned())))
                    .collect(),
            });
        }
        is_nameless |= best.len() > 1;
    }
    (!is_nameless).then(|| without_headings(lines))
}

/// Without headings only names are read: of the columns the one in which most cells look like one.
fn without_headings(lines: &[RosterLine]) -> ColumnPlan {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for line in lines {
        for (at, cell) in &line.cells {
            let han = cell.as_deref().map_or(0, |text| text.chars().filter(|c| *c >= '\u{3400}').count());
            // 区 of 东阳区 weighs more than a person's two or three characters do: the longest wins.
            *counts.entry(*at).or_default() += han.min(30);
        }
    }
    let best = counts.iter().max_by_key(|(at, count)| (**count, u32::MAX - **at)).map_or(0, |(at, _)| *at);
    ColumnPlan {
        columns: [(UnitPart::Name, (best, String::new()))].into(),
        skipped: 0,
        ignored: match counts.len() {
            0 | 1 => vec![],
            count => vec![format!("没有表头，{count} 列中只读了名称")],
        },
    }
}

/// The part that a heading names, and how far behind it stands among the headings of that part.
fn part(heading: &str) -> Option<(UnitPart, usize)> {
    let heading = folded(heading);
    HEADINGS
        .iter()
        .find_map(|(part, names)| Some((*part, names.split(' ').position(|name| *name == heading)?)))
}

/// A heading without what does not matter: （必填）, white space, asterisks, colons, width, case, script.
fn folded(heading: &str) -> String {
    let narrow = narrow(heading);
    let bare = narrow.split('(').next().unwrap_or_default();
    let kept = bare.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':'));
    kept.map(|c| simplified(c).unwrap_or(c)).collect::<String>().to_lowercase()
}
