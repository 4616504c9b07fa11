//! Which face sets a text, and in which size.

use std::collections::BTreeMap;

use super::figures::SIZE_TOLERANCE;
use super::judgement::Evidence;
use super::line::TextLine;
use super::page::Glyph;
use crate::faces::{RoleFaces, Standing};

/// A share of foreign characters that a text may have before its face is called wrong.
const NEGLIGIBLE: f64 = 0.005;

/// Demands that the Chinese characters of these lines be set in the faces of `role`.
pub(super) fn expect<'a>(tally: &mut Evidence, role: &str, lines: impl IntoIterator<Item = &'a TextLine>) {
    let glyphs = lines.into_iter().flat_map(|line| line.glyphs.iter().map(|glyph| (line.page, glyph)));
    expect_glyphs(tally, role, glyphs.filter(|(_, glyph)| glyph.is_han()));
}

/// The same of single characters, whichever they are.
pub(super) fn expect_glyphs<'a>(
    tally: &mut Evidence,
    role: &str,
    glyphs: impl IntoIterator<Item = (usize, &'a Glyph)>,
) {
    let role = RoleFaces::named(role);
    let mut faces: BTreeMap<&str, (usize, usize, String)> = BTreeMap::new();
    let mut all = 0;
    for (page, glyph) in glyphs {
        let (count, _, sample) = faces.entry(&glyph.face).or_insert((0, page, String::new()));
        *count += 1;
        all += 1;
        if *count <= 6 {
            sample.push_str(&glyph.text);
        }
    }
    let mut fitting: Vec<(usize, &str)> = Vec::new();
    for (face, (count, page, sample)) in &faces {
        match role.standing(face) {
            Standing::Official => fitting.push((*count, face)),
            Standing::StandIn => {
                tally.stand_in(face);
                fitting.push((*count, face));
            }
            Standing::Other if (*count as f64) < NEGLIGIBLE * all as f64 => {}
            Standing::Other => {
                let face = if face.is_empty() { "未注明名称的字体" } else { face };
                tally.fault(*page, format!("“{sample}”用 {face}，不是{}", role.name));
            }
        }
    }
    if let Some((_, face)) = fitting.iter().max() {
        tally.measure(format!("{}（{face}）", role.name));
    }
}

/// Demands a size of these lines, and of every Chinese character in them.
pub(super) fn expect_size<'a>(
    tally: &mut Evidence,
    name: &str,
    points: f64,
    lines: impl IntoIterator<Item = &'a TextLine>,
) {
    let mut is_measured = false;
    for line in lines {
        is_measured = true;
        let is_wrong = |size: &f64| (size - points).abs() > SIZE_TOLERANCE;
        let of_characters = line.glyphs.iter().filter(|glyph| glyph.is_han()).map(|glyph| glyph.size);
        if let Some(size) = Some(line.size()).into_iter().chain(of_characters).find(is_wrong) {
            tally.fault(
                line.page,
                format!("{}为 {size:.1} 磅，应为{name}（{points:.0} 磅）", line.beginning()),
            );
        }
    }
    if is_measured {
        tally.measure(format!("{name}（{points:.0} 磅）"));
    }
}
