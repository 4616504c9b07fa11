//! The same over HTTP: a thin shell that translates requests, calls the library and answers.

mod addresses;
mod admission;
mod answer;
mod batches;
mod bodies;
mod carrying;
mod collections;
mod conformance;
mod differing;
mod digesting;
mod door;
mod form;
mod frame;
mod guard;
mod imports;
mod leftovers;
mod line;
mod logins;
mod mailroom;
mod metrics;
mod openapi;
mod openid;
mod own_account;
mod own_tokens;
mod pace;
mod parameters;
mod people;
mod people_interface;
mod presence;
mod preview;
mod record;
mod repeats;
mod reports;
mod rights;
mod settings;
mod site;
mod tags;
mod times;
mod traced;
mod unsent;
mod webhooks;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::HeaderName;
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use nianbao_office::Office;

use crate::conform;
use crate::guide::Guide;
use crate::import;
use crate::indicators::IndicatorList;
use crate::input::MAX_BYTES;
use crate::jobs::Jobs;
use crate::post::Dispatch;
use crate::roster::MAX_ROSTER_BYTES;
use crate::template::Templates;
use crate::workers::{Answer, Assignment, Outcome, Question, Staff};
pub use addresses::PublicAddress;
use answer::Refusal;
use axum::http::StatusCode;
use batches::{interface, pages, unit_page, units};
use bodies::{InMemory, Room};
use collections::{draft, materials, revisions, sources, submit, version_files};
pub use door::OwnNames;
use guard::Guesses;
use metrics::Metrics;
pub use openid::{NoProvider, OpenIdProvider, OpenIdSettings};
use presence::Followers;
pub use rights::{Need, ROWS as NEEDS};

/// How much of what a client chose gets into a line of the log, in characters.
const LOGGED: usize = 200;

/// How often what has ended of sessions and links is taken away.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);
/// The largest form with a list of units, in bytes.
const MAX_ROSTER_FORM: usize = MAX_ROSTER_BYTES + (64 << 10);

/// What the service may do.
pub struct ServiceSettings {
    /// What every request but those for its health must bear: `Authorization: Bearer …`, or as the
    /// password of `Basic`.
    pub token: Option<String>,
    /// The processes that make reports, and read whatever comes.
    pub staff: Staff,
    /// The batches, where there are any.
    pub jobs: Option<Arc<Jobs>>,
    /// The guide whose matters the form shows.
    pub guide: Arc<Guide>,
    /// The indicators that a workbook offers.
    pub indicators: Arc<IndicatorList>,
    /// The accounts, where the service is shared; without them there is one visitor, who may do everything.
    pub office: Option<Office>,
    /// Where people with an account may log in besides, if an office has such a provider.
    pub openid: Option<OpenIdProvider>,
    /// What writes to units and calls other programs; not without accounts.
    pub dispatch: Option<Arc<Dispatch>>,
}

/// What the handlers share.
struct Service {
    templates: Arc<Templates>,
    staff: Staff,
    jobs: Option<Arc<Jobs>>,
    guide: Arc<Guide>,
    indicators: Arc<IndicatorList>,
    office: Option<Office>,
    openid: Option<OpenIdProvider>,
    dispatch: Option<Arc<Dispatch>>,
    token: Option<String>,
    guesses: Guesses,
    followers: Followers,
    room: Arc<Room>,
    /// Tells those who follow something that sessions may have ended, or rights changed.
    rights_changes: watch::Sender<()>,
    openapi: serde_json::Value,
}

impl Service {
    /// Has a report made by a worker, which its deadline ends. Refuses at once if too many wait.
    async fn make(&self, task: Assignment, report: Bytes) -> Result<Outcome, Refusal> {
        Ok(self.staff.presses().make(task, report).await?)
    }

    /// Has a question answered by a worker. Questions `about` the same go to the same one.
    async fn ask(&self, question: Question, body: Bytes, about: Option<u64>) -> Result<Answer, Refusal> {
        self.staff.ask(question, body, about).await?.map_err(Refusal::Report)
    }

