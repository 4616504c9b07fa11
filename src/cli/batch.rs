//! `nianbao batch`, and the hidden `nianbao worker` that it starts.

use std::fmt;
use std::io::{self, BufReader, BufWriter, IsTerminal};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::{ChangesChoice, CommandEnd, EditionChoice, LimitArguments, choice, folder_of, signals, terminal};
use crate::batch::{
    self, AttendanceTally, BatchSettings, CompanionShelf, Companions, Completeness, Expectation, Intake,
    Ledger, Spool, Stop, UnitProgress, further_papers,
};
use crate::diagnostic::Diagnostic;
use crate::installation::Installation;
use crate::pipeline::Press;
use crate::roster::{MAX_ROSTER_BYTES, RosterSheet, RosterUnit};
use crate::typeset::Pace;
use crate::workers::{self, PaperKind, Question, Worker};

#[derive(clap::Args)]
pub(super) struct BatchArguments {
    #[arg(
        value_name = "来源",
        help = "各单位报来的文件所在的文件夹或 ZIP 压缩包：报告文件、填好的征集表（.xlsx）、Word 文档、网页、附带内容的 PDF 和 OFD，混放也行；也可以是其中一个文件，或每行一份的 JSON Lines 文件"
    )]
    input: PathBuf,
    #[arg(short, long, value_name = "文件", help = "写到哪个 ZIP 文件")]
    output: PathBuf,
    #[arg(long, value_name = "个数", help = "同时生成几份，默认等于处理器核数")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    edition: EditionChoice,
    #[arg(
        long,
        value_name = "种类",
        value_delimiter = ',',
        hide_possible_values = true,
        value_parser = choice::<PaperKind>(),
        help = "每份报告另外还做：formal 报送版、public 公开版、review-sheet 审核意见表、draft 有错误的先出草稿、word 可以修改的 Word 文件、html 网页、ofd OFD 文件；几种用逗号隔开，压缩包里按种类分文件夹"
    )]
    also: Vec<PaperKind>,
    #[arg(
        long,
        value_name = "名录",
        help = "应报单位的名录（.xlsx 或 .csv）：谁没有报、谁报了两次、谁不在名录里，都会指出，并写出催报名单"
    )]
    roster: Option<PathBuf>,
    #[arg(long, value_name = "来源", help = "上年的报告所在的文件夹、ZIP 压缩包或征集表，逐个单位对照")]
    last_year: Option<PathBuf>,
    #[arg(long, value_name = "来源", help = "各单位当年的工作计划所在的文件夹或 ZIP 压缩包，逐个单位对照")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    changes: ChangesChoice,
    #[arg(long, help = "接着上次停下的地方做")]
    resume: bool,
    #[arg(long, help = "接着上次做，并重试没有生成的")]
    retry_failed: bool,
}

