//! Uploads of batches: they go to the disk as they come, and are counted there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::stream::{Stream, StreamExt, TryStream, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::batch::Expectation;
use crate::checks::WrittenSettings;
use crate::import::TrackedChanges;
use crate::indicators::MAX_BYTES as MAX_LIST_BYTES;
use crate::jobs::{Cause, JobFailure, Jobs, MAX_UPLOAD_BYTES, ReceivedFile, Upload};
use crate::report::{Choice, Edition};
use crate::roster::{MAX_ROSTER_BYTES, RosterSheet};
use crate::web::Service;
use crate::web::answer::{Refusal, Said, understood};
use crate::web::reports::WORKBOOK;
use crate::workers::{PaperKind, Question};

/// The longest name of an upload that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// The longest Idempotency-Key, in bytes.
const LONGEST_KEY: usize = 255;

/// The longest head of a part of a form, and the longest text in one, in bytes.
const LONGEST_HEAD: u64 = 256 << 10;
const LONGEST_TEXT: usize = 64;

/// How many faults of a roster are told.
const TOLD_FAULTS: usize = 5;

/// What uploads leave free on the disk, in bytes; on a small one, a twentieth of it.
const KEPT_FREE: u64 = 256 << 20;

/// After how many bytes the disk is looked at again.
const LOOK_AGAIN: u64 = 8 << 20;

