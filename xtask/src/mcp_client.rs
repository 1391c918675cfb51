//! A client of the Model Context Protocol over a child's pipes, just large enough to show that the host speaks it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Error;

/// How long an answer may take; the first call may have to compile a plugin.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server and the two pipes to it; dropped, the server is gone too.
pub(crate) struct McpClient {
    server: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    next_id: u32,
}

impl McpClient {
    /// Starts `paracle-host mcp serve --stdio` in a repository.
    pub(crate) fn start(host: &Path, repository: &Path) -> Result<Self, Error> {
        let start = |source| Error::Start {
            program: host.display().to_string(),
            source,
        };
        let mut command = Command::new(host);
        command
            .args(["mcp", "serve", "--stdio"])
            .current_dir(repository);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().map_err(start)?;
        let (Some(input), Some(output)) = (server.stdin.take(), server.stdout.take()) else {
            return Err(Error::Demo("the server came without pipes".to_owned()));
        };
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            server,
            input,
            lines,
            next_id: 1,
        })
    }

    /// Sends a request and waits for its result.
    pub(crate) fn request(&mut self, method: &str, parameters: &Value) -> Result<Value, Error> {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}))?;
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                return Err(Error::Demo(format!(
                    "the server gave no answer to `{method}` within {} s",
                    PATIENCE.as_secs()
                )));
            };
            let mut message: Value = serde_json::from_str(&line).map_err(|_| {
                Error::Demo(format!("the server wrote something else than JSON: {line}"))
            })?;
            // Notifications and requests of the server have a method; the answer has this id and none.
            if message["id"] == id && message.get("method").is_none() {
                let result = message["result"].take();
                if result.is_null() || result["isError"] == true {
                    return Err(Error::Demo(format!(
                        "`{method}` was answered by an error: {line}"
                    )));
                }
                return Ok(result);
            }
        }
    }

    /// Sends a notification.
    pub(crate) fn notify(&mut self, method: &str) -> Result<(), Error> {
        self.send(&json!({"jsonrpc": "2.0", "method": method}))
    }

    fn send(&mut self, message: &Value) -> Result<(), Error> {
        let sent = writeln!(self.input, "{message}").and_then(|()| self.input.flush());
        sent.map_err(|error| Error::Demo(format!("the server stopped listening: {error}")))
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
