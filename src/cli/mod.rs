//! The command line: translates arguments, calls the library, shows what it said.
//! Exit 0: fine; 1: the report has errors; 2: the program could not do its work.

mod audit;
mod backup;
mod batch;
mod boundary;
mod carry;
mod check;
mod configuration;
mod conform;
mod digest;
mod doctor;
mod examples;
mod faces_folder;
mod import;
mod mail;
mod manual;
mod openid;
mod render;
mod renewal;
mod secrets;
mod serve;
mod show;
mod signals;
mod terminal;
mod workbook;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::database::DatabasePlace;
use crate::diagnostic::{Class, Diagnostic, Failed, Severity, class_of};
use crate::import::TrackedChanges;
use crate::input::Format;
use crate::installation::Installation;
use crate::report::{Choice, Edition};
use crate::workers::{Crew, Limits};

/// Runs the command that these arguments ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>, commit: Option<&str>) -> ExitCode {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match terminal::parse(&typed, commit) {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let done = match (arguments.command.reads_documents(), arguments.is_within) {
        (true, false) => boundary::cross(&typed),
        (true, true) => boundary::bound().and_then(|()| arguments.run()),
        (false, _) => arguments.run(),
    };
    done.unwrap_or_else(|error| {
        terminal::complain(&terminal::failure(&error));
        ExitCode::from(2)
    })
}

impl CommandLine {
    fn run(self) -> Result<ExitCode> {
        let installation = self.installation.into();
        let outcome = match self.command {
            Command::Render(arguments) => render::run(arguments, &installation),
            Command::Check(arguments) => check::run(arguments, &installation),
            Command::Conform(arguments) => conform::run(arguments),
            Command::Digest(arguments) => digest::run(arguments, &installation),
            Command::Import(arguments) => import::run(arguments),
            Command::Carry(arguments) => carry::run(arguments, &installation),
            Command::Sample(arguments) => show::sample(arguments, &installation),
            Command::Schema(arguments) => show::schema(arguments, &installation),
            Command::Guide => show::guide(),
            Command::Indicators => show::indicators(),
            Command::Templates => show::templates(&installation),
            Command::Fonts { fetch: None } => show::fonts(&installation),
            Command::Fonts { fetch: Some(folder) } => faces_folder::fetch(&folder),
            Command::Explain { code } => show::explain(&code),
            Command::Batch(arguments) => batch::run(arguments, &installation),
            Command::Workbook(arguments) => workbook::run(arguments, &installation),
            Command::Serve(arguments) => serve::run(*arguments, &installation),
            Command::Settings => show::settings(),
            Command::Doctor(arguments) => doctor::run(arguments, &installation),
            Command::Audit(arguments) => audit::run(arguments),
            Command::Backup(arguments) => backup::back_up(arguments),
            Command::Restore(arguments) => backup::restore(arguments),
            Command::Completions { shell } => manual::completions(shell),
            Command::Man { folder } => manual::pages(&folder),
            Command::Worker(arguments) => batch::work(arguments, &installation),
        };
        Ok(match outcome? {
            CommandEnd::Fine => ExitCode::SUCCESS,
            CommandEnd::DocumentAtFault => ExitCode::from(1),
            CommandEnd::ProgramAtFault => ExitCode::from(2),
        })
    }
}

/// How a command that did its work ends.
enum CommandEnd {
    Fine,
    /// What was given has errors, or cannot be read.
    DocumentAtFault,
    /// It is told already.
    ProgramAtFault,
}

impl CommandEnd {
    /// How a command ends that told these findings: the table of classes and exit codes.
    fn of(found: &[Diagnostic]) -> Self {
        match class_of(found) {
            Class::Wrong if found.iter().all(|one| one.severity != Severity::Error) => Self::Fine,
            Class::Wrong | Class::Unreadable | Class::TooLarge | Class::Late | Class::Broken => {
                Self::DocumentAtFault
            }
            Class::Program => Self::ProgramAtFault,
        }
    }

    /// How a command ends for which there is no result: tells why, and what has not been done.
    fn refused(failed: Failed, file: &Path, undone: &str) -> Result<Self> {
        match failed {
            Failed::Report(found) => {
                terminal::complain(terminal::findings(&found, file).trim_end());
                terminal::complain(undone);
                Ok(Self::of(&found))
            }
            Failed::Program(error) => Err(anyhow::anyhow!(error)),
        }
    }
}

