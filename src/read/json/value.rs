//! A JSON value of bounded size: what a file makes of a few bytes may not take a thousand times as many in memory.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::malformed;
use crate::error::{Code, Reject};

/// A JSON value. Numbers and truth values are kept as they would be written.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Text(String),
    List(Vec<Value>),
    /// Keys in small letters: producers differ in that.
    Object(Vec<(String, Value)>),
}

/// Values that one article may have; a wire report has some hundred.
const MOST: usize = 100_000;

impl Value {
    /// The value that a text writes.
    pub(super) fn parse(text: &str) -> Result<Value, Reject> {
        let left = Cell::new(MOST);
        let mut parser = serde_json::Deserializer::from_str(text);
        let value = Budget(&left).deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
        value.map_err(|error| match left.get() {
            0 => Reject::new(Code::TooLarge, format!("the article has more than {MOST} values")),
            _ => malformed(&error),
        })
    }

    /// What stands under a key, given in small letters: the first, where it stands there twice.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(all) => all.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The first text under any of these keys that is not blank.
    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key)?.as_text())
    }

    /// The text, where it is one and not blank.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text.trim()).filter(|text| !crate::read::is_blank(text)),
            _ => None,
        }
    }

    /// The values of a list; of everything else itself.
    pub(super) fn all(&self) -> &[Value] {
        match self {
            Value::List(all) => all,
            Value::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }
}

/// As JSON writes it, but for the numbers.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Text(text) => text.fmt(f),
            Value::List(all) => all.fmt(f),
            Value::Object(all) => f.debug_map().entries(all.iter().map(|(key, value)| (key, value))).finish(),
        }
    }
}

/// How many more values there may be.
#[derive(Clone, Copy)]
struct Budget<'b>(&'b Cell<usize>);

impl Budget<'_> {
    fn spend<E: Error>(self) -> Result<(), E> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        if left <= 1 { Err(E::custom("too many values")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Budget<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Budget<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            all.push(value);
        }
        Ok(Value::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(key) = object.next_key::<Cow<str>>()? {
            all.push((key.to_lowercase(), object.next_value_seed(self)?));
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_whatever_case_and_numbers_are_texts() {
        let value = Value::parse(r#"{"versionCreated":"now","Version":3,"blank":" ","a":[1,"b"],"a":2}"#).unwrap();
        assert_eq!(value.text(&["nothing", "blank", "versioncreated"]), Some("now"));
        assert_eq!(value.text(&["version"]), Some("3"));
        assert_eq!(value.get("a").map(Value::all).map(<[Value]>::len), Some(2));
    }

    #[test]
    fn what_is_too_large_or_too_deep_or_no_json_is_refused() {
        let code = |text: &str| Value::parse(text).unwrap_err().code;
        assert_eq!(code(&format!("[{}0]", "0,".repeat(MOST))), Code::TooLarge);
        assert_eq!(code(&"[".repeat(100_000)), Code::TooDeep);
        assert_eq!(code("{\"a\":"), Code::Malformed);
        assert_eq!(code("{} {}"), Code::Malformed);
    }
}
