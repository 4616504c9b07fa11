//! The checks of a collection: what a bureau changes about them for its units. Its titles and outlines, what it
//! expects, what is not checked, in the words of `--config`; kept as they are when the collection opens.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entries::{FormEntries, cut_to};
use super::interface::faults::bad_json;
use super::{Errand, PLACE, board, told};
use crate::accounts::Visitor;
use crate::collections::{Collection, CollectionPlan, CollectionRefusal, CollectionState};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, understood};
use crate::web::form::cut;
use crate::web::frame::{RefusalPage, page};
use crate::workers::Question;

/// The longest settings, in bytes: a thousand titles are a tenth of it.
const LONGEST: usize = 512 << 10;

/// How much of them a page shows, in bytes; and how many faults, each of how many characters.
const SHOWN: usize = 100_000;
const FAULTS: usize = 50;
const LONGEST_FAULT: usize = 200;

/// What stands beside an empty field, to begin with.
const SAMPLE: &str = r#"# 也算正确的文件名称
titles = ["临江区行政执法监督办法"]
# 报告应当有的指标
expected = ["reconsideration.accepted"]

[severity]
# 改为 error、warning、note，或者 off 不查；写明为什么
rate-without-base = "off"   # 本市不要求写基数

[[outlines]]
title = "法治政府建设实施纲要"
first = 2026
last = 2030
source = "印发机关和时间"
"#;

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let collection = service.office()?.collections.collection(&id).await.map_err(Refusal::from)?;
    shown(&collection, None, None)
}

fn shown(
    collection: &Collection,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    // Of settings that are at fault each fault is a line.
    let (status, notice) = match refused {
        Some(CollectionRefusal::Unfit(mut faults)) => {
            let found = faults.len();
            faults.truncate(FAULTS);
            faults.iter_mut().for_each(|fault| *fault = cut(fault, LONGEST_FAULT));
            let hint = match found.saturating_sub(FAULTS) {
                0 => "没有保存，请改好后再试".to_owned(),
                more => format!("还有 {more} 处没有列出。没有保存，请改好后再试"),
            };
            let notice = json!({ "messages": faults, "hint": hint });
            (StatusCode::UNPROCESSABLE_ENTITY, Some(notice))
        }
        refused => told(refused)?,
    };
    let kept = collection.plan.checks();
    let written = entered.map_or(kept.as_str(), |form| form.one("settings"));
    // What a page does not bear is not there to be changed: its rest would be lost.
    let settings = cut_to(written, SHOWN);
    let content = json!({
        "collection": board::view(collection),
        "place": format!("{PLACE}/{}", collection.id),
        "notice": notice,
        "is_cut": settings.len() < written.len(),
        "characters": written.chars().count(),
        "settings": settings,
        "revision": entered.map_or(collection.revision.to_string(), |form| form.one("revision").to_owned()),
        "is_open": collection.state != CollectionState::Planned,
        "sample": SAMPLE,
    });
    Ok(page(status, "checks.html", PLACE, content))
}

/// Keeps what was entered, where nothing is wrong with it.
pub(super) async fn save(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let errand = Errand::of(&visitor, access.from)?;
    let revision = form.one("revision").parse().map_err(|_| Refusal::bad_form())?;
    let settings = form.one("settings");
    match kept(&service, &errand, &id, revision, settings).await? {
        Ok(()) => Ok(Redirect::to(&format!("{PLACE}/{id}/checks")).into_response()),
        Err(refused) => {
            let collection = service.office()?.collections.collection(&id).await.map_err(Refusal::from)?;
            shown(&collection, Some(&form), Some(refused))
        }
    }
}

async fn kept(
    service: &Service,
    errand: &Errand,
    id: &str,
    revision: i64,
    settings: &str,
) -> Result<Result<(), CollectionRefusal>, Refusal> {
    if settings.len() > LONGEST {
        let fault = format!("检查设置最多 {} KiB", LONGEST >> 10);
        return Ok(Err(CollectionRefusal::Unfit(vec![fault])));
    }
    let answer = service.ask(Question::Settings, settings.to_owned().into(), None).await?;
    let read: Result<(), String> = understood(&answer)?;
    if let Err(faults) = read {
        return Ok(Err(CollectionRefusal::Unfit(faults.lines().map(str::to_owned).collect())));
    }
    let collections = &service.office()?.collections;
    let collection = collections.collection(id).await?;
    let settings = match settings.trim() {
        "" => json!({}),
        _ => Value::String(settings.to_owned()),
    };
    let plan = CollectionPlan { settings: settings.to_string(), ..collection.plan };
    Ok(collections.change(id, revision, &plan, &errand.occasion()).await)
}

/// The settings that a collection is to have.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "征集的检查设置")]
pub(in crate::web) struct WishedChecks {
    #[schemars(description = "检查设置（TOML），与 --config 的文件一样；空的按程序的")]
    settings: String,
    #[schemars(description = "由征集的哪一次修改写起")]
    revision: i64,
}

/// The settings that a collection has.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "征集的检查设置")]
pub(in crate::web) struct CollectionChecks {
    #[schemars(description = "检查设置（TOML）；空的按程序的")]
    settings: String,
    #[schemars(description = "征集改过多少次，修改时照这个数写")]
    revision: i64,
}

/// 征集的检查设置
///
/// 各单位的草稿和报送按它检查；settings 是 TOML，空的按程序的。
#[utoipa::path(
    get, path = "/api/collections/{collection}/checks", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "检查设置，和征集改过多少次", body = ref("#/components/schemas/CollectionChecks")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn read(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Json<CollectionChecks>, Refusal> {
    let Collection { plan, revision, .. } = service.office()?.collections.collection(&id).await?;
    Ok(Json(CollectionChecks { settings: plan.checks(), revision }))
}

/// 修改征集的检查设置
///
/// 开始征集以前可以改；有错的不保存，回答各处错误的行。
#[utoipa::path(
    put, path = "/api/collections/{collection}/checks", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content((ref("#/components/schemas/WishedChecks") = "application/json"))),
    responses(
        (status = 204, description = "已保存"),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "已经开始，不能再改；或者别人刚刚改过", body = ref("#/components/schemas/Said")),
        (status = 422, description = "设置有错", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn write(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    sent: Result<Json<WishedChecks>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(sent) = sent.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    kept(&service, &errand, &id, sent.revision, &sent.settings).await??;
    Ok(StatusCode::NO_CONTENT)
}
