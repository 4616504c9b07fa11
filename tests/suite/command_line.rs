//! The program as people start it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use nianbao::explanation;
use serde_json::Value;

use crate::pdf::Document;
use crate::workbench::{files_in, minimal, of_tests, project, sample};

/// Runs the program in `folder`, with the project's faces, and `input` on its standard input.
fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let fonts = project().join("fonts");
    let mut all = arguments.to_vec();
    if !arguments.contains(&"--fonts") {
        all.extend(["--fonts", fonts.to_str().unwrap()]);
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_nianbao"))
        .args(all)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // A program that refuses its input need not read it to the end.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("a signal ended it: {:?}", output.status))
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn names_in(folder: &Path) -> Vec<String> {
    files_in(folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// A folder with the minimal report in it, and one that is refused.
fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("report.yaml"), minimal()).unwrap();
    fs::write(folder.path().join("wrong.yaml"), minimal().replace("cause:", "detail:")).unwrap();
    folder
}

/// Two words of English in a row that are no file, option or code: a sentence that nobody
/// translated.
fn english(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_word = |word: &str| {
        let word = word.trim_end_matches([',', '.', ':', ';']);
        word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic()) && word.to_lowercase() == *word
    };
    let known = [
        "nianbao",
        "check",
        "render",
        "sample",
        "schema",
        "templates",
        "fonts",
        "explain",
        "serve",
        "json",
        "yaml",
        "toml",
        "text",
        "public",
        "formal",
    ];
    let is_english = |pair: &&[&str]| pair.iter().all(|word| is_word(word) && !known.contains(word));
    words.windows(2).find(is_english).map(|pair| pair.join(" "))
}

#[test]
fn render_writes_the_pdf_and_says_so() {
    let desk = desk();
    let output = run(desk.path(), &["render", "report.yaml", "-o", "报告.pdf"], b"");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("已生成 报告.pdf"), "{}", stderr(&output));
    assert!(fs::read(desk.path().join("报告.pdf")).unwrap().starts_with(b"%PDF-1.7"));
    assert_eq!(names_in(desk.path()), ["report.yaml", "wrong.yaml", "报告.pdf"]);
}

#[test]
fn standard_input_and_output_carry_the_same_bytes() {
    let desk = desk();
    let piped = run(desk.path(), &["render", "-", "-o", "-"], minimal().as_bytes());
    assert_eq!(code(&piped), 0, "{}", stderr(&piped));
    let filed = run(desk.path(), &["render", "report.yaml", "-o", "out.pdf"], b"");
    assert_eq!(code(&filed), 0, "{}", stderr(&filed));
    assert!(piped.stdout == fs::read(desk.path().join("out.pdf")).unwrap());
}

/// A plan of work is a document of the contract as well.
#[test]
fn a_plan_of_work_is_set_as_one() {
    let desk = desk();
    let sample = run(desk.path(), &["sample", "work-plan"], b"").stdout;
    let output = run(desk.path(), &["render", "-", "-o", "plan.pdf"], &sample);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "已生成 plan.pdf，共 2 页。\n"));
    let text = Document::read(fs::read(desk.path().join("plan.pdf")).unwrap()).text();
    for words in ["二、规范行政执法", "（一）修订", "（牵头单位：区司法局；责任单位：区信访局、区法院）"]
    {
        assert!(text.contains(words), "no {words} in {text}");
    }
    // What an import found no place for is not left out in silence.
    let unplaced = [&sample[..], "unplaced:\n  - text: 下面是附注。\n".as_bytes()].concat();
    let refused = run(desk.path(), &["render", "-", "-o", "other.pdf"], &unplaced);
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("unplaced-text"), "{}", stderr(&refused));
    assert!(!desk.path().join("other.pdf").exists());
    let wrong = String::from_utf8(sample).unwrap().replace("lead: 区司法局", "leader: 区司法局");
    let refused = run(desk.path(), &["render", "-", "-o", "other.pdf"], wrong.as_bytes());
    assert!(stderr(&refused).contains("“lead”"), "{}", stderr(&refused));
}

#[test]
fn the_edition_can_be_chosen() {
    let desk = desk();
    let render = |edition| {
        let output = run(desk.path(), &["render", "-", "-o", "-", "--edition", edition], sample().as_bytes());
        Document::read(output.stdout).text()
    };
    assert!(render("formal").contains("临政发〔2025〕6号"));
    assert!(!render("public").contains("临政发"));
}

#[test]
fn a_refused_report_leaves_what_was_there() {
    let desk = desk();
    let out = desk.path().join("out.pdf");
    fs::write(&out, "上一次的").unwrap();
    let output = run(desk.path(), &["render", "wrong.yaml", "-o", "out.pdf"], b"");
    assert_eq!(code(&output), 1);
    let said = stderr(&output);
    for words in [
        "problem-without-cause",
        "problems[0].cause",
        "wrong.yaml",
        "没有生成 PDF",
        "--draft",
        "共有错误 1 处",
    ] {
        assert!(said.contains(words), "no {words} in {said}");
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), "上一次的");
    assert_eq!(names_in(desk.path()), ["out.pdf", "report.yaml", "wrong.yaml"]);
}

