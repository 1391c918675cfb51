//! Which directories no grant can give: a plugin that could write its own grants would need no person.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::DirectoryError;
use super::place_rule::PlaceRule;
use crate::model::{Access, DirectoryRule};
use crate::workspace::name::{is_git, is_own};

/// The places that steer this host.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// The person's own folder: keys, approvals, the caps of the machine. No plugin sees it.
    pub own: Option<PathBuf>,
    /// The repository's git directories, its `.parac` and the cache of compiled code: no plugin writes them.
    pub steering: Vec<PathBuf>,
    /// The repository's checkout: what lies in it may be granted, and not the whole.
    pub checkout: Option<PathBuf>,
}

/// Checks grants of directories before anything is opened: that none gives what no plugin may have, and that they agree with
/// each other. Whoever records a grant asks this first.
pub fn check_directories(
    rules: &[DirectoryRule],
    protected: &Protected,
) -> Result<(), DirectoryError> {
    for (index, rule) in rules.iter().enumerate() {
        check_one(rule, protected)?;
        for other in &rules[..index] {
            if rule.at == other.at {
                return Err(DirectoryError::SameName {
                    first: other.clone(),
                    second: rule.clone(),
                });
            }
            check_overlap(rule, other)?;
            check_overlap(other, rule)?;
        }
    }
    Ok(())
}

fn check_one(rule: &DirectoryRule, protected: &Protected) -> Result<(), DirectoryError> {
    let wanted = Location::of(&rule.path);
    if let Some(own) = &protected.own {
        let place = Location::of(own);
        if wanted.contains(&place) || place.contains(&wanted) {
            return Err(DirectoryError::Own {
                rule: rule.clone(),
                place: own.clone(),
            });
        }
    }
    match rule.access {
        Access::None | Access::ReadOnly => return Ok(()),
        Access::ReadWrite => {}
    }
    let steers = |place: &Path, by| DirectoryError::Steers {
        rule: rule.clone(),
        place: place.to_owned(),
        by,
    };
    for place in &protected.steering {
        let location = Location::of(place);
        if wanted.contains(&location) || location.contains(&wanted) {
            return Err(steers(place, PlaceRule::Host));
        }
    }
    if let Some(checkout) = &protected.checkout
        && wanted.contains(&Location::of(checkout))
    {
        return Err(steers(checkout, PlaceRule::Host));
    }
    // Another repository's settings are somebody's, too.
    let has = |is: fn(&str) -> bool| rule.path.iter().filter_map(|name| name.to_str()).any(is);
    if has(is_git) {
        return Err(steers(&rule.path, PlaceRule::Repository));
    }
    if has(is_own) {
        return Err(steers(&rule.path, PlaceRule::Host));
    }
    Ok(())
}

/// Refuses a directory for reading only that another rule lets the same plugin write.
fn check_overlap(inner: &DirectoryRule, outer: &DirectoryRule) -> Result<(), DirectoryError> {
    if inner.access < outer.access
        && inner.access != Access::None
        && Location::of(&outer.path).contains(&Location::of(&inner.path))
    {
        return Err(DirectoryError::Overlap {
            inner: inner.clone(),
            outer: outer.clone(),
        });
    }
    Ok(())
}

/// A place by its path, as written and with its links resolved, and by what the directories on the way to it are: the same
/// directory can have several paths, by mounts and by file systems that take `A` for `a`.
pub(super) struct Location {
    paths: Vec<PathBuf>,
    /// Device and number of the place, if it is there.
    itself: Option<(u64, u64)>,
    /// The same of the place and all directories above it.
    above: Vec<(u64, u64)>,
}

impl Location {
    pub(super) fn of(path: &Path) -> Self {
        let mut paths = vec![path.to_owned()];
        // What is not there yet is where its nearest directory above is.
        let real = path.ancestors().find_map(|above| {
            let rest = path.strip_prefix(above).ok()?;
            Some(above.canonicalize().ok()?.join(rest))
        });
        paths.extend(real);
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
