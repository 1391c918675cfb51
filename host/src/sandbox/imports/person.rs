//! `secrets`, by name only; `ask` and `memory`, which nobody can grant yet and which answer with the typed refusal.

use crate::model::Capability;
use crate::sandbox::bindings::imports::{ask, memory, memory_types, secrets, types};
use crate::sandbox::convert;
use crate::sandbox::state::State;

impl ask::Host for State {
    async fn ask(
        &mut self,
        _question: ask::Question,
    ) -> wasmtime::Result<Result<ask::Answer, ask::AskError>> {
        let denied = convert::denied_to_wit(self.denied(Capability::Ask));
        Ok(Err(ask::AskError::Permission(denied)))
    }
}

impl secrets::Host for State {
    async fn names(&mut self) -> wasmtime::Result<Result<Vec<String>, types::Denied>> {
        let names = self
            .outward()
            .map_or_else(Vec::new, |outward| outward.secret_names());
        if names.is_empty() {
            return Ok(Err(convert::denied_to_wit(
                self.denied(Capability::Secrets),
            )));
        }
        Ok(Ok(names.iter().map(ToString::to_string).collect()))
    }
}

impl memory_types::Host for State {}

impl State {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the shape that every import of `memory` answers in"
    )]
    fn no_memory<T>(&self) -> wasmtime::Result<Result<T, memory_types::MemoryError>> {
        let denied = convert::denied_to_wit(self.denied(Capability::Memory));
        Ok(Err(memory_types::MemoryError::Permission(denied)))
    }
}

impl memory::Host for State {
    async fn save(
        &mut self,
        _memory: memory::Draft,
    ) -> wasmtime::Result<Result<String, memory::MemoryError>> {
        self.no_memory()
    }

    async fn get(
        &mut self,
        _id: String,
    ) -> wasmtime::Result<Result<Option<memory::Item>, memory::MemoryError>> {
        self.no_memory()
    }

    async fn delete(&mut self, _id: String) -> wasmtime::Result<Result<bool, memory::MemoryError>> {
        self.no_memory()
    }

    async fn list(
        &mut self,
        _filter: memory::Filter,
        _limit: u32,
        _offset: u32,
    ) -> wasmtime::Result<Result<Vec<memory::Item>, memory::MemoryError>> {
        self.no_memory()
    }

    async fn search(
        &mut self,
        _embedding: Vec<f32>,
        _top_k: u32,
        _min_score: f64,
    ) -> wasmtime::Result<Result<Vec<memory::Hit>, memory::MemoryError>> {
        self.no_memory()
    }

    async fn clear(
        &mut self,
        _agent_id: Option<String>,
    ) -> wasmtime::Result<Result<u64, memory::MemoryError>> {
        self.no_memory()
    }

    async fn summary(
        &mut self,
        _agent_id: Option<String>,
    ) -> wasmtime::Result<Result<memory::Stats, memory::MemoryError>> {
        self.no_memory()
    }

    async fn cleanup_expired(&mut self) -> wasmtime::Result<Result<u64, memory::MemoryError>> {
        self.no_memory()
    }
}
