//! Behind the wall everything legitimate still works, however a repository is laid out.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::common::{Output, TestEnv, guest};

const FILES: &str = "plugins:\n  - name: files\n    grants: {workspace: read-write}\n";
const WRITE: [&str; 7] = [
    "run",
    "--wall",
    "required",
    "files__write",
    "path=new",
    "content=x",
    "--merge",
];

/// Writes a file by a plugin and merges it, in a folder, and expects it there and nothing to complain of.
#[track_caller]
fn writes(env: &TestEnv, folder: &Path) {
    let written = ran(env.program_in("").current_dir(folder).args(WRITE));
    assert!(!written.stderr.contains("note:"), "{written:?}");
    assert_eq!(fs::read_to_string(folder.join("new")).unwrap(), "x");
}

#[track_caller]
fn ran(command: &mut Command) -> Output {
    Output::from(command.output().unwrap()).exits(0)
}

fn parac(folder: &Path) {
    fs::create_dir_all(folder.join(".parac/plugins")).unwrap();
    fs::create_dir_all(folder.join(".parac/config")).unwrap();
    fs::write(folder.join(".parac/plugins/files.wasm"), guest("files")).unwrap();
    fs::write(folder.join(".parac/config/plugins.yaml"), FILES).unwrap();
}

fn env() -> TestEnv {
    TestEnv::with_plugins(&["files"], FILES)
}

#[test]
fn a_linked_working_tree_works_behind_the_wall() {
    let env = env();
    let tree = env.linked_tree("side");
    parac(&tree);
    writes(&env, &tree);
    assert!(!env.repo().join("new").exists());
}

#[test]
fn a_branch_that_is_checked_out_elsewhere_moves_behind_the_wall() {
    let env = env();
    let tree = env.outside("tree");
    env.git(&["checkout", "--quiet", "-b", "side"]);
    env.git(&["worktree", "add", "--quiet", tree.to_str().unwrap(), "main"]);
    env.write(".parac/config/git.yaml", "base_branch: main\n");
    env.run(&WRITE).exits(0);
    assert_eq!(fs::read_to_string(tree.join("new")).unwrap(), "x");
    // And the other way round: from the linked tree into the main one.
    env.write(".parac/config/git.yaml", "base_branch: side\n");
    parac(&tree);
    fs::write(tree.join(".parac/config/git.yaml"), "base_branch: side\n").unwrap();
    ran(env.program_in("").current_dir(&tree).args(WRITE));
    assert_eq!(env.read("new"), "x");
}

#[test]
fn borrowed_objects_are_read_behind_the_wall() {
    let env = env();
    let (middle, borrower) = (env.outside("middle"), env.outside("borrower"));
    env.git(&[
        "clone",
        "--quiet",
        "--shared",
        ".",
        middle.to_str().unwrap(),
    ]);
    env.git(&[
        "clone",
        "--quiet",
        "--shared",
        middle.to_str().unwrap(),
        borrower.to_str().unwrap(),
    ]);
    parac(&borrower);
    writes(&env, &borrower);
}

#[test]
fn a_submodule_and_its_superproject_work_behind_the_wall() {
    let env = env();
    let library = env.outside("library");
    env.git(&["clone", "--quiet", ".", library.to_str().unwrap()]);
    env.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "--reference",
        library.to_str().unwrap(),
        library.to_str().unwrap(),
        "deps/library",
    ]);
    env.git(&["commit", "--quiet", "--message=with a submodule"]);
    let submodule = env.repo().join("deps/library");
    writes(&env, &env.repo());
    parac(&submodule);
    writes(&env, &submodule);
}

#[test]
fn a_git_directory_elsewhere_works_behind_the_wall() {
    let env = env();
    let elsewhere = env.outside("elsewhere");
    env.git(&[
        "init",
        "--quiet",
        "--separate-git-dir",
        elsewhere.to_str().unwrap(),
    ]);
    // And its objects once more elsewhere.
    let objects = env.outside("objects");
    fs::rename(elsewhere.join("objects"), &objects).unwrap();
    std::os::unix::fs::symlink(&objects, elsewhere.join("objects")).unwrap();
    // Without a merge: git itself takes such a directory for its working tree there.
    let written = env.run(&WRITE[..6]).exits(0);
    assert!(!written.stderr.contains("note:"), "{written:?}");
    env.fsck();
}

