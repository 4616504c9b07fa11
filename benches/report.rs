//! `make bench`: what each stage costs, and the ratios that docs/performance.md publishes. A ratio holds
//! two things measured in turn in this one run, for machines are noisy; the median of the pairs
//! counts. No two documents are alike: typst remembers, and would set the second for nothing.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use mimalloc::MiMalloc;
use nianbao::export::{self, Target};
use nianbao::guide::Guide;
use nianbao::input::{Format, read};
use nianbao::installation::Installation;
use nianbao::pipeline::{Press, check, make};
use nianbao::report::{Document, Report};
use nianbao::template::{Purpose, WordFaces, fill};
use nianbao::typeset::{Pace, Pages, typeset, work_alone};
use nianbao::web::{self, ServiceSettings};
use nianbao::workers::{Crew, Limits, Staff};
use tools::{Bare, STACK_BYTES, Specimen, fresh, median};
use tower::ServiceExt;

/// The program's own: what it makes and drops costs what it costs the program, on both sides of each ratio.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What every measurement works on.
struct Bench {
    press: Press,
    root: PathBuf,
    sample: Specimen,
    /// Where the real reports are at hand.
    jinan: Option<Specimen>,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let installation = Installation { fonts: root.join("fonts"), ..Installation::default() };
    let press = installation.open().expect("make fonts has fetched the faces");
    let sample = press.templates.find("annual-report").expect("an embedded template").sample.clone();
    let sample = Specimen { text: sample, purpose: Purpose::Issue };
    let jinan = real_report("jinan-2020").map(|text| Specimen { text, purpose: Purpose::Draft });
    Bench { press, root, sample, jinan }
});

fn main() {
    let in_thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(|| {
        // As the service does.
        work_alone().expect("a thread of its own");
        divan::main();
        ratios();
    });
    in_thread.expect("a thread").join().expect("the benchmark ran to its end");
}

/// What each stage costs by itself.
#[divan::bench_group(sample_count = 20, sample_size = 1)]
mod stages {
    use super::*;

    fn press() -> &'static Press {
        &BENCH.press
    }

    fn report() -> Document {
        BENCH.sample.read(fresh())
    }

    #[divan::bench]
    fn a_read(bencher: divan::Bencher) {
        let text = || BENCH.sample.variant(fresh());
        bencher.with_inputs(text).bench_values(|text| read::<Report>(text.as_bytes(), Format::Yaml));
    }

    #[divan::bench]
    fn b_check(bencher: divan::Bencher) {
        bencher.with_inputs(report).bench_values(|report| check(&report, press()));
    }

    #[divan::bench]
    fn c_fill(bencher: divan::Bencher) {
        let template = press().templates.of(&report()).expect("an embedded template");
        bencher.with_inputs(report).bench_values(|report| fill(template, &report, Purpose::Issue));
    }

    #[divan::bench]
    fn d_typeset(bencher: divan::Bencher) {
        let filled = || BENCH.sample.fill(fresh(), press());
        bencher.with_inputs(filled).bench_values(|filled| typeset(&filled, &press().fonts, Pace::AtOnce));
    }

    #[divan::bench]
    fn e_export(bencher: divan::Bencher) {
        let pages =
            || typeset(&BENCH.sample.fill(fresh(), press()), &press().fonts, Pace::AtOnce).expect("sound");
        bencher.with_inputs(pages).bench_values(|pages| export::pdf(&pages));
    }

    #[divan::bench]
    fn f_whole(bencher: divan::Bencher) {
        bencher.with_inputs(fresh).bench_values(|number| BENCH.sample.render(number, press()));
    }
}

