//! What rules open, and what addresses stay shut.

use serde_json::{Value, json};

use super::{at, came, error, net};
use crate::common::{HttpServer, TestEnv, reply};

#[test]
pub(crate) fn without_a_grant_nothing_is_connected_to_and_the_refusal_teaches() {
    let server = HttpServer::hello();
    let env = net(&[]);
    let denied = came(&env, &json!({"authority": at(&server)}));
    assert!(error(&denied).contains("HttpRequestDenied"), "{denied}");
    // An honest plugin passes the refusal on, and the person reads what to run.
    let url = format!("http://{}", at(&server));
    env.run(&["run", "net__get", &format!("url={url}/page?q=1")])
        .exits(3)
        .says(&[
            "net was not granted",
            "paracle-host grant add net --network",
            &url,
        ]);
    assert_eq!(server.connections(), 0);
    // A plugin that is only asked who it is has no way out either, and one with the grant does.
    let env = net(&[format!("{url}/page")]);
    let receipt = env
        .run(&["run", "net__get", &format!("url={url}/page?q=1")])
        .exits(0);
    assert_eq!(receipt.stdout.lines().next(), Some("hello"));
    assert_eq!(server.seen()[0].path(), "/page?q=1");
}

#[test]
fn a_rule_opens_its_methods_its_port_and_its_path_and_nothing_else() {
    let server = HttpServer::hello();
    let other = HttpServer::hello();
    let here = at(&server);
    let env = net(&[format!("http://{here}/a"), format!("POST http://{here}/b")]);
    for (method, authority, path, allowed) in [
        ("GET", &here, "/a", true),
        ("GET", &here, "/a/x?y", true),
        ("POST", &here, "/b", true),
        ("GET", &here, "/b", false),
        ("POST", &here, "/a", false),
        ("GET", &here, "/ab", false),
        ("GET", &here, "/", false),
        ("GET", &here, "/a/../c", false),
        ("GET", &here, "/a/%2e%2e/c", false),
        ("GET", &at(&other), "/a", false),
        ("get", &here, "/a", false),
        ("CONNECT", &here, "/a", false),
        ("TRACE", &here, "/a", false),
    ] {
        let before = server.connections();
        let came = came(
            &env,
            &json!({"method": method, "authority": authority, "path": path}),
        );
        assert_eq!(came["status"] == 200, allowed, "{method} {path}: {came}");
        assert_eq!(
            server.connections() - before,
            usize::from(allowed),
            "{method} {path}"
        );
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn an_address_of_the_machine_is_reached_only_by_a_rule_that_names_it_or_says_private() {
    let server = HttpServer::hello();
    let here = at(&server);
    let wide = net(&["http://*:*".to_owned(), "http://*".to_owned()]);
    for authority in [
        here.clone(),
        format!("localhost:{}", server.port()),
        format!("[::ffff:127.0.0.1]:{}", server.port()),
        format!("[::127.0.0.1]:{}", server.port()),
        format!("[64:ff9b::7f00:1]:{}", server.port()),
        format!("[2002:7f00:1::]:{}", server.port()),
        "169.254.169.254".to_owned(),
        "[fd00:ec2::254]".to_owned(),
        "100.100.100.200".to_owned(),
        "10.0.0.1".to_owned(),
        "192.168.0.1".to_owned(),
        "100.64.0.1".to_owned(),
        "[fe80::1]".to_owned(),
        "[fd12::1]".to_owned(),
        format!("0.0.0.0:{}", server.port()),
        "224.0.0.1".to_owned(),
        "255.255.255.255".to_owned(),
    ] {
        let came = came(&wide, &json!({"authority": authority}));
        assert!(
            error(&came).contains("HttpRequestDenied"),
            "{authority}: {came}"
        );
    }
    // The word `private` opens a network, and not what answers with credentials to whoever is in it.
    let private = net(&["http://* private".to_owned()]);
    for authority in ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "224.0.0.1"] {
        let came = came(&private, &json!({"authority": authority}));
        assert!(
            error(&came).contains("HttpRequestDenied"),
            "{authority}: {came}"
        );
    }
    assert_eq!(server.connections(), 0);
    for (rule, authority) in [
        (format!("http://{here}"), here.clone()),
        ("http://*:* private".to_owned(), here.clone()),
        (
            format!("http://localhost:{} private", server.port()),
            format!("LOCALHOST:{}", server.port()),
        ),
    ] {
        let came = came(&net(&[rule]), &json!({"authority": authority}));
        assert_eq!(came["status"], 200, "{came}");
    }
    let url = format!("http://localhost:{}", server.port());
    net(std::slice::from_ref(&url))
        .run(&["run", "net__get", &format!("url={url}")])
        .exits(3)
        .says(&[&format!("'{url} private'")]);
}

#[test]
fn each_redirect_is_decided_again() {
    let inner = HttpServer::start(|_, out| reply(out, "text/plain", "inner"));
    let to = format!("http://{}/secret", at(&inner));
    let location = to.clone();
    let outer = HttpServer::start(move |_, out| {
        write!(
            out,
            "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        )
    });
    let url = format!("http://{}", at(&outer));
    let web = |rules: Value| {
        let yaml = format!(
            "plugins: [{{name: web, grants: {}}}]",
            json!({ "network": rules })
        );
        TestEnv::with_grants(&["web"], &yaml).run(&["run", "web__fetch", &format!("url={url}/")])
    };
    drop(
        web(json!([url]))
            .exits(3)
            .says(&["grant add web", &format!("http://{}", at(&inner))]),
    );
    assert_eq!((outer.connections(), inner.connections()), (1, 0));
    let fetched = web(json!([url, format!("http://{}", at(&inner))])).exits(0);
    assert!(fetched.stdout.contains("inner"), "{}", fetched.stdout);
    // The host itself follows nothing.
    let raw = came(&net(&[url]), &json!({"authority": at(&outer)}));
    assert_eq!(raw["status"], 302, "{raw}");
    assert_eq!(inner.connections(), 1);
}

#[test]
fn a_plugin_reaches_nothing_that_its_caller_may_not() {
    let server = HttpServer::hello();
    let network = json!({"network": [format!("http://{}", at(&server))]});
    let env = TestEnv::with_grants(
        &["net", "caller"],
        &format!(
            "plugins: [{{name: net, grants: {network}}}, {{name: caller, grants: {{tools: ['*']}}}}]"
        ),
    );
    let arguments =
        json!({"tool": "net__get", "arguments": {"url": format!("http://{}/", at(&server))}});
    let relayed = env
        .run(&[
            "run",
            "caller__relay",
            "--json",
            "--args",
            &arguments.to_string(),
        ])
        .exits(0)
        .json();
    assert_eq!(
        relayed["reply"]["ok"]["structured"]["outcome"], "permission",
        "{relayed}"
    );
    assert_eq!(server.connections(), 0);
}
