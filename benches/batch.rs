//! `make bench`: how many reports a batch makes, against as many bare loops over typst and its PDF
//! export, one process each. Both make the same number of documents in turn in this one run; the
//! median of the rounds counts. No two documents are alike.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use nianbao::batch::{BatchSettings, Intake, Spool, UnitProgress, run};
use nianbao::installation::Installation;
use nianbao::template::{Filled, Purpose};
use nianbao::typeset::work_alone;
use nianbao::workers::{Crew, Limits};
use tools::{Bare, STACK_BYTES, Specimen, fresh, median};

/// How many documents a round makes in each way, and how many rounds there are.
const UNITS: usize = 1_000;
const ROUNDS: usize = 3;

/// Where the memory is measured first, in documents.
const EARLY: usize = 200;

/// The hidden argument that makes this program a bare loop; behind it how many documents it makes,
/// and the number of the first.
const BARE: &str = "--bare-loop";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let in_thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        match arguments.iter().position(|argument| argument == BARE) {
            Some(at) => {
                let number = |index: usize| arguments[index].parse().expect("a number");
                bare_loop(number(at + 1), number(at + 2));
            }
            None => ratios(),
        }
    });
    in_thread.expect("a thread").join().expect("the benchmark ran to its end");
}

fn installation() -> Installation {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Installation { fonts: root.join("fonts"), ..Installation::default() }
}

fn sample() -> Specimen {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("report-templates/annual-report/sample.yaml"));
    Specimen { text: text.expect("the project's sample"), purpose: Purpose::Issue }
}

fn ratios() {
    let mut of_bare = (vec![], vec![]);
    let mut of_batch = (vec![], vec![]);
    let mut shares = vec![];
    let mut flat = vec![];
    for round in 0..ROUNDS {
        for (workers, of_bare, of_batch) in
            [(1, &mut of_bare.0, &mut of_batch.0), (2, &mut of_bare.1, &mut of_batch.1)]
        {
            // Half of them before and half behind, for the speed of the machine drifts.
            let before = bare(workers, UNITS / 2);
            of_batch.push(batch(workers, &mut shares, &mut flat));
            let behind = bare(workers, UNITS / 2);
            of_bare.push(UNITS as f64 / (before + behind).as_secs_f64());
        }
        println!(
            "round {}: bare {:.1} and {:.1}, batch {:.1} and {:.1} documents a second (one process, two)",
            round + 1,
            of_bare.0[round],
            of_bare.1[round],
            of_batch.0[round],
            of_batch.1[round]
        );
    }
    let ratio =
        |one: &[f64], other: &[f64]| median(one.iter().zip(other).map(|(one, other)| one / other).collect());
    println!(
        "batch, one worker / one bare loop                 {:.3}  (at least 0.95)",
        ratio(&of_batch.0, &of_bare.0)
    );
    println!(
        "batch, two workers / two bare loops               {:.3}  (at least 0.95)",
        ratio(&of_batch.1, &of_bare.1)
    );
    println!(
        "batch, two workers / one worker                   {:.2}  (at least 1.8)",
        ratio(&of_batch.1, &of_batch.0)
    );
    println!("bare loops, two processes / one                   {:.2}", ratio(&of_bare.1, &of_bare.0));
    println!("after the last document, of the whole time        {:.1} %", 100.0 * median(shares));
    let (own, of_worker): (Vec<f64>, Vec<f64>) = flat.into_iter().unzip();
    println!("memory of a worker at the last / at the 200th     {:.2}  (at most 1.2)", median(of_worker));
    println!("memory of its master at the last / at the 200th   {:.2}  (at most 1.2)", median(own));
}

