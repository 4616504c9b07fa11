//! What was entered into a form and posted.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use crate::web::answer::Refusal;
use crate::web::frame::RefusalPage;
use crate::web::reports::readable_form;

/// The entries of a posted form, in their order; one name may stand several times.
pub(in crate::web) struct FormEntries(Vec<(String, String)>);

impl FormEntries {
    /// What was entered under a name; nothing where it is not there.
    pub(super) fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// The button that was pressed.
    pub(super) fn wish(&self) -> &str {
        self.one("_do")
    }

    /// What is shown again beside a refusal.
    pub(super) fn shown(&self) -> Value {
        let entries = self.0.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
        Value::Object(entries.collect::<Map<_, _>>())
    }
}

impl<S: Send + Sync> FromRequest<S> for FormEntries {
    type Rejection = RefusalPage;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        let body = readable_form(&headers, Bytes::from_request(request, state).await)?;
        let entries = url::form_urlencoded::parse(&body);
        // Browsers send the end of a line as two characters.
        let entries = entries.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        let entries: Vec<_> = entries.take(MOST_ENTRIES + 1).collect();
        if entries.len() > MOST_ENTRIES {
            return Err(Refusal::bad_form().into());
        }
        Ok(Self(entries))
    }
}

/// More than a form of ours has.
const MOST_ENTRIES: usize = 25_000;

impl<'a> FromIterator<(&'a str, String)> for FormEntries {
    fn from_iter<T: IntoIterator<Item = (&'a str, String)>>(entries: T) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}
