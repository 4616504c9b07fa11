//! The life around a report: the rooms of the program that need a database, and neither typst nor a network.
//! Their tests run on both databases and in seconds. The way of the data and the glossary are told by the
//! program's own crate.

use sqlx::AnyPool;

use accounts::Accounts;
use answers::Answers;
use audit::Record;
use collections::Collections;
use collections::drafts::Drafts;
use database::DatabasePlace;
use outbox::Outbox;

pub mod accounts;
pub mod answers;
pub mod audit;
pub mod collections;
pub mod database;
pub mod outbox;

/// The rooms that have tables, opened on one database.
#[derive(Clone)]
pub struct Office {
    pub record: Record,
    pub accounts: Accounts,
    pub collections: Collections,
    pub drafts: Drafts,
    pub answers: Answers,
    pub outbox: Outbox,
}

impl Office {
    /// Opens the database, and brings the tables to today's form.
    pub async fn open(place: &DatabasePlace) -> Result<Self, sqlx::Error> {
        Self::of(&place.open().await?).await
    }

    async fn of(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        // What the others do is noted in the record.
        let record = Record::open(pool).await?;
        Ok(Self {
            record,
            accounts: Accounts::open(pool).await?,
            collections: Collections::open(pool).await?,
            drafts: Drafts::open(pool.clone()).await?,
            answers: Answers::open(pool).await?,
            outbox: Outbox::open(pool).await?,
        })
    }
}
