//! Whose word opens a directory, and what the second wall makes of it.

use std::fs;
use std::time::Duration;

use serde_json::json;

use super::tries::{NO_ENTRY, attempt, call, fail, works};
use crate::common::TestEnv;

/// A guest that was granted nothing.
fn ungranted() -> TestEnv {
    let env = TestEnv::with_plugins(&["reach"], "plugins: [{name: reach}]");
    fs::create_dir(env.beside("open")).unwrap();
    fs::write(env.beside("open/f"), "text").unwrap();
    env
}

fn rule(env: &TestEnv, access: &str) -> String {
    format!("{}:/open:{access}", env.beside("open").display())
}

#[test]
fn a_directory_that_only_the_repository_grants_is_not_there() {
    let env = ungranted();
    let entry = format!(
        "plugins: [{{name: reach, grants: {{directories: ['{}']}}}}]",
        rule(&env, "rw")
    );
    env.install(&["reach"], &entry);
    let steps = ["read", "write", "stat"].map(|what| json!({"what": what, "path": "/open/f"}));
    fail(&env, &steps, &[NO_ENTRY]);
    env.trust(&["reach"]);
    works(&env, &json!({"what": "write", "path": "/open/f"}));
}

#[test]
fn a_directory_is_granted_by_command_and_opened_wider_by_another() {
    let env = ungranted();
    let add = |access| {
        env.run(&[
            "grant",
            "add",
            "reach",
            "--directories",
            &rule(&env, access),
        ])
    };
    add("ro").exits(0);
    let steps = json!([
        {"what": "read", "path": "/open/f"},
        {"what": "write", "path": "/open/f", "with": "x"},
    ]);
    let outcomes = attempt(&env, &steps);
    assert_eq!(
        (&outcomes[0]["ok"], &outcomes[1]["ok"]),
        (&json!(true), &json!(false))
    );
    add("rw").exits(0);
    works(&env, &steps[1]);
}

#[test]
fn no_command_grants_or_approves_what_steers_this_host() {
    let env = ungranted();
    let own = format!("{}:/x:ro", env.own().display());
    let parac = format!("{}:/x:rw", env.repo().join(".parac").display());
    for (rule, words) in [
        (&own, "keys and approvals"),
        (&parac, "what plugins may do"),
    ] {
        env.run(&["grant", "add", "reach", "--directories", rule])
            .exits(3)
            .says(&[rule, words]);
        let entry = format!("plugins: [{{name: reach, grants: {{directories: ['{rule}']}}}}]");
        env.install(&["reach"], &entry);
        let trust = env.run(&["grant", "trust", "reach"]);
        assert_ne!(trust.status, 0, "{trust:?}");
        env.install(&["reach"], "plugins: [{name: reach}]");
    }
    let list = env.run(&["grant", "list", "--json"]).exits(0).stdout;
    assert!(!list.contains("/x:"), "{list}");
    // Nor two that contradict each other, one after the other.
    let rw = rule(&env, "rw");
    env.run(&["grant", "add", "reach", "--directories", &rw])
        .exits(0);
    let inner = format!("{}:/inner:ro", env.beside("open/inner").display());
    env.run(&["grant", "add", "reach", "--directories", &inner])
        .exits(2)
        .says(&[&inner, "is of no use"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_wall_lets_the_granted_directories_through() {
    let env = ungranted();
    let rw = rule(&env, "rw");
    let steps = json!({"steps": [
        {"what": "read", "path": "/open/f"},
        {"what": "write", "path": "/open/new", "with": "x"},
        {"what": "rename", "path": "/open/new", "with": "/open/other"},
        {"what": "remove", "path": "/open/other"},
        {"what": "list", "path": "/open"},
    ]});
    env.run(&["grant", "add", "reach", "--directories", &rw])
        .exits(0);
    let arguments = steps.to_string();
    let mut run = vec!["run", "reach__try", "--args", &arguments, "--json"];
    run.extend(["--wall", "required"]);
    let receipt = env.run(&run).exits(0).json();
    let outcomes = &receipt["reply"]["ok"]["structured"]["outcomes"];
    let worked = |outcome: &serde_json::Value| outcome["ok"] == true;
    assert!(outcomes.as_array().unwrap().iter().all(worked), "{receipt}");
    assert_eq!(receipt["wall"]["state"], "enforced", "{receipt}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_the_wall_does_not_know_is_an_error_that_says_to_start_again() {
    let env = ungranted();
    let add = |access: &str| {
        let rule = rule(&env, access);
        env.run(&["grant", "add", "reach", "--directories", &rule])
            .exits(0);
    };
    let read = json!({"steps": [{"what": "read", "path": "/open/f"}]});
    let said = |access: &str| {
        let mut mcp = env.mcp();
        mcp.initialize();
        if access == "made" {
            fs::rename(env.beside("open"), env.beside("old")).unwrap();
            fs::create_dir(env.beside("open")).unwrap();
            fs::write(env.beside("open/f"), "text").unwrap();
        } else {
            add(access);
        }
        // A server sees what is granted elsewhere a moment later.
        let mut said = String::new();
        for _ in 0..1000 {
            let id = mcp.begin_call("reach__try", read.clone());
            said = mcp.reply(id).to_string();
            if said.contains("second wall") {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        mcp.close();
        said
    };
    // Granted, then opened wider, then replaced, each while a server runs.
    for access in ["ro", "rw", "made"] {
        let said = said(access);
        assert!(
            said.contains("and there, when it started") && said.contains("start it again"),
            "{access}: {said}"
        );
        // Whoever starts now has it.
        let output = call(&env, &read["steps"]).exits(0);
        assert_eq!(output.json()["wall"]["state"], "enforced");
        works(&env, &read["steps"][0]);
    }
}
