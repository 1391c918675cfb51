//! What was left out is said: each with the rule that decided, in the receipt.

use serde_json::{Value, json};

use crate::common::TestEnv;

/// A repository with a guest that does one thing with files after the other.
fn repository(limits: &str) -> TestEnv {
    let yaml =
        format!("plugins: [{{name: reach, grants: {{workspace: read-write}}, limits: {limits}}}]");
    TestEnv::with_plugins(&["reach"], &yaml)
}

fn commit(env: &TestEnv) {
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=more"]);
}

/// Lets the guest do some steps, and returns the receipt.
#[track_caller]
fn receipt(env: &TestEnv, steps: &Value) -> Value {
    let arguments = json!({"steps": steps}).to_string();
    env.run(&["run", "reach__try", "--args", &arguments, "--json"])
        .exits(0)
        .json()
}

/// Lets the guest do some steps, and expects one note with all of these words.
#[track_caller]
fn is_told(env: &TestEnv, steps: &Value, words: &[&str]) -> Value {
    let receipt = receipt(env, steps);
    let notes = receipt["notes"].as_array().unwrap();
    let told = notes
        .iter()
        .filter_map(Value::as_str)
        .filter(|note| words.iter().all(|word| note.contains(word)));
    assert_eq!(told.count(), 1, "{words:?} in {notes:#?}");
    receipt
}

#[test]
fn ignored_files_that_a_call_wrote_are_kept_and_named_with_the_rule() {
    let env = repository("{}");
    env.write(".gitignore", "/.parac/\n*.log\n!kept.log\nbuild/\n");
    commit(&env);
    let steps = json!([
        {"what": "write", "path": "/workspace/a.log", "with": "x"},
        {"what": "write", "path": "/workspace/kept.log", "with": "x"},
        {"what": "make-directory", "path": "/workspace/build"},
        {"what": "write", "path": "/workspace/build/b", "with": "x"},
    ]);
    let receipt = is_told(
        &env,
        &steps,
        &[
            "ignored by git",
            "a.log (.gitignore:2:*.log)",
            "build/b (.gitignore:4:build/)",
        ],
    );
    assert!(
        !receipt["notes"].to_string().contains("kept.log"),
        "{receipt}"
    );
    let branch = receipt["branch"].as_str().unwrap();
    assert_eq!(env.git(&["show", &format!("{branch}:a.log")]), "x");
}

#[test]
fn only_so_many_names_are_told_and_the_others_counted() {
    let env = repository("{}");
    env.write(".gitignore", "/.parac/\n*.log\n");
    commit(&env);
    let steps: Vec<_> = (10..35)
        .map(|n| json!({"what": "write", "path": format!("/workspace/{n}.log"), "with": "x"}))
        .collect();
    let receipt = is_told(&env, &json!(steps), &["10.log", "19.log", "and 15 more"]);
    assert!(
        !receipt["notes"].to_string().contains("20.log"),
        "{receipt}"
    );
}

#[test]
fn empty_directories_that_git_does_not_keep_are_named() {
    let env = repository("{}");
    let steps = json!([
        {"what": "make-directory", "path": "/workspace/empty"},
        {"what": "write", "path": "/workspace/a", "with": "x"},
    ]);
    is_told(
        &env,
        &steps,
        &["empty directories are not kept by git", "empty"],
    );
}

#[test]
fn submodules_that_a_call_met_are_named() {
    let env = repository("{}");
    let head = env.git(&["rev-parse", "HEAD"]);
    let link = format!("160000,{},lib/sub", head.trim());
    env.git(&["update-index", "--add", "--cacheinfo", &link]);
    env.git(&["commit", "--quiet", "--message=a submodule"]);
    let steps = json!([{"what": "list", "path": "/workspace/lib/sub"}]);
    let receipt = is_told(
        &env,
        &steps,
        &["submodules", "empty directories", "lib/sub"],
    );
    assert_eq!(
        receipt["reply"]["ok"]["structured"]["outcomes"][0]["detail"],
        ""
    );
    // A call that did not meet it is not told.
    let steps = json!([{"what": "read", "path": "/workspace/README.md"}]);
    let receipt = self::receipt(&env, &steps);
    assert!(
        !receipt["notes"].to_string().contains("submodule"),
        "{receipt}"
    );
}

#[test]
fn lfs_pointers_that_a_call_read_are_named() {
    let env = repository("{}");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa\
        5e2ca24d17e2393\nsize 12345\n";
    env.write("art/big.psd", pointer);
    commit(&env);
    let steps = json!([{"what": "read", "path": "/workspace/art/big.psd"}]);
    let receipt = is_told(
        &env,
        &steps,
        &["Git LFS does not run", "pointers", "art/big.psd"],
    );
    assert_eq!(
        receipt["reply"]["ok"]["structured"]["outcomes"][0]["detail"],
        pointer
    );
}

#[test]
fn files_under_filters_that_a_call_read_or_wrote_are_named_with_the_filter() {
    let env = repository("{}");
    env.git(&["config", "filter.shout.clean", "tr a-z A-Z"]);
    env.git(&["config", "filter.shout.smudge", "tr A-Z a-z"]);
    env.write(
        ".gitattributes",
        "*.up filter=shout\n*.none filter=absent\n",
    );
    env.write("old.up", "what is there");
    env.write("old.none", "what is there");
    commit(&env);
    let steps = json!([
        {"what": "read", "path": "/workspace/old.up"},
        {"what": "read", "path": "/workspace/old.none"},
        {"what": "write", "path": "/workspace/new.up", "with": "quiet"},
    ]);
    let words = [
        "filters do not run",
        "old.up (filter=shout)",
        "new.up (filter=shout)",
    ];
    let receipt = is_told(&env, &steps, &words);
    assert!(
        !receipt["notes"].to_string().contains("old.none"),
        "{receipt}"
    );
    // As git stores them, both ways.
    assert_eq!(
        receipt["reply"]["ok"]["structured"]["outcomes"][0]["detail"],
        "WHAT IS THERE"
    );
    let branch = receipt["branch"].as_str().unwrap();
    assert_eq!(
        env.git(&["cat-file", "blob", &format!("{branch}:new.up")]),
        "quiet"
    );
}

#[test]
fn oversize_files_that_a_call_was_refused_are_named_with_the_limit() {
    let env = repository("{file_mib: 1}");
    env.write("video", &"x".repeat((1 << 20) + 1));
    commit(&env);
    let steps = json!([
        {"what": "read", "path": "/workspace/video"},
        {"what": "fill", "path": "/workspace/grown", "n": 257},
    ]);
    let receipt = is_told(
        &env,
        &steps,
        &["file size limit of 1 MiB", "file_mib", "grown, video"],
    );
    let outcomes = &receipt["reply"]["ok"]["structured"]["outcomes"];
    assert_eq!(
        (&outcomes[0]["ok"], &outcomes[1]["ok"]),
        (&json!(false), &json!(false)),
        "{outcomes}"
    );
}
