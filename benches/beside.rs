//! `make bench BASELINE=… BASELINE_FONTS=… PEERS=…`: how much processor time a report takes beside another build of this
//! program, and how long a batch takes beside what others make of the same reports. On a hundred reports that truly
//! differ.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nianbao::input::{Format, read};
use nianbao::installation::Installation;
use nianbao::pipeline::{Beside, Job, Paper, Press, render};
use nianbao::report::Report;
use nianbao::template::Purpose;
use tools::differing::Differing;
use tools::{STACK_BYTES, median};

/// How many reports there are, how many of them the others make, and how often both ways are gone.
const REPORTS: usize = 100;
const FOR_PEERS: usize = 40;
const ROUNDS: usize = 7;

const SEED: u64 = 9704;

fn main() {
    let in_thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(ratios);
    in_thread.expect("a thread").join().expect("the benchmark ran to its end");
}

fn ratios() {
    let argument = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
        arguments.next().filter(|value| !value.is_empty()).map(PathBuf::from)
    };
    let (baseline, peers) = (argument("--baseline"), argument("--peers"));
    if baseline.is_none() && peers.is_none() {
        println!("beside others: nobody was named (make bench BASELINE=another build, PEERS=yes)");
        return;
    }
    let other_fonts = argument("--baseline-fonts");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = Build { program: env!("CARGO_BIN_EXE_nianbao").into(), fonts: root.join("fonts") };
    let reports = Reports::write(root, &ours);
    println!("beside others: {REPORTS} reports of {} to {} pages", reports.pages.0, reports.pages.1);
    if let Some(program) = baseline {
        let fonts = other_fonts.clone().unwrap_or_else(|| root.join("fonts"));
        let baseline = Build { program, fonts };
        let unfitting = reports.sort_out_unfitting(&baseline);
        println!("signatures of {unfitting} do not fit in the baseline's pages");
        for (kind, limit) in [("all", 0.6), ("unfitting", 0.4)] {
            let folder = reports.folder(kind);
            let ratios = (0..=ROUNDS).map(|_| ours.batch(&folder, 1).0 / baseline.batch(&folder, 1).0);
            let ratio = median(ratios.skip(1).collect());
            println!("processor time of a batch of them, {kind} / baseline {ratio:.3}  (at most {limit})");
        }
    }
    if let Some(python) = peers {
        let folder = reports.folder("peers");
        let others = peers_of(&python, root, &folder, &ours, other_fonts);
        let own = median((0..3).map(|_| ours.batch(&folder, 2).1).collect());
        println!("a batch of {FOR_PEERS} by two workers: {own:.1} s");
        for line in others.lines() {
            let (name, seconds) = line.rsplit_once('\t').expect("a name and a time");
            let ratio = seconds.parse::<f64>().expect("seconds") / own;
            println!("{name}: {seconds} s, {ratio:.2} times as long");
        }
    }
}

/// The reports by kind, each kind a folder.
struct Reports {
    folder: tempfile::TempDir,
    /// How many the shortest has, and the longest.
    pages: (usize, usize),
}

impl Reports {
    fn write(root: &Path, ours: &Build) -> Self {
        let sample = fs::read(root.join("report-templates/annual-report/sample.yaml")).expect("the sample");
        let sample = read::<Report>(&sample, Format::Yaml).expect("readable").value;
        let mut differing = Differing::new(serde_json::to_value(sample).expect("JSON"), SEED);
        let press = Installation { fonts: ours.fonts.clone(), ..Default::default() }.open().expect("faces");
        let mut reports =
            Self { folder: tempfile::tempdir().expect("a temporary folder"), pages: (usize::MAX, 0) };
        for kind in ["all", "unfitting", "peers"] {
            fs::create_dir(reports.folder(kind)).expect("a folder");
        }
        for number in 0..REPORTS {
            let report = differing.report();
            let keep = |kind: &str| {
                fs::write(reports.folder(kind).join(format!("{number}.json")), &report).expect("a file");
            };
            keep("all");
            if number < FOR_PEERS {
                keep("peers");
            }
            let pages = pages(report.as_bytes(), &press);
            reports.pages = (reports.pages.0.min(pages), reports.pages.1.max(pages));
        }
        reports
    }

