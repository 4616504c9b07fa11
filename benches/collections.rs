//! `make bench`: two hundred writers beside a batch, and the board of many units beside that of few, through the
//! service as it is run, on SQLite and on PostgreSQL.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../tests/suite/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod postgres;
#[path = "tools/service.rs"]
#[allow(dead_code, unreachable_pub, reason = "the other benchmarks use the rest")]
mod service;
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::time::{Duration, Instant};

use nianbao::accounts::Role;
use nianbao::collections::Occasion;
use nianbao::database::DatabasePlace;
use nianbao::roster::RosterUnit;
use nianbao_office::Office;
use postgres::Postgres;
use serde_json::{Value, json};
use service::{
    JsonText, Served, code, collection, doer, now, place_of, reports, sample, sample_tree, session,
};
use tokio::time::{Instant as Tick, sleep_until};
use tools::{Specimen, fresh, median};

/// How many write, how often each of them saves, for how long, beside a batch of how many reports.
const WRITERS: usize = 200;
const EVERY: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(60);
const BATCH: usize = 100;

/// How many saves one writer makes of an idle service, and how far apart.
const IDLE_SAVES: usize = 300;
const IDLE_EVERY: Duration = Duration::from_millis(100);

/// How many units the boards have.
const FEW: usize = 60;
const MANY: usize = 1_500;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = DatabasePlace::File(folder.path().join("nianbao.db"));
    on("SQLite", &file, &["--data".into(), folder.path().display().to_string()]).await;

    let server = Postgres::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = server.url("postgres");
    let place = DatabasePlace::Url(url.clone());
    let data = folder.path().display().to_string();
    on("PostgreSQL", &place, &["--data".into(), data, "--database".into(), url]).await;
}

async fn on(name: &str, database: &DatabasePlace, arguments: &[String]) {
    let office = Office::open(database).await.expect("a database");
    let round = Round::set_up(&office).await;
    let served = Served::start(arguments, &[]);
    round.boards(name, &served).await;
    round.saves(name, &served).await;
}

/// A round with a collection of few units and one of many, and who takes part in them.
struct Round {
    few: String,
    many: String,
    reviewer: String,
    writers: Vec<String>,
}

impl Round {
    async fn set_up(office: &Office) -> Self {
        let doer = doer();
        let today = "2026-01-10".parse().expect("a day");
        let occasion = Occasion { doer: &doer, at: now(), today };
        let units: Vec<RosterUnit> =
            (0..MANY).map(|number| RosterUnit::new(code(number), &format!("临江区第{number}局"))).collect();
        let collections = &office.collections;
        collections.save_units(&units, &occasion).await.expect("a roster");
        let mut made = vec![];
        for count in [FEW, MANY] {
            made.push(collection(office, &occasion, "2025", count).await);
        }
        let many = made.pop().expect("two were made");
        let few = made.pop().expect("two were made");
        let reviewer = session(office, &doer, "reviewer", Role::Reviewer, vec![]).await;
        let mut writers = vec![];
        for number in 0..WRITERS {
            let unit = code(number).to_string();
            writers.push(session(office, &doer, &format!("writer-{number}"), Role::Writer, vec![unit]).await);
        }
        Self { few, many, reviewer, writers }
    }

    /// A page of each board in turn.
    async fn boards(&self, name: &str, served: &Served) {
        for path in ["/collections/{}", "/api/collections/{}/board"] {
            let (mut ratios, mut few, mut many) = (vec![], vec![], vec![]);
            let mut bytes = 0;
            for _ in 0..41 {
                let mut took = async |id: &str, all: &mut Vec<f64>| {
                    let start = Instant::now();
                    let answer = served.get(&path.replace("{}", id), &self.reviewer).await;
                    all.push(start.elapsed().as_secs_f64() * 1e3);
                    bytes = answer.len();
                };
                took(&self.few, &mut few).await;
                took(&self.many, &mut many).await;
                ratios.push(many[many.len() - 1] / few[few.len() - 1]);
            }
            println!(
                "{name}: {path} of {MANY} units / of {FEW}   {:.2}  (at most 3; {:.1} and {:.1} ms, {} KiB)",
                median(ratios),
                median(many),
                median(few),
                bytes / 1024
            );
        }
    }

