//! `nianbao doctor`: what a service will need here, looked at one by one, and what to do about what is not right.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use rustix::process::{Resource, getrlimit};
use sqlx::Connection;
use tokio::time::timeout;

use super::serve::ServeArguments;
use super::{CommandEnd, terminal};
use crate::database::DatabasePlace;
use crate::input::Format;
use crate::installation::Installation;
use crate::intake::DocumentForm;
use crate::jobs::{self, StorePlace};
use crate::post::{self, MailSettings};
use crate::system;
use crate::typeset::FaceRole;
use crate::web::OpenIdProvider;

#[derive(clap::Args)]
pub(super) struct DoctorArguments {
    #[command(flatten)]
    serve: Box<ServeArguments>,
}

/// How one thing stands.
enum Condition {
    Fine(String),
    /// It works, and will not for ever: what to do.
    Mind(String, &'static str),
    /// It does not work: what to do.
    Wrong(String, &'static str),
}

use Condition::{Fine, Mind, Wrong};

/// How much room there should be for batches, and how much there must be, in bytes.
const GOOD_ROOM: u64 = 2 << 30;
const LEAST_ROOM: u64 = 64 << 20;

/// How much memory a service takes, and each of its workers, in bytes (docs/performance.md).
const OF_SERVICE: u64 = 256 << 20;
const OF_WORKER: u64 = 300 << 20;

/// File handles that a full house needs: as many connections as there are places, and the rest.
const GOOD_HANDLES: u64 = 1024;

/// How long a database or store may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// When this was written, in seconds since 1970: no clock is right that says less.
const THEN: u64 = 1_790_000_000;

pub(super) fn run(arguments: DoctorArguments, installation: &Installation) -> Result<CommandEnd> {
    let serve = &arguments.serve;
    let runtime = tokio::runtime::Runtime::new()?;
    let looked_at: Vec<(&str, Condition)> = vec![
        ("字体", faces(installation)),
        ("模板和检查的配置", settings(installation)),
        ("排版进程", worker(serve, installation)),
        ("监听的地址", address(serve)),
        ("数据文件夹", data_folder(serve.data())),
        ("磁盘空间", room(serve.data())),
        ("数据库", runtime.block_on(database(serve.database()))),
        ("成果的存放处", runtime.block_on(store(serve.store(), serve.data()))),
        ("邮件服务器", runtime.block_on(mail_server(serve.mail()))),
        ("登录服务", runtime.block_on(provider(serve.openid()))),
        ("时钟", clock()),
        ("内存", memory(serve.workers())),
        ("同时打开的文件数", handles()),
    ];
    let mut is_wrong = false;
    for (name, condition) in looked_at {
        let (mark, said, advice) = match condition {
            Fine(said) => ("正常", said, None),
            Mind(said, advice) => ("注意", said, Some(advice)),
            Wrong(said, advice) => {
                is_wrong = true;
                ("不行", said, Some(advice))
            }
        };
        terminal::say(&format!("{mark}  {name}：{}\n", terminal::plain(&said)));
        if let Some(advice) = advice {
            terminal::say(&format!("      {advice}\n"));
        }
    }
    terminal::say(if is_wrong {
        "\n有不行的地方，请照上面的说明改好，再运行一次 nianbao doctor。\n"
    } else {
        "\n可以启动服务。\n"
    });
    Ok(if is_wrong { CommandEnd::ProgramAtFault } else { CommandEnd::Fine })
}

fn faces(installation: &Installation) -> Condition {
    let fonts = match installation.open_fonts() {
        Ok(fonts) => fonts,
        Err(error) => return Wrong(error.to_string(), "字体齐了服务才能启动；看哪里找字体：nianbao fonts"),
    };
    let has_official =
        |role: &FaceRole| fonts.faces().iter().any(|face| face.role == *role && face.is_official);
    let stand_ins: Vec<&str> =
        FaceRole::all().filter(|role| !has_official(role)).map(FaceRole::name).collect();
    let folder = installation.fonts.display();
    match stand_ins.as_slice() {
        [] => Fine(format!("{folder}，都是本单位的字体")),
        _ => Mind(
            format!("{folder}，{}用免费字体代用", stand_ins.join("、")),
            "本单位有授权的字体（如方正小标宋、仿宋_GB2312）放进这个文件夹，就用它们",
        ),
    }
}

fn settings(installation: &Installation) -> Condition {
    match installation.open() {
        Ok(press) => Fine(format!("{}个模板", press.templates.iter().count())),
        Err(error) => Wrong(error.to_string(), "请照上面说的改好文件，或者不用它"),
    }
}

fn worker(serve: &ServeArguments, installation: &Installation) -> Condition {
    let minimal = br#"{"year": 2024, "issuer": {"name": "\u7532\u5e02"}}"#;
    let form = DocumentForm::Contract(Format::Json);
    let named = serve.crew(installation).map(|crew| crew.worker().identify(minimal, form, "report.json"));
    match named {
        Ok(Ok(told)) if told.year == Some(2024) => Fine("能启动，能读报告".into()),
        Ok(Ok(_)) => Wrong("启动了，但没有读成报告".into(), "程序可能不完整，请重新安装"),
        Ok(Err(error)) => {
            Wrong(system::in_words(&error), "内存或进程数可能受到限制；请看 ulimit -a 和服务单元的限制")
        }
        Err(error) => Wrong(error.to_string(), "请重新安装程序"),
    }
}

fn address(serve: &ServeArguments) -> Condition {
    let listen = serve.listen();
    match TcpListener::bind(listen) {
        Ok(_) => Fine(format!("{listen} 可以用")),
        Err(error) => Wrong(
            format!("{listen}：{}", system::in_words(&error)),
            "请停下占用它的程序，或用 --listen 换一个",
        ),
    }
}

fn data_folder(folder: &Path) -> Condition {
    let file = folder.ancestors().find(|above| above.exists()).filter(|above| !above.is_dir());
    if let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) {
        return Wrong(format!("{} 不是文件夹", file.display()), "请移走它，或用 --data 换一处");
    }
    let lock = fs::File::open(folder.join("lock"));
    if lock.is_ok_and(|lock| lock.try_lock().is_err()) {
        return Wrong(
            format!("{} 正由另一个服务使用", folder.display()),
            "一个数据文件夹只能有一个服务：请停下那一个，或用 --data 换一处",
        );
    }
    if !folder.is_dir() {
        return Mind(format!("还没有 {}", folder.display()), "第一次启动时会新建；换一处可用 --data");
    }
    match tempfile::tempfile_in(folder) {
        Ok(_) => Fine(format!("{} 可以读写", folder.display())),
        Err(error) => Wrong(
            format!("{} 不能写：{}", folder.display(), system::in_words(&error)),
            "请把它交给运行服务的用户（chown），权限设为 700",
        ),
    }
}

fn room(folder: &Path) -> Condition {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let free = match rustix::fs::statvfs(there) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Wrong(system::in_words(&error.into()), "请检查磁盘"),
    };
    let said = format!("还有 {} 可用", size(free));
    match free {
        ..LEAST_ROOM => Wrong(said, "请腾出空间，或用 --data 换一个磁盘"),
        LEAST_ROOM..GOOD_ROOM => Mind(said, "一批一千份报告约需 1 GiB；请腾出空间，或缩短 --keep 的天数"),
        GOOD_ROOM.. => Fine(said),
    }
}

