//! Waiting for the disk.
#![expect(
    clippy::disallowed_methods,
    reason = "`git` looks after git's own files"
)]

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{GitError, Repo};

/// A disk that answers so soon is asked for one file after the other: a thread for each would cost more than it saves.
const AT_ONCE: Duration = Duration::from_micros(200);

#[cfg(test)]
thread_local! {
    /// What this thread waited for, wait by wait.
    pub(super) static WAITS: std::cell::RefCell<Vec<Vec<PathBuf>>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Repo {
    /// Waits until files, or what folders list, are on the disk; all at once, so that one commit of the disk's journal does for
    /// all of them.
    pub(super) fn sync(&self, paths: &[PathBuf]) -> Result<(), GitError> {
        #[cfg(test)]
        WAITS.with_borrow_mut(|waits| waits.push(paths.to_vec()));
        let sync = |path: &PathBuf| {
            File::open(path)
                .and_then(|file| file.sync_all())
                .map_err(|error| GitError::file("sync", path, error))
        };
        let Some((first, rest)) = paths.split_first() else {
            return Ok(());
        };
        let timed = || {
            let began = Instant::now();
            let synced = sync(first);
            let soon = began.elapsed() < AT_ONCE;
            self.disk_is_quick().store(soon, Ordering::Relaxed);
            synced
        };
        if self.disk_is_quick().load(Ordering::Relaxed) {
            timed()?;
            return rest.iter().try_for_each(sync);
        }
        std::thread::scope(|scope| {
            let others: Vec<_> = rest
                .iter()
                .map(|path| (path, scope.spawn(move || sync(path))))
                .collect();
            let first = timed();
            others.into_iter().fold(first, |done, (path, other)| {
                done.and(other.join().unwrap_or_else(|_| sync(path)))
            })
        })
    }
}
