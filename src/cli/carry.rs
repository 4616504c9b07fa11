//! `nianbao carry`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::CommandEnd;
use super::import::fit;
use super::terminal::{self, Replacement};
use crate::import::carry;
use crate::input::read;
use crate::report::{Report, Year};

#[derive(clap::Args)]
pub(super) struct CarryArguments {
    #[arg(value_name = "文件", help = "上年的报告（JSON、YAML 或 TOML）")]
    file: PathBuf,
    #[arg(long, value_name = "年度", value_parser = fit::<Year>, help = "今年报告的年度，如 2025")]
    year: Year,
    #[arg(short, long, value_name = "文件", default_value = "-", help = "今年的报告写到哪里；默认标准输出")]
    output: PathBuf,
    #[arg(long, value_name = "文件", help = "把上年的安排另写成工作计划，供 nianbao check --plan 逐项核对")]
    tasks: Option<PathBuf>,
    #[command(flatten)]
    replacement: Replacement,
}

pub(super) fn run(arguments: CarryArguments) -> Result<CommandEnd> {
    let (bytes, format) = terminal::read_named(&arguments.file, None)?;
    let last = match read::<Report>(&bytes, format) {
        Ok(read) => read.value,
        Err(failed) => {
            return CommandEnd::refused(failed, &arguments.file, "上年的报告读不进来，什么也没有写。");
        }
    };
    let (old, new) = (last.year.number(), arguments.year.number());
    if new <= old {
        bail!("上年的报告是 {old} 年的，--year 应在它之后，现在是 {new}");
    }
    // The tasks first: where they cannot be written nothing has been written yet.
    arguments
        .replacement
        .demand_free(arguments.tasks.iter().map(PathBuf::as_path).chain([&*arguments.output]))?;
    let carried = carry(&last, arguments.year);
    let mut comment =
        format!("{new}年的报告，由{old}年的报告开头。各部分的文字和成文日期请重新写，指标请填今年的数值。");
    if !carried.tasks.sections.is_empty() {
        comment += "\n上年的安排，今年要逐项报告：";
    }
    let tasks = carried.tasks.sections.iter().flat_map(|section| {
        let heading = section.heading.iter().map(|heading| heading.to_string());
        heading.chain(section.tasks.iter().map(|task| format!("  {}", task.text.replace('\n', " "))))
    });
    for task in tasks {
        comment += &format!("\n  {task}");
    }
    if let Some(path) = &arguments.tasks {
        let comment = format!("{old}年报告里的安排，{new}年的任务");
        arguments.replacement.write_document(path, &carried.plan(), &comment)?;
    }
    arguments.replacement.write_document(&arguments.output, &carried.report, &comment)?;
    Ok(CommandEnd::Fine)
}
