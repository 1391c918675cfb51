//! Who calls, and that nobody sees what is another's.

use serde_json::{Value, json};

use super::{Served, YAML, env, token, token_file};
use crate::common::TestEnv;

#[test]
fn only_who_has_a_token_calls_and_callers_do_not_see_each_other() {
    let env = env();
    let file = env.own().join("tokens");
    let file = file.to_str().unwrap();
    let token = |name: &str| {
        let made = env.run(&["--json", "mcp", "token", "new", name, "--token-file", file]);
        let made = made.exits(0).json();
        format!("Bearer {}", made["token"].as_str().unwrap())
    };
    let (ada, bob) = (token("ada"), token("bob"));
    let served = Served::start(&env, &["--token-file", file]);
    for headers in [&[][..], &[("authorization", "Bearer 00")][..]] {
        let answer = served.modern(headers, "tools/list", json!({}));
        assert_eq!(answer.status, 401);
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer")
        );
        assert_eq!(served.ask("GET /metrics", headers, "").status, 401);
    }
    let (ada, bob) = ([("authorization", &*ada)], [("authorization", &*bob)]);
    let (path, text) = ("NOTES.md", "only Ada's");
    served.call(
        &ada,
        "files__write",
        &json!({"path": path, "content": text}),
    );
    let read = json!({"path": path});
    assert!(served.call(&ada, "files__read", &read).contains(text));
    assert!(!served.call(&bob, "files__read", &read).contains(text));
    served.stop();
    let shown = env
        .run(&["--json", "audit", "show"])
        .exits(0)
        .stdout
        .clone();
    assert!(
        shown.contains("\"ada\"") && shown.contains("\"bob\""),
        "{shown}"
    );
}

#[test]
fn sessions_have_executions_of_their_own_and_an_end_completes_them() {
    let env = env();
    let served = Served::start(&env, &[]);
    let (one, other) = (served.initialize(), served.initialize());
    let write = json!({"path": "NOTES.md", "content": "of one"});
    served.legacy(&one, "files__write", &write);
    let read = json!({"path": "NOTES.md"});
    assert!(served.legacy(&one, "files__read", &read).contains("of one"));
    assert!(
        !served
            .legacy(&other, "files__read", &read)
            .contains("of one")
    );
    served.stop();
    let listed = env
        .run(&["--json", "execution", "list"])
        .exits(0)
        .stdout
        .clone();
    assert!(listed.contains("\"kept\""), "{listed}");
}

