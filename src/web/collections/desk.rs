//! A unit's part in a collection, as it lies before whoever writes or submits: the draft, begun when somebody first
//! writes; whether it may be written at now; saved within what a return left open.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::accounts::{Right, Visitor, may_in};
use crate::audit::Doer;
use crate::collections::drafts::{
    ConflictChoice, DraftChange, DraftError, DraftOrigin, DraftPlace, DraftState, DraftTag, Drafts, MAX_NAME,
    ShownOrigin, beginning_of,
};
use crate::collections::{
    AttachedFile, Attachments, Collection, CollectionRefusal, CollectionState, KnownUnit, MoveWish, Occasion,
    Submission, SubmissionMove, SubmissionPlace, SubmissionState,
};
use crate::diagnostic::{Diagnostic, Warned};
use crate::difference::differences;
use crate::import::carry;
use crate::input::{self, Format};
use crate::report::{Choice, Date, FieldPath, IssuerRank, Report, Year, contract};
use crate::roster::{UnitCode, foreign_code, own_likeness, strangeness};
use crate::web::admission::Access;
use crate::web::answer::{Refusal, Said};
use crate::web::times::day_of;
use crate::web::{Service, now};
use nianbao_office::Office;

/// Which unit of which collection.
#[derive(Deserialize)]
pub(in crate::web) struct UnitPath {
    pub collection: String,
    pub unit: String,
}

/// What somebody has written on from: a revision of the draft, or 0 and by what it is known again, what he was shown
/// before the draft was begun.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftBase {
    pub revision: i64,
    pub beginning: Option<String>,
}

impl DraftBase {
    pub(super) fn of(state: &DraftState) -> Self {
        let beginning = (state.revision == 0).then(|| beginning_of(&state.tree));
        Self { revision: state.revision, beginning }
    }
}

/// What a draft begins with.
enum OwnOrigin {
    Submitted(Value),
    LastYear(Box<Report>, Year),
    /// What the collection says of the report before anybody has written.
    Known(Value),
}

impl OwnOrigin {
    fn origin(&self) -> DraftOrigin<'_> {
        match self {
            Self::Submitted(tree) => DraftOrigin::Import(tree),
            Self::LastYear(report, year) => DraftOrigin::LastYear { report, year: *year },
            Self::Known(tree) => DraftOrigin::Known(tree),
        }
    }
}

/// A unit's part in a collection, and who is at it.
pub(super) struct UnitDesk<'a> {
    pub office: &'a Office,
    pub visitor: &'a Visitor,
    /// For a change by whoever has read a certain draft.
    drafts: Drafts,
    pub collection: Collection,
    pub submission: Submission,
    doer: Doer,
    /// The writer's name, as drafts have it.
    pub by: String,
    /// Whether whoever is at it may open again what is closed: nobody else needs to be asked.
    is_bureau: bool,
    at: i64,
    today: Date,
}

impl<'a> UnitDesk<'a> {
    pub(super) async fn open(
        service: &'a Service,
        path: &UnitPath,
        visitor: &'a Visitor,
        access: Access,
    ) -> Result<Self, Refusal> {
        let office = service.office()?;
        let place = SubmissionPlace { collection: &path.collection, unit: &path.unit };
        let submission = office.collections.submission(&place).await?;
        let collection = office.collections.collection(&path.collection).await?;
        let mut doer = visitor.doer(access.from);
        // Whoever is not of the unit does it in its stead.
        doer.on_behalf = (!visitor.role.is_of_units()).then(|| submission.name.clone());
        let by: String = visitor.name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        let at = now();
        // A clock that is beside the century tells no day.
        let today = day_of(at).ok_or_else(Refusal::broken)?;
        let drafts = office.drafts.clone();
        let is_bureau = may_in(visitor, Right::Extend, &path.collection, Some(&path.unit));
        Ok(Self { office, visitor, drafts, collection, submission, doer, by, is_bureau, at, today })
    }

