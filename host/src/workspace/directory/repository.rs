//! Telling a git directory by what is in it: one that is bare has any name, and is somewhere down in what was granted.
//!
//! What git obeys and runs there is nobody's to write: neither in one that is there, nor by making one.

use std::path::Path;

use cap_std::fs::Dir;

/// What git takes for a repository: all of one of these. The first name is in all, so that mostly it alone is looked for.
const MARKS: [&[&str]; 2] = [&["HEAD", "objects", "refs"], &["HEAD", "commondir"]];

/// Tells whether git would take a directory for a repository.
pub(super) fn is_repository(dir: &Dir) -> bool {
    has(dir, "HEAD")
        && MARKS
            .iter()
            .any(|marks| marks.iter().all(|name| has(dir, name)))
}

/// Tells the same of a path, before it is opened.
pub(super) fn is_repository_at(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    has("HEAD") && MARKS.iter().any(|marks| marks.iter().all(|name| has(name)))
}

/// Tells whether a directory would be a repository with one more name in it.
pub(super) fn completes(dir: &Dir, name: &str) -> bool {
    let is_it = |mark: &&str| mark.eq_ignore_ascii_case(name);
    MARKS.iter().any(|marks| {
        marks.iter().any(is_it) && marks.iter().all(|mark| is_it(mark) || has(dir, mark))
    })
}

/// Tells whether something has a name, be it a link: git follows those.
fn has(dir: &Dir, name: &str) -> bool {
    dir.symlink_metadata(name).is_ok()
}