#[test]
fn a_draft_of_a_refused_report_is_made() {
    let desk = desk();
    let output = run(desk.path(), &["render", "wrong.yaml", "-o", "out.pdf", "--draft"], b"");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("problem-without-cause"), "its faults are told all the same");
    let document = Document::read(fs::read(desk.path().join("out.pdf")).unwrap());
    assert!(document.text().contains("〔此处缺："));
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing() {
    let desk = desk();
    fs::create_dir(desk.path().join("folder")).unwrap();
    fs::write(desk.path().join("folder/inside"), "").unwrap();
    for (target, words) in [
        ("没有/out.pdf", "没有这个文件或文件夹"),
        ("folder", "文件夹"),
        ("report.yaml/out.pdf", "不是文件夹"),
        // Nobody, not even root, makes files there.
        ("/proc/nianbao/out.pdf", "没有"),
        ("/proc/out.pdf", ""),
    ] {
        let output = run(desk.path(), &["render", "report.yaml", "-o", target], b"");
        assert_eq!(code(&output), 2, "{target}: {}", stderr(&output));
        let said = stderr(&output);
        assert!(said.contains(&format!("写不了 {target}")) && said.contains(words), "{target}: {said}");
        assert_eq!(names_in(desk.path()), ["folder", "report.yaml", "wrong.yaml"], "{target}");
        assert_eq!(names_in(&desk.path().join("folder")), ["inside"], "{target}");
    }
}

/// A pipe is written to as it stands; it is not replaced by a file.
#[test]
fn a_pipe_takes_the_document() {
    let desk = desk();
    let pipe = desk.path().join("pipe.pdf");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    let output = run(desk.path(), &["render", "report.yaml", "-o", "pipe.pdf"], b"");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    // Had it been replaced by a file, nobody would ever end what the reader waits for.
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().starts_with(b"%PDF-"));
}

#[test]
fn a_report_that_cannot_be_read_is_named() {
    let desk = desk();
    for file in ["没有.yaml", "."] {
        let output = run(desk.path(), &["check", file], b"");
        assert_eq!(code(&output), 2, "{file}");
        assert!(stderr(&output).contains(&format!("读不了 {file}")), "{}", stderr(&output));
    }
}

#[test]
fn check_tells_findings_and_its_exit_code() {
    let desk = desk();
    let fine = run(desk.path(), &["check", "report.yaml"], b"");
    assert_eq!((code(&fine), stdout(&fine).as_str()), (0, "没有发现问题。\n"));
    let wrong = run(desk.path(), &["check", "wrong.yaml"], b"");
    assert_eq!(code(&wrong), 1);
    let said = stdout(&wrong);
    for words in
        ["错误〔problem-without-cause〕", "wrong.yaml 第", "problems[0].cause", "建议：", "nianbao explain"]
    {
        assert!(said.contains(words), "no {words} in {said}");
    }
    // A note is no error.
    let report = nianbao_in_gb18030();
    let note = run(desk.path(), &["check", "-"], &report);
    assert_eq!(code(&note), 0);
    assert!(stdout(&note).contains("提示〔read-as-gb18030〕"), "{}", stdout(&note));
}

fn nianbao_in_gb18030() -> Vec<u8> {
    fs::read(crate::workbench::of_tests("cases/input/gb18030.yaml")).unwrap()
}

#[test]
fn findings_in_json_have_exactly_the_documented_keys() {
    let desk = desk();
    let of = |file: &str, input: &[u8]| {
        let output = run(desk.path(), &["check", file, "--format", "json"], input);
        let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
        (code(&output), found.as_array().expect("an array").clone())
    };
    assert_eq!(of("report.yaml", b""), (0, vec![]));
    let (exit, found) = of("wrong.yaml", b"");
    assert_eq!((exit, found.len()), (1, 1));
    let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "title", "severity", "path", "message", "hint", "line", "column"]);
    assert_eq!(found[0]["code"], "problem-without-cause");
    assert_eq!(found[0]["severity"], "error");
    assert_eq!(found[0]["path"], "problems[0].cause");
    assert!(found[0]["line"].is_u64() && found[0]["column"].is_u64());
    // What concerns the file as a whole stands nowhere in it.
    let (exit, found) = of("-", b"");
    assert_eq!((exit, found.len()), (1, 1));
    let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "title", "class", "severity", "path", "message", "hint"]);
}

#[test]
fn check_writes_a_review_sheet_beside_its_answer() {
    let desk = desk();
    let read = |name: &str| Document::read(fs::read(desk.path().join(name)).unwrap()).text();
    let wrong = run(desk.path(), &["check", "wrong.yaml", "--sheet", "意见.pdf"], b"");
    assert_eq!(code(&wrong), 1, "{}", stderr(&wrong));
    assert!(stdout(&wrong).contains("错误〔problem-without-cause〕"), "{}", stdout(&wrong));
    assert!(stderr(&wrong).contains("已生成审核意见表 意见.pdf，共 1 页。"), "{}", stderr(&wrong));
    assert!(read("意见.pdf").contains("〔problem-without-cause〕"));
    let fine = run(desk.path(), &["check", "report.yaml", "--sheet", "意见.pdf"], b"");
    assert_eq!((code(&fine), stdout(&fine).as_str()), (0, "没有发现问题。\n"));
    assert!(read("意见.pdf").contains("没有发现问题。"));
    // On standard output it stands alone.
    let piped = run(desk.path(), &["check", "report.yaml", "--sheet", "-"], b"");
    assert!(piped.stdout == fs::read(desk.path().join("意见.pdf")).unwrap(), "same input, same bytes");
    // It is no template of a report.
    assert!(!stdout(&run(desk.path(), &["templates"], b"")).contains("review-sheet"));
}