    pub(super) fn place(&self) -> SubmissionPlace<'_> {
        SubmissionPlace { collection: &self.submission.collection, unit: &self.submission.unit }
    }

    pub(super) fn draft_place(&self) -> DraftPlace<'_> {
        DraftPlace { collection: &self.submission.collection, unit: &self.submission.unit }
    }

    pub(super) fn occasion(&self) -> Occasion<'_> {
        Occasion { doer: &self.doer, at: self.at, today: self.today }
    }

    pub(super) fn at(&self) -> i64 {
        self.at
    }

    pub(super) fn doer(&self) -> &Doer {
        &self.doer
    }

    /// Where the unit's page of the collection is.
    pub(super) fn address(&self) -> String {
        format!("/collections/{}/units/{}", self.submission.collection, self.submission.unit)
    }

    /// Why the draft cannot be written at now, for people.
    pub(super) fn lock(&self) -> Option<&'static str> {
        match self.submission.state {
            SubmissionState::NotStarted | SubmissionState::Writing | SubmissionState::Returned => {
                let late = match self.is_bureau {
                    true => "征集已经截止，不能修改；确实要改的，请先延期",
                    false => "征集已经截止，不能修改；确实要改的，请联系征集单位延期",
                };
                (!self.is_in_time()).then_some(late)
            }
            SubmissionState::AwaitingSignOff => Some(match self.is_in_time() {
                true => "等待审签，不能修改；可以撤回",
                false => "等待审签，不能修改",
            }),
            SubmissionState::AwaitingReview => Some(match self.is_in_time() {
                true => "等待审核，不能修改；可以撤回",
                false => "等待审核，不能修改",
            }),
            SubmissionState::InReview => Some(match self.is_bureau {
                true => "正在审核，不能修改；要改的，请退回",
                false => "正在审核，不能修改；要改的，请联系征集单位退回",
            }),
            SubmissionState::Accepted | SubmissionState::Published => Some(match self.is_bureau {
                true => "已经通过，不能修改；发现有错的，请重新打开",
                false => "已经通过，不能修改；发现有错的，请联系征集单位重新打开",
            }),
            SubmissionState::Nil => Some("这个单位无需报送，不用填写"),
        }
    }

    fn is_in_time(&self) -> bool {
        let is_extended = self.submission.extended_to.is_some_and(|until| until >= self.today);
        let closes_later = self.collection.plan.closes_at.is_none_or(|end| end > self.at);
        is_extended || (self.collection.state == CollectionState::Open && closes_later)
    }

    /// The parts that a return left open; none where all are.
    pub(super) fn open_parts(&self) -> &[String] {
        match self.submission.state {
            SubmissionState::Returned => &self.submission.parts,
            _ => &[],
        }
    }

    /// The draft as it is now. Before anybody has written it is what it would begin with today, as revision 0, and
    /// looking at it begins nothing: what is given along until then is in it. Where nothing may be written, and
    /// nothing was, what was submitted stands for it.
    pub(super) async fn draft(&self) -> Result<DraftState, Refusal> {
        match self.office.drafts.current(self.draft_place()).await {
            Err(DraftError::Unknown) => {}
            found => return Ok(found?),
        }
        let tree = match self.lock() {
            Some(_) => self.submitted().await?.unwrap_or_default(),
            None => self.origin().await?.origin().tree()?,
        };
        Ok(DraftState { revision: 0, tree, conflicts: vec![] })
    }

    /// What the draft begins with: what was submitted without it, last year's report, or what is known.
    async fn origin(&self) -> Result<OwnOrigin, Refusal> {
        if let Some(tree) = self.submitted().await? {
            return Ok(OwnOrigin::Submitted(tree));
        }
        let last = self.attachments().await?.last_report;
        let last = last.and_then(|file| input::read::<Report>(file.document.as_bytes(), Format::Json).ok());
        let Some(Warned { value, .. }) = last else { return Ok(OwnOrigin::Known(self.known().await?)) };
        let mut last = Report { edition: self.collection.plan.edition, ..value };
        self.name_as_own(&mut last).await?;
        Ok(OwnOrigin::LastYear(Box::new(last), self.collection.plan.year))
    }

    /// The newest version.
    async fn submitted(&self) -> Result<Option<Value>, Refusal> {
        match self.submission.last_version {
            0 => Ok(None),
            last => {
                let input = self.office.collections.input(&self.place(), last).await?;
                Ok(serde_json::from_str(&input).ok())
            }
        }
    }

    /// What somebody wrote on from.
    pub(super) async fn tree_at(&self, base: &DraftBase) -> Result<Value, Refusal> {
        match self.office.drafts.revision(self.draft_place(), base.revision.max(1)).await {
            Err(DraftError::Unknown) => Ok(self.draft().await?.tree),
            found => Ok(found?),
        }
    }

    /// What collection and roster say of the report before anybody has written.
    async fn known(&self) -> Result<Value, Refusal> {
        let plan = &self.collection.plan;
        let known = self.office.collections.unit(&self.submission.unit).await?;
        let IssuerRank { kind, level } = known.unit.rank();
        let mut issuer = json!({ "name": self.submission.name });
        let told = [("kind", kind.map(Choice::word)), ("level", level.map(Choice::word))];
        for (key, word) in told {
            if let Some(word) = word {
                issuer[key] = word.into();
            }
        }
        Ok(json!({
            "year": plan.year.number().to_string(),
            "issuer": issuer,
            "edition": plan.edition.word(),
            "template": plan.template,
        }))
    }

    pub(super) async fn attachments(&self) -> Result<Attachments, Refusal> {
        let (collection, unit) = (&self.submission.collection, &self.submission.unit);
        self.office.collections.attachments(collection, unit).await.map_err(Refusal::from)
    }

    /// What the report is held against: last year's, and the plan of the year, or where none was given along what
    /// last year's report planned.
    pub(super) async fn held_against(&self) -> Result<Attachments, Refusal> {
        let Attachments { last_report, plan } = self.attachments().await?;
        let plan = plan.or_else(|| planned(last_report.as_ref()?, self.collection.plan.year));
        Ok(Attachments { last_report, plan })
    }

    /// From now on a change is made only of the draft that was read.
    pub(super) fn demand_read(&mut self, read: DraftTag) {
        self.drafts = self.drafts.as_read(read);
    }

    /// The draft, to be written at only while the submission stands as it was read.
    fn writing(&self) -> Drafts {
        self.drafts.at_stage(self.submission.state, self.submission.last_version)
    }

    /// Saves what somebody wrote. `key` tells this save from others.
    pub(super) async fn save(
        &mut self,
        base: &DraftBase,
        tree: &Value,
        key: &str,
    ) -> Result<DraftState, Refusal> {
        self.demand_open()?;
        self.demand_parts(base, tree).await?;
        let change = DraftChange { key, base: base.revision, tree, by: &self.by };
        let saved = match base.revision {
            0 => {
                let own = self.origin().await?;
                let (origin, shown) = (own.origin(), base.beginning.as_deref());
                let known = DraftOrigin::Known(&self.known().await?).tree()?;
                let beginning = ShownOrigin { origin: &origin, known: &known, shown };
                self.writing().save_first(self.draft_place(), beginning, change, self.at).await?
            }
            _ => self.writing().save(self.draft_place(), change, self.at).await?,
        };
        self.begin().await?;
        Ok(saved)
    }

    /// Has the submission be begun, where something was written.
    pub(super) async fn begin(&mut self) -> Result<(), Refusal> {
        if self.submission.state != SubmissionState::NotStarted {
            return Ok(());
        }
        let (place, wish, occasion) = (self.place(), MoveWish::default(), self.occasion());
        match self.office.collections.step(&place, SubmissionMove::Begin, &wish, &occasion).await {
            Ok(state) => self.submission.state = state,
            Err(CollectionRefusal::Database(error)) => return Err(error.into()),
            // Somebody has taken it further meanwhile; what was written is kept all the same.
            Err(_) => {}
        }
        Ok(())
    }

    /// The same where whoever sends it gave it no key.
    pub(super) async fn save_again(&mut self, base: &DraftBase, tree: &Value) -> Result<DraftState, Refusal> {
        let what = format!("{}\n{}\n{tree}", base.revision, self.by);
        self.save(base, tree, &hex::encode(Sha256::digest(what))).await
    }

    /// Settles a conflict.
    pub(super) async fn settle(&self, id: &str, choice: ConflictChoice) -> Result<DraftState, Refusal> {
        self.demand_open()?;
        let open = self.office.drafts.conflicts(self.draft_place()).await?;
        let found = open.iter().find(|conflict| conflict.id == id);
        if let Some(found) = found
            && !self.is_open(&found.conflict.path)
        {
            return Err(closed_part(&found.label));
        }
        Ok(self.writing().resolve(self.draft_place(), id, choice, &self.by, self.at).await?)
    }

    /// Brings an old revision back.
    pub(super) async fn restore(&self, revision: i64, base: i64) -> Result<DraftState, Refusal> {
        self.demand_open()?;
        if !self.open_parts().is_empty() {
            let old = self.office.drafts.revision(self.draft_place(), revision).await?;
            let base = DraftBase { revision: base, beginning: None };
            self.demand_parts(&base, &old).await?;
        }
        Ok(self.writing().restore(self.draft_place(), revision, base, &self.by, self.at).await?)
    }

    /// The names of the unit: the one that it has now, and those that it had.
    pub(super) async fn own_names(&self) -> Result<Vec<String>, Refusal> {
        let former = self.office.collections.former_names(&self.submission.unit).await?;
        let now = self.submission.now.iter().filter(|now| now.merged_into.is_none());
        let now = now.map(|now| now.name.clone());
        let names = former.into_iter().rev().map(|one| one.name);
        Ok([self.submission.name.clone()].into_iter().chain(now).chain(names).collect())
    }

    /// Has a report that was given along under another name bear the unit's own.
    async fn name_as_own(&self, report: &mut Report) -> Result<(), Refusal> {
        let own = self.own_names().await?;
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        if own_likeness(&report.issuer.name, &own).is_none()
            && let Ok(name) = self.submission.name.parse()
        {
            report.issuer.name = name;
            report.issuer.short_name = None;
        }
        Ok(())
    }

    /// What is to be said of a report that is another unit's by the code or by the name in it.
    pub(super) async fn strangeness(&self, tree: &Value) -> Result<Option<Diagnostic>, Refusal> {
        let issuer = &tree["issuer"];
        let (name, code) = (issuer["name"].as_str(), issuer["code"].as_str());
        if name.is_none() && code.is_none() {
            return Ok(None);
        }
        let units = self.office.collections.units().await?;
        let is_other = |one: &&KnownUnit| {
            let merged = one.merged_into.as_ref().map(UnitCode::as_str);
            one.unit.code.as_str() != self.submission.unit && merged != Some(&self.submission.unit)
        };
        let others: Vec<(&str, &str)> = units
            .iter()
            .filter(is_other)
            .map(|one| (one.unit.code.as_str(), one.unit.name.as_str()))
            .collect();
        let own = (self.submission.unit.as_str(), self.submission.name.as_str());
        if let Some(found) = foreign_code(code.unwrap_or_default(), own, &others) {
            return Ok(Some(found));
        }
        let own = self.own_names().await?;
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let others: Vec<&str> = others.into_iter().map(|(_, name)| name).collect();
        Ok(name.and_then(|name| strangeness(name, &own, &others)))
    }

    /// Refuses to submit while nobody has chosen between two texts for one field.
    pub(super) async fn demand_settled(&self) -> Result<(), Refusal> {
        let open = self.office.drafts.conflicts(self.draft_place()).await?;
        match open.is_empty() {
            true => Ok(()),
            false => {
                Err(CollectionRefusal::Unsettled(open.into_iter().map(|one| one.label).collect()).into())
            }
        }
    }

    fn demand_open(&self) -> Result<(), Refusal> {
        match self.lock() {
            Some(why) => Err(Refusal::other(StatusCode::CONFLICT, why, "这一次写的没有保存")),
            None => Ok(()),
        }
    }

    /// Refuses what changes other parts than a return left open.
    async fn demand_parts(&self, base: &DraftBase, tree: &Value) -> Result<(), Refusal> {
        if self.open_parts().is_empty() {
            return Ok(());
        }
        let before = self.tree_at(base).await?;
        self.demand_parts_since(&before, tree)
    }

    pub(super) fn demand_parts_since(&self, before: &Value, tree: &Value) -> Result<(), Refusal> {
        if self.open_parts().is_empty() {
            return Ok(());
        }
        match differences(before, tree).iter().find(|one| !self.is_open(&one.path)) {
            Some(one) => Err(closed_part(&one.label)),
            None => Ok(()),
        }
    }

    fn is_open(&self, path: &FieldPath) -> bool {
        let parts = self.open_parts();
        parts.is_empty() || parts.iter().any(|part| FieldPath::from(part.as_str()).holds(path))
    }

    /// The open parts in words.
    pub(super) fn open_parts_in_words(&self) -> Vec<(String, String)> {
        let named = |part: &String| (part.clone(), contract::label(&FieldPath::from(part.as_str())));
        self.open_parts().iter().map(named).collect()
    }
}