/// The upload as a form has it, for the interface's description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described; the form is read part by part")]
pub(super) struct BatchForm {
    /// 各单位报来的：压缩包、征集表或 JSON Lines 文件
    #[schema(value_type = String, format = Binary)]
    batch: Vec<u8>,
    /// 全部生成哪种版本：public 公开版，formal 报送版；不写则按各报告所写
    edition: Option<String>,
    /// 每份报告另外还做：formal 报送版、public 公开版、review-sheet 审核意见表、draft 有错误的先出草稿、word Word 文件、html 网页、ofd OFD 文件；几种用逗号隔开，或者写几项
    also: Option<String>,
    /// 应报单位的名录（.xlsx 或 .csv），对照后写出催报名单
    #[schema(value_type = Option<String>, format = Binary)]
    roster: Option<Vec<u8>>,
    /// 上年的报告（压缩包、征集表或 JSON Lines 文件），逐个单位对照
    #[schema(value_type = Option<String>, format = Binary)]
    last_year: Option<Vec<u8>>,
    /// 各单位当年的工作计划（压缩包或 JSON Lines 文件），逐个单位对照
    #[schema(value_type = Option<String>, format = Binary)]
    plan: Option<Vec<u8>>,
    /// 指标目录（TOML），只用于这一批
    indicators: Option<String>,
    /// Word 文档里的修订：accept 接受（默认），reject 拒绝
    changes: Option<String>,
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
    (WORKBOOK, "xlsx"),
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
    let parts = request.into_body().into_data_stream();
    Ok(Upload::of(receive(jobs, name, announced, MAX_UPLOAD_BYTES, parts).await?))
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

/// What a form has brought.
#[derive(Default)]
struct ReceivedForm {
    edition: Option<Edition>,
    also: Vec<PaperKind>,
    roster: Vec<u8>,
    indicators: Vec<u8>,
    tracked_changes: TrackedChanges,
    batch: Option<ReceivedFile>,
    last_year: Option<ReceivedFile>,
    plan: Option<ReceivedFile>,
}

/// The upload in a form, with all that goes along.
pub(super) async fn upload_of_form(service: &Service, request: Request) -> Result<Upload, Refusal> {
    let received = ReceivedForm::of(service.jobs()?, request).await?;
    let ReceivedForm { edition, also, roster, indicators, tracked_changes, batch, last_year, plan } =
        received;
    let batch = batch.ok_or_else(Refusal::bad_batch_form)?;
    let sheet = if roster.is_empty() { RosterSheet::default() } else { expected(service, &roster).await? };
    let indicators = prescribed(service, indicators).await?;
    let checks = WrittenSettings { indicators, ..WrittenSettings::NONE };
    let roster_remarks = sheet.remarks();
    let roster = sheet.units;
    let expectation =
        Expectation { checks, roster, roster_remarks, tracked_changes, ..Expectation::default() };
    Ok(Upload { edition, also, expectation, last_year, plan, ..Upload::of(batch) })
}

impl ReceivedForm {
    async fn of(jobs: &Jobs, request: Request) -> Result<Self, Refusal> {
        // The form is a little longer than the files in it.
        let announced = announced(request.headers()).unwrap_or(MAX_UPLOAD_BYTES);
        let unread = Arc::new(AtomicU64::new(0));
        let request = request.map(|body| Body::from_stream(heads(body, unread.clone())));
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refusal::bad_batch_form())?;
        let mut received = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| Refusal::interrupted())? {
            unread.store(0, Ordering::Relaxed);
            let name = field.name().unwrap_or_default().to_owned();
            let file =
                (field.file_name().unwrap_or_default().to_owned(), field.content_type().map(str::to_owned));
            let parts = field.inspect_ok(|_| unread.store(0, Ordering::Relaxed));
            match name.as_str() {
                "edition" => {
                    received.edition = chosen(&text(parts, LONGEST_TEXT, Refusal::bad_batch_form).await?)?
                }
                "also" if received.also.len() > PaperKind::ALL.len() => return Err(Refusal::bad_papers()),
                "also" => {
                    received.also.extend(papers(&text(parts, LONGEST_TEXT, Refusal::bad_batch_form).await?)?)
                }
                "roster" => received.roster = text(parts, MAX_ROSTER_BYTES, Refusal::large_roster).await?,
                "indicators" => {
                    received.indicators = text(parts, MAX_LIST_BYTES, Refusal::large_indicator_list).await?;
                }
                "changes" => {
                    let word = text(parts, LONGEST_TEXT, Refusal::bad_batch_form).await?;
                    received.tracked_changes = changes(&word)?;
                }
                "batch" => received.batch = Some(received.file(jobs, file, announced, parts).await?),
                "last_year" => received.last_year = received.further(jobs, file, parts).await?,
                "plan" => received.plan = received.further(jobs, file, parts).await?,
                _ => return Err(Refusal::bad_batch_form()),
            }
        }
        Ok(received)
    }

    /// A file, which with those that came before it may be as large as one upload.
    async fn file(
        &self,
        jobs: &Jobs,
        (name, media_type): (String, Option<String>),
        announced: u64,
        parts: impl TryStream<Ok = Bytes> + Unpin,
    ) -> Result<ReceivedFile, Refusal> {
        let name = named(Some(&name), media_type.as_deref().unwrap_or_default());
        let name = name.ok_or_else(Refusal::unsupported_batch_type)?;
        receive(jobs, name, announced, MAX_UPLOAD_BYTES.saturating_sub(self.length()), parts).await
    }

    /// A file that need not be there. A browser sends one without a name where none was chosen.
    async fn further(
        &self,
        jobs: &Jobs,
        file: (String, Option<String>),
        mut parts: impl TryStream<Ok = Bytes> + Unpin,
    ) -> Result<Option<ReceivedFile>, Refusal> {
        if file.0.is_empty() {
            return match parts.try_next().await.map_err(|_| Refusal::interrupted())? {
                Some(part) if !part.is_empty() => Err(Refusal::unsupported_batch_type()),
                _ => Ok(None),
            };
        }
        Ok(Some(self.file(jobs, file, 0, parts).await?))
    }

    /// How long the files are, in bytes.
    fn length(&self) -> u64 {
        let files = [&self.batch, &self.last_year, &self.plan].into_iter().flatten();
        files.filter_map(|one| one.file.as_file().metadata().ok()).map(|metadata| metadata.len()).sum()
    }
}

/// The edition of a word, if there is one.
fn chosen(word: &[u8]) -> Result<Option<Edition>, Refusal> {
    match str::from_utf8(word) {
        Ok("") => Ok(None),
        Ok(word) => Ok(Some(Edition::of_word(word).ok_or_else(Refusal::bad_batch_form)?)),
        Err(_) => Err(Refusal::bad_batch_form()),
    }
}

/// What a word says is to be done to tracked changes; nothing is the usual.
pub(super) fn changes(word: &[u8]) -> Result<TrackedChanges, Refusal> {
    match str::from_utf8(word) {
        Ok("") => Ok(TrackedChanges::default()),
        Ok(word) => TrackedChanges::of_word(word).ok_or_else(Refusal::bad_changes),
        Err(_) => Err(Refusal::bad_changes()),
    }
}

/// The papers of some words with commas between them.
pub(super) fn papers(words: &[u8]) -> Result<Vec<PaperKind>, Refusal> {
    let words = str::from_utf8(words).map_err(|_| Refusal::bad_papers())?;
    let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| PaperKind::of_word(word).ok_or_else(Refusal::bad_papers)).collect()
}