    fn office(&self) -> Result<&Office, Refusal> {
        self.office.as_ref().ok_or_else(Refusal::not_found)
    }

    fn jobs(&self) -> Result<&Arc<Jobs>, Refusal> {
        self.jobs.as_ref().ok_or_else(Refusal::without_batches)
    }
}

/// Serves, and makes batches, until `stop` resolves; then lets running requests finish. Batches stop
/// where they are. People come by the listener's address, or by one of its other `names`.
pub async fn serve(
    listener: TcpListener,
    watched_at: Option<TcpListener>,
    names: OwnNames,
    templates: impl Into<Arc<Templates>>,
    settings: ServiceSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let jobs = settings.jobs.clone();
    let work = jobs.clone().map(|jobs| tokio::spawn(jobs.work()));
    let sweeping = settings.office.clone().map(|office| tokio::spawn(sweep(office)));
    let tidying = settings.office.clone().zip(jobs.clone());
    let tidying = tidying.map(|(office, jobs)| tokio::spawn(leftovers::attend(office, jobs)));
    let posting =
        settings.dispatch.clone().map(|dispatch| tokio::spawn(mailroom::attend(dispatch, jobs.clone())));
    let stop_jobs = move || jobs.iter().for_each(|jobs| jobs.stop());
    let stopping = {
        let stop_jobs = stop_jobs.clone();
        async move {
            stop.await;
            stop_jobs();
        }
    };
    let metrics = Arc::new(Metrics::new(settings.staff.clone(), settings.jobs.clone()));
    let telling = watched_at.map(|at| {
        let router = metrics::router(metrics.clone());
        tokio::spawn(async move {
            if let Err(error) = axum::serve(at, router).await {
                tracing::error!(%error, "metrics are told no more");
            }
        })
    });
    let router = counted(router(templates, settings), metrics).layer(from_fn(traced::trace));
    let served = door::serve(listener, router, names, stopping).await;
    stop_jobs();
    for beside in [sweeping, tidying, posting, telling].into_iter().flatten() {
        beside.abort();
    }
    if let Some(work) = work {
        let _ = work.await;
    }
    served
}

/// Takes away now and then what has ended of who came in.
async fn sweep(office: Office) {
    loop {
        if let Err(error) = office.accounts.sweep(now()).await {
            tracing::warn!(%error, "what has ended of sessions and links could not be taken away");
        }
        if let Err(error) = office.answers.sweep(now()).await {
            tracing::warn!(%error, "answers that were kept long enough could not be taken away");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// A router whose requests are counted.
fn counted(router: Router, metrics: Arc<Metrics>) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let metrics = metrics.clone();
        async move {
            let (start, method) = (Instant::now(), request.method().clone());
            let route = request.extensions().get::<MatchedPath>().cloned();
            let response = next.run(request).await;
            metrics.answered(&method, route.as_ref().map(MatchedPath::as_str), &response, start.elapsed());
            response
        }
    }))
}

