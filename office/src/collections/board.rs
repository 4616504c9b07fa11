//! The board: all units of a collection at a glance.

use nianbao_core::report::{Choice, Date};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::Collections;
use super::faults::CollectionRefusal;
use super::states::SubmissionState;
use super::submissions::{day, state, word};

/// The most rows of one page.
const MAX_PAGE: usize = 500;

/// What of a collection is to be shown.
#[derive(Clone, Debug, Default)]
pub struct BoardWish<'a> {
    /// None for all.
    pub states: &'a [SubmissionState],
    pub kind: Option<&'a str>,
    /// A part of a unit's name or code.
    pub text: Option<&'a str>,
    pub order: BoardOrder,
    pub is_descending: bool,
    /// How many rows are left out before the first.
    pub offset: usize,
    pub limit: usize,
}

/// By what the rows are ordered; what is alike in it, by code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoardOrder {
    #[default]
    Code,
    Name,
    /// As the states follow each other.
    State,
    Since,
    Due,
    /// Errors and warnings.
    Findings,
    Characters,
    Comments,
}

/// A page of the board.
#[derive(Clone, Debug, Serialize)]
pub struct Board {
    pub rows: Vec<BoardRow>,
    /// How many there are that match, on all pages.
    pub total: i64,
}

/// A unit on the board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BoardRow {
    pub unit: String,
    pub name: String,
    pub kind: String,
    #[serde(serialize_with = "word")]
    pub state: SubmissionState,
    pub since: i64,
    /// Its own day, where it has an extension.
    pub due_on: Date,
    pub is_extended: bool,
    /// Negative behind that day.
    pub days_left: i64,
    /// Of its newest version; 0 where there is none.
    pub version: i64,
    pub errors: i64,
    pub warnings: i64,
    pub notes: i64,
    pub characters: i64,
    /// Comments that nobody has attended to.
    pub comments: i64,
}

/// How many submissions are in each state, in the order of the states.
pub type StateCounts = Vec<(SubmissionState, i64)>;

impl Collections {
    pub async fn board(
        &self,
        collection: &str,
        wish: &BoardWish<'_>,
        today: Date,
    ) -> Result<Board, CollectionRefusal> {
        let due_on = self.collection(collection).await?.plan.due_on;
        let chosen = chosen(wish.states);
        let pattern = wish.text.map_or_else(String::new, pattern);
        let kind = wish.kind.map(visible).unwrap_or_default();
        let from = "nianbao_submissions s JOIN nianbao_roster r ON r.code = s.unit";
        let total: i64 =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {from} WHERE {chosen}")))
                .bind(collection)
                .bind(&kind)
                .bind(&pattern)
                .fetch_one(&self.pool)
                .await?;
        let statement = format!(
            "SELECT s.unit, r.name, r.kind, s.state, s.since, s.extended_to, s.last_version, s.errors, s.warnings,
                 s.notes, s.characters, s.comments
             FROM {from} WHERE {chosen} ORDER BY {} LIMIT $4 OFFSET $5",
            order(wish.order, wish.is_descending, due_on)
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(collection)
            .bind(&kind)
            .bind(&pattern)
            .bind(wish.limit.min(MAX_PAGE) as i64)
            .bind(i64::try_from(wish.offset).unwrap_or(i64::MAX))
            .try_map(|row| of_row(&row, due_on, today))
            .fetch_all(&self.pool)
            .await?;
        Ok(Board { rows, total })
    }

    /// How many submissions of a collection are in each state.
    pub async fn state_counts(&self, collection: &str) -> Result<StateCounts, CollectionRefusal> {
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT state, COUNT(*) FROM nianbao_submissions WHERE collection = $1 GROUP BY state",
        )
        .bind(collection)
        .fetch_all(&self.pool)
        .await?;
        let count = |state: &SubmissionState| {
            counts.iter().find(|(word, _)| word == state.word()).map_or(0, |(_, count)| *count)
        };
        Ok(SubmissionState::ALL.iter().map(|state| (*state, count(state))).collect())
    }
}

/// What the rows must be.
fn chosen(states: &[SubmissionState]) -> String {
    let words: Vec<String> = states.iter().map(|state| format!("'{}'", state.word())).collect();
    let of_state =
        if words.is_empty() { String::new() } else { format!(" AND s.state IN ({})", words.join(", ")) };
    format!(
        "s.collection = $1 AND ($2 = '' OR r.kind = $2)
         AND ($3 = '' OR LOWER(r.name) LIKE $3 ESCAPE '!' OR LOWER(s.unit) LIKE $3 ESCAPE '!'){of_state}"
    )
}

/// A part of a text as LIKE has it; empty where nothing is looked for.
fn pattern(text: &str) -> String {
    let text = visible(text.trim()).to_lowercase();
    if text.is_empty() {
        return text;
    }
    let escape = |text: String, mark: &str| text.replace(mark, &format!("!{mark}"));
    format!("%{}%", ["!", "%", "_"].into_iter().fold(text, escape))
}

/// No database looks for more than this, nor for NUL.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn order(order: BoardOrder, is_descending: bool, due_on: Date) -> String {
    let way = if is_descending { "DESC" } else { "ASC" };
    let by = match order {
        BoardOrder::Code => return format!("s.unit {way}"),
        BoardOrder::Name => "r.name".to_owned(),
        BoardOrder::Since => "s.since".to_owned(),
        BoardOrder::Due => format!("COALESCE(s.extended_to, '{due_on}')"),
        BoardOrder::Findings => {
            return format!("s.errors {way}, s.warnings {way}, s.unit");
        }
        BoardOrder::Characters => "s.characters".to_owned(),
        BoardOrder::Comments => "s.comments".to_owned(),
        BoardOrder::State => {
            let ranks = SubmissionState::ALL.iter().enumerate();
            let ranks: Vec<String> =
                ranks.map(|(rank, state)| format!("WHEN '{}' THEN {rank}", state.word())).collect();
            format!("CASE s.state {} END", ranks.join(" "))
        }
    };
    format!("{by} {way}, s.unit")
}

fn of_row(row: &AnyRow, due_on: Date, today: Date) -> Result<BoardRow, sqlx::Error> {
    let extended = day(row.try_get("extended_to")?)?;
    let due_on = extended.unwrap_or(due_on);
    Ok(BoardRow {
        unit: row.try_get("unit")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        state: state(row.try_get("state")?)?,
        since: row.try_get("since")?,
        due_on,
        is_extended: extended.is_some(),
        days_left: today.days_until(due_on),
        version: row.try_get("last_version")?,
        errors: row.try_get("errors")?,
        warnings: row.try_get("warnings")?,
        notes: row.try_get("notes")?,
        characters: row.try_get("characters")?,
        comments: row.try_get("comments")?,
    })
}
