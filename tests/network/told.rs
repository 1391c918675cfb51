//! Who is at the other end, and what is told of it.

use serde_json::json;

use super::{at, came, error, net, request};
use crate::common::{HttpServer, Output, reply, root};

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
fn a_name_that_leads_nowhere_is_said_with_what_to_look_at() {
    let env = net(&["http://nowhere.invalid".to_owned()]);
    let words = ["-v", "run", "net__get", "url=http://nowhere.invalid/"];
    drop(
        env.run(&words)
            .exits(1)
            .says(&["nowhere.invalid", "has no address", "getent ahosts"]),
    );
}
