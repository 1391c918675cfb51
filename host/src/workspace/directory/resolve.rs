//! From a path to a place in a granted directory: one name at a time, on handles, so that nothing leads out.

use cap_fs_ext::DirExt as _;
use cap_std::fs::{Dir, Metadata};

use super::errno::failed;
use super::repository::is_repository;
use crate::workspace::FsError;
use crate::workspace::name::{LONGEST_PATH, check_length, is_own, visible};

/// How many links one path may follow, as on Linux.
const MOST_LINKS: usize = 40;

/// How many directories one path may open on its way: `..` walks down again from the start.
const MOST_STEPS: usize = 4096;

/// Where a path leads.
pub(super) struct Place<'a> {
    walk: Walk<'a>,
    /// Its last name; `None` if it ends in `.` or `..`.
    pub(super) name: Option<String>,
    /// What is there.
    pub(super) found: Option<Metadata>,
    /// Whether it ends in a slash, so that it must be a directory.
    pub(super) slash: bool,
    /// Whether the host's own folder, or a git directory, is on the way or is what it names.
    pub(super) guarded: bool,
}

impl Place<'_> {
    /// Returns the directory of the last name.
    pub(super) fn dir(&self) -> &Dir {
        self.walk.here()
    }

    /// Counts the directories between the granted directory and the last name's.
    pub(super) fn depth(&self) -> usize {
        self.walk.depth + self.walk.names.len()
    }

    /// Returns what is there; a trailing slash asks for a directory.
    pub(super) fn existing(&self) -> Result<&Metadata, FsError> {
        let found = self.found.as_ref().ok_or(FsError::NoEntry)?;
        if self.slash && !found.is_dir() {
            return Err(FsError::NotDirectory);
        }
        Ok(found)
    }
}

/// A way down from an open directory. It holds one handle, however deep it is.
struct Walk<'a> {
    start: &'a Dir,
    depth: usize,
    here: Option<Dir>,
    names: Vec<String>,
    /// How many names lead into the first git directory on the way; none where there is none.
    repository: Option<usize>,
    steps: usize,
}

impl Walk<'_> {
    fn here(&self) -> &Dir {
        self.here.as_ref().unwrap_or(self.start)
    }

    /// Opens a directory in the one that it is at. Tells whether it is one; a link is none.
    fn down(&mut self, name: String) -> Result<bool, FsError> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(FsError::NameTooLong);
        }
        match self.here().open_dir_nofollow(&name).map_err(failed) {
            Ok(dir) => {
                self.names.push(name);
                if self.repository.is_none() && is_repository(&dir) {
                    self.repository = Some(self.names.len());
                }
                self.here = Some(dir);
                Ok(true)
            }
            Err(FsError::NotDirectory | FsError::Loop) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Goes back to the directory above, but not above the start.
    fn up(&mut self) -> Result<(), FsError> {
        // As if nothing were there: what is outside is nobody's business.
        self.names.pop().ok_or(FsError::NoEntry)?;
        self.here = None;
        self.repository = None;
        for name in std::mem::take(&mut self.names) {
            if !self.down(name)? {
                return Err(FsError::NoEntry);
            }
        }
        Ok(())
    }
}

/// Resolves a path from an open directory that is `depth` levels below the granted one.
pub(super) fn resolve<'a>(
    start: &'a Dir,
    depth: usize,
    guarded: bool,
    path: &str,
    follow: bool,
) -> Result<Place<'a>, FsError> {
    if path.contains('\0') {
        return Err(FsError::Invalid);
    }
    if path.is_empty() {
        return Err(FsError::NoEntry);
    }
    // What is left to walk, last part first.
    let mut rest = Vec::new();
    let mut slash = push(&mut rest, path)?;
    let mut walk = Walk {
        start,
        depth,
        here: None,
        names: Vec::new(),
        repository: None,
        steps: 0,
    };
    let guarded = guarded || is_repository(start);
    let guards = |walk: &Walk<'_>| {
        guarded || walk.repository.is_some() || walk.names.iter().any(|name| is_own(name))
    };
    let mut links = 0;
    while let Some(part) = rest.pop() {
        match part.as_str() {
            "." => continue,
            ".." => {
                walk.up()?;
                continue;
            }
            _ => {}
        }
        check_length(&part)?;
        let last = rest.is_empty();
        let hidden = visible(part.as_bytes()).is_none();
        if !last && !hidden && walk.down(part.clone())? {
            continue;
        }
        let found = if hidden {
            None
        } else {
            match walk.here().symlink_metadata(&part).map_err(failed) {
                Ok(found) => Some(found),
                Err(FsError::NoEntry) => None,
                Err(error) => return Err(error),
            }
        };
        let is_link = found.as_ref().is_some_and(Metadata::is_symlink);
        if is_link && (!last || follow || slash) {
            links += 1;
            if links > MOST_LINKS {
                return Err(FsError::Loop);
            }
            let target = read_link(walk.here(), &part)?;
            let ends_in_slash = push(&mut rest, &target)?;
            slash |= last && ends_in_slash;
        } else if last {
            let holds = found.as_ref().is_some_and(Metadata::is_dir)
                && walk
                    .here()
                    .open_dir_nofollow(&part)
                    .is_ok_and(|dir| is_repository(&dir));
            return Ok(Place {
                guarded: guards(&walk) || is_own(&part) || holds,
                walk,
                name: Some(part),
                found,
                slash,
            });
        } else if found.is_some() {
            return Err(FsError::NotDirectory);
        } else {
            return Err(FsError::NoEntry);
        }
    }
    Ok(Place {
        guarded: guards(&walk),
        found: Some(walk.here().dir_metadata().map_err(failed)?),
        walk,
        name: None,
        slash,
    })
}

/// Reads where a link leads.
pub(super) fn read_link(dir: &Dir, name: &str) -> Result<String, FsError> {
    let target = dir.read_link_contents(name).map_err(failed)?;
    let target = target
        .into_os_string()
        .into_string()
        .map_err(|_| FsError::IllegalByteSequence)?;
    if target.is_empty() {
        return Err(FsError::NoEntry);
    }
    Ok(target)
}

/// Puts a path's parts on top of what is left to walk; tells whether it ends in a slash.
fn push(rest: &mut Vec<String>, path: &str) -> Result<bool, FsError> {
    if path.len() >= LONGEST_PATH || rest.len() > LONGEST_PATH {
        return Err(FsError::NameTooLong);
    }
    if path.starts_with('/') {
        return Err(FsError::NoEntry);
    }
    rest.extend(
        path.rsplit('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned),
    );
    Ok(path.ends_with('/'))
}
