//! What each route asks of whoever comes: a row for each. A route without one is closed to everybody. The
//! table of who may do what is [`accounts`](crate::accounts)'.

use axum::http::Method;

use crate::accounts::Right;

/// What a route asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: whoever comes in must get this far.
    Nothing,
    /// That one has come in; what one may see is asked of each thing.
    Visitor,
    May(Right),
}
use Need::{May, Nothing, Visitor};

/// Of a row with `{unit}` the right is asked for that unit, and of one with `{collection}` for that
/// collection: what is another's answers as if it were not there.
pub const ROWS: &[(Method, &str, Need)] = &[
    // What one makes of one's own report.
    (Method::GET, "/", May(Right::MakeDocuments)),
    (Method::POST, "/", May(Right::MakeDocuments)),
    (Method::POST, "/open", May(Right::MakeDocuments)),
    (Method::POST, "/api/reports", May(Right::MakeDocuments)),
    (Method::POST, "/api/check", Visitor),
    (Method::POST, "/api/preview", Visitor),
    (Method::POST, "/api/coverage", Visitor),
    (Method::POST, "/api/figures", Visitor),
    (Method::POST, "/api/difference", Visitor),
    (Method::POST, "/api/digest", May(Right::MakeDocuments)),
    (Method::POST, "/api/read", Visitor),
    (Method::POST, "/api/carry", Visitor),
    (Method::POST, "/api/import", Visitor),
    (Method::GET, "/api/conform", Visitor),
    (Method::POST, "/api/conform", Visitor),
    // What the program says of itself.
    (Method::GET, "/api/schema", Visitor),
    (Method::GET, "/api/templates", Visitor),
    (Method::GET, "/api/templates/{name}/sample", Visitor),
    (Method::GET, "/api/templates/{name}/schema", Visitor),
    (Method::GET, "/api/openapi.json", Visitor),
    (Method::GET, "/explain/{code}", Visitor),
    (Method::GET, "/workbook.xlsx", Visitor),
    (Method::GET, "/assets/{version}/{name}", Nothing),
    // Batches.
    (Method::GET, "/batches", May(Right::MakeBatches)),
    (Method::POST, "/batches", May(Right::MakeBatches)),
    (Method::GET, "/batches/{id}", May(Right::MakeBatches)),
    (Method::POST, "/batches/{id}", May(Right::MakeBatches)),
    (Method::GET, "/batches/{id}/overview.pdf", May(Right::MakeBatches)),
    (Method::GET, "/batches/{id}/units/{number}", May(Right::MakeBatches)),
    (Method::GET, "/batches/{id}/units/{number}/files/{index}", May(Right::MakeBatches)),
    (Method::POST, "/api/batches", May(Right::MakeBatches)),
    (Method::GET, "/api/batches", May(Right::MakeBatches)),
    (Method::GET, "/api/batches/{id}", May(Right::MakeBatches)),
    (Method::DELETE, "/api/batches/{id}", May(Right::MakeBatches)),
    (Method::GET, "/api/batches/{id}/units", May(Right::MakeBatches)),
    (Method::POST, "/api/batches/{id}/start", May(Right::MakeBatches)),
    (Method::GET, "/api/batches/{id}/events", May(Right::MakeBatches)),
    (Method::GET, "/api/batches/{id}/result.zip", May(Right::MakeBatches)),
    (Method::POST, "/api/batches/{id}/retry", May(Right::MakeBatches)),
    // The roster.
    (Method::GET, "/roster", May(Right::EditRoster)),
    (Method::POST, "/roster", May(Right::EditRoster)),
    (Method::POST, "/roster/list", May(Right::EditRoster)),
    (Method::GET, "/roster/units/{unit}", May(Right::EditRoster)),
    (Method::POST, "/roster/units/{unit}", May(Right::EditRoster)),
    // Collections. What is done by a form is asked once more, for each of its buttons is another right.
    (Method::GET, "/collections", May(Right::ReadBoard)),
    (Method::POST, "/collections", May(Right::OpenCollection)),
    (Method::GET, "/collections/{collection}", May(Right::ReadBoard)),
    (Method::POST, "/collections/{collection}", May(Right::ChangeCollection)),
    (Method::GET, "/collections/{collection}/units", May(Right::ChangeCollection)),
    (Method::POST, "/collections/{collection}/units", May(Right::ChangeCollection)),
    (Method::POST, "/collections/{collection}/entrances", May(Right::GiveEntrances)),
    (Method::POST, "/collections/{collection}/letters", May(Right::GiveEntrances)),
    (Method::POST, "/api/collections/{collection}/letters", May(Right::GiveEntrances)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/letter", May(Right::GiveEntrances)),
    (Method::GET, "/collections/{collection}/messages", May(Right::Remind)),
    (Method::POST, "/collections/{collection}/messages", May(Right::Remind)),
    (Method::GET, "/api/collections/{collection}/messages", May(Right::Remind)),
    (Method::POST, "/api/collections/{collection}/reminders", May(Right::Remind)),
    (Method::POST, "/api/collections/{collection}/entrances", May(Right::GiveEntrances)),
    (Method::GET, "/collections/{collection}/overdue", May(Right::Remind)),
    (Method::GET, "/collections/{collection}/overdue.xlsx", May(Right::Remind)),
    (Method::GET, "/collections/{collection}/units/{unit}", May(Right::ReadSubmission)),
    (Method::POST, "/collections/{collection}/units/{unit}", May(Right::ReadSubmission)),
    (Method::POST, "/collections/{collection}/units/{unit}/entrance", May(Right::GiveEntrances)),
    (Method::GET, "/collections/{collection}/archive", May(Right::Export)),
    (Method::POST, "/collections/{collection}/archive", May(Right::Export)),
    (Method::GET, "/collections/{collection}/compilation.yaml", May(Right::Export)),
    (Method::GET, "/collections/{collection}/compilation.xlsx", May(Right::Export)),
    (Method::POST, "/collections/{collection}/compilation", May(Right::Export)),
    (Method::GET, "/collections/{collection}/materials", May(Right::ChangeCollection)),
    (Method::POST, "/collections/{collection}/materials", May(Right::ChangeCollection)),
    (Method::POST, "/collections/{collection}/materials/list", May(Right::ChangeCollection)),
    (Method::POST, "/api/collections/{collection}/materials", May(Right::ChangeCollection)),
    (Method::PUT, "/api/collections/{collection}/materials", May(Right::ChangeCollection)),
    (Method::GET, "/collections/{collection}/checks", May(Right::ChangeCollection)),
    (Method::POST, "/collections/{collection}/checks", May(Right::ChangeCollection)),
    (Method::GET, "/api/collections/{collection}/checks", May(Right::ChangeCollection)),
    (Method::PUT, "/api/collections/{collection}/checks", May(Right::ChangeCollection)),
    (Method::GET, "/api/roster", May(Right::EditRoster)),
    (Method::POST, "/api/roster", May(Right::EditRoster)),
    (Method::GET, "/api/roster/units/{unit}", May(Right::EditRoster)),
    (Method::PATCH, "/api/roster/units/{unit}", May(Right::EditRoster)),
    (Method::POST, "/api/roster/units/{unit}/merger", May(Right::EditRoster)),
    (Method::GET, "/api/collections/{collection}/archive", May(Right::Export)),
    (Method::POST, "/api/collections/{collection}/archive", May(Right::Export)),
    (Method::GET, "/api/collections/{collection}/compilation.yaml", May(Right::Export)),
    (Method::GET, "/api/collections/{collection}/compilation.xlsx", May(Right::Export)),
    (Method::GET, "/api/collections", May(Right::ReadBoard)),
    (Method::POST, "/api/collections", May(Right::OpenCollection)),
    (Method::GET, "/api/collections/{collection}", May(Right::ReadBoard)),
    (Method::PATCH, "/api/collections/{collection}", May(Right::ChangeCollection)),
    (Method::POST, "/api/collections/{collection}/state", May(Right::ChangeCollection)),
    (Method::DELETE, "/api/collections/{collection}/units/{unit}", May(Right::ChangeCollection)),
    (Method::POST, "/api/collections/{collection}/entrances/mails", May(Right::GiveEntrances)),
    (Method::PUT, "/api/collections/{collection}/units/{unit}/extension", May(Right::Extend)),
    (Method::DELETE, "/api/collections/{collection}/units/{unit}/extension", May(Right::Extend)),
    (Method::GET, "/api/collections/{collection}/overdue", May(Right::Remind)),
    (Method::GET, "/api/collections/{collection}/board.xlsx", May(Right::Export)),
    (Method::POST, "/api/collections/{collection}/units", May(Right::ChangeCollection)),
    (Method::GET, "/api/collections/{collection}/board", May(Right::ReadBoard)),
    (Method::GET, "/api/collections/{collection}/events", May(Right::ReadBoard)),
    (Method::GET, "/api/collections/{collection}/units/{unit}", May(Right::ReadSubmission)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/comments", May(Right::ReadSubmission)),
    (
        Method::POST,
        "/api/collections/{collection}/units/{unit}/comments/{comment}/answers",
        May(Right::Comment),
    ),
    (Method::PATCH, "/api/collections/{collection}/units/{unit}/comments/{comment}", May(Right::Comment)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/history", May(Right::ReadSubmission)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/moves", May(Right::ReadSubmission)),
    (
        Method::POST,
        "/api/collections/{collection}/units/{unit}/versions/{version}/comments",
        May(Right::Comment),
    ),
    // What a unit writes and submits.
    (Method::GET, "/collections/{collection}/units/{unit}/draft", May(Right::WriteDraft)),
    (Method::POST, "/collections/{collection}/units/{unit}/draft", May(Right::WriteDraft)),
    (Method::GET, "/collections/{collection}/units/{unit}/draft/last-year", May(Right::WriteDraft)),
    (Method::GET, "/collections/{collection}/units/{unit}/draft/history", May(Right::WriteDraft)),
    (Method::GET, "/collections/{collection}/units/{unit}/draft/history/{revision}", May(Right::WriteDraft)),
    (Method::POST, "/collections/{collection}/units/{unit}/draft/history/{revision}", May(Right::WriteDraft)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/draft", May(Right::WriteDraft)),
    (Method::PUT, "/api/collections/{collection}/units/{unit}/draft", May(Right::WriteDraft)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/draft/sources", May(Right::WriteDraft)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/draft/merge", May(Right::WriteDraft)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/draft/history", May(Right::WriteDraft)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/draft/restore", May(Right::WriteDraft)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/draft/conflicts/{id}", May(Right::WriteDraft)),
    (Method::POST, "/collections/{collection}/units/{unit}/submit", May(Right::Submit)),
    (Method::POST, "/api/collections/{collection}/units/{unit}/versions", May(Right::Submit)),
    (Method::GET, "/api/collections/{collection}/units/{unit}/versions", May(Right::ReadSubmission)),
    (
        Method::GET,
        "/api/collections/{collection}/units/{unit}/versions/{version}",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/api/collections/{collection}/units/{unit}/versions/{version}/files/{file}",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/api/collections/{collection}/units/{unit}/versions/{version}/findings",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/api/collections/{collection}/units/{unit}/versions/{version}/differences",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/collections/{collection}/units/{unit}/versions/{version}/{part}",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/collections/{collection}/units/{unit}/versions/{version}/pages",
        May(Right::ReadSubmission),
    ),
    (
        Method::GET,
        "/collections/{collection}/units/{unit}/versions/{version}/pages/{page}",
        May(Right::ReadSubmission),
    ),
    // Coming in and going.
    (Method::GET, "/login", Nothing),
    (Method::POST, "/login", Nothing),
    (Method::GET, "/login/openid", Nothing),
    (Method::GET, "/login/openid/return", Nothing),
    (Method::POST, "/logout", Visitor),
    (Method::GET, "/welcome/{link}", Nothing),
    (Method::POST, "/welcome/{link}", Nothing),
    (Method::GET, "/enter/{link}", Nothing),
    (Method::POST, "/enter/{link}", Nothing),
    (Method::GET, "/api/account/tokens", May(Right::UseTokens)),
    (Method::POST, "/api/account/tokens", May(Right::UseTokens)),
    (Method::DELETE, "/api/account/tokens/{token}", May(Right::UseTokens)),
    (Method::GET, "/account", Visitor),
    (Method::POST, "/account", Visitor),
    // Accounts of others, and the record.
    (Method::GET, "/accounts", May(Right::ManageAccounts)),
    (Method::POST, "/accounts", May(Right::ManageAccounts)),
    (Method::GET, "/accounts/{account}", May(Right::ManageAccounts)),
    (Method::POST, "/accounts/{account}", May(Right::ManageAccounts)),
    (Method::GET, "/api/accounts", May(Right::ManageAccounts)),
    (Method::POST, "/api/accounts/invitations", May(Right::ManageAccounts)),
    (Method::PATCH, "/api/accounts/{account}", May(Right::ManageAccounts)),
    (Method::GET, "/api/accounts/{account}", May(Right::ManageAccounts)),
    (Method::POST, "/api/accounts/{account}/resets", May(Right::ManageAccounts)),
    (Method::DELETE, "/api/accounts/{account}/sessions", May(Right::ManageAccounts)),
    (Method::GET, "/api/accounts/links", May(Right::ManageAccounts)),
    (Method::DELETE, "/api/accounts/links/{link}", May(Right::ManageAccounts)),
    // Other programs that are told.
    (Method::GET, "/webhooks", May(Right::ManageWebhooks)),
    (Method::POST, "/webhooks", May(Right::ManageWebhooks)),
    (Method::GET, "/api/webhooks", May(Right::ManageWebhooks)),
    (Method::POST, "/api/webhooks", May(Right::ManageWebhooks)),
    (Method::PATCH, "/api/webhooks/{webhook}", May(Right::ManageWebhooks)),
    (Method::DELETE, "/api/webhooks/{webhook}", May(Right::ManageWebhooks)),
    (Method::POST, "/api/webhooks/{webhook}/trials", May(Right::ManageWebhooks)),
    (Method::GET, "/record", May(Right::ReadRecord)),
    (Method::GET, "/record.csv", May(Right::ReadRecord)),
    (Method::GET, "/record.xlsx", May(Right::ReadRecord)),
    (Method::GET, "/api/record", May(Right::ReadRecord)),
];

/// What the route that was found for a request asks; nothing where it has no row.
pub(super) fn need(method: &Method, route: &str) -> Option<Need> {
    // HEAD asks what GET does.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    ROWS.iter().find(|(of, path, _)| of == method && *path == route).map(|(.., need)| *need)
}

/// Whether what is done at a route may end sessions or change rights.
pub(super) fn may_change_rights(route: &str, need: Option<Need>) -> bool {
    let of_accounts = [Right::ManageAccounts, Right::GiveEntrances, Right::EditRoster];
    let of_oneself = ["/logout", "/account", "/api/account/tokens/{token}", "/welcome/{link}"];
    matches!(need, Some(Need::May(right)) if of_accounts.contains(&right)) || of_oneself.contains(&route)
}
