//! `nianbao serve`.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use nianbao_office::Office;
use rustix::fs::Mode;
use rustix::process::umask;
use tokio::net::TcpListener;

use super::signals::stop_signal;
use super::{CommandEnd, DataArguments, LimitArguments, terminal};
use crate::guide::Guide;
use crate::installation::Installation;
use crate::jobs::{self, Jobs, StorePlace};
use crate::post::{Dispatch, DispatchSettings, MailSettings, PATIENCE, SmtpSecurity};
use crate::web::{self, OpenIdProvider, OpenIdSettings, PublicAddress, ServiceSettings};
use crate::workers::Staff;

/// How many reports may wait for each that is being made.
const WAITING_PER_PRESS: usize = 16;

#[derive(clap::Args)]
pub(super) struct ServeArguments {
    #[arg(
        long,
        value_name = "地址",
        default_value = "127.0.0.1:8080",
        help = "监听的地址和端口，默认 127.0.0.1:8080。只回答用这个地址、localhost 或 --public-address 打开的"
    )]
    listen: SocketAddr,
    #[arg(
        long,
        value_name = "网址",
        help = "对外的网址，如 https://报告.example.gov.cn：用域名打开、或前面有反向代理的要写，可以写几次"
    )]
    public_address: Vec<String>,
    #[arg(
        long,
        value_name = "文件",
        help = "访问令牌所在的文件，只有自己能读（chmod 600）；监听本机以外的地址时必须有"
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

/// Where people with accounts may log in besides.
#[derive(clap::Args)]
struct OpenIdArguments {
    #[arg(
        long,
        value_name = "网址",
        requires_all = ["accounts", "openid_client", "public_address"],
        help = "本单位的登录服务（OpenID Connect）的地址，照它自己写的；有账号的人关联以后可以用它登录"
    )]
    openid_issuer: Option<String>,
    #[arg(
        long,
        value_name = "名称",
        requires = "openid_issuer",
        help = "登录服务给本服务的客户端编号（client_id）"
    )]
    openid_client: Option<String>,
    #[arg(
        long,
        value_name = "文件",
        requires = "openid_issuer",
        help = "客户端密钥（client_secret）所在的文件，只有自己能读（chmod 600）"
    )]
    openid_secret_file: Option<PathBuf>,
    #[arg(
        long,
        value_name = "名称",
        requires = "openid_issuer",
        default_value = "统一登录",
        help = "登录服务在页面上的名称，默认“统一登录”"
    )]
    openid_name: String,
}

impl OpenIdArguments {
    fn provider(&self, public: &[PublicAddress]) -> Result<Option<OpenIdProvider>> {
        let (Some(issuer), Some(client), Some(address)) =
            (&self.openid_issuer, &self.openid_client, public.first())
        else {
            return Ok(None);
        };
        let secret = self
            .openid_secret_file
            .as_deref()
            .map(|file| private_secret(file, "客户端密钥文件"))
            .transpose()?;
        let settings = OpenIdSettings {
            issuer: issuer.trim().to_owned(),
            client: client.clone(),
            secret,
            name: self.openid_name.clone(),
            address: address.origin(),
        };
        let provider = OpenIdProvider::new(settings);
        Ok(Some(provider.with_context(|| format!("--openid-issuer 不能是“{issuer}”"))?))
    }
}

