//! `make bench`: a batch that makes all papers of each unit, beside a roster and last year's reports, against the
//! same papers made apart: a batch of each edition, and the review sheets one by one. In turn in this one run.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::fs::{self, File};
use std::io::BufWriter;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nianbao::batch::{
    BatchSettings, CompanionShelf, Companions, Expectation, Intake, Ledger, Spool, UnitProgress, run,
};
use nianbao::input::Format;
use nianbao::installation::Installation;
use nianbao::report::Edition;
use nianbao::roster::{RosterUnit, UnitCode};
use nianbao::template::Purpose;
use nianbao::workers::{Crew, Enclosures, Limits, PaperKind, Question};
use tools::{Specimen, fresh, median};

/// How many units there are, and how often both ways are gone.
const UNITS: usize = 1_000;
const ROUNDS: usize = 1;

/// How many work at once.
const WORKERS: usize = 2;

/// Where the memory of the master is measured first, in units.
const EARLY: usize = 200;

struct Round {
    folder: tempfile::TempDir,
    roster: Vec<RosterUnit>,
}

fn main() {
    let mut ratios = Vec::new();
    let mut memories = Vec::new();
    for number in 0..ROUNDS {
        let round = prepared();
        let (together, memory) = together(&round);
        let apart = apart(&round);
        println!(
            "round {}: together {:.1} s, apart {:.1} s",
            number + 1,
            together.as_secs_f64(),
            apart.as_secs_f64()
        );
        ratios.push(together.as_secs_f64() / apart.as_secs_f64());
        memories.push(memory);
    }
    println!("all papers of {UNITS} units in one run / made apart   {:.3}  (at most 1.15)", median(ratios));
    println!("memory of the master at the last / at the 200th   {:.2}  (at most 1.2)", median(memories));
}

fn installation() -> Installation {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Installation { fonts: root.join("fonts"), ..Installation::default() }
}

fn crew(installation: &Installation) -> Crew {
    Crew::new(PathBuf::from(env!("CARGO_BIN_EXE_nianbao")), installation, Limits::default())
}

/// This year's reports, last year's, and who is expected.
fn prepared() -> Round {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("report-templates/annual-report/sample.yaml"),
    );
    let sample = Specimen { text: text.expect("the project's sample"), purpose: Purpose::Issue };
    let mut roster = Vec::new();
    for name in ["今年", "上年"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    for _ in 0..UNITS {
        let number = fresh();
        let of_unit = |text: String| text.replace("990102", &number.to_string());
        let this_year = of_unit(sample.variant(number));
        let last_year = of_unit(sample.variant(fresh())).replace("year: 2024", "year: 2023");
        let file = format!("{number}.yaml");
        fs::write(folder.path().join("今年").join(&file), this_year).expect("a file");
        fs::write(folder.path().join("上年").join(&file), last_year).expect("a file");
        let code: UnitCode = number.to_string().parse().expect("six digits");
        roster.push(RosterUnit::new(code, &format!("临江区{number}")));
    }
    Round { folder, roster }
}

/// One batch; how long it takes, and by how much its master's memory grows.
fn batch(
    round: &Round,
    edition: Edition,
    also: Vec<PaperKind>,
    companions: Companions,
    roster: Vec<RosterUnit>,
) -> (Ledger, f64) {
    let installation = installation();
    let settings = BatchSettings {
        edition: Some(edition),
        also,
        companions: companions.into(),
        workers: NonZeroUsize::new(WORKERS).expect("not none"),
        fingerprint: installation.fingerprint().expect("faces"),
        checks: Default::default(),
        retry_failed: false,
    };
    let folder = tempfile::tempdir_in(round.folder.path()).expect("a folder");
    let mut spool = Spool::beside(&folder.path().join("out.zip"));
    spool.create().expect("a folder");
    let crew = crew(&installation);
    let intake = Intake::open(&round.folder.path().join("今年"), &[], &mut crew.worker(), folder.path());
    let intake = intake.expect("a batch").expecting(Expectation { roster, ..Expectation::default() });
    let (early, late) = (Mutex::new(0), Mutex::new(0));
    let progress = |progress: UnitProgress| {
        assert!(progress.told.is_made(), "{:#?}", progress.told.findings);
        if progress.done == EARLY {
            *early.lock().expect("a lock") = resident();
        }
        if progress.done == UNITS {
            *late.lock().expect("a lock") = resident();
        }
    };
    let out = BufWriter::new(File::create(folder.path().join("out.zip")).expect("a file"));
    let made = run(&intake, &settings, &crew, &spool, &AtomicBool::new(false), &progress, out);
    let (early, late) = (early.into_inner().expect("a lock"), late.into_inner().expect("a lock"));
    (made.expect("the batch was made"), late as f64 / early as f64)
}

fn together(round: &Round) -> (Duration, f64) {
    let start = Instant::now();
    let crew = crew(&installation());
    let last_year =
        CompanionShelf::open(&round.folder.path().join("上年"), &mut crew.worker(), round.folder.path());
    let companions = Companions { last_year: Some(last_year.expect("last year's reports")), plan: None };
    let also = vec![PaperKind::Formal, PaperKind::ReviewSheet];
    let (ledger, memory) = batch(round, Edition::Public, also, companions, round.roster.clone());
    assert_eq!((ledger.counts.missing, ledger.attendance.unlisted), (0, 0), "all of the roster came");
    (start.elapsed(), memory)
}

fn apart(round: &Round) -> Duration {
    let start = Instant::now();
    for edition in [Edition::Public, Edition::Formal] {
        batch(round, edition, vec![], Companions::default(), vec![]);
    }
    let crew = crew(&installation());
    let files: Vec<PathBuf> = fs::read_dir(round.folder.path().join("今年"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut worker = crew.worker();
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let last = round.folder.path().join("上年").join(file.file_name().expect("a name"));
                    let (document, last) = (fs::read(file).expect("a file"), fs::read(last).expect("a file"));
                    let papers = Enclosures {
                        document: (Format::Yaml, document.len()),
                        last_year: Some((Format::Yaml, last.len())),
                        plan: None,
                    };
                    let question = Question::Sheet { papers, edition: Some(Edition::Public) };
                    let made = worker.ask(&question, &[document, last].concat()).expect("a worker");
                    assert!(made.expect("a sheet").bytes.starts_with(b"%PDF-"));
                }
            });
        }
    });
    start.elapsed()
}

/// Resident memory of this process, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its size");
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a number")
}
