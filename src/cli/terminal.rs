//! What a person sees in the terminal: help and messages in Chinese, findings one under another.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};

use super::{CommandLine, ReportFile, configuration, examples, folder_of};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::import::write_yaml;
use crate::input::{self, Format};
use crate::system;
use crate::typeset::typst_version;

/// Parses the command line. Help and faults are told here; what is left is the exit code.
pub(super) fn parse(arguments: &[OsString], commit: Option<&str>) -> Result<CommandLine, ExitCode> {
    let mut command = command();
    let complete = configuration::completed(command.clone(), arguments).map_err(|error| {
        complain(&failure(&error));
        ExitCode::from(2)
    })?;
    let parsed = command.try_get_matches_from_mut(complete.iter());
    let parsed = parsed.and_then(|mut matches| CommandLine::from_arg_matches_mut(&mut matches));
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp => {
            say(&error.render().to_string());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayVersion => {
            say(&version(commit));
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            complain(error.render().to_string().trim_end());
            ExitCode::from(2)
        }
        _ => {
            complain(&usage_fault(&error));
            ExitCode::from(2)
        }
    })
}

/// The whole command line, its help in Chinese with examples.
pub(super) fn command() -> Command {
    in_chinese(CommandLine::command())
}

/// What whoever reports a fault is asked for: the program's version, of which source it was built where that
/// is known, and the typesetter's.
fn version(commit: Option<&str>) -> String {
    let commit = commit.filter(|commit| !commit.is_empty()).unwrap_or("未注明");
    format!("nianbao {}\n源码版本 {commit}\ntypst {}\n", env!("CARGO_PKG_VERSION"), typst_version())
}

/// Writes to standard output. That nobody reads on is no failure.
pub(super) fn say(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a line to standard error.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Hands on what another process wrote to its standard error.
pub(super) fn complain_raw(said: &[u8]) {
    let _ = io::stderr().lock().write_all(said);
}

/// The bytes of the report that the arguments name, and their format.
pub(super) fn read_report(source: &ReportFile) -> Result<(Vec<u8>, Format)> {
    read_named(&source.file, source.from.map(Format::from))
}

/// The bytes of a report or plan, and the format that was named, or that its name or its content
/// shows.
pub(super) fn read_named(path: &Path, named: Option<Format>) -> Result<(Vec<u8>, Format)> {
    let bytes = read_file(path, input::MAX_BYTES)?;
    let by_name = path.extension().and_then(|extension| Format::from_extension(&extension.to_string_lossy()));
    let format = named.or(by_name).unwrap_or_else(|| Format::guess(&bytes));
    Ok((bytes, format))
}

/// The bytes of a file, `-` for standard input: of one that is too large `limit` and one more,
/// which is enough to say so.
pub(super) fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let limit = limit as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).context("读不了标准输入")?;
    } else {
        let unreadable = || format!("读不了 {}", path.display());
        let file = fs::File::open(path).with_context(unreadable)?;
        file.take(limit).read_to_end(&mut bytes).with_context(unreadable)?;
    }
    Ok(bytes)
}

/// Writes a finished file: whole or not at all. `-` is standard output.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    if path == Path::new("-") {
        return io::stdout().lock().write_all(bytes).context("写不了标准输出");
    }
    write_by(path, folder_of(path), |out| out.write_all(bytes).map_err(|error| unwritable(path, error)))
}

/// Whether a file that somebody may have written on is replaced.
#[derive(clap::Args)]
pub(super) struct Replacement {
    #[arg(long, help = "已经有同名的文件时替换它")]
    force: bool,
}

impl Replacement {
    /// Refuses to replace files that are there; before anything is written.
    pub(super) fn demand_free<'a>(&self, paths: impl IntoIterator<Item = &'a Path>) -> Result<()> {
        let is_file = |path: &&Path| fs::symlink_metadata(path).is_ok_and(|metadata| !is_special(&metadata));
        let there: Vec<String> = match self.force {
            true => vec![],
            false => paths.into_iter().filter(is_file).map(|path| path.display().to_string()).collect(),
        };
        match there.is_empty() {
            true => Ok(()),
            false => bail!("{} 已经有了，没有写。换一个名称，或者加 --force 替换它", there.join("、")),
        }
    }

    /// Writes a file that somebody will go on with, and says so. One that is there is replaced only when that was
    /// asked for.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.demand_free([path])?;
        write_whole(path, bytes)?;
        if path != Path::new("-") {
            complain(&format!("已写到 {}。", path.display()));
        }
        Ok(())
    }

    /// The same of a document of the contract: as JSON where the name says so, else as YAML with a comment.
    pub(super) fn write_document(
        &self,
        path: &Path,
        document: &serde_json::Value,
        comment: &str,
    ) -> Result<()> {
        let has = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        if ["xlsx", "xls", "docx", "doc", "pdf", "zip"].into_iter().any(has) {
            bail!("{} 的后缀不是报告文件的。请写成 .yaml 或者 .json", path.display());
        }
        let is_json = has("json");
        let text = match is_json {
            true => format!("{document:#}\n"),
            false => write_yaml(document, comment),
        };
        self.write(path, text.as_bytes())
    }
}

