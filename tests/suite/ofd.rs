//! An OFD (GB/T 33190-2016): it is read, drawn and searched by programs that nobody here wrote, and its parts are
//! as the standard has them. What those programs get wrong themselves stands in `docs/ofd.md`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};

use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use hayro_syntax::Pdf;
use image::{DynamicImage, GrayImage, Rgb, RgbImage};
use nianbao::diagnostic::Failed;
use nianbao::export::{self, Target};
use nianbao::import::{Particulars, import};
use nianbao::pipeline::{Press, make};
use nianbao::report::{Document, Edition, Report, WorkPlan};
use nianbao::template::{Filled, Purpose, Templates};
use nianbao::typeset::{FontFile, Fonts, Pace, typeset};
use quick_xml::events::{BytesStart, Event};
use write_fonts::FontBuilder;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::conform::Case;
use crate::hostile::hostile_sample;
use crate::workbench::{deeply, files_in, minimal, of_tests, packed, press, project, read, sample, told};

/// Pixels an inch of the pictures that are held against one another: the thinnest rule is a pixel, and drawn alike
/// whether a program lets rules be thinner or not.
const RESOLUTION: f32 = 144.0;
/// Of those that are not looked at.
const SMALL: f32 = 18.0;

/// How far the pictures of a page may lie apart, in shades of 255: on the average of all pixels, and of those of any
/// square of 32 by 32, which is as large as a character. Two programs smooth edges each in its own way.
const APART: f64 = 0.6;
const APART_IN_A_SQUARE: f64 = 15.0;

/// A document in both formats.
struct Pair {
    name: String,
    pdf: Vec<u8>,
    ofd: Vec<u8>,
}

impl Pair {
    fn of(name: &str, document: &Document, purpose: Purpose) -> Self {
        Self::by(press(), name, document, purpose)
    }

    fn by(press: &Press, name: &str, document: &Document, purpose: Purpose) -> Self {
        let made = |target| {
            artifact(document, purpose, target, press)
                .unwrap_or_else(|failed| panic!("{name}: {}", told(&failed)))
        };
        Self { name: name.to_owned(), pdf: made(Target::Pdf), ofd: made(Target::Ofd) }
    }
}

fn artifact(document: &Document, purpose: Purpose, target: Target, press: &Press) -> Result<Vec<u8>, Failed> {
    Ok(deeply(|| make(document, purpose, target, press))?.value.artifact.bytes)
}

fn in_edition(report: &str, edition: Edition) -> Document {
    Report { edition, ..read(report) }.into()
}

fn plan() -> Document {
    let sample = &press().templates.find("work-plan").unwrap().sample;
    nianbao::input::read::<WorkPlan>(sample.as_bytes(), nianbao::input::Format::Yaml).unwrap().value.into()
}

/// What is held against the readers: the samples of both templates in both editions, a draft, hostile text, what
/// the layout's own cases have (sixty pages and more, landscape tables), and the cases of `cases/ofd`.
static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let mut pairs = vec![
        Pair::of("draft", &in_edition(sample(), Edition::Formal), Purpose::Draft),
        Pair::of("plan", &plan(), Purpose::Issue),
        Pair::of("hostile", &hostile_sample("formal").into(), Purpose::Issue),
    ];
    for case in Case::all() {
        let name = format!("{}-{:?}", case.name, case.edition);
        pairs.push(Pair::of(&name, &in_edition(&case.report, case.edition), case.purpose));
    }
    for path in files_in(&of_tests("cases/ofd")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let report = crate::desk::laid_over(&minimal(), &fs::read_to_string(&path).unwrap());
        pairs.push(Pair::of(&name, &in_edition(&report, Edition::Public), Purpose::Issue));
    }
    pairs
});

/// What another program makes of a file: its pages as pictures, and their text.
struct Reading {
    pictures: Vec<GrayImage>,
    texts: Vec<String>,
}

/// The library ofd-core, through the program that `make ofd-judges` builds.
fn ofd_core() -> PathBuf {
    let program = of_tests("judges/ofd-reader/bin/ofd-reader");
    assert!(program.exists(), "make ofd-judges builds what is wanted");
    program
}

fn read_by_ofd_core(ofd: &[u8], resolution: f32) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.ofd");
    fs::write(&file, ofd).unwrap();
    let output =
        Command::new(ofd_core()).arg(&file).arg(folder.path()).arg(resolution.to_string()).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let page = |number: usize| folder.path().join(format!("{number}.png"));
    let count = (1..).take_while(|number| page(*number).exists()).count();
    Reading {
        pictures: (1..=count).map(|number| image::open(page(number)).unwrap().into_luma8()).collect(),
        texts: (1..=count)
            .map(|number| fs::read_to_string(page(number).with_extension("txt")).unwrap())
            .collect(),
    }
}

