//! What a call sends and receives, counted against its limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Oversight;
use crate::model::LimitName;

/// Counts what a call does in the network, for whoever keeps the call's limits.
pub(super) struct NetworkAccount {
    oversight: Arc<dyn Oversight>,
    over: AtomicBool,
}

/// A limit was reached; the call is being ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

impl NetworkAccount {
    pub(super) fn new(oversight: Arc<dyn Oversight>) -> Self {
        Self {
            oversight,
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Counts a request, or a connection of a raw socket; refused ones too: a guest that tries every port is stopped.
    pub(super) fn request(&self) -> Result<(), Over> {
        self.count(LimitName::HttpRequests, 1)
    }

    /// Counts bytes sent: heads and bodies, and all of a raw socket.
    pub(super) fn sent(&self, bytes: usize) -> Result<(), Over> {
        self.count(LimitName::HttpOut, bytes as u64)
    }

    /// Counts bytes received: heads and bodies, and all of a raw socket.
    pub(super) fn received(&self, bytes: usize) -> Result<(), Over> {
        self.count(LimitName::HttpIn, bytes as u64)
    }

    fn count(&self, name: LimitName, more: u64) -> Result<(), Over> {
        if !self.is_over() && self.oversight.count(name, more).is_ok() {
            return Ok(());
        }
        self.over.store(true, Ordering::Relaxed);
        Err(Over)
    }
}
