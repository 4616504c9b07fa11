//! How connections come in. They are bounded. One that waits, for a head that is not whole or for
//! the next request, holds its place only until somebody else needs it; where all are at work, a few
//! more still hear of the service's health. A head has its deadline, an answer its least rate.
//!
//! HTTP/1.1 only: no browser speaks HTTP/2 without TLS, and its streams would have to be bounded
//! beside the connections.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONNECTION;
use axum::http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::addresses::PublicAddress;
use super::line::PacedConnection;

/// How many connections there are at once, and how many more are told of the service's health only.
const PLACES: usize = 512;
const RESERVE: usize = 64;

/// File handles that are kept for everything but connections.
const OTHER_HANDLES: u64 = 256;

/// How long a client may take for a head, and be silent between two requests.
const HEAD_DEADLINE: Duration = Duration::from_secs(15);

/// The largest head, and what is held of a connection's bytes, in bytes.
const LARGEST_HEAD: usize = 32 << 10;
const BUFFER: usize = 64 << 10;

/// How long a connection without a request may stay when the service stops.
const LAST_CALL: Duration = Duration::from_secs(1);

/// How long nobody is let in after the system refused.
const BREATH: Duration = Duration::from_millis(100);

/// How a request came in. A request without it came from within the program.
#[derive(Clone)]
pub(super) struct Arrival {
    pub peer: IpAddr,
    /// The address and port by which the service was reached.
    pub at: SocketAddr,
    /// Whether all places are taken, so that only the service's health is told.
    pub is_beyond: bool,
    pub names: Arc<OwnNames>,
}

/// What whoever runs the service has told of the way to it.
#[derive(Default)]
pub struct OwnNames {
    /// By which addresses people come, besides the one that it listens at.
    pub public: Vec<PublicAddress>,
    /// The machines of which it is believed for whom they ask.
    pub proxies: Vec<IpAddr>,
}

impl Arrival {
    /// Where a request comes from: the other end of the connection or, of a proxy of ours, what it says last of whom
    /// it asks for. What stands before that anybody may have written.
    pub(super) fn from(&self, headers: &HeaderMap) -> IpAddr {
        let is_ours = |address: &IpAddr| self.names.proxies.contains(address);
        if !is_ours(&self.peer) {
            return self.peer;
        }
        let said = headers.get_all("x-forwarded-for").iter().filter_map(|said| said.to_str().ok());
        let all: Vec<&str> = said.flat_map(|said| said.split(',')).collect();
        let before = all.iter().rev().map_while(|one| one.trim().parse::<IpAddr>().ok());
        before.map(|one| one.to_canonical()).find(|one| !is_ours(one)).unwrap_or(self.peer)
    }
}

/// Serves until `stop` resolves, then lets running requests finish.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    names: OwnNames,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = places(raise_handles());
    let (hall, reserve) = (Arc::new(Hall::new(places)), Arc::new(Hall::new(RESERVE)));
    let names = Arc::new(names);
    let (closing, _) = watch::channel(false);
    let mut guests = JoinSet::new();
    let mut stop = pin!(stop);
    let mut complained = None;
    loop {
        let (socket, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one(&error) => continue,
                Err(error) => {
                    complain(&error, &mut complained);
                    hall.make_room();
                    sleep(BREATH).await;
                    continue;
                }
            },
            Some(_) = guests.join_next() => continue,
            () = &mut stop => break,
        };
        let seat = Seat::take(&hall).map(|seat| (seat, false));
        // Beyond the reserve nobody is heard.
        let Some((seat, is_beyond)) = seat.or_else(|| Some((Seat::take(&reserve)?, true))) else { continue };
        let Ok(at) = socket.local_addr() else { continue };
        let arrival = Arrival { peer: peer.ip().to_canonical(), at, is_beyond, names: names.clone() };
        guests.spawn(attend(socket, arrival, seat, router.clone(), closing.subscribe()));
    }
    drop(listener);
    closing.send_replace(true);
    while guests.join_next().await.is_some() {}
    Ok(())
}

/// Whether it is the connection that failed, and not the system.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Once a minute at most: what fails here fails many times a second.
fn complain(error: &io::Error, last: &mut Option<Instant>) {
    if last.is_none_or(|last| last.elapsed() > Duration::from_secs(60)) {
        tracing::warn!(%error, "connections cannot be accepted");
        *last = Some(Instant::now());
    }
}

/// Lets the program have as many file handles as the system grants; gives how many.
fn raise_handles() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    if raised { maximum } else { current }.unwrap_or(u64::MAX)
}

