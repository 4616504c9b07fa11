//! Comments (批注), each bound to a field and a version.

use nianbao_core::report::{DocumentKind, FieldPath, contract, fields};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::texts::{Remarks, name};
use super::{Collections, Occasion, SubmissionPlace};
use crate::audit::Act;

/// The most characters of a comment.
pub const MAX_COMMENT: usize = 4000;

/// The most comments of a submission, with their answers.
const MAX_COMMENTS: i64 = 2000;

/// A comment that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewComment<'a> {
    /// The field that it is about, as a path; empty for the whole report.
    pub path: &'a str,
    pub text: &'a str,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comment {
    /// That of the event that brought it.
    pub number: i64,
    pub version: i64,
    pub path: String,
    /// The field as people call it.
    pub label: String,
    /// The comment that it answers.
    pub answers: Option<i64>,
    pub text: String,
    pub at: i64,
    pub by: String,
    pub on_behalf: Option<String>,
    pub resolved_at: Option<i64>,
    pub resolved_by: Option<String>,
}

impl NewComment<'_> {
    pub(super) fn check(&self, remarks: &mut Remarks) {
        check_path(self.path, remarks);
        if self.text.trim().is_empty() {
            remarks.add("批注没有写内容");
        }
        remarks.text("批注", self.text, MAX_COMMENT);
    }
}

