//! What agents remember: the trait of a memory plugin, and what filters and drafts can do.

use crate::plugin::Plugin;

#[doc(inline)]
pub use crate::bindings::life_cycle::paracle::plugin::memory_types::{
    Draft, Filter, Hit, Item, MemoryError, MemoryType, Stats, TypeCount,
};

/// A plugin that keeps items for agents.
pub trait Memory: Plugin {
    /// Keeps an item and returns its id, a ULID.
    fn save(&mut self, memory: Draft) -> Result<String, MemoryError>;

    /// Returns an item.
    fn get(&mut self, id: &str) -> Result<Option<Item>, MemoryError>;

    /// Forgets an item; true where there was one.
    fn delete(&mut self, id: &str) -> Result<bool, MemoryError>;

    /// Lists the items that match.
    fn list(&mut self, filter: &Filter, limit: u32, offset: u32) -> Result<Vec<Item>, MemoryError>;

    /// Finds the items nearest to an embedding, best first.
    fn search(
        &mut self,
        embedding: &[f32],
        top_k: u32,
        min_score: f64,
    ) -> Result<Vec<Hit>, MemoryError>;

    /// Forgets an agent's items, or all; returns how many.
    fn clear(&mut self, agent_id: Option<&str>) -> Result<u64, MemoryError>;

    /// Counts an agent's items, or all. The default counts what [`Memory::list`] lists.
    fn summary(&mut self, agent_id: Option<&str>) -> Result<Stats, MemoryError> {
        let filter = Filter {
            agent_id: agent_id.map(str::to_owned),
            ..Filter::any()
        };
        Ok(Stats::of(&self.list(&filter, u32::MAX, 0)?))
    }

    /// Forgets what has expired; returns how many. The default lists everything and deletes one by one.
    fn cleanup_expired(&mut self) -> Result<u64, MemoryError> {
        let now = now();
        let mut gone = 0;
        for item in self.list(&Filter::any(), u32::MAX, 0)? {
            if item.expired(now) && self.delete(&item.id)? {
                gone += 1;
            }
        }
        Ok(gone)
    }
}

/// Returns the milliseconds since 1970, as the contract's timestamps count them.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the cosine similarity of two vectors, from -1 to 1; none where they cannot be compared.
///
/// ```
/// use paracle_plugin_sdk::memory::cosine;
///
/// assert_eq!(cosine(&[1.0, 0.0], &[2.0, 0.0]), Some(1.0));
/// assert_eq!(cosine(&[1.0, 0.0], &[0.0, 3.0]), Some(0.0));
/// assert_eq!(cosine(&[1.0], &[1.0, 2.0]), None);
/// assert_eq!(cosine(&[0.0], &[1.0]), None);
/// ```
pub fn cosine(a: &[f32], b: &[f32]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let dot = |x: &[f32], y: &[f32]| {
        x.iter()
            .zip(y)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum::<f64>()
    };
    let length = (dot(a, a) * dot(b, b)).sqrt();
    (length.is_finite() && length > 0.0).then(|| (dot(a, b) / length).clamp(-1.0, 1.0))
}

impl Draft {
    /// Makes an item of the draft.
    pub fn into_item(self, id: String, now: u64) -> Item {
        Item {
            id,
            agent_id: self.agent_id,
            content: self.content,
            memory_type: self.memory_type,
            tags: self.tags,
            metadata: self.metadata,
            importance: self.importance,
            created_at: now,
            last_accessed: now,
            expires_at: self.expires_at,
            embedding: self.embedding,
        }
    }
}

impl Item {
    /// Tells whether the item's time is over.
    pub fn expired(&self, now: u64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl Filter {
    /// Makes the filter that everything passes.
    pub fn any() -> Self {
        Self {
            agent_id: None,
            memory_type: None,
            tags: Vec::new(),
            text: None,
            min_importance: None,
            created_after: None,
            created_before: None,
        }
    }

    /// Tells whether an item passes: every field that is set has to agree.
    ///
    /// ```
    /// use paracle_plugin_sdk::memory::{Draft, Filter, MemoryType};
    ///
    /// let draft = Draft {
    ///     agent_id: "a".into(),
    ///     content: "Tea at four".into(),
    ///     memory_type: MemoryType::Episodic,
    ///     tags: vec!["tea".into(), "time".into()],
    ///     metadata: "{}".into(),
    ///     importance: 0.5,
    ///     expires_at: None,
    ///     embedding: None,
    /// };
    /// let item = draft.into_item("01J".into(), 1_000);
    /// assert!(Filter { text: Some("TEA".into()), ..Filter::any() }.matches(&item));
    /// assert!(!Filter { tags: vec!["tea".into(), "cake".into()], ..Filter::any() }.matches(&item));
    /// assert!(!Filter { created_after: Some(1_000), ..Filter::any() }.matches(&item));
    /// ```
    pub fn matches(&self, item: &Item) -> bool {
        self.agent_id.as_ref().is_none_or(|id| *id == item.agent_id)
            && self.memory_type.is_none_or(|kind| kind == item.memory_type)
            && self.tags.iter().all(|tag| item.tags.contains(tag))
            && self
                .text
                .as_ref()
                .is_none_or(|text| item.content.to_lowercase().contains(&text.to_lowercase()))
            && self
                .min_importance
                .is_none_or(|least| item.importance >= least)
            && self.created_after.is_none_or(|time| item.created_at > time)
            && self
                .created_before
                .is_none_or(|time| item.created_at < time)
    }
}

impl Stats {
    /// Counts items.
    pub fn of(items: &[Item]) -> Self {
        let mut by_type: Vec<TypeCount> = Vec::new();
        for item in items {
            match by_type
                .iter_mut()
                .find(|entry| entry.memory_type == item.memory_type)
            {
                Some(entry) => entry.count += 1,
                None => by_type.push(TypeCount {
                    memory_type: item.memory_type,
                    count: 1,
                }),
            }
        }
        by_type.sort_by_key(|entry| entry.memory_type as u8);
        Self {
            total: items.len() as u64,
            by_type,
            oldest: items.iter().map(|item| item.created_at).min(),
            newest: items.iter().map(|item| item.created_at).max(),
        }
    }
}
