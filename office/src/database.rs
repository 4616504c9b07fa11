//! The database, SQLite or PostgreSQL: where it is, and how it is opened. The same statements serve both,
//! by the driver that speaks either; each table belongs to one room, and only that room writes SQL on it.
//!
//! Two rules hold for every statement here:
//! - Times are in seconds since 1970, UTC, and come from the caller.
//! - A transaction begins with what it writes. SQLite then waits for its turn, where one that had read first
//!   would be refused at once; PostgreSQL holds the row.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, AssertSqlSafe, Connection, SqlSafeStr};

/// How long a statement waits for another program or thread that writes the same file.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections a program has to it.
const CONNECTIONS: u32 = 8;

#[derive(Clone, Debug)]
pub enum DatabasePlace {
    /// A SQLite file.
    File(PathBuf),
    /// `postgres://…`
    Url(String),
}

/// A change of the tables: its name, and its statements. What has been released is never changed again; what
/// comes later is another.
pub type SchemaChange = (&'static str, &'static str);

impl DatabasePlace {
    fn url(&self) -> String {
        match self {
            Self::File(path) => {
                let path = path.to_string_lossy();
                let path = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC);
                format!("sqlite://{path}?mode=rwc")
            }
            Self::Url(url) => url.clone(),
        }
    }

    /// Opens it.
    pub async fn open(&self) -> Result<AnyPool, sqlx::Error> {
        install_default_drivers();
        let url = self.url();
        options(&url, CONNECTIONS, PATIENCE).connect_with(AnyConnectOptions::from_str(&url)?).await
    }

    /// One connection apart, opened when it is first needed, that waits for no more than so long: a statement
    /// that hangs holds this one and none of the others.
    pub fn apart(&self, patience: Duration) -> Result<AnyPool, sqlx::Error> {
        install_default_drivers();
        let url = self.url();
        Ok(options(&url, 1, patience).connect_lazy_with(AnyConnectOptions::from_str(&url)?))
    }
}

/// Brings the tables of a room to today's form. What was done is noted in the table `list`, one for each room.
pub async fn migrate(
    pool: &AnyPool,
    list: &'static str,
    changes: &[SchemaChange],
) -> Result<(), sqlx::Error> {
    let change = |(version, (name, text)): (i64, &SchemaChange)| {
        Migration::new(version, (*name).into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations((1..).zip(changes).map(change).collect());
    // The job engine keeps its own list in the table of the usual name.
    migrator.dangerous_set_table_name(list);
    Ok(migrator.run(pool).await?)
}

/// Copies a SQLite database, as it is at one moment, into a new file, whoever writes in it meanwhile.
pub async fn copy_whole(pool: &AnyPool, file: &Path) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM INTO $1").bind(file.to_string_lossy().into_owned()).execute(pool).await?;
    Ok(())
}

fn options(url: &str, connections: u32, patience: Duration) -> AnyPoolOptions {
    let is_sqlite = url.starts_with("sqlite:");
    AnyPoolOptions::new()
        .max_connections(connections)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if is_sqlite {
                    let patience = patience.as_millis();
                    sqlx::query(AssertSqlSafe(format!("PRAGMA busy_timeout = {patience}")))
                        .execute(&mut *connection)
                        .await?;
                    // What was answered outlives the plug that is pulled.
                    sqlx::query("PRAGMA synchronous = FULL").execute(connection).await?;
                }
                Ok(())
            })
        })
        .after_release(|connection, _| Box::pin(is_fit(connection)))
}

/// Whether a connection may be used again. Where a disk is full SQLite ends a transaction by itself; sqlx
/// (0.9) takes it to be open, rolls back in vain, begins the next one inside it, and when that fails leaves it
/// open for ever, with the file locked against everybody. Such a connection is closed.
pub async fn is_fit<C: Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    // Behind the rolling back that waits its turn.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
