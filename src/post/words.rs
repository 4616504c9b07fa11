//! What mails say. Names and reasons are text: of one line where a line is meant, without what nobody sees.

use nianbao_office::collections::{Collection, CollectionEvent, Straggler};

use crate::language::invisible::is_invisible;
use crate::report::{Choice, Date};

/// What stands below each mail.
const FOOT: &str = "本邮件由系统自动发出，请勿直接回复。";

/// How many characters of a name or title stand in a subject.
const LONGEST: usize = 120;

/// A mail: what it is about, and its text.
pub(super) struct MailText {
    pub subject: String,
    pub body: String,
}

/// A text as one line, of what can be seen.
pub(super) fn line_of(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !is_invisible(*c)).take(LONGEST).collect()
}

/// A text of several lines, of what can be seen.
fn lines_of(text: &str) -> String {
    let seen = |line: &str| line.chars().filter(|c| !is_invisible(*c)).collect::<String>();
    text.lines().map(seen).collect::<Vec<_>>().join("\n")
}

fn in_words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Where a unit finds its part.
fn place(address: &str, collection: &str, unit: &str) -> String {
    format!("{address}/collections/{collection}/units/{unit}")
}

fn ways_in(address: &str, collection: &str, unit: &str) -> String {
    format!("请用通知里的链接和验证码进入；有账号的，可以直接打开：\n{}", place(address, collection, unit))
}

/// A reminder.
pub(super) fn reminder(collection: &Collection, to: &Straggler, address: &str) -> MailText {
    let title = line_of(&collection.plan.title);
    let (short, long) = match to.days_left {
        0 => ("今天到期".to_owned(), "今天到期".to_owned()),
        left if left > 0 => (format!("还有 {left} 天到期"), format!("还有 {left} 天")),
        left => (format!("已逾期 {} 天", -left), format!("已经过去 {} 天", -left)),
    };
    let body = format!(
        "{}：\n\n“{title}”的报送期限是{}，{long}。贵单位的报送现在是“{}”，请尽快办理；确有困难的，请与征集单位联系延期。\n\n{}\n\n已经报送的，请不必理会。\n\n{FOOT}\n",
        line_of(&to.name),
        in_words(to.due_on),
        to.state.label(),
        ways_in(address, &collection.id, &to.unit),
    );
    MailText { subject: format!("【催报】{title}：{short}"), body }
}

/// A notice that a version was returned.
pub(super) fn returned(
    collection: &Collection,
    event: &CollectionEvent,
    (unit, name): (&str, &str),
    address: &str,
) -> MailText {
    let title = line_of(&collection.plan.title);
    let which = event.version.map_or(String::new(), |version| format!("第 {version} 稿"));
    let why = match event.reason.trim() {
        "" => "原因见审核批注。".to_owned(),
        reason => format!("原因：\n{}", lines_of(reason)),
    };
    let body = format!(
        "{}：\n\n贵单位报送的“{title}”{which}已退回，请修改后重新报送。{why}\n\n{}\n\n{FOOT}\n",
        line_of(name),
        ways_in(address, &collection.id, unit),
    );
    MailText { subject: format!("【退回】{title}：请修改后重新报送"), body }
}

/// A notice that a version was accepted.
pub(super) fn accepted(
    collection: &Collection,
    event: &CollectionEvent,
    (unit, name): (&str, &str),
    address: &str,
) -> MailText {
    let title = line_of(&collection.plan.title);
    let which = event.version.map_or(String::new(), |version| format!("第 {version} 稿"));
    let note = match event.reason.trim() {
        "" => String::new(),
        reason => format!("审核意见：\n{}\n\n", lines_of(reason)),
    };
    let body = format!(
        "{}：\n\n贵单位报送的“{title}”{which}已审核通过。感谢支持配合。\n\n{note}报送的文件可以在这里查看和下载：\n{}\n\n{FOOT}\n",
        line_of(name),
        place(address, &collection.id, unit),
    );
    MailText { subject: format!("【通过】{title}"), body }
}

/// What is in a mail with a unit's link and code.
pub(super) struct EntranceWords<'a> {
    pub collection: &'a Collection,
    pub name: &'a str,
    pub due_on: Date,
    pub link: &'a str,
    pub code: &'a str,
    pub until: &'a str,
}

pub(super) fn entrance_subject(collection: &Collection) -> String {
    format!("【通知】{}：报送的链接和验证码", line_of(&collection.plan.title))
}

/// The text of a mail with a unit's link and code.
pub(super) fn entrance(words: &EntranceWords<'_>) -> String {
    let plan = &words.collection.plan;
    let instructions = match plan.instructions.trim() {
        "" => String::new(),
        written => format!("填报要求：\n{}\n\n", lines_of(written)),
    };
    let sign_off = if plan.needs_sign_off { "，并经本单位负责人审签" } else { "" };
    format!(
        "{}：\n\n现请贵单位报送“{}”。请于{}前完成填报{sign_off}。\n\n打开下面的链接，输入验证码和您的姓名，即可填写、报送：\n\n链接：{}\n验证码：{}\n有效期至：{}\n\n同一单位可以几个人共用这个链接。链接和验证码只供本单位使用，请妥善保管，不要转给别的单位；重新发放以后，以最近一次收到的为准。\n\n{instructions}{FOOT}\n",
        line_of(words.name),
        line_of(&plan.title),
        in_words(words.due_on),
        words.link,
        words.code,
        words.until,
    )
}
