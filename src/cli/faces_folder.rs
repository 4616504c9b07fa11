//! Where the faces are, if nobody says so: the program runs from its checkout, from a folder somewhere, and from a
//! package.

use std::path::{Path, PathBuf};

/// Read before any of the [`places`] is looked at.
pub(super) const VARIABLE: &str = "NIANBAO_FONTS";

/// The name of the folder, wherever it is.
const NAME: &str = "fonts";

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
