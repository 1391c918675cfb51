//! A provider: the models of Ollama, by its own API.

mod answer;
mod ask;
mod models;

use answer::Reading;
use paracle_plugin_sdk::chat::{ChatError, ModelInfo, Request, Response};
use paracle_plugin_sdk::http::Lines;
use paracle_plugin_sdk::prelude::*;
use paracle_plugin_sdk::provider::{Chunks, Provider};
use paracle_plugin_sdk::remote::{self, Server};
use std::time::Duration;

/// Bytes of one line of a stream: more than a whole answer has.
const MOST_LINE: usize = 4 << 20;
/// Models of a list that are looked at one by one.
const MOST_SHOWN: usize = 50;

/// Where Ollama runs, and how it is asked.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The URL before `/api/chat`.
    #[serde(default = "base_url")]
    base_url: String,
    /// The name of the secret that holds the key; none for an Ollama of your own.
    #[serde(default)]
    key: Option<String>,
    /// What models run with, such as `num_ctx`; see Ollama's list of options.
    #[serde(default)]
    options: serde_json::Map<String, Value>,
    /// How long a model stays in memory behind an answer, such as `10m`.
    #[serde(default)]
    keep_alive: Option<String>,
    /// Whether models that can think do so, and how much.
    #[serde(default)]
    think: Option<Value>,
    /// How long to wait for an answer to begin, and for each part of it, in seconds.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    timeout_s: Option<u32>,
}

fn base_url() -> String {
    // The name `localhost` would need a grant that says `private`.
    "http://127.0.0.1:11434".into()
}

impl Config {
    fn server(&self) -> Result<Server, String> {
        let mut server = Server::new(&self.base_url)?;
        if let Some(seconds) = self.timeout_s {
            server = server.timeout(Duration::from_secs(seconds.into()));
        }
        Ok(server.key("authorization", "Bearer ", self.key.as_deref()))
    }
}

struct Ollama {
    config: Config,
    server: Server,
}

impl Plugin for Ollama {
    const CAPABILITIES: &[Capability] = &[
        Capability::NetworkAccess,
        Capability::Secrets,
        Capability::TextGeneration,
        Capability::ChatCompletion,
        Capability::Streaming,
        Capability::FunctionCalling,
        Capability::Vision,
    ];
    const TAGS: &[&str] = &["ollama", "local"];
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

impl Ollama {
    fn show(&self, model: &str) -> Result<ModelInfo, ChatError> {
        let mut answer = self
            .server
            .post("/api/show", &json!({"model": model}), model)?;
        Ok(models::shown(model, &self.server.read(&mut answer)?))
    }
}

impl Provider for Ollama {
    fn chat_completion(&mut self, request: Request) -> Result<Response, ChatError> {
        let body = ask::body(&self.config, &request, false)?;
        let mut answer = self.server.post("/api/chat", &body, &request.model)?;
        let answer = self.server.read(&mut answer)?;
        Reading::new(&request).whole(answer, |refusal| {
            self.server.refused(refusal, &request.model)
        })
    }

    fn chat_completion_stream(&mut self, request: Request) -> Result<Chunks, ChatError> {
        let body = ask::body(&self.config, &request, true)?;
        let answer = self.server.post("/api/chat", &body, &request.model)?;
        let (server, mut reading) = (self.server.clone(), Reading::new(&request));
        Ok(remote::chunks(Lines::new(answer, MOST_LINE), move |line| {
            let line = line.ok_or_else(remote::broke_off)?;
            reading.take(&line, |refusal| server.refused(refusal, &request.model))
        }))
    }

    fn list_models(&mut self) -> Result<Vec<ModelInfo>, ChatError> {
        let mut answer = self.server.get("/api/tags", "")?;
        let tags: models::Tags = self.server.read(&mut answer)?;
        // The list does not say what each can do.
        let models = tags.names().enumerate().map(|(i, name)| {
            if i < MOST_SHOWN {
                self.show(name)
            } else {
                Ok(models::named(name))
            }
        });
        models.collect()
    }

    fn get_model_info(&mut self, model: &str) -> Result<ModelInfo, ChatError> {
        self.show(model)
    }
}

paracle_plugin_sdk::export!(provider: Ollama);
