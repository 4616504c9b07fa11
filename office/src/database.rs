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

use futures_util::TryStreamExt;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, AssertSqlSafe, Connection, Row, SqlSafeStr};

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

/// A table of some room, as it is copied from one kind of database to the other.
#[derive(Debug)]
pub struct TableShape {
    name: String,
    /// The names of its columns, and whether they are numbers; all others are texts.
    columns: Vec<(String, bool)>,
}

/// The tables of the rooms in a SQLite database, but for the lists of their changes.
pub async fn shapes(sqlite: &AnyPool) -> Result<Vec<TableShape>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'nianbao!_%' ESCAPE '!'
             AND name NOT LIKE 'nianbao!_migrations%' ESCAPE '!' ORDER BY name",
    )
    .fetch_all(sqlite)
    .await?;
    let mut shapes = Vec::new();
    for name in names {
        let columns = sqlx::query("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
            .bind(&name)
            .try_map(|row: AnyRow| Ok((row.try_get(0)?, row.try_get::<String, _>(1)? == "BIGINT")))
            .fetch_all(sqlite)
            .await?;
        shapes.push(TableShape { name, columns });
    }
    Ok(shapes)
}

/// Whether some room has made its tables there.
pub async fn has_rooms(pool: &AnyPool) -> bool {
    sqlx::query("SELECT 1 FROM nianbao_migrations LIMIT 1").execute(pool).await.is_ok()
}

/// Copies these tables, as they are at one moment, into a database that has them: what was there goes. All
/// or nothing.
pub async fn copy_rows(from: &AnyPool, to: &AnyPool, shapes: &[TableShape]) -> Result<(), sqlx::Error> {
    let mut reading = from.begin().await?;
    // SQLite reads what was there at the first statement anyway, and knows no such words.
    let is_postgres = reading.backend_name() == "PostgreSQL";
    if is_postgres {
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *reading)
            .await?;
    }
    let mut changes = to.begin().await?;
    for TableShape { name, columns } in shapes {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let (names, places) = (names.join(", "), places.join(", "));
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut *changes).await?;
        let insert = format!("INSERT INTO {name} ({names}) VALUES ({places})");
        let select = format!("SELECT {names} FROM {name}");
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *reading);
        while let Some(row) = rows.try_next().await? {
            let mut insert = sqlx::query(AssertSqlSafe(insert.clone()));
            for (at, (_, is_number)) in columns.iter().enumerate() {
                insert = match is_number {
                    true => insert.bind(row.try_get::<Option<i64>, _>(at)?),
                    false => insert.bind(row.try_get::<Option<String>, _>(at)?),
                };
            }
            insert.execute(&mut *changes).await?;
        }
    }
    changes.commit().await
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
