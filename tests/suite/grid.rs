//! The grid of GB/T 9704-2012 and what else an official document shows, read off finished PDFs.

use nianbao::report::Edition;

use crate::pdf::{Document, Line, Page};
use crate::workbench::{packed, pdf, read, sample, sample_pdf};

const BOTH: [Edition; 2] = [Edition::Public, Edition::Formal];

/// 版心: 156 mm wide, 28 characters; from 37 mm to 262 mm, 22 lines.
const LEFT: f64 = 28.0;
const CELL: f64 = 156.0 / 28.0;
const TOP: f64 = 37.0;
const BOTTOM: f64 = 262.0;
const MM_PER_PT: f64 = 25.4 / 72.0;
const SIZE: f64 = 16.0 * MM_PER_PT;
const PITCH: f64 = (225.0 - SIZE) / 21.0;
/// Of a Chinese character's height, what stands above the baseline.
const ABOVE_BASELINE: f64 = 0.88;

const MAY_NOT_BEGIN: &str = "，。、；：？！”’）》〉】〕」』…—%";
const MAY_NOT_END: &str = "“‘（《〈【〔「『";

/// Pages whose text is body from top to bottom: not the first, not those where the text ends or
/// an attachment lies.
fn inner_pages(document: &Document) -> Vec<(usize, &Page)> {
    let end = document.pages.iter().position(|page| page.text().contains("特此报告。")).unwrap();
    (1..end).map(|index| (index, &document.pages[index])).collect()
}

fn is_body(line: &Line) -> bool {
    line.characters.iter().all(|character| (character.size_pt - 16.0).abs() < 0.01)
}

fn is_full_width(text: &str) -> bool {
    text.chars().all(|c| !c.is_ascii() && c != '·')
}

#[test]
fn every_page_is_a4() {
    for edition in BOTH {
        for page in &sample_pdf(edition).pages {
            assert!((page.width - 210.0).abs() < 0.1 && (page.height - 297.0).abs() < 0.1);
        }
    }
}

#[test]
fn inner_pages_have_22_lines_of_equal_pitch_from_edge_to_edge() {
    for edition in BOTH {
        let document = sample_pdf(edition);
        let pages = inner_pages(document);
        let mut full = 0;
        for (index, page) in pages {
            let lines = page.lines();
            for line in &document.pages[index + 1].lines()[..22 - lines.len()] {
                // A signature does not go alone: what ends the text goes with it.
                if line.text().starts_with("特此报告") {
                    break;
                }
                // A heading does not stay behind alone.
                let is_heading = line.characters.iter().all(|one| !one.face.contains("FandolFang"));
                assert!(is_heading, "page {} could hold: {}", index + 1, line.text());
            }
            full += usize::from(lines.len() == 22);
            for (above, below) in lines.iter().zip(&lines[1..]) {
                let pitch = below.y - above.y;
                assert!((pitch - PITCH).abs() < 0.02, "page {}: {pitch} mm at {}", index + 1, below.text());
            }
            let top = lines[0].y - ABOVE_BASELINE * SIZE;
            let bottom = lines.last().unwrap().y + (1.0 - ABOVE_BASELINE) * SIZE;
            assert!((top - TOP).abs() < 0.5, "page {}: the first line at {top} mm", index + 1);
            let is_full = lines.len() == 22;
            assert!(
                !is_full || (bottom - BOTTOM).abs() < 0.5,
                "page {}: the last line at {bottom} mm",
                index + 1
            );
        }
        assert!(full >= 5, "full pages: {full}");
    }
}

