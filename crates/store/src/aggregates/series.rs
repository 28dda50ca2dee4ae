//! What aggregates tell apart, in a bounded table: service, operation, kind, `traffic.type` and status, and of calls to
//! databases the system, the statement and the index.

use detect::{SpanFilter, SpanKind, SpanStatus};
use hashbrown::DefaultHashBuilder;
use indexmap::IndexSet;

use crate::limits::MOST_SERIES;
use crate::symbols::{Symbol, Symbols};

/// Places kept for `other`, beyond those for what is told apart.
const OVERFLOW_SERIES: usize = 256;

/// One combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SeriesKey {
    pub(crate) service: Symbol,
    pub(crate) operation: Symbol,
    pub(crate) traffic_type: Symbol,
    /// `db.system.name`, of calls to a database.
    pub(crate) system: Symbol,
    /// `db.query.text`.
    pub(crate) statement: Symbol,
    /// `db.index_used`.
    pub(crate) index_used: Symbol,
    pub(crate) kind: SpanKind,
    pub(crate) status: SpanStatus,
}

/// A combination's number.
pub(crate) type SeriesId = u32;

/// All combinations that came.
#[derive(Debug, Default)]
pub(crate) struct SeriesTable {
    keys: IndexSet<SeriesKey, DefaultHashBuilder>,
}

impl SeriesTable {
    /// The combination's number, and whether it stands for `other` because the table is full.
    pub(crate) fn admit(&mut self, key: SeriesKey) -> (SeriesId, bool) {
        if let Some(index) = self.keys.get_index_of(&key) {
            return (index as SeriesId, false);
        }
        if self.keys.len() < MOST_SERIES {
            return (self.keys.insert_full(key).0 as SeriesId, false);
        }
        // First the operation is given up, then the service too.
        let other = SeriesKey {
            operation: Symbol::OTHER,
            traffic_type: Symbol::NONE,
            system: Symbol::NONE,
            statement: Symbol::NONE,
            index_used: Symbol::NONE,
            kind: SpanKind::Internal,
            ..key
        };
        let index = match self.keys.get_index_of(&other) {
            Some(index) => index,
            None if self.keys.len() < MOST_SERIES + OVERFLOW_SERIES => self.keys.insert_full(other).0,
            None => self.keys.insert_full(SeriesKey { service: Symbol::OTHER, ..other }).0,
        };
        (index as SeriesId, true)
    }

    /// The combinations that agree with a filter.
    pub(crate) fn matching(&self, filter: &SpanFilter, symbols: &Symbols) -> Vec<(SeriesId, SeriesKey)> {
        let symbol = |word: &Option<String>| match word {
            None => Some(None),
            Some(word) => symbols.find(word).map(Some),
        };
        let (Some(service), Some(operation), Some(traffic_type)) =
            (symbol(&filter.service), symbol(&filter.operation), symbol(&filter.traffic_type))
        else {
            return Vec::new();
        };
        let fits = |key: &SeriesKey| {
            service.is_none_or(|service| key.service == service)
                && operation.is_none_or(|operation| key.operation == operation)
                && traffic_type.is_none_or(|traffic_type| key.traffic_type == traffic_type)
                && filter.kind.is_none_or(|kind| key.kind == kind)
                && filter.status.is_none_or(|status| key.status == status)
        };
        self.keys.iter().enumerate().filter(|(_, key)| fits(key)).map(|(id, key)| (id as SeriesId, *key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_beyond_the_table_become_other_of_their_service() {
        let mut table = SeriesTable::default();
        let key = |service, operation| SeriesKey {
            service: Symbol(service),
            operation: Symbol(operation),
            traffic_type: Symbol::NONE,
            system: Symbol::NONE,
            statement: Symbol::NONE,
            index_used: Symbol::NONE,
            kind: SpanKind::Server,
            status: SpanStatus::Ok,
        };
        for n in 0..MOST_SERIES as u32 {
            assert!(!table.admit(key(10, 100 + n)).1);
        }
        let (first, is_other) = table.admit(key(10, 99_999));
        assert!(is_other);
        assert_eq!(table.admit(key(10, 99_998)), (first, true));
        assert!(!table.admit(key(10, 100)).1, "known ones stay told apart");
        for n in 0..10_000 {
            table.admit(key(1000 + n, 5));
        }
        assert!(table.keys.len() <= MOST_SERIES + OVERFLOW_SERIES + 2);
    }
}
