//! An operator's own faces, as offices have them: stand-ins that carry their names, and their faults.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use encoding_rs::GBK;
use nianbao::faces::ROLES;
use nianbao::input::Format;
use nianbao::installation::Installation;
use nianbao::pipeline::Press;
use nianbao::report::Edition;
use nianbao::template::Purpose;
use nianbao::typeset::{FontFile, Fonts};
use typst::foundations::Bytes;

use crate::pdf::Document;
use crate::workbench::{files_in, minimal, press, project, render_at};

/// A font file, whose tables can be replaced.
struct FaceFile(Vec<u8>);

impl FaceFile {
    fn free(name: &str) -> Self {
        Self(fs::read(project().join("fonts/free").join(name)).unwrap())
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_be_bytes(self.0[at..at + 2].try_into().unwrap())
    }

    fn u32_at(&self, at: usize) -> usize {
        u32::from_be_bytes(self.0[at..at + 4].try_into().unwrap()) as usize
    }

    /// Where the directory speaks of a table.
    fn entry(&self, tag: &[u8; 4]) -> usize {
        let entries = (0..usize::from(self.u16_at(4))).map(|number| 12 + 16 * number);
        entries.into_iter().find(|at| &self.0[*at..at + 4] == tag).unwrap()
    }

    /// The same with this name, written as new systems do or as old Chinese ones, which have another in English besides.
    fn named(mut self, name: &str, is_gbk: bool) -> Self {
        let unicode = |name: &str| name.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let names = match is_gbk {
            true => vec![(3, 0x804, GBK.encode(name).0.into_owned()), (1, 0x409, unicode("Own"))],
            false => vec![(1, 0x804, unicode(name))],
        };
        let short = |number: usize| u16::try_from(number).unwrap();
        let mut numbers = vec![0, short(names.len()), short(6 + 12 * names.len())];
        let mut texts = Vec::new();
        for (encoding, language, text) in names {
            numbers.extend([3, encoding, language, 1, short(text.len()), short(texts.len())]);
            texts.extend(text);
        }
        let table: Vec<u8> = numbers.into_iter().flat_map(u16::to_be_bytes).chain(texts).collect();
        let (entry, at) = (self.entry(b"name"), self.0.len());
        self.0[entry + 8..entry + 12].copy_from_slice(&u32::try_from(at).unwrap().to_be_bytes());
        self.0[entry + 12..entry + 16].copy_from_slice(&u32::try_from(table.len()).unwrap().to_be_bytes());
        self.0.extend(table);
        self
    }

    /// The same with quotation marks of half a character, as in English.
    fn with_narrow_marks(mut self) -> Self {
        let face = ttf_parser::Face::parse(&self.0, 0).unwrap();
        let half = face.units_per_em() / 2;
        let marks = ['“', '”', '‘', '’'].map(|mark| usize::from(face.glyph_index(mark).unwrap().0));
        let widths = self.u32_at(self.entry(b"hmtx") + 8);
        let known = usize::from(self.u16_at(self.u32_at(self.entry(b"hhea") + 8) + 34));
        for glyph in marks {
            assert!(glyph < known, "its width is not shared");
            self.0[widths + 4 * glyph..widths + 4 * glyph + 2].copy_from_slice(&half.to_be_bytes());
        }
        self
    }

    fn file(self, path: &str) -> FontFile {
        FontFile { path: path.to_owned(), bytes: Bytes::new(self.0) }
    }
}

/// The free faces in a folder of their own, with these beside them.
fn installation(
    own: impl IntoIterator<Item = (&'static str, FaceFile)>,
) -> (tempfile::TempDir, Installation) {
    let folder = tempfile::tempdir().unwrap();
    for (name, face) in own {
        fs::write(folder.path().join(name), face.0).unwrap();
    }
    std::os::unix::fs::symlink(project().join("fonts/free"), folder.path().join("free")).unwrap();
    let installation = Installation { fonts: folder.path().to_owned(), ..Installation::default() };
    (folder, installation)
}

#[test]
fn an_official_face_is_known_by_each_of_its_names() {
    let free = files_in(&project().join("fonts/free")).into_iter();
    let free: Vec<(String, Vec<u8>)> = free
        .filter(|path| {
            path.extension().is_some_and(|ending| ["otf", "ttf"].contains(&ending.to_str().unwrap()))
        })
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    let most = ROLES.iter().map(|role| role.official.len()).max().unwrap();
    for number in 0..most {
        let named = ROLES.iter().filter_map(|role| Some((role.name, role.official.get(number)?)));
        let named: Vec<(&str, String)> =
            named.map(|(role, name)| (role, name.replace('*', "GB18030"))).collect();
        for is_gbk in [false, true] {
            let own = named.iter().map(|(_, name)| {
                FaceFile::free("LiberationSerif-Regular.ttf").named(name, is_gbk).file(name)
            });
            let free = free
                .iter()
                .map(|(path, bytes)| FontFile { path: path.clone(), bytes: Bytes::new(bytes.clone()) });
            let fonts = Fonts::choose(&own.chain(free).collect::<Vec<_>>()).unwrap();
            for (role, name) in &named {
                let first = fonts.faces().iter().find(|face| face.role.name() == *role).unwrap();
                assert!(first.is_official, "{name} is not known, in GBK: {is_gbk}");
                assert_eq!((&first.file, &first.family), (name, name));
            }
        }
    }
}

/// What a file holds, and how often it was asked for.
struct Watched(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        self.1.fetch_add(1, Ordering::Relaxed);
        &self.0
    }
}

