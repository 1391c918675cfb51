//! Requests that want to be read in two ways.

use serde_json::json;

use super::{at, came, error, net, request};
use crate::common::HttpServer;

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
