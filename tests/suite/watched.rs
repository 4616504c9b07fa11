//! The service as whoever runs it sees it: what it counts, its configuration, and what is looked at beforehand.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::http::{Served, answer_of};
use crate::pdf::Document;
use crate::workbench::{minimal, of_tests, project};

fn nianbao(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nianbao"))
        .args(arguments)
        .env("NIANBAO_FONTS", project().join("fonts"))
        .envs(environment.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn ask(address: &str, head: &str, body: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\nContent-Type: application/yaml\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    answer_of(stream)
}

#[test]
fn whoever_watches_is_told_what_happened_and_nothing_that_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &["--metrics", "127.0.0.1:0"]);
    let line = served.line();
    let watched_at = line.split("http://").nth(1).and_then(|rest| rest.strip_suffix("/metrics\n"));
    let watched_at = watched_at.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
    let secret = "机密之事甲乙丙";
    let (head, pdf) = ask(&served.address, "POST /api/reports", &minimal().replace("临江区依法行政", secret));
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(ask(&served.address, "GET /", "").0.starts_with("HTTP/1.1 200"));
    assert!(ask(&served.address, "GET /no%22such%0Apath", "").0.starts_with("HTTP/1.1 404"));
    assert!(ask(&served.address, "GET /explain/typo", "").0.starts_with("HTTP/1.1 200"));
    let (head, text) = ask(&watched_at, "GET /metrics", "");
    let text = String::from_utf8(text).unwrap();
    assert!(head.contains("application/openmetrics-text"), "{head}");
    let pages = Document::read(pdf).pages.len();
    for line in [
        r#"nianbao_http_requests_total{method="POST",route="/api/reports",status="200"} 1"#,
        r#"nianbao_http_requests_total{method="GET",route="/",status="200"} 1"#,
        r#"nianbao_http_requests_total{method="GET",route="other",status="404"} 1"#,
        r#"nianbao_http_requests_total{method="GET",route="/explain/{code}",status="200"} 1"#,
        r#"nianbao_http_request_duration_seconds_count{route="/api/reports"} 1"#,
        "nianbao_reports_made_total 1",
        &format!("nianbao_pages_made_total {pages}"),
        r#"nianbao_workers{post="presses"} 1"#,
        r#"nianbao_workers_waiting{post="presses"} 0"#,
        r#"nianbao_workers_lost_total{post="presses",how="late"} 0"#,
        r#"nianbao_batches{state="running"} 0"#,
        "nianbao_batch_units_waiting 0",
        r#"nianbao_job_faults_total{cause="database"} 0"#,
        "nianbao_ready 1",
    ] {
        assert!(text.lines().any(|one| one == line), "no {line} in {text}");
    }
    assert!(!text.contains(secret) && !text.contains("such"), "{text}");
    let resident = |process: &str| {
        let start = format!("nianbao_resident_memory_bytes{{process=\"{process}\"}} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&start)).expect("it is told");
        value.parse::<u64>().unwrap()
    };
    assert!(resident("service") > 1 << 20 && resident("workers") > 1 << 20, "{text}");
    // Those who wrote the format can read it.
    let file = folder.path().join("metrics");
    fs::write(&file, &text).unwrap();
    let program = "import sys; from prometheus_client.openmetrics.parser import text_string_to_metric_families as read; print(len(list(read(open(sys.argv[1]).read()))))";
    let read = Command::new(of_tests("judges/bin/python")).args(["-c", program]).arg(&file).output().unwrap();
    let (exit, families) = said(&read);
    assert_eq!(exit, Some(0), "{families}");
    assert!(families.trim().parse::<usize>().unwrap() >= 15, "{families}");
    // The public address tells nothing of it.
    assert!(ask(&served.address, "GET /metrics", "").0.starts_with("HTTP/1.1 404"));
}

/// Lets one who sends mail in, and takes none.
fn greet(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"220 mail.example.gov.cn ESMTP\r\n").unwrap();
    for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
        assert!(!line.starts_with("MAIL"), "no mail is sent");
        let answer: &[u8] =
            if line.starts_with("QUIT") { b"221 bye\r\n" } else { b"250 mail.example.gov.cn\r\n" };
        stream.write_all(answer).unwrap();
    }
}

