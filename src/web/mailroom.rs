//! What the service does of itself with what goes out: it looks for what is due, sends mails, and calls other
//! programs, each beside the others.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::now;
use super::times::{day_of, hour_of};
use crate::jobs::Jobs;
use crate::post::{Dispatch, DispatchFailure};

/// How often it is looked for what has happened, and for what is to be sent; and for who is to be reminded.
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(10 * 60);

/// Between which hours of the day people are reminded.
const WAKING: std::ops::Range<u8> = 8..20;

/// How many batches are looked at, the newest.
const BATCHES: usize = 50;

/// Goes on until it is ended.
pub(super) async fn attend(dispatch: Arc<Dispatch>, jobs: Option<Arc<Jobs>>) {
    tokio::join!(gather(&dispatch, jobs.as_deref()), remind(&dispatch), send(&dispatch), call(&dispatch));
}

async fn gather(dispatch: &Dispatch, jobs: Option<&Jobs>) {
    loop {
        told(dispatch.gather().await);
        if let Some(jobs) = jobs {
            match jobs.list(None, BATCHES).await {
                Ok(batches) => told(dispatch.tell_batches(&batches).await).unwrap_or_default(),
                Err(error) => tracing::warn!(%error, "batches that have ended could not be looked for"),
            }
        }
        sleep(OFTEN).await;
    }
}

async fn remind(dispatch: &Dispatch) {
    loop {
        let at = now();
        if let Some(today) = day_of(at).filter(|_| WAKING.contains(&hour_of(at))) {
            told(dispatch.remind(today).await);
        }
        sleep(SELDOM).await;
    }
}

async fn send(dispatch: &Dispatch) {
    loop {
        let has_more = told(dispatch.send_mails().await).unwrap_or_default();
        if !has_more {
            sleep(OFTEN).await;
        }
    }
}

async fn call(dispatch: &Dispatch) {
    loop {
        told(dispatch.call().await);
        sleep(OFTEN).await;
    }
}

fn told<T>(done: Result<T, DispatchFailure>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "what is to go out could not be attended to")).ok()
}
