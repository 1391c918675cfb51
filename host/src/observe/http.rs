//! Which requests a plugin made: to whom, and how each ended. Never with a query, a header or a body.

/// A request that a plugin made, or wanted to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTold {
    /// Which plugin.
    pub plugin: String,
    /// In upper case.
    pub method: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Without the query.
    pub path: String,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpEnd {
    /// It was answered with a status.
    Answered(u16),
    /// It was refused, and nothing was sent.
    Refused(String),
    /// It was allowed and failed.
    Failed(String),
}

/// Logs a request.
pub(super) fn log(told: &HttpTold, end: &HttpEnd) {
    let HttpTold {
        plugin,
        method,
        scheme,
        host,
        port,
        path,
    } = told;
    match end {
        HttpEnd::Answered(status) => {
            tracing::info!(target: "http", plugin, status, "{method} {scheme}://{host}:{port}{path}");
        }
        HttpEnd::Refused(why) => {
            tracing::info!(target: "http", plugin, refused = why, "{method} {scheme}://{host}:{port}{path}");
        }
        HttpEnd::Failed(why) => {
            tracing::info!(target: "http", plugin, failed = why, "{method} {scheme}://{host}:{port}{path}");
        }
    }
}
