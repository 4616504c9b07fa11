//! Where the faces are, if nobody says so: the program runs from its checkout, from a folder somewhere, and from a
//! package. And how the free ones come into such a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::CommandEnd;

/// Read before any of the [`places`] is looked at.
pub(super) const VARIABLE: &str = "NIANBAO_FONTS";

/// The name of the folder, wherever it is.
const NAME: &str = "fonts";

/// What fetches the free faces: it needs Debian's packages more than anything of this program.
const FETCHER: [(&str, &str); 3] = [
    ("fetch.sh", include_str!("../../fonts/fetch.sh")),
    ("free.sha256", include_str!("../../fonts/free.sha256")),
    ("truetype.py", include_str!("../../fonts/truetype.py")),
];

/// Fetches the free faces into `free` in this folder: all of them, or nothing is changed there. What happens is told
/// by the script.
pub(super) fn fetch(folder: &Path) -> Result<CommandEnd> {
    let scripts = tempfile::tempdir().context("没有地方放临时文件")?;
    for (name, text) in FETCHER {
        fs::write(scripts.path().join(name), text).context("没有地方放临时文件")?;
    }
    let fetched = Command::new("bash").arg(scripts.path().join("fetch.sh")).arg(folder).status();
    if !fetched.context("取得字体要用 bash，这台机器上没有")?.success() {
        bail!("没有取得字体，原因见上");
    }
    Ok(CommandEnd::Fine)
}

/// The first of the [`places`] that there is; the first of them where there is none, for the message.
pub(super) fn find() -> PathBuf {
    let places = places();
    places.iter().find(|place| place.is_dir()).unwrap_or(&places[0]).clone()
}

/// Where the folder is looked for, in this order: where the program was started, beside the program, in `/etc`, and in
/// the data folders of the user and of the system (XDG Base Directory Specification).
pub(super) fn places() -> Vec<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(NAME)));
    let data = xdg::BaseDirectories::with_prefix("nianbao");
    let of_user = data.get_data_home();
    let of_system = data.get_data_dirs();
    [PathBuf::from(NAME)]
        .into_iter()
        .chain(beside)
        .chain([Path::new("/etc/nianbao").join(NAME)])
        .chain(of_user.into_iter().chain(of_system).map(|folder| folder.join(NAME)))
        .collect()
}
