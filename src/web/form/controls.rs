//! The form as its template sees it: sections of controls, each with what stands in it and what is
//! to be said about it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::aside::{self, Aside, escaped};
use super::findings::{Finding, Places, TOLD, finding, nearest};
use super::help::{PartHelp, deadline, help};
use super::shared::{FieldRemark, SharedDraft};
use crate::collections::Comment;
use crate::diagnostic::Severity;
use crate::guide::{Coverage, CoveredMatter, Guide, Touch};
use crate::indicators::IndicatorList;
use crate::language::invisible::is_invisible;
use crate::preview::Glance;
use crate::report::contract;
use crate::report::fields::{self, Entry, Field};
use crate::report::{Choice, DocumentKind, FieldPath};
use crate::web::frame::weight;

/// A part of the form that a writer sees as one; every field of the report is in one of them.
struct FormSection {
    id: &'static str,
    title: &'static str,
    fields: &'static [&'static str],
    /// Whether most reports do without it.
    is_rare: bool,
}

const SECTIONS: [FormSection; 11] = [
    section("basics", "基本情况", &["year", "issuer", "edition", "title", "addressees", "preface"]),
    section("part-1", "一、主要举措和成效", &["measures"]),
    section("part-2", "二、存在的不足和原因", &["problems"]),
    section("part-3", "三、第一责任人履职情况", &["duties"]),
    section("part-4", "四、下一年度主要安排", &["plans"]),
    section("part-5", "五、其他需要报告的情况", &["other"]),
    section("ending", "落款", &["closing", "signature", "notes"]),
    section("tables", "指标和附件", &["indicators", "attachments"]),
    rare("formal", "报送版的版头和版记", &["header", "copies_to", "printed_by", "printed_on"]),
    rare("not-placed", "导入时未归类的文字", &["unplaced"]),
    rare("settings", "排版和例外", &["layout", "allow", "template"]),
];

/// Fields that most reports leave as they stand; they are folded until one wants them.
const RARELY_FILLED: [&str; 4] = ["issuer.level", "issuer.code", "title", "indicators.key"];

const fn section(id: &'static str, title: &'static str, fields: &'static [&'static str]) -> FormSection {
    FormSection { id, title, fields, is_rare: false }
}

const fn rare(id: &'static str, title: &'static str, fields: &'static [&'static str]) -> FormSection {
    FormSection { id, title, fields, is_rare: true }
}

/// The form, filled.
#[derive(Serialize)]
pub(in crate::web) struct FilledForm {
    /// The fields that are too heavy for the page: what is posted leaves them as they are in the draft.
    kept: Vec<String>,
    is_filled: bool,
    /// Tells this contract from an older one, for drafts that a browser keeps.
    contract: &'static str,
    /// What a paste loses.
    invisible: &'static str,
    /// By when a report is due, of one that nobody collects.
    deadline: &'static str,
    sections: Vec<FilledSection>,
    /// What is to be said first, each with the control that it is about; and how much there is in all.
    findings: Vec<Finding>,
    found: usize,
    /// How many of them are told beside their fields.
    told: usize,
    errors: usize,
    guide: Menu,
    /// Those that are offered to choose from.
    indicators: Vec<OfferedIndicator>,
    /// What was written where the form asks for nothing.
    leftovers: Vec<(String, String)>,
    /// The path of the control in which the cursor is to stand, or of the list at whose button.
    /// May be empty.
    cursor: String,
    /// The draft of the service that this is; none of one that only its browser has.
    shared: Option<SharedDraft>,
    /// The name of the unit as it stands there.
    named: String,
    /// What was taken over from it, in words, by control.
    taken: BTreeMap<String, String>,
    /// What a reviewer said, by control.
    remarks: BTreeMap<String, Vec<FieldRemark>>,
    /// How many there are besides.
    more_remarks: usize,
}

/// An indicator of the list.
#[derive(Serialize)]
struct OfferedIndicator {
    key: String,
    name: String,
    unit: Option<String>,
}

#[derive(Serialize)]
struct FilledSection {
    id: &'static str,
    title: &'static str,
    is_rare: bool,
    is_filled: bool,
    help: Option<&'static PartHelp>,
    controls: Vec<Control>,
}

