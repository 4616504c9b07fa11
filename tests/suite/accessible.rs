//! PDF/UA-1 (ISO 14289-1), by the rules that a machine can judge: those of veraPDF's public profile, by the checkpoints
//! of the Matterhorn protocol. `docs/accessibility.md` says which are held here, which by the writer of the PDF,
//! and which are for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, Name, Object};
use nianbao::input::Format;
use nianbao::report::Edition;
use nianbao::sheets::DigestForm;

use crate::digest::made_of;
use crate::pdf::Document;
use crate::workbench::{minimal, pdf_bytes, read, sample};

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
    ("Lbl", " LI "),
    ("LBody", " LI "),
];

/// What no document has, by the rules that would be for it.
const UNUSED: [(&str, &str); 6] = [
    ("09-006", "TOC TOCI"),
    ("09-007", "Ruby RB RT RP"),
    ("09-008", "Warichu WT WP"),
    ("14-006, 14-007", "H"),
    ("17-002, 17-003", "Formula"),
    ("19-003, 19-004", "Note"),
];

struct Judge {
    roles: BTreeMap<String, String>,
    wrong: String,
    headings: Vec<usize>,
    /// How often each type stands in the tree.
    counts: BTreeMap<String, usize>,
}

impl Judge {
    fn of(bytes: Vec<u8>) -> Self {
        let mut judge =
            Self { roles: BTreeMap::new(), wrong: String::new(), headings: vec![], counts: BTreeMap::new() };
        let document = Document::read(bytes.clone());
        judge.expect(document.metadata.contains("<pdfuaid:part>1</pdfuaid:part>"), "06-002 pdfuaid:part");
        judge.expect(document.metadata.contains("<dc:title>"), "06-003 dc:title");
        judge.expect(document.is_marked, "01 MarkInfo");
        // Of text, of bookmarks, and of what the document says of itself.
        judge.expect(document.language.starts_with("zh"), "11-001, 11-003, 11-006 Lang");
        for (number, page) in document.pages.iter().enumerate() {
            judge.expect(page.mixed == 0, &format!("01-003, 01-004 page {number}: {} mixed", page.mixed));
            judge.expect(page.nowhere == 0, &format!("01-005 page {number}: {} of neither", page.nowhere));
        }
        let mut characters = document.pages.iter().flat_map(|page| &page.characters);
        let unmapped = ['\u{FFFD}', '\u{0}', '\u{FEFF}', '\u{FFFE}'];
        let is_unmapped = characters.any(|one| one.text.contains(unmapped));
        judge.expect(!is_unmapped, "10-001, 31-028, 31-029 a character without a code");
        let pdf = Pdf::new(bytes).unwrap();
        let catalog: Dict = pdf.xref().get(pdf.xref().root_id()).unwrap();
        let shown = catalog.get::<Dict>("ViewerPreferences").and_then(|it| it.get::<bool>("DisplayDocTitle"));
        judge.expect(shown == Some(true), "07-001, 07-002 DisplayDocTitle");
        let suspects = catalog.get::<Dict>("MarkInfo").and_then(|info| info.get::<bool>("Suspects"));
        judge.expect(suspects != Some(true), "01-007 Suspects");
        judge.expect(catalog.contains_key("Outlines"), "27 bookmarks");
        judge.expect(!catalog.contains_key("OCProperties"), "20-001 to 20-003 optional content");
        judge.expect(!catalog.contains_key("AcroForm"), "24, 25-001 forms");
        for object in pdf.objects() {
            match object {
                Object::Dict(dict) => judge.object(&dict),
                Object::Stream(stream) => judge.object(stream.dict()),
                _ => {}
            }
        }
        let tree: Dict = catalog.get("StructTreeRoot").expect("a structure tree");
        if let Some(roles) = tree.get::<Dict>("RoleMap") {
            for key in roles.keys() {
                let role = roles.get::<Name>(&*key).map(|role| role.as_str().to_owned());
                judge.roles.insert(key.as_str().to_owned(), role.unwrap_or_default());
            }
        }
        judge.expect(tree.contains_key("ParentTree"), "01 ParentTree");
        for element in kids(&tree) {
            judge.element(&element, "StructTreeRoot");
        }
        judge.expect(judge.headings.first() == Some(&1), "14-002 the first heading is of level 1");
        let skips = judge.headings.windows(2).any(|pair| pair[1] > pair[0] + 1);
        judge.expect(!skips, "14-003 a level is left out");
        for (rules, unused) in UNUSED {
            for role in unused.split_whitespace() {
                judge.expect(!judge.counts.contains_key(role), &format!("{rules} there is {role}"));
            }
        }
        judge
    }

