//! A document as HTML: one file by itself, or a fragment for the editor of a site. What stands in it says a file of
//! the template's; the elements, the frame and the style are the minijinja files of `report-templates/gongwen/html`.

use std::collections::BTreeMap;

use minijinja::{Environment, Value, context};

use super::embedded::embedded;
use super::{BrokenTemplate, Purpose, Template, broken, context_of, environment};
use crate::code;
use crate::diagnostic::Failed;
use crate::faces::{ROLES, RoleFaces};
use crate::import::{Imprint, data_block};
use crate::report::{Document, FieldPath};

code! {
    /// 这个模板没有网页版
    ///
    /// 模板的清单里没有写 `html`，所以不能生成网页。
    ///
    /// 改正：请生成 PDF；或者在模板里加上网页版的模板文件，写法见 docs/extending.md。
    pub NO_HTML = "no-html-template", Error
}

/// The minijinja file of a document as HTML, and what stands beside it.
pub(super) struct HtmlSource {
    environment: Environment<'static>,
    article: String,
    /// The file of its words.
    wording: String,
}

/// What frames a document that is a file by itself.
const FRAME: &str = "gongwen/html/page.html.jinja";

impl HtmlSource {
    pub(super) fn new(
        folder: &str,
        name: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Self, BrokenTemplate> {
        let environment = environment::new(files);
        let article = format!("{folder}/{name}");
        environment.get_template(&article).map_err(broken)?;
        Ok(Self { environment, article, wording: format!("{folder}/wording.jinja") })
    }

    fn fill(&self, name: &str, context: Value) -> Result<String, Failed> {
        let filled = self.environment.get_template(name).and_then(|file| file.render(context));
        let filled = filled.map_err(|error| Failed::Program(Box::new(broken(error))))?;
        Ok(format!("{}\n", filled.trim()))
    }

    /// What the words of the document say of it.
    fn imprint(&self, document: &Document, purpose: Purpose, context: Value) -> Result<Imprint, Failed> {
        let words = self.environment.get_template(&self.wording);
        let words = words.and_then(|words| words.render_captured(context));
        let words = words.map_err(|error| Failed::Program(Box::new(broken(error))))?;
        let texts = |name: &str| -> Vec<String> {
            let list = words.state().lookup(name).and_then(|list| list.try_iter().ok().map(Vec::from_iter));
            list.into_iter().flatten().map(|text| text.to_string()).collect()
        };
        let day = words.state().lookup("day").filter(Value::is_true).map(|day| day.to_string());
        Ok(Imprint {
            kind: document.kind(),
            name: texts("title_lines").concat(),
            authors: texts("signed"),
            date: day,
            is_draft: purpose != Purpose::Issue,
        })
    }
}

/// Fills a template with a document, as a file of HTML.
pub fn fill_html(
    template: &Template,
    document: &Document,
    stood_in: &[FieldPath],
    purpose: Purpose,
) -> Result<String, Failed> {
    let source = source(template)?;
    let of_document = context_of(template, document, purpose);
    let article = source.fill(&source.article, context! { is_fragment => false, ..of_document.clone() })?;
    // These are written here, and escaped already.
    let page = |block: &str| {
        let own = context! {
            article => Value::from_safe_string(article.clone()),
            data_block => Value::from_safe_string(block.to_owned()),
            stacks => stacks(),
            wording => &source.wording,
        };
        source.fill(FRAME, context! { ..own, ..of_document.clone() })
    };
    let imprint = source.imprint(document, purpose, of_document.clone())?;
    page(&data_block(&embedded(document, stood_in), &imprint, &page("")?))
}

/// Fills a template with a document, as bare elements.
pub fn fill_html_fragment(
    template: &Template,
    document: &Document,
    purpose: Purpose,
) -> Result<String, Failed> {
    let source = source(template)?;
    let context = context_of(template, document, purpose);
    source.fill(&source.article, context! { is_fragment => true, ..context })
}

fn source(template: &Template) -> Result<&HtmlSource, Failed> {
    template.html.as_ref().ok_or_else(|| {
        let message = format!("“{}”没有网页版", template.manifest.title);
        NO_HTML.at(FieldPath::root(), message, "请生成 PDF").into()
    })
}

/// The families that a browser looks for, by role.
pub(super) fn stacks() -> BTreeMap<&'static str, Value> {
    ROLES.iter().map(|role| (role.name, Value::from_safe_string(stack(role)))).collect()
}

/// The official ones by their whole names, the free ones that stand in for them, then any of their kind.
fn stack(role: &RoleFaces) -> String {
    let official = role.official.iter().copied().filter(|family| !family.ends_with('*'));
    let families = official.chain(role.free.iter().map(|(family, _)| *family));
    let named: String = families.map(|family| format!("\"{family}\", ")).collect();
    let generic = if role.name == "黑体" { "sans-serif" } else { "serif" };
    format!("西文, {named}{generic}")
}
