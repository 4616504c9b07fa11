//! Whether a finished PDF, ours or anyone's, is laid out as GB/T 9704-2012 asks: measured on what
//! is drawn, clause by clause. Knows no report, no template and no typst; it reads the file.

mod attachment;
mod block;
mod body;
mod cells;
mod clauses;
mod colophon;
mod face;
mod fault;
mod figures;
mod grid;
mod heading;
mod judgement;
mod letterhead;
mod line;
mod marks;
mod page;
mod page_number;
mod paper;
mod parts;
mod pattern;
mod sheet;
mod shown;
mod signature;
mod spacing;
mod title;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use clauses::{CLAUSES, Clause};
pub use fault::CODES;
pub use judgement::Verdict;

pub use crate::pdf::{MAX_BYTES, Unreadable};

use judgement::Judgement;
use parts::Parts;

/// What stand-ins for official faces count as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strictness {
    /// The standard says 一般: they are told, no more.
    #[default]
    Usual,
    /// 不合格
    OfficialFaces,
}

/// What was found for one clause.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一项要求的检查结果")]
pub struct ClauseFinding {
    /// The clause's number in the standard.
    #[schemars(description = "标准的条款号")]
    pub clause: &'static str,
    /// What it speaks of, in Chinese.
    #[schemars(description = "要素")]
    pub element: &'static str,
    /// What it asks, in Chinese.
    #[schemars(description = "要求")]
    pub asks: &'static str,
    #[schemars(description = "结论：conforms 合格，fails 不合格，undecided 无法判断，not-applicable 不适用")]
    pub verdict: Verdict,
    /// What was measured, in Chinese, with figures.
    #[schemars(description = "实测")]
    pub measured: String,
    /// The sheet where it fails first, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "最先不合格的页，从1数起")]
    pub page: Option<usize>,
    /// The faces that stand in for official ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(description = "代用的字体")]
    pub stand_ins: Vec<String>,
}

/// What was found of a document: a finding for every clause, in the order of the standard.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一份 PDF 的检查结果")]
pub struct Conformance {
    #[schemars(description = "页数")]
    pub pages: usize,
    /// Whether no clause fails, and none is left undecided.
    #[schemars(description = "是否没有不合格、无法判断的")]
    pub conforms: bool,
    #[schemars(description = "每一项的结果，依标准的顺序")]
    pub findings: Vec<ClauseFinding>,
}

impl Conformance {
    /// How many clauses got this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }
}

/// Measures a PDF against every clause.
pub fn conform(bytes: &[u8], strictness: Strictness) -> Result<Conformance, Unreadable> {
    let document = Parts::of(page::read(bytes)?);
    let findings: Vec<ClauseFinding> =
        CLAUSES.iter().map(|clause| find(clause, &document, strictness)).collect();
    let conforms =
        findings.iter().all(|finding| !matches!(finding.verdict, Verdict::Fails | Verdict::Undecided));
    Ok(Conformance { pages: document.sheets.len(), conforms, findings })
}

fn find(clause: &'static Clause, document: &Parts, strictness: Strictness) -> ClauseFinding {
    // A scanned sheet has an edge, but no characters.
    let illegible = document.illegible().filter(|_| clause.needs_text);
    let judgement = illegible.map_or_else(|| (clause.judge)(document), Judgement::undecided);
    let Judgement { mut verdict, mut measured, page, stand_ins } = judgement;
    let stand_ins: Vec<String> = stand_ins.into_iter().collect();
    if strictness == Strictness::OfficialFaces && verdict == Verdict::Conforms && !stand_ins.is_empty() {
        verdict = Verdict::Fails;
        measured = format!("代用字体：{}；{measured}", stand_ins.join("、"));
    }
    ClauseFinding {
        clause: clause.number,
        element: clause.element,
        asks: clause.asks,
        verdict,
        measured,
        page,
        stand_ins,
    }
}
