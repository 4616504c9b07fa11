//! What is said of a clause.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

/// Whether a document does what a clause asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "结论")]
pub enum Verdict {
    /// 合格
    Conforms,
    /// 不合格
    Fails,
    /// 无法判断: no ruler could tell.
    Undecided,
    /// 不适用: the document has nothing that the clause speaks of.
    NotApplicable,
}

impl Verdict {
    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Conforms => "合格",
            Self::Fails => "不合格",
            Self::Undecided => "无法判断",
            Self::NotApplicable => "不适用",
        }
    }
}

/// What was measured for one clause, and what follows.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    pub verdict: Verdict,
    /// In Chinese, with figures.
    pub measured: String,
    /// The sheet where it fails first, from 1.
    pub page: Option<usize>,
    /// The faces that stand in for those that the standard's readers expect.
    pub stand_ins: BTreeSet<String>,
}

impl Judgement {
    /// 不适用, and why.
    pub(super) fn absent(why: impl Into<String>) -> Self {
        Self::new(Verdict::NotApplicable, why)
    }

    /// 无法判断, and why.
    pub(super) fn undecided(why: impl Into<String>) -> Self {
        Self::new(Verdict::Undecided, why)
    }

    /// 不合格 for something that is missing altogether.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self::new(Verdict::Fails, what)
    }

    fn new(verdict: Verdict, measured: impl Into<String>) -> Self {
        Self { verdict, measured: measured.into(), page: None, stand_ins: BTreeSet::new() }
    }
}

/// Collects measurements and faults until a judgement can be made of them.
#[derive(Default)]
pub(super) struct Evidence {
    measured: Vec<String>,
    faults: Vec<(usize, String)>,
    stand_ins: BTreeSet<String>,
}

/// So many faults of one clause are told; the others are counted.
const TOLD: usize = 3;

impl Evidence {
    /// Tells what was measured, once.
    pub(super) fn measure(&mut self, measured: impl Into<String>) {
        let measured = measured.into();
        if !self.measured.contains(&measured) {
            self.measured.push(measured);
        }
    }

    /// Tells what is wrong on a sheet.
    pub(super) fn fault(&mut self, page: usize, fault: impl Into<String>) {
        let fault = fault.into();
        if !self.faults.iter().any(|known| known.0 == page && known.1 == fault) {
            self.faults.push((page, fault));
        }
    }

    /// Tells what is wrong, unless it is right.
    pub(super) fn expect(&mut self, is_right: bool, page: usize, fault: impl FnOnce() -> String) {
        if !is_right {
            self.fault(page, fault());
        }
    }

    /// Tells a length in 字, and that it is wrong unless it is `wanted`, give or take `tolerance`.
    pub(super) fn expect_cells(&mut self, name: &str, cells: f64, wanted: f64, tolerance: f64, page: usize) {
        let told = format!("{name} {:.1} 字", if cells.abs() < 0.05 { 0.0 } else { cells });
        self.expect((cells - wanted).abs() <= tolerance, page, || format!("{told}，应为 {wanted:.0} 字"));
        self.measure(told);
    }

    pub(super) fn stand_in(&mut self, face: &str) {
        self.stand_ins.insert(face.to_owned());
    }

    pub(super) fn judge(mut self) -> Judgement {
        self.faults.sort_by_key(|(page, _)| *page);
        let page = self.faults.first().map(|(page, _)| *page);
        let verdict = if self.faults.is_empty() { Verdict::Conforms } else { Verdict::Fails };
        let measured = if self.faults.is_empty() {
            self.measured.join("；")
        } else {
            let told = self.faults.iter().take(TOLD);
            let mut told =
                told.map(|(page, fault)| format!("第{page}页{fault}")).collect::<Vec<_>>().join("；");
            if self.faults.len() > TOLD {
                told += &format!("；另有 {} 处", self.faults.len() - TOLD);
            }
            told
        };
        Judgement { verdict, measured, page, stand_ins: self.stand_ins }
    }
}
