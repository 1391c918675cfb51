//! What grants reach beyond the repository, and the second wall: what it lets through was decided when the process started.

use std::io;

use super::Host;
use crate::config::Settings;
use crate::grants::{Grants, GrantsError, Scope};
use crate::model::{DirectoryRule, Grant};
use crate::workspace::DirectoryError;

/// Returns what the person granted on this machine, to all plugins together. What `plugins.yaml` says counts once they approved it, and
/// opens nothing before: the wall is not for the repository to widen.
pub fn granted_beyond(settings: &Settings) -> Result<Grant, GrantsError> {
    let grants = Grants::new(&settings.own, settings.project());
    let now = jiff::Timestamp::now();
    let given = grants.given()?.into_iter();
    let given = given
        .filter(|given| !matches!(given.scope, Scope::Until(end) if end <= now))
        .map(|given| given.grant);
    let approved = grants.approvals()?.into_iter();
    Ok(given
        .chain(approved.map(|approval| approval.outside))
        .fold(Grant::default(), |all, grant| all.union(&grant)))
}

impl Host {
    /// Refuses directories that the second wall keeps from this process, which would otherwise look empty or broken.
    pub(super) fn check_reach(&self, rules: &[DirectoryRule]) -> Result<(), DirectoryError> {
        let Some(reach) = &self.reach else {
            return Ok(());
        };
        let walled = |rule: &&DirectoryRule| {
            let within = |open| rule.within(open).is_some_and(|cut| cut == **rule);
            // One that was made or replaced since is another one to the kernel.
            let is_kept = |error: io::Error| error.kind() == io::ErrorKind::PermissionDenied;
            !reach.iter().any(within) || rule.path.read_dir().is_err_and(is_kept)
        };
        match rules.iter().find(walled) {
            None => Ok(()),
            Some(rule) => Err(DirectoryError::Walled { rule: rule.clone() }),
        }
    }
}
