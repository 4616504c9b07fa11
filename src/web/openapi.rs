//! The interface as OpenAPI 3.1: paths from the handlers, schemas from the types.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use utoipa::OpenApi;

use super::answer::Said;
use super::batches::{Checked, Listed, Progress};
use crate::conform::{Clause, Conformance};
use crate::diagnostic::Diagnostic;
use crate::import::Imported;
use crate::pipeline::Preview;
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
    generator.subschema_for::<Imported>();
    generator.subschema_for::<Report>();
    generator.subschema_for::<Preview>();
    generator.subschema_for::<Said>();
    generator.subschema_for::<Progress>();
    generator.subschema_for::<Listed>();
    let checked = generator.subschema_for::<Vec<Checked>>();
    let mut schemas = generator.take_definitions(true);
    schemas.insert("CheckedUnits".into(), checked.to_value());
    schemas.insert("Clauses".into(), clauses.to_value());
    schemas.insert("Diagnostics".into(), diagnostics.to_value());

    let mut document = serde_json::to_value(interface).expect("an OpenAPI document is JSON");
    // The forms that handlers describe stand there already.
    if let Some(forms) = document["components"]["schemas"].as_object_mut() {
        schemas.append(forms);
    }
    document["components"]["schemas"] = Value::Object(schemas);
    document
}
