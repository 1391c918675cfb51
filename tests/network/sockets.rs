//! Raw sockets: what they reach, what is told of it, and what it costs.

use std::net::{TcpListener, UdpSocket};

use serde_json::{Value, json};

use super::{at, error, net, with};
use crate::common::{HttpServer, Output, TestEnv};

/// A repository with the guest `net` and its grants of sockets.
fn sockets(rules: &[&str]) -> TestEnv {
    with(&json!({ "sockets": rules }), &json!({}))
}

/// Lets the guest do something with sockets, whatever comes of it.
fn run(env: &TestEnv, arguments: &Value) -> Output {
    let arguments = arguments.to_string();
    env.run(&["-v", "run", "net__socket", "--json", "--args", &arguments])
}

/// Lets the guest do something with a socket, and returns what it says came of it.
fn socket(env: &TestEnv, what: &str, to: &str) -> Value {
    let run = run(env, &json!({"what": what, "to": to}));
    run.exits(0).json()["reply"]["ok"]["structured"].clone()
}

/// Returns what the journal says of sockets.
fn journal(env: &TestEnv) -> Vec<Value> {
    let shown = env.run(&["audit", "show", "--kind", "socket", "--json"]);
    let records = shown.exits(0).json().as_array().unwrap().clone();
    let keys = ["protocol", "host", "address", "port", "decision"];
    let of = |record: &Value| keys.map(|key| record[key].clone());
    records.iter().map(|record| json!(of(record))).collect()
}

#[test]
fn a_socket_reaches_what_its_rule_names_and_nobody_listens() {
    let server = HttpServer::hello();
    let port = server.port();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    let http_only = net(&[format!("* http://127.0.0.1:{port}")]);
    let other = sockets(&["tcp://127.0.0.1:1", "udp://127.0.0.1:1"]);
    for env in [&http_only, &other] {
        for (what, to) in [
            ("tcp", format!("127.0.0.1:{port}")),
            ("tcp", format!("localhost:{port}")),
            ("udp", format!("127.0.0.1:{udp_port}")),
            ("listen", "127.0.0.1:0".to_owned()),
            ("listen", "0.0.0.0:0".to_owned()),
            ("lookup", format!("localhost:{port}")),
        ] {
            let came = socket(env, what, &to);
            assert_ne!(error(&came), "", "{what} {to}: {came}");
        }
    }
    assert_eq!(server.connections(), 0);
    // By address, and by name: the addresses that the host itself found for it.
    let by_address = sockets(&[&format!("tcp://127.0.0.1:{port}")]);
    let by_name = sockets(&[&format!("tcp://localhost:{port} private")]);
    for (env, host) in [(&by_address, "127.0.0.1"), (&by_name, "localhost")] {
        let came = socket(env, "tcp", &format!("{host}:{port}"));
        assert!(came["said"].as_str().unwrap().ends_with("hello"), "{came}");
    }
    // A name's address is nobody's before the name was looked up.
    let came = socket(&by_name, "tcp", &format!("127.0.0.1:{port}"));
    assert_ne!(error(&came), "", "{came}");
    assert_eq!(server.connections(), 2);
    std::thread::spawn(move || {
        let mut bytes = [0; 16];
        let (read, from) = udp.recv_from(&mut bytes).unwrap();
        udp.send_to(&bytes[..read], from).unwrap();
    });
    let env = sockets(&[&format!("udp://127.0.0.1:{udp_port}")]);
    assert_eq!(
        socket(&env, "udp", &format!("127.0.0.1:{udp_port}"))["said"],
        "ping"
    );
}

#[test]
fn a_name_of_a_socket_rule_leads_to_no_private_place_without_the_word_for_it() {
    let server = HttpServer::hello();
    let to = format!("localhost:{}", server.port());
    let env = sockets(&[&format!("tcp://{to}")]);
    let came = socket(&env, "tcp", &to);
    assert_ne!(error(&came), "", "{came}");
    assert_eq!(server.connections(), 0);
    let denied = env.run(&["audit", "show", "--kind", "denied", "--json"]);
    let denied = denied.exits(0).json().to_string();
    assert!(denied.contains(&format!("tcp://{to} private")), "{denied}");
    drop(
        env.run(&[
            "grant",
            "explain",
            "net",
            "--sockets",
            &format!("tcp://{to} private"),
        ])
        .exits(3),
    );
}

