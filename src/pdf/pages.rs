//! The pages of a PDF, and what they draw, written anew.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::content::{self, PICTURE, write_name};
use super::copy::{Body, Copier, Use};
use super::drawing::{Drawing, Drawn, Held};
use super::file::File;
use super::object::{Dict, Object, Stream};
use super::{MAX_COLOURS, MAX_FONTS, MAX_NESTING, MAX_PAGES, Refused};

/// How many entries all resources may have together.
const MAX_ENTRIES: usize = 200_000;

/// How often layers may be listed.
const MAX_LAYERS: usize = 5000;

/// How many nodes a tree of pages may have besides its pages.
const MAX_NODES: usize = 10_000;

/// A pattern in place of every other: what it paints is seen to be no plain colour.
const PATTERN: &[u8] =
    b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 1/YStep 1/Resources<<>>";

/// A picture in place of every other.
const PICTURE_ENTRIES: &[u8] = b"/Type/XObject/Subtype/Image/Width 1/Height 1/ImageMask true";

/// Writes a PDF anew: its pages, with everything in them that shows.
pub fn plain(bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let file = File::open(bytes)?;
    let catalog = file.catalog()?;
    let mut writer = Writer::new(&file)?;
    let layers = writer.layers(&catalog)?;
    let root = file.get(&catalog, "Pages")?;
    let kids = root.dict().map_or(Ok(Object::Null), |root| file.get(root, "Kids"))?;
    match (root.dict(), kids.array()) {
        (Some(root), Some(_)) => writer.node(root, &Inherited::default(), &mut Vec::new())?,
        // Without a tree, whatever has contents is a page.
        _ => {
            for number in file.numbers() {
                let object = file.resolved(&Object::Reference(number))?;
                if let Object::Dict(dict) = object
                    && dict.get("Contents").is_some()
                {
                    writer.page(&dict, &Inherited::default())?;
                }
            }
        }
    }
    writer.finish(&layers)
}

/// What a page takes from the nodes above it.
#[derive(Clone, Default)]
struct Inherited {
    media_box: Option<Object>,
    crop_box: Option<Object>,
    rotate: Option<Object>,
    /// The nearest last.
    resources: Vec<(u32, Rc<Held>)>,
}

impl Inherited {
    /// With what a node, or the page itself, states.
    fn and(&self, file: &File, dict: &Dict) -> Result<Self, Refused> {
        let stated = |name: &str, known: &Option<Object>| -> Result<Option<Object>, Refused> {
            Ok(match file.get(dict, name)? {
                Object::Null => known.clone(),
                object => Some(object),
            })
        };
        Ok(Self {
            media_box: stated("MediaBox", &self.media_box)?,
            crop_box: stated("CropBox", &self.crop_box)?,
            rotate: stated("Rotate", &self.rotate)?,
            resources: self.resources.clone(),
        })
    }
}

struct Writer<'f, 'a> {
    file: &'f File<'a>,
    copier: Copier<'f, 'a>,
    drawing: Drawing,
    /// The numbers of the forms, as they stand in `drawing`.
    forms: Vec<u32>,
    form_of: HashMap<u32, usize>,
    waiting: Vec<(usize, Stream)>,
    resources_of: HashMap<u32, Option<(u32, Rc<Held>)>>,
    layer_of: HashMap<u32, u32>,
    picture: u32,
    pattern: u32,
    /// The resources above all pages: the picture.
    top: (u32, Rc<Held>),
    pages: Vec<(Drawn, Vec<Rc<Held>>)>,
    kids: Vec<u32>,
    nodes: usize,
    entries: usize,
    layers: usize,
    fonts: u64,
    colours: u64,
    weighed: HashSet<u32>,
}

