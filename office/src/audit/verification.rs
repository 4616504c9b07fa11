//! Whether the record is as it was written.

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use super::chain::{EntryText, NOTHING};

/// How many entries are in memory at a time, and how many faults are told.
const PAGE: i64 = 500;
const MOST_FAULTS: usize = 1000;

/// What a look at the whole record came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many entries were looked at.
    pub entries: u64,
    /// What is wrong, in the order of the entries; no more than the first 1000.
    pub faults: Vec<RecordFault>,
    /// How many more there are than are told.
    pub untold: u64,
}

/// What is wrong with an entry of the record, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    #[error("第{0}条被改动过：内容与校验值不符")]
    Change(i64),
    #[error("第{0}条不见了")]
    Gap(i64),
    #[error("第{0}条至第{1}条不见了")]
    Gaps(i64, i64),
    #[error("第{0}条接不上前一条：前一条被换过，或者本条是后来插入的")]
    Break(i64),
    #[error("第{0}条是多出来的：编号不在记录的范围里")]
    Surplus(i64),
    #[error("记录的末尾（第{0}条）与登记的校验值不符：最后几条被换过")]
    Head(i64),
    #[error("记录末尾的登记不见了，或者读不出来")]
    NoHead,
    #[error("第{0}条与当时打印留存的校验值不符：这一条或它以前的记录被整个重写过")]
    Print(i64),
    #[error("打印留存的是第{0}条，现在的记录没有这么多：末尾被截去了")]
    Cut(i64),
}

/// How far the going-through has come.
struct ChainWalk {
    /// The number and, where it is known, the hash that the next entry must follow.
    expected: i64,
    previous: Option<String>,
    result: Verification,
}

pub(super) async fn verify(
    pool: &AnyPool,
    printed: Option<(i64, &str)>,
) -> Result<Verification, sqlx::Error> {
    let result = Verification { entries: 0, faults: Vec::new(), untold: 0 };
    let mut walk = ChainWalk { expected: 1, previous: Some(NOTHING.to_owned()), result };
    // In one statement, so that they belong together whatever is noted meanwhile.
    let head = sqlx::query(
        "SELECT number, hash, (SELECT CAST(MAX(number) AS BIGINT) FROM nianbao_record)
         FROM nianbao_record_head WHERE id = 1",
    )
    .fetch_optional(pool)
    .await?;
    let head = head.and_then(|row| {
        let hash: String = row.try_get(1).ok()?;
        Some((row.try_get::<i64, _>(0).ok()?, hash, row.try_get::<Option<i64>, _>(2).ok()?))
    });
    let end = match &head {
        // What is beyond the head was not written by the program, and is told below.
        Some((number, _, last)) => last.unwrap_or_default().max(*number),
        None => i64::MAX,
    };
    if let Some((number, hash)) = printed
        && number == 0
        && hash != NOTHING
    {
        walk.tell(RecordFault::Print(0));
    }

    let mut after = None;
    loop {
        let page = page(pool, after, end).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.try_get::<i64, _>("number")?);
        for row in &page {
            let number: i64 = row.try_get("number")?;
            let beyond = head.as_ref().is_some_and(|(last, ..)| *last < number);
            if beyond || number < 1 {
                walk.result.entries += 1;
                walk.tell(RecordFault::Surplus(number));
                continue;
            }
            let hash = walk.step(number, row);
            if printed.is_some_and(|(of, printed)| of == number && Some(printed) != hash.as_deref()) {
                walk.tell(RecordFault::Print(number));
            }
        }
    }

    match head {
        None => walk.tell(RecordFault::NoHead),
        Some((number, hash, _)) => {
            walk.miss_until(number + 1);
            if walk.previous.is_some_and(|last| last != hash) {
                walk.previous = None;
                walk.result.tell(RecordFault::Head(number));
            }
        }
    }
    if let Some((number, _)) = printed
        && walk.expected <= number
    {
        walk.result.tell(RecordFault::Cut(number));
    }
    Ok(walk.result)
}

/// The next entries behind a number, up to another, in their order.
async fn page(pool: &AnyPool, after: Option<i64>, end: i64) -> Result<Vec<AnyRow>, sqlx::Error> {
    sqlx::query(
        "SELECT number, at, doer, account, on_behalf, origin, act, subject, detail, previous, hash
         FROM nianbao_record WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3",
    )
    .bind(after.unwrap_or(i64::MIN))
    .bind(end)
    .bind(PAGE)
    .fetch_all(pool)
    .await
}

impl ChainWalk {
    fn tell(&mut self, fault: RecordFault) {
        self.result.tell(fault);
    }

    /// Tells what is missing before a number.
    fn miss_until(&mut self, number: i64) {
        match number - self.expected {
            ..=0 => return,
            1 => self.tell(RecordFault::Gap(self.expected)),
            _ => self.tell(RecordFault::Gaps(self.expected, number - 1)),
        }
        self.expected = number;
        self.previous = None;
    }

    /// Looks at the next entry, and gives its hash as it stands there.
    fn step(&mut self, number: i64, row: &AnyRow) -> Option<String> {
        self.miss_until(number);
        self.result.entries += 1;
        self.expected = number + 1;
        // What cannot be read is not what the program wrote.
        let Some((previous, hash, reckoned)) = hashes(number, row) else {
            self.tell(RecordFault::Change(number));
            self.previous = None;
            return None;
        };
        if self.previous.as_ref().is_some_and(|before| *before != previous) {
            self.tell(RecordFault::Break(number));
        }
        if reckoned != hash {
            self.tell(RecordFault::Change(number));
        }
        self.previous = Some(hash.clone());
        Some(hash)
    }
}

impl Verification {
    /// Whether the record is as it was written.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn tell(&mut self, fault: RecordFault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.untold += 1;
        }
    }
}

/// The hash before an entry and its own, as they stand there; and its own as it should be.
fn hashes(number: i64, row: &AnyRow) -> Option<(String, String, String)> {
    let text = |column: &str| row.try_get::<String, _>(column).ok();
    let maybe = |column: &str| row.try_get::<Option<String>, _>(column).ok();
    let (previous, hash) = (text("previous")?, text("hash")?);
    let reckoned = EntryText {
        previous: &previous,
        number,
        at: row.try_get("at").ok()?,
        doer: &text("doer")?,
        account: maybe("account")?.as_deref(),
        on_behalf: maybe("on_behalf")?.as_deref(),
        origin: &text("origin")?,
        act: &text("act")?,
        subject: &text("subject")?,
        detail: &text("detail")?,
    }
    .hash();
    Some((previous, hash, reckoned))
}
