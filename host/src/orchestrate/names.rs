//! Agents and workflows by their names, read anew each time: an edited file counts at once.

use std::path::PathBuf;

use super::toolset::Toolset;
use super::{Plan, PlanError};
use crate::config::{Agents, Catalog, read_agents, read_catalog, read_workflow};
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
pub fn find_agent(agents: &Agents, name: &str) -> Result<Agent, PlanError> {
    match agents.get(name) {
        Some(agent) => Ok(agent.clone()),
        None => Err(PlanError::NoAgent {
            name: name.to_owned(),
            known: agents.agents.iter().map(|one| one.id.to_string()).collect(),
        }),
    }
}

/// Reads which workflows a host's repository has.
pub fn workflows(host: &Host) -> Result<Catalog, PlanError> {
    Ok(read_catalog(&folder(host)?)?)
}

/// Reads a workflow, and checks that it can run.
pub fn plan(host: &Host, name: &str) -> Result<Plan, PlanError> {
    let parac = folder(host)?;
    let catalog = read_catalog(&parac)?;
    let Some(entry) = catalog.get(name) else {
        let known = catalog.workflows.iter().map(|entry| entry.name.to_string());
        return Err(PlanError::NoWorkflow {
            name: name.to_owned(),
            known: known.collect(),
        });
    };
    if let Some(status) = &entry.status {
        return Err(PlanError::Inactive {
            workflow: entry.name.clone(),
            status: status.clone(),
        });
    }
    let (workflow, warnings) = read_workflow(&parac, entry)?;
    Plan::of(host, workflow, &read_agents(&parac)?, warnings)
}

/// Lists the tools that an agent can call, and the names in its file that no plugin that is loaded has.
pub fn tools_of(host: &Host, agent: &Agent) -> (Vec<String>, Vec<String>) {
    let tools = Toolset::of(host, &agent.tools, &[]);
    let names = tools.paths.iter().map(ToString::to_string);
    (names.collect(), tools.missing)
}
