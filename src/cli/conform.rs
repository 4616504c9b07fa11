//! `nianbao conform`.

use std::path::PathBuf;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::{CommandEnd, OutputForm, terminal};
use crate::conform::{self, CLAUSES, ClauseFinding, Conformance, Strictness, Verdict};

#[derive(clap::Args)]
pub(super) struct ConformArguments {
    #[arg(value_name = "文件", help = "要检查的 PDF 文件；- 表示标准输入")]
    file: PathBuf,
    #[arg(
        long,
        value_name = "形式",
        default_value = "text",
        hide_possible_values = true,
        help = "结果的形式：text 文字（默认）或 json"
    )]
    format: OutputForm,
    #[arg(long, help = "用代用字体排的也算不合格")]
    strict_fonts: bool,
}

pub(super) fn run(arguments: ConformArguments) -> Result<CommandEnd> {
    let bytes = terminal::read_file(&arguments.file, conform::MAX_BYTES)?;
    let strictness = if arguments.strict_fonts { Strictness::OfficialFaces } else { Strictness::Usual };
    let found = match conform::conform(&bytes, strictness) {
        Ok(found) => found,
        Err(unreadable) => {
            return CommandEnd::refused(unreadable.into(), &arguments.file, "没有检查这份 PDF 的版式。");
        }
    };
    match arguments.format {
        OutputForm::Text => terminal::say(&table(&found)),
        OutputForm::Json => terminal::say(&format!("{}\n", serde_json::to_string_pretty(&found)?)),
    }
    Ok(if found.conforms { CommandEnd::Fine } else { CommandEnd::DocumentAtFault })
}

/// A row a clause; what fails is followed by what the clause asks.
fn table(found: &Conformance) -> String {
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(UnicodeWidthStr::width).max().unwrap_or(0);
    let number = widest(&mut CLAUSES.iter().map(|clause| clause.number));
    let element = widest(&mut CLAUSES.iter().map(|clause| clause.element));
    let verdict = Verdict::Undecided.label().width();
    let mut text =
        format!("{}  {}  {}  实测\n", pad("条款", number), pad("要素", element), pad("结论", verdict));
    for finding in &found.findings {
        text += &format!(
            "{}  {}  {}  {}\n",
            pad(finding.clause, number),
            pad(finding.element, element),
            pad(finding.verdict.label(), verdict),
            measured(finding)
        );
        if finding.verdict == Verdict::Fails {
            let margin = " ".repeat(number + element + verdict + 6);
            text += &format!("{margin}要求：{}\n", finding.asks);
        }
    }
    let count = |verdict| format!("{} {}", Verdict::label(verdict), found.count(verdict));
    let counts = [Verdict::Conforms, Verdict::Fails, Verdict::Undecided, Verdict::NotApplicable].map(count);
    text += &format!("\n共 {} 页，{} 项：{}。\n", found.pages, found.findings.len(), counts.join("，"));
    text
}

fn measured(finding: &ClauseFinding) -> String {
    if finding.stand_ins.is_empty() || finding.measured.starts_with("代用字体") {
        return finding.measured.clone();
    }
    format!("{}（代用字体：{}）", finding.measured, finding.stand_ins.join("、"))
}

/// A text with spaces up to a width; a Chinese character is two columns wide.
fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
