//! All workers of a service, by what they are there for. Each kind has a line of its own, so that whoever
//! sends what takes long keeps only those of their own kind.

use std::num::NonZeroUsize;
use std::time::Duration;

use axum::body::Bytes;

use super::{Answer, Crew, Limits, Pool, Question, Rejection};
use crate::diagnostic::{Class, Diagnostic, class_of};

/// Up to how large a body is small, in bytes: ten times an ordinary report.
const SMALL: usize = 256 << 10;

/// What a worker may take that checks, or reads foreign documents; one that makes a file has the operator's.
const CHECKING: Limits = Limits { deadline: Duration::from_secs(30), memory: 1 << 30 };
const READING: Limits = Limits { deadline: Duration::from_secs(20), memory: 1 << 30 };

/// What somebody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// Makes files: reports, sheets, the units of batches.
    Presses,
    /// Checks what is small, and does not wait behind what is not.
    Checks,
    LargeChecks,
    /// Sets a report that is being written, and remembers it.
    Previews,
    /// Reads foreign documents.
    Readers,
}

impl Post {
    pub const ALL: [Self; 5] =
        [Self::Presses, Self::Checks, Self::LargeChecks, Self::Previews, Self::Readers];

    /// As whoever watches the service knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Presses => "presses",
            Self::Checks => "checks",
            Self::LargeChecks => "large_checks",
            Self::Previews => "previews",
            Self::Readers => "readers",
        }
    }
}

/// The workers of a service. They are started when they are first needed.
#[derive(Clone)]
pub struct Staff {
    presses: Pool,
    checks: Pool,
    large_checks: Pool,
    previews: Pool,
    readers: Pool,
}

impl Staff {
    /// As many `presses` as reports are made at a time; `waiting` may stand in each line.
    pub fn start(presses: Crew, readers: Crew, workers: NonZeroUsize, waiting: usize) -> Self {
        let two = NonZeroUsize::MIN.saturating_add(1);
        let checking = presses.with(CHECKING);
        Self {
            checks: Pool::start(checking.clone(), two, waiting),
            large_checks: Pool::start(checking.clone(), NonZeroUsize::MIN, waiting),
            previews: Pool::start(checking, workers.max(two), waiting),
            readers: Pool::start(readers.with(READING), two, waiting),
            presses: Pool::start(presses, workers, waiting),
        }
    }

    /// Those that make files.
    pub fn presses(&self) -> &Pool {
        &self.presses
    }

    /// Those at this post.
    pub fn at(&self, post: Post) -> &Pool {
        match post {
            Post::Presses => &self.presses,
            Post::Checks => &self.checks,
            Post::LargeChecks => &self.large_checks,
            Post::Previews => &self.previews,
            Post::Readers => &self.readers,
        }
    }

    /// Has a question answered by whoever is there for it. Questions `about` the same go to the same worker.
    pub async fn ask(
        &self,
        question: Question,
        body: Bytes,
        about: Option<u64>,
    ) -> Result<Result<Answer, Vec<Diagnostic>>, Rejection> {
        let name = question.name();
        let answer = self.at(question.post(body.len())).ask(question, body, about).await?;
        if let Err(found) = &answer
            && matches!(class_of(found), Class::Broken | Class::Late | Class::Program)
        {
            tracing::warn!(question = name, class = ?class_of(found), "a worker did not come to an answer");
        }
        Ok(answer)
    }

    /// How many workers were lost so far.
    pub fn lost(&self) -> usize {
        Post::ALL.into_iter().map(|post| self.at(post).crew().lost()).sum()
    }
}

impl Question {
    fn post(&self, length: usize) -> Post {
        match self {
            Self::Check { .. }
            | Self::Review { .. }
            | Self::Cover { .. }
            | Self::Look { .. }
            | Self::Read { .. }
            | Self::Stated { .. }
            | Self::Compare { .. }
            | Self::DigestOffer { .. }
            | Self::Carry { .. } => {
                if length <= SMALL {
                    Post::Checks
                } else {
                    Post::LargeChecks
                }
            }
            Self::Sheet { .. } | Self::Letters | Self::Digest { .. } => Post::Presses,
            Self::Preview { .. } | Self::Pages { .. } | Self::PagePicture { .. } => Post::Previews,
            Self::Identify { .. }
            | Self::Import { .. }
            | Self::Conform { .. }
            | Self::Roster { .. }
            | Self::OwnRow { .. }
            | Self::Settings
            | Self::Indicators
            | Self::Compile(_)
            | Self::IndicatorBook
            | Self::Unpack { .. }
            | Self::UnpackFiles { .. }
            | Self::Gather { .. } => Post::Readers,
            Self::Under { question, .. } => question.post(length),
        }
    }

    /// As whoever watches the service knows it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Check { .. } => "check",
            Self::Review { .. } => "review",
            Self::Sheet { .. } => "sheet",
            Self::Letters => "letters",
            Self::Preview { .. } => "preview",
            Self::Pages { .. } => "pages",
            Self::PagePicture { .. } => "page picture",
            Self::Cover { .. } => "cover",
            Self::Look { .. } => "look",
            Self::Read { .. } => "read",
            Self::Stated { .. } => "stated",
            Self::Compare { .. } => "compare",
            Self::DigestOffer { .. } => "digest offer",
            Self::Digest { .. } => "digest",
            Self::Carry { .. } => "carry",
            Self::Identify { .. } => "identify",
            Self::Import { .. } => "import",
            Self::Conform { .. } => "conform",
            Self::Roster { .. } => "roster",
            Self::OwnRow { .. } => "own row",
            Self::Settings => "settings",
            Self::Indicators => "indicators",
            Self::Under { question, .. } => question.name(),
            Self::Compile(_) => "compile",
            Self::IndicatorBook => "indicator book",
            Self::Unpack { .. } | Self::UnpackFiles { .. } => "unpack",
            Self::Gather { .. } => "gather",
        }
    }
}
