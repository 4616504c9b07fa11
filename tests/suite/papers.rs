//! The papers: README and docs are typed as a reader would type them, line by line in a fresh folder; what
//! they lead to is there, and what they name exists.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::http::{Served, get, router};
use crate::workbench::{files_in, project};

/// Where papers say that the service is; a test's has another port.
const ADDRESS: &str = "127.0.0.1:8080";

/// How curl ends when the service says no, as it is set up here.
const REFUSED: i32 = 22;

/// Ends what a command printed.
const END: &str = "--- end of a command:";

/// A paper, by its path in the project.
struct Paper {
    path: PathBuf,
    text: String,
}

/// All that a reader finds at the root, below `docs/` and about the tests.
fn papers() -> Vec<Paper> {
    let docs = project().join("docs");
    let folders = [project().to_owned(), docs.clone(), docs.join("manual"), project().join("tests")];
    let files = folders.iter().flat_map(|folder| files_in(folder));
    let is_paper = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let papers: Vec<Paper> = files
        .filter(is_paper)
        .map(|path| Paper {
            text: fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(project()).unwrap().to_owned(),
        })
        .collect();
    assert!(papers.len() > 12, "the papers are found: {}", papers.len());
    papers
}

fn paper(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A command as it is typed, and how it is to end.
#[derive(Debug, PartialEq)]
struct Typed {
    command: String,
    expected: i32,
}

impl Paper {
    /// The commands of its blocks for a shell, from top to bottom. A line that ends in `\`, or tells of a
    /// document that follows, goes on below it.
    fn commands(&self) -> Vec<Typed> {
        let mut lines = self.text.lines().skip_while(|line| *line != "```sh").skip(1);
        let mut commands = Vec::new();
        while let Some(line) = lines.next() {
            if line == "```" {
                lines.by_ref().find(|line| *line == "```sh");
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut command = line.to_owned();
            let mut last = line;
            let heredoc = line.split_once("<<'").and_then(|(_, rest)| rest.split_once('\''));
            if let Some((end, _)) = heredoc {
                while last != end {
                    last = lines.next().expect("a document that ends");
                    let _ = write!(command, "\n{last}");
                }
            }
            while last.ends_with('\\') {
                last = lines.next().expect("a line that goes on");
                let _ = write!(command, "\n{last}");
            }
            commands.push(Typed { expected: expected(last), command });
        }
        commands
    }
}

/// The exit code that the comment behind a command names: of a program, or of curl where it names an answer.
fn expected(line: &str) -> i32 {
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new("# *(?:exit code|退出码) *([0-9])").unwrap());
    static ANSWER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("# *(?:answers|回答) *[45][0-9]{2}").unwrap());
    match CODE.captures(line) {
        Some(found) => found[1].parse().unwrap(),
        None if ANSWER.is_match(line) => REFUSED,
        None => 0,
    }
}

/// A terminal in a fresh folder, with the program in the `PATH` and, as in the project's own folder, the
/// faces in `fonts`. What one command leaves (files, variables) the next one finds.
struct Terminal {
    shell: Child,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    /// Where the settings of the tools are.
    _home: TempDir,
    /// The service in another terminal.
    served: Option<Served>,
}

