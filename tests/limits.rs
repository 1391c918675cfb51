//! Every limit of a call, reached by a guest that does not care: the call ends, and says which limit, how much, and which key.

use serde_json::{Value, json};

use crate::common::{McpServer, Output, TestEnv};

/// Calls a tool and returns the whole document.
fn run(env: &TestEnv, tool: &str, arguments: &Value) -> Output {
    env.run(&["run", tool, "--args", &arguments.to_string(), "--json"])
}

/// Expects a call to end of a limit.
#[track_caller]
fn reaches(output: Output, name: &str, value: u64, key: &str) -> Value {
    let document = output
        .exits(5)
        .says(&[&format!("limit of {value} "), &format!("{key}: …")])
        .json();
    let error = &document["error"];
    assert_eq!(error["kind"], "limit", "{document}");
    assert_eq!(error["limit"]["name"], name, "{document}");
    assert_eq!(error["limit"]["value"], value, "{document}");
    assert_eq!(error["limit"]["key"], key, "{document}");
    document
}

/// A repository with one plugin that has a limit, and may write.
fn limited(plugin: &str, limits: &str) -> TestEnv {
    TestEnv::with_plugins(
        &[plugin, "hello"],
        &format!(
            "plugins: [{{name: {plugin}, grants: {{workspace: read-write, tools: ['*']}}, limits: {{{limits}}}}}]"
        ),
    )
}

/// Pushes at a limit with the hostile guest.
#[track_caller]
fn pushed(limits: &str, arguments: &Value, name: &str, value: u64, key: &str) -> Value {
    let env = limited("hostile", limits);
    let document = reaches(run(&env, "hostile__push", arguments), name, value, key);
    // Nothing of it lands, and the next call finds a host that lives.
    assert_eq!(env.git(&["branch", "--list", "exec/*"]), "");
    drop(run(&env, "hello__greet", &json!({"name": "Ada"})).exits(0));
    document
}

#[test]
pub(crate) fn a_call_over_its_memory_is_told_which_key() {
    let env = limited("hungry", "memory_mib: 32");
    drop(run(&env, "hungry__allocate", &json!({"mib": 8})).exits(0));
    let output = run(&env, "hungry__allocate", &json!({"mib": 64}));
    reaches(output, "memory", 32, "memory_mib");
}

#[test]
pub(crate) fn a_call_over_its_wall_time_is_ended_and_told_which_key() {
    let env = limited("spin", "time_ms: 200");
    for (tool, arguments) in [
        ("spin__spin", json!({})),
        ("spin__sleep", json!({"ms": 86_400_000})),
    ] {
        reaches(run(&env, tool, &arguments), "time", 200, "time_ms");
    }
}

#[test]
pub(crate) fn a_call_over_its_cpu_time_is_ended_and_told_which_key() {
    let env = limited("spin", "cpu_ms: 50, time_ms: 86400000");
    let document = reaches(run(&env, "spin__spin", &json!({})), "cpu", 50, "cpu_ms");
    let used = document["error"]["usage"]["cpu_us"].as_u64().unwrap();
    assert!(used > 50_000, "{document}");
    // To wait uses none.
    drop(run(&env, "spin__sleep", &json!({"ms": 200})).exits(0));
}

#[test]
pub(crate) fn a_loop_through_host_calls_is_ended_by_their_count() {
    let document = pushed(
        "host_calls: 5000, cpu_ms: 86400000, time_ms: 86400000",
        &json!({"what": "call"}),
        "host-calls",
        5000,
        "host_calls",
    );
    assert_eq!(document["error"]["usage"]["host_calls"], 5001, "{document}");
    // And where the count is large, by the processor time.
    pushed(
        "host_calls: 1000000000000, cpu_ms: 50, time_ms: 86400000",
        &json!({"what": "call"}),
        "cpu",
        50,
        "cpu_ms",
    );
}

#[test]
pub(crate) fn a_flood_of_log_lines_ends_the_call() {
    for what in ["say", "log", "swallow"] {
        let call = json!({"what": what, "n": 100_000});
        pushed("log_lines: 10", &call, "log-lines", 10, "log_lines");
        pushed("log_kib: 2", &call, "log-bytes", 2, "log_kib");
    }
}

#[test]
pub(crate) fn a_result_over_its_size_is_told_which_key() {
    let call = json!({"what": "structured", "n": 3000});
    pushed("result_kib: 2", &call, "result", 2, "result_kib");
}

#[test]
pub(crate) fn a_call_over_its_files_is_ended_whatever_it_makes_of_it() {
    let call = json!({"what": "files", "n": 1_000_000, "path": "/workspace/many"});
    let document = pushed("files: 20", &call, "files", 20, "files");
    assert_eq!(document["error"]["usage"]["files"], 20, "{document}");
    let call = json!({"what": "files-swallow", "n": 1_000_000, "path": "/workspace/many"});
    pushed("files: 20", &call, "files", 20, "files");
}