/// The text of each page by ofdkit, of all files of a folder, by their names.
fn read_by_ofdkit(folder: &Path) -> BTreeMap<String, Vec<String>> {
    const PROGRAM: &str = "
import json, ofdkit, pathlib, sys
texts = {}
for path in pathlib.Path(sys.argv[1]).glob('*.ofd'):
    with ofdkit.open(path) as document:
        texts[path.stem] = [''.join(run.text for run in page.runs) for page in document.pages]
        assert not document.warnings, (path, document.warnings)
        assert document.info.title and document.info.creator == 'nianbao', path
print(json.dumps(texts))";
    let python = of_tests("judges/bin/python");
    let output = Command::new(python).args(["-c", PROGRAM]).arg(folder).output();
    let output = output.expect("make judges installs what is wanted");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Which characters there are, and how often each, white space aside.
fn counted(text: &str) -> BTreeMap<char, usize> {
    let mut counted = BTreeMap::new();
    packed(text).chars().for_each(|character| *counted.entry(character).or_default() += 1);
    counted
}

#[test]
fn others_take_every_character_out_again() {
    let folder = tempfile::tempdir().unwrap();
    PAIRS
        .iter()
        .for_each(|pair| fs::write(folder.path().join(format!("{}.ofd", pair.name)), &pair.ofd).unwrap());
    let by_ofdkit = read_by_ofdkit(folder.path());
    for Pair { name, pdf, ofd } in PAIRS.iter() {
        let pdf = crate::pdf::Document::read(pdf.clone());
        let by_ofd_core = read_by_ofd_core(ofd, SMALL).texts;
        assert_eq!(by_ofd_core.len(), pdf.pages.len(), "{name}");
        for (page, by_ofd_core) in pdf.pages.iter().zip(&by_ofd_core) {
            let said: String = page.characters.iter().map(|one| one.text.as_str()).collect();
            assert_eq!(counted(by_ofd_core), counted(&said), "{name}");
        }
        let texts: Vec<String> = by_ofd_core.iter().map(|text| packed(text)).collect();
        let others: Vec<String> = by_ofdkit[name].iter().map(|text| packed(text)).collect();
        assert_eq!(others, texts, "{name}");
    }
}

/// The pages of a PDF as they are drawn here.
fn our_pictures(pdf: &[u8]) -> Vec<GrayImage> {
    pictures(pdf, 72.0)
}

/// The pages of a PDF that has so many of its points to an inch of the paper.
fn pictures(pdf: &[u8], points: f32) -> Vec<GrayImage> {
    let pdf = Pdf::new(Arc::new(pdf.to_vec())).unwrap();
    let scale = RESOLUTION / points;
    let settings =
        RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..RenderSettings::default() };
    let cache = RenderCache::new();
    let picture = |page| {
        let pixels = hayro::render(page, &cache, &Default::default(), &settings);
        let picture = RgbImage::from_fn(pixels.width().into(), pixels.height().into(), |x, y| {
            let pixel = pixels.sample(x as u16, y as u16);
            Rgb([pixel.r, pixel.g, pixel.b])
        });
        DynamicImage::from(picture).into_luma8()
    };
    pdf.pages().iter().map(picture).collect()
}

/// How far two pictures lie apart: on the average, and in the square where they do so most.
fn apart(one: &GrayImage, other: &GrayImage) -> (f64, f64) {
    const SIDE: u32 = 32;
    let (width, height) = (one.width().min(other.width()), one.height().min(other.height()));
    assert!(one.width().abs_diff(other.width()) <= 1 && one.height().abs_diff(other.height()) <= 1);
    let mut squares: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let (one, other) = (one.get_pixel(x, y)[0], other.get_pixel(x, y)[0]);
        let square = squares.entry((x / SIDE, y / SIDE)).or_default();
        // Within a square what lies a part of a pixel aside comes to nothing.
        *square = (square.0 + u64::from(one), square.1 + u64::from(other));
    }
    let area = f64::from(SIDE * SIDE);
    let of_squares: Vec<f64> =
        squares.values().map(|(one, other)| one.abs_diff(*other) as f64 / area).collect();
    let average = of_squares.iter().sum::<f64>() / of_squares.len() as f64;
    (average, of_squares.into_iter().fold(0.0, f64::max))
}