/// The units of a roster.
async fn expected(service: &Service, roster: &[u8]) -> Result<RosterSheet, Refusal> {
    let known = b"[]";
    let body = [known.as_slice(), roster].concat();
    let answer = service.ask(Question::Roster { known: known.len() }, body.into(), None).await?;
    let read: Result<RosterSheet, String> = understood(&answer)?;
    let sheet = read.map_err(|why| Refusal::unfit_roster(&why))?;
    match sheet.faults.is_empty() {
        true => Ok(sheet),
        false => {
            let told: Vec<String> = sheet.faults.iter().take(TOLD_FAULTS).map(ToString::to_string).collect();
            let count = sheet.faults.len();
            Err(Refusal::unfit_roster(&format!("有{count}处要先改正：{}", told.join("；"))))
        }
    }
}

/// The list of indicators that are prescribed, if it is one.
async fn prescribed(service: &Service, list: Vec<u8>) -> Result<String, Refusal> {
    let list = String::from_utf8(list).map_err(|_| Refusal::unfit_indicator_list("不是 UTF-8 的文字"))?;
    if !list.is_empty() {
        let answer = service.ask(Question::Indicators, list.clone().into(), None).await?;
        understood::<Result<(), String>>(&answer)?.map_err(|why| Refusal::unfit_indicator_list(&why))?;
    }
    Ok(list)
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

/// What comes, if it is no longer than this.
async fn text(
    mut parts: impl TryStream<Ok = Bytes> + Unpin,
    longest: usize,
    too_long: fn() -> Refusal,
) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    while let Some(part) = parts.try_next().await.map_err(|_| Refusal::interrupted())? {
        text.extend_from_slice(&part);
        if longest < text.len() {
            return Err(too_long());
        }
    }
    Ok(text)
}

/// Writes what comes into a file, and takes its digest.
async fn receive(
    jobs: &Jobs,
    name: String,
    announced: u64,
    most: u64,
    mut parts: impl TryStream<Ok = Bytes> + Unpin,
) -> Result<ReceivedFile, Refusal> {
    let file = jobs.incoming().map_err(JobFailure::from)?;
    demand_space(file.path(), announced)?;
    let mut into = tokio::fs::File::from_std(file.reopen().map_err(JobFailure::from)?);
    let mut digest = Sha256::new();
    let (mut length, mut looked_at) = (0, 0);
    while let Some(part) = parts.try_next().await.map_err(|_| Refusal::interrupted())? {
        length += part.len() as u64;
        if length > most {
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
    Ok(ReceivedFile { file, name, digest: hex::encode(digest.finalize()) })
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
        let hint = "请选 ZIP 压缩包（.zip）、征集表（.xlsx）或 JSON Lines（.jsonl）；用程序发送的，也可以在 Content-Type 里写明";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    fn bad_batch_form() -> Self {
        let hint =
            "请用 multipart/form-data 发送，把压缩包放在名为 batch 的一项里；各项的名称见 /api/openapi.json";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    fn bad_papers() -> Self {
        let hint = "可以是 formal、public、review-sheet、draft、word、html、ofd，几种用逗号隔开";
        Self::other(StatusCode::BAD_REQUEST, "also 里有不认识的种类", hint)
    }

    fn bad_changes() -> Self {
        let hint = "请写 accept（接受）或者 reject（拒绝）";
        Self::other(StatusCode::BAD_REQUEST, "changes 不是一种办法", hint)
    }

    fn unfit_roster(why: &str) -> Self {
        let said = Said {
            message: format!("名录用不了：{why}").into(), hint: "请改好名录，重新上传"
        };
        Self::Other(StatusCode::UNPROCESSABLE_ENTITY, said)
    }

    fn unfit_indicator_list(why: &str) -> Self {
        let hint = "请改好指标目录，重新上传；底本由 nianbao indicators 取得";
        Self::Other(
            StatusCode::UNPROCESSABLE_ENTITY,
            Said { message: format!("指标目录用不了：{why}").into(), hint },
        )
    }

    fn large_indicator_list() -> Self {
        let hint = "请核对是不是选错了文件";
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "指标目录超过 256 KiB", hint)
    }

    fn bad_key() -> Self {
        let hint = "请用 1 到 255 个 ASCII 字符";
        Self::other(StatusCode::BAD_REQUEST, "Idempotency-Key 不对", hint)
    }

    fn upload_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "上传的文件超过 512 MiB", "请分成几批上传")
    }
}
