//! How much of what is wrong the checks find, and how much of what is right they blame: the wordings of each
//! check, `cases/check/<code>/wordings.yaml`. Half of them were written before the check was looked at, so
//! that they measure it. What is not found stands in a list of its own; nothing is left out of the count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use nianbao_core::checks::{Peers, Settings};
use nianbao_core::diagnostic::Diagnostic;
use nianbao_core::input::{self, Format};

use crate::desk::{
    Beside, WORDINGS, beside, fields, files_in, findings_under, laid_over, minimal, of_tests, project, read,
    sketches,
};

/// The four lists of a file, as they are called there.
const FAULTS: &str = "faults";
const UNSEEN: &str = "unseen";
const NEAR_MISSES: &str = "near-misses";
const BLAMED: &str = "blamed";

/// The checks whose wordings vary most need more of them.
const VARIED: [&str; 13] = [
    "contains-request",
    "debris",
    "duplicate-text",
    "figure-conflict",
    "growth-without-base",
    "impossible-value",
    "numbering",
    "partial-year",
    "placeholder",
    "ratio-mismatch",
    "sum-mismatch",
    "typo",
    "year-mismatch",
];

/// What all checks together must find of the faults at least, in percent, and of how many near misses at most
/// one may be blamed. The recall that is aimed at is 85; until then it may not fall.
const LEAST_RECALL: usize = 95;
const NEAR_MISSES_TO_ONE_BLAMED: usize = 25;

/// The wordings of one check.
struct Wordings {
    code: String,
    /// What the head of the file says.
    head: String,
    /// The entries of each list.
    lists: BTreeMap<String, Vec<String>>,
}

/// How a check does on its wordings.
#[derive(Default)]
struct Score {
    faults: usize,
    found: usize,
    near_misses: usize,
    blamed: usize,
}

#[test]
fn every_check_has_wordings_enough() {
    let mut codes: BTreeSet<&str> = nianbao_core::checks::codes().map(|code| code.name).collect();
    for wordings in all_wordings() {
        assert!(codes.remove(wordings.code.as_str()), "{}: no such code", wordings.code);
        let least = if VARIED.contains(&wordings.code.as_str()) { 10 } else { 6 };
        for kinds in [[FAULTS, UNSEEN], [NEAR_MISSES, BLAMED]] {
            let count: usize = kinds.iter().map(|kind| wordings.entries(kind).len()).sum();
            assert!(count >= least, "{}: {count} of {kinds:?}, not {least}", wordings.code);
        }
    }
    assert!(codes.is_empty(), "no wordings of {codes:?}");
}

#[test]
fn every_check_says_what_it_does_not_see() {
    for code in nianbao_core::checks::codes() {
        assert!(code.explanation.contains("看不出："), "{}", code.name);
    }
}

/// An entry in the wrong list is told, so that progress is noticed like a step back.
#[test]
#[expect(clippy::print_stdout, reason = "`make report-quality` shows the table")]
fn what_is_found_and_what_is_blamed_is_as_stated() {
    let mut wrong = String::new();
    let mut scores = Vec::new();
    for wordings in all_wordings() {
        wrong += &wordings.misplaced();
        scores.push((wordings.code.clone(), wordings.score()));
    }
    let total = total(&scores);
    println!("\n{}", table(&scores, &total));
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(total.found * 100 >= total.faults * LEAST_RECALL, "less is found than before");
    assert!(total.blamed * NEAR_MISSES_TO_ONE_BLAMED <= total.near_misses, "too much is blamed");
}

