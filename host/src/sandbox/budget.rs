//! What a store may take, counted as it is taken.

use crate::model::{LimitName, Limits};

/// No honest guest has more entries in one table; a larger one is refused.
const TABLE_ELEMENTS: usize = 100_000;
/// The component's core instances, with room for adapters.
const INSTANCES: usize = 64;
/// Tables and memories of all of them.
const TABLES: usize = 64;
const MEMORIES: usize = 8;

/// The running account of a store.
#[derive(Debug)]
pub(super) struct Budget {
    most: usize,
    used: usize,
    peak: usize,
    reached: Option<LimitName>,
}

impl Budget {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self {
            most: limits.memory(),
            used: 0,
            peak: 0,
            reached: None,
        }
    }

    /// Forgets what an earlier call reached, on an instance that lives on.
    pub(super) const fn forget(&mut self) {
        self.reached = None;
    }

    /// Returns the limit that was reached, if one was: the guest may have died of it in its own way.
    pub(super) const fn reached(&self) -> Option<LimitName> {
        self.reached
    }

    /// Returns the memory limit, with its unit.
    pub(super) fn value(&self) -> String {
        format!("{} MiB", self.most >> 20)
    }

    /// Returns the most memory that was in use at once, in bytes.
    pub(super) const fn peak(&self) -> usize {
        self.peak
    }
}

impl wasmtime::ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Summed over memories: several small ones are no way around the limit.
        let total = self.used.saturating_add(desired.saturating_sub(current));
        if total > self.most {
            self.reached = Some(LimitName::Memory);
            return Ok(false);
        }
        self.used = total;
        self.peak = self.peak.max(total);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
