//! What the person granted beside `plugins.yaml`, for one call, and the changes that they make to it.

use std::sync::Arc;

use super::install::InstallError;
use super::{CallError, Host};
use crate::grants::{Approval, By, Demand, Given, Grants, GrantsError, InForce, Scope};
use crate::model::{ExecutionId, Grant, GrantRecord, Origin};
use crate::policy::{self, Standing};
use crate::registry::{Plugin, Route};
use crate::workspace::{DirectoryError, check_directories};

/// Why a person's word is not kept.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// It cannot be read or written.
    #[error(transparent)]
    Grants(#[from] GrantsError),
    /// No plugin may have a directory that it names.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl Host {
    /// Returns what the person granted on this machine, for commands that show and change it.
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Returns what a call gets beside `plugins.yaml`, and uses up what was granted once.
    pub(super) fn take_given(&self, route: &Route) -> Result<Grant, CallError> {
        let (plugin, call) = (route.plugin(), route.call());
        let once = &call.allowed;
        policy::check_caller(route)?;
        let force =
            self.grants
                .take(&plugin.info.name, &plugin.component.digest, &call.execution)?;
        let allowed = allowed(plugin, force);
        if once.directories.is_empty() {
            return Ok(allowed.union(once));
        }
        let with = allowed.union(once);
        check_directories(&with.directories, &self.protected())
            .map_err(|error| CallError::Directory(Box::new(error)))?;
        Ok(with)
    }

    /// Tells that a person allows a plugin something for one call, which carries it itself.
    pub fn give_once(&self, plugin: &Plugin, grant: &Grant) {
        self.tell_given(plugin, grant, &Scope::Once);
    }

    fn tell_given(&self, plugin: &Plugin, grant: &Grant, scope: &Scope) {
        self.sink.granted(
            Origin::of_plugin(&plugin.info.name),
            GrantRecord {
                digest: Some(plugin.component.digest),
                grant: grant.to_string(),
                lasts: scope.to_string(),
            },
        );
    }

    /// Returns how a call of a plugin would stand now, with nothing used up.
    pub fn standing(
        &self,
        plugin: &Arc<Plugin>,
        execution: Option<&ExecutionId>,
        caller: Option<&Arc<Plugin>>,
    ) -> Result<Standing, GrantsError> {
        let given = |plugin: &Plugin| {
            let digest = &plugin.component.digest;
            let force = self.grants.peek(&plugin.info.name, digest, execution)?;
            Ok::<_, GrantsError>(allowed(plugin, force))
        };
        let caller = match caller {
            None => None,
            Some(caller) => {
                let standing = Standing::weigh(caller.clone(), &given(caller)?, None);
                Some((caller.info.name.clone(), standing.grant().clone()))
            }
        };
        Ok(Standing::weigh(plugin.clone(), &given(plugin)?, caller))
    }

    /// Keeps what a person granted a plugin, for its bytes as they are now, and their approval of it if there was none.
    pub fn give(
        &self,
        plugin: &Plugin,
        grant: Grant,
        scope: Scope,
        by: By,
    ) -> Result<Given, GiveError> {
        if !grant.directories.is_empty() {
            let (name, digest) = (&plugin.info.name, &plugin.component.digest);
            let with = allowed(plugin, self.grants.peek(name, digest, None)?).union(&grant);
            check_directories(&with.directories, &self.protected())?;
        }
        if self.grants.approval(&plugin.info.name)?.is_none() {
            self.grants
                .approve(approval(plugin, Grant::default()), false)?;
        }
        let given = Given {
            id: ulid::Ulid::generate().to_string(),
            plugin: plugin.info.name.clone(),
            digest: plugin.component.digest,
            grant,
            scope,
            by,
            at: jiff::Timestamp::now(),
        };
        self.grants.add(given.clone())?;
        self.tell_given(plugin, &given.grant, &given.scope);
        Ok(given)
    }

    /// Keeps a person's word that a plugin is as they want it, with what `plugins.yaml` grants it beyond the repository.
    /// What they granted to other bytes of it is granted to these.
    pub fn trust(&self, plugin: &Plugin) -> Result<Approval, GiveError> {
        check_directories(&plugin.outside.directories, &self.protected())?;
        let approval = approval(plugin, plugin.outside.clone());
        self.grants.approve(approval.clone(), true)?;
        self.sink.granted(
            Origin::of_plugin(&approval.plugin),
            GrantRecord {
                digest: Some(approval.digest),
                grant: format!("approved, with {}", approval.outside),
                lasts: Scope::Always.to_string(),
            },
        );
        Ok(approval)
    }

    /// Refuses a plugin that offers or demands something else than what the person approved.
    pub(super) fn check_approval(&self, plugin: &Plugin) -> Result<(), InstallError> {
        let name = &plugin.info.name;
        let Some(approval) = self.grants.approval(name)? else {
            return Ok(());
        };
        match approval.demand.changes(&demand(plugin)) {
            None => Ok(()),
            Some(changes) => Err(InstallError::NotApproved {
                plugin: name.clone(),
                changes,
            }),
        }
    }
}

/// Returns what is allowed beside what `plugins.yaml` grants within the repository.
fn allowed(plugin: &Plugin, force: InForce) -> Grant {
    // A plugin that was approved to reach out, and that the repository gives more to reach out with, was not approved so.
    let wider = policy::cut(&plugin.grants, &force.inside) != plugin.grants;
    if plugin.outside.is_empty() || force.approved.is_empty() || wider {
        return force.given;
    }
    force
        .given
        .union(&policy::cut(&plugin.outside, &force.approved))
}

fn approval(plugin: &Plugin, outside: Grant) -> Approval {
    Approval {
        plugin: plugin.info.name.clone(),
        digest: plugin.component.digest,
        demand: demand(plugin),
        inside: plugin.grants.clone(),
        outside,
        at: jiff::Timestamp::now(),
    }
}

fn demand(plugin: &Plugin) -> Demand {
    Demand::of(&plugin.info, plugin.tools.iter().map(|tool| &tool.info))
}
