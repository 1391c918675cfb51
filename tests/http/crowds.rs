//! Whoever takes more than is theirs keeps nobody else out.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use super::keys::Key;
use super::oauth::{claims, with_file};
use super::{Answer, Served, env, token, token_file};

#[test]
fn bodies_that_do_not_come_are_given_up_and_their_places_are_free_again() {
    let env = env();
    let served = Served::start(&env, &[]);
    let half = format!(
        "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: 500\r\n\r\n{{",
        served.address
    );
    let open: Vec<_> = (0..128)
        .map(|_| {
            let mut stream = TcpStream::connect(&served.address).unwrap();
            stream.write_all(half.as_bytes()).unwrap();
            stream
        })
        .collect();
    while served.modern(&[], "tools/list", json!({})).status != 429 {}
    for mut stream in open {
        assert_eq!(Answer::read(&mut stream).status, 408);
    }
    assert_eq!(served.modern(&[], "tools/list", json!({})).status, 200);
}

#[test]
fn connections_on_which_nobody_is_let_in_give_way_to_new_ones() {
    let env = env();
    let ada = token(&env, "ada");
    let served = Served::start(&env, &["--token-file", &token_file(&env)]);
    let health = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", served.address);
    let mut open: Vec<_> = (0..160)
        .map(|_| {
            let mut stream = TcpStream::connect(&served.address).unwrap();
            stream.write_all(health.as_bytes()).unwrap();
            stream
        })
        .collect();
    let listed = served.modern(&[("authorization", &ada)], "tools/list", json!({}));
    assert_eq!(listed.status, 200);
    // The first is closed: what is there to read comes to an end.
    let mut first = open.remove(0);
    drop(first.read_to_end(&mut Vec::new()));
}

#[test]
fn sessions_that_begin_at_once_are_counted_one_after_the_other() {
    let env = env();
    let served = Served::start(&env, &[]);
    let begin = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"}}});
    for _ in 0..3 {
        std::thread::scope(|scope| {
            for _ in 0..48 {
                scope.spawn(|| served.post(&[], &begin));
            }
        });
    }
    let sessions = served.number("sessions");
    assert!((1..=64).contains(&sessions), "{sessions}");
}

#[test]
fn requests_of_a_caller_that_listen_at_once_are_bounded() {
    let env = env();
    let served = Served::start(&env, &[]);
    let wanted = json!({"notifications": {"toolsListChanged": true}});
    let listening: Vec<_> = (0..16)
        .map(|_| served.begin_modern("subscriptions/listen", wanted.clone()))
        .collect();
    served.until("requests_in_flight", |flying| flying == 16);
    let answer = served.modern(&[], "subscriptions/listen", wanted);
    assert!(answer.body.contains("listen already"), "{}", answer.body);
    drop(listening);
}

#[test]
fn a_request_that_says_two_things_of_where_it_goes_is_refused() {
    let env = env();
    let served = Served::start(&env, &[]);
    let own = served.address.clone();
    for headers in [
        &[("host", &*own), ("host", "localhost")][..],
        &[
            ("origin", "http://localhost"),
            ("origin", "https://evil.example"),
        ][..],
        &[("host", "evil.example@localhost")][..],
    ] {
        assert_eq!(
            served.modern(headers, "tools/list", json!({})).status,
            400,
            "{headers:?}"
        );
    }
    let elsewhere = served.ask("GET http://evil.example/metrics", &[], "");
    assert_eq!(elsewhere.status, 400);
    let port = own.rsplit_once(':').unwrap().1;
    let loud = format!("LOCALHOST:{port}");
    assert_eq!(
        served.ask("GET /metrics", &[("host", &loud)], "").status,
        200
    );
}

#[test]
fn who_calls_with_many_sets_of_scopes_takes_no_place_and_no_rate_of_others() {
    let names = ["a", "b", "c", "d", "e"];
    let scopes = names.map(|name| format!("  {name}: {{ tools: [hello__*] }}\n"));
    let scopes = scopes.concat();
    let key = Key::ed();
    let env = with_file(
        &json!([key.public("d")]),
        &format!("rate: {{ per_second: 1, burst: 40 }}\nscopes:\n{scopes}"),
    );
    let served = Served::start(&env, &[]);
    let of = |who: &str, set: usize| {
        let set: Vec<_> = (0..names.len())
            .filter(|at| set >> at & 1 == 1)
            .map(|at| names[at])
            .collect();
        let bearer = format!("Bearer {}", key.token("d", &claims(who, &set.join(" "))));
        served.modern(&[("authorization", &bearer)], "tools/list", json!({}))
    };
    let taken: Vec<_> = (0..32).map(|set| of("ada", set).status).collect();
    assert_eq!(
        taken.iter().filter(|status| **status == 200).count(),
        16,
        "{taken:?}"
    );
    assert!(taken.contains(&503), "{taken:?}");
    // The rate counts for all of them together.
    assert!((0..40).any(|_| of("ada", 1).status == 429));
    assert_eq!(of("ada", 2).status, 429);
    assert_eq!(of("bob", 1).status, 200);
}
