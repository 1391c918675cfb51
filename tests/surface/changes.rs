//! Who is told what reads differently.

use serde_json::{Value, json};

use super::{YAML, both, each, env};
use crate::common::{McpServer, TestEnv};

const TOOLS: &str = "notifications/tools/list_changed";
const PROMPTS: &str = "notifications/prompts/list_changed";
const RESOURCES: &str = "notifications/resources/list_changed";
const UPDATED: &str = "notifications/resources/updated";

fn change(server: &mut McpServer, what: &str) {
    server.call("offers__change", json!({"what": what}));
}

fn say(server: &mut McpServer, uri: &str) {
    server.call("offers__say", json!({"uris": [uri]}));
}

fn methods(heard: &[Value]) -> Vec<&str> {
    heard
        .iter()
        .map(|told| told["method"].as_str().unwrap())
        .collect()
}

fn description(server: &mut McpServer) -> String {
    let listed = server.request("tools/list", json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let greet = tools
        .iter()
        .find(|tool| tool["name"] == "offers__greet")
        .unwrap();
    greet["description"].as_str().unwrap().to_owned()
}

#[test]
fn a_legacy_connection_is_told_of_every_list_and_of_what_it_subscribed_to() {
    let env = env();
    let [mut server, _] = both(&env);
    let subscribe = |server: &mut McpServer, method: &str, uri: &str| {
        let reply = server.request(method, json!({"uri": uri}));
        assert_eq!(reply["result"], json!({}), "{reply}");
    };
    subscribe(&mut server, "resources/subscribe", "offers://text");
    subscribe(&mut server, "resources/subscribe", "offers://bytes");
    subscribe(&mut server, "resources/unsubscribe", "offers://bytes");
    for uri in ["offers://bytes", "offers://other", "offers://text"] {
        say(&mut server, uri);
    }
    assert_eq!(server.told(UPDATED)["params"]["uri"], "offers://text");
    for (what, told) in [
        ("resources", RESOURCES),
        ("prompts", PROMPTS),
        ("tools", TOOLS),
    ] {
        change(&mut server, what);
        server.told(told);
    }
    assert!(server.heard().is_empty(), "and nothing else");
    let listed = server.request("prompts/list", json!({}));
    assert!(
        each(&listed["result"]["prompts"], "name").contains(&"offers__later"),
        "{listed}"
    );
}

#[test]
fn a_modern_client_hears_only_what_it_listens_to() {
    let env = env();
    let [_, mut server] = both(&env);
    change(&mut server, "resources");
    let wants = json!({
        "resourcesListChanged": true,
        "resourceSubscriptions": ["offers://text", "execution://nobody/diff"],
    });
    let id = server.begin("subscriptions/listen", json!({"notifications": wants}));
    let acknowledged = server.told("notifications/subscriptions/acknowledged");
    assert!(server.heard().is_empty(), "it is acknowledged first");
    let accepted = &acknowledged["params"]["notifications"];
    assert_eq!(
        *accepted,
        json!({"resourcesListChanged": true, "resourceSubscriptions": ["offers://text"]}),
        "{acknowledged}"
    );
    change(&mut server, "tools");
    say(&mut server, "offers://bytes");
    say(&mut server, "offers://text");
    change(&mut server, "resources");
    let told = server.told(RESOURCES);
    assert_eq!(
        told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id,
        "{told}"
    );
    let heard = server.heard();
    assert_eq!(methods(&heard), [UPDATED], "{heard:?}");
    server.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id},
    }));
    server.close();
}

#[test]
fn other_tools_are_offered_once_their_plugin_was_asked_again() {
    let env = env();
    let [mut server, _] = both(&env);
    let before = description(&mut server);
    change(&mut server, "tools");
    server.told(TOOLS);
    assert_ne!(before, "Greets in another way");
    assert_eq!(description(&mut server), "Greets in another way");
    server.close();
}

#[test]
fn what_a_person_approved_and_is_another_now_waits_and_the_old_stays() {
    let env = TestEnv::with_plugins(&["offers"], YAML);
    env.trust(&["offers"]);
    let mut server = env.mcp_with_log();
    server.initialize();
    let before = description(&mut server);
    change(&mut server, "tools");
    // The host is done with it when it is done with what came after.
    while !env.log().contains("was approved on this machine") {
        say(&mut server, "offers://text");
        assert!(!methods(&server.heard()).contains(&TOOLS));
    }
    assert_eq!(description(&mut server), before);
    assert!(!methods(&server.heard()).contains(&TOOLS));
    server.close();
}

#[test]
fn subscriptions_of_a_connection_are_bounded() {
    let env = env();
    let [mut server, _] = both(&env);
    for number in 0..256 {
        let uri = format!("offers://items/{number}");
        let reply = server.request("resources/subscribe", json!({"uri": uri}));
        assert!(reply.get("error").is_none(), "{reply}");
    }
    let reply = server.request("resources/subscribe", json!({"uri": "offers://text"}));
    assert_eq!(reply["error"]["code"], -32602, "{reply}");
}

#[test]
fn a_connection_that_hears_too_much_at_once_is_told_that_all_may_have_changed() {
    let env = env();
    let [mut server, _] = both(&env);
    server.request("resources/subscribe", json!({"uri": "offers://text"}));
    let uris = vec!["offers://text"; 500];
    // More than the way takes at once, and nobody reads meanwhile.
    server.call("offers__say", json!({"uris": uris, "times": 200}));
    for told in [TOOLS, RESOURCES, PROMPTS] {
        server.told(told);
    }
    server.close();
}
