//! The interface as OpenAPI 3.1: paths from the handlers, schemas from the types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::answer::Said;
use super::batches::Progress;
use super::batches::interface::BatchList;
use super::batches::units::CheckedUnit;
use super::collections::checks::{CollectionChecks, WishedChecks};
use super::collections::draft::{
    ConflictAnswer, DraftAnswer, DraftSave, MergeAnswer, MergeWish, RestoreWish,
};
use super::collections::interface::collection::{
    AskedUnits, CollectionTurn, CollectionView, CountedCollection, PlannedCollection,
};
use super::collections::interface::comment::{
    CommentList, CommentPatch, CommentReceipt, WrittenAnswer, WrittenComment,
};
use super::collections::interface::outcome::OutcomeView;
use super::collections::interface::roster::{MergerWish, RosterChanges, UnitList, UnitPatch, UnitView};
use super::collections::interface::submission::{EventList, SubmissionView, WishedMove};
use super::collections::interface::version::{FindingList, VersionDifferences};
use super::collections::letters::LetterWish;
use super::collections::materials::{ConfirmedMaterials, GivenCount};
use super::collections::messages::{EntranceOrder, MailRunView, MessageList};
use super::collections::sources::DraftSources;
use super::collections::steering::{CollectionPatch, EntranceList, EntranceWish, ExtensionWish, OverdueList};
use super::collections::submit::VersionReceipt;
use super::differing::ComparisonWish;
use super::own_tokens::{TokenReceipt, TokenView, TokenWish};
use super::people_interface::{
    AccountList, AccountPatch, InvitationView, InvitationWish, LinkView, ResetWish,
};
use super::record::EntryList;
use super::site::{HealthView, TemplateView};
use super::webhooks::{WebhookPatch, WebhookReceipt, WebhookTrial, WebhookView, WebhookWish};
use crate::collections::drafts::DraftRevision;
use crate::collections::{ArrivalLot, Board};
use crate::conform::{Clause, Conformance};
use crate::diagnostic::Diagnostic;
use crate::difference::FieldDifference;
use crate::digest::DigestChoice;
use crate::guide::Coverage;
use crate::import::{Import, StatedIndicator};
use crate::preview::Preview;
use crate::report::Report;
use crate::roster::RosterUnit;
use crate::workers::BegunReport;

/// Where OpenAPI keeps its schemas.
const SCHEMAS: &str = "/components/schemas";
const REFERENCE: &str = "#/components/schemas/";

/// Title and description; the router adds the paths.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(info(title = "年报", description = "由填报内容生成法治政府建设年度报告。"))]
    struct Frame;
    Frame::openapi()
}

