//! What was entered into a form and posted.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use crate::web::answer::Refusal;
use crate::web::form::escaped;
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

    /// What is shown again beside a refusal, of so many bytes in all as a page has them.
    pub(super) fn shown(&self, most: usize) -> Value {
        let mut left = most;
        let entries = self.0.iter().map(|(name, value)| {
            let shown = cut_to(value, left);
            left -= escaped(&shown);
            (name.clone(), Value::String(shown))
        });
        Value::Object(entries.collect::<Map<_, _>>())
    }

    /// What is said where a page has no room for all that was entered.
    pub(super) fn cut(&self, most: usize) -> Option<String> {
        let weight: usize = self.0.iter().map(|(_, value)| escaped(value)).sum();
        let longest = self.0.iter().map(|(_, value)| value.chars().count()).max()?;
        (weight > most).then(|| {
            format!(
                "写的有 {longest} 字，这一页放不下，下面只留着开头，其余的没有收下；请从原来写的地方再取，分几条写，或者另附文件"
            )
        })
    }
}

/// A text, or its beginning where it takes more than so many bytes in a page.
pub(super) fn cut_to(text: &str, most: usize) -> String {
    let mut left = most;
    let fits = |c: &char| {
        let weight = escaped(c.encode_utf8(&mut [0; 4]));
        let is_fit = weight <= left;
        left = left.saturating_sub(weight);
        is_fit
    };
    text.chars().take_while(fits).collect()
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
