use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::{self, Pattern};

code! {
    /// 报告夹带请示
    ///
    /// 《党政机关公文处理工作条例》第十五条规定，不得在报告等非请示性公文中夹带请示事项。上级对报告不作答复，夹在里面的请求也就落空。
    ///
    /// 错误：以上方案妥否，请批示。恳请市政府在编制上给予支持。
    ///
    /// 正确：报告里只陈述情况；要请求的事另用“请示”行文。
    ///
    /// 写在“一是”“（二）”“第三，”“1.”后面的请求同样算。群众、企业、代表的请求和建议，对本级部门的建议，请专家来讲课、指导，“申请批准”“提请审议”一类对工作的叙述不算；“请审阅”不算。
    ///
    /// 看不出：不用“请”“望”“建议”一类的词、意思却是伸手要的；请求写在附件表格里的。
    pub(super) CONTAINS_REQUEST = "contains-request", Error
}

/// The number of a point, which may stand before what it says: 一是, 第二，, （三）, 4., ⑤, 首先.
const ORDINAL: &str = concat!(
    "(?:(?:第|其)?[一二三四五六七八九十]{1,3}(?:是|要|[，,、：])?|[0-9]{1,2}[.．、）)]",
    "|[（(](?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[）)]|[①-⑳⑴-⒇⒈-⒛㈠-㈩]|首先|其次|再次|最后|此外|同时)"
);

/// Found in a sentence, and at least as often in a whole text, where sentences begin and end in the middle
/// of a line.
pub(super) static REQUEST: LazyLock<Pattern> = LazyLock::new(|| {
    let lines = lists::lines(include_str!("data/requests.txt"));
    let (of_clauses, others): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("CLAUSE"));
    let alternatives = |lines: Vec<&str>| {
        let lines = lines.iter().map(|line| format!("(?:{})", line.trim_start_matches("CLAUSE")));
        lines.collect::<Vec<_>>().join("|")
    };
    // What may stand before a clause is in the pattern once, and not once for each.
    let patterns = format!("{}|CLAUSE(?:{})", alternatives(others), alternatives(of_clauses));
    let patterns = patterns.replace("CLAUSE", &format!(r"(?:^|[。！？；，,：“])\s*(?:{ORDINAL}\s*)?"));
    Pattern::new(&patterns.replace("END", r"(?:$|[。！？])"))
});

/// Whose asking a report tells of. The asker stands in the clause before; whom a request is to help may be
/// named in it.
const OTHERS: [&str; 20] = [
    "群众",
    "企业",
    "当事人",
    "申请人",
    "原告",
    "村民",
    "居民",
    "职工",
    "商户",
    "业主",
    "代表",
    "委员",
    "提案",
    "来信",
    "来访",
    "投诉",
    "诉讼",
    "经营者",
    "律师",
    "专家",
];

/// With what a report tells of another's asking.
const TOLD: [&str; 7] = ["提出", "反映", "认为", "呼吁", "表示", "来信", "提交"];

/// Whether somebody else asks, and not the unit that reports; no unit asks a court.
fn is_of_others(before: &str, request: &str) -> bool {
    let clause = |text: &str| {
        let clause = text.rsplit(['，', '；', ',', '：']).next().unwrap_or_default();
        // 发展改革委员会 is no 委员.
        clause.replace("委员会", "")
    };
    let says = |clause: &str, words: &[&str]| words.iter().any(|word| clause.contains(word));
    let before_it = clause(before);
    // 为服务企业，恳请市政府支持 asks for itself; 代表提出，建议市政府支持 tells of others.
    let is_told = !request.starts_with(['，', '；', ',', '：']) || says(&before_it, &TOLD);
    // Of a list who asks stands before its points: 代表建议：一是请市政府支持；二是请…….
    let list = if request.starts_with('：') {
        Some(before)
    } else {
        before.rsplit_once('：').map(|(lead, _)| lead)
    };
    let leads = list.filter(|_| has_ordinal(request)).map(clause);
    is_told && says(&before_it, &OTHERS)
        || leads.is_some_and(|lead| says(&lead, &OTHERS) && (says(&lead, &TOLD) || lead.contains("建议")))
        || ["法院", "仲裁"].iter().any(|court| request.contains(court))
}

/// Whether somebody below is asked: what a government says its own offices should do is no request.
fn is_to_own(request: &str, own: Option<char>) -> bool {
    let asked = request.trim_start_matches(|c: char| "恳请建议希望盼".contains(c));
    // A government reports to the party committee of its place.
    let asked = own.and_then(|own| asked.strip_prefix(own));
    asked.is_some_and(|asked| !asked.starts_with('委'))
}

/// Whether persons are asked to come, and nothing is asked for: 一是请市局专家指导.
fn is_of_persons(request: &str) -> bool {
    static COMING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "^请[^派选，；]*(?:专家|骨干|教授|老师|讲师|律师|法官|检察官)(?:来|到|赴|进|现场|帮助|协助|指导|参与|论证|授课)",
        )
        .expect("a constant pattern")
    });
    COMING.is_match(said(request))
}

static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"^[\s。！？；，,：“、]*({ORDINAL}\s*)?")).expect("a constant pattern")
});

/// What a request says, without the marks and the number before it.
fn said(request: &str) -> &str {
    &request[OPENING.find(request).map_or(0, |opening| opening.end())..]
}

fn has_ordinal(request: &str) -> bool {
    OPENING.captures(request).is_some_and(|opening| opening.get(1).is_some())
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // 云州市临江区人民政府 has 区 for its own.
    let name = reading.report.issuer.name.strip_suffix("人民政府");
    let own = name.and_then(|place| place.chars().next_back());
    if !reading.rare_passages(&REQUEST).any(|passage| REQUEST.is_match(&passage.text)) {
        return found;
    }
    // What begins a sentence is found in the sentence alone.
    for passage in reading.prose() {
        for sentence in passage.sentences() {
            let text = &passage.text[sentence.clone()];
            let request = REQUEST
                .find_iter(text)
                .filter(|request| !is_to_own(said(request.as_str()), own) && !is_of_persons(request.as_str()))
                .find(|request| !is_of_others(&text[..request.start()], request.as_str()));
            if let Some(request) = request {
                let words = said(request.as_str());
                let end = sentence.start + request.end();
                let message = format!("“{}”里有请示的话“{words}”", passage.label());
                let hint = "报告不得夹带请示事项：请删除，另用“请示”行文";
                found.push(passage.at(&CONTAINS_REQUEST, end - words.len()..end, message, hint));
            }
        }
    }
    found
}