/// Documents a second of a batch with so many workers, from the list of its units to the archive.
fn batch(workers: usize, shares: &mut Vec<f64>, flat: &mut Vec<(f64, f64)>) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = sample();
    let input = folder.path().join("in");
    std::fs::create_dir(&input).expect("a folder");
    for _ in 0..UNITS {
        let number = fresh();
        std::fs::write(input.join(format!("{number}.yaml")), sample.variant(number)).expect("a file");
    }
    let installation = installation();
    let settings = BatchSettings {
        edition: None,
        also: vec![],
        companions: Default::default(),
        workers: NonZeroUsize::new(workers).expect("not none"),
        fingerprint: installation.fingerprint().expect("faces"),
        checks: Default::default(),
        retry_failed: false,
    };
    let mut spool = Spool::beside(&folder.path().join("out.zip"));
    spool.create().expect("a folder");
    let early = Mutex::new(None);
    let late = Mutex::new(Memory::default());

    let start = Instant::now();
    let crew = Crew::new(PathBuf::from(env!("CARGO_BIN_EXE_nianbao")), &installation, Limits::default());
    let intake = Intake::open(&input, &[], &mut crew.worker(), folder.path()).expect("a batch");
    let made = Mutex::new(Duration::ZERO);
    let progress = |progress: UnitProgress| {
        assert!(progress.told.is_made(), "a report was made");
        if workers == 1 && progress.done == EARLY {
            *early.lock().expect("a lock") = Some(memory());
        }
        if progress.done == UNITS {
            *made.lock().expect("a lock") = start.elapsed();
            *late.lock().expect("a lock") = memory();
        }
    };
    let out = std::fs::File::create(folder.path().join("out.zip")).expect("a file");
    let out = std::io::BufWriter::new(out);
    run(&intake, &settings, &crew, &spool, &AtomicBool::new(false), &progress, out)
        .expect("the batch was made");
    let whole = start.elapsed();
    let made = made.into_inner().expect("a lock");
    shares.push((whole - made).as_secs_f64() / whole.as_secs_f64());
    if let Some(early) = early.into_inner().expect("a lock") {
        let late = late.into_inner().expect("a lock");
        let ratio = |one: fn(&Memory) -> usize| one(&late) as f64 / one(&early) as f64;
        flat.push((ratio(|memory| memory.own), ratio(|memory| memory.of_children)));
    }
    UNITS as f64 / whole.as_secs_f64()
}

/// Resident memory in KiB: of this process, which is the master of the workers, and of the workers.
#[derive(Default)]
struct Memory {
    own: usize,
    of_children: usize,
}

fn memory() -> Memory {
    let own = std::process::id().to_string();
    let statuses = std::fs::read_dir("/proc")
        .expect("a Linux system")
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok());
    let value = |status: &str, key: &str| -> Option<String> {
        let line = status.lines().find(|line| line.starts_with(key))?;
        line.split_whitespace().nth(1).map(str::to_owned)
    };
    let mut memory = Memory::default();
    for status in statuses {
        let Some(resident) = value(&status, "VmRSS:").and_then(|size| size.parse::<usize>().ok()) else {
            continue;
        };
        if value(&status, "Pid:").as_deref() == Some(&own) {
            memory.own += resident;
        } else if value(&status, "PPid:").as_deref() == Some(&own) {
            memory.of_children += resident;
        }
    }
    memory
}

/// How long so many bare loops at once, each a process, take for so many documents. What they prepare is not
/// counted.
fn bare(processes: usize, documents: usize) -> Duration {
    let mut loops: Vec<(Child, BufReader<_>)> = (0..processes)
        .map(|_| {
            let first = (0..documents / processes).map(|_| fresh()).min().expect("documents");
            let mut child = Command::new(std::env::current_exe().expect("this program"))
                .args([BARE, &(documents / processes).to_string(), &first.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("a process");
            let out = BufReader::new(child.stdout.take().expect("a pipe"));
            (child, out)
        })
        .collect();
    let mut line = String::new();
    for (_, out) in &mut loops {
        out.read_line(&mut line).expect("it is ready");
    }
    let start = Instant::now();
    for (child, _) in &mut loops {
        child.stdin.as_mut().expect("a pipe").write_all(b"go\n").expect("it listens");
    }
    for (child, _) in &mut loops {
        assert!(child.wait().expect("a process").success(), "the bare loop ran to its end");
    }
    start.elapsed()
}

/// Fills so many documents, waits for the word, and makes them.
fn bare_loop(count: usize, first: usize) {
    work_alone().expect("a thread of its own");
    let press = installation().open().expect("make fonts has fetched the faces");
    let sample = sample();
    let filled: Vec<Filled> = (first..first + count).map(|number| sample.fill(number, &press)).collect();
    let bare = Bare::new(&press, &filled[0]);
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).expect("the word");
    let _: Duration = filled.iter().map(|filled| bare.make(filled)).sum();
}