impl Wordings {
    fn of(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(WORDINGS)).ok()?;
        let code = folder.file_name().unwrap().to_string_lossy().into_owned();
        let head =
            text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        let lists = fields(&text).into_iter().map(|(kind, text)| (kind, entries(&text)));
        let wordings = Self { code, head, lists: lists.collect() };
        for kind in wordings.lists.keys() {
            assert!([FAULTS, UNSEEN, NEAR_MISSES, BLAMED].contains(&kind.as_str()), "{folder:?}: {kind}");
        }
        Some(wordings)
    }

    fn entries(&self, kind: &str) -> &[String] {
        self.lists.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The entries that are not as their list says, for people.
    fn misplaced(&self) -> String {
        let mut wrong = String::new();
        for (kind, entries) in &self.lists {
            let should = kind == FAULTS || kind == BLAMED;
            for entry in entries {
                let found = self.findings(entry);
                let unread = found.iter().find(|one| input::CODES.iter().any(|code| one.code == code.name));
                if let Some(unread) = unread {
                    wrong +=
                        &format!("{}, {kind}: {} at {}: {entry}\n", self.code, unread.message, unread.path);
                }
                let of_it = found.iter().find(|one| one.code == self.code);
                if of_it.is_some() != should {
                    let told = of_it.map_or("nothing was found", |one| one.message.as_str());
                    wrong += &format!("{}, {kind}: {told}: {}\n", self.code, entry.trim_end());
                }
            }
        }
        wrong
    }

    fn score(&self) -> Score {
        let count = |kind| self.entries(kind).len();
        Score {
            faults: count(FAULTS) + count(UNSEEN),
            found: count(FAULTS),
            near_misses: count(NEAR_MISSES) + count(BLAMED),
            blamed: count(BLAMED),
        }
    }

    /// What is found in a report with this entry.
    fn findings(&self, entry: &str) -> Vec<Diagnostic> {
        let mut held = beside(&self.head);
        let mut peer = None;
        let mut overlay = String::new();
        for (key, text) in fields(&overlay_of(entry)) {
            let document = || text[key.len() + 1..].trim_start().to_owned();
            match key.as_str() {
                "plan" => held.plan = Some(document().into()),
                "last-year" => held.last_year = Some(document().into()),
                "peer" => peer = Some(laid_over(&minimal(), &block(&document()))),
                _ => overlay += &text,
            }
        }
        let report = laid_over(&self.base(), &overlay);
        match peer {
            Some(peer) => against(&peer, &report),
            None => self.checked(&report, &held),
        }
    }

    fn checked(&self, report: &str, held: &Beside) -> Vec<Diagnostic> {
        let settings = self.said_in_head("# settings: ").unwrap_or("characters = 10000");
        findings_under(settings, report.as_bytes(), Format::Yaml, held)
    }

    /// The report over which the entries are laid.
    fn base(&self) -> String {
        let path = self.said_in_head("# over: ");
        path.map_or_else(minimal, |path| fs::read_to_string(project().join(path)).unwrap())
    }

    fn said_in_head(&self, what: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(what))
    }
}

fn all_wordings() -> Vec<Wordings> {
    files_in(&of_tests("cases/check")).iter().filter_map(|folder| Wordings::of(folder)).collect()
}

/// The entries of a list, each with all its lines and without its indentation.
fn entries(list: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in list.lines().skip(1).filter(|line| !line.trim_start().starts_with('#')) {
        match line.strip_prefix("  - ") {
            Some(first) => entries.push(format!("{first}\n")),
            None => *entries.last_mut().expect("an entry before its lines") += &format!("{}\n", &line[4..]),
        }
    }
    entries
}

/// An entry as an overlay: fields as they are, a sentence as the paragraph of a measure.
fn overlay_of(entry: &str) -> String {
    let key = entry.split([':', ' ']).next().unwrap();
    if !key.is_empty()
        && key.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-'))
        && entry[key.len()..].starts_with(':')
    {
        return entry.to_owned();
    }
    format!("measures:\n  - heading: 规范行政执法\n    body:\n      - {entry}")
}

/// The one field of `{field: …}` without its braces.
fn block(flow: &str) -> String {
    let inner = flow.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    format!("{}\n", inner.expect("a peer is written in braces"))
}

/// What is found in `report` where `peer` has come before it in the same batch.
fn against(peer: &str, report: &str) -> Vec<Diagnostic> {
    let mut peers = Peers::new(&Settings::default());
    peers.compare("甲", &sketches(&read(peer)));
    peers.compare("乙", &sketches(&read(report)))
}

fn total(scores: &[(String, Score)]) -> Score {
    scores.iter().fold(Score::default(), |total, (_, one)| Score {
        faults: total.faults + one.faults,
        found: total.found + one.found,
        near_misses: total.near_misses + one.near_misses,
        blamed: total.blamed + one.blamed,
    })
}

/// The scores by code and as a whole, aligned where a 汉字 is as wide as two letters.
fn table(scores: &[(String, Score)], total: &Score) -> String {
    let mut table = row("代码", ["错例", "查出", "查全率", "对照", "误报", "查准率"].map(str::to_owned));
    for (code, score) in scores {
        table += &row(code, score.cells());
    }
    table + &row("合计", total.cells())
}

fn row(name: &str, cells: [String; 6]) -> String {
    let cells = cells.map(|cell| format!("{}{cell}", " ".repeat(8_usize.saturating_sub(width(&cell)))));
    format!("{name}{}{}\n", " ".repeat(28 - width(name)), cells.concat())
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

impl Score {
    fn cells(&self) -> [String; 6] {
        let share = |part: usize, whole: usize| match whole {
            0 => "-".to_owned(),
            whole => format!("{:.2}", part as f64 / whole as f64),
        };
        [
            self.faults.to_string(),
            self.found.to_string(),
            share(self.found, self.faults),
            self.near_misses.to_string(),
            self.blamed.to_string(),
            share(self.found, self.found + self.blamed),
        ]
    }
}
