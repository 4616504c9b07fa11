//! Which faces can do which job in an official document: what whoever typesets looks for, and
//! what whoever measures a finished page compares with.

/// The faces for a job, in order of preference.
#[derive(Debug, PartialEq, Eq)]
pub struct RoleFaces {
    /// What the standard calls it: 仿宋.
    pub name: &'static str,
    /// What a document for Word asks for: what offices have it as.
    pub in_word: &'static str,
    /// What an official machine uses, by any of the names such a face carries; `*` ends a prefix.
    pub official: &'static [&'static str],
    /// Free faces that stand in and then fill gaps: family and weight.
    pub free: &'static [(&'static str, u16)],
}

/// How a face stands to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is a face that the standard's readers expect.
    Official,
    /// It is a free one that stands in for them.
    StandIn,
    /// It is made for something else, or unknown.
    Other,
}

/// The role of the face for digits and Latin letters.
pub const LATIN: &str = "西文";

pub static ROLES: [RoleFaces; 6] = [
    RoleFaces {
        name: "小标宋",
        in_word: "方正小标宋简体",
        official: &[
            "方正小标宋_GBK",
            "FZXiaoBiaoSong-B05",
            "方正小标宋简体",
            "FZXiaoBiaoSong-B05S",
            "FZXBSJW--GB1-0",
            "方正公文小标宋",
            "FZDocXiaoBiaoSong",
            "CESI_XBS_*",
            "华文中宋",
            "STZhongsong",
            "FZXBSK--GBK1-0",
        ],
        free: &[
            ("Noto Serif CJK SC GB2312", 700),
            ("Noto Serif CJK SC", 700),
            ("FandolSong", 700),
            ("BabelStone Han", 400),
        ],
    },
    RoleFaces {
        name: "仿宋",
        in_word: "仿宋_GB2312",
        official: &[
            "仿宋_GB2312",
            "FangSong_GB2312",
            "仿宋",
            "FangSong",
            "方正仿宋_GBK",
            "FZFangSong-Z02",
            "FZFangSong-Z02S",
            "CESI_FS_*",
            "华文仿宋",
            "STFangsong",
            "FZFSK--GBK1-0",
            "FZFSJW--GB1-0",
        ],
        free: &[("FandolFang R", 400), ("BabelStone Han", 400), ("Noto Serif CJK SC", 400)],
    },
    RoleFaces {
        name: "楷体",
        in_word: "楷体_GB2312",
        official: &[
            "楷体_GB2312",
            "KaiTi_GB2312",
            "楷体",
            "KaiTi",
            "方正楷体_GBK",
            "FZKai-Z03",
            "FZKai-Z03S",
            "CESI_KT_*",
            "华文楷体",
            "STKaiti",
            "FZKTK--GBK1-0",
            "FZKTJW--GB1-0",
        ],
        free: &[
            ("FandolKai", 400),
            ("LXGW WenKai", 400),
            ("BabelStone Han", 400),
            ("Noto Serif CJK SC", 400),
        ],
    },
    RoleFaces {
        name: "黑体",
        in_word: "黑体",
        official: &[
            "黑体",
            "SimHei",
            "方正黑体_GBK",
            "FZHei-B01",
            "FZHei-B01S",
            "CESI_HT_*",
            "华文黑体",
            "STHeiti",
            "FZHTK--GBK1-0",
            "FZHTJW--GB1-0",
        ],
        free: &[("FandolHei", 400), ("Noto Sans CJK SC", 400), ("BabelStone Han", 400)],
    },
    RoleFaces {
        name: "宋体",
        in_word: "宋体",
        official: &[
            "宋体",
            "SimSun",
            "新宋体",
            "NSimSun",
            "方正书宋_GBK",
            "FZShuSong-Z01",
            "FZShuSong-Z01S",
            "CESI_SS_*",
            "华文宋体",
            "STSong",
            "FZSSK--GBK1-0",
            "FZSSJW--GB1-0",
        ],
        free: &[("FandolSong", 400), ("Noto Serif CJK SC", 400), ("BabelStone Han", 400)],
    },
    RoleFaces {
        name: LATIN,
        in_word: "Times New Roman",
        official: &["Times New Roman", "TimesNewRoman"],
        free: &[("Liberation Serif", 400)],
    },
];

impl RoleFaces {
    /// The job of this name. The names are those of the table.
    pub fn named(name: &str) -> &'static Self {
        ROLES.iter().find(|role| role.name == name).expect("the role is in the table")
    }

    /// How the face that a PDF calls `name` stands to this job. PDFs write the PostScript name, in
    /// many spellings and with the style behind it.
    pub fn standing(&self, name: &str) -> Standing {
        let name = bare(name);
        let is_bold = name.contains("bold");
        // The faces of a collection for all of East Asia share their outlines, and the name of one of them.
        let begins = |wanted: &str| name.starts_with(&bare(wanted.strip_suffix(" SC").unwrap_or(wanted)));
        let is_weight = |weight: u16| is_bold == (weight > 500);
        if self.official.iter().any(|wanted| begins(wanted)) {
            Standing::Official
        } else if self.free.iter().any(|(family, weight)| begins(family) && is_weight(*weight)) {
            Standing::StandIn
        } else {
            Standing::Other
        }
    }
}

/// A face's name without what its spellings differ in.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_is_known_by_whatever_name_a_pdf_gives_it() {
        let standing = |role, name| RoleFaces::named(role).standing(name);
        assert_eq!(standing("仿宋", "FangSong_GB2312"), Standing::Official);
        assert_eq!(standing("仿宋", "fangsong-gb2312"), Standing::Official);
        assert_eq!(standing("小标宋", "NotoSerifCJKsc-Bold"), Standing::StandIn);
        // Not so heavy it stands in for another.
        assert_eq!(standing("小标宋", "NotoSerifCJKsc-Regular"), Standing::Other);
        for unknown in ["", "-", "Wingdings", "ABCDEF+", "\u{202E}"] {
            assert_eq!(standing(LATIN, unknown), Standing::Other, "{unknown}");
        }
    }
}
