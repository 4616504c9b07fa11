//! The texts of a document, with their places: taken as it is serialized, so that nothing is built that is
//! thrown away again.

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::FieldPath;
use super::fields::Entry;
use super::path::Segment;

/// The texts of a document whose fields are those of `entry`, in the order of the contract.
pub(super) fn texts(document: &impl Serialize, entry: &Entry) -> Vec<(FieldPath, String)> {
    let mut walk = Walk::default();
    let place = TextPlace { walk: &mut walk, entry };
    document.serialize(place).expect("a document is made of texts, numbers, lists and maps");
    walk.texts
}

/// Where the walk through a document is, and what was found.
#[derive(Default)]
struct Walk {
    path: Vec<Segment>,
    texts: Vec<(FieldPath, String)>,
}

/// A value of the document.
struct TextPlace<'a> {
    walk: &'a mut Walk,
    entry: &'a Entry,
}

/// The values within a list or map.
struct Within<'a> {
    walk: &'a mut Walk,
    entry: &'a Entry,
    /// How many items there were.
    items: usize,
    /// The key whose value comes next.
    key: String,
}

/// A document has something that the contract has no place for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unwalkable(String);

impl ser::Error for Unwalkable {
    fn custom<T: std::fmt::Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

impl<'a> TextPlace<'a> {
    fn within(self) -> Within<'a> {
        Within { walk: self.walk, entry: self.entry, items: 0, key: String::new() }
    }
}

impl Within<'_> {
    fn item(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Unwalkable> {
        self.walk.path.push(Segment::Index(self.items));
        self.items += 1;
        value.serialize(TextPlace { walk: self.walk, entry: self.entry })?;
        self.walk.path.pop();
        Ok(())
    }

    fn field(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Unwalkable> {
        self.walk.path.push(Segment::Key(key.into()));
        value.serialize(TextPlace { walk: self.walk, entry: self.entry.within(key) })?;
        self.walk.path.pop();
        Ok(())
    }
}

/// What is no text.
macro_rules! nothing {
    ($($method:ident($($kind:ty),*))*) => {
        $(fn $method(self $(, _: $kind)*) -> Result<(), Unwalkable> {
            Ok(())
        })*
    };
}

impl<'a> Serializer for TextPlace<'a> {
    type Ok = ();
    type Error = Unwalkable;
    type SerializeSeq = Within<'a>;
    type SerializeTuple = Within<'a>;
    type SerializeTupleStruct = Within<'a>;
    type SerializeTupleVariant = Impossible<(), Unwalkable>;
    type SerializeMap = Within<'a>;
    type SerializeStruct = Within<'a>;
    type SerializeStructVariant = Impossible<(), Unwalkable>;

    nothing! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
        serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_bytes(&[u8])
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwalkable> {
        if !text.is_empty() && self.entry.is_text() {
            self.walk.texts.push((self.walk.path.iter().cloned().collect(), text.to_owned()));
        }
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwalkable> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwalkable> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Unwalkable> {
        self.serialize_str(name)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unwalkable> {
        self.within().field(name, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Within<'a>, Unwalkable> {
        Ok(self.within())
    }

    fn serialize_tuple(self, _: usize) -> Result<Within<'a>, Unwalkable> {
        Ok(self.within())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Within<'a>, Unwalkable> {
        Ok(self.within())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Within<'a>, Unwalkable> {
        Ok(self.within())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Within<'a>, Unwalkable> {
        Ok(self.within())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Unwalkable>, Unwalkable> {
        Err(ser::Error::custom(name))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Unwalkable>, Unwalkable> {
        Err(ser::Error::custom(name))
    }
}

macro_rules! list {
    ($($kind:ident $method:ident)*) => {
        $(impl ser::$kind for Within<'_> {
            type Ok = ();
            type Error = Unwalkable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwalkable> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unwalkable> {
                Ok(())
            }
        })*
    };
}

list! { SerializeSeq serialize_element SerializeTuple serialize_element SerializeTupleStruct serialize_field }

impl ser::SerializeStruct for Within<'_> {
    type Ok = ();
    type Error = Unwalkable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwalkable> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Unwalkable> {
        Ok(())
    }
}

impl ser::SerializeMap for Within<'_> {
    type Ok = ();
    type Error = Unwalkable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwalkable> {
        let key = key.serialize(serde_json::value::Serializer).map_err(ser::Error::custom)?;
        self.key = key.as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwalkable> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Unwalkable> {
        Ok(())
    }
}
