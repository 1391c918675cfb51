//! rmcp's service on the same hyper as the host's, and nothing else: no limits, no timers, no gate.
#![expect(clippy::print_stdout, reason = "who starts it reads where it listens")]

use std::convert::Infallible;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;

use crate::Failure;
use crate::echo::Bare;

/// Serves on a port that the system chooses, which is printed.
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!(
        "{}",
        json!({ "address": listener.local_addr()?.to_string() })
    );
    let service = StreamableHttpService::new(
        || Ok(Bare),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default(),
    );
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let service = service.clone();
                async move { Ok::<_, Infallible>(service.handle(request).await) }
            });
            let builder = Builder::new(TokioExecutor::new());
            // A client that goes away badly is none of its business.
            drop(builder.serve_connection(TokioIo::new(stream), answer).await);
        });
    }
}
