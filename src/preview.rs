//! A report beside the form in which it is written: its pages, and what is wrong with it so far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Failed};
use crate::export::{Drawing, Glyphs, draw, new_glyphs, picture};
use crate::guide::Coverage;
use crate::input::{Format, Manuscript, UnfinishedReport};
use crate::pipeline::{Press, all_findings, at_once, check};
use crate::report::{Document, Edition, FieldPath, IssuerRank};
use crate::template::{Purpose, fill};
use crate::typeset::{Pages, Place, lay_out};

/// A report as far as it is written, page by page.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "各页的画面")]
pub struct Preview {
    #[schemars(description = "各页，依次")]
    pub pages: Vec<PreviewPage>,
    #[schemars(
        description = "新的各页所用、已有的各页没有的字形：名称和 SVG path 的 d，单位和方向依字体（y 向上）"
    )]
    pub glyphs: Glyphs,
    /// The fields that something stands in for, because they lack what they must have.
    #[schemars(with = "Vec<String>", description = "缺少必填内容、用栏目名代替的字段")]
    pub stood_in: Vec<FieldPath>,
    #[schemars(description = "全部问题，最重的在前；用栏目名代替的地方只说它缺")]
    pub findings: Vec<Diagnostic>,
    pub coverage: Coverage,
    /// What the unit's name tells, for whoever has not chosen it yet.
    pub standing: IssuerRank,
}

/// A page to be looked at.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一页")]
pub struct PreviewPage {
    /// Tells the page from every other.
    #[schemars(description = "与其他各页相区别的代号")]
    pub hash: String,
    /// What there is to see; nothing where whoever asked has it.
    #[serde(flatten)]
    pub picture: Option<Picture>,
}

/// What there is to see of a page, and where whose text stands.
#[derive(Serialize, JsonSchema)]
pub struct Picture {
    #[schemars(description = "页宽，磅")]
    pub width: f64,
    #[schemars(description = "页高，磅")]
    pub height: f64,
    #[schemars(description = "页面的 SVG 元素，字形用 use 引用")]
    pub svg: String,
    #[schemars(description = "各栏目的文字在页上的位置")]
    pub places: Vec<Place>,
}

/// Shows a report as it is being written, whatever is wrong with it, and says what is. Pages whose
/// hash is `known` are not drawn again. Typst remembers: a small change costs a part of the whole.
pub fn preview(bytes: &[u8], format: Format, known: &[&str], press: &Press) -> Result<Preview, Failed> {
    let UnfinishedReport { report, stood_in, faults } = Manuscript::parse(bytes, format)?.unfinished()?;
    let coverage = press.coverage_in_any_case(&report);
    let standing = IssuerRank::of(&report.issuer.name);
    let document = Document::from(report);
    let (found, laid_out) = at_once(
        || check(&document, press),
        || {
            let template = press.templates.of(&document)?;
            lay_out(&fill(template, &document, Purpose::Preview)?, &press.fonts)
        },
    );
    let (found, laid_out) = (found?, laid_out?);
    let page = |(number, places): (usize, Vec<Place>)| {
        let hash = laid_out.fingerprint(number, &places);
        let picture = (!known.contains(&hash.as_str())).then(|| {
            let Drawing { width, height, body: svg } = draw(&laid_out, number);
            Picture { width, height, svg, places }
        });
        PreviewPage { hash, picture }
    };
    let pages: Vec<_> = laid_out.places().into_iter().enumerate().map(page).collect();
    let glyphs = new_glyphs(&laid_out, |number| pages[number].picture.is_some());
    let mut findings = all_findings(faults, found, &stood_in);
    findings.extend(laid_out.notes);
    Ok(Preview { pages, glyphs, stood_in, findings, coverage, standing })
}

/// A page of a report as it was submitted, to be looked at beside what is said of it.
#[derive(Serialize, Deserialize)]
pub struct PageOutline {
    /// Its number from 1, and what tells it from every other, also those of other reports, whatever process
    /// has set it.
    pub name: String,
    /// In points.
    pub width: f64,
    pub height: f64,
    /// Where each field stands on it, one that goes on over several lines as one.
    pub fields: Vec<FieldOutline>,
}

