//! The parts of a file beside its pages: what it is, what it shares, and how one finds one's way in it.
//!
//! ```text
//! OFD.xml                     what the file is; a seal adds its list here, behind DocRoot
//! Doc_0/Document.xml          its pages, its outline, what goes with it
//! Doc_0/PublicRes.xml         its faces and pens
//! Doc_0/Res/face-1.ttf
//! Doc_0/Pages/Page_0/Content.xml
//! Doc_0/Attachs/…             the input that it was made of
//! Doc_0/Signs/                not there: a seal makes it
//! ```

use rayon::prelude::*;
use typst::foundations::{NativeElement, Packed, Smart, StyleChain};
use typst::introspection::{Introspector, PagedPosition};
use typst::layout::Size;
use typst::model::{Document, DocumentInfo, HeadingElem, OutlineNode};
use typst::pdf::AttachElem;

use super::container::OfdPart;
use super::page::{millimetres, physical_box};
use super::truetype;
use super::xml::{Xml, borrowed};
use super::{OfdRefusal, Resources, page};
use crate::report::{ATTACHED_IN_OFD, ATTACHED_REPORT, OFD_ENTRANCE};
use crate::typeset::{Fonts, Pages};

/// The parts, each with its path.
pub(super) fn parts(pages: &Pages, fonts: &Fonts) -> Result<Vec<OfdPart>, OfdRefusal> {
    let document = &pages.document;
    let mut resources = Resources::default();
    let page_ids: Vec<u32> = document.pages().iter().map(|_| resources.ids.next()).collect();
    let size = document.pages().first().map_or(Size::zero(), |page| page.frame.size());
    let written = document.pages().iter().enumerate().map(|(number, page)| {
        let part = page::write(page, size, &mut resources).map_err(OfdRefusal::Template)?;
        Ok(OfdPart::new(page_path(number), part))
    });
    let written = written.collect::<Result<Vec<_>, OfdRefusal>>()?;
    let faces = resources.faces.0.par_iter().enumerate().map(|(number, face)| {
        let bytes = truetype::write(face).map_err(OfdRefusal::Face)?;
        Ok(OfdPart::new(format!("Doc_0/{}", face_path(number)), bytes))
    });
    let faces = faces.collect::<Result<Vec<_>, OfdRefusal>>()?;
    let attached = attachments(pages);
    let id = typst::utils::hash128(&written);
    let mut parts = vec![
        OfdPart::new(OFD_ENTRANCE, entrance(document.info(), id)),
        OfdPart::new("Doc_0/Document.xml", root(pages, &page_ids, size, &resources, !attached.is_empty())),
        OfdPart::new("Doc_0/PublicRes.xml", shared(&resources, fonts)),
    ];
    parts.extend(faces);
    parts.extend(written);
    parts.extend(attached);
    Ok(parts)
}

fn page_path(number: usize) -> String {
    format!("Doc_0/Pages/Page_{number}/Content.xml")
}

/// From where the list of faces says that they lie.
fn face_path(number: usize) -> String {
    format!("Res/face-{}.ttf", number + 1)
}

/// OFD.xml.
fn entrance(info: &DocumentInfo, id: u128) -> Vec<u8> {
    Xml::part("OFD", &[("Version", "1.0"), ("DocType", "OFD")], |xml| {
        xml.element("DocBody", &[], |xml| {
            xml.element("DocInfo", &[], |xml| {
                xml.text("DocID", &[], &format!("{id:032x}"));
                if let Some(title) = &info.title {
                    xml.text("Title", &[], title);
                }
                if !info.author.is_empty() {
                    xml.text("Author", &[], &info.author.join("、"));
                }
                if let Smart::Custom(Some(date)) = info.date
                    && let (Some(year), Some(month), Some(day)) = (date.year(), date.month(), date.day())
                {
                    xml.text("CreationDate", &[], &format!("{year:04}-{month:02}-{day:02}"));
                }
                if !info.keywords.is_empty() {
                    xml.element("Keywords", &[], |xml| {
                        info.keywords.iter().for_each(|keyword| xml.text("Keyword", &[], keyword));
                    });
                }
                xml.text("Creator", &[], "nianbao");
            });
            xml.text("DocRoot", &[], "Doc_0/Document.xml");
        });
    })
}

/// Document.xml.
fn root(
    pages: &Pages,
    page_ids: &[u32],
    size: Size,
    resources: &Resources,
    has_attachments: bool,
) -> Vec<u8> {
    Xml::part("Document", &[], |xml| {
        xml.element("CommonData", &[], |xml| {
            xml.text("MaxUnitID", &[], &resources.ids.0.to_string());
            xml.element("PageArea", &[], |xml| xml.text("PhysicalBox", &[], &physical_box(size)));
            xml.text("PublicRes", &[], "PublicRes.xml");
        });
        xml.element("Pages", &[], |xml| {
            for (number, id) in page_ids.iter().enumerate() {
                let location = format!("Pages/Page_{number}/Content.xml");
                xml.empty("Page", &[("ID", &id.to_string()), ("BaseLoc", &location)]);
            }
        });
        outline(pages, page_ids, xml);
        if has_attachments {
            xml.text("Attachments", &[], "Attachs/Attachments.xml");
        }
    })
}

