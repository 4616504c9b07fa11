//! `nianbao import`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::terminal::{self, Replacement};
use super::{ChangesChoice, CommandEnd, OutputForm};
use crate::import::{self, Import, Particulars, SourceKind};
use crate::report::{Date, Name, Unfit, Year};

#[derive(clap::Args)]
pub(super) struct ImportArguments {
    #[arg(
        value_name = "文件",
        help = "要导入的文件：文本（UTF-8 或 GB18030）、网页（HTML）、Word 文档（.docx）、本程序生成的 PDF、OFD；- 表示标准输入"
    )]
    file: PathBuf,
    #[arg(
        short,
        long,
        value_name = "文件",
        default_value = "-",
        help = "导入的结果写到哪里：.json 写成 JSON，其他写成 YAML；默认标准输出"
    )]
    output: PathBuf,
    #[arg(
        long,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help = "导入情况的形式：text 文字（默认）或 json"
    )]
    format: OutputForm,
    #[arg(long, value_name = "年度", value_parser = fit::<Year>, help = "报告年度，文件里没有写时填")]
    year: Option<Year>,
    #[arg(long, value_name = "单位", value_parser = fit::<Name>, help = "单位全称，文件里没有写时填")]
    issuer: Option<Name>,
    #[arg(long, value_name = "日期", value_parser = fit::<Date>, help = "成文日期，文件里没有写时填，如 2025-02-20")]
    date: Option<Date>,
    #[command(flatten)]
    changes: ChangesChoice,
    #[command(flatten)]
    replacement: Replacement,
}

/// A value of the report from the command line.
pub(super) fn fit<T: std::str::FromStr<Err = Unfit>>(written: &str) -> Result<T, Unfit> {
    written.parse()
}

pub(super) fn run(arguments: ImportArguments) -> Result<CommandEnd> {
    arguments.replacement.demand_free([&*arguments.output])?;
    let bytes = terminal::read_file(&arguments.file, import::MAX_BYTES)?;
    let file_name = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let (year, issuer, date) = (arguments.year, arguments.issuer, arguments.date);
    let tracked_changes = arguments.changes.changes;
    let given = Particulars { year, issuer, date, file_name, tracked_changes };
    let imported = match import::import(&bytes, &given) {
        Ok(imported) => imported,
        Err(failed) => return CommandEnd::refused(failed, &arguments.file, "没有导入，什么也没有写。"),
    };
    let comment = format!("由 {} 导入", terminal::plain(&arguments.file.display().to_string()));
    arguments.replacement.write_document(&arguments.output, &imported.document, &comment)?;
    let account = match arguments.format {
        OutputForm::Text => imported.account.text(),
        OutputForm::Json => format!("{}\n", serde_json::to_string_pretty(&imported.account)?),
    };
    // The result has standard output to itself.
    let is_piped = arguments.output == Path::new("-");
    if is_piped {
        terminal::complain(account.trim_end());
    } else {
        terminal::say(&account);
    }
    let lacking = lacking(&imported);
    if !lacking.is_empty() {
        terminal::complain(&format!(
            "没有找到的可以写进结果里，也可以加 {} 再导入一次。",
            lacking.join("、")
        ));
    }
    if is_piped {
        return Ok(CommandEnd::Fine);
    }
    let output = arguments.output.display();
    terminal::complain(&match imported.account.kind {
        SourceKind::WorkPlan => format!(
            "接下来：核对报告用 nianbao check 报告文件 --plan {output}，排成 PDF 用 nianbao render {output} -o 计划.pdf"
        ),
        SourceKind::Report | SourceKind::Digest => format!("接下来：nianbao check {output}"),
    });
    Ok(CommandEnd::Fine)
}

/// The options that give what was not found in the file.
fn lacking(imported: &Import) -> Vec<&'static str> {
    let of_report = [("/year", "--year"), ("/issuer/name", "--issuer"), ("/signature/date", "--date")];
    let options = match imported.account.kind {
        SourceKind::WorkPlan => &of_report[..1],
        SourceKind::Report | SourceKind::Digest => &of_report,
    };
    let lacking = options.iter().filter(|(field, _)| imported.document.pointer(field).is_none());
    lacking.map(|(_, option)| *option).collect()
}