    /// Those whose last pages a build sets otherwise than the rest, for the signature, or that it sets text apart from:
    /// how many there are.
    fn sort_out_unfitting(&self, build: &Build) -> usize {
        let all =
            fs::read_dir(self.folder("all")).expect("a folder").map(|report| report.expect("a file").path());
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let fits = |report: &PathBuf| {
            let said = build.render(report, &scratch.path().join("out.pdf"));
            !["spacing-adjusted", "text-taken-along"].iter().any(|code| said.contains(code))
        };
        let unfitting: Vec<PathBuf> = all.filter(|report| !fits(report)).collect();
        for report in &unfitting {
            let copy = self.folder("unfitting").join(report.file_name().expect("a name"));
            fs::copy(report, copy).expect("a copy");
        }
        unfitting.len()
    }

    fn folder(&self, kind: &str) -> PathBuf {
        self.folder.path().join(kind)
    }
}

/// How many a report has.
fn pages(report: &[u8], press: &Press) -> usize {
    let job = Job {
        paper: Paper { bytes: report, format: Format::Json },
        beside: &Beside::default(),
        edition: None,
        purpose: Purpose::Issue,
        target: nianbao::export::Target::Pdf,
    };
    let made = render(&job, press).unwrap_or_else(|failed| panic!("{failed}"));
    made.value.made.artifact.pages.expect("pages")
}

/// A build of this program, with its faces.
struct Build {
    program: PathBuf,
    fonts: PathBuf,
}

impl Build {
    /// Makes a batch, from the start of the program to the archive: its processor time in seconds, with that of its
    /// workers, and its duration.
    fn batch(&self, folder: &Path, workers: usize) -> (f64, f64) {
        let out = tempfile::tempdir().expect("a temporary folder");
        let (before, start) = (processor_time_of_children(), Instant::now());
        let status = Command::new(&self.program)
            .arg("batch")
            .arg(folder)
            .args(["--jobs", &workers.to_string(), "--fonts"])
            .arg(&self.fonts)
            .arg("-o")
            .arg(out.path().join("out.zip"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.expect("the program runs").success(), "the batch was made");
        (processor_time_of_children() - before, start.elapsed().as_secs_f64())
    }

    /// One report as another file: what it says of it.
    fn render(&self, report: &Path, out: &Path) -> String {
        let mut command = Command::new(&self.program);
        command.arg("render").arg(report).arg("--fonts").arg(&self.fonts).arg("-o").arg(out);
        let made = command.output().expect("the program runs");
        assert!(made.status.success(), "a file was made");
        [made.stdout, made.stderr].iter().map(|said| String::from_utf8_lossy(said)).collect()
    }
}

/// What `peers.py` says, with our faces and others: the name of each, a tab, and how many seconds it took.
fn peers_of(python: &Path, root: &Path, reports: &Path, ours: &Build, others: Option<PathBuf>) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for report in fs::read_dir(reports).expect("a folder") {
        let path = report.expect("a file").path();
        let copy = folder.path().join(path.file_name().expect("a name"));
        fs::copy(path, &copy).expect("a copy");
        for extension in ["html", "docx"] {
            ours.render(&copy, &copy.with_extension(extension));
        }
    }
    let mut command = Command::new(python);
    command.arg(root.join("benches/peers.py")).arg(folder.path()).arg(&ours.fonts).args(others);
    let out = command.stderr(Stdio::inherit()).output().expect("python");
    assert!(out.status.success(), "the others made their files");
    String::from_utf8(out.stdout).expect("names and times")
}

/// In seconds: of all children that have ended, and of theirs.
fn processor_time_of_children() -> f64 {
    let status = fs::read_to_string("/proc/self/stat").expect("a Linux system");
    // The name may have spaces; what stands behind it begins with the third field.
    let fields: Vec<&str> = status.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().expect("a number");
    // cutime and cstime, in hundredths of a second.
    (ticks(16) + ticks(17)) / 100.0
}
