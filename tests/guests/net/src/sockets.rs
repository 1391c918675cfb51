//! Raw sockets, through the standard library.

use super::Net;
use paracle_plugin_sdk::prelude::*;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

/// Does something with a socket.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Socket {
    /// `tcp`, `udp`, `try`, `hold`, `listen` or `lookup`.
    what: String,
    /// `HOST:PORT`.
    to: String,
    /// How often.
    #[serde(default = "super::one")]
    times: u32,
    /// Sent besides.
    #[serde(default)]
    bytes: usize,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Came {
    error: Option<String>,
    said: String,
}

impl Tool<Net> for Socket {
    const NAME: &str = "socket";
    type Output = Json<Came>;

    fn call(self, _: &mut Context<'_, Net>) -> Result<Json<Came>, ToolError> {
        let came = match self.act() {
            Ok(said) => Came { error: None, said },
            Err(error) => Came {
                error: Some(error.to_string()),
                said: String::new(),
            },
        };
        Ok(Json::new(came))
    }
}

impl Socket {
    fn act(&self) -> std::io::Result<String> {
        match self.what.as_str() {
            "udp" => self.udp(),
            "hold" => Ok(self.hold()),
            "listen" => {
                let listener = TcpListener::bind(self.to.as_str())?;
                Ok(format!("{:?}", listener.local_addr()?))
            }
            what => {
                let mut said = Ok(String::new());
                for _ in 0..self.times {
                    said = match what {
                        "tcp" => Ok(self.tcp()?),
                        "try" => self.tcp(),
                        _ => self.look_up(),
                    };
                }
                said
            }
        }
    }

    fn tcp(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.to.as_str())?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
        stream.write_all(&vec![b'x'; self.bytes])?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        Ok(said)
    }

    fn udp(&self) -> std::io::Result<String> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        let mut said = [0; 4096];
        let mut read = 0;
        let mut ping = b"ping".to_vec();
        ping.resize(ping.len() + self.bytes, b'.');
        for _ in 0..self.times {
            socket.send_to(&ping, self.to.as_str())?;
            (read, _) = socket.recv_from(&mut said)?;
        }
        Ok(String::from_utf8_lossy(&said[..read]).into_owned())
    }

    /// Opens connections until one is refused.
    fn hold(&self) -> String {
        let mut held = Vec::new();
        for _ in 0..self.times {
            match TcpStream::connect(self.to.as_str()) {
                Ok(stream) => held.push(stream),
                Err(error) => return format!("{} held: {error}", held.len()),
            }
        }
        format!("{} held", held.len())
    }

    fn look_up(&self) -> std::io::Result<String> {
        let found: Vec<_> = self.to.as_str().to_socket_addrs()?.collect();
        Ok(format!("{found:?}"))
    }
}
