//! The promises about secrets: a value goes into one header towards granted hosts, and nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::common::{HttpServer, Output, Seen, TestEnv, reply, root};

const VALUE: &str = "s3cr3t/+\"value\"=&<1>";

/// Sends back what it was sent, in a form that the path names.
fn echo(seen: &Seen) -> String {
    use base64::Engine as _;
    let key = seen.header("authorization").join("");
    match seen.path().split('?').next().unwrap_or_default() {
        "/base64" => base64::engine::general_purpose::STANDARD.encode(format!("user:{key}")),
        "/json" => json!({ "key": key }).to_string(),
        "/hex" => each_byte(&key, |b| format!("{b:02x}")),
        "/percent" => each_byte(&key, |b| format!("%{b:02X}")),
        "/known" => format!("from another time: {VALUE}"),
        _ => format!("{} and {}", key, seen.body),
    }
}

fn each_byte(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

/// A server that echoes, over TLS as `localhost`, and a repository where `net` may send KEY there.
fn world() -> (HttpServer, TestEnv) {
    let server = HttpServer::start_tls(|seen, out| {
        let text = echo(seen);
        if seen.path() == "/zip" {
            return write!(
                out,
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n{text}"
            );
        }
        if seen.path() != "/chunks" {
            return write!(
                out,
                "HTTP/1.1 200 OK\r\nx-echo: {}\r\ncontent-length: {}\r\n\r\n{text}",
                seen.header("authorization").join(""),
                text.len()
            );
        }
        write!(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        for byte in text.bytes() {
            write!(out, "1\r\n{}\r\n", char::from(byte))?;
            out.flush()?;
        }
        write!(out, "0\r\n\r\n")
    });
    let rules = [
        format!("* https://localhost:{} private", server.port()),
        format!("* https://127.0.0.1:{}", server.port()),
    ];
    let grants = json!({"network": rules, "secrets": ["KEY@localhost"]});
    let env = TestEnv::with_grants(
        &["net"],
        &format!("plugins: [{{name: net, grants: {grants}}}]"),
    );
    env.write_own("roots.pem", root());
    env.write_own("secret", &format!("{VALUE}\n"));
    env.write_own(
        "config.yaml",
        "tls_roots: roots.pem\nsecrets: { KEY: { file: secret } }\n",
    );
    (server, env)
}

fn ask(server: &HttpServer, host: &str, path: &str, header: &str) -> Value {
    json!({
        "scheme": "https",
        "authority": format!("{host}:{}", server.port()),
        "path": path,
        "headers": [["authorization", header]],
    })
}

fn run(env: &TestEnv, arguments: &Value) -> Output {
    env.run(&[
        "run",
        "net__request",
        "--json",
        "--args",
        &arguments.to_string(),
    ])
}

fn came(env: &TestEnv, arguments: &Value) -> Value {
    run(env, arguments).exits(0).json()["reply"]["ok"]["structured"].clone()
}

#[test]
fn a_secret_is_put_into_a_header_and_the_guest_never_sees_it() {
    let (server, env) = world();
    for path in ["/", "/chunks", "/base64", "/json", "/hex", "/percent"] {
        let came = came(
            &env,
            &ask(&server, "localhost", path, "Bearer {{secret:KEY}}"),
        );
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.header("authorization"), [format!("Bearer {VALUE}")]);
        let body = came["body"].as_str().unwrap();
        assert!(body.contains("[secret KEY]"), "{path}: {came}");
        assert!(!came.to_string().contains("s3cr3t"), "{path}: {came}");
        // What the guest itself saw, in a form that nothing hides on its way here.
        let backwards = came["backwards"].as_str().unwrap();
        for told in ["t3rc3s", "0NjcjNzc", "473327363337", "33%27%36"] {
            assert!(!backwards.contains(told), "{path}: {backwards}");
        }
        assert!(backwards.contains("]YEK terces["), "{path}: {backwards}");
        if path == "/" {
            assert!(
                came["headers"].to_string().contains("Bearer [secret KEY]"),
                "{came}"
            );
        }
    }
    // What the server knows from another time is hidden as well: the guest wrote nothing that stands for it.
    let known = came(&env, &ask(&server, "localhost", "/known", "nothing"));
    assert_eq!(known["body"], "from another time: [secret KEY]", "{known}");
    assert!(
        !known["backwards"].as_str().unwrap().contains("t3rc3s"),
        "{known}"
    );
}

/// Expects that a request was not answered, for a reason.
#[track_caller]
fn fails(came: &serde_json::Value, why: &str) {
    let error = came["error"].as_str().unwrap();
    assert!(error.contains(why), "{came}");
}

#[test]
fn what_cannot_be_looked_through_is_not_taken() {
    let (server, env) = world();
    let zipped = came(&env, &ask(&server, "localhost", "/zip", "{{secret:KEY}}"));
    fails(&zipped, "HttpResponseContentCoding");
    let mut pieces = ask(&server, "localhost", "/", "{{secret:KEY}}");
    pieces["headers"] = json!([["range", "bytes=0-3"], ["accept-encoding", "gzip"]]);
    came(&env, &pieces);
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.header("accept-encoding"), ["identity"]);
    assert!(seen.header("range").is_empty());
}

