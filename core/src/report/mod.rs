//! The report as meaning: what a unit says about one year of 法治政府建设, field by field. The
//! field names are the input contract; each has one Chinese label, its `title`, which every
//! message, form and workbook uses.

mod annual_report;
mod choices;
mod content;
pub mod contract;
mod document;
pub mod fields;
mod issuer;
mod official;
pub mod path;
mod plan;
mod standing;
mod texts;
mod value;

pub use annual_report::{Exception, Layout, Report};
pub use choices::{
    Area, Choice, DocumentKind, DutyHolder, Edition, HeadingLayout, IssuerKind, Level, PointLayout, Seal,
};
pub use content::{Duty, Indicator, Measure, Paragraph, Plan, Problem, Unplaced};
pub use document::Document;
pub use issuer::Issuer;
pub use official::{Attachment, DocumentNumber, Header, Signature, Table};
pub use path::FieldPath;
pub use plan::{PlanSection, Task, WorkPlan};
pub use standing::IssuerRank;
pub use value::{Date, IndicatorValue, Line, Name, Ordinal, Text, Unfit, Year};

/// The name under which a PDF bears the report that it was made of.
pub const ATTACHED_REPORT: &str = "report.json";

/// Where in an OFD of ours it lies.
pub const ATTACHED_IN_OFD: &str = "Doc_0/Attachs/report.json";

/// The part by which an archive is an OFD (GB/T 33190-2016, clause 6).
pub const OFD_ENTRANCE: &str = "OFD.xml";
