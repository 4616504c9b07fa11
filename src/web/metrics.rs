//! What is counted of the service, for whoever watches it: in the text format that Prometheus takes (OpenMetrics 1.0).
//! Names and units follow its conventions: seconds, bytes, `_total` for what only grows. It is told on an address of
//! its own, which is none of the public's business, and nothing of it comes out of a report.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::answer::Refusal;
use crate::jobs::{Cause, Jobs};
use crate::workers::{Post, Staff};

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// From a page that is at hand to a batch of large files, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];

/// What is counted, and where it is looked up when somebody asks.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    looked_up: LookedUp,
    staff: Staff,
    jobs: Option<Arc<Jobs>>,
}

/// What others count, and is asked of them.
#[derive(Default)]
struct LookedUp {
    reports: Counter,
    pages: Counter,
    workers: Family<PostLabels, Gauge>,
    workers_at_work: Family<PostLabels, Gauge>,
    waiting: Family<PostLabels, Gauge>,
    started: Family<PostLabels, Counter>,
    lost: Family<LossLabels, Counter>,
    batches: Family<StateLabels, Gauge>,
    waiting_units: Gauge,
    oldest_waiting: Gauge,
    faults: Family<CauseLabels, Counter>,
    memory: Family<ProcessLabels, Gauge>,
    is_ready: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PostLabels {
    post: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LossLabels {
    post: &'static str,
    /// `late`: killed at its deadline; `gone`: it broke down.
    how: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProcessLabels {
    process: &'static str,
}

impl Metrics {
    pub(super) fn new(staff: Staff, jobs: Option<Arc<Jobs>>) -> Self {
        let mut registry = Registry::with_prefix("nianbao");
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From a request's head to its answer's",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register(
            "build",
            "The program's version",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let looked_up = LookedUp::default();
        looked_up.register(&mut registry);
        Self { registry, requests, durations, looked_up, staff, jobs }
    }

    /// Counts a request. `route` is as the program knows it, none where it knows nothing of that path: a client
    /// chooses no label.
    pub(super) fn answered(&self, method: &Method, route: Option<&str>, response: &Response, took: Duration) {
        let method = known_method(method).unwrap_or("other");
        let route = route.unwrap_or("other").to_owned();
        let labels = RequestLabels { method, route: route.clone(), status: response.status().as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    /// All of it as it is now, as text.
    async fn text(&self) -> Result<String, std::fmt::Error> {
        self.looked_up.look_at_workers(&self.staff);
        if let Some(jobs) = &self.jobs {
            self.looked_up.look_at_batches(jobs).await;
        }
        self.looked_up.look_at_memory();
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl LookedUp {
    fn register(&self, registry: &mut Registry) {
        registry.register("reports_made", "Reports, plans and sheets that were made", self.reports.clone());
        registry.register("pages_made", "Pages of them", self.pages.clone());
        registry.register("workers", "Worker processes that are alive", self.workers.clone());
        registry.register(
            "workers_at_work",
            "Those of them that are at something",
            self.workers_at_work.clone(),
        );
        registry.register("workers_waiting", "What waits in line for a worker", self.waiting.clone());
        registry.register("workers_started", "Worker processes that were started", self.started.clone());
        registry.register("workers_lost", "Those that were lost and replaced", self.lost.clone());
        registry.register("batches", "Batches that are kept, by state", self.batches.clone());
        registry.register(
            "batch_units_waiting",
            "Units of running batches that wait",
            self.waiting_units.clone(),
        );
        registry.register_with_unit(
            "batch_oldest_waiting_age",
            "Since when the longest running batch with units that wait has been running",
            Unit::Seconds,
            self.oldest_waiting.clone(),
        );
        registry.register(
            "job_faults",
            "Jobs that met a fault and waited or were given up",
            self.faults.clone(),
        );
        registry.register_with_unit(
            "resident_memory",
            "Of the service, and of all its workers",
            Unit::Bytes,
            self.memory.clone(),
        );
        registry.register(
            "ready",
            "Whether database, store and disk answer: as /health/ready says",
            self.is_ready.clone(),
        );
    }

    fn look_at_workers(&self, staff: &Staff) {
        let (mut reports, mut pages) = (0, 0);
        for post in Post::ALL {
            let (pool, labels) = (staff.at(post), PostLabels { post: post.name() });
            let (line, tally) = (pool.line(), pool.crew().tally());
            self.workers.get_or_create(&labels).set(tally.alive() as i64);
            self.workers_at_work.get_or_create(&labels).set(line.at_work as i64);
            self.waiting.get_or_create(&labels).set(line.waiting as i64);
            set(&self.started.get_or_create(&labels), tally.started);
            for (how, lost) in [("late", tally.late), ("gone", tally.gone)] {
                set(&self.lost.get_or_create(&LossLabels { post: post.name(), how }), lost);
            }
            reports += tally.made;
            pages += tally.pages;
        }
        set(&self.reports, reports);
        set(&self.pages, pages);
    }

    async fn look_at_batches(&self, jobs: &Jobs) {
        self.is_ready.set(i64::from(jobs.away().await.is_none()));
        for cause in Cause::ALL {
            set(&self.faults.get_or_create(&CauseLabels { cause: cause.name() }), jobs.faults(cause));
        }
        // Where the database is away, its last word stands.
        let Ok(census) = jobs.census().await else { return };
        for (state, count) in census.batches {
            self.batches.get_or_create(&StateLabels { state: state.name() }).set(count);
        }
        self.waiting_units.set(census.waiting_units);
        self.oldest_waiting.set(census.oldest_seconds);
    }

    fn look_at_memory(&self) {
        for (process, bytes) in [("service", resident_bytes("self")), ("workers", of_children())] {
            self.memory.get_or_create(&ProcessLabels { process }).set(bytes as i64);
        }
    }
}

/// Resident memory of a process: pages of it, as Linux says.
fn resident_bytes(process: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * rustix::param::page_size()
}

/// Resident memory of the processes that this one has started; those are its workers.
fn of_children() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    children.map(|children| children.split_whitespace().map(resident_bytes).sum::<usize>()).sum()
}

/// Takes over what somebody else has counted.
fn set(counter: &Counter<u64, AtomicU64>, value: usize) {
    counter.inner().store(value as u64, Ordering::Relaxed);
}

/// A method as it is counted and told; none where a client invents one.
pub(super) fn known_method(method: &Method) -> Option<&'static str> {
    ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"].into_iter().find(|known| method.as_str() == *known)
}

/// What is told to whoever watches.
pub(super) fn router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(tell)).with_state(metrics)
}

async fn tell(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text().await {
        Ok(text) => ([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
        Err(_) => Refusal::broken().into_response(),
    }
}