/// What the report of the year before planned for this year, as a plan of work.
fn planned(last: &AttachedFile, year: Year) -> Option<AttachedFile> {
    let report = input::read::<Report>(last.document.as_bytes(), Format::Json).ok()?.value;
    let is_before = report.year.number() + 1 == year.number() && !report.plans.is_empty();
    let document = is_before.then(|| carry(&report, year).plan().to_string())?;
    Some(AttachedFile { document, from: last.from.clone() })
}

fn closed_part(label: &str) -> Refusal {
    let message = format!("退回时没有开放“{label}”，不能修改它");
    let hint = "请把它改回原样，只修改退回时写明的部分；确实要改的，请联系征集单位";
    Refusal::Other(StatusCode::CONFLICT, Said { message: message.into(), hint })
}

impl From<DraftError> for Refusal {
    fn from(failure: DraftError) -> Self {
        let failure = match failure {
            DraftError::Database(error) => return error.into(),
            DraftError::ReadEarlier => return Self::changed_meanwhile(),
            failure => failure,
        };
        let status = match &failure {
            DraftError::Broken { .. } => {
                tracing::error!(%failure, "a draft is damaged");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            DraftError::Unknown | DraftError::UnknownConflict => StatusCode::NOT_FOUND,
            DraftError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            DraftError::UnknownRevision { .. }
            | DraftError::UsedKey
            | DraftError::Settled { .. }
            | DraftError::Elsewhere => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::Other(status, Said { message: failure.to_string().into(), hint: "" })
    }
}
