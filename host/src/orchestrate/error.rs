//! Why an agent or a workflow came to no good end.

use crate::config::ConfigError;
use crate::flow::CallError;
use crate::model::{ChatError, ExecutionId, PlanName, PluginName};

/// Why agents or workflows cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// There is no `.parac` folder.
    #[error("there is no `.parac` folder here or above: `paracle-host init` makes one")]
    NoFolder,
    /// A file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A call of the host's failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// No workflow has the name.
    #[error(
        "there is no workflow {name:?} in .parac/workflows{}",
        there_are(known)
    )]
    NoWorkflow {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The catalog says that a workflow is not to be used.
    #[error(
        "workflow {workflow} is {status:?} by .parac/workflows/catalog.yaml: write `status: active` there to run it"
    )]
    Inactive {
        /// The workflow.
        workflow: PlanName,
        /// What the catalog says.
        status: String,
    },
    /// What a workflow is given is not what it wants.
    #[error("workflow {workflow}: {message}")]
    Input {
        /// The workflow.
        workflow: PlanName,
        /// What is wrong, and what to do.
        message: String,
    },
    /// An execution was to go on that runs no workflow.
    #[error(
        "execution {execution} runs no workflow: `paracle-host execution show {execution}` tells what it is"
    )]
    NoPlan {
        /// The execution.
        execution: ExecutionId,
    },
    /// An execution was to go on whose workflow is another now.
    #[error(
        "execution {execution} runs workflow {workflow} as {file} was when it began, and that is another now: put the file back, or begin anew"
    )]
    OtherPlan {
        /// The execution.
        execution: ExecutionId,
        /// What it runs.
        workflow: PlanName,
        /// The file that was read.
        file: String,
    },
    /// No agent has the name.
    #[error(
        "there is no agent {name:?} in .parac/agents/manifest.yaml{}",
        there_are(known)
    )]
    NoAgent {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

fn there_are(known: &[String]) -> String {
    if known.is_empty() {
        "; it lists none".to_owned()
    } else {
        format!("; there are: {}", known.join(", "))
    }
}

/// Why an agent has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody says which provider it is to ask.
    #[error(
        "agent {agent} names no provider, and {}: add `provider: NAME` for it in .parac/agents/manifest.yaml",
        several(known)
    )]
    NoProvider {
        /// The agent.
        agent: String,
        /// The providers that are loaded.
        known: Vec<String>,
    },
    /// Its provider's name is none.
    #[error("agent {agent} names the provider {name:?}: {why}")]
    ProviderName {
        /// The agent.
        agent: String,
        /// What it names.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody says which model it is to ask.
    #[error(
        "agent {agent} names no model, and {provider} lists none: add `model: NAME` for it in .parac/agents/manifest.yaml"
    )]
    NoModel {
        /// The agent.
        agent: String,
        /// Its provider.
        provider: PluginName,
    },
    /// The model did not answer.
    #[error("{provider} did not answer for {model}: {source}")]
    Model {
        /// The provider.
        provider: String,
        /// The model.
        model: String,
        /// Why not.
        source: ChatError,
    },
    /// The model's answer was cut.
    #[error(
        "{model} was cut at its longest answer: raise `max_tokens` of agent {agent}, or ask for less"
    )]
    Cut {
        /// The agent.
        agent: String,
        /// The model.
        model: String,
    },
    /// The provider kept the answer back.
    #[error("the provider kept back what {model} answered (its content filter)")]
    Filtered {
        /// The model.
        model: String,
    },
    /// The answer is not what was asked for, also after it was told so.
    #[error("the answer is not what was asked for: {why}; it said: {said}")]
    Unfit {
        /// What is wrong with it.
        why: String,
        /// Its beginning.
        said: String,
    },
    /// It took all that it may.
    #[error(
        "agent {agent} came to no end within {limit}: raise `limits: {{ {key}: … }}` for it in .parac/agents/manifest.yaml, or ask for less"
    )]
    Limit {
        /// The agent.
        agent: String,
        /// What it reached, in words.
        limit: String,
        /// Its key.
        key: &'static str,
    },
    /// A call could not be made.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Whoever had it run gave up.
    #[error("the agent was stopped")]
    Cancelled,
}

fn several(known: &[String]) -> String {
    if known.is_empty() {
        "no provider plugin is loaded".to_owned()
    } else {
        format!("several are loaded ({})", known.join(", "))
    }
}
