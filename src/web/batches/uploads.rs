//! Uploads of batches: they go to the disk as they come, and are counted there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use futures_util::stream::{Stream, StreamExt, TryStream, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::jobs::{Cause, JobFailure, Jobs, MAX_UPLOAD_BYTES, Upload};
use crate::report::{Choice, Edition};
use crate::web::answer::Refusal;
use axum::http::StatusCode;

/// The longest name of an upload that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// The longest Idempotency-Key, in bytes.
const LONGEST_KEY: usize = 255;

/// The longest head of a part of a form, and the longest text in one, in bytes.
const LONGEST_HEAD: u64 = 256 << 10;
const LONGEST_TEXT: usize = 64;

/// What uploads leave free on the disk, in bytes; on a small one, a twentieth of it.
const KEPT_FREE: u64 = 256 << 20;

/// After how many bytes the disk is looked at again.
const LOOK_AGAIN: u64 = 8 << 20;

/// The upload as a form has it, for the interface's description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described; the form is read part by part")]
pub(super) struct BatchForm {
    /// 全部生成哪种版本：public 公开版，formal 报送版；要写在文件之前
    edition: Option<String>,
    /// 压缩包或 JSON Lines 文件
    #[schema(value_type = String, format = Binary)]
    batch: Vec<u8>,
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    Ok(Some(key.ok_or_else(Refusal::bad_key)?.to_owned()))
}

/// The media types in which a batch may come, with the ending of such a file.
const MEDIA_TYPES: [(&str, &str); 6] = [
    ("application/zip", "zip"),
    ("application/x-zip-compressed", "zip"),
    ("application/jsonl", "jsonl"),
    ("application/x-ndjson", "jsonl"),
    ("application/x-jsonlines", "jsonl"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
];

fn ending(media_type: &str) -> Option<&'static str> {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let found = MEDIA_TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(media_type));
    found.map(|(_, ending)| *ending)
}

/// An upload that is the body.
pub(super) async fn upload_of_body(
    jobs: &Jobs,
    asked: Option<&str>,
    request: Request,
) -> Result<Upload, Refusal> {
    let name = name(asked, request.headers())?;
    let announced = announced(request.headers())?;
    receive(jobs, name, announced, request.into_body().into_data_stream()).await
}

/// What an upload is called. Its type goes before its name, which anyone may have chosen.
fn name(asked: Option<&str>, headers: &HeaderMap) -> Result<String, Refusal> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    named(asked, media_type.unwrap_or_default()).ok_or_else(Refusal::unsupported_batch_type)
}

fn named(asked: Option<&str>, media_type: &str) -> Option<String> {
    let asked = asked.unwrap_or_default().trim();
    // A path is a name as well to some browsers.
    let asked = asked.rsplit(['/', '\\']).next().unwrap_or_default();
    let skipped = asked.chars().count().saturating_sub(LONGEST_NAME);
    let asked: String = asked.chars().skip(skipped).filter(|c| !c.is_control()).collect();
    let (stem, own_ending) = asked.rsplit_once('.').unwrap_or((&asked, ""));
    let own_ending = own_ending.to_ascii_lowercase();
    let known = MEDIA_TYPES.iter().map(|(_, ending)| *ending).find(|ending| *ending == own_ending);
    let ending = ending(media_type).or(known)?;
    let stem = if stem.is_empty() { "报告" } else { stem };
    Some(format!("{stem}.{ending}"))
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// How many bytes are to come, where that is known.
fn announced(headers: &HeaderMap) -> Result<u64, Refusal> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length.unwrap_or_default() {
        length if MAX_UPLOAD_BYTES < length => Err(Refusal::upload_too_large()),
        length => Ok(length),
    }
}