#[test]
fn a_configuration_says_what_flags_say_and_what_is_typed_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nianbao.toml");
    let check = |written: &str, typed: &[&str], environment: &[(&str, &str)]| {
        fs::write(&file, written).unwrap();
        let all = [&["serve", "--check-config", "--settings", "nianbao.toml"], typed].concat();
        said(&nianbao(folder.path(), &all, environment))
    };
    let (exit, text) = check("listen = \"127.0.0.1:0\"\njobs = 1\nkeep = 7\naccounts = true\n", &[], &[]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("没有问题"), "{text}");
    // Each of these would be refused, were it not for what wins over the file.
    let (exit, text) = check("listen = \"0.0.0.0:0\"\n", &[], &[]);
    assert_eq!(exit, Some(2), "{text}");
    assert_eq!(check("listen = \"0.0.0.0:0\"\n", &["--listen", "127.0.0.1:0"], &[]).0, Some(0));
    assert_eq!(
        check("fonts = \"nowhere\"\n", &["--fonts", project().join("fonts").to_str().unwrap()], &[]).0,
        Some(0)
    );
    assert_eq!(check("fonts = \"nowhere\"\n", &[], &[]).0, Some(0), "the environment wins");
    // What one needs of another may stand in either place.
    assert_eq!(check("accounts = true\n", &["--private-webhooks"], &[]).0, Some(0));
    assert_eq!(check("accounts = false\nprivate-webhooks = true\n", &[], &[]).0, Some(2));
    for (wrong, words) in [
        ("listn = \"127.0.0.1:0\"\n", "没有叫“listn”的设置"),
        ("jobs = 1.5\n", "“jobs”的值不对"),
        ("accounts = \"yes\"\n", "要写 true 或 false"),
        ("jobs = \"many\"\n", "不能是“many”"),
        ("jobs: 3\n", "的写法不对"),
        ("settings = \"other.toml\"\n", "没有叫“settings”的设置"),
        ("public-address = [\"https://年报.example.gov.cn\", \"nonsense\"]\n", "“nonsense”"),
    ] {
        let (exit, text) = check(wrong, &[], &[]);
        assert_eq!(exit, Some(2), "{wrong}: {text}");
        assert!(text.contains(words), "{wrong}: {text}");
    }
    // A secret in it is nobody else's, and told to nobody; what is no database of ours is refused before anything starts.
    let database = "database = \"postgres://nianbao:geheim@127.0.0.1:1/nianbao\"\n";
    let let_in = |mode: u32| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    for (mode, wanted) in [(0o640, Some(2)), (0o604, Some(2)), (0o600, Some(0))] {
        fs::write(&file, database).unwrap();
        let_in(mode);
        let (exit, text) =
            said(&nianbao(folder.path(), &["serve", "--check-config", "--settings", "nianbao.toml"], &[]));
        assert_eq!(exit, wanted, "{mode:o}: {text}");
        assert!(!text.contains("geheim"), "{text}");
        assert_eq!(text.contains("chmod 600 nianbao.toml"), exit == Some(2), "{text}");
    }
    for other in ["mysql://nianbao:geheim@127.0.0.1/nianbao", "nianbao.db", "POSTGRES"] {
        let (exit, text) = check("", &["--database", other], &[]);
        assert_eq!(exit, Some(2), "{other}: {text}");
        assert!(text.contains("能用的是 PostgreSQL") && !text.contains("geheim"), "{text}");
    }
    let_in(0o644);
    // Whoever looks after the data reads it as well, and takes what concerns them.
    fs::write(&file, "data = \"kept\"\nlisten = \"127.0.0.1:0\"\naccounts = true\n").unwrap();
    let kept = Served::start(folder.path(), &["--settings", "nianbao.toml"]);
    kept.terminate();
    assert_eq!(kept.ended().0, Some(0));
    for command in [&["audit", "verify"][..], &["backup", "copy.zip"]] {
        let (exit, text) =
            said(&nianbao(folder.path(), &[command, &["--settings", "nianbao.toml"]].concat(), &[]));
        assert_eq!(exit, Some(0), "{text}");
        let (exit, text) = said(&nianbao(folder.path(), command, &[]));
        assert_eq!(exit, Some(2), "without it there is no such data: {text}");
    }
    let missing = said(&nianbao(folder.path(), &["serve", "--settings", "none.toml"], &[]));
    assert_eq!(missing.0, Some(2));
    assert!(missing.1.contains("读不了配置文件 none.toml"), "{}", missing.1);
    // And it is what the service does.
    fs::write(&file, "metrics = \"127.0.0.1:0\"\n").unwrap();
    let mut served = Served::start(folder.path(), &["--settings", "nianbao.toml"]);
    assert!(served.line().contains("/metrics"));
}