/// The whole document: the paths, and the schemas that they refer to.
pub(super) fn document(interface: &utoipa::openapi::OpenApi) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = SCHEMAS.into());
    let mut generator: SchemaGenerator = settings.into_generator();
    let diagnostics = generator.subschema_for::<Vec<Diagnostic>>();
    let clauses = generator.subschema_for::<Vec<Clause>>();
    generator.subschema_for::<Conformance>();
    generator.subschema_for::<Import>();
    generator.subschema_for::<Report>();
    generator.subschema_for::<Coverage>();
    generator.subschema_for::<BegunReport>();
    generator.subschema_for::<Preview>();
    generator.subschema_for::<StatedIndicator>();
    generator.subschema_for::<ComparisonWish>();
    generator.subschema_for::<FieldDifference>();
    generator.subschema_for::<DigestChoice>();
    generator.subschema_for::<Said>();
    generator.subschema_for::<Progress>();
    generator.subschema_for::<BatchList>();
    generator.subschema_for::<TemplateView>();
    generator.subschema_for::<HealthView>();
    of_collections(&mut generator);
    generator.subschema_for::<PlannedCollection>();
    generator.subschema_for::<CollectionTurn>();
    generator.subschema_for::<WishedMove>();
    generator.subschema_for::<WrittenComment>();
    generator.subschema_for::<MessageList>();
    generator.subschema_for::<MailRunView>();
    generator.subschema_for::<EntranceOrder>();
    generator.subschema_for::<WebhookWish>();
    generator.subschema_for::<WebhookView>();
    generator.subschema_for::<WebhookReceipt>();
    generator.subschema_for::<WebhookPatch>();
    generator.subschema_for::<WebhookTrial>();
    generator.subschema_for::<EntryList>();
    generator.subschema_for::<AccountList>();
    generator.subschema_for::<AccountPatch>();
    generator.subschema_for::<InvitationView>();
    generator.subschema_for::<InvitationWish>();
    generator.subschema_for::<LinkView>();
    generator.subschema_for::<ResetWish>();
    generator.subschema_for::<TokenView>();
    generator.subschema_for::<TokenWish>();
    generator.subschema_for::<TokenReceipt>();
    let checked = generator.subschema_for::<Vec<CheckedUnit>>();
    let mut schemas = generator.take_definitions(true);
    schemas.insert("CheckedUnits".into(), checked.to_value());
    let tree = "报告的字段，写法见 /api/schema；没有写完的也可以，文字和数都写成文字";
    schemas.insert(
        "ReportTree".into(),
        json!({
            "type": "object", "additionalProperties": true, "description": tree,
        }),
    );
    schemas.insert("OpenApiDocument".into(), json!({
        "type": "object", "additionalProperties": true, "required": ["openapi", "info", "paths"],
        "properties": { "openapi": { "type": "string" }, "info": { "type": "object" }, "paths": { "type": "object" } },
    }));
    for (name, of) in LISTS {
        let items = match of {
            "" => json!({ "type": "string" }),
            of => json!({ "$ref": format!("{REFERENCE}{of}") }),
        };
        schemas.insert(name.into(), json!({ "type": "array", "items": items }));
    }
    schemas.insert("Clauses".into(), clauses.to_value());
    schemas.insert("Diagnostics".into(), diagnostics.to_value());

    let mut document = serde_json::to_value(interface).expect("an OpenAPI document is JSON");
    // The forms that handlers describe stand there already.
    if let Some(forms) = document["components"]["schemas"].as_object_mut() {
        schemas.append(forms);
    }
    document["components"]["schemas"] = Value::Object(schemas);
    keep_what_is_for_readers(&mut document["components"]["schemas"]);
    add_keys(&mut document);
    add_answers_of_the_door(&mut document);
    document
}

/// The lists that are asked for and answered, and what each is of; of texts, where nothing is named.
const LISTS: [(&str, &str); 11] = [
    ("CollectionList", "CollectionView"),
    ("DraftRevisions", "DraftRevision"),
    ("FieldDifferences", "FieldDifference"),
    ("LinkList", "LinkView"),
    ("RosterUnits", "RosterUnit"),
    ("StatedIndicators", "StatedIndicator"),
    ("Templates", "TemplateView"),
    ("TokenList", "TokenView"),
    ("UnitCodes", ""),
    ("Versions", "Version"),
    ("WebhookList", "WebhookView"),
];

/// What is said and asked about collections.
fn of_collections(generator: &mut SchemaGenerator) {
    generator.subschema_for::<CollectionView>();
    generator.subschema_for::<CountedCollection>();
    generator.subschema_for::<CollectionPatch>();
    generator.subschema_for::<Board>();
    generator.subschema_for::<SubmissionView>();
    generator.subschema_for::<CommentList>();
    generator.subschema_for::<EventList>();
    generator.subschema_for::<CollectionChecks>();
    generator.subschema_for::<WishedChecks>();
    generator.subschema_for::<ArrivalLot>();
    generator.subschema_for::<ConfirmedMaterials>();
    generator.subschema_for::<GivenCount>();
    generator.subschema_for::<LetterWish>();
    generator.subschema_for::<UnitList>();
    generator.subschema_for::<RosterUnit>();
    generator.subschema_for::<RosterChanges>();
    generator.subschema_for::<UnitView>();
    generator.subschema_for::<UnitPatch>();
    generator.subschema_for::<MergerWish>();
    generator.subschema_for::<OutcomeView>();
    generator.subschema_for::<FindingList>();
    generator.subschema_for::<VersionDifferences>();
    generator.subschema_for::<AskedUnits>();
    generator.subschema_for::<CommentReceipt>();
    generator.subschema_for::<CommentPatch>();
    generator.subschema_for::<WrittenAnswer>();
    generator.subschema_for::<EntranceWish>();
    generator.subschema_for::<EntranceList>();
    generator.subschema_for::<ExtensionWish>();
    generator.subschema_for::<OverdueList>();
    generator.subschema_for::<VersionReceipt>();
    generator.subschema_for::<DraftAnswer>();
    generator.subschema_for::<DraftSave>();
    generator.subschema_for::<DraftSources>();
    generator.subschema_for::<DraftRevision>();
    generator.subschema_for::<MergeWish>();
    generator.subschema_for::<MergeAnswer>();
    generator.subschema_for::<RestoreWish>();
    generator.subschema_for::<ConflictAnswer>();
}