#[test]
fn a_secret_goes_to_no_host_without_a_grant_and_in_no_other_place() {
    let (server, env) = world();
    // The same server by a name that the grant of the secret does not have.
    let denied = came(&env, &ask(&server, "127.0.0.1", "/", "{{secret:KEY}}"));
    fails(&denied, "HttpRequestDenied");
    let get = json!({
        "url": format!("https://127.0.0.1:{}/", server.port()),
        "headers": [["authorization", "{{secret:KEY}}"]],
    });
    drop(
        env.run(&["run", "net__get", "--args", &get.to_string()])
            .exits(3)
            .says(&["grant add net --secrets KEY@127.0.0.1"]),
    );
    // A secret that nobody granted.
    let denied = came(&env, &ask(&server, "localhost", "/", "{{secret:OTHER}}"));
    fails(&denied, "HttpRequestDenied");
    for path in [
        "/?q={{secret:KEY}}",
        "/%7B%7Bsecret:KEY%7D%7D",
        "/%7b%7bsecret%3aKEY%7d%7d?x",
        "/?%7B%7Bsecret%3AKEY%7D%7D",
    ] {
        let refused = came(&env, &ask(&server, "localhost", path, "x"));
        assert_ne!(refused["error"], Value::Null, "{path}: {refused}");
    }
    for header in ["{{secret:KEY", "{{secret:key}}", "{{secret:}}"] {
        let refused = came(&env, &ask(&server, "localhost", "/", header));
        assert!(
            refused["error"]
                .as_str()
                .unwrap()
                .contains("{{secret:NAME}}"),
            "{refused}"
        );
    }
    assert_eq!(server.connections(), 0);
    // In a body it is text like any other.
    let mut body = ask(&server, "localhost", "/", "x");
    body["method"] = json!("POST");
    body["body"] = json!("{{secret:KEY}}");
    came(&env, &body);
    assert!(server.seen()[0].body.contains("{{secret:KEY}}"));
}

#[test]
fn a_secret_is_in_no_log_no_receipt_and_no_commit() {
    let (server, env) = world();
    let arguments = ask(&server, "localhost", "/", "{{secret:KEY}}").to_string();
    let all = env
        .run(&["-vv", "run", "net__request", "--json", "--args", &arguments])
        .exits(0);
    assert!(all.stdout.contains("[secret KEY]"), "{}", all.stdout);
    let mut mcp = env.mcp_with_log();
    mcp.initialize();
    let result = mcp.call("net__request", serde_json::from_str(&arguments).unwrap());
    mcp.close();
    for text in [&all.stdout, &all.stderr, &result.to_string(), &env.log()] {
        assert!(
            !text.contains("s3cr3t") && !text.contains("czNjcjN0"),
            "{text}"
        );
    }
    assert_eq!(server.seen().len(), 2);
    for seen in server.seen() {
        assert_eq!(seen.header("authorization"), [VALUE]);
    }
    check_files(&env.repo());
}

