//! What the person granted beside `plugins.yaml`, for one call, and the changes that they make to it.

use std::sync::Arc;

use super::install::InstallError;
use super::{CallError, Host};
use crate::grants::{Approval, By, Demand, Given, Grants, GrantsError, InForce, Scope, Subject};
use crate::model::{ExecutionId, Grant, GrantRecord, Origin};
use crate::policy::{self, Above, Standing, Word};
use crate::registry::{Plugin, Route};
use crate::workspace::{DirectoryError, check_directories, check_openable};

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

/// What a person says beside their word, for what is easily granted without meaning to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meant {
    /// Directories are granted even where what is written there runs later, as the person's own code.
    pub code_runs_there: bool,
    /// What was granted to a plugin as it was counts for it as it is now.
    pub move_grants: bool,
}

/// What a person's approval did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Trusted {
    /// What they approved.
    pub approval: Approval,
    /// What was granted to the plugin when its bytes or its configuration were other, as it was, and counts now.
    pub moved: Vec<Given>,
    /// The same where it does not count now.
    pub left: Vec<Given>,
}

impl Host {
    /// Returns what the person granted on this machine, for commands that show and change it.
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Returns what a call gets beside `plugins.yaml`, and uses up what was granted once.
    pub(super) fn take_word(&self, route: &Route) -> Result<Word, CallError> {
        let (plugin, call) = (route.plugin(), route.call());
        let once = &call.allowed;
        policy::check_caller(route)?;
        let mut word = word(plugin, self.grants.take(&subject(plugin), &call.execution)?);
        word.given = word.given.union(once);
        if !once.directories.is_empty() {
            check_directories(&word.given.directories, &self.protected())?;
        }
        Ok(word)
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
        let said = |plugin: &Plugin| {
            let force = self.grants.peek(&subject(plugin), execution)?;
            Ok::<_, GrantsError>(word(plugin, force))
        };
        let caller = match caller {
            None => None,
            Some(caller) => {
                let standing = Standing::weigh(caller.clone(), said(caller)?, None);
                let above = Above::Plugin(caller.info.name.clone());
                Some((above, standing.grant().clone()))
            }
        };
        Ok(Standing::weigh(plugin.clone(), said(plugin)?, caller))
    }

    /// Returns what a call of a plugin would get now by whoever has at most a ceiling.
    pub fn given_to(
        &self,
        plugin: &Arc<Plugin>,
        execution: &ExecutionId,
        ceiling: Option<&Grant>,
    ) -> Result<Grant, GrantsError> {
        let standing = self.standing(plugin, Some(execution), None)?;
        let grant = standing.grant();
        Ok(ceiling.map_or_else(|| grant.clone(), |ceiling| policy::cut(grant, ceiling)))
    }

    /// Keeps what a person granted a plugin, as it is now, and their approval of it if there was none.
    pub fn give(
        &self,
        plugin: &Plugin,
        grant: Grant,
        scope: Scope,
        by: By,
        meant: Meant,
    ) -> Result<Given, GiveError> {
        let now = subject(plugin);
        if !grant.directories.is_empty() {
            let has = word(plugin, self.grants.peek(&now, None)?).given;
            check_directories(&has.union(&grant).directories, &self.protected())?;
            self.check_places(&grant.directories, meant)?;
            check_openable(&grant.directories)?;
        }
        if self.grants.approval(&now.plugin)?.is_none() {
            self.grants.approve(approval(plugin, Grant::default()))?;
        }
        let given = Given {
            id: ulid::Ulid::generate().to_string(),
            plugin: now.plugin,
            digest: now.digest,
            config: Some(now.config),
            grant,
            scope,
            by,
            at: jiff::Timestamp::now(),
        };
        self.grants.add(given.clone())?;
        self.tell_given(plugin, &given.grant, &given.scope);
        Ok(given)
    }

    /// Keeps a person's word that a plugin is as they want it, with what `plugins.yaml` grants it beyond the repository. What
    /// they granted to it as it was counts for it as it is now where they mean that, too.
    pub fn trust(&self, plugin: &Plugin, meant: Meant) -> Result<Trusted, GiveError> {
        check_directories(&plugin.outside.directories, &self.protected())?;
        self.check_places(&plugin.outside.directories, meant)?;
        let now = subject(plugin);
        let approval = approval(plugin, plugin.outside.clone());
        let (mut moved, mut left) = (Vec::new(), Vec::new());
        if meant.move_grants {
            moved = self.grants.approve_and_move(approval.clone(), &now)?;
        } else {
            left = self.grants.earlier(&now)?;
            self.grants.approve(approval.clone())?;
        }
        self.sink.granted(
            Origin::of_plugin(&approval.plugin),
            GrantRecord {
                digest: Some(approval.digest),
                grant: format!("approved, with {}", approval.outside),
                lasts: Scope::Always.to_string(),
            },
        );
        for given in &moved {
            self.tell_given(plugin, &given.grant, &given.scope);
        }
        Ok(Trusted {
            approval,
            moved,
            left,
        })
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

/// Returns whom a person's word is for where they speak of a plugin now.
pub(super) fn subject(plugin: &Plugin) -> Subject {
    Subject {
        plugin: plugin.info.name.clone(),
        digest: plugin.component.digest,
        config: plugin.configured,
    }
}

/// Returns what is allowed beside what `plugins.yaml` grants within the repository.
fn word(plugin: &Plugin, force: InForce) -> Word {
    // A plugin that was approved to reach out, and that the repository gives more to reach out with, was not approved so.
    let wider = policy::cut(&plugin.grants, &force.inside) != plugin.grants;
    let given = if plugin.outside.is_empty() || force.approved.is_empty() || wider {
        force.given
    } else {
        let approved = policy::cut(&plugin.outside, &force.approved);
        force.given.union(&approved)
    };
    Word {
        given,
        earlier: force.earlier,
    }
}

fn approval(plugin: &Plugin, outside: Grant) -> Approval {
    Approval {
        plugin: plugin.info.name.clone(),
        digest: plugin.component.digest,
        config: Some(plugin.configured),
        demand: demand(plugin),
        inside: plugin.grants.clone(),
        outside,
        at: jiff::Timestamp::now(),
    }
}

pub(super) fn demand(plugin: &Plugin) -> Demand {
    let context = plugin.context.iter();
    Demand::of(&plugin.info, plugin.tools.iter().map(|tool| &tool.info)).and(
        context.clone().flat_map(|context| &context.prompts),
        context.flat_map(|context| &context.templates),
    )
}
