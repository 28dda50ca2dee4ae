//! Who sent it: resources, each kept once.
//!
//! [`Resources`] is the side that takes them in, behind the store's lock; [`Senders`] the side that reads.

use std::collections::HashMap;
use std::sync::Arc;

use crate::limits::{MOST_RESOURCE_BYTES, MOST_RESOURCES};
use crate::pack::{Attributes, Packed};
use crate::symbols::Symbol;
use crate::tables::Tables;
use crate::well_known::{SERVICE_NAME, UNKNOWN_SERVICE};
use crate::wire::{Fields, KeyValue, Malformed};

/// A resource of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct ResourceId(pub(crate) u32);

/// One resource.
#[derive(Debug)]
struct Sender {
    attributes: Box<[u8]>,
}

/// All resources, to be read without a lock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Senders(Arc<boxcar::Vec<Sender>>);

impl Senders {
    /// A resource's attributes.
    pub(crate) fn attributes(&self, id: ResourceId) -> Option<Attributes<'_>> {
        self.0.get(id.0 as usize).map(|sender| Attributes(&sender.attributes))
    }

    /// Whether one of them has attributes that are so.
    pub(crate) fn any(&self, is_so: impl Fn(Attributes<'_>) -> bool) -> bool {
        self.0.iter().any(|(_, sender)| is_so(Attributes(&sender.attributes)))
    }
}

/// All resources that ever sent something.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    senders: Senders,
    by_attributes: HashMap<Box<[u8]>, ResourceId>,
    /// Attributes of all of them.
    bytes: usize,
    buffer: Vec<u8>,
}

impl Resources {
    /// Bytes that are kept: attributes stand in the table and in its index.
    pub(crate) fn bytes(&self) -> usize {
        /// A place in the table and one in the index.
        const RESOURCE: usize = 64;
        self.bytes * 2 + self.by_attributes.len() * RESOURCE
    }

    /// The side that reads.
    pub(crate) fn senders(&self) -> &Senders {
        &self.senders
    }

    /// The place of a `Resource` message and its service. Resources beyond the bounds share the last place.
    pub(crate) fn admit(&mut self, message: &[u8], tables: &mut Tables) -> Result<(ResourceId, Symbol), Malformed> {
        self.buffer.clear();
        let mut service = UNKNOWN_SERVICE;
        let (mut fields, mut place) = (Fields::new(message), 0);
        while let Some((number, field)) = fields.next()? {
            if number != 1 {
                continue;
            }
            let attribute = KeyValue::read(field.bytes()?)?;
            // Guesses are for spans; a resource stands once in a message.
            let admitted = tables.attribute(&mut self.buffer, Symbol::NONE, place, attribute)?;
            place += 1;
            if let Some(admitted) = admitted.filter(|admitted| admitted.key == SERVICE_NAME) {
                service = match admitted.value {
                    value @ (Packed::Shared(_) | Packed::Text(_)) => tables.name_of(value)?,
                    _ => service,
                };
            }
        }
        let packed = std::mem::take(&mut self.buffer);
        let id = self.admit_packed(&packed);
        self.buffer = packed;
        Ok((id, service))
    }

    /// The place of a resource whose attributes have been packed.
    pub(crate) fn admit_packed(&mut self, packed: &[u8]) -> ResourceId {
        if let Some(id) = self.by_attributes.get(packed) {
            return *id;
        }
        let known = self.senders.0.count();
        if known >= MOST_RESOURCES || self.bytes + packed.len() > MOST_RESOURCE_BYTES {
            return ResourceId(MOST_RESOURCES as u32 - 1);
        }
        self.bytes += packed.len();
        let attributes: Box<[u8]> = packed.into();
        let id = ResourceId(known as u32);
        self.senders.0.push(Sender { attributes: attributes.clone() });
        self.by_attributes.insert(attributes, id);
        id
    }
}
