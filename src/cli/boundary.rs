//! The boundary of the command line. What reads documents of others does so in a process of its own, this
//! program again with the same arguments, whose memory and time are bounded: a file that brings it down, or
//! would keep it for ever, costs a sentence and not the shell's patience.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit};

use super::{own_program, terminal};

/// What a command may take, in bytes of address space: twice what a worker has, for it may also hold what it
/// writes.
const MEMORY: u64 = 4 << 30;

/// How many seconds of a processor it may take. The longest report seen takes one; to wait for someone who
/// types takes none.
const SECONDS: u64 = 120;

/// The hidden argument that tells the process within from the one without.
pub(super) const WITHIN: &str = "--within";

/// How a process ends that panicked.
const PANICKED: i32 = 101;

/// Does the same in a process within, and ends as it does.
pub(super) fn cross(arguments: &[OsString]) -> Result<ExitCode> {
    let mut child = Command::new(own_program()?)
        // First, for behind `--` it would be the name of a file.
        .arg(WITHIN)
        .args(arguments.iter().skip(1))
        .stderr(Stdio::piped())
        .spawn()
        .context("不能启动处理文件的进程")?;
    let mut said = Vec::new();
    if let Some(errors) = &mut child.stderr {
        errors.read_to_end(&mut said).context("处理文件的进程中断")?;
    }
    let status = child.wait().context("处理文件的进程中断")?;
    let signal = status.signal().and_then(Signal::from_named_raw);
    match (status.code(), signal) {
        (Some(code), _) if code != PANICKED => {
            terminal::complain_raw(&said);
            Ok(ExitCode::from(u8::try_from(code).unwrap_or(2)))
        }
        // Whoever asked has stopped it.
        (_, Some(Signal::INT | Signal::TERM | Signal::HUP | Signal::PIPE)) => Ok(ExitCode::from(2)),
        (_, Some(Signal::XCPU)) => {
            terminal::complain(&format!(
                "错误〔too-slow〕处理这份文件超过了{SECONDS}秒，已经停止，什么也没有写"
            ));
            terminal::complain("    建议：请核对是不是选错了文件，内容是不是多得出奇");
            Ok(ExitCode::from(1))
        }
        _ => {
            terminal::complain("错误〔broke-down〕处理这份文件时程序中断，什么也没有写");
            terminal::complain(
                "    建议：请核对是不是选错了文件，用原来的软件打开、另存一次再试；文件没有异常的，请把它交给程序的维护者",
            );
            Ok(ExitCode::from(1))
        }
    }
}

/// Bounds the process within.
pub(super) fn bound() -> Result<()> {
    let bound = |resource, soft: u64, hard: u64| {
        // Whoever set less has meant it.
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
        setrlimit(resource, limit).context("不能限制处理文件的进程")
    };
    set_parent_process_death_signal(Some(Signal::KILL)).context("不能限制处理文件的进程")?;
    bound(Resource::As, MEMORY, MEMORY)?;
    bound(Resource::Cpu, SECONDS, SECONDS + 5)?;
    bound(Resource::Core, 0, 0)
}