/// How many connections fit so many file handles.
fn places(handles: u64) -> usize {
    let left = handles.saturating_sub(OTHER_HANDLES + RESERVE as u64);
    usize::try_from(left).unwrap_or(PLACES).clamp(16, PLACES)
}

/// Places for connections, and which of them only wait.
struct Hall {
    places: usize,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    count: usize,
    next: u64,
    /// Those without a request, by how long they have been; each can be asked to leave.
    waiting: BTreeMap<u64, Arc<Notify>>,
}

impl Hall {
    fn new(places: usize) -> Self {
        Self { places, guests: Mutex::default() }
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the one to leave that has waited longest.
    fn make_room(&self) -> bool {
        let longest = self.guests().waiting.pop_first();
        longest.is_some_and(|(_, leave)| {
            leave.notify_one();
            true
        })
    }
}

/// The place of one connection.
struct Seat {
    hall: Arc<Hall>,
    leave: Arc<Notify>,
    /// Its number among those that wait, if it does.
    waits: Mutex<Option<u64>>,
}

impl Seat {
    /// A place, if need be that of somebody who only waits.
    fn take(hall: &Arc<Hall>) -> Option<Arc<Self>> {
        let count = hall.guests().count;
        // Those who were asked to leave are gone in a moment; until then they count.
        if hall.places <= count && (2 * hall.places <= count || !hall.make_room()) {
            return None;
        }
        hall.guests().count += 1;
        let seat = Self { hall: hall.clone(), leave: Arc::default(), waits: Mutex::default() };
        seat.rest();
        Some(Arc::new(seat))
    }

    fn waits(&self) -> MutexGuard<'_, Option<u64>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has no request, or none any more.
    fn rest(&self) {
        let mut waits = self.waits();
        let mut guests = self.hall.guests();
        if let Some(number) = *waits {
            guests.waiting.remove(&number);
        }
        guests.next += 1;
        let number = guests.next;
        guests.waiting.insert(number, self.leave.clone());
        *waits = Some(number);
    }

    /// It has a request.
    fn work(&self) {
        if let Some(number) = self.waits().take() {
            self.hall.guests().waiting.remove(&number);
        }
    }

    fn is_at_rest(&self) -> bool {
        self.waits().is_some()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.work();
        self.hall.guests().count -= 1;
    }
}

/// Serves one connection to its end.
async fn attend(
    socket: TcpStream,
    arrival: Arrival,
    seat: Arc<Seat>,
    router: Router,
    mut closing: watch::Receiver<bool>,
) {
    let line = PacedConnection::new(socket);
    let is_stuck = line.is_stuck();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_header_size(LARGEST_HEAD)
        .max_buf_size(BUFFER)
        .keep_alive(!arrival.is_beyond);
    let has_asked = Arc::new(AtomicBool::new(false));
    let service = {
        let (seat, router) = (seat.clone(), TowerToHyperService::new(router));
        let (has_asked, closing) = (has_asked.clone(), closing.clone());
        service_fn(move |mut request: Request<Incoming>| {
            seat.work();
            has_asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(arrival.clone());
            let (seat, answer) = (seat.clone(), router.call(request));
            let closing = closing.clone();
            async move {
                let mut response = answer.await?;
                if *closing.borrow() {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response.map(|body| LeavingBody { body, seat }))
            }
        })
    };
    let mut connection = pin!(http.serve_connection(TokioIo::new(line), service));
    let is_idle = || seat.is_at_rest() && !is_stuck.load(Ordering::Relaxed);
    let mut last_call = None;
    loop {
        tokio::select! {
            // A client that breaks off, or is broken off, is nothing to tell of.
            _ = connection.as_mut() => return,
            () = seat.leave.notified() => {
                if is_idle() {
                    return;
                }
                // It has begun with a request meanwhile, or an answer is on its way to it.
                if seat.is_at_rest() {
                    seat.rest();
                }
            }
            () = closed(&mut closing), if last_call.is_none() => {
                // Who was let in a moment ago, and whose request is on its way, is still heard; its answer is the last.
                if has_asked.load(Ordering::Relaxed) {
                    connection.as_mut().graceful_shutdown();
                }
                last_call = Some(Instant::now() + LAST_CALL);
            }
            // Half a head holds nobody up who wants to go home.
            () = until(last_call) => {
                if is_idle() {
                    return;
                }
                last_call = Some(Instant::now() + LAST_CALL);
            }
        }
    }
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}

/// The body of an answer on its way; when it is over, its connection only waits.
struct LeavingBody {
    body: Body,
    seat: Arc<Seat>,
}

impl http_body::Body for LeavingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for LeavingBody {
    fn drop(&mut self) {
        self.seat.rest();
    }
}
