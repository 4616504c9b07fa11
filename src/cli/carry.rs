//! `nianbao carry`: this year's report, begun from last year's; of one unit, or of many.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::import::fit;
use super::terminal::{self, Replacement};
use super::{CommandEnd, folder_of, own_program};
use crate::batch::{Intake, LastReport, UnitTree, in_file_name};
use crate::diagnostic::Diagnostic;
use crate::import::{Continuation, carry, write_yaml};
use crate::indicators::IndicatorList;
use crate::input::{Format, read};
use crate::installation::Installation;
use crate::intake::workbook;
use crate::report::{Report, Year};
use crate::workers::{Crew, Limits};

#[derive(clap::Args)]
pub(super) struct CarryArguments {
    #[arg(
        value_name = "来源",
        help = "上年的报告：报告文件、Word 文档、网页或文本；许多单位的，是它们所在的文件夹、ZIP 压缩包或征集表，混放也行"
    )]
    source: PathBuf,
    #[arg(long, value_name = "年度", value_parser = fit::<Year>, help = "今年报告的年度，如 2025")]
    year: Year,
    #[arg(
        short,
        long,
        value_name = "去处",
        default_value = "-",
        help = "今年的报告写到哪里；默认标准输出。许多单位的，写成一个征集表（.xlsx），或写进一个新的文件夹"
    )]
    output: PathBuf,
    #[arg(
        long,
        value_name = "去处",
        help = "把上年的安排另写成工作计划，供 nianbao check --plan 逐项核对；许多单位的，写进一个新的文件夹，供 nianbao batch --plan 核对"
    )]
    tasks: Option<PathBuf>,
    #[command(flatten)]
    replacement: Replacement,
}

/// Whether a file of this name is a document of the contract, by its ending; standard input is one, too.
fn is_document(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    path == Path::new("-") || Format::from_extension(&extension.to_ascii_lowercase()).is_some()
}

pub(super) fn run(arguments: CarryArguments, installation: &Installation) -> Result<CommandEnd> {
    // What a file without an ending is its content says.
    let source = &arguments.source;
    match (is_document(source) || source.extension().is_none()) && !source.is_dir() {
        true => of_one(&arguments, installation),
        false => of_returned(&arguments, installation),
    }
}

fn of_one(arguments: &CarryArguments, installation: &Installation) -> Result<CommandEnd> {
    let (bytes, format) = terminal::read_named(&arguments.source, None)?;
    let last = match read::<Report>(&bytes, format) {
        Ok(read) => read.value,
        Err(failed) => {
            return CommandEnd::refused(failed, &arguments.source, "上年的报告读不进来，什么也没有写。");
        }
    };
    let carried = match carried(&LastReport { report: last, is_nameless: false }, arguments.year) {
        Ok(carried) => carried,
        Err(why) => bail!(why),
    };
    carried.tell(&arguments.source.display().to_string());
    write_one(&carried, arguments, installation)
}

/// Writes what one unit begins with.
fn write_one(
    carried: &CarriedReport,
    arguments: &CarryArguments,
    installation: &Installation,
) -> Result<CommandEnd> {
    let CarryArguments { output, tasks, replacement, .. } = arguments;
    // The tasks first: where they cannot be written nothing has been written yet.
    replacement.demand_free(tasks.iter().map(PathBuf::as_path).chain([&**output]))?;
    if let Some(path) = tasks {
        replacement.write_document(path, &carried.plan, &carried.of_tasks)?;
    }
    match is_workbook(output) {
        true => {
            let begun = [(&carried.next.report, Some(&carried.next.tasks))];
            let list = listed(installation)?;
            replacement.write(output, &workbook::write_begun(&begun, &list)?)?;
        }
        false => replacement.write_document(output, &carried.next.report, &carried.of_report)?,
    }
    Ok(CommandEnd::Fine)
}

/// What a unit begins the year with, and what is to be said at the top of each file.
struct CarriedReport {
    name: String,
    next: Continuation,
    /// What was planned, as a document.
    plan: Value,
    of_report: String,
    of_tasks: String,
    /// What is to be known of the years between.
    gap: Option<String>,
}

impl CarriedReport {
    /// Says what is to be known of it; `source` is what it was begun from.
    fn tell(&self, source: &str) {
        if let Some(gap) = &self.gap {
            terminal::complain(&format!("{}：{gap}", terminal::plain(source)));
        }
    }
}