impl<'f, 'a> Writer<'f, 'a> {
    fn new(file: &'f File<'a>) -> Result<Self, Refused> {
        let mut copier = Copier::new(file);
        let picture = copier.written.reserve();
        copier.written.put_stream(picture, PICTURE_ENTRIES, b"")?;
        let pattern = copier.written.reserve();
        copier.written.put_stream(pattern, PATTERN, b"")?;
        let top = copier.written.reserve();
        copier.written.put(top, format!("<</XObject<</{PICTURE} {picture} 0 R>>>>").as_bytes())?;
        let held =
            Held { drawn: HashMap::from([(PICTURE.as_bytes().to_vec(), None)]), ..Held::default() };
        Ok(Self {
            file,
            copier,
            drawing: Drawing::default(),
            forms: vec![],
            form_of: HashMap::new(),
            waiting: vec![],
            resources_of: HashMap::new(),
            layer_of: HashMap::new(),
            picture,
            pattern,
            top: (top, Rc::new(held)),
            pages: vec![],
            kids: vec![],
            nodes: 0,
            entries: 0,
            layers: 0,
            fonts: 0,
            colours: 0,
            weighed: HashSet::new(),
        })
    }

    /// The pages below a node.
    fn node(&mut self, node: &Dict, inherited: &Inherited, path: &mut Vec<u32>) -> Result<(), Refused> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || path.len() > MAX_NESTING {
            return Err(Refused::TooMuch);
        }
        let mut inherited = inherited.and(self.file, node)?;
        inherited.resources.extend(self.resources(node.get("Resources"))?);
        let kids = self.file.get(node, "Kids")?;
        for kid in kids.array().unwrap_or_default() {
            let object = self.file.resolved(kid)?;
            // What is no page ends the list, as it does for readers.
            let Some(dict) = object.dict() else { break };
            if self.file.get(dict, "Type")?.name() != Some(b"Pages") {
                self.page(dict, &inherited)?;
                continue;
            }
            if let Object::Reference(number) = kid {
                if path.contains(number) {
                    return Err(Refused::TooMuch);
                }
                path.push(*number);
            }
            self.node(dict, &inherited, path)?;
            path.truncate(path.len() - usize::from(matches!(kid, Object::Reference(_))));
        }
        Ok(())
    }

    fn page(&mut self, dict: &Dict, inherited: &Inherited) -> Result<(), Refused> {
        if self.pages.len() >= MAX_PAGES {
            return Err(Refused::TooMuch);
        }
        let stated = inherited.and(self.file, dict)?;
        let own = self.resources(dict.get("Resources"))?;
        let mut content = content::read(&self.contents(dict)?)?;
        let text = self.copier.written.reserve();
        self.copier.written.put_stream(text, b"", &std::mem::take(&mut content.bytes))?;

        let mut body = format!("<</Type/Page/Contents {text} 0 R").into_bytes();
        for (name, value) in [("MediaBox", &stated.media_box), ("CropBox", &stated.crop_box)] {
            if let Some(value) = value {
                self.numbers(name, value, 4, &mut body)?;
            }
        }
        if let Some(rotate) = stated.rotate.as_ref().and_then(Object::number) {
            body.extend_from_slice(format!("/Rotate {rotate}").as_bytes());
        }
        if let Some((number, _)) = &own {
            body.extend_from_slice(format!("/Resources {number} 0 R").as_bytes());
        }
        body.extend_from_slice(b">>");
        let mut kid = self.copier.written.reserve();
        self.copier.written.put(kid, &body)?;
        // The resources that it takes what it lacks from, the nearest innermost.
        for (resources, _) in stated.resources.iter().rev() {
            let node = self.copier.written.reserve();
            let body = format!("<</Type/Pages/Count 1/Kids[{kid} 0 R]/Resources {resources} 0 R>>");
            self.copier.written.put(node, body.as_bytes())?;
            kid = node;
        }
        self.kids.push(kid);
        let mut above = vec![self.top.1.clone()];
        above.extend(stated.resources.into_iter().map(|(_, held)| held));
        self.pages.push((Drawn { content, held: own.map(|(_, held)| held) }, above));
        Ok(())
    }

    /// The content streams of a page, one behind the other.
    fn contents(&self, page: &Dict) -> Result<Vec<u8>, Refused> {
        let contents = self.file.get(page, "Contents")?;
        let mut bytes = Vec::new();
        for part in contents.array().unwrap_or(std::slice::from_ref(&contents)) {
            // What is no stream ends the list, as it does for readers.
            let Object::Stream(stream) = self.file.resolved(part)? else { break };
            bytes.extend(self.file.unpacked(&stream)?.unwrap_or_default());
            bytes.push(b' ');
        }
        Ok(bytes)
    }

    /// Writes an entry of so many numbers, if it is one.
    fn numbers(&self, name: &str, value: &Object, count: usize, out: &mut Vec<u8>) -> Result<bool, Refused> {
        let Some(items) = value.array().filter(|items| items.len() == count) else { return Ok(false) };
        let mut numbers = String::new();
        for item in items {
            let Some(number) = self.file.resolved(item)?.number() else { return Ok(false) };
            numbers += &format!("{number} ");
        }
        out.extend_from_slice(format!("/{name}[{numbers}]").as_bytes());
        Ok(true)
    }

    /// Resources written anew, each once; nothing where there are none.
    fn resources(&mut self, object: Option<&Object>) -> Result<Option<(u32, Rc<Held>)>, Refused> {
        let Some(object) = object else { return Ok(None) };
        if let Object::Reference(number) = object
            && let Some(known) = self.resources_of.get(number)
        {
            return Ok(known.clone());
        }
        let made = match self.file.resolved(object)?.dict() {
            Some(dict) => Some(self.written_resources(dict)?),
            None => None,
        };
        if let Object::Reference(number) = object {
            self.resources_of.insert(*number, made.clone());
        }
        Ok(made)
    }

    fn written_resources(&mut self, dict: &Dict) -> Result<(u32, Rc<Held>), Refused> {
        let mut held = Held::default();
        let mut body = b"<<".to_vec();
        for kind in ["XObject", "Font", "ExtGState", "ColorSpace", "Pattern", "Properties"] {
            let entries = self.file.get(dict, kind)?;
            let Some(entries) = entries.dict() else { continue };
            body.extend_from_slice(format!("/{kind}<<").as_bytes());
            for (name, value) in entries.0.iter() {
                self.entries += 1;
                if self.entries > MAX_ENTRIES {
                    return Err(Refused::TooMuch);
                }
                let number = match kind {
                    "XObject" => self.drawable(name, value, &mut held)?,
                    "Font" => self.font(name, value, &mut held)?,
                    "ExtGState" => self.state(name, value, &mut held)?,
                    "ColorSpace" => self.colour_space(name, value, &mut held)?,
                    "Pattern" => self.file.resolved(value)?.dict().map(|_| self.pattern),
                    _ => self.layer(value)?,
                };
                if let Some(number) = number {
                    write_name(name, &mut body);
                    body.extend_from_slice(format!(" {number} 0 R").as_bytes());
                }
            }
            body.extend_from_slice(b">>");
        }
        body.extend_from_slice(b">>");
        held.size = body.len() as u64;
        let number = self.copier.written.reserve();
        self.copier.written.put(number, &body)?;
        Ok((number, Rc::new(held)))
    }

    /// A form, or a picture.
    fn drawable(&mut self, name: &[u8], value: &Object, held: &mut Held) -> Result<Option<u32>, Refused> {
        let Object::Stream(stream) = self.file.resolved(value)? else { return Ok(None) };
        let kind = self.file.get(&stream.dict, "Subtype")?;
        match kind.name() {
            Some(b"Form") => {
                let form = self.form(stream);
                held.drawn.insert(name.to_vec(), Some(form));
                Ok(Some(self.forms[form]))
            }
            Some(b"Image") => {
                held.drawn.insert(name.to_vec(), None);
                let side = |long: &str, short: &str| -> Result<bool, Refused> {
                    let side = match self.file.get(&stream.dict, short)? {
                        Object::Null => self.file.get(&stream.dict, long)?,
                        side => side,
                    };
                    Ok(side.whole().is_some_and(|side| side > 0))
                };
                if !side("Width", "W")? || !side("Height", "H")? {
                    return Ok(None);
                }
                let Some(layer) = self.layer_entry(&stream.dict)? else { return Ok(Some(self.picture)) };
                let number = self.copier.written.reserve();
                let entries = [PICTURE_ENTRIES, &layer].concat();
                self.copier.written.put_stream(number, &entries, b"")?;
                Ok(Some(number))
            }
            _ => Ok(None),
        }
    }

    /// The place of a form among all; it is written later, for it may draw itself.
    fn form(&mut self, stream: Stream) -> usize {
        if let Some(form) = self.form_of.get(&stream.number) {
            return *form;
        }
        let form = self.forms.len();
        self.forms.push(self.copier.written.reserve());
        self.drawing.forms.push(Drawn::default());
        self.form_of.insert(stream.number, form);
        self.waiting.push((form, stream));
        form
    }

    fn write_form(&mut self, form: usize, stream: &Stream) -> Result<(), Refused> {
        let number = self.forms[form];
        let mut entries = b"/Type/XObject/Subtype/Form".to_vec();
        let bounds = self.file.get(&stream.dict, "BBox")?;
        let has_bounds = self.numbers("BBox", &bounds, 4, &mut entries)?;
        let Some(data) = self.file.unpacked(stream)?.filter(|_| has_bounds) else {
            // No reader draws it.
            return self.copier.written.put(number, b"null");
        };
        self.numbers("Matrix", &self.file.get(&stream.dict, "Matrix")?, 6, &mut entries)?;
        entries.extend(self.layer_entry(&stream.dict)?.unwrap_or_default());
        let resources = self.resources(stream.dict.get("Resources"))?;
        if let Some((resources, _)) = &resources {
            entries.extend_from_slice(format!("/Resources {resources} 0 R").as_bytes());
        }
        let mut content = content::read(&data)?;
        self.copier.written.put_stream(number, &entries, &std::mem::take(&mut content.bytes))?;
        self.drawing.forms[form] = Drawn { content, held: resources.map(|(_, held)| held) };
        Ok(())
    }

    fn font(&mut self, name: &[u8], value: &Object, held: &mut Held) -> Result<Option<u32>, Refused> {
        if self.file.resolved(value)?.dict().is_none() {
            return Ok(None);
        }
        let (number, weight) = self.copier.alone(value)?;
        if self.weighed.insert(number) {
            self.fonts = self.fonts.saturating_add(weight);
            if self.fonts > MAX_FONTS {
                return Err(Refused::TooMuch);
            }
        }
        held.weigh(name, self.copier.written.length(number));
        Ok(Some(number))
    }

    /// Of a graphics state what shows: the width of lines, the font, how colours are transferred.
    fn state(&mut self, name: &[u8], value: &Object, held: &mut Held) -> Result<Option<u32>, Refused> {
        let object = self.file.resolved(value)?;
        let Some(dict) = object.dict() else { return Ok(None) };
        let mut body = Body::default();
        body.bytes.extend_from_slice(b"<<");
        if let Some(width) = self.file.get(dict, "LW")?.number() {
            body.bytes.extend_from_slice(format!("/LW {width}").as_bytes());
        }
        let font = self.file.get(dict, "Font")?;
        if let Some([font, size]) = font.array()
            && let Some(size) = self.file.resolved(size)?.number()
            && let Some(font) = self.font(name, font, held)?
        {
            body.bytes.extend_from_slice(format!("/Font[{font} 0 R {size}]").as_bytes());
        }
        for entry in ["TR", "TR2"] {
            let Some(value) = dict.get(entry) else { continue };
            body.bytes.extend_from_slice(format!("/{entry} ").as_bytes());
            self.copier.value(value, Use::Any, 0, &mut body)?;
        }
        body.bytes.extend_from_slice(b">>");
        let number = self.copier.written.reserve();
        self.copier.written.put(number, &body.bytes)?;
        self.weigh_colours(number, body.weight)?;
        held.weigh(name, body.weight + body.bytes.len() as u64);
        Ok(Some(number))
    }

    fn colour_space(&mut self, name: &[u8], value: &Object, held: &mut Held) -> Result<Option<u32>, Refused> {
        let (number, weight) = self.copier.alone(value)?;
        self.weigh_colours(number, weight)?;
        held.weigh(name, self.copier.written.length(number));
        Ok(Some(number))
    }

    fn weigh_colours(&mut self, number: u32, weight: u64) -> Result<(), Refused> {
        if self.weighed.insert(number) {
            self.colours = self.colours.saturating_add(weight);
        }
        if self.colours > MAX_COLOURS { Err(Refused::TooMuch) } else { Ok(()) }
    }

    /// A layer that is referred to, or several together.
    fn layer(&mut self, value: &Object) -> Result<Option<u32>, Refused> {
        let Object::Reference(number) = value else { return Ok(None) };
        if let Some(known) = self.layer_of.get(number) {
            return Ok(Some(*known));
        }
        let written = self.copier.written.reserve();
        self.layer_of.insert(*number, written);
        let object = self.file.resolved(value)?;
        let body = match object.dict() {
            Some(dict) if dict.is_of_type("OCMD") => self.membership(dict)?,
            _ => b"<</Type/OCG>>".to_vec(),
        };
        self.copier.written.put(written, &body)?;
        Ok(Some(written))
    }

    fn membership(&mut self, dict: &Dict) -> Result<Vec<u8>, Refused> {
        let mut body = b"<</Type/OCMD".to_vec();
        if let Some(policy) = self.file.get(dict, "P")?.name() {
            body.extend_from_slice(b"/P");
            write_name(policy, &mut body);
        }
        let layers = match self.file.get(dict, "OCGs")? {
            Object::Array(items) => items.to_vec(),
            _ => dict.get("OCGs").cloned().into_iter().collect(),
        };
        self.layer_list("OCGs", &layers, &mut body)?;
        body.extend_from_slice(b">>");
        Ok(body)
    }

    fn layer_list(&mut self, name: &str, layers: &[Object], out: &mut Vec<u8>) -> Result<(), Refused> {
        out.extend_from_slice(format!("/{name}[").as_bytes());
        for layer in layers {
            self.layers += 1;
            if self.layers > MAX_LAYERS {
                return Err(Refused::TooMuch);
            }
            if let Some(layer) = self.layer(layer)? {
                out.extend_from_slice(format!("{layer} 0 R ").as_bytes());
            }
        }
        out.push(b']');
        Ok(())
    }

    /// The entry that names the layer of a form or picture.
    fn layer_entry(&mut self, dict: &Dict) -> Result<Option<Vec<u8>>, Refused> {
        let Some(value) = dict.get("OC") else { return Ok(None) };
        Ok(match (self.layer(value)?, value) {
            (Some(layer), _) => Some(format!("/OC {layer} 0 R").into_bytes()),
            (None, Object::Dict(dict)) => Some([b"/OC".to_vec(), self.membership(dict)?].concat()),
            _ => None,
        })
    }

    /// The layers of the document, and which of them are shown.
    fn layers(&mut self, catalog: &Dict) -> Result<Vec<u8>, Refused> {
        let file = self.file;
        let properties = file.get(catalog, "OCProperties")?;
        let Some(properties) = properties.dict() else { return Ok(vec![]) };
        let config = file.get(properties, "D")?;
        let Some(config) = config.dict() else { return Ok(vec![]) };
        let mut body = b"/OCProperties<<".to_vec();
        let list = |object: Object| object.array().map(<[Object]>::to_vec).unwrap_or_default();
        self.layer_list("OCGs", &list(file.get(properties, "OCGs")?), &mut body)?;
        body.extend_from_slice(b"/D<<");
        if let Some(base) = file.get(config, "BaseState")?.name() {
            body.extend_from_slice(b"/BaseState");
            write_name(base, &mut body);
        }
        self.layer_list("ON", &list(file.get(config, "ON")?), &mut body)?;
        self.layer_list("OFF", &list(file.get(config, "OFF")?), &mut body)?;
        body.extend_from_slice(b">>>>");
        Ok(body)
    }

    /// Writes the forms, counts what is drawn, and ends the file.
    fn finish(mut self, layers: &[u8]) -> Result<Vec<u8>, Refused> {
        while let Some((form, stream)) = self.waiting.pop() {
            self.write_form(form, &stream)?;
        }
        if self.pages.is_empty() {
            return Err(Refused::Damaged);
        }
        for (page, above) in &self.pages {
            self.drawing.page(page, above, layers.len() as u64)?;
        }
        self.drawing.finish(self.copier.heaviest)?;
        let mut written = self.copier.written;
        let pages = written.reserve();
        let kids: String = self.kids.iter().map(|kid| format!("{kid} 0 R ")).collect();
        let (count, top) = (self.kids.len(), self.top.0);
        let body = format!("<</Type/Pages/Count {count}/Kids[{kids}]/Resources {top} 0 R>>");
        written.put(pages, body.as_bytes())?;
        let root = written.reserve();
        let catalog = [format!("<</Type/Catalog/Pages {pages} 0 R").as_bytes(), layers, b">>"].concat();
        written.put(root, &catalog)?;
        Ok(written.finish(root))
    }
}