#[test]
fn a_sheet_that_cannot_be_made_leaves_nothing() {
    let desk = desk();
    let unread = run(desk.path(), &["check", "-", "--sheet", "out.pdf"], b"year: [");
    assert_eq!(code(&unread), 1);
    assert!(stdout(&unread).contains("错误〔syntax〕"), "{}", stdout(&unread));
    assert!(stderr(&unread).contains("没有生成审核意见表"), "{}", stderr(&unread));
    for target in ["没有/out.pdf", "report.yaml/out.pdf", "."] {
        let output = run(desk.path(), &["check", "wrong.yaml", "--sheet", target], b"");
        assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{target}");
        assert!(stderr(&output).contains(&format!("写不了 {target}")), "{}", stderr(&output));
    }
    assert_eq!(names_in(desk.path()), ["report.yaml", "wrong.yaml"]);
}

#[test]
fn every_code_is_explained() {
    let desk = desk();
    let list = stdout(&run(desk.path(), &["explain"], b""));
    for known in explanation::all() {
        assert!(list.contains(&format!("{}  {}", known.name, known.summary())), "{}", known.name);
        let output = run(desk.path(), &["explain", known.name], b"");
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains(&known.page()), "{}", known.name);
    }
    let unknown = run(desk.path(), &["explain", "mising-section"], b"");
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("是不是“missing-section”"), "{}", stderr(&unknown));
}

#[test]
fn the_settings_of_an_operator_hold_and_their_faults_are_told() {
    let desk = desk();
    let check = |settings: &str| {
        fs::write(desk.path().join("checks.toml"), settings).unwrap();
        run(desk.path(), &["check", "wrong.yaml", "--config", "checks.toml"], b"")
    };
    assert_eq!(code(&check("")), 1);
    assert_eq!(code(&check("[severity]\nproblem-without-cause = \"off\"\n")), 0);
    let faulty = check("\n[sevrity]\ntypo = \"off\"\n");
    assert_eq!(code(&faulty), 2);
    let said = stderr(&faulty);
    assert!(said.contains("检查的配置 checks.toml 有误：\n第2行第2列：没有叫“sevrity”的字段"), "{said}");
}

#[test]
fn a_guide_is_chosen_made_ones_own_and_its_faults_are_told() {
    let desk = desk();
    fs::write(desk.path().join("full.yaml"), crate::workbench::sample()).unwrap();
    let said = "提示〔matter-untouched〕事项指引里适用的35项，有1项没有写到：4.3 行政执法程序和裁量基准";
    let checked = run(desk.path(), &["check", "full.yaml", "--guide", "内置"], b"");
    assert_eq!(code(&checked), 0, "what is not touched is no error: {}", stderr(&checked));
    assert!(stdout(&checked).contains(said), "{}", stdout(&checked));
    let rendered = run(desk.path(), &["render", "full.yaml", "-o", "-", "--guide", "内置"], b"");
    assert!(code(&rendered) == 0 && stderr(&rendered).contains(said), "{}", stderr(&rendered));

    let own = stdout(&run(desk.path(), &["guide"], b""));
    let with = |guide: &str| {
        fs::write(desk.path().join("own.toml"), guide).unwrap();
        run(desk.path(), &["check", "full.yaml", "--guide", "own.toml"], b"")
    };
    assert_eq!(stdout(&with(&own)), stdout(&checked));
    let more = format!("{own}\n[[matters]]\nnumber = \"10\"\nname = \"渡船管理\"\nwords = [\"渡船年检\"]\n");
    assert!(stdout(&with(&more)).contains("适用的36项，有2项没有写到"), "{}", stdout(&with(&more)));
    let faulty = with("name = \"指引\"\nsource = \"试行\"\nmatter = []\n");
    assert_eq!(code(&faulty), 2);
    for words in ["事项指引 own.toml 有误：\n第", "第3行第1列：没有叫“matter”的字段。是不是“matters”"]
    {
        assert!(stderr(&faulty).contains(words), "{}", stderr(&faulty));
    }
    let missing = run(desk.path(), &["check", "full.yaml", "--guide", "nowhere.toml"], b"");
    assert!(code(&missing) == 2 && stderr(&missing).contains("读不了 nowhere.toml"), "{}", stderr(&missing));
}

#[test]
fn the_sample_passes_its_own_check() {
    let desk = desk();
    let shown = run(desk.path(), &["sample"], b"");
    assert_eq!(code(&shown), 0);
    let checked = run(desk.path(), &["check", "-"], &shown.stdout);
    assert_eq!((code(&checked), stdout(&checked).as_str()), (0, "没有发现问题。\n"));
    let unknown = run(desk.path(), &["sample", "没有"], b"");
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("没有叫“没有”的模板"), "{}", stderr(&unknown));
}

