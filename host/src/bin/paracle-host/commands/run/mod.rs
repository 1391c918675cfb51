//! `run`: one call of a tool, an agent, or a workflow, from its arguments to what it left.

mod agent;
mod arguments;
mod call;
mod ended;
mod ending;
mod person;
mod receipt;
mod signal;
mod what;
mod workflow;

pub(crate) use call::Run;
