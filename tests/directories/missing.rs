//! Directories that are not there.

use std::fs;

use serde_json::json;

use super::tries::{call, works};
use crate::common::TestEnv;

#[test]
fn a_directory_that_is_not_there_is_not_granted() {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    let place = env.beside("notes");
    let rule = format!("{}:/notes:ro", place.display());
    let add = ["grant", "add", "reach", "--directories", &rule];
    let make = format!("mkdir -p {}", place.display());
    env.run(&add).exits(2).says(&[&rule, "is not there", &make]);
    // Nor what is no directory, or leads elsewhere.
    fs::write(&place, "").unwrap();
    env.run(&add)
        .exits(2)
        .says(&[&rule, "does not name a directory"]);
    fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink(env.beside(""), &place).unwrap();
    env.run(&add).exits(2).says(&[&rule, "symbolic link"]);
    fs::remove_file(&place).unwrap();
    let list = env.run(&["grant", "list", "--json"]).exits(0).json();
    assert_eq!(list, json!([]));
    fs::create_dir(&place).unwrap();
    drop(env.run(&add).exits(0));
    works(&env, &json!({"what": "list", "path": "/notes"}));
}

#[test]
fn a_directory_that_is_gone_is_an_error_that_names_the_grant_and_the_command_that_mends_it() {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    let place = env.beside("it's notes");
    fs::create_dir(&place).unwrap();
    let rule = format!("{}:/notes:ro", place.display());
    let add = ["grant", "add", "reach", "--directories", &rule, "--json"];
    let given = env.run(&add).exits(0).json();
    let id = given["id"].as_str().unwrap();
    fs::remove_dir(&place).unwrap();
    let list = json!([{"what": "list", "path": "/notes"}]);
    let make = format!(
        "mkdir -p '{}'",
        place.to_str().unwrap().replace('\'', r"'\''")
    );
    let revoke = format!("paracle-host grant revoke {id}");
    call(&env, &list).exits(2).says(&[&rule, &make, &revoke]);
    // One of plugins.yaml is told by its place, and at the approval already.
    drop(env.run(&["grant", "revoke", id]).exits(0));
    let entry = format!(r#"plugins: [{{name: reach, grants: {{directories: ["{rule}"]}}}}]"#);
    env.install(&["reach"], &entry);
    let trusted = env.run(&["grant", "trust", "reach"]).exits(0).stdout;
    assert!(trusted.contains("is not there"), "{trusted}");
    call(&env, &list).exits(2).says(&[
        &rule,
        &make,
        "`grants:` of reach in .parac/config/plugins.yaml",
    ]);
}
