//! What is in the journal, and what of it is shown.

use serde_json::{Value, json};

use super::journal::{FILES, JOURNAL, check_intact, env, of_kind, records, verify};
use crate::common::TestEnv;

#[test]
fn each_call_is_in_the_journal_with_its_plugin_grant_and_caller() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&["run", "files__read", "path=README.md", "--json"])
        .exits(0)
        .json();
    let [began, ended] = &records(&env)[..] else {
        panic!("{:?}", records(&env));
    };
    for (record, seq, kind) in [(began, 1, "call-began"), (ended, 2, "call-ended")] {
        assert_eq!(record["seq"], seq);
        assert_eq!(record["kind"], kind);
        assert_eq!(record["execution"], receipt["execution"]);
        assert_eq!(record["call"], receipt["call"]);
        assert_eq!(record["plugin"], "files");
        assert_eq!(record["tool"], "files__read");
        assert_eq!(record["caller"], json!({"by": "person"}));
        let time = record["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
    assert_eq!(ended["version"], receipt["version"]);
    assert_eq!(ended["digest"], receipt["digest"]);
    assert_eq!(ended["grant"], "workspace=read-write");
    assert_eq!(ended["outcome"], "ok");
    assert_eq!(ended["commit"], Value::Null);
    check_intact(&env, 2);
    assert_eq!(
        env.git(&["status", "--porcelain"]),
        "",
        "no checkout shows it"
    );
}

#[test]
fn a_call_that_landed_names_its_commit() {
    let env = TestEnv::with_plugins(&["files"], FILES);
    let receipt = env
        .run(&["run", "files__write", "path=a", "content=b", "--json"])
        .exits(0)
        .json();
    let ended = &of_kind(&env, "call-ended")[0];
    assert_eq!(ended["commit"], receipt["commits"][0]);
    assert_eq!(ended["base"], receipt["base"]);
    let message = env.git(&[
        "log",
        "-1",
        "--format=%B",
        ended["commit"].as_str().unwrap(),
    ]);
    assert!(
        message.contains(ended["call"].as_str().unwrap()),
        "{message}"
    );
    check_intact(&env, 2);
}

#[test]
fn the_journal_holds_no_arguments_and_no_answers() {
    let env = env();
    let arguments = r#"{"name":"Zarathustra"}"#;
    drop(
        env.run(&["run", "hello__greet", "--args", arguments])
            .exits(0),
    );
    drop(
        env.run(&["run", "files__read", "path=Zarathustra"])
            .exits(1),
    );
    drop(
        env.run(&["run", "files__no_such", "path=Zarathustra"])
            .exits(2),
    );
    assert!(!env.read(JOURNAL).contains("Zarathustra"));
    // The digest is that of the arguments as compact JSON, so that a person can look whether these were they.
    let known = "sha256:c793c0fb86f16f1a809d72bd407f01d5956c18239dd98cad04ef8af71a69e46d";
    let recorded = of_kind(&env, "call-began")[3]["arguments"].clone();
    assert_eq!(recorded, known);
}

#[test]
fn denials_and_limits_are_in_the_journal() {
    let env = TestEnv::with_plugins(
        &["files", "caller", "spin"],
        "plugins: [{name: spin, limits: {time_ms: 100}}]",
    );
    drop(env.run(&["run", "files__read", "path=README.md"]).exits(3));
    let denied = &of_kind(&env, "denied")[0];
    assert_eq!(denied["plugin"], "files");
    assert_eq!(denied["capability"], "file-access");
    assert_eq!(denied["missing"], "operator");
    assert_eq!(of_kind(&env, "call-ended")[0]["outcome"], "denied");
    drop(env.run(&["run", "spin__spin"]).exits(5));
    let limit = &of_kind(&env, "limit")[0];
    assert_eq!(
        (&limit["limit"], &limit["value"]),
        (&json!("time"), &json!("100 ms"))
    );
    assert_eq!(limit["call"], of_kind(&env, "call-ended")[1]["call"]);
    assert_eq!(of_kind(&env, "call-ended")[1]["outcome"], "limit");
    drop(verify(&env).exits(0));
}

#[test]
fn a_call_of_a_plugin_names_the_plugin_that_called() {
    let env = TestEnv::with_plugins(
        &["hello", "keep"],
        "plugins: [{name: keep, grants: {tools: ['*']}, limits: {time_ms: 1000}}]",
    );
    drop(env.run(&["run", "keep__again"]).exits(5));
    let began = of_kind(&env, "call-began");
    assert_eq!(began[1]["caller"], json!({"by": "plugin", "name": "keep"}));
}

#[test]
fn grants_given_and_revoked_are_in_the_journal() {
    let env = TestEnv::with_plugins(&["files"], "plugins: [{name: files}]");
    let grant = [
        "grant",
        "add",
        "files",
        "--workspace",
        "read-only",
        "--json",
    ];
    let given = env.run(&grant).exits(0).json();
    let id = given["id"].as_str().unwrap();
    drop(env.run(&["grant", "trust", "files"]).exits(0));
    drop(env.run(&["grant", "revoke", id]).exits(0));
    let granted = of_kind(&env, "granted");
    assert_eq!(granted[0]["plugin"], "files");
    assert_eq!(granted[0]["digest"], given["digest"]);
    assert_eq!(granted[0]["grant"], "workspace=read-only");
    assert_eq!(granted[0]["lasts"], "always");
    assert!(granted[1]["grant"].to_string().contains("approved"));
    let revoked = of_kind(&env, "revoked");
    assert_eq!(revoked[0]["grant"], "workspace=read-only");
    check_intact(&env, 3);
}

#[test]
fn show_filters_by_execution_plugin_kind_and_number() {
    let env = env();
    drop(
        env.run(&[
            "run",
            "files__write",
            "path=a",
            "content=b",
            "--execution",
            "mine",
        ])
        .exits(0),
    );
    let show = |arguments: &[&str]| {
        let shown = env.run(&[&["audit", "show", "--json"], arguments].concat());
        shown.exits(0).json().as_array().unwrap().len()
    };
    assert_eq!(show(&[]), 8);
    assert_eq!(show(&["--execution", "mine"]), 2);
    assert_eq!(show(&["--plugin", "hello"]), 6);
    assert_eq!(show(&["--plugin", "hello", "--kind", "call-ended"]), 3);
    assert_eq!(show(&["--limit", "3"]), 3);
    let text = env.run(&["audit", "show", "--limit", "1"]).exits(0).stdout;
    assert!(
        text.contains("files__write") && text.contains("commit"),
        "{text}"
    );
    drop(env.run(&["audit", "show", "--kind", "nonsense"]).exits(2));
}
