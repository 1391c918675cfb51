//! What scopes hide: what is said of plugins that they do not name, and what those say.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use super::Served;
use super::keys::Key;
use super::oauth::{claims, trusts};
use crate::common::TestEnv;

const SCOPES: &str = "scopes:\n  hello: { tools: [hello__*] }\n  offers: { tools: [offers__*] }\n  look: { tools: [files__*], workspace: read-only }\n";

/// A server, and the header of a token with a scope.
fn served(env: &TestEnv) -> (Served, impl Fn(&str) -> String) {
    let key = Key::ed();
    trusts(env, &json!([key.public("d")]), SCOPES);
    let bearer = move |scope: &str| format!("Bearer {}", key.token("d", &claims("ada", scope)));
    (Served::start(env, &[]), bearer)
}

#[test]
fn a_readme_is_of_plugins_that_the_scopes_name_and_says_what_they_give() {
    let env = TestEnv::with_plugins(&["files"], "plugins: []\n");
    let secret = env.outside("secret-folder");
    std::fs::create_dir_all(&secret).unwrap();
    let secret = secret.display();
    let grants = format!("{{ workspace: read-write, directories: ['{secret}:/notes:ro'] }}");
    env.write(
        ".parac/config/plugins.yaml",
        &format!("plugins:\n  - name: files\n    grants: {grants}\n"),
    );
    env.trust(&["files"]);
    let (served, bearer) = served(&env);
    let read = |scope: &str| {
        let bearer = bearer(scope);
        served.read(&[("authorization", &bearer)], "plugin://files/readme")
    };
    let readme = read("look");
    assert!(
        readme.contains("Given now: workspace=read-only."),
        "{readme}"
    );
    for scope in ["", "hello"] {
        let refused = read(scope);
        assert!(refused.contains("\"error\""), "{refused}");
        let bearer = bearer(scope);
        let listed = served.modern(&[("authorization", &bearer)], "resources/list", json!({}));
        assert!(!listed.body.contains("plugin://files"), "{}", listed.body);
    }
    served.stop();
    // Whoever has all that was granted learns where plugins find it, and not where it is.
    env.write(".parac/config/mcp.yaml", "");
    let served = Served::start(&env, &[]);
    let readme = served.read(&[], "plugin://files/readme");
    assert!(readme.contains("…:/notes:ro"), "{readme}");
    assert!(!readme.contains("secret-folder"), "{readme}");
}

#[test]
fn who_may_not_read_a_plugin_hears_of_none_of_its_addresses() {
    let env = TestEnv::with_plugins(&["hello", "offers"], "plugins: []\n");
    let (served, bearer) = served(&env);
    let said = ["offers://text", "offers://of-others"];
    let listen = |scope: &str| {
        let bearer = bearer(scope);
        let params = json!({
            "notifications": {"resourceSubscriptions": said},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        });
        let message =
            json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params});
        let headers = [
            ("authorization", &*bearer),
            ("mcp-protocol-version", "2026-07-28"),
            ("mcp-method", "subscriptions/listen"),
        ];
        let stream = served.begin(&headers, &message);
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("acknowledged")).unwrap();
        (line, lines)
    };
    let (heard, _) = listen("hello");
    assert!(!heard.contains("offers://"), "{heard}");
    let (heard, mut lines) = listen("offers");
    assert!(
        heard.contains(said[0]) && heard.contains(said[1]),
        "{heard}"
    );
    let offers = bearer("offers");
    served.call(
        &[("authorization", &offers)],
        "offers__say",
        &json!({"uris": said}),
    );
    assert!(lines.any(|line| line.contains("resources/updated") && line.contains(said[0])));

    let hello = bearer("hello");
    let session = served.initialize_as(&[("authorization", &hello)]);
    let subscribe = json!({"jsonrpc": "2.0", "id": 3, "method": "resources/subscribe", "params": {"uri": said[0]}});
    let headers = [
        ("authorization", &*hello),
        ("mcp-session-id", &*session),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    let answer: Value = served.post(&headers, &subscribe).message();
    assert!(answer.get("error").is_some(), "{answer}");
}
