//! `git`: the branches that executions leave.

mod branches;
mod cleanup;
mod command;
mod init_workflow;
mod merge;
mod pr_create;

pub(crate) use command::GitCommand;
pub(crate) use merge::{none_merged, unmerged};