/// Holds the pictures of pages against one another; where they lie apart, both are kept to be looked at.
fn assert_alike(name: &str, ours: &[GrayImage], theirs: &[GrayImage]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert_page_alike(name, number + 1, ours, theirs);
    }
}

fn assert_page_alike(name: &str, page: usize, ours: &GrayImage, theirs: &GrayImage) {
    let (average, worst) = apart(ours, theirs);
    if average <= APART && worst <= APART_IN_A_SQUARE {
        return;
    }
    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ofd");
    fs::create_dir_all(&kept).unwrap();
    let path = |whose: &str| kept.join(format!("{name}-{page}-{whose}.png"));
    ours.save(path("ours")).unwrap();
    theirs.save(path("theirs")).unwrap();
    let kept = kept.display();
    panic!("{name}, page {page}: {average:.2} on the average, {worst:.1} at worst; see {kept}");
}

#[test]
fn another_program_draws_the_pages_as_the_pdf_has_them() {
    for Pair { name, pdf, ofd } in PAIRS.iter() {
        assert_alike(name, &our_pictures(pdf), &read_by_ofd_core(ofd, RESOLUTION).pictures);
    }
}

/// The same press, where what is set off is not: ofd2img draws no pen round characters.
fn press_without_pens() -> Press {
    let grid = fs::read_to_string(project().join("report-templates/gongwen/grid.typ")).unwrap();
    let plain = grid.replace("text(stroke: 0.03em, body)", "text(body)");
    assert_ne!(plain, grid);
    let templates = Templates::new([("gongwen/grid.typ".to_owned(), plain)].into()).unwrap();
    Press { templates: Arc::new(templates), ..press().clone() }
}

/// The copy of a file for ofd2img, which takes a face for one of the name that its file has.
fn for_ofd2img(ofd: &[u8]) -> Vec<u8> {
    let mut shared = text_of(ofd, "Doc_0/PublicRes.xml");
    for number in 1.. {
        let file = format!("<ofd:FontFile>Res/face-{number}.ttf");
        let Some(end) = shared.find(&file) else { break };
        let name = shared[..end].rfind("FontName=\"").unwrap() + "FontName=\"".len();
        let name_end = name + shared[name..].find('"').unwrap();
        shared.replace_range(name..name_end, &format!("face-{number}"));
    }
    let parts = parts(ofd).into_iter();
    archive_of(parts.map(|(path, part)| match path.as_str() {
        "Doc_0/PublicRes.xml" => (path, shared.clone().into_bytes()),
        _ => (path, part),
    }))
}

/// The PDF that ofd2img makes of a file. It unpacks a file into a folder whose name it cuts off at the first dot of the
/// whole path, and deletes that folder: so it is given another way to unpack, and none to delete. It remembers faces by
/// their names for as long as it runs.
fn drawn_by_ofd2img(ofd: &[u8]) -> Vec<u8> {
    const PROGRAM: &str = "
import io, os, sys, tempfile, types, zipfile
import ofd2img
from ofd2img.parser_ofd import file_deal

def unpack(reader):
    reader.unzip_path = tempfile.mkdtemp(dir=os.getcwd())
    zipfile.ZipFile(io.BytesIO(reader.ofdbyte)).extractall(reader.unzip_path)

file_deal.shutil = types.SimpleNamespace(rmtree=lambda folder: None)
file_deal.FileRead.unzip_file = unpack
os.chdir(sys.argv[1])
ofd = ofd2img.OFD()
ofd.read('file.ofd', fmt='path')
open('file.pdf', 'wb').write(ofd.to_pdf())";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file.ofd"), for_ofd2img(ofd)).unwrap();
    let output =
        Command::new(of_tests("judges/bin/python")).args(["-c", PROGRAM]).arg(folder.path()).output();
    let output = output.expect("make ofd-judges installs what is wanted");
    let said = String::from_utf8_lossy(&output.stderr);
    fs::read(folder.path().join("file.pdf")).unwrap_or_else(|_| panic!("{said}"))
}

