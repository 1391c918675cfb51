//! Places beside the host's own that decide what runs later: git's settings, keys, folders of programs, start-up files.

use std::path::{Path, PathBuf};

use super::error::DirectoryError;
use super::location::Location;
use super::place_rule::PlaceRule;
use super::repository::is_repository_at;
use crate::model::{Access, DirectoryRule};
use crate::workspace::name::is_git;

/// Entries of a granted directory that are looked at for bare repositories: a person's folder of repositories has fewer.
const MOST_ENTRIES: usize = 4096;

/// Checks that no grant lets a plugin write where that decides what runs later. Whoever records a grant asks this; `meant` is
/// the person's word that it is to be granted even so, where a word is enough.
pub fn check_places(
    rules: &[DirectoryRule],
    places: &[(PlaceRule, PathBuf)],
    meant: bool,
) -> Result<(), DirectoryError> {
    let rules: Vec<&DirectoryRule> = rules
        .iter()
        .filter(|rule| rule.access == Access::ReadWrite)
        .collect();
    if rules.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = places
        .iter()
        .map(|(by, place)| (*by, place, Location::of(place)))
        .collect();
    for rule in rules {
        let wanted = Location::of(&rule.path);
        let mut found: Vec<(PlaceRule, PathBuf)> = places
            .iter()
            .filter(|(by, _, location)| {
                wanted.contains(location) || (by.reaches_down() && location.contains(&wanted))
            })
            .map(|(by, place, _)| (*by, (*place).clone()))
            .collect();
        found.extend(repository(&rule.path).map(|place| (PlaceRule::Repository, place)));
        // What no word opens is said first: a person who gave their word would only meet it next.
        found.sort_by_key(|(by, _)| by.yields());
        let Some((by, place)) = found.into_iter().next() else {
            continue;
        };
        let rule = rule.clone();
        if !by.yields() {
            return Err(DirectoryError::Steers { rule, place, by });
        }
        if !meant {
            return Err(DirectoryError::CodeRunsThere { rule, place, by });
        }
    }
    Ok(())
}

/// Finds the git directory that a directory is, lies in, or has in it, whatever it is called. One that is called `.git` is
/// hidden from plugins.
fn repository(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(above) = real.ancestors().find(|above| is_repository_at(above)) {
        return Some(above.to_owned());
    }
    path.read_dir()
        .ok()?
        .flatten()
        .take(MOST_ENTRIES)
        .filter(|entry| entry.file_name().to_str().is_none_or(|name| !is_git(name)))
        .map(|entry| entry.path())
        .find(|inner| is_repository_at(inner))
}
