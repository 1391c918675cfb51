//! The person's word, for one repository.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::file::{Content, GrantsFile, Stamp};
use super::{Approval, Given, GrantsError, Scope, Subject};
use crate::model::{ExecutionId, Grant, PluginName};

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
    /// What the person granted when the plugin's bytes or its configuration were other: it is not in force.
    pub earlier: Grant,
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
    pub fn take(&self, now: &Subject, execution: &ExecutionId) -> Result<InForce, GrantsError> {
        let time = jiff::Timestamp::now();
        let used_up = |given: &Given| {
            given.scope == Scope::Once
                && given.plugin == now.plugin
                && !given.split(now).0.is_empty()
        };
        let (force, once) = self.look(|content| {
            (
                in_force(content, now, execution, time),
                content.given.iter().any(used_up),
            )
        })?;
        if !once {
            return Ok(force);
        }
        // Read again under the lock: another process may have used it up.
        let force = self.file.change(|content| {
            let force = in_force(content, now, execution, time);
            content.given.retain(|given| !used_up(given));
            Ok(force)
        })?;
        self.forget();
        Ok(force)
    }

    /// Returns what is in force for a plugin, using up nothing.
    pub fn peek(
        &self,
        now: &Subject,
        execution: Option<&ExecutionId>,
    ) -> Result<InForce, GrantsError> {
        let time = jiff::Timestamp::now();
        let none = ExecutionId::generate();
        self.look(|content| in_force(content, now, execution.unwrap_or(&none), time))
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
            content.given.retain(|one| !one.is_over(now));
            content.given.push(given);
            Ok(())
        })?;
        self.forget();
        Ok(())
    }

    /// Returns what a plugin was granted, and lost as its bytes or its configuration became other.
    pub fn earlier(&self, now: &Subject) -> Result<Vec<Given>, GrantsError> {
        let time = jiff::Timestamp::now();
        self.look(|content| {
            let given = content.given.iter();
            given
                .filter(|given| is_earlier(given, now, time))
                .cloned()
                .collect()
        })
    }

    /// Keeps an approval in the place of an earlier one.
    pub fn approve(&self, approval: Approval) -> Result<(), GrantsError> {
        self.file.change(|content| {
            content.approve(approval);
            Ok(())
        })?;
        self.forget();
        Ok(())
    }

    /// Keeps an approval in the place of an earlier one, and what the plugin was granted before counts for it as it is now.
    /// Returns that, as it was.
    pub fn approve_and_move(
        &self,
        approval: Approval,
        now: &Subject,
    ) -> Result<Vec<Given>, GrantsError> {
        let moved = self.file.change(|content| {
            let mut moved = Vec::new();
            for given in &mut content.given {
                if is_earlier(given, now, approval.at) {
                    moved.push(given.clone());
                    given.digest = now.digest;
                    given.config = Some(now.config);
                }
            }
            content.approve(approval);
            Ok(moved)
        })?;
        self.forget();
        Ok(moved)
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

impl Content {
    fn approve(&mut self, approval: Approval) {
        self.approved.retain(|one| one.plugin != approval.plugin);
        self.approved.push(approval);
    }
}

/// Tells whether some of a grant was lost as the plugin became another.
fn is_earlier(given: &Given, now: &Subject, time: jiff::Timestamp) -> bool {
    given.plugin == now.plugin && !given.is_over(time) && !given.split(now).1.is_empty()
}

fn in_force(
    content: &Content,
    now: &Subject,
    execution: &ExecutionId,
    time: jiff::Timestamp,
) -> InForce {
    let mut force = InForce::default();
    for given in content
        .given
        .iter()
        .filter(|given| given.plugin == now.plugin)
    {
        if is_open(&given.scope, execution, time) {
            let (holds, earlier) = given.split(now);
            force.given = force.given.union(&holds);
            force.earlier = force.earlier.union(&earlier);
        }
    }
    let approved = content.approved.iter().find(|approval| {
        approval.plugin == now.plugin
            && approval.digest == now.digest
            && approval.config == Some(now.config)
    });
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
