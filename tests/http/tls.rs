//! TLS of the server's own.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{Answer, Served, env, token, token_file};

#[test]
fn a_bind_beyond_this_machine_speaks_tls_and_keys_that_others_can_read_are_refused() {
    let env = env();
    let ada = token(&env, "ada");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (env.own().join("cert.pem"), env.own().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let file = token_file(&env);
    let words = [
        "--token-file",
        &file,
        "--tls-cert",
        cert.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let allow = |mode| std::fs::set_permissions(&key, PermissionsExt::from_mode(mode)).unwrap();
    allow(0o644);
    let all = [&["mcp", "serve", "--http", "0.0.0.0:0"], &words[..]].concat();
    env.run(&all).exits(2).says(&["key.pem"]);
    allow(0o600);
    let mut served = Served::start_at(&env, "0.0.0.0:0", &words);
    served.address = served.address.replace("0.0.0.0", "127.0.0.1");

    let mut roots = RootCertStore::empty();
    let pem = made.cert.pem();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(&served.address).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: {ada}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let answer = Answer::read(&mut stream);
    assert!(
        answer.status == 200 && answer.body.contains("paracle_callers 0"),
        "{}",
        answer.body
    );

    // In the clear, nobody is answered.
    let mut clear = TcpStream::connect(&served.address).unwrap();
    write!(clear, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    std::io::Read::read_to_end(&mut clear, &mut said).unwrap_or_default();
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
}
