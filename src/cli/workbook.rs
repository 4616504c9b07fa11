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
    let (trees, left) = trees(from, folder_of(&arguments.output))?;
    if trees.is_empty() {
        bail!("没有一份能写进征集表，什么也没有写");
    }
    arguments.replacement.write(&arguments.output, &workbook::write_trees(&trees, list)?)?;
    terminal::complain(&match left {
        0 => format!("共 {} 个单位。", trees.len()),
        left => format!("共 {} 个单位，另有 {left} 份没有写进去，原因见上。", trees.len()),
    });
    Ok(if left > 0 { CommandEnd::DocumentAtFault } else { CommandEnd::Fine })
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

/// What the units of a batch have written, however little; and how many of them cannot be read, or not written into
/// cells. Why is told, as is what is to be said of the others.
fn trees(from: &Path, scratch: &Path) -> Result<(Vec<Value>, usize)> {
    let mut reader = Crew::of_readers(own_program()?, Limits::default()).worker();
    let intake = Intake::open(from, &[], &mut reader, scratch)?;
    let (mut trees, mut left) = (Vec::new(), 0);
    let mut first: HashMap<String, String> = HashMap::new();
    for unit in intake.units() {
        let UnitTree { tree, found } = UnitTree::read(&intake, unit, &mut reader)?;
        for finding in found {
            let (source, word) = (terminal::plain(&unit.source), finding.severity.label());
            let said = terminal::plain(&finding.in_one_line());
            terminal::complain(&format!("{word}：{source}：{said}。{}", finding.hint));
        }
        if let Some(name) = tree.as_ref().and_then(name_of) {
            let source = terminal::plain(&unit.source);
            match first.get(&name) {
                Some(other) => terminal::complain(&format!(
                    "提醒：{source}：“{}”已经有一份（{other}），两份都写进去了，后一份的名称后面加了数字。\
                     请核对以哪一份为准，删去另一份",
                    terminal::plain(&name)
                )),
                None => drop(first.insert(name, source)),
            }
        }
        left += usize::from(tree.is_none());
        trees.extend(tree);
    }
    Ok((trees, left))
}

/// What a unit is called in a workbook.
fn name_of(tree: &Value) -> Option<String> {
    let name = |key: &str| tree["issuer"][key].as_str().map(str::trim).filter(|name| !name.is_empty());
    name("short_name").or_else(|| name("name")).map(str::to_owned)
}
