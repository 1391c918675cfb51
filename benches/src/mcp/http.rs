//! A client over Streamable HTTP: one connection that is kept, and one request on it at a time.

use std::process::Command;
use std::time::Instant;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::message::{Era, INITIALIZED, Measured, answer};
use super::{Server, Wires};
use crate::Failure;

/// A connection over HTTP whose tool is called.
pub struct HttpClient {
    /// On this thread alone: nothing wakes another between an answer and its reading.
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    address: String,
    era: Era,
    session: Option<String>,
    next: u64,
    /// Dropped last, and ended so.
    _server: Server,
}

impl HttpClient {
    /// Starts a server that prints its address, connects, and greets it as its era does.
    pub fn start(command: Command, era: Era) -> Result<Self, Failure> {
        let mut server = Server::start(command, Wires::Pipes)?;
        let address = address(&mut server)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let sender = runtime.block_on(connect(&address))?;
        let mut client = Self {
            runtime,
            sender,
            address,
            era,
            session: None,
            next: 0,
            _server: server,
        };
        let (method, params) = era.greeting();
        let request = client.request(method, params)?;
        let (answered, _) = client.send(request)?;
        let session = answered.headers().get("mcp-session-id");
        client.session = session
            .map(|id| id.to_str().map(str::to_owned))
            .transpose()?;
        if era == Era::Legacy {
            let request = client.post("", "", Bytes::from_static(INITIALIZED))?;
            client.send(request)?;
        }
        Ok(client)
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
            let params = json!({ "name": tool, "arguments": arguments });
            let request = self.request("tools/call", params)?;
            let asked = Instant::now();
            let (answered, body) = self.send(request)?;
            read(&body)?
                .filter(|(id, _)| *id == self.next)
                .ok_or_else(|| format!("{} without an answer", answered.status()))?;
            measured.latencies.add(asked.elapsed());
        }
        measured.took = began.elapsed();
        measured.calls = calls;
        Ok(measured)
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Request<Full<Bytes>>, Failure> {
        self.next += 1;
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let body = self.era.request(self.next, method, params);
        self.post(method, &name, body.into())
    }

    fn post(&self, method: &str, name: &str, body: Bytes) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::post("/mcp")
            .header("host", &self.address)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if self.session.is_some() || self.era == Era::Modern {
            request = request.header("mcp-protocol-version", self.era.name());
        }
        if self.era == Era::Modern {
            request = request.header("mcp-method", method);
            if !name.is_empty() {
                request = request.header("mcp-name", name);
            }
        }
        Ok(request.body(Full::new(body))?)
    }

    /// Sends a request, and reads its answer to the end.
    fn send(&mut self, request: Request<Full<Bytes>>) -> Result<(Response<()>, Bytes), Failure> {
        self.runtime.block_on(async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            if !head.status.is_success() {
                let why = String::from_utf8_lossy(&body);
                return Err(format!("the server answered {}: {why}", head.status).into());
            }
            Ok((Response::from_parts(head, ()), body))
        })
    }
}

/// Reads where a server listens, from what it prints.
fn address(server: &mut Server) -> Result<String, Failure> {
    let mut said = Vec::new();
    loop {
        let mut line = Vec::new();
        server.receive(&mut line)?;
        said.append(&mut line);
        if let Ok(said) = serde_json::from_slice::<Value>(&said) {
            let address = said["address"].as_str();
            return Ok(address.ok_or("the server names no address")?.to_owned());
        }
    }
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Its end is the process's.
    drop(tokio::spawn(connection));
    Ok(sender)
}

/// Reads the answer of a body, which is a message, or events with one that is.
fn read(body: &[u8]) -> Result<Option<(u64, Value)>, Failure> {
    if body.starts_with(b"{") {
        return answer(body);
    }
    let mut found = None;
    for line in body.split(|byte| *byte == b'\n') {
        let Some(data) = line.strip_prefix(b"data: ").filter(|data| !data.is_empty()) else {
            continue;
        };
        found = answer(data)?.or(found);
    }
    Ok(found)
}
