//! What pages look like: each is held against a small picture of itself, so that a change which
//! no figure tells is seen. How the pictures are renewed stands in `tests/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use hayro_syntax::Pdf;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GrayImage, ImageEncoder, Luma, Rgb, RgbImage};
use nianbao::input::Format;
use nianbao::report::Edition;

use crate::workbench::{of_tests, pdf_bytes, press, sample};

/// Pixels a point: 36 an inch, so that a character of the text has eight.
const SCALE: f32 = 36.0 / 72.0;
/// Shades are this far apart: fewer shades, smaller files.
const SHADE: u8 = 17;
/// Two pixels are alike up to so many shades, and two pages up to so many pixels: another
/// processor rounds otherwise.
const ALIKE: u8 = 2 * SHADE;
const FEW: usize = 4;
/// What differs is marked in this.
const MARK: Rgb<u8> = Rgb([220, 0, 0]);

/// The documents, each with its name, its report and its edition.
fn documents() -> Vec<(&'static str, String, Edition)> {
    let case = |name: &str| fs::read_to_string(of_tests("cases/conform").join(name)).unwrap();
    vec![
        ("sample-public", sample().to_owned(), Edition::Public),
        ("sample-formal", sample().to_owned(), Edition::Formal),
        ("joint", case("joint.yaml"), Edition::Formal),
        ("landscape-table", case("department.yaml"), Edition::Formal),
        ("work-plan", press().templates.find("work-plan").unwrap().sample.clone(), Edition::Public),
    ]
}

/// A picture of each page of a report's PDF.
fn pages(report: &str, edition: Edition) -> Vec<GrayImage> {
    let pdf = Pdf::new(Arc::new(pdf_bytes(report.as_bytes(), Format::Yaml, Some(edition)))).unwrap();
    let settings =
        RenderSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE, ..RenderSettings::default() };
    let cache = RenderCache::new();
    let picture = |page| {
        let pixels = hayro::render(page, &cache, &Default::default(), &settings);
        GrayImage::from_fn(pixels.width().into(), pixels.height().into(), |x, y| {
            let pixel = pixels.sample(x as u16, y as u16);
            let light = (u16::from(pixel.r) * 3 + u16::from(pixel.g) * 6 + u16::from(pixel.b)) / 10;
            Luma([(light as u8 / SHADE) * SHADE])
        })
    };
    pdf.pages().iter().map(picture).collect()
}

/// The pixels of which one picture shows something else than the other.
fn differing(before: &GrayImage, after: &GrayImage) -> Vec<(u32, u32)> {
    let shade = |picture: &GrayImage, x, y| picture.get_pixel_checked(x, y).map_or(255, |pixel| pixel[0]);
    let (width, height) = (before.width().max(after.width()), before.height().max(after.height()));
    let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    all.filter(|(x, y)| shade(before, *x, *y).abs_diff(shade(after, *x, *y)) > ALIKE).collect()
}

fn look_alike(before: &GrayImage, after: &GrayImage) -> bool {
    before.dimensions() == after.dimensions() && differing(before, after).len() <= FEW
}

/// Side by side: before, after, and after with what differs in red.
fn difference(before: &GrayImage, after: &GrayImage) -> RgbImage {
    let (width, height) = (before.width().max(after.width()), before.height().max(after.height()));
    let mut picture = RgbImage::from_pixel(3 * width, height, Rgb([255; 3]));
    for (place, page) in [before, after, after].into_iter().enumerate() {
        for (x, y, pixel) in page.enumerate_pixels() {
            // The page whose changes are marked is pale, so that they stand out.
            let shade = if place == 2 { 192 + pixel[0] / 4 } else { pixel[0] };
            picture.put_pixel(place as u32 * width + x, y, Rgb([shade; 3]));
        }
    }
    for (x, y) in differing(before, after) {
        picture.put_pixel(2 * width + x, y, MARK);
    }
    picture
}

fn save(picture: &GrayImage, path: &Path) {
    let file = fs::File::create(path).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter);
    encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::L8).unwrap();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests are told by a variable what to renew")]
fn pages_look_as_they_did() {
    let references = of_tests("pictures/reference");
    let differences = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    let is_update = std::env::var_os("NIANBAO_UPDATE_PICTURES").is_some();
    for folder in [&references, &differences] {
        if is_update || *folder == differences {
            let _ = fs::remove_dir_all(folder);
        }
        fs::create_dir_all(folder).unwrap();
    }
    let mut changes = Vec::new();
    let mut known = 0;
    for (name, report, edition) in documents() {
        for (index, page) in pages(&report, edition).iter().enumerate() {
            let file = format!("{name}-{:02}.png", index + 1);
            let reference = references.join(&file);
            if is_update {
                save(page, &reference);
            }
            known += usize::from(reference.exists());
            // A page that is new has nothing before it.
            let before = image::open(&reference).map_or_else(|_| GrayImage::new(1, 1), |it| it.into_luma8());
            if !look_alike(&before, page) {
                let picture = differences.join(&file);
                difference(&before, page).save(&picture).unwrap();
                changes.push(picture.display().to_string());
            }
        }
    }
    assert!(
        changes.is_empty(),
        "pages look different; see before, after and what changed:\n{}",
        changes.join("\n")
    );
    assert_eq!(fs::read_dir(references).unwrap().count(), known, "a page of the references is no more");
}

#[test]
fn one_changed_character_is_seen() {
    let joint = fs::read_to_string(of_tests("cases/conform/joint.yaml")).unwrap();
    let before = pages(&joint, Edition::Formal);
    let after = pages(&joint.replace("提出意见", "提交意见"), Edition::Formal);
    let pairs = || before.iter().zip(&after);
    let changed: Vec<_> = pairs().filter(|(before, after)| !look_alike(before, after)).collect();
    let [(before, after)] = changed[..] else { panic!("{} pages changed", changed.len()) };
    assert!(difference(before, after).pixels().any(|pixel| *pixel == MARK));
}
