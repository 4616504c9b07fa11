//! Who may do what, asked of the service itself: each route × each visitor × own, another's and no unit. What
//! the table of rights says is what the route answers. A route without a row fails, and a row without a route.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use nianbao::accounts::{EntranceUnit, Right, Role, Scope, scope};
use nianbao::collections::{CollectionPlan, Occasion};
use nianbao::report::{Choice, Edition};
use nianbao::roster::{RosterUnit, UnitCode};
use nianbao::web::{NEEDS, Need};
use regex::Regex;
use tower::ServiceExt;

use crate::accounts::{HERE, HOSTILE, Shared, now, somebody};
use crate::form::MAX_HTML_BYTES;
use crate::http::get;
use crate::postgres::Postgres;
use crate::workbench::{files_in, project};

/// What is answered to everybody, before anybody is asked who he is.
const OPEN: [&str; 2] = ["/health/live", "/health/ready"];

/// The unit of those who have one, one that is asked as well, and one that there is not.
const OWN: &str = "OWN-1";
const OTHERS: &str = "OTHER-1";
const NOBODYS: &str = "NONE-1";

/// What is refused because it is another's says no more than what is not there.
const UNKNOWN: &str = "没有这个地址";

/// Who comes.
struct Caller {
    called: String,
    cookie: String,
    /// Nothing of a stranger.
    role: Option<Role>,
    /// The collection that a unit's entrance is for.
    collection: Option<String>,
}

/// The paths that the sources give to a router. One that is not written out where it is given would be
/// overlooked, and is refused.
fn written_paths() -> BTreeSet<String> {
    let route = Regex::new(r#"\.route\(\s*([^,]+),"#).unwrap();
    let mut paths = BTreeSet::new();
    let mut folders = vec![project().join("src/web")];
    while let Some(folder) = folders.pop() {
        for path in files_in(&folder) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // What is counted is told at an address of its own.
            let is_apart = path.ends_with("metrics.rs");
            if is_apart || path.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            let code = fs::read_to_string(&path).unwrap();
            for other in [".route_service(", ".nest(", ".nest_service("] {
                assert!(!code.contains(other), "{}: {other} hides its paths", path.display());
            }
            for found in route.captures_iter(&code) {
                let written = found[1].trim();
                let is_literal = written.starts_with('"') && written.ends_with('"');
                assert!(is_literal, "{}: write the path out: {written}", path.display());
                paths.insert(written.trim_matches('"').to_owned());
            }
        }
    }
    paths
}

/// All paths of the service: those of pages, and those of the interface.
async fn all_paths(service: &Shared, administrator: &str) -> BTreeSet<String> {
    let mut paths = written_paths();
    assert!(paths.len() > 8, "the paths are found: {paths:?}");
    let document = service.get("/api/openapi.json", administrator).await.json();
    let documented = document["paths"].as_object().unwrap();
    assert!(documented.len() > 15, "the operations are found");
    paths.extend(documented.keys().cloned());
    paths
}

/// A path with something in each of its places.
fn filled(path: &str, places: &BTreeMap<&str, &str>) -> String {
    let place = Regex::new(r"\{\*?(\w+)\}").unwrap();
    let fill = |found: &regex::Captures| places.get(&found[1]).copied().unwrap_or("1").to_owned();
    place.replace_all(path, fill).into_owned()
}

