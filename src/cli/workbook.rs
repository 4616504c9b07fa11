//! `nianbao workbook`: the workbook that units fill in, blank or with the reports that there are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::terminal::{self, Replacement};
use super::{CommandEnd, folder_of, own_program};
use crate::batch::{self, Intake};
use crate::diagnostic::{Failed, Severity};
use crate::indicators::IndicatorList;
use crate::input::{self, Format};
use crate::installation::Installation;
use crate::intake::workbook;
use crate::report::Report;
use crate::workers::{Crew, Limits, Question};

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
    let bytes = match &arguments.from {
        None => workbook::blank(&sample(installation)?, list),
        Some(from) => match trees(from, folder_of(&arguments.output))? {
            Some(trees) => workbook::write_trees(&trees, list)?,
            None => return Ok(CommandEnd::DocumentAtFault),
        },
    };
    arguments.replacement.write(&arguments.output, &bytes)?;
    Ok(CommandEnd::Fine)
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

/// What the units of a batch have written, however little, if it can be read and goes into cells; else all that
/// keeps it from that is told.
fn trees(from: &Path, scratch: &Path) -> Result<Option<Vec<Value>>> {
    let mut reader = Crew::of_readers(own_program()?, Limits::default()).worker();
    let intake = Intake::open(from, &[], &mut reader, scratch)?;
    let (mut trees, mut unread) = (Vec::new(), 0);
    for unit in intake.units() {
        let mut found = Vec::new();
        match intake.read(unit) {
            Err(error) => found = batch::not_made(error.to_string()).findings,
            Ok((bytes, form)) => {
                let question = Question::Read { form, name: unit.file_name().to_owned() };
                match reader.ask(&question, &bytes)? {
                    Ok(answer) => trees.push(serde_json::from_slice(&answer.bytes)?),
                    Err(refused) => found = refused,
                }
                // What is wrong with cells themselves would be lost.
                intake.tell(unit, &mut found)?;
            }
        }
        for finding in found {
            let (source, said) = (terminal::plain(&unit.source), finding.in_one_line());
            terminal::complain(&format!("{source}：{said}。{}", finding.hint));
            unread += usize::from(finding.severity == Severity::Error);
        }
    }
    if unread > 0 {
        terminal::complain(&format!("有 {unread} 处读不出来，没有写出征集表。请改正以上各处，再试一次。"));
        return Ok(None);
    }
    Ok(Some(trees))
}
