//! Names that nobody may make, read through, or take: by every route.

use wasip2::filesystem::types::{Descriptor, ErrorCode, PathFlags};

use crate::steps::{Steps, make, open};

/// What git, NTFS and HFS take for `.git`, or for the host's own folder.
const GIT: &[&str] = &[".git", ".git/hooks", "d/.git"];
const CASE: &[&str] = &[".GIT", ".Git", ".gIt", ".PARAC", ".Parac"];
const NTFS: &[&str] = &[
    ".git.",
    ".git ",
    ".git. .",
    "git~1",
    "GIT~1",
    "git~1.",
    ".git::$INDEX_ALLOCATION",
    ".git:x",
    "a\\.git",
    ".git\\x",
    "x\\git~1\\y",
    ".parac.",
    "parac~1",
    ".parac:x",
    "a\\.parac",
];
const HFS: &[&str] = &[
    ".g\u{200c}it",
    "\u{feff}.git",
    ".gi\u{206a}T",
    ".git\u{202e}",
    ".pa\u{200d}rac",
    "\u{206f}.parac",
];
const OWN: &[&str] = &[".parac", ".parac/config", "d/.parac"];
const DOTS: &[&str] = &[
    "..",
    "../",
    "../x",
    "../../etc/passwd",
    "d/../../x",
    "./../x",
    "d/./../../x",
    "d//..//..//x",
    "d/../d/../../x",
    "",
];
const ABSOLUTE: &[&str] = &[
    "/",
    "//",
    "/etc/passwd",
    "/workspace/x",
    "/proc/self/environ",
    "//etc//passwd",
];
const NUL: &[&str] = &[
    "\0",
    "d\0",
    "\0d",
    "d/\0/x",
    "x\0/../../etc/passwd",
    "d/x\0y",
];

/// Tries the names of a group by every route; false if there is no such group.
pub(crate) fn run(s: &mut Steps, root: &Descriptor, group: &str) -> bool {
    let long = [
        "n".repeat(256),
        "n".repeat(64 << 10),
        "d/".repeat(32 << 10),
        "../".repeat(22 << 10),
    ];
    let names: Vec<&str> = match group {
        "git" => GIT.to_vec(),
        "case" => CASE.to_vec(),
        "ntfs" => NTFS.to_vec(),
        "hfs" => HFS.to_vec(),
        "own" => OWN.to_vec(),
        "dots" => DOTS.to_vec(),
        "absolute" => ABSOLUTE.to_vec(),
        "nul" => NUL.to_vec(),
        "long" => long.iter().map(String::as_str).collect(),
        _ => return false,
    };
    s.must("make a folder", root.create_directory_at("d"));
    s.must("make a file", make(root, "f"));
    for name in names {
        s.must_fail(format!("open {name:?}"), open(root, name).map(drop));
        made(s, root, name);
        // Behind a folder, what climbs or begins at the root may end inside.
        if !matches!(group, "dots" | "absolute") {
            made(s, root, &format!("d/{name}"));
        }
        made(s, root, &format!("{name}/hooks/pre-commit"));
        s.must_fail(format!("link to {name:?}"), linked(root, group, name));
    }
    true
}

/// Makes a link to a name, where the link's target has to be refused too.
fn linked(root: &Descriptor, group: &str, name: &str) -> Result<(), ErrorCode> {
    match group {
        // Harmless in a target: it names nothing of git's, or nothing that a link changes.
        "own" | "case" | "ntfs" | "hfs" if name.to_ascii_lowercase().contains("rac") => {
            Err(ErrorCode::Unsupported)
        }
        "long" if name.len() < 4096 => Err(ErrorCode::Unsupported),
        _ => root.symlink_at(name, "target"),
    }
}

/// Tries to make something at a path in each way that there is.
fn made(s: &mut Steps, root: &Descriptor, path: &str) {
    s.must_fail(format!("make file {path:?}"), make(root, path));
    s.must_fail(
        format!("make folder {path:?}"),
        root.create_directory_at(path),
    );
    s.must_fail(format!("make link {path:?}"), root.symlink_at("f", path));
    s.must_fail(
        format!("make hard link {path:?}"),
        root.link_at(PathFlags::empty(), "f", root, path),
    );
    s.must_fail(
        format!("rename file to {path:?}"),
        root.rename_at("f", root, path),
    );
    s.must_fail(
        format!("rename folder to {path:?}"),
        root.rename_at("d", root, path),
    );
    s.must_fail(format!("remove file {path:?}"), root.unlink_file_at(path));
    s.must_fail(
        format!("remove folder {path:?}"),
        root.remove_directory_at(path),
    );
    s.must_fail(
        format!("rename {path:?}"),
        root.rename_at(path, root, "elsewhere"),
    );
}
