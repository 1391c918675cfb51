//! What is to be run: a tool, an agent or a workflow.

use std::str::FromStr;

use paracle_host::model::{InvalidName, PlanName, ToolPath};

/// What is to be run.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A tool, once.
    Tool(ToolPath),
    /// An agent of `.parac/agents`.
    Agent(PlanName),
    /// A workflow of `.parac/workflows`.
    Workflow(PlanName),
}

impl FromStr for What {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.split_once(':') {
            Some(("agent", name)) => name.parse().map(Self::Agent),
            Some(("workflow", name)) => name.parse().map(Self::Workflow),
            _ => text.parse().map(Self::Tool),
        }
    }
}