#[test]
fn each_connection_of_a_socket_is_told_and_in_the_journal_by_name_and_address() {
    let server = HttpServer::hello();
    let port = server.port();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut bytes = [0; 16];
        while let Ok((read, from)) = udp.recv_from(&mut bytes) {
            udp.send_to(&bytes[..read], from).unwrap();
        }
    });
    let env = sockets(&[
        &format!("tcp://localhost:{port} private"),
        &format!("udp://127.0.0.1:{udp_port}"),
    ]);
    let told = run(
        &env,
        &json!({"what": "tcp", "to": format!("localhost:{port}")}),
    );
    drop(
        told.exits(0)
            .says(&[&format!("tcp://localhost:{port} at 127.0.0.1")]),
    );
    // A datagram more to the same place is no new connection.
    let ping = json!({"what": "udp", "to": format!("127.0.0.1:{udp_port}"), "times": 3});
    assert_eq!(
        run(&env, &ping).exits(0).json()["usage"]["http_requests"],
        1
    );
    socket(&env, "tcp", "127.0.0.1:1");
    socket(&env, "udp", "192.0.2.1:53");
    socket(&env, "lookup", "example.com:80");
    let mut records = journal(&env);
    // Where `localhost` has two addresses, the guest may have tried the other one first.
    records.retain(|record| record[2] != "::1");
    assert_eq!(
        records,
        [
            json!(["tcp", "localhost", "127.0.0.1", port, "allowed"]),
            json!(["udp", "127.0.0.1", "127.0.0.1", udp_port, "allowed"]),
            json!(["tcp", "127.0.0.1", "127.0.0.1", 1, "refused"]),
            json!(["udp", "192.0.2.1", "192.0.2.1", 53, "refused"]),
            json!([null, "example.com", null, null, "refused"]),
        ]
    );
    let shown = env.run(&["audit", "show", "--kind", "socket"]).exits(0);
    for words in [
        &format!("allowed tcp://localhost:{port} at 127.0.0.1"),
        "refused udp://192.0.2.1:53",
        "refused look-up of example.com",
    ] {
        assert!(shown.stdout.contains(words), "{}", shown.stdout);
    }
    drop(env.run(&["audit", "verify"]).exits(0));
}

#[test]
fn connections_and_bytes_of_sockets_are_counted_and_the_error_names_the_key() {
    let server = HttpServer::start(|_, out| out.write_all(&vec![b'x'; 20_000]));
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok((_, from)) = udp.recv_from(&mut bytes) {
            udp.send_to(&bytes, from).unwrap();
        }
    });
    let here = at(&server);
    let there = format!("127.0.0.1:{udp_port}");
    let grants = json!({"sockets": [format!("tcp://{here}"), format!("udp://{there}")]});
    let used = run(
        &with(&grants, &json!({})),
        &json!({"what": "tcp", "to": here, "times": 2}),
    )
    .exits(0)
    .json()["usage"]
        .clone();
    assert_eq!(used["http_requests"], 2, "{used}");
    assert_eq!(used["http_in"], 40_000, "{used}");
    assert!(used["http_out"].as_u64().unwrap() > 80, "{used}");
    for (limits, arguments, words) in [
        (
            json!({"http_requests": 3}),
            json!({"what": "tcp", "to": here, "times": 5}),
            ["HTTP request limit of 3", "http_requests"],
        ),
        // Refused ones count, too: who tries every port is stopped.
        (
            json!({"http_requests": 3}),
            json!({"what": "try", "to": "127.0.0.1:1", "times": 50}),
            ["HTTP request limit of 3", "http_requests"],
        ),
        (
            json!({"http_requests": 3}),
            json!({"what": "lookup", "to": "localhost:1", "times": 50}),
            ["HTTP request limit of 3", "http_requests"],
        ),
        (
            json!({"http_in_kib": 8}),
            json!({"what": "tcp", "to": here}),
            ["HTTP download limit of 8", "http_in_kib"],
        ),
        (
            json!({"http_out_kib": 8}),
            json!({"what": "tcp", "to": here, "bytes": 10_000}),
            ["HTTP upload limit of 8", "http_out_kib"],
        ),
        (
            json!({"http_in_kib": 8}),
            json!({"what": "udp", "to": there, "times": 5}),
            ["HTTP download limit of 8", "http_in_kib"],
        ),
        (
            json!({"http_out_kib": 8}),
            json!({"what": "udp", "to": there, "times": 5, "bytes": 4000}),
            ["HTTP upload limit of 8", "http_out_kib"],
        ),
    ] {
        drop(
            run(&with(&grants, &limits), &arguments)
                .exits(5)
                .says(&words),
        );
    }
}

#[test]
fn sockets_are_among_the_connections_that_a_call_has_open_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        listener
            .incoming()
            .map_while(Result::ok)
            .collect::<Vec<_>>()
    });
    let env = sockets(&[&format!("tcp://{to}")]);
    let arguments = json!({"what": "hold", "to": to, "times": 40});
    let held = run(&env, &arguments).exits(0).json()["reply"]["ok"]["structured"].clone();
    assert!(
        held["said"].as_str().unwrap().starts_with("32 held"),
        "{held}"
    );
}
