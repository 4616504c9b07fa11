//! How a running service takes up settings, faces, templates and a new program without turning anybody away: once all
//! of it is found sound, what is being made is finished, and the process becomes the new program. The socket that it
//! listens at stays open all the while, as standard input: who comes meanwhile waits in the system's line for a moment.
//! Where the system holds the socket itself (`nianbao.socket`), that is so also while there is no service.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, io};

use anyhow::{Context, Result, ensure};
use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;
use rustix::process::{WaitOptions, wait};
use rustix::stdio::dup2_stdin;

use super::own_program;

/// The same program, started in the same way.
pub(super) struct Successor {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Successor {
    /// Known from the start: where a package is replaced, a running program has no file any more.
    pub(super) fn of_this() -> Result<Self> {
        Ok(Self { program: own_program()?, arguments: env::args_os().skip(1).collect() })
    }

    /// Whether it would start, with what lies there now; or what it says.
    pub(super) fn check(&self) -> Result<(), String> {
        let tried = self.command().arg("--check-config").stdin(Stdio::null()).output();
        match tried {
            Ok(tried) if tried.status.success() => Ok(()),
            Ok(tried) => Err(String::from_utf8_lossy(&tried.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Becomes it, with the socket. Comes back only where that does not succeed.
    pub(super) fn take_over(&self, listener: TcpListener) -> Result<Infallible> {
        let error = self.command().stdin(OwnedFd::from(listener)).exec();
        Err(error).context("服务没有重新启动起来")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }
}

/// The socket that the program before this one listened at, where it still is the one to listen at.
pub(super) fn inherited(address: SocketAddr) -> io::Result<Option<TcpListener>> {
    let stdin = io::stdin();
    if !socket_acceptconn(stdin.as_fd()).unwrap_or(false) {
        return Ok(None);
    }
    let listener = TcpListener::from(stdin.as_fd().try_clone_to_owned()?);
    // Nobody else holds it, so that it closes when it is let go.
    dup2_stdin(File::open("/dev/null")?)?;
    listener.set_nonblocking(true)?;
    Ok(is_at(listener.local_addr()?, address).then_some(listener))
}

/// The socket that the system listens at for this service, if it does. To be asked for before there is another thread:
/// what the environment says of it is taken away, for it is good once.
pub(super) fn held_by_system() -> io::Result<Option<TcpListener>> {
    let listener = ListenFd::from_env().take_tcp_listener(0)?;
    if let Some(listener) = &listener {
        listener.set_nonblocking(true)?;
    }
    Ok(listener)
}

/// That it is the one to listen at: two places say where.
pub(super) fn demand_address(listener: &TcpListener, address: SocketAddr) -> Result<()> {
    let at = listener.local_addr()?;
    ensure!(
        is_at(at, address),
        "nianbao.socket 监听的是 {at}，服务设置里的 listen 是 {address}：请把两处改成一样的，再重新启动"
    );
    Ok(())
}

/// Whether a socket at the first is what the second asks for.
fn is_at(at: SocketAddr, address: SocketAddr) -> bool {
    at.ip() == address.ip() && [at.port(), 0].contains(&address.port())
}

/// Takes leave of the workers of the program before this one, which ended with it: before the first of its own starts.
pub(super) fn bury_workers() {
    while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
}
