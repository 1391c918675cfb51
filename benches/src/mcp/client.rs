//! A client that measures: from just before a request is written to just after its answer is read and understood.

use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::message::{Era, INITIALIZED, Measured, answer};
use super::{Server, Wires};
use crate::Failure;

/// A connection whose tool is called.
pub struct Client {
    server: Server,
    era: Era,
    next: u64,
    line: Vec<u8>,
    /// From the start of the process to the first list of tools.
    pub first_list: Duration,
    /// How many tools that listed.
    pub tools: usize,
}

impl Client {
    /// Starts a server, greets it as its era does, and lists its tools.
    pub fn start(command: Command, wires: Wires, era: Era) -> Result<Self, Failure> {
        let server = Server::start(command, wires)?;
        let mut client = Self {
            server,
            era,
            next: 0,
            line: Vec::new(),
            first_list: Duration::ZERO,
            tools: 0,
        };
        let (method, params) = era.greeting();
        client.ask(method, params)?;
        if era == Era::Legacy {
            client.server.send(INITIALIZED)?;
            client.server.send(b"\n")?;
        }
        let list = client.ask("tools/list", json!({}))?;
        client.first_list = client.server.started().elapsed();
        client.tools = list["tools"].as_array().map_or(0, Vec::len);
        Ok(client)
    }

    /// Returns the server's process.
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Ends the connection.
    pub fn end(self) -> Result<(), Failure> {
        self.server.end()
    }

    /// Makes one request.
    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Failure> {
        let request = self.request(method, params);
        self.exchange(&request)
    }

    fn request(&mut self, method: &str, params: Value) -> Vec<u8> {
        self.next += 1;
        let mut line = self.era.request(self.next, method, params);
        line.push(b'\n');
        line
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Value, Failure> {
        self.server.send(request)?;
        loop {
            self.server.receive(&mut self.line)?;
            if let Some((_, result)) = answer(&self.line)? {
                return Ok(result);
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Vec<u8> {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Calls a tool so many times, one after the other.
    pub fn one_by_one(
        &mut self,
        tool: &str,
        arguments: &Value,
        calls: usize,
    ) -> Result<Measured, Failure> {
        let mut measured = Measured::default();
        let began = Instant::now();
        for _ in 0..calls {
            let request = self.call(tool, arguments);
            let asked = Instant::now();
            self.exchange(&request)?;
            measured.latencies.add(asked.elapsed());
        }
        measured.took = began.elapsed();
        measured.calls = calls;
        Ok(measured)
    }

    /// Calls a tool so many times, with so many in flight as long as there are more.
    pub fn many_at_once(
        &mut self,
        tool: &str,
        arguments: &Value,
        (calls, window): (usize, usize),
    ) -> Result<Measured, Failure> {
        let requests: Vec<_> = (0..calls).map(|_| self.call(tool, arguments)).collect();
        let first = self.next + 1 - calls as u64;
        let (input, output) = self.server.ends()?;
        let (turn, turns) = mpsc::sync_channel::<()>(window);
        let mut answered = BufReader::with_capacity(1 << 16, output);
        let mut sent = vec![Instant::now(); calls];
        let began = Instant::now();
        let mut measured = Measured::default();
        std::thread::scope(|scope| {
            let writer = scope.spawn(move || -> Result<Vec<Instant>, Failure> {
                for (at, request) in requests.iter().enumerate() {
                    turn.send(())?;
                    sent[at] = Instant::now();
                    input.write_all(request)?;
                }
                Ok(sent)
            });
            let mut done = Vec::with_capacity(calls);
            let mut line = Vec::new();
            while done.len() < calls {
                line.clear();
                if answered.read_until(b'\n', &mut line)? == 0 {
                    return Err("the server closed its output".into());
                }
                if let Some((id, _)) = answer(&line)? {
                    done.push((id, Instant::now()));
                    turns.recv()?;
                }
            }
            measured.took = began.elapsed();
            let sent = writer.join().map_err(|_| "the writer ended early")??;
            for (id, at) in done {
                let at_request = id.checked_sub(first).map(usize::try_from);
                let asked = at_request.and_then(|number| sent.get(number.ok()?));
                let asked = asked.ok_or("an answer to nothing that was asked")?;
                measured.latencies.add(at.duration_since(*asked));
            }
            Ok::<(), Failure>(())
        })?;
        measured.calls = calls;
        Ok(measured)
    }
}