    /// One writer of a service that does nothing else, and then all of them beside a batch.
    async fn saves(&self, name: &str, served: &Served) {
        let sample = sample();
        let mut writer = Writer::begin(served, self, WRITERS - 1, &sample).await;
        let mut idle = vec![];
        let start = Tick::now();
        for number in 0..IDLE_SAVES {
            sleep_until(start + IDLE_EVERY * u32::try_from(number).expect("few")).await;
            idle.push(writer.save().await);
        }
        drop(writer);

        let batch = served.post("/api/batches", &self.reviewer, |request| {
            request.header("content-type", "application/zip").body(reports(&sample, BATCH))
        });
        let batch = batch.await;
        let mut writers = vec![];
        for number in 0..WRITERS {
            writers.push(Writer::begin(served, self, number, &sample).await);
        }
        let start = Tick::now();
        let all = writers.into_iter().enumerate().map(|(number, mut writer)| async move {
            // Not all at once.
            let mut next = start + EVERY * u32::try_from(number).expect("few") / WRITERS as u32;
            let mut took = vec![];
            while next < start + LONG {
                sleep_until(next).await;
                took.push(writer.save().await);
                next += EVERY;
            }
            (writer, took)
        });
        let ended = futures_util::future::join_all(all).await;
        let progress: Value =
            serde_json::from_slice(&served.get(&place_of(&batch), &self.reviewer).await).expect("JSON");
        let mut busy = vec![];
        for (writer, took) in ended {
            busy.extend(took);
            writer.is_all_there().await;
        }
        println!(
            "{name}: 99th percentile of a save, {WRITERS} writers / one   {:.2}  (at most 5; {:.0} and {:.1} ms; \
             medians {:.1} and {:.1} ms; {} saves, none lost; the batch {})",
            percentile(&busy, 99) / percentile(&idle, 99),
            percentile(&busy, 99),
            percentile(&idle, 99),
            percentile(&busy, 50),
            percentile(&idle, 50),
            busy.len(),
            progress["state"],
        );
    }
}

/// Somebody who writes at a unit's draft.
struct Writer<'a> {
    served: &'a Served,
    session: &'a str,
    address: String,
    revision: i64,
    tree: Value,
    saves: usize,
}

impl<'a> Writer<'a> {
    async fn begin(served: &'a Served, round: &'a Round, number: usize, sample: &Specimen) -> Self {
        let address = format!("/api/collections/{}/units/{}/draft", round.many, code(number));
        let session = &round.writers[number];
        let draft: Value = serde_json::from_slice(&served.get(&address, session).await).expect("JSON");
        let revision = draft["revision"].as_i64().expect("a revision");
        let mut tree = serde_json::to_value(sample_tree(sample)).expect("a tree");
        tree["year"] = json!("2025");
        Self { served, session, address, revision, tree, saves: 0 }
    }

    /// Writes something and saves it. How long that takes in ms.
    async fn save(&mut self) -> f64 {
        self.saves += 1;
        let number = fresh();
        self.tree["preface"][0] = json!(format!("第{number}次写的导语。"));
        let body = json!({ "base": self.revision, "key": format!("save-{number}"), "tree": self.tree });
        let request = self.served.request(|client, origin| {
            client.put(format!("{origin}{}", self.address)).json_text(&body.to_string())
        });
        let start = Instant::now();
        let answer = request.header("cookie", format!("nianbao={}", self.session)).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("all of it");
        let took = start.elapsed().as_secs_f64() * 1e3;
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
        let saved: Value = serde_json::from_slice(&bytes).expect("JSON");
        let revision = saved["revision"].as_i64().expect("a revision");
        assert_eq!(revision, self.revision + 1, "each save is a revision");
        self.revision = revision;
        self.tree = saved["tree"].clone();
        took
    }

    async fn is_all_there(&self) {
        let bytes = self.served.get(&self.address, self.session).await;
        let draft: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(draft["revision"], self.revision, "what was answered is there");
        assert_eq!(draft["tree"]["preface"], self.tree["preface"]);
    }
}

fn percentile(values: &[f64], of_hundred: usize) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[(values.len() * of_hundred / 100).min(values.len() - 1)]
}
