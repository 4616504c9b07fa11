//! The configuration file of a service: what the flags of `serve` say, by their names without the dashes. What is typed
//! wins over the environment, and both over the file.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::Value;

/// Where packages put it.
const USUAL: &str = "/etc/nianbao/nianbao.toml";

/// The flag that names another.
const FLAG: &str = "settings";

/// The commands that read it.
const COMMANDS: [&str; 2] = ["serve", "doctor"];

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
    let mut all = typed.to_vec();
    for (key, value) in &written {
        let argument = command
            .find_subcommand(name)
            .into_iter()
            .flat_map(Command::get_arguments)
            .chain(command.get_arguments())
            .find(|argument| argument.get_long() == Some(key) && key != FLAG && key != "help");
        let Some(argument) = argument else {
            bail!(
                "配置文件 {} 里没有叫“{key}”的设置。可以写的见 nianbao serve --help，名称不带 --",
                path.display()
            );
        };
        if !is_said(argument, of_service) {
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
