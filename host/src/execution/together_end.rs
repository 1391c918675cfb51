//! The end of an execution of several repositories: merged in all, or kept in all.

use std::sync::Arc;

use super::complete::Completed;
use super::lock::Lock;
use super::members::Part;
use super::settle::Workbench;
use super::together::{Share, merge_together};
use super::{Ending, Execution, ExecutionError, MergeOutcome};
use crate::model::{ExecutionId, ExecutionStatus, MemberName};

/// One repository at the end of an execution.
struct Open<'a> {
    name: &'a MemberName,
    bench: &'a Workbench,
    ending: &'a Ending<'a>,
    part: Part,
    _lock: Lock,
}

/// Completes an execution in all its repositories: merges it in all of them if each is to be merged, or else keeps its branches.
/// None if it wrote nothing.
pub fn complete_everywhere(
    benches: &[(MemberName, Arc<Workbench>)],
    id: &ExecutionId,
    success: bool,
    endings: &[Ending<'_>],
) -> Result<Option<Vec<(MemberName, Completed)>>, ExecutionError> {
    let mut closed: Vec<Option<Execution>> = Vec::new();
    for (_, bench) in benches {
        match bench.close(id) {
            Ok(execution) => closed.push(execution),
            Err(error) => {
                // In all of them, or in none.
                for ((_, bench), execution) in benches.iter().zip(closed) {
                    if let Some(one) = execution {
                        bench.open_again(one);
                    }
                }
                return Err(error);
            }
        }
    }
    if closed.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut vanishes = true;
    for ((_, bench), execution) in benches.iter().zip(&closed) {
        vanishes &= match execution {
            Some(execution) => execution.is_untouched(&bench.settings)?,
            None => bench.executions.read_record(id)?.is_none(),
        };
    }
    let mut done = Vec::new();
    let mut open = Vec::new();
    for (((name, bench), ending), execution) in benches.iter().zip(endings).zip(closed) {
        let part = match execution {
            // Else each knows of what was done in the others.
            Some(execution) if vanishes => {
                done.push((name.clone(), execution.vanish()?));
                continue;
            }
            Some(execution) => Some((
                Part {
                    record: bench.executions.settle(id, ExecutionStatus::Kept)?,
                    executions: execution.executions,
                },
                execution.lock,
            )),
            // Another process wrote there.
            None => left_before(bench, id)?,
        };
        open.extend(part.map(|(part, lock)| Open {
            name,
            bench,
            ending,
            part,
            _lock: lock,
        }));
    }
    let wished: Vec<_> = open
        .iter()
        .map(|one| {
            if one.part.record.unchanged {
                // Where nothing was changed, there is nothing to ask for.
                return Ok(true);
            }
            one.ending.merges(&one.part.record, &one.bench.settings)
        })
        .collect();
    if !success || wished.iter().any(|wished| *wished != Ok(true)) {
        for (one, wished) in open.into_iter().zip(wished) {
            if one.part.record.unchanged {
                continue;
            }
            let held_back = wished.err().filter(|_| success);
            done.push((
                one.name.clone(),
                Completed::kept(one.part.record, held_back),
            ));
        }
        return Ok(Some(done));
    }
    let shares = open.iter().map(|one| Share {
        name: one.name.clone(),
        order: one.ending.order(&one.part.record, &one.bench.settings),
        part: one.part.clone(),
    });
    let outcomes = merge_together(id, shares.collect())?;
    let all = outcomes.iter().all(|(_, outcome)| is_done(outcome));
    for (name, outcome) in outcomes {
        let Some(one) = open.iter().find(|one| *one.name == name) else {
            continue;
        };
        let executions = &one.part.executions;
        done.push((
            name,
            if all {
                executions.completed(id, outcome, &one.bench.settings)?
            } else {
                Completed {
                    record: Some(executions.record(id)?),
                    merge: Some(outcome),
                    branch_deleted: false,
                    held_back: None,
                }
            },
        ));
    }
    Ok(Some(done))
}

/// Tells whether a target has an execution.
pub const fn is_done(outcome: &MergeOutcome) -> bool {
    match outcome {
        MergeOutcome::Merged { .. } | MergeOutcome::UpToDate { .. } => true,
        MergeOutcome::ReadyToMerge { .. }
        | MergeOutcome::Conflict { .. }
        | MergeOutcome::HalfMerged { .. }
        | MergeOutcome::Refused { .. } => false,
    }
}

/// Finds what another process left of an execution in a repository.
fn left_before(
    bench: &Workbench,
    id: &ExecutionId,
) -> Result<Option<(Part, Lock)>, ExecutionError> {
    let executions = bench.executions.clone();
    let Some((_, record)) = executions.read_record(id)? else {
        return Ok(None);
    };
    executions.check_members(&record)?;
    match record.status {
        ExecutionStatus::Active | ExecutionStatus::Kept => {}
        ExecutionStatus::Merged | ExecutionStatus::Discarded => return Ok(None),
    }
    Part { executions, record }.lock(id).map(Some)
}
