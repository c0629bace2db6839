//! The line of each field of a YAML file, and the fields that the message does not have.

use std::{collections::HashMap, fmt};

use prost_reflect::MessageDescriptor;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::yaml::YamlFault;

/// The line of each field, by its path.
#[derive(Debug, Default)]
pub struct Places {
    lines: HashMap<String, u64>,
    unknown: Vec<YamlFault>,
}

impl Places {
    /// Reads the line of every field; the message says which fields there are.
    pub fn read<'de, D: Deserializer<'de>>(yaml: D, kind: MessageDescriptor) -> Result<Self, D::Error> {
        let mut places = Self::default();
        Walk { at: String::new(), kind: Some(kind), places: &mut places }.deserialize(yaml)?;
        Ok(places)
    }

    pub fn take_unknown(&mut self) -> Vec<YamlFault> {
        std::mem::take(&mut self.unknown)
    }

    /// The line of a field; of what is around it, when it is not there.
    pub fn line(&self, field: &str) -> Option<u64> {
        let mut at = field;
        loop {
            if let Some(line) = self.lines.get(at) {
                return Some(*line);
            }
            at = &at[..at.rfind(['.', '['])?];
        }
    }
}

/// One node: where it is, and what message is expected there.
struct Walk<'a> {
    at: String,
    kind: Option<MessageDescriptor>,
    places: &'a mut Places,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let line = key.referenced.line();
            let name = key.value;
            let field = self
                .kind
                .as_ref()
                .and_then(|kind| kind.get_field_by_name(&name).or_else(|| kind.get_field_by_json_name(&name)));
            // An entry of a list begins where its first field does.
            self.places.lines.entry(self.at.clone()).or_insert(line);
            let at = if self.at.is_empty() { name } else { format!("{}.{name}", self.at) };
            if self.kind.is_some() && field.is_none() {
                let message = "is not a field of a policy".to_owned();
                self.places.unknown.push(YamlFault { line: Some(line), field: at.clone(), message });
            }
            self.places.lines.insert(at.clone(), line);
            let kind = field.and_then(|field| field.kind().as_message().cloned());
            map.next_value_seed(Walk { at, kind, places: self.places })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { at, kind, places } = self;
        let mut place = 0_usize;
        while list
            .next_element_seed(Walk { at: format!("{at}[{place}]"), kind: kind.clone(), places: &mut *places })?
            .is_some()
        {
            place += 1;
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
