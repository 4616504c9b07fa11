//! Reports that truly differ: in characters, paragraphs, tables and length. typst and its PDF export remember what
//! they have set, down to the set of glyphs of a face: documents that share their characters are made in two thirds of
//! the time that others take.

use std::sync::LazyLock;

use fastrand::Rng;
use serde_json::{Value, json};

/// The reports of a seed, one after the other, made of the paragraphs of one that is sound: of 2 to 30 pages where it
/// has 15, with attachments and without, with signatures that fit their page and that do not.
pub struct Differing {
    sample: Value,
    rng: Rng,
    /// How many there were so far.
    made: usize,
}

/// Clauses of characters that another document need not have, as names and trades of a place do.
pub struct Clauses {
    own: Vec<char>,
    rng: Rng,
}

/// How many times as long as the sample a report is: from this, and up to that.
const LENGTHS: (f64, f64) = (0.1, 2.0);

/// What the place of the sample is called.
const PLACE: &str = "临江";

/// How many such characters a document has.
const OWN: usize = 120;

impl Differing {
    pub fn new(sample: Value, seed: u64) -> Self {
        Self { sample, rng: Rng::with_seed(seed), made: 0 }
    }

    /// The next one, as JSON.
    pub fn report(&mut self) -> String {
        let mut clauses = Clauses::new(self.rng.u64(..));
        // As many short ones as long ones.
        let length = LENGTHS.0 * (LENGTHS.1 / LENGTHS.0).powf(self.rng.f64());
        let mut report = self.sample.clone();
        for measure in report["measures"].as_array_mut().into_iter().flatten() {
            stretch(&mut measure["body"], length);
        }
        stretch(&mut report["preface"], length);
        for part in ["preface", "measures", "problems", "duties", "plans", "other"] {
            each_text(&mut report[part], &mut |text| {
                if let Some(rest) = text.strip_suffix('。') {
                    *text = format!("{rest}，{}。", clauses.clause());
                }
            });
        }
        match self.rng.bool() {
            true => report["attachments"] = json!([]),
            false => {
                if let Some(rows) = report["attachments"][0]["table"]["rows"].as_array_mut() {
                    rows.truncate(self.rng.usize(4..=rows.len()));
                }
            }
        }
        // Another unit: by its code, and by its name wherever it stands.
        self.made += 1;
        report["issuer"]["code"] = format!("99{:04}", self.made).into();
        report.to_string().replace(PLACE, &clauses.own[..2].iter().collect::<String>())
    }
}

impl Clauses {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let own = (0..OWN).map(|_| *rng.choice(&*COMMON).expect("some")).collect();
        Self { own, rng }
    }

    pub fn clause(&mut self) -> String {
        let count = self.rng.usize(8..=28);
        (0..count).map(|_| *self.rng.choice(&self.own).expect("some")).collect()
    }
}

/// As many paragraphs as so many times the list has, at least one. What comes again has no number.
fn stretch(body: &mut Value, length: f64) {
    let Some(paragraphs) = body.as_array_mut() else { return };
    let once = paragraphs.clone();
    let count = ((once.len() as f64 * length).round() as usize).max(1);
    let again = once.iter().map(|paragraph| paragraph.get("text").unwrap_or(paragraph)).cycle().cloned();
    *paragraphs = once.iter().cloned().chain(again).take(count).collect();
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| each_text(value, change)),
        Value::Object(fields) => fields.values_mut().for_each(|value| each_text(value, change)),
        _ => {}
    }
}

/// The 3,755 characters of the first level of GB 2312, but for those that the checks would take for numbers of points, or
/// for what a broken file is full of: thrown together these are soon errors.
static COMMON: LazyLock<Vec<char>> = LazyLock::new(|| {
    let codes = (0xB0..=0xD7).flat_map(|row| (0xA1..=0xFE).map(move |cell| [row, cell]));
    let one = |code: [u8; 2]| encoding_rs::GBK.decode(&code).0.chars().next();
    let is_common =
        |c: &char| ('\u{4E00}'..='\u{9FFF}').contains(c) && !"一二三四五六七八九十烫屯".contains(*c);
    codes.filter_map(one).filter(is_common).collect()
});