/// The service as a router, for a listener or for a test.
pub fn router(templates: impl Into<Arc<Templates>>, settings: ServiceSettings) -> Router {
    let room = Room::new();
    let held = |most| from_fn_with_state(InMemory { room: room.clone(), most }, bodies::hold);
    let guarded = OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(reports::make))
        .routes(routes!(reports::check))
        .routes(routes!(preview::show))
        .routes(routes!(preview::cover))
        .routes(routes!(preview::state))
        .routes(routes!(differing::compare))
        .routes(routes!(digesting::make))
        .routes(routes!(preview::read))
        .routes(routes!(carrying::carry))
        .routes(routes!(site::schema))
        .routes(routes!(site::templates))
        .routes(routes!(site::sample))
        .routes(routes!(site::template_schema))
        .routes(routes!(site::openapi))
        .route("/", get(form::open).post(form::submit))
        .route("/open", post(form::open_file))
        .route("/workbook.xlsx", get(site::blank_workbook))
        .route("/batches/{id}", get(pages::show).post(pages::act))
        .route_layer(held(MAX_BYTES))
        .merge(of_size(routes!(imports::take), import::MAX_BYTES).route_layer(held(import::MAX_BYTES)))
        .merge(
            of_size(routes!(conformance::clauses, conformance::measure), conform::MAX_BYTES)
                .route_layer(held(conform::MAX_BYTES)),
        )
        .merge(batches(&room))
        .route("/explain/{code}", get(form::explain))
        .route("/assets/{version}/{name}", get(frame::asset))
        .merge(coming_in().route_layer(held(MAX_BYTES)))
        .merge(administration().route_layer(held(MAX_BYTES)))
        .merge(collections::bureau().route_layer(held(MAX_BYTES)))
        .merge(of_lists().route_layer(held(MAX_ROSTER_FORM)))
        .merge(of_materials().route_layer(held(materials::MAX_BYTES)))
        .merge(writing().route_layer(held(MAX_BYTES)))
        .merge(submitting().route_layer(held(import::MAX_BYTES)));
    let open = OpenApiRouter::new().routes(routes!(site::live)).routes(routes!(site::ready));
    let (guarded, mut interface) = guarded.split_for_parts();
    let (open, of_open) = open.split_for_parts();
    interface.merge(of_open);

    let service = Arc::new(Service {
        templates: templates.into(),
        staff: settings.staff,
        jobs: settings.jobs,
        guide: settings.guide,
        indicators: settings.indicators,
        office: settings.office,
        openid: settings.openid,
        dispatch: settings.dispatch,
        token: settings.token,
        guesses: Guesses::default(),
        followers: Followers::default(),
        room: room.clone(),
        rights_changes: watch::Sender::new(()),
        openapi: openapi::document(&interface),
    });
    guarded
        .route_layer(from_fn_with_state(service.clone(), repeats::do_once))
        .route_layer(from_fn_with_state(service.clone(), admission::admit))
        .fallback(site::not_found)
        .method_not_allowed_fallback(site::method_not_allowed)
        .layer(from_fn_with_state(service.clone(), guard::demand_token))
        .layer(from_fn(guard::demand_own_pages))
        .merge(open)
        .with_state(service)
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .layer(from_fn(guard::demand_own_name))
        .layer(CompressionLayer::new().compress_when(is_worth_packing()))
        .layer(CatchPanicLayer::custom(|_| Refusal::broken().into_response()))
        .layer(map_response(frame::harden))
        .layer(from_fn(log))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(map_request(guard::demand_short_id))
}

/// What takes documents that may be larger than a report.
fn of_size(routes: UtoipaMethodRouter<Arc<Service>>, most: usize) -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes.layer(DefaultBodyLimit::max(most)))
}

/// Where whole lists of units come in.
fn of_lists() -> OpenApiRouter<Arc<Service>> {
    collections::lists().layer(DefaultBodyLimit::max(MAX_ROSTER_FORM))
}

/// Where last year's reports of many units come in.
fn of_materials() -> OpenApiRouter<Arc<Service>> {
    // The form around the file is short.
    collections::materials().layer(DefaultBodyLimit::max(materials::MAX_BYTES + (64 << 10)))
}

/// The drafts of units, and what they have submitted.
fn writing() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(draft::load, draft::save))
        .routes(routes!(sources::sources))
        .routes(routes!(draft::combine))
        .routes(routes!(draft::history))
        .routes(routes!(draft::restore))
        .routes(routes!(draft::settle))
        .route("/collections/{collection}/units/{unit}/draft", get(draft::show).post(draft::write))
        .route("/collections/{collection}/units/{unit}/draft/last-year", get(sources::show))
        .route("/collections/{collection}/units/{unit}/draft/history", get(revisions::list))
        .route(
            "/collections/{collection}/units/{unit}/draft/history/{revision}",
            get(revisions::show).post(revisions::bring_back),
        )
        .route("/collections/{collection}/units/{unit}/versions/{version}/{part}", get(version_files::file))
}

