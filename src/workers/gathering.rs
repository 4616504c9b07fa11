//! Files of many kinds that may hold a report or a plan of work each, or a workbook of reports: read as far as
//! they go, for whoever gathers last year's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::taken::TakenDocument;
use crate::diagnostic::{Diagnostic, Failed};
use crate::input::{self, Format, Manuscript};
use crate::intake::workbook::rows;
use crate::intake::{DocumentForm, FileKind, kind_of};
use crate::report::{Report, WorkPlan};

/// How many faults of an unfinished document are told.
const TOLD: usize = 3;

/// A document that was in a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct GatheredDocument {
    /// Where in the file, if there are several in it.
    pub source: String,
    pub is_plan: bool,
    /// The unit's name and the year, as far as they stand in it.
    pub issuer: String,
    pub year: Option<u16>,
    /// As JSON of the contract.
    pub document: String,
    /// What it lacks for a whole document.
    pub fault: Option<String>,
}

/// The documents in a file of this name, or why there are none, in words.
pub(super) fn gather(bytes: &[u8], name: &str) -> Result<Result<Vec<GatheredDocument>, String>, Failed> {
    let form = match kind_of(name) {
        FileKind::Document(DocumentForm::Workbook) => {
            let read = match rows(bytes) {
                Ok(read) => read,
                Err(fault) => return Ok(Err(format!("不是征集表，或者{fault}"))),
            };
            // What is nobody's may be any unit's: a bureau's own file can be mended.
            return Ok(match read.strangers() {
                told if told.is_empty() => {
                    Ok(read.rows.into_iter().map(|row| document(row.source, &row.report)).collect())
                }
                told => Err(format!("{told}。请改正后再上传")),
            });
        }
        FileKind::Document(form) => form,
        FileKind::Unfit(why) => return Ok(Err(why.to_owned())),
        // The import says what is wrong with it.
        FileKind::Archive | FileKind::Lines | FileKind::Left => DocumentForm::Foreign,
    };
    let read = TakenDocument::of(bytes, form, name)
        .and_then(|taken| Manuscript::parse(&taken.bytes, taken.format)?.tree());
    match read {
        Ok(tree) => Ok(Ok(vec![document(String::new(), &tree)])),
        Err(Failed::Report(found)) => Ok(Err(in_words(&found))),
        Err(failed) => Err(failed),
    }
}

fn document(source: String, tree: &Value) -> GatheredDocument {
    let text = |value: &Value| value.as_str().map(|text| text.trim().to_owned());
    let json = tree.to_string();
    let is_plan = tree["template"] == "work-plan";
    let read = match is_plan {
        true => input::read::<WorkPlan>(json.as_bytes(), Format::Json).map(|read| written(&read.value)),
        false => input::read::<Report>(json.as_bytes(), Format::Json).map(|read| written(&read.value)),
    };
    let (document, fault) = match read {
        Ok(whole) => (whole, None),
        Err(Failed::Report(found)) => (json, Some(in_words(&found))),
        Err(Failed::Program(error)) => (json, Some(error.to_string())),
    };
    GatheredDocument {
        source,
        is_plan,
        issuer: text(&tree["issuer"]["name"]).or_else(|| text(&tree["issuer"])).unwrap_or_default(),
        year: text(&tree["year"]).and_then(|year| year.parse().ok()),
        document,
        fault,
    }
}

fn written(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("a document is made of texts, numbers, lists and maps")
}

fn in_words(found: &[Diagnostic]) -> String {
    let told: Vec<&str> = found.iter().take(TOLD).map(|one| one.message.as_str()).collect();
    told.join("；")
}