/// How mail is sent.
#[derive(clap::Args)]
struct MailArguments {
    #[arg(
        long,
        value_name = "主机",
        requires_all = ["accounts", "mail_from"],
        help = "发邮件用的服务器（SMTP）。设了才寄催报、通知和单位入口"
    )]
    smtp_host: Option<String>,
    #[arg(
        long,
        value_name = "端口",
        requires = "smtp_host",
        help = "邮件服务器的端口，默认 587（starttls）、465（tls）或 25（none）"
    )]
    smtp_port: Option<u16>,
    #[arg(
        long,
        value_name = "方式",
        value_enum,
        hide_possible_values = true,
        default_value_t,
        help = "怎样加密：starttls（默认）、tls、none（不加密，只用于可信的内网，不能带密码）"
    )]
    smtp_tls: SmtpEncryption,
    #[arg(
        long,
        value_name = "文件",
        requires = "smtp_host",
        help = "邮件服务器的证书由内部机构签发的，该机构的证书（PEM）；系统信任的仍然有效"
    )]
    smtp_authority: Option<PathBuf>,
    #[arg(long, value_name = "用户名", requires_all = ["smtp_host", "smtp_password_file"], help = "登录邮件服务器的用户名")]
    smtp_user: Option<String>,
    #[arg(
        long,
        value_name = "文件",
        requires = "smtp_user",
        help = "登录邮件服务器的密码所在的文件，只有自己能读（chmod 600）"
    )]
    smtp_password_file: Option<PathBuf>,
    #[arg(
        long,
        value_name = "发件人",
        requires = "smtp_host",
        help = "邮件的发件人：地址，或者 名称 <地址>"
    )]
    mail_from: Option<String>,
}

/// How the line to the mail server is kept from others, as it is typed.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum SmtpEncryption {
    #[default]
    Starttls,
    Tls,
    None,
}

impl MailArguments {
    /// What was typed, if mail is to be sent at all.
    fn settings(&self) -> Result<Option<MailSettings>> {
        let (Some(host), Some(from)) = (&self.smtp_host, &self.mail_from) else { return Ok(None) };
        let (security, port) = match self.smtp_tls {
            SmtpEncryption::Starttls => (SmtpSecurity::StartTls, 587),
            SmtpEncryption::Tls => (SmtpSecurity::Tls, 465),
            SmtpEncryption::None => (SmtpSecurity::Plain, 25),
        };
        let login = match (&self.smtp_user, &self.smtp_password_file) {
            (Some(name), Some(file)) => Some((name.clone(), private_secret(file, "密码文件")?)),
            _ => None,
        };
        if login.is_some() && security == SmtpSecurity::Plain {
            bail!("--smtp-tls none 不能带用户名和密码：密码会在网络上被人看到。请用 starttls 或 tls");
        }
        let port = self.smtp_port.unwrap_or(port);
        let read = |file: &PathBuf| {
            #[expect(clippy::disallowed_methods, reason = "this is the door")]
            let read = std::fs::read(file);
            read.with_context(|| format!("不能读取证书文件 {}", file.display()))
        };
        let authorities = self.smtp_authority.as_ref().map(read).transpose()?;
        Ok(Some(MailSettings {
            host: host.clone(),
            port,
            security,
            login,
            authorities,
            from: from.clone(),
            patience: PATIENCE,
        }))
    }
}