pub(super) fn run(arguments: BatchArguments, installation: &Installation) -> Result<CommandEnd> {
    let began = Instant::now();
    let mut reader = arguments.limits.readers()?.worker();
    let scratch = folder_of(&arguments.output);
    let BatchArguments { input, output, roster, last_year, plan, .. } = &arguments;
    let beside: Vec<&Path> = [roster, last_year, plan].into_iter().flatten().map(PathBuf::as_path).collect();
    let intake = Intake::open(input, &beside, &mut reader, scratch)?;
    verify_output(output, &intake)?;
    let roster = match roster.as_deref().map(|path| expected(path, &mut reader)).transpose()? {
        Some(None) => return Ok(CommandEnd::DocumentAtFault),
        roster => roster.flatten().unwrap_or_default(),
    };
    let mut shelf = |path: &Option<PathBuf>| {
        path.as_deref().map(|path| CompanionShelf::open(path, &mut reader, scratch)).transpose()
    };
    let companions = Companions { last_year: shelf(last_year)?, plan: shelf(plan)? };
    for (what, shelf) in [("上年的报告", &companions.last_year), ("工作计划", &companions.plan)] {
        for source in shelf.iter().flat_map(|shelf| &shelf.unknown) {
            let source = terminal::plain(source);
            terminal::complain(&format!("{what}里的 {source} 读不出是哪个单位的，没有用来对照。"));
        }
    }
    let tracked_changes = arguments.changes.changes;
    let expectation = Expectation { roster, tracked_changes, ..Expectation::default() };
    let intake = intake.expecting(expectation);
    drop(reader);
    // Each worker opens them too; what is wrong with them is better told once, and now.
    let press = installation.open()?;
    let settings = BatchSettings {
        edition: arguments.edition.wanted(),
        also: further_papers(&arguments.also, arguments.edition.wanted()),
        companions: companions.into(),
        workers: arguments.jobs.or(thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        fingerprint: installation.fingerprint()?,
        checks: press.settings,
        retry_failed: arguments.retry_failed,
    };
    let crew = arguments.limits.crew(installation)?;
    let mut spool = Spool::beside(&arguments.output);
    let was_there = spool.exists();
    // First, for what another program is at work in is not to be resumed, and not to be deleted either.
    spool.create().with_context(|| format!("不能使用 {}", spool.folder().display()))?;
    if was_there && !arguments.resume && !arguments.retry_failed {
        bail!(
            "上次没有做完，做好的留在 {}。接着做请加 --resume，重试没有生成的请加 --retry-failed；从头做请先删除这个文件夹",
            spool.folder().display()
        );
    }
    let stop = Arc::new(AtomicBool::new(false));
    signals::when_asked_to_stop({
        let stop = stop.clone();
        move || {
            terminal::complain("正在停止：等手上的几份做完……");
            stop.store(true, Ordering::Relaxed);
        }
    })?;

    let display = Display::new(intake.units().len());
    let ledger = terminal::write_by(&arguments.output, spool.folder(), |out| {
        let progress = |progress: UnitProgress| display.show(&progress);
        let made = batch::run(&intake, &settings, &crew, &spool, &stop, &progress, out);
        display.finish();
        let kept = spool.folder().display();
        made.map_err(|stopped| match stopped {
            Stop::Asked => anyhow!("已停止。做好的留在 {kept}，加 --resume 接着做"),
            Stop::Failed(error) => anyhow::Error::new(error)
                .context(format!("没有做完。做好的留在 {kept}，排除故障后加 --resume 接着做")),
        })
    })?;
    summarize(&ledger, &arguments, &spool, began.elapsed(), crew.lost());
    if ledger.state == Completeness::Completed {
        // The output is there; a folder that cannot be removed does no harm.
        let _ = spool.remove();
    }
    Ok(if ledger.is_whole() { CommandEnd::Fine } else { CommandEnd::DocumentAtFault })
}

/// The units of a roster; or none, when all that is wrong with it was told.
fn expected(path: &Path, reader: &mut Worker) -> Result<Option<Vec<RosterUnit>>> {
    let list = terminal::read_file(path, MAX_ROSTER_BYTES)?;
    let known = b"[]";
    let body = [known.as_slice(), &list].concat();
    let answer = reader.ask(&Question::Roster { known: known.len() }, &body)?;
    let shown = terminal::plain(&path.display().to_string());
    let answer = answer.map_err(|found| {
        let why: Vec<String> = found.iter().map(Diagnostic::in_one_line).collect();
        anyhow!("名录 {shown} 读不了：{}", why.join("；"))
    })?;
    let read: Result<RosterSheet, String> = serde_json::from_slice(&answer.bytes)?;
    let sheet = read.map_err(|why| anyhow!("名录 {shown} 读不了：{why}"))?;
    for remark in sheet.remarks() {
        terminal::complain(&terminal::plain(&format!("名录：{remark}")));
    }
    for fault in &sheet.faults {
        terminal::complain(&terminal::plain(&format!("名录{fault}")));
    }
    if !sheet.faults.is_empty() {
        terminal::complain(&format!("名录里有 {} 处要先改正，没有开始生成。", sheet.faults.len()));
        return Ok(None);
    }
    Ok(Some(sheet.units))
}

/// Refuses a place for the output that would only show as a bad one when all reports are made.
fn verify_output(output: &Path, intake: &Intake) -> Result<()> {
    let path = output.display();
    if output == Path::new("-") {
        bail!("成批生成不能写到标准输出，请用 -o 指明一个 ZIP 文件");
    }
    if output.is_dir() {
        bail!("{path} 是文件夹，请用 -o 指明一个 ZIP 文件");
    }
    if intake.would_hold(output) {
        bail!("{path} 在来源文件夹里，下次会被当作来源的一部分。请写到别的文件夹");
    }
    Ok(())
}

fn summarize(ledger: &Ledger, arguments: &BatchArguments, spool: &Spool, time: Duration, lost: usize) {
    let counts = ledger.counts;
    let made = counts.made + counts.made_with_warnings;
    let mut said = format!("已写成 {}：共 {} 份，生成 {made} 份", arguments.output.display(), counts.total);
    if counts.made_with_warnings > 0 {
        said += &format!("（其中 {} 份有警告）", counts.made_with_warnings);
    }
    said += &format!("，未生成 {} 份，用时 {:.1} 秒。", counts.failed, time.as_secs_f64());
    if lost > 0 {
        said += &format!("\n排版进程中断或超时 {lost} 次，都已换新的继续。");
    }
    if let Some(finding) = ledger.overview.findings.first() {
        said += &format!("\n汇总没有做成：{}。各份报告不受影响。", finding.message);
    }
    if !ledger.is_whole() {
        let AttendanceTally { repeated, unlisted, unread, unknown, .. } = ledger.attendance;
        let told = [
            (counts.missing, "个单位没有报来，见压缩包里的 催报名单.xlsx"),
            (unread, "个单位报来的文件读不了，不算没有报来，见压缩包里的 催报名单.xlsx"),
            (unknown, "份读不了，也认不出是哪个单位的，可能就是没有报来的，见 清单.csv"),
            (repeated, "份是已经报过的单位又报的，汇总里只算先生成的一份，见 清单.csv"),
            (unlisted, "份的单位不在名录里，见 清单.csv"),
        ];
        for (count, words) in told.into_iter().filter(|(count, _)| *count > 0) {
            said += &format!("\n有 {count} {words}。");
        }
    }
    if counts.failed > 0 {
        said += &format!(
            "\n不完整：没有生成的单位和原因见压缩包里的 清单.csv。改正后加 --retry-failed 只补做这些；不再需要的话，请删除 {}。",
            spool.folder().display()
        );
    }
    terminal::complain(&said);
}

/// Progress as a bar, or where nobody watches as a line now and then.
struct Display {
    bar: Option<ProgressBar>,
}

impl Display {
    fn new(units: usize) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len} 份，还要{left} {wide_msg}")
                .expect("a constant template")
                .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
                    let seconds = state.eta().as_secs();
                    // Nobody is told otherwise if a line cannot be formatted.
                    let _ = match seconds / 60 {
                        0 => write!(out, "{seconds}秒"),
                        minutes => write!(out, "{minutes}分{}秒", seconds % 60),
                    };
                });
            ProgressBar::new(units as u64).with_style(style)
        });
        Self { bar }
    }

    fn show(&self, progress: &UnitProgress) {
        let UnitProgress { unit, told, done, of } = *progress;
        let name = terminal::plain(told.unit.as_deref().unwrap_or(&unit.source));
        let failure = (!told.is_made()).then(|| {
            let reason = told.findings.first().map(Diagnostic::in_one_line).unwrap_or_default();
            format!("未生成：{}（{name}）{}", unit.number, terminal::plain(&reason))
        });
        match &self.bar {
            Some(bar) => {
                bar.set_position(done as u64);
                bar.set_message(name);
                if let Some(failure) = failure {
                    bar.suspend(|| terminal::complain(&failure));
                }
            }
            None => {
                if let Some(failure) = failure {
                    terminal::complain(&failure);
                }
                // Ten lines are enough for a log.
                if done * 10 / of > (done - 1) * 10 / of {
                    terminal::complain(&format!("{done}/{of} 份"));
                }
            }
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[derive(clap::Args)]
pub(super) struct WorkerArguments {
    #[arg(long)]
    memory: u64,
    // One that only reads, without faces and templates.
    #[arg(long)]
    reader: bool,
}

/// Makes what comes by standard input until it closes. Its one user is the program itself.
pub(super) fn work(arguments: WorkerArguments, installation: &Installation) -> Result<CommandEnd> {
    let press = match arguments.reader {
        true => None,
        false => Some(Press { pace: Pace::OneByOne { kinds: 1 }, ..installation.open()? }),
    };
    workers::work(
        press.as_ref(),
        arguments.memory,
        BufReader::new(io::stdin()),
        BufWriter::new(io::stdout()),
    )?;
    Ok(CommandEnd::Fine)
}
