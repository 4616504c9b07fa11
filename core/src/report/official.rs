//! What makes a report a document of an office (GB/T 9704-2012, 7): letterhead, signature, attachments.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Date, Line, Name, Ordinal, Paragraph, Seal, Text, Year};

/// 版头 of the formal edition (GB/T 9704-2012, 7.2).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "报送版的版头", deny_unknown_fields)]
pub struct Header {
    #[deserr(default)]
    #[schemars(title = "份号", description = "排成六位数字")]
    pub copy_number: Option<Ordinal>,
    #[deserr(default)]
    #[schemars(title = "密级和保密期限")]
    pub secrecy: Option<Name>,
    #[deserr(default)]
    #[schemars(title = "紧急程度")]
    pub urgency: Option<Name>,
    #[deserr(default)]
    #[schemars(default, title = "发文机关标志", description = "发文机关全称；不填则用落款的署名")]
    pub agencies: Vec<Name>,
    #[deserr(default = default_suffix())]
    #[schemars(
        default = "default_suffix",
        title = "标志后面的字",
        description = "默认“文件”；写成空的则不加"
    )]
    pub suffix: Line,
    #[deserr(default)]
    #[schemars(title = "发文字号")]
    pub document_number: Option<DocumentNumber>,
    #[deserr(default)]
    #[schemars(default, title = "签发人")]
    pub signatories: Vec<Name>,
}

/// 发文字号 in its parts, set as 城政发〔2025〕12号 (GB/T 9704-2012, 7.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "发文字号的各部分", deny_unknown_fields)]
pub struct DocumentNumber {
    #[schemars(title = "机关代字", description = "如：城政发")]
    pub agency: Name,
    #[schemars(title = "年份")]
    pub year: Year,
    #[schemars(title = "发文顺序号")]
    pub number: Ordinal,
}

/// 署名 and 成文日期 (GB/T 9704-2012, 7.3.5).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "落款：署名和成文日期", deny_unknown_fields)]
pub struct Signature {
    #[schemars(default, title = "发文机关署名", description = "不填时为发文机关全称；联合报告写多个")]
    #[deserr(default)]
    pub names: Vec<Name>,
    #[schemars(title = "成文日期")]
    pub date: Date,
    #[deserr(default)]
    #[schemars(default, title = "印章")]
    pub seal: Seal,
}

/// An attachment (GB/T 9704-2012, 7.3.7): paragraphs, a table, or both.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一个附件：段落、表格，或者两者", deny_unknown_fields)]
pub struct Attachment {
    #[schemars(title = "附件标题")]
    pub title: Name,
    #[deserr(default)]
    #[schemars(default, title = "正文")]
    pub body: Vec<Paragraph>,
    #[deserr(default)]
    #[schemars(title = "表格")]
    pub table: Option<Table>,
}

/// A table of an attachment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "附件里的表格", deny_unknown_fields)]
pub struct Table {
    #[schemars(title = "表头", description = "各列的名称")]
    pub columns: Vec<Line>,
    #[deserr(default)]
    #[schemars(default, title = "各行", description = "每行的格数与表头相同")]
    pub rows: Vec<Vec<Text>>,
}

fn default_suffix() -> Line {
    "文件".parse().expect("a constant line is fit")
}
