//! What stands where: finds a template and fills it with a report. The result is typst source in
//! which every value is a string literal; nothing a writer enters is ever markup.

mod digest;
mod embedded;
mod environment;
mod field;
mod html;
pub mod letter;
mod manifest;
pub mod overview;
mod review_sheet;
mod table;
pub mod title;
mod word;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};

pub use digest::{DigestPaper, fill_digest, fill_digest_page, fill_digest_word};
pub use embedded::leave_out;
pub use html::{fill_html, fill_html_fragment};
pub use letter::{Letters, fill_letters};
pub use manifest::Manifest;
pub use overview::{Overview, fill_overview};
pub use review_sheet::fill_review_sheet;
pub use word::{Families, Package, WordFaces, fill_word};

use crate::code;
use crate::diagnostic::{Code, Failed};
use crate::report::fields;
use crate::report::{ATTACHED_REPORT, Document, DocumentKind, HeadingLayout, PointLayout};
use html::HtmlSource;
use word::WordSource;

/// Every code that this room can raise.
pub const CODES: [&Code; 3] = [&UNKNOWN_TEMPLATE, &word::NO_WORD, &html::NO_HTML];

code! {
    /// 没有这个模板
    ///
    /// 报告的 `template` 字段写了一个不存在的模板名。
    ///
    /// 可用的模板见 `nianbao templates`；不写这个字段，就用法治政府建设年度报告的模板。
    UNKNOWN_TEMPLATE = "unknown-template", Error
}

/// The templates that come with the program.
static EMBEDDED: Dir = include_dir!("$CARGO_MANIFEST_DIR/report-templates");

/// What a document is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be handed in or published.
    Issue,
    /// To be passed around while it is written: 草稿 across each page, its gaps visible.
    Draft,
    /// To be looked at beside the form: its gaps visible, nothing across the text.
    Preview,
}

/// All templates that reports can name, and those that tell of one and of many.
pub struct Templates {
    templates: Vec<Template>,
    review_sheet: Source,
    overview: Source,
    letter: Source,
    digest: Source,
    digest_page: Source,
    digest_word: WordSource,
}

/// One template: what it says of itself, and its source.
pub struct Template {
    pub manifest: Manifest,
    /// A full document that shows what the template can do, as YAML.
    pub sample: String,
    source: Source,
    word: Option<WordSource>,
    html: Option<HtmlSource>,
}

/// A minijinja file, and what stands beside it.
struct Source {
    environment: Environment<'static>,
    name: String,
    /// The plain typst files that it may import (the layout library), by path.
    libraries: Arc<BTreeMap<String, String>>,
}

/// A filled template: typst source with the files that it imports.
#[derive(Clone, Debug)]
pub struct Filled {
    /// Typst markup. Behind each value stands its field as a comment:
    /// `#("…"/*measures[0].heading*/)`.
    pub source: String,
    /// The typst files that the source may import, by path.
    pub libraries: Arc<BTreeMap<String, String>>,
}

/// A template that cannot be used; its author or the operator must mend it.
#[derive(Debug, thiserror::Error)]
pub enum BrokenTemplate {
    #[error("模板文件夹 {template} 里缺少 {file}")]
    Incomplete { template: String, file: String },
    #[error("模板的清单 {file} 有误：\n{detail}")]
    Manifest { file: String, detail: String },
    #[error("模板 {file} 第 {line} 行有误：{detail}")]
    Source { file: String, line: usize, detail: String },
}

