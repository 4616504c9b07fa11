//! Whether somebody who follows something is still who he was: a stream of events ends with the session or the token
//! that it was asked for with, and when the rights of its owner change.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use tokio::sync::watch;

use super::{Service, admission};
use crate::accounts::Visitor;

/// Who follows something.
pub(super) struct Presence {
    service: Arc<Service>,
    visitor: Visitor,
    /// What he came with.
    headers: HeaderMap,
    changes: watch::Receiver<()>,
}

impl Presence {
    pub(super) fn of(service: &Arc<Service>, visitor: &Visitor, headers: &HeaderMap) -> Self {
        let mut kept = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in headers.get_all(&name) {
                kept.append(&name, value.clone());
            }
        }
        let (visitor, changes) = (visitor.clone(), service.rights_changes.subscribe());
        Self { service: service.clone(), visitor, headers: kept, changes }
    }

    /// Waits so long, or until rights were changed at this machine; then whether he is still who he was.
    pub(super) async fn stays(&mut self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.changes.changed() => {}
        }
        let now = admission::present(&self.service, &self.headers).await;
        now.is_ok_and(|now| now.as_ref() == Some(&self.visitor))
    }
}