#[test]
fn the_version_names_the_typesetter() {
    let desk = desk();
    let said = stdout(&run(desk.path(), &["--version"], b""));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], format!("nianbao {}", env!("CARGO_PKG_VERSION")));
    assert!(lines[1].starts_with("源码版本 "), "{said}");
    let locked = fs::read_to_string(project().join("Cargo.lock")).unwrap();
    let typst = locked.split("name = \"typst\"\nversion = \"").nth(1).unwrap();
    assert_eq!(lines[2], format!("typst {}", typst.split('"').next().unwrap()));
}

#[test]
fn the_faces_are_found_without_being_named() {
    let desk = desk();
    let free = project().join("fonts/free");
    let at_home = desk.path().join("data home/nianbao/fonts");
    let of_system = desk.path().join("system/nianbao/fonts");
    let said = desk.path().join("said");
    let run = |places: &[(&str, &Path)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.args(["fonts"]).current_dir(desk.path());
        command.env("XDG_DATA_HOME", desk.path().join("data home")).env("HOME", desk.path());
        command.env("XDG_DATA_DIRS", desk.path().join("system"));
        command.envs(places.iter().copied());
        command.output().unwrap()
    };
    let nowhere = run(&[]);
    assert_eq!(code(&nowhere), 2);
    assert!(stderr(&nowhere).contains("没有字体文件夹 fonts"), "{}", stderr(&nowhere));
    assert!(stderr(&nowhere).contains("NIANBAO_FONTS"), "{}", stderr(&nowhere));
    // Each is preferred to those before it.
    for (place, variable) in [
        (&of_system, None),
        (&at_home, None),
        (&desk.path().join("fonts"), None),
        (&said, Some(said.as_path())),
    ] {
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&free, place).unwrap();
        let variable = variable.map(|folder| ("NIANBAO_FONTS", folder));
        let found = run(variable.as_slice());
        assert_eq!(code(&found), 0, "{}", stderr(&found));
        let name =
            if place.starts_with(desk.path().join("fonts")) { "fonts".as_ref() } else { place.as_path() };
        assert!(stdout(&found).contains(&format!("字体文件夹（{}）", name.display())), "{}", stdout(&found));
    }
}

#[test]
fn schema_templates_and_fonts_are_shown() {
    let desk = desk();
    let schema: Value = serde_json::from_str(&stdout(&run(desk.path(), &["schema"], b""))).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "法治政府建设年度报告");
    let templates = stdout(&run(desk.path(), &["templates"], b""));
    assert!(templates.contains("annual-report  法治政府建设年度报告"), "{templates}");
    let fonts = stdout(&run(desk.path(), &["fonts"], b""));
    for words in [
        "小标宋（",
        "仿宋（",
        "楷体（",
        "黑体（",
        "宋体（",
        "西文（",
        "授权：",
        "收字：GB 2312",
        "方正小标宋",
        "仿宋_GB2312",
    ] {
        assert!(fonts.contains(words), "no {words} in {fonts}");
    }
}

#[test]
fn help_and_usage_faults_are_in_chinese() {
    let desk = desk();
    let commands = ["render", "check", "sample", "schema", "templates", "fonts", "explain", "serve"];
    let helps = commands.iter().map(|command| vec![*command, "--help"]).chain([vec!["--help"], vec!["-h"]]);
    for arguments in helps {
        let output = run(desk.path(), &arguments, b"");
        assert_eq!(code(&output), 0, "{arguments:?}");
        let help = stdout(&output);
        assert!(help.contains("用法：") && help.contains("选项："), "{help}");
        assert_eq!(english(&help), None, "{help}");
    }
    let faults: [&[&str]; 12] = [
        &[],
        &["rander"],
        &["render"],
        &["render", "report.yaml"],
        &["render", "report.yaml", "-o"],
        &["render", "report.yaml", "-o", "a.pdf", "-o", "b.pdf"],
        &["render", "report.yaml", "--outptu", "a.pdf"],
        &["check", "report.yaml", "--format", "xml"],
        &["check", "report.yaml", "--edition", "secret"],
        &["check", "report.yaml", "more.yaml"],
        &["serve", "--listen", "everywhere"],
        &["serve", "--jobs", "many"],
    ];
    for arguments in faults {
        let output = run(desk.path(), arguments, b"");
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = stderr(&output);
        assert!(!said.trim().is_empty());
        assert_eq!(english(&said), None, "{arguments:?}: {said}");
    }
    let near = stderr(&run(desk.path(), &["rander"], b""));
    assert!(near.contains("没有“rander”这个命令") && near.contains("是不是“render”"), "{near}");
    assert_eq!(names_in(desk.path()), ["report.yaml", "wrong.yaml"]);
}

