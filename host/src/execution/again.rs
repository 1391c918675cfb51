//! Executions that this process opens again, without a call's write.

use std::sync::{Arc, PoisonError};

use super::settle::Workbench;
use super::{Execution, ExecutionError};
use crate::model::ExecutionId;

impl Workbench {
    /// Opens an execution again that [`close`](Self::close) took out, because nothing came of its end.
    pub(super) fn open_again(&self, execution: Execution) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(execution.record.id.clone(), Arc::new(execution));
    }

    /// Opens an execution that was kept, so that it can be completed once more; nothing happens where there is none.
    pub fn open_kept(&self, id: &ExecutionId) -> Result<(), ExecutionError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(id) {
            return Ok(());
        }
        match self.executions.show(id) {
            Ok(info) => self.executions.check_members(&info.record)?,
            Err(ExecutionError::Unknown { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        let execution = self.executions.resume(id)?;
        open.insert(id.clone(), Arc::new(execution));
        Ok(())
    }
}
