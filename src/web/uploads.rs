//! Uploads of batches: they go to the disk as they come, and are counted there.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, header};
use futures_util::stream::{TryStream, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::answer::Refusal;

use crate::jobs::{Failed, Jobs, MAX_UPLOAD_BYTES, Upload};
use crate::report::Edition;

/// The longest name of an upload that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// The longest Idempotency-Key, in bytes.
const LONGEST_KEY: usize = 255;

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
    demand_size(request.headers())?;
    receive(jobs, name, request.into_body().into_data_stream()).await
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

fn demand_size(headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if MAX_UPLOAD_BYTES < length => Err(Refusal::upload_too_large()),
        _ => Ok(()),
    }
}

/// The upload in a form, and the edition, if one was chosen before it.
pub(super) async fn upload_of_form(jobs: &Jobs, request: Request) -> Result<Upload, Refusal> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refusal::bad_batch_form())?;
    let mut edition = None;
    while let Some(field) = form.next_field().await.map_err(|_| Refusal::interrupted())? {
        match field.name() {
            Some("edition") => {
                edition = match field.text().await.map_err(|_| Refusal::interrupted())?.as_str() {
                    "" => None,
                    "public" => Some(Edition::Public),
                    "formal" => Some(Edition::Formal),
                    _ => return Err(Refusal::bad_batch_form()),
                };
            }
            Some("batch") => {
                let name = named(field.file_name(), field.content_type().unwrap_or_default());
                let name = name.ok_or_else(Refusal::unsupported_batch_type)?;
                return Ok(Upload { edition, ..receive(jobs, name, field).await? });
            }
            _ => return Err(Refusal::bad_batch_form()),
        }
    }
    Err(Refusal::bad_batch_form())
}

/// Writes what comes into a file, and takes its digest.
async fn receive(
    jobs: &Jobs,
    name: String,
    mut parts: impl TryStream<Ok = Bytes> + Unpin,
) -> Result<Upload, Refusal> {
    let file = jobs.incoming().map_err(Failed::from)?;
    let mut into = tokio::fs::File::from_std(file.reopen().map_err(Failed::from)?);
    let mut digest = Sha256::new();
    let mut length = 0;
    while let Some(part) = parts.try_next().await.map_err(|_| Refusal::interrupted())? {
        length += part.len() as u64;
        if length > MAX_UPLOAD_BYTES {
            return Err(Refusal::upload_too_large());
        }
        digest.update(&part);
        into.write_all(&part).await.map_err(Failed::from)?;
    }
    into.flush().await.map_err(Failed::from)?;
    let digest = hex::encode(digest.finalize());
    Ok(Upload { file, name, digest, edition: None, idempotency_key: None, start: true })
}