    fn expect(&mut self, holds: bool, rule: &str) {
        if !holds {
            writeln!(self.wrong, "{rule}").unwrap();
        }
    }

    fn object(&mut self, dict: &Dict) {
        let is = |key: &str, value: &str| dict.get::<Name>(key).is_some_and(|name| name.as_str() == value);
        if is("Type", "FontDescriptor") {
            let is_embedded = ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| dict.contains_key(key));
            self.expect(is_embedded, "31-009 a face that is not embedded");
        }
        if is("Type", "Font") && is("Subtype", "Type0") {
            self.expect(dict.contains_key("ToUnicode"), "31-027 a face without ToUnicode");
            self.expect(is("Encoding", "Identity-H"), "31-001 to 31-003, 31-006 to 31-008 another encoding");
        }
        if is("Type", "Font") && is("Subtype", "CIDFontType2") {
            self.expect(dict.contains_key("CIDToGIDMap"), "31-004, 31-005 a face without CIDToGIDMap");
        }
        let is_simple = is("Type", "Font") && (is("Subtype", "TrueType") || is("Subtype", "Type1"));
        self.expect(!is_simple, "31-017 to 31-026 a face of single bytes");
        self.expect(!is("Type", "Page") || !dict.contains_key("Annots"), "28 annotations");
        if is("Subtype", "Form") {
            self.expect(!dict.contains_key("Ref"), "30-001 a reference");
            let is_tagged = ["StructParent", "StructParents"].iter().any(|key| dict.contains_key(key));
            self.expect(!is_tagged, "30-002 tagged content that may come twice");
        }
        if is("Type", "Filespec") {
            self.expect(dict.contains_key("F") && dict.contains_key("UF"), "21-001 the names of a file");
        }
    }

    fn element(&mut self, element: &Dict, parent: &str) {
        let own = element.get::<Name>("S").map(|name| name.as_str().to_owned()).unwrap_or_default();
        let role = self.roles.get(&own).unwrap_or(&own).clone();
        self.expect(STANDARD.contains(&format!(" {role} ")), &format!("02-001 {own} is no standard type"));
        let is_twisted = self.roles.contains_key(&own) && STANDARD.contains(&format!(" {own} "));
        self.expect(!is_twisted, &format!("02-004 {own} is mapped"));
        *self.counts.entry(role.clone()).or_default() += 1;
        let allowed = |table: &[(&str, &str)], of: &str, other: &str| {
            table
                .iter()
                .find(|(name, _)| *name == of)
                .is_none_or(|(_, those)| those.contains(&format!(" {other} ")))
        };
        let stands = allowed(&CHILDREN, parent, &role) && allowed(&PARENTS, &role, parent);
        self.expect(stands, &format!("09-004, 09-005 {role} stands in {parent}"));
        if let Some(level) = role.strip_prefix('H').and_then(|level| level.parse().ok()) {
            self.headings.push(level);
        }
        if role == "Figure" || role == "Formula" {
            let has_words = element.contains_key("Alt") || element.contains_key("ActualText");
            self.expect(has_words, "13-004, 17-002 a figure without words for it");
        }
        if role == "TH" {
            self.expect(attribute(element, "Scope").is_some(), "15 a head without a scope");
        }
        if role == "L" {
            self.expect(attribute(element, "ListNumbering").is_some(), "16 a list without a numbering");
        }
        let children = kids(element);
        if role == "Table" {
            self.table(&children);
        }
        for child in children {
            self.element(&child, &role);
        }
    }

    /// Its rows have as many cells.
    fn table(&mut self, children: &[Dict]) {
        let is_row = |dict: &Dict| dict.get::<Name>("S").is_some_and(|name| name.as_str() == "TR");
        let rows =
            children.iter().flat_map(|child| if is_row(child) { vec![child.clone()] } else { kids(child) });
        let counts: Vec<usize> = rows.map(|row| kids(&row).len()).collect();
        self.expect(
            counts.windows(2).all(|pair| pair[0] == pair[1]),
            &format!("15-003 rows of {counts:?} cells"),
        );
    }
}