/// typst reads a face from end to end when it asks for it, and behind each line that it spreads it asks for a face of U+2028.
#[test]
fn a_face_for_rare_characters_is_not_asked_for_what_all_texts_have() {
    let looks = Arc::new(AtomicUsize::new(0));
    let files = files_in(&project().join("fonts/free")).into_iter().map(|path| {
        let bytes = fs::read(&path).unwrap();
        let path = path.display().to_string();
        let bytes = match path.ends_with("BabelStoneHan.ttf") {
            true => Bytes::new(Watched(bytes, Arc::clone(&looks))),
            false => Bytes::new(bytes),
        };
        FontFile { path, bytes }
    });
    let fonts = Fonts::choose(&files.collect::<Vec<_>>()).unwrap();
    let press = Press { fonts: Arc::new(fonts), ..press().clone() };
    let looks_for = |text: &str| {
        let before = looks.load(Ordering::Relaxed);
        let report = minimal().replace("主要负责人主持学法4次", text);
        render_at(&press, report.as_bytes(), Format::Yaml, Some(Edition::Formal), Purpose::Issue).unwrap();
        looks.load(Ordering::Relaxed) - before
    };
    assert!(looks_for("主要负责人主持学法") > 0, "all faces are opened");
    let long = "主要负责人主持学法4次，听取汇报3次，批示信访件12件，走访基层单位26个，约谈部门负责人5名，\
                督办“一件事”办成80%，出庭应诉2次，讲授法治课1次";
    assert_eq!(looks_for(long), 0);
    assert!(looks_for(&format!("{long}，走访喆苑社区3次")) > 0);
}

#[test]
fn narrow_quotation_marks_are_left_to_a_face_that_has_them_full() {
    let text = minimal().replace("临江区依法行政", "临江区推进“放管服”改革");
    let own = |is_narrow: bool| {
        let face = FaceFile::free("FandolFang-Regular.ttf").named("仿宋_GB2312", true);
        if is_narrow { face.with_narrow_marks() } else { face }
    };
    let set = |own: FaceFile| {
        let (folder, installation) = installation([("own.ttf", own)]);
        let press = installation.open().unwrap();
        let told: Vec<bool> =
            press.fonts.faces().iter().map(|face| face.leaves_marks(press.fonts.faces())).collect();
        let made = render_at(&press, text.as_bytes(), Format::Yaml, None, Purpose::Issue).unwrap();
        let document = Document::read(made.value.artifact.bytes);
        drop(folder);
        (told, document)
    };
    let (told, as_usual) = set(own(false));
    assert!(told.iter().all(|leaves| !leaves), "{told:?}");
    let (told, narrow) = set(own(true));
    assert_eq!(told.iter().filter(|leaves| **leaves).count(), 1, "{told:?}");
    let place = |document: &Document, text: &str| {
        let line = document.pages[0].lines().into_iter().find(|line| line.text().contains("放管服")).unwrap();
        let at = line.characters.iter().position(|character| character.text == text).unwrap();
        (line.characters[at].x, line.characters[at].face.clone())
    };
    // Each character stands where it stood, and the marks are of another face than the words.
    for character in ["推", "放", "服", "改"] {
        assert!((place(&as_usual, character).0 - place(&narrow, character).0).abs() < 0.01, "{character}");
    }
    assert_eq!(place(&as_usual, "“").1, place(&as_usual, "放").1);
    assert_ne!(place(&narrow, "“").1, place(&narrow, "放").1);
}