async fn database(place: Result<DatabasePlace>) -> Condition {
    let place = match &place {
        Ok(place) => place,
        Err(error) => return Wrong(error.to_string(), "请改好 --database"),
    };
    if let DatabasePlace::File(file) = place
        && !file.is_file()
    {
        return Mind(format!("还没有 {}", file.display()), "第一次启动时会新建");
    }
    let asked = timeout(PATIENCE, async {
        let pool = place.open().await?;
        pool.acquire().await?.ping().await?;
        let statement = match place {
            DatabasePlace::File(_) => "SELECT 'SQLite ' || sqlite_version()",
            DatabasePlace::Url(_) => "SELECT 'PostgreSQL ' || current_setting('server_version')",
        };
        sqlx::query_scalar::<_, String>(statement).fetch_one(&pool).await
    });
    let advice = "请检查数据库是否在运行、网址和密码对不对、运行服务的用户能不能读写";
    match asked.await {
        Ok(Ok(version)) => Fine(version),
        // What a driver says may hold the address with its password.
        Ok(Err(sqlx::Error::Database(error))) => Wrong(error.message().to_owned(), advice),
        Ok(Err(sqlx::Error::Io(error))) => Wrong(system::in_words(&error), advice),
        Ok(Err(_)) => Wrong("连接不上".into(), advice),
        Err(_) => Wrong("10 秒没有回应".into(), advice),
    }
}

