//! The hash of an entry: SHA-256 over the hash before it and all that it says.
//!
//! What is hashed is a JSON array, UTF-8, without spaces: `["nianbao-record-1", previous, number, at, doer,
//! account, on_behalf, origin, act, subject, detail]`, where `account` and `on_behalf` may be `null`. No two
//! entries have the same array, and anybody can reckon it again without this program.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What the first entry has in the place of the hash before it.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const FORM: &str = "nianbao-record-1";

/// All that an entry says, apart from its own hash.
#[derive(Clone, Debug)]
pub(super) struct EntryText<'a> {
    pub previous: &'a str,
    pub number: i64,
    pub at: i64,
    pub doer: &'a str,
    pub account: Option<&'a str>,
    pub on_behalf: Option<&'a str>,
    pub origin: &'a str,
    pub act: &'a str,
    pub subject: &'a str,
    pub detail: &'a str,
}

impl EntryText<'_> {
    pub(super) fn hash(&self) -> String {
        let array = (
            FORM,
            self.previous,
            self.number,
            self.at,
            self.doer,
            self.account,
            self.on_behalf,
            self.origin,
            self.act,
            self.subject,
            self.detail,
        );
        hex::encode(Sha256::digest(json(&array)))
    }
}

fn json(array: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(array).expect("texts and numbers can always be written")
}
