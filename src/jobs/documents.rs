//! Documents that are kept beside the batches for as long as somebody speaks of them: what units have submitted.
//! Each lies under the digest of what it says, so that the same is there once.

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
    /// Keeps a PDF of a unit's part in a collection. What is there already is not written again. It has come to
    /// the disk when this returns.
    pub async fn keep_document(
        &self,
        collection: &str,
        unit: &str,
        pdf: impl Into<Bytes>,
    ) -> Result<KeptDocument, JobFailure> {
        let pdf = pdf.into();
        let sha256 = hex::encode(Sha256::digest(&pdf));
        let place = format!("collections/{collection}/{unit}/{sha256}.pdf");
        if self.document(&place, &sha256).await?.is_none() {
            self.store.put_document(&place, pdf).await?;
        }
        Ok(KeptDocument { place, sha256 })
    }

    /// A document, held against its digest; nothing where it is gone or came to harm.
    pub async fn document(&self, place: &str, sha256: &str) -> Result<Option<Bytes>, JobFailure> {
        let found = self.store.document(place).await?;
        let is_same = |bytes: &Bytes| hex::encode(Sha256::digest(bytes)) == sha256;
        Ok(found.filter(is_same))
    }
}
