//! Letting the guest `net` ask for something.

use serde_json::{Value, json};

use crate::common::{HttpServer, Output, TestEnv};

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