/// What it leaves out is named in `docs/ofd.md`: pages with characters that are squeezed or turned are not held.
#[test]
fn a_second_program_draws_the_pages_as_the_pdf_has_them() {
    let press = press_without_pens();
    let samples = [
        Pair::by(&press, "public", &in_edition(sample(), Edition::Public), Purpose::Issue),
        Pair::by(&press, "formal", &in_edition(sample(), Edition::Formal), Purpose::Issue),
        Pair::by(&press, "plan", &plan(), Purpose::Issue),
    ];
    let (mut held, mut left) = (0, 0);
    for pair in &samples {
        let (ours, theirs) =
            (our_pictures(&pair.pdf), pictures(&drawn_by_ofd2img(&pair.ofd), POINTS_OF_OFD2IMG));
        assert_eq!(ours.len(), theirs.len(), "{}", pair.name);
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let page = text_of(&pair.ofd, &format!("Doc_0/Pages/Page_{number}/Content.xml"));
            if NOT_BY_OFD2IMG.iter().any(|attribute| page.contains(attribute)) {
                left += 1;
                continue;
            }
            held += 1;
            assert_page_alike(&pair.name, number + 1, ours, theirs);
        }
    }
    assert!(held > 9 * left, "{left} of {} pages are not held", held + left);
}

/// It sets a point for each pixel of a picture of 200 of them an inch.
const POINTS_OF_OFD2IMG: f32 = 200.0;

const NOT_BY_OFD2IMG: [&str; 2] = [" HScale=\"", " CTM=\""];

/// A measure that finds nothing would pass anything.
#[test]
fn a_character_that_is_missing_is_seen() {
    let before = Pair::of("before", &in_edition(&minimal(), Edition::Public), Purpose::Issue);
    let after = minimal().replacen("行政", "行　", 1);
    assert_ne!(after, minimal());
    let after = Pair::of("after", &in_edition(&after, Edition::Public), Purpose::Issue);
    let (ours, theirs) = (our_pictures(&before.pdf), read_by_ofd_core(&after.ofd, RESOLUTION).pictures);
    let worst = ours.iter().zip(&theirs).map(|(ours, theirs)| apart(ours, theirs).1).fold(0.0, f64::max);
    assert!(worst > APART_IN_A_SQUARE, "{worst}");
}

#[test]
fn the_same_report_makes_the_same_bytes_and_not_many() {
    for pair in PAIRS.iter() {
        let ratio = pair.ofd.len() as f64 / pair.pdf.len() as f64;
        assert!(ratio <= 1.3, "{}: {ratio:.2}", pair.name);
    }
    let document = in_edition(sample(), Edition::Formal);
    let again = Pair::of("again", &document, Purpose::Issue);
    let once = Pair::of("once", &document, Purpose::Issue);
    assert!(again.ofd == once.ofd);
}

/// The parts of a file, each by its path.
fn parts(ofd: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(ofd)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let path = file.name().unwrap().into_owned();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((path, part));
    }
    parts
}

fn archive_of(parts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, part) in parts {
        archive.start_file(path, SimpleFileOptions::default()).unwrap();
        archive.write_all(&part).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn text_of(ofd: &[u8], path: &str) -> String {
    let part =
        parts(ofd).into_iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("no {path}")).1;
    String::from_utf8(part).unwrap()
}

/// An element, the attributes that it must have and those that it may have, and its children.
type StandardElement = (&'static str, Names, Names, Names);

type Names = &'static [&'static str];

