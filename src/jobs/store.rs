//! Where uploads and results lie: a folder, or a bucket that speaks S3. Of a batch everything stands
//! below one name, and goes with it:
//!
//! ```text
//! batches/<id>/upload.zip, last-year.zip, plan.zip   what came
//! batches/<id>/units/<key>.json, <key>.pdf     what was told of a unit, and its files end to end
//! batches/<id>/result-1.zip                    the archive, by round
//! collections/<id>/<unit>/<sha256>.pdf         what a unit has submitted
//! ```
//!
//! `clock` beside them tells what time the store has. A unit's record is written after the file it speaks of, as in the
//! folder of the command line.

mod leftovers;

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{self, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use crc32fast::Hasher;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;

use super::database::Seal;
use super::ready::has_room;
use super::{Batch, JobsUnusable, blocking};
use crate::batch::{is_sealed, seal};
use crate::workers::{Outcome, UnitRecord};

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

/// The largest archive that is read through before it is sent, in bytes.
const READ_TWICE: u64 = 64 << 20;

/// How many parts are on their way at a time.
const PARTS_UNDER_WAY: usize = 4;

#[derive(Clone)]
pub(super) struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Where it is a folder.
    folder: Option<Folder>,
}

/// A folder that may be on a disk or a share of its own.
#[derive(Clone)]
struct Folder(PathBuf);

/// Lies in the folder of a store. Without it the folder is another: the place where a share is mounted is
/// there without the share, and empty.
const MARK: &str = "nianbao-store";

impl Folder {
    fn open(path: &path::Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        std::fs::OpenOptions::new().append(true).create(true).open(path.join(MARK))?;
        Ok(Self(path.to_owned()))
    }

    /// Fails where it is away: nobody is to take what lies in it for lost, or to make another.
    fn demand(&self) -> io::Result<()> {
        match self.0.join(MARK).is_file() {
            true => Ok(()),
            false => {
                Err(io::Error::new(io::ErrorKind::NotConnected, format!("{} is away", self.0.display())))
            }
        }
    }

    /// Takes back a file that was written while the folder went away, with the folders made for it: the
    /// library that writes makes all that are missing. The folder itself may be where a share is mounted.
    fn take_back(&self, place: &Path) {
        let file = self.0.join(place.as_ref());
        let _ = std::fs::remove_file(&file);
        for made in file.ancestors().skip(1).take_while(|made| *made != self.0) {
            let _ = std::fs::remove_dir(made);
        }
    }
}

/// The steps to a document, from the prefix on.
fn steps(place: &str) -> io::Result<impl Iterator<Item = &str>> {
    match place.starts_with("collections/") && !place.split('/').any(|step| step.is_empty()) {
        true => Ok(place.split('/')),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "no place of a document")),
    }
}

/// A file that is sent as it comes.
pub struct Download {
    pub length: u64,
    pub parts: BoxStream<'static, io::Result<Bytes>>,
}

