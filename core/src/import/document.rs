//! A document before anyone knows what it means: the one shape that all formats become.

/// The blocks of a document in their order, and what its format makes worth saying.
#[derive(Debug, Default)]
pub(super) struct SourceDocument {
    pub blocks: Vec<Block>,
    /// What a site has around the text, each with its line.
    pub outside: Vec<(usize, String)>,
    /// What was left out, in words for the one who imports.
    pub remarks: Vec<String>,
}

/// A paragraph, a heading or a table, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// The line of a text, the paragraph of any other document, from 1.
    pub line: usize,
    pub content: BlockContent,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum BlockContent {
    Text {
        style: Style,
        text: String,
    },
    /// The rows of a table, the first one its columns.
    Table(Vec<Vec<String>>),
}

/// What the document itself says of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// A paragraph that begins where the line says so, by its indentation: never the rest of the
    /// one before.
    Indented,
    Title,
    /// A heading of this level, from 1.
    Heading(usize),
}

impl Block {
    pub(super) fn text(line: usize, style: Style, text: impl Into<String>) -> Self {
        Self { line, content: BlockContent::Text { style, text: text.into() } }
    }

    /// Its words, if it is no table.
    pub(super) fn words(&self) -> Option<(Style, &str)> {
        match &self.content {
            BlockContent::Text { style, text } => Some((*style, text)),
            BlockContent::Table(_) => None,
        }
    }
}
