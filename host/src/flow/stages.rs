//! The two stages of the line that touch git, away from the threads that answer calls.

use std::sync::{Arc, PoisonError};

use super::callbacks::CallCallbacks;
use super::{CallError, Host, audit, fitness, hide};
use crate::execution;
use crate::model::{Access, Receipt};
use crate::policy::Permit;
use crate::sandbox::{HeavyTurn, Outcome, RunError};
use crate::workspace::{Protected, Stage};

impl Host {
    /// Opens the isolated tree of a call and its directories, as far as it was granted any. The notes say what of the person's
    /// work it does not see; they are made once an execution, because looking costs what `git status` costs.
    pub(super) async fn stage(
        self: &Arc<Self>,
        permit: Permit,
    ) -> Result<(Stage, Vec<String>), CallError> {
        let permit = match Stage::without_files(permit) {
            Ok(stage) => return Ok((stage, Vec::new())),
            Err(permit) => permit,
        };
        let looked = || self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = permit.grant().workspace != Access::None
            && !looked().contains(&permit.call().execution);
        let turn = self.turn_to_look(&permit, looks).await?;
        // Only now: a call that gave up waiting has not looked.
        let first = looks && looked().insert(permit.call().execution.clone());
        let (host, plugin) = (self.clone(), permit.plugin().clone());
        let opened = blocking(move || {
            let _turn = turn;
            host.check_reach(&permit.grant().directories)?;
            let execution = permit.call().execution.clone();
            let protected = if permit.grant().directories.is_empty() {
                Protected::default()
            } else {
                host.protected()
            };
            let stage = Stage::open(permit, &protected, |permit| host.bases_of(permit))?;
            let notes = if first {
                host.unseen(&execution)?
            } else {
                Vec::new()
            };
            Ok((stage, notes))
        });
        opened
            .await
            .map_err(|error| self.name_grant(&plugin, error))
    }

    /// Waits for a turn to look: git takes a processor for milliseconds, and would take all of them where many executions
    /// begin. A call inside a call has none, because its caller may be before the gate.
    async fn turn_to_look(
        &self,
        permit: &Permit,
        looks: bool,
    ) -> Result<Option<HeavyTurn>, CallError> {
        if !looks || permit.depth() > 0 {
            return Ok(None);
        }
        tokio::select! {
            biased;
            () = permit.call().cancel.cancelled() => Err(CallError::Run(RunError::Cancelled, Box::default())),
            turn = self.sandbox().heavy_turn() => Ok(Some(turn)),
        }
    }

    /// Runs the guest. What it ends with holds no secret, however one got there.
    pub(super) async fn run(
        &self,
        stage: Stage,
        callbacks: Arc<CallCallbacks>,
    ) -> Result<Outcome, CallError> {
        let mut outcome = self
            .sandbox()
            .run(stage, callbacks)
            .await
            .map_err(hide::ended)?;
        outcome.reply = hide::reply(outcome.reply);
        outcome.reply = fitness::check_answer(&outcome.permit, outcome.reply);
        Ok(outcome)
    }

    /// Lands what a call changed. Without a tree there is nothing to land and nothing that blocks, and a change of threads
    /// costs more than a small guest does.
    pub(super) async fn settle(
        &self,
        mut outcome: Outcome,
        notes: Vec<String>,
    ) -> Result<Receipt, CallError> {
        let receipt = match outcome.trees.take() {
            None => execution::receipt(outcome, Vec::new(), notes),
            Some(trees) => {
                let (main, benches) = (self.workbench()?, self.benches()?);
                let key = self.key.clone();
                blocking(move || {
                    // As of the last record on the disk: a call does not wait for its own.
                    let claim = audit::claim(main.executions().repo(), key.as_ref());
                    Ok(execution::settle(&benches, outcome, &trees, notes, claim)?)
                })
                .await?
            }
        };
        Ok(Receipt {
            wall: self.wall.clone(),
            ..receipt
        })
    }
}

/// Runs what blocks (git, disk) on a thread that may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CallError> + Send + 'static,
) -> Result<T, CallError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| CallError::Inside {
            reason: error.to_string(),
        })?
}
