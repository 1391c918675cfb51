//! Where an execution that does not exist yet is to begin.

use std::sync::{Arc, PoisonError};

use super::start::Beginning;
use super::{Base, ExecutionError, Included, Workbench};
use crate::model::ExecutionId;

/// Where to begin, other than where the settings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A branch, a tag or a commit.
    Named(String),
    /// The checkout as it is, with what is uncommitted and not ignored.
    Checkout,
}

/// Where an execution begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The commit, and the branch to merge to.
    pub base: Base,
    /// The uncommitted work that it begins with.
    pub included: Option<Included>,
}

impl Workbench {
    /// Has an execution begin elsewhere than the settings say; one that has begun already cannot.
    ///
    /// Uncommitted work is a commit that nothing but the execution holds, so the execution opens at once then, and not at its
    /// first write.
    pub fn start_from(&self, id: &ExecutionId, origin: &Origin) -> Result<Started, ExecutionError> {
        if self.executions.read_record(id)?.is_some() {
            return Err(ExecutionError::Begun { id: id.clone() });
        }
        let (base, included) = match origin {
            Origin::Named(name) => (self.executions.base(Some(name))?, None),
            Origin::Checkout => self.executions.base_of_checkout(id)?,
        };
        if let Some(included) = &included {
            let (execution, _) =
                self.executions
                    .start_on(id, &base, Some(&included.on), Beginning::Branch)?;
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.insert(id.clone(), Arc::new(execution));
        }
        let started = Started { base, included };
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.insert(id.clone(), started.clone());
        Ok(started)
    }

    /// Returns where an execution was told to begin.
    pub(super) fn planned(&self, id: &ExecutionId) -> Option<Started> {
        let planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.get(id).cloned()
    }
}
