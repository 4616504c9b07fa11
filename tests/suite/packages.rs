//! The packages of this program: what lies in them, and that they can be installed, used and removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;

use crate::workbench::{of_tests, project};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn nianbao(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nianbao")).args(arguments).current_dir(folder).output().unwrap()
}

/// The program as offices get it: what these tests are linked of, linked for their old systems. None where there is no
/// linker that knows these.
fn linked(folder: &Path) -> Option<PathBuf> {
    if !project().join("package/zig/bin/python-zig").is_file() {
        return None;
    }
    let program = folder.join("nianbao");
    let made = Command::new(project().join("package/link.sh")).arg(&program).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    // Whatever else is compiled is built in another way than for these tests, and costs as long as they.
    let said = said(&made);
    let compiled =
        said.lines().filter(|line| line.contains("Compiling") && !line.contains("Compiling nianbao v"));
    assert_eq!(compiled.collect::<Vec<_>>(), [""; 0]);
    Some(program)
}

/// What `readelf` says of a program's needs.
fn needs(program: &Path) -> String {
    let read = Command::new("readelf").args(["--wide", "--version-info", "--dynamic"]).arg(program).output();
    said(&read.unwrap())
}

/// Packs a program; gives the packages by their endings.
fn packed(program: &Path, folder: &Path) -> BTreeMap<String, PathBuf> {
    let made = Command::new(project().join("package/build.sh"))
        .arg(program)
        .arg(folder)
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.extension().unwrap_or_default().to_string_lossy().into_owned(), path)).collect()
}

#[test]
#[expect(clippy::print_stdout, reason = "that a test was skipped must be seen")]
fn packages_have_the_same_bytes_and_are_installed_used_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let linked = linked(folder.path());
    match &linked {
        Some(program) => {
            let needs = needs(program);
            let version = Regex::new(r"GLIBC_2\.(\d+)").unwrap();
            let newest = version.captures_iter(&needs).map(|found| found[1].parse::<u32>().unwrap()).max();
            // CentOS 7 has it, and whatever is newer: Kylin V10 and UOS.
            assert!(newest.is_some_and(|newest| newest <= 17), "{needs}");
            let library =
                Regex::new(r"Shared library: \[(?:lib(c|m|dl|rt|util|pthread)|ld-linux.*)\.so").unwrap();
            let named = needs.lines().filter(|line| line.contains("(NEEDED)"));
            assert!(named.clone().count() > 0 && named.clone().all(|line| library.is_match(line)), "{needs}");
        }
        None => {
            println!("skipped: there is no zig here, so that packages are made of this machine's program")
        }
    }
    let program = linked.unwrap_or_else(|| env!("CARGO_BIN_EXE_nianbao").into());
    let packages = packed(&program, &folder.path().join("one"));
    let again = packed(&program, &folder.path().join("two"));
    assert_eq!(packages.keys().map(String::as_str).collect::<Vec<_>>(), ["", "deb", "gz", "rpm"]);
    // The sums of all three are the one without an ending.
    assert_eq!(fs::read_to_string(&packages[""]).unwrap(), fs::read_to_string(&again[""]).unwrap());

    // The archive works wherever it lies, and whoever unpacks it.
    let unpacked = Command::new("tar").arg("xzf").arg(&packages["gz"]).current_dir(folder.path()).status();
    assert!(unpacked.unwrap().success());
    let inside = folder.path().join(format!("nianbao-{}", env!("CARGO_PKG_VERSION")));
    let own = |arguments: &[&str]| {
        Command::new(inside.join("nianbao")).args(arguments).current_dir(folder.path()).output().unwrap()
    };
    fs::write(folder.path().join("报告.yaml"), own(&["sample"]).stdout).unwrap();
    let made = own(&["render", "报告.yaml", "-o", "年报.pdf"]);
    assert!(made.status.success(), "{}", said(&made));
    for file in
        ["LICENSE", "nianbao.toml", "man/nianbao-serve.1.gz", "fonts/free/LICENSE-Fandol.txt", "请先读我.txt"]
    {
        assert!(inside.join(file).is_file(), "no {file}");
    }

    if !can_enter_a_clean_root() {
        println!("skipped: nothing can be installed in a root of its own here");
        return;
    }
    for package in ["deb", "rpm"] {
        let tried = Command::new(project().join("package/try.sh"))
            .args([&of_tests("clean-root.tar"), &packages[package]])
            .output()
            .unwrap();
        assert!(tried.status.success(), "{}", said(&tried));
        assert!(said(&tried).contains("was installed, made a report and was removed"), "{}", said(&tried));
    }
}

/// Whether there is one, and this machine lets its root into it; within some containers it does not.
fn can_enter_a_clean_root() -> bool {
    let entered = Command::new("unshare").args(["--mount", "--pid", "--fork", "true"]).output();
    rustix::process::geteuid().is_root()
        && of_tests("clean-root.tar").is_file()
        && entered.is_ok_and(|entered| entered.status.success())
}

/// How much of the machine is open to the unit, as systemd reckons it: 0 is nothing, 10 all.
#[test]
#[expect(clippy::print_stdout, reason = "that a test was skipped must be seen")]
fn the_unit_is_hardened() {
    let analysed = Command::new("systemd-analyze")
        .args(["security", "--offline=true"])
        .arg(project().join("package/nianbao.service"))
        .output();
    let Ok(analysed) = analysed else {
        println!("skipped: no systemd here");
        return;
    };
    let text = said(&analysed);
    let level = text.split("Overall exposure level for nianbao.service: ").nth(1);
    let level: f32 =
        level.and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("{text}"));
    assert!(level <= 2.0, "{text}");
}

#[test]
fn the_settings_have_every_flag_and_each_may_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let settings = nianbao(&["settings"], folder.path());
    let settings = String::from_utf8(settings.stdout).unwrap();
    let help = said(&nianbao(&["serve", "--help"], folder.path()));
    let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let flags: Vec<&str> = flags.filter_map(|rest| rest.split([' ', '=']).next()).collect();
    assert!(flags.len() > 20, "{help}");
    for flag in flags.into_iter().filter(|flag| !["settings", "check-config"].contains(flag)) {
        assert!(
            settings.lines().any(|line| line.starts_with(&format!("# {flag} = "))),
            "no {flag}: {settings}"
        );
    }
    // As it is, it says nothing; and every line of it is one of the file.
    let check = |text: &str| {
        fs::write(folder.path().join("nianbao.toml"), text).unwrap();
        let fonts = project().join("fonts");
        let fonts = fonts.to_str().unwrap();
        nianbao(&["serve", "--check-config", "--settings", "nianbao.toml", "--fonts", fonts], folder.path())
    };
    let blank = check(&settings);
    assert!(blank.status.success(), "{}", said(&blank));
    for line in settings.lines().filter(|line| line.contains(" = ") && !line.contains('“')) {
        let written = line.trim_start_matches("# ");
        assert!(written.parse::<toml::Table>().is_ok(), "{written}");
        assert!(!said(&check(written)).contains("没有叫"), "{written}");
    }
}