#[test]
pub(crate) fn a_call_over_what_it_may_write_is_ended() {
    let call = json!({"what": "fill", "n": 3 << 20, "path": "/workspace/large"});
    pushed("write_mib: 2", &call, "written", 2, "write_mib");
    let call = json!({"what": "sparse", "n": 3 << 20, "path": "/workspace/large"});
    pushed("write_mib: 2", &call, "written", 2, "write_mib");
}

#[test]
pub(crate) fn one_file_over_its_size_is_told_which_key() {
    let ten_gib = json!({"what": "sparse", "n": 3_000_000_000_u64, "path": "/workspace/large"});
    pushed("file_mib: 2", &ten_gib, "file-size", 2, "file_mib");
}

#[test]
pub(crate) fn a_leak_of_handles_is_told_which_key() {
    let call = json!({"what": "handles", "n": 100_000, "path": "/workspace/README.md"});
    pushed("handles: 100", &call, "handles", 100, "handles");
}

#[test]
pub(crate) fn what_open_files_hold_is_told_which_key() {
    let env = limited("hostile", "held_mib: 1");
    for n in 0..3_u8 {
        env.write_bytes(&format!("large/{n}"), &vec![n; 600 << 10]);
    }
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=much"]);
    let hold = |n| json!({"what": "hold", "path": "/workspace/large", "n": n});
    drop(run(&env, "hostile__push", &hold(1)).exits(0));
    let output = run(&env, "hostile__push", &hold(3));
    reaches(output, "held", 1, "held_mib");
}

#[test]
pub(crate) fn plugins_that_call_each_other_end_at_their_depth() {
    // A tool that calls itself.
    for depth in [0, 1, 3] {
        let env = limited("hostile", &format!("depth: {depth}"));
        let relay = json!({"what": "relay", "path": "hostile__push"});
        let output = run(&env, "hostile__push", &relay);
        reaches(output, "depth", depth, "depth");
    }
}

#[test]
fn a_refusal_that_the_guest_lives_with_does_not_end_its_call() {
    let env = limited("hostile", "file_mib: 2");
    let call = json!({"what": "sparse-swallow", "n": 3_000_000, "path": "/workspace/large"});
    drop(run(&env, "hostile__push", &call).exits(0));
}

#[test]
pub(crate) fn a_limit_is_the_least_of_what_the_entry_the_repository_and_the_person_say() {
    let env = TestEnv::with_plugins(
        &["spin", "hello"],
        "limits: {time_ms: 300, cpu_ms: 20000}\nplugins: [{name: spin, limits: {time_ms: 86400000, cpu_ms: 86400000, log_lines: 7}}]",
    );
    let shown = || {
        let shown = env.run(&["plugin", "show", "spin", "--json"]).exits(0);
        shown.json()
    };
    let spin = || env.run(&["run", "spin__sleep", "ms=86400000", "--json"]);
    let document = reaches(spin(), "time", 300, "time_ms");
    let said = document["error"]["message"].as_str().unwrap();
    assert!(said.contains("at the top of plugins.yaml"), "{said}");
    let limits = shown();
    assert_eq!(limits["limits"]["time_ms"], 300, "{limits}");
    assert_eq!(limits["limits"]["log_lines"], 7, "{limits}");
    let set_by = json!({"time_ms": "repository", "cpu_ms": "repository", "log_lines": "plugin"});
    assert_eq!(limits["limits_set_by"], set_by, "{limits}");

    env.write_own("config.yaml", "limits: {time_ms: 100, log_lines: 100}\n");
    let document = reaches(spin(), "time", 100, "time_ms");
    let said = document["error"]["message"].as_str().unwrap();
    assert!(said.contains("config.yaml"), "{said}");
    let limits = shown();
    assert_eq!(limits["limits"]["time_ms"], 100, "{limits}");
    assert_eq!(limits["limits_set_by"]["time_ms"], "person", "{limits}");
    // A cap gives nothing.
    assert_eq!(limits["limits"]["log_lines"], 7, "{limits}");
    let shown = env.run(&["plugin", "show", "spin"]).exits(0).stdout;
    let said = "time_ms 100 (capped by your config.yaml)";
    assert!(shown.contains(said), "{shown}");
    // Of a plugin without an entry, too.
    let hello = env.run(&["plugin", "show", "hello", "--json"]).exits(0);
    assert_eq!(hello.json()["limits"]["time_ms"], 100);
}

#[test]
fn a_limit_that_is_none_is_an_error_with_its_place() {
    for (limits, said) in [
        ("memory: 5", "there is no limit `memory`"),
        ("memory_mib: 4096", "memory_mib is 4096; use 1 to 2048"),
        ("calls: 0", "calls is 0; use 1 to 64"),
        ("depth: 9", "depth is 9; use 0 to 8"),
    ] {
        let env = limited("hello", limits);
        env.run(&["plugin", "list"])
            .exits(2)
            .says(&["plugins.yaml:1:", said]);
        let env = TestEnv::with_plugins(&["hello"], "");
        env.write_own("config.yaml", &format!("limits:\n  {limits}\n"));
        env.run(&["plugin", "list"])
            .exits(2)
            .says(&["config.yaml:2:", said]);
    }
    let env = TestEnv::with_plugins(&["hello"], "");
    env.write_own("config.yaml", "limit: {}\n");
    env.run(&["plugin", "list"])
        .exits(2)
        .says(&["config.yaml:1:1"]);
}

