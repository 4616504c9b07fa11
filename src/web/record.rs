//! The record (操作记录), for administrators: looked through, and taken along as a table. What is taken along is
//! noted itself.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use rust_xlsxwriter::{DocProperties, Format, Workbook, XlsxError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admission::Access;
use super::answer::Refusal;
use super::frame::{RefusalPage, page};
use super::reports::workbook_attachment;
use super::times::{beginning_of, to_the_second};
use super::{Service, now};
use crate::accounts::Visitor;
use crate::audit::{Act, Deed, MOST_ENTRIES, Record, RecordEntry, RecordFilter};
use crate::batch::{as_cell, visible};

/// Where the pages stand.
const PLACE: &str = "/record";

/// How many entries a page shows, and how many one may ask for.
const PAGE: usize = 100;

/// How many entries go into one workbook.
const MOST_ROWS: usize = 100_000;

const DAY: i64 = 86_400;

/// What is looked for; what is empty is not.
#[derive(Clone, Default, Deserialize, Serialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordWishes {
    /// 谁做的：姓名或其中几个字
    name: String,
    /// 谁做的：账号的编号
    account: String,
    /// 做了什么：操作的代码，如 login
    act: String,
    /// 对什么做的，如 collection/编号；连同它下面的
    of: String,
    /// 从哪一天起，如 2026-01-01（中国时间）
    from: String,
    /// 到哪一天止，含这一天
    to: String,
    /// 从哪一条往前列：上一页最后一条的编号
    #[param(value_type = Option<i64>)]
    before: String,
}

impl RecordWishes {
    fn filter(&self) -> Result<RecordFilter<'_>, Refusal> {
        let some = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
        let act = some(&self.act)
            .map(|code| Act::from_code(&code).ok_or_else(|| Refusal::bad_parameter("act", "一种操作的代码")));
        let day = |text| some(text).map(|day| beginning_of(&day).ok_or_else(Refusal::no_day)).transpose();
        Ok(RecordFilter {
            act: act.transpose()?,
            account: Some(&*self.account).filter(|id| !id.is_empty()),
            name: Some(&*self.name).filter(|name| !name.is_empty()),
            of: Some(&*self.of).filter(|of| !of.is_empty()),
            since: day(&self.from)?,
            until: day(&self.to)?.map(|day| day + DAY),
        })
    }

    fn before(&self) -> Result<Option<i64>, Refusal> {
        match &*self.before {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| Refusal::bad_parameter("before", "一个整数")),
        }
    }

    /// The same wishes as a query, from another entry on.
    fn query(&self, before: Option<i64>) -> String {
        let fields = [
            ("name", &self.name),
            ("account", &self.account),
            ("act", &self.act),
            ("of", &self.of),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

/// An entry as it is told.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "操作记录的一条")]
pub(super) struct EntryView {
    #[schemars(description = "编号，从 1 起，不间断")]
    number: i64,
    #[schemars(description = "时间，自 1970 年起的秒数")]
    at: i64,
    #[schemars(description = "谁做的")]
    doer: String,
    #[schemars(description = "他的账号的编号；由单位入口进入的没有")]
    account: Option<String>,
    #[schemars(description = "替谁做的")]
    on_behalf: Option<String>,
    #[schemars(description = "从哪个网络地址")]
    origin: String,
    #[schemars(description = "操作的代码")]
    act: String,
    #[schemars(description = "操作的名称")]
    words: String,
    #[schemars(description = "对什么做的")]
    of: String,
    #[schemars(description = "说明")]
    detail: String,
    #[schemars(description = "校验值：SHA-256，连着前一条的")]
    hash: String,
}

impl From<&RecordEntry> for EntryView {
    fn from(entry: &RecordEntry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            doer: entry.doer.name.clone(),
            account: entry.doer.account.clone(),
            on_behalf: entry.doer.on_behalf.clone(),
            origin: entry.doer.from.clone(),
            act: entry.act.clone(),
            words: entry.words().to_owned(),
            of: entry.of.clone(),
            detail: entry.detail.clone(),
            hash: entry.hash.clone(),
        }
    }
}

/// A page of the record.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "操作记录，新的在前")]
pub(super) struct EntryList {
    entries: Vec<EntryView>,
    #[schemars(description = "下一页的地址，没有更多时为空")]
    next: Option<String>,
}

/// The entries of a page, and from which on there are more.
async fn found(record: &Record, wishes: &RecordWishes) -> Result<(Vec<RecordEntry>, Option<i64>), Refusal> {
    // One more than is shown tells whether there are more.
    let mut entries = record.entries(&wishes.filter()?, wishes.before()?, PAGE + 1).await?;
    let has_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| has_more).map(|last| last.number);
    Ok((entries, next))
}

