//! Guests in other languages than Rust: `cargo xtask languages` makes them, and runs what is ignored otherwise.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::common::TestEnv;

mod c;

/// Returns the folder in which all is that was made for the tests.
fn folder() -> PathBuf {
    let folder = std::env::var_os("PARACLE_LANGUAGES").map(PathBuf::from);
    folder.unwrap_or_else(|| panic!("run `cargo xtask languages`: it makes the guests"))
}

/// Returns a component that was made for the tests.
fn made(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
#[ignore = "a Python runtime takes minutes to get and to compile: `cargo xtask languages`"]
fn what_python_does_with_files_works_on_the_git_tree() {
    let env = TestEnv::with_plugins(
        &[],
        "plugins: [{name: python-files, grants: {workspace: read-write}, limits: {time_ms: 600000, cpu_ms: 600000}}]",
    );
    env.write_bytes(
        ".parac/plugins/python-files.wasm",
        &made("python-files.wasm"),
    );
    let receipt = env
        .run(&["run", "python-files__exercise", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        receipt["reply"]["ok"]["structured"],
        json!({"wrong": []}),
        "{receipt}"
    );
    let branch = receipt["branch"].as_str().unwrap();
    let changed = env.git(&["diff", "--name-only", "main", branch]);
    assert_eq!(
        changed,
        "python/copy\npython/data.json\npython/kept\npython/large\n"
    );
    env.fsck();
}
