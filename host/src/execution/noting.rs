//! What is noted of a merge: that its target has it, or that it waits for that.

use super::landing::Landing;
use super::{ExecutionError, Executions};
use crate::git::{Batch, Moved, RefMove, RefName};
use crate::model::{BranchName, CommitId, ExecutionRecord, ExecutionStatus};

impl Executions {
    /// Notes that a merge was made that the target could not take.
    pub(super) fn note_ready(&self, record: &ExecutionRecord) -> Result<(), ExecutionError> {
        let tip = self.tip_of(record)?;
        self.update_record(&record.id, |record| record.ready_tip = Some(tip.clone()))?;
        Ok(())
    }

    /// Ends a merge: notes that the target has the execution, and lets go of what was held for it.
    pub(super) fn note_merged(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        commit: Option<&CommitId>,
        noted: Option<RefMove>,
    ) -> Result<(), ExecutionError> {
        if record.status == ExecutionStatus::Merged {
            return Ok(());
        }
        let noted = match noted {
            Some(state) => self.repo.store_and_move(&Batch::default(), &[state])?,
            None => Moved::Elsewhere,
        };
        if noted == Moved::Elsewhere {
            self.note_merge(record, target, commit.cloned())?;
        }
        self.pin(&record.id, "merge", None)?;
        self.forget_conflict(&record.id)
    }

    /// Notes that a target has all of an execution: by a commit of the merge's own, or else by whatever brought it there.
    pub(super) fn note_merge(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        commit: Option<CommitId>,
    ) -> Result<(), ExecutionError> {
        let tip = self.tip_of(record)?;
        let commit = match commit {
            None => match self.repo.read_commit_ref(&RefName::branch(target))? {
                Some(at) => self.repo.merge_of(&tip, &record.base_commit, &at)?,
                None => None,
            },
            commit => commit,
        };
        // The parents of a merge commit tell what was merged; nothing tells where the target has other commits, or the very same.
        let told = match &commit {
            Some(commit) => self.repo.commit(commit)?.parents.get(1) == Some(&tip),
            None => tip == record.base_commit,
        };
        if !told {
            // They are kept until a cleanup.
            self.pin(&record.id, "merged", Some(&tip))?;
        }
        let merged = self.merged(record, target, commit.as_ref());
        self.update_record(&record.id, |record| {
            record.clone_from(&merged);
            record.merged_tip = (!told).then(|| tip.clone());
        })?;
        Ok(())
    }

    /// Says of an execution that a target has it.
    fn merged(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        commit: Option<&CommitId>,
    ) -> ExecutionRecord {
        ExecutionRecord {
            status: ExecutionStatus::Merged,
            finished_at: Some(self.now().to_string()),
            merged_to: Some(target.clone()),
            merge_commit: commit.cloned(),
            ..record.clone()
        }
    }

    /// Stores what a target is to move to, with what the state will be then: the move that makes it so.
    ///
    /// It is pinned if it may have to wait longer than what was just stored is kept, and if nothing but the pin would tell after
    /// a crash that it has landed: of a merge commit, its parents do.
    pub(super) fn store_landing(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        landing: Landing,
        pinned: bool,
    ) -> Result<Option<RefMove>, ExecutionError> {
        let (commit, mut objects) = (landing.commit, landing.objects);
        let noted = match self.read_record(&record.id)? {
            Some((old, now)) if landing.joins && now == *record => {
                let merged = self.merged(record, target, Some(&commit));
                Some(self.add_record(&mut objects, Some(old), &merged)?)
            }
            Some(_) | None => None,
        };
        let mut pins = Vec::new();
        if pinned {
            let name = RefName::execution(&record.id, "merge");
            let old = self.repo.read_commit_ref(&name)?;
            pins.push(RefMove::to_commit(name, old.as_ref(), &commit));
        }
        // Only the holder of the lock moves the pin.
        let _: Moved = self.repo.store_and_move(&objects, &pins)?;
        Ok(noted)
    }
}
