//! Which settings of the checks count for a report that is looked at: the program's, or those of the collection
//! that it is written for.

use super::Service;
use super::answer::Refusal;
use crate::accounts::{UnitReach, Visitor};
use crate::collections::{CollectionRefusal, Collections, SubmissionPlace};

/// The settings of the checks of a collection, as this visitor's reports for it are checked; empty where none is
/// named.
pub(super) async fn settings_for(
    service: &Service,
    visitor: &Visitor,
    collection: Option<&str>,
) -> Result<String, Refusal> {
    let Some(id) = collection else { return Ok(String::new()) };
    let collections = &service.office()?.collections;
    let is_shown = match &visitor.units {
        _ if visitor.collection.as_deref().is_some_and(|own| own != id) => false,
        UnitReach::All => true,
        UnitReach::Only(units) => has_one(collections, id, units.iter().map(String::as_str)).await?,
    };
    match is_shown {
        true => Ok(collections.collection(id).await?.plan.checks()),
        false => Err(CollectionRefusal::Unknown("征集").into()),
    }
}

/// Whether one of these units is asked in a collection.
async fn has_one(
    collections: &Collections,
    collection: &str,
    units: impl Iterator<Item = &str>,
) -> Result<bool, Refusal> {
    for unit in units {
        match collections.submission(&SubmissionPlace { collection, unit }).await {
            Ok(_) => return Ok(true),
            Err(CollectionRefusal::Unknown(_)) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(false)
}
