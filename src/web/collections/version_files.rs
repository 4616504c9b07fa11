//! The files of a version: the report itself as JSON, and the PDF of each edition, held against what was noted when
//! it was submitted.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::desk::{UnitDesk, UnitPath};
use super::submit::issue_of;
use crate::accounts::Visitor;
use crate::audit::{Act, Deed};
use crate::collections::StoredFile;
use crate::file_name::file_name;
use crate::report::{Choice, Edition};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::RefusalPage;
use crate::web::reports::attachment;
use crate::workers::Outcome;

/// A file of a version.
pub(super) struct VersionFile {
    /// What it is called when it is saved, ending and all.
    name: String,
    extension: &'static str,
    media_type: &'static str,
    /// What the record calls it.
    kind: &'static str,
    pub bytes: Vec<u8>,
}

impl VersionFile {
    /// One by its word: the PDF of an edition, or `input`, the report itself as JSON.
    pub(super) async fn find(
        service: &Service,
        desk: &UnitDesk<'_>,
        number: i64,
        word: &str,
    ) -> Result<Self, Refusal> {
        let version = desk.office.collections.version(&desk.place(), number).await?;
        let (extension, media_type, kind, bytes) = match word {
            "input" => {
                let input = desk.office.collections.input(&desk.place(), number).await?;
                ("json", "application/json", "报告内容", is_whole(input.into(), &version.digest)?)
            }
            "public" => {
                let bytes = pages(service, desk, number, Edition::Public, version.files.public).await?;
                ("pdf", "application/pdf", Edition::Public.label(), bytes)
            }
            "formal" => {
                let bytes = pages(service, desk, number, Edition::Formal, version.files.formal).await?;
                ("pdf", "application/pdf", Edition::Formal.label(), bytes)
            }
            _ => return Err(Refusal::not_found()),
        };
        let title = format!("法治政府建设年度报告-第{number}稿-{kind}");
        let name = file_name(Some(&desk.submission.name), desk.collection.plan.year, &title, extension);
        Ok(Self { name, extension, media_type, kind, bytes })
    }

    /// Hands it over, and notes that.
    pub(super) async fn handed_over(
        self,
        desk: &UnitDesk<'_>,
        method: &Method,
        number: i64,
    ) -> Result<Response, Refusal> {
        note_download(desk, method, number, self.kind).await?;
        Ok(attachment(&self.name, self.extension, self.media_type, self.bytes))
    }
}

/// The number of a version, as an address has it.
pub(super) fn number_of(written: &str) -> Result<i64, Refusal> {
    written.parse().map_err(|_| Refusal::not_found())
}

/// A file of a version, to be saved.
pub(in crate::web) async fn file(
    State(service): State<Arc<Service>>,
    Path((collection, unit, number, part)): Path<(String, String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    method: Method,
) -> Result<Response, RefusalPage> {
    let number = number_of(&number)?;
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    let file = VersionFile::find(&service, &desk, number, &part).await?;
    Ok(file.handed_over(&desk, &method, number).await?)
}

/// Notes that somebody has taken a version away, or looked at its pages; who asks for the head alone has got nothing.
pub(super) async fn note_download(
    desk: &UnitDesk<'_>,
    method: &Method,
    number: i64,
    what: &str,
) -> Result<(), Refusal> {
    if method == Method::HEAD {
        return Ok(());
    }
    let (collection, unit) = (&desk.submission.collection, &desk.submission.unit);
    let of = format!("collection/{collection}/unit/{unit}/version/{number}");
    let deed = Deed { doer: desk.doer(), act: Act::Download, of: &of, detail: what };
    Ok(desk.office.record.note(&deed, desk.at()).await?)
}

/// The pages of a version, as they were kept, or made now where none were: of a version that came without the
/// form, or of an edition that is not due.
async fn pages(
    service: &Service,
    desk: &UnitDesk<'_>,
    number: i64,
    edition: Edition,
    kept: Option<StoredFile>,
) -> Result<Vec<u8>, Refusal> {
    if let Some(file) = kept {
        let found = service.jobs()?.document(&file.place, &file.sha256).await?;
        return found.map(Vec::from).ok_or_else(Refusal::damaged);
    }
    let input = desk.office.collections.input(&desk.place(), number).await?;
    let Outcome { told, bytes, .. } = service.make(issue_of(edition, desk), input.into()).await?;
    match told.made {
        Some(_) => Ok(bytes),
        None => Err(Refusal::Report(told.findings)),
    }
}

fn is_whole(bytes: Vec<u8>, sha256: &str) -> Result<Vec<u8>, Refusal> {
    match hex::encode(Sha256::digest(&bytes)) == sha256 {
        true => Ok(bytes),
        false => Err(Refusal::damaged()),
    }
}

/// What is refused here.
impl Refusal {
    fn damaged() -> Self {
        tracing::error!("what was submitted is gone from the store, or is not what came");
        let hint = "请告诉管理员从备份恢复";
        Self::other(StatusCode::INTERNAL_SERVER_ERROR, "存放的文件不见了，或者与报送时的不一样", hint)
    }
}