#[test]
pub(crate) fn what_a_call_took_is_in_its_receipt() {
    let env = limited("hostile", "");
    let call = json!({"what": "files", "n": 3, "path": "/workspace/many"});
    let receipt = run(&env, "hostile__push", &call).exits(0).json();
    let usage = &receipt["usage"];
    for key in [
        "time_us",
        "cpu_us",
        "memory",
        "table_elements",
        "host_calls",
        "result_bytes",
        "handles",
    ] {
        assert!(usage[key].as_u64().unwrap() > 0, "{key}: {usage}");
    }
    // The folder and the files; each has two bytes.
    assert_eq!(usage["files"], 4, "{usage}");
    assert_eq!(usage["written"], 6, "{usage}");
    for key in ["http_requests", "http_in", "http_out", "depth"] {
        assert_eq!(usage[key], 0, "{key}: {usage}");
    }
    let receipt = run(&env, "hostile__push", &json!({"what": "say", "n": 5}))
        .exits(0)
        .json();
    assert_eq!(receipt["usage"]["log_lines"], 5, "{receipt}");
    assert!(
        receipt["usage"]["log_bytes"].as_u64().unwrap() > 1000,
        "{receipt}"
    );

    let mut server = env.mcp();
    server.initialize();
    let result = server.call("hello__greet", json!({"name": "Ada"}));
    let meta = &result["_meta"]["dev.paracle/receipt"]["usage"];
    assert!(meta["memory"].as_u64().unwrap() > 0, "{result}");
    let result = server.call("hostile__push", json!({"what": "error"}));
    assert_eq!(result["isError"], true, "{result}");
    server.close();
}

#[test]
pub(crate) fn what_a_call_took_is_told_to_observers() {
    let env = TestEnv::with_plugins(
        &["watcher", "spin"],
        "plugins: [{name: watcher, config: {says: true}}, {name: spin, limits: {cpu_ms: 20}}]",
    );
    let log = env.run(&["run", "spin__spin", "-v"]).exits(5).stderr;
    let told = log
        .lines()
        .find(|line| line.contains("step") && line.contains("cpu_us"));
    let told = told.unwrap_or_else(|| panic!("{log}"));
    let used = told.split("\"cpu_us\":").nth(1).unwrap();
    let used: u64 = used.split(',').next().unwrap().parse().unwrap();
    assert!(used >= 20_000, "{told}");
}

#[test]
pub(crate) fn a_crowd_of_one_plugins_calls_leaves_room_for_the_others() {
    let env = TestEnv::with_plugins(
        &["spin", "hello"],
        "plugins: [{name: spin, limits: {time_ms: 86400000, cpu_ms: 86400000}}]",
    );
    let mut server = env.mcp();
    server.initialize();
    // As many as run at once in all: they would hold every turn for a day.
    let spinning: Vec<i64> = (0..64)
        .map(|_| server.begin_call("spin__spin", json!({})))
        .collect();
    for n in 0..20 {
        let result = server.call("hello__greet", json!({"name": format!("{n}")}));
        assert_eq!(result["content"][0]["text"], format!("Hello, {n}!"));
    }
    assert!(!spinning.iter().any(|id| server.answered(*id)));
    // The rest wait, and a cancelled one gives its place to the next.
    for id in spinning {
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    }
    let result = server.call("spin__sleep", json!({"ms": 1}));
    assert_eq!(result["isError"], false, "{result}");
    server.close();
}

#[test]
fn a_plugin_may_have_as_many_calls_at_once_as_its_limit_says() {
    let env = limited("spin", "calls: 1, time_ms: 86400000, cpu_ms: 86400000");
    let mut server = env.mcp();
    server.initialize();
    let greet = |server: &mut McpServer, times| {
        for _ in 0..times {
            let result = server.call("hello__greet", json!({"name": "Ada"}));
            assert_eq!(result["isError"], false, "{result}");
        }
    };
    let spinning = server.begin_call("spin__spin", json!({}));
    greet(&mut server, 10);
    let waiting = server.begin_call("spin__echo", json!({"value": 1}));
    greet(&mut server, 50);
    assert!(!server.answered(waiting), "the second did not wait");
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": spinning}}));
    let reply = server.reply(waiting);
    assert_eq!(reply["result"]["isError"], false, "{reply}");
    server.close();
}

#[test]
fn the_table_of_the_docs_is_the_hosts_own() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    for name in paracle_host::model::LimitName::ALL {
        let spec = name.spec();
        let row = format!(
            "| `{}` | {} | {} | {} to {} |",
            spec.key, spec.unit, spec.default, spec.least, spec.most
        );
        assert!(docs.contains(&row), "docs/configuration.md lacks:\n{row}");
    }
}
