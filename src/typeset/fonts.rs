//! Faces by role. GB/T 9704-2012 asks for faces by their looks (小标宋, 仿宋, 楷体, 黑体, 宋体); an
//! operator's own win, free ones stand in, and templates speak of roles only. No face of the
//! system is used: the same installation sets the same page everywhere.

use std::fmt;
use std::sync::{Arc, OnceLock};

use encoding_rs::GBK;
use ttf_parser::{PlatformId, name_id};
use typst::foundations::{Array, Bytes, Dict, Func, IntoValue, NativeFunc, Regex, Value};
use typst::text::{Coverage, Font, FontBook, FontFlags, FontInfo, FontVariant};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};

use super::grid::set_on_grid;
use super::last_pages::last_pages;
use super::line_break;
use crate::faces::{LATIN, ROLES, RoleFaces};

/// A job that a face does in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceRole(&'static RoleFaces);

/// The licences of the free faces, for the records that say nothing themselves.
const LICENCES: [(&str, &str); 5] = [
    ("Fandol", "GPL-3.0，含字体例外"),
    ("Noto", "OFL-1.1"),
    ("Liberation", "OFL-1.1"),
    ("LXGW", "OFL-1.1"),
    ("BabelStone", "Arphic Public License、CC BY-SA"),
];

/// What many faces of old have half as wide as a character, as in English; in Chinese text each fills a cell.
const QUOTATION_MARKS: [char; 4] = ['“', '”', '‘', '’'];

/// From which width on a mark fills its cell, in ems.
const FULL: f32 = 0.9;

/// A font file as the operator has it: its path for messages, and its bytes.
pub struct FontFile {
    pub path: String,
    pub bytes: Bytes,
}

/// A face at work.
pub struct Face {
    pub role: FaceRole,
    /// 0 for the face that sets the role's text; those after it fill its gaps.
    pub rank: usize,
    pub family: String,
    pub file: String,
    pub licence: String,
    /// Whether it is a face that the standard's readers expect, and not a stand-in.
    pub is_official: bool,
    /// Whether its quotation marks fill a cell; nothing where it has none.
    has_full_marks: Option<bool>,
    font: Arc<UnopenedFont>,
}

/// A font of which nothing is read before it is asked for, and then for all roles at once: what a face covers takes long.
struct UnopenedFont {
    bytes: Bytes,
    index: u32,
    opened: OnceLock<Option<Font>>,
    drawable: OnceLock<Drawable>,
}

impl UnopenedFont {
    /// Nothing where typst cannot read it.
    fn open(&self) -> Option<&Font> {
        self.opened.get_or_init(|| Font::new(self.bytes.clone(), self.index)).as_ref()
    }

    fn drawable(&self) -> &Drawable {
        self.drawable.get_or_init(|| Drawable::of(&self.bytes, self.index))
    }

    fn is(&self, font: &Font) -> bool {
        self.opened.get().is_some_and(|opened| opened.as_ref() == Some(font))
    }
}

/// The characters that a face can draw: a bit for each of Unicode's.
struct Drawable(Vec<u64>);

impl Drawable {
    fn of(bytes: &[u8], index: u32) -> Self {
        let mut bits = vec![0; (char::MAX as usize + 1).div_ceil(64)];
        let maps = ttf_parser::Face::parse(bytes, index).ok().and_then(|face| face.tables().cmap);
        for map in maps.into_iter().flat_map(|maps| maps.subtables).filter(|map| map.is_unicode()) {
            map.codepoints(|point| {
                if let Some(word) = bits.get_mut(point as usize / 64) {
                    *word |= 1 << (point % 64);
                }
            });
        }
        Self(bits)
    }

    fn has(&self, character: char) -> bool {
        let point = character as usize;
        self.0[point / 64] >> (point % 64) & 1 == 1
    }
}

/// The faces of an installation, and the typst library that knows their roles.
pub struct Fonts {
    faces: Vec<Face>,
    /// Of all faces, so that typst finds one for what a template sets in none of them. Read when something is typeset.
    book: OnceLock<LazyHash<FontBook>>,
    pub(super) library: LazyHash<Library>,
    inputs: Dict,
}

/// There is no face for some roles.
#[derive(Debug, thiserror::Error)]
#[error("没有找到可用的字体（{}）。请用 nianbao fonts --fetch 文件夹 取得免费字体，或把本单位的字体文件放进 fonts 文件夹", .roles.join("、"))]
pub struct MissingFaces {
    pub roles: Vec<&'static str>,
}

impl FaceRole {
    /// All roles, the title's first.
    pub fn all() -> impl Iterator<Item = Self> {
        ROLES.iter().map(Self)
    }

