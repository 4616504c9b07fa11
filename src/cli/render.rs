//! `nianbao render`.

use std::path::PathBuf;

use anyhow::Result;

use super::{CommandEnd, ReportArguments, terminal};
use crate::export::Target;
use crate::installation::Installation;
use crate::pipeline::{Beside, Job, Paper, demand_official_faces, render};
use crate::template::Purpose;

#[derive(clap::Args)]
pub(super) struct RenderArguments {
    #[command(flatten)]
    report: ReportArguments,
    #[arg(short, long, value_name = "文件", help = "写到哪个 PDF 文件；- 表示标准输出")]
    output: PathBuf,
    #[arg(long, help = "有错误也生成，每页印上“草稿”，标出空缺")]
    draft: bool,
    #[arg(long, help = "只用公文规定或通用的字体，缺一种就不生成")]
    strict_fonts: bool,
    #[arg(long, help = "把报告的内容附在 PDF 里（PDF/A-3），以后可用 nianbao import 原样取出")]
    attach_source: bool,
}

pub(super) fn run(arguments: RenderArguments, installation: &Installation) -> Result<CommandEnd> {
    let (bytes, format) = terminal::read_report(&arguments.report)?;
    let press = installation.open()?;
    let job = Job {
        paper: Paper { bytes: &bytes, format },
        beside: &Beside::default(),
        edition: arguments.report.edition.wanted(),
        purpose: if arguments.draft { Purpose::Draft } else { Purpose::Issue },
        target: if arguments.attach_source { Target::PdfWithSource } else { Target::Pdf },
    };
    let made = match arguments.strict_fonts {
        true => demand_official_faces(&press).and_then(|()| render(&job, &press)),
        false => render(&job, &press),
    };
    match made {
        Ok(made) => {
            terminal::write_whole(&arguments.output, &made.value.made.artifact.bytes)?;
            if !made.warnings.is_empty() {
                terminal::complain(terminal::findings(&made.warnings, &arguments.report.file).trim_end());
            }
            terminal::complain(&format!(
                "已生成 {}，共 {} 页。",
                arguments.output.display(),
                made.value.made.artifact.pages
            ));
            Ok(CommandEnd::Fine)
        }
        Err(failed) => {
            let undone = match (arguments.draft, arguments.attach_source) {
                (false, _) => "报告有错误，没有生成 PDF。改正后再试；要先看看样子，可加 --draft。",
                (true, false) => "报告读不成，没有生成草稿。改正后再试。",
                (true, true) => {
                    "报告不完整，不能附在 PDF 里，没有生成草稿。改正后再试；只看样子的，去掉 --attach-source。"
                }
            };
            CommandEnd::refused(failed, &arguments.report.file, undone)
        }
    }
}
