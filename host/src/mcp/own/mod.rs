//! The host's own tools and resources: what its callers can look at, search and give up, beside what plugins offer.
//!
//! All of it is about what the caller has already: nothing here grants or installs anything.

mod executions;
mod find;
mod plans;
mod resources;
mod tools;

pub(super) use find::called;
pub(super) use plans::{PlanCall, Ran, plan_call, prompt, prompts, task_name};
pub(super) use resources::{
    addresses, execution_of, is_own_address, plugin_of, read, resources, templates,
};
pub(super) use tools::{OwnTool, is_own, run, tools};