    /// What the standard calls the face: 仿宋.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether it sets Chinese characters, and not digits and Latin letters.
    pub fn is_chinese(self) -> bool {
        self.name() != LATIN
    }

    /// What an official machine would use, the usual one first.
    pub fn official(self) -> &'static [&'static str] {
        self.0.official
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.faces.iter().map(|face| (face.role.name(), &face.family))).finish()
    }
}

impl Fonts {
    /// Chooses the faces of every role from these files. Files that are no fonts are passed over.
    pub fn choose(files: &[FontFile]) -> Result<Self, MissingFaces> {
        let candidates: Vec<Candidate> = files.iter().flat_map(Candidate::of_file).collect();
        let mut faces = Vec::new();
        for role in FaceRole::all() {
            let official = role.0.official.iter().find_map(|name| {
                let bearing = candidates.iter().filter(|candidate| candidate.is_called(name));
                bearing.min_by_key(|candidate| candidate.distance_from_regular())
            });
            let free = role.0.free.iter().filter_map(|(family, weight)| {
                candidates
                    .iter()
                    .find(|candidate| candidate.is_called(family) && candidate.is_upright(*weight))
            });
            let chain = official
                .map(|candidate| (candidate, true))
                .into_iter()
                .chain(free.map(|candidate| (candidate, false)));
            for (rank, (candidate, is_official)) in chain.enumerate() {
                faces.extend(candidate.face(role, rank, is_official));
            }
        }
        let missing = |role: &FaceRole| !faces.iter().any(|face: &Face| face.role == *role);
        let roles: Vec<_> = FaceRole::all().filter(missing).map(FaceRole::name).collect();
        if !roles.is_empty() {
            return Err(MissingFaces { roles });
        }
        let inputs = Dict::from_iter([
            ("faces".into(), chains(&faces).into_value()),
            ("set-on-grid".into(), Func::from(set_on_grid::data()).into_value()),
            ("last-pages".into(), Func::from(last_pages::data()).into_value()),
        ]);
        let library = Library::builder().with_inputs(inputs.clone()).build();
        Ok(Self { faces, book: OnceLock::new(), library: LazyHash::new(library), inputs })
    }

    /// The library with something more to tell the layout library.
    pub(super) fn library_with(&self, name: &str, value: Dict) -> LazyHash<Library> {
        let mut inputs = self.inputs.clone();
        inputs.insert(name.into(), value.into_value());
        LazyHash::new(Library::builder().with_inputs(inputs).build())
    }

    pub fn faces(&self) -> &[Face] {
        &self.faces
    }

    /// The family that sets a role's text, and whether it is the bold of it that does.
    pub fn family(&self, role: &str) -> (String, bool) {
        let face = self.faces.iter().find(|face| face.role.name() == role && face.rank == 0);
        let of = |face: &Face| {
            let is_bold = face.font.open().is_some_and(|font| font.info().variant.weight.to_number() > 500);
            (face.family.clone(), is_bold && !face.is_official)
        };
        face.map(of).unwrap_or_default()
    }

    /// What a face is called in a file that goes to other machines: as offices have the face that it stands in for,
    /// where it sets a role's text; and its own family.
    pub fn names(&self, font: &Font) -> (String, String) {
        let bearing = || self.faces.iter().filter(|face| face.font.is(font));
        let Some(face) = bearing().min_by_key(|face| face.rank) else {
            let family = &font.info().family;
            return (family.clone(), family.clone());
        };
        let is_stand_in = face.rank == 0 && !face.is_official;
        let name = if is_stand_in { face.role.0.in_word.to_owned() } else { face.family.clone() };
        (name, face.family.clone())
    }

    /// The characters of `text` that no face can draw where `role` sets it, each once. A role
    /// that does not exist draws nothing.
    pub fn undrawable(&self, role: &str, text: &str) -> Vec<char> {
        let chain = |name| self.faces.iter().filter(move |face| face.role.name() == name).collect::<Vec<_>>();
        let (chinese, latin) = (chain(role), chain(LATIN));
        let mut found = Vec::new();
        for character in text.chars().filter(|character| !matches!(character, '\n' | ' ')) {
            let is_drawn = chinese.iter().any(|face| face.draws(character))
                || is_latin(character) && latin.iter().any(|face| face.draws(character));
            if !is_drawn && !found.contains(&character) {
                found.push(character);
            }
        }
        found
    }

    /// How many of the 6,763 characters of GB 2312 a face has.
    pub fn gb2312_coverage(face: &Face) -> usize {
        gb2312().filter(|character| face.draws(*character)).count()
    }

