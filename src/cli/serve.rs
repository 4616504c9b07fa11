//! `nianbao serve`.

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use nianbao_office::Office;
use rustix::fs::Mode;
use rustix::process::umask;
use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::sync::oneshot;

use super::configuration::SettingsArguments;
use super::mail::MailArguments;
use super::openid::OpenIdArguments;
use super::renewal::{self, Successor};
use super::signals::{renewal_signal, stop_signal};
use super::{CommandEnd, DataArguments, LimitArguments, secrets, terminal};
use crate::database::DatabasePlace;
use crate::guide::Guide;
use crate::indicators::IndicatorList;
use crate::installation::Installation;
use crate::jobs::{self, Jobs, StorePlace};
use crate::post::{Dispatch, DispatchSettings, MailSettings};
use crate::traces::{CollectorAddress, Traces};
use crate::web::{self, OpenIdProvider, OwnNames, PublicAddress, ServiceSettings};
use crate::workers::{Crew, Staff};

/// How many reports may wait for each that is being made.
const WAITING_PER_PRESS: usize = 16;

#[derive(clap::Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    settings: SettingsArguments,
    #[arg(long, help = "只检查设置、字体和模板有没有问题，不启动")]
    check_config: bool,
    #[arg(
        long,
        value_name = "地址",
        default_value = "127.0.0.1:8080",
        help = "监听的地址和端口，默认 127.0.0.1:8080，只有本机能打开；别的电脑也要用的写 0.0.0.0:8080。只回答用监听的地址、localhost 或 --public-address 打开的"
    )]
    listen: SocketAddr,
    #[arg(
        long,
        value_name = "地址",
        help = "在这个地址上给监控系统提供运行数据（http://地址/metrics，Prometheus 的格式），如 127.0.0.1:9464；默认不提供。不要对外开放"
    )]
    metrics: Option<SocketAddr>,
    #[arg(
        long,
        value_name = "网址",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env = true,
        help = "把每个请求经过的步骤和用时（OpenTelemetry 的 trace，不含填报内容）用 OTLP/HTTP 发给这里的收集程序，如 http://127.0.0.1:4318；默认不发"
    )]
    traces: Option<String>,
    #[arg(
        long,
        value_name = "网址",
        help = "对外的网址，如 https://报告.example.gov.cn：用域名打开、或前面有反向代理的要写，可以写几次"
    )]
    public_address: Vec<String>,
    #[arg(
        long,
        value_name = "地址",
        help = "反向代理的地址，如 127.0.0.1，可以写几次：由它来的请求，记录和限制次数时按它写在 X-Forwarded-For 里的来处"
    )]
    proxy: Vec<IpAddr>,
    #[arg(
        long,
        value_name = "文件",
        help = "访问令牌所在的文件，只有自己能读（chmod 600）；监听本机以外的地址、又不用账号（--accounts）的必须有"
    )]
    token_file: Option<PathBuf>,
    #[arg(long, help = "不要访问令牌：前面另有访问控制时才用")]
    without_token: bool,
    #[arg(
        long,
        conflicts_with_all = ["token_file", "without_token"],
        help = "几个人共用：每个人用自己的账号登录，单位用各自的链接进入。第一次启动时显示一个链接，用来设立第一个管理员"
    )]
    accounts: bool,
    #[command(flatten)]
    openid: OpenIdArguments,
    #[command(flatten)]
    mail: MailArguments,
    #[arg(
        long,
        requires = "accounts",
        help = "通知接口也可以指向本机和内网的网址。默认不可以，以免有人借它去够内网"
    )]
    private_webhooks: bool,
    #[arg(long, value_name = "个数", help = "同时生成的报告数，默认等于处理器核数")]
    jobs: Option<usize>,
    #[command(flatten)]
    limits: LimitArguments,
    #[command(flatten)]
    place: DataArguments,
    #[arg(
        long,
        value_name = "位置",
        help = "改把成果放在别处：一个文件夹，或 s3://存储桶/前缀（密钥等写在 AWS_ 开头的环境变量里）"
    )]
    store: Option<String>,
    #[arg(long, value_name = "天", default_value_t = 30, help = "成批生成的成果保存多少天，默认 30")]
    keep: u64,
    // How soon the work of a program that died is taken over; the tests are in a hurry.
    #[arg(long, value_name = "秒", default_value_t = 10, hide = true)]
    heartbeat: u64,
}

impl ServeArguments {
    pub(super) fn listen(&self) -> SocketAddr {
        self.listen
    }

