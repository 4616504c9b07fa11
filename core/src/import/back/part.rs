//! The part of a Word document of ours that says what it was made of: the report, and of each paragraph which
//! words are a field's and which are the template's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::format::docx::{TrackedChanges, WordText, body};
use crate::difference::at;
use crate::report::FieldPath;

/// The namespace of the part.
const NAMESPACE: &str = "urn:nianbao:report";

/// What a document was made of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DocumentSource<R = Value> {
    pub report: R,
    /// The paragraphs as they were printed, those of a table's cells in reading order too.
    pub printed: Vec<Vec<PrintedPiece>>,
}

/// A part of a paragraph as it was printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum PrintedPiece {
    /// A field; its text where that is not all that the field says in the report.
    Field {
        tag: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// What the template says.
    Words { words: String },
}

/// The part for a finished document: of the report as it is shown, and the document's body in which each field's
/// text stands in a content control that bears its path.
pub fn source_part(document: &Value, document_xml: &str) -> String {
    let printed = body(document_xml, TrackedChanges::Accept).map(|text| printed(document, &text));
    // A body that cannot be read is none of ours; the report is there all the same.
    let source = DocumentSource { report: document, printed: printed.unwrap_or_default() };
    let json = serde_json::to_string(&source).expect("a report is made of texts, numbers, lists and maps");
    let json = json.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<nianbao xmlns=\"{NAMESPACE}\" version=\"1\">{json}</nianbao>"
    )
}

fn printed(document: &Value, text: &WordText) -> Vec<Vec<PrintedPiece>> {
    let paragraphs = text.paragraphs.iter().map(|paragraph| {
        let mut pieces: Vec<(Option<&str>, String)> = vec![];
        for piece in &paragraph.pieces {
            match pieces.last_mut() {
                Some((tag, text)) if *tag == piece.tag.as_deref() => text.push_str(&piece.text),
                _ => pieces.push((piece.tag.as_deref(), piece.text.clone())),
            }
        }
        pieces.into_iter().map(|(tag, text)| piece(document, tag, text)).collect()
    });
    paragraphs.collect()
}

fn piece(document: &Value, tag: Option<&str>, text: String) -> PrintedPiece {
    let Some(tag) = tag else { return PrintedPiece::Words { words: text } };
    let is_all = at(document, &FieldPath::from(tag)).and_then(Value::as_str) == Some(&text);
    PrintedPiece::Field { tag: tag.to_owned(), text: (!is_all).then_some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_paragraph_is_told_piece_by_piece() {
        let control = |tag: &str, text: &str| {
            format!(
                "<w:sdt><w:sdtPr><w:tag w:val=\"{tag}\"/></w:sdtPr><w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"
            )
        };
        let body = format!(
            "<w:document><w:body><w:p><w:r><w:t>一是</w:t></w:r>{}<w:r><w:t>。</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl><w:p/><w:p>{}</w:p></w:body></w:document>",
            control("problems[0].problem", "人少&lt;3"),
            control("attachments[0].table.columns[0]", ""),
            control("signature.date", "2025年2月8日")
        );
        let report = json!({"problems": [{"problem": "人少<3"}], "signature": {"date": "2025-02-08"}});
        let part = source_part(&report, &body);
        let printed = r#""printed":[[{"words":"一是"},{"tag":"problems[0].problem"},{"words":"。"}],[{"tag":"attachments[0].table.columns[0]","text":""}],[{"tag":"signature.date","text":"2025年2月8日"}]]"#;
        assert!(part.contains(printed) && part.contains("人少&lt;3"), "{part}");
    }
}
