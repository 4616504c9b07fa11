//! What administrators do with accounts and the record, and everybody with his own.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use nianbao::accounts::Role;
use nianbao::audit::{Act, Deed, RecordFilter};
use nianbao::collections::Occasion;
use nianbao::roster::RosterUnit;
use serde_json::{Value, json};

use crate::accounts::{HOSTILE, PASSWORD, Shared, cookie_of, now, somebody};
use crate::http::{Answer, ask};

/// What is between these, once.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split(start).nth(1).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split(end).next().unwrap()
}

/// The path of the link that a page shows this once.
fn link_of(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let page = answer.text().replace("&#x2f;", "/");
    format!("/welcome/{}", between(&page, "/welcome/", "<").trim())
}

async fn roster(service: &Shared) {
    let (somebody, today) = (somebody(), "2026-01-05".parse().unwrap());
    let occasion = Occasion { doer: &somebody, at: now(), today };
    let unit = |code: &str, name: &str| RosterUnit::new(code.parse().unwrap(), name);
    let units = [unit("C1", "临江区司法局"), unit("C2", HOSTILE)];
    service.office.collections.save_units(&units, &occasion).await.unwrap();
}

#[tokio::test]
async fn somebody_is_invited_by_a_link_that_is_shown_once() {
    let service = Shared::start().await;
    roster(&service).await;
    let administrator = service.with_password("wang", "王某", Role::Administrator).await;
    let cookie = service.session(&administrator).await;
    let writer = [("_do", "invite"), ("name", HOSTILE), ("role", "writer"), ("days", "7")];

    // What is wrong is said beside what was entered.
    for (units, days, said) in [
        ("", "7", "没有选单位"),
        ("C1\n没有的单位<i>", "7", "没有“没有的单位&lt;i&gt;”这个单位"),
        ("C1", "0", "有效期不对"),
        ("C1", "一周", "有效期不对"),
        ("C1", "9223372036854775807", "有效期不对"),
        ("C1", "91", "有效期不对"),
    ] {
        let fields = [&writer[..3], &[("units", units), ("days", days)]].concat();
        let answer = service.post("/accounts", &cookie, &fields).await;
        let page = answer.text();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{units} {days}: {page}");
        assert!(page.contains(said), "{said}: {page}");
        assert!(page.contains("&lt;b onclick") && !page.contains("<b onclick"), "{page}");
    }
    let answer = service.post("/accounts", &cookie, &[("_do", "invite"), ("role", "king")]).await;
    assert!(answer.text().contains("没有选角色"), "{}", answer.text());

    // A unit by its code or its name.
    let units = format!("C1\r\n {HOSTILE} \r\n\r\n");
    let answer = service.post("/accounts", &cookie, &[&writer[..], &[("units", &units)]].concat()).await;
    let link = link_of(&answer);
    let secret = link.rsplit('/').next().unwrap();
    let page = service.get("/accounts", &cookie).await.text();
    assert!(page.contains("还没有用的链接") && page.contains("临江区司法局"), "{page}");
    assert!(!page.contains(secret), "it is not shown again");
    let entries = service.office.record.entries(&RecordFilter::default(), None, 1000).await.unwrap();
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(secret)), "nor noted");

    let fields = [("login_name", "li"), ("name", HOSTILE), ("password", PASSWORD), ("again", PASSWORD)];
    let answer = service.post(&link, "", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let own = service.get("/account", &cookie_of(&answer)).await.text();
    assert!(own.contains("填报人") && own.contains("C1") && own.contains("C2"), "{own}");
    assert_eq!(service.post(&link, "", &fields).await.status, StatusCode::NOT_FOUND);

    // One that was sent to the wrong person is taken back.
    let fields = [("_do", "invite"), ("name", "赵某"), ("role", "reviewer"), ("days", "1"), ("units", "")];
    let answer = service.post("/accounts", &cookie, &fields).await;
    let link = link_of(&answer);
    let page = service.get("/accounts", &cookie).await.text();
    let id = between(&page, "name=\"link\" value=\"", "\"").to_owned();
    let answer = service.post("/accounts", &cookie, &[("_do", "revoke"), ("link", &id)]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/accounts"));
    assert_eq!(service.get(&link, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_account_is_changed_disabled_and_given_a_new_password() {
    let service = Shared::start().await;
    roster(&service).await;
    let administrator = service.with_password("wang", "王某", Role::Administrator).await;
    let cookie = service.session(&administrator).await;
    let li = service.with_password("li", "李某", Role::Reviewer).await;
    let of_li = service.session(&li).await;
    let place = format!("/accounts/{li}");
    assert_eq!(service.get("/accounts", &of_li).await.status, StatusCode::FORBIDDEN);

    let fields = [("_do", "change"), ("name", HOSTILE), ("role", "observer"), ("units", "C2")];
    let answer = service.post(&place, &cookie, &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, &*place));
    let page = service.get(&place, &cookie).await.text();
    assert!(page.contains("查看人") && !page.contains("<b onclick"), "{page}");
    // What the session may changes with its next request.
    assert_eq!(service.get("/", &of_li).await.status, StatusCode::FORBIDDEN);

    // Of the last administrator nobody takes the role, he himself neither.
    let own = format!("/accounts/{administrator}");
    for fields in [&[("_do", "disable")][..], &[("_do", "change"), ("name", "王某"), ("role", "reviewer")]]
    {
        let answer = service.post(&own, &cookie, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        assert!(answer.text().contains("最后一个管理员"), "{}", answer.text());
    }

    let link = link_of(&service.post(&place, &cookie, &[("_do", "reset"), ("days", "1")]).await);
    let other = link_of(&service.post(&place, &cookie, &[("_do", "reset"), ("days", "1")]).await);
    assert_eq!(service.get(&link, "").await.status, StatusCode::NOT_FOUND, "the new one replaces it");
    let new = "另一把很长的钥匙 2027";
    let answer = service.post(&other, "", &[("password", new), ("again", new)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(service.get("/account", &of_li).await.status, StatusCode::SEE_OTHER, "the sessions ended");
    assert_eq!(service.log_in("li", PASSWORD, "").await.status, StatusCode::UNAUTHORIZED);
    let of_li = cookie_of(&service.log_in("li", new, "").await);

    service.post(&place, &cookie, &[("_do", "disable")]).await;
    assert_eq!(service.get("/account", &of_li).await.status, StatusCode::SEE_OTHER);
    assert_eq!(service.log_in("li", new, "").await.status, StatusCode::UNAUTHORIZED);
    assert!(service.get("/accounts", &cookie).await.text().contains("已停用"));
    service.post(&place, &cookie, &[("_do", "enable")]).await;
    assert_eq!(service.log_in("li", new, "").await.status, StatusCode::SEE_OTHER);
    for nobodys in ["/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/accounts/%00", "/accounts/x'y"] {
        assert_eq!(service.get(nobodys, &cookie).await.status, StatusCode::NOT_FOUND, "{nobodys}");
        let answer = service.post(nobodys, &cookie, &[("_do", "disable")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nobodys}");
    }
}

#[tokio::test]
async fn many_accounts_have_pages_that_are_not_large() {
    let service = Shared::start().await;
    let administrator = service.account("管理员", Role::Administrator, &[]).await;
    let cookie = service.session(&administrator).await;
    for number in 0..60 {
        let name = format!("{HOSTILE}{}", "甲".repeat(number % 10));
        let new = nianbao::accounts::NewAccount {
            login_name: format!("login{number}"),
            name: name.chars().take(50).collect(),
            role: Role::Writer,
            units: (0..200).map(|unit| format!("U{unit:04}")).collect(),
        };
        service.office.accounts.make_account(&somebody(), &new, now()).await.unwrap();
    }
    let first = service.get("/accounts", &cookie).await;
    assert!(first.body.len() < 150_000, "{}", first.body.len());
    let page = first.text();
    assert!(
        page.contains("等 200 个单位") && page.contains("login48") && !page.contains("login49"),
        "{page}"
    );
    let next = format!("/accounts?after={}", between(&page, "/accounts?after=", "\""));
    let page = service.get(&next, &cookie).await.text();
    assert!(page.contains("login49") && page.contains("login59") && !page.contains("login48"), "{page}");
}

#[tokio::test]
async fn a_token_is_shown_once_and_does_what_its_account_may() {
    let service = Shared::start().await;
    let li = service.with_password("li", "李某", Role::Reviewer).await;
    let cookie = service.session(&li).await;
    let answer = service.post("/account", &cookie, &[("_do", "token"), ("name", ""), ("days", "1")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    let fields = [("_do", "token"), ("name", HOSTILE), ("days", "30")];
    let answer = service.post("/account", &cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let token = format!("nianbao_{}", between(&answer.text(), "nianbao_", "<").trim());
    let page = service.get("/account", &cookie).await.text();
    assert!(!page.contains(&token) && page.contains("没有用过") && !page.contains("<b onclick"), "{page}");

    let by_token = async |method: &str, path: &str, body: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/x-www-form-urlencoded");
        ask(&service.router, request.body(Body::from(body.to_owned())).unwrap()).await
    };
    assert_eq!(by_token("GET", "/api/templates", "").await.status, StatusCode::OK);
    assert_eq!(by_token("GET", "/api/record", "").await.status, StatusCode::FORBIDDEN);
    // Whoever found it makes no other, and changes nothing of the account.
    for body in ["_do=token&name=x&days=300", "_do=end_others", "_do=password&before=x&password=y&again=y"] {
        let answer = by_token("POST", "/account", body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    }
    let page = service.get("/account", &cookie).await.text();
    assert!(!page.contains("没有用过"), "{page}");
    let id = between(&page, "name=\"token\" value=\"", "\"").to_owned();
    // Nobody else's.
    let other = service.with_password("zhao", "赵某", Role::Administrator).await;
    let others = service.session(&other).await;
    service.post("/account", &others, &[("_do", "revoke"), ("token", &id)]).await;
    assert_eq!(by_token("GET", "/api/templates", "").await.status, StatusCode::OK);
    service.post("/account", &cookie, &[("_do", "revoke"), ("token", &id)]).await;
    assert_eq!(by_token("GET", "/api/templates", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn one_ends_ones_other_sessions_and_nobody_elses() {
    let service = Shared::start().await;
    let li = service.with_password("li", "李某", Role::Reviewer).await;
    let zhao = service.with_password("zhao", "赵某", Role::Reviewer).await;
    let (here, there) = (service.session(&li).await, service.session(&li).await);
    let (elsewhere, others) = (service.session(&li).await, service.session(&zhao).await);
    let is_in = async |cookie: &str| service.get("/account", cookie).await.status == StatusCode::OK;

    let page = service.get("/account", &there).await.text();
    let ids: Vec<&str> = page.split("name=\"session\" value=\"").skip(1).collect();
    let id = ids.last().unwrap().split('"').next().unwrap();
    service.post("/account", &others, &[("_do", "end"), ("session", id)]).await;
    assert!(is_in(&elsewhere).await, "another's session is not ended");
    service.post("/account", &here, &[("_do", "end"), ("session", id)]).await;
    assert!(!is_in(&elsewhere).await && is_in(&there).await);
    service.post("/account", &here, &[("_do", "end_others")]).await;
    assert!(is_in(&here).await && !is_in(&there).await && is_in(&others).await);

    // A changed password ends all, and begins a new one.
    let (new, there) = ("另一把很长的钥匙 2027", service.session(&li).await);
    let fields = [("_do", "password"), ("before", PASSWORD), ("password", new), ("again", "别的")];
    let answer = service.post("/account", &here, &fields).await;
    assert!(answer.text().contains("两次输入的密码不一样"), "{}", answer.text());
    let fields = [("_do", "password"), ("before", PASSWORD), ("password", new), ("again", new)];
    let answer = service.post("/account", &here, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert!(!is_in(&here).await && !is_in(&there).await && is_in(&cookie_of(&answer)).await);
}

#[tokio::test]
async fn the_record_is_looked_through_and_taken_along_as_text() {
    let service = Shared::start().await;
    let administrator = service.with_password("wang", HOSTILE, Role::Administrator).await;
    let cookie = service.session(&administrator).await;
    let formula = "=HYPERLINK(\"https://evil.example\")";
    for number in 0..250 {
        let doer = nianbao::audit::Doer { name: format!("+李{number}号%_"), ..somebody() };
        let deed = Deed { doer: &doer, act: Act::Reminder, of: "collection/A/unit/B", detail: formula };
        service.office.record.note(&deed, now()).await.unwrap();
    }
    let page = service.get("/record", &cookie).await;
    assert!(page.body.len() < 150_000, "{}", page.body.len());
    let page = page.text();
    assert!(page.contains("李249号") && page.contains("李150号") && !page.contains("李149号"), "{page}");
    let next = format!("/record?{}", between(&page, "href=\"/record?", "\"").replace("&amp;", "&"));
    assert!(service.get(&next, &cookie).await.text().contains("李149号"));

    for (query, has, has_not) in [
        ("name=%E6%9D%8E7%E5%8F%B7", "李7号", "李70号"),
        ("name=%25_", "李249号", "没有符合的记录"),
        ("act=login", "登录", "李7号"),
        ("of=collection/A", "李249号", "邀请"),
        ("of=collection", "李249号", "邀请"),
        ("of=coll", "没有符合的记录", "李249号"),
        ("from=2020-01-01&to=2020-12-31", "没有符合的记录", "李249号"),
        ("from=2020-01-01", "李249号", "没有符合的记录"),
    ] {
        let page = service.get(&format!("/record?{query}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        let page = page.text();
        let table = between(&page, "<section aria-labelledby", "</section>");
        assert!(table.contains(has) && !table.contains(has_not), "{query}: {table}");
        assert!(!page.contains("<b onclick"), "{page}");
    }
    for wrong in ["from=2020-13-01", "act=dance", "before=x", "nothing=1"] {
        assert_eq!(service.get(&format!("/record?{wrong}"), &cookie).await.status, StatusCode::BAD_REQUEST);
        let answer = service.get(&format!("/api/record?{wrong}"), &cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }

    // For programs, page by page.
    let mut next = "/api/record?act=reminded".to_owned();
    let mut numbers = vec![];
    while !next.is_empty() {
        let page = service.get(&next, &cookie).await.json();
        numbers.extend(page["entries"].as_array().unwrap().iter().map(|one| one["number"].as_i64().unwrap()));
        next = page["next"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(numbers.len(), 250);
    assert!(numbers.is_sorted_by(|one, other| one > other), "{numbers:?}");

    let answer = service.get("/record.csv?act=reminded", &cookie).await;
    assert!(answer.header("content-disposition").starts_with("attachment"), "it is no page");
    let text = answer.text();
    let lines: Vec<Vec<String>> = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes())
        .records()
        .map(|line| line.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(lines.len(), 250);
    assert_eq!((&*lines[0][2], &*lines[0][9]), ("'+李249号%_", &*format!("'{formula}")));
    let answer = service.get("/record.xlsx", &cookie).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.starts_with(b"PK"));
    // What is taken along is noted.
    let page = service.get("/record?act=exported", &cookie).await.text();
    assert!(page.contains("CSV") && page.contains("工作簿"), "{page}");
    assert!(service.office.record.verify(None).await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn programs_invite_and_change_accounts() {
    let service = Shared::start().await;
    let administrator = service.with_password("wang", "王某", Role::Administrator).await;
    let li = service.with_password("li", "李某", Role::Reviewer).await;
    let (cookie, of_li) = (service.session(&administrator).await, service.session(&li).await);
    let send = async |method: &str, path: &str, cookie: &str, body: Value| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookie)
            .header("host", "nianbao.example")
            .header("content-type", "application/json");
        ask(&service.router, request.body(Body::from(body.to_string())).unwrap()).await
    };
    let list = service.get("/api/accounts", &cookie).await.json();
    let names: Vec<&str> =
        list["accounts"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((names, &list["next"]), (vec!["王某", "李某"], &Value::Null));

    let wish = json!({ "name": HOSTILE, "role": "writer", "units": ["C1", "C2"] });
    let made = send("POST", "/api/accounts/invitations", &cookie, wish.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let link = made.json()["link"].as_str().unwrap().to_owned();
    let path = link.strip_prefix("http://nianbao.example").unwrap();
    assert_eq!(service.get(path, "").await.status, StatusCode::OK, "{link}");
    assert_eq!(send("POST", "/api/accounts/invitations", &of_li, wish).await.status, StatusCode::FORBIDDEN);
    for (wrong, status) in [
        (json!({ "name": "赵某", "role": "king" }), 422),
        (json!({ "name": "赵某", "role": "writer" }), 422),
        (json!({ "name": "", "role": "reviewer" }), 422),
        (json!({ "name": "赵某", "role": "reviewer", "days": i64::MAX }), 422),
        (json!({ "name": "赵某", "role": "reviewer", "rights": "all" }), 400),
        (json!([]), 400),
    ] {
        let answer = send("POST", "/api/accounts/invitations", &cookie, wrong.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{wrong}: {}", answer.text());
        assert!(answer.json()["message"].is_string());
    }

    let place = format!("/api/accounts/{li}");
    let patch = json!({ "role": "observer", "units": ["C1"], "is_disabled": true });
    let changed = send("PATCH", &place, &cookie, patch).await.json();
    assert_eq!((&changed["name"], &changed["role"]), (&json!("李某"), &json!("observer")));
    assert_eq!((&changed["units"], &changed["is_disabled"]), (&json!(["C1"]), &json!(true)));
    assert_eq!(service.get("/api/templates", &of_li).await.status, StatusCode::UNAUTHORIZED);
    let own = format!("/api/accounts/{administrator}");
    for patch in [json!({ "is_disabled": true }), json!({ "role": "reviewer" })] {
        let answer = send("PATCH", &own, &cookie, patch).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    }
    let nobodys = "/api/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV";
    assert_eq!(send("PATCH", nobodys, &cookie, json!({})).await.status, StatusCode::NOT_FOUND);
}
