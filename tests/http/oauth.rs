//! Tokens of an authorization server: whose they are, what they may, and which are refused.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::keys::{Key, coded, now};
use super::{Answer, Served, YAML};
use crate::common::{HttpServer, TestEnv, reply};

const AUDIENCE: &str = "http://127.0.0.1:8765/mcp";

/// What a good token says.
pub(super) fn claims(subject: &str, scope: &str) -> Value {
    json!({
        "iss": "https://issuer.example", "aud": AUDIENCE, "sub": subject, "scope": scope,
        "exp": now() + 600, "nbf": now() - 10, "iat": now() - 10,
    })
}

fn list(served: &Served, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    served.modern(&[("authorization", &bearer)], "tools/list", json!({}))
}

pub(super) fn with_file(keys: &Value, more: &str) -> TestEnv {
    let env = TestEnv::with_plugins(&["hello", "files"], YAML);
    trusts(&env, keys, more);
    env
}

/// Has the tokens of some keys come in.
pub(super) fn trusts(env: &TestEnv, keys: &Value, more: &str) {
    let file = env.write_own("keys.json", &json!({"keys": keys}).to_string());
    let text = format!(
        "oauth:\n  issuer: https://issuer.example\n  audience: {AUDIENCE}\n  jwks_file: {}\n{more}",
        file.display()
    );
    env.write(".parac/config/mcp.yaml", &text);
}

#[test]
fn tokens_of_each_algorithm_come_in_and_the_rest_is_told_where_to_go() {
    let keys = [("r", Key::rsa()), ("e", Key::ec()), ("d", Key::ed())];
    let public: Vec<_> = keys.iter().map(|(kid, key)| key.public(kid)).collect();
    let env = with_file(&json!(public), "");
    let served = Served::start(&env, &[]);
    for (kid, key) in &keys {
        let answer = list(&served, &key.token(kid, &claims("ada", "")));
        assert_eq!(answer.status, 200, "{kid}: {}", answer.head);
    }
    let bearer = format!("Bearer {}", keys[0].1.token("r", &claims("ada", "")));
    let header = [("authorization", &*bearer)];
    let greeted = served.call(&header, "hello__greet", &json!({"name": "Ada"}));
    assert!(greeted.contains("Hello, Ada!"), "{greeted}");
    let refused = served.modern(&[], "tools/list", json!({}));
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    let at = "http://127.0.0.1:8765/.well-known/oauth-protected-resource/mcp";
    assert!(
        challenge.contains(&format!("resource_metadata=\"{at}\"")),
        "{challenge}"
    );
    for path in ["", "/mcp"] {
        let line = format!("GET /.well-known/oauth-protected-resource{path}");
        let metadata = served.ask(&line, &[], "").message();
        assert_eq!(metadata["resource"], AUDIENCE);
        assert_eq!(
            metadata["authorization_servers"],
            json!(["https://issuer.example"])
        );
    }
    served.stop();
    let shown = env
        .run(&["--json", "audit", "show"])
        .exits(0)
        .stdout
        .clone();
    assert!(
        shown.contains("\"ada\"") && !shown.contains("eyJ"),
        "{shown}"
    );
}

