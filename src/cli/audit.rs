//! `nianbao audit`.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::configuration::SettingsArguments;
use super::{CommandEnd, DataArguments, terminal};
use crate::audit::{Record, RecordHead};

#[derive(clap::Args)]
pub(super) struct AuditArguments {
    #[arg(
        value_name = "做什么",
        hide_possible_values = true,
        help = "verify 逐条核对操作记录，有没有被改过、缺了、换过；head 输出最新一条的编号和校验值，供打印留存"
    )]
    task: AuditTask,
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    data: DataArguments,
    #[arg(long, value_name = "编号:校验值", help = "以前留存的编号和校验值，核对时用：它必须还在记录里")]
    head: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum AuditTask {
    Verify,
    Head,
}

pub(super) fn run(arguments: AuditArguments) -> Result<CommandEnd> {
    let printed = arguments.head.as_deref().map(printed_head).transpose()?;
    let place = arguments.data.existing()?;
    tokio::runtime::Runtime::new().context("程序不能运行")?.block_on(async {
        let pool = place.open().await.context("打不开数据库")?;
        let Some(record) = Record::beside(&pool).await else {
            bail!("这个数据库里没有操作记录：服务没有用 --accounts 启动过");
        };
        match arguments.task {
            AuditTask::Head => {
                let head = record.head().await.context("读不了操作记录")?;
                terminal::say(&format!("{}:{}\n", head.number, head.hash));
                Ok(CommandEnd::Fine)
            }
            AuditTask::Verify => verify(&record, printed.as_ref()).await,
        }
    })
}

async fn verify(record: &Record, printed: Option<&RecordHead>) -> Result<CommandEnd> {
    let result = record.verify(printed).await.context("读不了操作记录")?;
    for fault in &result.faults {
        terminal::complain(&fault.to_string());
    }
    if result.untold > 0 {
        terminal::complain(&format!("还有 {} 处没有列出", result.untold));
    }
    let count = result.faults.len() as u64 + result.untold;
    if count > 0 {
        terminal::complain(&format!(
            "操作记录有 {count} 处不对：它在程序以外被动过。请保存好数据库，查明是谁"
        ));
        return Ok(CommandEnd::DocumentAtFault);
    }
    let against = match printed {
        Some(head) => format!("，留存的第 {} 条也在里面", head.number),
        None => String::new(),
    };
    terminal::say(&format!("操作记录完好：共 {} 条，逐条核对无误{against}。\n", result.entries));
    Ok(CommandEnd::Fine)
}

/// What was printed once: `123:4f2a…`.
fn printed_head(written: &str) -> Result<RecordHead> {
    let head = written.trim().split_once(':').and_then(|(number, hash)| {
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(RecordHead { number: number.parse().ok().filter(|_| is_hash)?, hash: hash.to_ascii_lowercase() })
    });
    head.context("--head 要写成 nianbao audit head 输出的样子：编号、冒号、64 位校验值")
}
