//! Many executions at once in one repository, from many processes.

use std::process::Stdio;

use serde_json::json;

use super::work::{env, json};

#[test]
fn many_processes_have_executions_of_their_own_at_once_and_nothing_is_mixed() {
    let env = env();
    let before = env.checkout();
    let processes: Vec<_> = (0..8)
        .map(|number| {
            env.program_in("")
                .args(["run", "files__write", "content=x", "--json"])
                .arg(format!("path={number}.md"))
                .arg(format!("--execution=e{number}"))
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let listed = json(&env, &["execution", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 8, "{listed}");
    for number in 0..8 {
        let diff = json(
            &env,
            &["execution", "diff", &format!("e{number}"), "--stat"],
        );
        assert_eq!(
            diff["changed"],
            json!([{"path": format!("{number}.md"), "kind": "added"}])
        );
    }
    assert_eq!(env.checkout(), before);
    env.fsck();
}

#[test]
fn processes_that_include_uncommitted_work_at_once_do_not_meet() {
    let env = env();
    env.write("README.md", "uncommitted\n");
    let before = env.checkout();
    let processes: Vec<_> = (0..4)
        .map(|number| {
            env.program_in("")
                .args(["run", "files__write", "content=x", "--include-dirty"])
                .arg(format!("path={number}.md"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let listed = json(&env, &["execution", "list"]);
    for one in listed.as_array().unwrap() {
        let tip = one["tip"].as_str().unwrap();
        assert_eq!(
            env.git(&["show", &format!("{tip}:README.md")]),
            "uncommitted\n"
        );
        assert_eq!(one["commit_count"], json!(1), "{one}");
    }
    assert_eq!(listed.as_array().unwrap().len(), 4, "{listed}");
    assert_eq!(env.checkout(), before);
    env.fsck();
}
