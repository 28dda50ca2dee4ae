//! Who sent it: resources, each kept once.

use std::collections::HashMap;

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Otlp};
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::pack::{Packed, Tables};
use crate::symbols::Symbol;

/// Resources that are told apart; those that come later share the last place.
const MOST_RESOURCES: usize = 10_000;

/// A resource of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceId(u32);

/// All resources that ever sent something.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    kept: Vec<Packed>,
    by_attributes: HashMap<Packed, ResourceId>,
}

impl Resources {
    /// The resource's place and its service.
    pub(crate) fn admit(&mut self, resource: Option<&Resource>, tables: &mut Tables) -> (ResourceId, Symbol) {
        let attributes = resource.map_or(&[][..], |resource| &resource.attributes);
        let service = tables.names.name(text(attributes, "service.name").unwrap_or("unknown_service"));
        let (packed, _) = Packed::new(attributes, tables);
        if let Some(id) = self.by_attributes.get(&packed) {
            return (*id, service);
        }
        if self.kept.len() >= MOST_RESOURCES {
            return (ResourceId(MOST_RESOURCES as u32 - 1), service);
        }
        let id = ResourceId(self.kept.len() as u32);
        self.kept.push(packed.clone());
        self.by_attributes.insert(packed, id);
        (id, service)
    }

    /// A resource's attributes.
    pub(crate) fn get(&self, id: ResourceId) -> Option<&Packed> {
        self.kept.get(id.0 as usize)
    }
}

/// The text of an attribute; of keys given twice the last counts.
pub(crate) fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let entry = attributes.iter().rev().find(|entry| entry.key == key)?;
    match entry.value.as_ref()?.value.as_ref()? {
        Otlp::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Whether a boolean attribute is true.
pub(crate) fn is_true(attributes: &[KeyValue], key: &str) -> bool {
    let found = attributes.iter().rev().find(|entry| entry.key == key);
    found.and_then(|entry| entry.value.as_ref()?.value.as_ref()).is_some_and(|value| *value == Otlp::BoolValue(true))
}
