//! What a plugin finds at `/workspace` where that holds several repositories.

use serde_json::{Value, json};

use super::work::{Two, outcomes, shows};
use crate::common::{McpServer, TestEnv};

#[test]
fn a_call_changes_two_repositories_and_the_receipt_says_what_in_each() {
    let two = Two::new();
    let before = two.env.checkout();
    let receipt = two.write_both("both", &[]);
    assert_eq!(receipt["branch"], Value::Null, "{receipt}");
    let each = receipt["repositories"].as_array().unwrap();
    let names: Vec<_> = each
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["repo", "lib"]);
    let paths = receipt["changed"].as_array().unwrap().iter();
    let paths: Vec<_> = paths.map(|edit| edit["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["repo/README.md", "lib/README.md"]);
    let show = |one: &Value| format!("{}:README.md", one["branch"].as_str().unwrap());
    assert_eq!(two.env.git(&["show", &show(&each[0])]), "of a call\n");
    assert_eq!(two.lib(&["show", &show(&each[1])]), "of a call");
    assert_eq!(two.env.checkout(), before);
    two.run(&["run", "files__write", "path=lib/new.md", "content=x"])
        .exits(0)
        .says(&[" of lib, ", "  A lib/new.md", "git merge "]);
}

#[test]
fn a_repository_that_a_call_did_not_change_has_no_branch_of_it() {
    let two = Two::new();
    let steps = json!([
        {"what": "read", "path": "/workspace/repo/README.md"},
        {"what": "write", "path": "/workspace/lib/src/new.rs", "with": "// new\n"},
    ]);
    let receipt = two.try_steps("half", &steps, &[]);
    assert_eq!(receipt["repositories"].as_array().unwrap().len(), 1);
    assert_eq!(receipt["repositories"][0]["name"], "lib");
    assert_eq!(two.env.git(&["for-each-ref", "refs/heads/exec"]), "");
    shows(
        two.run_in_lib(&["execution", "show", "half"]),
        &["repository repo at ", "repository lib at "],
    );
}

#[test]
fn the_roof_has_the_repositories_and_cannot_be_changed() {
    let two = Two::new();
    let steps = json!([
        {"what": "list", "path": "/workspace"},
        {"what": "list", "path": "/workspace/lib"},
        {"what": "stat", "path": "/workspace"},
        {"what": "write", "path": "/workspace/file", "with": "x"},
        {"what": "make-directory", "path": "/workspace/folder"},
        {"what": "symbolic-link", "path": "/workspace/link", "with": "repo"},
        {"what": "remove-directory", "path": "/workspace/lib"},
        {"what": "rename", "path": "/workspace/lib", "with": "/workspace/other"},
        {"what": "rename", "path": "/workspace/lib/README.md", "with": "/workspace/README.md"},
        {"what": "make-directory", "path": "/workspace/lib"},
        {"what": "read", "path": "/workspace/none"},
        {"what": "read", "path": "/workspace/none/README.md"},
        {"what": "write", "path": "/workspace/lib/./made.md", "with": "x"},
        {"what": "rename", "path": "/workspace/lib/made.md", "with": "/workspace/lib/src/made.md"},
        {"what": "read", "path": "/workspace/lib/src/made.md"},
    ]);
    let receipt = two.try_steps("roof", &steps, &[]);
    let found: Vec<String> = outcomes(&receipt)
        .iter()
        .map(|one| {
            let detail = one["detail"].as_str().unwrap();
            if one["ok"] == true {
                detail.to_owned()
            } else {
                detail.split(':').next().unwrap().to_owned()
            }
        })
        .collect();
    assert_eq!(found[0], "lib repo");
    assert_eq!(found[1], ".gitignore README.md src");
    let refused: Vec<_> = found[3..9].iter().map(String::as_str).collect();
    assert_eq!(refused, ["PermissionDenied"; 6], "{found:#?}");
    let rest: Vec<_> = found[9..].iter().map(String::as_str).collect();
    assert_eq!(rest, ["AlreadyExists", "NotFound", "NotFound", "", "", "x"]);
    assert_eq!(receipt["changed"].as_array().unwrap().len(), 1, "{receipt}");
}

#[test]
fn nothing_leads_from_one_repository_into_another() {
    let two = Two::new();
    std::os::unix::fs::symlink("../lib/README.md", two.env.repo().join("over")).unwrap();
    two.env.git(&["add", "--all"]);
    two.env.git(&["commit", "--quiet", "--message=a link"]);
    let steps = json!([
        {"what": "read", "path": "/workspace/repo/over"},
        {"what": "symbolic-link", "path": "/workspace/repo/out", "with": "../lib/README.md"},
        {"what": "rename", "path": "/workspace/repo/README.md", "with": "/workspace/lib/moved.md"},
        {"what": "hard-link", "path": "/workspace/repo/README.md", "with": "/workspace/lib/linked.md"},
        {"what": "make-directory", "path": "/workspace/lib/.parac"},
        {"what": "write", "path": "/workspace/lib/.git/config", "with": "x"},
    ]);
    let receipt = two.try_steps("over", &steps, &[]);
    let found = outcomes(&receipt);
    assert!(found.iter().all(|one| one["ok"] == false), "{receipt}");
    for (at, kind) in [
        (2, "CrossesDevices"),
        (3, "CrossesDevices"),
        (4, "PermissionDenied"),
    ] {
        let detail = found[at]["detail"].as_str().unwrap();
        assert!(detail.starts_with(kind), "{at}: {detail}");
    }
    assert_eq!(receipt["changed"], json!([]));
}

#[test]
fn a_path_that_is_in_none_of_them_is_told_how_paths_begin() {
    let two = Two::new();
    two.run(&["run", "files__write", "path=N", "content=x"])
        .exits(3)
        .says(&["each path begins with repo/ or lib/"]);
    two.run(&["run", "files__move", "from=repo/README.md", "to=lib/N"])
        .exits(1)
        .says(&["its new place is in another repository"]);
}

#[test]
fn two_repositories_have_one_quota_between_them() {
    let two = Two::new();
    two.env.write(
        ".parac/config/plugins.yaml",
        "plugins: [{name: reach, grants: {workspace: read-write}, limits: {files: 3}}]",
    );
    let step = |name: &str, at: u32| json!({"what": "write", "path": format!("/workspace/{name}/{at}"), "with": "x"});
    let steps: Vec<_> = (0..2)
        .flat_map(|at| [step("repo", at), step("lib", at)])
        .collect();
    let arguments = json!({ "steps": steps }).to_string();
    two.run(&["run", "reach__try", "--args", &arguments])
        .exits(5);
    let steps = &steps[..3];
    two.try_steps("few", &json!(steps), &[]);
}

#[test]
fn std_fs_of_a_guest_works_in_a_repository_under_the_roof() {
    let two = Two::new();
    two.env.install(
        &["fs-exercise"],
        "plugins: [{name: fs-exercise, grants: {workspace: read-write}}]",
    );
    let done = two.run(&[
        "run",
        "fs-exercise__exercise",
        "root=/workspace/lib",
        "--json",
    ]);
    let done = done.exits(0).json();
    assert_eq!(done["reply"]["ok"]["structured"]["ok"], true, "{done}");
}

#[test]
fn an_assistant_works_in_two_repositories() {
    let two = Two::new();
    let mut server = McpServer::start(
        two.program(&["mcp", "serve", "--stdio"]),
        std::process::Stdio::null(),
    );
    let told = server.initialize().to_string();
    assert!(told.contains("/workspace/repo, /workspace/lib"), "{told}");
    let arguments = json!({"steps": [
        {"what": "write", "path": "/workspace/repo/a.md", "with": "a"},
        {"what": "write", "path": "/workspace/lib/b.md", "with": "b"},
    ]});
    let answer = server.call("reach__try", arguments);
    let said = answer["content"].to_string();
    assert!(said.contains("of lib of execution"), "{answer}");
    assert!(said.contains("lib/b.md"), "{answer}");
    let meta = &answer["_meta"]["dev.paracle/receipt"];
    assert_eq!(
        meta["repositories"].as_array().unwrap().len(),
        2,
        "{answer}"
    );
    let id = meta["execution"].as_str().unwrap().to_owned();
    server.close();
    assert_eq!(two.merge(&id, 0)["outcome"], "merged");
    assert_eq!(two.lib(&["show", "main:b.md"]), "b");
}

#[test]
fn one_repository_is_the_workspace_itself_as_ever() {
    let env = TestEnv::with_plugins(&["reach"], super::work::PLUGINS);
    let arguments = json!({"steps": [
        {"what": "list", "path": "/workspace"},
        {"what": "write", "path": "/workspace/new.md", "with": "x"},
    ]});
    let words = ["--repo", ".", "run", "reach__try", "--json", "--args"];
    let receipt = env.run(&[&words[..], &[&arguments.to_string()]].concat());
    let receipt = receipt.exits(0).json();
    assert_eq!(outcomes(&receipt)[0]["detail"], ".gitignore README.md src");
    assert!(receipt["branch"].is_string(), "{receipt}");
    assert_eq!(receipt["changed"][0]["path"], "new.md");
    assert!(receipt.get("repositories").is_none(), "{receipt}");
    let shown = env.run(&[
        "execution",
        "show",
        receipt["execution"].as_str().unwrap(),
        "--json",
    ]);
    assert!(shown.exits(0).json().get("members").is_none());
}
