//! Fields for which one of a few words is chosen. Each choice is declared once, with the word of the
//! contract and the words that people read; form, schema, command line and messages all ask here.

use std::fmt;
use std::str::FromStr;

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field's choice: its words are the contract's, its labels are for people.
pub trait Choice: Copy + Sized + 'static {
    const ALL: &'static [Self];

    /// As the contract writes it: `public`.
    fn word(self) -> &'static str;

    /// As people read it: 公开版.
    fn label(self) -> &'static str;

    /// The choice of this word.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.word() == word)
    }
}

macro_rules! choice {
    (
        $(#[$outer:meta])*
        $name:ident, $title:tt {
            $($(#[$inner:meta])* $variant:ident = $word:tt $label:tt),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Deserr)]
        #[schemars(description = $title)]
        pub enum $name {
            $(
                #[doc = $label]
                $(#[$inner])*
                #[serde(rename = $word)]
                #[deserr(rename = $word)]
                $variant,
            )+
        }

        impl Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(word: &str) -> Result<Self, ()> {
                Self::of_word(word).ok_or(())
            }
        }
    };
}

choice! {
    /// Which of the contract's documents it is.
    #[derive(Default)]
    DocumentKind, "文种" {
        #[default]
        Report = "report" "年度报告",
        WorkPlan = "work-plan" "工作计划",
    }
}

choice! {
    /// Whether the report goes up to the superior (报送版) or out to the public (公开版).
    #[derive(Default)]
    Edition, "版本" {
        #[default]
        Public = "public" "公开版",
        Formal = "formal" "报送版",
    }
}

choice! {
    /// What kind of unit reports; the template's wording follows it.
    #[derive(Default)]
    IssuerKind, "单位性质" {
        #[default]
        Government = "government" "政府",
        Department = "department" "部门",
        Township = "township" "乡镇街道",
        PartyAndGovernment = "party-and-government" "党委和政府联合",
    }
}

choice! {
    /// The level of administration a unit stands on.
    #[derive(Default)]
    Level, "层级" {
        Province = "province" "省级",
        City = "city" "市级",
        #[default]
        County = "county" "县级",
        Township = "township" "乡级",
    }
}

choice! {
    /// A part of 《法治政府建设实施纲要（2021－2025年）》 under which a measure is sorted.
    Area, "所属领域：《法治政府建设实施纲要》的部分" {
        Functions = "functions" "政府机构职能体系",
        Institutions = "institutions" "依法行政制度体系",
        Decisions = "decisions" "行政决策制度体系",
        Enforcement = "enforcement" "行政执法工作体系",
        Emergencies = "emergencies" "突发事件应对体系",
        Disputes = "disputes" "社会矛盾纠纷行政预防调处化解体系",
        Oversight = "oversight" "行政权力制约和监督体系",
        Digital = "digital" "法治政府建设科技保障体系",
        Leadership = "leadership" "党的领导和推进机制",
    }
}

choice! {
    /// Whose duties a part of section 3 speaks of.
    #[derive(Default)]
    DutyHolder, "责任人" {
        Party = "party" "党委（党组）主要负责人",
        Government = "government" "政府（行政）主要负责人",
        #[default]
        Both = "both" "两者",
    }
}

choice! {
    /// Whether room is left for a seal over the signature.
    #[derive(Default)]
    Seal, "印章" {
        #[default]
        None = "none" "不加盖印章",
        Space = "space" "留出盖章的位置",
    }
}

choice! {
    /// Whether a level-2 heading has a line of its own.
    #[derive(Default)]
    HeadingLayout, "二级标题的排法" {
        #[default]
        OwnLine = "own-line" "独占一行",
        RunIn = "run-in" "与正文接排",
    }
}

choice! {
    /// Whether each point of a body has a paragraph of its own.
    #[derive(Default)]
    PointLayout, "要点的排法" {
        #[default]
        Apart = "apart" "每点一段",
        Together = "together" "各点接排成一段",
    }
}
