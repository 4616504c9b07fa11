//! `nianbao check`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use super::{Outcome, ReportArguments, terminal};
use crate::diagnostic::{Diagnostic, Failed, Severity, Warned};
use crate::export::Target;
use crate::input::{Format, read, read_plan};
use crate::installation::Installation;
use crate::pipeline::{Beside, Press, review_beside, review_sheet};
use crate::report::Report;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    report: ReportArguments,
    #[arg(
        long,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help = "结果的形式：text 文字（默认）或 json"
    )]
    format: Form,
    #[arg(long, value_name = "文件", help = "上年的报告：比对照抄的段落和上年数值")]
    last_year: Option<PathBuf>,
    #[arg(long, value_name = "文件", help = "本年的工作计划（模板 work-plan）：找出没有下文的任务")]
    plan: Option<PathBuf>,
    #[arg(long, value_name = "文件", help = "把结果另写成审核意见表（PDF）；- 表示标准输出")]
    sheet: Option<PathBuf>,
}

/// How the findings are shown.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    Text,
    Json,
}

pub(super) fn run(arguments: Arguments, installation: &Installation) -> Result<Outcome> {
    let (bytes, format) = terminal::read_report(&arguments.report)?;
    let press = installation.open()?;
    let edition = arguments.report.edition.wanted();
    let beside = match beside(&arguments) {
        Ok(beside) => beside,
        Err(Unread::Faulty { file, diagnostics }) => {
            terminal::complain(terminal::findings(&diagnostics, &file).trim_end());
            anyhow::bail!("{} 读不进来，没有检查", file.display());
        }
        Err(Unread::Failed(error)) => return Err(error),
    };
    let (report, diagnostics) = match review_beside(&bytes, format, edition, &beside, &press) {
        Ok(reviewed) => (Some(reviewed.value), reviewed.warnings),
        Err(Failed::Report(diagnostics)) => (None, diagnostics),
        Err(Failed::Program(error)) => return Err(anyhow::anyhow!(error)),
    };
    // The sheet first: where it cannot be written nothing has been said yet.
    let sheet = match (&arguments.sheet, &report) {
        (Some(path), Some(report)) => Some((path, write_sheet(path, report, &diagnostics, &press)?)),
        _ => None,
    };
    if arguments.sheet.as_deref() != Some(Path::new("-")) || sheet.is_none() {
        match arguments.format {
            Form::Text => terminal::say(&terminal::findings(&diagnostics, &arguments.report.file)),
            Form::Json => terminal::say(&format!("{}\n", serde_json::to_string_pretty(&diagnostics)?)),
        }
    }
    match (&arguments.sheet, sheet) {
        (_, Some((path, pages))) => {
            terminal::complain(&format!("已生成审核意见表 {}，共 {pages} 页。", path.display()));
        }
        (Some(_), None) => terminal::complain("报告读不进来，没有生成审核意见表。改正后再试。"),
        (None, None) => {}
    }
    let is_wrong = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Ok(if is_wrong { Outcome::ReportHasErrors } else { Outcome::Fine })
}

/// Writes the sheet and says how many pages it has.
fn write_sheet(path: &Path, report: &Report, found: &[Diagnostic], press: &Press) -> Result<usize> {
    match review_sheet(report, found, Target::Pdf, press) {
        Ok(made) => {
            terminal::write_whole(path, &made.artifact.bytes)?;
            Ok(made.artifact.pages)
        }
        Err(failed) => Err(anyhow::anyhow!(failed)),
    }
}

/// Why a document beside the report is not there to compare with.
enum Unread {
    Faulty { file: PathBuf, diagnostics: Vec<Diagnostic> },
    Failed(anyhow::Error),
}

/// The documents that the report is held against.
fn beside(arguments: &Arguments) -> Result<Beside, Unread> {
    Ok(Beside {
        last_year: arguments.last_year.as_deref().map(|file| read_with(file, read)).transpose()?,
        plan: arguments.plan.as_deref().map(|file| read_with(file, read_plan)).transpose()?,
    })
}

fn read_with<T>(file: &Path, read: fn(&[u8], Format) -> Result<Warned<T>, Failed>) -> Result<T, Unread> {
    let (bytes, format) = terminal::read_named(file, None).map_err(Unread::Failed)?;
    match read(&bytes, format) {
        Ok(read) => Ok(read.value),
        Err(Failed::Report(diagnostics)) => Err(Unread::Faulty { file: file.to_owned(), diagnostics }),
        Err(Failed::Program(error)) => Err(Unread::Failed(anyhow::anyhow!(error))),
    }
}
