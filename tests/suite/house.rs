//! The order of the rooms, and what each never does. The picture stands in the design notes:
//! one way from bytes to bytes, and no arrow back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::workbench::{files_in, project};

/// The rooms in order; those of one line do not see each other. A room may use what stands
/// before it.
const ROOMS: [&[&str]; 34] = [
    // What official prose is: knows no report.
    &["faces", "language", "packed", "pdf"],
    // What is wrong with a report names a field of it, so these two know each other.
    &["report", "diagnostic"],
    &["input"],
    // Reports held against each other, and merged.
    &["difference"],
    // What a report should cover.
    &["guide"],
    // What is reported in figures, and by what it is the same in all units.
    &["indicators"],
    &["checks"],
    // A report at a glance, chosen from what it says.
    &["digest"],
    // From the reports of many units the beginning of the bureau's.
    &["compilation"],
    // From any document to the contract; and what a document for Word bears of its own, to be read again.
    &["import"],
    &["template"],
    &["typeset"],
    &["export", "conform", "file_name"],
    &["pipeline"],
    // What else is made of a report: the pages beside the form, sheets about it.
    &["preview", "sheets"],
    // What the operating system says, in words.
    &["installation", "system"],
    &["intake"],
    // The life around a report.
    &["database"],
    // What was answered to requests that may come again.
    &["answers"],
    &["audit"],
    &["roster"],
    &["accounts"],
    &["collections"],
    // What goes out of the house.
    &["outbox"],
    // What is told of what was done, to whoever watches.
    &["traces"],
    &["workers"],
    &["batch"],
    &["explanation"],
    &["jobs"],
    &["post"],
    // All that the service keeps, in one file.
    &["backup"],
    &["web"],
    &["cli"],
    &["main", "lib"],
];

/// The only arrows within a line.
const KNOWN: [(&str, &str); 2] = [("report", "diagnostic"), ("diagnostic", "report")];

/// What the rooms up to `pipeline` never touch: files, the environment, the terminal, the clock.
const OUTSIDE: [&str; 11] = [
    "std::fs",
    "std::env",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "std::net",
    "std::process",
    "println!",
    "eprintln!",
    "SystemTime",
    "Instant",
];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
        for path in files_in(folder) {
            if path.is_dir() {
                collect(&path, paths);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    let roots = ["core/src", "office/src", "src"].map(|root| project().join(root));
    let mut paths = Vec::new();
    roots.iter().for_each(|root| collect(root, &mut paths));
    let source = |path: PathBuf| {
        let below = roots.iter().find_map(|root| path.strip_prefix(root).ok()).unwrap();
        let room = below.components().next().unwrap().as_os_str().to_string_lossy();
        let room = room.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).unwrap();
        // Comments may speak of anything.
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        (room, path.clone(), code.collect::<Vec<_>>().join("\n"))
    };
    paths.into_iter().map(source).collect()
}

fn place(room: &str) -> usize {
    ROOMS
        .iter()
        .position(|line| line.contains(&room))
        .unwrap_or_else(|| panic!("src/{room} has no place in the order of the rooms"))
}

/// The rooms that `crate::…` names in a source, alone or in braces.
fn named(code: &str) -> Vec<String> {
    // `crate::code!` and `crate::path!` are macros, not rooms.
    behind(code, "crate::").into_iter().filter(|room| !matches!(room.as_str(), "code" | "path")).collect()
}

/// The words behind a beginning of paths in a source, alone or in braces.
fn behind(code: &str, start: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, _) in code.match_indices(start) {
        let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ':'));
        if !is_whole {
            continue;
        }
        let rest = &code[at + start.len()..];
        let parts: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => {
                // The outermost names of `crate::{a, b::{c, d}, e}`.
                let mut depth = 0;
                let end = list.find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth < 0
                });
                let list = &list[..end.expect("a brace that closes")];
                let mut depth = 0;
                list.split(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == ',' && depth == 0
                })
                .collect()
            }
            None => vec![rest],
        };
        let word = |part: &str| -> String {
            part.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        words.extend(parts.into_iter().map(word).filter(|word| !word.is_empty()));
    }
    words
}

