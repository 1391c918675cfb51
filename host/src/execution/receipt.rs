//! From an outcome to a receipt, in the repository that a call worked in, or in all of several.

use std::sync::Arc;

use super::left_out;
use super::settle::{Landing, SettleError, Workbench};
use crate::git::{Advance, GitError, Moved, RefName};
use crate::model::{Call, Edit, ExecutionId, Landed, MemberName, Members, Receipt, Wall, said_of};
use crate::policy::Permit;
use crate::sandbox::Outcome;
use crate::workspace::GitTree;

/// Settles an outcome with the trees as its call left them: commits what the call wrote, and says where it is. A call that
/// answered with an error leaves nothing behind, and one that cannot be landed in one repository is kept apart in all of them.
/// `claim` is one more trailer of the main repository's commit.
pub fn settle(
    benches: &Members<Arc<Workbench>>,
    outcome: Outcome,
    trees: &Members<GitTree>,
    mut notes: Vec<String>,
    mut claim: Option<(String, String)>,
) -> Result<Receipt, SettleError> {
    let failed = outcome.reply.error().is_some();
    if !failed && outcome.permit.call().at.is_none() {
        begin_unchanged(benches, trees, &outcome.permit.call().execution)?;
    }
    let mut done: Vec<(&Workbench, Landing)> = Vec::new();
    let mut given_up = Vec::new();
    let mut stopped = None;
    for ((name, tree), (_, bench)) in trees.iter().zip(benches.iter()) {
        let (mut own, mut lost) = (Vec::new(), Vec::new());
        let told = (&mut own, &mut lost);
        let settled = bench.settle(&outcome.permit, failed, tree, told, claim.take());
        given_up.extend(name.map_or_else(|| lost.clone(), |name| name.prefixed(&lost)));
        notes.extend(own.into_iter().map(|note| said_of(name, note)));
        match settled {
            Ok(None) => {}
            Ok(Some(mut landing)) => {
                landing.landed.member = name.cloned();
                done.push((bench, landing));
            }
            // The others go on, so that what the call changed there is not lost either.
            Err(error) => stopped = stopped.or(Some((error, name))),
        }
    }
    if let Some((error, name)) = stopped {
        return Err(undone(error, name, &done, outcome.permit.call()));
    }
    let landed = done.into_iter().map(|(_, landing)| landing.landed);
    Ok(Receipt {
        given_up,
        ..receipt(outcome, landed.collect(), notes)
    })
}

/// Sees to it that each of several repositories knows an execution before one of them is changed.
fn begin_unchanged(
    benches: &Members<Arc<Workbench>>,
    trees: &Members<GitTree>,
    id: &ExecutionId,
) -> Result<(), SettleError> {
    if let Members::One(_) = benches {
        return Ok(());
    }
    let mut unchanged = Vec::new();
    let mut changes = false;
    for ((name, tree), (_, bench)) in trees.iter().zip(benches.iter()) {
        if bench.settings.auto_commit && !tree.edits()?.is_empty() {
            changes = true;
        } else {
            unchanged.push((name, tree, bench));
        }
    }
    for (name, tree, bench) in unchanged.into_iter().filter(|_| changes) {
        let begun = bench.begin_unchanged(id, tree.base());
        begun.map_err(|error| match name {
            None => error.into(),
            Some(name) => several(error.into(), name, Vec::new()),
        })?;
    }
    Ok(())
}

/// Takes back what a call landed in the repositories beside one in which it cannot, and keeps it apart there.
fn undone(
    error: SettleError,
    name: Option<&MemberName>,
    done: &[(&Workbench, Landing)],
    call: &Call,
) -> SettleError {
    let Some(name) = name else {
        return error;
    };
    let mut told = Vec::new();
    for (bench, landing) in done.iter().rev() {
        let landed = &landing.landed;
        let Some(member) = &landed.member else {
            continue;
        };
        // Kept first: there is no instant at which nothing has it.
        let back = if landing.made {
            bench
                .executions
                .keep(&call.execution, call.id, &landed.commit)
                .map_err(|error| error.to_string())
                .and_then(|kept| bench.take_back(landed).map(|()| kept))
        } else {
            Err("it was decided or there before".to_owned())
        };
        told.push(match back {
            Ok(kept) => format!("what it changed in {member} is kept there under {kept}"),
            Err(why) => format!(
                "what it changed in {member} stands, as {} on {}: {why}",
                landed.commit, landed.branch
            ),
        });
    }
    several(error, name, told)
}