async fn store(place: Option<StorePlace>, data: &Path) -> Condition {
    let place = place.unwrap_or_else(|| StorePlace::Folder(data.join("store")));
    if let StorePlace::Folder(folder) = &place
        && !folder.is_dir()
    {
        return Mind(format!("还没有 {}", folder.display()), "第一次启动时会新建");
    }
    let advice = "请检查它是否在运行、位置和密钥对不对（AWS_ 开头的环境变量）、能不能写";
    match timeout(PATIENCE, jobs::reach_store(&place)).await {
        Ok(Ok(())) => Fine("可以读写".into()),
        Ok(Err(error)) => Wrong(error.to_string(), advice),
        Err(_) => Wrong("10 秒没有回应".into(), advice),
    }
}

/// The mail server: whether it lets the service in. No mail is sent.
async fn mail_server(settings: Result<Option<MailSettings>>) -> Condition {
    let settings = match settings {
        Ok(Some(settings)) => settings,
        Ok(None) => return Fine("没有设，不寄邮件".into()),
        Err(error) => return Wrong(format!("{error:#}"), "请改好 --smtp 开头的设置"),
    };
    match post::reach(&settings).await {
        Ok(()) => Fine(format!("{}:{} 可以用", settings.host, settings.port)),
        Err(error) => Wrong(
            error.to_string(),
            "请检查它是否在运行，--smtp-host、--smtp-port、--smtp-tls 和用户名、密码对不对",
        ),
    }
}

/// The provider of logins: whether it says of itself what it must.
async fn provider(provider: Result<Option<OpenIdProvider>>) -> Condition {
    match provider {
        Ok(Some(provider)) if provider.is_there().await => Fine("有回应".into()),
        Ok(Some(_)) => Wrong(
            "没有回应，或者不像登录服务那样回应".into(),
            "请检查它是否在运行，--openid-issuer 是不是照它自己写的；用密码仍能登录",
        ),
        Ok(None) => Fine("没有设，用账号和密码登录".into()),
        Err(error) => Wrong(format!("{error:#}"), "请改好 --openid 开头的设置"),
    }
}

fn clock() -> Condition {
    #[expect(clippy::disallowed_methods, reason = "whether the clock is right is what is asked")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match now {
        ..THEN => Wrong(
            "比程序发布的时间还早".into(),
            "请校准时间（timedatectl set-ntp true）：链接、令牌和截止日都要看它",
        ),
        THEN.. => Fine("时间合理".into()),
    }
}

fn memory(workers: usize) -> Condition {
    let Some(free) = free_memory() else { return Fine("看不出有多少".into()) };
    // Those that check, preview and read, two of each at most, beside those that make files.
    let needed = OF_SERVICE + OF_WORKER * (workers + workers.max(2) + 2) as u64;
    let said = format!("可用 {}，这个服务约需 {}", size(free), size(needed));
    match free >= needed {
        true => Fine(said),
        false => Mind(said, "请用 --jobs 减少同时生成的报告数，或增加内存"),
    }
}

/// What is free of the machine, or of the group that this process may take from, in bytes.
fn free_memory() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let of_machine = read("/proc/meminfo")?.lines().find_map(|line| {
        line.strip_prefix("MemAvailable:")?.split_whitespace().next()?.parse::<u64>().ok()
    })? << 10;
    let number = |path| read(path)?.trim().parse::<u64>().ok();
    let of_group = number("/sys/fs/cgroup/memory.max")
        .map(|most| most.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    Some(of_group.map_or(of_machine, |of_group| of_group.min(of_machine)))
}

fn handles() -> Condition {
    // The service raises its limit as far as it may.
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < GOOD_HANDLES => {
            Mind(format!("最多 {most} 个"), "同时来的人多时会排队；请在服务单元里设 LimitNOFILE=4096")
        }
        Some(most) => Fine(format!("最多 {most} 个")),
        None => Fine("没有限制".into()),
    }
}

fn size(bytes: u64) -> String {
    match bytes >> 30 {
        0 => format!("{} MiB", bytes >> 20),
        _ => format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
    }
}
