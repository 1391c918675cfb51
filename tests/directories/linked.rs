//! Places that decide what runs later, and that a link or a name of something that is not there yet leads to.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::steering::{add, never, ungranted, with_a_word};
use crate::common::{TestEnv, root};

/// Makes a file with its folders.
fn file(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Makes a link with its folders.
fn link(target: impl AsRef<Path>, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(target, path).unwrap();
}

#[test]
fn settings_of_git_that_are_included_and_not_there_yet_are_never_granted_for_writing() {
    let env = ungranted();
    let settings = "[include]\n\tpath = ~/absent/more\n[includeIf \"gitdir:/nowhere/\"]\n\tpath = ~/other/more\n";
    file(&env.home().join(".gitconfig"), settings);
    never(&env, &env.home().join("absent"), "git");
    never(&env, &env.home().join("other"), "git");
}

#[test]
fn where_hooks_that_are_links_lead_is_never_granted_for_writing() {
    let env = ungranted();
    let repo = env.repo();
    file(&repo.join("scripts/pre-commit"), "#!/bin/sh\n");
    let hooks = repo.join(".git/hooks");
    link("../../scripts/pre-commit", &hooks.join("pre-commit"));
    // Its target is made later.
    link("../../later/pre-push", &hooks.join("pre-push"));
    never(&env, &repo.join("scripts"), "git");
    never(&env, &repo.join("later"), "git");
    fs::remove_dir_all(&hooks).unwrap();
    link("../githooks", &hooks);
    never(&env, &repo.join("githooks"), "git");
    add(&env, &repo.join("scripts"), "rw", &[]).exits(0);
}

#[test]
fn hooks_that_settings_name_are_never_granted_for_writing_in_any_checkout() {
    let env = ungranted();
    let tree = env.linked_tree("t");
    env.git(&["config", "core.hooksPath", "own-hooks"]);
    never(&env, &tree.join("own-hooks"), "git");
    // Nor in another repository that names its own.
    let other = env.outside("other");
    let path = other.to_str().unwrap();
    env.git(&["init", "--quiet", path]);
    env.git(&["-C", path, "config", "core.hooksPath", "its-hooks"]);
    never(&env, &other, "git");
    never(&env, &other.join("its-hooks"), "git");
    add(&env, &other.join("source"), "rw", &[]).exits(0);
}

#[test]
fn every_link_on_the_way_to_a_place_is_never_granted_for_writing() {
    let env = ungranted();
    let home = env.home();
    file(&home.join("last/gitconfig"), "");
    link("../last/gitconfig", &home.join("middle/gitconfig"));
    link("middle/../first/gitconfig", &home.join(".gitconfig"));
    link(home.join("middle/gitconfig"), &home.join("first/gitconfig"));
    for place in ["first", "middle", "last"] {
        never(&env, &home.join(place), "git");
    }
}

#[test]
fn where_links_to_start_up_files_and_keys_lead_is_as_they_are() {
    let env = ungranted();
    let home = env.home();
    file(&home.join("dotfiles/bashrc"), "");
    link("dotfiles/bashrc", &home.join(".bashrc"));
    with_a_word(&env, &home.join("dotfiles"), "start-up");
    file(&home.join("stow/config.fish"), "");
    link(
        "../../stow/config.fish",
        &home.join(".config/fish/config.fish"),
    );
    with_a_word(&env, &home.join("stow"), "start-up");
    file(&home.join("shared/config"), "");
    link("../shared/config", &home.join(".ssh/config"));
    never(&env, &home.join("shared"), "keys");
    // A link that is no settings is nobody's start-up file.
    link("data-of-mine", &home.join("data"));
    add(&env, &home.join("data-of-mine"), "rw", &[]).exits(0);
}

#[test]
fn files_that_config_yaml_names_and_links_to_plugins_are_protected() {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    file(&env.outside("roots/ca.pem"), root());
    file(&env.outside("secrets/token"), "t");
    let token = fs::Permissions::from_mode(0o600);
    fs::set_permissions(env.outside("secrets/token"), token).unwrap();
    let moved = env.outside("components/other.wasm");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::copy(env.repo().join(".parac/plugins/reach.wasm"), &moved).unwrap();
    fs::remove_file(env.repo().join(".parac/plugins/reach.wasm")).unwrap();
    link(&moved, &env.repo().join(".parac/plugins/reach.wasm"));
    let settings = format!(
        "tls_roots: {}\nsecrets: {{ TOKEN: {{file: {}}} }}\n",
        env.outside("roots/ca.pem").display(),
        env.outside("secrets/token").display()
    );
    env.write_own("config.yaml", &settings);
    let add = |folder: &str, access: &str| {
        let rule = format!("{}:/{folder}:{access}", env.outside(folder).display());
        env.run(&["grant", "add", "reach", "--directories", &rule])
    };
    for folder in ["roots", "components"] {
        add(folder, "rw")
            .exits(3)
            .says(&["cannot be given", "(rule `host`)"]);
        add(folder, "ro").exits(0);
    }
    for access in ["ro", "rw"] {
        add("secrets", access)
            .exits(3)
            .says(&["cannot be given", "(rule `own`)", "secrets/token"]);
    }
}
