//! Whether somebody who follows something is still who he was: a stream of events ends with the session or the token
//! that it was asked for with, and when the rights of its owner change.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::watch;

use super::answer::Refusal;
use super::{Service, admission};
use crate::accounts::Visitor;

/// How many follow something at once: half of the places for connections, so that pages are answered beside them. A
/// page that is turned away is what it was without scripts.
const MOST: usize = 256;

/// How many of them come with one session or token: a browser has six connections.
const MOST_OF_ONE: usize = 12;

/// Who follows something now: by what he came with, how often.
#[derive(Default)]
pub(super) struct Followers(Mutex<HashMap<u64, usize>>);

impl Followers {
    fn held(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, one: u64) -> Result<(), Refusal> {
        let mut held = self.held();
        if held.values().sum::<usize>() >= MOST {
            return Err(Refusal::too_many_follow(StatusCode::SERVICE_UNAVAILABLE));
        }
        let own = held.entry(one).or_default();
        if *own >= MOST_OF_ONE {
            return Err(Refusal::too_many_follow(StatusCode::TOO_MANY_REQUESTS));
        }
        *own += 1;
        Ok(())
    }

    fn leave(&self, one: u64) {
        let mut held = self.held();
        if let Some(own) = held.get_mut(&one) {
            *own -= 1;
            if *own == 0 {
                held.remove(&one);
            }
        }
    }
}

/// What is refused here.
impl Refusal {
    fn too_many_follow(status: StatusCode) -> Self {
        Self::other(status, "同时打开的实时更新太多", "请关掉一些页面，或过一会儿再试；页面不实时更新也能用")
    }
}

/// Who follows something. Dropped, he follows no more.
pub(super) struct Presence {
    service: Arc<Service>,
    visitor: Visitor,
    /// What he came with, and what he is counted by.
    headers: HeaderMap,
    counted_by: u64,
    changes: watch::Receiver<()>,
}

impl Presence {
    /// Refused where too many follow already.
    pub(super) fn of(
        service: &Arc<Service>,
        visitor: &Visitor,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let mut kept = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in headers.get_all(&name) {
                kept.append(&name, value.clone());
            }
        }
        let mut hasher = DefaultHasher::new();
        kept.values().for_each(|value| value.hash(&mut hasher));
        let counted_by = hasher.finish();
        service.followers.take(counted_by)?;
        let (visitor, changes) = (visitor.clone(), service.rights_changes.subscribe());
        Ok(Self { service: service.clone(), visitor, headers: kept, counted_by, changes })
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

impl Drop for Presence {
    fn drop(&mut self) {
        self.service.followers.leave(self.counted_by);
    }
}