impl Store {
    pub(super) fn open(place: &StorePlace) -> Result<Self, JobsUnusable> {
        let unusable = |error: object_store::Error| JobsUnusable::Store(error.to_string());
        match place {
            StorePlace::Folder(folder) => {
                let place = Folder::open(folder)
                    .map_err(|source| JobsUnusable::Folder { folder: folder.clone(), source })?;
                // A unit that is noted as done has a file that outlives the plug that is pulled.
                let files = LocalFileSystem::new_with_prefix(folder).map_err(unusable)?;
                let files = files.with_automatic_cleanup(true).with_fsync(true);
                Ok(Self { objects: Arc::new(files), prefix: Path::default(), folder: Some(place) })
            }
            StorePlace::Bucket { url, options } => {
                let mut builder = AmazonS3Builder::new().with_url(url);
                for (name, value) in options {
                    if let Ok(key) = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase()) {
                        builder = builder.with_config(key, value);
                    }
                }
                let below = url.trim_start_matches("s3://").split_once('/').map_or("", |(_, below)| below);
                let prefix = Path::parse(below).map_err(|error| JobsUnusable::Store(error.to_string()))?;
                let objects = Arc::new(builder.build().map_err(unusable)?);
                Ok(Self { objects, prefix, folder: None })
            }
        }
    }

    /// Fails where nothing could be kept now.
    pub(super) async fn reach(&self) -> io::Result<()> {
        if let Some(folder) = self.folder.clone() {
            return blocking(move || folder.demand().and_then(|()| has_room(&folder.0))).await;
        }
        match self.objects.head(&self.prefix.clone().join("health")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The files, unless the folder that they are in is away.
    async fn objects(&self) -> io::Result<&Arc<dyn ObjectStore>> {
        if let Some(folder) = self.folder.clone() {
            // A share that hangs keeps whoever asks for it.
            blocking(move || folder.demand()).await?;
        }
        Ok(&self.objects)
    }

    fn of_batch(&self, id: &str) -> Path {
        self.prefix.clone().join("batches").join(id)
    }

    fn archive(&self, batch: &Batch) -> Path {
        self.of_batch(&batch.id).join(format!("result-{}.zip", batch.round))
    }

    fn of_unit(&self, id: &str, key: &str, extension: &str) -> Path {
        self.of_batch(id).join("units").join(format!("{key}.{extension}"))
    }

    /// Keeps what came for a batch, and lies in a file, by this name.
    pub(super) async fn keep_upload(&self, id: &str, name: &str, file: &path::Path) -> io::Result<()> {
        let mut from = tokio::fs::File::open(file).await?;
        let place = self.of_batch(id).join(name);
        let mut parts = WriteMultipart::new(self.objects().await?.put_multipart(&place).await?);
        let mut buffer = vec![0; PART];
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                break;
            }
            parts.wait_for_capacity(PARTS_UNDER_WAY).await?;
            parts.write(&buffer[..length]);
        }
        let written = parts.finish().await;
        self.written(&place, written).await
    }

    /// Whether what was written has come into the store, and not into another folder in its place.
    async fn written<T>(&self, place: &Path, written: object_store::Result<T>) -> io::Result<()> {
        if let Some(folder) = self.folder.clone() {
            let place = place.clone();
            blocking(move || folder.demand().inspect_err(|_| folder.take_back(&place))).await?;
        }
        written.map(drop).map_err(Into::into)
    }

    async fn put(&self, place: &Path, bytes: Bytes) -> io::Result<()> {
        let written = self.objects().await?.put(place, bytes.into()).await;
        self.written(place, written).await
    }

    /// Writes what came for a batch into a file. Where it is not there, or not what has this digest, the error's
    /// kind is `NotFound` or `InvalidData`.
    pub(super) async fn fetch_upload(
        &self,
        id: &str,
        name: &str,
        digest_then: &str,
        file: &path::Path,
    ) -> io::Result<()> {
        let mut parts = self.objects().await?.get(&self.of_batch(id).join(name)).await?.into_stream();
        let mut into = tokio::fs::File::create(file).await?;
        let mut digest = Sha256::new();
        while let Some(part) = parts.try_next().await? {
            digest.update(&part);
            into.write_all(&part).await?;
        }
        into.flush().await?;
        match hex::encode(digest.finalize()) == digest_then {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "the upload is not what came")),
        }
    }

    /// What was told of a unit that was made before, and has its file.
    pub(super) async fn made(&self, id: &str, key: &str) -> io::Result<Option<UnitRecord>> {
        Ok(self.result(id, key).await?.map(|(told, _)| told).filter(UnitRecord::is_made))
    }

    /// What was told of a unit before. What cannot be read is as good as not there.
    async fn told(&self, id: &str, key: &str) -> io::Result<Option<UnitRecord>> {
        let Some(record) = self.bytes(&self.of_unit(id, key, "json")).await? else { return Ok(None) };
        let told = if is_sealed(key, &record) { serde_json::from_slice(&record).ok() } else { None };
        if told.is_none() {
            tracing::warn!(batch = id, key, "the record of a unit is damaged, or of another version");
        }
        Ok(told)
    }

    /// The whole of a file, if it is there.
    async fn bytes(&self, place: &Path) -> io::Result<Option<Bytes>> {
        let found = match self.objects().await?.get(place).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a document that belongs to no batch.
    pub(super) async fn put_document(&self, place: &str, bytes: Bytes) -> io::Result<()> {
        self.put(&self.of_document(place)?, bytes).await
    }

    /// Such a document, if it is there.
    pub(super) async fn document(&self, place: &str) -> io::Result<Option<Bytes>> {
        self.bytes(&self.of_document(place)?).await
    }

    fn of_document(&self, place: &str) -> io::Result<Path> {
        Ok(steps(place)?.fold(self.prefix.clone(), |path, step| path.join(step)))
    }

    /// Keeps what came of a unit.
    pub(super) async fn keep(&self, id: &str, key: &str, outcome: Outcome) -> io::Result<UnitRecord> {
        let Outcome { told, bytes, .. } = outcome;
        if told.length() > 0 {
            self.put(&self.of_unit(id, key, "pdf"), bytes.into()).await?;
        }
        let record = seal(key, &told)?;
        self.put(&self.of_unit(id, key, "json"), record.into()).await?;
        Ok(told)
    }

    /// What was told of a unit, and its files end to end; a unit that failed may have none. Nothing where either is
    /// gone or came to harm.
    pub(super) async fn result(&self, id: &str, key: &str) -> io::Result<Option<(UnitRecord, Bytes)>> {
        let Some(told) = self.told(id, key).await? else { return Ok(None) };
        if told.length() == 0 {
            return Ok(Some((told, Bytes::new())));
        }
        let file = self.bytes(&self.of_unit(id, key, "pdf")).await?;
        let file = file.filter(|file| told.is_made_of(file));
        Ok(file.map(|file| (told, file)))
    }

    /// The names of all files that were made for the units of a batch.
    pub(super) async fn of_units(&self, id: &str) -> io::Result<HashSet<String>> {
        let folder = self.of_batch(id).join("units");
        let mut found = self.objects().await?.list(Some(&folder));
        let mut names = HashSet::new();
        while let Some(file) = found.try_next().await? {
            names.extend(file.location.filename().map(str::to_owned));
        }
        Ok(names)
    }

    /// Begins to write the archive of a batch.
    pub(super) async fn write_archive(&self, batch: &Batch) -> io::Result<FileWriter> {
        let place = self.archive(batch);
        let parts = WriteMultipart::new(self.objects().await?.put_multipart(&place).await?);
        let (store, runtime) = (self.clone(), Handle::current());
        Ok(FileWriter { store, place, parts: Some(parts), runtime, bytes: 0, crc32: Hasher::new() })
    }

    /// The archive of a batch; nothing where it is gone, or is another file than was written. Of one that is
    /// too large to be read twice that shows at its end only: what then is missing of it is never sent, and
    /// `damaged` is called.
    pub(super) async fn read_archive(
        &self,
        batch: &Batch,
        damaged: impl FnOnce() + Send + 'static,
    ) -> io::Result<Option<Download>> {
        let Some(seal) = batch.seal else { return self.open_archive(batch).await };
        let Some(archive) = self.open_archive(batch).await?.filter(|found| found.length == seal.bytes) else {
            return Ok(None);
        };
        if seal.bytes > READ_TWICE {
            let parts = sealed(archive.parts, seal, damaged);
            return Ok(Some(Download { parts, ..archive }));
        }
        let (mut parts, mut crc32) = (archive.parts, Hasher::new());
        while let Some(part) = parts.try_next().await? {
            crc32.update(&part);
        }
        match crc32.finalize() == seal.crc32 {
            // It may be another's by now; then it is cut off.
            true => Ok(self
                .open_archive(batch)
                .await?
                .map(|found| Download { parts: sealed(found.parts, seal, damaged), ..found })),
            false => Ok(None),
        }
    }

    async fn open_archive(&self, batch: &Batch) -> io::Result<Option<Download>> {
        match self.objects().await?.get(&self.archive(batch)).await {
            Ok(found) => Ok(Some(Download {
                length: found.meta.size,
                parts: found.into_stream().map_err(Into::into).boxed(),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes everything of a batch.
    pub(super) async fn remove(&self, id: &str) -> io::Result<()> {
        let files = self.objects().await?.list(Some(&self.of_batch(id))).map_ok(|file| file.location).boxed();
        let mut removed = self.objects().await?.delete_stream(files);
        while let Some(outcome) = removed.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// The parts of an archive, the last of them only once all are known to be right.
fn sealed(
    parts: BoxStream<'static, io::Result<Bytes>>,
    seal: Seal,
    damaged: impl FnOnce() + Send + 'static,
) -> BoxStream<'static, io::Result<Bytes>> {
    let state = (parts, None, Hasher::new(), 0, Some(damaged));
    let checked = stream::try_unfold(
        state,
        move |(mut parts, mut held, mut crc32, mut length, mut damaged)| async move {
            loop {
                match parts.try_next().await? {
                    Some(part) => {
                        crc32.update(&part);
                        length += part.len() as u64;
                        if let Some(before) = held.replace(part) {
                            return Ok(Some((before, (parts, held, crc32, length, damaged))));
                        }
                    }
                    None if length == seal.bytes && crc32.clone().finalize() == seal.crc32 => {
                        return Ok(held.take().map(|last| (last, (parts, None, crc32, length, damaged))));
                    }
                    None => {
                        if let Some(damaged) = damaged.take() {
                            damaged();
                        }
                        return Err(io::Error::new(
                            io::ErrorKind::InvalidData,
                            "an archive is not what was written",
                        ));
                    }
                }
            }
        },
    );
    checked.boxed()
}

/// A file on its way into the store, written from a thread that may wait. Nobody sees it before it is
/// whole.
pub(super) struct FileWriter {
    store: Store,
    place: Path,
    /// Until it is finished or given up.
    parts: Option<WriteMultipart>,
    runtime: Handle,
    bytes: u64,
    crc32: Hasher,
}

impl FileWriter {
    /// Finishes it, and says what tells it from any other.
    pub(super) fn finish(mut self) -> io::Result<Seal> {
        if let Some(parts) = self.parts.take() {
            self.runtime.block_on(async { self.store.written(&self.place, parts.finish().await).await })?;
        }
        Ok(Seal { bytes: self.bytes, crc32: self.crc32.clone().finalize() })
    }
}

impl Write for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let parts = self.parts.as_mut().expect("it is not finished");
        self.runtime.block_on(parts.wait_for_capacity(PARTS_UNDER_WAY))?;
        parts.write(bytes);
        self.bytes += bytes.len() as u64;
        self.crc32.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            // What was sent of a file that is given up is thrown away, or else the store pays for it.
            let _ =
                self.runtime.block_on(async { self.store.written(&self.place, parts.abort().await).await });
        }
    }
}
