//! The way to the collector: by the service's own runtime, within bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

/// How long the collector may take for what it is told at a time, and for the connection.
const TAKING: Duration = Duration::from_secs(5);
const CONNECTING: Duration = Duration::from_secs(2);

/// Sends to a collector. Of its answer only the status is read.
#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    /// Whoever exports does so in a thread of its own, where no network is.
    runtime: Handle,
    /// Whether it did not take what it was told the last time.
    is_away: Arc<AtomicBool>,
}

impl Collector {
    pub(super) fn new(runtime: Handle) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TAKING)
            .connect_timeout(CONNECTING)
            .user_agent(concat!("nianbao/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, runtime, is_away: Arc::default() })
    }
}

impl HttpClient for Collector {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> BoxFuture<'future, Result<Response<Bytes>, HttpError>>
    where
        'life: 'future,
        Self: 'future,
    {
        let (client, is_away) = (self.client.clone(), self.is_away.clone());
        let sending = self.runtime.spawn(async move {
            let sent = client.execute(request.try_into()?).await;
            let taken = sent.and_then(|response| response.error_for_status_ref().map(|_| response.status()));
            note(&is_away, taken.as_ref().err());
            // The address may hold a password.
            let status = taken.or_else(|error| error.status().ok_or_else(|| error.without_url()))?;
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = status;
            Ok(answer)
        });
        Box::pin(async move { sending.await? })
    }
}

/// Says in the log that the collector is away, and that it is back.
fn note(is_away: &AtomicBool, fault: Option<&reqwest::Error>) {
    let was_away = is_away.swap(fault.is_some(), Ordering::Relaxed);
    match fault {
        Some(fault) if !was_away => {
            let status = fault.status().map(|status| status.as_u16());
            tracing::warn!(
                status,
                is_late = fault.is_timeout(),
                "traces are not taken, and lost until they are"
            );
        }
        None if was_away => tracing::info!("traces are taken again"),
        _ => {}
    }
}
