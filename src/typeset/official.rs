//! Whether an installation has the faces that the standard's readers expect.

use super::fonts::{FaceRole, Fonts};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::FieldPath;

code! {
    /// 用了代用字体
    ///
    /// GB/T 9704-2012 一般要求小标宋、仿宋、楷体、黑体和宋体。程序所带的免费字体与它们相近而不相同，
    /// 平时可以代用；生成时加了 `--strict-fonts`，就只能用公文规定或通用的字体。
    ///
    /// 各种用途现在用的字体见 `nianbao fonts`。
    ///
    /// 改正：把本单位有授权的字体文件（如方正小标宋、仿宋_GB2312）放进字体文件夹，再次生成；
    /// 或不加 `--strict-fonts`。
    pub STAND_IN_FACE = "stand-in-face", Error
}

/// A finding for each role that is set by a stand-in.
pub fn stand_ins(fonts: &Fonts) -> Vec<Diagnostic> {
    let stands_in = |role: FaceRole| {
        let face = fonts.faces().iter().find(|face| face.role == role && face.rank == 0)?;
        let official = role.official().iter().filter(|name| !name.ends_with('*')).take(3);
        let official: Vec<&str> = official.copied().collect();
        (!face.is_official).then(|| {
            STAND_IN_FACE.at(
                FieldPath::root(),
                format!("{}由 {} 代用", role.name(), face.family),
                format!("请把{}等字体的文件放进字体文件夹", official.join("、")),
            )
        })
    };
    FaceRole::all().filter_map(stands_in).collect()
}
