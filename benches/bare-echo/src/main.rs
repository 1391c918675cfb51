//! The floor of an MCP server: rmcp over standard input and output, or with `--http` over Streamable HTTP.

mod echo;
mod http;

use echo::Bare;
use rmcp::ServiceExt as _;

/// Why it could not be served.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    if std::env::args().any(|word| word == "--http") {
        return http::serve().await;
    }
    let running = Bare.serve(rmcp::transport::stdio()).await?;
    running.waiting().await?;
    Ok(())
}
