//! A provider: the models of OpenAI, and of every server that speaks its Chat Completions, such as vLLM, LM Studio,
//! llama.cpp and Ollama.

mod answer;
mod ask;
mod deltas;
mod models;

use deltas::Deltas;
use paracle_plugin_sdk::chat::{ChatError, ModelInfo, Request, Response};
use paracle_plugin_sdk::http::Events;
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::provider::{Chunks, Provider};
use paracle_plugin_sdk::remote::{self, Server};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of one event of a stream: more than a whole answer has.
const MOST_EVENT: usize = 4 << 20;

/// Where the server is, and how it is asked.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The URL that all paths begin with.
    #[serde(default = "base_url")]
    base_url: String,
    /// The name of the secret that holds the key; none for servers that want none.
    #[serde(default)]
    key: Option<String>,
    /// The organization that requests are counted for.
    #[serde(default)]
    organization: Option<String>,
    /// The project that requests are counted for.
    #[serde(default)]
    project: Option<String>,
    /// Headers that every request carries; a secret is written as `{{secret:NAME}}`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The models to offer, in place of those that the server lists.
    #[serde(default)]
    models: Vec<String>,
    /// How the server calls the longest answer. By default `max_completion_tokens` at api.openai.com, `max_tokens`
    /// elsewhere.
    #[serde(default)]
    max_tokens_field: Option<MaxTokens>,
    /// Fields that are never sent, for models that refuse them, such as `temperature`.
    #[serde(default)]
    omit: Vec<String>,
    /// Fields that are sent besides, such as `reasoning_effort`.
    #[serde(default)]
    extra: serde_json::Map<String, Value>,
    /// How long to wait for an answer to begin, and for each part of it, in seconds.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    timeout_s: Option<u32>,
}

/// How a server calls the longest answer.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MaxTokens {
    MaxTokens,
    MaxCompletionTokens,
}

fn base_url() -> String {
    "https://api.openai.com/v1".into()
}

impl Config {
    fn server(&self) -> Result<Server, String> {
        let mut server = Server::new(&self.base_url)?;
        for (name, value) in &self.headers {
            server = server.header(name, value);
        }
        let named = [
            ("openai-organization", &self.organization),
            ("openai-project", &self.project),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                server = server.header(name, value);
            }
        }
        if let Some(seconds) = self.timeout_s {
            server = server.timeout(Duration::from_secs(seconds.into()));
        }
        Ok(server.key("authorization", "Bearer ", self.key.as_deref()))
    }
}

struct OpenAi {
    config: Config,
    server: Server,
}

impl Plugin for OpenAi {
    const CAPABILITIES: &[Capability] = &[
        Capability::NetworkAccess,
        Capability::Secrets,
        Capability::TextGeneration,
        Capability::ChatCompletion,
        Capability::Streaming,
        Capability::FunctionCalling,
        Capability::Vision,
    ];
    const TAGS: &[&str] = &["openai", "vllm", "lm-studio", "llama.cpp"];
    type Config = Config;

    fn new(config: Config) -> Result<Self, InitError> {
        let server = config.server();
        let server = server.map_err(|why| InitError::invalid_config("/base_url", why))?;
        Ok(Self { config, server })
    }

    fn validate_config(config: &Config) -> Result<(), Vec<ConfigProblem>> {
        let server = config.server().map(drop);
        server.map_err(|why| vec![ConfigProblem::new("/base_url", why)])
    }
}

impl Provider for OpenAi {
    fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError> {
        let body = ask::body(&self.config, &request, false)?;
        let mut answer = self
            .server
            .post("/chat/completions", &body, &request.model)?;
        let answer = self.server.read(&mut answer)?;
        answer::whole(answer, &request.model, |refusal| {
            self.server.refused(refusal, &request.model)
        })
    }

    fn chat_completion_stream(&mut self, request: Request) -> Result<Chunks, ChatError> {
        let body = ask::body(&self.config, &request, true)?;
        let answer = self
            .server
            .post("/chat/completions", &body, &request.model)?;
        let (server, mut deltas) = (self.server.clone(), Deltas::default());
        Ok(remote::chunks(
            Events::new(answer, MOST_EVENT),
            move |event| match event {
                Some(event) => deltas.take(&event.data, |refusal| {
                    server.refused(refusal, &request.model)
                }),
                None => deltas.end(),
            },
        ))
    }

    fn list_models(&mut self) -> Result<Vec<ModelInfo>, ChatError> {
        if !self.config.models.is_empty() {
            return Ok(self
                .config
                .models
                .iter()
                .map(|id| models::named(id))
                .collect());
        }
        let mut answer = self.server.get("/models", "")?;
        models::listed(self.server.read(&mut answer)?)
    }
}

paracle_plugin_sdk::export!(provider: OpenAi);
