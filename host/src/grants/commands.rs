//! Commands that may check merges: a repository names them, and only the person's word lets them run.

use super::{ApprovedCommand, Grants, GrantsError};

impl Grants {
    /// Returns the commands that the person approved.
    pub fn approved_commands(&self) -> Result<Vec<ApprovedCommand>, GrantsError> {
        Ok(self.file().read()?.commands)
    }

    /// Approves just these commands, in the place of all that were approved before.
    pub fn approve_commands(&self, commands: Vec<ApprovedCommand>) -> Result<(), GrantsError> {
        self.file().change(|content| {
            content.commands = commands;
            Ok(())
        })?;
        self.forget();
        Ok(())
    }
}