#[test]
fn full_lines_of_chinese_hold_28_cells() {
    for edition in BOTH {
        let (mut full, mut of_28) = (0, 0);
        for (_, page) in inner_pages(sample_pdf(edition)) {
            let lines = page.lines();
            for (number, line) in lines.iter().enumerate().filter(|(_, line)| is_body(line)) {
                let is_chinese = line.characters.iter().all(|character| is_full_width(&character.text));
                let first = &line.characters[0];
                let last = line.characters.last().unwrap();
                let reaches_end = last.x + CELL > LEFT + 27.5 * CELL;
                if !is_chinese || !reaches_end {
                    continue;
                }
                full += 1;
                let cells = (last.x - first.x) / CELL + 1.0 + ((first.x - LEFT) / CELL).round();
                let count = line.characters.len() as f64 + ((first.x - LEFT) / CELL).round();
                assert!((cells - 28.0).abs() < 0.6, "{cells} cells: {}", line.text());
                // A mark that may not begin the next line takes its neighbour along; a last line of one
                // character is pulled in, or another pushed down to it. What a figure that keeps its unit
                // leaves is spread over the line.
                let next = lines.get(number + 1).map(|next| next.text()).unwrap_or_default();
                let least = if next.starts_with(|c: char| c.is_ascii_digit()) { 21.0 } else { 26.0 };
                assert!((least..=29.0).contains(&count), "{count} characters: {}", line.text());
                if count == 28.0 {
                    of_28 += 1;
                    for (index, character) in line.characters.iter().enumerate() {
                        let expected = first.x + index as f64 * CELL;
                        let off = (character.x - expected).abs();
                        assert!(off < 0.05, "“{}” is {off} mm off: {}", character.text, line.text());
                    }
                }
            }
        }
        assert!(full >= 20, "full lines of Chinese: {full}");
        assert!(of_28 * 10 >= full * 7, "{of_28} of {full} full lines hold 28 characters");
    }
}

#[test]
fn no_line_begins_or_ends_with_a_mark_that_may_not() {
    for edition in BOTH {
        for (index, page) in sample_pdf(edition).pages.iter().enumerate() {
            for line in page.lines().iter().filter(|line| is_body(line)) {
                let text = line.text();
                let place = format!("page {}: {text}", index + 1);
                assert!(!text.starts_with(|c| MAY_NOT_BEGIN.contains(c)), "{place}");
                assert!(!text.ends_with(|c| MAY_NOT_END.contains(c)), "{place}");
            }
        }
    }
}

#[test]
fn page_numbers_stand_outside_between_dashes() {
    for edition in BOTH {
        let mut numbered = 0;
        for (index, page) in sample_pdf(edition).pages.iter().enumerate() {
            let number: Vec<_> = page
                .characters
                .iter()
                .filter(|character| character.is_artifact && !character.text.trim().is_empty())
                .collect();
            if number.is_empty() {
                // A blank page before the 版记 and the 版记's own bear none (7.5).
                assert!(edition == Edition::Formal && index + 2 >= sample_pdf(edition).pages.len());
                continue;
            }
            numbered += 1;
            assert_eq!(packed(&page.artifacts()), format!("—{}—", index + 1));
            assert!(number.iter().all(|character| (character.size_pt - 14.0).abs() < 0.01));
            assert!(number.iter().all(|character| character.y > BOTTOM));
            let (left, right) = (number[0].x, number.last().unwrap().right);
            let one_character = 14.0 * MM_PER_PT;
            if index % 2 == 0 {
                let inset = LEFT + 156.0 - right;
                assert!((inset - one_character).abs() < 0.8, "page {}: {inset} mm from the right", index + 1);
            } else {
                let inset = left - LEFT;
                assert!((inset - one_character).abs() < 0.8, "page {}: {inset} mm from the left", index + 1);
            }
        }
        assert!(numbered >= 10);
    }
}

#[test]
fn the_title_is_in_the_face_of_titles() {
    for edition in BOTH {
        let page = &sample_pdf(edition).pages[0];
        let title = packed(read(sample()).title.as_deref().unwrap());
        let large: Vec<_> = page.characters.iter().filter(|one| (one.size_pt - 22.0).abs() < 0.01).collect();
        let text: String = large.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(packed(&text), title);
        // Its figures too: those of another face would be thinner.
        for character in large {
            assert!(
                character.face.contains("NotoSerifCJK") && character.face.contains("Bold"),
                "{}",
                character.face
            );
        }
    }
}