/// A field with what stands in it.
#[derive(Serialize)]
struct Control {
    path: String,
    #[serde(flatten)]
    field: FieldWords,
    entry: &'static str,
    value: String,
    options: Vec<(&'static str, &'static str)>,
    /// Of a group.
    controls: Vec<Control>,
    /// Of a list.
    items: Vec<Item>,
    /// Of a list that is in no other: what is to be known of the fields of its items and of the lists in
    /// them, told once for all of them.
    hints: Vec<FieldHint>,
    /// Of the same: an empty item of it and of each list in its items, for scripts to copy.
    blanks: Vec<BlankItem>,
    /// Of a field that is too heavy for the page, what is told of it instead.
    kept: Option<Aside>,
    /// Whether something on the page leads to it, or may.
    is_linked: bool,
    is_rare: bool,
    /// Whether anything but what stands there anyway is written in it, or found. What is rare in an item follows
    /// from the rest of it, so that only what is found is told.
    is_told: bool,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct FieldWords {
    key: &'static str,
    title: &'static str,
    /// Empty in an item, whose list tells it.
    hint: String,
    is_required: bool,
    default: &'static str,
}

/// A hint that all items of a list share.
#[derive(Serialize)]
struct FieldHint {
    title: &'static str,
    text: String,
    #[serde(skip)]
    key: &'static str,
}

/// An empty item of all lists of this key.
#[derive(Serialize)]
struct BlankItem {
    key: &'static str,
    item: Item,
}

#[derive(Serialize)]
struct Item {
    path: String,
    controls: Vec<Control>,
    findings: Vec<Finding>,
}

/// The matters of the guide as the page shows them.
#[derive(Serialize)]
struct Menu {
    name: String,
    source: String,
    remark: String,
    count: usize,
    /// How many are touched; nothing where nobody has looked yet.
    touched: Option<usize>,
    matters: Vec<MenuMatter>,
}

#[derive(Serialize)]
struct MenuMatter {
    number: String,
    name: String,
    is_group: bool,
    /// The controls where it is touched, and what they are called.
    places: Vec<(String, String)>,
}

/// How many findings are told at the head of the form as well.
const LISTED: usize = 20;

/// How much of what has no place in the form is shown, in characters.
const LONGEST_LEFTOVER: usize = 300;
const LEFTOVERS: usize = 10;

/// How many comments the form shows, and of how many bytes.
const REMARKS: usize = 100;
const REMARK_BYTES: usize = 20_000;

impl FilledForm {
    pub(in crate::web) fn new(
        glance: &Glance,
        guide: &Guide,
        list: &IndicatorList,
        cursor: Option<&str>,
    ) -> Self {
        let offered = list.offered().iter().map(|one| OfferedIndicator {
            key: one.key.to_string(),
            name: one.name.to_string(),
            unit: one.unit().map(str::to_owned),
        });
        let Glance { tree, findings: found, coverage } = glance;
        let places = places(tree);
        let mut findings: Vec<Finding> = found.iter().map(|one| finding(one, &places)).collect();
        let order = |finding: &Finding| places.get(&finding.place).copied();
        findings.sort_by_cached_key(|finding| (std::cmp::Reverse(finding.severity), order(finding)));
        let menu = Menu::new(coverage.as_ref(), guide, tree, &places);
        let touched = menu.matters.iter().flat_map(|matter| &matter.places).map(|(place, _)| place.clone());
        let mut filler =
            Filler { linked: touched.chain(cursor.map(str::to_owned)).collect(), ..Filler::default() };
        let mut told = BTreeSet::new();
        for finding in findings.iter_mut().take(TOLD) {
            // What many have in common is said at the first; the others lead to the explanation.
            if !finding.place.is_empty() && !told.insert((finding.code.clone(), finding.hint.clone())) {
                finding.hint.clear();
            }
            filler.findings.entry(finding.place.clone()).or_default().push(finding.clone());
        }
        let sections = SECTIONS.iter().map(|section| {
            let fields =
                section.fields.iter().filter_map(|key| fields::fields().iter().find(|one| one.key == *key));
            FilledSection {
                id: section.id,
                title: section.title,
                is_rare: section.is_rare,
                help: help(section.id),
                is_filled: section.fields.iter().any(|key| says_something(&tree[*key])),
                controls: fields.map(|field| filler.control(field, field.key, tree.get(field.key))).collect(),
            }
        });
        Self {
            is_filled: says_something(tree),
            contract: &CONTRACT,
            invisible: &INVISIBLE,
            deadline: deadline(),
            sections: sections.collect(),
            errors: findings.iter().filter(|finding| finding.severity == Severity::Error).count(),
            found: findings.len(),
            told: findings.len().min(TOLD),
            findings: findings.into_iter().take(LISTED).collect(),
            guide: menu,
            indicators: offered.collect(),
            leftovers: leftovers(tree),
            cursor: cursor.unwrap_or_default().to_owned(),
            shared: None,
            named: plain_text(&tree["issuer"]["name"]),
            taken: BTreeMap::new(),
            remarks: BTreeMap::new(),
            more_remarks: 0,
            kept: vec![],
        }
    }

