//! Which names a plugin may see and make.

use super::FsError;

/// The longest name, in bytes: what every file system that a checkout may land on can hold.
const LONGEST: usize = 255;

/// The longest path, in bytes.
pub(super) const LONGEST_PATH: usize = 4096;

/// Tells whether an entry of a tree is shown to plugins.
pub(super) fn visible(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| {
        !name.is_empty()
            && *name != "."
            && *name != ".."
            && !name.contains(['/', '\0'])
            && !is_git(name)
    })
}

/// Checks the length of a name that is looked up.
pub(super) fn check_length(name: &str) -> Result<(), FsError> {
    if name.len() > LONGEST {
        Err(FsError::NameTooLong)
    } else {
        Ok(())
    }
}

/// Checks a name that is to be made.
pub(super) fn check_new(name: &str) -> Result<(), FsError> {
    check_length(name)?;
    if is_git(name) || is_own(name) {
        Err(FsError::NotPermitted)
    } else {
        Ok(())
    }
}

/// Checks a link that is to be made in a directory `depth` levels below the workspace's root.
///
/// A link that leads out, or into a git directory, does no harm here, but the tree ends as a checkout on somebody's disk.
pub(super) fn check_link(name: &str, target: &str, depth: usize) -> Result<(), FsError> {
    check_target(target)?;
    if target.starts_with('/') || is_git_settings(name) {
        return Err(FsError::NotPermitted);
    }
    let mut climbs = 0;
    let mut named = false;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            // Behind a name, which may be a link by then, nobody knows where `..` leads.
            ".." if named || climbs == depth => return Err(FsError::NotPermitted),
            ".." => climbs += 1,
            part if is_git(part) => return Err(FsError::NotPermitted),
            _ => named = true,
        }
    }
    Ok(())
}

/// Checks that a link can have a target at all.
pub(super) fn check_target(target: &str) -> Result<(), FsError> {
    if target.contains('\0') {
        return Err(FsError::Invalid);
    }
    if target.is_empty() {
        return Err(FsError::NoEntry);
    }
    if target.len() >= LONGEST_PATH {
        return Err(FsError::NameTooLong);
    }
    Ok(())
}

/// Tells whether some file system would take a name for `.git`.
pub(super) fn is_git(name: &str) -> bool {
    is_disguise(name, ".git", "git~1")
}

/// Tells whether some file system would take a name for the host's own folder: what it says grants, so that a plugin that
/// could change it would grant itself what it likes as soon as somebody merges.
pub(super) fn is_own(name: &str) -> bool {
    is_disguise(name, ".parac", "parac~1")
}

/// Tells whether some file system would take a name for another: in any case, with what NTFS drops at a name's end, by its
/// short name there, or with the code points that HFS+ ignores.
fn is_disguise(name: &str, of: &str, short: &str) -> bool {
    name.split('\\').any(|part| {
        let plain = without_ignored(part);
        let end = part.find(':').map_or(part, |end| &part[..end]);
        let end = end.trim_end_matches(['.', ' ']);
        plain.eq_ignore_ascii_case(of)
            || end.eq_ignore_ascii_case(of)
            || end.eq_ignore_ascii_case(short)
    })
}

/// Tells whether git would read its own settings through a link of this name.
fn is_git_settings(name: &str) -> bool {
    let lower = without_ignored(name).to_ascii_lowercase();
    let short = lower.starts_with("gi") && lower.contains('~');
    let lower = lower
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches(['.', ' ']);
    short
        || matches!(
            lower,
            ".gitmodules" | ".gitattributes" | ".gitignore" | ".mailmap"
        )
}

fn without_ignored(name: &str) -> String {
    name.chars()
        .filter(|c| {
            !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_in_any_disguise_is_refused() {
        for name in [
            ".git",
            ".GIT",
            ".Git",
            ".git.",
            ".git ",
            ".git. .",
            "git~1",
            "GIT~1",
            "git~1.",
            ".git::$INDEX_ALLOCATION",
            ".git:x",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".gi\u{206a}T",
            "a\\.git",
            ".git\\x",
            "x\\git~1\\y",
        ] {
            assert!(
                matches!(check_new(name), Err(FsError::NotPermitted)),
                "{name:?}"
            );
            assert_eq!(visible(name.as_bytes()), None, "{name:?}");
        }
        for name in [
            ".gitignore",
            ".github",
            "git",
            "git~2",
            ".gitx",
            "x.git",
            "..git",
            ".git~1x",
        ] {
            assert!(check_new(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn links_stay_inside() {
        for (name, target, depth) in [
            ("l", "/etc/passwd", 0),
            ("l", "..", 0),
            ("l", "a/../../b", 0),
            ("l", "a/..", 0),
            ("l", "../a/../x", 2),
            ("l", "../..", 1),
            ("l", ".git/config", 0),
            (".gitmodules", "x", 0),
            (".GITMODULES.", "x", 0),
            ("gitmod~1", "x", 0),
            ("gi7eba~1", "x", 0),
        ] {
            assert!(
                matches!(check_link(name, target, depth), Err(FsError::NotPermitted)),
                "{name} -> {target}"
            );
        }
        for (name, target, depth) in [
            ("l", "a", 0),
            ("l", "../x", 1),
            ("l", "./../a", 1),
            ("gist~", "x", 0),
        ] {
            let allowed = check_link(name, target, depth).is_ok();
            assert_eq!(allowed, name == "l", "{name} -> {target}");
        }
    }
}