/// What GB/T 33190-2016 has of the elements that are written here: the attributes that one must have, those that it
/// may have, and its children in their order; `*` are those that may come again. `Action` and `Dest` have more
/// forms than are used.
const ELEMENTS: [StandardElement; 31] = [
    ("OFD", &["Version", "DocType"], &[], &["DocBody*"]),
    ("DocBody", &[], &[], &["DocInfo", "DocRoot", "Versions", "Signatures"]),
    (
        "DocInfo",
        &[],
        &[],
        &[
            "DocID",
            "Title",
            "Author",
            "Subject",
            "Abstract",
            "CreationDate",
            "ModDate",
            "DocUsage",
            "Cover",
            "Keywords",
            "Creator",
            "CreatorVersion",
            "CustomDatas",
        ],
    ),
    ("Keywords", &[], &[], &["Keyword*"]),
    (
        "Document",
        &[],
        &[],
        &[
            "CommonData",
            "Pages",
            "Outlines",
            "Permissions",
            "Actions",
            "VPreferences",
            "Bookmarks",
            "Annotations",
            "CustomTags",
            "Attachments",
            "Extensions",
        ],
    ),
    (
        "CommonData",
        &[],
        &[],
        &["MaxUnitID", "PageArea", "PublicRes*", "DocumentRes*", "TemplatePage*", "DefaultCS"],
    ),
    ("PageArea", &[], &[], &["PhysicalBox", "ApplicationBox", "ContentBox", "BleedBox"]),
    ("Area", &[], &[], &["PhysicalBox", "ApplicationBox", "ContentBox", "BleedBox"]),
    ("Pages", &[], &[], &["Page*"]),
    // In the list of pages with attributes, as a page by itself with children.
    ("Page", &[], &["ID", "BaseLoc"], &["Template*", "PageRes*", "Area", "Content", "Actions"]),
    ("Content", &[], &[], &["Layer*"]),
    ("Layer", &["ID"], &["Type", "DrawParam"], &["TextObject*"]),
    ("Outlines", &[], &[], &["OutlineElem*"]),
    ("OutlineElem", &["Title"], &["Count", "Expanded"], &["Actions", "OutlineElem*"]),
    ("Actions", &[], &[], &["Action*"]),
    ("Action", &["Event"], &[], &["Region", "Goto"]),
    ("Goto", &[], &[], &["Dest"]),
    ("Dest", &["Type", "PageID"], &["Left", "Top", "Right", "Bottom", "Zoom"], &[]),
    ("Res", &["BaseLoc"], &[], &["DrawParams*"]),
    ("DrawParams", &[], &[], &["DrawParam*"]),
    ("DrawParam", &["ID"], &["LineWidth"], &["FillColor", "StrokeColor"]),
    ("Fonts", &[], &[], &["Font*"]),
    (
        "Font",
        &["ID", "FontName"],
        &["FamilyName", "Charset", "Italic", "Bold", "Serif", "FixedWidth"],
        &["FontFile"],
    ),
    (
        "TextObject",
        &["ID", "Boundary", "Font", "Size"],
        &["CTM", "DrawParam", "Alpha", "Stroke", "Fill", "HScale", "Weight"],
        &["Actions", "Clips", "FillColor", "StrokeColor", "CGTransform*", "TextCode"],
    ),
    ("CGTransform", &["CodePosition"], &["CodeCount", "GlyphCount"], &["Glyphs"]),
    ("TextCode", &[], &["X", "Y", "DeltaX", "DeltaY"], &[]),
    (
        "PathObject",
        &["ID", "Boundary"],
        &[
            "CTM",
            "DrawParam",
            "LineWidth",
            "Cap",
            "Join",
            "MiterLimit",
            "DashOffset",
            "DashPattern",
            "Alpha",
            "Stroke",
            "Fill",
            "Rule",
        ],
        &["Actions", "Clips", "StrokeColor", "FillColor", "AbbreviatedData"],
    ),
    ("FillColor", &[], &["Value", "Index", "ColorSpace", "Alpha"], &[]),
    ("StrokeColor", &[], &["Value", "Index", "ColorSpace", "Alpha"], &[]),
    ("Attachments", &[], &[], &["Attachment*"]),
    (
        "Attachment",
        &["ID", "Name"],
        &["Format", "CreationDate", "ModDate", "Size", "Visible", "Usage"],
        &["FileLoc"],
    ),
];

/// Elements whose children may come in any order.
const ANY_ORDER: [(&str, &[&str]); 2] =
    [("Layer", &["TextObject", "PathObject"]), ("Res", &["DrawParams", "Fonts"])];

/// What is wrong with a part, by the table; and the numbers that its elements have.
fn faults(xml: &str, ids: &mut Vec<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<(String, Vec<String>)> = Vec::new();
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => return faults,
            Event::Start(start) => {
                let name = of_the_standard(start.name().0);
                let attributes = attributes(&start);
                faults.extend(attribute_faults(&name, &attributes));
                let numbered = attributes.into_iter().filter(|(one, _)| one == "ID" && name != "Attachment");
                ids.extend(numbered.map(|(_, id)| id));
                if let Some((_, children)) = open.last_mut() {
                    children.push(name.clone());
                }
                open.push((name, vec![]));
            }
            Event::End(_) => {
                let (name, children) = open.pop().unwrap();
                faults.extend(order_fault(&name, &children));
            }
            _ => {}
        }
    }
}

fn of_the_standard(name: &str) -> String {
    name.strip_prefix("ofd:").expect("of the standard's namespace").to_owned()
}

fn attributes(start: &BytesStart) -> Vec<(String, String)> {
    let all = start.attributes().map(|one| {
        let one = one.unwrap();
        (one.key.0.to_owned(), one.value.into_owned())
    });
    all.filter(|(name, _)| name != "xmlns:ofd").collect()
}