/// What is answered: the status, and what is said where it is refused.
async fn answered(service: &Shared, method: &Method, path: &str, cookie: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let response = service.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    // Events that are followed have no end.
    let is_page =
        response.headers().get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8");
    if !status.is_client_error() && !is_page {
        return (status, response.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned());
    }
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert!(body.len() < MAX_HTML_BYTES, "{method} {path}: {} bytes", body.len());
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// An open collection that asks both units.
async fn collection(service: &Shared, title: &str) -> String {
    let collections = &service.office.collections;
    let somebody = somebody();
    let occasion = Occasion { doer: &somebody, at: now(), today: "2026-01-05".parse().unwrap() };
    let unit = |code: &str| RosterUnit::new(code.parse().unwrap(), &format!("{code}{HOSTILE}"));
    collections.save_units(&[unit(OWN), unit(OTHERS)], &occasion).await.unwrap();
    let plan = CollectionPlan {
        year: "2025".parse().unwrap(),
        title: title.into(),
        template: "annual-report".into(),
        settings: "{}".into(),
        edition: Edition::of_word("formal").unwrap(),
        instructions: String::new(),
        needs_sign_off: true,
        opens_at: None,
        due_on: "2030-02-28".parse().unwrap(),
        closes_at: None,
    };
    let id = collections.make(&plan, &occasion).await.unwrap();
    let units: Vec<UnitCode> = [OWN, OTHERS].iter().map(|code| code.parse().unwrap()).collect();
    collections.ask(&id, &units, &occasion).await.unwrap();
    collections.open_collection(&id, &occasion).await.unwrap();
    id
}

#[tokio::test]
async fn each_route_has_a_row_and_each_row_a_route() {
    let service = Shared::start().await;
    let administrator = service.account("管理员", Role::Administrator, &[]).await;
    let mut faults = vec![];
    let mut known = BTreeSet::new();
    for path in all_paths(&service, &service.session(&administrator).await).await {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            // Some end the session.
            let cookie = service.session(&administrator).await;
            let asked = filled(&path, &BTreeMap::from([("account", &*administrator)]));
            let (status, _) = answered(&service, &method, &asked, &cookie).await;
            let has_route = status != StatusCode::METHOD_NOT_ALLOWED;
            let rows = NEEDS.iter().filter(|(of, at, _)| *of == method && *at == path).count();
            let expected = usize::from(has_route && !OPEN.contains(&&*path));
            if rows != expected {
                faults.push(format!("{method} {path}: {rows} rows, {expected} expected"));
            }
            known.insert((method.to_string(), path.clone()));
        }
    }
    for (method, path, _) in NEEDS {
        if !known.contains(&(method.to_string(), (*path).to_owned())) {
            faults.push(format!("{method} {path}: no such route"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    for path in OPEN {
        assert_eq!(get(&service.router, path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn who_may_do_what_is_what_the_table_says() {
    all_is_as_the_table_says(&Shared::start().await).await;
}

#[tokio::test]
async fn who_may_do_what_is_the_same_on_postgresql() {
    let server = Postgres::start();
    all_is_as_the_table_says(&Shared::at(server.url("postgres")).await).await;
}

async fn all_is_as_the_table_says(service: &Shared) {
    let (asked, others) = (collection(service, "本年").await, collection(service, "上年").await);
    let target = service.account("被管的人", Role::Observer, &[OWN]).await;
    let mut ids = vec![];
    for role in Role::ALL {
        let units: &[&str] = if role.is_of_units() { &[OWN] } else { &[] };
        ids.push((role, service.account(&format!("{}甲", role.words()), role, units).await));
    }
    let mut faults = vec![];
    let mut asked_for = 0;
    for (method, path, need) in NEEDS {
        let units: &[&str] = if path.contains("{unit}") { &[OWN, OTHERS, NOBODYS] } else { &[OWN] };
        for caller in callers(service, &ids, &asked).await {
            let collections: &[&str] =
                if path.contains("{collection}") { &[&asked, &others] } else { &[&asked] };
            for (unit, collection) in
                units.iter().flat_map(|unit| collections.iter().map(move |id| (unit, id)))
            {
                let places = BTreeMap::from([
                    ("unit", *unit),
                    ("collection", *collection),
                    ("account", &*target),
                    ("name", "annual-report"),
                    ("code", "missing-section"),
                    ("id", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                ]);
                let asked = filled(path, &places);
                let said = answered(service, method, &asked, &caller.cookie).await;
                asked_for += 1;
                let fault = fault(*need, path, &caller, unit, collection, &said);
                if let Some(expected) = fault {
                    faults.push(format!("{method} {asked}, {}: {} where {expected}", caller.called, said.0));
                }
            }
        }
    }
    assert!(asked_for > 250, "{asked_for}");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// One of each kind, in sessions of their own: some routes end them.
async fn callers(service: &Shared, ids: &[(Role, String)], collection: &str) -> Vec<Caller> {
    let mut callers = vec![];
    for (role, id) in ids {
        let cookie = service.session(id).await;
        callers.push(Caller { called: role.words().into(), cookie, role: Some(*role), collection: None });
    }
    let units = [EntranceUnit { code: OWN.into(), name: OWN.into() }];
    let accounts = &service.office.accounts;
    let made = accounts.make_entrances(&somebody(), collection, &units, now() + 600, now()).await.unwrap();
    let (link, code) = (&made[0].link, &made[0].code);
    let session = accounts.enter(link, code, "李某", HERE, now()).await.unwrap();
    // Before the others, for who gives out new entrances ends the sessions of the old.
    let by_entrance = Caller {
        called: "由单位入口来的".into(),
        cookie: format!("nianbao={}", session.token),
        role: Some(Role::Writer),
        collection: Some(collection.to_owned()),
    };
    callers.insert(0, by_entrance);
    callers.push(Caller {
        called: "没有登录的".into(), cookie: String::new(), role: None, collection: None
    });
    callers
}

/// What ought to have been answered, where something else was.
fn fault(
    need: Need,
    path: &str,
    caller: &Caller,
    unit: &str,
    collection: &str,
    (status, said): &(StatusCode, String),
) -> Option<String> {
    let is_page = !path.starts_with("/api/");
    let has = |place: &str| path.contains(place);
    let expected = match (need, caller.role) {
        (Need::Nothing, _) | (Need::Visitor, Some(_)) => None,
        (_, None) => {
            let is_sent = *status == StatusCode::SEE_OTHER && said.starts_with("/login?to=");
            let is_fine = if is_page { is_sent } else { *status == StatusCode::UNAUTHORIZED };
            return (!is_fine).then(|| "a login is asked for".to_owned());
        }
        (Need::May(right), Some(role)) => refusal(right, role, caller, has, unit, collection),
    };
    match expected {
        Some(refused) => {
            let is_fine = *status == refused && (refused != StatusCode::NOT_FOUND || said.contains(UNKNOWN));
            (!is_fine).then(|| refused.to_string())
        }
        None => {
            let is_refused = matches!(*status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
                || *status == StatusCode::NOT_FOUND && said.contains(UNKNOWN);
            // What is not there, is not.
            let is_there =
                unit != NOBODYS && !path.replace("{unit}", "").replace("{collection}", "").contains('{');
            let is_sent_away = is_page && *status == StatusCode::SEE_OTHER && said.starts_with("/login");
            let is_logout = path == "/logout";
            let is_wrong = is_refused && (is_there || *status != StatusCode::NOT_FOUND)
                || is_sent_away && !is_logout
                || status.is_server_error() && *status != StatusCode::SERVICE_UNAVAILABLE;
            is_wrong.then(|| "it is allowed".to_owned())
        }
    }
}

/// With what it is refused, if it is: with 403 what the role may not at all, with 404 what is another's.
fn refusal(
    right: Right,
    role: Role,
    caller: &Caller,
    has: impl Fn(&str) -> bool,
    unit: &str,
    collection: &str,
) -> Option<StatusCode> {
    let scope = scope(role, right);
    if scope == Scope::Nothing {
        return Some(StatusCode::FORBIDDEN);
    }
    let is_elsewhere =
        has("{collection}") && caller.collection.as_deref().is_some_and(|own| own != collection);
    let is_anothers = has("{unit}") && role.is_of_units() && unit != OWN;
    (is_elsewhere || is_anothers).then_some(StatusCode::NOT_FOUND)
}

/// Whoever runs the service reads the same table.
#[test]
fn the_table_in_the_papers_is_the_one_that_holds() {
    let paper = fs::read_to_string(project().join("docs/operations.md")).unwrap();
    for right in Right::ALL {
        let cells = Role::ALL.map(|role| match scope(role, *right) {
            Scope::All => " all |",
            Scope::Own => " own |",
            Scope::Nothing => " |",
        });
        let row = format!("| `{}` {} |{}\n", right.code(), right.words(), cells.concat());
        assert!(paper.contains(&row), "{row}");
    }
}