impl Collections {
    /// Comments on a version. Tells the comment's number.
    pub async fn comment(
        &self,
        place: &SubmissionPlace<'_>,
        version: i64,
        comment: &NewComment<'_>,
        occasion: &Occasion<'_>,
    ) -> Result<i64, CollectionRefusal> {
        let mut remarks = Remarks::default();
        comment.check(&mut remarks);
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let number = add(&mut changes, place, version, comment, occasion).await?;
        let occurrence = Occurrence {
            version,
            comment: number,
            ..Occurrence::new(place.collection, place.unit, Act::Comment)
        };
        ledger::note(&mut changes, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(number)
    }

    /// Answers a comment. Tells the answer's number.
    pub async fn answer(
        &self,
        place: &SubmissionPlace<'_>,
        answers: i64,
        text: &str,
        occasion: &Occasion<'_>,
    ) -> Result<i64, CollectionRefusal> {
        let mut remarks = Remarks::default();
        NewComment { path: "", text }.check(&mut remarks);
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let number =
            ledger::number(&mut changes, place.collection, Openness::Begun, "回复", occasion.at).await?;
        let found: Option<(i64, String, i64)> = sqlx::query_as(
            "SELECT version, path, answers FROM nianbao_comments
             WHERE collection = $1 AND unit = $2 AND number = $3",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(answers)
        .fetch_optional(&mut *changes)
        .await?;
        let (version, path, first) = found.ok_or(CollectionRefusal::Unknown("批注"))?;
        // An answer to an answer is one to the comment.
        let row = CommentRow {
            number,
            version,
            path: &path,
            answers: if first > 0 { first } else { answers },
            text,
        };
        insert(&mut changes, place, &row, occasion).await?;
        ledger::note(&mut changes, &row.occurrence(place), occasion).await?;
        changes.commit().await?;
        Ok(number)
    }

    /// Says that a comment is attended to, or that it is not. Doing so twice changes nothing.
    pub async fn resolve(
        &self,
        place: &SubmissionPlace<'_>,
        comment: i64,
        is_resolved: bool,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let by = name(&occasion.doer.name);
        let version: Option<i64> = sqlx::query_scalar(
            "UPDATE nianbao_comments
             SET resolved_at = CASE WHEN $4 = 1 THEN $5 END, resolved_by = CASE WHEN $4 = 1 THEN $6 END
             WHERE collection = $1 AND unit = $2 AND number = $3 AND answers = 0
                 AND (($4 = 1 AND resolved_at IS NULL) OR ($4 = 0 AND resolved_at IS NOT NULL))
             RETURNING version",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(comment)
        .bind(i64::from(is_resolved))
        .bind(occasion.at)
        .bind(&by)
        .fetch_optional(&mut *changes)
        .await?;
        let Some(version) = version else {
            changes.rollback().await?;
            let is_there = self.comments(place).await?.iter().any(|one| one.number == comment);
            return if is_there { Ok(()) } else { Err(CollectionRefusal::Unknown("批注")) };
        };
        count(&mut changes, place, if is_resolved { -1 } else { 1 }).await?;
        let number =
            ledger::number(&mut changes, place.collection, Openness::Begun, "处理批注", occasion.at).await?;
        let reason = if is_resolved { "已处理" } else { "改为未处理" };
        let occurrence = Occurrence {
            version,
            comment,
            reason,
            ..Occurrence::new(place.collection, place.unit, Act::Comment)
        };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// Some of the comments and answers of a submission, as they came, and how many there are. Without an offset
    /// the last ones.
    pub async fn comments_part(
        &self,
        place: &SubmissionPlace<'_>,
        offset: Option<usize>,
        limit: usize,
    ) -> Result<(Vec<Comment>, usize), CollectionRefusal> {
        let mut comments = self.comments(place).await?;
        let total = comments.len();
        let offset = offset.unwrap_or(total.saturating_sub(limit)).min(total);
        comments.truncate(offset.saturating_add(limit));
        Ok((comments.split_off(offset), total))
    }

    /// All comments and answers of a submission, as they came.
    pub async fn comments(&self, place: &SubmissionPlace<'_>) -> Result<Vec<Comment>, CollectionRefusal> {
        let comments = sqlx::query(
            "SELECT number, version, path, answers, text, at, by_name, on_behalf, resolved_at, resolved_by
             FROM nianbao_comments WHERE collection = $1 AND unit = $2 ORDER BY number",
        )
        .bind(place.collection)
        .bind(place.unit)
        .try_map(|row| comment(&row))
        .fetch_all(&self.pool)
        .await?;
        Ok(comments)
    }
}

/// What is wrong with the path of a field.
pub(super) fn check_path(path: &str, remarks: &mut Remarks) {
    let parsed = FieldPath::from(path.get(..200).unwrap_or(path));
    let is_known = path.is_empty()
        || (parsed.to_string() == path
            && [DocumentKind::Report, DocumentKind::WorkPlan]
                .into_iter()
                .any(|kind| fields::find_of(kind, &parsed).is_some()));
    if !is_known {
        let shown: String = path.chars().take(40).collect();
        remarks.add(format!("报告里没有“{}”这个栏目", shown.escape_debug()));
    }
}

/// Adds a comment that was checked; its event comes with it.
pub(super) async fn add(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    version: i64,
    comment: &NewComment<'_>,
    occasion: &Occasion<'_>,
) -> Result<i64, CollectionRefusal> {
    count(changes, place, 1).await?;
    let number = ledger::number(changes, place.collection, Openness::Begun, "批注", occasion.at).await?;
    let versions: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nianbao_versions WHERE collection = $1 AND unit = $2 AND number = $3",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(version)
    .fetch_one(&mut *changes)
    .await?;
    if versions == 0 {
        return Err(CollectionRefusal::Unknown("稿次"));
    }
    let row = CommentRow { number, version, path: comment.path, answers: 0, text: comment.text };
    insert(changes, place, &row, occasion).await?;
    Ok(number)
}

/// Whether a version has comments that nobody has attended to.
pub(super) async fn has_open(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    version: i64,
) -> Result<bool, CollectionRefusal> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nianbao_comments
         WHERE collection = $1 AND unit = $2 AND version = $3 AND answers = 0 AND resolved_at IS NULL",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(version)
    .fetch_one(changes)
    .await?;
    Ok(count > 0)
}

/// Counts what nobody has attended to. It holds the submission, and so comes before the number of the event.
async fn count(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    more: i64,
) -> Result<(), CollectionRefusal> {
    let counted = sqlx::query(
        "UPDATE nianbao_submissions SET comments = comments + $3 WHERE collection = $1 AND unit = $2",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(more)
    .execute(changes)
    .await?;
    match counted.rows_affected() {
        0 => Err(CollectionRefusal::Unknown("报送")),
        _ => Ok(()),
    }
}

struct CommentRow<'a> {
    number: i64,
    version: i64,
    path: &'a str,
    answers: i64,
    text: &'a str,
}

impl<'a> CommentRow<'a> {
    fn occurrence(&self, place: &SubmissionPlace<'a>) -> Occurrence<'a> {
        let (version, comment) = (self.version, self.number);
        Occurrence { version, comment, ..Occurrence::new(place.collection, place.unit, Act::Comment) }
    }
}

async fn insert(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    row: &CommentRow<'_>,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    // The collection is held: nobody else counts meanwhile.
    let inserted = sqlx::query(
        "INSERT INTO nianbao_comments
             (collection, number, unit, version, path, answers, text, at, by_name, by_account, on_behalf)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
         WHERE (SELECT COUNT(*) FROM nianbao_comments WHERE collection = $1 AND unit = $3) < $12",
    )
    .bind(place.collection)
    .bind(row.number)
    .bind(place.unit)
    .bind(row.version)
    .bind(row.path)
    .bind(row.answers)
    .bind(row.text.trim().replace("\r\n", "\n"))
    .bind(occasion.at)
    .bind(name(&occasion.doer.name))
    .bind(&occasion.doer.account)
    .bind(occasion.doer.on_behalf.as_deref().map(name))
    .bind(MAX_COMMENTS)
    .execute(&mut *changes)
    .await?;
    if inserted.rows_affected() == 0 {
        let message = format!("一份报送最多 {MAX_COMMENTS} 条批注，已经满了");
        return Err(CollectionRefusal::Unfit(vec![message]));
    }
    let occurrence = Occurrence {
        version: row.version,
        comment: row.number,
        ..Occurrence::new(place.collection, place.unit, Act::Comment)
    };
    ledger::write(changes, row.number, &occurrence, occasion).await
}

fn comment(row: &AnyRow) -> Result<Comment, sqlx::Error> {
    let path: String = row.try_get("path")?;
    let answers: i64 = row.try_get("answers")?;
    Ok(Comment {
        number: row.try_get("number")?,
        version: row.try_get("version")?,
        label: contract::label(&FieldPath::from(path.as_str())),
        path,
        answers: (answers > 0).then_some(answers),
        text: row.try_get("text")?,
        at: row.try_get("at")?,
        by: row.try_get("by_name")?,
        on_behalf: row.try_get("on_behalf")?,
        resolved_at: row.try_get("resolved_at")?,
        resolved_by: row.try_get("resolved_by")?,
    })
}