pub(super) fn run(arguments: ServeArguments, installation: &Installation) -> Result<CommandEnd> {
    // What is made from here on is for whoever runs the service, and nobody else.
    umask(Mode::RWXG | Mode::RWXO);
    let token = token(&arguments)?;
    let mail = arguments.mail.settings()?;
    let public = arguments.public_address.iter().map(|written| public_address(written));
    let public = public.collect::<Result<Vec<_>>>()?;
    let openid = arguments.openid.provider(&public)?;
    let is_open = token.is_none() && !arguments.without_token && !arguments.accounts;
    if is_open && !arguments.listen.ip().is_loopback() {
        bail!(
            "监听本机以外的地址要有访问令牌：请用 --token-file 指明令牌文件；前面另有访问控制的，可用 --without-token"
        );
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let presses = arguments.jobs.unwrap_or(cores).clamp(1, 64);
    let workers = NonZeroUsize::new(presses).unwrap_or(NonZeroUsize::MIN);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_writer(std::io::stderr)
        .init();
    let press = installation.open()?;
    let guide = press.settings.guide.clone().unwrap_or_else(Guide::built_in);
    let batches = jobs::JobSettings {
        heartbeat: Duration::from_secs(arguments.heartbeat.max(1)),
        keep: Duration::from_secs(arguments.keep.saturating_mul(24 * 60 * 60)),
        checks: press.settings.clone(),
        ..jobs::JobSettings::below(arguments.place.data.clone(), workers, installation.fingerprint()?)
    };
    let batches = jobs::JobSettings {
        database: arguments.place.place(),
        store: arguments.store.as_deref().map_or(batches.store, store),
        ..batches
    };
    let (presses, readers) = (arguments.limits.crew(installation)?, arguments.limits.readers()?);
    let staff = Staff::start(presses, readers, workers, workers.get() * WAITING_PER_PRESS);

    tokio::runtime::Runtime::new().context("不能启动网络服务")?.block_on(async {
        let database = batches.database.clone();
        let jobs = Some(Jobs::open(batches, staff.clone()).await?);
        let office = match arguments.accounts {
            true => Some(Office::open(&database).await.context("不能使用账号的数据库")?),
            false => None,
        };
        let listener = TcpListener::bind(arguments.listen).await;
        let listener = listener
            .with_context(|| format!("不能监听 {}，可用 --listen 换一个地址或端口", arguments.listen))?;
        let local = format!("http://{}", listener.local_addr()?);
        let (address, listening) = match public.first() {
            Some(public) => (public.origin(), format!("在 {local}/ 监听，")),
            None => (local, String::new()),
        };
        terminal::say(&format!("年报已启动，请在浏览器中打开 {address}/ （{listening}按 Ctrl-C 停止）\n"));
        let dispatch = match &office {
            Some(office) => {
                invite_first(office, &address).await?;
                let settings = DispatchSettings { mail, calls_private: arguments.private_webhooks, address };
                Some(Dispatch::new(office.clone(), &settings, web::now).context("邮件的设置不对")?)
            }
            None => None,
        };
        let settings = ServiceSettings { token, staff, jobs, guide, office, openid, dispatch };
        web::serve(listener, public, press.templates, settings, stop_signal()?).await.context("网络服务中断")
    })?;
    Ok(CommandEnd::Fine)
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

/// Where results go that do not lie below the data folder.
fn store(place: &str) -> StorePlace {
    if place.starts_with("s3://") {
        #[expect(clippy::disallowed_methods, reason = "this is the door; keys belong in no command line")]
        let options = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
        return StorePlace::Bucket { url: place.to_owned(), options };
    }
    StorePlace::Folder(place.trim_start_matches("file://").into())
}

fn token(arguments: &ServeArguments) -> Result<Option<String>> {
    let Some(path) = &arguments.token_file else { return Ok(None) };
    let token = secret_in(path, "令牌文件")?;
    if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("令牌文件 {} 里应有一个至少 16 位的令牌，由字母、数字和符号组成", path.display());
    }
    demand_private(path, "令牌文件")?;
    Ok(Some(token))
}

/// The secret in a file. `what` says what the file is.
fn secret_in(path: &Path, what: &str) -> Result<String> {
    let secret = fs::read_to_string(path).with_context(|| format!("读不了{what} {}", path.display()))?;
    Ok(secret.trim().to_owned())
}

/// The same of a file that nobody else may read.
fn private_secret(path: &Path, what: &str) -> Result<String> {
    let secret = secret_in(path, what)?;
    if secret.is_empty() {
        bail!("{what} {} 是空的", path.display());
    }
    demand_private(path, what)?;
    Ok(secret)
}

/// Refuses a file with a secret that others may read.
fn demand_private(path: &Path, what: &str) -> Result<()> {
    let status = path.metadata().with_context(|| format!("读不了{what} {}", path.display()))?;
    if status.is_file() && status.permissions().mode() & 0o077 != 0 {
        bail!("{what} {} 别人也能读写：请运行 chmod 600 {}，并换一个", path.display(), as_argument(path));
    }
    Ok(())
}

/// A path as a shell takes it.
fn as_argument(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    if is_plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