    /// The same, saying what was taken over from the unit's name.
    pub(super) fn with_taken(self, taken: BTreeMap<String, String>) -> Self {
        Self { taken, ..self }
    }

    /// The same of a draft of the service, with what was said of its fields. Of a report that is too long for a
    /// page those fields are left out, the longest first, that say what is `stored`.
    pub(in crate::web) fn shared(
        mut self,
        draft: SharedDraft,
        comments: &[Comment],
        tree: &Value,
        stored: &Value,
    ) -> Self {
        (self.remarks, self.more_remarks) = remarks(comments, tree);
        self.shared = Some(draft);
        while !self.is_light() {
            let is_stored = |one: &&mut Control| tree.get(&one.path) == stored.get(&one.path);
            let controls = self.sections.iter_mut().flat_map(|section| &mut section.controls);
            let may_go = controls.filter(|one| one.may_be_kept()).filter(is_stored);
            // What an import found no place for is the least missed.
            let heaviest = may_go.max_by_key(|one| (one.path == "unplaced", one.weight()));
            let Some(control) = heaviest else { break };
            control.set_aside(&tree[&control.path]);
            self.kept.push(control.path.clone());
        }
        let outside = |place: &mut String| {
            let path = FieldPath::from(place.as_str());
            if let Some(kept) = self.kept.iter().find(|kept| path.first_key() == kept.as_str()) {
                place.clone_from(kept);
            }
        };
        self.findings.iter_mut().for_each(|one| outside(&mut one.place));
        let matters = self.guide.matters.iter_mut().flat_map(|matter| &mut matter.places);
        matters.for_each(|(place, _)| outside(place));
        self
    }

    /// Whether a form of this is more than a page bears.
    pub(in crate::web) fn is_too_long(glance: &Glance, guide: &Guide, list: &IndicatorList) -> bool {
        !Self::new(glance, guide, list, None).is_light()
    }

    /// Whether a page bears it. What may be too much is drawn, to see.
    fn is_light(&self) -> bool {
        let at_most = self.weight();
        let drawn = || weight("form.html", self).is_some_and(|bytes| bytes <= aside::MAX_BYTES);
        at_most <= aside::MAX_BYTES || (at_most <= aside::DRAWN && drawn())
    }

    /// What it weighs as a page at most, in bytes.
    fn weight(&self) -> usize {
        let controls = self.sections.iter().flat_map(|section| &section.controls).map(Control::weight);
        let listed = self.findings.iter().map(Finding::weight);
        let leftovers = self.leftovers.iter().map(|(key, text)| 60 + escaped(key) + escaped(text));
        let remarks = self.remarks.values().flatten().map(FieldRemark::weight);
        let offered = self.indicators.iter().map(|one| 140 + 2 * (escaped(&one.key) + escaped(&one.name)));
        let shared = self.shared.as_ref().map_or(0, SharedDraft::weight);
        aside::FRAME
            + shared
            + controls.chain(listed).chain(leftovers).chain(remarks).chain(offered).sum::<usize>()
    }
}

impl Control {
    /// What it weighs as a part of the page at most, in bytes.
    fn weight(&self) -> usize {
        let own = 160 + 5 * escaped(&self.path) + 2 * self.field.default.len() + self.field.hint.len();
        let options = self.options.iter().map(|(value, label)| 40 + value.len() + label.len());
        let hints = self.hints.iter().map(|hint| 30 + hint.text.len());
        let blanks = self.blanks.iter().map(|blank| 60 + blank.item.weight());
        let items = self.items.iter().map(Item::weight);
        let findings = self.findings.iter().map(Finding::weight);
        let inner = self.controls.iter().map(Self::weight);
        let parts = options.chain(hints).chain(blanks).chain(items).chain(findings).chain(inner);
        own + escaped(&self.value) + parts.sum::<usize>()
    }