    pub(super) fn data(&self) -> &Path {
        &self.place.data
    }

    pub(super) fn database(&self) -> Result<DatabasePlace> {
        self.place.place()
    }

    /// Where results go that do not lie below the data folder.
    pub(super) fn store(&self) -> Option<StorePlace> {
        self.store.as_deref().map(store)
    }

    /// How mail is sent, if it is at all.
    pub(super) fn mail(&self) -> Result<Option<MailSettings>> {
        self.mail.settings()
    }

    /// Where people may log in besides, if they may.
    pub(super) fn openid(&self) -> Result<Option<OpenIdProvider>> {
        self.openid.provider(&self.public()?)
    }

    /// The addresses by which people come.
    fn public(&self) -> Result<Vec<PublicAddress>> {
        self.public_address.iter().map(|written| public_address(written)).collect()
    }

    /// Where traces go, if anywhere.
    fn collector(&self) -> Result<Option<CollectorAddress>> {
        let written = self.traces.as_deref().filter(|written| !written.is_empty());
        // Not repeated: there may be a password in it.
        written.map(str::parse).transpose().context("--traces 的网址不对")
    }

    /// How many reports are made at a time.
    pub(super) fn workers(&self) -> usize {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        self.jobs.unwrap_or(cores).clamp(1, 64)
    }

    pub(super) fn crew(&self, installation: &Installation) -> Result<Crew> {
        self.limits.crew(installation)
    }
}

pub(super) fn run(arguments: ServeArguments, installation: &Installation) -> Result<CommandEnd> {
    let held = renewal::held_by_system().context("不能使用 systemd 交来的套接字（nianbao.socket）")?;
    let runtime = tokio::runtime::Runtime::new().context("不能启动网络服务")?;
    // From here on who asks to stop is heard.
    let (stop, stop_meanwhile, renewals) = {
        let _inside = runtime.enter();
        (stop_signal()?, stop_signal()?, renewal_signal()?)
    };
    // What is made from here on is for whoever runs the service, and nobody else.
    umask(Mode::RWXG | Mode::RWXO);
    let token = arguments.token_file.as_deref().map(secrets::token).transpose()?;
    let mail = arguments.mail()?;
    let public = arguments.public()?;
    let openid = arguments.openid()?;
    let collector = arguments.collector()?;
    let is_open = token.is_none() && !arguments.without_token && !arguments.accounts;
    if is_open && !arguments.listen.ip().is_loopback() {
        bail!(
            "监听本机以外的地址要有访问令牌：请用 --token-file 指明令牌文件；前面另有访问控制的，可用 --without-token"
        );
    }
    let workers = NonZeroUsize::new(arguments.workers()).unwrap_or(NonZeroUsize::MIN);
    keep_log();
    let press = installation.open()?;
    let guide = press.settings.guide.clone().unwrap_or_else(Guide::built_in);
    let indicators = press.settings.indicators.clone();
    let indicators = indicators.unwrap_or_else(|| IndicatorList::built_in().clone());
    let batches = jobs::JobSettings {
        heartbeat: Duration::from_secs(arguments.heartbeat.max(1)),
        keep: Duration::from_secs(arguments.keep.saturating_mul(24 * 60 * 60)),
        checks: press.settings.clone(),
        ..jobs::JobSettings::below(arguments.place.data.clone(), workers, installation.fingerprint()?)
    };
    let batches = jobs::JobSettings {
        database: arguments.database()?,
        store: arguments.store().unwrap_or(batches.store),
        ..batches
    };
    if arguments.check_config {
        terminal::say("设置、字体和模板没有问题。数据库、磁盘等可用 nianbao doctor 检查。\n");
        return Ok(CommandEnd::Fine);
    }
    let traces = collector.map(|address| Traces::start(&address, runtime.handle().clone())).transpose();
    let traces = traces.context("不能向 --traces 指明的收集程序发送")?;
    renewal::bury_workers();
    let successor = Arc::new(Successor::of_this()?);
    let (keep, mut kept) = oneshot::channel();
    let (presses, readers) = (arguments.limits.crew(installation)?, arguments.limits.readers()?);
    let staff = Staff::start(presses, readers, workers, workers.get() * WAITING_PER_PRESS);

    let is_stopped = runtime.block_on(async {
        let database = batches.database.clone();
        let jobs = Some(Jobs::open(batches, staff.clone()).await?);
        let office = match arguments.accounts {
            true => Some(Office::open(&database).await.context("不能使用账号的数据库")?),
            false => None,
        };
        let inherited = renewal::inherited(arguments.listen).context("不能继续监听")?;
        let socket = match inherited.or(held) {
            Some(socket) => socket,
            None => bound(arguments.listen, "--listen").await?.into_std()?,
        };
        renewal::demand_address(&socket, arguments.listen)?;
        let listener = TcpListener::from_std(socket.try_clone()?)?;
        let renewed = sound(renewals, successor.clone());
        let stop = async move {
            tokio::select! {
                // It is closed, so that nobody waits at it in vain.
                () = stop => drop(socket),
                () = renewed => drop(keep.send(socket)),
            }
        };
        let watched_at = match arguments.metrics {
            Some(address) => Some(bound(address, "--metrics").await?),
            None => None,
        };
        let local = format!("http://{}", listener.local_addr()?);
        let (address, listening) = match public.first() {
            Some(public) => (public.origin(), format!("在 {local}/ 监听，")),
            None => (local, String::new()),
        };
        terminal::say(&format!("年报已启动，请在浏览器中打开 {address}/ （{listening}按 Ctrl-C 停止）\n"));
        if let Some(watched_at) = &watched_at {
            terminal::say(&format!("运行数据在 http://{}/metrics\n", watched_at.local_addr()?));
        }
        let dispatch = match &office {
            Some(office) => {
                invite_first(office, &address).await?;
                let settings = DispatchSettings { mail, calls_private: arguments.private_webhooks, address };
                Some(Dispatch::new(office.clone(), &settings, web::now).context("邮件的设置不对")?)
            }
            None => None,
        };
        let names = OwnNames { public, proxies: arguments.proxy };
        let settings = ServiceSettings { token, staff, jobs, guide, indicators, office, openid, dispatch };
        web::serve(listener, watched_at, names, press.templates, settings, stop)
            .await
            .context("网络服务中断")?;
        // Also while what was being made was finished for a successor, which then is not wanted.
        tokio::select! {
            biased;
            () = stop_meanwhile => anyhow::Ok(true),
            () = std::future::ready(()) => Ok(false),
        }
    })?;
    traces.into_iter().for_each(Traces::end);
    drop(runtime);
    if let Some(socket) = kept.try_recv().ok().filter(|_| !is_stopped) {
        match successor.take_over(socket)? {}
    }
    Ok(CommandEnd::Fine)
}

