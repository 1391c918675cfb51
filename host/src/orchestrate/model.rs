//! Asking an agent's model: a provider plugin's, or the client's own.

use super::AgentError;
use super::agent::Task;
use crate::flow::Host;
use crate::model::{
    Agent, Call, ChatError, ClientReply, ClientRequest, Kind, PluginName, Question, Reply, Request,
    Response, Verb,
};
use std::sync::Arc;

/// What stands for the client's own model where a provider is named.
const CLIENT: &str = "client";

/// Whom an agent asks.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    /// A model of a provider plugin's.
    Provider { provider: PluginName, model: String },
    /// The model that the client has, by its own choice; a name is a hint.
    Client { hint: String },
}

impl Asked {
    /// Finds out whom an agent asks.
    pub(super) async fn of(host: &Arc<Host>, task: &Task) -> Result<Self, AgentError> {
        let agent = &task.agent;
        let provider = match agent.provider.as_deref() {
            Some(CLIENT) => {
                return Ok(Self::Client {
                    hint: agent.model.clone().unwrap_or_default(),
                });
            }
            Some(name) => name.parse().map_err(|error: crate::model::InvalidName| {
                AgentError::ProviderName {
                    agent: agent.id.to_string(),
                    name: name.to_owned(),
                    why: error.to_string(),
                }
            })?,
            None => only_provider(host, agent)?,
        };
        let model = match &agent.model {
            Some(model) => model.clone(),
            None => first_model(host, task, &provider).await?,
        };
        Ok(Self::Provider { provider, model })
    }

    /// Returns the provider plugin.
    pub(super) const fn provider(&self) -> Option<&PluginName> {
        match self {
            Self::Provider { provider, .. } => Some(provider),
            Self::Client { .. } => None,
        }
    }

    /// Returns the model's name.
    pub(super) fn model(&self) -> &str {
        match self {
            Self::Provider { model, .. } | Self::Client { hint: model } => model,
        }
    }

    /// Asks once.
    pub(super) async fn ask(
        &self,
        host: &Arc<Host>,
        task: &Task,
        request: Request,
    ) -> Result<Response, AgentError> {
        match self {
            Self::Provider { provider, .. } => {
                let verb = Verb::Chat {
                    provider: provider.clone(),
                    request,
                };
                let receipt = host.call(task.call(verb, Some(provider))).await?;
                self.taken(match receipt.reply {
                    Reply::Chat(reply) => reply,
                    Reply::Tool(_)
                    | Reply::Models(_)
                    | Reply::Resources(_)
                    | Reply::Read(_)
                    | Reply::Prompt(_)
                    | Reply::Complete(_) => Err(not_an_answer()),
                })
            }
            Self::Client { .. } => {
                let question = Question {
                    key: "turn".to_owned(),
                    request: ClientRequest::Sampling(request),
                };
                let replies = task.client.ask(vec![question]).await;
                self.taken(match replies.map(|replies| replies.into_iter().next()) {
                    Ok(Some(ClientReply::Sampling(response))) => Ok(response),
                    Ok(
                        Some(ClientReply::Form(_) | ClientReply::Url(_) | ClientReply::Roots(_))
                        | None,
                    ) => Err(not_an_answer()),
                    Err(error) => Err(ChatError::Connection { message: error.why }),
                })
            }
        }
    }

    fn taken(&self, reply: Result<Response, ChatError>) -> Result<Response, AgentError> {
        reply.map_err(|source| match source {
            ChatError::Cancelled => AgentError::Cancelled,
            source => AgentError::Model {
                provider: self
                    .provider()
                    .map_or(CLIENT, PluginName::as_str)
                    .to_owned(),
                model: self.model().to_owned(),
                source,
            },
        })
    }
}

/// Returns the provider of an agent that names none: the only one that is loaded.
fn only_provider(host: &Host, agent: &Agent) -> Result<PluginName, AgentError> {
    let registry = host.registry();
    let providers = registry
        .plugins()
        .filter(|plugin| plugin.info.kind == Kind::Provider);
    let names: Vec<PluginName> = providers.map(|plugin| plugin.info.name.clone()).collect();
    match &names[..] {
        [one] => Ok(one.clone()),
        _ => Err(AgentError::NoProvider {
            agent: agent.id.to_string(),
            known: names.iter().map(ToString::to_string).collect(),
        }),
    }
}

async fn first_model(
    host: &Arc<Host>,
    task: &Task,
    provider: &PluginName,
) -> Result<String, AgentError> {
    let verb = Verb::Models {
        provider: provider.clone(),
    };
    let call: Call = task.call(verb, Some(provider));
    let models = match host.call(call).await?.reply {
        Reply::Models(Ok(models)) => models,
        Reply::Models(Err(source)) => {
            return Err(AgentError::Model {
                provider: provider.to_string(),
                model: "its models".to_owned(),
                source,
            });
        }
        Reply::Chat(_)
        | Reply::Tool(_)
        | Reply::Resources(_)
        | Reply::Read(_)
        | Reply::Prompt(_)
        | Reply::Complete(_) => Vec::new(),
    };
    match models.into_iter().next() {
        Some(model) => Ok(model.id),
        None => Err(AgentError::NoModel {
            agent: task.agent.id.to_string(),
            provider: provider.clone(),
        }),
    }
}

fn not_an_answer() -> ChatError {
    ChatError::InvalidRequest {
        message: "it did not answer as a model does".to_owned(),
    }
}
