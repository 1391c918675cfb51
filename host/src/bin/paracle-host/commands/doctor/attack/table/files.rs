//! Ways out of the workspace, and into what may only be read.

use super::super::act::{Attack, Ends};
use super::rows::call;

const MAY_WRITE: &str = "{name: hostile, grants: {workspace: read-write}}";
const MAY_READ: &str = "{name: hostile, grants: {workspace: read-only}}";

/// Makes a row of a group of tries, none of which may come through.
const fn leave(name: &'static str, tries: &'static str, how: &'static str) -> Attack {
    call(
        name,
        tries,
        &["hostile"],
        MAY_WRITE,
        ("hostile__leave", how),
        Ends::Refused,
    )
}

pub(super) const ATTACKS: &[Attack] = &[
    leave("dots", "leaves by `..`", r#"{"how": "dots"}"#),
    leave(
        "absolute-paths",
        "leaves by absolute paths",
        r#"{"how": "absolute"}"#,
    ),
    leave(
        "symlinks",
        "leaves by symbolic links",
        r#"{"how": "links"}"#,
    ),
    leave(
        "symlink-loops",
        "walks in circles of links",
        r#"{"how": "loops"}"#,
    ),
    leave(
        "moved-symlinks",
        "moves links to where they lead out",
        r#"{"how": "moved-links"}"#,
    ),
    leave(
        "symlinked-settings",
        "makes git's settings links",
        r#"{"how": "settings"}"#,
    ),
    leave("hard-links", "makes hard links", r#"{"how": "hard-links"}"#),
    leave(
        "rename-race",
        "renames what is walked and held",
        r#"{"how": "race"}"#,
    ),
    leave("dot-git", "writes into .git", r#"{"how": "git"}"#),
    leave(
        "dot-git-in-capitals",
        "writes into .GIT and its like",
        r#"{"how": "case"}"#,
    ),
    leave(
        "ntfs-disguises",
        "writes .git as NTFS would read it",
        r#"{"how": "ntfs"}"#,
    ),
    leave(
        "hfs-disguises",
        "writes .git as HFS+ would read it",
        r#"{"how": "hfs"}"#,
    ),
    leave(
        "own-grants",
        "writes into .parac, which grants",
        r#"{"how": "own"}"#,
    ),
    leave("nul-in-names", "cuts names with NUL", r#"{"how": "nul"}"#),
    leave(
        "long-names",
        "uses names and paths of 64 KiB",
        r#"{"how": "long"}"#,
    ),
    leave(
        "read-handles",
        "writes by handles that may only read",
        r#"{"how": "handles"}"#,
    ),
    call(
        "read-only",
        "writes by every route what it may read",
        &["hostile"],
        MAY_READ,
        ("hostile__leave", r#"{"how": "read-only"}"#),
        Ends::Refused,
    ),
    call(
        "others-secrets",
        "looks for others' files, configuration and environment",
        &["hostile"],
        MAY_READ,
        ("hostile__look", r#"{"paths": []}"#),
        Ends::Blind,
    ),
    call(
        "others-secrets-without-grant",
        "looks for them with nothing granted",
        &["hostile"],
        "",
        ("hostile__look", r#"{"paths": []}"#),
        Ends::Blind,
    ),
];