#[test]
fn settings_that_include_others_are_read_behind_the_wall() {
    let env = env();
    let dotfiles = env.home().join("dotfiles");
    fs::create_dir_all(&dotfiles).unwrap();
    fs::write(
        dotfiles.join("gitconfig"),
        "[include]\n\tpath = ~/dotfiles/more\n[includeIf \"gitdir:/\"]\n\tpath = ~/dotfiles/work\n",
    )
    .unwrap();
    fs::write(
        dotfiles.join("more"),
        "[core]\n\texcludesFile = ~/dotfiles/ignored\n",
    )
    .unwrap();
    fs::write(
        dotfiles.join("work"),
        "[user]\n\tname = At Work\n\temail = work@example.com\n",
    )
    .unwrap();
    fs::write(dotfiles.join("ignored"), "*.swp\n").unwrap();
    std::os::unix::fs::symlink(dotfiles.join("gitconfig"), env.home().join(".gitconfig")).unwrap();
    env.write("notes.swp", "ignored by the person's own list");
    writes(&env, &env.repo());
    assert!(env.git(&["log", "--format=%an", "-2"]).contains("At Work"));
}

#[test]
fn a_filter_of_the_persons_own_runs_behind_the_wall() {
    let env = env();
    let bin = env.home().join("tools/bin");
    fs::create_dir_all(&bin).unwrap();
    let filter = bin.join("shout");
    fs::write(&filter, "#!/bin/sh\nexec tr a-z A-Z\n").unwrap();
    fs::set_permissions(&filter, fs::Permissions::from_mode(0o755)).unwrap();
    env.git(&["config", "filter.shout.smudge", filter.to_str().unwrap()]);
    env.git(&["config", "filter.shout.required", "true"]);
    env.write(".gitattributes", "new filter=shout\n");
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=shout"]);
    env.run(&WRITE).exits(0);
    assert_eq!(env.read("new"), "X");
}

#[test]
fn hooks_elsewhere_are_no_matter_behind_the_wall() {
    let env = env();
    env.git(&["config", "core.hooksPath", "~/hooks"]);
    writes(&env, &env.repo());
}

#[test]
fn plugins_elsewhere_are_read_behind_the_wall() {
    let env = TestEnv::new();
    // `.parac` above the repository, and a component that `path:` names.
    let above = env.repo().parent().unwrap().to_owned();
    parac(&above);
    fs::remove_file(above.join(".parac/plugins/files.wasm")).unwrap();
    fs::write(env.outside("files.wasm"), guest("files")).unwrap();
    let yaml = "plugins:\n  - name: files\n    path: ../outside/files.wasm\n    grants: {workspace: read-write}\n";
    fs::write(above.join(".parac/config/plugins.yaml"), yaml).unwrap();
    writes(&env, &env.repo());
}

#[test]
fn a_person_without_a_home_works_behind_the_wall() {
    let env = env();
    let mut command = env.program_in("");
    command
        .env_remove("HOME")
        .env("PARACLE_CONFIG_DIR", env.outside("own"))
        .args(WRITE);
    ran(&mut command);
    assert_eq!(env.read("new"), "x");
}

#[test]
fn arguments_are_read_from_wherever_the_person_keeps_them() {
    let env = env();
    let file = env.outside("arguments.json");
    fs::write(&file, r#"{"path": "new", "content": "x"}"#).unwrap();
    let arguments = format!("@{}", file.display());
    env.run(&[
        "run",
        "--wall",
        "required",
        "files__write",
        "--args",
        &arguments,
    ])
    .exits(0);
}

#[test]
fn a_folder_that_becomes_a_repository_works_behind_the_wall() {
    let env = TestEnv::bare_folder();
    env.install(&["files"], FILES);
    let mut mcp = env.mcp();
    mcp.initialize();
    env.git(&["init", "--quiet", "--initial-branch=main", "."]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message=first"]);
    let arguments = serde_json::json!({"path": "new", "content": "x"});
    let result = mcp.call("files__write", arguments);
    assert_eq!(result["isError"], false, "{result}");
    mcp.close();
}
