//! 成绩单: a report at a glance, in each of its forms.

use serde::{Deserialize, Serialize};

use crate::checks;
use crate::code;
use crate::diagnostic::{Diagnostic, Failed, Warned};
use crate::digest::{Digest, DigestChoice, MAX_CHARACTERS, digest, newspaper_text, propose};
use crate::export::{self, Target};
use crate::file_name::file_name;
use crate::input::{self, Manuscript};
use crate::pipeline::{Paper, Press, Product, check};
use crate::report::{Choice, Document, DocumentKind, Edition, FieldPath, Report};
use crate::template::{DigestPaper, WordFaces, fill_digest, fill_digest_page, fill_digest_word};
use crate::typeset::{Pages, typeset};

code! {
    /// 没有成绩单
    ///
    /// 成绩单由年度报告的指标和句子组成。工作计划没有这样的内容，不能做成成绩单。
    pub(super) NO_DIGEST = "no-digest", Error
}

code! {
    /// 成绩单的文字版放不下全部句子
    ///
    /// 文字版不超过 1200 字。选的句子多了，先放分量重的，每个标题下先放一句，放不下的略去。
    ///
    /// 要换别的句子，请在选择里去掉一些。
    pub(super) DIGEST_TEXT_FULL = "digest-text-full", Note
}

code! {
    /// 成绩单的图片太长
    ///
    /// 图片宽 1080 像素，最高 20000 像素，再高的手机和网站打不开。
    ///
    /// 改正：少选一些句子和数字；全部要留的，生成 PDF 或者网页。
    pub(super) DIGEST_PICTURE_TOO_LONG = "digest-picture-too-long", Error
}

/// What a digest is made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DigestForm {
    /// A sheet of A4.
    Pdf,
    /// A long page for phones, 1080 pixels wide.
    Png,
    Svg,
    /// A page for a browser, in one file.
    Html,
    /// To be edited in Word or WPS.
    Word,
    /// A text for a newspaper.
    Text,
}

const WORD: Target = Target::Word(WordFaces::Official);

/// The highest picture, in pixels.
const MAX_HEIGHT: f64 = 20_000.0;

impl DigestForm {
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Png, Self::Svg, Self::Html, Self::Word, Self::Text];

    /// Without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Html => "html",
            Self::Word => WORD.extension(),
            Self::Text => "txt",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Html => "text/html; charset=utf-8",
            Self::Word => WORD.media_type(),
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.extension().eq_ignore_ascii_case(extension))
    }
}

/// All that a report offers for its digest, with what is proposed ticked.
pub fn digest_offer(paper: Paper, press: &Press) -> Result<DigestChoice, Failed> {
    Ok(propose(&public_report(paper, press)?))
}

/// Makes the digest of a report: of what a person ticked, else of what is proposed.
pub fn report_digest(
    paper: Paper,
    choice: Option<Paper>,
    form: DigestForm,
    press: &Press,
) -> Result<Warned<Product>, Failed> {
    let report = public_report(paper, press)?;
    let choice = choice.map(|choice| input::read::<DigestChoice>(choice.bytes, choice.format)).transpose();
    let choice = choice.map_err(|failed| named(failed, "选择"))?.map(|read| read.value);
    let digest = digest(&report, choice.as_ref())?;
    let mut warnings = Vec::new();
    let artifact = match form {
        DigestForm::Pdf => export::pdf(&set(&digest, DigestPaper::Sheet, press)?)?,
        DigestForm::Png => export::png(&long_page(&digest, press)?)?,
        DigestForm::Svg => export::svg(&long_page(&digest, press)?),
        DigestForm::Html => export::html(fill_digest_page(&press.templates, &digest)?),
        DigestForm::Word => {
            let families = press.families(WordFaces::default());
            export::word(&fill_digest_word(&press.templates, &digest, &families)?)?
        }
        DigestForm::Text => {
            let made = newspaper_text(&digest);
            if made.left_out > 0 {
                let message = format!("{MAX_CHARACTERS}字里放不下全部句子，略去{}句", made.left_out);
                let hint = "要换别的句子，请用 --list 列出选择，去掉一些";
                warnings.push(DIGEST_TEXT_FULL.at(FieldPath::root(), message, hint));
            }
            export::text(made.text)
        }
    };
    let name = file_name(Some(report.short_name()), report.year, "法治政府建设成绩单", artifact.extension);
    Ok(Warned { value: Product { name, artifact }, warnings })
}

/// A report that everybody may read. What it lacks is nothing to its digest; what must not be public is.
fn public_report(paper: Paper, press: &Press) -> Result<Report, Failed> {
    let manuscript = Manuscript::parse(paper.bytes, paper.format)?;
    let kind = press.templates.kind_of(manuscript.template());
    if kind != DocumentKind::Report {
        let message = format!("成绩单只用于年度报告，这是一份{}", kind.label());
        return Err(NO_DIGEST.at(crate::path!["template"], message, "请用年度报告来做成绩单").into());
    }
    let report = Report { edition: Edition::Public, ..manuscript.read::<Report>()?.value };
    let document = Document::from(report.clone());
    let found: Vec<Diagnostic> =
        check(&document, press)?.into_iter().filter(checks::keeps_from_public).collect();
    if found.is_empty() { Ok(report) } else { Err(Failed::Report(manuscript.located(found))) }
}

fn set(digest: &Digest, paper: DigestPaper, press: &Press) -> Result<Pages, Failed> {
    typeset(&fill_digest(&press.templates, digest, paper)?, &press.fonts, press.pace)
}

fn long_page(digest: &Digest, press: &Press) -> Result<Pages, Failed> {
    let pages = set(digest, DigestPaper::Phone, press)?;
    let height = pages.height(0);
    if height <= MAX_HEIGHT {
        return Ok(pages);
    }
    let message = format!("成绩单的图片高{height:.0}像素，超过了{MAX_HEIGHT}像素");
    let hint = "请少选一些句子和数字，或者生成 PDF、网页";
    Err(DIGEST_PICTURE_TOO_LONG.at(FieldPath::root(), message, hint).into())
}

/// What is wrong with a file beside the report is told with its name.
fn named(failed: Failed, name: &str) -> Failed {
    match failed {
        Failed::Report(found) => Failed::Report(
            found
                .into_iter()
                .map(|one| Diagnostic {
                    place: one.whereabouts().map(|place| format!("{name}{place}")),
                    message: format!("{name}：{}", one.message),
                    ..one
                })
                .collect(),
        ),
        failed => failed,
    }
}
