//! Calls to the provider: no longer than so, no larger than so, and nowhere else than where they were sent.

use std::time::Duration;

use axum::http::Response;
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::sync::Semaphore;
use url::{Host, Url};

/// How long a call may take in all.
const DEADLINE: Duration = Duration::from_secs(5);

/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 << 10;

/// How many calls there are at once.
const AT_ONCE: usize = 64;

/// Why a call had no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallFailure {
    #[error("{0} is neither https nor on this machine")]
    Unsafe(Url),
    #[error("the answer is larger than {LARGEST} bytes")]
    Large,
    #[error("{AT_ONCE} calls are being made already")]
    Busy,
    #[error(transparent)]
    Address(#[from] url::ParseError),
    #[error(transparent)]
    Call(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] axum::http::Error),
}

/// Who makes the calls to a provider.
pub(super) struct ProviderCaller {
    client: Client,
    issuer: Url,
    /// One for each call.
    permits: Semaphore,
}

impl ProviderCaller {
    pub(super) fn new(issuer: Url) -> Result<Self, reqwest::Error> {
        // Calls are rare: a connection that was kept would be closed by the other side just then.
        let builder = Client::builder().redirect(Policy::none()).timeout(DEADLINE).pool_max_idle_per_host(0);
        // What is on this machine is asked without a proxy.
        let client = if is_here(&issuer) { builder.no_proxy() } else { builder }.build()?;
        Ok(Self { client, issuer, permits: Semaphore::new(AT_ONCE) })
    }

    /// Whether people and secrets may be sent to an address.
    pub(super) fn is_safe(&self, address: &Url) -> bool {
        is_safe(address, &self.issuer)
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, CallFailure> {
        let (parts, body) = request.into_parts();
        let address = Url::parse(&parts.uri.to_string())?;
        if !self.is_safe(&address) {
            return Err(CallFailure::Unsafe(address));
        }
        let _permit = self.permits.try_acquire().map_err(|_| CallFailure::Busy)?;
        let request = self.client.request(parts.method, address).headers(parts.headers).body(body);
        let mut answer = request.send().await?;
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if LARGEST < bytes.len() + part.len() {
                return Err(CallFailure::Large);
            }
            bytes.extend_from_slice(&part);
        }
        let mut response = Response::builder().status(answer.status()).body(bytes)?;
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderCaller {
    type Error = CallFailure;
    type Future = BoxFuture<'c, Result<HttpResponse, CallFailure>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.answer(request))
    }
}

/// By https, or without it where both are on this machine.
pub(super) fn is_safe(address: &Url, issuer: &Url) -> bool {
    match address.scheme() {
        "https" => true,
        "http" => is_here(address) && issuer.scheme() == "http" && is_here(issuer),
        _ => false,
    }
}

fn is_here(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
