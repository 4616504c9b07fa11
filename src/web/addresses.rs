//! By which names the service is known. Whoever comes with another was led here by somebody who
//! gave that name this address.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::uri::Authority;
use url::{Host, Url};

/// An address at which people find the service, where it is not the one it listens at:
/// `https://报告.example.gov.cn`.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicAddress(Url);

impl PublicAddress {
    /// Whether it is an https address with this host.
    pub(super) fn is_https_of(&self, host: &str) -> bool {
        self.0.scheme() == "https"
            && read(host).is_some_and(|(name, port)| {
                self.0.host().is_some_and(|own| own.to_owned() == name)
                    && port.is_none_or(|port| self.0.port_or_known_default() == Some(port))
            })
    }

    /// The address, without a slash at its end.
    pub fn origin(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }
}

/// Why an address is no public one.
#[derive(Debug, thiserror::Error)]
#[error("对外地址要写成 https://主机名 或 http://主机名:端口，后面不带路径")]
pub struct NoAddress;

impl FromStr for PublicAddress {
    type Err = NoAddress;

    fn from_str(written: &str) -> Result<Self, NoAddress> {
        let url = Url::parse(written.trim()).map_err(|_| NoAddress)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_nobodys = url.username().is_empty() && url.password().is_none();
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        if is_bare && is_nobodys && is_web { Ok(Self(url)) } else { Err(NoAddress) }
    }
}

/// Whether a request that names this host and port is meant for this service: the address `at` which it
/// was reached, this machine by its own names, and what it is known as outside. Who names no port is
/// taken to mean the right one, for proxies leave it out.
pub(super) fn is_ours(host: &str, at: SocketAddr, public: &[PublicAddress]) -> bool {
    let Some((name, port)) = read(host) else { return false };
    let is_own = match &name {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => is_here(IpAddr::V4(*address), at),
        Host::Ipv6(address) => is_here(IpAddr::V6(*address), at),
    };
    let fits = |own: u16| port.is_none_or(|port| port == own);
    let is_public = |PublicAddress(public): &PublicAddress| {
        public.host().is_some_and(|host| host.to_owned() == name)
            && fits(public.port_or_known_default().unwrap_or_default())
    };
    is_own && fits(at.port()) || public.iter().any(is_public)
}

/// Only the two that everyone knows; a name of its own may lead to any other address of the loopback.
fn is_here(address: IpAddr, at: SocketAddr) -> bool {
    let address = address.to_canonical();
    ["127.0.0.1", "::1"].iter().any(|own| own.parse() == Ok(address)) || at.ip().to_canonical() == address
}

/// A host as a request names it, and its port.
fn read(host: &str) -> Option<(Host, Option<u16>)> {
    let authority: Authority = host.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let written = authority.host();
    // `2130706433` and `0x7f.1` are addresses to a parser of web addresses, and to nobody else.
    let name = Host::parse(written).ok().filter(|name| match name {
        Host::Ipv4(address) => address.to_string() == written,
        _ => true,
    })?;
    match authority.port() {
        None if written.len() < authority.as_str().len() => None,
        port => Some((name, port.map(|port| port.as_u16()))),
    }
}

/// Whether a page at this address (an `Origin`, a `Referer`) is one of this service's: it has the host
/// that the request names, or it is at one of the public addresses.
pub(super) fn is_own_page(page: &str, host: Option<&str>, public: &[PublicAddress]) -> bool {
    let Ok(page) = Url::parse(page) else { return false };
    let same_host = || {
        let (name, port) = read(host?)?;
        let port = port.or_else(|| default_port(&page));
        Some(page.host()?.to_owned() == name && page.port_or_known_default() == port)
    };
    matches!(page.scheme(), "http" | "https")
        && (same_host() == Some(true)
            || public.iter().any(|PublicAddress(public)| public.origin() == page.origin()))
}

fn default_port(page: &Url) -> Option<u16> {
    match page.scheme() {
        "https" => Some(443),
        _ => Some(80),
    }
}
