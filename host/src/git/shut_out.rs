//! Git's own settings, replaced while the process runs: behind the second wall the new file is another one, and shut out.
#![expect(clippy::disallowed_methods, reason = "`git` reads git's own files")]

use std::io::ErrorKind;
use std::path::PathBuf;

use git2::Config;
use rustix::fs::{Access, access};

use super::GitError;

/// Finds a file of settings that this user may read and this process cannot.
fn shut_out() -> Option<PathBuf> {
    [
        Config::find_global(),
        Config::find_xdg(),
        Config::find_system(),
    ]
    .into_iter()
    .flatten()
    .find(|path| {
        // The wall is no matter of permissions, so only opening shows it.
        std::fs::File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
            && access(path, Access::READ_OK).is_ok()
    })
}

impl GitError {
    /// Says that git's settings are out of reach, if that is why something failed.
    pub(super) fn or_shut_out(self) -> Self {
        match shut_out() {
            Some(path) => Self::Settings { path },
            None => self,
        }
    }
}
