//! `nianbao render`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{CommandEnd, ReportArguments, terminal};
use crate::export::Target;
use crate::installation::Installation;
use crate::pipeline::{Beside, Job, Paper, demand_official_faces, render};
use crate::template::{Purpose, WordFaces};

#[derive(clap::Args)]
pub(super) struct RenderArguments {
    #[command(flatten)]
    report: ReportArguments,
    #[arg(
        short,
        long,
        value_name = "文件",
        help = "写到哪个文件；名称以 .docx 结尾的生成 Word 文件，以 .html 结尾的生成网页，以 .ofd 结尾的生成 OFD 文件，其他的生成 PDF；- 表示标准输出"
    )]
    output: PathBuf,
    #[arg(long, help = "有错误也生成，每页印上“草稿”，标出空缺")]
    draft: bool,
    #[arg(long, help = "只用公文规定或通用的字体，缺一种就不生成")]
    strict_fonts: bool,
    #[arg(long, help = "Word 文件里写这台机器上所用字体的名称，不写公文规定的字体名称")]
    faces_at_hand: bool,
    #[arg(long, help = "把报告的内容附在 PDF（PDF/A-3）或者 OFD 里，以后可用 nianbao import 原样取出")]
    attach_source: bool,
    #[arg(long, help = "只生成网页的片段，供粘贴到网站的编辑器里：没有样式，只有标题、段落、列表和表格")]
    fragment: bool,
}

pub(super) fn run(arguments: RenderArguments, installation: &Installation) -> Result<CommandEnd> {
    let (bytes, format) = terminal::read_report(&arguments.report.source)?;
    let press = installation.open()?;
    let target = arguments.target()?;
    let job = Job {
        paper: Paper { bytes: &bytes, format },
        beside: &Beside::default(),
        edition: arguments.report.edition.wanted(),
        purpose: if arguments.draft { Purpose::Draft } else { Purpose::Issue },
        target,
    };
    let made = match arguments.strict_fonts {
        true => demand_official_faces(&press).and_then(|()| render(&job, &press)),
        false => render(&job, &press),
    };
    match made {
        Ok(made) => {
            terminal::write_whole(&arguments.output, &made.value.made.artifact.bytes)?;
            if !made.warnings.is_empty() {
                terminal::complain(
                    terminal::findings(&made.warnings, &arguments.report.source.file).trim_end(),
                );
            }
            let pages = made.value.made.artifact.pages.map(|pages| format!("，共 {pages} 页"));
            let pages = pages.unwrap_or_default();
            terminal::complain(&format!("已生成 {}{pages}。", arguments.output.display()));
            Ok(CommandEnd::Fine)
        }
        Err(failed) => {
            let undone = match (arguments.draft, arguments.attach_source) {
                (false, _) if matches!(target, Target::Word(_)) => {
                    "报告有错误，没有生成 Word 文件。改正后再试；要先传看草稿，可加 --draft。"
                }
                (false, _) if matches!(target, Target::Html | Target::HtmlFragment) => {
                    "报告有错误，没有生成网页。改正后再试；要先传看草稿，可加 --draft。"
                }
                (false, _) if matches!(target, Target::Ofd | Target::OfdWithSource) => {
                    "报告有错误，没有生成 OFD 文件。改正后再试；要先看看样子，可加 --draft。"
                }
                (false, _) => "报告有错误，没有生成 PDF。改正后再试；要先看看样子，可加 --draft。",
                (true, false) => "报告读不成，没有生成草稿。改正后再试。",
                (true, true) => {
                    "报告不完整，不能附在文件里，没有生成草稿。改正后再试；只看样子的，去掉 --attach-source。"
                }
            };
            CommandEnd::refused(failed, &arguments.report.source.file, undone)
        }
    }
}

impl RenderArguments {
    /// What is made follows from what the file is to be called.
    fn target(&self) -> Result<Target> {
        let extension = self.output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let target = match extension.to_ascii_lowercase().as_str() {
            "docx" if self.faces_at_hand => Target::Word(WordFaces::AtHand),
            "docx" => Target::Word(WordFaces::Official),
            "html" | "htm" | "" if self.fragment => Target::HtmlFragment,
            "html" | "htm" => Target::Html,
            "ofd" if self.attach_source => Target::OfdWithSource,
            "ofd" => Target::Ofd,
            "pdf" | "" if self.attach_source => Target::PdfWithSource,
            "pdf" | "" => Target::Pdf,
            // A PDF under another program's name would open in none.
            _ => bail!(
                "只能生成 PDF、OFD、Word 文件和网页，请把 -o 的文件名写成以 .pdf、.ofd、.docx 或 .html 结尾"
            ),
        };
        match target {
            Target::Word(_) if self.attach_source => {
                bail!("Word 文件里本来就附有报告的内容，请去掉 --attach-source")
            }
            Target::Html if self.attach_source => {
                bail!("网页里本来就附有报告的内容，请去掉 --attach-source")
            }
            Target::HtmlFragment if self.attach_source => {
                bail!("网页片段里不附报告的内容，请去掉 --attach-source")
            }
            Target::HtmlFragment => {}
            _ if self.fragment => bail!("--fragment 只用于网页，请把 -o 的文件名写成以 .html 结尾"),
            _ => {}
        }
        if self.faces_at_hand && !matches!(target, Target::Word(_)) {
            bail!("--faces-at-hand 只用于 Word 文件，请把 -o 的文件名写成以 .docx 结尾");
        }
        Ok(target)
    }
}
