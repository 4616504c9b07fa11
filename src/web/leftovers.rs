//! What was left in the store by services that ended while a unit submitted: files that no version names. Only where
//! the database knows the collection: with another database in its place nothing is taken away.

use std::sync::Arc;
use std::time::Duration;

use nianbao_office::Office;
use tokio::time::sleep;

use crate::collections::CollectionRefusal;
use crate::jobs::{JobFailure, Jobs};

/// How often it is looked for them.
const EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// For how long they stay. Submitting takes some minutes at most.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why they stay for now.
#[derive(Debug, thiserror::Error)]
enum LeftoverFailure {
    #[error("it cannot be asked which files are named: {0}")]
    Collections(#[from] CollectionRefusal),
    #[error("the store: {0}")]
    Store(#[from] JobFailure),
}

/// Takes them away, now and then.
pub(super) async fn attend(office: Office, jobs: Arc<Jobs>) {
    loop {
        match take_away(&office, &jobs).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files that no version names were taken away"),
            Err(error) => tracing::warn!(%error, "files that no version names could not be taken away"),
        }
        sleep(EVERY).await;
    }
}

async fn take_away(office: &Office, jobs: &Jobs) -> Result<usize, LeftoverFailure> {
    let mut count = 0;
    for collection in office.collections.ids().await? {
        let named = office.collections.file_places(&collection).await?;
        count += jobs.remove_leftovers(&collection, &named, GRACE).await?;
    }
    Ok(count)
}