    /// What a typst world of its own needs to set the same pages: for measuring against a bare
    /// loop over typst.
    pub fn parts(&self) -> (LazyHash<Library>, LazyHash<FontBook>, Vec<Font>) {
        let fonts = (0..=self.faces.len()).filter_map(|index| self.font(index)).collect();
        (self.library.clone(), self.book().clone(), fonts)
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        self.book.get_or_init(|| {
            let of_breaks =
                FontInfo { family: line_break::FAMILY.into(), ..line_break::font().info().clone() };
            LazyHash::new(FontBook::from_infos(self.faces.iter().map(Face::info).chain([of_breaks])))
        })
    }

    /// By its place in the book: the faces, and behind them the line break's.
    pub(super) fn font(&self, index: usize) -> Option<Font> {
        match self.faces.get(index) {
            Some(face) => face.font.open().cloned(),
            None => (index == self.faces.len()).then(|| line_break::font().clone()),
        }
    }
}

impl Face {
    fn draws(&self, character: char) -> bool {
        self.font.drawable().has(character)
    }

    /// Whether its quotation marks are left to another face of its role, for they are narrow and that one's are not.
    pub fn leaves_marks(&self, all: &[Self]) -> bool {
        let has_full = |face: &Self| face.role == self.role && face.has_full_marks == Some(true);
        self.role.is_chinese() && self.has_full_marks == Some(false) && all.iter().any(has_full)
    }

    /// How many Chinese characters it has, of all of Unicode's.
    pub fn han_coverage(&self) -> usize {
        let is_han = |point: &u32| matches!(point, 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF);
        let points = 0..=u32::from(char::MAX);
        points.filter(is_han).filter_map(char::from_u32).filter(|character| self.draws(*character)).count()
    }

    /// The family name that templates know this face by.
    fn role_family(&self) -> String {
        let role = self.role.name();
        if self.rank == 0 { role.to_owned() } else { format!("{role} {}", self.rank + 1) }
    }

    fn info(&self) -> FontInfo {
        let (flags, axes, coverage) = match self.font.open().map(Font::info) {
            Some(info) => (info.flags, info.axes.clone(), info.coverage.clone()),
            None => (FontFlags::empty(), vec![], Coverage::from_vec(vec![])),
        };
        // Each face is alone in its family; whatever weight a template asks for, it is the one.
        FontInfo { family: self.role_family(), variant: FontVariant::default(), flags, axes, coverage }
    }
}

/// A face that a file holds, with all its names: typst would know only one of them.
struct Candidate<'a> {
    file: &'a FontFile,
    index: u32,
    names: Vec<String>,
    licence: Option<String>,
    weight: u16,
    is_italic: bool,
    /// Whether typst is sure to find what it is called.
    has_plain_name: bool,
    font: Arc<UnopenedFont>,
}

impl<'a> Candidate<'a> {
    fn of_file(file: &'a FontFile) -> Vec<Self> {
        let count = ttf_parser::fonts_in_collection(&file.bytes).unwrap_or(1);
        (0..count).filter_map(|index| Self::read(file, index)).collect()
    }

    fn read(file: &'a FontFile, index: u32) -> Option<Self> {
        let face = ttf_parser::Face::parse(&file.bytes, index).ok()?;
        let all_names = face.names().into_iter();
        let is_naming = |id| {
            matches!(
                id,
                name_id::FAMILY
                    | name_id::FULL_NAME
                    | name_id::POST_SCRIPT_NAME
                    | name_id::TYPOGRAPHIC_FAMILY
            )
        };
        let mut names: Vec<String> =
            all_names.filter(|name| is_naming(name.name_id)).filter_map(|name| decode(&name)).collect();
        names.dedup();
        let licence = face
            .names()
            .into_iter()
            .find(|name| name.name_id == name_id::LICENSE)
            .and_then(|name| decode(&name));
        let (weight, is_italic) = (weight(&face), face.is_italic());
        let mut families = face.names().into_iter().filter(|name| name.name_id == name_id::FAMILY);
        let has_plain_name = families.any(|name| name.to_string().is_some());
        let font = UnopenedFont {
            bytes: file.bytes.clone(),
            index,
            opened: OnceLock::new(),
            drawable: OnceLock::new(),
        };
        Some(Self { file, index, names, licence, weight, is_italic, has_plain_name, font: Arc::new(font) })
    }

    fn is_called(&self, wanted: &str) -> bool {
        self.names.iter().any(|name| match wanted.strip_suffix('*') {
            Some(prefix) => name.to_lowercase().starts_with(&prefix.to_lowercase()),
            None => name.eq_ignore_ascii_case(wanted),
        })
    }

