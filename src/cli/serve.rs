//! `nianbao serve`.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;

use super::signals::stop_signal;
use super::{Outcome, terminal};
use crate::installation::Installation;
use crate::web::{self, Settings};

/// How many reports may wait for each that is being made.
const WAITING_PER_PRESS: usize = 16;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[arg(
        long,
        value_name = "地址",
        default_value = "127.0.0.1:8080",
        help = "监听的地址和端口，默认 127.0.0.1:8080"
    )]
    listen: SocketAddr,
    #[arg(long, value_name = "文件", help = "访问令牌所在的文件；监听本机以外的地址时必须有")]
    token_file: Option<PathBuf>,
    #[arg(long, help = "不要访问令牌：前面另有访问控制时才用")]
    without_token: bool,
    #[arg(long, value_name = "个数", help = "同时生成的报告数，默认等于处理器核数")]
    jobs: Option<usize>,
}

pub(super) fn run(arguments: Arguments, installation: &Installation) -> Result<Outcome> {
    let token = token(&arguments)?;
    if token.is_none() && !arguments.without_token && !arguments.listen.ip().is_loopback() {
        bail!(
            "监听本机以外的地址要有访问令牌：请用 --token-file 指明令牌文件；前面另有访问控制的，可用 --without-token"
        );
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let presses = arguments.jobs.unwrap_or(cores).clamp(1, 64);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_writer(std::io::stderr)
        .init();
    let press = installation.open()?;
    let settings = Settings { token, presses, waiting: presses * WAITING_PER_PRESS };

    tokio::runtime::Runtime::new().context("不能启动网络服务")?.block_on(async {
        let listener = TcpListener::bind(arguments.listen).await;
        let listener = listener
            .with_context(|| format!("不能监听 {}，可用 --listen 换一个地址或端口", arguments.listen))?;
        terminal::say(&format!(
            "年报已启动，请在浏览器中打开 http://{}/ （按 Ctrl-C 停止）\n",
            listener.local_addr()?
        ));
        web::serve(listener, press, settings, stop_signal()?).await.context("网络服务中断")
    })?;
    Ok(Outcome::Fine)
}

fn token(arguments: &Arguments) -> Result<Option<String>> {
    let Some(path) = &arguments.token_file else { return Ok(None) };
    let token = fs::read_to_string(path).with_context(|| format!("读不了令牌文件 {}", path.display()))?;
    let token = token.trim();
    if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("令牌文件 {} 里应有一个至少 16 位的令牌，由字母、数字和符号组成", path.display());
    }
    Ok(Some(token.to_owned()))
}
