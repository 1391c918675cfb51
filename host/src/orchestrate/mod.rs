//! Agents and workflows: who makes calls after calls, each by the same line as a person's own.
//!
//! An agent asks a model and calls tools in turns until it has an answer; a workflow is a graph of steps that agents and tools
//! do. Does not know about wasm, git or MCP. Start at `agent.rs` and `workflow.rs`.

mod agent;
mod answer;
mod error;
mod expression;
mod limits;
mod model;
mod names;
mod plan;
mod report;
mod step;
mod step_error;
mod toolset;
mod workflow;

pub use agent::{Done, Task};
pub use answer::Wanted;
pub use error::{AgentError, PlanError};
pub use limits::Spent;
pub use names::{agents, find_agent, plan, tools_of, workflows};
pub use plan::Plan;
pub use report::{StepEnd, StepReport, WorkflowReport};
pub use workflow::{Run, Told};
