//! All that a service keeps, in one file, and back. The file is a ZIP: the database as it was at one moment
//! (SQLite), the files of the store, and `manifest.json` with the SHA-256 of each. The database is copied first:
//! a file that comes later is one too many, and a result that is missing is made again.
//!
//! Of PostgreSQL the rooms' tables are copied into a SQLite file, and back, so that a backup of either can be
//! restored into either. The queue is not among them: what waits in it is given anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use nianbao_office::Office;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::AnyPool;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::audit::Record;
use crate::database::{self, DatabasePlace};
use crate::jobs;

/// What the file says it is, for whoever reads it.
const KIND: &str = "nianbao-backup";

/// The form of the file; another number for one that this program would misread.
const FORM: u32 = 1;

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "nianbao.db";
const STORE: &str = "store";

/// How large the manifest may be, in bytes.
const LARGEST_MANIFEST: u64 = 256 << 20;

/// How much of a file is in memory at a time.
const PART: usize = 1 << 20;

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct BackupManifest {
    kind: String,
    form: u32,
    /// The program that made it.
    pub version: String,
    /// Seconds since 1970.
    pub made_at: i64,
    pub files: BTreeMap<String, BackupFile>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct BackupFile {
    pub bytes: u64,
    pub sha256: String,
}

/// Why there is no backup, or nothing is restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupFailure {
    #[error("没有这个数据库：{}，请用 --data 指明服务的数据文件夹", .0.display())]
    NoDatabase(PathBuf),
    #[error("数据库出了问题：{0}")]
    Database(#[from] sqlx::Error),
    #[error("读不了 {}：{source}", .path.display())]
    Reading { path: PathBuf, source: io::Error },
    #[error("写不了：{0}")]
    Writing(#[from] io::Error),
    #[error("{} 里已经有东西，请另指一个新的文件夹", .0.display())]
    Occupied(PathBuf),
    #[error("这个数据库已经有服务用过，请另建一个空的")]
    Used,
}

/// What is wrong with a file that is to be restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error("这不是 nianbao backup 做的备份文件，或者它不完整")]
    NoBackup,
    #[error("这个备份是更新的程序（{0}）做的，请用那个版本的程序恢复")]
    Newer(String),
    #[error("备份里的 {0} 损坏了，或者被换过：内容与清单不符")]
    Damage(String),
    #[error("备份里的文件名 {0:?} 不对：它会写到文件夹外面")]
    Place(String),
    #[error("备份里缺少 {0}")]
    Gap(String),
    #[error(transparent)]
    Failure(#[from] BackupFailure),
}

/// Writes a backup of a database and the folder of a store, beside a running service. The copy of the database
/// lies in `scratch` meanwhile.
pub async fn back_up(
    place: &DatabasePlace,
    store: &Path,
    scratch: &Path,
    made_at: i64,
    out: impl Write,
) -> Result<BackupManifest, BackupFailure> {
    let copy = tempfile::Builder::new().prefix(".nianbao-").tempdir_in(scratch)?;
    let database = copy.path().join(DATABASE);
    if let DatabasePlace::File(file) = place
        && !file.is_file()
    {
        return Err(BackupFailure::NoDatabase(file.clone()));
    }
    copied(place, &database).await?;

    let mut zip = ZipWriter::new_stream(out);
    let mut files = BTreeMap::new();
    let of_database = put(&mut zip, DATABASE, &database, CompressionMethod::Deflated)?;
    files.extend(of_database.map(|file| (DATABASE.to_owned(), file)));
    for (name, path) in files_below(store)? {
        let name = format!("{STORE}/{name}");
        // Reports and archives are packed already.
        let kept = put(&mut zip, &name, &path, CompressionMethod::Stored)?;
        files.extend(kept.map(|file| (name, file)));
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = BackupManifest { kind: KIND.into(), form: FORM, version, made_at, files };
    let options = options(CompressionMethod::Deflated);
    zip.start_file(MANIFEST, options).map_err(io::Error::from)?;
    zip.write_all(&serde_json::to_vec_pretty(&manifest).map_err(io::Error::from)?)?;
    zip.finish().map_err(io::Error::from)?;
    Ok(manifest)
}

/// Copies a database, as it is at one moment, into a SQLite file.
async fn copied(place: &DatabasePlace, file: &Path) -> Result<(), BackupFailure> {
    let pool = place.open().await?;
    match place {
        DatabasePlace::File(_) => database::copy_whole(&pool, file).await?,
        DatabasePlace::Url(_) => {
            let is_shared = Record::beside(&pool).await.is_some();
            let sqlite = with_tables(&DatabasePlace::File(file.to_owned()), is_shared).await?;
            database::copy_rows(&pool, &sqlite, &database::shapes(&sqlite).await?).await?;
            sqlite.close().await;
        }
    }
    pool.close().await;
    Ok(())
}

/// Opens a database with the tables of the rooms; those of accounts and what comes with them if it is shared.
async fn with_tables(place: &DatabasePlace, is_shared: bool) -> Result<AnyPool, sqlx::Error> {
    jobs::make_tables(place).await?;
    if is_shared {
        Office::open(place).await?;
    }
    place.open().await
}

/// Fills a PostgreSQL database with what a backup has in a SQLite file. It must hold nothing yet.
pub async fn fill(place: &DatabasePlace, file: &Path) -> Result<(), BackupFailure> {
    let sqlite = DatabasePlace::File(file.to_owned()).open().await?;
    let is_shared = Record::beside(&sqlite).await.is_some();
    // What an older program made has what it had.
    with_tables(&DatabasePlace::File(file.to_owned()), is_shared).await?.close().await;
    let pool = with_tables(place, is_shared).await?;
    database::copy_rows(&sqlite, &pool, &database::shapes(&sqlite).await?).await?;
    sqlite.close().await;
    pool.close().await;
    Ok(())
}

/// Refuses a database that a service has used.
pub async fn demand_empty(place: &DatabasePlace) -> Result<(), BackupFailure> {
    let pool = place.open().await?;
    let is_used = database::has_rooms(&pool).await;
    pool.close().await;
    if is_used { Err(BackupFailure::Used) } else { Ok(()) }
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(true)
}

/// Puts a file in; nothing where it has gone meanwhile.
fn put(
    zip: &mut ZipWriter<impl Write + io::Seek>,
    name: &str,
    path: &Path,
    method: CompressionMethod,
) -> Result<Option<BackupFile>, BackupFailure> {
    let unreadable = |source| BackupFailure::Reading { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(unreadable)?,
    };
    zip.start_file(name, options(method)).map_err(io::Error::from)?;
    let (mut digest, mut bytes, mut part) = (Sha256::new(), 0, vec![0; PART]);
    loop {
        let length = file.read(&mut part).map_err(unreadable)?;
        if length == 0 {
            break;
        }
        digest.update(&part[..length]);
        bytes += length as u64;
        zip.write_all(&part[..length])?;
    }
    Ok(Some(BackupFile { bytes, sha256: hex::encode(digest.finalize()) }))
}

/// The files below a folder, by their paths in it; none where there is no such folder.
fn files_below(folder: &Path) -> Result<BTreeMap<String, PathBuf>, BackupFailure> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((below, folder)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(|source| BackupFailure::Reading { path: folder.clone(), source })?,
        };
        for entry in entries {
            let entry = entry.map_err(|source| BackupFailure::Reading { path: folder.clone(), source })?;
            // The store names its files itself, in letters and digits; `#` stands in what is half written.
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let name = format!("{below}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push((format!("{name}/"), entry.path())),
                Ok(kind) if kind.is_file() && !name.contains('#') => {
                    found.insert(name, entry.path());
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

/// Unpacks a backup into a new folder for data: whole, or not at all.
pub fn unpack(backup: &Path, data: &Path) -> Result<BackupManifest, BackupFault> {
    let is_new = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if !is_new {
        return Err(BackupFailure::Occupied(data.to_owned()).into());
    }
    let unreadable = |source| BackupFailure::Reading { path: backup.to_owned(), source };
    let file = File::open(backup).map_err(unreadable)?;
    let mut zip = ZipArchive::new(file).map_err(|_| BackupFault::NoBackup)?;
    let manifest = manifest(&mut zip)?;
    let beside = data.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(beside).map_err(BackupFailure::from)?;
    let made =
        tempfile::Builder::new().prefix(".nianbao-").tempdir_in(beside).map_err(BackupFailure::from)?;
    for (name, expected) in &manifest.files {
        let place = made.path().join(inside(name)?);
        let mut entry = zip.by_name(name).map_err(|_| BackupFault::Gap(name.clone()))?;
        if unpacked(&mut entry, &place, expected.bytes)?.as_ref() != Some(expected) {
            return Err(BackupFault::Damage(name.clone()));
        }
    }
    if !manifest.files.contains_key(DATABASE) {
        return Err(BackupFault::Gap(DATABASE.into()));
    }
    if data.exists() {
        fs::remove_dir(data).map_err(BackupFailure::from)?;
    }
    let made = made.keep();
    fs::rename(&made, data).map_err(BackupFailure::from)?;
    Ok(manifest)
}

fn manifest(zip: &mut ZipArchive<File>) -> Result<BackupManifest, BackupFault> {
    let entry = zip.by_name(MANIFEST).map_err(|_| BackupFault::NoBackup)?;
    let mut text = Vec::new();
    entry.take(LARGEST_MANIFEST).read_to_end(&mut text).map_err(|_| BackupFault::Damage(MANIFEST.into()))?;
    let manifest: BackupManifest = serde_json::from_slice(&text).map_err(|_| BackupFault::NoBackup)?;
    match (manifest.kind == KIND, manifest.form) {
        (true, FORM) => Ok(manifest),
        (true, _) => Err(BackupFault::Newer(manifest.version)),
        (false, _) => Err(BackupFault::NoBackup),
    }
}

/// A path of the backup as one below the folder that it is restored into.
fn inside(name: &str) -> Result<&Path, BackupFault> {
    let path = Path::new(name);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let is_ours = name == DATABASE || name.strip_prefix(STORE).is_some_and(|rest| rest.starts_with('/'));
    if is_plain && is_ours && !name.contains(['\\', '\0']) {
        Ok(path)
    } else {
        Err(BackupFault::Place(name.to_owned()))
    }
}

/// Writes an entry into a file; nothing where it cannot be read, or is longer than it ought to be.
fn unpacked(entry: &mut impl Read, place: &Path, expected: u64) -> Result<Option<BackupFile>, BackupFailure> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(place)?;
    let (mut digest, mut bytes, mut part) = (Sha256::new(), 0, vec![0; PART]);
    loop {
        let Ok(length) = entry.read(&mut part) else { return Ok(None) };
        if length == 0 {
            break;
        }
        bytes += length as u64;
        if bytes > expected {
            return Ok(None);
        }
        digest.update(&part[..length]);
        file.write_all(&part[..length])?;
    }
    file.sync_all()?;
    Ok(Some(BackupFile { bytes, sha256: hex::encode(digest.finalize()) }))
}
