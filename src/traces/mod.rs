//! What a request waited for and what was done for it, told to a collector of traces by OTLP where one is set. Nobody
//! waits for the collector: what it does not take in time is lost, and that it does not is in the log once.
//!
//! No name of a span holds what somebody wrote: it is a word of the program.

mod collector;

use std::borrow::Cow;
use std::env;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, ContextGuard, KeyValue, Value};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use url::Url;

use collector::Collector;

pub use opentelemetry::trace::FutureExt;

/// Whose traces these are.
const PROGRAM: &str = "nianbao";

/// Below the collector's address, by the rules of OTLP.
const PATH: [&str; 2] = ["v1", "traces"];

/// How long the service that ends waits for a collector that hangs.
const LEAVING: Duration = Duration::from_secs(5);

/// The traces of a service, told until it ends.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Tells what is done from here on to the collector at `address`, within `runtime`. What else OTLP has names for
    /// in the environment, as `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_TRACES_SAMPLER`, is held to.
    pub fn start(address: &CollectorAddress, runtime: Handle) -> Result<Self, TracesFault> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(runtime).map_err(|_| TracesFault::Client)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address.0.as_str())
            .build()
            .map_err(|_| TracesFault::Environment)?;
        let mut resource = Resource::builder();
        #[expect(
            clippy::disallowed_methods,
            reason = "the name that every program is given by this variable"
        )]
        if env::var_os("OTEL_SERVICE_NAME").is_none_or(|name| name.is_empty()) {
            resource = resource.with_service_name(PROGRAM);
        }
        let resource =
            resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        global::set_tracer_provider(provider.clone());
        Ok(Self(provider))
    }

    /// Tells what is left. Not to be called where the runtime would wait for it.
    pub fn end(self) {
        if self.0.shutdown_with_timeout(LEAVING).is_err() {
            tracing::warn!("the last traces were not taken");
        }
    }
}

/// Why no traces can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TracesFault {
    #[error("网址要以 http:// 或 https:// 开头，如 http://127.0.0.1:4318")]
    Address,
    #[error("不能准备到收集程序的连接")]
    Client,
    #[error("OTEL_ 开头的环境变量里有不能用的值")]
    Environment,
}

/// Where a collector takes traces.
#[derive(Clone)]
pub struct CollectorAddress(Url);

impl FromStr for CollectorAddress {
    type Err = TracesFault;

    /// From the address of the collector itself, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it.
    fn from_str(written: &str) -> Result<Self, TracesFault> {
        let mut address: Url = written.parse().map_err(|_| TracesFault::Address)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(TracesFault::Address);
        }
        let mut path = address.path_segments_mut().map_err(|()| TracesFault::Address)?;
        path.pop_if_empty().extend(PATH);
        drop(path);
        Ok(Self(address))
    }
}

/// Something that takes time, told of from when it is made until it ends, or is dropped by all who have it. What is
/// done within it is told of as a part.
#[derive(Clone, Debug)]
pub struct TracedWork(Context);

impl TracedWork {
    /// Begins something, as a part of what is being done here, if anything is.
    pub fn begin(name: &'static str) -> Self {
        Self::of_kind(name.into(), SpanKind::Internal, &Context::current())
    }

    /// Begins to answer a request to a `route` of the program's own, as a part of what the caller does, where its
    /// `traceparent` says that.
    pub fn answering(method: &'static str, route: Option<&str>, traceparent: Option<&str>) -> Self {
        let name = match route {
            Some(route) => format!("{method} {route}").into(),
            None => method.into(),
        };
        let caller =
            TraceContextPropagator::new().extract_with_context(&Context::new(), &CallerContext(traceparent));
        let work = Self::of_kind(name, SpanKind::Server, &caller);
        work.note("http.request.method", method);
        if let Some(route) = route {
            work.note("http.route", route.to_owned());
        }
        work
    }

    fn of_kind(name: Cow<'static, str>, kind: SpanKind, within: &Context) -> Self {
        let tracer = tracer();
        let span = tracer.span_builder(name).with_kind(kind).start_with_context(&tracer, within);
        Self(within.with_span(span))
    }

    /// Something that is known of it.
    pub fn note(&self, key: &'static str, value: impl Into<Value>) {
        self.0.span().set_attribute(KeyValue::new(key, value));
    }

    /// That it did not succeed.
    pub fn fail(&self, why: &'static str) {
        self.0.span().set_status(Status::error(why));
    }

    /// What this thread does is a part of it, until that is dropped.
    pub fn within(&self) -> ContextGuard {
        self.0.clone().attach()
    }

    /// For a future that is a part of it.
    pub fn context(&self) -> Context {
        self.0.clone()
    }
}

/// Something that is over, which was told by whoever did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub kind: StageKind,
    /// How long after the whole it began, and how long it took.
    pub after: Duration,
    pub took: Duration,
}

/// The stages of the way of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    Read,
    Check,
    Fill,
    Typeset,
    Export,
}

impl StageKind {
    const ALL: [Self; 5] = [Self::Read, Self::Check, Self::Fill, Self::Typeset, Self::Export];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Check => "check",
            Self::Fill => "fill",
            Self::Typeset => "typeset",
            Self::Export => "export",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Tells of something that has just ended and took so long, as a part of what is done here; and of its stages. Nothing
/// where nothing is done.
pub fn tell(name: &'static str, took: Duration, stages: &[Stage], fault: Option<&'static str>) {
    let within = Context::current();
    if !within.span().is_recording() {
        return;
    }
    let tracer = tracer();
    let end = now();
    let began = end.checked_sub(took).unwrap_or(end);
    let span = tracer.span_builder(name).with_start_time(began).start_with_context(&tracer, &within);
    let whole = within.with_span(span);
    for stage in stages {
        let began = (began + stage.after).min(end);
        let part = tracer.span_builder(stage.kind.name()).with_start_time(began);
        let part = Context::new().with_span(part.start_with_context(&tracer, &whole));
        part.span().end_with_timestamp((began + stage.took).min(end));
    }
    if let Some(fault) = fault {
        whole.span().set_status(Status::error(fault));
    }
    whole.span().end_with_timestamp(end);
}

/// What a caller says of what it does. Nothing else of its headers is looked at.
struct CallerContext<'a>(Option<&'a str>);

impl Extractor for CallerContext<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.filter(|_| key == "traceparent")
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

fn tracer() -> BoxedTracer {
    global::tracer(PROGRAM)
}

#[expect(clippy::disallowed_methods, reason = "when something was done is told")]
fn now() -> SystemTime {
    SystemTime::now()
}
