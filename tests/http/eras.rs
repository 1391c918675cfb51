//! Both eras, and an end that loses nothing.

use serde_json::json;

use super::{Served, YAML, env};
use crate::common::TestEnv;

#[test]
fn both_eras_are_served_over_http() {
    let env = env();
    let served = Served::start(&env, &[]);
    let greeted = served.call(&[], "hello__greet", &json!({"name": "Ada"}));
    assert!(greeted.contains("Hello, Ada!"), "{greeted}");
    let session = served.initialize();
    let greeted = served.legacy(&session, "hello__greet", &json!({"name": "Bob"}));
    assert!(greeted.contains("Hello, Bob!"), "{greeted}");
    assert_eq!(served.ask("GET /healthz", &[], "").status, 200);
    assert_eq!(served.ask("GET /readyz", &[], "").status, 200);
    let metrics = served.ask("GET /metrics", &[], "");
    assert!(
        metrics.body.contains("paracle_callers 2"),
        "{}",
        metrics.body
    );
    served.stop();
}

#[test]
fn an_end_lets_calls_finish_and_takes_no_more() {
    let env = TestEnv::with_plugins(&["spin", "files"], YAML);
    let served = Served::start(&env, &[]);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| served.call(&[], "spin__sleep", &json!({"ms": 3000})));
        served.until("requests_in_flight", |flying| flying == 1);
        // A request that was read may not be a call yet.
        let began = || {
            let records = env.run(&["--json", "audit", "show"]).exits(0).stdout;
            records.contains("spin__sleep")
        };
        assert!((0..1000).any(|_| began()), "the call did not begin");
        served.terminate();
        let slow = slow.join().unwrap();
        assert!(slow.contains("slept 3000 ms"), "{slow}");
    });
    served.stop();
}

#[test]
fn an_end_lets_tasks_finish_as_it_does_calls() {
    let yaml = "plugins:\n  - name: asks\n    grants: { ask: true, workspace: read-write }\n";
    let env = TestEnv::with_plugins(&["asks"], yaml);
    let served = Served::start(&env, &[]);
    let able = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let job =
        json!({"name": "asks__job", "arguments": {"task": true, "ms": 3000, "writes": "late.txt"}});
    let begun = served.modern_able(&[], &able, "tools/call", job).message();
    let id = begun["result"]["taskId"].as_str().unwrap().to_owned();
    served.stop();
    let listed = env.run(&["--json", "execution", "list"]).exits(0).json();
    assert_eq!(listed[0]["status"], "kept", "{listed}");
    // Whoever comes back after a restart finds it with its result.
    let served = Served::start(&env, &[]);
    let headers = [("mcp-name", &*id)];
    let task = served.modern_able(&headers, &able, "tasks/get", json!({"taskId": id}));
    assert_eq!(
        task.message()["result"]["status"],
        "completed",
        "{}",
        task.body
    );
}

#[test]
fn a_client_that_goes_away_ends_its_call() {
    let env = TestEnv::with_plugins(&["spin"], "plugins: []\n");
    let served = Served::start(&env, &[]);
    let stream = served.begin_modern("tools/call", json!({"name": "spin__spin", "arguments": {}}));
    served.until("requests_in_flight", |flying| flying == 1);
    drop(stream);
    let cancelled = r#"calls_total{plugin="spin",tool="spin",outcome="cancelled"}"#;
    served.until(cancelled, |calls| calls == 1);
    served.until("requests_in_flight", |flying| flying == 0);
}

#[test]
fn calls_are_counted_by_tool_and_outcome_and_made_up_names_are_not() {
    let env = env();
    let served = Served::start(&env, &[]);
    served.call(&[], "hello__greet", &json!({"name": "Ada"}));
    served.call(&[], "hello__greet", &json!({"nobody": 1}));
    for at in 0..5 {
        served.call(&[], &format!("made__up{at}"), &json!({}));
        served.call(&[], &format!("hello__up{at}"), &json!({}));
    }
    for (labels, count) in [
        (r#"{plugin="hello",tool="greet",outcome="ok"}"#, 1),
        (r#"{plugin="hello",tool="greet",outcome="arguments"}"#, 1),
        (r#"{plugin="",tool="",outcome="unknown-tool"}"#, 10),
    ] {
        assert_eq!(
            served.number(&format!("calls_total{labels}")),
            count,
            "{labels}"
        );
    }
    assert_eq!(served.number("call_duration_seconds_count"), 12);
    let text = served.ask("GET /metrics", &[], "").body;
    assert!(!text.contains("up0"), "{text}");
}

#[test]
fn a_method_that_is_there_no_more_says_what_to_do_instead() {
    let env = env();
    let served = Served::start(&env, &[]);
    for (method, instead) in [
        ("resources/subscribe", "subscriptions/listen"),
        ("resources/unsubscribe", "subscriptions/listen"),
        ("logging/setLevel", "logLevel"),
    ] {
        let params = json!({"uri": "execution://x/log", "level": "info"});
        let answer = served.modern(&[("mcp-name", "execution://x/log")], method, params.clone());
        let answer = answer.message();
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains(instead),
            "{answer}"
        );
        let mut pipe = env.mcp();
        pipe.discover();
        let answer = pipe.request(method, params);
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains(instead),
            "{answer}"
        );
        pipe.close();
    }
}