    fn is_upright(&self, weight: u16) -> bool {
        self.weight == weight && !self.is_italic
    }

    fn distance_from_regular(&self) -> u16 {
        self.weight.abs_diff(400) + if self.is_italic { 1000 } else { 0 }
    }

    /// Whether all of its quotation marks fill a cell.
    fn has_full_marks(&self) -> Option<bool> {
        let face = ttf_parser::Face::parse(&self.file.bytes, self.index).ok()?;
        let em = f32::from(face.units_per_em());
        let width = |mark| Some(f32::from(face.glyph_hor_advance(face.glyph_index(mark)?)?) / em);
        let widths: Option<Vec<f32>> = QUOTATION_MARKS.into_iter().map(width).collect();
        widths.map(|widths| widths.iter().all(|width| *width >= FULL))
    }

    fn face(&self, role: FaceRole, rank: usize, is_official: bool) -> Option<Face> {
        // What typst cannot read is left to the next face.
        if !self.has_plain_name {
            self.font.open()?;
        }
        let is_by = |maker: &str| self.names.iter().any(|name| name.starts_with(maker));
        let known_licence = LICENCES.iter().find(|(maker, _)| is_by(maker));
        let licence = match known_licence {
            Some((_, licence)) => (*licence).to_owned(),
            None => self.licence.clone().unwrap_or_else(|| "未注明，请自行确认授权".into()),
        };
        Some(Face {
            role,
            rank,
            family: self.names.iter().find(|name| !name.is_ascii()).or(self.names.first())?.clone(),
            file: self.file.path.clone(),
            licence,
            is_official,
            has_full_marks: self.has_full_marks(),
            font: Arc::clone(&self.font),
        })
    }
}

/// What typst code sees as `sys.inputs.faces`: for each role the families to try.
fn chains(faces: &[Face]) -> Dict {
    let but_marks = Regex::new(&format!("[^{}]", QUOTATION_MARKS.iter().collect::<String>()));
    let but_marks = but_marks.expect("a class of characters");
    let family = |face: &Face| -> Value {
        let name = face.role_family().into_value();
        match face.leaves_marks(faces) {
            true => {
                Dict::from_iter([("name".into(), name), ("covers".into(), but_marks.clone().into_value())])
                    .into_value()
            }
            false => name,
        }
    };
    let chain = |role: FaceRole| -> Array {
        let mut families: Vec<Value> = faces.iter().filter(|face| face.role == role).map(family).collect();
        if role.is_chinese() {
            families.insert(1, line_break::FAMILY.into_value());
        }
        families.into_iter().collect()
    };
    FaceRole::all().map(|role| (role.name().into(), chain(role).into_value())).collect()
}

/// The characters that the Latin face sets. Quotation marks, dashes and the middle dot are not
/// among them: in Chinese text they are Chinese marks.
fn is_latin(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | ',' | '%')
}

/// The weight of a face. Some bold ones call themselves regular in one table and bold in another.
fn weight(face: &ttf_parser::Face) -> u16 {
    let stated = face.weight().to_number();
    if face.is_bold() { stated.max(700) } else { stated }
}

/// The text of a name record, also where a face made for old Chinese systems has it in GBK.
fn decode(name: &ttf_parser::name::Name) -> Option<String> {
    const MACINTOSH_SIMPLIFIED_CHINESE: u16 = 25;
    const WINDOWS_PRC: u16 = 3;
    name.to_string().or_else(|| {
        let is_gbk = matches!(
            (name.platform_id, name.encoding_id),
            (PlatformId::Macintosh, MACINTOSH_SIMPLIFIED_CHINESE) | (PlatformId::Windows, WINDOWS_PRC)
        );
        if is_gbk {
            let bytes: Vec<u8> = name.name.iter().copied().filter(|byte| *byte != 0).collect();
            GBK.decode_without_bom_handling_and_without_replacement(&bytes).map(|text| text.into_owned())
        } else {
            (name.platform_id == PlatformId::Macintosh && name.name.is_ascii())
                .then(|| String::from_utf8_lossy(name.name).into_owned())
        }
    })
}

/// The Chinese characters of GB 2312: rows 16 to 87 of its table.
fn gb2312() -> impl Iterator<Item = char> {
    let codes = (0xB0..=0xF7u8).flat_map(|row| (0xA1..=0xFEu8).map(move |cell| [row, cell]));
    codes.filter_map(|code| {
        let text = GBK.decode_without_bom_handling_and_without_replacement(&code)?;
        text.chars().next().filter(|character| !('\u{E000}'..='\u{F8FF}').contains(character))
    })
}
