//! A document for Word: the parts of its package, in WordprocessingML (ECMA-376, transitional). Each is a
//! minijinja file of `report-templates/gongwen/word`, or of the document's own where it looks otherwise; what stands in
//! the document itself says a file of the template's.

mod extent;
mod letterhead;
mod pieces;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Environment, Error, ErrorKind, Value, context};
use serde::{Deserialize, Serialize};

use super::embedded::embedded;
use super::field::FieldText;
use super::{BrokenTemplate, Purpose, Template, broken, context_of, environment};
use crate::code;
use crate::diagnostic::Failed;
use crate::faces::ROLES;
use crate::import::source_part;
use crate::report::contract::label;
use crate::report::{Document, FieldPath};

code! {
    /// 这个模板没有 Word 版
    ///
    /// 模板的清单里没有写 `word`，所以只能生成 PDF。
    ///
    /// 改正：请生成 PDF；或者在模板里加上 Word 版的模板文件，写法见 docs/extending.md。
    pub NO_WORD = "no-word-template", Error
}

/// By which names the faces of a document are asked for: Word sets it with those of its own machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WordFaces {
    /// Those of the standard, which an office has.
    #[default]
    Official,
    /// Those that this program itself sets with.
    AtHand,
}

/// What the faces of a document for Word are called, by role.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Families {
    names: BTreeMap<&'static str, String>,
    /// Whether 小标宋 is the bold of a lighter family.
    is_title_bold: bool,
}

impl Families {
    /// What offices have them as.
    pub fn official() -> Self {
        Self {
            names: ROLES.iter().map(|role| (role.name, role.in_word.to_owned())).collect(),
            is_title_bold: false,
        }
    }

    /// As `family` says of each role, and whether bold.
    pub fn new(family: impl Fn(&str) -> (String, bool)) -> Self {
        let found: BTreeMap<_, _> = ROLES.iter().map(|role| (role.name, family(role.name))).collect();
        let is_title_bold = found.get("小标宋").is_some_and(|(_, is_bold)| *is_bold);
        Self { names: found.into_iter().map(|(role, (name, _))| (role, name)).collect(), is_title_bold }
    }
}

