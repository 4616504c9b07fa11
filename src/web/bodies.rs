//! How bodies come in. One that is held in memory is read before anybody looks at it, into pages that
//! the system gets back when the request is over; all of them together have their bound. One that goes
//! to the disk has a bound on how many at a time. A client that stalls is ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, TryStreamExt};
use memmap2::MmapMut;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::answer::Refusal;
use super::pace::PaceLimit;
use axum::http::StatusCode;

/// The least that a client sends of a body, in bytes a second; how long it may fall short of that at
/// first, and how long it may rest.
const LEAST_RATE: u32 = 16 << 10;
const GRACE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What every body may hold, and what is counted of larger ones, in bytes.
const BLOCK: usize = 64 << 10;

/// What all larger bodies may hold together, in bytes.
const ROOM: usize = 256 << 20;

/// How many uploads go to the disk at a time.
const UPLOADS: usize = 16;

/// The room for bodies.
pub(super) struct Room {
    memory: Arc<Semaphore>,
    uploads: Semaphore,
}

impl Room {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { memory: Arc::new(Semaphore::new(ROOM / BLOCK)), uploads: Semaphore::new(UPLOADS) })
    }
}

/// Where bodies are held in memory, and how large one may be, in bytes.
#[derive(Clone)]
pub(super) struct InMemory {
    pub room: Arc<Room>,
    pub most: usize,
}

/// Reads the body of what is posted or put, and hands it on whole. Of one that is too large one byte too many is
/// handed on, so that whoever reads it says so in its own words.
pub(super) async fn hold(State(place): State<InMemory>, request: Request, next: Next) -> Response {
    if ![Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match whole(body, &parts.headers, &place).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A body, whole; of one that is too large one byte too many.
pub(super) async fn whole(body: Body, headers: &HeaderMap, place: &InMemory) -> Result<Bytes, Refusal> {
    let most = place.most + 1;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut held = GrowingBody::Little(Vec::new());
    let mut body = PacedBody::new(body);
    while let Some(part) = body.next().await? {
        let part = &part[..part.len().min(most - held.len())];
        held = held.and(part, most.min(announced.unwrap_or(most)), &place.room)?;
        if held.len() == most {
            break;
        }
    }
    Ok(held.into())
}

/// A body as it grows.
enum GrowingBody {
    Little(Vec<u8>),
    Much(BodyPart),
}

/// Memory of its own for one body: pages come with the bytes, nothing is moved as it grows, and all of
/// it goes back to the system with the last who reads it, and its share of the room with it.
struct BodyPart {
    pages: MmapMut,
    length: usize,
    share: OwnedSemaphorePermit,
}

impl GrowingBody {
    fn len(&self) -> usize {
        match self {
            Self::Little(bytes) => bytes.len(),
            Self::Much(sheet) => sheet.length,
        }
    }

    /// The same with more bytes, of a body that is not longer than `most`.
    fn and(self, part: &[u8], most: usize, room: &Room) -> Result<Self, Refusal> {
        match self {
            Self::Little(mut bytes) if bytes.len() + part.len() <= BLOCK => {
                bytes.extend_from_slice(part);
                Ok(Self::Little(bytes))
            }
            Self::Little(bytes) => {
                let share = room.memory.clone().try_acquire_owned().map_err(|_| Refusal::no_room())?;
                let pages = MmapMut::map_anon(most.max(bytes.len() + part.len()));
                let pages = pages.map_err(|error| {
                    tracing::error!(%error, "there is no memory for a body");
                    Refusal::no_room()
                })?;
                let mut sheet = BodyPart { pages, length: 0, share };
                sheet.write(&bytes, room)?;
                sheet.write(part, room)?;
                Ok(Self::Much(sheet))
            }
            Self::Much(mut sheet) => {
                sheet.write(part, room)?;
                Ok(Self::Much(sheet))
            }
        }
    }
}

impl BodyPart {
    fn write(&mut self, part: &[u8], room: &Room) -> Result<(), Refusal> {
        let end = self.length + part.len();
        let missing = end.div_ceil(BLOCK).saturating_sub(self.share.num_permits());
        if 0 < missing {
            let more = room.memory.clone().try_acquire_many_owned(u32::try_from(missing).unwrap_or(u32::MAX));
            self.share.merge(more.map_err(|_| Refusal::no_room())?);
        }
        // A body that is longer than it said is none.
        let into = self.pages.get_mut(self.length..end).ok_or_else(Refusal::interrupted)?;
        into.copy_from_slice(part);
        self.length = end;
        Ok(())
    }
}

impl AsRef<[u8]> for BodyPart {
    fn as_ref(&self) -> &[u8] {
        &self.pages[..self.length]
    }
}

impl From<GrowingBody> for Bytes {
    fn from(held: GrowingBody) -> Self {
        match held {
            GrowingBody::Little(bytes) => bytes.into(),
            GrowingBody::Much(sheet) => Bytes::from_owner(sheet),
        }
    }
}

/// Lets the body of what is posted go to the disk as it comes.
pub(super) async fn pass(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    if ![Method::POST, Method::PUT].contains(request.method()) {
        return next.run(request).await;
    }
    let Ok(_place) = room.uploads.try_acquire() else {
        return Refusal::too_many_uploads().into_response();
    };
    let stalled = Arc::new(AtomicBool::new(false));
    let paced = request.map(|body| Body::from_stream(paced(body, stalled.clone())));
    let response = next.run(paced).await;
    // Whoever read it knows only that it broke off.
    if stalled.load(Ordering::Relaxed) { Refusal::too_slow().into_response() } else { response }
}

fn paced(body: Body, stalled: Arc<AtomicBool>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    stream::try_unfold(PacedBody::new(body), move |mut body| {
        let stalled = stalled.clone();
        async move {
            match body.next().await {
                Ok(part) => Ok(part.map(|part| (part, body))),
                Err(broken) => {
                    stalled.store(matches!(broken, Broken::Stalled), Ordering::Relaxed);
                    Err(axum::Error::new(broken))
                }
            }
        }
    })
}

/// A body whose sender may not stall.
struct PacedBody {
    parts: BodyDataStream,
    pace: PaceLimit,
}

/// Why a body is not whole.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the client stalled")]
    Stalled,
    #[error("the client broke off")]
    Off,
}

impl PacedBody {
    fn new(body: Body) -> Self {
        Self { parts: body.into_data_stream(), pace: PaceLimit::new(LEAST_RATE, GRACE, LONGEST_PAUSE) }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let since = Instant::now();
        let part = timeout(self.pace.left(), self.parts.try_next()).await.map_err(|_| Broken::Stalled)?;
        let part = part.map_err(|_| Broken::Off)?;
        self.pace.moved(part.as_ref().map_or(0, Bytes::len), since.elapsed());
        Ok(part)
    }
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Stalled => Self::too_slow(),
            Broken::Off => Self::interrupted(),
        }
    }
}

/// What is refused here.
impl Refusal {
    fn too_slow() -> Self {
        let hint = "请检查网络，再重新发送；每秒不到 16 KiB 的，请换快一些的网络";
        Self::other(StatusCode::REQUEST_TIMEOUT, "内容传得太慢，没有收完", hint)
    }

    fn no_room() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "同时发来的内容太多，收不下", "请过几秒再试")
    }

    fn too_many_uploads() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "正在上传的文件太多", "请过几秒再试")
    }
}