/// The face of titles has what GB 2312 has; the whole one, of the same look, comes behind it.
#[test]
fn a_rare_character_is_drawn_by_the_whole_face_of_titles() {
    // Its code for the dash is read in two ways.
    let text = sample().replace("临江", "瀍河").replace("瀍河区2024年法", "瀍河区2021—2025年法");
    let document = pdf(&text, Some(Edition::Formal));
    let large = document.pages[0].characters.iter().filter(|one| one.size_pt > 21.0);
    let mut rare = 0;
    for character in large {
        let is_rare = character.text == "瀍";
        rare += usize::from(is_rare);
        let face = &character.face;
        assert!(face.contains("NotoSerifCJKsc"), "{face}");
        assert_ne!(face.contains("GB2312"), is_rare, "{}: {face}", character.text);
    }
    // In the head and in the title.
    assert_eq!(rare, 2);
}

#[test]
fn headings_are_bookmarks() {
    for edition in BOTH {
        let report = read(sample());
        let bookmarks = &sample_pdf(edition).bookmarks;
        let has = |depth: usize, text: &str| {
            bookmarks.iter().any(|(at, bookmark)| *at == depth && packed(bookmark).ends_with(&packed(text)))
        };
        for section in
            ["主要举措和成效", "存在的不足和原因", "的有关情况", "的主要安排", "其他需要报告的情况"]
        {
            assert!(has(0, section), "{section} is no bookmark: {bookmarks:#?}");
        }
        let headings = report
            .measures
            .iter()
            .map(|one| &one.heading)
            .chain(report.duties.iter().map(|one| &one.heading))
            .chain(report.plans.iter().map(|one| &one.heading));
        for heading in headings.flatten() {
            assert!(has(1, heading), "{} is no bookmark", &**heading);
        }
        for attachment in &report.attachments {
            assert!(has(0, &attachment.title), "{} is no bookmark", &*attachment.title);
        }
    }
}

#[test]
fn the_file_is_pdf_a_2a_and_says_what_it_is() {
    for edition in BOTH {
        let document = sample_pdf(edition);
        let report = read(sample());
        assert_eq!(document.title, &**report.title.as_ref().unwrap());
        assert_eq!(document.author, "云州市临江区人民政府");
        assert!(document.metadata.contains("<pdfaid:part>2</pdfaid:part>"), "{}", document.metadata);
        assert!(document.metadata.contains("<pdfaid:conformance>A</pdfaid:conformance>"));
        assert!(document.is_marked);
        for key in ["StructTreeRoot", "MarkInfo", "Metadata", "OutputIntents", "Outlines"] {
            assert!(document.catalog.contains(key), "{key}: {:?}", document.catalog);
        }
        assert!(document.language.starts_with("zh"), "{}", document.language);
        for tag in ["H1", "H2", "P", "Table", "TR", "TH", "TD"] {
            assert!(document.tags.contains(tag), "{tag}: {:?}", document.tags);
        }
        // 仿宋 sets the body, 黑体 and 楷体 the headings, and a Latin face the figures.
        for face in ["FandolFang", "FandolHei", "FandolKai", "NotoSerifCJK", "LiberationSerif"] {
            assert!(document.faces.iter().any(|name| name.contains(face)), "{face}: {:?}", document.faces);
        }
    }
}

#[test]
fn figures_in_headings_are_as_heavy_as_the_words_beside_them() {
    let document = sample_pdf(Edition::Formal);
    let section = "2024年推进法治政府建设的主要举措和成效";
    let lines = || document.pages.iter().flat_map(Page::lines);
    let heading = lines().find(|line| line.text().contains(section)).unwrap();
    assert!(heading.characters.iter().all(|one| one.face.contains("FandolHei")), "{}", heading.text());
    let label = lines().find(|line| line.text() == "附件1").unwrap();
    assert!(label.characters.iter().all(|one| one.face.contains("FandolHei")));
    // In the text itself they are Latin.
    let year = lines().find(|line| line.text().starts_with("2024年，")).unwrap();
    assert!(year.characters[0].face.contains("LiberationSerif"));
}
