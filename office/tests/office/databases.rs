//! A new database for each test, of either kind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use nianbao_office::database::{DatabasePlace, migrate};
use sqlx::{AnyPool, AssertSqlSafe};

use crate::postgres::Postgres;

/// The PostgreSQL of the tests that run at a time. It ends with the last of them.
static SERVER: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

fn server() -> Arc<Postgres> {
    let mut server = SERVER.lock().unwrap();
    server.upgrade().unwrap_or_else(|| {
        let new = Arc::new(Postgres::start());
        *server = Arc::downgrade(&new);
        new
    })
}

/// Does the same on a new SQLite file and in a new PostgreSQL database.
pub async fn on_each(test: impl AsyncFn(AnyPool)) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let pool = DatabasePlace::File(folder.path().join("nianbao.db")).open().await.unwrap();
    test(pool.clone()).await;
    pool.close().await;

    let server = server();
    let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let usual = DatabasePlace::Url(server.url("postgres")).open().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&usual).await.unwrap();
    usual.close().await;
    let pool = DatabasePlace::Url(server.url(&name)).open().await.unwrap();
    test(pool.clone()).await;
    pool.close().await;
}

#[tokio::test]
async fn tables_are_brought_to_todays_form_once() {
    const FIRST: (&str, &str) = ("first", "CREATE TABLE things (name TEXT NOT NULL)");
    const SECOND: (&str, &str) = ("second", "INSERT INTO things VALUES ('one'), ('two')");
    on_each(async |pool| {
        migrate(&pool, "changes", &[FIRST]).await.unwrap();
        for _ in 0..2 {
            migrate(&pool, "changes", &[FIRST, SECOND]).await.unwrap();
        }
        // Another room's changes are another list.
        migrate(&pool, "others", &[("first", "CREATE TABLE more (name TEXT)")]).await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM things").fetch_one(&pool).await.unwrap();
        assert_eq!(count, 2);
    })
    .await;
}