/// The elements within an element.
fn kids<'a>(element: &Dict<'a>) -> Vec<Dict<'a>> {
    let of = |object: Object<'a>| match object {
        Object::Dict(dict) => Some(dict).filter(|dict| dict.contains_key("S")),
        _ => None,
    };
    match element.get::<Object>("K") {
        Some(Object::Array(array)) => array.iter::<Object>().filter_map(of).collect(),
        Some(other) => of(other).into_iter().collect(),
        None => vec![],
    }
}

fn attribute(element: &Dict, key: &str) -> Option<String> {
    let of = |dict: Dict| dict.get::<Name>(key).map(|name| name.as_str().to_owned());
    match element.get::<Object>("A")? {
        Object::Dict(dict) => of(dict),
        Object::Array(array) => array.iter::<Dict>().find_map(of),
        _ => None,
    }
}

/// With several attachments, two tables and a joint signature.
fn strained() -> String {
    let titles: String =
        (1..=12).map(|number| format!("  - {{title: 第{number}项说明, body: [略。]}}\n")).collect();
    let tables = "  - {title: 指标表, table: {columns: [序号, 指标], rows: [['1', 案件], ['2', 文件]]}}\n";
    let named =
        minimal().replace("names: [云州市临江区人民政府]", "names: [云州市临江区人民政府, 云州市司法局]");
    format!("{named}closing: 特此报告。\nattachments:\n{titles}{tables}")
}

#[test]
fn a_report_is_for_everyone() {
    for (name, report, edition) in [
        ("sample", sample().to_owned(), Edition::Public),
        ("sample", sample().to_owned(), Edition::Formal),
        ("minimal", minimal(), Edition::Public),
        ("strained", strained(), Edition::Public),
        (
            "sealed",
            strained().replace("date: 2025-02-18", "date: 2025-02-18\n  seal: space"),
            Edition::Public,
        ),
    ] {
        let judge = Judge::of(pdf_bytes(report.as_bytes(), Format::Yaml, Some(edition)));
        assert!(judge.wrong.is_empty(), "{name}, {edition:?}:\n{}", judge.wrong);
    }
}

#[test]
fn a_digest_is_for_everyone() {
    let judge = Judge::of(made_of(&read(sample()), DigestForm::Pdf));
    assert!(judge.wrong.is_empty(), "{}", judge.wrong);
}

#[test]
fn lists_tables_and_names_are_what_they_look_like() {
    let judge = Judge::of(pdf_bytes(strained().as_bytes(), Format::Yaml, None));
    let count = |role: &str| judge.counts.get(role).copied().unwrap_or(0);
    assert_eq!((count("LI"), count("Lbl"), count("LBody")), (13, 13, 13), "{:?}", judge.counts);
    assert_eq!((count("Table"), count("TH"), count("TD")), (1, 2, 4), "{:?}", judge.counts);
    // Two names and a date are three of them.
    let alone = Judge::of(pdf_bytes(minimal().as_bytes(), Format::Yaml, None));
    let joint =
        minimal().replace("names: [云州市临江区人民政府]", "names: [云州市临江区人民政府, 云州市司法局]");
    let joint = Judge::of(pdf_bytes(joint.as_bytes(), Format::Yaml, None));
    assert_eq!(joint.counts["P"], alone.counts["P"] + 1);
}
