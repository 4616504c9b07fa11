//! What stands beside the program: the folder of faces, and a folder of templates if the operator
//! has one. The only door through which files come in unasked; afterwards nothing is read again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use typst::foundations::Bytes;

use crate::checks::Settings;
use crate::guide::{self, Guide};
use crate::indicators::IndicatorList;
use crate::pipeline::Press;
use crate::template::{BrokenTemplate, Templates, is_part};
use crate::typeset::{FontFile, Fonts, MissingFaces, Pace};

/// How deep folders are followed, so that a loop of links comes to an end.
const MAX_DEPTH: usize = 8;

/// Where things stand.
#[derive(Clone, Debug, Default)]
pub struct Installation {
    /// The folder of faces; the free ones in a folder below it.
    pub fonts: PathBuf,
    /// Templates that are laid on top of the embedded ones.
    pub templates: Option<PathBuf>,
    /// A file with changes to the checks.
    pub config: Option<PathBuf>,
    /// A guide that reports are held against: a file, or the program's own by its name.
    pub guide: Option<PathBuf>,
    /// A list of the indicators that are prescribed, laid on the program's own.
    pub indicators: Option<PathBuf>,
}

/// Why the program cannot work here.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("没有字体文件夹 {}。请用 nianbao fonts --fetch 文件夹 取得免费字体，或用 --fonts 或环境变量 NIANBAO_FONTS 指明字体文件夹", .0.display())]
    NoFontsFolder(PathBuf),
    #[error(transparent)]
    MissingFaces(#[from] MissingFaces),
    #[error(transparent)]
    BrokenTemplate(#[from] BrokenTemplate),
    #[error("读不了 {}：{source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("文件 {} 不是 UTF-8 编码的文本", .0.display())]
    NotText(PathBuf),
    #[error("检查的配置 {} 有误：\n{fault}", .path.display())]
    BadSettings { path: PathBuf, fault: String },
    #[error("事项指引 {} 有误：\n{fault}", .path.display())]
    BadGuide { path: PathBuf, fault: String },
    #[error("指标目录 {} 有误：\n{fault}", .path.display())]
    BadIndicators { path: PathBuf, fault: String },
}

impl Installation {
    /// Reads the faces and the templates.
    pub fn open(&self) -> Result<Press, Unusable> {
        Ok(Press {
            templates: self.open_templates()?.into(),
            fonts: self.open_fonts()?.into(),
            settings: self.open_settings()?,
            pace: Pace::AtOnce,
        })
    }

    /// Stands for all that makes two installations set a report differently: the embedded
    /// templates are told by the program's version, faces by their names and sizes, the rest by
    /// what is in it.
    pub fn fingerprint(&self) -> Result<String, Unusable> {
        let mut digest = Sha256::new();
        for path in files_below(&self.fonts, 0)? {
            let length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            digest
                .update(format!("{}\0{length}\0", path.strip_prefix(&self.fonts).unwrap_or(&path).display()));
        }
        let templates = self.templates.iter().map(|folder| files_below(folder, 0));
        let templates = templates.collect::<Result<Vec<_>, _>>()?;
        for path in templates.into_iter().flatten().filter(|path| is_part(path)).chain(self.config.clone()) {
            digest.update(format!("{}\0", path.display()));
            digest.update(Sha256::digest(read(&path)?));
        }
        if let Some(path) = &self.guide {
            digest.update(format!("guide {}\0", path.display()));
            digest.update(Sha256::digest(read_guide(path)?));
        }
        if let Some(path) = &self.indicators {
            digest.update(format!("indicators {}\0", path.display()));
            digest.update(Sha256::digest(read(path)?));
        }
        Ok(hex::encode(digest.finalize()))
    }

    /// Reads the templates alone: what does not typeset needs no faces.
    pub fn open_templates(&self) -> Result<Templates, Unusable> {
        let mut overlay = BTreeMap::new();
        if let Some(folder) = &self.templates {
            for path in files_below(folder, 0)?.into_iter().filter(|path| is_part(path)) {
                let below = path.strip_prefix(folder).expect("a file below the folder");
                let name = below
                    .components()
                    .map(|part| part.as_os_str().to_string_lossy())
                    .collect::<Vec<_>>()
                    .join("/");
                overlay.insert(name, text(&path, read(&path)?)?);
            }
        }
        Ok(Templates::new(overlay)?)
    }

    /// Reads the changes to the checks, if there are any, the guide and the indicators, if any are chosen.
    fn open_settings(&self) -> Result<Settings, Unusable> {
        let settings = match &self.config {
            None => Settings::default(),
            Some(path) => Settings::read(&text(path, read(path)?)?)
                .map_err(|fault| Unusable::BadSettings { path: path.clone(), fault })?,
        };
        Ok(Settings { guide: self.open_guide()?, indicators: self.open_indicators()?, ..settings })
    }

    /// Reads the list of indicators, if one is prescribed.
    pub fn open_indicators(&self) -> Result<Option<Arc<IndicatorList>>, Unusable> {
        let Some(path) = &self.indicators else { return Ok(None) };
        let read = IndicatorList::read(&text(path, read(path)?)?);
        let list = read.map_err(|fault| Unusable::BadIndicators { path: path.clone(), fault })?;
        Ok(Some(Arc::new(list)))
    }

    fn open_guide(&self) -> Result<Option<Arc<Guide>>, Unusable> {
        let Some(path) = &self.guide else { return Ok(None) };
        let read = Guide::read(&text(path, read_guide(path)?)?);
        let guide = read.map_err(|fault| Unusable::BadGuide { path: path.clone(), fault })?;
        Ok(Some(Arc::new(guide)))
    }

    /// Reads the faces alone.
    pub fn open_fonts(&self) -> Result<Fonts, Unusable> {
        if !self.fonts.is_dir() {
            return Err(Unusable::NoFontsFolder(self.fonts.clone()));
        }
        let is_font = |path: &PathBuf| {
            let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            ["otf", "ttf", "ttc", "otc"].contains(&extension.as_str())
        };
        let paths = files_below(&self.fonts, 0)?.into_iter().filter(is_font);
        let files = paths
            .map(|path| Ok(FontFile { bytes: map(&path)?, path: path.display().to_string() }))
            .collect::<Result<Vec<_>, Unusable>>()?;
        Ok(Fonts::choose(&files)?)
    }
}

/// All files below a folder, in the order of their names, so that the choice of a face never
/// hangs on the disk. Hidden ones are left out.
fn files_below(folder: &Path, depth: usize) -> Result<Vec<PathBuf>, Unusable> {
    let unreadable = |source| Unusable::Unreadable { path: folder.to_owned(), source };
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(unreadable)?;
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            if depth < MAX_DEPTH {
                files.extend(files_below(&path, depth + 1)?);
            }
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    fs::read(path).map_err(|source| Unusable::Unreadable { path: path.to_owned(), source })
}

/// A guide as it is written. A file of the same name as the program's own is called by its folder: `./内置`.
fn read_guide(path: &Path) -> Result<Vec<u8>, Unusable> {
    if path == Path::new(guide::BUILT_IN) { Ok(guide::BUILT_IN_TEXT.into()) } else { read(path) }
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Unusable> {
    String::from_utf8(bytes).map_err(|_| Unusable::NotText(path.to_owned()))
}

/// A face's file, mapped: of 170 MB a document needs a twentieth, and the rest is never read.
#[expect(unsafe_code, reason = "mapping a file is unsafe: see below")]
fn map(path: &Path) -> Result<Bytes, Unusable> {
    let unreadable = |source| Unusable::Unreadable { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(unreadable)?;
    // SAFETY: the bytes must not change while they are mapped. Faces are put into the folder and
    // replaced by renaming, as package managers and fetch.sh do; who overwrites one in place under
    // a running program gets a crash, as with every program that maps its faces.
    let mapped = unsafe { memmap2::Mmap::map(&file) }.map_err(unreadable)?;
    Ok(Bytes::new(mapped))
}
