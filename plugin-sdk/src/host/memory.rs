//! The operator's memory plugin. Needs the `memory` capability; a memory plugin itself has no use for it.

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::memory as host;
use crate::memory::{Draft, Filter, Hit, Item, MemoryError, Stats};
use crate::plugin::{Capability, Denied};

/// Keeps an item and returns its id.
pub fn save(memory: &Draft) -> Result<String, MemoryError> {
    hosted()?;
    host::save(memory)
}

/// Returns an item.
pub fn get(id: &str) -> Result<Option<Item>, MemoryError> {
    hosted()?;
    host::get(id)
}

/// Forgets an item; true where there was one.
pub fn delete(id: &str) -> Result<bool, MemoryError> {
    hosted()?;
    host::delete(id)
}

/// Lists the items that match.
pub fn list(filter: &Filter, limit: u32, offset: u32) -> Result<Vec<Item>, MemoryError> {
    hosted()?;
    host::list(filter, limit, offset)
}

/// Finds the items nearest to an embedding, best first.
pub fn search(embedding: &[f32], top_k: u32, min_score: f64) -> Result<Vec<Hit>, MemoryError> {
    hosted()?;
    host::search(embedding, top_k, min_score)
}

/// Forgets an agent's items, or all; returns how many.
pub fn clear(agent_id: Option<&str>) -> Result<u64, MemoryError> {
    hosted()?;
    host::clear(agent_id)
}

/// Counts an agent's items, or all.
pub fn summary(agent_id: Option<&str>) -> Result<Stats, MemoryError> {
    hosted()?;
    host::summary(agent_id)
}

/// Forgets what has expired; returns how many.
pub fn cleanup_expired() -> Result<u64, MemoryError> {
    hosted()?;
    host::cleanup_expired()
}

fn hosted() -> Result<(), MemoryError> {
    if HOSTED {
        Ok(())
    } else {
        Err(MemoryError::Permission(Denied::no_host(Capability::Memory)))
    }
}
