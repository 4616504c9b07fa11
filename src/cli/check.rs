//! `nianbao check`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{CommandEnd, OutputForm, ReportArguments, terminal};
use crate::diagnostic::Failed;
use crate::input::Format;
use crate::installation::Installation;
use crate::pipeline::{Paper, Papers, review};
use crate::sheets::review_sheet;

#[derive(clap::Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    report: ReportArguments,
    #[arg(
        long,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help = "结果的形式：text 文字（默认）或 json"
    )]
    format: OutputForm,
    #[arg(long, value_name = "文件", help = "上年的报告：比对照抄的段落和上年数值")]
    last_year: Option<PathBuf>,
    #[arg(long, value_name = "文件", help = "本年的工作计划（模板 work-plan）：找出没有下文的任务")]
    plan: Option<PathBuf>,
    #[arg(long, value_name = "文件", help = "把结果另写成审核意见表（PDF）；- 表示标准输出")]
    sheet: Option<PathBuf>,
}

pub(super) fn run(arguments: CheckArguments, installation: &Installation) -> Result<CommandEnd> {
    let document = terminal::read_report(&arguments.report.source)?;
    let beside =
        |file: &Option<PathBuf>| file.as_deref().map(|file| terminal::read_named(file, None)).transpose();
    let (last_year, plan) = (beside(&arguments.last_year)?, beside(&arguments.plan)?);
    let papers = Papers {
        document: paper(&document),
        last_year: last_year.as_ref().map(paper),
        plan: plan.as_ref().map(paper),
    };
    let press = installation.open()?;
    let (document, found) = match review(&papers, arguments.report.edition.wanted(), &press) {
        Ok(reviewed) => (Some(reviewed.value), reviewed.warnings),
        Err(Failed::Report(found)) => (None, found),
        Err(Failed::Program(error)) => return Err(anyhow::anyhow!(error)),
    };
    // The sheet first: where it cannot be written nothing has been said yet.
    let sheet = match (&arguments.sheet, &document) {
        (Some(path), Some(document)) => match review_sheet(document, &found, &press) {
            Ok(made) => {
                terminal::write_whole(path, &made.artifact.bytes)?;
                Some((path, made.artifact.pages))
            }
            Err(failed) => {
                return CommandEnd::refused(failed, &arguments.report.source.file, "没有生成审核意见表。");
            }
        },
        _ => None,
    };
    if arguments.sheet.as_deref() != Some(Path::new("-")) || sheet.is_none() {
        match arguments.format {
            OutputForm::Text => terminal::say(&terminal::findings(&found, &arguments.report.source.file)),
            OutputForm::Json => terminal::say(&format!("{}\n", serde_json::to_string_pretty(&found)?)),
        }
    }
    match (&arguments.sheet, sheet) {
        (_, Some((path, pages))) => {
            terminal::complain(&format!(
                "已生成审核意见表 {}，共 {} 页。",
                path.display(),
                pages.unwrap_or_default()
            ));
        }
        (Some(_), None) => terminal::complain("报告没有检查成，没有生成审核意见表。改正后再试。"),
        (None, None) => {}
    }
    Ok(CommandEnd::of(&found))
}

fn paper((bytes, format): &(Vec<u8>, Format)) -> Paper<'_> {
    Paper { bytes, format: *format }
}
