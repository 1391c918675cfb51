//! Listing a directory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::component::Resource;

use super::{Failure, convert};
use crate::sandbox::bindings::types::{DirectoryEntry, HostDirectoryEntryStream};
use crate::sandbox::state::State;
use crate::workspace::DirEntry;

/// A directory as it stood when the guest began to list it.
#[expect(unreachable_pub, reason = "generated bindings re-export it")]
pub struct Entries {
    left: std::vec::IntoIter<DirEntry>,
    size: usize,
    listed: Listed,
}

/// How many bytes the listings of an instance take that it has not dropped.
pub(in crate::sandbox) type Listed = Arc<AtomicUsize>;

impl Entries {
    /// Begins a listing, unless the guest holds too many.
    pub(super) fn new(entries: Vec<DirEntry>, listed: &Listed, most: usize) -> Option<Self> {
        let names: usize = entries.iter().map(|entry| entry.name.len()).sum();
        let size = names + entries.capacity() * size_of::<DirEntry>();
        let before = listed.fetch_add(size, Ordering::Relaxed);
        let listing = Self {
            left: entries.into_iter(),
            size,
            listed: listed.clone(),
        };
        // Too much is given back as the listing goes.
        (before.saturating_add(size) <= most).then_some(listing)
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        self.listed.fetch_sub(self.size, Ordering::Relaxed);
    }
}

impl HostDirectoryEntryStream for State {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<Entries>,
    ) -> Result<Option<DirectoryEntry>, Failure> {
        let entry = self.table.get_mut(&stream)?.left.next();
        Ok(entry.map(|entry| DirectoryEntry {
            type_: convert::kind(entry.kind),
            name: entry.name,
        }))
    }

    async fn drop(&mut self, stream: Resource<Entries>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}