/// Within a room, too, no two files know each other: whoever reads one need not read the other.
#[test]
fn no_two_files_know_each_other() {
    // A file as its modules: `batch::archive`.
    let module = |path: &Path| -> Vec<String> {
        let below = path.with_extension("");
        let names = below.iter().map(|name| name.to_string_lossy().into_owned());
        let mut names: Vec<String> = names.skip_while(|name| name != "src").skip(1).collect();
        names.pop_if(|name| name == "mod");
        names
    };
    let all: BTreeMap<Vec<String>, String> = sources()
        .into_iter()
        .map(|(_, path, code)| (module(path.strip_prefix(project()).unwrap()), code))
        .collect();
    let mut arrows: BTreeSet<(Vec<String>, Vec<String>)> = BTreeSet::new();
    for (one, code) in &all {
        for up in 1..=one.len() {
            for word in behind(code, &"super::".repeat(up)) {
                let other = [&one[..one.len() - up], &[word]].concat();
                // What is no module is something that the file around has.
                if all.contains_key(&other) && other != *one {
                    arrows.insert((one.clone(), other));
                }
            }
        }
    }
    assert!(arrows.len() > 150, "the arrows are found: {}", arrows.len());
    let circles: Vec<_> =
        arrows.iter().filter(|(one, other)| arrows.contains(&(other.clone(), one.clone()))).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn no_room_names_a_later_one() {
    let mut arrows = 0;
    for (room, path, code) in sources() {
        for other in named(&code).into_iter().filter(|other| *other != room) {
            arrows += 1;
            let is_earlier = place(&other) < place(&room);
            let is_known = KNOWN.contains(&(room.as_str(), other.as_str()));
            assert!(is_earlier || is_known, "{}: {room} names {other}", path.display());
        }
    }
    assert!(arrows > 40, "the arrows are found: {arrows}");
}

#[test]
fn rooms_are_seen_however_they_are_named() {
    let sees = named("use crate::{input::{self, Format}, cli::run};\nlet x = crate::web::serve();");
    assert_eq!(sees, ["input", "cli", "web"]);
}

#[test]
fn rooms_up_to_the_pipeline_touch_nothing_outside() {
    for (room, path, code) in sources() {
        if place(&room) > place("pipeline") {
            continue;
        }
        for outside in OUTSIDE {
            assert!(!code.contains(outside), "{}: {outside}", path.display());
        }
    }
}

/// The types that a room declares, each with its file. What a function declares for itself is its own.
fn types() -> Vec<(String, PathBuf)> {
    let item = Regex::new(r"(?m)^(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|type) ([A-Z]\w*)").unwrap();
    let of = |(_, path, code): (String, PathBuf, String)| {
        item.captures_iter(&code).map(|item| (item[1].to_owned(), path.clone())).collect::<Vec<_>>()
    };
    sources().into_iter().flat_map(of).collect()
}

/// One word for one thing: no two types share a name.
#[test]
fn each_type_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (name, path) in types() {
        places.entry(name).or_default().push(path);
    }
    assert!(places.len() > 300, "the types are found: {}", places.len());
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

/// Words in -ed and -ing that are nouns, and those of the plan of the house: what a stage gives.
const NOUNS: [&str; 20] = [
    "Beginning",
    "ClauseFinding",
    "Deed",
    "Drawing",
    "Ending",
    "Failed",
    "Filled",
    "Finding",
    "Heading",
    "IndicatorRank",
    "Listing",
    "Naming",
    "Need",
    "Numbering",
    "Opening",
    "Reading",
    "Rendering",
    "Standing",
    "Unplaced",
    "Warned",
];

#[test]
fn types_are_nouns() {
    let participle =
        Regex::new("(?:ed|ing)$|^(?:Begun|Found|Given|Held|Kept|Known|Lost|Made|Seen|Shown|Taken|Told)$")
            .unwrap();
    let mut verbs: Vec<_> = types().into_iter().filter(|(name, _)| participle.is_match(name)).collect();
    verbs.retain(|(name, _)| !NOUNS.contains(&name.as_str()));
    assert!(verbs.is_empty(), "{verbs:#?}");
}

/// Each word of the glossary stands there once, and names one thing.
#[test]
fn each_word_of_the_glossary_stands_there_once() {
    let library = fs::read_to_string(project().join("src/lib.rs")).unwrap();
    let rows = library.lines().filter(|line| line.starts_with("//! | `"));
    let words: Vec<&str> =
        rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    assert!(words.len() > 40, "the glossary is found: {words:?}");
    let once: BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(once.len(), words.len(), "{words:?}");
    let chinese = library
        .lines()
        .filter(|line| line.starts_with("//! | `"))
        .map(|row| row.split('|').nth(2).unwrap().trim());
    let chinese: Vec<&str> = chinese.filter(|word| !word.is_empty()).collect();
    let once: BTreeSet<&str> = chinese.iter().copied().collect();
    assert_eq!(once.len(), chinese.len(), "{chinese:?}");
}

#[test]
fn no_face_is_tracked() {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(project()).output();
    let Some(listed) = listed.ok().filter(|listed| listed.status.success()) else {
        panic!("git does not list the project's files");
    };
    let listed = String::from_utf8(listed.stdout).unwrap();
    let faces: Vec<&str> = listed
        .split('\0')
        .filter(|path| {
            let path = path.to_ascii_lowercase();
            [".otf", ".ttf", ".ttc", ".otc", ".woff", ".woff2"].iter().any(|ending| path.ends_with(ending))
        })
        .collect();
    assert!(faces.is_empty(), "{faces:?}");
    assert!(listed.contains("fonts/fetch.sh"));
}