/// Where a field stands on a page, in hundredths of the page's width and height.
#[derive(Serialize, Deserialize)]
pub struct FieldOutline {
    pub path: FieldPath,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// The pages of an edition of a report as they are issued.
pub fn page_outlines(
    bytes: &[u8],
    format: Format,
    edition: Edition,
    press: &Press,
) -> Result<Vec<PageOutline>, Failed> {
    let laid_out = issued(bytes, format, edition, press)?;
    let page = |(number, places): (usize, Vec<Place>)| {
        let drawing = draw(&laid_out, number);
        let (width, height) = (drawing.width, drawing.height);
        PageOutline {
            name: page_name(number, &drawing),
            width,
            height,
            fields: field_outlines(&places, width, height),
        }
    };
    Ok(laid_out.places().into_iter().enumerate().map(page).collect())
}

/// The page of this name as a picture; nothing where there is none.
pub fn page_picture(
    bytes: &[u8],
    format: Format,
    edition: Edition,
    name: &str,
    press: &Press,
) -> Result<Option<String>, Failed> {
    let number = name.split('-').next().and_then(|number| number.parse::<usize>().ok());
    let Some(number) = number.and_then(|number| number.checked_sub(1)) else { return Ok(None) };
    let laid_out = issued(bytes, format, edition, press)?;
    if number >= laid_out.count() {
        return Ok(None);
    }
    let drawing = draw(&laid_out, number);
    Ok((page_name(number, &drawing) == name).then(|| picture(&laid_out, number, &drawing)))
}

/// A fingerprint of typst's would not do: it is another in the next process.
fn page_name(number: usize, drawing: &Drawing) -> String {
    let digest = Sha256::digest(&drawing.body);
    format!("{}-{}", number + 1, hex::encode(&digest[..16]))
}

/// What was accepted once is shown, whatever is found wrong with it since.
fn issued(bytes: &[u8], format: Format, edition: Edition, press: &Press) -> Result<Pages, Failed> {
    let UnfinishedReport { mut report, .. } = Manuscript::parse(bytes, format)?.unfinished()?;
    report.edition = edition;
    let document = Document::from(report);
    let template = press.templates.of(&document)?;
    lay_out(&fill(template, &document, Purpose::Issue)?, &press.fonts)
}

fn field_outlines(places: &[Place], width: f64, height: f64) -> Vec<FieldOutline> {
    let share = |part: f64, whole: f64| (part / whole * 10_000.0).round() / 100.0;
    let mut fields: Vec<FieldOutline> = Vec::new();
    for place in places {
        let (left, top) = (share(place.x, width), share(place.y, height));
        let (right, bottom) = (share(place.x + place.width, width), share(place.y + place.height, height));
        match fields.iter_mut().find(|one| one.path == place.path) {
            Some(known) => {
                known.left = known.left.min(left);
                known.top = known.top.min(top);
                known.right = known.right.max(right);
                known.bottom = known.bottom.max(bottom);
            }
            None => fields.push(FieldOutline { path: place.path.clone(), left, top, right, bottom }),
        }
    }
    fields
}

/// What a report says of the matters of the guide, as far as it is written.
pub fn cover(bytes: &[u8], format: Format, press: &Press) -> Result<Coverage, Failed> {
    Ok(press.coverage_in_any_case(&Manuscript::parse(bytes, format)?.unfinished()?.report))
}

/// What was written, and what is wrong with it.
#[derive(Default, Serialize, Deserialize)]
pub struct Glance {
    pub tree: Value,
    pub findings: Vec<Diagnostic>,
    /// What it says of the matters of the guide, where what was written makes a report.
    pub coverage: Option<Coverage>,
}

/// Looks at a report as far as it is written. Where not even what was written of it makes a report, its
/// faults are found.
pub fn look(bytes: &[u8], format: Format, press: &Press) -> Result<Glance, Failed> {
    let manuscript = Manuscript::parse(bytes, format)?;
    let tree = manuscript.tree()?;
    let checked = manuscript.unfinished().and_then(|UnfinishedReport { report, stood_in, faults }| {
        let coverage = press.coverage_in_any_case(&report);
        Ok((all_findings(faults, check(&report.into(), press)?, &stood_in), Some(coverage)))
    });
    let (findings, coverage) = match checked {
        Err(Failed::Report(findings)) => (findings, None),
        checked => checked?,
    };
    Ok(Glance { tree, findings, coverage })
}
