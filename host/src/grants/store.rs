//! The person's word, for one repository.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::file::{Content, GrantsFile, Stamp};
use super::{Approval, Given, GrantsError, Scope};
use crate::model::{Digest, ExecutionId, Grant, PluginName};

/// How long what was read counts as what is there: a grant, or its end, reaches running servers within this time.
const FRESH: Duration = Duration::from_millis(50);

/// What the person granted in one repository, on this machine.
#[derive(Debug)]
pub struct Grants {
    file: GrantsFile,
    seen: Mutex<Option<Seen>>,
}

#[derive(Debug)]
struct Seen {
    at: Instant,
    stamp: Stamp,
    content: Content,
}

/// What is in force for a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// What the person granted beside `plugins.yaml`.
    pub given: Grant,
    /// What they approved of what `plugins.yaml` grants beyond the repository.
    pub approved: Grant,
    /// What it granted within the repository when they did: with more than that, they did not approve it.
    pub inside: Grant,
}

impl Grants {
    /// Opens the grants of a repository; nothing is read or made yet. `own` is the person's own folder.
    pub fn new(own: &Path, repository: &Path) -> Self {
        Self {
            file: GrantsFile::of(own, repository),
            seen: Mutex::default(),
        }
    }

    pub(super) const fn file(&self) -> &GrantsFile {
        &self.file
    }

    /// Returns where they are kept.
    pub fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    /// Returns what is in force for a call of a plugin, and uses up what was granted once.
    pub fn take(
        &self,
        plugin: &PluginName,
        digest: &Digest,
        execution: &ExecutionId,
    ) -> Result<InForce, GrantsError> {
        let now = jiff::Timestamp::now();
        let of_call = |given: &Given| {
            given.plugin == *plugin
                && given.digest == *digest
                && is_open(&given.scope, execution, now)
        };
        let (force, once) = self.look(|content| {
            (
                in_force(content, plugin, digest, execution, now),
                content
                    .given
                    .iter()
                    .any(|given| given.scope == Scope::Once && of_call(given)),
            )
        })?;
        if !once {
            return Ok(force);
        }
        // Read again under the lock: another process may have used it up.
        let force = self.file.change(|content| {
            let force = in_force(content, plugin, digest, execution, now);
            content
                .given
                .retain(|given| given.scope != Scope::Once || !of_call(given));
            Ok(force)
        })?;
        self.forget();
        Ok(force)
    }

    /// Returns what is in force for a plugin, using up nothing.
    pub fn peek(
        &self,
        plugin: &PluginName,
        digest: &Digest,
        execution: Option<&ExecutionId>,
    ) -> Result<InForce, GrantsError> {
        let now = jiff::Timestamp::now();
        let none = ExecutionId::generate();
        self.look(|content| in_force(content, plugin, digest, execution.unwrap_or(&none), now))
    }

    /// Returns all that was granted, what is over included.
    pub fn given(&self) -> Result<Vec<Given>, GrantsError> {
        Ok(self.file.read()?.given)
    }

    /// Returns all approvals.
    pub fn approvals(&self) -> Result<Vec<Approval>, GrantsError> {
        Ok(self.file.read()?.approved)
    }

    /// Returns the approval of a plugin.
    pub fn approval(&self, plugin: &PluginName) -> Result<Option<Approval>, GrantsError> {
        self.look(|content| {
            content
                .approved
                .iter()
                .find(|approval| approval.plugin == *plugin)
                .cloned()
        })
    }

    /// Keeps a grant; what is over is cleared away.
    pub fn add(&self, given: Given) -> Result<(), GrantsError> {
        self.file.change(|content| {
            let now = given.at;
            content
                .given
                .retain(|one| !matches!(one.scope, Scope::Until(end) if end <= now));
            content.given.push(given);
            Ok(())
        })?;
        self.forget();
        Ok(())
    }

    /// Keeps an approval in the place of an earlier one. `all` moves what the plugin was granted before to its bytes as they
    /// are now.
    pub fn approve(&self, approval: Approval, all: bool) -> Result<(), GrantsError> {
        self.file.change(|content| {
            let moved = content
                .given
                .iter_mut()
                .filter(|given| all && given.plugin == approval.plugin);
            moved.for_each(|given| given.digest = approval.digest);
            content.approved.retain(|one| one.plugin != approval.plugin);
            content.approved.push(approval);
            Ok(())
        })?;
        self.forget();
        Ok(())
    }

    /// Takes one grant back, by its id.
    pub fn revoke(&self, id: &str) -> Result<Given, GrantsError> {
        let taken = self.file.change(|content| {
            let at = content
                .given
                .iter()
                .position(|given| given.id == id)
                .ok_or_else(|| GrantsError::Unknown { id: id.to_owned() })?;
            Ok(content.given.remove(at))
        })?;
        self.forget();
        Ok(taken)
    }

    /// Takes back all that a plugin was granted here, and its approval; tells whether there was an approval.
    pub fn revoke_all(&self, plugin: &PluginName) -> Result<(Vec<Given>, bool), GrantsError> {
        let taken = self.file.change(|content| {
            let approvals = content.approved.len();
            content.approved.retain(|one| one.plugin != *plugin);
            let (taken, kept) = std::mem::take(&mut content.given)
                .into_iter()
                .partition(|given| given.plugin == *plugin);
            content.given = kept;
            Ok((taken, content.approved.len() < approvals))
        })?;
        self.forget();
        Ok(taken)
    }

    /// Looks at what is kept, read again where the file is another.
    fn look<T>(&self, look: impl FnOnce(&Content) -> T) -> Result<T, GrantsError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.as_mut() {
            if seen.at.elapsed() >= FRESH && self.file.stamp() == seen.stamp {
                seen.at = Instant::now();
            }
            if seen.at.elapsed() < FRESH {
                return Ok(look(&seen.content));
            }
        }
        // The stamp first: a change in between is read again the next time.
        let (at, stamp) = (Instant::now(), self.file.stamp());
        let content = self.file.read()?;
        let seen = seen.insert(Seen { at, stamp, content });
        Ok(look(&seen.content))
    }

    pub(super) fn forget(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn in_force(
    content: &Content,
    plugin: &PluginName,
    digest: &Digest,
    execution: &ExecutionId,
    now: jiff::Timestamp,
) -> InForce {
    let mut force = InForce::default();
    for given in content.given.iter().filter(|given| given.plugin == *plugin) {
        if given.digest == *digest && is_open(&given.scope, execution, now) {
            force.given = force.given.union(&given.grant);
        }
    }
    let approved = content
        .approved
        .iter()
        .find(|approval| approval.plugin == *plugin && approval.digest == *digest);
    if let Some(approval) = approved {
        force.approved = approval.outside.clone();
        force.inside = approval.inside.clone();
    }
    force
}

fn is_open(scope: &Scope, execution: &ExecutionId, now: jiff::Timestamp) -> bool {
    match scope {
        Scope::Always | Scope::Once => true,
        Scope::Until(end) => now < *end,
        Scope::Execution(id) => id == execution,
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
