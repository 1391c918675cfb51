//! Merging an execution of several repositories: all targets move, or none does.
//!
//! First everything is made that the targets are to move to, and looked at whether they could. Then what is about to happen is
//! stored in each repository, and only then they move, one by one. If one cannot any more, the others move back. Whoever comes
//! after a killed process finds the intent, and does the same from there.

use super::intent::{Intended, Intent};
use super::members::Part;
use super::merge::{Move, Prepared, TRIES, reflog};
use super::{ExecutionError, MergeOrder, MergeOutcome};
use crate::git::{Advance, RefName, TreeId};
use crate::model::{BranchName, CommitId, ExecutionId, ExecutionStatus, MemberName};

/// One repository's share of a merge.
pub struct Share<'a> {
    /// What it is called.
    pub name: MemberName,
    /// The execution there; whoever merges holds its lock.
    pub part: Part,
    /// How it is to be merged there.
    pub order: MergeOrder<'a>,
}

/// Merges an execution in all its repositories, or in none; not while a process has it open in one of them.
pub fn merge_everywhere(
    id: &ExecutionId,
    shares: Vec<Share<'_>>,
) -> Result<Vec<(MemberName, MergeOutcome)>, ExecutionError> {
    let (mut locked, mut locks) = (Vec::new(), Vec::new());
    for share in shares {
        let (part, lock) = share.part.lock(id)?;
        locked.push(Share { part, ..share });
        locks.push(lock);
    }
    merge_together(id, locked)
}

/// How far one repository is.
enum State {
    /// It was not looked at yet, or its target moved meanwhile.
    Unknown,
    /// Its target had all of it before.
    Has,
    /// Its target can move.
    Ready(Move),
    /// Its target moved.
    Moved(Move),
    /// Its target moved, and back.
    Back(Move),
    /// Its target does not move.
    Stuck(MergeOutcome),
    /// Its target moved, and could not be moved back.
    Stays(Move, String),
}

struct Target<'a> {
    share: Share<'a>,
    branch: BranchName,
    state: State,
    passed: Option<TreeId>,
}

/// Merges an execution in all its repositories, or in none. The caller holds its lock in each.
pub(super) fn merge_together(
    id: &ExecutionId,
    shares: Vec<Share<'_>>,
) -> Result<Vec<(MemberName, MergeOutcome)>, ExecutionError> {
    let (mut targets, mut unchanged) = (Vec::new(), Vec::new());
    for share in shares {
        if share.part.record.unchanged {
            unchanged.push(share);
        } else {
            targets.push(Target::find(id, share)?);
        }
    }
    if targets.is_empty() {
        return Ok(unchanged.into_iter().map(nothing).collect());
    }
    let ran = move_all(id, &mut targets);
    if ran.is_err()
        || targets
            .iter()
            .any(|one| matches!(one.state, State::Stuck(_)))
    {
        for one in targets.iter_mut().rev() {
            one.go_back();
        }
    }
    let whole = !targets
        .iter()
        .any(|one| matches!(one.state, State::Stays(..)));
    if let Err(error) = ran {
        // What nobody moved, nobody has to be told to go on with.
        return Err(if whole {
            forget_intents(id, &targets)?;
            error
        } else {
            ExecutionError::HalfMerged {
                id: id.clone(),
                told: format!("{error}; {}", stands(id, &targets)),
            }
        });
    }
    let merged = targets
        .iter()
        .all(|one| matches!(one.state, State::Has | State::Moved(_)));
    for one in &targets {
        match &one.state {
            _ if merged => one.note()?,
            State::Stuck(MergeOutcome::ReadyToMerge { .. }) => {
                one.share
                    .part
                    .executions
                    .note_ready(&one.share.part.record)?;
            }
            _ => {}
        }
    }
    for Share { part, .. } in unchanged.iter().filter(|_| merged) {
        part.executions.note_merged_elsewhere(&part.record)?;
    }
    if whole {
        forget_intents(id, &targets)?;
    }
    let why = stuck(&targets);
    Ok(targets.into_iter().map(|one| one.outcome(&why)).collect())
}

/// Says that there is nothing to merge, where there is nothing in any repository.
fn nothing(share: Share<'_>) -> (MemberName, MergeOutcome) {
    let why = "the execution changed nothing, so there is nothing to merge".to_owned();
    (share.name, MergeOutcome::Refused { why })
}