/// Faces that are whole are fetched no second time; where they cannot be fetched it is said how else to come by them.
#[test]
fn free_faces_are_fetched_whole_or_not_at_all() {
    let desk = desk();
    let faces = desk.path().join("faces/free");
    fs::create_dir_all(&faces).unwrap();
    for face in files_in(&project().join("fonts/free")) {
        std::os::unix::fs::symlink(&face, faces.join(face.file_name().unwrap())).unwrap();
    }
    let output = run(desk.path(), &["fonts", "--fetch", "faces"], b"");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("自由字体齐备"), "{}", stdout(&output));
    // A machine that has the shell and its tools, and no packages of Debian's.
    let tools = desk.path().join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["bash", "dirname", "mkdir", "cut", "sort", "sed", "comm", "grep", "sha256sum"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
        std::os::unix::fs::symlink(String::from_utf8(found.stdout).unwrap().trim(), tools.join(tool))
            .unwrap();
    }
    let fetch = |folder: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.args(["fonts", "--fetch", folder]).env("PATH", &tools).current_dir(desk.path());
        command.output().unwrap()
    };
    let output = fetch("elsewhere");
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    assert!(said.contains("本机没有 apt") && said.contains("FandolFang-Regular.ttf"), "{said}");
    assert_eq!(files_in(&desk.path().join("elsewhere")), Vec::<std::path::PathBuf>::new());
    // Faces that an earlier version made serve on.
    let sums = fs::read_to_string(faces.join("SHA256SUMS")).unwrap();
    let others: Vec<&str> = sums.lines().filter(|line| !line.ends_with("CHANGES.txt")).collect();
    for (name, text) in [("SHA256SUMS", others.join("\n") + "\n"), ("CHANGES.txt", "another".to_owned())] {
        fs::remove_file(faces.join(name)).unwrap();
        fs::write(faces.join(name), text).unwrap();
    }
    let output = fetch("faces");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("照用"), "{}", stdout(&output));
}

#[test]
fn a_missing_folder_of_faces_names_the_command_that_fetches_them() {
    let desk = desk();
    fs::create_dir(desk.path().join("empty")).unwrap();
    for folder in ["nowhere", "empty"] {
        let arguments = ["render", "report.yaml", "-o", "out.pdf", "--fonts", folder];
        let output = run(desk.path(), &arguments, b"");
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("nianbao fonts --fetch"), "{folder}: {}", stderr(&output));
        assert_eq!(names_in(desk.path()), ["empty", "report.yaml", "wrong.yaml"]);
    }
    // What does not typeset needs no faces.
    assert_eq!(code(&run(desk.path(), &["schema", "--fonts", "nowhere"], b"")), 0);
    assert_eq!(code(&run(desk.path(), &["sample", "--fonts", "nowhere"], b"")), 0);
}

/// A PDF is not given another program's name.
#[test]
fn what_cannot_be_made_is_refused_by_its_name() {
    let desk = desk();
    for name in ["年报.txt", "年报.doc", "年报.WPS", "年报.odt"] {
        let output = run(desk.path(), &["render", "report.yaml", "-o", name], b"");
        assert_eq!(code(&output), 2, "{name}");
        assert!(stderr(&output).contains(".pdf、.ofd、.docx 或 .html"), "{}", stderr(&output));
    }
    assert_eq!(names_in(desk.path()), ["report.yaml", "wrong.yaml"]);
    let output = run(desk.path(), &["render", "wrong.yaml", "-o", "年报.docx"], b"");
    assert!(stderr(&output).contains("没有生成 Word 文件"), "{}", stderr(&output));
}

#[test]
fn a_web_page_is_made_by_its_name_and_a_fragment_by_a_flag() {
    let desk = desk();
    for (name, flags, start) in [
        ("年报.html", &[][..], "<!DOCTYPE html>"),
        ("年报.HTM", &["--draft"], "<!DOCTYPE html>"),
        ("片段.html", &["--fragment"], "<h2>"),
        ("-", &["--fragment"], "<h2>"),
    ] {
        let output = run(desk.path(), &[&["render", "report.yaml", "-o", name], flags].concat(), b"");
        assert_eq!(code(&output), 0, "{name}: {}", stderr(&output));
        let made = if name == "-" { output.stdout } else { fs::read(desk.path().join(name)).unwrap() };
        let made = String::from_utf8(made).unwrap();
        assert!(made.starts_with(start) && made.contains("2024年法治政府建设年度报告"), "{name}: {made}");
    }
    let back = run(desk.path(), &["import", "年报.html", "-o", "取回.json"], b"");
    assert_eq!(code(&back), 0, "{}", stderr(&back));
    let back = crate::workbench::read(&fs::read_to_string(desk.path().join("取回.json")).unwrap());
    assert_eq!(back, crate::workbench::read(&minimal()));
    let there = names_in(desk.path());
    for (name, flags, words) in [
        ("片段.pdf", &["--fragment"][..], "--fragment 只用于网页，请把 -o 的文件名写成以 .html 结尾"),
        ("片段.docx", &["--fragment"], "--fragment 只用于网页"),
        ("年报.html", &["--attach-source"], "网页里本来就附有报告的内容"),
        ("年报.html", &["--attach-source", "--fragment"], "网页片段里不附报告的内容"),
        ("年报.html", &["--faces-at-hand"], "--faces-at-hand 只用于 Word 文件"),
    ] {
        let output = run(desk.path(), &[&["render", "report.yaml", "-o", name], flags].concat(), b"");
        assert_eq!(code(&output), 2, "{name}");
        assert!(stderr(&output).contains(words), "{name}: {}", stderr(&output));
    }
    let output = run(desk.path(), &["render", "wrong.yaml", "-o", "错.html"], b"");
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("没有生成网页"), "{}", stderr(&output));
    assert_eq!(names_in(desk.path()), there);
}

