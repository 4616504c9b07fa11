//! The pages of a version, one by one as pictures, with where its fields stand on them: to be looked at beside
//! what is said of them. A worker sets them from what was submitted.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::PLACE;
use super::desk::{UnitDesk, UnitPath};
use super::version_files::{note_download, number_of};
use crate::accounts::Visitor;
use crate::input::Format;
use crate::preview::{FieldOutline, PageOutline};
use crate::report::{Choice, Edition};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, understood};
use crate::web::frame::{RefusalPage, page};
use crate::workers::{Answer, Question};

/// All pages of a version: of the edition that is due.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path((collection, unit, number)): Path<(String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    method: Method,
) -> Result<Response, RefusalPage> {
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    let version = ShownVersion::find(&desk, &number).await?;
    let (format, edition) = (Format::Json, version.edition);
    let answer = version.ask(&service, &desk, Question::Pages { format, edition }).await?;
    let pages: Vec<PageOutline> = understood(&answer)?;
    note_download(&desk, &method, version.number, &format!("{}的版面", edition.label())).await?;
    let content = json!({
        "name": desk.submission.name,
        "back": format!("{}?version={}", desk.address(), version.number),
        "place": format!("{}/versions/{}", desk.address(), version.number),
        "number": version.number,
        "edition": edition.label(),
        "edition_word": edition.word(),
        "pages": pages.iter().map(shown).collect::<Vec<_>>(),
    });
    Ok(page(StatusCode::OK, "version_pages.html", PLACE, content))
}

/// One of them, by its name. Nobody knows that who has not been shown the list, and that is noted.
pub(super) async fn picture(
    State(service): State<Arc<Service>>,
    Path((collection, unit, number, name)): Path<(String, String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
) -> Result<Response, Refusal> {
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    let version = ShownVersion::find(&desk, &number).await?;
    let (format, edition) = (Format::Json, version.edition);
    let answer = version.ask(&service, &desk, Question::PagePicture { format, edition, name }).await?;
    match answer.bytes.is_empty() {
        true => Err(Refusal::not_found()),
        false => Ok(([(CONTENT_TYPE, "image/svg+xml")], answer.bytes).into_response()),
    }
}

/// A version, and the edition of it that is looked at.
struct ShownVersion {
    number: i64,
    edition: Edition,
}

impl ShownVersion {
    async fn find(desk: &UnitDesk<'_>, written: &str) -> Result<Self, Refusal> {
        let number = desk.office.collections.version(&desk.place(), number_of(written)?).await?.number;
        Ok(Self { number, edition: desk.collection.plan.edition })
    }

    /// Asks the worker that has set the version before: it remembers most of it.
    async fn ask(
        &self,
        service: &Service,
        desk: &UnitDesk<'_>,
        question: Question,
    ) -> Result<Answer, Refusal> {
        let input = desk.office.collections.input(&desk.place(), self.number).await?;
        let mut about = DefaultHasher::new();
        (&desk.submission.collection, &desk.submission.unit, self.number).hash(&mut about);
        service.ask(question, input.into(), Some(about.finish())).await
    }
}

fn shown(one: &PageOutline) -> Value {
    let field = |field: &FieldOutline| {
        let FieldOutline { path, left, top, right, bottom } = field;
        format!("{path} {left} {top} {right} {bottom}")
    };
    json!({
        "name": one.name,
        "width": one.width.round() as u32,
        "height": one.height.round() as u32,
        "fields": one.fields.iter().map(field).collect::<Vec<_>>().join(";"),
    })
}