    /// Whether it says enough to be worth leaving out.
    fn may_be_kept(&self) -> bool {
        let is_long = ["items", "text", "lines", "paragraphs"].contains(&self.entry);
        is_long && self.kept.is_none() && self.weight() > aside::LEAST
    }

    /// Leaves it out of the page. What was found in it is told at it.
    fn set_aside(&mut self, value: &Value) {
        let items = std::mem::take(&mut self.items);
        items.into_iter().for_each(|item| item.tell(&mut self.findings));
        self.value.clear();
        self.kept = Some(Aside::of(value));
    }

    fn tell(self, findings: &mut Vec<Finding>) {
        findings.extend(self.findings);
        self.controls.into_iter().for_each(|one| one.tell(findings));
        self.items.into_iter().for_each(|item| item.tell(findings));
    }
}

impl Item {
    fn weight(&self) -> usize {
        let findings = self.findings.iter().map(Finding::weight);
        let controls = self.controls.iter().map(Control::weight);
        300 + 5 * escaped(&self.path) + findings.chain(controls).sum::<usize>()
    }

    fn tell(self, findings: &mut Vec<Finding>) {
        findings.extend(self.findings);
        self.controls.into_iter().for_each(|one| one.tell(findings));
    }
}

impl Menu {
    /// What was found in the report, or else what its unit should write of.
    fn new(coverage: Option<&Coverage>, guide: &Guide, tree: &Value, places: &Places) -> Self {
        let menu = coverage.is_none().then(|| {
            let issuer = &tree["issuer"];
            guide.menu(chosen(&issuer["kind"]), chosen(&issuer["level"]))
        });
        let told = coverage.or(menu.as_ref()).expect("one of the two is there");
        let count = told.lowest().count();
        let place = |touch: &Touch| (nearest(&touch.path, places), touch.label.clone());
        let matter = |one: &CoveredMatter| MenuMatter {
            number: one.number.clone(),
            name: one.name.clone(),
            is_group: one.is_group,
            places: one.touches.iter().map(place).collect(),
        };
        Self {
            name: told.guide.clone(),
            source: told.source.clone(),
            remark: told.remark.clone().unwrap_or_default(),
            count,
            touched: coverage.map(|coverage| count - coverage.untouched().count()),
            matters: told.matters.iter().map(matter).collect(),
        }
    }
}

/// The choice that is written, or the one that stands unless a writer says otherwise.
fn chosen<T: Choice + Default>(written: &Value) -> T {
    written.as_str().and_then(T::of_word).unwrap_or_default()
}

static CONTRACT: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(contract::schema(DocumentKind::Report).to_string());
    hex::encode(&digest[..6])
});

/// The characters that the contract refuses, as a class that scripts read, but for the line feed and the
/// tab: these begin paragraphs and part cells.
static INVISIBLE: LazyLock<String> = LazyLock::new(|| {
    let mut ranges: Vec<(u32, u32)> = vec![];
    for c in ('\0'..=char::MAX).filter(|c| is_invisible(*c) && !matches!(c, '\n' | '\t')) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == u32::from(c) => *last = c.into(),
            _ => ranges.push((c.into(), c.into())),
        }
    }
    let ranges = ranges.iter().map(|(first, last)| format!(r"\u{{{first:X}}}-\u{{{last:X}}}"));
    format!("[{}]", ranges.collect::<String>())
});

/// Fills controls, each with the findings of its path.
#[derive(Default)]
struct Filler {
    findings: BTreeMap<String, Vec<Finding>>,
    /// The controls of items to which something on the page leads.
    linked: BTreeSet<String>,
    /// Of the list that is being filled.
    hints: Vec<FieldHint>,
    /// The keys of the lists that have a blank on the page, and the blanks that are not on it yet.
    known: BTreeSet<&'static str>,
    blanks: Vec<BlankItem>,
}

