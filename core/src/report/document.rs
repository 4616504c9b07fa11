//! Either kind of document that the contract knows.

use serde::Serialize;

use super::fields;
use super::texts::texts;
use super::{DocumentKind, FieldPath, Issuer, Name, Report, Unplaced, WorkPlan, Year};

/// A report or a plan of work.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Document {
    Report(Box<Report>),
    Plan(Box<WorkPlan>),
}

impl Document {
    pub fn kind(&self) -> DocumentKind {
        match self {
            Self::Report(_) => DocumentKind::Report,
            Self::Plan(_) => DocumentKind::WorkPlan,
        }
    }

    /// The report, if it is one.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Report(report) => Some(report),
            Self::Plan(_) => None,
        }
    }

    /// The name of the template that it asks for.
    pub fn template(&self) -> &Name {
        match self {
            Self::Report(report) => &report.template,
            Self::Plan(plan) => &plan.template,
        }
    }

    /// Its unit as running text and file names call it. A plan may come without one.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Report(report) => Some(report.short_name()),
            Self::Plan(plan) => plan.issuer.as_ref().map(Issuer::short_name),
        }
    }

    pub fn year(&self) -> Year {
        match self {
            Self::Report(report) => report.year,
            Self::Plan(plan) => plan.year,
        }
    }

    /// What an import found no place for.
    pub fn unplaced(&self) -> &[Unplaced] {
        match self {
            Self::Report(report) => &report.unplaced,
            Self::Plan(plan) => &plan.unplaced,
        }
    }

    /// The document without what its edition does not show.
    pub fn as_shown(&self) -> Self {
        match self {
            Self::Report(report) => Self::Report(Box::new(report.as_shown())),
            Self::Plan(plan) => Self::Plan(plan.clone()),
        }
    }

    /// Every text that a writer entered, with its place, in the order of the contract. Choices,
    /// numbers and dates are not among them.
    pub fn texts(&self) -> Vec<(FieldPath, String)> {
        match self {
            Self::Report(report) => report.texts(),
            Self::Plan(plan) => texts(plan, fields::of(DocumentKind::WorkPlan)),
        }
    }
}

impl From<Report> for Document {
    fn from(report: Report) -> Self {
        Self::Report(Box::new(report))
    }
}

impl From<WorkPlan> for Document {
    fn from(plan: WorkPlan) -> Self {
        Self::Plan(Box::new(plan))
    }
}
