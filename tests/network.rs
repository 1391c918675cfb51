//! The network's promises: nothing without a grant, decided at the address, bounded, and gone with its call.

use serde_json::{Value, json};

use crate::common::{HttpServer, Output, TestEnv, reply, root};

/// A repository with the guest `net` and its network grants.
pub(crate) fn net(rules: &[String]) -> TestEnv {
    with(&json!({ "network": rules }), &json!({}))
}

pub(crate) fn with(grants: &Value, limits: &Value) -> TestEnv {
    TestEnv::with_grants(
        &["net"],
        &format!("plugins: [{{name: net, grants: {grants}, limits: {limits}}}]"),
    )
}

/// Lets the guest send a request, whatever comes of it.
pub(crate) fn request(env: &TestEnv, arguments: &Value) -> Output {
    env.run(&[
        "run",
        "net__request",
        "--json",
        "--args",
        &arguments.to_string(),
    ])
}

/// Lets the guest send a request, and returns what it says came of it.
pub(crate) fn came(env: &TestEnv, arguments: &Value) -> Value {
    request(env, arguments).exits(0).json()["reply"]["ok"]["structured"].clone()
}

pub(crate) fn error(came: &Value) -> &str {
    came["error"].as_str().unwrap_or_default()
}

pub(crate) fn at(server: &HttpServer) -> String {
    format!("127.0.0.1:{}", server.port())
}

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
fn a_host_in_disguise_is_no_host() {
    let server = HttpServer::hello();
    let port = server.port();
    let env = net(&["* http://*:* private".to_owned()]);
    for authority in [
        format!("user@127.0.0.1:{port}"),
        format!("user:password@127.0.0.1:{port}"),
        format!("example.com:80@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}@example.com"),
        format!("2130706433:{port}"),
        format!("0x7f000001:{port}"),
        format!("0x7f.0.0.1:{port}"),
        format!("0177.0.0.1:{port}"),
        format!("127.1:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("localhost.:{port}"),
        format!("127.0.0.1%2f:{port}"),
        format!("ⓛocalhost:{port}"),
        format!("１２７.0.0.1:{port}"),
        format!("127.0.0.1:{port}/"),
        format!("127.0.0.1:{port}#"),
        format!("127.0.0.1:{port}?"),
        format!("127.0.0.1 :{port}"),
        format!("127.0.0.1\r\nx: y:{port}"),
        "127.0.0.1:".to_owned(),
        "127.0.0.1:0".to_owned(),
        "127.0.0.1:99999".to_owned(),
        String::new(),
    ] {
        let came = came(&env, &json!({"authority": authority}));
        assert_ne!(error(&came), "", "{authority:?}: {came}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn headers_and_paths_cannot_smuggle_a_second_request() {
    let server = HttpServer::hello();
    let here = at(&server);
    let env = net(&[format!("* http://{here}")]);
    for headers in [
        json!([["x-a", "b\r\nhost: evil"]]),
        json!([["x-a", "b\nc: d"]]),
        json!([["x-a", "b\u{0}c"]]),
        json!([["x-a\r\nhost", "evil"]]),
        json!([["x a", "b"]]),
        json!([["", "b"]]),
        json!([["host", "evil"]]),
        json!([["Host", "evil"]]),
        json!([["connection", "keep-alive"]]),
        json!([["transfer-encoding", "chunked"]]),
        json!([["te", "trailers"]]),
        json!([["trailer", "x"]]),
        json!([["upgrade", "websocket"]]),
        json!([["expect", "100-continue"]]),
        json!([["proxy-authorization", "x"]]),
        json!([["proxy-anything", "x"]]),
        json!([["content-length", "5"], ["content-length", "6"]]),
        json!([["content-length", "+5"]]),
        json!([["content-length", "5"]]),
    ] {
        let came = came(&env, &json!({"authority": here, "headers": headers}));
        assert_ne!(error(&came), "", "{headers}: {came}");
    }
    for path in [
        "/a b",
        "/a\r\nhost: evil",
        "http://evil/",
        "//evil/ HTTP/1.1\r\nx:",
        "*",
        "x",
    ] {
        let came = came(&env, &json!({"authority": here, "path": path}));
        assert_ne!(error(&came), "", "{path}: {came}");
    }
    for method in ["GET / HTTP/1.1\r\nx: y\r\n\r\nGET", "G T", ""] {
        let came = came(&env, &json!({"authority": here, "method": method}));
        assert_ne!(error(&came), "", "{method}: {came}");
    }
    assert_eq!(server.connections(), 0);
    // A body longer or shorter than was said does not become the next request.
    for body in ["abc", "abcdefgh"] {
        let arguments = json!({"authority": here, "method": "POST", "headers": [["content-length", "5"]], "body": body});
        request(&env, &arguments);
    }
    for seen in server.seen() {
        assert!(seen.body.len() <= 5, "{seen:?}");
    }
    let honest =
        json!({"authority": here, "headers": [["x-a", "b"], ["x-a", "c"]], "path": "/p?q"});
    assert_eq!(came(&env, &honest)["body"], "hello");
    let seen = server.seen().pop().unwrap();
    assert_eq!(seen.head.lines().next(), Some("GET /p?q HTTP/1.1"));
    assert_eq!(seen.header("host"), [here.as_str()]);
    assert_eq!(seen.header("x-a"), ["b", "c"]);
    assert!(seen.header("transfer-encoding").is_empty());
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
fn no_proxy_of_the_environment_is_used() {
    let server = HttpServer::hello();
    let proxy = HttpServer::hello();
    let env = net(&[format!("http://{}", at(&server))]);
    let mut program = env.program_in("");
    for variable in ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        program.env(variable, format!("http://{}", at(&proxy)));
    }
    let output: Output = program
        .args(["run", "net__get", &format!("url=http://{}/", at(&server))])
        .output()
        .unwrap()
        .into();
    drop(output.exits(0));
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
}

#[test]
fn destinations_are_told_without_their_query() {
    let server = HttpServer::hello();
    let env = net(&[format!("http://{}", at(&server))]);
    let ask = |authority: &str| {
        let arguments = json!({"authority": authority, "path": "/path?password=hidden"});
        env.run(&[
            "-v",
            "run",
            "net__request",
            "--args",
            &arguments.to_string(),
        ])
    };
    let told = ask(&at(&server))
        .exits(0)
        .says(&[&format!("GET http://{}/path", at(&server)), "200"]);
    assert!(!told.stderr.contains("hidden"), "{}", told.stderr);
    drop(
        ask("127.0.0.1:1")
            .exits(0)
            .says(&["GET http://127.0.0.1:1/path", "refused"]),
    );
}

#[test]
fn a_server_proves_who_it_is_to_the_world_or_to_the_persons_own_roots() {
    let server = HttpServer::start_tls(|_, out| reply(out, "text/plain", "over tls"));
    let rule = format!("https://localhost:{} private", server.port());
    let env = net(&[rule]);
    let ask = json!({"scheme": "https", "authority": format!("localhost:{}", server.port())});
    let stranger = came(&env, &ask);
    assert!(
        error(&stranger).contains("TlsCertificateError"),
        "{stranger}"
    );
    assert!(server.seen().is_empty());
    env.write_own("roots.pem", root());
    env.write_own("config.yaml", "tls_roots: roots.pem\n");
    assert_eq!(came(&env, &ask)["body"], "over tls");
    env.write_own("roots.pem", "no certificates\n");
    drop(
        request(&env, &ask)
            .exits(2)
            .says(&["roots.pem", "BEGIN CERTIFICATE"]),
    );
    env.write_own("config.yaml", "tls_rots: roots.pem\n");
    drop(
        request(&env, &ask)
            .exits(2)
            .says(&["config.yaml:1:1", "tls_rots"]),
    );
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

#[test]
fn a_socket_reaches_what_its_rule_names_and_nobody_listens() {
    let server = HttpServer::hello();
    let port = server.port();
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    let socket = |env: &TestEnv, what: &str, to: String| {
        let arguments = json!({"what": what, "to": to}).to_string();
        let run = env.run(&["run", "net__socket", "--json", "--args", &arguments]);
        run.exits(0).json()["reply"]["ok"]["structured"].clone()
    };
    let http_only = net(&[format!("* http://127.0.0.1:{port}")]);
    let other = with(
        &json!({"sockets": ["tcp://127.0.0.1:1", "udp://127.0.0.1:1"]}),
        &json!({}),
    );
    for env in [&http_only, &other] {
        for (what, to) in [
            ("tcp", format!("127.0.0.1:{port}")),
            ("tcp", format!("localhost:{port}")),
            ("udp", format!("127.0.0.1:{udp_port}")),
            ("listen", "127.0.0.1:0".to_owned()),
            ("listen", "0.0.0.0:0".to_owned()),
            ("lookup", format!("localhost:{port}")),
        ] {
            let came = socket(env, what, to.clone());
            assert_ne!(error(&came), "", "{what} {to}: {came}");
        }
    }
    assert_eq!(server.connections(), 0);
    // By address, and by name: the addresses that the host itself found for it.
    let by_address = with(
        &json!({"sockets": [format!("tcp://127.0.0.1:{port}")]}),
        &json!({}),
    );
    let by_name = with(
        &json!({"sockets": [format!("tcp://localhost:{port}")]}),
        &json!({}),
    );
    for (env, host) in [(&by_address, "127.0.0.1"), (&by_name, "localhost")] {
        let came = socket(env, "tcp", format!("{host}:{port}"));
        assert!(came["said"].as_str().unwrap().ends_with("hello"), "{came}");
    }
    // A name's address is nobody's before the name was looked up.
    let came = socket(&by_name, "tcp", format!("127.0.0.1:{port}"));
    assert_ne!(error(&came), "", "{came}");
    assert_eq!(server.connections(), 2);
    std::thread::spawn(move || {
        let mut bytes = [0; 16];
        let (read, from) = udp.recv_from(&mut bytes).unwrap();
        udp.send_to(&bytes[..read], from).unwrap();
    });
    let env = with(
        &json!({"sockets": [format!("udp://127.0.0.1:{udp_port}")]}),
        &json!({}),
    );
    assert_eq!(
        socket(&env, "udp", format!("127.0.0.1:{udp_port}"))["said"],
        "ping"
    );
}
