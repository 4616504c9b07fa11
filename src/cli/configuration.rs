//! The configuration file of a service: what the flags of `serve` say, by their names without the dashes. What is typed
//! wins over the environment, and both over the file.

use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::Value;
use url::Url;

use super::secrets::demand_private;

/// Where packages put it.
const USUAL: &str = "/etc/nianbao/nianbao.toml";

/// The flag that names another.
const FLAG: &str = "settings";

/// The command whose flags may stand in it.
const WHOSE: &str = "serve";

/// The commands that read it: each takes what it has a flag for.
const COMMANDS: [&str; 4] = [WHOSE, "doctor", "backup", "audit"];

/// Flags that are of one moment, and stand in no file.
const NEVER_WRITTEN: [&str; 3] = [FLAG, "check-config", "help"];

/// Which file it is.
#[derive(clap::Args)]
pub(super) struct SettingsArguments {
    // Read before anything else is.
    #[arg(
        long,
        value_name = "文件",
        help = "配置文件（TOML），写法如 listen = \"127.0.0.1:8080\"，名称与 serve 的选项相同；默认有 /etc/nianbao/nianbao.toml 就读它。选项和环境变量优先"
    )]
    settings: Option<PathBuf>,
}

/// A file with every setting that there is, for an operator to make their own of: nothing is set in it.
pub(super) fn blank(command: &Command) -> String {
    let mut text = String::from(
        "# 年报服务的配置：nianbao serve 的每个选项都可以写在这里，名称相同，不带 --。\n\
         # 要改哪一项，去掉那一行行首的 #，把“地址”“文件”这样的字换成自己的；不写的，照说明里的默认。\n\
         # 改好后先用 nianbao serve --check-config 检查，再用 systemctl reload nianbao 让服务照办。\n\
         # 命令行的选项和环境变量优先于这里。\n",
    );
    for argument in settings(command).filter(|argument| !argument.is_hide_set()) {
        let name = argument.get_long().expect("a setting is a flag");
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, "\n# {help}\n# {name} = {}\n", example(argument));
    }
    text
}

/// All that may be written in the file.
fn settings(command: &Command) -> impl Iterator<Item = &Arg> {
    let of_service = command.find_subcommand(WHOSE).into_iter().flat_map(Command::get_arguments);
    let of_all = command.get_arguments().filter(|argument| argument.is_global_set());
    let is_setting = |argument: &&Arg| argument.get_long().is_some_and(|name| !NEVER_WRITTEN.contains(&name));
    of_service.chain(of_all).filter(is_setting)
}

/// How a value of it is written: the one that holds where nothing is, or what it is a value of.
fn example(argument: &Arg) -> String {
    let usual = argument.get_default_values().first().map(|value| value.to_string_lossy());
    let named = argument.get_value_names().and_then(|names| names.first());
    let value = match (argument.get_action(), usual, named) {
        (ArgAction::SetTrue, ..) => Value::Boolean(false),
        (_, Some(usual), _) => usual.parse().map_or_else(|_| Value::String(usual.into()), Value::Integer),
        (_, None, named) => Value::String(named.map(ToString::to_string).unwrap_or_default()),
    };
    match argument.get_action() {
        ArgAction::Append => format!("[{value}]"),
        _ => value.to_string(),
    }
}

/// What was typed, and behind it what the configuration file adds, where the command reads one.
pub(super) fn completed(command: Command, typed: &[OsString]) -> Result<Vec<OsString>> {
    // Whether everything is there is seen when it is complete.
    let Ok(matches) = command.clone().ignore_errors(true).try_get_matches_from(typed) else {
        return Ok(typed.to_vec());
    };
    let Some((name, of_service)) = matches.subcommand().filter(|(name, _)| COMMANDS.contains(name)) else {
        return Ok(typed.to_vec());
    };
    let named = of_service.try_get_one::<PathBuf>(FLAG).ok().flatten();
    let path = named.map_or(Path::new(USUAL), PathBuf::as_path);
    if named.is_none() && !path.is_file() {
        return Ok(typed.to_vec());
    }
    let text = fs::read_to_string(path).with_context(|| format!("读不了配置文件 {}", path.display()))?;
    let written: toml::Table = text
        .parse()
        .map_err(|fault: toml::de::Error| ParserWords(fault.to_string()))
        .with_context(|| format!("配置文件 {} 的写法不对", path.display()))?;
    if written.values().any(has_password) {
        demand_private(path, "带密码的配置文件").with_context(|| {
            "数据库的网址带密码的，可以写在环境变量 NIANBAO_DATABASE 里（服务由 /etc/nianbao/environment 取得）"
        })?;
    }
    let of_command: Vec<&str> = command
        .find_subcommand(name)
        .into_iter()
        .flat_map(Command::get_arguments)
        .filter_map(Arg::get_long)
        .collect();
    let mut all = typed.to_vec();
    for (key, value) in &written {
        let Some(argument) = settings(&command).find(|argument| argument.get_long() == Some(key)) else {
            bail!("配置文件 {} 里没有叫“{key}”的设置。可以写的见 nianbao settings", path.display());
        };
        let is_asked = argument.is_global_set() || of_command.contains(&key.as_str());
        if is_asked && !is_said(argument, of_service) {
            let said = said(argument, value)
                .with_context(|| format!("配置文件 {} 里“{key}”的值不对", path.display()))?;
            all.extend(said.into_iter().map(OsString::from));
        }
    }
    Ok(all)
}

/// What a parser says of a file, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ParserWords(String);

/// Whether it is an address with a password in it.
fn has_password(value: &Value) -> bool {
    let address = value.as_str().and_then(|text| Url::parse(text).ok());
    address.is_some_and(|address| address.password().is_some())
}

/// Whether somebody has typed it, or the environment says it.
fn is_said(argument: &Arg, matches: &ArgMatches) -> bool {
    let source = matches
        .try_contains_id(argument.get_id().as_str())
        .ok()
        .and_then(|_| matches.value_source(argument.get_id().as_str()));
    matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
}

/// The same as if it had been typed.
fn said(argument: &Arg, value: &Value) -> Result<Vec<String>> {
    let flag = format!("--{}", argument.get_long().unwrap_or_default());
    let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
    let one = |value: &Value| match value {
        Value::String(text) => Ok(format!("{flag}={text}")),
        Value::Integer(number) => Ok(format!("{flag}={number}")),
        _ => bail!("要写成带引号的文字或者整数"),
    };
    match value {
        Value::Boolean(is_on) if is_switch => Ok(is_on.then_some(flag.clone()).into_iter().collect()),
        _ if is_switch => bail!("要写 true 或 false"),
        Value::Array(values) if matches!(argument.get_action(), ArgAction::Append) => {
            values.iter().map(one).collect()
        }
        _ => Ok(vec![one(value)?]),
    }
}