impl Filler {
    fn control(&mut self, field: &'static Field, path: &str, value: Option<&Value>) -> Control {
        let (mut controls, mut items) = (vec![], vec![]);
        let hint = self.hint(field, path);
        match &field.entry {
            Entry::Group(fields) => controls = self.controls(fields, path, value),
            Entry::Items(fields) => {
                let blank = self.item(fields, &format!("{path}[%]"), None);
                if self.known.insert(field.key) {
                    self.blanks.push(BlankItem { key: field.key, item: blank });
                }
                let written = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let item = |(index, value)| self.item(fields, &format!("{path}[{index}]"), Some(value));
                items = written.iter().enumerate().map(item).collect();
            }
            _ => {}
        }
        let (mut hints, mut blanks) = (vec![], vec![]);
        if !is_of_item(path) {
            hints = std::mem::take(&mut self.hints);
            // What is folded comes last here, too.
            hints.sort_by_key(|hint| RARELY_FILLED.contains(&&*format!("{path}.{}", hint.key)));
            blanks = std::mem::take(&mut self.blanks);
        }
        let value = written(field, value);
        let findings = self.findings.get(path).cloned().unwrap_or_default();
        Control {
            path: path.to_owned(),
            field: FieldWords {
                key: field.key,
                title: field.title,
                hint,
                is_required: field.is_required,
                default: field.default,
            },
            entry: name(&field.entry),
            is_rare: RARELY_FILLED.contains(&&*unnumbered(path)),
            is_told: (value != field.default && !is_of_item(path)) || !findings.is_empty(),
            value,
            options: match &field.entry {
                Entry::Choice(choices) => choices.clone(),
                _ => vec![],
            },
            controls,
            items,
            hints,
            blanks,
            kept: None,
            is_linked: !is_of_item(path) || self.linked.contains(path) || self.findings.contains_key(path),
            findings,
        }
    }

    /// The hint of a field, to be shown at it. That of a field of an item is shown at the list.
    fn hint(&mut self, field: &'static Field, path: &str) -> String {
        let text = hint(field);
        if text.is_empty() || !is_of_item(path) {
            return text;
        }
        if !self.hints.iter().any(|one| one.key == field.key && one.title == field.title) {
            self.hints.push(FieldHint { title: field.title, text, key: field.key });
        }
        String::new()
    }

    fn controls(&mut self, fields: &'static [Field], path: &str, value: Option<&Value>) -> Vec<Control> {
        let of = |field: &'static Field| {
            // A bare text is a paragraph without a lead.
            let bare = value.filter(|value| value.is_string() && field.key == "text");
            let value = bare.or_else(|| value.and_then(|value| value.get(field.key)));
            self.control(field, &format!("{path}.{}", field.key), value)
        };
        fields.iter().map(of).collect()
    }

    fn item(&mut self, fields: &'static [Field], path: &str, value: Option<&Value>) -> Item {
        Item {
            path: path.to_owned(),
            controls: self.controls(fields, path, value),
            findings: self.findings.get(path).cloned().unwrap_or_default(),
        }
    }
}

