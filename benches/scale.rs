//! `cargo bench --bench scale`: what one, two and four services do together at one PostgreSQL and one store that speaks
//! S3: reports of batches, and reports that units write and submit. `NIANBAO_UNITS` says how many of each.
//!
//! Each service makes one report at a time, so that their number is what grows. All of it is on this machine, database
//! and store as well: what two and four gain is bounded by its cores.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../tests/suite/bucket.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod bucket;
#[path = "../tests/suite/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod postgres;
#[path = "tools/service.rs"]
#[allow(dead_code, unreachable_pub, reason = "the other benchmarks use the rest")]
mod service;
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod tools;

use std::time::{Duration, Instant};

use bucket::Bucket;
use futures_util::stream::{StreamExt, iter};
use nianbao::accounts::Role;
use nianbao::collections::Occasion;
use nianbao::database::DatabasePlace;
use nianbao::roster::RosterUnit;
use nianbao_office::Office;
use postgres::Postgres;
use serde_json::{Value, json};
use service::{JsonText, Served, code, collection, doer, place_of, reports, sample, sample_tree, session};
use sqlx::{Connection, PgConnection, query, query_scalar};
use tempfile::TempDir;
use tools::{Specimen, fresh};

/// How many services there are in turn, and the statement that makes them a database.
const SERVICES: [(usize, &str, &str); 3] = [
    (1, "one", "CREATE DATABASE one"),
    (2, "two", "CREATE DATABASE two"),
    (4, "four", "CREATE DATABASE four"),
];

/// How many reports of each kind, where nothing else is said.
const UNITS: usize = 400;

/// How many submit at a time to each service: more than its worker can take up at once, fewer than may wait.
const AT_A_TIME: usize = 8;

/// Of which year the sample is.
const YEAR: &str = "2024";

/// For how long the services are left alone, to see what they ask of the database then.
const ALONE: Duration = Duration::from_secs(20);

/// How often it is looked whether a batch has ended.
const LOOK: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() {
    #[expect(clippy::disallowed_methods, reason = "the one variable that says how many there are")]
    let units = std::env::var("NIANBAO_UNITS");
    let units = units.map_or(UNITS, |units| units.parse().expect("a number of units"));
    // As on a machine that must not forget, and with its own count of statements.
    let server = Postgres::start_with(&["fsync=on", "shared_preload_libraries=pg_stat_statements"]);
    let mut of_one = None;
    for (services, name, make) in SERVICES {
        let mut connection = connected(&server.url("postgres")).await;
        query(make).execute(&mut connection).await.expect("a database");
        let figures = Fleet::set_up(&server.url(name), services, units).await.measure().await;
        figures.print(services, of_one.get_or_insert(figures.clone()));
    }
}