fn several(error: SettleError, name: &MemberName, told: Vec<String>) -> SettleError {
    SettleError::Several {
        member: name.clone(),
        source: Box::new(error),
        told: if told.is_empty() {
            "nothing of the call was landed in the other repositories".to_owned()
        } else {
            told.join("; ")
        },
    }
}

impl Workbench {
    /// Settles what a call left in this repository.
    fn settle(
        &self,
        permit: &Permit,
        failed: bool,
        tree: &GitTree,
        (notes, given_up): (&mut Vec<String>, &mut Vec<Edit>),
        claim: Option<(String, String)>,
    ) -> Result<Option<Landing>, SettleError> {
        let mut landing = None;
        if permit.call().at.is_some() {
            let edits = tree.edits()?;
            if !edits.is_empty() {
                notes.push(format!(
                    "it looked at a tree that is not its own, so what it changed was given up: {}",
                    named(&edits)
                ));
            }
            *given_up = edits;
        } else if failed {
            let edits = tree.edits()?.len();
            if edits > 0 {
                notes.push(format!(
                    "the tool failed, so {edits} path(s) that it had changed were left as they were"
                ));
            }
        } else {
            landing = self.land(permit, tree, (&mut *notes, given_up), claim)?;
        }
        let changed = landing
            .as_ref()
            .map_or(&[][..], |landing| &landing.landed.changed);
        let repo = self.executions.repo();
        notes.extend(left_out::notes(repo, tree, changed, &permit.limits()));
        Ok(landing)
    }

    /// Moves the branch back from a call's checkpoint; else says why it is still there.
    fn take_back(&self, landed: &Landed) -> Result<(), String> {
        let repo = self.executions.repo();
        let back = || -> Result<Advance, GitError> {
            let Some(before) = &landed.before else {
                return Ok(Advance::Elsewhere);
            };
            if repo.checkout_of(&landed.branch)?.is_some() {
                let line = "call taken back: by paracle-host";
                return repo.retreat_branch(&landed.branch, &landed.commit, before, line);
            }
            let name = RefName::branch(&landed.branch);
            Ok(
                match repo.move_commit_ref(&name, Some(&landed.commit), Some(before))? {
                    Moved::Yes => Advance::Done,
                    Moved::Elsewhere => Advance::Elsewhere,
                },
            )
        };
        match back() {
            Ok(Advance::Done) => Ok(()),
            Ok(Advance::Elsewhere) => Err("another call has gone on from there".to_owned()),
            Ok(Advance::Refused(why)) => Err(why),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Writes the receipt of an outcome, which landed where it says, or nowhere.
pub fn receipt(outcome: Outcome, landed: Vec<Landed>, mut notes: Vec<String>) -> Receipt {
    let Outcome {
        permit,
        reply,
        refused,
        usage,
        directories,
        trees: _,
    } = outcome;
    for directory in directories.iter().filter(|directory| directory.changed()) {
        notes.push(format!("changed at once in {}", directory.told()));
    }
    let plugin = permit.plugin();
    Receipt {
        call: permit.call().id,
        plugin: plugin.info.name.clone(),
        version: plugin.info.version.clone(),
        digest: plugin.component.digest,
        step: permit.call().verb.name(),
        grant: permit.grant().clone(),
        execution: permit.call().execution.clone(),
        landed,
        given_up: Vec::new(),
        directories,
        reply,
        refused,
        usage,
        wall: Wall::default(),
        notes,
    }
}

/// Paths that a note names, at the most.
const NAMED: usize = 10;

pub(super) fn named(edits: &[Edit]) -> String {
    let mut names: Vec<&str> = edits
        .iter()
        .take(NAMED)
        .map(|edit| edit.path.as_str())
        .collect();
    if edits.len() > NAMED {
        names.push("…");
    }
    names.join(", ")
}
