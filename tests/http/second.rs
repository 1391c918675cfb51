//! HTTP/2: one connection, many requests at once, and the same gate.

use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tokio::net::TcpStream;

use super::{Served, env};

type Body = Full<hyper::body::Bytes>;

/// What a request is answered with.
async fn send(
    connection: &mut SendRequest<Body>,
    authority: &str,
    id: usize,
) -> (StatusCode, String) {
    let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
        "name": "hello__greet",
        "arguments": {"name": format!("Ada {id}")},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }});
    let request = Request::post(format!("http://{authority}/mcp"))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "hello__greet")
        .body(Full::from(message.to_string()))
        .unwrap();
    let answer = connection.send_request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn one_connection_of_http_2_carries_many_calls_and_passes_the_same_gate() {
    let env = env();
    let served = Served::start(&env, &[]);
    let stream = TcpStream::connect(&served.address).await.unwrap();
    let io = TokioIo::new(stream);
    let (connection, work) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let driver = tokio::spawn(work);
    let mut calls = tokio::task::JoinSet::new();
    for id in 0..64 {
        let (mut connection, address) = (connection.clone(), served.address.clone());
        calls.spawn(async move { (id, send(&mut connection, &address, id).await) });
    }
    while let Some(call) = calls.join_next().await {
        let (id, (status, body)) = call.unwrap();
        assert_eq!(status, StatusCode::OK, "{body}");
        assert!(body.contains(&format!("Hello, Ada {id}!")), "{body}");
    }
    let mut other = connection.clone();
    let (status, body) = send(&mut other, "evil.example", 0).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    drop((connection, other));
    driver.await.unwrap().unwrap();
    served.stop();
}
