//! A client that only looks: it starts this program as a client does, and asks what there is.
#![expect(
    clippy::disallowed_methods,
    reason = "what a client sees is what a server says to one: it is asked, over pipes"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use paracle_host::clients::Server;
use serde_json::{Value, json};

use crate::exit::Failure;

/// The protocol's revision that is spoken: the newest in which a server is asked without saying so at each request.
const REVISION: &str = "2025-11-25";

/// Pages of one list that are read; a server that never ends is left there.
const MOST_PAGES: usize = 1000;

/// A server that is asked; dropped, it is stopped.
pub(super) struct Lookout {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u32,
}

impl Lookout {
    /// Starts a server, and shakes hands; returns what it said of itself, too.
    pub(super) fn start(server: &Server) -> Result<(Self, Value), Failure> {
        let mut command = Command::new(&server.program);
        command.args(&server.arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            Failure::failed(format!("cannot start {}: {error}", server.program))
        })?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::failed("the server came without pipes"));
        };
        let mut lookout = Self {
            child,
            input: Some(input),
            output: BufReader::new(output),
            next: 1,
        };
        let said = lookout.request(
            "initialize",
            &json!({
                "protocolVersion": REVISION,
                "capabilities": {},
                "clientInfo": { "name": "paracle-host mcp inspect", "version": env!("CARGO_PKG_VERSION") },
            }),
        )?;
        lookout.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok((lookout, said))
    }

    /// Asks for a list, page by page.
    pub(super) fn list(&mut self, method: &str, key: &str) -> Result<Vec<Value>, Failure> {
        let mut listed = Vec::new();
        let mut parameters = json!({});
        for _ in 0..MOST_PAGES {
            let mut page = self.request(method, &parameters)?;
            if let Value::Array(items) = page[key].take() {
                listed.extend(items);
            }
            match page["nextCursor"].take() {
                Value::String(cursor) => parameters = json!({ "cursor": cursor }),
                _ => break,
            }
        }
        Ok(listed)
    }

    fn request(&mut self, method: &str, parameters: &Value) -> Result<Value, Failure> {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }))?;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line);
            if read.map_err(gone)? == 0 {
                return Err(Failure::failed(
                    "the server ended before it answered; what it had to say is above",
                ));
            }
            let mut message: Value = serde_json::from_str(&line).map_err(|_| {
                Failure::failed(format!("the server wrote something else than JSON: {line}"))
            })?;
            if message["id"] != id || message.get("method").is_some() {
                continue;
            }
            if let Some(error) = message.get("error") {
                return Err(Failure::failed(format!(
                    "`{method}` was answered by an error: {error}"
                )));
            }
            return Ok(message["result"].take());
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), Failure> {
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        writeln!(input, "{message}")
            .and_then(|()| input.flush())
            .map_err(gone)
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        // The end of its input ends a server; it closes what it opened, so it is waited for.
        drop(self.input.take());
        drop(self.child.wait());
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn gone(error: std::io::Error) -> Failure {
    Failure::failed(format!("the server stopped listening: {error}"))
}
