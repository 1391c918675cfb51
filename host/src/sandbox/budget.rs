//! What a store may take of memory, tables and instances, counted as it is taken.

use super::account::Account;
use super::engine::{MEMORIES, TABLES};
use crate::model::LimitName;

/// The running account of a store. Its levels stay with the store; the account is the call's.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) account: Account,
    memory: u64,
    elements: u64,
}

impl Budget {
    pub(super) const fn new(account: Account) -> Self {
        Self {
            account,
            memory: 0,
            elements: 0,
        }
    }

    /// Goes on with the account of another call, on an instance that lives on.
    pub(super) fn go_on(&mut self, account: Account) {
        account.fits(LimitName::Memory, self.memory);
        account.fits(LimitName::Tables, self.elements);
        self.account = account;
    }
}

/// Returns a level after a growth.
fn grown(level: u64, current: usize, desired: usize) -> u64 {
    // Summed over memories, and over tables: several small ones are no way around the limit.
    level.saturating_add(desired.saturating_sub(current) as u64)
}

impl wasmtime::ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = grown(self.memory, current, desired);
        let fits = self.account.fits(LimitName::Memory, memory);
        if fits {
            self.memory = memory;
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = grown(self.elements, current, desired);
        let fits = self.account.fits(LimitName::Tables, elements);
        if fits {
            self.elements = elements;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        self.account.limits().most_here(LimitName::Instances)
    }

    fn tables(&self) -> usize {
        TABLES as usize
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}