/// OFD bears its report where a PDF would, and gives it back.
#[test]
fn an_ofd_is_made_by_its_name() {
    let desk = desk();
    for (name, flags) in
        [("年报.ofd", &[][..]), ("草稿.OFD", &["--draft"]), ("带内容.ofd", &["--attach-source"])]
    {
        let output = run(desk.path(), &[&["render", "report.yaml", "-o", name], flags].concat(), b"");
        assert_eq!(code(&output), 0, "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains("页。"), "{}", stderr(&output));
        assert!(fs::read(desk.path().join(name)).unwrap().starts_with(b"PK\x03\x04"), "{name}");
    }
    let back = run(desk.path(), &["import", "带内容.ofd", "-o", "取回.json"], b"");
    assert_eq!(code(&back), 0, "{}", stderr(&back));
    let back = crate::workbench::read(&fs::read_to_string(desk.path().join("取回.json")).unwrap());
    assert_eq!(back, crate::workbench::read(&minimal()));
    let back = run(desk.path(), &["import", "年报.ofd", "-o", "没有.json"], b"");
    assert_eq!(code(&back), 1);
    assert!(stderr(&back).contains("这个 OFD 没有附带报告的内容"), "{}", stderr(&back));
    let output = run(desk.path(), &["render", "wrong.yaml", "-o", "错.ofd"], b"");
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("没有生成 OFD 文件"), "{}", stderr(&output));
}

#[test]
fn a_broken_template_is_told_with_file_and_line() {
    let stored = |path: &str| fs::read_to_string(project().join("report-templates").join(path)).unwrap();
    let line_of = |text: &str, what: &str| text[..text.find(what).unwrap()].matches('\n').count() + 1;
    let template = "annual-report/report.typ.jinja";
    let library = "gongwen/body.typ";
    let manifest = "annual-report/manifest.toml";
    let source = stored(template);
    let section = "#section(number: [1])[{{ headings.measures }}]";

    let unclosed = source.replace(section, "{% if %}");
    let unknown_value = source.replace(section, "#section[{{ report.no_such_field }}]");
    let unknown_function = source.replace(section, "#no-such-element[一]");
    let broken_library = stored(library).replace("#let notes(body) =", "#let notes(body) = 1 + \"a\" +");
    let here = line_of(&source, section);
    let cases = [
        ("syntax of minijinja", template, unclosed, vec![template.to_owned(), format!("第 {here} 行")]),
        ("value of minijinja", template, unknown_value, vec![template.to_owned(), format!("第 {here} 行")]),
        // What is filled is a file of its own; its line is told.
        (
            "element of typst",
            template,
            unknown_function,
            vec!["第 ".to_owned(), "no-such-element".to_owned()],
        ),
        (
            "typst library",
            library,
            broken_library,
            vec![format!("{library} 第 {} 行", line_of(&stored(library), "#let notes(body) ="))],
        ),
        (
            "manifest",
            manifest,
            "name = 1\n".to_owned(),
            vec![manifest.to_owned(), "第1行第1列：缺少必填的".to_owned()],
        ),
        (
            "roles of a manifest",
            manifest,
            stored(manifest).replace("other = \"仿宋\"", "other = \"仿宗\""),
            vec![manifest.to_owned(), "没有这种用途的字体。可以是：小标宋、仿宋".to_owned()],
        ),
        (
            "checks of a manifest",
            manifest,
            stored(manifest).replace("characters =", "charactres ="),
            vec![manifest.to_owned(), "没有叫“charactres”的字段。是不是“characters”".to_owned()],
        ),
        (
            "manifest without a sample",
            manifest,
            stored(manifest).replace("sample.yaml", "no.yaml"),
            vec!["annual-report".into(), "no.yaml".into()],
        ),
    ];
    for (what, file, text, words) in cases {
        let desk = desk();
        let own = desk.path().join("own");
        fs::create_dir_all(own.join(file).parent().unwrap()).unwrap();
        fs::write(own.join(file), text).unwrap();
        let report = minimal() + "notes: 此件公开发布\n";
        let arguments = ["render", "-", "-o", "out.pdf", "--templates", "own"];
        let output = run(desk.path(), &arguments, report.as_bytes());
        let said = stderr(&output);
        assert_eq!(code(&output), 2, "{what}: {said}");
        for word in words {
            assert!(said.contains(&word), "{what}: no “{word}” in {said}");
        }
        assert!(!desk.path().join("out.pdf").exists());
    }
}

#[test]
fn a_folder_of_templates_is_laid_on_top() {
    let desk = desk();
    let own = desk.path().join("own/annual-report");
    fs::create_dir_all(&own).unwrap();
    let stored = fs::read_to_string(project().join("report-templates/annual-report/wording.jinja")).unwrap();
    fs::write(own.join("wording.jinja"), stored.replace("的主要举措和成效", "的主要做法和成绩")).unwrap();
    let render = |more: &[&str]| {
        let arguments = [&["render", "report.yaml", "-o", "-"], more].concat();
        let output = run(desk.path(), &arguments, b"");
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        Document::read(output.stdout).text()
    };
    assert!(render(&["--templates", "own"]).contains("一、2024年推进法治政府建设的主要做法和成绩"));
    assert!(render(&[]).contains("一、2024年推进法治政府建设的主要举措和成效"));
    let missing = run(desk.path(), &["templates", "--templates", "nowhere"], b"");
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).contains("nowhere"), "{}", stderr(&missing));
}