#[test]
fn tokens_that_are_not_good_here_and_now_are_refused() {
    let (key, other) = (Key::ec(), Key::ec());
    let env = with_file(&json!([key.public("e")]), "");
    let served = Served::start(&env, &[]);
    let good = claims("ada", "");
    assert_eq!(list(&served, &key.token("e", &good)).status, 200);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        key.token("e", &claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        key.token("e", &claims)
    };
    let header = |header: Value| key.sign(&header, &good);
    let whole = key.token("e", &good);
    let (message, signature) = whole.rsplit_once('.').unwrap();
    let none = coded(json!({"alg": "none"}).to_string());
    let payload = coded(good.to_string());
    for (what, token) in [
        ("expired", with("exp", json!(now() - 120))),
        ("an exp that is a text", with("exp", json!("9999999999"))),
        ("not yet", with("nbf", json!(now() + 600))),
        ("an nbf that is a text", with("nbf", json!("soon"))),
        ("another issuer", with("iss", json!("https://evil.example"))),
        (
            "for another",
            with("aud", json!("https://other.example/mcp")),
        ),
        ("nobody", with("sub", json!(""))),
        ("a name with a line in it", with("sub", json!("ada\nbob"))),
        ("no exp", without("exp")),
        ("no iss", without("iss")),
        ("no aud", without("aud")),
        ("no sub", without("sub")),
        ("another's key", other.token("e", &good)),
        ("a key that is not there", key.token("x", &good)),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none, signed", format!("{none}.{payload}.{signature}")),
        ("alg HS256", header(json!({"alg": "HS256", "kid": "e"}))),
        ("alg RS256", header(json!({"alg": "RS256", "kid": "e"}))),
        ("alg ES384", header(json!({"alg": "ES384", "kid": "e"}))),
        (
            "what has to be understood",
            header(json!({"alg": "ES256", "kid": "e", "crit": ["x"], "x": 1})),
        ),
        (
            "another kind",
            header(json!({"alg": "ES256", "kid": "e", "typ": "dpop+jwt"})),
        ),
        ("no signature", format!("{message}.")),
        ("no parts", "abc".to_owned()),
        ("too long", format!("{message}.{}", "a".repeat(20_000))),
    ] {
        let answer = list(&served, &token);
        assert_eq!(answer.status, 401, "{what}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    let twice = format!("Bearer {whole}");
    let headers = [("authorization", &*twice), ("authorization", "Bearer x")];
    assert_eq!(served.modern(&headers, "tools/list", json!({})).status, 401);
    let in_url = served.ask(&format!("POST /mcp?access_token={whole}"), &[], "{}");
    assert_eq!(in_url.status, 401);
    assert_eq!(
        list(&served, &with("aud", json!(["x", AUDIENCE]))).status,
        200
    );
}

#[test]
fn a_token_without_a_needed_scope_is_told_which() {
    let key = Key::ed();
    let env = with_file(&json!([key.public("d")]), "  scopes: [tools]\n");
    let served = Served::start(&env, &[]);
    assert_eq!(
        list(&served, &key.token("d", &claims("ada", "tools"))).status,
        200
    );
    let refused = list(&served, &key.token("d", &claims("ada", "toolsmith")));
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("scope=\"tools\""),
        "{challenge}"
    );
}

#[test]
fn scopes_are_the_most_that_a_caller_gets() {
    let key = Key::ed();
    let env = with_file(
        &json!([key.public("d")]),
        "scopes:\n  look: { tools: [files__*], workspace: read-only }\n  change: { tools: [files__*], workspace: read-write }\n  \
         greet: { tools: [hello__greet] }\n",
    );
    let served = Served::start(&env, &[]);
    let call = |scope: &str, tool: &str, arguments: Value| {
        let bearer = format!("Bearer {}", key.token("d", &claims("ada", scope)));
        served.call(&[("authorization", &bearer)], tool, &arguments)
    };
    let write = json!({"path": "NOTES.md", "content": "x"});
    let read = json!({"path": "README.md"});
    let changed = call("change", "files__write", write.clone());
    assert!(changed.contains("\"commit\""), "{changed}");
    let refused = call("look", "files__write", write.clone());
    assert!(
        refused.contains("the scopes of ada") && refused.contains("under `scopes:`"),
        "{refused}"
    );
    let looked = call("look", "files__list", json!({"path": "."}));
    assert!(!looked.contains("\"isError\":true"), "{looked}");
    for scope in ["", "unknown", "greet"] {
        let refused = call(scope, "files__read", read.clone());
        assert!(
            refused.contains("do not give files__read"),
            "{scope}: {refused}"
        );
    }
    assert!(call("greet unknown", "hello__greet", json!({"name": "Ada"})).contains("Hello, Ada!"));
    let both = call("look change", "files__write", write);
    assert!(both.contains("\"commit\""), "{both}");
    served.stop();
    let shown = env
        .run(&["--json", "audit", "show"])
        .exits(0)
        .stdout
        .clone();
    assert!(
        shown.contains("\"subject\":\"ada\"") || shown.contains("\"subject\": \"ada\""),
        "{shown}"
    );
}

#[test]
fn keys_are_fetched_once_and_again_at_a_bounded_rate() {
    let (old, new) = (Key::ec(), Key::ec());
    let keys = Arc::new(Mutex::new(vec![old.public("old")]));
    let published = keys.clone();
    let issuer = HttpServer::start(move |_, out| {
        let keys = json!({"keys": *published.lock().unwrap()});
        reply(out, "application/json", &keys.to_string())
    });
    let env = TestEnv::with_plugins(&["hello"], "plugins: []\n");
    let text = format!(
        "oauth:\n  issuer: https://issuer.example\n  audience: {AUDIENCE}\n  jwks: http://127.0.0.1:{}/keys\n",
        issuer.port()
    );
    env.write(".parac/config/mcp.yaml", &text);
    let served = Served::start(&env, &[]);
    for _ in 0..5 {
        assert_eq!(
            list(&served, &old.token("old", &claims("ada", ""))).status,
            200
        );
    }
    assert_eq!(issuer.seen().len(), 1);
    for at in 0..50 {
        let made_up = new.token(&format!("made-up-{at}"), &claims("ada", ""));
        assert_eq!(list(&served, &made_up).status, 401);
    }
    assert!(issuer.seen().len() <= 4, "{}", issuer.seen().len());
    keys.lock().unwrap().push(new.public("new"));
    let token = new.token("new", &claims("ada", ""));
    let came_in = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        list(&served, &token).status == 200
    });
    assert!(came_in);
}

#[test]
fn an_authorization_server_that_could_be_overheard_or_is_half_configured_is_refused() {
    let env = TestEnv::with_plugins(&["hello"], "plugins: []\n");
    let issuer = "issuer: https://issuer.example";
    for (text, says) in [
        (format!("{issuer}, audience: {AUDIENCE}"), "`jwks`"),
        (
            format!("{issuer}, audience: {AUDIENCE}, jwks: http://issuer.example/keys"),
            "oauth.jwks",
        ),
        (
            format!("{issuer}, audience: {AUDIENCE}, jwks: https://u:p@issuer.example/k"),
            "oauth.jwks",
        ),
        (
            format!("{issuer}, audience: mine, jwks: https://issuer.example/k"),
            "oauth.audience",
        ),
        (
            format!("{issuer}, audience: {AUDIENCE}, jwks_file: missing.json"),
            "missing.json",
        ),
        (
            format!("{issuer}, audience: {AUDIENCE}, jwks: https://i.example/k, scopes: ['a b']"),
            "a b",
        ),
        (
            format!("{issuer}, audience: {AUDIENCE}, jwks: https://i.example/k, secret: x"),
            "secret",
        ),
    ] {
        env.write(".parac/config/mcp.yaml", &format!("oauth: {{ {text} }}\n"));
        env.run(&["mcp", "serve", "--http", "127.0.0.1:0"])
            .exits(2)
            .says(&[says]);
    }
}
