//! What happens in a collection, as it happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Deserialize;

use super::collection::own;
use super::paging::PAGE;
use crate::accounts::Visitor;
use crate::collections::CollectionEvent;
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::web::presence::Presence;

/// How often it is looked for what happened.
const LOOK: Duration = Duration::from_secs(1);

/// After so many looks whoever follows must come again.
const LOOKS: usize = 60;

/// From where on a collection is followed.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct EventPart {
    /// 从这一条以后开始；有 Last-Event-ID 的以它为准，都没有的从现在开始
    after: Option<i64>,
}

/// 跟随征集里发生的事
///
/// 以服务器发送事件（Server-Sent Events）发来，一件事一条；每分钟断开一次，断开以后带上 Last-Event-ID 重新连接，不会漏掉。
/// 会话或者令牌一失效、权限一改动就断开：在同一台机器上随即，在别的机器上至多一秒。
#[utoipa::path(
    get, path = "/api/collections/{collection}/events", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("Last-Event-ID" = Option<String>, Header, description = "已经收到的最后一条的编号"), EventPart),
    responses(
        (status = 200, description = "一件事一条", content_type = "text/event-stream", body = String),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn events(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    part: Result<Query<EventPart>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let collections = service.office()?.collections.clone();
    let own = own(&collections, &visitor, &id).await?;
    let newest = collections.collection(&id).await?.events;
    let Query(EventPart { after }) = part.map_err(Refusal::of_query)?;
    let seen = headers.get("last-event-id").and_then(|seen| seen.to_str().ok()?.parse().ok());
    let start = EventStream {
        behind: seen.or(after).unwrap_or(newest),
        looks: LOOKS,
        own,
        waiting: vec![].into_iter(),
    };
    let presence = Presence::of(&service, &visitor, &headers)?;
    let start = (collections, id, presence, start);
    let stream = stream::unfold(start, |(collections, id, mut presence, mut at)| async move {
        loop {
            if let Some(event) = at.waiting.next() {
                at.behind = event.number;
                if !at.is_for(&event) {
                    continue;
                }
                let told = Event::default().id(event.number.to_string()).event("happened");
                let told = told.json_data(&event).unwrap_or_default();
                return Some((Ok(told), (collections, id, presence, at)));
            }
            at.looks = at.looks.checked_sub(1)?;
            if !presence.stays(LOOK).await {
                return None;
            }
            // What cannot be read ends the stream; whoever follows comes again.
            at.waiting = collections.events(&id, at.behind, PAGE).await.ok()?.into_iter();
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// Where somebody is who follows a collection.
struct EventStream {
    behind: i64,
    /// How often it is still looked.
    looks: usize,
    /// The units whose events are told, where not all are.
    own: Option<Vec<String>>,
    waiting: std::vec::IntoIter<CollectionEvent>,
}

impl EventStream {
    fn is_for(&self, event: &CollectionEvent) -> bool {
        match (&self.own, &event.unit) {
            (Some(own), Some(unit)) => own.contains(unit),
            _ => true,
        }
    }
}
