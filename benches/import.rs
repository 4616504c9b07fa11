//! What an import costs, against typesetting what comes of it, and against its own length.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use nianbao::import::{Particulars, import};
use nianbao::input::{Format, read};
use nianbao::installation::Installation;
use nianbao::pipeline::Press;
use nianbao::report::Report;
use nianbao::template::{Purpose, fill};
use nianbao::typeset::{Pace, typeset, work_alone};
use tools::{STACK_BYTES, fresh, median};

fn main() {
    let in_thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(|| {
        work_alone().expect("a thread of its own");
        against_typesetting();
        growth();
    });
    in_thread.expect("a thread").join().expect("the benchmark ran to its end");
}

/// The import of 济南's text, and the typesetting of what comes of it, in turn. No two are alike:
/// typst remembers.
fn against_typesetting() {
    let Some(jinan) = jinan() else {
        println!("济南: NIANBAO_REAL_REPORTS does not name a folder");
        return;
    };
    let fonts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fonts");
    let installation = Installation { fonts, ..Installation::default() };
    let press: Press = installation.open().expect("make fonts has fetched the faces");
    let given = Particulars { date: "2021-03-31".parse().ok(), ..Particulars::default() };
    let pair = |_| {
        let text = jinan.replace('。', &format!("（{}）。", fresh()));
        let start = Instant::now();
        let imported = import(text.as_bytes(), &given).expect("a report");
        let importing = start.elapsed();
        let report: Report =
            read(imported.document.to_string().as_bytes(), Format::Json).expect("readable").value;
        let report = report.into();
        let template = press.templates.of(&report).expect("the usual template");
        let filled = fill(template, &report, Purpose::Draft).expect("sound");
        let start = Instant::now();
        typeset(&filled, &press.fonts, Pace::AtOnce).expect("sound");
        importing.as_secs_f64() / start.elapsed().as_secs_f64()
    };
    let ratio = median((0..23).map(pair).skip(2).collect());
    println!("济南: import / typesetting                                {ratio:.3}  (at most 0.1)");
}

/// How much longer four times the text takes, at the worst of several kinds of text, up to 10 MB.
fn growth() {
    let head = "云州市2024年法治政府建设年度报告\n一、主要举措和成效\n";
    let shapes = [
        (
            "sections",
            "（一）规范执法。一是抓培训。全年培训执法人员386人次,评查案卷120卷。二是抓监督。通报单位2家。\n",
        ),
        ("one paragraph", "全年办理行政复议案件386件(含结转),审结359件,综合纠错率12.5%。"),
        ("broken lines", "全年办理行政复议案件三百八十六件，审结三百五十九件，纠错若干件\n"),
        ("spam", "bt365体育在线备用委、市政府坚持依法行政。\n"),
        ("brackets", "（(“《"),
        ("points", "一是"),
        ("tasks", "（一）开展培训。（牵头单位：区司法局；责任单位：各镇、各街道）\n"),
    ];
    for (name, shape) in shapes {
        let seconds = |bytes: usize| {
            let text = head.to_owned() + &shape.repeat(bytes / shape.len());
            let start = Instant::now();
            import(text.as_bytes(), &Particulars::default()).expect("a document");
            start.elapsed().as_secs_f64()
        };
        let (quarter, whole) = (seconds(2_500_000), seconds(10_000_000));
        println!("{name}: import of 10 MB / of 2.5 MB    {:.2}  (linear 4; {whole:.2} s)", whole / quarter);
    }
}

fn jinan() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one variable that says where the real reports are")]
    let folder = PathBuf::from(std::env::var_os("NIANBAO_REAL_REPORTS")?).join("seeds");
    let mut files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let path =
        files.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("002_")))?;
    std::fs::read_to_string(path).ok()
}
