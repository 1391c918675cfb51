//! How often, how many, and that nothing grows.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Served, YAML, env};
use crate::common::TestEnv;

#[test]
fn who_calls_too_often_is_told_when_to_come_back() {
    let env = env();
    env.write(
        ".parac/config/mcp.yaml",
        "rate: { per_second: 1, burst: 3 }\n",
    );
    let served = Served::start(&env, &[]);
    let answers: Vec<_> = (0..12)
        .map(|_| served.modern(&[], "tools/list", json!({})))
        .collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert!(refused.header("retry-after").is_some());
}

#[test]
fn the_rate_of_one_caller_is_no_others() {
    let env = env();
    env.write(
        ".parac/config/mcp.yaml",
        "rate: { per_second: 1, burst: 2 }\n",
    );
    let (ada, bob) = (super::token(&env, "ada"), super::token(&env, "bob"));
    let served = Served::start(&env, &["--token-file", &super::token_file(&env)]);
    let of = |who: &str| {
        let answer = served.modern(&[("authorization", who)], "tools/list", json!({}));
        answer.status
    };
    assert!((0..20).any(|_| of(&ada) == 429));
    assert_eq!(of(&bob), 200);
}

#[test]
fn an_execution_without_a_call_is_completed_and_the_next_call_begins_another() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "idle_seconds: 1\n");
    let served = Served::start(&env, &[]);
    let write = json!({"path": "NOTES.md", "content": "first"});
    served.call(&[], "files__write", &write);
    served.until("callers", |callers| callers == 0);
    until_kept(&env);
    let read = served.call(&[], "files__read", &json!({"path": "NOTES.md"}));
    assert!(!read.contains("first"), "{read}");
}

#[test]
fn what_a_caller_had_is_theirs_after_an_idle_end() {
    let env = TestEnv::with_plugins(&["offers", "files"], YAML);
    env.write(
        ".parac/config/mcp.yaml",
        "idle_seconds: 1\nresult_chars: 60\nallow: [execution_merge]\n",
    );
    let served = Served::start(&env, &[]);
    let long = json!({"name": "offers__long", "arguments": {"chars": 100}});
    let long = served.modern(&[], "tools/call", long).message();
    let call = long["result"]["_meta"]["dev.paracle/receipt"]["call"].clone();
    let uri = format!("result://{}", call.as_str().unwrap());
    let write = json!({"path": "NOTES.md", "content": "first"});
    let changed = served.modern(
        &[],
        "tools/call",
        json!({"name": "files__write", "arguments": write}),
    );
    let answer = changed.message();
    assert!(
        answer
            .to_string()
            .contains("Once nothing was called for 1 s"),
        "{answer}"
    );
    let id = answer["result"]["_meta"]["dev.paracle/receipt"]["execution"].clone();
    served.until("callers", |callers| callers == 0);
    until_kept(&env);
    assert!(served.read(&[], &uri).contains("\"contents\""));
    let journal = format!("execution://{}/log", id.as_str().unwrap());
    assert!(served.read(&[], &journal).contains("files__write"));
    let merged = served.call(&[], "execution_merge", &json!({"execution": id}));
    assert!(merged.contains("\"merged\":true"), "{merged}");
    assert_eq!(env.git(&["show", "main:NOTES.md"]), "first");
}

fn until_kept(env: &TestEnv) {
    for _ in 0..600 {
        let listed = env.run(&["--json", "execution", "list"]);
        if listed.exits(0).stdout.contains("\"kept\"") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it was not completed");
}

#[test]
fn an_execution_is_completed_though_its_client_listens() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "idle_seconds: 1\n");
    let served = Served::start(&env, &[]);
    let session = served.initialize();
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(
        stream,
        "GET /mcp HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\nmcp-session-id: {session}\r\n\
         mcp-protocol-version: 2025-11-25\r\n\r\n",
        served.address
    )
    .unwrap();
    let mut begun = [0; 12];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    let write = json!({"path": "NOTES.md", "content": "first"});
    served.legacy(&session, "files__write", &write);
    until_kept(&env);
    let read = served.legacy(&session, "files__read", &json!({"path": "NOTES.md"}));
    assert!(
        !read.contains("first") && !read.contains("Not Found"),
        "{read}"
    );
}

#[test]
fn a_modern_client_hears_of_its_own_executions_alone() {
    let env = env();
    let served = Served::start(&env, &[]);
    let write = |text: &str| {
        let write = json!({"path": "NOTES.md", "content": text});
        served.call(&[], "files__write", &write);
    };
    write("one");
    let listed: Value =
        serde_json::from_str(&served.call(&[], "execution_list", &json!({}))).unwrap();
    let id = listed["result"]["structuredContent"]["executions"][0]["id"].clone();
    let own = format!("execution://{}/log", id.as_str().unwrap());
    let wants = json!({"notifications": {"resourceSubscriptions": [own, "execution://other/log"]}});
    let stream = served.begin_modern("subscriptions/listen", wants);
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let acknowledged = lines.find(|line| line.contains("acknowledged")).unwrap();
    assert!(
        acknowledged.contains(&own) && !acknowledged.contains("other"),
        "{acknowledged}"
    );
    write("two");
    assert!(lines.any(|line| line.contains("resources/updated") && line.contains(&own)));
}

/// Returns what the kernel says of the server's memory, in KiB.
fn most(served: &Served, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", served.child.id())).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn who_reads_nothing_holds_no_more_than_one_answer() {
    let env = TestEnv::with_plugins(&["offers"], "plugins: []\n");
    env.write(".parac/config/mcp.yaml", "result_chars: 10000000\n");
    let served = Served::start(&env, &[]);
    let long = json!({"name": "offers__long", "arguments": {"chars": 400_000}});
    served.modern(&[], "tools/call", long.clone());
    let before = most(&served, "VmHWM");
    let mut slow: TcpStream = served.begin_modern("tools/call", long.clone());
    // The same request again and again, before any answer is read.
    let all = served.modern_text("tools/call", long).repeat(300);
    slow.set_nonblocking(true).unwrap();
    let mut sent = 0;
    for _ in 0..100 {
        match slow.write(&all.as_bytes()[sent..]) {
            Ok(more) => sent += more,
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    }
    // Others are answered meanwhile.
    let greeted = served.call(&[], "offers__greet", &json!({}));
    assert!(greeted.contains("\"result\""), "{greeted}");
    let grown = most(&served, "VmHWM").saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB");
    slow.set_nonblocking(false).unwrap();
    let mut begun = [0; 12];
    slow.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
}