/// Moves all targets, as far as it goes.
fn move_all(id: &ExecutionId, targets: &mut [Target<'_>]) -> Result<(), ExecutionError> {
    for _ in 0..TRIES {
        for one in targets.iter_mut() {
            one.look()?;
        }
        if targets
            .iter()
            .any(|one| matches!(one.state, State::Stuck(_)))
        {
            return Ok(());
        }
        if targets
            .iter()
            .any(|one| matches!(one.state, State::Unknown))
        {
            continue;
        }
        if !targets
            .iter()
            .any(|one| matches!(one.state, State::Ready(_)))
        {
            return Ok(());
        }
        store_intents(id, targets)?;
        for one in targets.iter_mut() {
            one.advance()?;
            if matches!(one.state, State::Unknown | State::Stuck(_)) {
                break;
            }
        }
    }
    let branch = targets
        .iter()
        .find(|one| matches!(one.state, State::Unknown | State::Ready(_)));
    match branch {
        Some(one) => Err(ExecutionError::Crowded {
            branch: one.branch.clone(),
        }),
        None => Ok(()),
    }
}

/// Stores in each repository what is about to happen in all.
fn store_intents(id: &ExecutionId, targets: &[Target<'_>]) -> Result<(), ExecutionError> {
    let moves = targets.iter().filter_map(Target::intended).collect();
    let intent = Intent::new(id, moves);
    for one in targets {
        if let Some(intended) = one.intended() {
            one.share
                .part
                .executions
                .store_intent(&intent, &intended.new)?;
        }
    }
    Ok(())
}

fn forget_intents(id: &ExecutionId, targets: &[Target<'_>]) -> Result<(), ExecutionError> {
    for one in targets {
        one.share.part.executions.forget_intent(id)?;
    }
    Ok(())
}

/// Names the repositories that keep the others from moving.
fn stuck(targets: &[Target<'_>]) -> String {
    let names = targets
        .iter()
        .filter(|one| matches!(one.state, State::Stuck(_)))
        .map(|one| one.share.name.to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// Says what stands where.
fn stands(id: &ExecutionId, targets: &[Target<'_>]) -> String {
    let words = targets.iter().filter_map(|one| match &one.state {
        State::Stays(moved, why) => Some(format!(
            "{} of {} has it as {} and could not be moved back: {why}",
            one.branch, one.share.name, moved.new
        )),
        State::Unknown | State::Ready(_) | State::Back(_) | State::Stuck(_) => Some(format!(
            "{} of {} does not have it",
            one.branch, one.share.name
        )),
        State::Has | State::Moved(_) => None,
    });
    format!(
        "{}; `paracle-host git merge {id}` goes on with it",
        words.collect::<Vec<_>>().join("; ")
    )
}

impl<'a> Target<'a> {
    /// Finds what is to move in a repository, and whether it did already.
    fn find(id: &ExecutionId, share: Share<'a>) -> Result<Self, ExecutionError> {
        let Part { executions, record } = &share.part;
        let intended = executions.intended(id, &share.name)?;
        let moved = match intended {
            Some(intended) if executions.has_moved(&intended)? => Some(intended),
            Some(_) | None => None,
        };
        let (branch, state) = if let Some(intended) = moved {
            (intended.target.clone(), State::Moved(intended.to_move()))
        } else {
            let branch = share.order.target.or(record.base_branch.as_ref());
            let branch = branch.ok_or_else(|| ExecutionError::NoTarget { id: id.clone() })?;
            let state = if record.status == ExecutionStatus::Discarded {
                State::Stuck(MergeOutcome::Refused {
                    why: format!("execution {id} was discarded"),
                })
            } else {
                State::Unknown
            };
            (branch.clone(), state)
        };
        Ok(Self {
            share,
            branch,
            state,
            passed: None,
        })
    }

    /// Makes what the target is to move to, and looks whether it could move.
    fn look(&mut self) -> Result<(), ExecutionError> {
        if !matches!(self.state, State::Unknown) {
            return Ok(());
        }
        let Part { executions, record } = &self.share.part;
        let prepared = executions.prepare(
            record,
            &self.branch,
            self.share.order,
            (&mut self.passed, true),
        )?;
        self.state = match prepared {
            Prepared::Again => State::Unknown,
            Prepared::Ends(MergeOutcome::UpToDate { .. }) => State::Has,
            Prepared::Ends(outcome) => State::Stuck(outcome),
            Prepared::Move(ready, _) => {
                match executions.repo.why_not_ahead(&self.branch, &ready.new)? {
                    None => State::Ready(ready),
                    Some(why) => State::Stuck(MergeOutcome::ReadyToMerge {
                        why,
                        commit: ready.new,
                        waits_for: None,
                    }),
                }
            }
        };
        Ok(())
    }

    fn advance(&mut self) -> Result<(), ExecutionError> {
        let State::Ready(Move { old, new }) = &self.state else {
            return Ok(());
        };
        let Part { executions, record } = &self.share.part;
        let advanced = executions
            .repo
            .advance_branch(&self.branch, old, new, &reflog(record))?;
        self.state = match advanced {
            Advance::Done => State::Moved(Move {
                old: old.clone(),
                new: new.clone(),
            }),
            Advance::Elsewhere => State::Unknown,
            Advance::Refused(why) => State::Stuck(MergeOutcome::ReadyToMerge {
                why,
                commit: new.clone(),
                waits_for: None,
            }),
        };
        Ok(())
    }

    /// Moves a target back that moved.
    fn go_back(&mut self) {
        let moved = match &self.state {
            State::Moved(moved) => moved.clone(),
            // It failed after the ref had moved.
            State::Ready(ready) if self.is_at(&ready.new) => ready.clone(),
            State::Unknown
            | State::Has
            | State::Ready(_)
            | State::Back(_)
            | State::Stuck(_)
            | State::Stays(..) => return,
        };
        let line = "merge taken back: by paracle-host";
        let back = self.share.part.executions.repo.retreat_branch(
            &self.branch,
            &moved.new,
            &moved.old,
            line,
        );
        self.state = match back {
            Ok(Advance::Done) => State::Back(moved),
            Ok(Advance::Elsewhere) => {
                State::Stays(moved, "somebody committed on it since".to_owned())
            }
            Ok(Advance::Refused(why)) => State::Stays(moved, why),
            Err(error) => State::Stays(moved, error.to_string()),
        };
    }

    fn is_at(&self, commit: &CommitId) -> bool {
        let name = RefName::branch(&self.branch);
        let now = self.share.part.executions.repo.read_commit_ref(&name);
        now.is_ok_and(|now| now.as_ref() == Some(commit))
    }

    fn intended(&self) -> Option<Intended> {
        match &self.state {
            State::Ready(one) | State::Moved(one) => Some(Intended {
                name: self.share.name.clone(),
                target: self.branch.clone(),
                old: one.old.clone(),
                new: one.new.clone(),
            }),
            State::Unknown | State::Has | State::Back(_) | State::Stuck(_) | State::Stays(..) => {
                None
            }
        }
    }

    /// Notes that the target has it.
    fn note(&self) -> Result<(), ExecutionError> {
        let Part { executions, record } = &self.share.part;
        let commit = match &self.state {
            State::Moved(moved) => Some(&moved.new),
            _ => None,
        };
        executions.note_merged(record, &self.branch, commit, None)
    }

    fn outcome(self, stuck: &str) -> (MemberName, MergeOutcome) {
        let target = self.branch;
        let outcome = match self.state {
            State::Has => MergeOutcome::UpToDate { target },
            State::Moved(moved) => MergeOutcome::Merged {
                commit: moved.new,
                target,
            },
            State::Stuck(outcome) => outcome,
            State::Ready(ready) => MergeOutcome::ReadyToMerge {
                why: format!("it waits for {stuck}: all merge, or none does"),
                commit: ready.new,
                waits_for: Some(stuck.to_owned()),
            },
            State::Back(moved) => MergeOutcome::ReadyToMerge {
                why: format!("{target} moved, and moved back because of {stuck}"),
                commit: moved.new,
                waits_for: Some(stuck.to_owned()),
            },
            State::Unknown => MergeOutcome::Refused {
                why: format!("it waits for {stuck}: all merge, or none does"),
            },
            State::Stays(moved, why) => MergeOutcome::HalfMerged {
                commit: moved.new,
                target,
                why,
            },
        };
        (self.share.name, outcome)
    }
}
