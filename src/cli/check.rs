//! `nianbao check`.

use anyhow::Result;
use clap::ValueEnum;

use super::{Outcome, ReportArguments, terminal};
use crate::diagnostic::{Failed, Severity};
use crate::installation::Installation;
use crate::pipeline::review;

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
    let edition = arguments.report.edition.map(Into::into);
    let diagnostics = match review(&bytes, format, edition, &press) {
        Ok(reviewed) => reviewed.warnings,
        Err(Failed::Report(diagnostics)) => diagnostics,
        Err(Failed::Program(error)) => return Err(anyhow::anyhow!(error)),
    };
    match arguments.format {
        Form::Text => terminal::say(&terminal::findings(&diagnostics, &arguments.report.file)),
        Form::Json => terminal::say(&format!("{}\n", serde_json::to_string_pretty(&diagnostics)?)),
    }
    let is_wrong = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Ok(if is_wrong { Outcome::ReportHasErrors } else { Outcome::Fine })
}
