//! A memory: keeps items in the instance, so it is stateful, and what it keeps ends with the host.

use paracle_plugin_sdk::memory::{Draft, Filter, Hit, Item, Memory, MemoryError, cosine, now};
use paracle_plugin_sdk::prelude::*;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use ulid::Ulid;

/// The items by id. A ULID begins with its time, so the map's order is the order of saving.
#[derive(Default)]
struct Notes {
    items: BTreeMap<String, Item>,
    /// The last id given, so that the ids of one millisecond keep their order.
    last: Option<Ulid>,
}

impl Plugin for Notes {
    const CAPABILITIES: &[Capability] = &[Capability::PersistentStorage, Capability::VectorSearch];
    const TAGS: &[&str] = &["memory"];
    const STATEFUL: bool = true;
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self::default())
    }

    fn health(&self) -> Health {
        Health::healthy().with_detail(format!("{} items", self.items.len()))
    }
}

impl Memory for Notes {
    fn save(&mut self, memory: Draft) -> Result<String, MemoryError> {
        check(&memory)?;
        let now = now();
        let id = self.next_id(now).to_string();
        self.items
            .insert(id.clone(), memory.into_item(id.clone(), now));
        Ok(id)
    }

    fn get(&mut self, id: &str) -> Result<Option<Item>, MemoryError> {
        let now = now();
        let found = self.items.get_mut(id).filter(|item| !item.expired(now));
        Ok(found.map(|item| {
            item.last_accessed = now;
            item.clone()
        }))
    }

    fn delete(&mut self, id: &str) -> Result<bool, MemoryError> {
        Ok(self.items.remove(id).is_some())
    }

    fn list(&mut self, filter: &Filter, limit: u32, offset: u32) -> Result<Vec<Item>, MemoryError> {
        let now = now();
        let matching = self
            .items
            .values()
            .filter(|item| !item.expired(now) && filter.matches(item));
        Ok(matching
            .skip(offset as usize)
            .take(limit as usize)
            .cloned()
            .collect())
    }

    fn search(
        &mut self,
        embedding: &[f32],
        top_k: u32,
        min_score: f64,
    ) -> Result<Vec<Hit>, MemoryError> {
        if embedding.is_empty() {
            return Err(MemoryError::InvalidValue(
                "the embedding to search for is empty".into(),
            ));
        }
        let now = now();
        let score = |item: &Item| {
            item.embedding
                .as_deref()
                .and_then(|own| cosine(own, embedding))
        };
        let mut hits: Vec<(f64, &Item)> = self
            .items
            .values()
            .filter(|item| !item.expired(now))
            .filter_map(|item| Some((score(item)?, item)))
            .filter(|(score, _)| *score >= min_score)
            .collect();
        // Stable: the older of two equal ones comes first.
        hits.sort_by(|a, b| b.0.total_cmp(&a.0));
        hits.truncate(top_k as usize);
        Ok(hits
            .into_iter()
            .map(|(score, item)| Hit {
                item: item.clone(),
                score,
            })
            .collect())
    }

    fn clear(&mut self, agent_id: Option<&str>) -> Result<u64, MemoryError> {
        let before = self.items.len();
        self.items
            .retain(|_, item| agent_id.is_some_and(|agent| agent != item.agent_id));
        Ok((before - self.items.len()) as u64)
    }

    fn cleanup_expired(&mut self) -> Result<u64, MemoryError> {
        // The default goes through `list`, which hides what has expired.
        let (now, before) = (now(), self.items.len());
        self.items.retain(|_, item| !item.expired(now));
        Ok((before - self.items.len()) as u64)
    }
}

impl Notes {
    /// Makes an id that sorts after every earlier one, whatever the clock does.
    fn next_id(&mut self, now: u64) -> Ulid {
        // The standard hasher is seeded from the host's random source; 80 bits of two of them are enough for an id.
        let random = || u128::from(RandomState::new().hash_one(now));
        let fresh = Ulid::from_parts(now, (random() << 64) | random());
        let id = match self.last {
            Some(last) if last.timestamp_ms() >= fresh.timestamp_ms() => {
                last.increment().unwrap_or(fresh)
            }
            _ => fresh,
        };
        self.last = Some(id);
        id
    }
}

/// Refuses what could not be found or compared later.
fn check(memory: &Draft) -> Result<(), MemoryError> {
    let wrong = |message: &str| Err(MemoryError::InvalidValue(message.into()));
    if memory.agent_id.is_empty() {
        return wrong("agent-id is empty");
    }
    if !(0.0..=1.0).contains(&memory.importance) {
        return wrong("importance must be from 0 to 1");
    }
    if memory
        .embedding
        .as_ref()
        .is_some_and(|own| own.is_empty() || own.iter().any(|x| !x.is_finite()))
    {
        return wrong("the embedding is empty or has a value that is not a number");
    }
    Ok(())
}

paracle_plugin_sdk::export!(memory: Notes);
