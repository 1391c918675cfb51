//! The lines: a call from an edge to its reply, and a file to a plugin that answers.
//!
//! The only room that knows more than one other room's verbs. Start at `call.rs`. Does not know about MCP, command
//! lines, or how an answer is shown.

mod audit;
mod call;
mod callbacks;
mod changed;
mod checks;
mod executions;
mod failure;
mod fetch;
mod fitness;
mod forge_way;
mod form;
mod given;
mod hide;
mod host;
mod init;
mod install;
mod load;
mod load_failure;
mod members;
mod merge;
mod observers;
mod places;
mod plans;
mod protected;
mod pull_request;
mod reach;
mod reload;
mod retries;
mod stages;
mod tell;
mod vault;
mod waits;
mod wall;

pub use audit::{Audit, AuditError};
pub use executions::{Difference, MergeTold};
pub use failure::{CallError, FailureKind};
pub use form::check_form;
pub use given::{GiveError, Meant, Trusted};
pub use host::{Host, HostError, LoadFailure};
pub use init::{InitError, Initialised, Sample, init, init_workflow};
pub use install::InstallError;
pub use load_failure::LoadFailureKind;
pub use members::{MembersError, NamedFolder, gather};
pub use merge::{MergeError, MergeWish, merge};
pub use plans::{StepLanded, StepRecord};
pub use pull_request::{Authorised, PullRequest, PullRequestError, TokenFound, Wanted};
pub use reach::granted_beyond;
pub use waits::Waiting;
pub use wall::{Needs, confine, home_is_inside};
