//! `ask`; `secrets`, by name only; `memory`, which nobody can grant yet and which answers with the typed refusal.

use super::AskFailure;
use crate::model::Capability;
use crate::sandbox::bindings::imports::{ask, memory, memory_types, secrets, tool_types, types};
use crate::sandbox::convert;
use crate::sandbox::state::State;

impl ask::Host for State {
    async fn abilities(&mut self) -> wasmtime::Result<Vec<tool_types::Ability>> {
        let abilities = self
            .callbacks
            .as_ref()
            .map(|callbacks| callbacks.abilities());
        let abilities = abilities.unwrap_or_default().into_iter();
        Ok(abilities.map(convert::ability_to_wit).collect())
    }

    async fn ask(
        &mut self,
        question: ask::Question,
    ) -> wasmtime::Result<Result<ask::Answer, ask::AskError>> {
        let request = ask::KeyedRequest {
            key: "answer".to_owned(),
            request: ask::Request::Form(question),
        };
        Ok(self
            .asked(vec![request])
            .await
            .and_then(|replies| match replies.into_iter().next() {
                Some(ask::Reply::Form(answer)) => Ok(answer),
                Some(ask::Reply::Url(_) | ask::Reply::Sampling(_) | ask::Reply::Roots(_))
                | None => {
                    let why = "the caller answered another question".to_owned();
                    Err(ask::AskError::NotAvailable(why))
                }
            }))
    }

    async fn ask_all(
        &mut self,
        requests: Vec<ask::KeyedRequest>,
    ) -> wasmtime::Result<Result<Vec<ask::Reply>, ask::AskError>> {
        Ok(self.asked(requests).await)
    }
}

impl State {
    async fn asked(
        &mut self,
        requests: Vec<ask::KeyedRequest>,
    ) -> Result<Vec<ask::Reply>, ask::AskError> {
        let questions =
            convert::questions_from_wit(requests).map_err(ask::AskError::InvalidRequest)?;
        let asked = match self.callbacks.clone() {
            Some(callbacks) => callbacks.ask(questions).await,
            None => Err(AskFailure::Denied(self.denied(Capability::Ask))),
        };
        match asked {
            Ok(replies) => Ok(replies.into_iter().map(convert::reply_to_wit).collect()),
            Err(AskFailure::Denied(denied)) => {
                Err(ask::AskError::Permission(convert::denied_to_wit(denied)))
            }
            Err(AskFailure::NotAvailable(error)) => Err(ask::AskError::NotAvailable(error.why)),
        }
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