#[test]
fn what_will_go_wrong_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, text) = said(&nianbao(folder.path(), &["doctor", "--listen", "127.0.0.1:0"], &[]));
    assert_eq!(exit, Some(0), "{text}");
    for words in [
        "正常  排版进程：能启动",
        "注意  数据文件夹：还没有 data",
        "正常  时钟",
        "免费字体代用",
        "可以启动服务",
    ] {
        assert!(text.contains(words), "no {words} in {text}");
    }
    let (exit, text) = said(&nianbao(folder.path(), &["doctor", "--fonts", "nowhere"], &[]));
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("不行  字体：没有字体文件夹 nowhere"), "{text}");
    // What stands in the place of a folder, and a database that is not there: its password is told to nobody.
    fs::write(folder.path().join("data"), "").unwrap();
    let database = "postgres://nianbao:geheim@127.0.0.1:1/nianbao";
    let (exit, text) = said(&nianbao(folder.path(), &["doctor"], &[("NIANBAO_DATABASE", database)]));
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("不行  数据文件夹：data 不是文件夹"), "{text}");
    assert!(text.contains("不行  数据库："), "{text}");
    assert!(!text.contains("geheim"), "{text}");
    assert!(text.contains("有不行的地方"), "{text}");
    // A mail server and a provider of logins that nobody answers for, and one that greets.
    let nobody =
        |more: &[&str]| said(&nianbao(folder.path(), &[&["doctor", "--accounts"], more].concat(), &[]));
    let mail = |port: &str| {
        let all = ["--smtp-host", "127.0.0.1", "--smtp-tls", "none", "--mail-from", "fazhi@example.gov.cn"];
        nobody(&[&all[..], &["--smtp-port", port]].concat())
    };
    let (exit, text) = mail("1");
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("不行  邮件服务器：连不上邮件服务器"), "{text}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = std::thread::spawn(move || greet(&listener));
    let text = mail(&port).1;
    assert!(text.contains(&format!("正常  邮件服务器：127.0.0.1:{port} 可以用")), "{text}");
    server.join().unwrap();
    let (exit, text) = nobody(&[
        "--public-address",
        "http://127.0.0.1:8080",
        "--openid-issuer",
        "http://127.0.0.1:1",
        "--openid-client",
        "nianbao",
    ]);
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("不行  登录服务：没有回应"), "{text}");
    // So does what another service holds.
    fs::remove_file(folder.path().join("data")).unwrap();
    let served = Served::start(folder.path(), &[]);
    let (exit, text) = said(&nianbao(folder.path(), &["doctor", "--listen", &served.address], &[]));
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains(&format!("不行  监听的地址：{}", served.address)), "{text}");
    assert!(text.contains("不行  数据文件夹：data 正由另一个服务使用"), "{text}");
    // One that has served is well.
    served.terminate();
    assert_eq!(served.ended().0, Some(0));
    let (exit, text) = said(&nianbao(folder.path(), &["doctor", "--listen", "127.0.0.1:0"], &[]));
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("正常  数据库：SQLite 3"), "{text}");
    assert!(text.contains("正常  成果的存放处：可以读写"), "{text}");
}