impl Terminal {
    fn open() -> Self {
        let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        symlink(project().join("fonts"), folder.path().join("fonts")).unwrap();
        // A reader sees that the service said no; a test has to be told.
        fs::write(home.path().join(".curlrc"), "fail-with-body\n").unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_nianbao"));
        let mut shell = Command::new("bash")
            .args(["-c", r#"PATH=$0:$PATH; exec bash 2>&1"#])
            .arg(program.parent().unwrap())
            .current_dir(folder.path())
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, answers, folder, _home: home, served: None }
    }

    /// Types a command and says how it ended, and what it printed.
    fn type_in(&mut self, command: &str) -> (i32, String) {
        let command = match &self.served {
            Some(served) => command.replace(ADDRESS, &served.address),
            None => command.to_owned(),
        };
        let typed = format!("{{ {command}\n}} </dev/null; printf '\\n%s %d\\n' '{END}' $?\n");
        self.shell.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
        let mut printed = String::new();
        loop {
            let mut line = Vec::new();
            let read = self.answers.read_until(b'\n', &mut line).unwrap();
            assert!(read > 0, "the shell ended at {command}\n{printed}");
            let line = String::from_utf8_lossy(&line);
            match line.strip_prefix(END) {
                Some(code) => return (code.trim().parse().unwrap(), printed),
                None => printed += &line,
            }
        }
    }

    /// Starts the service as in another terminal, at a port that is free. One at a time.
    fn serve(&mut self, command: &str) {
        let words: Vec<&str> = command.split(" #").next().unwrap().split_whitespace().skip(2).collect();
        assert!(!command.contains(['\'', '"', '$', '\\']), "only plain words can be handed on: {command}");
        let listen = words.iter().position(|word| *word == "--listen");
        let (ip, more) = match listen {
            Some(at) => {
                (words[at + 1].rsplit_once(':').unwrap().0, [&words[..at], &words[at + 2..]].concat())
            }
            None => ("127.0.0.1", words),
        };
        drop(self.served.take());
        let mut served = Served::start_at(self.folder.path(), &format!("{ip}:0"), &more);
        served.address = served.address.replace("0.0.0.0", "127.0.0.1");
        // What a reader copies from that terminal into the other.
        let link = more.contains(&"--accounts").then(|| served.line_with("/welcome/"));
        self.served = Some(served);
        if let Some(link) = link {
            self.type_in(&format!("link='{}'", link.trim()));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// Every command of every paper, each paper in a fresh folder. `nianbao serve` is left running, as in another
/// terminal. What builds or tests the project is not done here, for a test cannot run itself: `make` must have
/// the target and the variables, `cargo` the command.
#[test]
fn every_command_can_be_typed() {
    let mut typed = 0;
    for paper in papers() {
        let mut terminal = Terminal::open();
        for Typed { command, expected } in paper.commands() {
            typed += 1;
            let mut words = command.split_whitespace();
            match (words.next(), words.next()) {
                (Some("make"), Some(target)) => assert_is_made(target, words),
                (Some("cargo"), Some(name)) => {
                    assert!(cargo_has(name), "{}: {command}", paper.path.display())
                }
                (Some("nianbao"), Some("serve")) => terminal.serve(&command),
                _ => {
                    let (code, printed) = terminal.type_in(&command);
                    assert_eq!(code, expected, "{}: {command}\n{printed}", paper.path.display());
                }
            }
        }
    }
    assert!(typed > 60, "the commands are found: {typed}");
}

/// Every help ends with two commands that can be typed where the files lie that they name.
#[test]
fn the_examples_of_every_command_can_be_typed() {
    let mut terminal = Terminal::open();
    let beside = [
        "nianbao sample > 报告.yaml",
        "sed 's/2024/2023/g; s/2025/2024/g' 报告.yaml > 上年.yaml",
        "mkdir 自备模板 各单位报告 && cp 报告.yaml 各单位报告/",
        "printf '单位名称\\n临江区\\n' > 名录.csv",
        "printf '云州市临江区2024年法治政府建设年度报告\\n一、主要举措和成效\\n（一）规范执法\\n公布事项清单。\\n' > 上年报告.txt",
    ];
    for command in beside {
        assert_eq!(terminal.type_in(command).0, 0, "{command}");
    }
    let examples = |help: &str| -> Vec<String> {
        let behind = help.split_once("示例：\n").map_or("", |(_, behind)| behind);
        behind.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let (_, whole) = terminal.type_in("nianbao --help");
    let commands = whole.split_once("命令：\n").unwrap().1.split("\n\n").next().unwrap().to_owned();
    let commands = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() >= 19, "{commands:?}");
    for name in ["", "render"].iter().chain(&commands) {
        let (_, help) = terminal.type_in(&format!("nianbao {name} --help"));
        let examples = examples(&help);
        assert_eq!(examples.len(), 2, "{name}: {help}");
        for example in examples {
            if example.starts_with("nianbao serve") {
                terminal.serve(&example);
                continue;
            }
            let (code, printed) = terminal.type_in(&example);
            // What is found in last year's text is not what is tried here.
            assert!(code == 0 || (*name == "check" && code == 1), "{example}: {code}\n{printed}");
        }
    }
    assert!(terminal.type_in("grep -q check nianbao.bash && grep -q 检查 _nianbao").0 == 0);
    let (code, page) = terminal.type_in("cat 手册页/nianbao-render.1");
    // A minus that is typed has a sign of its own there.
    let typed = page.replace("\\-", "-");
    assert!(code == 0 && typed.contains("nianbao render 报告.yaml -o 年报.pdf"), "{page}");
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    assert!(headings.len() >= 4 && headings.iter().all(|one| !one.is_ascii()), "{headings:?}");
}

/// Fails where the Makefile has no such target, or reads no such variable.
fn assert_is_made<'a>(target: &str, settings: impl Iterator<Item = &'a str>) {
    let makefile = paper("Makefile");
    let has = |start: &str| makefile.lines().any(|line| line.starts_with(start));
    assert!(has(&format!("{target}:")), "make {target}");
    for setting in settings.take_while(|word| *word != "#") {
        let name = setting.split('=').next().unwrap();
        assert!(has(&format!("{name} ?=")), "make {target} {setting}");
    }
}

fn cargo_has(name: &str) -> bool {
    let listed = Command::new(env!("CARGO")).arg("--list").output().unwrap();
    String::from_utf8(listed.stdout).unwrap().lines().any(|line| line.split_whitespace().next() == Some(name))
}

#[test]
fn commands_are_read_as_they_are_typed() {
    let text = "No.\n```sh\n# first\na b   # exit code 1: why\nc \\\n  d   # answers 409\n\ncat > e <<'END'\nf \\\nEND\n```\n```text\ng\n```\n```sh\nh\n```\n";
    let paper = Paper { path: PathBuf::new(), text: text.to_owned() };
    let expected = [
        ("a b   # exit code 1: why", 1),
        ("c \\\n  d   # answers 409", REFUSED),
        ("cat > e <<'END'\nf \\\nEND", 0),
        ("h", 0),
    ];
    let expected = expected.map(|(command, expected)| Typed { command: command.to_owned(), expected });
    assert_eq!(paper.commands(), expected);
}

#[test]
fn a_terminal_remembers_and_tells_how_a_command_ended() {
    let mut terminal = Terminal::open();
    assert_eq!(terminal.type_in("a=$(echo here; false)   # it fails").0, 1);
    assert_eq!(terminal.type_in("cat > file <<'END'\n$a\nEND"), (0, "\n".to_owned()));
    assert_eq!(terminal.type_in("cat; echo $a; cat file; nianbao --version >&2; exit_ 2>/dev/null").0, 127);
    let (code, printed) = terminal.type_in("echo $a; cat file");
    assert_eq!((code, printed.trim()), (0, "here\n$a"));
}

#[test]
fn the_readme_is_short() {
    let lines = paper("README.md").lines().count();
    assert!(lines <= 100, "{lines} lines");
}

/// Links of the papers to files; those to the web are not followed.
#[test]
fn links_lead_to_files() {
    let link = Regex::new(r"\]\(([^)#\s]+)[^)]*\)").unwrap();
    let mut links = 0;
    let mut pictures = BTreeSet::new();
    for paper in papers() {
        let folder = project().join(paper.path.parent().unwrap());
        let targets = link.captures_iter(&paper.text).map(|found| found[1].to_owned());
        for target in targets.filter(|target| !target.contains("://")) {
            links += 1;
            assert!(folder.join(&target).exists(), "{}: {target}", paper.path.display());
            pictures.extend(
                target.strip_prefix("../").unwrap_or(&target).split("pictures/").nth(1).map(str::to_owned),
            );
        }
    }
    assert!(links > 30, "the links are found: {links}");
    for picture in files_in(&project().join("docs/pictures")) {
        let name = picture.file_name().unwrap().to_string_lossy().into_owned();
        assert!(pictures.contains(&name), "no paper shows {name}");
    }
}

/// The row of a command in the interface names each of its options, and that of all commands the rest.
#[test]
fn every_command_and_option_is_named() {
    let help = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_nianbao")).args(arguments).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let interface = paper("docs/interface.md");
    let row = |name: &str| {
        let row = interface.lines().find(|line| line.starts_with(&format!("| {name} |")));
        row.unwrap_or_else(|| panic!("the interface has no row of {name}")).to_owned()
    };
    let option = Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)").unwrap();
    let command = Regex::new(r"(?m)^  ([a-z-]+) ").unwrap();
    let all = row("all");
    let general = help(&[]);
    // The examples below begin with the program itself.
    let named = command.captures_iter(&general).map(|found| found[1].to_owned());
    let commands: Vec<String> = named.filter(|name| name != "nianbao").collect();
    assert!(commands.len() > 12, "{commands:?}");
    for name in commands {
        let own = row(&format!("`{name}`"));
        for found in option.captures_iter(&help(&[&name])) {
            let option = format!("`{}`", &found[1]);
            assert!(own.contains(&option) || all.contains(&option), "{name}: {option}");
        }
    }
}

/// Each status that the service may answer is told to those who program and to those who run it.
#[tokio::test]
async fn every_status_is_told() {
    let document = get(&router(1, 1, None), "/api/openapi.json").await.json();
    let operations = document["paths"].as_object().unwrap().values().flat_map(|one| one.as_object().unwrap());
    let statuses: BTreeSet<&String> = operations
        .flat_map(|(_, operation)| operation["responses"].as_object().into_iter().flatten())
        .map(|one| one.0)
        .collect();
    assert!(statuses.len() > 12, "{statuses:?}");
    for path in ["docs/interface.md", "docs/manual/operator.md"] {
        let rows: String = paper(path).lines().filter(|line| line.starts_with("| `")).collect();
        for status in &statuses {
            assert!(rows.contains(&format!("`{status}`")), "{path}: {status}");
        }
    }
}

/// What the manual prints in bold is written so on a page, or in the form.
#[tokio::test]
async fn what_the_manual_names_is_on_a_page() {
    let mut pages = get(&router(1, 1, None), "/?sample=annual-report").await.text();
    for path in files_in(&project().join("src/web/pages")) {
        pages += &fs::read_to_string(path).unwrap();
    }
    let bold = Regex::new(r"\*\*([^*]+)\*\*").unwrap();
    let mut named = 0;
    for path in ["docs/manual/writer.md", "docs/manual/bureau.md"] {
        for found in bold.captures_iter(&paper(path)) {
            named += 1;
            assert!(pages.contains(&found[1]), "{path}: no page says “{}”", &found[1]);
        }
    }
    assert!(named > 30, "what is bold is found: {named}");
}

/// The oldest Rust that will do stands in `Cargo.toml` alone, and does for every crate that is used.
#[test]
fn the_oldest_rust_is_named_once() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(project())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("what cargo knows of the project");
    let packages = metadata["packages"].as_array().unwrap();
    let number =
        |version: &str| version.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let of = |package: &Value| package["rust_version"].as_str().map(number);
    let own =
        packages.iter().find(|package| package["name"] == "nianbao").and_then(of).expect("rust-version");
    for package in packages {
        assert!(of(package).is_none_or(|version| version[..2] <= own[..2]), "{} is too new", package["name"]);
    }
    let named = Regex::new(r"(?i)\brust(?:c|up)?\b[^.\n]{0,40}\b1\.[0-9]+").unwrap();
    for paper in papers() {
        assert!(!named.is_match(&paper.text), "{} names a version of Rust", paper.path.display());
    }
}

#[test]
fn the_changelog_has_this_version() {
    let heading = format!("## [{}]", env!("CARGO_PKG_VERSION"));
    assert!(paper("CHANGELOG.md").contains(&heading), "{heading}");
}
