//! Where a path is: every place that decides what is found there.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// Links on the way to a place that are followed, as by the kernel: what lies behind more cannot be opened either.
const MOST_LINKS: usize = 40;

/// A place by its paths, as written, as each link on the way is met, and with all of them resolved, and by what the directories
/// on the way to it are: the same directory can have several paths, by mounts and by file systems that take `A` for `a`.
pub(super) struct Location {
    paths: Vec<PathBuf>,
    /// Device and number of the place, if it is there.
    itself: Option<(u64, u64)>,
    /// The same of the place and all directories above it.
    above: Vec<(u64, u64)>,
}

impl Location {
    pub(super) fn of(path: &Path) -> Self {
        let paths = every_path(path);
        let number = |path: &Path| {
            let metadata = path.metadata().ok()?;
            Some((metadata.dev(), metadata.ino()))
        };
        let above = paths
            .iter()
            .flat_map(|path| path.ancestors().filter_map(number))
            .collect();
        Self {
            itself: number(path),
            above,
            paths,
        }
    }

    /// Tells whether another place is this one or lies in it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.paths
            .iter()
            .any(|path| other.paths.iter().any(|inner| inner.starts_with(path)))
            || self
                .itself
                .is_some_and(|itself| other.above.contains(&itself))
    }
}

/// Returns a path as written, as seen from each link on the way to it, and with all of them resolved, whether or not it is there:
/// who can change any of these changes what is found.
fn every_path(path: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: VecDeque<OsString> = names(&path);
    let mut at = PathBuf::new();
    let mut links = Vec::new();
    while let Some(name) = rest.pop_front() {
        if name == ".." {
            // No link is left in what was walked.
            at.pop();
            continue;
        }
        let next = at.join(&name);
        match next.read_link() {
            Ok(target) if links.len() < MOST_LINKS => {
                let whole = rest.iter().fold(next, |path, name| path.join(name));
                // A target that is absolute begins at the root again, which `join` does.
                for name in names(&target).into_iter().rev() {
                    rest.push_front(name);
                }
                links.push(whole);
            }
            Ok(_) | Err(_) => at = next,
        }
    }
    [vec![path], links, vec![at]].concat()
}

/// Returns the names of a path, with the root as one of them.
fn names(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter(|name| *name != Component::CurDir)
        .map(|name| name.as_os_str().to_owned())
        .collect()
}