/// Resolves when the service is asked to take up everything anew, and all of it is sound.
async fn sound(mut renewals: Option<Signal>, successor: Arc<Successor>) {
    loop {
        let asked = match &mut renewals {
            Some(renewals) => renewals.recv().await,
            None => None,
        };
        if asked.is_none() {
            return std::future::pending().await;
        }
        let checking = successor.clone();
        match tokio::task::spawn_blocking(move || checking.check()).await {
            Ok(Ok(())) => {
                tracing::info!("settings, faces and templates are taken up anew");
                return;
            }
            Ok(Err(fault)) => {
                tracing::error!(fault, "what would be taken up anew is not sound; all stays as it was");
            }
            Err(error) => tracing::error!(%error, "what would be taken up anew could not be checked"),
        }
    }
}

/// Lines for people where one looks on, and for programs elsewhere.
fn keep_log() {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr);
    match std::io::stderr().is_terminal() {
        true => log.with_target(false).init(),
        false => log.json().flatten_event(true).with_current_span(false).init(),
    }
}

async fn bound(address: SocketAddr, flag: &str) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("不能监听 {address}，可用 {flag} 换一个地址或端口"))
}

/// For how long the link for the first administrator is good, in seconds.
const FIRST_LINK: i64 = 24 * 60 * 60;

/// Shows the link for the first administrator, where there is no account yet.
async fn invite_first(office: &Office, address: &str) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    if let Some(link) = office.accounts.first_link(now + FIRST_LINK, now).await? {
        terminal::say(&format!(
            "还没有账号。请用下面的链接设立第一个管理员（24 小时内有效，只能用一次；重新启动会换成新的）：\n{address}/welcome/{}\n",
            link.token
        ));
    }
    Ok(())
}

fn public_address(written: &str) -> Result<PublicAddress> {
    written.parse().with_context(|| format!("--public-address 不能是“{written}”"))
}

fn store(place: &str) -> StorePlace {
    if place.starts_with("s3://") {
        #[expect(clippy::disallowed_methods, reason = "this is the door; keys belong in no command line")]
        let options = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
        return StorePlace::Bucket { url: place.to_owned(), options };
    }
    StorePlace::Folder(place.trim_start_matches("file://").into())
}