/// The headings, as the bookmarks of the PDF are.
fn outline(pages: &Pages, page_ids: &[u32], xml: &mut Xml) {
    let introspector = pages.document.introspector();
    let found = introspector.query(&HeadingElem::ELEM.select());
    let headings = found.iter().filter_map(|element| element.to_packed::<HeadingElem>());
    let flat = headings.map(|heading| {
        let styles = StyleChain::default();
        let is_outlined = heading.bookmarked.get(styles).unwrap_or_else(|| heading.outlined.get(styles));
        (heading, heading.resolve_level(styles), is_outlined)
    });
    let tree = OutlineNode::build_tree(flat);
    if tree.is_empty() {
        return;
    }
    let place = |heading: &Packed<HeadingElem>| {
        let location = heading.location()?;
        introspector.position(location)
    };
    xml.element("Outlines", &[], |xml| {
        tree.iter().for_each(|node| outline_element(node, page_ids, &place, xml));
    });
}

fn outline_element(
    node: &OutlineNode<&Packed<HeadingElem>>,
    page_ids: &[u32],
    place: &impl Fn(&Packed<HeadingElem>) -> Option<PagedPosition>,
    xml: &mut Xml,
) {
    let text = node.entry.body.plain_text();
    let title = match &node.entry.numbers {
        Some(number) => format!("{number}{text}"),
        None => text.to_string(),
    };
    let PagedPosition { page, point } = place(node.entry).unwrap_or(PagedPosition::ORIGIN);
    let Some(page) = page_ids.get(page.get() - 1) else { return };
    let (page, left, top) = (page.to_string(), millimetres(point.x), millimetres(point.y));
    xml.element("OutlineElem", &[("Title", &title)], |xml| {
        xml.element("Actions", &[], |xml| {
            xml.element("Action", &[("Event", "CLICK")], |xml| {
                xml.element("Goto", &[], |xml| {
                    xml.empty("Dest", &[("Type", "XYZ"), ("PageID", &page), ("Left", &left), ("Top", &top)]);
                });
            });
        });
        node.children.iter().for_each(|child| outline_element(child, page_ids, place, xml));
    });
}

/// PublicRes.xml.
fn shared(resources: &Resources, fonts: &Fonts) -> Vec<u8> {
    Xml::part("Res", &[("BaseLoc", "")], |xml| {
        if !resources.pens.is_empty() {
            xml.element("DrawParams", &[], |xml| {
                for (width, id) in &resources.pens {
                    let width = f64::from(*width) / 1000.0;
                    xml.empty("DrawParam", &[("ID", &id.to_string()), ("LineWidth", &width.to_string())]);
                }
            });
        }
        xml.element("Fonts", &[], |xml| {
            for (number, face) in resources.faces.0.iter().enumerate() {
                let (name, family) = fonts.names(face.font.font());
                let attributes = [("ID", face.id.to_string()), ("FontName", name), ("FamilyName", family)];
                xml.element("Font", &borrowed(&attributes), |xml| {
                    xml.text("FontFile", &[], &face_path(number))
                });
            }
        });
    })
}

/// What the PDF of these pages has attached, and the list of it; nothing where nothing is.
fn attachments(pages: &Pages) -> Vec<OfdPart> {
    let found = pages.document.introspector().query(&AttachElem::ELEM.select());
    let files: Vec<_> = found.iter().filter_map(|element| element.to_packed::<AttachElem>()).collect();
    if files.is_empty() {
        return vec![];
    }
    const FOLDER: &str = "Doc_0/Attachs/";
    let location = |number: usize| match files[number].path.derived.as_str() {
        ATTACHED_REPORT => ATTACHED_IN_OFD.to_owned(),
        // What a template calls its files is nobody's path.
        _ => format!("{FOLDER}attachment-{}", number + 1),
    };
    let list = Xml::part("Attachments", &[], |xml| {
        for (number, file) in files.iter().enumerate() {
            let id = format!("attachment-{}", number + 1);
            let name = file.path.derived.as_str();
            xml.element("Attachment", &[("ID", &id), ("Name", name), ("Visible", "true")], |xml| {
                xml.text("FileLoc", &[], location(number).trim_start_matches(FOLDER));
            });
        }
    });
    let files = files.iter().enumerate();
    let files = files.map(|(number, file)| OfdPart::new(location(number), file.data.to_vec()));
    let list = OfdPart::new(format!("{FOLDER}Attachments.xml"), list);
    [list].into_iter().chain(files).collect()
}
