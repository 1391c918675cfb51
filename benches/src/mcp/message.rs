//! What is said whatever the wires are, and what is measured of it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Failure, Tail};

/// What ends the older handshake.
pub(super) const INITIALIZED: &[u8] =
    b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

/// Which protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// The handshake, 2025-11-25.
    Legacy,
    /// No handshake, 2026-07-28.
    Modern,
}

impl Era {
    /// Returns the revision's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }

    /// Returns the first request.
    pub(super) fn greeting(self) -> (&'static str, Value) {
        match self {
            Self::Legacy => {
                let hello = json!({
                    "protocolVersion": self.name(),
                    "capabilities": {},
                    "clientInfo": { "name": "bench", "version": "1" },
                });
                ("initialize", hello)
            }
            Self::Modern => ("server/discover", json!({})),
        }
    }

    /// Writes a request.
    pub(super) fn request(self, id: u64, method: &str, mut params: Value) -> Vec<u8> {
        if self == Self::Modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": self.name(),
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        request.to_string().into_bytes()
    }
}

/// Calls that were made one after the other, or many at once.
#[derive(Debug, Default)]
pub struct Measured {
    /// How long each took.
    pub latencies: Tail,
    /// How many were made.
    pub calls: usize,
    /// How long all took.
    pub took: Duration,
}

impl Measured {
    /// Adds another measurement of the same.
    pub fn join(&mut self, other: Self) {
        self.latencies.join(other.latencies);
        self.calls += other.calls;
        self.took += other.took;
    }

    /// Returns calls a second.
    #[expect(clippy::cast_precision_loss, reason = "nobody calls so often")]
    pub fn rate(&self) -> f64 {
        self.calls as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }
}

/// Reads an answer; none if the line is something else that the server says.
pub(super) fn answer(line: &[u8]) -> Result<Option<(u64, Value)>, Failure> {
    let mut message: Value = serde_json::from_slice(line)?;
    if message.get("method").is_some() {
        return Ok(None);
    }
    let result = message["result"].take();
    if result.is_null() || result["isError"] == true {
        let text = String::from_utf8_lossy(line);
        return Err(format!("the server answered {text}").into());
    }
    let id = message["id"].as_u64().ok_or("an answer without its id")?;
    Ok(Some((id, result)))
}
