//! What the numbers in rows mean: texts, resources, instruments.

use crate::disk::error::Unfit;
use crate::disk::json;
use crate::metrics::{Instruments, Metrics};
use crate::resources::{ResourceId, Resources, Senders};
use crate::symbols::{Symbol, Texts};
use crate::tables::Tables;

/// What rows' numbers mean. Cheap to clone, read without a lock.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) texts: Texts,
    pub(crate) senders: Senders,
    pub(crate) instruments: Instruments,
}

/// One row and what its numbers mean.
#[derive(Debug)]
pub(crate) struct Row<'a, C> {
    pub(crate) chunk: &'a C,
    pub(crate) place: usize,
    pub(crate) words: &'a Words,
}

impl<C> Clone for Row<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Row<'_, C> {}

/// Where rows that are read from a file get their numbers.
#[derive(Debug)]
pub(crate) struct Intake<'a> {
    pub(crate) tables: &'a mut Tables,
    pub(crate) resources: &'a mut Resources,
    pub(crate) metrics: &'a mut Metrics,
}

impl Intake<'_> {
    pub(crate) fn name(&mut self, text: &str) -> Result<Symbol, Unfit> {
        self.tables.symbols.name(text.as_bytes()).map_err(|error| Unfit(error.to_string()))
    }

    pub(crate) fn resource(&mut self, json: &str) -> Result<ResourceId, Unfit> {
        let mut packed = Vec::new();
        json::pack(json, Symbol::NONE, &mut packed, self.tables)?;
        Ok(self.resources.admit_packed(&packed))
    }
}

/// Tables of their own for what is read beside the store, so that nothing waits for the store's lock.
#[derive(Debug)]
pub(crate) struct Apart {
    pub(crate) tables: Tables,
    resources: Resources,
    metrics: Metrics,
}

impl Default for Apart {
    fn default() -> Self {
        /// As much room for words as any store has.
        const BUDGET: usize = 1 << 30;
        Self { tables: Tables::new(BUDGET), resources: Resources::default(), metrics: Metrics::new(0) }
    }
}

impl Apart {
    pub(crate) fn intake(&mut self) -> Intake<'_> {
        Intake { tables: &mut self.tables, resources: &mut self.resources, metrics: &mut self.metrics }
    }

    #[cfg(test)]
    pub(crate) fn admit_resource(&mut self, packed: &[u8]) -> ResourceId {
        self.resources.admit_packed(packed)
    }

    pub(crate) fn words(&self) -> Words {
        Words {
            texts: self.tables.texts().clone(),
            senders: self.resources.senders().clone(),
            instruments: self.metrics.instruments.clone(),
        }
    }
}
