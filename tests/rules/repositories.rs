//! Rule 13: each kind of repository works, or says what to do.

use std::fs;
use std::path::Path;

use crate::common::{Output, TestEnv};
use crate::life::{env, json, refused, write};

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// All that git has of executions.
fn traces(env: &TestEnv) -> String {
    env.git(&["for-each-ref", "refs/paracle", "refs/heads/exec"])
}

#[test]
fn r13_no_remote_is_needed() {
    let env = env();
    assert_eq!(env.git(&["remote"]), "");
    write(&env, "a.md", "x", &["--merge"]).exits(0);
}

#[test]
fn r13_an_unborn_branch_is_an_error_that_asks_for_a_first_commit() {
    let env = TestEnv::bare_folder();
    env.git(&["init", "--quiet", "--initial-branch=main", "."]);
    env.install(&["files"], FILES);
    for more in [[].as_slice(), &["--include-dirty"]] {
        write(&env, "a.md", "x", more)
            .exits(2)
            .says(&["\"main\"", "first commit"]);
    }
    assert_eq!(traces(&env), "");
    // An orphan branch is one as well, in a repository that has commits.
    let env = self::env();
    env.git(&["switch", "--quiet", "--orphan", "fresh"]);
    write(&env, "a.md", "x", &[]).exits(2).says(&["fresh"]);
    write(&env, "a.md", "x", &["--from=main"]).exits(0);
}

#[test]
fn r13_a_detached_head_is_a_base_without_a_branch_to_merge_to() {
    let env = env();
    env.git(&["checkout", "--quiet", "--detach"]);
    env.write("README.md", "uncommitted\n");
    let receipt = write(&env, "a.md", "x", &["--include-dirty"])
        .exits(0)
        .json();
    let id = receipt["execution"].as_str().unwrap();
    refused(&env, &["git", "merge", id], 2, &["--target"]);
    json(&env, &["git", "merge", id, "--target", "main"]);
    assert_eq!(env.git(&["show", "main:README.md"]), "# A repository\n");
    assert_eq!(env.git(&["show", "main:a.md"]), "x");
}

/// Runs the program in a folder that is not the test's repository, which holds the plugins.
fn run_at(env: &TestEnv, folder: &Path, arguments: &[&str]) -> Output {
    env.command(env!("CARGO_BIN_EXE_paracle-host"), folder)
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

/// Gives a folder the plugins.
fn equip(env: &TestEnv, folder: &Path) {
    for path in ["plugins/files.wasm", "config/plugins.yaml"] {
        let to = folder.join(".parac").join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(env.repo().join(".parac").join(path), to).unwrap();
    }
}

const WRITE: [&str; 4] = ["run", "files__write", "path=a.md", "content=x"];

#[test]
fn r13_a_bare_repository_works_and_has_nothing_uncommitted() {
    let env = env();
    let bare = env.outside("bare.git");
    env.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    equip(&env, &bare);
    run_at(&env, &bare, &[&WRITE[..], &["--execution=one"]].concat()).exits(0);
    run_at(&env, &bare, &[&WRITE[..], &["--include-dirty"]].concat())
        .exits(2)
        .says(&["bare"]);
    run_at(&env, &bare, &["execution", "log", "one"]).exits(0);
    run_at(&env, &bare, &["execution", "materialize", "one"]).exits(0);
    let look = env.outside("bare.git-one");
    assert_eq!(fs::read_to_string(look.join("a.md")).unwrap(), "x");
    env.git(&[
        "-C",
        bare.to_str().unwrap(),
        "worktree",
        "remove",
        look.to_str().unwrap(),
    ]);
    run_at(&env, &bare, &["git", "merge", "one"]).exits(0);
    let shown = env.git(&["-C", bare.to_str().unwrap(), "show", "main:a.md"]);
    assert_eq!(shown, "x");
}

#[test]
fn r13_a_shallow_clone_works_as_far_as_its_history_goes() {
    let env = env();
    for number in 0..3 {
        env.write("README.md", &format!("{number}\n"));
        env.git(&["commit", "--quiet", "--all", "--message=more"]);
    }
    let shallow = env.outside("shallow");
    let from = format!("file://{}", env.repo().display());
    env.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        &from,
        shallow.to_str().unwrap(),
    ]);
    equip(&env, &shallow);
    fs::write(shallow.join("README.md"), "uncommitted\n").unwrap();
    fs::write(shallow.join(".git/info/exclude"), ".parac\n").unwrap();
    let git =
        |arguments: &[&str]| env.git(&[&["-C", shallow.to_str().unwrap()], arguments].concat());
    for more in [["--execution=one"].as_slice(), &["--include-dirty"]] {
        run_at(&env, &shallow, &[&WRITE[..], more].concat()).exits(0);
    }
    git(&["checkout", "--quiet", "--", "README.md"]);
    for command in [
        ["execution", "log", "one"].as_slice(),
        &["execution", "rewind", "one", "--to=0"],
        &["execution", "rewind", "one", "--to=0"],
    ] {
        run_at(&env, &shallow, command).exits(0);
    }
    run_at(
        &env,
        &shallow,
        &[&WRITE[..], &["--execution=two", "--merge"]].concat(),
    )
    .exits(0);
    assert_eq!(git(&["show", "main:a.md"]), "x");
    git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn r13_sha_256_objects_are_a_clear_error() {
    let env = TestEnv::bare_folder();
    env.git(&[
        "init",
        "--quiet",
        "--initial-branch=main",
        "--object-format=sha256",
        ".",
    ]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message=first"]);
    env.install(&["files"], FILES);
    for arguments in [
        &WRITE[..],
        &["execution", "list"],
        &["execution", "resume", "one"],
    ] {
        refused(&env, arguments, 2, &["SHA-256", "SHA-1"]);
    }
}

#[test]
fn r13_a_path_that_is_no_repository_says_how_to_make_one() {
    let env = TestEnv::bare_folder();
    env.install(&["files"], FILES);
    for arguments in [
        &WRITE[..],
        &[&WRITE[..], &["--include-dirty"]].concat(),
        &[&WRITE[..], &["--from=main"]].concat(),
        &["execution", "list"],
        &["execution", "log", "one"],
        &["execution", "materialize", "one"],
    ] {
        refused(&env, arguments, 2, &["git init"]);
    }
    assert!(!env.repo().join("a.md").exists());
}
