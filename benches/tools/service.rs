//! The service as it is run, who comes to it, and what they bring: for the benchmarks that measure it from outside.

use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::UNIX_EPOCH;

use nianbao::accounts::{NewAccount, Role};
use nianbao::audit::Doer;
use nianbao::collections::{CollectionPlan, Occasion};
use nianbao::report::{Choice, Edition};
use nianbao::roster::UnitCode;
use nianbao::template::Purpose;
use nianbao_office::Office;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use crate::tools::{Specimen, fresh};

/// The service as it is run.
pub struct Served {
    child: Child,
    pub origin: String,
    pub client: Client,
}

impl Served {
    /// With these arguments, and variables of its environment.
    pub fn start(arguments: &[String], variables: &[(String, String)]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_nianbao")))
            .args(["serve", "--accounts", "--listen", "127.0.0.1:0", "--fonts"])
            .arg(root.join("fonts"))
            .args(arguments)
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where it is");
        let address = line.rsplit("http://").next().and_then(|rest| rest.split('/').next());
        let origin = format!("http://{}", address.expect("an address"));
        // Somebody goes on listening, or it could not speak.
        std::thread::spawn(move || said.lines().for_each(drop));
        Self { child, origin, client: Client::new() }
    }

    pub fn request(&self, of: impl FnOnce(&Client, &str) -> RequestBuilder) -> RequestBuilder {
        of(&self.client, &self.origin)
    }

    pub async fn get(&self, path: &str, session: &str) -> Vec<u8> {
        let request = self.client.get(format!("{}{path}", self.origin));
        let answer = request.header("cookie", format!("nianbao={session}")).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("all of it").to_vec()
    }

    pub async fn post(
        &self,
        path: &str,
        session: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Value {
        let request = with(self.client.post(format!("{}{path}", self.origin)));
        let answer = request.header("cookie", format!("nianbao={session}")).send().await.expect("an answer");
        let (status, bytes) = (answer.status(), answer.bytes().await.expect("all of it"));
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub trait JsonText {
    fn json_text(self, text: &str) -> Self;
}

impl JsonText for RequestBuilder {
    fn json_text(self, text: &str) -> Self {
        self.header("content-type", "application/json").body(text.to_owned())
    }
}

pub fn place_of(batch: &Value) -> String {
    format!("/api/batches/{}", batch["id"].as_str().expect("its id"))
}

/// A collection of the reports of a year, of so many units, that is open.
pub async fn collection(office: &Office, occasion: &Occasion<'_>, year: &str, count: usize) -> String {
    let plan = CollectionPlan {
        year: year.parse().expect("a year"),
        title: format!("{year}年度征集（{count}个单位）"),
        template: "annual-report".into(),
        settings: "{}".into(),
        edition: Edition::of_word("public").expect("an edition"),
        instructions: String::new(),
        needs_sign_off: false,
        opens_at: None,
        due_on: "2099-02-28".parse().expect("a day"),
        closes_at: None,
    };
    let id = office.collections.make(&plan, occasion).await.expect("a collection");
    let codes: Vec<UnitCode> = (0..count).map(code).collect();
    office.collections.ask(&id, &codes, occasion).await.expect("they are asked");
    office.collections.open_collection(&id, occasion).await.expect("it is open");
    id
}

/// Who does what benchmarks do.
pub fn doer() -> Doer {
    Doer { name: "王某".into(), account: None, on_behalf: None, from: "127.0.0.1".into() }
}

pub fn code(number: usize) -> UnitCode {
    format!("U{number:04}").parse().expect("a code")
}

pub fn now() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().expect("a clock").as_secs()).expect("a time")
}

pub async fn session(office: &Office, doer: &Doer, name: &str, role: Role, units: Vec<String>) -> String {
    let units = units.into_iter().collect();
    let new = NewAccount { login_name: name.into(), name: name.into(), role, units };
    let id = office.accounts.make_account(doer, &new, now()).await.expect("an account");
    let session = office.accounts.begin_session(&id, "", [127, 0, 0, 1].into(), now()).await;
    session.expect("a session").token
}

pub fn sample() -> Specimen {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("report-templates/annual-report/sample.yaml"));
    Specimen { text: text.expect("the project's sample"), purpose: Purpose::Issue }
}

pub fn sample_tree(sample: &Specimen) -> Value {
    let report =
        nianbao::input::read::<nianbao::report::Report>(sample.text.as_bytes(), nianbao::input::Format::Yaml);
    serde_json::to_value(report.expect("readable").value).expect("a tree")
}

/// So many reports in a ZIP.
pub fn reports(sample: &Specimen, count: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    for _ in 0..count {
        let number = fresh();
        zip.start_file(format!("{number}.yaml"), zip::write::SimpleFileOptions::default()).expect("a file");
        zip.write_all(sample.variant(number).as_bytes()).expect("its text");
    }
    zip.finish().expect("a ZIP").into_inner()
}