/// The upload in a form, and the edition, if one was chosen before it.
pub(super) async fn upload_of_form(jobs: &Jobs, request: Request) -> Result<Upload, Refusal> {
    // The form is a little longer than the file in it.
    let announced = announced(request.headers()).unwrap_or(MAX_UPLOAD_BYTES);
    let unread = Arc::new(AtomicU64::new(0));
    let request = request.map(|body| Body::from_stream(heads(body, unread.clone())));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refusal::bad_batch_form())?;
    let mut edition = None;
    while let Some(field) = form.next_field().await.map_err(|_| Refusal::interrupted())? {
        unread.store(0, Ordering::Relaxed);
        match field.name() {
            Some("edition") => {
                edition = match str::from_utf8(&short_text(field).await?) {
                    Ok("") => None,
                    Ok(word) => Some(Edition::of_word(word).ok_or_else(Refusal::bad_batch_form)?),
                    Err(_) => return Err(Refusal::bad_batch_form()),
                };
            }
            Some("batch") => {
                let name = named(field.file_name(), field.content_type().unwrap_or_default());
                let name = name.ok_or_else(Refusal::unsupported_batch_type)?;
                let parts = field.inspect_ok(|_| unread.store(0, Ordering::Relaxed));
                return Ok(Upload { edition, ..receive(jobs, name, announced, parts).await? });
            }
            _ => return Err(Refusal::bad_batch_form()),
        }
    }
    Err(Refusal::bad_batch_form())
}

/// The body of a form, which ends where nothing comes of it: whoever takes the form apart holds the head of a
/// part in memory until it is whole, however long that takes, and looks through it each time.
fn heads(body: Body, unread: Arc<AtomicU64>) -> impl Stream<Item = Result<Bytes, axum::Error>> {
    body.into_data_stream().map(move |part| {
        let part = part?;
        match unread.fetch_add(part.len() as u64, Ordering::Relaxed) {
            held if LONGEST_HEAD < held => {
                Err(axum::Error::new(std::io::Error::other("a head without an end")))
            }
            _ => Ok(part),
        }
    })
}

/// A text that is as short as what may be chosen.
async fn short_text(mut field: Field<'_>) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|_| Refusal::interrupted())? {
        text.extend_from_slice(&part);
        if LONGEST_TEXT < text.len() {
            return Err(Refusal::bad_batch_form());
        }
    }
    Ok(text)
}

/// Writes what comes into a file, and takes its digest.
async fn receive(
    jobs: &Jobs,
    name: String,
    announced: u64,
    mut parts: impl TryStream<Ok = Bytes> + Unpin,
) -> Result<Upload, Refusal> {
    let file = jobs.incoming().map_err(JobFailure::from)?;
    demand_space(file.path(), announced)?;
    let mut into = tokio::fs::File::from_std(file.reopen().map_err(JobFailure::from)?);
    let mut digest = Sha256::new();
    let (mut length, mut looked_at) = (0, 0);
    while let Some(part) = parts.try_next().await.map_err(|_| Refusal::interrupted())? {
        length += part.len() as u64;
        if length > MAX_UPLOAD_BYTES {
            return Err(Refusal::upload_too_large());
        }
        if LOOK_AGAIN < length - looked_at {
            demand_space(file.path(), 0)?;
            looked_at = length;
        }
        digest.update(&part);
        into.write_all(&part).await.map_err(JobFailure::from)?;
    }
    into.flush().await.map_err(JobFailure::from)?;
    // It is kept a second time in the store.
    demand_space(file.path(), length)?;
    let digest = hex::encode(digest.finalize());
    Ok(Upload { file, name, digest, edition: None, idempotency_key: None, start: true, expectation: None })
}

/// So many bytes more must leave the disk room for what is being made.
fn demand_space(path: &Path, coming: u64) -> Result<(), Refusal> {
    let disk = rustix::fs::statvfs(path).map_err(|error| JobFailure::from(std::io::Error::from(error)))?;
    let kept = KEPT_FREE.min(disk.f_blocks.saturating_mul(disk.f_frsize) / 20);
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if coming.saturating_add(kept) <= free { Ok(()) } else { Err(Refusal::away(Cause::DiskFull)) }
}

/// What is refused here.
impl Refusal {
    fn unsupported_batch_type() -> Self {
        let hint = "请在 Content-Type 里写 application/zip 或 application/jsonl，或让文件名以 .zip、.xlsx、.jsonl 结尾";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    fn bad_batch_form() -> Self {
        let hint = "请用 multipart/form-data 发送，把压缩包放在名为 batch 的一项里";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    fn bad_key() -> Self {
        let hint = "请用 1 到 255 个 ASCII 字符";
        Self::other(StatusCode::BAD_REQUEST, "Idempotency-Key 不对", hint)
    }

    fn upload_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "上传的文件超过 512 MiB", "请分成几批上传")
    }
}
