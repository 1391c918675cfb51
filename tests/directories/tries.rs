//! Two granted directories, and a guest that tries things there.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use serde_json::{Value, json};

use crate::common::{Output, TestEnv};

/// What a guest's libc calls the errors.
pub(super) const NO_ENTRY: i64 = 44;

pub(super) const READ_ONLY: i64 = 69;

pub(super) const CROSS_DEVICE: i64 = 75;

pub(super) const NOT_PERMITTED: i64 = 63;

/// Two directories: one to write, one to read.
pub(super) const BOTH: &str = "plugins: [{name: reach, grants: {directories: ['$BESIDE/open:/open:rw', '$BESIDE/shut:/shut:ro']}}]";

pub(super) fn both() -> TestEnv {
    let env = TestEnv::with_grants(&["reach"], BOTH);
    for name in ["open", "shut"] {
        fs::create_dir_all(env.beside(name).join("sub")).unwrap();
        fs::write(env.beside(name).join("kept"), "as it was").unwrap();
        fs::write(env.beside(name).join("sub/deep"), "deep").unwrap();
    }
    fs::write(env.beside("secret"), "a secret").unwrap();
    env
}

pub(super) fn call(env: &TestEnv, steps: &Value) -> Output {
    let arguments = json!({"steps": steps}).to_string();
    env.run(&["run", "reach__try", "--args", &arguments, "--json"])
}

/// Tries steps in one call and returns what came of each.
#[track_caller]
pub(super) fn attempt(env: &TestEnv, steps: &Value) -> Vec<Value> {
    let receipt = call(env, steps).exits(0).json();
    let outcomes = receipt["reply"]["ok"]["structured"]["outcomes"].as_array();
    outcomes.unwrap_or_else(|| panic!("{receipt}")).clone()
}

/// Tries one step, which has to work, and returns what it found.
#[track_caller]
pub(super) fn works(env: &TestEnv, step: &Value) -> String {
    let outcome = &attempt(env, &json!([step]))[0];
    assert_eq!(outcome["ok"], true, "{step}: {outcome}");
    outcome["detail"].as_str().unwrap().to_owned()
}

/// Tries one step each, which have to fail with one of some errors.
#[track_caller]
pub(super) fn fail(env: &TestEnv, steps: &[Value], errors: &[i64]) {
    let outcomes = attempt(env, &json!(steps));
    for (step, outcome) in steps.iter().zip(outcomes) {
        assert_eq!(outcome["ok"], false, "{step}: {outcome}");
        let errno = outcome["errno"].as_i64().unwrap_or(-1);
        assert!(errors.contains(&errno), "{step}: {outcome}");
    }
}

/// All that is in a folder: names, contents, times, links.
pub(super) fn state(folder: &std::path::Path) -> String {
    let mut lines = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let (modified, names) = (meta.modified().unwrap(), meta.nlink());
            let content = meta.is_file().then(|| fs::read(&path).unwrap());
            let told = path.display();
            lines.push(format!("{told} {modified:?} {names} {content:?}"));
            if meta.is_dir() {
                folders.push(path);
            }
        }
    }
    lines.sort();
    lines.join("\n")
}
