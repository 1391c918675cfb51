//! Pages of others, other names for this machine, and binds that would let others in or listen.

use serde_json::json;

use super::{Served, env, token, token_file};

#[test]
fn other_pages_and_other_names_for_this_machine_are_refused() {
    let env = env();
    let served = Served::start(&env, &[]);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
    ] {
        let answer = served.modern(&[(name, value)], "tools/list", json!({}));
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert_eq!(served.ask("GET /metrics", &[(name, value)], "").status, 403);
    }
    assert_eq!(served.modern(&[], "tools/list", json!({})).status, 200);
}

#[test]
fn a_page_that_rebinds_its_name_reaches_nothing() {
    let env = env();
    let served = Served::start(&env, &[]);
    let port = served.address.rsplit_once(':').unwrap().1;
    // The page's own name leads here now: to the browser, it is the same origin.
    let (host, origin) = (
        format!("evil.example:{port}"),
        format!("http://evil.example:{port}"),
    );
    for headers in [
        &[("host", &*host), ("origin", &*origin)][..],
        &[("host", &*host)][..],
        &[("origin", &*origin)][..],
    ] {
        let write = json!({"name": "files__write", "arguments": {"path": "a", "content": "b"}});
        assert_eq!(served.modern(headers, "tools/call", write).status, 403);
        assert_eq!(served.ask("DELETE /mcp", headers, "").status, 403);
        assert_eq!(served.ask("GET /mcp", headers, "").status, 403);
        assert_eq!(served.ask("GET /metrics", headers, "").status, 403);
    }
    served.stop();
    assert!(!env.git(&["branch", "--list", "exec/*"]).contains("exec/"));
}

#[test]
fn names_and_origins_that_are_listed_come_in() {
    let env = env();
    env.write(
        ".parac/config/mcp.yaml",
        "hosts: [tools.example]\norigins: ['https://app.example:443']\n",
    );
    let served = Served::start(&env, &[]);
    for (host, origin, status) in [
        ("tools.example", "https://app.example", 200),
        ("tools.example:8765", "https://app.example:443", 200),
        ("tools.example", "http://app.example", 403),
        ("tools.example", "https://app.example.evil.example", 403),
        ("tools.example.evil.example", "https://app.example", 403),
    ] {
        let headers = [("host", host), ("origin", origin)];
        let answer = served.modern(&headers, "tools/list", json!({}));
        assert_eq!(answer.status, status, "{host} {origin}");
    }
}

#[test]
fn a_bind_beyond_this_machine_needs_tokens() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let env = env();
        env.write(".parac/config/mcp.yaml", "behind_proxy: true\n");
        let run = env.run(&["mcp", "serve", "--http", address]);
        run.exits(2).says(&["mcp token new"]);
    }
}

#[test]
fn a_bind_beyond_this_machine_in_the_clear_needs_a_proxy() {
    let env = env();
    let ada = token(&env, "ada");
    let file = token_file(&env);
    let words = ["mcp", "serve", "--http", "0.0.0.0:0", "--token-file", &file];
    env.run(&words)
        .exits(2)
        .says(&["in the clear", "--tls-cert", "behind_proxy: true"]);
    env.write(".parac/config/mcp.yaml", "behind_proxy: true\n");
    let mut served = Served::start_at(&env, "0.0.0.0:0", &["--token-file", &file]);
    served.address = served.address.replace("0.0.0.0", "127.0.0.1");
    let listed = served.modern(&[("authorization", &ada)], "tools/list", json!({}));
    assert_eq!(listed.status, 200);
}

#[test]
fn a_request_that_is_too_large_is_refused() {
    let env = env();
    env.write(".parac/config/mcp.yaml", "body_kib: 64\n");
    let served = Served::start(&env, &[]);
    let fits = json!({"name": "hello__greet", "arguments": {"name": "a".repeat(60 << 10)}});
    assert_eq!(served.modern(&[], "tools/call", fits).status, 200);
    let large = json!({"name": "hello__greet", "arguments": {"name": "a".repeat(65 << 10)}});
    assert_eq!(served.modern(&[], "tools/call", large).status, 413);
    for body in ["", "{", "[]", "null", "\u{0}", "{\"jsonrpc\":\"2.0\"}"] {
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        let status = served.ask("POST /mcp", &headers, body).status;
        assert!((400..500).contains(&status), "{body}: {status}");
    }
    assert_eq!(served.ask("GET /healthz", &[], "").status, 200);
}
