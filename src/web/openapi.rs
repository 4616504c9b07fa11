//! The interface as OpenAPI 3.1: paths from the handlers, schemas from the types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::answer::Said;
use super::batches::Progress;
use super::batches::interface::BatchList;
use super::batches::units::CheckedUnit;
use super::collections::interface::{CollectionTurn, PlannedCollection, WishedMove, WrittenComment};
use super::collections::messages::{EntranceOrder, MailRunView, MessageList};
use super::people_interface::{AccountList, AccountPatch, InvitationView, InvitationWish};
use super::record::EntryList;
use super::webhooks::{WebhookView, WebhookWish};
use crate::conform::{Clause, Conformance};
use crate::diagnostic::Diagnostic;
use crate::guide::Coverage;
use crate::import::Import;
use crate::preview::Preview;
use crate::report::Report;

/// Where OpenAPI keeps its schemas.
const SCHEMAS: &str = "/components/schemas";

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
    generator.subschema_for::<Preview>();
    generator.subschema_for::<Said>();
    generator.subschema_for::<Progress>();
    generator.subschema_for::<BatchList>();
    generator.subschema_for::<PlannedCollection>();
    generator.subschema_for::<CollectionTurn>();
    generator.subschema_for::<WishedMove>();
    generator.subschema_for::<WrittenComment>();
    generator.subschema_for::<MessageList>();
    generator.subschema_for::<MailRunView>();
    generator.subschema_for::<EntranceOrder>();
    generator.subschema_for::<WebhookWish>();
    let webhooks = generator.subschema_for::<Vec<WebhookView>>();
    generator.subschema_for::<EntryList>();
    generator.subschema_for::<AccountList>();
    generator.subschema_for::<AccountPatch>();
    generator.subschema_for::<InvitationView>();
    generator.subschema_for::<InvitationWish>();
    let checked = generator.subschema_for::<Vec<CheckedUnit>>();
    let mut schemas = generator.take_definitions(true);
    schemas.insert("CheckedUnits".into(), checked.to_value());
    schemas.insert("WebhookList".into(), webhooks.to_value());
    schemas.insert("AnyObject".into(), json!({ "type": "object" }));
    schemas.insert("AnyList".into(), json!({ "type": "array" }));
    schemas.insert("Clauses".into(), clauses.to_value());
    schemas.insert("Diagnostics".into(), diagnostics.to_value());

    let mut document = serde_json::to_value(interface).expect("an OpenAPI document is JSON");
    // The forms that handlers describe stand there already.
    if let Some(forms) = document["components"]["schemas"].as_object_mut() {
        schemas.append(forms);
    }
    document["components"]["schemas"] = Value::Object(schemas);
    add_answers_of_the_door(&mut document);
    document
}

/// What any operation may answer before it is looked at: status, description, and whether only to a body.
const OF_THE_DOOR: [(&str, &str, bool); 6] = [
    ("400", "请求不完整", false),
    ("408", "内容传得太慢", true),
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