/// Expects no file to have the value.
fn check_files(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_files(&path);
        } else {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(6).any(|window| window == b"s3cr3t");
            assert!(!found, "{}", path.display());
        }
    }
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file_that_nobody_else_reads() {
    let (server, env) = world();
    let arguments = ask(&server, "localhost", "/", "{{secret:KEY}}");
    let says = |config: &str, words: &[&str]| {
        env.write_own("config.yaml", &format!("tls_roots: roots.pem\n{config}"));
        let output = run(&env, &arguments).exits(0).says(words);
        assert!(
            output.stdout.contains("secret KEY cannot be read"),
            "{}",
            output.stdout
        );
        // The guest is told no more than that.
        assert!(!output.stdout.contains("chmod"), "{}", output.stdout);
    };
    says(
        "",
        &["nothing says where it is", "config.yaml", "env: VARIABLE"],
    );
    says(
        "secrets: { KEY: { env: PARACLE_TEST_KEY } }",
        &["PARACLE_TEST_KEY is not set"],
    );
    says("secrets: { KEY: { file: absent } }", &["absent"]);
    says(
        "secrets: { KEY: { keyring: { service: a, user: b } } }",
        &["--features keyring"],
    );
    let short = env.write_own("short", "short\n");
    says(
        "secrets: { KEY: { file: short } }",
        &["fewer than 8 characters"],
    );
    // Also where a link leads to it.
    std::os::unix::fs::symlink(&short, env.own().join("link")).unwrap();
    says(
        "secrets: { KEY: { file: link } }",
        &["fewer than 8 characters"],
    );
    fs::set_permissions(&short, fs::Permissions::from_mode(0o640)).unwrap();
    for file in ["short", "link"] {
        says(
            &format!("secrets: {{ KEY: {{ file: {file} }} }}"),
            &["others may read or change it", "chmod 600"],
        );
    }
    assert_eq!(server.connections(), 0);
    env.write_own(
        "config.yaml",
        "tls_roots: roots.pem\nsecrets: { KEY: { env: PARACLE_TEST_KEY } }",
    );
    let output: Output = env
        .program_in("")
        .env("PARACLE_TEST_KEY", "from-a-variable")
        .args([
            "run",
            "net__request",
            "--json",
            "--args",
            &arguments.to_string(),
        ])
        .output()
        .unwrap()
        .into();
    assert!(!output.exits(0).stdout.contains("from-a-variable"));
    assert_eq!(
        server.seen()[0].header("authorization"),
        ["from-a-variable"]
    );
    for wrong in [
        "secrets: { key: { env: A } }",
        "secrets: { KEY: { env: A, file: b } }",
        "secrets: { KEY: { vault: A } }",
        "secrets: { KEY: secret-in-the-file }",
        "secrets: { KEY: { keyring: { service: a } } }",
    ] {
        env.write_own("config.yaml", wrong);
        let said = run(&env, &arguments).exits(2).says(&["config.yaml:1:"]);
        assert!(!said.stderr.contains("in-the-file"), "{}", said.stderr);
    }
}

#[test]
fn a_plugin_knows_its_secrets_by_name_only() {
    let (_, env) = world();
    let names = env.run(&["run", "net__names", "--json"]).exits(0).json();
    assert_eq!(
        names["reply"]["ok"]["structured"],
        json!(["KEY"]),
        "{names}"
    );
    let env = TestEnv::with_grants(&["net"], "plugins: [{name: net}]");
    drop(env.run(&["run", "net__names"]).exits(3).says(&["secrets"]));
    // No secret is in a guest's environment, and none is needed for a server in the clear on this machine.
    let server = HttpServer::start(|seen, out| reply(out, "text/plain", &echo(seen)));
    let grants = json!({
        "network": [format!("http://127.0.0.1:{}", server.port())],
        "secrets": ["KEY@127.0.0.1"],
    });
    let env = TestEnv::with_grants(
        &["net"],
        &format!("plugins: [{{name: net, grants: {grants}}}]"),
    );
    env.write_own("secret", VALUE);
    env.write_own("config.yaml", "secrets: { KEY: { file: secret } }");
    let mut plain = ask(&server, "127.0.0.1", "/", "{{secret:KEY}}");
    plain["scheme"] = json!("http");
    assert_eq!(came(&env, &plain)["body"], "[secret KEY] and ");
}
