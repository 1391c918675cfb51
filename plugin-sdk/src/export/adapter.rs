//! `adapter`: agents as resources.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::adapter::{Adapter, AdapterError, Agent, AgentConfig, AgentResult};
use crate::bindings::adapter::exports::paracle::plugin::adapter as exported;
use crate::plugin::ConfigProblem;
use std::cell::RefCell;

/// An agent behind the resource's shared reference.
pub struct Cell<A>(RefCell<A>);

impl<A: Agent> exported::GuestAgent for Cell<A> {
    fn execute(&self, task: String, context: String) -> Result<AgentResult, AdapterError> {
        let context = serde_json::from_str(if context.is_empty() { "{}" } else { &context })
            .map_err(|e| AdapterError::runtime(format!("the context is not JSON: {e}")))?;
        self.0.borrow_mut().execute(&task, context)
    }
}

impl<H: Hosted<Plugin: Adapter>> exported::Guest for Guest<H> {
    type Agent = Cell<<H::Plugin as Adapter>::Agent>;

    fn framework() -> String {
        H::Plugin::FRAMEWORK.to_owned()
    }

    fn create_agent(config: AgentConfig) -> Result<exported::Agent, AdapterError> {
        let agent = with::<H, _>(|plugin| {
            plugin
                .validate_agent_config(&config)
                .map_err(AdapterError::InvalidConfig)?;
            plugin.create_agent(config)
        });
        let agent = agent.unwrap_or_else(|| Err(AdapterError::runtime(NOT_STARTED)))?;
        Ok(exported::Agent::new(Cell(RefCell::new(agent))))
    }

    fn get_supported_features() -> Vec<String> {
        H::Plugin::FEATURES
            .iter()
            .map(|feature| (*feature).to_owned())
            .collect()
    }

    fn validate_agent_config(config: AgentConfig) -> Result<(), Vec<ConfigProblem>> {
        with::<H, _>(|plugin| plugin.validate_agent_config(&config))
            .unwrap_or_else(|| Err(vec![ConfigProblem::new("", NOT_STARTED)]))
    }
}
