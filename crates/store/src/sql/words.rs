//! What the numbers in rows mean, as values for SQLite.

use crate::disk::{JsonText, Words};
use crate::pack::{Attributes, Packed};
use crate::resources::ResourceId;
use crate::sql::column::Cell;
use crate::symbols::Symbol;

impl Words {
    /// The value of a key: the row's own, or else its resource's.
    pub(super) fn attribute<'a>(
        &'a self,
        own: Attributes<'a>,
        sender: Option<ResourceId>,
        key: Symbol,
    ) -> Option<Packed<'a>> {
        own.get(key).or_else(|| self.senders.attributes(sender?)?.get(key))
    }

    /// A value of an attribute for SQLite.
    pub(super) fn cell<'a>(&'a self, value: Option<Packed<'a>>) -> Cell<'a> {
        match value {
            None | Some(Packed::Null) => Cell::Null,
            Some(Packed::Shared(symbol)) => Cell::Text(self.texts.text(symbol).into()),
            Some(Packed::Text(text) | Packed::Json(text)) => Cell::Text(text.into()),
            Some(Packed::Whole(whole)) => Cell::Whole(whole),
            Some(Packed::Number(number)) => Cell::Real(number),
            Some(Packed::Bool(is)) => Cell::Whole(is.into()),
        }
    }

    /// Attributes as JSON.
    pub(super) fn json<'a>(&self, attributes: Attributes<'a>) -> Cell<'a> {
        Cell::Text(JsonText::once(attributes, &self.texts).into())
    }

    /// A resource's attributes as JSON.
    pub(super) fn sender(&self, id: ResourceId) -> Cell<'_> {
        self.senders.attributes(id).map_or(Cell::Null, |attributes| self.json(attributes))
    }
}
