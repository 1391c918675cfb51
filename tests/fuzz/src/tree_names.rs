//! Names and paths of a workspace: whatever a plugin does, what is landed can be checked out anywhere, and stays inside.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::UNIX_EPOCH;

use paracle_host::git::Repo;
use paracle_host::model::CommitId;
use paracle_host::workspace::{FsError, GitTree, Handle, NodeKind, OpenFlags, Quotas, TreeOptions};

const CREATE: OpenFlags = OpenFlags {
    create: true,
    directory: false,
    exclusive: false,
    truncate: false,
};
const DIRECTORY: OpenFlags = OpenFlags {
    create: false,
    directory: true,
    exclusive: false,
    truncate: false,
};
/// Operations of one input: enough to reach any state, few enough to be quick.
const MOST: usize = 64;

/// Reads the bytes as lines, each an operation: `f path`, `d path`, `l path` and `r from`, the latter two with a tab and the
/// target, `u path`, `x path`, `o path`.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (repo, base) = repository();
    let options = TreeOptions {
        read_only: false,
        quotas: Quotas::default(),
        clock: Arc::new(|| UNIX_EPOCH),
    };
    let mut tree = GitTree::open(repo, &base, options).expect("the repository is whole");
    let root = tree.root();
    for line in text.split('\n').take(MOST) {
        let Some((verb, rest)) = line.split_once(' ') else {
            continue;
        };
        let (path, other) = rest.split_once('\t').unwrap_or((rest, ""));
        step(&mut tree, root, verb, path, other);
    }
    let mut links = BTreeMap::new();
    walk(&mut tree, root, &mut Vec::new(), &mut links);
    for (path, target) in &links {
        check_target(path, target);
    }
    let edits = tree.edits().expect("the overlay can be written");
    for edit in edits {
        edit.path.split('/').for_each(check_name);
    }
}

fn step(tree: &mut GitTree, root: Handle, verb: &str, path: &str, other: &str) {
    let done = match verb {
        "f" => tree.open_at(root, path, true, CREATE, true).map(|file| {
            let written = tree.write(file, 0, b"x");
            tree.close(file);
            assert!(written.is_ok(), "{path:?}: {written:?}");
        }),
        "o" => tree
            .open_at(
                root,
                path,
                true,
                OpenFlags {
                    create: false,
                    ..CREATE
                },
                false,
            )
            .map(|file| tree.close(file)),
        "d" => tree.create_dir_at(root, path),
        "l" => tree.symlink_at(other, root, path),
        "r" => tree.rename_at(root, path, root, other),
        "u" => tree.unlink_at(root, path),
        "x" => tree.remove_dir_at(root, path),
        _ => return,
    };
    if let Err(FsError::Io(error)) = done {
        panic!("{verb} {path:?}: {error}");
    }
    if done.is_ok() && matches!(verb, "f" | "d" | "o") {
        // What was made or opened is there.
        let there = tree.stat_at(root, path, true);
        assert!(there.is_ok(), "{verb} {path:?}: {there:?}");
    }
}

/// Visits everything, and notes the links.
fn walk(
    tree: &mut GitTree,
    dir: Handle,
    above: &mut Vec<String>,
    links: &mut BTreeMap<Vec<String>, String>,
) {
    for entry in tree.list(dir).expect("a directory can be listed") {
        check_name(&entry.name);
        above.push(entry.name.clone());
        match entry.kind {
            NodeKind::Directory => {
                let below = tree.open_at(dir, &entry.name, false, DIRECTORY, false);
                let below = below.expect("what is listed can be opened");
                walk(tree, below, above, links);
                tree.close(below);
            }
            NodeKind::Symlink => {
                let target = tree.readlink_at(dir, &entry.name);
                links.insert(above.clone(), target.expect("a plugin's link can be read"));
            }
            NodeKind::File => {}
            NodeKind::Other => panic!("a git tree holds no {:?}", entry.name),
        }
        above.pop();
    }
}

/// Checks a name by rules of its own: no file system may take it for `.git` or `.parac`.
fn check_name(name: &str) {
    assert!(!name.is_empty() && name.len() <= 255, "{name:?}");
    assert!(
        !name.contains(['/', '\0']) && name != "." && name != "..",
        "{name:?}"
    );
    for part in name.split('\\') {
        // HFS+ ignores some code points; NTFS drops streams and what ends a name. Both ignore case.
        let hfs: String = part.chars().filter(|c| !is_ignored(*c)).collect();
        let ntfs = part.split(':').next().unwrap_or_default();
        let ntfs = ntfs.trim_end_matches(['.', ' ']).to_ascii_lowercase();
        let taken = [".git", ".parac"].contains(&hfs.to_ascii_lowercase().as_str())
            || [".git", ".parac", "git~1", "parac~1"].contains(&ntfs.as_str());
        assert!(!taken, "{name:?}");
    }
}

fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Checks where a link leads: up only at its beginning, and never above the root.
fn check_target(path: &[String], target: &str) {
    let mut depth = path.len() - 1;
    let mut named = false;
    assert!(!target.starts_with('/'), "{path:?} -> {target:?}");
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                assert!(!named && depth > 0, "{path:?} -> {target:?}");
                depth -= 1;
            }
            part => {
                named = true;
                assert!(!part.eq_ignore_ascii_case(".git"), "{path:?} -> {target:?}");
            }
        }
    }
}

/// A repository that all inputs share: they only read it.
fn repository() -> (Repo, CommitId) {
    static SHARED: OnceLock<(tempfile::TempDir, CommitId)> = OnceLock::new();
    let (folder, base) = SHARED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let git = |words: &[&str]| {
            let output = Command::new("git")
                .current_dir(folder.path())
                .args(["-c", "user.name=Fuzz", "-c", "user.email=fuzz@localhost"])
                .args(words)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .output()
                .expect("git is installed");
            assert!(output.status.success(), "git {words:?}");
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        std::fs::create_dir_all(folder.path().join("base/deep")).expect("the folder is ours");
        std::fs::write(folder.path().join("base/deep/file"), "x").expect("the folder is ours");
        git(&["init", "--quiet"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message=base"]);
        let base = git(&["rev-parse", "HEAD"]);
        (folder, base.parse().expect("git names a commit"))
    });
    let repo = Repo::discover(folder.path()).expect("it was just made");
    (repo, base.clone())
}
