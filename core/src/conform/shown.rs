//! Which faces a PDF shows text in without bringing them along: what they set cannot be read. A face that is only
//! named, or chosen and then not used, sets nothing.

use std::collections::{BTreeSet, HashSet};

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::Page;

/// The names of such faces.
#[derive(Default)]
pub(super) struct ShownFaces {
    pub not_embedded: BTreeSet<String>,
    forms: HashSet<ObjectIdentifier>,
}

impl ShownFaces {
    pub(super) fn note(&mut self, page: &Page) {
        let resources = page.resources();
        self.walk(page.page_stream().unwrap_or_default(), &resources.fonts, &resources.x_objects);
    }

    fn walk<'a>(&mut self, content: &[u8], fonts: &Dict<'a>, forms: &Dict<'a>) {
        let (mut font, mut kept): (Option<Dict<'a>>, Vec<Option<Dict<'a>>>) = (None, Vec::new());
        let mut operators = UntypedIter::new(content);
        while let Some(instruction) = operators.next() {
            let names_one = |operand: &&Object| matches!(operand, Object::Name(_));
            let name = instruction.operands().filter(names_one).last();
            let operator: &[u8] = instruction.operator.as_ref();
            match (operator, name) {
                (b"q", _) => kept.push(font.clone()),
                (b"Q", _) => font = kept.pop().unwrap_or_default(),
                (b"Tf", Some(Object::Name(name))) => font = fonts.get::<Dict>(name.as_ref()),
                (b"Do", Some(Object::Name(name))) => {
                    if let Some(form) = forms.get::<Stream>(name.as_ref()) {
                        self.walk_form(&form, fonts, forms);
                    }
                }
                (b"Tj" | b"TJ" | b"'" | b"\"", _) if instruction.operands().any(shows) => {
                    self.not_embedded.extend(font.as_ref().filter(|font| !is_embedded(font)).map(name_of));
                }
                _ => {}
            }
        }
    }

    /// What a form shows, once. Without resources of its own it has those around it.
    fn walk_form<'a>(&mut self, form: &Stream<'a>, fonts: &Dict<'a>, forms: &Dict<'a>) {
        let is_form = form.dict().get::<Name>("Subtype").is_some_and(|kind| kind.as_ref() == b"Form");
        if !is_form || !self.forms.insert(form.obj_id()) {
            return;
        }
        let Ok(content) = form.decoded() else { return };
        let own = form.dict().get::<Dict>("Resources");
        let of = |key: &str, around: &Dict<'a>| {
            own.as_ref().map_or_else(|| around.clone(), |own| own.get::<Dict>(key).unwrap_or_default())
        };
        self.walk(&content, &of("Font", fonts), &of("XObject", forms));
    }
}

/// Whether there is more than blanks in a text, or in the texts of a list.
fn shows(operand: &Object) -> bool {
    match operand {
        Object::String(text) => text.as_bytes().iter().any(|byte| !matches!(byte, 0 | b' ')),
        Object::Array(parts) => parts.iter::<Object>().any(|part| shows(&part)),
        _ => false,
    }
}

/// Whether a face's outlines are in the file; characters that are drawings (Type 3) always are.
fn is_embedded(font: &Dict) -> bool {
    let is_drawn = font.contains_key("CharProcs");
    let descendant = font.get::<Array>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict>().next());
    let descriptor = descendant.as_ref().unwrap_or(font).get::<Dict>("FontDescriptor").unwrap_or_default();
    is_drawn || ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains_key(*key))
}

fn name_of(font: &Dict) -> String {
    font.get::<Name>("BaseFont").map_or_else(|| "未注明名称的字体".into(), |name| name.as_str().to_owned())
}
