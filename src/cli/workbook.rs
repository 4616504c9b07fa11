//! `nianbao workbook`: the workbook that units fill in, blank or with the reports that there are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::terminal::{self, Replacement};
use super::{CommandEnd, folder_of, own_program};
use crate::batch::Intake;
use crate::diagnostic::Failed;
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
    let bytes = match &arguments.from {
        None => workbook::blank(&sample(installation)?),
        Some(from) => match reports(from, folder_of(&arguments.output))? {
            Some(reports) => workbook::write(&reports)?,
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

/// The reports of a batch, if every one can be read; else all that keeps them from it is told.
fn reports(from: &Path, scratch: &Path) -> Result<Option<Vec<Report>>> {
    let mut reader = Crew::of_readers(own_program()?, Limits::default()).worker();
    let intake = Intake::open(from, &mut reader, scratch)?;
    let mut reports = Vec::new();
    for unit in intake.units() {
        let (bytes, format) = intake.read(unit)?;
        let mut found = match input::read(&bytes, format) {
            Ok(read) => {
                reports.push(read.value);
                vec![]
            }
            Err(Failed::Report(found)) => found,
            Err(Failed::Program(error)) => return Err(anyhow::anyhow!(error)),
        };
        // Of what is read, too: how it was understood.
        intake.tell(unit, &mut found)?;
        for finding in found {
            let (source, said) = (terminal::plain(&unit.source), finding.in_one_line());
            terminal::complain(&format!("{source}：{said}。{}", finding.hint));
        }
    }
    if reports.len() < intake.units().len() {
        let unread = intake.units().len() - reports.len();
        terminal::complain(&format!(
            "有 {unread} 份报告读不出来，没有写出征集表。请改正以上各处，再试一次。"
        ));
        return Ok(None);
    }
    Ok(Some(reports))
}