fn attribute_faults(name: &str, attributes: &[(String, String)]) -> Vec<String> {
    let known = ELEMENTS.iter().find(|one| one.0 == name);
    let (must, may) = known.map_or((&[][..], &[][..]), |one| (one.1, one.2));
    let missing = must.iter().filter(|wanted| !attributes.iter().any(|(one, _)| one == **wanted));
    let strange = attributes
        .iter()
        .map(|(one, _)| one.as_str())
        .filter(|one| !must.contains(one) && !may.contains(one));
    let missing = missing.map(|one| format!("{name} has no {one}"));
    missing.chain(strange.map(|one| format!("{name} has {one}"))).collect()
}

fn order_fault(name: &str, children: &[String]) -> Option<String> {
    if let Some((_, known)) = ANY_ORDER.iter().find(|(one, _)| *one == name) {
        let strange = children.iter().find(|child| !known.contains(&child.as_str()));
        return strange.map(|child| format!("{child} in {name}"));
    }
    let order = ELEMENTS.iter().find(|one| one.0 == name).map_or(&[][..], |one| one.3);
    let mut places = children.iter().map(|child| {
        let place = order.iter().position(|known| known.trim_end_matches('*') == child);
        (child, place)
    });
    let mut last: Option<usize> = None;
    places.find_map(|(child, place)| {
        let Some(place) = place else { return Some(format!("{child} in {name}")) };
        let is_wrong = last.is_some_and(|last| place < last || place == last && !order[place].ends_with('*'));
        last = Some(place);
        is_wrong.then(|| format!("{child} of {name} is out of its place"))
    })
}

#[test]
fn the_parts_are_as_the_standard_has_them() {
    for pair in PAIRS.iter() {
        let mut ids = Vec::new();
        for (path, part) in parts(&pair.ofd) {
            let Some(xml) = path.ends_with(".xml").then(|| str::from_utf8(&part).unwrap()) else { continue };
            assert_eq!(faults(xml, &mut ids), Vec::<String>::new(), "{}: {path}", pair.name);
        }
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}: each number once", pair.name);
        let most: usize = ids.iter().map(|id| id.parse().unwrap()).max().unwrap();
        assert!(
            text_of(&pair.ofd, "Doc_0/Document.xml")
                .contains(&format!("<ofd:MaxUnitID>{most}</ofd:MaxUnitID>"))
        );
    }
}

#[test]
fn the_table_finds_what_is_not_so() {
    let document = |content: &str| {
        format!("<ofd:Document xmlns:ofd=\"http://www.ofdspec.org/2016\">{content}</ofd:Document>")
    };
    for (content, fault) in [
        ("<ofd:Pages/><ofd:CommonData/>", "CommonData of Document is out of its place"),
        ("<ofd:Pages/><ofd:Pages/>", "Pages of Document is out of its place"),
        ("<ofd:Sheets/>", "Sheets in Document"),
        ("<ofd:Outlines><ofd:OutlineElem/></ofd:Outlines>", "OutlineElem has no Title"),
        ("<ofd:Pages Count=\"1\"/>", "Pages has Count"),
    ] {
        assert_eq!(faults(&document(content), &mut vec![]), [fault], "{content}");
    }
}

