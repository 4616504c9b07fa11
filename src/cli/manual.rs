//! `nianbao completions` and `nianbao man`: the command line as a shell and `man` know it.

use std::path::Path;

use anyhow::{Context, Result};
use clap::{Command, ValueEnum};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::{CommandEnd, terminal};

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ShellName {
    Bash,
    Zsh,
    Fish,
}

pub(super) fn completions(shell: ShellName) -> Result<CommandEnd> {
    let shell = match shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut terminal::command(), "nianbao", &mut script);
    terminal::say(&String::from_utf8_lossy(&script));
    Ok(CommandEnd::Fine)
}

/// Writes a page for the whole and one for each command. They come from the program alone, so those of an older
/// one are replaced.
pub(super) fn pages(folder: &Path) -> Result<CommandEnd> {
    std::fs::create_dir_all(folder).with_context(|| format!("不能建立 {}", folder.display()))?;
    let whole = terminal::command();
    let commands: Vec<Command> =
        whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let count = commands.len() + 1;
    for command in commands.into_iter().map(|command| named(&command)).chain([whole]) {
        let name = format!("{}.1", command.get_display_name().unwrap_or_else(|| command.get_name()));
        let mut page = Vec::new();
        Man::new(command).render(&mut page).context("手册页写不成")?;
        terminal::write_whole(&folder.join(name), in_chinese(&String::from_utf8_lossy(&page)).as_bytes())?;
    }
    let shown = folder.display();
    terminal::complain(&format!("已写到 {shown}，共 {count} 页。查看：man -l {shown}/nianbao.1"));
    Ok(CommandEnd::Fine)
}

/// A command by its whole name, as its page is called.
fn named(command: &Command) -> Command {
    let name = format!("nianbao-{}", command.get_name());
    command.clone().display_name(name)
}

/// The page with its headings in Chinese: the maker's own are English.
fn in_chinese(page: &str) -> String {
    const HEADINGS: [(&str, &str); 8] = [
        ("NAME", "名称"),
        ("SYNOPSIS", "用法"),
        ("DESCRIPTION", "说明"),
        ("OPTIONS", "选项"),
        ("SUBCOMMANDS", "命令"),
        ("EXTRA", "示例"),
        ("VERSION", "版本"),
        ("AUTHORS", "作者"),
    ];
    let line = |line: &str| match line.strip_prefix(".SH ") {
        Some(heading) => {
            let heading = heading.trim_matches('"');
            let known = HEADINGS.iter().find(|(english, _)| *english == heading).map(|(_, chinese)| *chinese);
            format!(".SH {}\n", known.unwrap_or(heading))
        }
        None => format!("{line}\n"),
    };
    page.lines().map(line).collect()
}
