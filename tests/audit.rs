//! The audit journal: what is in it, and what is noticed of those who change it.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Output, TestEnv, guest};

const JOURNAL: &str = ".git/paracle/audit.jsonl";
const ANCHOR: &str = ".git/paracle/audit.head";

const FILES: &str = "plugins: [{name: files, grants: {workspace: read-write}}]";

/// A repository in which a few calls were made.
fn env() -> TestEnv {
    let env = TestEnv::with_plugins(&["files", "hello"], FILES);
    for name in ["Ada", "Bea", "Cleo"] {
        greet(&env, name);
    }
    env
}

fn greet(env: &TestEnv, name: &str) {
    drop(
        env.run(&["run", "hello__greet", &format!("name={name}")])
            .exits(0),
    );
}

fn lines(env: &TestEnv) -> Vec<String> {
    env.read(JOURNAL).lines().map(str::to_owned).collect()
}

fn records(env: &TestEnv) -> Vec<Value> {
    lines(env)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn of_kind(env: &TestEnv, kind: &str) -> Vec<Value> {
    let mut records = records(env);
    records.retain(|record| record["kind"] == kind);
    records
}

fn write(env: &TestEnv, lines: &[String]) {
    env.write(JOURNAL, &(lines.join("\n") + "\n"));
}

fn verify(env: &TestEnv) -> Output {
    env.run(&["audit", "verify", "--json"])
}

/// Expects the journal to be found wrong, at a line and in a way.
#[track_caller]
fn check_wrong(env: &TestEnv, line: usize, fault: &str) {
    let found = verify(env).exits(1).json();
    assert_eq!(found["wrong"]["line"], json!(line), "{found}");
    assert_eq!(found["wrong"]["fault"], fault, "{found}");
    let told = env.run(&["audit", "verify"]).exits(1);
    assert!(told.stderr.contains(&format!("line {line}")), "{told:?}");
    assert!(told.stdout.is_empty(), "{told:?}");
}

/// Expects the journal to be as it was written.
#[track_caller]
fn check_intact(env: &TestEnv, records: usize) -> Value {
    let found = verify(env).exits(0).json();
    assert_eq!(found["wrong"], Value::Null, "{found}");
    assert_eq!(found["records"], json!(records), "{found}");
    found
}

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
fn editing_a_record_is_detected() {
    let env = env();
    let good = lines(&env);
    check_intact(&env, 6);
    for line in 0..good.len() {
        let mut edited = good.clone();
        edited[line] = edited[line].replace("hello__greet", "files__write");
        write(&env, &edited);
        check_wrong(&env, line + 1, "edited");
        edited[line] = "not JSON".to_owned();
        write(&env, &edited);
        check_wrong(&env, line + 1, "edited");
    }
    write(&env, &good);
    check_intact(&env, 6);
}

#[test]
fn a_chain_made_anew_is_detected() {
    let env = env();
    // As somebody would do it who knows the form and has no key.
    let mut prev = Value::Null;
    let lines: Vec<String> = records(&env)
        .into_iter()
        .map(|mut record| {
            record["tool"] = json!("hello__wave");
            record["prev"] = prev.clone();
            let line = record.to_string();
            prev = json!(format!("sha256:{}", sha256(&env, line.as_bytes())));
            line
        })
        .collect();
    write(&env, &lines);
    check_wrong(&env, 1, "edited");
}

fn sha256(env: &TestEnv, bytes: &[u8]) -> String {
    env.write_bytes("hashed", bytes);
    let output = Command::new("sha256sum")
        .arg(env.repo().join("hashed"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn cutting_records_out_is_detected() {
    let env = env();
    let good = lines(&env);
    for first in 0..good.len() - 1 {
        for last in first..good.len() - 1 {
            let mut cut = good.clone();
            cut.drain(first..=last);
            write(&env, &cut);
            check_wrong(&env, first + 1, "cut");
        }
    }
}

#[test]
fn reordering_records_is_detected() {
    let env = env();
    let good = lines(&env);
    for line in 0..good.len() - 1 {
        let mut swapped = good.clone();
        swapped.swap(line, line + 1);
        write(&env, &swapped);
        check_wrong(&env, line + 1, "reordered");
    }
    let mut twice = good.clone();
    twice.insert(3, good[2].clone());
    write(&env, &twice);
    check_wrong(&env, 4, "reordered");
}

#[test]
fn cutting_the_tail_is_detected() {
    let env = env();
    let good = lines(&env);
    for left in 1..good.len() {
        write(&env, &good[..left]);
        check_wrong(&env, left + 1, "tail-missing");
    }
    fs::remove_file(env.repo().join(JOURNAL)).unwrap();
    check_wrong(&env, 1, "tail-missing");
    // And who goes on after it does not wash it away.
    write(&env, &good[..4]);
    greet(&env, "Dee");
    check_wrong(&env, 5, "tail-missing");
    assert_eq!(of_kind(&env, "mended")[0]["records"], 2);
}

#[test]
fn an_anchor_that_is_gone_or_not_ours_is_detected() {
    let env = env();
    let anchor = env.read(ANCHOR);
    env.write(ANCHOR, &anchor.replace("\"seq\":6", "\"seq\":4"));
    check_wrong(&env, 7, "anchor");
    fs::remove_file(env.repo().join(ANCHOR)).unwrap();
    check_wrong(&env, 7, "anchor");
    greet(&env, "Dee");
    check_wrong(&env, 7, "anchor");
}

#[test]
fn an_older_journal_put_back_with_its_anchor_is_detected_by_the_commits() {
    let env = env();
    let (journal, anchor) = (env.read(JOURNAL), env.read(ANCHOR));
    greet(&env, "Dee");
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    let message = env.git(&["log", "-1", "--format=%B", "--all"]);
    assert!(message.contains("Paracle-Audit: "), "{message}");
    check_intact(&env, 10);
    env.write(JOURNAL, &journal);
    env.write(ANCHOR, &anchor);
    check_wrong(&env, 7, "tail-missing");
}

#[test]
fn a_journal_made_anew_by_somebody_with_the_key_is_detected_by_the_commits() {
    let env = env();
    let (journal, anchor) = (env.read(JOURNAL), env.read(ANCHOR));
    for name in ["Dee", "Eve"] {
        greet(&env, name);
    }
    drop(
        env.run(&["run", "files__write", "path=a", "content=b"])
            .exits(0),
    );
    env.write(JOURNAL, &journal);
    env.write(ANCHOR, &anchor);
    // The same person, as if what they did had not been: the chain, the records and the anchor are sound.
    for name in ["Fay", "Gus", "Hal"] {
        greet(&env, name);
    }
    let found = verify(&env).exits(1).json();
    assert_eq!(found["wrong"]["fault"], "edited", "{found}");
    assert!(
        found["wrong"]["message"].to_string().contains("commit"),
        "{found}"
    );
}

#[test]
fn a_record_of_somebody_without_the_key_is_detected() {
    let env = env();
    let mut lines = lines(&env);
    let mut forged = records(&env)[5].clone();
    forged["seq"] = json!(7);
    forged["prev"] = json!(format!("sha256:{}", sha256(&env, lines[5].as_bytes())));
    lines.push(forged.to_string());
    write(&env, &lines);
    check_wrong(&env, 7, "edited");
    forged.as_object_mut().unwrap().remove("mac");
    lines[6] = forged.to_string();
    write(&env, &lines);
    check_wrong(&env, 7, "unverified");
}

#[test]
fn a_torn_line_is_told_and_the_chain_goes_on() {
    let env = env();
    let good = env.read(JOURNAL);
    // A crash in the middle of a write, and one before the very last byte.
    for torn in [&good[..good.len() / 2], &good[..good.len() - 1]] {
        let env = self::env();
        let whole = env.read(JOURNAL);
        let torn = &torn[torn.rfind('\n').unwrap() + 1..];
        env.write(JOURNAL, &(whole + torn));
        check_wrong(&env, 7, "torn");
        greet(&env, "Dee");
        let mended = of_kind_of_rest(&env);
        assert_eq!(mended["found"], "torn-line");
        assert_eq!(mended["bytes"], json!(torn.len()));
        assert_eq!(lines(&env)[6], torn, "it stays as evidence");
        let found = check_intact(&env, 9);
        assert!(found["notes"].to_string().contains("breaks off"), "{found}");
    }
}

/// The line after the torn one, which is no record.
fn of_kind_of_rest(env: &TestEnv) -> Value {
    serde_json::from_str(&lines(env)[7]).unwrap()
}

#[test]
fn records_that_were_not_anchored_yet_are_told() {
    let env = env();
    let anchor = env.read(ANCHOR);
    greet(&env, "Dee");
    // A crash between the journal and its anchor.
    env.write(ANCHOR, &anchor);
    let found = check_intact(&env, 8);
    assert!(
        found["notes"].to_string().contains("not anchored"),
        "{found}"
    );
    greet(&env, "Eve");
    assert_eq!(of_kind(&env, "mended")[0]["found"], "unanchored");
    check_intact(&env, 11);
}

#[test]
fn two_processes_append_to_one_chain() {
    let env = TestEnv::with_plugins(&["hello"], "");
    let mut server = env.mcp();
    server.initialize();
    let running: Vec<_> = (0..20)
        .map(|n| {
            env.program_in("")
                .args(["run", "hello__greet", &format!("name=n{n}")])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for _ in 0..50 {
        server.call("hello__greet", json!({"name": "Ada"}));
    }
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    server.close();
    check_intact(&env, 140);
    let callers: Vec<_> = of_kind(&env, "call-ended")
        .into_iter()
        .map(|record| record["caller"]["by"].clone())
        .collect();
    assert_eq!(callers.iter().filter(|by| **by == "assistant").count(), 50);
    assert_eq!(callers.iter().filter(|by| **by == "person").count(), 20);
}

#[test]
fn a_journal_that_cannot_be_written_fails_no_call_and_is_told_once() {
    let env = TestEnv::with_plugins(&["hello"], "");
    // A folder in the journal's place: not even root can write to it.
    fs::create_dir_all(env.repo().join(JOURNAL)).unwrap();
    let mut server = env.mcp_with_log();
    server.initialize();
    for _ in 0..3 {
        let greeted = server.call("hello__greet", json!({"name": "Ada"}));
        assert_eq!(greeted["content"][0]["text"], "Hello, Ada!");
    }
    server.close();
    let log = env.log();
    assert_eq!(log.matches("is not kept up").count(), 1, "{log}");
}

#[test]
fn without_a_repository_there_is_no_journal() {
    let env = TestEnv::bare_folder();
    env.install(&["hello"], "");
    drop(env.run(&["run", "hello__greet", "name=Ada"]).exits(0));
    drop(
        env.run(&["audit", "show"])
            .exits(2)
            .says(&["git repository"]),
    );
}

#[test]
fn worktrees_share_one_journal() {
    let env = TestEnv::with_plugins(&["hello"], "");
    env.git(&["worktree", "add", "--quiet", "../other"]);
    env.write_bytes("../other/.parac/plugins/hello.wasm", guest("hello"));
    greet(&env, "Ada");
    drop(
        env.run_in("../other", &["run", "hello__greet", "name=Bea"])
            .exits(0),
    );
    check_intact(&env, 4);
    drop(env.run_in("../other", &["audit", "verify"]).exits(0));
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
