//! Documents that are kept beside the batches for as long as somebody speaks of them: what units have submitted.
//! Each lies under the digest of what it says, so that the same is there once.

use std::collections::HashSet;
use std::time::Duration;

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use super::{JobFailure, Jobs};

/// A document in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDocument {
    pub place: String,
    /// In hexadecimal digits.
    pub sha256: String,
}

impl Jobs {
    /// Keeps a PDF of a unit's part in a collection. What is there already is written once more: what nobody names is
    /// taken away when it has lain there long enough, and this is to lie there anew. It has come to the disk when this
    /// returns.
    pub async fn keep_document(
        &self,
        collection: &str,
        unit: &str,
        pdf: impl Into<Bytes>,
    ) -> Result<KeptDocument, JobFailure> {
        let pdf = pdf.into();
        let sha256 = hex::encode(Sha256::digest(&pdf));
        let place = format!("collections/{collection}/{unit}/{sha256}.pdf");
        self.store.put_document(&place, pdf).await?;
        Ok(KeptDocument { place, sha256 })
    }

    /// A document, held against its digest; nothing where it is gone or came to harm.
    pub async fn document(&self, place: &str, sha256: &str) -> Result<Option<Bytes>, JobFailure> {
        let found = self.store.document(place).await?;
        let is_same = |bytes: &Bytes| hex::encode(Sha256::digest(bytes)) == sha256;
        Ok(found.filter(is_same))
    }

    /// Removes the documents of a collection at other places than these that have lain there for so long: whoever
    /// was ended while he submitted has left them. Tells how many.
    pub async fn remove_leftovers(
        &self,
        collection: &str,
        named: &HashSet<String>,
        grace: Duration,
    ) -> Result<usize, JobFailure> {
        Ok(self.store.remove_leftovers(collection, named, grace).await?)
    }
}
