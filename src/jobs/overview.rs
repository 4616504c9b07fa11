//! The overview of a batch by itself, taken out of the archive.

use std::io::SeekFrom;

use futures_util::StreamExt;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::task::spawn_blocking;

use super::{Download, JobFailure, Jobs, OPENED};
use crate::batch::overview_in;

impl Jobs {
    /// The overview in an archive; nothing where none could be made.
    pub async fn overview(&self, archive: Download) -> Result<Option<Vec<u8>>, JobFailure> {
        // An archive tells at its end where what lies in it.
        let mut file = File::from_std(tempfile::tempfile_in(self.settings.data.join(OPENED))?);
        let mut parts = archive.parts;
        while let Some(part) = parts.next().await {
            file.write_all(&part?).await?;
        }
        file.flush().await?;
        file.seek(SeekFrom::Start(0)).await?;
        let file = file.into_std().await;
        Ok(spawn_blocking(move || overview_in(file)).await.map_err(std::io::Error::other)??)
    }
}
