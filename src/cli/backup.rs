//! `nianbao backup` and `nianbao restore`.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use nianbao_office::Office;
use rustix::fs::Mode;
use rustix::process::umask;
use sqlx::AnyPool;

use super::configuration::SettingsArguments;
use super::terminal::{self, Replacement};
use super::{CommandEnd, DataArguments, folder_of};
use crate::audit::{Act, Deed, Doer, Record};
use crate::backup::{self, BackupFault};
use crate::database::DatabasePlace;

/// Why what waited in a backup does not go out by itself.
const HELD_BACK: &str = "备份时在待发，恢复以后没有自动发出；可能早已发过，请核对后再发";

#[derive(clap::Args)]
pub(super) struct BackupArguments {
    #[arg(value_name = "文件", help = "写到哪个文件（ZIP）")]
    file: PathBuf,
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    data: DataArguments,
    #[arg(long, value_name = "文件夹", help = "成果所在的文件夹，服务用 --store 另指过的要写")]
    store: Option<PathBuf>,
    #[command(flatten)]
    replacement: Replacement,
}

#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    #[arg(value_name = "文件", help = "nianbao backup 做的备份文件")]
    file: PathBuf,
    // The folder must be new, or empty, and the database too.
    #[command(flatten)]
    data: DataArguments,
}

pub(super) fn back_up(arguments: BackupArguments) -> Result<CommandEnd> {
    // It holds all that the service holds.
    umask(Mode::RWXG | Mode::RWXO);
    let place = arguments.data.existing()?;
    let store = arguments.store.unwrap_or_else(|| arguments.data.data.join("store"));
    if store.starts_with("s3:") {
        bail!("成果在存储桶里的，请用存储桶自己的备份");
    }
    arguments.replacement.demand_free([&*arguments.file])?;
    let runtime = tokio::runtime::Runtime::new().context("程序不能运行")?;
    runtime.block_on(note(&place, Act::Backup, "备份到一个文件"))?;
    let folder = folder_of(&arguments.file);
    let manifest = terminal::write_by(&arguments.file, folder, |out| {
        Ok(runtime.block_on(backup::back_up(&place, &store, folder, now(), out))?)
    })?;
    let bytes: u64 = manifest.files.values().map(|file| file.bytes).sum();
    terminal::say(&format!(
        "已备份到 {}：{} 个文件，共 {} MiB。里面有账号和全部报送，请妥善保管。\n",
        arguments.file.display(),
        manifest.files.len(),
        bytes.div_ceil(1 << 20)
    ));
    Ok(CommandEnd::Fine)
}

pub(super) fn restore(arguments: RestoreArguments) -> Result<CommandEnd> {
    umask(Mode::RWXG | Mode::RWXO);
    let runtime = tokio::runtime::Runtime::new().context("程序不能运行")?;
    let (place, data) = (arguments.data.place()?, &arguments.data.data);
    if matches!(place, DatabasePlace::Url(_)) {
        runtime.block_on(backup::demand_empty(&place))?;
    }
    let manifest = match backup::unpack(&arguments.file, data) {
        Ok(manifest) => manifest,
        Err(BackupFault::Failure(failure)) => return Err(failure.into()),
        Err(fault) => {
            terminal::complain(&format!("{}：{fault}", arguments.file.display()));
            terminal::complain("什么都没有恢复。");
            return Ok(CommandEnd::DocumentAtFault);
        }
    };
    if matches!(place, DatabasePlace::Url(_)) {
        let file = data.join("nianbao.db");
        runtime
            .block_on(backup::fill(&place, &file))
            .context("数据库没有恢复成，请换一个空的数据库重新恢复")?;
        std::fs::remove_file(&file).with_context(|| format!("删不了 {}", file.display()))?;
    }
    let held = runtime.block_on(async {
        let mut held = 0;
        if has_record(&place.open().await?).await {
            let office = Office::open(&place).await?;
            // Who was logged in then is not now; somebody may have lost the right since.
            office.accounts.end_all_sessions().await?;
            // What waited then may have gone out since, or be no longer true.
            held = office.outbox.hold_back(HELD_BACK, now()).await?;
        }
        let detail = format!("原来的登录全部失效；待发的 {held} 条邮件和通知没有发出");
        note(&place, Act::Restoration, &detail).await?;
        anyhow::Ok(held)
    })?;
    terminal::say(&format!(
        "已恢复到 {0}：{1} 个文件，逐个核对无误。启动：nianbao serve --data {0}，原来用的 --accounts、--database 等也要写\n",
        data.display(),
        manifest.files.len(),
    ));
    if held > 0 {
        terminal::say(&format!(
            "备份时待发的 {held} 条邮件和通知没有自动发出，列在各次征集的“催报与通知”里，核对以后可以在那里重新发。\n"
        ));
    }
    Ok(CommandEnd::Fine)
}

/// Notes what is done here, where the service has a record.
async fn note(place: &DatabasePlace, act: Act, detail: &str) -> Result<()> {
    let pool = place.open().await.context("打不开数据库")?;
    if let Some(record) = Record::beside(&pool).await {
        let doer = Doer { name: "本机".into(), account: None, on_behalf: None, from: String::new() };
        record.note(&Deed { doer: &doer, act, of: "service", detail }, now()).await?;
    }
    pool.close().await;
    Ok(())
}

async fn has_record(pool: &AnyPool) -> bool {
    Record::beside(pool).await.is_some()
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