#[test]
fn too_much_input_is_refused() {
    let desk = desk();
    let output = run(desk.path(), &["check", "-", "--format", "json"], &vec![b' '; 64 << 20]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(found[0]["code"], "too-large");
}

/// A stack that overflows ends the program, so these run in one of their own.
#[test]
fn ten_thousand_levels_are_refused() {
    const LEVELS: usize = 10_000;
    let nested = |open: &str, inside: &str, close: &str| {
        format!("{}{inside}{}", open.repeat(LEVELS), close.repeat(LEVELS))
    };
    let block_maps: String = (0..2_000).map(|level| " ".repeat(level) + "a:\n").collect();
    let cases = [
        ("json", nested("[", "", "]")),
        ("json", nested("{\"a\":", "1", "}")),
        ("json", format!("{{\"measures\": {}}}", nested("[", "", "]"))),
        ("json", "[".repeat(LEVELS)),
        ("yaml", nested("[", "", "]")),
        ("yaml", nested("{a: ", "1", "}")),
        ("yaml", nested("- ", "a", "")),
        ("yaml", nested("? ", "a", "")),
        ("yaml", block_maps),
        ("yaml", format!("preface: {}", "[".repeat(LEVELS))),
        ("toml", format!("a = {}", nested("[", "", "]"))),
        ("toml", format!("a = {}", nested("{a = ", "1", "}"))),
        ("toml", format!("a = {}", "[".repeat(LEVELS))),
        ("toml", format!("a{} = 1", ".a".repeat(LEVELS))),
        ("toml", format!("[a{}]\nb = 1", ".a".repeat(LEVELS))),
        ("toml", format!("[[a{}]]\nb = 1", ".a".repeat(LEVELS))),
    ];
    let desk = desk();
    for (format, text) in cases {
        let start: String = text.chars().take(30).collect();
        let output = run(desk.path(), &["check", "-", "--from", format, "--format", "json"], text.as_bytes());
        assert_eq!(code(&output), 1, "{format} {start}: {}", stderr(&output));
        let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(found[0]["code"], "too-deep", "{format} {start}: {}", found[0]);
    }
}

#[test]
fn a_document_is_imported_checked_and_drafted() {
    let desk = desk();
    let source = of_tests("cases/import/1-own-line-then-points.txt");
    let source = source.to_str().unwrap();
    let imported = run(desk.path(), &["import", source, "-o", "去年.yaml"], b"");
    assert_eq!(code(&imported), 0, "{}", stderr(&imported));
    for words in ["文件性质：年度报告", "保留 19 句", "去处", "主要举措和成效第1项 › 标题"]
    {
        assert!(stdout(&imported).contains(words), "no “{words}” in\n{}", stdout(&imported));
    }
    assert!(stderr(&imported).contains("nianbao check 去年.yaml"), "{}", stderr(&imported));
    let drafted = run(desk.path(), &["render", "去年.yaml", "-o", "去年.pdf", "--draft"], b"");
    assert_eq!(code(&drafted), 0, "{}", stderr(&drafted));
    let text = Document::read(fs::read(desk.path().join("去年.pdf")).unwrap()).text();
    assert!(text.contains("全年培训执法人员386人次。"));

    // Standard output has the result to itself; JSON where the name says so.
    let piped = run(desk.path(), &["import", "-"], &fs::read(source).unwrap());
    assert!(
        stdout(&piped).contains("\nyear: 2024\n") && !stdout(&piped).contains("文件性质"),
        "{}",
        stdout(&piped)
    );
    assert!(stderr(&piped).contains("文件性质"));
    let json = run(desk.path(), &["import", source, "-o", "去年.json", "--format", "json"], b"");
    let account: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(account["sentences"]["kept"], account["sentences"]["all"]);
    let document = fs::read_to_string(desk.path().join("去年.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&document).unwrap()["year"] == 2024);
}

#[test]
fn what_an_import_did_not_find_can_be_given() {
    let desk = desk();
    let source = "法治政府建设年度报告\n\n全年开展行政执法检查120次，依法查处违法案件30件。\n".as_bytes();
    let lacking = run(desk.path(), &["import", "-"], source);
    assert_eq!(code(&lacking), 0, "{}", stderr(&lacking));
    for words in ["没有找到报告年度，请填写\n", "加 --year、--issuer、--date 再导入一次"]
    {
        assert!(stderr(&lacking).contains(words), "no “{words}” in\n{}", stderr(&lacking));
    }
    let options = ["--year", "2024", "--issuer", "云州市临江区人民政府", "--date", "2025-02-20"];
    let given = run(desk.path(), &[&["import", "-"], &options[..]].concat(), source);
    assert_eq!(code(&given), 0, "{}", stderr(&given));
    assert!(!stderr(&given).contains("没有找到"), "{}", stderr(&given));
    assert!(stdout(&given).contains("\nyear: 2024\n"), "{}", stdout(&given));
}

#[test]
fn what_cannot_be_imported_leaves_nothing() {
    let desk = desk();
    let before = names_in(desk.path());
    let refused = run(desk.path(), &["import", "-", "-o", "去年.yaml"], "白菜两斤。".as_bytes());
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("not-a-report") && stderr(&refused).contains("什么也没有写"));
    assert_eq!(names_in(desk.path()), before);
    let wrong = run(desk.path(), &["import", "-", "--year", "1850"], b"");
    assert_eq!(code(&wrong), 2, "{}", stderr(&wrong));
    assert_eq!(english(&stderr(&wrong)), None);
}

#[test]
fn a_report_is_carried_on_to_the_next_year() {
    let desk = desk();
    let arguments = ["carry", "report.yaml", "--year", "2025", "-o", "今年.yaml", "--tasks", "任务.yaml"];
    let carried = run(desk.path(), &arguments, b"");
    assert_eq!(code(&carried), 0, "{}", stderr(&carried));
    let begun = fs::read_to_string(desk.path().join("今年.yaml")).unwrap();
    assert!(begun.contains("\nyear: 2025\n") && begun.contains("#     2025年，完善学法考核。"), "{begun}");
    let checked = run(desk.path(), &["check", "report.yaml", "--plan", "任务.yaml"], b"");
    assert!(code(&checked) < 2, "{}", stderr(&checked));
    let early = run(desk.path(), &["carry", "report.yaml", "--year", "2024", "-o", "今年.yaml"], b"");
    assert_eq!(code(&early), 2);
    assert!(stderr(&early).contains("应在它之后"), "{}", stderr(&early));
    assert_eq!(fs::read_to_string(desk.path().join("今年.yaml")).unwrap(), begun, "what was there stays");
}

/// Into a workbook as well; and that years lie between is told.
#[test]
fn a_report_is_carried_over_years_and_into_a_workbook() {
    let desk = desk();
    let carried = run(desk.path(), &["carry", "report.yaml", "--year", "2027", "-o", "2027.xlsx"], b"");
    assert_eq!(code(&carried), 0, "{}", stderr(&carried));
    assert!(stderr(&carried).contains("是2024年的报告，到2027年隔了2年"), "{}", stderr(&carried));
    assert!(fs::read(desk.path().join("2027.xlsx")).unwrap().starts_with(b"PK"));
    let merged = run(desk.path(), &["workbook", "--from", "2027.xlsx", "-o", "合并.xlsx"], b"");
    assert!(code(&merged) < 2, "{}", stderr(&merged));
    let next = run(desk.path(), &["carry", "report.yaml", "--year", "2025", "-o", "2025.yaml"], b"");
    assert!(!stderr(&next).contains("隔了"), "{}", stderr(&next));
    let word = run(desk.path(), &["import", "report.yaml", "-o", "今年.docx"], b"");
    assert_eq!(code(&word), 2, "no YAML in a file that is called Word's: {}", stderr(&word));

    // One unit that came twice is told where all are put together.
    fs::create_dir(desk.path().join("报来")).unwrap();
    for name in ["a.yaml", "b.yaml"] {
        fs::copy(desk.path().join("report.yaml"), desk.path().join("报来").join(name)).unwrap();
    }
    let twice = run(desk.path(), &["workbook", "--from", "报来", "-o", "两份.xlsx"], b"");
    assert!(stderr(&twice).contains("已经有一份（a.yaml）"), "{}", stderr(&twice));
}

/// What somebody may have written on stays as it is until its replacement is asked for.
#[test]
fn what_is_there_is_not_replaced_unasked() {
    let desk = desk();
    let commands: [&[&str]; 3] = [
        &["workbook", "-o", "there"],
        &["carry", "report.yaml", "--year", "2025", "-o", "there"],
        &["carry", "report.yaml", "--year", "2025", "-o", "new.yaml", "--tasks", "there"],
    ];
    for arguments in commands {
        fs::write(desk.path().join("there"), "手写的").unwrap();
        let refused = run(desk.path(), arguments, b"");
        assert_eq!(code(&refused), 2, "{arguments:?}");
        assert!(stderr(&refused).contains("there 已经有了，没有写"), "{}", stderr(&refused));
        assert_eq!(fs::read_to_string(desk.path().join("there")).unwrap(), "手写的");
        assert_eq!(names_in(desk.path()), ["report.yaml", "there", "wrong.yaml"]);
        let asked = run(desk.path(), &[arguments, &["--force"]].concat(), b"");
        assert_eq!(code(&asked), 0, "{}", stderr(&asked));
        assert!(stderr(&asked).contains("已写到 there。"), "{}", stderr(&asked));
        assert_ne!(fs::read(desk.path().join("there")).unwrap(), "手写的".as_bytes());
        let _ = fs::remove_file(desk.path().join("new.yaml"));
    }
}

/// What the system says is said once, and not in its own words.
#[test]
fn the_system_speaks_once_and_in_chinese() {
    let desk = desk();
    fs::create_dir(desk.path().join("folder")).unwrap();
    let long = "长".repeat(200);
    let commands: [(&[&str], &str); 7] = [
        (&["check", "nowhere.yaml"], "没有这个文件或文件夹"),
        (&["check", "folder"], "它是文件夹，不是文件"),
        (&["check", "report.yaml/a.yaml"], "路径中间有一段不是文件夹"),
        (&["check", &long], "名称太长"),
        (&["batch", "nowhere", "-o", "a.zip"], "没有这个文件或文件夹"),
        (&["workbook", "-o", "nowhere/a.xlsx"], "没有这个文件或文件夹"),
        (&["man", "report.yaml/pages"], "路径中间有一段不是文件夹"),
    ];
    for (arguments, words) in commands {
        let said = stderr(&run(desk.path(), arguments, b""));
        assert_eq!(said.matches(words).count(), 1, "{arguments:?}: {said}");
        assert!(!said.contains("os error"), "{said}");
    }
}
