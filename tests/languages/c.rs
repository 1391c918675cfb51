//! What C does with files: the same source as a guest on the git tree, and as a program on a directory.

use std::collections::BTreeMap;
use std::fs;

use super::{folder, made};
use crate::common::TestEnv;

/// Where the guest answers otherwise than the program: the step, what it answers, what the program answers.
const DIFFERENT: [(&str, &str, &str); 1] = [
    // The guest's libc writes the first part alone, and says so.
    ("writev(file, parts, 3)", "2", "5"),
];

#[test]
#[ignore = "a C compiler for WebAssembly is fetched: `cargo xtask languages`"]
fn what_c_does_with_files_works_on_the_git_tree_as_it_does_on_a_directory() {
    let env = TestEnv::with_plugins(
        &[],
        "plugins: [{name: c-files, grants: {workspace: read-write}}]",
    );
    env.write_bytes(".parac/plugins/c-files.wasm", &made("c-files.wasm"));
    let receipt = env
        .run(&["run", "c-files__exercise", "--json"])
        .exits(0)
        .json();
    let ours = receipt["reply"]["ok"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{receipt}"));

    fs::create_dir(env.repo().join("c")).unwrap();
    let program = folder().join("c-steps");
    let output = env
        .command(program.to_str().unwrap(), &env.repo())
        .arg("c")
        .output()
        .unwrap();
    let theirs = String::from_utf8(output.stdout).unwrap();

    assert!(ours.lines().count() > 100, "{ours}");
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{ours}");
    let mut allowed: BTreeMap<_, _> = DIFFERENT
        .iter()
        .map(|(step, ours, theirs)| (format!("{step}: {ours}"), format!("{step}: {theirs}")))
        .collect();
    let differing: Vec<_> = ours
        .lines()
        .zip(theirs.lines())
        .filter(|(ours, theirs)| ours != theirs)
        .filter(|(ours, theirs)| allowed.remove(*ours).as_deref() != Some(*theirs))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(allowed.is_empty(), "no longer different: {allowed:?}");

    // And the same tree is left.
    env.git(&["add", "--all", "c"]);
    let tree = env.git(&["write-tree"]);
    let branch = receipt["branch"].as_str().unwrap();
    let at = |tree: &str| env.git(&["rev-parse", &format!("{tree}:c")]);
    assert_eq!(at(branch), at(tree.trim()));
    env.fsck();
}
