//! The network's bounds: what a call sends, receives and holds open is counted, ends in time, and is gone with the call.

use std::time::Duration;

use serde_json::json;

use crate::common::{HttpServer, TestEnv};
use crate::network::{at, came, error, net, request, with};

#[test]
fn a_server_that_drips_is_ended_by_the_calls_time() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(b".")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let grants = json!({"network": [format!("http://{}", at(&server))]});
    let env = with(&grants, &json!({"time_ms": 1000}));
    drop(
        request(&env, &json!({"authority": at(&server)}))
            .exits(5)
            .says(&["time limit of 1000 ms", "time_ms"]),
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn an_endless_body_ends_the_call_and_the_error_names_the_key() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(&[b'x'; 1 << 14])?;
        }
    });
    let env = net(&[format!("http://{}", at(&server))]);
    drop(
        request(&env, &json!({"authority": at(&server)}))
            .exits(5)
            .says(&["HTTP download limit of 65536 KiB", "http_in_kib"]),
    );
}

#[test]
fn an_endless_head_is_no_answer() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n")?;
        loop {
            out.write_all(b"x-more: and more and more and more and more\r\n")?;
        }
    });
    let env = net(&[format!("http://{}", at(&server))]);
    let came = came(&env, &json!({"authority": at(&server)}));
    assert!(error(&came).contains("HttpProtocolError"), "{came}");
}

#[test]
fn requests_and_uploads_are_counted_and_the_error_names_the_key() {
    let server = HttpServer::hello();
    let env = net(&[format!("* http://{}", at(&server))]);
    // Refused ones count, too: who tries every port is stopped.
    drop(
        request(&env, &json!({"authority": "127.0.0.1:1", "times": 300}))
            .exits(5)
            .says(&["HTTP request limit of 200", "http_requests"]),
    );
    assert_eq!(server.connections(), 0);
    let upload = json!({"authority": at(&server), "method": "POST", "body": "x".repeat(100_000), "times": 250});
    drop(
        request(&env, &upload)
            .exits(5)
            .says(&["HTTP upload limit of 16384 KiB", "http_out_kib"]),
    );
}

#[test]
fn a_call_has_few_connections_open_at_once() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n\r\n")?;
        out.flush()?;
        std::thread::park();
        Ok(())
    });
    let env = net(&[format!("http://{}", at(&server))]);
    let came = came(
        &env,
        &json!({"authority": at(&server), "times": 40, "hold": true}),
    );
    assert!(error(&came).contains("ConnectionLimitReached"), "{came}");
    assert_eq!(
        (came["held"].clone(), server.connections()),
        (json!(32), 32)
    );
}

#[test]
fn a_guest_may_shorten_its_patience() {
    let server = HttpServer::start(|_, _| {
        std::thread::park();
        Ok(())
    });
    let env = net(&[format!("http://{}", at(&server))]);
    let came = came(&env, &json!({"authority": at(&server), "timeout": 100}));
    assert!(error(&came).contains("ConnectionReadTimeout"), "{came}");
}

#[test]
fn a_cancelled_call_leaves_no_connection() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n\r\n")?;
        // Until the other side is gone.
        loop {
            out.write_all(b".")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let grants = json!({"network": [format!("http://{}", at(&server))]});
    let env = with(&grants, &json!({"time_ms": 86_400_000}));
    let mut mcp = env.mcp();
    mcp.initialize();
    let id = mcp.begin_call("net__request", json!({"authority": at(&server)}));
    wait_for(|| server.seen().len() == 1);
    mcp.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    wait_for(|| server.closed() == 1);
    mcp.close();
}

/// Waits until something is so; what never is fails the test.
#[track_caller]
fn wait_for(is_so: impl Fn() -> bool) {
    for _ in 0..6000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it never was so");
}

#[test]
pub(crate) fn authority_is_of_the_call_and_not_of_an_instance_that_is_kept() {
    let server = HttpServer::start(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\n\r\nhello")?;
        // Until the other side is gone.
        loop {
            out.write_all(b".")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let grants = json!({
        "network": [format!("http://{}", at(&server))],
        "sockets": [format!("tcp://{}", at(&server))],
    });
    let env = TestEnv::with_grants(
        &["net-keep", "caller"],
        &format!(
            "plugins: [{{name: net-keep, grants: {grants}}}, {{name: caller, grants: {{tools: ['*']}}}}]"
        ),
    );
    let mut mcp = env.mcp();
    mcp.initialize();
    let url = format!("http://{}/", at(&server));
    let begun = mcp.call("net-keep__begin", json!({"url": url}));
    assert_eq!(begun["content"][0]["text"], "hello", "{begun}");
    // The connection is gone with the call, though the instance still holds the answer.
    wait_for(|| server.closed() == 1);
    let read = mcp.call("net-keep__read_on", json!({}));
    assert_eq!(read["isError"], true, "{read}");
    // The same instance, called by a plugin that may not itself: nothing of the earlier call's grant is left.
    let relay = json!({"tool": "net-keep__begin", "arguments": {"url": url}});
    let relayed = mcp.call("caller__relay", relay);
    assert_eq!(
        relayed["structuredContent"]["outcome"], "permission",
        "{relayed}"
    );
    let socket = mcp.call("net-keep__socket", json!({"to": at(&server)}));
    assert_eq!(socket["isError"], true, "{socket}");
    assert_eq!(server.connections(), 1);
    mcp.close();
}
