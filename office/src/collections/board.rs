//! The board: all units of a collection at a glance.

use nianbao_core::report::{Choice, Date};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Arguments, AssertSqlSafe, Row};

use super::Collections;
use super::faults::CollectionRefusal;
use super::states::SubmissionState;
use super::submissions::{day, state, word};
use super::units::UnitNow;

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
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Board {
    pub rows: Vec<BoardRow>,
    /// How many there are that match, on all pages.
    pub total: i64,
}

/// A unit on the board.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BoardRow {
    pub unit: String,
    /// As in the submission.
    pub name: String,
    pub now: Option<UnitNow>,
    pub kind: String,
    #[serde(serialize_with = "word")]
    #[schemars(with = "String")]
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
    /// Whether it needs a sign-off and nobody can sign for it: told by whoever knows the accounts.
    pub lacks_signer: bool,
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
        let choice = BoardChoice::of(wish);
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", choice.from()));
        let total: i64 =
            sqlx::query_scalar_with(count, choice.arguments(collection)?).fetch_one(&self.pool).await?;
        let limit = wish.limit.min(MAX_PAGE);
        Ok(Board { rows: self.rows(collection, wish, Some(limit), today).await?, total })
    }

    /// All submissions that are wished for, on however many pages: read at one time, so that none is left out that
    /// changes its state meanwhile.
    pub async fn whole_board(
        &self,
        collection: &str,
        wish: &BoardWish<'_>,
        today: Date,
    ) -> Result<Vec<BoardRow>, CollectionRefusal> {
        self.rows(collection, &BoardWish { offset: 0, ..wish.clone() }, None, today).await
    }

    async fn rows(
        &self,
        collection: &str,
        wish: &BoardWish<'_>,
        limit: Option<usize>,
        today: Date,
    ) -> Result<Vec<BoardRow>, CollectionRefusal> {
        let due_on = self.collection(collection).await?.plan.due_on;
        let choice = BoardChoice::of(wish);
        let order = order(wish.order, wish.is_descending, due_on);
        // Only the page's own units are looked up in the roster, where it does not take part in the choice.
        let statement = format!(
            "SELECT s.unit, s.name, n.name AS name_now, r.merged_into, r.kind, s.state, s.since, s.extended_to,
                 s.last_version, s.errors, s.warnings, s.notes, s.characters, s.comments
             FROM (SELECT s.* FROM {} ORDER BY {order} LIMIT {} OFFSET {}) s
             JOIN nianbao_roster r ON r.code = s.unit
             JOIN nianbao_roster n ON n.code = COALESCE(r.merged_into, r.code) ORDER BY {order}",
            choice.from(),
            limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX),
            i64::try_from(wish.offset).unwrap_or(i64::MAX),
        );
        let rows = sqlx::query_with(AssertSqlSafe(statement), choice.arguments(collection)?)
            .try_map(|row| of_row(&row, due_on, today))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows)
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

/// Which rows are chosen.
struct BoardChoice<'a> {
    states: &'a [SubmissionState],
    kind: String,
    pattern: String,
    /// Whether what the roster says of a unit takes part in it.
    needs_roster: bool,
}

impl<'a> BoardChoice<'a> {
    fn of(wish: &BoardWish<'a>) -> Self {
        let kind = wish.kind.map(visible).unwrap_or_default();
        let pattern = wish.text.map_or_else(String::new, pattern);
        let needs_roster = !kind.is_empty() || !pattern.is_empty();
        Self { states: wish.states, kind, pattern, needs_roster }
    }

    /// The tables and what their rows must be, of the collection `$1`.
    fn from(&self) -> String {
        let words: Vec<String> = self.states.iter().map(|state| format!("'{}'", state.word())).collect();
        let of_state = match words.is_empty() {
            true => String::new(),
            false => format!(" AND s.state IN ({})", words.join(", ")),
        };
        match self.needs_roster {
            false => format!("nianbao_submissions s WHERE s.collection = $1{of_state}"),
            true => format!(
                "nianbao_submissions s JOIN nianbao_roster r ON r.code = s.unit
                 WHERE s.collection = $1 AND ($2 = '' OR r.kind = $2)
                     AND ($3 = '' OR LOWER(s.name) LIKE $3 ESCAPE '!' OR LOWER(r.name) LIKE $3 ESCAPE '!'
                         OR LOWER(s.unit) LIKE $3 ESCAPE '!')
                     {of_state}"
            ),
        }
    }

    /// What stands for `$1` and on.
    fn arguments(&self, collection: &str) -> Result<AnyArguments, sqlx::Error> {
        let looked_for = if self.needs_roster { vec![&self.kind, &self.pattern] } else { vec![] };
        let mut arguments = AnyArguments::default();
        arguments.add(collection.to_owned()).map_err(sqlx::Error::Encode)?;
        for text in looked_for {
            arguments.add(text.clone()).map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
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
        BoardOrder::Name => "s.name".to_owned(),
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
        now: UnitNow::of(row)?,
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
        lacks_signer: false,
    })
}