/// A path without the numbers of items: `indicators.key`.
fn unnumbered(path: &str) -> String {
    path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

/// Whether a path leads into an item of a list.
fn is_of_item(path: &str) -> bool {
    path.contains('[')
}

/// What is to be known of a field, and of how it is entered.
fn hint(field: &Field) -> String {
    let entering = match &field.entry {
        Entry::Table => {
            "从 Excel 或 Word 复制整张表，粘贴到这里；第一行是表头。手工填写时，各格之间用竖线 | 隔开。"
        }
        Entry::Lines if field.hint.is_empty() => "有几个就写几行",
        Entry::Paragraphs => "一行一个自然段",
        _ => "",
    };
    let told = [field.hint, entering].into_iter().filter(|one| !one.is_empty());
    told.collect::<Vec<_>>().join("；")
}

/// The paths of all controls and items that a form of this tree has, as one reads them.
fn places(tree: &Value) -> Places {
    fn collect(fields: &[Field], path: &str, value: Option<&Value>, places: &mut Places) {
        for field in fields {
            let path = if path.is_empty() { field.key.to_owned() } else { format!("{path}.{}", field.key) };
            let value = value.and_then(|value| value.get(field.key));
            places.insert(path.clone(), places.len());
            match &field.entry {
                Entry::Group(fields) => collect(fields, &path, value, places),
                Entry::Items(fields) => {
                    for (index, item) in value.and_then(Value::as_array).into_iter().flatten().enumerate() {
                        let path = format!("{path}[{index}]");
                        places.insert(path.clone(), places.len());
                        collect(fields, &path, Some(item), places);
                    }
                }
                _ => {}
            }
        }
    }
    let mut places = HashMap::new();
    collect(fields::fields(), "", Some(tree), &mut places);
    places
}

/// Comments that nobody has attended to, by the control that each is about; those on the whole report under
/// the empty name. Of very many the first, and how many there are besides.
fn remarks(comments: &[Comment], tree: &Value) -> (BTreeMap<String, Vec<FieldRemark>>, usize) {
    let places = places(tree);
    let done: BTreeSet<i64> =
        comments.iter().filter(|one| one.resolved_at.is_some()).map(|one| one.number).collect();
    let open = comments.iter().filter(|one| !done.contains(&one.answers.unwrap_or(one.number)));
    let mut remarks: BTreeMap<String, Vec<FieldRemark>> = BTreeMap::new();
    let (mut shown, mut bytes, mut more) = (0, 0, 0);
    for one in open {
        if shown == REMARKS || REMARK_BYTES < bytes + escaped(&one.text) {
            more += 1;
            continue;
        }
        shown += 1;
        bytes += escaped(&one.text);
        let remark = FieldRemark {
            label: one.label.clone(),
            text: one.text.clone(),
            by: one.by.clone(),
            is_answer: one.answers.is_some(),
        };
        remarks.entry(nearest(&one.path.as_str().into(), &places)).or_default().push(remark);
    }
    (remarks, more)
}

fn name(entry: &Entry) -> &'static str {
    match entry {
        Entry::Line => "line",
        Entry::Text => "text",
        Entry::Number => "number",
        Entry::Date => "date",
        Entry::Mark => "mark",
        Entry::Choice(_) => "choice",
        Entry::Lines => "lines",
        Entry::Paragraphs => "paragraphs",
        Entry::Numbers => "numbers",
        Entry::Table => "table",
        Entry::Group(_) => "group",
        Entry::Items(_) => "items",
    }
}

/// What stands in a control. What is of another kind than the control asks for is shown as it is
/// written in JSON, for nothing may be lost.
fn written(field: &Field, value: Option<&Value>) -> String {
    let list = |separator: &str| {
        let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().map(plain).collect::<Vec<_>>().join(separator)
    };
    match (&field.entry, value) {
        (Entry::Group(_) | Entry::Items(_), _) => String::new(),
        (Entry::Lines | Entry::Paragraphs, Some(Value::Array(_))) => list("\n"),
        (Entry::Numbers, Some(Value::Array(_))) => list("、"),
        (Entry::Table, Some(Value::Object(table))) => as_spreadsheet(table),
        (_, None | Some(Value::Null)) => field.default.to_owned(),
        (_, Some(value)) => plain(value),
    }
}

fn plain_text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A table with tabs between its cells.
fn as_spreadsheet(table: &Map<String, Value>) -> String {
    let rows = table.get("rows").and_then(Value::as_array).into_iter().flatten();
    let mut writer = csv::WriterBuilder::new().delimiter(b'\t').flexible(true).from_writer(vec![]);
    for row in table.get("columns").into_iter().chain(rows) {
        let cells = row.as_array().into_iter().flatten().map(plain);
        // Nothing but memory is written to.
        let _ = writer.write_record(cells);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(entries) => entries.values().any(says_something),
    }
}

/// Keys that the contract does not have, with what was written there.
fn leftovers(tree: &Value) -> Vec<(String, String)> {
    let keys = tree.as_object().into_iter().flatten();
    let unknown = keys.filter(|(key, _)| !fields::fields().iter().any(|field| field.key == key.as_str()));
    let shown = |text: &str| aside::cut(text, LONGEST_LEFTOVER);
    unknown.take(LEFTOVERS).map(|(key, value)| (shown(key), shown(&plain(value)))).collect()
}
