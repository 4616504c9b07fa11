//! Calls to other programs: signed, short, and to nobody inside. Who may name an address must not reach by it
//! what only this machine can reach: so the addresses that are connected to are looked at, not the names that
//! somebody may answer otherwise the next time, and nobody is sent on elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use sha2::Sha256;
use tokio::net::lookup_host;
use url::{Host, Url};

use crate::outbox::OutboxMessage;

/// How long a call may take, and the connecting.
const CALLING: Duration = Duration::from_secs(10);
const CONNECTING: Duration = Duration::from_secs(5);

/// How long an address may be.
const LONGEST_ADDRESS: usize = 500;

/// The ends of names that stand for this machine or somebody's own network, whoever is asked for them: RFC 6761 and
/// 6762, RFC 8375, what ICANN left to private use, and what systems call themselves.
const PRIVATE_NAMES: [&str; 5] = ["localhost", "localdomain", "local", "internal", "home.arpa"];

/// What is wrong with the address of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    #[error("网址不对，请写完整的网址，如 https://oa.example.gov.cn/nianbao")]
    Form,
    #[error("网址里不能写用户名和密码，请去掉；对方凭签名核对来者")]
    Login,
    #[error("网址指向本机或内网，不能通知；确实需要的，请运维人员用 --private-webhooks 启动服务")]
    Private,
}

/// Why a program did not hear.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallFault {
    #[error(transparent)]
    Address(#[from] AddressFault),
    #[error("对方回答 {0}")]
    Status(u16),
    #[error("对方 {} 秒内没有应答", CALLING.as_secs())]
    Silence,
    #[error("连不上对方：{0}")]
    Connection(String),
}

/// Calls programs.
pub(super) struct Caller {
    client: reqwest::Client,
    pub calls_private: bool,
}

impl Caller {
    pub(super) fn new(calls_private: bool) -> Self {
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(PublicResolver { calls_private }))
            .redirect(Policy::none())
            // What the environment says of proxies is not for these: they would look the names up themselves.
            .no_proxy()
            .timeout(CALLING)
            .connect_timeout(CONNECTING)
            .user_agent(concat!("nianbao/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("settings that do not contradict each other");
        Self { client, calls_private }
    }

    /// Tells a program a message. Of the answer only its status is read.
    pub(super) async fn call(
        &self,
        address: &str,
        secret: &str,
        message: &OutboxMessage,
        now: i64,
    ) -> Result<(), CallFault> {
        let address = webhook_address(address, self.calls_private)?;
        let body = message.message.body.clone();
        let request = self
            .client
            .post(address)
            .header("content-type", "application/json")
            .header("nianbao-event", &message.message.subject)
            .header("nianbao-timestamp", now.to_string())
            .header("nianbao-signature", format!("sha256={}", signature(secret, now, &body)))
            .body(body);
        let answer = request.send().await.map_err(fault_of)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(CallFault::Status(status.as_u16())),
        }
    }
}

/// What a program reckons, too, to know who calls: HMAC-SHA256 of the time, a point and the body, in hexadecimal
/// digits.
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The address of a program, if it may be called. What its name stands for is looked at when it is called.
pub fn webhook_address(written: &str, calls_private: bool) -> Result<Url, AddressFault> {
    let written = written.trim();
    let url = Url::parse(written).map_err(|_| AddressFault::Form)?;
    if written.len() > LONGEST_ADDRESS || !matches!(url.scheme(), "http" | "https") {
        return Err(AddressFault::Form);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressFault::Login);
    }
    let is_private = match url.host().ok_or(AddressFault::Form)? {
        Host::Domain(name) => is_private_name(name),
        Host::Ipv4(number) => !is_public(IpAddr::V4(number)),
        Host::Ipv6(number) => !is_public(IpAddr::V6(number)),
    };
    if is_private && !calls_private { Err(AddressFault::Private) } else { Ok(url) }
}

/// Whether a name, as it stands in an address, ends in one of those that are nobody's in the world.
fn is_private_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    PRIVATE_NAMES
        .iter()
        .any(|end| name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// Whether an address is one of the whole world, and of nobody's own network, machine or provider.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // This network, providers' own (also metadata at 100.100.100.200), benchmarks, protocols, relays, reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && matches!(b, 18 | 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || a >= 240)
}

/// Of the newer addresses those that are given out to the world, but for those that stand for older ones.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_given_out = a & 0xe000 == 0x2000;
    let is_special = a == 0x2001 && b < 0x200;
    let is_documentation = (a == 0x2001 && b == 0xdb8) || (a == 0x3fff && b < 0x1000);
    let is_relayed = a == 0x2002;
    is_given_out && !is_special && !is_documentation && !is_relayed
}

/// Finds the addresses of a name, and of these only those that may be called.
struct PublicResolver {
    calls_private: bool,
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let calls_private = self.calls_private;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<_> = found.filter(|address| calls_private || is_public(address.ip())).collect();
            if fit.is_empty() {
                return Err(AddressFault::Private.into());
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

/// A fault in words, without the address, which may hold what is nobody's business.
fn fault_of(error: reqwest::Error) -> CallFault {
    if error.is_timeout() {
        return CallFault::Silence;
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    loop {
        if let Some(fault) = cause.downcast_ref::<AddressFault>() {
            return CallFault::Address(*fault);
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => return CallFault::Connection(cause.to_string()),
        }
    }
}
