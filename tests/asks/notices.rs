//! How far a call is, and lines of a plugin's log: before the answer, in order, and only where they are wanted.

use serde_json::{Value, json};

use super::{env, legacy, modern};
use crate::common::McpServer;

/// Calls the tool that tells, and returns what was told before the answer: progress and lines.
fn tells(server: &mut McpServer, meta: &Value) -> (Vec<f64>, Vec<String>) {
    let params = json!({"name": "asks__tells", "arguments": {}, "_meta": meta});
    let reply = server.request("tools/call", params);
    assert_eq!(reply["result"]["content"][0]["text"], "told", "{reply}");
    let (mut progress, mut lines) = (Vec::new(), Vec::new());
    for told in server.heard() {
        let params = &told["params"];
        match told["method"].as_str().unwrap() {
            "notifications/progress" => {
                assert_eq!(params["progressToken"], "mine", "{told}");
                assert_eq!(params["total"], 3.0, "{told}");
                assert!(
                    params["message"].as_str().unwrap().starts_with("step "),
                    "{told}"
                );
                progress.push(params["progress"].as_f64().unwrap());
            }
            "notifications/message" => {
                assert_eq!(params["logger"], "asks", "{told}");
                lines.push(params["level"].as_str().unwrap().to_owned());
            }
            other => panic!("{other}: {told}"),
        }
    }
    // A second answer shows that nothing comes late.
    server.request("tools/list", json!({}));
    assert!(server.heard().is_empty());
    (progress, lines)
}

#[test]
fn progress_arrives_before_the_answer_in_order_and_only_where_wanted() {
    let env = env();
    for mut server in [legacy(&env), modern(&env)] {
        let (progress, _) = tells(&mut server, &json!({"progressToken": "mine"}));
        assert_eq!(progress, [1.0, 2.0, 3.0]);
        let (progress, _) = tells(&mut server, &json!({}));
        assert!(progress.is_empty());
        server.close();
    }
}

#[test]
fn a_legacy_client_hears_lines_from_the_level_on_that_it_set() {
    let env = env();
    let mut server = legacy(&env);
    assert_eq!(
        tells(&mut server, &json!({})).1,
        ["info", "warning", "error"]
    );
    for (level, heard) in [
        ("debug", &["debug", "info", "warning", "error"][..]),
        ("error", &["error"]),
        ("critical", &[]),
    ] {
        let reply = server.request("logging/setLevel", json!({"level": level}));
        assert!(reply.get("error").is_none(), "{reply}");
        assert_eq!(tells(&mut server, &json!({})).1, heard);
    }
    server.close();
}

#[test]
fn a_modern_request_hears_lines_from_the_level_on_that_it_names_and_else_none() {
    let env = env();
    let mut server = modern(&env);
    assert!(tells(&mut server, &json!({})).1.is_empty());
    let meta = json!({"io.modelcontextprotocol/logLevel": "warning"});
    assert_eq!(tells(&mut server, &meta).1, ["warning", "error"]);
    assert!(tells(&mut server, &json!({})).1.is_empty());
    server.close();
}