#[derive(Parser)]
#[command(
    name = "nianbao",
    version,
    about = "年报：由填报内容生成法治政府建设年度报告（GB/T 9704-2012 版式的 PDF）"
)]
struct CommandLine {
    #[command(flatten)]
    installation: InstallationArguments,
    // The process within the boundary.
    #[arg(long = boundary::WITHIN.trim_start_matches('-'), global = true, hide = true)]
    is_within: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct InstallationArguments {
    #[arg(
        long,
        global = true,
        value_name = "文件夹",
        env = faces_folder::VARIABLE,
        hide_env = true,
        help = "字体文件夹；不写则看环境变量 NIANBAO_FONTS，再依次看当前文件夹下的 fonts 等处（见 nianbao fonts）"
    )]
    fonts: Option<PathBuf>,
    #[arg(long, global = true, value_name = "文件夹", help = "自备的模板文件夹，叠加在内置模板之上")]
    templates: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "文件",
        help = "检查的配置（TOML）：开关检查、改变轻重、增补词表"
    )]
    config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "文件",
        help = "事项指引（TOML，由 nianbao guide 取得底本），或者“内置”：提示报告没有写到的事项"
    )]
    guide: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "文件",
        help = "指标目录（TOML，由 nianbao indicators 取得底本）：规定各单位要报的指标、名称和计量单位"
    )]
    indicators: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    #[command(about = "生成报告的 PDF、Word 文件或网页")]
    Render(render::RenderArguments),
    #[command(about = "检查报告，列出全部问题")]
    Check(check::CheckArguments),
    #[command(about = "逐条检查 PDF 的版式是否符合 GB/T 9704-2012")]
    Conform(conform::ConformArguments),
    #[command(about = "由报告做成绩单：一页纸、手机长图、网页、Word 文件和见报的文字，句子和数字都取自报告")]
    Digest(digest::DigestArguments),
    #[command(about = "导入上年的报告、工作计划：文本、网页、Word 文档，或本程序的 PDF、OFD")]
    Import(import::ImportArguments),
    #[command(about = "由上年的报告开始写今年的：安排成为任务，指标成为上年数值")]
    Carry(carry::CarryArguments),
    #[command(about = "输出一份完整的样例报告（YAML）")]
    Sample(show::TemplateArguments),
    #[command(about = "输出报告或计划的格式（JSON Schema），供编辑器提示和校验")]
    Schema(show::TemplateArguments),
    #[command(about = "输出内置的事项指引（TOML）：报告应写到哪些事项，可照着改成本单位的")]
    Guide,
    #[command(about = "输出内置的指标目录（TOML）：常用的指标、叫法和计量单位，可照着改成本单位的")]
    Indicators,
    #[command(about = "列出可用的模板")]
    Templates,
    #[command(about = "列出各种用途所选的字体，或者取得免费字体")]
    Fonts {
        #[arg(
            long,
            value_name = "文件夹",
            help = "取得免费字体（由 Debian 的软件包，约 120 MB），放进这个文件夹下的 free；要在 Debian 或 Ubuntu 上联网运行"
        )]
        fetch: Option<PathBuf>,
    },
    #[command(about = "解释一种问题：是什么、为什么、怎么改")]
    Explain {
        #[arg(
            value_name = "代码",
            help = "问题的代码，如 missing-section；不写则列出全部",
            default_value = ""
        )]
        code: String,
    },
    #[command(about = "成批生成：一个文件夹、压缩包或征集表里的全部报告")]
    Batch(batch::BatchArguments),
    #[command(about = "输出征集表（Excel 工作簿）：各单位填好后成批生成")]
    Workbook(workbook::WorkbookArguments),
    #[command(about = "启动网页服务")]
    Serve(Box<serve::ServeArguments>),
    #[command(about = "输出服务的配置文件（TOML）的底本：每项设置、说明和默认值，可照着改成自己的")]
    Settings,
    #[command(about = "检查这台机器能不能运行服务：字体、磁盘、数据库等，哪里不行、怎么办")]
    Doctor(doctor::DoctorArguments),
    #[command(about = "核对服务的操作记录有没有被改过")]
    Audit(audit::AuditArguments),
    #[command(about = "备份服务的全部数据到一个文件，服务不用停")]
    Backup(backup::BackupArguments),
    #[command(about = "由备份恢复到一个新的数据文件夹")]
    Restore(backup::RestoreArguments),
    #[command(about = "输出命令行的自动补全脚本")]
    Completions {
        #[arg(value_name = "外壳", hide_possible_values = true, help = "bash、zsh 或 fish")]
        shell: manual::ShellName,
    },
    #[command(about = "把各个命令的帮助写成 man 手册页")]
    Man {
        #[arg(value_name = "文件夹", help = "写到哪个文件夹；没有的会新建")]
        folder: PathBuf,
    },
    #[command(hide = true)]
    Worker(batch::WorkerArguments),
}

impl Command {
    /// Whether it reads what others wrote, and does it in this process.
    fn reads_documents(&self) -> bool {
        match self {
            Self::Render(_)
            | Self::Check(_)
            | Self::Conform(_)
            | Self::Digest(_)
            | Self::Import(_)
            | Self::Carry(_) => true,
            Self::Workbook(arguments) => arguments.reads_documents(),
            // The first two have workers.
            Self::Batch(_) | Self::Serve(_) | Self::Worker(_) => false,
            Self::Sample(_)
            | Self::Schema(_)
            | Self::Guide
            | Self::Indicators
            | Self::Settings
            | Self::Doctor(_)
            | Self::Audit(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Completions { .. }
            | Self::Man { .. }
            | Self::Templates
            | Self::Fonts { .. }
            | Self::Explain { .. } => false,
        }
    }
}

/// The file that a command reads a report from.
#[derive(Args)]
struct ReportFile {
    #[arg(value_name = "文件", help = "报告文件（JSON、YAML 或 TOML）；- 表示标准输入")]
    file: PathBuf,
    #[arg(
        long,
        value_name = "格式",
        hide_possible_values = true,
        help = "文件的格式：json、yaml 或 toml；默认看文件名"
    )]
    from: Option<FormatArgument>,
}

