//! Where uploads and results lie: a folder, or a bucket that speaks S3. Of a batch everything stands
//! below one name, and goes with it:
//!
//! ```text
//! batches/<id>/upload.zip
//! batches/<id>/units/<key>.json, <key>.pdf     what was told of a unit, and its file
//! batches/<id>/result-1.zip                    the archive, by round
//! ```
//!
//! A unit's record is written after the file it speaks of, as in the folder of the command line.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{self, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;

use super::{Batch, Unusable};
use crate::workers::{Outcome, Told};

/// Where the store is.
#[derive(Clone, Debug)]
pub enum StorePlace {
    Folder(PathBuf),
    /// `s3://bucket/prefix`, and what else is to be known of it, by the names that Amazon's own tools
    /// use (`AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, …).
    Bucket {
        url: String,
        options: Vec<(String, String)>,
    },
}

/// How much of a file is held at a time while it is copied, in bytes. Smaller parts S3 refuses.
const PART: usize = 5 << 20;

/// How many parts are on their way at a time.
const PARTS_UNDER_WAY: usize = 4;

#[derive(Clone)]
pub(super) struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// A file that is sent as it comes.
pub struct Download {
    pub length: u64,
    pub parts: BoxStream<'static, io::Result<Bytes>>,
}

impl Store {
    pub fn open(place: &StorePlace) -> Result<Self, Unusable> {
        let unusable = |error: object_store::Error| Unusable::Store(error.to_string());
        match place {
            StorePlace::Folder(folder) => {
                std::fs::create_dir_all(folder)
                    .map_err(|source| Unusable::Folder { folder: folder.clone(), source })?;
                // A unit that is noted as done has a file that outlives the plug that is pulled.
                let folder = LocalFileSystem::new_with_prefix(folder).map_err(unusable)?;
                let folder = folder.with_automatic_cleanup(true).with_fsync(true);
                Ok(Self { objects: Arc::new(folder), prefix: Path::default() })
            }
            StorePlace::Bucket { url, options } => {
                let mut builder = AmazonS3Builder::new().with_url(url);
                for (name, value) in options {
                    if let Ok(key) = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase()) {
                        builder = builder.with_config(key, value);
                    }
                }
                let below = url.trim_start_matches("s3://").split_once('/').map_or("", |(_, below)| below);
                let prefix = Path::parse(below).map_err(|error| Unusable::Store(error.to_string()))?;
                Ok(Self { objects: Arc::new(builder.build().map_err(unusable)?), prefix })
            }
        }
    }

    fn of_batch(&self, id: &str) -> Path {
        self.prefix.clone().join("batches").join(id)
    }

    fn upload(&self, batch: &Batch) -> Path {
        self.of_batch(&batch.id).join(format!("upload.{}", batch.kind))
    }

    fn archive(&self, batch: &Batch) -> Path {
        self.of_batch(&batch.id).join(format!("result-{}.zip", batch.round))
    }

    fn of_unit(&self, id: &str, key: &str, extension: &str) -> Path {
        self.of_batch(id).join("units").join(format!("{key}.{extension}"))
    }

    /// Keeps an upload that lies in a file.
    pub async fn keep_upload(&self, id: &str, kind: &str, file: &path::Path) -> io::Result<()> {
        let mut from = tokio::fs::File::open(file).await?;
        let place = self.of_batch(id).join(format!("upload.{kind}"));
        let mut parts = WriteMultipart::new(self.objects.put_multipart(&place).await?);
        let mut buffer = vec![0; PART];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                break;
            }
            parts.wait_for_capacity(PARTS_UNDER_WAY).await?;
            parts.write(&buffer[..length]);
        }
        parts.finish().await?;
        Ok(())
    }

    /// Writes the upload of a batch into a file.
    pub async fn fetch_upload(&self, batch: &Batch, file: &path::Path) -> io::Result<()> {
        let mut into = tokio::fs::File::create(file).await?;
        let mut parts = self.objects.get(&self.upload(batch)).await?.into_stream();
        while let Some(part) = parts.try_next().await? {
            into.write_all(&part).await?;
        }
        into.flush().await
    }

    /// What was told of a unit that was made before, and has its file.
    pub async fn made(&self, id: &str, key: &str) -> io::Result<Option<Told>> {
        let Some(told) = self.told(id, key).await?.filter(Told::is_made) else { return Ok(None) };
        match self.objects.head(&self.of_unit(id, key, "pdf")).await {
            Ok(_) => Ok(Some(told)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What was told of a unit before.
    async fn told(&self, id: &str, key: &str) -> io::Result<Option<Told>> {
        match self.objects.get(&self.of_unit(id, key, "json")).await {
            Ok(found) => Ok(Some(serde_json::from_slice(&found.bytes().await?)?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what came of a unit.
    pub async fn keep(&self, id: &str, key: &str, outcome: Outcome) -> io::Result<Told> {
        let Outcome { told, bytes, .. } = outcome;
        if told.is_made() {
            self.objects.put(&self.of_unit(id, key, "pdf"), bytes.into()).await?;
        }
        let record = serde_json::to_vec(&told)?;
        self.objects.put(&self.of_unit(id, key, "json"), record.into()).await?;
        Ok(told)
    }

    /// What was told of a unit, and its file; that of a unit that failed is empty.
    pub async fn result(&self, id: &str, key: &str) -> io::Result<(Told, Bytes)> {
        let told = self.told(id, key).await?.ok_or(io::ErrorKind::NotFound)?;
        if !told.is_made() {
            return Ok((told, Bytes::new()));
        }
        Ok((told, self.objects.get(&self.of_unit(id, key, "pdf")).await?.bytes().await?))
    }

    /// The names of all files that were made for the units of a batch.
    pub async fn of_units(&self, id: &str) -> io::Result<HashSet<String>> {
        let folder = self.of_batch(id).join("units");
        let mut found = self.objects.list(Some(&folder));
        let mut names = HashSet::new();
        while let Some(file) = found.try_next().await? {
            names.extend(file.location.filename().map(str::to_owned));
        }
        Ok(names)
    }

    /// Begins to write the archive of a batch.
    pub async fn write_archive(&self, batch: &Batch) -> io::Result<Writing> {
        let parts = WriteMultipart::new(self.objects.put_multipart(&self.archive(batch)).await?);
        Ok(Writing { parts: Some(parts), runtime: Handle::current() })
    }

    pub async fn read_archive(&self, batch: &Batch) -> io::Result<Download> {
        let found = self.objects.get(&self.archive(batch)).await?;
        Ok(Download { length: found.meta.size, parts: found.into_stream().map_err(Into::into).boxed() })
    }

    /// Removes everything of a batch.
    pub async fn remove(&self, id: &str) -> io::Result<()> {
        let files = self.objects.list(Some(&self.of_batch(id))).map_ok(|file| file.location).boxed();
        let mut removed = self.objects.delete_stream(files);
        while let Some(outcome) = removed.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A file on its way into the store, written from a thread that may wait. Nobody sees it before it is
/// whole.
pub(super) struct Writing {
    /// Until it is finished or given up.
    parts: Option<WriteMultipart>,
    runtime: Handle,
}

impl Writing {
    pub fn finish(mut self) -> io::Result<()> {
        if let Some(parts) = self.parts.take() {
            self.runtime.block_on(parts.finish())?;
        }
        Ok(())
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let parts = self.parts.as_mut().expect("it is not finished");
        self.runtime.block_on(parts.wait_for_capacity(PARTS_UNDER_WAY))?;
        parts.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            // What was sent of a file that is given up is thrown away, or else the store pays for it.
            let _ = self.runtime.block_on(parts.abort());
        }
    }
}