#[test]
fn results_executions_and_sessions_of_one_caller_are_no_others() {
    let env = TestEnv::with_plugins(&["offers", "files"], YAML);
    env.write(".parac/config/mcp.yaml", "result_chars: 10\n");
    let (ada, bob) = (token(&env, "ada"), token(&env, "bob"));
    let served = Served::start(&env, &["--token-file", &token_file(&env)]);
    let (ada, bob) = ([("authorization", &*ada)], [("authorization", &*bob)]);
    let long = served.modern(
        &ada,
        "tools/call",
        json!({"name": "offers__long", "arguments": {"chars": 50}}),
    );
    let call = long.message()["result"]["_meta"]["dev.paracle/receipt"]["call"].clone();
    let uri = format!("result://{}", call.as_str().unwrap());
    assert!(served.read(&ada, &uri).contains("\"contents\""));
    assert!(served.read(&bob, &uri).contains("not kept"));

    let write = json!({"path": "NOTES.md", "content": "x"});
    served.call(&ada, "files__write", &write);
    let listed = served.modern(
        &ada,
        "tools/call",
        json!({"name": "execution_list", "arguments": {}}),
    );
    let listed = listed.message();
    let id = &listed["result"]["structuredContent"]["executions"][0]["id"];
    let id = id.as_str().unwrap_or_else(|| panic!("{listed}")).to_owned();
    let uri = format!("execution://{id}/log");
    assert!(served.read(&ada, &uri).contains("\"contents\""));
    assert!(served.read(&bob, &uri).contains("\"error\""));
    let which = json!({"execution": id});
    for tool in ["execution_diff", "execution_log", "execution_discard"] {
        let answer = served.call(&bob, tool, &which);
        assert!(answer.contains("none of your executions"), "{answer}");
    }

    let session = served.initialize_as(&ada);
    let message = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
    let of = |who: [(&str, &str); 1]| {
        let headers = [
            who[0],
            ("mcp-session-id", &*session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        served.post(&headers, &message).status
    };
    assert_eq!((of(ada), of(bob)), (200, 404));
}

#[test]
fn each_session_hears_of_its_own_executions_alone() {
    let env = env();
    let served = Served::start(&env, &[]);
    let (one, other) = (served.initialize(), served.initialize());
    let write = json!({"path": "NOTES.md", "content": "of one"});
    served.legacy(&one, "files__write", &write);
    let listed: Value =
        serde_json::from_str(&served.legacy(&one, "execution_list", &json!({}))).unwrap();
    let id = listed["result"]["structuredContent"]["executions"][0]["id"].clone();
    let uri = format!("execution://{}/log", id.as_str().unwrap());
    let subscribe = |session: &str| {
        let message = json!({"jsonrpc": "2.0", "id": 3, "method": "resources/subscribe", "params": {"uri": uri}});
        let headers = [
            ("mcp-session-id", session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        served.post(&headers, &message).message()
    };
    assert!(subscribe(&one).get("result").is_some());
    assert!(subscribe(&other).get("error").is_some());
}

#[test]
fn nobody_is_asked_to_grant_over_http() {
    let env = TestEnv::with_plugins(&["files"], "plugins: []\n");
    let served = Served::start(&env, &[]);
    let able = json!({"elicitation": {"form": {}}});
    let write = json!({"name": "files__write", "arguments": {"path": "a", "content": "b"}});
    let answer = served.modern_able(&[], &able, "tools/call", write);
    let answer = answer.message();
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(
        answer["result"]["_meta"]["dev.paracle/error"]["kind"],
        "denied"
    );
}

#[test]
fn questions_and_tasks_of_one_caller_are_no_others() {
    let yaml = "plugins:\n  - name: asks\n    grants: { ask: true, workspace: read-write }\n";
    let env = TestEnv::with_plugins(&["asks"], yaml);
    let (ada, bob) = (token(&env, "ada"), token(&env, "bob"));
    let served = Served::start(&env, &["--token-file", &token_file(&env)]);
    let (ada, bob) = ([("authorization", &*ada)], [("authorization", &*bob)]);
    let able = json!({
        "elicitation": {"form": {}},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    });
    let send = |who: &[(&str, &str)], method: &str, params: Value| {
        served.modern_able(who, &able, method, params).message()
    };

    let question = json!({"name": "asks__one", "arguments": {"what": "form"}});
    let asked = send(&ada, "tools/call", question.clone());
    let state = &asked["result"]["requestState"];
    assert!(state.is_string(), "{asked}");
    let mut back = question;
    back["requestState"] = state.clone();
    back["inputResponses"] = json!({"who": {"action": "accept", "content": {"name": "Bob"}}});
    let answer = send(&bob, "tools/call", back.clone());
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    back["inputResponses"] = json!({"who": {"action": "accept", "content": {"name": "Ada"}}});
    let answer = send(&ada, "tools/call", back);
    assert!(answer.to_string().contains("Hello, Ada!"), "{answer}");

    let job = json!({"name": "asks__job", "arguments": {"task": true, "end": "endless"}});
    let begun = send(&ada, "tools/call", job);
    let id = begun["result"]["taskId"].as_str();
    let id = id.unwrap_or_else(|| panic!("{begun}"));
    let named = |who: [(&'static str, &str); 1]| -> [(&'static str, String); 2] {
        [(who[0].0, who[0].1.to_owned()), ("mcp-name", id.to_owned())]
    };
    let (ada, bob) = (named(ada), named(bob));
    let of = |who: &[(&'static str, String); 2], method: &str, more: Value| {
        let headers: Vec<_> = who.iter().map(|(name, value)| (*name, &**value)).collect();
        let mut params = more;
        params["taskId"] = json!(id);
        send(&headers, method, params)
    };
    assert_eq!(of(&ada, "tasks/get", json!({}))["result"]["taskId"], id);
    for (method, more) in [
        ("tasks/get", json!({})),
        ("tasks/update", json!({"inputResponses": {}})),
        ("tasks/cancel", json!({})),
    ] {
        let answer = of(&bob, method, more);
        assert_eq!(answer["error"]["code"], -32602, "{method}: {answer}");
    }
    let status = |there: &Value| there["result"]["status"].clone();
    assert_eq!(status(&of(&ada, "tasks/get", json!({}))), "working");
    of(&ada, "tasks/cancel", json!({}));
    assert_eq!(status(&of(&ada, "tasks/get", json!({}))), "cancelled");
}

#[test]
fn who_is_asked_and_does_not_answer_keeps_nobody_from_a_plugin() {
    let yaml = "plugins:\n  - name: asks\n    grants: { ask: true }\n    limits: { calls: 2 }\n";
    let env = TestEnv::with_plugins(&["asks"], yaml);
    let (ada, bob) = (token(&env, "ada"), token(&env, "bob"));
    let served = Served::start(&env, &["--token-file", &token_file(&env)]);
    let (ada, bob) = ([("authorization", &*ada)], [("authorization", &*bob)]);
    let able = json!({"elicitation": {"form": {}}});
    let rounds = json!({"name": "asks__rounds", "arguments": {"rounds": 1}});
    // All sessions of one person have sixteen questions together, in whatever era.
    let mut asked = Vec::new();
    for _ in 0..2 {
        let session = served.initialize_able(&ada, &able);
        let headers = [
            ada[0],
            ("mcp-session-id", &*session),
            ("mcp-protocol-version", "2025-11-25"),
        ];
        for id in 0..8 {
            let message =
                json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": rounds});
            asked.push(served.begin(&headers, &message));
        }
    }
    let ask = |who: &[(&str, &str)]| {
        let answer = served.modern_able(who, &able, "tools/call", rounds.clone());
        answer.message().to_string()
    };
    let refused = "too many requests wait";
    assert!((0..=16).any(|_| ask(&ada).contains(refused)));
    assert!(ask(&bob).contains("requestState"));
}

#[test]
fn a_merge_that_meets_a_call_can_be_tried_again_and_loses_nothing() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "allow: [execution_merge]\n");
    let served = Served::start(&env, &[]);
    let write = |path: &str| {
        let answer = served.call(&[], "files__write", &json!({"path": path, "content": "x"}));
        answer.contains("\"isError\":false")
    };
    let merge = || served.call(&[], "execution_merge", &json!({}));
    let kept: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                scope.spawn(move || {
                    let paths = (0..4).map(|at| format!("file-{writer}-{at}"));
                    paths.filter(|path| write(path)).collect::<Vec<_>>()
                })
            })
            .collect();
        while !writers
            .iter()
            .all(std::thread::ScopedJoinHandle::is_finished)
        {
            merge();
        }
        let kept = writers.into_iter().flat_map(|one| one.join().unwrap());
        kept.collect()
    });
    let last = merge();
    let done = last.contains("\"merged\":true") || last.contains("it changed nothing");
    assert!(done, "{last}");
    let there = env.git(&["ls-tree", "--name-only", "main"]);
    let gone = |path: &&String| !there.lines().any(|line| line == **path);
    let missing: Vec<_> = kept.iter().filter(gone).collect();
    assert!(
        !kept.is_empty() && missing.is_empty(),
        "{missing:?} of {kept:?}"
    );
    served.stop();
    let listed = env.run(&["--json", "execution", "list"]).exits(0);
    assert!(
        !listed.stdout.contains("\"interrupted\": true"),
        "{}",
        listed.stdout
    );
}
