//! What a secretary looks at, read off finished PDFs. The cases are files; `tests/README.md` says how to add one.

use std::fs;
use std::path::Path;

use nianbao::input::Format;
use nianbao::template::Purpose;

use crate::desk::laid_over;
use crate::pdf::{Character, Document, Line, Page};
use crate::workbench::{files_in, minimal, of_tests, packed, render, sample, told};

/// In millimetres.
const TOLERANCE: f64 = 0.1;
const LEFT: f64 = 28.0;
const WIDTH: f64 = 156.0;

struct Seen {
    document: Document,
    codes: Vec<String>,
}

impl Seen {
    fn of(path: &Path) -> (Self, String) {
        let case = fs::read_to_string(path).unwrap();
        let over = case.lines().any(|line| line == "# on: sample");
        let report = laid_over(&if over { sample().to_owned() } else { minimal() }, &case);
        let made = render(report.as_bytes(), Format::Yaml, None, Purpose::Issue)
            .unwrap_or_else(|failed| panic!("{}: {}", path.display(), told(&failed)));
        let codes = made.warnings.iter().map(|one| one.code.to_string()).collect();
        (Self { document: Document::read(made.value.artifact.bytes), codes }, case)
    }

    fn lines(&self) -> impl Iterator<Item = Line> {
        self.document.pages.iter().flat_map(Page::lines)
    }

    /// The first characters of this text in a line that has it.
    fn find(&self, text: &str) -> Option<Vec<Character>> {
        self.lines().find_map(|line| {
            let start = line.text().find(text)?;
            let mut at = 0;
            let is_within = |character: &&Character| {
                let begins = at;
                at += character.text.len();
                (start..start + text.len()).contains(&begins)
            };
            Some(line.characters.iter().filter(is_within).cloned().collect())
        })
    }

    /// The right edge of the digit of the units of a figure.
    fn units(&self, figure: &str) -> Option<f64> {
        let whole = figure.find(['.', '%']).unwrap_or(figure.len());
        self.find(figure)?.get(whole - 1).map(|digit| digit.right)
    }

    /// Whether what a line of a case states is so.
    fn is_so(&self, verb: &str, stated: &str) -> bool {
        let parts = || stated.split(" | ").map(str::to_owned);
        match verb {
            "in a line" => self.find(&packed(stated)).is_some(),
            // Wherever it stands.
            "whole" => {
                let count = |text: &str| text.matches(&packed(stated)).count();
                let in_lines: usize = self.lines().map(|line| count(&line.text())).sum();
                in_lines > 0 && in_lines == count(&self.document.text())
            }
            "no line" => self.lines().all(|line| line.text() != stated),
            "no line begins" => self.lines().all(|line| !line.text().starts_with(stated)),
            "lines" => {
                let lines: Vec<String> = self.lines().map(|line| line.text()).collect();
                let wanted: Vec<String> = parts().map(|part| packed(&part)).collect();
                lines.windows(wanted.len()).any(|lines| lines == wanted)
            }
            "column" => {
                let of = |text: String| self.find(&text).map(|found| found[0].x);
                let left: Option<Vec<f64>> = parts().map(of).collect();
                left.is_some_and(|left| left.iter().all(|x| (x - left[0]).abs() < TOLERANCE))
            }
            "units" => {
                let edges: Option<Vec<f64>> = parts().map(|figure| self.units(&figure)).collect();
                edges.is_some_and(|edges| edges.iter().all(|x| (x - edges[0]).abs() < TOLERANCE))
            }
            // Its gaps are alike, and it ends at the edge.
            "even" => {
                self.lines().filter(|line| line.text().contains(&packed(stated))).all(|line| is_even(&line))
            }
            "bookmark" => self.document.bookmarks.iter().any(|(_, bookmark)| bookmark == stated),
            "told" => self.codes.iter().any(|code| code == stated),
            "untold" => self.codes.iter().all(|code| code != stated),
            // No page before the one with this text has more empty lines at its foot.
            "full until" => {
                let last = self.document.pages.iter().position(|page| page.text().contains(&packed(stated)));
                let lowest = |page: &Page| page.lines().last().map_or(0.0, |line| line.y);
                last.is_some_and(|last| self.document.pages[..last].iter().all(|page| lowest(page) > 228.0))
            }
            "text" => self.document.text().contains(&packed(stated)),
            "no text" => !self.document.text().contains(&packed(stated)),
            verb => panic!("no such verb: {verb}"),
        }
    }
}

/// Whether the gaps between the characters of a line differ by less than anybody sees, and it ends at the edge.
fn is_even(line: &Line) -> bool {
    let gaps = line.characters.windows(2).filter(|pair| pair[0].is_figure() != pair[1].is_figure());
    let gaps: Vec<f64> = gaps.map(|pair| pair[1].x - pair[0].right).collect();
    let (least, most) =
        gaps.iter().fold((f64::MAX, f64::MIN), |(least, most), gap| (least.min(*gap), most.max(*gap)));
    let last = line.characters.last().unwrap();
    most - least < 2.0 * TOLERANCE && (last.right - LEFT - WIDTH).abs() < 2.0 * TOLERANCE
}

impl Character {
    fn is_figure(&self) -> bool {
        self.text.chars().all(|c| c.is_ascii_digit())
    }
}

#[test]
fn a_page_is_as_its_case_states() {
    let mut wrong = String::new();
    let mut stated = 0;
    for path in files_in(&of_tests("cases/layout")) {
        let (seen, case) = Seen::of(&path);
        let name = path.file_stem().unwrap().to_string_lossy();
        for line in case.lines().filter_map(|line| line.strip_prefix("# ")) {
            let Some((verb, what)) = line.split_once(": ").filter(|(verb, _)| *verb != "on") else {
                continue;
            };
            stated += 1;
            if !seen.is_so(verb, what) {
                wrong += &format!("{name}: not {verb}: {what}\n");
            }
        }
    }
    assert!(stated > 30, "{stated}");
    assert!(wrong.is_empty(), "\n{wrong}");
}
