//! `memory`: what agents remember.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::bindings::memory::exports::paracle::plugin::memory as exported;
use crate::memory::{Draft, Filter, Hit, Item, Memory, MemoryError, Stats};

impl<H: Hosted<Plugin: Memory>> exported::Guest for Guest<H> {
    fn save(memory: Draft) -> Result<String, MemoryError> {
        started::<H, _>(|plugin| plugin.save(memory))
    }

    fn get(id: String) -> Result<Option<Item>, MemoryError> {
        started::<H, _>(|plugin| plugin.get(&id))
    }

    fn delete(id: String) -> Result<bool, MemoryError> {
        started::<H, _>(|plugin| plugin.delete(&id))
    }

    fn list(filter: Filter, limit: u32, offset: u32) -> Result<Vec<Item>, MemoryError> {
        started::<H, _>(|plugin| plugin.list(&filter, limit, offset))
    }

    fn search(embedding: Vec<f32>, top_k: u32, min_score: f64) -> Result<Vec<Hit>, MemoryError> {
        started::<H, _>(|plugin| plugin.search(&embedding, top_k, min_score))
    }

    fn clear(agent_id: Option<String>) -> Result<u64, MemoryError> {
        started::<H, _>(|plugin| plugin.clear(agent_id.as_deref()))
    }

    fn summary(agent_id: Option<String>) -> Result<Stats, MemoryError> {
        started::<H, _>(|plugin| plugin.summary(agent_id.as_deref()))
    }

    fn cleanup_expired() -> Result<u64, MemoryError> {
        started::<H, _>(Memory::cleanup_expired)
    }
}

fn started<H: Hosted, R>(
    f: impl FnOnce(&mut H::Plugin) -> Result<R, MemoryError>,
) -> Result<R, MemoryError> {
    with::<H, _>(f).unwrap_or_else(|| Err(MemoryError::Unavailable(NOT_STARTED.into())))
}