/// Takes away what is said of a schema for those who write the program: the document is for others, in Chinese.
fn keep_what_is_for_readers(schema: &mut Value) {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    match schema {
        Value::Object(entries) => {
            if entries.get("description").and_then(Value::as_str).is_some_and(|text| !is_chinese(text)) {
                entries.remove("description");
            }
            entries.values_mut().for_each(keep_what_is_for_readers);
        }
        Value::Array(items) => items.iter_mut().for_each(keep_what_is_for_readers),
        _ => {}
    }
}

/// Says of each operation that changes something of collections that it can be done once by its key.
fn add_keys(document: &mut Value) {
    let said = json!({ "$ref": format!("{REFERENCE}Said") });
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 200 },
        "description": "发送者给这件事取的名字：重发时不变，做一次，回答和第一次一样；留一天",
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let paths = paths.filter(|(path, _)| super::repeats::is_keyed(path));
    for (method, operation) in paths.flat_map(|(_, methods)| methods.as_object_mut().into_iter().flatten()) {
        let (Some(operation), true) = (operation.as_object_mut(), method != "get") else { continue };
        if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
            parameters.push(key.clone());
        }
        for (status, description) in [
            ("409", "用这个 Idempotency-Key 的请求正在做，或者它的回答只给一次"),
            ("422", "这个 Idempotency-Key 已经用于别的请求"),
        ] {
            let content = json!({ "application/json": { "schema": said } });
            if let Some(answers) = operation["responses"].as_object_mut() {
                let answer = || json!({ "description": description, "content": content });
                answers.entry(status).or_insert_with(answer);
            }
        }
    }
}

/// What any operation may answer before it is looked at: status, description, and whether only to a body.
const OF_THE_DOOR: [(&str, &str, bool); 7] = [
    ("400", "请求不完整", false),
    ("408", "内容传得太慢", true),
    ("413", "内容太大", true),
    ("415", "不认识内容的格式", true),
    ("421", "主机名不是本服务的", false),
    ("429", "不对的访问令牌太多，Retry-After 秒后再试", false),
    ("503", "同时的请求太多，Retry-After 秒后再试", false),
];

fn add_answers_of_the_door(document: &mut Value) {
    let said = json!({ "$ref": format!("#{SCHEMAS}/Said") });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, methods)| methods.as_object_mut().into_iter().flatten());
    for (method, operation) in operations {
        let Some(answers) = operation["responses"].as_object_mut() else { continue };
        for (status, description, _) in
            OF_THE_DOOR.iter().filter(|one| ["post", "put", "patch"].contains(&method.as_str()) || !one.2)
        {
            let content = json!({ "application/json": { "schema": said } });
            let known = answers.entry(*status);
            let known = known.or_insert_with(|| json!({ "description": description, "content": content }));
            // Where the handler says more, the door still says it in its own words.
            let schema = &mut known["content"]["application/json"]["schema"];
            if *schema != said {
                *schema = json!({ "anyOf": [schema.take(), said] });
            }
        }
    }
}
