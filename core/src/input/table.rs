use std::collections::BTreeMap;
use std::ops::{ControlFlow, Deref, DerefMut};

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Map, Value, ValueKind, ValuePointerRef, take_cf_content,
};
use serde::Serialize;

/// A map whose keys its writer chooses. The one that deserr brings (0.6) forgets the faults of its
/// values.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Dictionary<T>(BTreeMap<String, T>);

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Deref for Dictionary<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> DerefMut for Dictionary<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T: Deserr<E>, E: DeserializeError> Deserr<E> for Dictionary<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef) -> Result<Self, E> {
        let Value::Map(entries) = value else {
            let fault = ErrorKind::IncorrectValueKind { actual: value, accepted: &[ValueKind::Map] };
            return Err(take_cf_content(E::error(None, fault, location)));
        };
        let (mut table, mut faults) = (BTreeMap::new(), None);
        for (key, value) in entries.into_iter() {
            let place = location.push_key(&key);
            match T::deserialize_from_value(value.into_value(), place) {
                Ok(value) => drop(table.insert(key, value)),
                Err(more) => match E::merge(faults.take(), more, place) {
                    ControlFlow::Continue(all) => faults = Some(all),
                    ControlFlow::Break(all) => return Err(all),
                },
            }
        }
        faults.map_or(Ok(Self(table)), Err)
    }
}
