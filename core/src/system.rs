//! What the operating system says, in words for whoever stands before it. It says it in English, by numbers.

use std::borrow::Cow;
use std::io::{Error, ErrorKind};
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What is wrong, in a few words.
pub fn in_words(error: &Error) -> String {
    if let Some(number) = error.raw_os_error() {
        return of_number(number);
    }
    let words = match error.kind() {
        ErrorKind::NotFound => "没有这个文件或文件夹",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已经有了",
        ErrorKind::IsADirectory => "它是文件夹，不是文件",
        ErrorKind::NotADirectory => "路径中间有一段不是文件夹",
        ErrorKind::ReadOnlyFilesystem => "所在的磁盘是只读的",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::UnexpectedEof => "没有读完就断了，文件可能不完整",
        ErrorKind::TimedOut => "等得太久，没有回应",
        ErrorKind::BrokenPipe => "对方已经不再接收",
        _ => return without_numbers(&error.to_string()).into_owned(),
    };
    words.into()
}

/// A text in which errors of the system stand in words: 没有权限 for `Permission denied (os error 13)`.
pub fn without_numbers(text: &str) -> Cow<'_, str> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[A-Z][A-Za-z0-9 ,/'-]* \(os error ([0-9]{1,5})\)").expect("a constant pattern")
    });
    SAID.replace_all(text, |said: &Captures| said[1].parse().map_or_else(|_| said[0].to_owned(), of_number))
}

fn of_number(number: i32) -> String {
    let words = match number {
        1 | 13 => "没有权限",
        2 => "没有这个文件或文件夹",
        5 => "磁盘读写出错",
        11 => "系统暂时忙不过来",
        12 => "内存不够",
        16 | 26 => "它正在使用",
        17 => "已经有了",
        18 => "不在同一个磁盘上",
        20 => "路径中间有一段不是文件夹",
        21 => "它是文件夹，不是文件",
        22 => "系统不接受这样的文件或参数",
        23 | 24 => "打开的文件太多",
        27 => "文件太大",
        28 => "磁盘已满",
        30 => "所在的磁盘是只读的",
        32 => "对方已经不再接收",
        36 => "名称太长",
        39 => "文件夹不是空的",
        40 => "链接绕了圈子",
        98 => "这个端口已经有程序在用",
        99 => "这台机器没有这个地址",
        101 | 113 => "网络不通",
        104 => "对方断开了连接",
        110 => "等得太久，没有回应",
        111 => "对方没有在听",
        122 => "磁盘配额已用完",
        _ => return format!("操作系统报告错误 {number}"),
    };
    words.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_stand_in_words() {
        for number in [2, 13, 21, 28, 98, 9999] {
            let error = Error::from_raw_os_error(number);
            let words = in_words(&error);
            assert!(!words.contains("os error") && words.chars().any(|c| c > '\u{4E00}'), "{words}");
            assert_eq!(without_numbers(&format!("读不了：{error}。")), format!("读不了：{words}。"));
        }
        assert_eq!(without_numbers("甲"), "甲");
        assert_eq!(in_words(&ErrorKind::TimedOut.into()), "等得太久，没有回应");
    }
}