/// What the file says of itself, and how one finds one's way in it.
#[test]
fn it_bears_its_title_and_the_bookmarks_of_the_pdf() {
    let pair = Pair::of("sample", &in_edition(sample(), Edition::Formal), Purpose::Issue);
    let pdf = crate::pdf::Document::read(pair.pdf);
    let entrance = text_of(&pair.ofd, "OFD.xml");
    for said in [
        format!("<ofd:Title>{}</ofd:Title>", pdf.title),
        format!("<ofd:Author>{}</ofd:Author>", pdf.author),
        "<ofd:CreationDate>2025-".into(),
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>".into(),
    ] {
        assert!(entrance.contains(&said), "{said}: {entrance}");
    }
    let root = text_of(&pair.ofd, "Doc_0/Document.xml");
    let titles = root.split("OutlineElem Title=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let titles: Vec<String> = titles.map(packed).collect();
    let bookmarks: Vec<String> = pdf.bookmarks.iter().map(|(_, title)| packed(title)).collect();
    assert_eq!(titles, bookmarks);
}

/// Whatever a face was, it comes along as TrueType with the tables that readers ask for, under the name that offices
/// have it by; each character of the text is found in it.
#[test]
fn faces_are_truetype_and_find_their_characters() {
    for pair in PAIRS.iter() {
        let list = text_of(&pair.ofd, "Doc_0/PublicRes.xml");
        let files = parts(&pair.ofd).into_iter().filter(|(path, _)| path.ends_with(".ttf"));
        let mut count = 0;
        for (path, file) in files {
            assert!(
                file.starts_with(&[0, 1, 0, 0]) && list.contains(path.trim_start_matches("Doc_0/")),
                "{path}"
            );
            let face = ttf_parser::Face::parse(&file, 0).unwrap();
            for table in
                [b"OS/2", b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"name", b"post"]
            {
                assert!(face.raw_face().table(ttf_parser::Tag::from_bytes(table)).is_some(), "{path}");
            }
            count += 1;
        }
        assert_eq!(list.matches("<ofd:Font ").count(), count);
        for name in ["仿宋_GB2312", "方正小标宋简体"] {
            assert!(list.contains(&format!("FontName=\"{name}\"")), "{}: {list}", pair.name);
        }
    }
}

/// What an office's seal adds: its list to the entrance, its own folder to the document. Nothing else is touched, and
/// the readers read on.
#[test]
fn a_seal_finds_its_place() {
    let pair = Pair::of("sealed", &in_edition(sample(), Edition::Formal), Purpose::Issue);
    let mut sealed = parts(&pair.ofd);
    let entrance = &mut sealed.iter_mut().find(|(path, _)| path == "OFD.xml").unwrap().1;
    let root = "</ofd:DocRoot>";
    let list = format!("{root}<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures>");
    *entrance = String::from_utf8_lossy(entrance).replace(root, &list).into_bytes();
    let namespace = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    let list = format!(
        "<ofd:Signatures {namespace}><ofd:MaxSignId>1</ofd:MaxSignId><ofd:Signature ID=\"1\" Type=\"Seal\" BaseLoc=\"Sign_0/Signature.xml\"/></ofd:Signatures>"
    );
    // By a method that no reader knows: what is sealed is not at issue here.
    let signature = format!(
        "<ofd:Signature {namespace}><ofd:SignedInfo><ofd:Provider ProviderName=\"甲\"/><ofd:SignatureMethod>1.2.3</ofd:SignatureMethod><ofd:References CheckMethod=\"1.2.3\"><ofd:Reference FileRef=\"/Doc_0/Document.xml\"><ofd:CheckValue>AA==</ofd:CheckValue></ofd:Reference></ofd:References><ofd:StampAnnot ID=\"1\" PageRef=\"1\" Boundary=\"80 200 42 42\"/></ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    );
    sealed.push(("Doc_0/Signs/Signatures.xml".into(), list.into()));
    sealed.push(("Doc_0/Signs/Sign_0/Signature.xml".into(), signature.into()));
    sealed.push(("Doc_0/Signs/Sign_0/SignedValue.dat".into(), vec![]));
    let sealed = archive_of(sealed);
    let (before, after) = (read_by_ofd_core(&pair.ofd, SMALL), read_by_ofd_core(&sealed, SMALL));
    assert_eq!(before.texts, after.texts);
    assert_eq!(before.pictures, after.pictures);
    assert_eq!(faults(&text_of(&sealed, "OFD.xml"), &mut vec![]), Vec::<String>::new());
}

#[test]
fn the_report_that_goes_along_comes_back() {
    let document = in_edition(sample(), Edition::Formal);
    let made = |target| artifact(&document, Purpose::Issue, target, press()).unwrap();
    let (plain, with_source) = (made(Target::Ofd), made(Target::OfdWithSource));
    let back = import(&with_source, &Particulars::default()).unwrap();
    assert_eq!(Document::from(read(&back.document.to_string())), document);
    // Who seals it may pack it in another order.
    let repacked = archive_of(parts(&with_source).into_iter().rev());
    assert_eq!(import(&repacked, &Particulars::default()).unwrap().document, back.document);
    assert!(with_source == made(Target::OfdWithSource), "the same bytes each time");
    let pages =
        |ofd: &[u8]| parts(ofd).into_iter().filter(|(path, _)| path.contains("/Pages/")).collect::<Vec<_>>();
    assert!(pages(&plain) == pages(&with_source));
    let mut ids = Vec::new();
    assert_eq!(
        faults(&text_of(&with_source, "Doc_0/Attachs/Attachments.xml"), &mut ids),
        Vec::<String>::new()
    );
    read_by_ofd_core(&with_source, SMALL);
    for foreign in [&plain, &with_source[..400].to_vec(), &b"PK\x03\x04 OFD.xml".to_vec()] {
        assert_eq!(crate::desk::refused(foreign).len(), 1);
    }
    assert_eq!(crate::desk::refused(&plain), ["no-attached-report"]);
}

fn written(source: &str, fonts: &Fonts) -> Result<Vec<u8>, Failed> {
    let source = source.to_owned();
    let filled = Filled { source, libraries: Arc::default() };
    let pages =
        deeply(|| typeset(&filled, fonts, Pace::AtOnce)).unwrap_or_else(|failed| panic!("{}", told(&failed)));
    export::ofd(&pages, fonts).map(|made| made.bytes)
}

/// A file that would look otherwise than the PDF is not made.
#[test]
fn what_cannot_be_written_is_told() {
    let refused = |source: &str, fonts: &Fonts| match written(source, fonts) {
        Err(Failed::Program(error)) => error.to_string(),
        _ => panic!("{source}"),
    };
    let fonts = &press().fonts;
    let picture =
        "#image(bytes(\"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\"), format: \"svg\")";
    for (source, words) in [
        (picture, "图片"),
        ("#block(clip: true, width: 9pt, rect())", "裁剪过的内容"),
        ("#rect(fill: gradient.linear(red, blue))", "渐变"),
    ] {
        let said = refused(source, fonts);
        assert!(said.contains(words) && said.contains("OFD 文件没有写成"), "{said}");
    }
    // Bitmaps only: a face without the table of its outlines.
    let files = files_in(&project().join("fonts/free")).into_iter().filter_map(|path| {
        let is_face = path
            .extension()
            .is_some_and(|extension| ["ttf", "otf", "ttc"].iter().any(|one| extension == *one));
        let mut bytes = is_face.then(|| fs::read(&path).unwrap())?;
        let is_of_hei = path.file_stem().is_some_and(|stem| stem == "FandolHei-Regular");
        if is_of_hei {
            bytes = [b"CFF ", b"glyf"].iter().fold(bytes, |face, tag| without(&face, tag));
        }
        Some(FontFile { path: path.display().to_string(), bytes: typst::foundations::Bytes::new(bytes) })
    });
    let fonts = Fonts::choose(&files.collect::<Vec<_>>()).unwrap();
    let said = refused("#text(font: \"黑体\", fallback: false)[字]", &fonts);
    assert!(said.contains("没有轮廓") && said.contains("FandolHei"), "{said}");
}

/// A face without one of its tables.
fn without(face: &[u8], tag: &[u8; 4]) -> Vec<u8> {
    let face = ttf_parser::RawFace::parse(face, 0).unwrap();
    let mut builder = FontBuilder::new();
    for record in
        face.table_records.into_iter().filter(|record| record.tag != ttf_parser::Tag::from_bytes(tag))
    {
        let table = face.table(record.tag).unwrap();
        builder.add_raw(write_fonts::types::Tag::new(&record.tag.to_bytes()), table);
    }
    builder.build()
}

/// Colours, pens, dashes, curves and turned text, as another program draws them.
#[test]
fn shapes_are_drawn_as_the_pdf_has_them() {
    let source = r##"
#set document(title: "图形", date: datetime(year: 2025, month: 2, day: 18))
#set page(width: 100mm, height: 100mm, margin: 5mm)
#set text(font: "仿宋", fallback: false, size: 12pt)
#rect(fill: rgb("#e6001280"), stroke: 2pt + blue, width: 30mm, height: 10mm)
#circle(radius: 8mm, stroke: (paint: green, thickness: 1mm, dash: "dashed", cap: "round"))
#polygon(fill: luma(60%), fill-rule: "even-odd", (20pt, 0pt), (32pt, 38pt), (0pt, 14pt), (40pt, 14pt), (8pt, 38pt))
#rotate(30deg)[转了的字] #scale(x: 50%, reflow: true)[压扁的字] #text(stroke: 0.5pt + red)[描边] #h(1fr) #text(fill: rgb("#00f8"))[半透明]
"##;
    let filled = Filled { source: source.to_owned(), libraries: Arc::default() };
    let fonts = &press().fonts;
    let (pdf, ofd) = deeply(|| {
        let pages =
            typeset(&filled, fonts, Pace::AtOnce).unwrap_or_else(|failed| panic!("{}", told(&failed)));
        (export::pdf(&pages).unwrap().bytes, export::ofd(&pages, fonts).unwrap().bytes)
    });
    assert_alike("shapes", &our_pictures(&pdf), &read_by_ofd_core(&ofd, RESOLUTION).pictures);
}
