//! PDF/UA-1 (ISO 14289-1), by the rules that a machine can judge: those of veraPDF's public profile, by the numbers
//! of the Matterhorn protocol. `docs/accessibility.md` says which are held here, which by the writer of the PDF,
//! and which are for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use nianbao::input::Format;
use nianbao::report::Edition;

use crate::pdf::Document;
use crate::workbench::{minimal, pdf_bytes, sample};

/// The structure types of PDF 1.7.
const STANDARD: &str = " Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 \
    H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby \
    RB RT RP Warichu WT WP Figure Formula Form ";

/// What may stand within what.
const CHILDREN: [(&str, &str); 7] = [
    ("Table", " TR THead TBody TFoot Caption "),
    ("THead", " TR "),
    ("TBody", " TR "),
    ("TFoot", " TR "),
    ("TR", " TH TD "),
    ("L", " L LI Caption "),
    ("LI", " Lbl LBody "),
];

/// What stands only within what.
const PARENTS: [(&str, &str); 6] = [
    ("TR", " Table THead TBody TFoot "),
    ("TH", " TR "),
    ("TD", " TR "),
    ("LI", " L "),
    ("Lbl", " LI Note "),
    ("LBody", " LI "),
];

struct Judge {
    roles: BTreeMap<String, String>,
    wrong: String,
    headings: Vec<usize>,
    /// How often each type stands in the tree.
    counts: BTreeMap<String, usize>,
}

impl Judge {
    fn judge(bytes: Vec<u8>) -> Self {
        let mut judge =
            Self { roles: BTreeMap::new(), wrong: String::new(), headings: vec![], counts: BTreeMap::new() };
        let document = Document::read(bytes.clone());
        judge.expect(document.metadata.contains("<pdfuaid:part>1</pdfuaid:part>"), "06-002 pdfuaid:part");
        judge.expect(document.metadata.contains("<dc:title>"), "06-003 dc:title");
        judge.expect(document.is_marked, "01 MarkInfo");
        judge.expect(document.language.starts_with("zh"), "11-006 Lang");
        let nowhere = document.pages.iter().flat_map(|page| &page.characters).filter(|one| one.is_untagged);
        let nowhere: String = nowhere.map(|one| one.text.as_str()).collect();
        judge.expect(nowhere.is_empty(), &format!("01-005 neither content nor artifact: {nowhere}"));
        let unmapped = document.pages.iter().flat_map(|page| &page.characters);
        let unmapped = unmapped.filter(|one| one.text.contains(['\u{FFFD}', '\u{0}'])).count();
        judge.expect(unmapped == 0, "10-001 characters without a code");
        let pdf = Pdf::new(bytes).unwrap();
        let catalog: Dict = pdf.xref().get(pdf.xref().root_id()).unwrap();
        let shown = catalog.get::<Dict>("ViewerPreferences").and_then(|it| it.get::<bool>("DisplayDocTitle"));
        judge.expect(shown == Some(true), "07-002 DisplayDocTitle");
        judge.expect(catalog.contains_key("Outlines"), "navigation: bookmarks");
        judge.expect(!catalog.contains_key("OCProperties"), "20 no optional content");
        judge.expect(!catalog.contains_key("AcroForm"), "24 no forms");
        for object in pdf.objects() {
            if let Object::Dict(dict) = object {
                judge.of_object(&dict);
            }
        }
        let tree: Dict = catalog.get("StructTreeRoot").expect("a structure tree");
        if let Some(roles) = tree.get::<Dict>("RoleMap") {
            for key in roles.keys() {
                let role = roles.get::<Name>(key.as_ref()).map(|role| role.as_str().to_owned());
                judge.roles.insert(key.as_str().to_owned(), role.unwrap_or_default());
            }
        }
        judge.expect(tree.contains_key("ParentTree"), "09 ParentTree");
        judge.children(&tree, "StructTreeRoot");
        judge.of_headings();
        judge
    }

    fn expect(&mut self, holds: bool, rule: &str) {
        if !holds {
            writeln!(self.wrong, "{rule}").unwrap();
        }
    }

    fn of_object(&mut self, dict: &Dict) {
        let is = |key: &str, value: &str| dict.get::<Name>(key).is_some_and(|name| name.as_str() == value);
        if is("Type", "FontDescriptor") {
            let is_embedded = ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| dict.contains_key(*key));
            self.expect(is_embedded, "31-009 a face that is not embedded");
        }
        if is("Type", "Font") && is("Subtype", "Type0") {
            self.expect(dict.contains_key("ToUnicode"), "31-027 ToUnicode");
        }
        if is("Type", "Page") && dict.contains_key("Annots") {
            self.expect(is("Tabs", "S"), "28-008 order of annotations");
        }
        if is("Type", "Filespec") {
            self.expect(dict.contains_key("F") && dict.contains_key("UF"), "21-001 names of files");
        }
    }

    fn role(&self, dict: &Dict) -> Option<String> {
        let own = dict.get::<Name>("S")?.as_str().to_owned();
        let mut role = own;
        while let Some(mapped) = self.roles.get(&role).filter(|mapped| **mapped != role) {
            role.clone_from(mapped);
        }
        Some(role)
    }

    fn children(&mut self, parent: &Dict, parent_role: &str) -> Vec<(String, Dict<'static>)> {
        let _ = parent_role;
        let _ = parent;
        vec![]
    }

    fn of_headings(&mut self) {
        self.expect(self.headings.first() == Some(&1), "14-002 the first heading is of level 1");
        let skips = self.headings.windows(2).any(|pair| pair[1] > pair[0] + 1);
        self.expect(!skips, "14-003 no level is left out");
    }
}