/// The report that a command reads.
#[derive(Args)]
struct ReportArguments {
    #[command(flatten)]
    source: ReportFile,
    #[command(flatten)]
    edition: EditionChoice,
}

/// What becomes of the changes that Word files keep track of.
#[derive(Args)]
struct ChangesChoice {
    #[arg(
        long,
        value_name = "办法",
        default_value = "accept",
        hide_possible_values = true,
        value_parser = choice::<TrackedChanges>(),
        help = "Word 文档里的修订：accept 接受（默认）或 reject 拒绝"
    )]
    changes: TrackedChanges,
}

/// The edition that a command makes, where it is not the report's own.
#[derive(Args)]
struct EditionChoice {
    #[arg(
        long,
        value_name = "版本",
        hide_possible_values = true,
        value_parser = choice::<Edition>(),
        help = "public 公开版或 formal 报送版；默认按报告所写"
    )]
    edition: Option<Edition>,
}

impl EditionChoice {
    fn wanted(&self) -> Option<Edition> {
        self.edition
    }
}

/// Where a service keeps what it keeps.
#[derive(Args)]
struct DataArguments {
    #[arg(
        long,
        value_name = "文件夹",
        default_value = "data",
        help = "服务的数据文件夹，默认 data：成批生成的任务和成果、账号和报送都放在这里"
    )]
    data: PathBuf,
    #[arg(
        long,
        value_name = "网址",
        env = "NIANBAO_DATABASE",
        hide_env = true,
        help = "改用 PostgreSQL 数据库（postgres://…），几台机器可以共用；带密码的请写在环境变量 NIANBAO_DATABASE 里"
    )]
    database: Option<String>,
}

impl DataArguments {
    fn place(&self) -> Result<DatabasePlace> {
        let is_known = |url: &String| ["postgres://", "postgresql://"].iter().any(|way| url.starts_with(way));
        match &self.database {
            Some(url) if is_known(url) => Ok(DatabasePlace::Url(url.clone())),
            // Not repeated: there may be a password in it.
            Some(_) => {
                bail!("--database 要写成 postgres://…：能用的是 PostgreSQL；不写则用数据文件夹里的 SQLite")
            }
            None => Ok(DatabasePlace::File(self.data.join("nianbao.db"))),
        }
    }

    /// The database of a service that has been started before; none is made.
    fn existing(&self) -> Result<DatabasePlace> {
        let place = self.place()?;
        if let DatabasePlace::File(file) = &place
            && !file.is_file()
        {
            bail!("没有数据库 {}：请用 --data 指明服务的数据文件夹", file.display());
        }
        Ok(place)
    }
}

/// What one report may cost.
#[derive(Args)]
struct LimitArguments {
    #[arg(long, value_name = "秒", help = "每份最多用多少秒，默认 60")]
    deadline: Option<u64>,
    #[arg(long, value_name = "MiB", help = "每个排版进程最多用多少内存，默认 2048")]
    memory: Option<u64>,
}

impl LimitArguments {
    /// Workers with these limits.
    fn crew(&self, installation: &Installation) -> Result<Crew> {
        Ok(Crew::new(own_program()?, installation, self.limits()))
    }

    /// Workers that only read, with the same limits.
    fn readers(&self) -> Result<Crew> {
        Ok(Crew::of_readers(own_program()?, self.limits()))
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            deadline: self.deadline.map_or(usual.deadline, Duration::from_secs),
            memory: self.memory.map_or(usual.memory, |mebibytes| mebibytes << 20),
        }
    }
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads the word of a choice of the contract.
fn choice<T: Choice + Send + Sync>() -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(T::ALL.iter().map(|choice| choice.word()))
        .map(|word| T::of_word(&word).expect("the parser has let it pass"))
}

fn own_program() -> Result<PathBuf> {
    std::env::current_exe().context("找不到程序自己所在的位置")
}

/// How what was found is shown.
#[derive(Clone, Copy, ValueEnum)]
enum OutputForm {
    Text,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArgument {
    Json,
    Yaml,
    Toml,
}

impl From<InstallationArguments> for Installation {
    fn from(arguments: InstallationArguments) -> Self {
        Self {
            fonts: arguments.fonts.unwrap_or_else(faces_folder::find),
            templates: arguments.templates,
            config: arguments.config,
            guide: arguments.guide,
            indicators: arguments.indicators,
        }
    }
}

impl From<FormatArgument> for Format {
    fn from(argument: FormatArgument) -> Self {
        match argument {
            FormatArgument::Json => Self::Json,
            FormatArgument::Yaml => Self::Yaml,
            FormatArgument::Toml => Self::Toml,
        }
    }
}
