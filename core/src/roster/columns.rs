//! Which column of a list says what, by its heading.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::RosterLine;
use super::shape::is_called_as_a_unit;
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
        "单位名称 单位全称 应报单位 应报送单位 报告单位 报送单位 填报单位 机构名称 部门名称 名称 全称 单位 机构 部门 报告机关 各单位 单位名 责任单位 区县 县区 县市区 市县区 市县 乡镇 镇街 街镇 乡镇街道 镇街道 地区 name unit",
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
    /// Whether the heading of the names is one of units only: 名称 may be that of anything.
    pub is_sure: bool,
    /// How many lines there are to the first that is a unit's.
    pub skipped: usize,
    /// Headings whose columns are not read.
    pub ignored: Vec<String>,
    /// What else is to be said.
    pub remarks: Vec<String>,
}

/// How many of the headings of names stand for nothing else.
const SURE: usize = 9;

/// What the headings say; None where none tells the name of a unit.
pub(super) fn headed(lines: &[RosterLine]) -> Option<ColumnPlan> {
    let first = || lines.iter().take(WITHIN).enumerate();
    let plan = |(index, line), is_heading: bool| {
        let best = best(line);
        (is_heading && best.contains_key(&UnitPart::Name)).then(|| ColumnPlan::of(index + 1, line, &best))
    };
    let sure =
        first().find_map(|(index, line)| plan((index, line), best(line).len() > 1 || line.cells.len() == 1));
    // One known heading among others may be a line of who keeps the list; then no table begins below it.
    let next_is_as_wide = |index: usize, line: &RosterLine| {
        lines.get(index + 1).is_some_and(|next| next.cells.len() >= line.cells.len())
    };
    let is_nameless = || first().any(|(_, line)| best(line).len() > 1);
    sure.or_else(|| {
        let mut found = first().filter_map(|(index, line)| plan((index, line), next_is_as_wide(index, line)));
        found.next().filter(|_| !is_nameless())
    })
}

/// The known headings of a line: the place of each among those of its part, its column, and how it is written.
fn best(line: &RosterLine) -> BTreeMap<UnitPart, (usize, u32, &str)> {
    let mut best: BTreeMap<UnitPart, (usize, u32, &str)> = BTreeMap::new();
    for (at, heading) in line.cells.iter().filter_map(|(at, cell)| Some((*at, cell.as_deref().ok()?))) {
        let Some((part, rank)) = part(heading) else { continue };
        let place = best.entry(part).or_insert((rank, at, heading));
        if rank < place.0 {
            *place = (rank, at, heading);
        }
    }
    best
}

impl ColumnPlan {
    fn of(skipped: usize, line: &RosterLine, best: &BTreeMap<UnitPart, (usize, u32, &str)>) -> Self {
        let is_read = |at: u32| best.values().any(|(_, read, _)| *read == at);
        let headings = line.cells.iter().filter_map(|(at, cell)| Some((*at, cell.as_deref().ok()?)));
        let ignored = headings.filter(|(at, heading)| !is_read(*at) && folded(heading) != "序号");
        Self {
            skipped,
            is_sure: best.get(&UnitPart::Name).is_some_and(|(rank, ..)| *rank < SURE),
            ignored: ignored.map(|(_, heading)| heading.to_owned()).collect(),
            columns: best
                .iter()
                .map(|(part, (_, at, heading))| (*part, (*at, (*heading).to_owned())))
                .collect(),
            remarks: vec![],
        }
    }
}

/// Without headings only names are read: of the columns the one in which most cells are called as units are. None
/// where there are headings without the name of a unit, or no column is one of units.
pub(super) fn headless(lines: &[RosterLine]) -> Option<ColumnPlan> {
    if lines.iter().take(WITHIN).any(|line| best(line).len() > 1) {
        return None;
    }
    let below = if lines.len() > 1 { &lines[1..] } else { lines };
    let text = |line: &RosterLine, at: u32| {
        line.cells.get(&at).and_then(|cell| cell.clone().ok()).unwrap_or_default()
    };
    let columns: BTreeSet<u32> = lines.iter().flat_map(|line| line.cells.keys().copied()).collect();
    let count =
        |at: u32, says: &dyn Fn(&str) -> bool| below.iter().filter(|line| says(&text(line, at))).count();
    let weight = |at: &u32| {
        let han = below
            .iter()
            .map(|line| text(line, *at).chars().filter(|c| is_han(*c)).count().min(30))
            .sum::<usize>();
        (count(*at, &is_called_as_a_unit), han, u32::MAX - *at)
    };
    let name = columns.iter().copied().max_by_key(weight)?;
    let units = count(name, &is_called_as_a_unit);
    if columns.len() > 1 && units * 2 < below.len() {
        return None;
    }
    let mut plan =
        ColumnPlan { columns: [(UnitPart::Name, (name, String::new()))].into(), ..ColumnPlan::default() };
    if columns.len() > 1 {
        plan.ignored.push(format!("没有表头，{} 列中只读了名称", columns.len()));
    }
    let has_han = |text: &str| text.chars().any(is_han);
    let is_headed = columns.iter().any(|at| {
        has_han(&text(&lines[0], *at))
            && below.iter().any(|line| line.cells.contains_key(at))
            && count(*at, &has_han) == 0
    });
    let is_title = !is_called_as_a_unit(&text(&lines[0], name)) && below.len() > 1 && units == below.len();
    if lines.len() > 1 && (is_headed || is_title) {
        let words: Vec<String> = lines[0].cells.keys().map(|at| text(&lines[0], *at)).collect();
        let (row, words) = (lines[0].number, words.join("、"));
        plan.remarks.push(format!("第{row}行“{}”当作表头，不是单位", words.escape_debug()));
        plan.skipped = 1;
    }
    Some(plan)
}

fn is_han(c: char) -> bool {
    c >= '\u{3400}'
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
