//! `nianbao workbook`: the workbook that units fill in, blank or with the reports that there are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::terminal::{self, Replacement};
use super::{CommandEnd, folder_of, own_program};
use crate::batch::{Intake, UnitTree};
use crate::diagnostic::Failed;
use crate::indicators::IndicatorList;
use crate::input::{self, Format};
use crate::installation::Installation;
use crate::intake::workbook;
use crate::report::Report;
use crate::workers::{Crew, Limits};

/// The template whose sample shows how the workbook is filled in.
const TEMPLATE: &str = "annual-report";

#[derive(clap::Args)]
pub(super) struct WorkbookArguments {
    #[arg(short, long, value_name = "文件", help = "写到哪个 .xlsx 文件")]
    output: PathBuf,
    #[arg(
        long,
        value_name = "来源",
        help = "把已有的报告填进去（如上年的）：文件夹、ZIP 压缩包、JSON Lines 文件或征集表"
    )]
    from: Option<PathBuf>,
    #[command(flatten)]
    replacement: Replacement,
}

impl WorkbookArguments {
    pub(super) fn reads_documents(&self) -> bool {
        self.from.is_some()
    }
}

pub(super) fn run(arguments: WorkbookArguments, installation: &Installation) -> Result<CommandEnd> {
    arguments.replacement.demand_free([&*arguments.output])?;
    let prescribed = installation.open_indicators()?;
    let list = prescribed.as_deref().unwrap_or(IndicatorList::built_in());
    let Some(from) = &arguments.from else {
        arguments.replacement.write(&arguments.output, &workbook::blank(&sample(installation)?, list))?;
        return Ok(CommandEnd::Fine);
    };
    let (mut read, unread) = read_trees(from, folder_of(&arguments.output))?;
    let count = read.len() + unread;
    let written = written(&mut read, list)?;
    arguments.replacement.write(&arguments.output, &written)?;
    for ReadTree { source, tree } in &read {
        if let Some(count) = tree["unplaced"].as_array().map(Vec::len).filter(|count| *count > 0) {
            terminal::complain(&format!(
                "警告：{source}：有 {count} 段文字没有归到任何部分，写在工作表“未归类的文字”里。请移到该在的各表，\
                 确实不要的删除",
            ));
        }
    }
    let left = count - read.len();
    terminal::complain(&match left {
        0 => format!("共 {} 份。", read.len()),
        left => format!("共 {} 份，另有 {left} 份没有写进去，原因见上。", read.len()),
    });
    Ok(if left > 0 { CommandEnd::DocumentAtFault } else { CommandEnd::Fine })
}

/// What a unit has written, and where it comes from, for people.
struct ReadTree {
    source: String,
    tree: Value,
}

/// The workbook of all that it can carry. What it cannot is told, and taken out of `read`.
fn written(read: &mut Vec<ReadTree>, list: &IndicatorList) -> Result<Vec<u8>> {
    loop {
        if read.is_empty() {
            bail!("没有一份能写进征集表，什么也没有写");
        }
        let trees: Vec<&Value> = read.iter().map(|one| &one.tree).collect();
        let unwritable = match workbook::write_trees(&trees, list) {
            Ok(written) => return Ok(written),
            Err(unwritable) if unwritable.units.is_empty() => return Err(unwritable.into()),
            Err(unwritable) => unwritable,
        };
        // From the last on, so that the places of the others stay.
        for (at, lost) in unwritable.units.iter().rev() {
            let ReadTree { source, .. } = read.remove(*at);
            terminal::complain(&format!("没有写进去：{source}{}", terminal::plain(lost)));
        }
    }
}

fn sample(installation: &Installation) -> Result<Report> {
    let templates = installation.open_templates()?;
    let template = templates.find(TEMPLATE).context("没有年度报告的模板")?;
    match input::read(template.sample.as_bytes(), Format::Yaml) {
        Ok(read) => Ok(read.value),
        Err(Failed::Report(_)) => anyhow::bail!("模板 {TEMPLATE} 的样例有误，请用 nianbao check 检查它"),
        Err(Failed::Program(error)) => Err(anyhow::anyhow!(error)),
    }
}

/// What the units of a batch have written, however little; and how many of them nobody can read. Why is told, as is
/// what is to be said of the others.
fn read_trees(from: &Path, scratch: &Path) -> Result<(Vec<ReadTree>, usize)> {
    let mut reader = Crew::of_readers(own_program()?, Limits::default()).worker();
    let intake = Intake::open(from, &[], &mut reader, scratch)?;
    let (mut read, mut unread) = (Vec::new(), 0);
    let mut first: HashMap<String, String> = HashMap::new();
    for unit in intake.units() {
        let UnitTree { tree, found } = UnitTree::read(&intake, unit, &mut reader)?;
        let source = terminal::plain(&unit.source);
        for finding in found {
            let word = finding.severity.label();
            let said = terminal::plain(&finding.in_one_line());
            terminal::complain(&format!("{word}：{source}：{said}。{}", finding.hint));
        }
        if let Some(name) = tree.as_ref().and_then(name_of) {
            match first.get(&name) {
                Some(other) => terminal::complain(&format!(
                    "警告：{source}：“{}”已经有一份（{other}），两份都写进去了，后一份的名称后面加了数字。\
                     请核对以哪一份为准，删除另一份",
                    terminal::plain(&name)
                )),
                None => drop(first.insert(name, source.clone())),
            }
        }
        match tree {
            Some(tree) => read.push(ReadTree { source, tree }),
            None => unread += 1,
        }
    }
    Ok((read, unread))
}

/// What a unit is called in a workbook.
fn name_of(tree: &Value) -> Option<String> {
    let name = |key: &str| tree["issuer"][key].as_str().map(str::trim).filter(|name| !name.is_empty());
    name("short_name").or_else(|| name("name")).map(str::to_owned)
}