/// What docs/performance.md publishes.
fn ratios() {
    let Bench { press, root, sample, jinan } = &*BENCH;
    let bare = Bare::new(press, &sample.fill(fresh(), press));
    let (ratio, edit) = editing(sample, press);
    println!(
        "sample: one character, request to changed page / cold     {ratio:.2}  (at most 0.5; {edit:.0} ms)"
    );
    let documents = [("sample", Some(sample)), ("jinan-2020", jinan.as_ref())];
    for (name, document) in documents.into_iter().filter_map(|(name, document)| Some((name, document?))) {
        let ratio = paired(
            61,
            |number| document.render(number, press),
            |number| bare.make(&document.fill(number, press)),
        );
        println!("{name}: whole way, warm / bare typst and its PDF export   {ratio:.3}  (at most 1.05)");
    }
    for (name, document) in documents.into_iter().filter_map(|(name, document)| Some((name, document?))) {
        let made = |target| {
            let report = document.read(fresh());
            let start = Instant::now();
            make(&report, document.purpose, target, press).expect("sound");
            start.elapsed().as_secs_f64()
        };
        let ratios = (0..23).map(|_| made(Target::Word(WordFaces::Official)) / made(Target::Pdf));
        let ratio = median(ratios.skip(2).collect());
        println!("{name}: the Word file / the PDF                           {ratio:.3}  (at most 0.1)");
    }
    for (name, document) in documents.into_iter().filter_map(|(name, document)| Some((name, document?))) {
        let exported = |export: &dyn Fn(&Pages)| {
            let filled = document.fill(fresh(), press);
            let pages = typeset(&filled, &press.fonts, Pace::AtOnce).expect("sound");
            let start = Instant::now();
            export(&pages);
            start.elapsed().as_secs_f64()
        };
        let ofd = |pages: &Pages| _ = export::ofd(pages, &press.fonts).expect("sound");
        let pdf = |pages: &Pages| _ = export::pdf(pages).expect("sound");
        let ratios = (0..23).map(|_| exported(&ofd) / exported(&pdf));
        let ratio = median(ratios.skip(2).collect());
        println!("{name}: the export as OFD / as PDF                       {ratio:.3}  (at most 0.5)");
    }
    for (name, document) in documents.into_iter().filter_map(|(name, document)| Some((name, document?))) {
        let ratios = (0..21).map(|_| {
            let (report, filled) = (document.read(fresh()), document.fill(fresh(), press));
            let start = Instant::now();
            let _ = check(&report, press);
            let checks = start.elapsed();
            let start = Instant::now();
            typeset(&filled, &press.fonts, Pace::AtOnce).expect("sound");
            checks.as_secs_f64() / start.elapsed().as_secs_f64()
        });
        let ratio = median(ratios.collect());
        println!("{name}: all checks / typesetting                            {ratio:.3}  (at most 0.1)");
    }
    let tenfold = sample.tenfold();
    let ratio = paired(
        11,
        |number| tenfold.render(number, press),
        |number| {
            let start = Instant::now();
            sample.render(number, press);
            start.elapsed()
        },
    );
    println!("a report ten times as long / the sample                    {ratio:.2}  (at most 11)");
    println!("checks of a million characters / of a quarter               {:.2}  (linear 4)", growth(press));
    println!(
        "sample: documents by two threads / by one                 {:.2}  (at least 1.6)",
        threads(sample, press)
    );
    println!(
        "sample: cold `nianbao render` / warm                      {:.2}  (at most 5)",
        cold(root, sample, press)
    );
    let (early, late) = memory(sample, press);
    let ratio = late as f64 / early as f64;
    println!(
        "sample: memory after 2,000 documents / after 200          {ratio:.2}  (at most 1.2; {early}, {late} MiB)"
    );
}

/// The median of how much longer `one` takes than `other`, measured in turn on new documents.
/// What `other` prepares is not counted: it returns the time of what is.
fn paired(pairs: usize, one: impl Fn(usize) -> usize, other: impl Fn(usize) -> Duration) -> f64 {
    let ratios = (0..pairs + 2).map(|_| {
        let start = Instant::now();
        one(fresh());
        let first = start.elapsed();
        first.as_secs_f64() / other(fresh()).as_secs_f64()
    });
    median(ratios.skip(2).collect())
}

/// How much longer the checks take for four times the text, at the worst of several kinds of text.
fn growth(press: &Press) -> f64 {
    let shapes = [
        "“《（〔",
        "9",
        "1599人中1630人合格，合格率98.04%，",
        "同比增长130%。",
        "《行政复议法》",
        "XX",
        "一是",
    ];
    let seconds = |shape: &str, characters: usize| {
        let text: String = shape.chars().cycle().take(characters).collect();
        let minimal =
            "{year: 2024, issuer: {name: 甲}, signature: {names: [甲], date: 2025-02-18}, preface: [";
        let report = read::<Report>(format!("{minimal}\"{text}\"]}}").as_bytes(), Format::Yaml)
            .expect("readable")
            .value;
        let start = Instant::now();
        let _ = check(&report.into(), press);
        start.elapsed().as_secs_f64()
    };
    let ratio =
        |shape: &str| median((0..3).map(|_| seconds(shape, 1_000_000) / seconds(shape, 250_000)).collect());
    shapes.into_iter().map(ratio).fold(0.0, f64::max)
}

