//! What a call sends and receives, counted, and ended where it is too much.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

use crate::model::LimitName;

/// How much a call may ask of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpQuota {
    /// Requests, refused ones too: a guest that tries every port is stopped.
    pub requests: u64,
    /// Bytes sent: heads and bodies.
    pub sent: u64,
    /// Bytes received: heads and bodies.
    pub received: u64,
}

impl HttpQuota {
    /// What applies where nothing is said: a crawl of a small site, and uploads and downloads of a large document.
    pub const DEFAULT: Self = Self {
        requests: 256,
        sent: 16 << 20,
        received: 64 << 20,
    };
}

/// The running account of a call.
#[derive(Debug)]
pub struct HttpAccount {
    quota: HttpQuota,
    requests: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
    reached: OnceLock<LimitName>,
    over: CancellationToken,
}

/// A limit was reached; the call is being ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

impl HttpAccount {
    /// Opens an account.
    pub fn new(quota: HttpQuota) -> Self {
        Self {
            quota,
            requests: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            reached: OnceLock::new(),
            over: CancellationToken::new(),
        }
    }

    /// Waits until a limit is reached.
    pub async fn until_over(&self) {
        self.over.cancelled().await;
    }

    /// Returns the limit that was reached, with its value and unit, if one was.
    pub fn reached(&self) -> Option<(LimitName, String)> {
        self.reached.get().map(|name| (*name, self.value(*name)))
    }

    /// Returns how many requests were made, and how many bytes went out and came in.
    pub fn usage(&self) -> HttpQuota {
        HttpQuota {
            requests: self.requests.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            received: self.received.load(Ordering::Relaxed),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.reached.get().is_some()
    }

    pub(super) fn request(&self) -> Result<(), Over> {
        self.add(
            &self.requests,
            1,
            self.quota.requests,
            LimitName::HttpRequests,
        )
    }

    pub(super) fn sent(&self, bytes: usize) -> Result<(), Over> {
        self.add(
            &self.sent,
            bytes as u64,
            self.quota.sent,
            LimitName::HttpOut,
        )
    }

    pub(super) fn received(&self, bytes: usize) -> Result<(), Over> {
        self.add(
            &self.received,
            bytes as u64,
            self.quota.received,
            LimitName::HttpIn,
        )
    }

    fn add(&self, to: &AtomicU64, n: u64, most: u64, name: LimitName) -> Result<(), Over> {
        let before = to.fetch_add(n, Ordering::Relaxed);
        if before.saturating_add(n) <= most && self.reached.get().is_none() {
            return Ok(());
        }
        // The first limit that is reached is the one that is told.
        self.reached.get_or_init(|| name);
        self.over.cancel();
        Err(Over)
    }

    fn value(&self, name: LimitName) -> String {
        match name {
            LimitName::HttpOut => format!("{} KiB", self.quota.sent >> 10),
            LimitName::HttpIn => format!("{} KiB", self.quota.received >> 10),
            // The others are not counted here.
            LimitName::HttpRequests | LimitName::Memory | LimitName::Time | LimitName::Result => {
                self.quota.requests.to_string()
            }
        }
    }
}
