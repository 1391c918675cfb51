//! What a merge puts onto its target, by strategy.

use super::{ExecutionError, Executions};
use crate::git::{Batch, Merge, NewCommit, TreeId};
use crate::model::{BranchName, CommitId, ExecutionRecord, MergeStrategy};

/// The most commits of an execution that a merge looks at one by one.
const MOST: usize = 10_000;

/// What a target moves to.
pub(super) struct Landing {
    /// The target itself, if nothing is left to do.
    pub(super) commit: CommitId,
    /// What is to be stored before the target moves.
    pub(super) objects: Batch,
    /// Whether the commit has the execution's newest one for a parent.
    pub(super) joins: bool,
}

impl Executions {
    /// Makes the commit that the target moves to. The inner error says why the strategy cannot.
    pub(super) fn landing(
        &self,
        record: &ExecutionRecord,
        target: &BranchName,
        [old, tip]: [&CommitId; 2],
        (merged, mut objects): (TreeId, Batch),
        strategy: MergeStrategy,
    ) -> Result<Result<Landing, String>, ExecutionError> {
        let strategy = match strategy {
            // With the branch for a parent, the person's uncommitted work would be in the target's history.
            MergeStrategy::Merge if self.is_apart(record, old)? => MergeStrategy::Squash,
            strategy => strategy,
        };
        match strategy {
            MergeStrategy::Merge => {
                let message = format!("Merge execution {} into {target}", record.id);
                let trailers = [("Paracle-Execution".to_owned(), record.id.to_string())];
                let parents = [old.clone(), tip.clone()];
                let new = NewCommit {
                    tree: merged,
                    parents: &parents,
                    message: &message,
                    trailers: &trailers,
                };
                let commit = self.repo.add_commit(&mut objects, &new)?;
                Ok(Ok(Landing {
                    commit,
                    objects,
                    joins: true,
                }))
            }
            MergeStrategy::Squash => {
                self.repo.store(&objects)?;
                let commits = self.own_commits(record, old, tip)?;
                let commit = self.fold(record, &commits, merged, old)?;
                Ok(Ok(Landing::stored(commit)))
            }
            MergeStrategy::Rebase => Ok(self.rebase(record, old, tip)?.map(Landing::stored)),
        }
    }

    /// Puts an execution's commits onto another commit, one by one.
    fn rebase(
        &self,
        record: &ExecutionRecord,
        old: &CommitId,
        tip: &CommitId,
    ) -> Result<Result<CommitId, String>, ExecutionError> {
        let commits = self.own_commits(record, old, tip)?;
        if commits.len() == MOST {
            return Ok(Err(format!(
                "it has {MOST} commits or more, too many to be put onto another one by one: merge with --strategy merge or squash"
            )));
        }
        let mut onto = old.clone();
        let mut rest = &commits[..];
        // What was done up to a resolved conflict was decided as a whole, and becomes one commit.
        let merge =
            |id: &CommitId| Ok::<_, ExecutionError>(self.repo.commit(id)?.parents.len() > 1);
        let mut last = None;
        for (at, id) in commits.iter().enumerate() {
            if merge(id)? {
                last = Some(at);
            }
        }
        if let Some(at) = last {
            match self.repo.merge(&onto, &commits[at])? {
                Merge::Clean(tree) => onto = self.fold(record, &commits[..=at], tree, &onto)?,
                Merge::Conflict(conflicted) => {
                    return self.unfit_alone(record, &commits[at], &conflicted.paths());
                }
            }
            rest = &commits[at + 1..];
        }
        for id in rest {
            let commit = self.repo.commit(id)?;
            let Some(parent) = commit.parents.first() else {
                return Ok(Err(format!(
                    "commit {id} has no parent, so it cannot be put onto another one: merge with --strategy merge"
                )));
            };
            match self.repo.merge_on(parent, &onto, id)? {
                Merge::Clean(tree) if tree == self.repo.commit(&onto)?.tree => {}
                Merge::Clean(tree) => onto = self.repo.replay_commit(id, tree, &onto)?,
                Merge::Conflict(conflicted) => {
                    return self.unfit_alone(record, id, &conflicted.paths());
                }
            }
        }
        Ok(Ok(onto))
    }

    /// Says why commits cannot be put onto the target one by one, though all of them together fit.
    fn unfit_alone(
        &self,
        record: &ExecutionRecord,
        commit: &CommitId,
        paths: &[String],
    ) -> Result<Result<CommitId, String>, ExecutionError> {
        let message = self.repo.commit(commit)?.message;
        let (id, subject) = (&record.id, message.lines().next().unwrap_or_default());
        Ok(Err(format!(
            "commit {commit} ({subject}) by itself does not fit in {}, though all commits together do: merge them together, with \
             `paracle-host git merge {id} --strategy merge` or `--strategy squash`",
            paths.join(", ")
        )))
    }

    /// Makes one commit of several: it says what each said, and what each call was.
    fn fold(
        &self,
        record: &ExecutionRecord,
        commits: &[CommitId],
        tree: TreeId,
        onto: &CommitId,
    ) -> Result<CommitId, ExecutionError> {
        if self.repo.commit(onto)?.tree == tree {
            return Ok(onto.clone());
        }
        let mut message = format!("Execution {}\n", record.id);
        let mut trailers: Vec<(String, String)> = Vec::new();
        for id in commits {
            let told = self.repo.commit(id)?.message;
            let subject = told.lines().next().unwrap_or_default();
            message.push_str("\n- ");
            message.push_str(subject);
            let own = trailers_of(&told);
            trailers.extend(own.filter(|one| one.0 != "Paracle-Execution"));
        }
        trailers.insert(0, ("Paracle-Execution".to_owned(), record.id.to_string()));
        Ok(self.repo.make_commit(&NewCommit {
            tree,
            parents: std::slice::from_ref(onto),
            message: &message,
            trailers: &trailers,
        })?)
    }

    /// Returns the commits that an execution has and the target lacks, the oldest first, by first parents.
    fn own_commits(
        &self,
        record: &ExecutionRecord,
        old: &CommitId,
        tip: &CommitId,
    ) -> Result<Vec<CommitId>, ExecutionError> {
        let apart = self.is_apart(record, old)?;
        let mut commits = Vec::new();
        let mut next = Some(tip.clone());
        while let Some(id) = next.filter(|_| commits.len() < MOST) {
            // The person's uncommitted work is none of the execution's.
            if self.repo.is_ancestor(&id, old)? || (apart && id == record.base_commit) {
                break;
            }
            next = self.repo.commit(&id)?.parents.into_iter().next();
            commits.push(id);
        }
        commits.reverse();
        Ok(commits)
    }
}

impl Landing {
    /// Says that all of it is stored.
    fn stored(commit: CommitId) -> Self {
        Self {
            commit,
            objects: Batch::default(),
            joins: false,
        }
    }
}

/// Reads the lines of `Paracle-…: value` at the end of a message.
fn trailers_of(message: &str) -> impl Iterator<Item = (String, String)> {
    message
        .lines()
        .filter(|line| line.starts_with("Paracle-"))
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
}
