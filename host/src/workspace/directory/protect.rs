//! Which directories no grant can give: a plugin that could write its own grants would need no person.

use std::path::{Path, PathBuf};

use super::error::DirectoryError;
use super::location::Location;
use super::place_rule::PlaceRule;
use crate::model::{Access, DirectoryRule};
use crate::workspace::name::{is_git, is_own};

/// The places that steer this host.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// The person's own folder: keys, approvals, the caps of the machine. No plugin sees it.
    pub own: Option<PathBuf>,
    /// Files of secrets, wherever they are. No plugin sees them.
    pub secrets: Vec<PathBuf>,
    /// The git directories and `.parac` of each repository, and the cache of compiled code: no plugin writes them.
    pub steering: Vec<PathBuf>,
    /// The repositories' checkouts: what lies in one may be granted, and not the whole.
    pub checkouts: Vec<PathBuf>,
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
    for place in &protected.secrets {
        if wanted.contains(&Location::of(place)) {
            return Err(DirectoryError::Own {
                rule: rule.clone(),
                place: place.clone(),
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
    for checkout in &protected.checkouts {
        if wanted.contains(&Location::of(checkout)) {
            return Err(steers(checkout, PlaceRule::Host));
        }
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