fn threads(document: &Specimen, press: &Press) -> f64 {
    const DOCUMENTS: usize = 40;
    let run = |threads: usize| {
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..threads {
                let work = move || {
                    work_alone().expect("a thread of its own");
                    (0..DOCUMENTS / threads).for_each(|_| _ = document.render(fresh(), press));
                };
                thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).expect("a thread");
            }
        });
        start.elapsed().as_secs_f64()
    };
    median((0..5).map(|_| run(1) / run(2)).collect())
}

fn cold(root: &std::path::Path, document: &Specimen, press: &Press) -> f64 {
    let input = tempfile::Builder::new().suffix(".yaml").tempfile().expect("a temporary file");
    std::fs::write(input.path(), &document.text).expect("a temporary file");
    let ratios = (0..9).map(|_| {
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_nianbao"))
            .arg("render")
            .arg(input.path())
            .args(["-o", "-", "--fonts"])
            .arg(root.join("fonts"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .expect("the program runs");
        assert!(status.success(), "the program made the sample");
        let cold = start.elapsed().as_secs_f64();
        let start = Instant::now();
        document.render(fresh(), press);
        cold / start.elapsed().as_secs_f64()
    });
    median(ratios.collect())
}

/// How long the service takes from a character that was typed to the page that it changed, to a
/// full compile by a typst that remembers nothing; and that time in milliseconds.
fn editing(document: &Specimen, press: &Press) -> (f64, f64) {
    let installation = Installation { fonts: BENCH.root.join("fonts"), ..Installation::default() };
    let program = PathBuf::from(env!("CARGO_BIN_EXE_nianbao"));
    let readers = Crew::of_readers(program.clone(), Limits::default());
    let presses = Crew::new(program, &installation, Limits::default());
    let staff = Staff::start(presses, readers, NonZeroUsize::MIN, 1);
    let templates = installation.open_templates().expect("the templates");
    let router = web::router(
        templates,
        ServiceSettings {
            token: None,
            staff,
            jobs: None,
            guide: Guide::built_in(),
            indicators: nianbao::indicators::IndicatorList::built_in().clone(),
            office: None,
            openid: None,
            dispatch: None,
        },
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let preview = |text: &str, known: &str| -> serde_json::Value {
        let request = Request::post(format!("/api/preview?draft=bench&known={known}"))
            .header("content-type", "application/yaml")
            .body(Body::from(text.to_owned()))
            .expect("a request");
        let answer = runtime.block_on(async {
            let response = router.clone().oneshot(request).await.expect("an answer");
            to_bytes(response.into_body(), usize::MAX).await.expect("a body")
        });
        serde_json::from_slice(&answer).expect("JSON")
    };
    let pairs = (0..21).map(|_| {
        let number = fresh();
        let (text, filled) = (document.variant(number), document.fill(number, press));
        comemo::evict(0);
        let start = Instant::now();
        typeset(&filled, &press.fonts, Pace::AtOnce).expect("sound");
        let cold = start.elapsed().as_secs_f64();
        let shown = preview(&text, "");
        let pages = shown["pages"].as_array().expect("pages");
        let known: Vec<&str> = pages.iter().filter_map(|page| page["hash"].as_str()).collect();
        let edited = text.replacen("一是", "一、是", 1);
        let start = Instant::now();
        let shown = preview(&edited, &known.join(","));
        let edit = start.elapsed().as_secs_f64();
        let drawn = shown["pages"].as_array().expect("pages").iter().filter(|page| page["svg"].is_string());
        assert!((1..=3).contains(&drawn.count()), "only what changed is drawn");
        (edit / cold, edit * 1000.0)
    });
    let (ratios, edits) = pairs.unzip();
    (median(ratios), median(edits))
}

/// Resident memory in MiB after 200 and after 2,000 documents.
fn memory(document: &Specimen, press: &Press) -> (usize, usize) {
    let make = |count| (0..count).for_each(|_| _ = document.render(fresh(), press));
    make(200);
    let early = resident_mebibytes();
    make(1800);
    (early, resident_mebibytes())
}

fn resident_mebibytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a Linux system");
    line.split_whitespace().nth(1).and_then(|kibibytes| kibibytes.parse::<usize>().ok()).expect("a number")
        / 1024
}

fn real_report(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one variable that says where the real reports are")]
    let folder = std::env::var_os("NIANBAO_REAL_REPORTS")?;
    std::fs::read_to_string(PathBuf::from(folder).join(format!("samples/{name}.yaml"))).ok()
}
