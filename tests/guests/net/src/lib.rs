//! A fixture that asks the network for what it may not have, with raw control of every part of a request.

mod raw;
mod sockets;

use paracle_plugin_sdk::host::secrets;
use paracle_plugin_sdk::http;
use paracle_plugin_sdk::prelude::*;

struct Net;

impl Plugin for Net {
    const CAPABILITIES: &[Capability] = &[Capability::NetworkAccess, Capability::Secrets];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Sends one request, and says what came of it.
#[derive(Deserialize, JsonSchema)]
struct Request {
    #[serde(default = "get")]
    method: String,
    #[serde(default = "plain")]
    scheme: String,
    authority: String,
    #[serde(default = "root")]
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: Option<String>,
    /// All timeouts, in milliseconds.
    #[serde(default)]
    timeout: Option<u64>,
    /// How often.
    #[serde(default = "one")]
    times: u32,
    /// Held open until the end.
    #[serde(default)]
    hold: bool,
}

fn get() -> String {
    "GET".to_owned()
}

fn plain() -> String {
    "http".to_owned()
}

fn root() -> String {
    "/".to_owned()
}

const fn one() -> u32 {
    1
}

impl Tool<Net> for Request {
    const NAME: &str = "request";
    type Output = Json<raw::Came>;

    fn call(self, _: &mut Context<'_, Net>) -> Result<Json<raw::Came>, ToolError> {
        let mut held = Vec::new();
        let mut came = raw::Came::default();
        for _ in 0..self.times {
            if self.hold {
                match raw::begin(&self) {
                    Ok(answer) => held.push(answer),
                    Err(failed) => came = failed,
                }
            } else {
                came = raw::send(&self);
            }
        }
        came.held = held.len();
        Ok(Json::new(came))
    }
}

/// Gets a page with the SDK's client, as an honest plugin does.
#[derive(Deserialize, JsonSchema)]
struct Get {
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

impl Tool<Net> for Get {
    const NAME: &str = "get";
    type Output = String;

    fn call(self, _: &mut Context<'_, Net>) -> Result<String, ToolError> {
        let mut request = http::Request::get(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = request.send()?;
        Ok(response.text(1 << 20)?)
    }
}

/// Asks for the names of its secrets.
#[derive(Deserialize, JsonSchema)]
struct Names {}

impl Tool<Net> for Names {
    const NAME: &str = "names";
    type Output = Json<Vec<String>>;

    fn call(self, _: &mut Context<'_, Net>) -> Result<Json<Vec<String>>, ToolError> {
        Ok(Json::new(secrets::names()?))
    }
}

paracle_plugin_sdk::export!(tools: [Request, Get, Names, sockets::Socket], plugin: Net);
