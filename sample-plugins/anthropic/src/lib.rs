//! A provider: the models of Anthropic, by its Messages API.

mod answer;
mod ask;
mod events;
mod models;

use events::Reading;
use paracle_plugin_sdk::chat::{ChatError, ModelInfo, Request, Response};
use paracle_plugin_sdk::http::Events;
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::provider::{Chunks, Provider};
use paracle_plugin_sdk::remote::{self, Server};
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the API that this speaks.
const VERSION: &str = "2023-06-01";
/// Bytes of one event of a stream: more than a whole answer has.
const MOST_EVENT: usize = 4 << 20;
/// Pages of a list of models that are read.
const MOST_PAGES: usize = 20;

/// Where the server is, and how it is asked.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The URL before `/v1/messages`.
    #[serde(default = "base_url")]
    base_url: String,
    /// The name of the secret that holds the key; none for a gateway that wants none.
    #[serde(default)]
    key: Option<String>,
    /// Features to try, sent as `anthropic-beta`.
    #[serde(default)]
    beta: Vec<String>,
    /// Headers that every request carries; a secret is written as `{{secret:NAME}}`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The longest answer, in tokens, where the caller says nothing: the API wants to know.
    #[serde(default = "max_tokens")]
    #[schemars(range(min = 1))]
    max_tokens: u32,
    /// The models to offer, in place of those that the server lists.
    #[serde(default)]
    models: Vec<String>,
    /// Fields that are never sent, for models that refuse them, such as `temperature`.
    #[serde(default)]
    omit: Vec<String>,
    /// Fields that are sent besides, such as `thinking`.
    #[serde(default)]
    extra: serde_json::Map<String, Value>,
    /// How long to wait for an answer to begin, and for each part of it, in seconds.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    timeout_s: Option<u32>,
}

fn base_url() -> String {
    "https://api.anthropic.com".into()
}

const fn max_tokens() -> u32 {
    4096
}

impl Config {
    fn server(&self) -> Result<Server, String> {
        let mut server = Server::new(&self.base_url)?.header("anthropic-version", VERSION);
        if !self.beta.is_empty() {
            server = server.header("anthropic-beta", &self.beta.join(","));
        }
        for (name, value) in &self.headers {
            server = server.header(name, value);
        }
        if let Some(seconds) = self.timeout_s {
            server = server.timeout(Duration::from_secs(seconds.into()));
        }
        Ok(server.key("x-api-key", "", self.key.as_deref()))
    }
}

struct Anthropic {
    config: Config,
    server: Server,
}

impl Plugin for Anthropic {
    const CAPABILITIES: &[Capability] = &[
        Capability::NetworkAccess,
        Capability::Secrets,
        Capability::TextGeneration,
        Capability::ChatCompletion,
        Capability::Streaming,
        Capability::FunctionCalling,
        Capability::Vision,
    ];
    const TAGS: &[&str] = &["anthropic", "claude"];
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

impl Provider for Anthropic {
    fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError> {
        let body = ask::body(&self.config, &request, false)?;
        let mut answer = self.server.post("/v1/messages", &body, &request.model)?;
        Ok(answer::whole(self.server.read(&mut answer)?))
    }

    fn chat_completion_stream(&mut self, request: Request) -> Result<Chunks, ChatError> {
        let body = ask::body(&self.config, &request, true)?;
        let answer = self.server.post("/v1/messages", &body, &request.model)?;
        let (server, mut reading) = (self.server.clone(), Reading::default());
        Ok(remote::chunks(
            Events::new(answer, MOST_EVENT),
            move |event| {
                let event = event.ok_or_else(remote::broke_off)?;
                reading.take(&event.data, |refusal| {
                    server.refused(refusal, &request.model)
                })
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
        let (mut listed, mut path) = (Vec::new(), "/v1/models?limit=1000".to_owned());
        for _ in 0..MOST_PAGES {
            let mut answer = self.server.get(&path, "")?;
            let page: models::Page = self.server.read(&mut answer)?;
            listed.extend(page.models());
            match page.next() {
                Some(last) => path = format!("/v1/models?limit=1000&after_id={last}"),
                None => break,
            }
        }
        Ok(listed)
    }
}

paracle_plugin_sdk::export!(provider: Anthropic);