/// The record for people.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<RecordWishes>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let record = &service.office()?.record;
    let (status, notice, entries, next) = match found(record, &wishes).await {
        Ok((entries, next)) => (StatusCode::OK, None, entries, next),
        Err(refused) => {
            let (status, message, hint) = refused.words();
            (status, Some(json!({ "message": message, "hint": hint })), vec![], None)
        }
    };
    let head = record.head().await?;
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "number": entry.number, "at": to_the_second(entry.at), "doer": visible(&entry.doer.name),
                "on_behalf": entry.doer.on_behalf.as_deref().map(visible), "origin": entry.doer.from,
                "words": entry.words(), "of": entry.of, "detail": entry.detail,
            })
        })
        .collect();
    let acts: Vec<Value> = Act::ALL
        .iter()
        .map(|act| json!({ "code": act.code(), "words": act.words(), "is_chosen": act.code() == wishes.act }))
        .collect();
    let content = json!({
        "entries": entries,
        "next": next.map(|next| wishes.query(Some(next))),
        "query": wishes.query(None),
        "wishes": wishes,
        "acts": acts,
        "head": { "number": head.number, "hash": head.hash },
        "notice": notice,
    });
    Ok(page(status, "record.html", PLACE, content))
}

/// 操作记录
///
/// 谁在什么时候、从哪里、对什么做了什么；新的在前，每页 100 条。
#[utoipa::path(
    get, path = "/api/record", tag = "账号", params(RecordWishes),
    responses(
        (status = 200, description = "一页", body = ref("#/components/schemas/EntryList")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能查看", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn entries(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<RecordWishes>, QueryRejection>,
) -> Result<Json<EntryList>, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let (entries, next) = found(&service.office()?.record, &wishes).await?;
    Ok(Json(EntryList {
        entries: entries.iter().map(EntryView::from).collect(),
        next: next.map(|next| format!("/api/record?{}", wishes.query(Some(next)))),
    }))
}

/// The columns of a table, with their widths in a workbook.
const COLUMNS: [(&str, f64); 11] = [
    ("编号", 8.0),
    ("时间", 20.0),
    ("谁", 24.0),
    ("替谁", 16.0),
    ("账号", 28.0),
    ("来自", 18.0),
    ("操作", 16.0),
    ("操作代码", 18.0),
    ("对象", 36.0),
    ("说明", 48.0),
    ("校验值", 66.0),
];

/// The cells of an entry; what others wrote in them is text.
fn cells(entry: &RecordEntry) -> [String; 11] {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        entry.number.to_string(),
        to_the_second(entry.at),
        entry.doer.name.clone(),
        optional(&entry.doer.on_behalf),
        optional(&entry.doer.account),
        entry.doer.from.clone(),
        entry.words().to_owned(),
        entry.act.clone(),
        entry.of.clone(),
        entry.detail.clone(),
        entry.hash.clone(),
    ]
}

/// Notes that the record was taken along, and what of it.
async fn note_export(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    form: &str,
    wishes: &RecordWishes,
) -> Result<(), Refusal> {
    let doer = visitor.doer(access.from);
    let detail = match wishes.query(None) {
        all if all.is_empty() => format!("{form}，全部"),
        _ => {
            let wishes = [&wishes.name, &wishes.account, &wishes.act, &wishes.of, &wishes.from, &wishes.to];
            let said = wishes.into_iter().filter(|wish| !wish.is_empty()).map(String::as_str);
            format!("{form}，其中 {}", said.collect::<Vec<_>>().join("、"))
        }
    };
    let deed = Deed { doer: &doer, act: Act::Export, of: "record", detail: &detail };
    Ok(service.office()?.record.note(&deed, now()).await?)
}

