//! Agents and workflows by their names, read anew each time: an edited file counts at once.

use std::path::{Path, PathBuf};

use super::PlanError;
use crate::config::{Agents, read_agents};
use crate::flow::Host;
use crate::model::Agent;

/// Returns the folder that agents and workflows are told in.
pub(super) fn folder(host: &Host) -> Result<PathBuf, PlanError> {
    host.settings().parac.clone().ok_or(PlanError::NoFolder)
}

/// Reads the agents that a host's repository has.
pub fn agents(host: &Host) -> Result<Agents, PlanError> {
    Ok(read_agents(&folder(host)?)?)
}

/// Finds an agent.
pub fn find_agent(agents: &Agents, parac: &Path, name: &str) -> Result<Agent, PlanError> {
    match agents.get(name) {
        Some(agent) => Ok(agent.clone()),
        None => Err(PlanError::NoAgent {
            name: name.to_owned(),
            file: parac.join("agents/manifest.yaml").display().to_string(),
            known: agents.agents.iter().map(|one| one.id.to_string()).collect(),
        }),
    }
}
