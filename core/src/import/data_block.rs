//! The data block of a web page of ours: what the page is, as JSON-LD in the words of schema.org, and the document
//! that it was made of. An import takes that document only where the page still says what it said when it was made.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::embedded::EmbeddedDocument;
use super::format::html::SavedPage;
use crate::input::MAX_BYTES;
use crate::report::DocumentKind;

/// The media type of the block.
const MEDIA_TYPE: &str = "application/ld+json";

/// What the names of our own stand for, and the two that there are.
const PREFIX: &str = "urn:nianbao:";
const DOCUMENT: &str = "nianbao:report";
const WORDS: &str = "nianbao:words";

/// What a page says of its document.
#[derive(Clone, Debug)]
pub struct Imprint {
    pub kind: DocumentKind,
    pub name: String,
    /// Who signs it.
    pub authors: Vec<String>,
    /// As `2025-02-18`.
    pub date: Option<String>,
    pub is_draft: bool,
}

/// Why a page is not taken as what it bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotTaken {
    /// It bears nothing of ours.
    NoBlock,
    /// What it bears cannot be read.
    BrokenBlock,
    /// It does not say any more what it said when it was made.
    OtherWords,
    /// What it bears says something else than the page.
    OtherDocument,
}

/// The data block for a page that lacks it: of the document as it is shown. It ends no element that it may stand in.
pub fn data_block(document: &Value, imprint: &Imprint, html: &str) -> String {
    // A page that cannot be read is none of ours; the document is there all the same.
    let words = SavedPage::of_text(html).map(|page| digest(&page.words())).unwrap_or_default();
    let author = |name: &String| json!({"@type": "Organization", "name": name});
    let mut block = json!({
        "@context": ["https://schema.org", {"nianbao": PREFIX}],
        "@type": match imprint.kind {
            DocumentKind::Report => "Report",
            DocumentKind::WorkPlan => "CreativeWork",
        },
        "name": imprint.name,
        "author": imprint.authors.iter().map(author).collect::<Vec<_>>(),
        "inLanguage": "zh-CN",
        DOCUMENT: {"@type": "@json", "@value": document},
        WORDS: words,
    });
    if imprint.is_draft {
        block["creativeWorkStatus"] = "Draft".into();
    } else if let Some(date) = &imprint.date {
        block["datePublished"] = date.as_str().into();
    }
    escaped(&block.to_string())
}

/// JSON that says the same and has no mark of HTML in it. These characters stand within strings only.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", character as u32));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// What stands for all that a page says.
fn digest(words: &str) -> String {
    let digest = Sha256::digest(words.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256-{hex}")
}

/// The document that a page of ours was made of, with its kind.
pub(super) fn take(page: &SavedPage) -> Result<(DocumentKind, Value), NotTaken> {
    let blocks = page.data_blocks(MEDIA_TYPE);
    let block = blocks.iter().find(|block| block.contains(DOCUMENT)).ok_or(NotTaken::NoBlock)?;
    if block.len() > MAX_BYTES {
        return Err(NotTaken::BrokenBlock);
    }
    let block: Value = serde_json::from_str(block).map_err(|_| NotTaken::BrokenBlock)?;
    let document = block.get(DOCUMENT).and_then(|literal| literal.get("@value"));
    let embedded = document.and_then(EmbeddedDocument::read).ok_or(NotTaken::BrokenBlock)?;
    let words = page.words();
    if block.get(WORDS).and_then(Value::as_str) != Some(&digest(&words)) {
        return Err(NotTaken::OtherWords);
    }
    // A digest that fits can be written by anyone.
    if !says(&words, &embedded) {
        return Err(NotTaken::OtherDocument);
    }
    let document = embedded.fields().ok_or(NotTaken::BrokenBlock)?;
    Ok((embedded.document.kind(), document))
}

/// The parts of a document whose texts stand on its page, whatever its edition.
const PRINTED: [&str; 9] =
    ["preface", "measures", "problems", "duties", "plans", "other", "sections", "closing", "attachments"];

/// How far ahead the next text is looked for, and how much is looked through in all for those that are not there,
/// in bytes.
const NEAR: usize = 1 << 12;
const MAX_SEARCHED: usize = 1 << 30;

/// Whether a page says all that the document says.
fn says(words: &str, embedded: &EmbeddedDocument) -> bool {
    let texts = embedded.document.texts();
    let mut printed = texts.iter().filter(|(path, _)| PRINTED.contains(&path.first_key()));
    let (mut at, mut searched) = (0, 0);
    printed.all(|(_, text)| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let end = words.floor_char_boundary(at + text.len() + NEAR);
        if let Some(place) = words[at..end].find(&text) {
            at += place + text.len();
            return true;
        }
        searched += words.len();
        searched <= MAX_SEARCHED && words.contains(&text)
    })
}

impl NotTaken {
    /// What to say of it, if the page may be thought to be ours.
    pub(super) fn told(self) -> Option<&'static str> {
        match self {
            Self::NoBlock => None,
            Self::BrokenBlock => Some("网页里带的报告内容读不了，按普通网页认的，请核对"),
            Self::OtherWords => {
                Some("网页里带有报告的内容，但网页的文字和生成时不一样，按现在的文字认的，请核对")
            }
            Self::OtherDocument => Some("网页里带的是另一份报告的内容，和正文对不上，按普通网页认的，请核对"),
        }
    }
}
