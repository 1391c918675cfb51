//! A fixture that keeps its instance between calls, and in it an answer that is still coming.

use paracle_plugin_sdk::http::{Request, Response};
use paracle_plugin_sdk::prelude::*;
use std::io::Read as _;
use std::net::TcpStream;

#[derive(Default)]
struct NetKeep {
    answer: Option<Response>,
}

impl Plugin for NetKeep {
    const CAPABILITIES: &[Capability] = &[Capability::NetworkAccess];
    const STATEFUL: bool = true;
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self::default())
    }
}

/// Begins a request and keeps its answer.
#[derive(Deserialize, JsonSchema)]
struct Begin {
    url: String,
}

impl Tool<NetKeep> for Begin {
    const NAME: &str = "begin";
    type Output = String;

    fn call(self, cx: &mut Context<'_, NetKeep>) -> Result<String, ToolError> {
        let mut answer = Request::get(&self.url).send()?;
        let mut first = [0; 5];
        answer.read_exact(&mut first)?;
        cx.plugin().answer = Some(answer);
        Ok(String::from_utf8_lossy(&first).into_owned())
    }
}

/// Reads on in the answer of an earlier call.
#[derive(Deserialize, JsonSchema)]
struct ReadOn {}

impl Tool<NetKeep> for ReadOn {
    const NAME: &str = "read_on";
    type Output = String;

    fn call(self, cx: &mut Context<'_, NetKeep>) -> Result<String, ToolError> {
        let Some(mut answer) = cx.plugin().answer.take() else {
            return Err(ToolError::Runtime("nothing was begun".into()));
        };
        let mut more = [0; 5];
        answer.read_exact(&mut more)?;
        Ok(String::from_utf8_lossy(&more).into_owned())
    }
}

/// Opens a socket, which would outlast its call.
#[derive(Deserialize, JsonSchema)]
struct Socket {
    to: String,
}

impl Tool<NetKeep> for Socket {
    const NAME: &str = "socket";
    type Output = String;

    fn call(self, _: &mut Context<'_, NetKeep>) -> Result<String, ToolError> {
        TcpStream::connect(self.to.as_str())?;
        Ok("connected".into())
    }
}

paracle_plugin_sdk::export!(tools: [Begin, ReadOn, Socket], plugin: NetKeep);
