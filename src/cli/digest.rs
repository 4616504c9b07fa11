//! `nianbao digest`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::terminal::{self, Replacement};
use super::{CommandEnd, ReportFile};
use crate::diagnostic::Failed;
use crate::installation::Installation;
use crate::pipeline::Paper;
use crate::sheets::{DigestForm, digest_offer, report_digest};

#[derive(clap::Args)]
pub(super) struct DigestArguments {
    #[command(flatten)]
    report: ReportFile,
    #[arg(
        short,
        long,
        value_name = "文件",
        required_unless_present = "list",
        help = "写到哪个文件；看名称的结尾：.pdf 一页纸（A4），.png、.svg 手机长图（宽 1080 像素），.html 网页，.docx 供修改的 Word 文件，.txt 见报的文字（1200 字以内）；- 表示标准输出"
    )]
    output: Option<PathBuf>,
    #[arg(
        long,
        value_name = "文件",
        conflicts_with = "list",
        help = "选择文件（由 --list 列出，改好的）：用哪些句子和数字"
    )]
    choose: Option<PathBuf>,
    #[arg(long, help = "列出报告里可用的句子和数字，标明选了哪些，供修改；不写 -o 的，写到标准输出")]
    list: bool,
    #[command(flatten)]
    replacement: Replacement,
}

pub(super) fn run(arguments: DigestArguments, installation: &Installation) -> Result<CommandEnd> {
    let (bytes, format) = terminal::read_report(&arguments.report)?;
    let paper = Paper { bytes: &bytes, format };
    if arguments.list {
        return list(&arguments, paper, installation);
    }
    let output = arguments.output.as_deref().unwrap_or(Path::new("-"));
    let form = form(output)?;
    let choice = arguments.choose.as_deref().map(|file| terminal::read_named(file, None)).transpose()?;
    let choice = choice.as_ref().map(|(bytes, format)| Paper { bytes, format: *format });
    match report_digest(paper, choice, form, &installation.open()?) {
        Ok(made) => {
            let artifact = made.value.artifact;
            terminal::write_whole(output, &artifact.bytes)?;
            if !made.warnings.is_empty() {
                terminal::complain(terminal::findings(&made.warnings, &arguments.report.file).trim_end());
            }
            let pages = artifact.pages.map(|pages| format!("，共 {pages} 页")).unwrap_or_default();
            terminal::complain(&format!("已生成 {}{pages}。", output.display()));
            Ok(CommandEnd::Fine)
        }
        Err(failed) => refused(failed, &arguments.report.file),
    }
}

/// Tells what there is to choose from, and what is proposed.
fn list(arguments: &DigestArguments, paper: Paper, installation: &Installation) -> Result<CommandEnd> {
    let offer = match digest_offer(paper, &installation.open()?) {
        Ok(offer) => offer,
        Err(failed) => return refused(failed, &arguments.report.file),
    };
    let comment = "成绩单的选择：chosen 改为 true 的写进成绩单，false 的不写；headline 为 true 的数字用大字。\n\
        句子不能改动。改好以后：nianbao digest 报告.yaml --choose 选择.yaml -o 成绩单.pdf";
    let output = arguments.output.as_deref().unwrap_or(Path::new("-"));
    arguments.replacement.write_document(output, &serde_json::to_value(&offer)?, comment)?;
    Ok(CommandEnd::Fine)
}

fn refused(failed: Failed, file: &Path) -> Result<CommandEnd> {
    CommandEnd::refused(failed, file, "没有生成成绩单。改正后再试。")
}

/// What is made follows from what the file is to be called.
fn form(output: &Path) -> Result<DigestForm> {
    let extension = output.extension().and_then(|extension| extension.to_str()).unwrap_or("pdf");
    match DigestForm::from_extension(extension) {
        Some(form) => Ok(form),
        None => bail!(
            "不能生成 .{extension} 的成绩单，请把 -o 的文件名写成以 .pdf、.png、.svg、.html、.docx 或 .txt 结尾"
        ),
    }
}