fn is_workbook(output: &Path) -> bool {
    output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

/// The list of indicators that a workbook offers.
fn listed(installation: &Installation) -> Result<Arc<IndicatorList>> {
    Ok(installation.open_indicators()?.unwrap_or_else(|| IndicatorList::built_in().clone()))
}

/// Why not is said in words.
fn carried(last: &LastReport, year: Year) -> Result<CarriedReport, String> {
    let LastReport { report: last, is_nameless } = last;
    let (old, new) = (last.year.number(), year.number());
    if new <= old {
        return Err(format!("上年的报告是 {old} 年的，--year 应在它之后，现在是 {new}"));
    }
    let mut next = carry(last, year);
    let mut plan = next.plan();
    // Nobody is called by what stood in for the name.
    if *is_nameless {
        let issuers = [&mut next.report["issuer"], &mut plan["issuer"]];
        issuers
            .into_iter()
            .filter_map(Value::as_object_mut)
            .for_each(|issuer| drop(issuer.shift_remove("name")));
    }
    let gap = (new > old + 1).then(|| {
        format!(
            "是{old}年的报告，到{new}年隔了{}年：“上年数值”填的是{old}年的数，请换成{}年的",
            new - old - 1,
            new - 1
        )
    });
    let mut of_report =
        format!("{new}年的报告，由{old}年的报告开头。各部分的文字和成文日期请重新写，指标请填今年的数值。");
    if !next.tasks.sections.is_empty() {
        of_report += "\n上年的安排，今年要逐项报告：";
    }
    let tasks = next.tasks.sections.iter().flat_map(|section| {
        let heading = section.heading.iter().map(|heading| heading.to_string());
        heading.chain(section.tasks.iter().map(|task| format!("  {}", task.text.replace('\n', " "))))
    });
    for task in tasks {
        of_report += &format!("\n  {task}");
    }
    let of_tasks = format!("{old}年报告里的安排，{new}年的任务");
    Ok(CarriedReport { name: last.short_name().to_owned(), next, plan, of_report, of_tasks, gap })
}

/// Begins the reports of whatever units have returned. Those that cannot be begun are told, and the others are written.
fn of_returned(arguments: &CarryArguments, installation: &Installation) -> Result<CommandEnd> {
    let CarryArguments { source, year, output, tasks, replacement } = arguments;
    let (is_workbook, is_of_one) = (is_workbook(output), is_document(output));
    if is_of_one && source.is_dir() {
        bail!(OF_MANY);
    }
    let folders = (!is_workbook && !is_of_one).then_some(output).into_iter();
    let folders = folders.chain(tasks.iter().filter(|_| !is_of_one));
    if let Some(taken) = folders.into_iter().find(|path| path.exists()) {
        bail!("{} 已经有了，请用 -o 或 --tasks 指明一个还没有的文件夹", taken.display());
    }
    replacement.demand_free(is_workbook.then_some(&**output))?;
    let list = listed(installation)?;
    let mut reader = Crew::of_readers(own_program()?, Limits::default()).worker();
    let intake = Intake::open(source, &[], &mut reader, folder_of(output))?;
    if is_of_one && intake.units().len() > 1 {
        bail!(OF_MANY);
    }
    let (mut all, mut left) = (Vec::new(), 0);
    for unit in intake.units() {
        let read = UnitTree::read(&intake, unit, &mut reader)?.last_report(&intake, unit)?;
        let read = read.map_err(|found| in_words(&found));
        match read.and_then(|last| carried(&last, *year)) {
            Ok(carried) => {
                carried.tell(&unit.source);
                all.push(carried);
            }
            Err(why) => {
                left += 1;
                terminal::complain(&format!(
                    "没有开头：{}：{}",
                    terminal::plain(&unit.source),
                    terminal::plain(&why)
                ));
            }
        }
    }
    if all.is_empty() {
        bail!("没有一份上年的报告能用，什么也没有写");
    }
    if is_of_one {
        return write_one(&all[0], arguments, installation);
    }
    let width = all.len().to_string().len().max(3);
    let files = |of: fn(&CarriedReport) -> (Value, &str), what: &str| -> Vec<(String, Value, String)> {
        let named = |(index, one): (usize, &CarriedReport)| {
            let (document, comment) = of(one);
            let name = format!("{:0width$}-{}-{what}.yaml", index + 1, in_file_name(&one.name));
            (name, document, comment.to_owned())
        };
        all.iter().enumerate().map(named).collect()
    };
    // The tasks first: where they cannot be written nothing has been written yet.
    if let Some(folder) = tasks {
        write_files(folder, &files(|one| (one.plan.clone(), &one.of_tasks), "任务"))?;
    }
    if is_workbook {
        let begun: Vec<_> = all.iter().map(|one| (&one.next.report, Some(&one.next.tasks))).collect();
        terminal::write_whole(output, &workbook::write_begun(&begun, &list)?)?;
    } else {
        write_files(output, &files(|one| (one.next.report.clone(), &one.of_report), "报告"))?;
    }
    let untold =
        if left > 0 { format!("，{left} 个单位的没有开头，原因见上") } else { String::new() };
    terminal::complain(&format!("已写到 {}：{} 个单位{untold}。", output.display(), all.len()));
    Ok(if left > 0 { CommandEnd::DocumentAtFault } else { CommandEnd::Fine })
}

/// Why the reports of many units are not written into one document.
const OF_MANY: &str = "许多单位的报告不能写到标准输出，也不能写成一个报告文件，请用 -o 指明一个征集表（.xlsx）或者一个新的文件夹";

/// How many faults of a report are told.
const TOLD: usize = 3;

fn in_words(found: &[Diagnostic]) -> String {
    found.iter().take(TOLD).map(Diagnostic::in_one_line).collect::<Vec<_>>().join("；")
}

/// Writes documents into a new folder.
fn write_files(folder: &Path, files: &[(String, Value, String)]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("不能建立文件夹 {}", folder.display()))?;
    files.iter().try_for_each(|(name, document, comment)| {
        terminal::write_whole(&folder.join(name), write_yaml(document, comment).as_bytes())
    })
}