/// All that is looked for, as a table of lines; sent as it is read.
pub(super) async fn as_csv(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    wishes: Result<Query<RecordWishes>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    wishes.filter()?;
    let before = wishes.before()?;
    note_export(&service, &visitor, access, "CSV", &wishes).await?;
    let record = service.office()?.record.clone();
    // Spreadsheets know by this mark that it is UTF-8.
    let heading = ["\u{feff}".to_owned(), COLUMNS.map(|(title, _)| title).join(","), "\r\n".into()].concat();
    let start = stream::iter([Ok(Bytes::from(heading))]);
    let pages = stream::try_unfold(Some((record, wishes, before)), async |state| {
        let Some((record, wishes, before)) = state else { return Ok(None) };
        let filter = wishes.filter().map_err(|_| io::ErrorKind::InvalidInput)?;
        let entries = record.entries(&filter, before, MOST_ENTRIES).await.map_err(io::Error::other)?;
        let last = entries.last().filter(|_| entries.len() == MOST_ENTRIES).map(|last| last.number);
        let lines = lines(&entries)?;
        Ok::<_, io::Error>(Some((lines, last.map(|last| (record, wishes, Some(last))))))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"record.csv\"; filename*=UTF-8''%E6%93%8D%E4%BD%9C%E8%AE%B0%E5%BD%95.csv",
        ),
    ];
    use futures_util::StreamExt;
    Ok((headers, Body::from_stream(start.chain(pages))).into_response())
}

fn lines(entries: &[RecordEntry]) -> io::Result<Bytes> {
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    for entry in entries {
        lines.write_record(cells(entry).map(|cell| as_cell(&cell)))?;
    }
    lines.into_inner().map(Bytes::from).map_err(|error| error.into_error())
}

/// All that is looked for, as a workbook.
pub(super) async fn as_workbook(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    wishes: Result<Query<RecordWishes>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let record = &service.office()?.record;
    let (filter, mut before) = (wishes.filter()?, wishes.before()?);
    let mut entries = vec![];
    loop {
        let some = record.entries(&filter, before, MOST_ENTRIES).await?;
        before = some.last().map(|last| last.number);
        let is_last = some.len() < MOST_ENTRIES;
        entries.extend(some);
        if entries.len() > MOST_ROWS {
            return Err(Refusal::too_long_a_record().into());
        }
        if is_last {
            break;
        }
    }
    note_export(&service, &visitor, access, "工作簿", &wishes).await?;
    let made = tokio::task::spawn_blocking(move || workbook(&entries)).await;
    let bytes = made.map_err(|_| Refusal::broken())?.map_err(|error| {
        tracing::error!(%error, "a workbook could not be made");
        Refusal::broken()
    })?;
    Ok(workbook_attachment("操作记录.xlsx", bytes))
}

fn workbook(entries: &[RecordEntry]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_title("操作记录"));
    let sheet = workbook.add_worksheet();
    sheet.set_name("操作记录")?;
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_num_format("@").set_bold();
    for (at, (title, width)) in COLUMNS.iter().enumerate() {
        sheet.set_column_width(at as u16, *width)?;
        sheet.write_string_with_format(0, at as u16, *title, &heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, entry) in entries.iter().enumerate() {
        for (at, cell) in cells(entry).iter().enumerate() {
            // Whoever saves it as lines has them safe as well.
            sheet.write_string_with_format(row as u32 + 1, at as u16, as_cell(cell), &text)?;
        }
    }
    sheet.autofilter(0, 0, entries.len() as u32, COLUMNS.len() as u16 - 1)?;
    workbook.save_to_buffer()
}

/// What is refused here.
impl Refusal {
    fn no_day() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "日期写得不对", "请写成 2026-01-01 这样")
    }

    fn too_long_a_record() -> Self {
        Self::other(
            StatusCode::UNPROCESSABLE_ENTITY,
            "一个工作簿放不下这么多条",
            "请按日期分几次导出，或导出 CSV",
        )
    }
}