/// Where units submit: also what is imported, which may be larger than a report.
fn submitting() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(submit::post_version, submit::versions))
        .route("/collections/{collection}/units/{unit}/submit", post(submit::submit))
        .layer(DefaultBodyLimit::max(import::MAX_BYTES))
}

/// Where people come in and go.
fn coming_in() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .route("/login", get(logins::login).post(logins::log_in))
        .route("/login/openid", get(openid::begin))
        .route("/login/openid/return", get(openid::finish))
        .route("/logout", post(logins::log_out))
        .route("/welcome/{link}", get(logins::welcome).post(logins::take_up))
        .route("/enter/{link}", get(logins::entrance).post(logins::enter))
        .route("/account", get(own_account::show).post(own_account::act))
        .routes(routes!(own_tokens::list, own_tokens::make))
        .routes(routes!(own_tokens::revoke))
}

/// The accounts of others and the record.
fn administration() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .route("/accounts", get(people::list).post(people::act))
        .route("/accounts/{account}", get(people::show).post(people::change))
        .route("/record", get(record::show))
        .route("/record.csv", get(record::as_csv))
        .route("/record.xlsx", get(record::as_workbook))
        .routes(routes!(record::entries))
        .route("/webhooks", get(webhooks::show).post(webhooks::act))
        .routes(routes!(webhooks::list, webhooks::make))
        .routes(routes!(webhooks::change, webhooks::remove))
        .routes(routes!(webhooks::attempt))
        .routes(routes!(people_interface::list))
        .routes(routes!(people_interface::invite))
        .routes(routes!(people_interface::show, people_interface::change))
        .routes(routes!(people_interface::end_sessions))
        .routes(routes!(people_interface::reset))
        .routes(routes!(people_interface::links))
        .routes(routes!(people_interface::revoke_link))
}

/// The pages of batches, and their interface.
fn batches(room: &Arc<Room>) -> OpenApiRouter<Arc<Service>> {
    let pass = from_fn_with_state(room.clone(), bodies::pass);
    OpenApiRouter::new()
        .routes(routes!(interface::begin, interface::list).layer(pass.clone()))
        .routes(routes!(interface::show, interface::delete))
        .routes(routes!(units::units))
        .routes(routes!(interface::start))
        .routes(routes!(interface::events))
        .routes(routes!(interface::result))
        .routes(routes!(interface::retry))
        .route("/batches/{id}/overview.pdf", get(unit_page::overview))
        .route("/batches/{id}/units/{number}", get(unit_page::show))
        .route("/batches/{id}/units/{number}/files/{index}", get(unit_page::file))
        .route("/batches", get(pages::list).post(pages::upload).layer(pass))
        // An upload goes to the disk as it comes, and is counted there.
        .layer(DefaultBodyLimit::disable())
}

/// One line a request. What was written in a report never gets into it, and of what a client chose not
/// more than fits.
async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let short = |text: &str| text.chars().take(LOGGED).collect::<String>();
    let (method, path) = (short(request.method().as_str()), short(request.uri().path()));
    let response = next.run(request).await;
    let size_bytes = response
        .headers()
        .get(HeaderName::from_static("content-length"))
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    tracing::info!(
        request_id = id,
        method,
        path,
        status = response.status().as_u16(),
        duration_ms = start.elapsed().as_millis() as u64,
        size_bytes,
        "request"
    );
    response
}

/// A PDF and a ZIP are packed already.
fn is_worth_packing() -> impl Predicate {
    let not = NotForContentType::const_new;
    DefaultPredicate::new().and(not("application/pdf")).and(not("application/zip"))
}

/// The time, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "when somebody came in and what was done when is told")]
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// What is refused here.
impl Refusal {
    fn without_batches() -> Self {
        Self::other(StatusCode::NOT_FOUND, "这个服务不成批生成", "请用 nianbao batch，或请管理员启用成批生成")
    }
}
