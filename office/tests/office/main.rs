//! What the rooms of the office must hold, each on SQLite and on PostgreSQL.

#![allow(unreachable_pub, reason = "what a test says is nobody's interface")]

#[path = "../../../tests/suite/postgres.rs"]
mod postgres;

mod accounts;
mod answers;
mod arrivals;
mod audit;
mod collections;
mod databases;
mod drafts;
mod identities;
mod outbox;
