//! Traces, as a collector is told them by OTLP: one of the tests' own takes them, hangs, or is away.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

use crate::http::{Served, answer_of};
use crate::workbench::{minimal, of_tests};

/// For how long something is waited for that must come.
const LONG: Duration = Duration::from_secs(120);

/// What a collector was told at a time.
struct Told {
    head: String,
    body: Vec<u8>,
}

/// A collector that gives this answer to all that it is told; none where it hangs.
fn collector(answer: Option<&'static str>) -> (String, Receiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut held = vec![];
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let mut stream = reader.into_inner();
            // Before it is answered: a service that has ended knows that it was taken.
            if tell.send(Told { head, body }).is_err() {
                return;
            }
            if let Some(answer) = answer {
                let end = "Content-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(format!("HTTP/1.1 {answer}\r\n{end}").as_bytes()).unwrap();
            }
            // Whoever hangs does not hang up.
            held.push(stream);
        }
    });
    (address, told)
}

fn ask(served: &Served, head: &str, headers: &str, body: &str) -> String {
    let mut stream: TcpStream = served.open();
    let length = body.len();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\
         Content-Type: application/yaml\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    answer_of(stream).0
}

fn words(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let word = |value: &AnyValue| match value.value.as_ref().unwrap() {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    attributes.iter().map(|one| (one.key.as_str(), word(one.value.as_ref().unwrap()))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parts of a span by their names, each begun and ended within it.
fn parts<'a>(spans: &'a [Span], whole: &Span) -> BTreeMap<&'a str, &'a Span> {
    let parts = spans.iter().filter(|span| span.parent_span_id == whole.span_id);
    parts
        .inspect(|part| {
            assert_eq!(part.trace_id, whole.trace_id);
            assert!(whole.start_time_unix_nano <= part.start_time_unix_nano, "{whole:?}\n{part:?}");
            assert!(part.start_time_unix_nano <= part.end_time_unix_nano, "{part:?}");
            assert!(part.end_time_unix_nano <= whole.end_time_unix_nano, "{whole:?}\n{part:?}");
        })
        .map(|part| (part.name.as_str(), part))
        .collect()
}

#[test]
fn a_request_is_told_with_what_was_done_for_it_as_a_part_of_what_its_caller_does() {
    let folder = tempfile::tempdir().unwrap();
    let (address, told) = collector(Some("200 OK"));
    let served = Served::start_in(
        folder.path(),
        "127.0.0.1:0",
        // Over the variable of the same meaning.
        &["--traces", &format!("{address}/behind/")],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20geheim"),
            ("OTEL_SERVICE_NAME", "年报-东区"),
        ],
    );
    let secret = "机密之事甲乙丙";
    let caller = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
                  tracestate: other=机密之事\r\nbaggage: what=机密之事\r\nx-request-id: number-7\r\n";
    let report = minimal().replace("临江区依法行政", secret);
    assert!(ask(&served, "POST /api/reports", caller, &report).starts_with("HTTP/1.1 200"));
    // What callers and clients make up names nothing.
    for invented in ["traceparent: 00-机密之事-b7ad6b7169203331-01\r\n", "traceparent: zz\r\n", ""] {
        assert!(ask(&served, "GET /explain/机密之事", invented, "").starts_with("HTTP/1.1 404"));
    }
    assert!(ask(&served, "GET /机密之事", "", "").starts_with("HTTP/1.1 404"));
    assert!(ask(&served, "INVENTED /api/reports", "", "").starts_with("HTTP/1.1 405"));
    served.terminate();
    let (exit, log) = served.ended();
    assert_eq!(exit, Some(0), "{log}");

    // All of it was told when it had ended.
    let mut spans = vec![];
    for Told { head, body } in told.try_iter() {
        assert!(head.starts_with("POST /behind/v1/traces HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("authorization: Bearer geheim\r\n"), "{head}");
        assert!(head.contains("content-type: application/x-protobuf\r\n"), "{head}");
        let all = String::from_utf8_lossy(&body);
        assert!(!all.contains("机密") && !all.contains("INVENTED"), "{all}");
        for resource in ExportTraceServiceRequest::decode(&*body).unwrap().resource_spans {
            let of = resource.resource.unwrap();
            assert_eq!(words(&of.attributes)["service.name"], "年报-东区");
            assert_eq!(words(&of.attributes)["service.version"], env!("CARGO_PKG_VERSION"));
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    assert!(!log.contains("traces"), "{log}");

    let asked = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let [request] = asked("POST /api/reports")[..] else { panic!("{spans:?}") };
    assert_eq!(hex(&request.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&request.parent_span_id), "b7ad6b7169203331");
    assert_eq!(request.kind(), SpanKind::Server);
    assert!(request.trace_state.is_empty());
    let known = [
        ("http.request.method", "POST"),
        ("http.response.status_code", "200"),
        ("http.route", "/api/reports"),
        ("nianbao.request_id", "number-7"),
    ];
    assert_eq!(words(&request.attributes), known.map(|(key, word)| (key, word.to_owned())).into());
    let of_request = parts(&spans, request);
    assert_eq!(of_request.keys().collect::<Vec<_>>(), [&"make"]);
    let of_work = parts(&spans, of_request["make"]);
    assert_eq!(of_work.keys().collect::<Vec<_>>(), [&"wait", &"worker"]);
    let of_worker = parts(&spans, of_work["worker"]);
    let mut stages: Vec<(u64, &str)> =
        of_worker.iter().map(|(name, stage)| (stage.start_time_unix_nano, *name)).collect();
    stages.sort();
    let stages: Vec<&str> = stages.into_iter().map(|(_, name)| name).collect();
    assert_eq!(stages, ["read", "check", "fill", "typeset", "export"]);

    let explained = asked("GET /explain/{code}");
    assert_eq!(explained.len(), 3);
    assert!(explained.iter().all(|span| span.parent_span_id.is_empty()), "{explained:?}");
    assert_eq!((asked("GET").len(), asked("HTTP /api/reports").len()), (1, 1));
}

#[test]
fn what_ends_a_worker_is_told_as_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let (address, told) = collector(Some("200 OK"));
    let templates = of_tests("cases/batch/templates");
    let more = ["--traces", &address, "--memory", "700", "--templates", templates.to_str().unwrap()];
    let served = Served::start_in(folder.path(), "127.0.0.1:0", &more, &[]);
    // A report that no memory is enough for.
    let answer = ask(&served, "POST /api/reports", "", &format!("template: bottomless\n{}", minimal()));
    let mut spans: Vec<Span> = vec![];
    let faults = |spans: &[Span]| -> Vec<String> {
        let workers = spans.iter().filter(|span| span.name == "worker");
        let statuses = workers.filter_map(|span| span.status.as_ref());
        statuses
            .filter(|status| status.code() == StatusCode::Error)
            .map(|status| status.message.clone())
            .collect()
    };
    // It is told while the service goes on, and was tried twice.
    while faults(&spans).len() < 2 {
        let told = told.recv_timeout(LONG).unwrap_or_else(|error| panic!("{error}: {answer}\n{spans:?}"));
        let body = ExportTraceServiceRequest::decode(&*told.body).unwrap();
        let scopes = body.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    served.terminate();
    assert_eq!(served.ended().0, Some(0));
    assert_eq!(faults(&spans), ["gone", "gone"], "{answer}\n{spans:?}");
}

#[test]
fn nobody_waits_for_a_collector_that_hangs_or_is_away() {
    let (hangs, told) = collector(None);
    let (refuses, refused) = collector(Some("503 Service Unavailable"));
    for (collector, told) in
        [(&*hangs, Some(&told)), (&*refuses, Some(&refused)), ("http://127.0.0.1:1", None)]
    {
        let folder = tempfile::tempdir().unwrap();
        let soon = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector), ("OTEL_BSP_SCHEDULE_DELAY", "1")];
        let served = Served::start_in(folder.path(), "127.0.0.1:0", &[], &soon);
        assert!(ask(&served, "GET /health/live", "", "").starts_with("HTTP/1.1 200"));
        if let Some(told) = told {
            told.recv_timeout(LONG).expect("the collector is told");
        }
        for _ in 0..100 {
            assert!(ask(&served, "GET /health/live", "", "").starts_with("HTTP/1.1 200"));
        }
        assert!(ask(&served, "POST /api/reports", "", &minimal()).starts_with("HTTP/1.1 200"));
        served.terminate();
        // It ends all the same, though nobody has answered.
        let (exit, log) = served.ended();
        assert_eq!(exit, Some(0), "{collector}: {log}");
        let complaints = log.lines().filter(|line| line.contains("traces are not taken")).count();
        assert!(complaints <= 1, "{log}");
        assert!(log.contains("trace"), "{collector}: that it was not taken is told: {log}");
    }
}

#[test]
fn where_nothing_is_set_nothing_is_told_and_what_is_no_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // An empty variable is none, by the rules of OpenTelemetry.
    let nothing = [("OTEL_EXPORTER_OTLP_ENDPOINT", "")];
    let served = Served::start_in(folder.path(), "127.0.0.1:0", &[], &nothing);
    assert!(ask(&served, "POST /api/reports", "", &minimal()).starts_with("HTTP/1.1 200"));
    served.terminate();
    let (exit, log) = served.ended();
    assert_eq!(exit, Some(0));
    assert!(!log.contains("trace"), "{log}");
    for wrong in ["nonsense", "ftp://geheim@127.0.0.1/", "mailto:a@b", "127.0.0.1:4318"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_nianbao"))
            .args(["serve", "--listen", "127.0.0.1:0", "--traces", wrong, "--fonts"])
            .arg(crate::workbench::project().join("fonts"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains("--traces") && said.contains("http://"), "{wrong}: {said}");
        assert!(!said.contains("geheim"), "{said}");
    }
}