/// Writes a file by and by in a `folder` of the same disk, and puts it into its place when it is whole. What
/// is no ordinary file (a device, a pipe) is written to as it stands.
pub(super) fn write_by<T>(
    path: &Path,
    folder: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T>,
) -> Result<T> {
    let unwritable = |error| unwritable(path, error);
    if fs::metadata(path).is_ok_and(|metadata| is_special(&metadata)) {
        let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(path).map_err(unwritable)?);
        let written = write(&mut out)?;
        out.flush().map_err(unwritable)?;
        return Ok(written);
    }
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(".nianbao-").permissions(ordinary_permissions());
    let mut file = builder.tempfile_in(folder).map_err(unwritable)?;
    let mut out = BufWriter::new(&mut file);
    let written = write(&mut out)?;
    out.flush().map_err(unwritable)?;
    drop(out);
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(written)
}

/// A device, a pipe.
fn is_special(metadata: &fs::Metadata) -> bool {
    !metadata.is_file() && !metadata.is_dir() && !metadata.is_symlink()
}

fn unwritable(path: &Path, error: io::Error) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("写不了 {}", path.display()))
}

/// A text of others on one line, without what would steer the terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The findings for people: each with its place and what to do next, and how many there are.
pub(super) fn findings(diagnostics: &[Diagnostic], file: &Path) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text += &format!("{}〔{}〕{}\n", diagnostic.severity.label(), diagnostic.code, diagnostic.message);
        let mut place = Vec::new();
        match (&diagnostic.place, diagnostic.position) {
            (Some(elsewhere), _) => place.push(plain(elsewhere)),
            (None, Some(at)) => place.push(format!("{} 第{}行第{}列", file.display(), at.line, at.column)),
            (None, None) => {}
        }
        if !diagnostic.path.is_root() {
            place.push(diagnostic.path.to_string().escape_debug().to_string());
        }
        if !place.is_empty() {
            text += &format!("    位置：{}\n", place.join("，"));
        }
        if let Some(span) = &diagnostic.span {
            text += &format!("    原文：{}\n", quotation(span));
        }
        if let Some(reason) = &diagnostic.allowed {
            text += &format!("    例外：报告已说明理由：{reason}\n");
        }
        text += &format!("    建议：{}\n\n", diagnostic.hint);
    }
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    match (count(Severity::Error), count(Severity::Warning), count(Severity::Note)) {
        (0, 0, 0) => text += "没有发现问题。\n",
        (errors, warnings, notes) => {
            text += &format!(
                "共有错误 {errors} 处、警告 {warnings} 处、提示 {notes} 处。查看某一种问题的说明：nianbao explain 代码\n"
            );
        }
    }
    text
}

/// The words that a finding is about, with a little of what stands around them. They are marked
/// in the line itself: a mark below it would slip wherever a terminal draws “ and — narrow.
fn quotation(span: &Span) -> String {
    let [before, words, after] = span.quotation();
    format!("{before}【{words}】{after}")
}

/// What went wrong, each thing once, and what the operating system says of it in words.
pub(super) fn failure(error: &anyhow::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in error.chain() {
        let words = match cause.downcast_ref::<io::Error>() {
            Some(error) => system::in_words(error),
            None => system::without_numbers(&cause.to_string()).into_owned(),
        };
        if !told.iter().any(|before| before.contains(&words)) {
            told.push(words);
        }
    }
    told.join("：")
}

/// What a file has that a program makes in the ordinary way; a temporary one would be its
/// owner's alone.
fn ordinary_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(0o644)
}

/// Help in Chinese: clap's own words are English.
fn in_chinese(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let is_root = command.get_subcommands().next().is_some();
    let operands: Vec<String> = command
        .get_positionals()
        .map(|argument| argument.get_value_names().unwrap_or_default().join(" "))
        .map(|name| format!(" <{name}>"))
        .collect();
    let usage = if is_root {
        "nianbao <命令> [选项]".into()
    } else {
        format!("nianbao {name}{} [选项]", operands.concat())
    };
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示这份帮助");
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本");
    let template = if is_root {
        "{about}\n\n用法：{usage}\n\n命令：\n{subcommands}\n\n选项：\n{options}\n{after-help}"
    } else if operands.is_empty() {
        "{about}\n\n用法：{usage}\n\n选项：\n{options}\n{after-help}"
    } else {
        "{about}\n\n用法：{usage}\n\n参数：\n{positionals}\n\n选项：\n{options}\n{after-help}"
    };
    let examples = examples::of(if is_root { "" } else { &name });
    let mut command = command
        .after_help(format!("示例：\n{}", examples.map(|example| format!("  {example}\n")).concat()))
        .override_usage(usage)
        .help_template(StyledStr::from(template))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help)
        .mut_args(|argument| argument.hide_default_value(true));
    if is_root {
        command = command.arg(version);
    }
    command.mut_subcommands(in_chinese)
}

/// What is wrong with the command line.
fn usage_fault(error: &clap::Error) -> String {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let argument = said(ContextKind::InvalidArg);
    let fault = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有“{argument}”这个选项"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", said(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("还缺少：{argument}"),
        ErrorKind::MissingSubcommand => "还缺少命令".into(),
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_empty() => {
            format!("“{argument}”后面缺少值")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let allowed = said(ContextKind::ValidValue);
            let allowed =
                if allowed.is_empty() { String::new() } else { format!("，可以是：{allowed}") };
            format!("“{argument}”不能是“{}”{allowed}", said(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => format!("“{argument}”不能与“{}”同时使用", said(ContextKind::PriorArg)),
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            format!("“{argument}”的值的个数不对")
        }
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8 编码的文字".into(),
        _ => "命令的写法不对".into(),
    };
    let suggestion =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
            .into_iter()
            .map(said)
            .find(|text| !text.is_empty());
    let suggestion = suggestion.map_or_else(String::new, |text| format!("\n是不是“{text}”？"));
    format!("{fault}{suggestion}\n查看用法：nianbao --help")
}