/// Its socket is there a little before the server lets anybody in.
async fn connected(url: &str) -> PgConnection {
    for _ in 0..120 {
        match PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
    panic!("the database does not answer");
}

/// Services that share a database and a store, and who comes to them.
struct Fleet {
    url: String,
    bucket: Bucket,
    services: Vec<Served>,
    _data: TempDir,
    collection: String,
    reviewer: String,
    writers: Vec<String>,
}

/// What was measured of a kind of work.
#[derive(Clone)]
struct Throughput {
    per_second: f64,
    /// Of the database, for each report.
    statements: f64,
    /// In bytes, for each report.
    stored: f64,
    in_database: f64,
}

#[derive(Clone)]
struct Figures {
    batch: Throughput,
    submitted: Throughput,
    /// Statements a second of each service that is left alone.
    alone: f64,
}

impl Fleet {
    async fn set_up(url: &str, services: usize, units: usize) -> Self {
        let office = Office::open(&DatabasePlace::Url(url.to_owned())).await.expect("a database");
        let doer = doer();
        let occasion =
            Occasion { doer: &doer, at: service::now(), today: "2026-01-10".parse().expect("a day") };
        let roster: Vec<RosterUnit> =
            (0..units).map(|number| RosterUnit::new(code(number), &name_of(number))).collect();
        office.collections.save_units(&roster, &occasion).await.expect("a roster");
        let collection = collection(&office, &occasion, YEAR, units).await;
        let reviewer = session(&office, &doer, "reviewer", Role::Reviewer, vec![]).await;
        let mut writers = vec![];
        for number in 0..units {
            let unit = code(number).to_string();
            writers
                .push(session(&office, &doer, &format!("writer-{number}"), Role::Writer, vec![unit]).await);
        }
        query("CREATE EXTENSION pg_stat_statements")
            .execute(&mut connected(url).await)
            .await
            .expect("it counts");

        let (bucket, data) = (Bucket::open().await, tempfile::tempdir().expect("a temporary folder"));
        let started = |number: usize| {
            let data = data.path().join(number.to_string()).display().to_string();
            let arguments = ["--jobs", "1", "--store", "s3://bucket", "--database", url, "--data", &data];
            Served::start(&arguments.map(str::to_owned), &bucket.options())
        };
        let services: Vec<Served> = (0..services).map(started).collect();
        Self { url: url.to_owned(), bucket, services, _data: data, collection, reviewer, writers }
    }

    async fn measure(&self) -> Figures {
        let start = self.counted().await;
        tokio::time::sleep(ALONE).await;
        let statements = self.counted().await.statements - start.statements;
        Figures {
            alone: statements / ALONE.as_secs_f64() / self.services.len() as f64,
            batch: self.taken(self.batch()).await,
            submitted: self.taken(self.submissions()).await,
        }
    }

    /// What some work of all units takes.
    async fn taken(&self, work: impl Future<Output = ()>) -> Throughput {
        let units = self.writers.len() as f64;
        let (before, start) = (self.counted().await, Instant::now());
        work.await;
        let (took, after) = (start.elapsed(), self.counted().await);
        Throughput {
            per_second: units / took.as_secs_f64(),
            statements: (after.statements - before.statements) / units,
            stored: (after.stored - before.stored) / units,
            in_database: (after.in_database - before.in_database) / units,
        }
    }

    /// A batch of as many reports as there are units, until it has ended.
    async fn batch(&self) {
        let first = &self.services[0];
        let reports = reports(&sample(), self.writers.len());
        let batch = first.post("/api/batches", &self.reviewer, |request| {
            request.header("content-type", "application/zip").body(reports)
        });
        let place = place_of(&batch.await);
        loop {
            let progress: Value =
                serde_json::from_slice(&first.get(&place, &self.reviewer).await).expect("JSON");
            match progress["state"].as_str() {
                Some("completed") => return,
                Some("uploaded" | "running") => tokio::time::sleep(LOOK).await,
                _ => panic!("the batch is made: {progress}"),
            }
        }
    }

    /// Each unit saves its draft and submits it, at one of the services.
    async fn submissions(&self) {
        let sample = sample();
        let each =
            self.writers.iter().enumerate().map(|(number, writer)| self.submit(number, writer, &sample));
        iter(each).buffer_unordered(AT_A_TIME * self.services.len()).collect::<Vec<()>>().await;
    }

    async fn submit(&self, number: usize, writer: &str, sample: &Specimen) {
        let served = &self.services[number % self.services.len()];
        let unit = format!("/api/collections/{}/units/{}", self.collection, code(number));
        let mut tree = sample_tree(sample);
        tree["issuer"]["name"] = json!(name_of(number));
        tree["preface"][0] = json!(format!("第{}份报告的导语。", fresh()));
        let save = json!({ "base": 0, "key": format!("save-{number}"), "tree": tree }).to_string();
        let saved =
            served.request(|client, origin| client.put(format!("{origin}{unit}/draft")).json_text(&save));
        let saved = saved.header("cookie", format!("nianbao={writer}")).send().await.expect("an answer");
        let status = saved.status();
        assert!(status.is_success(), "{status}: {}", saved.text().await.unwrap_or_default());
        let report = tree.to_string();
        let path = format!("{unit}/versions?base=0&reason=x");
        served.post(&path, writer, |request| request.json_text(&report)).await;
    }

    /// What the database and the store have come to.
    async fn counted(&self) -> Counted {
        let mut connection = connected(&self.url).await;
        let statements = query_scalar::<_, i64>(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements JOIN pg_database ON oid = dbid \
             WHERE datname = current_database()",
        );
        let statements = statements.fetch_one(&mut connection).await.expect("it counts");
        let size = query_scalar::<_, i64>("SELECT pg_database_size(current_database())");
        let size = size.fetch_one(&mut connection).await.expect("it has a size");
        Counted { statements: statements as f64, stored: self.bucket.size() as f64, in_database: size as f64 }
    }
}

struct Counted {
    statements: f64,
    stored: f64,
    in_database: f64,
}

impl Figures {
    fn print(&self, services: usize, one: &Self) {
        println!("{services} of `serve --jobs 1`, alone {:.1} statements a second each", self.alone);
        for (what, found, by_one) in [
            ("made in a batch", &self.batch, &one.batch),
            ("saved and submitted", &self.submitted, &one.submitted),
        ] {
            println!(
                "  {what:20} {:6.2} reports a second ({:.2} of one)  {:6.1} statements a report  \
                 {:6.0} KiB in the store  {:5.1} KiB in the database",
                found.per_second,
                found.per_second / by_one.per_second,
                found.statements,
                found.stored / 1024.0,
                found.in_database / 1024.0,
            );
        }
    }
}

fn name_of(number: usize) -> String {
    format!("临江区第{number}局")
}