impl Templates {
    /// The embedded templates, with the files of `overlay` (by path below its folder) laid on
    /// top: a file of the same path replaces the embedded one, a new folder is a new template.
    pub fn new(overlay: BTreeMap<String, String>) -> Result<Self, BrokenTemplate> {
        let mut files = BTreeMap::new();
        collect(&EMBEDDED, &mut files);
        files.extend(overlay);
        let is_library = |path: &String| path.ends_with(".typ");
        let libraries: BTreeMap<_, _> = files
            .iter()
            .filter(|(path, _)| is_library(path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        let libraries = Arc::new(libraries);
        let folders: Vec<String> =
            files.keys().filter_map(|path| path.strip_suffix("/manifest.toml")).map(str::to_owned).collect();
        let templates = folders
            .into_iter()
            .map(|folder| Template::new(&folder, &files, libraries.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            templates,
            review_sheet: Source::new(review_sheet::SOURCE, &files, libraries.clone())?,
            overview: Source::new(overview::SOURCE, &files, libraries.clone())?,
            letter: Source::new(letter::SOURCE, &files, libraries.clone())?,
            digest: Source::new(digest::SOURCE, &files, libraries.clone())?,
            digest_page: Source::new(digest::PAGE, &files, libraries)?,
            digest_word: WordSource::new(digest::FOLDER, digest::WORD, &digest::WORD_PARTS, &files)?,
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.templates.iter()
    }

    /// The template of this name.
    pub fn find(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.manifest.name == name)
    }

    /// The template that a document asks for.
    pub fn of(&self, document: &Document) -> Result<&Template, Failed> {
        let name = document.template();
        let found = self.of_kind(document.kind()).find(|template| template.manifest.name == **name);
        found.ok_or_else(|| {
            let known: Vec<&str> =
                self.of_kind(document.kind()).map(|template| template.manifest.name.as_str()).collect();
            let message = format!("没有叫“{}”的模板", name.escape_debug());
            let hint = format!("可用的模板：{}", known.join("、"));
            UNKNOWN_TEMPLATE.at(crate::path!["template"], message, hint).into()
        })
    }

    /// The kind of document that the template of this name sets; what names none is a report.
    pub fn kind_of(&self, name: Option<&str>) -> DocumentKind {
        name.and_then(|name| self.find(name)).map(|template| template.manifest.document).unwrap_or_default()
    }

    fn of_kind(&self, kind: DocumentKind) -> impl Iterator<Item = &Template> {
        self.iter().filter(move |template| template.manifest.document == kind)
    }
}

impl Template {
    fn new(
        folder: &str,
        files: &BTreeMap<String, String>,
        libraries: Arc<BTreeMap<String, String>>,
    ) -> Result<Self, BrokenTemplate> {
        let file = |name: &str| {
            files.get(&format!("{folder}/{name}")).cloned().ok_or_else(|| BrokenTemplate::Incomplete {
                template: folder.to_owned(),
                file: name.to_owned(),
            })
        };
        let manifest = Manifest::read(&file("manifest.toml")?)
            .map_err(|detail| BrokenTemplate::Manifest { file: format!("{folder}/manifest.toml"), detail })?;
        let sample = file(&manifest.sample)?;
        file(&manifest.source)?;
        let word = match &manifest.word {
            Some(name) => {
                file(name)?;
                Some(WordSource::new(folder, name, &word::DOCUMENT_PARTS, files)?)
            }
            None => None,
        };
        let html = match &manifest.html {
            Some(name) => {
                file(name)?;
                Some(HtmlSource::new(folder, name, files)?)
            }
            None => None,
        };
        let source = Source::new(&format!("{folder}/{}", manifest.source), files, libraries)?;
        Ok(Self { manifest, sample, source, word, html })
    }
}

impl Source {
    fn new(
        name: &str,
        files: &BTreeMap<String, String>,
        libraries: Arc<BTreeMap<String, String>>,
    ) -> Result<Self, BrokenTemplate> {
        let environment = environment::new(files);
        environment.get_template(name).map_err(broken)?;
        Ok(Self { environment, name: name.to_owned(), libraries })
    }

    /// What fails here is the template, never what it is filled with.
    fn fill(&self, context: minijinja::Value) -> Result<Filled, Failed> {
        let filled = self.environment.get_template(&self.name).and_then(|source| source.render(context));
        let source = filled.map_err(|error| Failed::Program(Box::new(broken(error))))?;
        Ok(Filled { source, libraries: self.libraries.clone() })
    }
}

/// Fills a template with a document.
pub fn fill(template: &Template, document: &Document, purpose: Purpose) -> Result<Filled, Failed> {
    template.source.fill(context_of(template, document, purpose))
}

/// A document as its template sees it.
fn context_of(template: &Template, document: &Document, purpose: Purpose) -> minijinja::Value {
    let (year, draft, watermark) = (document.year(), purpose != Purpose::Issue, purpose == Purpose::Draft);
    let value = field::value(document, fields::of(document.kind()));
    let layout = &template.manifest.layout;
    match document {
        Document::Report(report) => context! {
            report => value,
            // What a report does not say about its layout, the manifest does.
            headings_run_in => report.layout.headings.unwrap_or(layout.headings) == HeadingLayout::RunIn,
            points_together => report.layout.points.unwrap_or(layout.points) == PointLayout::Together,
            year => year.number(),
            next_year => year.next(),
            draft,
            watermark,
        },
        Document::Plan(_) => context! { plan => value, year => year.number(), draft, watermark },
    }
}

/// The same with the document attached, as the input that it was made of: a reader of the PDF can take it
/// out again.
pub fn attach(filled: Filled, document: &impl Serialize) -> Filled {
    let json = serde_json::to_string(document).expect("a document is made of texts, numbers, lists and maps");
    let mut source = filled.source;
    source.push_str("\n#pdf.attach(");
    for (before, text) in [
        ("", ATTACHED_REPORT),
        (", bytes(", &json),
        ("), relationship: \"source\", mime-type: \"application/json\", description: ", "年报的填报内容"),
    ] {
        source.push_str(before);
        environment::quoted(&mut source, text).expect("a text can be written to");
    }
    source.push_str(")\n");
    Filled { source, ..filled }
}

fn broken(error: minijinja::Error) -> BrokenTemplate {
    BrokenTemplate::Source {
        file: error.name().unwrap_or("?").to_owned(),
        line: error.line().unwrap_or(0),
        detail: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    }
}

/// Whether a file in a folder of templates is a part of one, and not a picture or a note beside it.
pub fn is_part(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("toml" | "jinja" | "typ" | "yaml"))
}

fn collect(dir: &Dir, files: &mut BTreeMap<String, String>) {
    for file in dir.files().filter(|file| is_part(file.path())) {
        let text = file.contents_utf8().expect("the embedded templates are text");
        files.insert(file.path().to_string_lossy().replace('\\', "/"), text.to_owned());
    }
    for dir in dir.dirs() {
        collect(dir, files);
    }
}
