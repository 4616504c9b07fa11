//! A login that a browser has begun at the provider. All of it is in a cookie of that browser: what is sent to
//! the provider is made of the cookie's secret, so that whoever comes back with another's answer is told from
//! whoever began. The service keeps nothing until somebody is let in.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use openidconnect::CsrfToken;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// For how many seconds it may be finished.
pub(super) const SPAN: i64 = 600;

/// How long the address of a page may be that somebody comes back to, in bytes.
const LONGEST_PAGE: usize = 1000;

/// The random bytes of the secret.
const SECRET: u32 = 32;

/// What somebody logs in for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum AttemptPurpose {
    /// To come in, and go on to a page of this service.
    Login { to: String },
    /// To link the account of who has come in, in this session.
    Linking { session: String },
    /// To take up an account by this invitation.
    Invitation { link: String },
}

#[derive(Serialize, Deserialize)]
pub(super) struct LoginAttempt {
    secret: String,
    ends_at: i64,
    pub purpose: AttemptPurpose,
}

impl LoginAttempt {
    pub(super) fn new(purpose: AttemptPurpose, home: &str, now: i64) -> Self {
        let purpose = match purpose {
            AttemptPurpose::Login { to } if LONGEST_PAGE < to.len() => {
                AttemptPurpose::Login { to: home.to_owned() }
            }
            other => other,
        };
        Self { secret: CsrfToken::new_random_len(SECRET).into_secret(), ends_at: now + SPAN, purpose }
    }

    /// What the browser keeps.
    pub(super) fn cookie(&self) -> String {
        let text = serde_json::to_vec(self).expect("texts can always be written");
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// What the browser has kept, if it was begun no longer ago than it may.
    pub(super) fn of_cookie(cookie: &str, now: i64) -> Option<Self> {
        let text = BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let attempt: Self = serde_json::from_slice(&text).ok()?;
        (now < attempt.ends_at && attempt.ends_at <= now + SPAN).then_some(attempt)
    }

    /// Whether the provider answers what was asked here.
    pub(super) fn is_answered_by(&self, state: &str) -> bool {
        hex::decode(state).is_ok_and(|state| self.derived("state").verify_slice(&state).is_ok())
    }

    pub(super) fn state(&self) -> String {
        self.shown("state")
    }

    /// What the provider writes into its answer, so that it is good for this once.
    pub(super) fn nonce(&self) -> String {
        self.shown("nonce")
    }

    /// What proves that whoever fetches the answer is who asked.
    pub(super) fn verifier(&self) -> String {
        self.shown("verifier")
    }

    fn shown(&self, what: &str) -> String {
        hex::encode(self.derived(what).finalize().into_bytes())
    }

    fn derived(&self, what: &str) -> Hmac<Sha256> {
        let mut derived = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any key is one");
        derived.update(format!("{what}\n{}", self.cookie()).as_bytes());
        derived
    }
}