/// The parts of a document for Word, each with its path in the package.
pub struct Package(pub Vec<(&'static str, String)>);

/// The minijinja file of a document for Word, and what stands beside it.
pub(super) struct WordSource {
    environment: Environment<'static>,
    document: String,
    /// The file of its words.
    wording: String,
    /// What its package holds but for the document itself.
    parts: &'static [Part],
    /// The parts that are the same in all documents, by the names of their faces and whether they are drafts.
    stock: Mutex<BTreeMap<(Families, bool), Stock>>,
}

/// Parts that are filled once.
type Stock = Arc<Vec<StockPart>>;

/// A part that is filled once, and its path in the package.
type StockPart = (&'static str, String);

/// A part that looks the same in all documents but for their faces and what they say of themselves.
pub(super) struct Part {
    path: &'static str,
    /// Its minijinja file, by path and without `.xml.jinja`.
    file: &'static str,
    is_even: bool,
    is_numbered: bool,
    is_across: bool,
    of_drafts: bool,
    /// Whether it says what the document is called.
    of_document: bool,
}

impl Part {
    pub(super) const fn new(path: &'static str, file: &'static str) -> Self {
        Self {
            path,
            file,
            is_even: false,
            is_numbered: true,
            is_across: false,
            of_drafts: false,
            of_document: false,
        }
    }

    pub(super) const fn on_even_pages(self) -> Self {
        Self { is_even: true, ..self }
    }

    pub(super) const fn of_document(self) -> Self {
        Self { of_document: true, ..self }
    }

    fn name(&self) -> String {
        format!("{}.xml.jinja", self.file)
    }
}

/// The parts of a report or plan but for the document itself and what it was made of. Those that say what the others
/// are come first.
pub(super) const DOCUMENT_PARTS: [Part; 19] = [
    Part::new("[Content_Types].xml", "gongwen/word/content-types"),
    Part::new("_rels/.rels", "gongwen/word/package-links"),
    Part::new("docProps/core.xml", "gongwen/word/properties").of_document(),
    Part::new("docProps/app.xml", "gongwen/word/application"),
    Part::new("word/_rels/document.xml.rels", "gongwen/word/document-links"),
    Part::new("word/styles.xml", "gongwen/word/styles"),
    Part::new("word/numbering.xml", "gongwen/word/numbering"),
    Part::new("word/settings.xml", "gongwen/word/settings"),
    Part::new("word/fontTable.xml", "gongwen/word/faces"),
    Part::new("word/theme.xml", "gongwen/word/theme"),
    Part::new("word/footer-odd.xml", "gongwen/word/footer"),
    Part::new("word/footer-even.xml", "gongwen/word/footer").on_even_pages(),
    Part { is_across: true, ..Part::new("word/footer-across-odd.xml", "gongwen/word/footer") },
    Part {
        is_across: true,
        ..Part::new("word/footer-across-even.xml", "gongwen/word/footer").on_even_pages()
    },
    Part { is_numbered: false, ..Part::new("word/footer-blank.xml", "gongwen/word/footer") },
    Part { of_drafts: true, ..Part::new("word/watermark-odd.xml", "gongwen/word/watermark") },
    Part {
        of_drafts: true,
        ..Part::new("word/watermark-even.xml", "gongwen/word/watermark").on_even_pages()
    },
    Part::new("customXml/itemProps1.xml", "gongwen/word/source-properties"),
    Part::new("customXml/_rels/item1.xml.rels", "gongwen/word/source-links"),
];

/// The document itself.
const BODY: &str = "word/document.xml";

/// What the document was made of, for an import to read.
const SOURCE_PART: &str = "customXml/item1.xml";

impl WordSource {
    pub(super) fn new(
        folder: &str,
        name: &str,
        parts: &'static [Part],
        files: &BTreeMap<String, String>,
    ) -> Result<Self, BrokenTemplate> {
        let mut environment = environment::new(files);
        extend(&mut environment);
        let document = format!("{folder}/{name}");
        environment.get_template(&document).map_err(broken)?;
        let wording = format!("{folder}/wording.jinja");
        Ok(Self { environment, document, wording, parts, stock: Mutex::default() })
    }

    /// A document that bears nothing but itself.
    pub(super) fn package(&self, families: &Families, context: Value) -> Result<Package, Failed> {
        let (mut parts, body) = self.fill(families, false, context)?;
        parts.push((BODY, body));
        Ok(Package(parts))
    }

    /// The parts of a package, and the document itself.
    fn fill(
        &self,
        families: &Families,
        is_draft: bool,
        context: Value,
    ) -> Result<(Vec<StockPart>, String), Failed> {
        let of_package = context! {
            faces => &families.names,
            is_title_bold => families.is_title_bold,
            is_draft,
            wording => &self.wording,
        };
        let whole = context! { ..of_package, ..context };
        Ok((self.parts(families, is_draft, &whole)?, self.part(&self.document, &whole)?))
    }

    fn part(&self, name: &str, context: &Value) -> Result<String, Failed> {
        let filled = self.environment.get_template(name).and_then(|part| part.render(context));
        let filled = filled.map_err(|error| Failed::Program(Box::new(broken(error))))?;
        Ok(filled.trim_start().to_owned())
    }

    /// The parts of a package in their order, those of the stock filled once.
    fn parts(&self, families: &Families, is_draft: bool, whole: &Value) -> Result<Vec<StockPart>, Failed> {
        let key = (families.clone(), is_draft);
        let known = self.stock.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let stock = match known {
            Some(stock) => stock,
            None => {
                let filled =
                    self.parts.iter().filter(|part| !part.of_document && (is_draft || !part.of_drafts));
                let filled: Result<Vec<_>, Failed> = filled.map(|part| self.filled(part, whole)).collect();
                let filled = Arc::new(filled?);
                self.stock.lock().unwrap_or_else(PoisonError::into_inner).insert(key, filled.clone());
                filled
            }
        };
        let mut parts = stock.to_vec();
        for (at, part) in self.parts.iter().enumerate().filter(|(_, part)| part.of_document) {
            parts.insert(at, self.filled(part, whole)?);
        }
        Ok(parts)
    }

    fn filled(&self, part: &Part, whole: &Value) -> Result<StockPart, Failed> {
        let Part { is_even, is_numbered, is_across, .. } = *part;
        let own = context! { is_even, is_numbered, is_across, ..whole.clone() };
        Ok((part.path, self.part(&part.name(), &own)?))
    }
}

/// Fills a template with a document, for Word. What it bears of itself lacks the fields that something `stood_in`
/// for: nothing that nobody has written comes back.
pub fn fill_word(
    template: &Template,
    document: &Document,
    stood_in: &[FieldPath],
    purpose: Purpose,
    families: &Families,
) -> Result<Package, Failed> {
    let Some(source) = &template.word else {
        let message = format!("“{}”没有 Word 版", template.manifest.title);
        return Err(NO_WORD.at(FieldPath::root(), message, "请生成 PDF").into());
    };
    let is_draft = purpose == Purpose::Draft;
    let (mut parts, body) = source.fill(families, is_draft, context_of(template, document, purpose))?;
    parts.push((SOURCE_PART, source_part(&embedded(document, stood_in), &body)));
    parts.push((BODY, body));
    Ok(Package(parts))
}

/// What templates for Word may ask for besides.
fn extend(environment: &mut Environment) {
    environment.add_filter("pieces", pieces::pieces);
    environment.add_filter("cells", |text: &Value| pieces::cells(&text.to_string()));
    environment.add_filter("extent", extent::extent);
    environment.add_filter("lines_within", extent::lines_within);
    environment.add_filter("path", path);
    environment.add_filter("label", |path: &str| label(&FieldPath::from(path)));
    environment.add_function("agency_mark", letterhead::agency_mark);
}

/// The path of the field that a text was entered in.
fn path(text: &Value) -> Result<String, Error> {
    let field = text.downcast_object_ref::<FieldText>();
    let field =
        field.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "only a field's text has a path"))?;
    Ok(field.path.to_string())
}
