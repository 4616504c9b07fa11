//! A PostgreSQL of a test's own, in a folder that goes with it. Debian's package brings the programs;
//! `make test` installs it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};

pub struct Postgres {
    folder: tempfile::TempDir,
    /// The user that it runs as, where it is not the one of the tests.
    user: Option<(u32, u32)>,
    server: Option<Child>,
    settings: Vec<String>,
}

impl Postgres {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// One with settings of its own, each `name=value`.
    pub fn start_with(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings.iter().map(|&one| one.to_owned()).collect();
        // It refuses to run as root.
        let user = getuid().is_root().then(|| user("postgres"));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if let Some((uid, gid)) = user {
            chown(&data, Some(uid), Some(gid)).unwrap();
        }
        let mut postgres = Self { folder, user, server: None, settings };
        let made = postgres
            .command("initdb")
            .args(["--auth=trust", "--username=nianbao", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.go_on();
        postgres
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(programs().join(program));
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Starts the server, for the first time or after a stop, on the same data.
    pub fn go_on(&mut self) {
        let data = self.socket();
        let server = self
            .command("postgres")
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(&data)
            .arg("-D")
            .arg(&data)
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server = Some(server);
        let since = Instant::now();
        while !self.socket().join(".s.PGSQL.5432").exists() {
            assert!(since.elapsed() < Duration::from_secs(60), "the server has started");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the server: it throws its clients out and leaves nothing in shared memory.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = kill_process(Pid::from_child(&server), Signal::INT);
            let _ = server.wait();
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The address of a database of this name; there is always `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://nianbao@localhost/{database}?host={}", self.socket().display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where Debian puts them.
fn programs() -> PathBuf {
    let versions = Path::new("/usr/lib/postgresql");
    assert!(versions.is_dir(), "PostgreSQL is not installed: make test does it (.ci/install postgresql)");
    let all = fs::read_dir(versions).unwrap().map(|version| version.unwrap().path());
    all.max().unwrap().join("bin")
}

/// The numbers of a user and its group.
fn user(name: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.split(':').next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("no user {name}"));
    let number = |index| line.split(':').nth(index).unwrap().parse().unwrap();
    (number(2), number(3))
}
