//! Directories in which code of the person's runs later, or what git does is decided.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::common::{Output, TestEnv};

pub(super) fn ungranted() -> TestEnv {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    let own = env.outside("own");
    fs::create_dir(&own).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
    // The same person.
    fs::copy(env.own().join("key"), own.join("key")).unwrap();
    env
}

/// Runs the program with the person's own folder elsewhere: with it inside, the home directory would be refused for that.
pub(super) fn run(env: &TestEnv, words: &[&str]) -> Output {
    let mut program = env.program_in("");
    program.env("PARACLE_CONFIG_DIR", env.outside("own"));
    program.args(words).output().unwrap().into()
}

/// Grants a directory, which is made, and takes it back.
#[track_caller]
pub(super) fn add(env: &TestEnv, place: &Path, access: &str, more: &[&str]) -> Output {
    fs::create_dir_all(place).unwrap();
    let rule = format!("{}:/x:{access}", place.display());
    let words = ["grant", "add", "reach", "--directories", &rule];
    let output = run(env, &[&words, more].concat());
    run(env, &["grant", "revoke", "--plugin", "reach"]).exits(0);
    output
}

/// Expects that no word opens a directory for writing, and that reading it needs none.
#[track_caller]
pub(super) fn never(env: &TestEnv, place: &Path, rule: &str) {
    let rule = format!("(rule `{rule}`)");
    for more in [&[] as &[&str], &["--code-runs-there"]] {
        add(env, place, "rw", more)
            .exits(3)
            .says(&["cannot be given", &rule]);
    }
    add(env, place, "ro", &[]).exits(0);
}

/// Expects that a directory is granted for writing with a word of its own, and not without.
#[track_caller]
pub(super) fn with_a_word(env: &TestEnv, place: &Path, rule: &str) {
    let rule = format!("(rule `{rule}`)");
    add(env, place, "rw", &[]).exits(3).says(&[
        "needs a word of its own",
        &rule,
        "--code-runs-there",
    ]);
    add(env, place, "rw", &["--code-runs-there"]).exits(0);
}

#[test]
fn the_settings_and_hooks_of_git_are_never_granted_for_writing() {
    let env = ungranted();
    let home = env.home();
    fs::create_dir_all(home.join("dotfiles")).unwrap();
    fs::write(
        home.join("dotfiles/more"),
        "[core]\n\thooksPath = ~/hooks\n",
    )
    .unwrap();
    let settings = "[include]\n\tpath = ~/dotfiles/more\n[init]\n\ttemplateDir = ~/template\n";
    fs::write(home.join(".gitconfig"), settings).unwrap();
    for place in [
        ".config/git",
        ".config/git/deep",
        "dotfiles",
        "hooks",
        "template/hooks",
    ] {
        never(&env, &home.join(place), "git");
    }
    env.git(&["config", "core.hooksPath", "own-hooks/_"]);
    never(&env, &env.repo().join("own-hooks"), "git");
}

#[test]
fn no_repository_of_whatever_name_is_granted_for_writing() {
    let env = ungranted();
    let bare = env.outside("store.git");
    env.git(&["init", "--quiet", "--bare", bare.to_str().unwrap()]);
    let folder = env.outside("all");
    fs::create_dir(&folder).unwrap();
    env.git(&[
        "init",
        "--quiet",
        "--bare",
        folder.join("in-it").to_str().unwrap(),
    ]);
    for place in [&bare, &bare.join("hooks"), &folder] {
        never(&env, place, "repository");
    }
    // Of another checkout, `.git` is hidden, and what else is in it is its content.
    let other = env.outside("other");
    env.git(&["init", "--quiet", other.to_str().unwrap()]);
    never(&env, &other.join(".git/hooks"), "repository");
    add(&env, &other, "rw", &[]).exits(0);
}

#[test]
fn keys_and_the_home_directory_are_never_granted_for_writing() {
    let env = ungranted();
    for place in [".ssh", ".ssh/config.d", ".gnupg"] {
        never(&env, &env.home().join(place), "keys");
    }
    never(&env, &env.home(), "home");
}

#[test]
fn folders_of_programs_and_start_up_files_need_a_word_of_their_own() {
    let env = ungranted();
    let home = env.home();
    for place in [".local/bin", ".local", "bin"] {
        with_a_word(&env, &home.join(place), "programs");
    }
    for place in [
        ".config/fish/conf.d",
        ".config/autostart",
        ".bashrc.d",
        ".vim",
    ] {
        with_a_word(&env, &home.join(place), "start-up");
    }
    // What lies below a folder of programs is not found by its name.
    add(&env, &home.join("bin/data"), "rw", &[]).exits(0);
}

#[test]
fn what_plugins_yaml_grants_where_code_runs_waits_for_the_word_too() {
    let env = ungranted();
    let entry = |place: &Path| {
        let rule = format!("{}:/x:rw", place.display());
        format!("plugins: [{{name: reach, grants: {{directories: ['{rule}']}}}}]")
    };
    let bin = env.home().join("bin");
    env.install(&["reach"], &entry(&bin));
    env.run(&["grant", "trust", "reach"])
        .exits(3)
        .says(&["(rule `programs`)", "--code-runs-there"]);
    drop(
        env.run(&["grant", "trust", "reach", "--code-runs-there"])
            .exits(0),
    );
    // What no word opens keeps the plugin from being loaded.
    env.install(&["reach"], &entry(&env.home().join(".ssh")));
    let list = env.run(&["plugin", "list"]).exits(0).stdout;
    assert!(
        list.contains("not loaded") && list.contains("(rule `keys`)"),
        "{list}"
    );
}
